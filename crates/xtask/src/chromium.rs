//! The browser that the tests drive: the one that is there, or the system's package.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::step;
use crate::workspace::Workspace;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds Chromium, installing it where that may be done: as root on a Debian. Elsewhere says how.
pub(crate) fn find_or_install(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names {}, which is not a file: correct it or unset it", named.display());
    }
    if let Some(found) = find(workspace) {
        return Ok(found);
    }
    if workspace.which("apt-get").is_none() || !is_root() {
        bail!(
            "Chromium is missing; install it (sudo apt-get install -y chromium, brew install --cask chromium, or your \
             system's equivalent), or name one in the variable CHROMIUM"
        );
    }
    step::run("chromium", "is being installed by apt-get", "installed", || {
        let apt = || {
            let mut command = workspace.command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        workspace.run("apt-update", apt().arg("update"))?;
        workspace.run("apt-install", apt().args(["install", "-y", "--no-install-recommends", "chromium"]))
    })?;
    find(workspace).context("chromium was installed but is not on PATH: name it in the variable CHROMIUM")
}

fn find(workspace: &Workspace) -> Option<PathBuf> {
    let mac = PathBuf::from("/Applications/Chromium.app/Contents/MacOS/Chromium");
    NAMES.iter().find_map(|name| workspace.which(name)).or_else(|| mac.is_file().then_some(mac))
}

/// Whether this process may install system packages, as Linux tells it.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uid.and_then(|ids| ids.split_whitespace().nth(1).map(|effective| effective == "0")).unwrap_or(false)
}
