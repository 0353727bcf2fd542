//! The npm side: installing what the lock file names, and running the packages' own scripts.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::stamp::Stamp;
use crate::step;
use crate::workspace::Workspace;

/// `npm ci`, unless the lock file is the one that was installed last.
///
/// No dependency's install script runs: none is needed, and what we do not start cannot harm.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let inputs = ["package-lock.json", "package.json"];
    let stamp = Stamp::of(workspace.path("node_modules/.rolewright-stamp"), &workspace.root, &inputs, &[])?;
    if stamp.is_fresh(&[]) {
        step::up_to_date("npm packages");
        return Ok(());
    }
    step::run("npm packages", "are being installed", "installed", || {
        workspace.run(
            "npm-ci",
            workspace.command("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        )
    })?;
    stamp.write()
}

/// Runs a script of the given packages, of those that have it.
pub(crate) fn script(workspace: &Workspace, name: &str, script: &str, packages: &[&str]) -> Result<String> {
    workspace.run(name, &mut script_command(workspace, script, packages))
}

/// The command that does it, for a caller that adds to its environment.
pub(crate) fn script_command(workspace: &Workspace, script: &str, packages: &[&str]) -> Command {
    let mut command = workspace.command("npm");
    command.args(["run", script, "--if-present"]);
    for package in packages {
        command.args(["--workspace", package]);
    }
    command
}

/// The example packages, `www/examples/*`.
pub(crate) fn examples(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path("www/examples");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.path().join("package.json").is_file() {
            names.push(format!("www/examples/{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    Ok(names)
}
