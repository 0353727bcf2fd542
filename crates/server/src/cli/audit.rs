//! `rolewright audit`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rolewright_store::Store;
use serde_json::json;

use super::existing::{Existing, Opened};
use super::{Error, output};
use crate::audit::export::Export;
use rolewright_store::LogFilter;

/// The subcommands of `rolewright audit`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Recompute the change log's chain of hashes, and what the documents must be after it
    Verify(Options),
    /// Print the change log, a line of JSON an entry, and its signed head
    Export(Options),
}

/// The options of every subcommand.
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs a subcommand, of the data directory itself: the server need not run, and may.
///
/// # Errors
/// Where the log is not as it was written, or cannot be read.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Verify(options) => verify(&options).await,
        Commands::Export(options) => export(&options).await,
    }
}

async fn verify(options: &Options) -> Result<ExitCode, Error> {
    let store = super::open_existing(&options.existing.data.data).await?;
    let tenant = &options.existing.tenant.tenant;
    let verified = store.verify_log(tenant).await.map_err(|error| match error {
        broken @ rolewright_store::Error::Broken { .. } => Error::refused(broken),
        error => error.into(),
    })?;
    store.close().await;
    if options.json {
        let head = json!({ "at": verified.head.at, "log_hash": verified.head.log_hash });
        output::line(json!({ "tenant": tenant, "entries": verified.entries, "head": head }))?;
    } else {
        let (entries, hash) = (verified.entries, verified.head.log_hash);
        output::line(format_args!(
            "the log of tenant `{tenant}` is as it was written: {entries} entries, head {hash}"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(options: &Options) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let mut export = Export::begin(tenant, LogFilter::default(), clock.now()).await?;
    while let Some(lines) = export.next().await? {
        output::bytes(lines.as_bytes())?;
    }
    sqlite.close().await;
    Ok(ExitCode::SUCCESS)
}
