//! `cargo xtask size`: what is shipped, raw and as brotli sends it, against its bar.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::Workspace;
use crate::{assets, build};

/// The options of `cargo xtask size`.
#[derive(Args)]
pub(crate) struct Options {
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    /// Measure the server's production build
    #[arg(long)]
    release: bool,
}

/// The most that may be downloaded, in bytes of brotli.
mod bar {
    /// The checker's WebAssembly module.
    pub(super) const CHECKER_WASM: u64 = 64_000;
    /// One JavaScript entry of the checker, with all that it imports.
    pub(super) const CHECKER_ENTRY: u64 = 8_000;
    /// One with the module within, in base64, of which brotli leaves a third more than of the module.
    pub(super) const CHECKER_INLINE: u64 = CHECKER_WASM * 4 / 3 + CHECKER_ENTRY;
    /// The checker's hooks for React.
    pub(super) const CHECKER_REACT: u64 = 2_000;
    /// The admin app in all.
    pub(super) const ADMIN_DOWNLOAD: u64 = 300_000;
}

/// One figure: bytes, and the bar that they should keep under.
struct Figure {
    name: String,
    bytes: u64,
    bar: Option<u64>,
}

impl Figure {
    fn is_short(&self) -> bool {
        self.bar.is_some_and(|bar| self.bytes > bar)
    }

    fn result(&self) -> &'static str {
        match self.bar {
            None => "-",
            Some(_) if self.is_short() => "short",
            Some(_) => "ok",
        }
    }
}

/// Prints every figure; an error when one is over its bar.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let figures = measure(workspace, build::server_binary(workspace, options.release))?;
    if options.json {
        println!("{}", json(&figures));
    } else {
        print!("{}", table(&figures));
    }
    hold(&figures)
}

/// An error that names every figure over its bar.
fn hold(figures: &[Figure]) -> Result<()> {
    let short = figures.iter().filter(|figure| figure.is_short());
    let names = short.map(|figure| figure.name.as_str()).collect::<Vec<_>>();
    if names.is_empty() { Ok(()) } else { bail!("over their bar: {}", names.join("; ")) }
}

/// An artefact to measure: its name, its file, and its bar in brotli bytes.
struct Artefact {
    name: String,
    file: PathBuf,
    bar: Option<u64>,
}

/// Measures all that browsers and workers download, and the server where it is wanted.
fn measure(workspace: &Workspace, server: PathBuf) -> Result<Vec<Figure>> {
    let mut artefacts = vec![Artefact {
        name: "checker wasm".into(),
        file: existing(workspace.path("www/checker/wasm/rolewright_bg.wasm"))?,
        bar: Some(bar::CHECKER_WASM),
    }];
    let package = existing(workspace.path("www/checker/dist"))?;
    artefacts.extend(
        named(&package, "checker", &["js", "cjs"], None)?
            .into_iter()
            .map(|artefact| Artefact { bar: Some(entry_bar(&artefact.file)), ..artefact }),
    );
    let admin = existing(workspace.path("target/admin"))?;
    let first_admin = artefacts.len();
    artefacts.extend(named(&admin, "admin", &["html", "wasm", "js", "css", "svg", "woff2"], None)?);
    let after_admin = artefacts.len();
    artefacts.push(Artefact { name: "server".into(), file: existing(server)?, bar: None });

    let files = artefacts.iter().map(|artefact| artefact.file.clone()).collect::<Vec<_>>();
    let compressed = assets::brotli_sizes(workspace, &files)?;
    let mut figures = Vec::new();
    let mut download = 0;
    for (place, (artefact, brotli)) in artefacts.iter().zip(compressed).enumerate() {
        let raw = fs::metadata(&artefact.file)?.len();
        figures.push(Figure { name: format!("{}, raw", artefact.name), bytes: raw, bar: None });
        figures.push(Figure { name: format!("{}, brotli", artefact.name), bytes: brotli, bar: artefact.bar });
        if (first_admin..after_admin).contains(&place) {
            download += brotli;
        }
        if place + 1 == after_admin {
            let name = "admin download, brotli".into();
            figures.push(Figure { name, bytes: download, bar: Some(bar::ADMIN_DOWNLOAD) });
        }
    }
    Ok(figures)
}

/// The bar of one of the checker's JavaScript files.
fn entry_bar(file: &Path) -> u64 {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("inline") => bar::CHECKER_INLINE,
        Some("react") => bar::CHECKER_REACT,
        _ => bar::CHECKER_ENTRY,
    }
}

/// The files of some kinds below a folder, named after it, without the hashes that Trunk puts into names.
fn named(folder: &Path, prefix: &str, kinds: &[&str], bar: Option<u64>) -> Result<Vec<Artefact>> {
    let files = assets::files_below(folder)?.into_iter().filter(|file| assets::has_extension(file, kinds));
    Ok(files
        .map(|file| {
            let within = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
            Artefact { name: format!("{prefix} {}", without_hash(&within)), file, bar }
        })
        .collect())
}

/// `rolewright-admin-0123456789abcdef_bg.wasm` without its `-0123456789abcdef`.
fn without_hash(name: &str) -> String {
    let is_hash = |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let end = part.find(['.', '_']).unwrap_or(part.len());
        match part.split_at_checked(end) {
            Some((hash, rest)) if is_hash(hash) => kept + rest,
            _ => kept + "-" + part,
        }
    })
}

fn existing(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        Ok(path)
    } else {
        Err(anyhow::anyhow!("{} is not there", path.display())).context("run cargo xtask build first")
    }
}

/// One line a figure: name, value, unit, bar, result.
fn table(figures: &[Figure]) -> String {
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or_default();
    let line = |figure: &Figure| {
        let bar = figure.bar.map_or("-".into(), kilobytes);
        format!(
            "{:<width$}  {:>10} kB  {bar:>8}  {}\n",
            figure.name,
            kilobytes(figure.bytes),
            figure.result()
        )
    };
    figures.iter().map(line).collect()
}

fn json(figures: &[Figure]) -> String {
    let line = |figure: &Figure| {
        let bar = figure.bar.map_or("null".into(), kilobytes);
        let (name, value, result) = (&figure.name, kilobytes(figure.bytes), figure.result());
        format!(
            r#"  {{ "name": "{name}", "value": {value}, "unit": "kB", "bar": {bar}, "result": "{result}" }}"#
        )
    };
    format!("[\n{}\n]", figures.iter().map(line).collect::<Vec<_>>().join(",\n"))
}

/// Thousands of bytes, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "no artefact has 2^52 bytes")]
fn kilobytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunks_hashes_leave_the_names() {
        assert_eq!(without_hash("rolewright-admin-0123456789abcdef_bg.wasm"), "rolewright-admin_bg.wasm");
        assert_eq!(without_hash("app-0123456789abcdef.css"), "app.css");
        assert_eq!(
            without_hash("fonts/inter-latin-wght-normal.woff2"),
            "fonts/inter-latin-wght-normal.woff2"
        );
    }

    #[test]
    fn each_entry_of_the_checker_has_its_bar() {
        let bars =
            ["dist/entry.node.cjs", "dist/inline.js", "dist/react.js"].map(|file| entry_bar(Path::new(file)));
        assert_eq!(bars, [8_000, 93_333, 2_000]);
    }

    #[test]
    fn a_figure_over_its_bar_fails_the_command_by_name() {
        let figure = |name: &str, bytes, bar| Figure { name: name.into(), bytes, bar };
        let figures = [
            figure("checker wasm, brotli", bar::CHECKER_WASM, Some(bar::CHECKER_WASM)),
            figure("checker entry.node.js, brotli", bar::CHECKER_ENTRY, Some(bar::CHECKER_ENTRY)),
            figure("server, brotli", u64::MAX, None),
        ];
        assert!(hold(&figures).is_ok());
        let over = figures.map(|figure| Figure { bytes: figure.bytes.saturating_add(1), ..figure });
        assert_eq!(
            hold(&over).unwrap_err().to_string(),
            "over their bar: checker wasm, brotli; checker entry.node.js, brotli"
        );
    }

    #[test]
    fn a_figure_over_its_bar_is_short() {
        let figure = |bytes, bar| Figure { name: "checker wasm, brotli".into(), bytes, bar };
        assert_eq!(figure(64_000, Some(64_000)).result(), "ok");
        assert_eq!(figure(64_001, Some(64_000)).result(), "short");
        assert_eq!(figure(64_001, None).result(), "-");
        assert_eq!(
            json(&[figure(32_120, Some(64_000))]),
            "[\n  { \"name\": \"checker wasm, brotli\", \"value\": 32.1, \"unit\": \"kB\", \"bar\": 64.0, \"result\": \"ok\" }\n]"
        );
    }
}
