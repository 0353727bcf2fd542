//! The admin app in parts: what its pages are made of leaves the module that is fetched first, for modules of its own, which a
//! script fetches when they are asked for.
//!
//! The parts are named where the app declares them (`crates/admin/src/parts`); wasm-split finds what each alone needs, by what the
//! linker says that refers to what.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::Options;

use crate::workspace::Workspace;
use crate::{assets, locations, messages, wasm};

/// Takes the app that Trunk built in one piece apart, in its folder, and makes each piece small. wasm-bindgen is asked again, of
/// what is left of the module as the linker wrote it.
pub(crate) fn take_apart(workspace: &Workspace, folder: &Path) -> Result<()> {
    let app = App::of(folder)?;
    let work = workspace.path("target/xtask/parts");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("{} cannot be emptied", work.display()))?;
    }
    let main = work.join("main.wasm");
    let split = split(workspace, &app, &work, &main)?;

    let mut loader = fs::read_to_string(work.join(&app.loader))?;
    for old in split {
        let bytes = fs::read(&old)?;
        let stem = old.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let new =
            format!("part-{}-{:016x}.wasm", stem.rsplit('_').next().unwrap_or(&stem), assets::hash(&bytes));
        loader = loader.replace(&format!("./{stem}.wasm"), &format!("./{new}"));
        let part = folder.join(new);
        fs::copy(&old, &part).with_context(|| format!("{} cannot be written", part.display()))?;
        messages::cut(&part, messages::PANICS)?;
        wasm::optimise_part(workspace, &part)?;
    }
    let script = folder.join(&app.loader);
    fs::write(&script, loader).with_context(|| format!("{} cannot be written", script.display()))?;

    let mut command = workspace.command("wasm-bindgen");
    // The parts call by the linker's own table.
    command.args(["--target", "web", "--no-typescript", "--keep-lld-exports"]);
    command.args(["--out-name", &app.name, "--out-dir"]);
    workspace.run("wasm-bindgen-main", command.arg(folder).arg(&main))?;
    let (module, glue) =
        (folder.join(format!("{}_bg.wasm", app.name)), folder.join(format!("{}.js", app.name)));
    let cut = messages::cut(&module, messages::PANICS)?;
    ensure!(cut > 0, "{} names no function that says something of a panic", module.display());
    wasm::optimise_with_parts(workspace, &module, &glue, &script)?;
    app.ask_early(folder)
}

/// How Trunk called the app, and how what fetches its parts is called.
struct App {
    /// `rolewright-admin-0123456789abcdef`.
    name: String,
    /// `parts-0123456789abcdef.js`.
    loader: String,
}

impl App {
    fn of(folder: &Path) -> Result<Self> {
        let files = assets::files_below(folder)?;
        let name = |file: &PathBuf| Some(file.file_name()?.to_str()?.strip_suffix("_bg.wasm")?.to_owned());
        let name = files.iter().find_map(name).context("Trunk made no module")?;
        let loader = format!("parts-{}.js", name.rsplit('-').next().unwrap_or_default());
        Ok(Self { name, loader })
    }

    /// Has the page ask for what fetches parts beside the app, which imports it.
    fn ask_early(&self, folder: &Path) -> Result<()> {
        let page = folder.join("index.html");
        let html = fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
        let (before, after) =
            html.split_once("<link rel=\"modulepreload\"").context("Trunk has no script asked for early")?;
        let both = format!(
            "{before}<link rel=\"modulepreload\" href=\"/{}\" crossorigin=\"anonymous\"><link rel=\"modulepreload\"{after}",
            self.loader
        );
        fs::write(&page, both).with_context(|| format!("{} cannot be written", page.display()))
    }
}

/// Writes what is left of the linked module to `main`, and beside it the script that fetches the parts; answers where these are.
fn split(workspace: &Workspace, app: &App, work: &Path, main: &Path) -> Result<Vec<PathBuf>> {
    let linked = workspace.cargo_target().join("wasm32-unknown-unknown/wasm-release/rolewright-admin.wasm");
    let mut linked = fs::read(&linked).with_context(|| format!("{} cannot be read", linked.display()))?;
    // As long as each place still stands beside the path that it names.
    locations::blank(&mut linked).context("the linker wrote no module as it should be")?;
    let (loader, script) = (format!("./{}", app.loader), format!("./{}.js", app.name));
    let mut options = Options::new(&linked);
    (options.output_dir, options.main_out_path) = (work, main);
    (options.link_name, options.main_module) = (&loader, &script);
    let split =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("wasm-split: {error:?}"))?;
    Ok(split.split_modules)
}
