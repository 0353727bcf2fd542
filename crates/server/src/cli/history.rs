//! `rolewright undo` and `rolewright revert`.

use std::process::ExitCode;

use clap::Args;
use rolewright_model::{Change, Stamp};
use serde_json::json;

use super::differences;
use super::existing::{Existing, Opened};
use super::reached::told;
use super::writing::Writing;
use super::{Error, output, value};
use crate::as_of::RevisionSaid;
use crate::auth::actor::Who;
use crate::conditional::{IfMatch, etag};
use crate::history::{Back, Part, go};
use crate::sight::Sight;
use crate::tenant::{Applied, Edit, Expected};
use crate::{app, past};

/// The options of `rolewright undo`.
#[derive(Args, Debug)]
pub struct Undo {
    /// The revision that the change made
    #[arg(value_parser = value::revision)]
    revision: u64,
    /// Take back the rest where documents were changed since, which stay as they are
    #[arg(long)]
    rest: bool,
    #[command(flatten)]
    how: How,
}

/// The options of `rolewright revert`.
#[derive(Args, Debug)]
pub struct Revert {
    /// The revision
    #[arg(value_parser = value::revision)]
    revision: u64,
    /// Only the policy: catalogue, settings, roles, packages and tests
    #[arg(long)]
    policy: bool,
    /// Only that role
    #[arg(long, value_name = "ID", conflicts_with = "policy")]
    role: Option<String>,
    /// Only that package
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "role"])]
    package: Option<String>,
    /// Only the settings
    #[arg(long, conflicts_with_all = ["policy", "role", "package"])]
    settings: bool,
    /// Only that person, without roles and groups
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "role", "package", "settings"])]
    user: Option<String>,
    /// Only that group, without who is in it
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "role", "package", "settings", "user"])]
    group: Option<String>,
    /// Only that assignment
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "role", "package", "settings", "user", "group"])]
    assignment: Option<String>,
    #[command(flatten)]
    how: How,
}

/// How it is done.
#[derive(Args, Debug)]
struct How {
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

impl Undo {
    pub(super) fn is_json(&self) -> bool {
        self.how.json
    }
}

impl Revert {
    pub(super) fn is_json(&self) -> bool {
        self.how.json
    }

    /// What is restored by itself; none where all of it is.
    fn part(&self) -> Option<Part> {
        let named = self.role.clone().map(Part::Role).or_else(|| self.package.clone().map(Part::Package));
        let named = named.or_else(|| self.user.clone().map(Part::User));
        let named = named.or_else(|| self.group.clone().map(Part::Group));
        let named = named.or_else(|| self.assignment.clone().map(Part::Assignment));
        named.or(self.settings.then_some(Part::Settings)).or(self.policy.then_some(Part::Policy))
    }
}

/// Takes a change back by a new one of the operator's, or shows whom that would reach.
///
/// # Errors
/// What was changed since, or why the model refuses it.
pub async fn undo(options: Undo) -> Result<ExitCode, Error> {
    let Undo { revision, rest, how } = options;
    let opened = how.existing.open().await?;
    let entries = vec![past::entry(&opened.tenant, revision).await?.entry];
    back(how, &opened, Back::Undo { entries, rest, sight: Sight::whole() }).await
}

/// Restores what a tenant said at a revision by a change of the operator's, or shows whom that would reach.
///
/// # Errors
/// Why the model refuses it.
pub async fn revert(options: Revert) -> Result<ExitCode, Error> {
    let part = options.part();
    let Revert { revision, how, .. } = options;
    let opened = how.existing.open().await?;
    let at = past::entry(&opened.tenant, revision).await?.entry.at;
    let then = past::at_revision(&opened.tenant, at).await?;
    let Some(part) = part else {
        let documents = Box::new(then.documents().clone());
        return back(how, &opened, Back::To { documents, revision }).await;
    };
    let loaded = opened.tenant.loaded();
    let change = part.change(loaded.state.documents(), &then)?;
    let head = Expected::Head(IfMatch::of(vec![etag(loaded.state.at())]));
    let reason = how.writing.reason().unwrap_or_else(|| part.reason(revision));
    let edit = Edit {
        expected: Some(head),
        reason: Some(reason),
        goes_back: true,
        ..Edit::new(Who::Operator, change, app::context(&opened.clock)?)
    };
    let tried = opened.tenant.apply(Edit { dry_run: true, ..edit.clone() }).await?;
    let at = if how.writing.is_dry() { None } else { Some(opened.tenant.apply(edit).await?.at) };
    opened.sqlite.close().await;
    tell(&how, at, tried)
}

async fn back(how: How, opened: &Opened, to: Back) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = opened;
    let head = IfMatch::of(vec![etag(tenant.loaded().state.at())]);
    let nothing = Change::Batch { changes: Vec::new() };
    let edit = Edit {
        reason: how.writing.reason(),
        goes_back: true,
        ..Edit::new(Who::Operator, nothing, app::context(clock)?)
    };
    let tried = go(tenant, Edit { dry_run: true, ..edit.clone() }, to.clone(), &head).await?;
    let at = if how.writing.is_dry() { None } else { Some(go(tenant, edit, to, &head).await?.applied.at) };
    sqlite.close().await;
    tell(&how, at, tried.applied)
}

fn tell(how: &How, at: Option<Stamp>, tried: Applied) -> Result<ExitCode, Error> {
    let (unchanged, reach, remarks) = (tried.is_unchanged, tried.reach.unwrap_or_default(), tried.remarks);
    let documents = tried.differences;
    if how.json {
        let told = json!({
            "dry_run": how.writing.is_dry(), "at": at, "unchanged": unchanged, "reach": reach, "remarks": remarks,
            "documents": documents.told, "documents_untold": documents.untold,
        });
        output::line(told)?;
        return Ok(ExitCode::SUCCESS);
    }
    match at {
        _ if unchanged => output::line("nothing changed: it is so already")?,
        Some(at) => {
            let at = RevisionSaid(at.revision);
            output::line(format_args!("it is as it was, at {at}: {}", told(&reach, false)))?;
        }
        None => output::line(format_args!("nothing is written: {}", told(&reach, true)))?,
    }
    for line in differences::told(&documents).into_iter().chain(remarks) {
        output::line(line)?;
    }
    Ok(ExitCode::SUCCESS)
}
