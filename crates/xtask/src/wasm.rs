//! Binaryen's size passes, by the `wasm-opt` that npm pins: wasm-pack and Trunk would each want to download their own.

use std::path::Path;

use anyhow::Result;

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

/// Makes a module small, in place.
pub(crate) fn optimise(workspace: &Workspace, file: &Path) -> Result<()> {
    let mut command = workspace.command("wasm-opt");
    command.arg("-Oz").args(FEATURES).args(SMALLER).arg(file).arg("-o").arg(file);
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    workspace.run(&format!("wasm-opt-{}", name.split('-').next().unwrap_or_default()), &mut command)?;
    Ok(())
}
