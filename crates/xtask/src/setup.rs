//! What a machine must have before anything is built, named with the command that installs it, and the wasm target.

use anyhow::{Result, bail};

use crate::step;
use crate::workspace::Workspace;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node whose test runner and WebCrypto do what the packages need.
const NODE_MAJOR: u32 = 20;

/// Checks for Node, npm and a C compiler, and adds the wasm target to the toolchain.
pub(crate) fn prerequisites(workspace: &Workspace) -> Result<()> {
    c_compiler(workspace)?;
    node(workspace)?;
    wasm_target(workspace)
}

/// SQLite is compiled into the server, and Rust itself links with it.
fn c_compiler(workspace: &Workspace) -> Result<()> {
    let found = std::env::var_os("CC").is_some_and(|named| !named.is_empty())
        || ["cc", "gcc", "clang", "cl"].iter().any(|name| workspace.which(name).is_some());
    if found {
        return Ok(());
    }
    let install = if cfg!(target_os = "macos") {
        "xcode-select --install"
    } else if cfg!(windows) {
        "winget install Microsoft.VisualStudio.2022.BuildTools"
    } else {
        "sudo apt-get install -y build-essential (or your system's equivalent)"
    };
    bail!("a C compiler is missing; install one with: {install}")
}

fn node(workspace: &Workspace) -> Result<()> {
    let install = if cfg!(target_os = "macos") {
        "brew install node"
    } else {
        "sudo apt-get install -y nodejs npm (version 20 or newer), or see https://nodejs.org"
    };
    for program in ["node", "npm"] {
        if workspace.which(program).is_none() {
            bail!("{program} is missing; install it with: {install}");
        }
    }
    let version = workspace.ask(workspace.command("node").arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        _ => bail!("node {version} is too old: {NODE_MAJOR} or newer is needed; install it with: {install}"),
    }
}

/// Adds the wasm target. Looking for its folder is much faster than asking rustup, and works where Rust came without it.
fn wasm_target(workspace: &Workspace) -> Result<()> {
    let sysroot = workspace.ask(workspace.command("rustc").args(["--print", "sysroot"]))?;
    if std::path::Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        step::up_to_date("wasm target");
        return Ok(());
    }
    if workspace.which("rustup").is_none() {
        bail!(
            "this Rust has no {WASM_TARGET} target and there is no rustup to add it; install rustup with: \
             curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
        );
    }
    step::run("wasm target", "is being added by rustup", "added", || {
        workspace.run("rustup", workspace.command("rustup").args(["target", "add", WASM_TARGET]))
    })?;
    Ok(())
}
