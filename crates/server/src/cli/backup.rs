//! `rolewright backup` and `rolewright restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rolewright_store::{Restoring, SqliteStore};
use serde_json::{Value, json};

use super::writing::Writing;
use super::{Data, Error, fresh, output, value};
use crate::as_of::RevisionSaid;
use crate::auth::{reset, second_factor, session};
use crate::clock::Clock;
use crate::config::database;
use crate::{first_run, idempotency, invitation};

/// Records that say what holds for a short while only: what ended since the backup was made must not be good
/// again.
const FORGOTTEN: [&str; 7] = [
    session::KIND,
    session::UNDER_WAY,
    invitation::KIND,
    reset::KIND,
    first_run::TOKEN,
    second_factor::WAITING,
    idempotency::KIND,
];

/// The options of `rolewright backup`.
#[derive(Args, Debug)]
pub struct Backup {
    /// The file to make; there must be none of that name. It holds password hashes and signing keys
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// The options of `rolewright restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// Begin this epoch at least: where the database that was there is lost, one above the last that was
    /// served
    #[arg(long, value_name = "EPOCH", value_parser = value::whole(0..=u32::MAX))]
    epoch: Option<u32>,
    #[command(flatten)]
    writing: Writing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Copies the data while a server runs, and verifies the copy.
///
/// # Errors
/// Where the copy cannot be made, or is not sound.
pub async fn backup(options: &Backup) -> Result<ExitCode, Error> {
    let store = super::open_existing(&options.data.data).await?;
    let verified = store.backup(&options.file, Clock::default().now()).await.map_err(told)?;
    store.close().await;
    let file = options.file.display();
    if options.json {
        let tenants = verified.iter().map(|(tenant, verified)| {
            json!({ "tenant": tenant, "at": verified.head.at, "log_hash": verified.head.log_hash })
        });
        output::line(json!({ "file": file.to_string(), "tenants": tenants.collect::<Vec<Value>>() }))?;
    } else {
        output::line(format_args!("made {file}, and verified it"))?;
        for (tenant, verified) in verified {
            output::line(format_args!(
                "  tenant `{tenant}` at {}, head {}",
                verified.head.at, verified.head.log_hash
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup in place of the data, and begins a new epoch. No server may run on it.
///
/// # Errors
/// Where a server runs, or the backup is not sound: then nothing is changed.
pub async fn restore(options: &Restore) -> Result<ExitCode, Error> {
    let (data, is_dry) = (&options.data.data, options.writing.is_dry());
    SqliteStore::look_at_backup(&options.file).await.map_err(told)?;
    let is_new = !data.is_dir();
    fresh::make(data)?;
    let reason = options.writing.reason();
    let how = Restoring {
        epoch: options.epoch,
        forgotten: &FORGOTTEN,
        reason: reason.as_deref(),
        dry_run: is_dry,
        now: Clock::default().now(),
    };
    let restored = SqliteStore::restore(&options.file, &database(data), how).await.map_err(told);
    if is_new && (is_dry || restored.is_err()) {
        // What was made for it alone.
        _ = std::fs::remove_dir_all(data);
    }
    let restored = restored?;
    let replaced = restored.replaced.map(|path| path.display().to_string());
    if options.json {
        let tenants = restored
            .tenants
            .iter()
            .map(|(tenant, backup, at)| json!({ "tenant": tenant, "backup": backup, "at": at }));
        let tenants = tenants.collect::<Vec<Value>>();
        output::line(json!({ "replaced": replaced, "tenants": tenants, "dry_run": is_dry }))?;
    } else {
        let (is, goes) = if is_dry { ("would be restored", "would go") } else { ("is restored", "goes") };
        for (tenant, backup, at) in restored.tenants {
            let (then, next) = (RevisionSaid(backup.revision), RevisionSaid(at.revision));
            output::line(format_args!(
                "tenant `{tenant}` {is} as it was at {then}: it {goes} on at {next}, in epoch {}",
                at.epoch
            ))?;
        }
        if let Some(replaced) = replaced {
            output::line(format_args!(
                "what was there before is in {replaced}: remove it when it is no longer needed"
            ))?;
        }
    }
    if !is_dry {
        super::note(
            options.json,
            "sessions and links were ended; a key, a password or a recovery code that was changed or used after the backup was made is as before: see rolewright key list",
        );
    }
    options.writing.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}

/// What is not as it should be is a refusal; what could not be done is not.
fn told(error: rolewright_store::Error) -> Error {
    use rolewright_store::Error as Store;
    match error {
        Store::InUse { .. }
        | Store::Broken { .. }
        | Store::Differs { .. }
        | Store::Newer { .. }
        | Store::NotABackup { .. } => Error::refused(error),
        error => error.into(),
    }
}
