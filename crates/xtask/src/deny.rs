//! `cargo xtask deny`: which crates may come in, under which licences and from where, as `deny.toml` says.

use anyhow::Result;
use clap::Args;

use crate::stamp::Stamp;
use crate::step;
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// The options of `cargo xtask deny`.
#[derive(Args)]
pub(crate) struct Options {
    /// Also look for known advisories, which are fetched from github.com
    #[arg(long)]
    advisories: bool,
}

/// Checks what the server, the checker and the tools depend on, and the benchmarks with their peers.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    check(workspace, options.advisories)
}

/// The same, without the options of the command line.
pub(crate) fn check(workspace: &Workspace, advisories: bool) -> Result<()> {
    install(workspace)?;
    for (name, manifest) in [("deny", "Cargo.toml"), ("deny-bench", "bench/Cargo.toml")] {
        step::run(name, "the crates, their licences and where they come from", "as deny.toml says", || {
            let mut command = workspace.cargo();
            command.args([
                "deny",
                "--manifest-path",
                manifest,
                "--color",
                "never",
                "--config",
                "deny.toml",
                "check",
            ]);
            command.args(["--hide-inclusion-graph", "bans", "licenses", "sources"]);
            if advisories {
                command.arg("advisories");
            }
            workspace.run(name, &mut command)
        })?;
    }
    Ok(())
}

/// Compiles cargo-deny into the tools, unless it is there.
fn install(workspace: &Workspace) -> Result<()> {
    let _guard = workspace.lock()?;
    let program = workspace.tools().join("bin/cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    let stamp = Stamp::of(workspace.tools().join("deny-stamp"), &workspace.root, &[], &[VERSION])?;
    let name = format!("cargo-deny {VERSION}");
    if stamp.is_fresh(&[program]) {
        step::up_to_date(&name);
        return Ok(());
    }
    step::run(&name, "is being compiled, once: some minutes", "compiled", || {
        let build = workspace.tools().join("build-deny");
        let mut command = workspace.cargo();
        command.args(["install", "cargo-deny", "--version", VERSION, "--locked", "--force", "--root"]);
        command.arg(workspace.tools()).arg("--target-dir").arg(&build);
        // It runs for a second: compiling it well would cost more.
        command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env_remove("RUSTFLAGS");
        let done = workspace.run("cargo-deny", &mut command);
        std::fs::remove_dir_all(&build).ok();
        done
    })?;
    stamp.write()
}
