//! Where in the source a panic would be, taken out of a module whose panics say nothing: file, line and column of each place,
//! of which half is noise to a compressor, and the files' names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::messages::Input;

const DATA: u8 = 11;

/// The longest path, and the last line and column, that are taken for a place in the source.
const PATH: u32 = 256;
const LINE: u32 = 1 << 16;
const COLUMN: u32 = 1 << 10;

/// A stretch of the module that is copied to an address when it starts.
struct Segment {
    address: u32,
    at: usize,
    length: usize,
}

/// Blanks them in a file.
pub(crate) fn cut(file: &Path) -> Result<()> {
    let mut module = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    blank(&mut module).with_context(|| format!("{} is not a module as it should be", file.display()))?;
    fs::write(file, module).with_context(|| format!("{} cannot be written", file.display()))
}

/// Blanks them in place, and answers how many there were; none where the module cannot be read.
pub(crate) fn blank(module: &mut [u8]) -> Option<usize> {
    let segments = segments(module)?;
    let mut places = Vec::new();
    let mut paths = Vec::new();
    for segment in &segments {
        // What is read at an address that four divides, as the compiler laid it out.
        let first = segment.at + (segment.address.next_multiple_of(4) - segment.address) as usize;
        for at in (first..(segment.at + segment.length).saturating_sub(15)).step_by(4) {
            let [path, length, line, column] = [0, 4, 8, 12].map(|field| word(module, at + field));
            if !(1..LINE).contains(&line) || !(1..COLUMN).contains(&column) || !(4..PATH).contains(&length) {
                continue;
            }
            let Some(start) = segments.iter().find_map(|segment| segment.position(path, length)) else {
                continue;
            };
            let text = module.get(start..start + length as usize)?;
            if text.ends_with(b".rs") && text.iter().all(|byte| is_of_path(*byte)) {
                places.push(at);
                paths.push(start..start + length as usize);
            }
        }
    }
    for at in &places {
        module.get_mut(*at..at + 16)?.fill(0);
    }
    for path in paths {
        module.get_mut(path)?.fill(0);
    }
    Some(places.len())
}

impl Segment {
    /// Where in the module the bytes at an address are.
    fn position(&self, address: u32, length: u32) -> Option<usize> {
        let offset = address.checked_sub(self.address)? as usize;
        (offset + length as usize <= self.length).then_some(self.at + offset)
    }
}

fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/\\_-.+".contains(&byte)
}

fn word(module: &[u8], at: usize) -> u32 {
    let bytes = module.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

/// The stretches that are copied when the module starts.
fn segments(module: &[u8]) -> Option<Vec<Segment>> {
    let mut left = Input(module.get(8..)?);
    let mut segments = Vec::new();
    while !left.0.is_empty() {
        let (id, body) = (left.byte()?, left.bytes()?);
        if id != DATA {
            continue;
        }
        let mut data = Input(body);
        for _ in 0..data.number()? {
            // `0`, `i32.const ADDRESS`, `end`, and the bytes: what Rust's linker writes.
            (data.number()? == 0 && data.byte()? == 0x41).then_some(())?;
            let address = data.number()?;
            (data.byte()? == 0x0b).then_some(())?;
            let bytes = data.bytes()?;
            let at = module.len() - left.0.len() - data.0.len() - bytes.len();
            segments.push(Segment { address, at, length: bytes.len() });
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of one stretch at an address.
    fn module(address: u8, bytes: &[u8]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let mut body = vec![1, 0, 0x41, address, 0x0b, bytes.len() as u8];
        body.extend(bytes);
        module.extend([DATA, body.len() as u8]);
        module.extend(body);
        module
    }

    fn place(path: u32, length: u32, line: u32, column: u32) -> Vec<u8> {
        [path, length, line, column].into_iter().flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn a_place_goes_with_its_path_and_all_else_stays() {
        let text = b"src/a.rs: said..";
        let bytes = [&text[..], &place(32, 8, 7, 5)].concat();
        let mut module = module(32, &bytes);
        assert_eq!(blank(&mut module), Some(1));
        let left = &module[module.len() - bytes.len()..];
        assert_eq!(left, [&[0; 8][..], b": said..", &[0; 16]].concat());
    }

    #[test]
    fn what_only_looks_like_a_place_stays() {
        let text = b"src/a.rx: said..";
        for fields in [place(32, 8, 7, 5), place(32, 8, 0, 5), place(200, 8, 7, 5), place(32, 200, 7, 5)] {
            let mut module = module(32, &[&text[..], &fields].concat());
            let before = module.clone();
            assert_eq!(blank(&mut module), Some(0));
            assert_eq!(module, before);
        }
    }

    #[test]
    fn a_module_that_ends_early_cannot_be_read() {
        let module = module(32, b"src/a.rs");
        assert_eq!(blank(&mut module.clone()), Some(0));
        assert_eq!(blank(&mut module[..module.len() - 1].to_vec()), None);
    }
}
