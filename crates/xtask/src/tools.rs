//! The pinned build tools, compiled once into `target/tools/bin`.
//!
//! They are built without optimisation, debug information and the features that fetch things (each tool finds the others on
//! `PATH`), in one shared target folder: a release build of the three takes four times as long and saves only seconds later.

use std::fs;

use anyhow::{Context, Result};

use crate::step;
use crate::workspace::Workspace;

/// A program from crates.io at one version.
struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
    options: &'static [&'static str],
}

/// What is built with. wasm-bindgen's program and library must be of one version, so it is read from the workspace.
fn pinned(workspace: &Workspace) -> Result<[Tool; 3]> {
    Ok([
        Tool {
            krate: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: wasm_bindgen_version(workspace)?,
            // Not `--locked`: its lock file may name a version that was withdrawn.
            options: &["--no-default-features", "--bin", "wasm-bindgen"],
        },
        Tool { krate: "wasm-pack", program: "wasm-pack", version: "0.15.1".into(), options: &["--locked"] },
        Tool {
            krate: "trunk",
            program: "trunk",
            version: "0.21.14".into(),
            options: &["--locked", "--no-default-features"],
        },
    ])
}

/// Whether there is still a tool to build.
pub(crate) fn are_missing(workspace: &Workspace) -> Result<bool> {
    Ok(pinned(workspace)?.iter().any(|tool| !is_installed(workspace, tool)))
}

/// Builds the tools that are missing or of another version.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let mut built_any = false;
    for tool in pinned(workspace)? {
        let name = format!("{} {}", tool.program, tool.version);
        if is_installed(workspace, &tool) {
            step::up_to_date(&name);
            continue;
        }
        built_any = true;
        step::run(&name, "is being compiled, once", "compiled", || {
            workspace.run(
                tool.program,
                workspace
                    .cargo()
                    .args([
                        "install",
                        tool.krate,
                        "--version",
                        &format!("={}", tool.version),
                        "--debug",
                        "--force",
                        "--root",
                    ])
                    .arg(workspace.tools())
                    .args(tool.options)
                    .env("CARGO_TARGET_DIR", workspace.tools().join("build"))
                    .env("CARGO_PROFILE_DEV_DEBUG", "0")
                    .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
                    .env("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false")
                    .env("CARGO_INCREMENTAL", "0")
                    .env_remove("RUSTFLAGS"),
            )
        })?;
    }
    if built_any {
        // A gigabyte that nothing needs once the programs are there.
        fs::remove_dir_all(workspace.tools().join("build")).ok();
    }
    Ok(())
}

/// Cargo itself keeps the list of what it installed under a root.
fn is_installed(workspace: &Workspace, tool: &Tool) -> bool {
    let program =
        workspace.tools().join("bin").join(tool.program).with_extension(std::env::consts::EXE_EXTENSION);
    let entry = format!("\"{} {} (", tool.krate, tool.version);
    let list = fs::read_to_string(workspace.tools().join(".crates.toml")).unwrap_or_default();
    program.is_file() && list.lines().any(|line| line.starts_with(&entry))
}

/// The version that the workspace pins, `wasm-bindgen = "=0.2.130"`.
fn wasm_bindgen_version(workspace: &Workspace) -> Result<String> {
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let version = manifest.lines().find_map(|line| {
        let (_, pinned) = line.strip_prefix("wasm-bindgen = ")?.split_once('=')?;
        pinned.split('"').next().map(str::to_owned)
    });
    version.context("Cargo.toml does not pin wasm-bindgen: write wasm-bindgen = \"=VERSION\" on one line")
}
