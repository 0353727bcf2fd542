//! `rolewright audit prune`.

use std::process::ExitCode;

use clap::Args;
use rolewright_model::Timestamp;
use serde_json::json;

use crate::audit::prune::{Pruned, prune, would};
use crate::cli::confirm::Confirm;
use crate::cli::existing::{Existing, Opened};
use crate::cli::{Error, output};
use crate::extract::Reason;
use crate::moment;

/// The options of `prune`.
#[derive(Args, Debug)]
pub struct Options {
    /// Remove the entries made before this time, such as 2027-01-31; export them first
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    before: Timestamp,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Why, for the change log
    #[arg(long, value_name = "TEXT", value_parser = Reason::parse)]
    reason: Option<Reason>,
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
    let now = clock.now();
    if options.before > now {
        return Err(Error::refused("--before is a time to come: name one that has passed"));
    }
    let removed = match would(&tenant, options.before, now).await? {
        Some(would) if !options.dry_run => {
            let (entries, at) = (would.entries, would.anchor.at);
            options.confirm.by(
                tenant.id(),
                &format!(
                    "{entries} entries of the log of tenant `{}`, up to revision {}, are removed for good; `rolewright audit export` keeps a copy",
                    tenant.id(),
                    at.revision
                ),
            )?;
            prune(&tenant, options.before, options.reason.map(Reason::into_text), now).await?
        }
        would => would,
    };
    sqlite.close().await;
    if options.json {
        let told = removed.as_ref().map(|Pruned { entries, anchor }| {
            json!({ "entries": entries, "up_to": anchor.at, "anchor": anchor.signed })
        });
        output::line(json!({ "tenant": tenant.id(), "dry_run": options.dry_run, "removed": told }))?;
        return Ok(ExitCode::SUCCESS);
    }
    match removed {
        None => output::line(format_args!("no entry is from before {}", moment::told(options.before)))?,
        Some(Pruned { entries, anchor }) => {
            let would = if options.dry_run { "would be removed" } else { "removed" };
            output::line(format_args!("{entries} entries {would}, up to revision {}", anchor.at.revision))?;
            if !options.dry_run {
                output::line(format_args!("the anchor that stands for them: {}", anchor.signed))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
