//! `rolewright audit prune`.

use std::process::ExitCode;

use clap::Args;
use rolewright_model::{Timestamp, counted};
use serde_json::json;

use crate::as_of::RevisionSaid;
use crate::audit::prune::{Pruned, prune, would};
use crate::cli::confirm::Confirm;
use crate::cli::existing::{Existing, Opened};
use crate::cli::writing::Writing;
use crate::cli::{Error, output};
use crate::moment;

/// The options of `prune`.
#[derive(Args, Debug)]
pub struct Options {
    /// Remove the entries made before this time, such as 2027-01-31; export them first
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    before: Timestamp,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Removes entries of the log.
///
/// # Errors
/// Where the log is not as it was written, or it is not confirmed.
pub async fn run(options: Options) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let (now, dry_run) = (clock.now(), options.writing.is_dry());
    if options.before > now {
        return Err(Error::refused("--before is a time to come: name one that has passed"));
    }
    let removed = match would(&tenant, options.before, now).await? {
        Some(would) if !dry_run => {
            let (entries, at) = (would.entries, would.anchor.at);
            options.confirm.by(
                tenant.id(),
                &format!(
                    "{} of the log of tenant `{}`, up to revision {}, will be gone for good; `rolewright audit export` keeps a copy",
                    counted(entries, "entry", "entries"),
                    tenant.id(),
                    at.revision
                ),
            )?;
            prune(&tenant, options.before, options.writing.reason(), now).await?
        }
        would => would,
    };
    sqlite.close().await;
    if options.json {
        let told = removed.as_ref().map(|Pruned { entries, anchor }| {
            json!({ "entries": entries, "up_to": anchor.at, "anchor": anchor.signed })
        });
        output::line(json!({ "tenant": tenant.id(), "dry_run": dry_run, "removed": told }))?;
        return Ok(ExitCode::SUCCESS);
    }
    match removed {
        None => output::line(format_args!("no entry is from before {}", moment::told(options.before)))?,
        Some(Pruned { entries, anchor }) => {
            let would = if dry_run { "would be removed" } else { "removed" };
            output::line(format_args!(
                "{} {would}, up to revision {}",
                counted(entries, "entry", "entries"),
                RevisionSaid(anchor.at.revision)
            ))?;
            if !dry_run {
                output::line(format_args!("the anchor that stands for them: {}", anchor.signed))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
