//! `cargo xtask acceptance`: which of the facts about the five systems are proved, by what, from what the tests reported.
//!
//! The facts stand in `tests/acceptance/facts.txt`, and a test proves those whose numbers begin its name. What came of each test
//! is read from the logs of the steps that ran it, so nothing is run again.

mod facts;
mod proofs;
mod table;

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::Workspace;

/// The table that is made.
const TABLE: &str = "tests/acceptance.md";

/// The options of `cargo xtask acceptance`.
#[derive(Args)]
pub(crate) struct Options {
    /// Write nothing; fail where the file says something else
    #[arg(long)]
    check: bool,
}

/// Writes the table of what the last run of the tests proved, or checks the one that is there.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.check {
        let Proved { facts, open } = check(workspace)?;
        println!("{} of {facts} facts are proved, as {TABLE} says", facts - open);
        return Ok(());
    }
    let table = made(workspace)?;
    fs::write(workspace.path(TABLE), &table.text).with_context(|| format!("{TABLE} cannot be written"))?;
    println!("{TABLE}: {} of {} facts are proved", table.facts - table.open.len(), table.facts);
    for line in &table.open {
        println!("  {line}");
    }
    Ok(())
}

/// How many facts there are, and how many of them no test proves yet.
pub(crate) struct Proved {
    pub(crate) facts: usize,
    pub(crate) open: usize,
}

/// What the committed table says; an error where the tests say something else, as where one failed or left a fact.
pub(crate) fn check(workspace: &Workspace) -> Result<Proved> {
    let table = made(workspace)?;
    if fs::read_to_string(workspace.path(TABLE)).unwrap_or_default() != table.text {
        bail!("{TABLE} is not what the tests say: run `cargo xtask acceptance` and commit it");
    }
    Ok(Proved { facts: table.facts, open: table.open.len() })
}

fn made(workspace: &Workspace) -> Result<table::Table> {
    Ok(table::make(&facts::all(workspace)?, &proofs::all(workspace)?))
}
