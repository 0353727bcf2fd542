//! `cargo xtask bench`: figures beside their bars. What is measured is in `bench/`; here it is built, run and told.

mod lines;
mod report;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use self::report::{Measured, Report};
use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{build, chromium, step};

/// The options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    subject: Subject,
    /// Leave out the tenant of 1,000,000 users
    #[arg(long)]
    small: bool,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// Decisions, natively and from JavaScript, beside a plain Map of Sets, CASL, Casbin and Cedar
    Model,
    /// The server at 100,000 users: AuthZEN beside a bare route, lists, memory, listeners
    Server,
    /// The checker in an edge worker and behind a server: gate, first decision, propagation, snapshots
    Edge,
    /// The admin app in Chromium, the processor four times slower: download, paint, interactions, layout shift
    Admin,
}

/// Builds, measures and prints; a figure that falls short is printed as such.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    step::to_stderr();
    let report = match options.subject {
        Subject::Model => {
            build::prepare(workspace)?;
            build::checker(workspace)?;
            peers(workspace)?;
            let program = program(workspace, "rolewright-bench", Peers::Built)?;
            Report::of_model(&measure(workspace, &program, options.small)?)
        }
        Subject::Server => {
            let program = program(workspace, "rolewright-bench-server", Peers::LeftOut)?;
            Report::of_server(&measure_server(workspace, &program)?)
        }
        Subject::Edge => {
            build::prepare(workspace)?;
            build::checker(workspace)?;
            let native = program(workspace, "rolewright-bench", Peers::LeftOut)?;
            let server = program(workspace, "rolewright-bench-server", Peers::LeftOut)?;
            Report::of_edge(&measure_edge(workspace, &native, &server, options.small)?)
        }
        Subject::Admin => {
            let chromium = chromium::find_or_install(workspace)?;
            let server = build::everything(workspace, true)?;
            let drawing = program(workspace, "rolewright-bench-server", Peers::LeftOut)?;
            Report::of_admin(&measure_admin(workspace, &chromium, &server, &drawing)?)
        }
    };
    if options.json {
        println!("{}", report.json());
    } else {
        print!("\n{}", report.table());
    }
    Ok(())
}

/// The peers' npm packages, into the benchmarks' own folder.
fn peers(workspace: &Workspace) -> Result<()> {
    let _guard = workspace.lock()?;
    let inputs = ["bench/package-lock.json", "bench/package.json"];
    let stamp =
        Stamp::of(workspace.path("bench/node_modules/.rolewright-stamp"), &workspace.root, &inputs, &[])?;
    if stamp.is_fresh(&[]) {
        step::up_to_date("peers from npm");
        return Ok(());
    }
    step::run("peers from npm", "are being installed", "installed", || {
        let options = ["ci", "--prefix", "bench", "--ignore-scripts", "--no-audit", "--no-fund"];
        workspace.run("bench-npm-ci", workspace.command("npm").args(options))
    })?;
    stamp.write()
}

/// Whether a program is built with what it is compared with, which takes minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peers {
    Built,
    LeftOut,
}

/// A program of the benchmarks' workspace; answers where it is.
fn program(workspace: &Workspace, package: &str, peers: Peers) -> Result<PathBuf> {
    let target = workspace.path("target/bench");
    step::run("benchmarks", "are being built, the first time for minutes", "built", || {
        let mut command = workspace.cargo();
        command.args([
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            "bench/Cargo.toml",
            "--package",
            package,
            "--target-dir",
        ]);
        command.arg(&target);
        if peers == Peers::LeftOut {
            command.arg("--no-default-features");
        }
        workspace.run("bench-build", &mut command)
    })?;
    Ok(target.join("release").join(package).with_extension(env::consts::EXE_EXTENSION))
}

/// Runs every benchmark, one after the other: nothing else should run meanwhile.
fn measure(workspace: &Workspace, native: &PathBuf, small: bool) -> Result<Measured> {
    let data = workspace.path("target/bench/data");
    step::run("data", "is being drawn", "drawn", || {
        workspace.run("bench-data", workspace.command(native).arg("data").arg(&data))
    })?;
    let mut measured = Measured::default();
    let mut add = |name, command: &mut Command| add(workspace, &mut measured, name, command);
    for (name, script) in [
        ("can in JavaScript", "bench/js/can.mjs"),
        ("cold start", "bench/js/cold.mjs"),
        ("a large policy", "bench/js/matrix.mjs"),
    ] {
        add(name, workspace.command("node").arg(script).arg(&data))?;
    }
    let mut command = workspace.command(native);
    command.arg("native");
    if small {
        command.arg("--small");
    }
    add("native", &mut command)?;
    Ok(measured)
}

/// Makes the data directory of 100,000 people, unless it is there; answers where it is.
fn people(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let data = workspace.path("target/bench/server-data");
    step::run("data", "is being drawn", "drawn", || {
        workspace.run("bench-server-data", workspace.command(program).arg("data").arg(&data))
    })?;
    Ok(data)
}

/// Runs the server's benchmark.
fn measure_server(workspace: &Workspace, program: &Path) -> Result<Measured> {
    let data = people(workspace, program)?;
    let mut measured = Measured::default();
    add(workspace, &mut measured, "server", workspace.command(program).arg("measure").arg(&data))?;
    Ok(measured)
}

/// Draws the snapshots and runs every benchmark of the edge, one after the other: nothing else should run meanwhile.
fn measure_edge(workspace: &Workspace, native: &PathBuf, server: &PathBuf, small: bool) -> Result<Measured> {
    let data = workspace.path("target/bench/snapshots");
    step::run("snapshots", "are being drawn", "drawn", || {
        let mut command = workspace.command(native);
        command.arg("snapshots").arg(&data);
        if small {
            command.arg("--small");
        }
        workspace.run("bench-snapshots", &mut command)
    })?;
    let mut measured = Measured::default();
    for (name, script, given) in [
        ("gate", "bench/js/edge/gate.mjs", None),
        ("propagation", "bench/js/edge/propagation.mjs", Some(server)),
        ("snapshots loaded", "bench/js/edge/snapshots.mjs", Some(&data)),
    ] {
        let mut command = workspace.command("node");
        add(workspace, &mut measured, name, command.arg(script).args(given))?;
    }
    Ok(measured)
}

/// Runs every benchmark of the admin app, one after the other: nothing else should run meanwhile.
fn measure_admin(workspace: &Workspace, chromium: &Path, server: &Path, drawing: &Path) -> Result<Measured> {
    let people = people(workspace, drawing)?;
    let app = workspace.path("target/admin");
    let mut measured = Measured::default();
    for (name, script, given) in [
        ("download", "bench/js/admin/download.mjs", Some(&app)),
        ("paint", "bench/js/admin/paint.mjs", Some(&people)),
        ("tree", "bench/js/admin/tree.mjs", None),
        ("users", "bench/js/admin/users.mjs", Some(&people)),
        ("matrix", "bench/js/admin/matrix.mjs", None),
        ("shift", "bench/js/admin/shift.mjs", Some(&people)),
    ] {
        let mut command = workspace.command("node");
        command.arg(script).args(given).env("CHROMIUM", chromium).env("ROLEWRIGHT_BIN", server);
        add(workspace, &mut measured, name, &mut command)?;
    }
    Ok(measured)
}

/// Runs one benchmark and takes in its figures.
fn add(workspace: &Workspace, measured: &mut Measured, name: &str, command: &mut Command) -> Result<()> {
    let log = format!("bench-{}", name.replace(' ', "-"));
    let output = step::run(name, "is being measured", "measured", || workspace.run(&log, command))?;
    if measured.add(&output) == 0 {
        bail!("{name} printed no figure: see target/xtask/log/{log}.log");
    }
    Ok(())
}
