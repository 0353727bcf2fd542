//! `rolewright export` and `rolewright import`.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use rolewright_model::{Change, State, Timestamp};
use rolewright_store::{LogFilter, why_not};
use serde_json::{Value, json};

use super::differences;
use super::existing::{Existing, Opened, When};
use super::policy_file::{Read, Whole};
use super::reached::told;
use super::writing::Writing;
use super::{Error, output, policy_file, validate};
use crate::app;
use crate::as_of::RevisionSaid;
use crate::audit::export::Export;
use crate::auth::actor::Who;
use crate::conditional::{IfMatch, etag};
use crate::tenant::{Edit, Expected, Tenant};

/// The options of `rolewright export`.
#[derive(Args, Debug)]
pub struct ExportOptions {
    /// Only the policy: the document that `validate`, `test` and `import` read
    #[arg(long, conflicts_with = "users")]
    policy: bool,
    /// Only the people: users, groups, memberships and assignments
    #[arg(long)]
    users: bool,
    /// Both, in one document; so it is unless it is said otherwise
    #[arg(long, conflicts_with_all = ["policy", "users"])]
    all: bool,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    existing: Existing,
    /// Write it in one line; what goes wrong is JSON too
    #[arg(long)]
    pub(super) json: bool,
}

/// The options of `rolewright import`.
#[derive(Args, Debug)]
pub struct Import {
    /// A policy document, or what `export` wrote, of which the policy is taken; `-` is standard input
    file: PathBuf,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Writes what a tenant says to standard output.
///
/// # Errors
/// Where it cannot be read.
pub async fn export(options: &ExportOptions) -> Result<ExitCode, Error> {
    let opened = options.existing.open().await?;
    let (state, _) = options.when.seen(&opened).await?;
    let document = match (options.policy, options.users) {
        (true, _) => serde_json::to_value(state.policy_document()),
        (_, true) => Ok(directory(&state)),
        (false, false) => whole(opened.tenant.id(), &state),
    };
    let document = document.map_err(Error::failed)?;
    opened.sqlite.close().await;
    output::line(if options.json { document.to_string() } else { format!("{document:#}") })?;
    Ok(ExitCode::SUCCESS)
}

fn whole(tenant: &str, state: &State) -> serde_json::Result<Value> {
    serde_json::to_value(Whole {
        tenant: tenant.to_owned(),
        at: json!(state.at()),
        policy: state.policy_document(),
        directory: directory(state),
    })
}

/// Writes what a tenant says and its change log to two new files in a folder; answers which.
///
/// # Errors
/// Where they are there, or cannot be written.
pub(super) async fn export_to(folder: &Path, tenant: &Arc<Tenant>, now: Timestamp) -> Result<String, Error> {
    let (document, log) =
        (folder.join(format!("{}.json", tenant.id())), folder.join(format!("{}-audit.jsonl", tenant.id())));
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| {
            let advice = if error.kind() == ErrorKind::NotFound { ": make the folder first" } else { "" };
            Error::failed(format!("cannot write `{path}`: {}{advice}", why_not(&error)))
        }
    };
    let whole = whole(tenant.id(), &tenant.loaded().state).map_err(Error::failed)?;
    let mut file = own_file(&document).map_err(failed(&document))?;
    writeln!(file, "{whole:#}").and_then(|()| file.sync_all()).map_err(failed(&document))?;
    let mut file = own_file(&log).map_err(failed(&log))?;
    let mut entries = Export::begin(Arc::clone(tenant), LogFilter::default(), now).await?;
    while let Some(lines) = entries.next().await? {
        file.write_all(lines.as_bytes()).map_err(failed(&log))?;
    }
    file.sync_all().map_err(failed(&log))?;
    Ok(format!("`{}` and `{}`", document.display(), log.display()))
}

/// A new file that its owner alone can read.
fn own_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn directory(state: &State) -> Value {
    let directory = &state.documents().directory;
    json!({
        "users": directory.users.values().collect::<Vec<_>>(),
        "groups": directory.groups.values().collect::<Vec<_>>(),
        "memberships": directory.memberships.values().collect::<Vec<_>>(),
        "assignments": directory.assignments.values().collect::<Vec<_>>(),
    })
}

/// Replaces the policy of a tenant by one change of the operator's, or shows whom that would reach.
///
/// # Errors
/// What is wrong with the policy, or why the model refuses the change.
pub async fn import(options: Import) -> Result<ExitCode, Error> {
    let Read { policy, has_people } = match policy_file::read(&options.file)? {
        Ok(read) => read,
        Err(problems) => return validate::tell(&options.file, &problems, options.json),
    };
    let (dry_run, reason) = (options.writing.is_dry(), options.writing.reason());
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let before = tenant.loaded().state.at();
    let edit = |dry_run, reason| -> Result<Edit, Error> {
        let change = Change::ImportPolicy { policy: Box::new(policy.clone()) };
        // Whom it reaches is told of the state that it changes.
        let expected = Some(Expected::Head(IfMatch::of(vec![etag(before)])));
        let edit = Edit::new(Who::Operator, change, app::context(&clock)?);
        Ok(Edit { expected, dry_run, reason, ..edit })
    };
    let tried = tenant.apply(edit(true, None)?).await?;
    let (reach, documents) = (tried.reach.unwrap_or_default(), tried.differences);
    let unchanged = tried.is_unchanged;
    let at = if dry_run { None } else { Some(tenant.apply(edit(false, reason)?).await?.at) };
    sqlite.close().await;
    if has_people {
        super::note(options.json, "only the policy is imported: people and what they hold are as they were");
    }
    if options.json {
        output::line(json!({
            "dry_run": dry_run, "at": at, "unchanged": unchanged, "reach": reach,
            "documents": documents.told, "documents_untold": documents.untold,
        }))?;
    } else {
        match at {
            _ if unchanged => output::line("nothing changed: the policy is as the file says")?,
            Some(at) => {
                let at = RevisionSaid(at.revision);
                output::line(format_args!("the policy is imported, at {at}: {}", told(&reach, false)))?;
            }
            None => output::line(format_args!("nothing is written: {}", told(&reach, true)))?,
        }
        for line in differences::told(&documents) {
            output::line(line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
