//! What is done to the admin app's files in the end: nothing inline, everything small, everything compressed ahead of time.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// What gains from compression. Fonts and images are compressed already.
const TEXTS: [&str; 8] = ["html", "css", "js", "wasm", "svg", "json", "txt", "webmanifest"];

/// Makes a folder that Trunk built ready to be embedded in the server.
pub(crate) fn finish(workspace: &Workspace, folder: &Path) -> Result<()> {
    let page = folder.join("index.html");
    let html = fs::read_to_string(&page).with_context(|| format!("Trunk made no {}", page.display()))?;
    let html = without_inline_scripts(&html, |code| {
        let name = format!("boot-{:016x}.js", hash(code.as_bytes()));
        fs::write(folder.join(&name), code).with_context(|| format!("{name} cannot be written"))?;
        Ok(name)
    })?;
    fs::write(&page, html)?;

    let files = files_below(folder)?;
    let code = files.iter().filter(|file| has_extension(file, &["js", "css"])).collect::<Vec<_>>();
    minify(workspace, folder, &code)?;
    let texts = files.into_iter().filter(|file| has_extension(file, &TEXTS)).collect::<Vec<_>>();
    precompress(workspace, &texts)
}

/// Moves each script that is written inside the page into a file of its own, so that the server's content security policy
/// needs neither `unsafe-inline` nor a hash that changes with every build.
fn without_inline_scripts(html: &str, mut store: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut done = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<script") {
        let (attributes, after) = after.split_once('>').context("index.html has a <script without a >")?;
        let (code, after) =
            after.split_once("</script>").context("index.html has a <script> that does not end")?;
        done.push_str(before);
        if code.trim().is_empty() {
            done.push_str(&format!("<script{attributes}>{code}</script>"));
        } else {
            done.push_str(&format!("<script{attributes} src=\"/{}\"></script>", store(code.trim())?));
        }
        rest = after;
    }
    Ok(done + rest)
}

/// esbuild, file by file and in place: names and imports stay as they are.
fn minify(workspace: &Workspace, folder: &Path, files: &[&PathBuf]) -> Result<()> {
    let mut command = workspace.command("esbuild");
    command.args(files).args(["--minify", "--allow-overwrite", "--log-level=warning"]);
    command.arg(format!("--outdir={0}", folder.display())).arg(format!("--outbase={}", folder.display()));
    workspace.run("esbuild", &mut command)?;
    Ok(())
}

/// Node's own brotli, as Node is there anyway: no compressor has to be compiled before the first build.
const COMPRESS: &str = "
const { brotliCompressSync, constants: c } = require('node:zlib'), fs = require('node:fs');
const [mode, ...files] = process.argv.slice(1);
for (const file of files) {
  const raw = fs.readFileSync(file);
  // The best quality takes minutes for a debug build of the server, which nobody downloads in a browser.
  const quality = raw.length < 8e6 ? 11 : 5;
  const params = { [c.BROTLI_PARAM_QUALITY]: quality, [c.BROTLI_PARAM_SIZE_HINT]: raw.length };
  const small = brotliCompressSync(raw, { params });
  if (mode === 'write') fs.writeFileSync(file + '.br', small);
  console.log(small.length);
}";

/// Writes `FILE.br` beside each file.
fn precompress(workspace: &Workspace, files: &[PathBuf]) -> Result<()> {
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

pub(crate) fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_move_out_and_others_stay() {
        let page =
            "<head><script type=\"module\">\nimport a;\n</script><script src=\"/b.js\"></script></head>";
        let mut stored = Vec::new();
        let moved = without_inline_scripts(page, |code| {
            stored.push(code.to_owned());
            Ok("boot.js".into())
        });
        assert_eq!(
            moved.unwrap(),
            "<head><script type=\"module\" src=\"/boot.js\"></script><script src=\"/b.js\"></script></head>"
        );
        assert_eq!(stored, ["import a;"]);
        assert!(without_inline_scripts("<script>never ends", |_| Ok(String::new())).is_err());
    }
}
