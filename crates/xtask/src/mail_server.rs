//! The mail server that the tests send to: aiosmtpd, of the Python that has it.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::workspace::Workspace;

/// Finds a Python that has aiosmtpd, installing it where that may be done. Elsewhere says how.
pub(crate) fn find_or_install(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(named) = env::var_os("PYTHON") {
        let named = PathBuf::from(named);
        if has_it(workspace, &named) {
            return Ok(named);
        }
        bail!("PYTHON names {}, which has no aiosmtpd: correct it or unset it", named.display());
    }
    if let Some(found) = find(workspace) {
        return Ok(found);
    }
    let how = "install it (sudo apt-get install -y python3-aiosmtpd, pip install aiosmtpd), or name a Python that has it in \
               the variable PYTHON";
    apt::install(workspace, "python3-aiosmtpd", "aiosmtpd", how)?;
    find(workspace)
        .context("aiosmtpd was installed but no Python has it: name one that does in the variable PYTHON")
}

/// Debian's own Python has Debian's packages, also where another comes first.
fn find(workspace: &Workspace) -> Option<PathBuf> {
    let debian = PathBuf::from("/usr/bin/python3");
    let candidates = workspace.which("python3").into_iter().chain([debian]);
    candidates.into_iter().find(|python| has_it(workspace, python))
}

fn has_it(workspace: &Workspace, python: &PathBuf) -> bool {
    workspace.ask(workspace.command(python).args(["-c", "import aiosmtpd"])).is_ok()
}
