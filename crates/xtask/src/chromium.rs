//! The browser that the tests drive: the one that is there, or the system's package.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
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
    let how = "install it (sudo apt-get install -y chromium, brew install --cask chromium, or your system's equivalent), or \
               name one in the variable CHROMIUM";
    apt::install(workspace, "chromium", "Chromium", how)?;
    find(workspace).context("chromium was installed but is not on PATH: name it in the variable CHROMIUM")
}

fn find(workspace: &Workspace) -> Option<PathBuf> {
    let mac = PathBuf::from("/Applications/Chromium.app/Contents/MacOS/Chromium");
    NAMES.iter().find_map(|name| workspace.which(name)).or_else(|| mac.is_file().then_some(mac))
}
