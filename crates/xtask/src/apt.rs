//! Debian's packages: what the tests need beside Rust and Node, where it may be installed.

use std::fs;

use anyhow::{Result, bail};

use crate::step;
use crate::workspace::Workspace;

/// Installs a package as root on a Debian. Elsewhere says that `what` is missing, and `how` it is installed.
pub(crate) fn install(workspace: &Workspace, package: &str, what: &str, how: &str) -> Result<()> {
    if workspace.which("apt-get").is_none() || !is_root() {
        bail!("{what} is missing; {how}");
    }
    step::run(package, "is being installed by apt-get", "installed", || {
        let apt = || {
            let mut command = workspace.command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        workspace.run("apt-update", apt().arg("update"))?;
        let install = ["install", "-y", "--no-install-recommends", package];
        workspace.run(&format!("apt-install-{package}"), apt().args(install))
    })?;
    Ok(())
}

/// Whether this process may install system packages, as Linux tells it.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uid.and_then(|ids| ids.split_whitespace().nth(1).map(|effective| effective == "0")).unwrap_or(false)
}
