//! The artefacts: the checker package, the admin app and the server that carries it.
//!
//! Each is skipped when nothing it is made of has changed. The order is fixed by what goes into what: the admin app is
//! embedded in the server.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Result, anyhow, ensure};
use clap::Args;

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{assets, locations, messages, npm, parts, setup, step, tools, wasm};

/// The options of `cargo xtask build`.
#[derive(Args)]
pub(crate) struct Options {
    /// Build the server for production: slower to build, faster to run
    #[arg(long)]
    release: bool,
}

/// `cargo xtask build`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    everything(workspace, options.release).map(drop)
}

/// Sets up and builds all that there is; answers where the server is.
pub(crate) fn everything(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    setup::prerequisites(workspace)?;
    with_server_ahead(workspace, release, || {
        fetch(workspace)?;
        checker(workspace)?;
        admin(workspace)
    })?;
    server(workspace, release)
}

/// What must be there before the first artefact, for a caller that builds the artefacts one by one.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    setup::prerequisites(workspace)?;
    with_server_ahead(workspace, false, || fetch(workspace))
}

/// The pinned tools and the npm packages.
fn fetch(workspace: &Workspace) -> Result<()> {
    let _guard = workspace.lock()?;
    thread::scope(|scope| {
        let packages = scope.spawn(|| npm::install(workspace));
        tools::install(workspace)?;
        packages
            .join()
            .map_err(|_| anyhow!("installing the npm packages stopped unexpectedly: run the command again"))?
    })
}

/// Does the work; on a fresh machine the server is compiled meanwhile, in the moments in which a core would be idle.
///
/// Tools and wasm modules take minutes, and much of that on one core (linking, link-time optimisation, wasm-opt). The server
/// does not have the admin app in it then, but all that it depends on is compiled. If that fails, [`server`] says how.
fn with_server_ahead(workspace: &Workspace, release: bool, work: impl FnOnce() -> Result<()>) -> Result<()> {
    if !tools::are_missing(workspace)? {
        return work();
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            workspace.run("server-ahead", &mut idly(workspace, &server_command(workspace, release)))
        });
        work()
    })
}

/// The same command at a low priority, where the system has one.
fn idly(workspace: &Workspace, command: &Command) -> Command {
    let mut lowered = workspace.command(if cfg!(unix) { OsStr::new("nice") } else { command.get_program() });
    if cfg!(unix) {
        lowered.arg(command.get_program());
    }
    lowered.args(command.get_args());
    lowered
}

/// The checker: the model as WebAssembly by wasm-pack, then the npm package around it by its own build script.
pub(crate) fn checker(workspace: &Workspace) -> Result<()> {
    let _guard = workspace.lock()?;
    let folder = workspace.path("www/checker/wasm");
    let module = folder.join("rolewright_bg.wasm");
    let inputs = [
        "crates/checker",
        "crates/model",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "package-lock.json",
    ];
    let stamp = stamp(workspace, "checker-wasm", &inputs)?;
    if stamp.is_fresh(&[module.clone(), folder.join("rolewright.js")]) {
        step::up_to_date("checker wasm");
    } else {
        stamp.clear();
        step::run("checker wasm", "is being built by wasm-pack", "built", || {
            let options =
                ["--target", "web", "--mode", "no-install", "--no-pack", "--no-gitignore", "--no-opt"];
            let output = [
                "--out-dir",
                "../../www/checker/wasm",
                "--out-name",
                "rolewright",
                "--profile",
                "wasm-release",
            ];
            let command = &mut workspace.command("wasm-pack");
            workspace
                .run("wasm-pack", command.args(["build", "crates/checker"]).args(options).args(output))?;
            ensure!(
                messages::cut(&module, messages::ALL)? > 0,
                "the checker names nothing that says something of a panic"
            );
            locations::cut(&module)?;
            wasm::optimise(workspace, &module, &folder.join("rolewright.js"))
        })?;
        stamp.write()?;
    }

    // It has the server's limit for itself.
    let package = ["www/checker", "package.json", "crates/server/src/authzen/evaluations.rs"];
    let stamp = self::stamp(workspace, "checker-package", &[&inputs[..], &package].concat())?;
    if stamp.is_fresh(&[workspace.path("www/checker/dist")]) {
        step::up_to_date("checker package");
        return Ok(());
    }
    stamp.clear();
    step::run("checker package", "is being built", "built", || {
        workspace.run("checker-package", &mut npm::script(workspace, "build", "www/checker"))
    })?;
    stamp.write()
}

/// The admin app by Trunk, into `target/admin`, taken apart, made small and compressed for the server to embed.
pub(crate) fn admin(workspace: &Workspace) -> Result<()> {
    let _guard = workspace.lock()?;
    let inputs = [
        "crates/admin",
        "crates/model",
        "crates/wire",
        "crates/yew",
        "www/admin",
        "index.html",
        "Trunk.toml",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "package-lock.json",
    ];
    let stamp = stamp(workspace, "admin", &inputs)?;
    let folder = workspace.path("target/admin");
    if stamp.is_fresh(&[folder.join("index.html")]) {
        step::up_to_date("admin app");
        return Ok(());
    }
    stamp.clear();
    step::run("admin app", "is being built by Trunk", "built", || {
        // Trunk leaves the last build in place when it fails; only a whole one is stamped.
        let options = [
            "build",
            "--release",
            "--features",
            "parts",
            "--offline",
            "--no-sri",
            "true",
            "--color",
            "never",
            "--dist",
        ];
        workspace
            .run("trunk", workspace.command("trunk").args(options).arg(&folder).env("RUST_BACKTRACE", "0"))?;
        parts::take_apart(workspace, &folder)?;
        assets::finish(workspace, &folder)
    })?;
    stamp.write()
}

/// The server, `rolewright`, with the admin app inside it; answers where it is.
pub(crate) fn server(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    step::run("server", "is being built", "built", || {
        workspace.run("server", &mut server_command(workspace, release))
    })?;
    Ok(server_binary(workspace, release))
}

/// Where cargo puts the server.
pub(crate) fn server_binary(workspace: &Workspace, release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    workspace.cargo_target().join(profile).join("rolewright").with_extension(env::consts::EXE_EXTENSION)
}

fn server_command(workspace: &Workspace, release: bool) -> Command {
    let mut command = workspace.cargo();
    command.args(["build", "--package", "rolewright-server", "--bin", "rolewright"]);
    if release {
        command.arg("--release");
    }
    command
}

/// A stamp in `target/xtask`. What is built with counts as an input.
fn stamp(workspace: &Workspace, name: &str, inputs: &[&str]) -> Result<Stamp> {
    let inputs = [
        inputs,
        &[
            "crates/xtask/src/build.rs",
            "crates/xtask/src/assets.rs",
            "crates/xtask/src/locations.rs",
            "crates/xtask/src/messages.rs",
            "crates/xtask/src/parts.rs",
            "crates/xtask/src/wasm.rs",
            "crates/xtask/tools",
        ],
    ]
    .concat();
    Stamp::of(workspace.path("target/xtask").join(name), &workspace.root, &inputs, &[])
}
