//! The change log.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::Topic;
use rolewright_model::{Context, Timestamp, console};
use rolewright_store::{Entry, LogFilter};
use rolewright_wire::audit::{AuditEntry, AuditPage};
use rolewright_wire::page::{MOST_ROWS, ROWS};
use rolewright_wire::reach::Reach;
use serde::Deserialize;

use super::private;
use crate::as_of::RevisionSaid;
use crate::audit::brief::brief;
use crate::audit::export::Export;
use crate::audit::{name_keys, page, told};
use crate::auth::Asker;
use crate::extract::{Ask, At};
use crate::past;
use crate::problem::{Failure, Result};
use crate::reach::{Names, once_accepted, reach};
use crate::sight::{self, Sight};

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Made by `operator`, `user:ID` or `key:ID`.
    actor: Option<String>,
    /// Of this action: `update_role`.
    action: Option<String>,
    /// About this kind: `role`. They wrote, removed or kept a document of it; of `user` also those of how people
    /// sign in, and of `key` those of API keys.
    #[param(value_type = Option<String>)]
    kind: Option<Topic>,
    /// About the one of this id.
    id: Option<String>,
    /// That wrote, removed or kept a document of this id, or a link to it: a membership or an assignment of that user, group or role, the
    /// package that somebody is on, a role that a package carries or there is an entitlement to.
    about: Option<String>,
    /// Made at this time or later: a date, its start in UTC, an instant, or milliseconds since 1970.
    from: Option<Timestamp>,
    /// Made before this time.
    until: Option<Timestamp>,
    /// Whose reason or request's id has this text in it.
    search: Option<String>,
    /// How many entries, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Whether long entries shall tell no documents, and say how many they wrote; read alone, each is whole.
    #[serde(default)]
    brief: bool,
}

/// Who changed what when, newest first, filtered here, one page at a time.
///
/// Of documents of kinds that the asker may not see it says only that they changed.
#[utoipa::path(
    get, path = "/audit", tag = "Audit", operation_id = "listAuditEntries",
    params(Which), responses((status = 200, body = AuditPage))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see the change log")?;
    let (limit, before) = (limit(which.limit)?, before(which.cursor.as_deref())?);
    let Which { actor, action, kind, id, about, from, until, search, brief: is_brief, .. } = which;
    let filter = LogFilter { actor, action, kind, id, about, from, until, search, undoes: None };
    fits(&filter)?;
    let sight = Sight::of(&asker);
    let told = |sealed| {
        let asked = filter.about.as_deref();
        let told = told(sealed, asked, &asker.loaded, &sight);
        Some(if is_brief { brief(told, asked) } else { told })
    };
    let (mut items, next) = page(&asker.tenant, &filter, before, limit, told).await?;
    name_keys(&mut items, &asker.tenant, &sight, asker.now).await?;
    private(AuditPage { items, next })
}

/// Refuses what no entry can be.
fn fits(filter: &LogFilter) -> Result<()> {
    known(filter.action.as_deref())?;
    let is_actor = |actor: &str| {
        let named = actor.split_once(':');
        actor == "operator"
            || named.is_some_and(|(kind, id)| ["user", "key"].contains(&kind) && !id.is_empty())
    };
    if let Some(actor) = filter.actor.as_deref().filter(|actor| !is_actor(actor)) {
        let message =
            format!("`{}` is no actor: write `operator`, `user:ID` or `key:ID`", actor.escape_debug());
        return Err(Failure::invalid_at("query.actor", message));
    }
    match (filter.from, filter.until) {
        (Some(from), Some(until)) if until <= from => {
            let message = "this is not after `from`, so nothing is between: say a later time";
            Err(Failure::invalid_at("query.until", message))
        }
        _ => Ok(()),
    }
}

fn known(action: Option<&str>) -> Result<()> {
    match action.filter(|action| !sight::actions().any(|known| known == *action)) {
        None => Ok(()),
        Some(action) => {
            let known: Vec<_> = sight::actions().map(|known| format!("`{known}`")).collect();
            let message = format!(
                "`{}` is no action of the log: write one of {}",
                action.escape_debug(),
                known.join(", ")
            );
            Err(Failure::invalid_at("query.action", message))
        }
    }
}

/// How many entries a page has.
pub(super) fn limit(asked: Option<u32>) -> Result<u32> {
    match asked.unwrap_or(ROWS) {
        limit @ 1..=MOST_ROWS => Ok(limit),
        _ => Err(Failure::invalid_at("query.limit", format!("a page has 1 to {MOST_ROWS} entries"))),
    }
}

/// The revision before which a page begins.
pub(super) fn before(cursor: Option<&str>) -> Result<Option<u64>> {
    match cursor.map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(revision)) if i64::try_from(revision).is_ok() => Ok(Some(revision)),
        Some(_) => {
            let message = "this cursor is not of this list: ask without a cursor";
            Err(Failure::invalid_at("query.cursor", message))
        }
    }
}

/// The revision in a path: as `r42` or as `42`.
#[derive(Debug, Deserialize)]
pub struct Revision {
    revision: RevisionSaid,
}

impl Revision {
    /// Which.
    pub(super) fn revision(&self) -> u64 {
        self.revision.0
    }
}

/// The change that made a revision.
#[utoipa::path(
    get, path = "/audit/{revision}", tag = "Audit", operation_id = "getAuditEntry",
    responses((status = 200, body = AuditEntry))
)]
pub async fn read(asker: Asker, At(path): At<Revision>) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see the change log")?;
    let sealed = past::entry(&asker.tenant, path.revision()).await?;
    let sight = Sight::of(&asker);
    let mut entry = told(sealed, None, &asker.loaded, &sight);
    entry.undone_by = past::undone_by(&asker.tenant, path.revision()).await?;
    name_keys(std::slice::from_mut(&mut entry), &asker.tenant, &sight, asker.now).await?;
    private(entry)
}

/// Whom the change that made a revision reached: who gained and lost what.
///
/// Who was invited by it is told with what they gain once they accept.
#[utoipa::path(
    get, path = "/audit/{revision}/reach", tag = "Audit", operation_id = "getAuditReach",
    responses((status = 200, body = Reach))
)]
pub async fn reached(asker: Asker, At(path): At<Revision>) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see the change log")?;
    let sealed = past::entry(&asker.tenant, path.revision()).await?;
    let after = past::at_revision(&asker.tenant, sealed.entry.at).await?;
    let mut before = sealed.entry.at;
    before.revision = before.revision.saturating_sub(1);
    // The first change makes the tenant of nothing.
    let before = match before.revision {
        0 => return Err(Failure::not_found("earlier revision to compare it with")),
        _ => past::at_revision(&asker.tenant, before).await?,
    };
    let sight = Sight::of(&asker);
    let names = Names::of(|kind| sight.sees(kind));
    let Entry { time, writes, request, .. } = sealed.entry;
    let found = asker.tenant.work(move || {
        let accepted = once_accepted(&after, &writes, &Context { now: time, id: request });
        reach(&before, accepted.as_ref().unwrap_or(&after), names, time)
    });
    private(found.await?)
}

/// Which entries of an export; all of them where nothing is said.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Made by `operator`, `user:ID` or `key:ID`.
    actor: Option<String>,
    /// Of this action: `update_role`.
    action: Option<String>,
    /// About this kind: `role`. They wrote, removed or kept a document of it; of `user` also those of how people
    /// sign in, and of `key` those of API keys.
    #[param(value_type = Option<String>)]
    kind: Option<Topic>,
    /// About the one of this id.
    id: Option<String>,
    /// That wrote, removed or kept a document of this id, or a link to it, such as an assignment of that role.
    about: Option<String>,
    /// Made at this time or later: a date, its start in UTC, an instant, or milliseconds since 1970.
    from: Option<Timestamp>,
    /// Made before this time.
    until: Option<Timestamp>,
    /// Whose reason or request's id has this text in it.
    search: Option<String>,
}

/// The log, oldest first: a line of JSON an entry.
///
/// Each has the exact text that was hashed, and the last line is signed. All of it ends in its head, so that a log that
/// was rewritten shows. What a filter takes is no chain: its last line says what was asked for, and signs that these
/// lines were all of it. All kinds of documents are in it, so it takes the permissions to see each.
#[utoipa::path(
    get, path = "/audit/export", tag = "Audit", operation_id = "exportAuditLog", params(Wanted),
    responses((status = 200, content_type = "application/x-ndjson", body = String, headers(("Content-Disposition" = String))))
)]
pub async fn export(asker: Asker, Ask(wanted): Ask<Wanted>) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see the change log")?;
    sight::need_all(&asker, "export the change log")?;
    let name = format!("attachment; filename=\"{}-changes.ndjson\"", asker.tenant.id());
    let Wanted { actor, action, kind, id, about, from, until, search } = wanted;
    let filter = LogFilter { actor, action, kind, id, about, from, until, search, undoes: None };
    fits(&filter)?;
    let export = Export::begin(asker.tenant.clone(), filter, asker.now).await;
    let export = export.map_err(|error| Failure::internal(&error))?;
    let lines = futures_util::stream::try_unfold(export, |mut export| async move {
        let next =
            export.next().await.map_err(|failure| std::io::Error::other(failure.detail().to_owned()))?;
        Ok::<_, std::io::Error>(next.map(|lines| (lines, export)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}
