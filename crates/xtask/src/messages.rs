//! What a panic says, taken out of a module: a browser shows that it trapped either way, and the words cost two percent of
//! what is downloaded.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What is named so only puts together what a panic says.
#[derive(Clone, Copy)]
pub(crate) struct Says(&'static [&'static str]);

/// In a module that formats nothing else.
pub(crate) const ALL: Says = Says(&[
    "::panicking::",
    "::fmt::",
    "::str::count::",
    "::slice::index::slice_index_fail",
    "::raw_vec::handle_error",
    "::alloc::rust_oom",
    "::panic::PanicPayload>",
]);

/// In one that formats words for people too, and asks whether it panics.
pub(crate) const PANICS: Says = Says(&[
    "core::panicking::",
    "std::panicking::begin_panic",
    "std::panicking::panic_with_hook",
    "::cell::panic_already_",
    "::option::unwrap_failed",
    "::option::expect_failed",
    "::result::unwrap_failed",
    "::slice::index::slice_index_fail",
    "::str::slice_error_fail",
    "::raw_vec::handle_error",
    "::raw_vec::capacity_overflow",
    "::alloc::rust_oom",
    "::panic::PanicPayload>",
    "console_error_panic_hook::hook",
]);
/// A function without variables that traps.
const TRAP: [u8; 3] = [0, 0x00, 0x0b];

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const CODE: u8 = 10;

/// What is imported.
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// Has every function that says something of a panic trap instead, in place, and answers how many there were. What only led there
/// goes when the module is optimised.
pub(crate) fn cut(file: &Path, says: Says) -> Result<usize> {
    let module = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let unreadable = || format!("{} is not a module as it should be", file.display());
    let (module, count) = without(&module, says).with_context(unreadable)?;
    fs::write(file, module).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(count)
}

/// The module without them, and how many there were; none where it cannot be read.
fn without(module: &[u8], says: Says) -> Option<(Vec<u8>, usize)> {
    let (magic, rest) = module.split_at_checked(8)?;
    let mut sections = Vec::new();
    let mut left = Input(rest);
    while !left.0.is_empty() {
        sections.push((left.byte()?, left.bytes()?));
    }
    let section = |wanted: u8| sections.iter().find(|(id, _)| *id == wanted).map(|(_, body)| Input(body));
    let imported = section(IMPORTS).map_or(Some(0), imported_functions)?;
    let customs = sections.iter().filter(|(id, _)| *id == CUSTOM).map(|(_, body)| Input(body));
    let saying = customs.filter_map(|custom| saying_functions(custom, says)).next()?;
    let mut out = magic.to_vec();
    let mut count = 0;
    for (id, body) in &sections {
        out.push(*id);
        if *id != CODE {
            sized(&mut out, body);
            continue;
        }
        let mut functions = Input(body);
        let number = functions.number()?;
        let mut code = Vec::new();
        write(&mut code, number);
        for function in 0..number {
            let own = functions.bytes()?;
            let says = saying.contains(&(imported + function));
            count += usize::from(says);
            sized(&mut code, if says { &TRAP } else { own });
        }
        sized(&mut out, &code);
    }
    Some((out, count))
}

/// How many functions are imported: they are numbered first.
fn imported_functions(mut imports: Input<'_>) -> Option<u32> {
    let mut functions = 0;
    for _ in 0..imports.number()? {
        imports.bytes()?;
        imports.bytes()?;
        match imports.byte()? {
            FUNCTION => {
                imports.number()?;
                functions += 1;
            }
            // What it holds, or may be done with it, and how much of it there is.
            TABLE => {
                imports.byte()?;
                skip_limits(&mut imports)?;
            }
            MEMORY => skip_limits(&mut imports)?,
            GLOBAL => {
                imports.byte()?;
                imports.byte()?;
            }
            _ => return None,
        }
    }
    Some(functions)
}

/// How much there is of a table or of memory at least, and at most where that is said.
fn skip_limits(imports: &mut Input<'_>) -> Option<()> {
    let has_most = imports.byte()? & 1 == 1;
    imports.number()?;
    if has_most {
        imports.number()?;
    }
    Some(())
}

/// The numbers of those that say something, from the names that a custom section gives.
fn saying_functions(mut custom: Input<'_>, says: Says) -> Option<Vec<u32>> {
    (custom.bytes()? == b"name").then_some(())?;
    while !custom.0.is_empty() {
        let (kind, mut names) = (custom.byte()?, Input(custom.bytes()?));
        if kind != 1 {
            continue;
        }
        let mut saying = Vec::new();
        for _ in 0..names.number()? {
            let (function, name) = (names.number()?, String::from_utf8_lossy(names.bytes()?));
            if says.0.iter().any(|said| name.contains(said)) {
                saying.push(function);
            }
        }
        return Some(saying);
    }
    None
}

/// What is left to read of a section.
pub(crate) struct Input<'i>(pub(crate) &'i [u8]);

impl<'i> Input<'i> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number as LEB128 writes it.
    pub(crate) fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// So many bytes as are announced.
    pub(crate) fn bytes(&mut self) -> Option<&'i [u8]> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    write(out, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(bytes);
}

fn write(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_something_of_a_panic_traps_and_all_else_stays() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |id: u8, body: &[u8]| {
            module.push(id);
            sized(&mut module, body);
        };
        // One import, `a` of `m`; two functions, of which one says something; and names.
        section(IMPORTS, &[1, 1, b'm', 1, b'a', 0, 0]);
        section(CODE, &[2, 4, 0, 0x41, 7, 0x0b, 5, 0, 0x41, 1, 0x1a, 0x0b]);
        let mut names = vec![4, b'n', b'a', b'm', b'e', 1];
        let mut functions = vec![2, 1];
        sized(&mut functions, b"checker::ask");
        functions.push(2);
        sized(&mut functions, b"core::panicking::panic_fmt");
        sized(&mut names, &functions);
        section(CUSTOM, &names);

        let (cut, count) = without(&module, ALL).unwrap();
        assert_eq!(count, 1);
        let code = [CODE, 10, 2, 4, 0, 0x41, 7, 0x0b, 3, 0, 0x00, 0x0b];
        assert!(cut.windows(code.len()).any(|window| window == code), "{cut:?}");
        assert_eq!(without(&cut, ALL).unwrap().0, cut);
        for end in 9..module.len() - 1 {
            assert!(without(&module[..end], ALL).is_none(), "{end}");
        }
    }
}
