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
/// place of their calls, the functions that are called most in front, and names of a letter or two where the module and its glue
/// meet.
const SMALLEST: [&str; 13] = [
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
    "--minify-imports-and-exports-and-modules",
];

/// Makes a module as small as can be, in place, and has its glue call everything in it by the new names.
pub(crate) fn optimise(workspace: &Workspace, file: &Path, glue: &Path) -> Result<()> {
    let mut command = workspace.command("wasm-opt");
    command.arg("-Oz").args(FEATURES).args(SMALLER).args(SMALLEST).arg(file).arg("-o").arg(file);
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let step = format!("wasm-opt-{}", name.split('-').next().unwrap_or_default());
    let renamed = workspace.run(&step, &mut command)?;
    let text = fs::read_to_string(glue).with_context(|| format!("{} cannot be read", glue.display()))?;
    fs::write(glue, rename(&text, &renamed)).with_context(|| format!("{} cannot be written", glue.display()))
}

/// Glue with the names that wasm-opt says it gave: a line `[MODULE, OLD, NEW]` for what is imported, all of it from one module
/// now called `a`, and `[OLD, NEW]` for what is exported.
fn rename(glue: &str, renamed: &str) -> String {
    let mut text = glue.to_owned();
    let mut exports = HashMap::new();
    for line in renamed.lines() {
        match *line.split('"').skip(1).step_by(2).collect::<Vec<_>>() {
            [module, old, new] => {
                text = text.replace(&format!("\"{module}\""), "\"a\"");
                text = text.replace(&format!("{old}: function"), &format!("{new}: function"));
            }
            [old, new] => drop(exports.insert(old, new)),
            _ => {}
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
}
