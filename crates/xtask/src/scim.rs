//! `cargo xtask scim`: what two independent clients of SCIM 2.0 say of the server.
//!
//! They are programs in Python, kept in `target/tools`; so this is no part of `cargo xtask test`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::{Failed, Workspace};
use crate::{build, step};

/// The options of `cargo xtask scim`.
#[derive(Args)]
pub(crate) struct Options {}

/// The programs, at their versions.
const PACKAGES: [&str; 3] = ["scim2-cli==0.6.0", "scim2-tester==0.5.2", "scim-sanity==0.7.4"];
/// What the server's key may do.
const PERMISSIONS: [&str; 4] = ["users.view", "users.manage", "groups.view", "groups.manage"];
/// What scim-sanity asks for and the server does not do: a PATCH of a group is answered with 204, which RFC 7644, 3.5.2
/// allows and Entra asks for; and a member must be there.
const KNOWN: [&str; 3] =
    ["PATCH /Groups/{id}", "PATCH /Groups/{id} add member", "PATCH /Groups/{id} remove members"];

/// Starts a server with an empty store, and has it asked.
pub(crate) fn run(workspace: &Workspace, _: &Options) -> Result<()> {
    let programs = step::run("SCIM clients", "are being fetched", "there", || fetch(workspace))?;
    let server = build::server(workspace, false)?;
    let data = workspace.path("target/xtask/scim");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    let mut begin = workspace.command(&server);
    workspace.ask(begin.args(["tenant", "create", "default", "--data"]).arg(&data))?;
    let mut make = workspace.command(&server);
    make.args(["key", "create", "--name", "scim", "--json", "--data"]).arg(&data);
    make.args(PERMISSIONS.iter().flat_map(|permission| ["--permission", permission]));
    let made = workspace.ask(&mut make)?;
    let key = made.split('"').find(|word| word.starts_with("rwk_")).context("no key was made")?;

    let mut command = workspace.command(&server);
    command.args(["serve", "--port", "0", "--data"]).arg(&data).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(command.spawn().context("the server cannot be started")?);
    let url = format!("{}/scim/v2", running.address()?);

    let mut tester = workspace.command(programs.join("scim2"));
    tester
        .args(["--url", &url, "test", "-v"])
        .env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {key}"));
    let output =
        step::run("scim2-tester", "is asking", "clean", || workspace.run("scim2-tester", &mut tester))?;
    let count = output.lines().filter(|line| line.starts_with("SUCCESS")).count();
    step::say(&format!("  {count} checks, all SUCCESS"));

    let mut sanity = workspace.command(programs.join("scim-sanity"));
    sanity.args(["probe", &url, "--token", key, "--i-accept-side-effects"]);
    step::run("scim-sanity", "is asking", "as known", || {
        // It fails by what is known, too.
        let output = match workspace.run("scim-sanity", &mut sanity) {
            Ok(output) => output,
            Err(error) => error.downcast::<Failed>()?.output,
        };
        judge(&output)
    })
}

/// Whether nothing failed but what is known to.
fn judge(output: &str) -> Result<()> {
    let failed: Vec<&str> = output.lines().filter_map(|line| line.trim().strip_prefix("[FAIL] ")).collect();
    let passed = output.lines().filter(|line| line.trim().starts_with("[PASS]")).count();
    if passed == 0 || failed.iter().any(|name| !KNOWN.contains(name)) {
        return Err(
            Failed { what: "scim-sanity found something new".to_owned(), output: output.to_owned() }.into()
        );
    }
    step::say(&format!("  {passed} passed, {} failed, each known: {}", failed.len(), failed.join("; ")));
    Ok(())
}

/// The folder of the programs, fetched once.
fn fetch(workspace: &Workspace) -> Result<PathBuf> {
    let versions: Vec<&str> = PACKAGES.iter().filter_map(|package| package.split("==").nth(1)).collect();
    let folder = workspace.tools().join(format!("scim-{}", versions.join("-")));
    let programs = folder.join("bin");
    if programs.join("scim2").is_file() && programs.join("scim-sanity").is_file() {
        return Ok(programs);
    }
    if workspace.which("python3").is_none() {
        bail!("python3 is not here: install Python with its module venv (Debian: python3-venv)");
    }
    let mut make = workspace.command("python3");
    workspace.run("scim-venv", make.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut install = workspace.command(programs.join("python"));
    workspace.run("scim-pip", install.args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    Ok(programs)
}

/// A server that ends with us.
struct Running(Child);

impl Running {
    /// Where it listens, which is the last word of the first line that it prints.
    fn address(&mut self) -> Result<String> {
        let output = self.0.stdout.take().context("the server prints nothing")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split_whitespace().last().filter(|word| word.starts_with("http"));
        address.map(ToOwned::to_owned).context("the server did not start: look at `rolewright serve`")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
