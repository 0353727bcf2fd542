//! `cargo xtask`: the two commands of this repository, `serve` and `test`, and every build step behind them.
//!
//! It is on the critical path of a fresh clone, so it depends on little and on no crate of the product. One file a subject:
//! `workspace` (where things are, how programs are started), `step` (what a person sees), `stamp` (what is up to date),
//! `setup`, `tools` and `npm` (what must be there first), `build`, `wasm` and `assets` (the artefacts), then one file a command.

mod acceptance;
mod apt;
mod assets;
mod bench;
mod build;
mod chromium;
mod conformance;
mod deny;
mod failures;
mod invariants;
mod locations;
mod mail_server;
mod messages;
mod npm;
mod parts;
mod scim;
mod serve;
mod setup;
mod size;
mod stamp;
mod step;
mod test;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Build, run, test and measure Rolewright.
///
/// Needs Rust (by rustup) and Node with npm; everything else is fetched and built into `target/` on first use.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Show what every program prints while it runs, instead of only when it fails
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Set everything up, build it, and run the server on its embedded store
    ///
    /// Prints the address, and on the first start a one-time link that creates the first superuser.
    Serve(serve::Options),
    /// Run every check and every test, one line a step; ends with "N passed, N failed"
    Test(test::Options),
    /// Write which facts of the acceptance list the last run of the tests proved, into tests/acceptance.md
    Acceptance(acceptance::Options),
    /// Build the checker package, the admin app and the server, and run nothing
    Build(build::Options),
    /// Print the raw and brotli size of each artefact that is shipped, against its bar; fails where one is over it
    Size(size::Options),
    /// Ask a real server whatever its description of the API allows and forbids, by Schemathesis (needs Python 3)
    Conformance(conformance::Options),
    /// Check the dependencies, their licences and where they come from, by cargo-deny
    Deny(deny::Options),
    /// Measure, and print each figure beside its bar and beside the peers, in the same run
    Bench(bench::Options),
    /// Have two independent clients of SCIM 2.0 ask the server; needs Python, and fetches them on first use
    Scim(scim::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = Workspace::find(cli.verbose).and_then(|workspace| match &cli.command {
        Command::Serve(options) => serve::run(&workspace, options),
        Command::Test(options) => test::run(&workspace, options),
        Command::Acceptance(options) => acceptance::run(&workspace, options),
        Command::Build(options) => build::run(&workspace, options),
        Command::Size(options) => size::run(&workspace, options),
        Command::Conformance(options) => conformance::run(&workspace, options),
        Command::Deny(options) => deny::run(&workspace, options),
        Command::Bench(options) => bench::run(&workspace, options),
        Command::Scim(options) => scim::run(&workspace, options),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
