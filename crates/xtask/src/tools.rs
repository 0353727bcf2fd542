//! The pinned build tools, compiled once into `target/tools/bin`.
//!
//! Three `cargo install` take seven minutes on two cores, for they share little and each ends on one core. So the tools'
//! published sources are laid out as one workspace (`crates/xtask/tools`), with one lock file and with stand-ins for what is
//! never asked of them, and built by one cargo.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::stamp::Stamp;
use crate::step;
use crate::workspace::Workspace;

const SOURCES: &str = "crates/xtask/tools";

/// A crate at a version, with the programs in it that we use.
struct Tool {
    krate: String,
    version: String,
}

impl Tool {
    fn programs(&self) -> &[&str] {
        match self.krate.as_str() {
            "wasm-bindgen-cli" => &["wasm-bindgen", "wasm-bindgen-test-runner"],
            "wasm-pack" => &["wasm-pack"],
            "trunk" => &["trunk"],
            _ => &[],
        }
    }

    fn folder(&self) -> String {
        format!("{}-{}", self.krate, self.version)
    }
}

/// The tools that the workspace of tools names.
fn pinned(workspace: &Workspace) -> Result<Vec<Tool>> {
    let manifest = workspace.path(SOURCES).join("Cargo.toml");
    let text =
        fs::read_to_string(&manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    let members = text.lines().find_map(|line| line.strip_prefix("members = ")).unwrap_or_default();
    let tools = members.split('"').filter_map(|word| {
        let (krate, version) = word.rsplit_once('-')?;
        Some(Tool { krate: krate.into(), version: version.into() })
    });
    Ok(tools.collect())
}

fn stamp(workspace: &Workspace) -> Result<Stamp> {
    Stamp::of(workspace.tools().join("stamp"), &workspace.root, &[SOURCES], &[])
}

/// Where a program of the tools is.
pub(crate) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.tools().join("bin").join(name).with_extension(env::consts::EXE_EXTENSION)
}

fn programs(workspace: &Workspace, tools: &[Tool]) -> Vec<PathBuf> {
    tools.iter().flat_map(Tool::programs).map(|name| program(workspace, name)).collect()
}

/// Whether the tools are still to be built.
pub(crate) fn are_missing(workspace: &Workspace) -> Result<bool> {
    let programs = programs(workspace, &pinned(workspace)?);
    Ok(!stamp(workspace)?.is_fresh(&programs))
}

/// Builds the tools, unless they are there.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let tools = pinned(workspace)?;
    let names = tools
        .iter()
        .map(|tool| format!("{} {}", tool.krate.trim_end_matches("-cli"), tool.version))
        .collect::<Vec<_>>()
        .join(", ");
    agree_on_wasm_bindgen(workspace, &tools)?;
    if !are_missing(workspace)? {
        step::up_to_date(&names);
        return Ok(());
    }
    let stamp = stamp(workspace)?;
    step::run(&names, "are being compiled, once: a few minutes", "compiled", || build(workspace, &tools))?;
    stamp.write()
}

fn build(workspace: &Workspace, tools: &[Tool]) -> Result<()> {
    let (source, target) = (workspace.tools().join("src"), workspace.tools().join("build"));
    if source.exists() {
        fs::remove_dir_all(&source).with_context(|| format!("{} cannot be emptied", source.display()))?;
    }
    copy_folder(&workspace.path(SOURCES), &source)?;
    let mut command = workspace.cargo();
    command
        .args(["build", "--no-default-features", "--locked", "--manifest-path"])
        .arg(source.join("Cargo.toml"));
    command.arg("--target-dir").arg(&target).env_remove("RUSTFLAGS");
    for tool in tools {
        copy_folder(&published(workspace, tool)?, &source.join(tool.folder()))?;
        for name in tool.programs() {
            command.args(["--bin", name]);
        }
    }
    workspace.run("tools", &mut command)?;

    for to in programs(workspace, tools) {
        let from = target.join("debug").join(to.file_name().unwrap_or_default());
        fs::create_dir_all(workspace.tools().join("bin"))?;
        fs::copy(&from, &to)
            .with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))?;
    }
    // A gigabyte that nothing needs once the programs are there.
    fs::remove_dir_all(&target).ok();
    fs::remove_dir_all(&source).ok();
    Ok(())
}

/// Where cargo has unpacked a published crate. `cargo info` fetches it, checked against the index, without its dependencies.
fn published(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    if let Some(folder) = unpacked(tool) {
        return Ok(folder);
    }
    let name = format!("{}@{}", tool.krate, tool.version);
    workspace.run("cargo-info", workspace.cargo().args(["info", &name]))?;
    unpacked(tool).with_context(|| format!("cargo did not unpack {name}: try `cargo info {name}`"))
}

fn unpacked(tool: &Tool) -> Option<PathBuf> {
    let home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    let registries = fs::read_dir(home.join("registry/src")).ok()?;
    let folders = registries.filter_map(|registry| Some(registry.ok()?.path().join(tool.folder())));
    folders.into_iter().find(|folder| folder.join(".cargo-ok").is_file())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("{} cannot be written", target.display()))?;
        }
    }
    Ok(())
}

/// wasm-bindgen's program and library understand each other only at one version.
fn agree_on_wasm_bindgen(workspace: &Workspace, tools: &[Tool]) -> Result<()> {
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let library =
        manifest.lines().find_map(|line| line.strip_prefix("wasm-bindgen = \"=")?.strip_suffix('"'));
    let program =
        tools.iter().find(|tool| tool.krate == "wasm-bindgen-cli").map(|tool| tool.version.as_str());
    if library.is_none() || library != program {
        bail!(
            "Cargo.toml and {SOURCES}/Cargo.toml must pin one version of wasm-bindgen: write the same in both"
        );
    }
    Ok(())
}
