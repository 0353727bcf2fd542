//! `cargo xtask serve`: from a fresh clone to a served page.

use std::path::{self, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::workspace::Workspace;
use crate::{build, step};

/// The options of `cargo xtask serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// The port to listen on, at 127.0.0.1
    #[arg(long, default_value_t = 7420)]
    port: u16,
    /// Where the server keeps its store [default: data, at the top of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start a new store from a template, such as mailer
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Add a believable directory to a new store: 200 users, groups and packages
    #[arg(long)]
    demo: bool,
    /// Build the server for production: slower to build, faster to run
    #[arg(long)]
    release: bool,
}

/// Builds what is not up to date, then becomes the server.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let server = build::everything(workspace, options.release)?;
    println!(
        "{} ready  {}\n",
        step::paint(step::GREEN, "✓"),
        step::paint(step::DIM, &step::seconds(start.elapsed()))
    );

    let data = match &options.data {
        Some(folder) => path::absolute(folder).context("the current folder cannot be read")?,
        None => workspace.path("data"),
    };
    let mut command = workspace.command(server);
    command.arg("serve").arg("--port").arg(options.port.to_string()).arg("--data").arg(data);
    if let Some(template) = &options.template {
        command.arg("--template").arg(template);
    }
    if options.demo {
        command.arg("--demo");
    }
    become_program(command)
}

/// Replaces this process, so that signals and the exit code are the server's own.
#[cfg(unix)]
fn become_program(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("the server cannot be started")
}

/// Runs it to its end. Ctrl-C reaches both, as they share the console.
#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<()> {
    let status = command.status().context("the server cannot be started")?;
    std::process::exit(status.code().unwrap_or(1))
}
