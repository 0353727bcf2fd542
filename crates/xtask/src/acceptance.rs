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
    /// Write nothing; fail where the file says something else, or a fact is not proved
    #[arg(long)]
    check: bool,
}

/// Writes the table of what the last run of the tests proved, or checks the one that is there.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.check {
        let facts = check(workspace)?;
        println!("{facts} facts are proved, as {TABLE} says");
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

/// How many facts there are; an error where one is not proved, or the committed table says something else.
pub(crate) fn check(workspace: &Workspace) -> Result<usize> {
    let table = made(workspace)?;
    if !table.open.is_empty() {
        bail!("{} of {} facts are not proved:\n  {}", table.open.len(), table.facts, table.open.join("\n  "));
    }
    if fs::read_to_string(workspace.path(TABLE)).unwrap_or_default() != table.text {
        bail!("{TABLE} is not what the tests say: run `cargo xtask acceptance` and commit it");
    }
    Ok(table.facts)
}

fn made(workspace: &Workspace) -> Result<table::Table> {
    Ok(table::make(&facts::all(workspace)?, &proofs::all(workspace)?))
}
