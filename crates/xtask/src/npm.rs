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

/// `npm run SCRIPT` in one package.
pub(crate) fn script(workspace: &Workspace, script: &str, package: &str) -> Command {
    let mut command = workspace.command("npm");
    command.args(["run", script, "--workspace", package]);
    command
}

/// Whether a package has a script, as npm itself reads it.
pub(crate) fn has_script(workspace: &Workspace, script: &str, package: &str) -> Result<bool> {
    let mut command = workspace.command("npm");
    command.args(["pkg", "get", &format!("scripts.{script}"), "--workspace", package]);
    // An object by package name: `{"rolewright": "node build.mjs"}`, or `{}` in place of the script.
    Ok(workspace
        .ask(&mut command)?
        .split_once(':')
        .is_some_and(|(_, found)| !found.trim_start().starts_with('{')))
}

/// The packages among the examples, `www/examples/*`.
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
