//! Binaryen's size passes, by the `wasm-opt` that npm pins: wasm-pack and Trunk would each want to download their own.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// What today's rustc emits and every current engine accepts.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What else makes a module smaller. A constant may move from an addition into the offset of a load:
/// where that is not the same, the address would have wrapped around to the lowest kilobyte, and what
/// would have been an access there is a trap.
const SMALLER: [&str; 3] = ["--low-memory-unused", "--strip-producers", "--strip-target-features"];

/// Further rounds with what the first one left: control flow taken apart and put together anew, twice, small functions in the
/// place of their calls, and the functions that are called most in front.
const SMALLEST: [&str; 12] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-aimfs",
    "4",
    "-ocimfs",
    "15",
    "-Oz",
    "--reorder-functions",
];

/// Names of a letter or two where the module and its glue meet.
const RENAMED: &str = "--minify-imports-and-exports-and-modules";

/// Makes a module as small as can be, in place, and has its glue call everything in it by the new names.
pub(crate) fn optimise(workspace: &Workspace, file: &Path, glue: &Path) -> Result<()> {
    let renamed = shrink(workspace, file, &[RENAMED])?;
    rewrite(glue, |text| rename(text, &renamed))
}

/// The same of a module of which parts are fetched later, by a script of their own.
pub(crate) fn optimise_with_parts(
    workspace: &Workspace,
    file: &Path,
    glue: &Path,
    loader: &Path,
) -> Result<()> {
    let renamed = shrink(workspace, file, &[RENAMED])?;
    rewrite(glue, |text| rename(&one_module(text), &renamed))?;
    rewrite(loader, |text| rename_in_loader(text, &renamed))
}

/// The same of a part, which is called by the names that it has.
pub(crate) fn optimise_part(workspace: &Workspace, file: &Path) -> Result<()> {
    shrink(workspace, file, &[]).map(drop)
}

/// What wasm-opt says that it renamed.
fn shrink(workspace: &Workspace, file: &Path, rename: &[&str]) -> Result<String> {
    let mut command = workspace.command("wasm-opt");
    command.arg("-Oz").args(FEATURES).args(SMALLER).args(SMALLEST).args(rename).arg(file).arg("-o").arg(file);
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    workspace.run(&format!("wasm-opt-{}", name.split('-').next().unwrap_or_default()), &mut command)
}

fn rewrite(file: &Path, by: impl Fn(&str) -> String) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    fs::write(file, by(&text)).with_context(|| format!("{} cannot be written", file.display()))
}

/// A name that wasm-opt gave, in a line of its own.
enum Renamed<'r> {
    /// `[MODULE, OLD, NEW]`.
    Import { module: &'r str, old: &'r str, new: &'r str },
    /// `[OLD, NEW]`.
    Export { old: &'r str, new: &'r str },
}

fn names(renamed: &str) -> impl Iterator<Item = Renamed<'_>> {
    renamed.lines().filter_map(|line| match *line.split('"').skip(1).step_by(2).collect::<Vec<_>>() {
        [module, old, new] => Some(Renamed::Import { module, old, new }),
        [old, new] => Some(Renamed::Export { old, new }),
        _ => None,
    })
}

/// Glue that gives what it takes from a script as if it were its own: wasm-opt makes one module of all.
fn one_module(glue: &str) -> String {
    let is_script = |line: &str| line.contains("\": import") && !line.contains("\": import0");
    let lines = glue.lines().filter(|line| !is_script(line)).map(|line| line.to_owned() + "\n");
    lines.collect::<String>().replace("\": import0,", "\": { ...import0, ...import1 },")
}

/// Glue with the names that wasm-opt says it gave: what is imported, all of it from one module, now called `a`, and what is exported.
fn rename(glue: &str, renamed: &str) -> String {
    let mut text = glue.to_owned();
    let mut exports = HashMap::new();
    for name in names(renamed) {
        match name {
            Renamed::Import { module, old, new } => {
                // Where a script is imported, it keeps its name.
                text = text.replace(&format!("\"{module}\": "), "\"a\": ");
                text = text.replace(&format!("{old}: function"), &format!("{new}: function"));
            }
            Renamed::Export { old, new } => drop(exports.insert(old, new)),
        }
    }
    let mut parts = text.split("wasm.");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (old, rest) = part.split_at(end);
        text + "wasm." + exports.get(old).unwrap_or(&old) + rest
    })
}

/// What fetches parts, with the names that wasm-opt says it gave: it gives parts what the module exports under the names that
/// they know, and the module its own functions under the new ones.
fn rename_in_loader(loader: &str, renamed: &str) -> String {
    let Some((before, after)) = loader.split_once("const { ") else { return loader.to_owned() };
    let Some((shared, after)) = after.split_once('}') else { return loader.to_owned() };
    let new = |known: &str| {
        let mut exports = names(renamed).filter_map(|name| match name {
            Renamed::Export { old, new } if old == known => Some(new),
            _ => None,
        });
        exports.next().map_or_else(|| known.to_owned(), |new| format!("{new}: {known}"))
    };
    let shared =
        shared.split(',').map(str::trim).filter(|name| !name.is_empty()).map(new).collect::<Vec<_>>();
    let given = names(renamed).filter_map(|name| match name {
        Renamed::Import { old, new, .. } if loader.contains(&format!("export const {old} ")) => {
            Some(format!("export {{ {old} as {new} }};\n"))
        }
        _ => None,
    });
    format!("{before}const {{ {} }}{after}\n{}", shared.join(", "), given.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glue_calls_things_by_their_new_names() {
        let renamed = r#"{ "imports": [
            ["./r_bg.js", "__wbg_parse_0", "a"]
           ], "exports": [
            ["checker_load", "A"],
            ["checker_load_all", "B"]
           ] }"#;
        let glue = r#"const imports = { "./r_bg.js": { __wbg_parse_0: function(a) {} } };
            wasm.checker_load(wasm.checker_load_all, wasm.memory.buffer, wasm);"#;
        let expected = r#"const imports = { "a": { a: function(a) {} } };
            wasm.A(wasm.B, wasm.memory.buffer, wasm);"#;
        assert_eq!(rename(glue, renamed), expected);
    }

    #[test]
    fn what_fetches_parts_gives_and_takes_by_the_new_names() {
        let renamed = r#"{ "imports": [
            ["./parts.js", "load_others", "a"],
            ["./r_bg.js", "__wbg_parse_0", "b"]
           ], "exports": [
            ["memory", "c"]
           ] }"#;
        let loader = "const { memory, table,  } = initSync();\nexport const load_others = load;";
        let expected = "const { c: memory, table } = initSync();\nexport const load_others = load;\nexport { load_others as a };\n";
        assert_eq!(rename_in_loader(loader, renamed), expected);
        let glue = r#"import * as import1 from "./parts.js"
            import * as import2 from "./parts.js"
            const import0 = { __wbg_parse_0: function(a) {} };
            return {
                "./r_bg.js": import0,
                "./parts.js": import1,
                "./parts.js": import2,
            };"#;
        let expected = r#"import * as import1 from "./parts.js"
            import * as import2 from "./parts.js"
            const import0 = { b: function(a) {} };
            return {
                "a": { ...import0, ...import1 },
            };
"#;
        assert_eq!(rename(&one_module(glue), renamed), expected);
    }
}
