//! What is done to WebAssembly and to web assets after they were compiled: made small, and compressed ahead of time.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Binaryen's size passes, in place.
pub(crate) fn optimise(workspace: &Workspace, file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let command = &mut workspace.command("wasm-opt");
    workspace
        .run(&format!("wasm-opt-{name}"), command.arg("-Oz").args(FEATURES).arg(file).arg("-o").arg(file))?;
    Ok(())
}

/// Node's own brotli, as Node is there anyway: no compressor has to be compiled before the first build.
const COMPRESS: &str = "
const { brotliCompressSync, constants: c } = require('node:zlib'), fs = require('node:fs');
const [write, ...files] = process.argv.slice(1);
for (const file of files) {
  const raw = fs.readFileSync(file);
  const small = brotliCompressSync(raw, { params: { [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_SIZE_HINT]: raw.length } });
  if (write === 'write') fs.writeFileSync(file + '.br', small);
  console.log(small.length);
}";

/// Writes `FILE.br` beside each file.
pub(crate) fn precompress(workspace: &Workspace, files: &[PathBuf]) -> Result<()> {
    brotli(workspace, "write", files).map(drop)
}

/// The brotli size of each file, in their order.
pub(crate) fn brotli_sizes(workspace: &Workspace, files: &[PathBuf]) -> Result<Vec<u64>> {
    brotli(workspace, "measure", files)
}

fn brotli(workspace: &Workspace, mode: &str, files: &[PathBuf]) -> Result<Vec<u64>> {
    let sizes = workspace.ask(workspace.command("node").args(["-e", COMPRESS, mode]).args(files))?;
    sizes.lines().map(|line| line.parse::<u64>().context("node printed something other than sizes")).collect()
}

/// Every file below a folder, in order.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let listing = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in listing {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file has one of these extensions.
pub(crate) fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    file.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
}
