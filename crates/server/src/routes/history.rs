//! The past: versions of a document, and two revisions side by side.

use axum::http::StatusCode;
use axum::response::Response;
use rolewright_model::change::{Kind, Topic, writes};
use rolewright_model::console;
use rolewright_model::equivalence::equivalence;
use rolewright_store::{LogEntry, LogFilter};
use rolewright_wire::history::{Compared, MOST_BYTES, Version, Versions};
use rolewright_wire::problem::code;
use serde::Deserialize;

use super::audit::{before, limit};
use super::private;
use crate::as_of::{AsOf, RevisionSaid};
use crate::audit::{actor, page, size_of, write_told};
use crate::auth::Asker;
use crate::extract::{Ask, At, Id};
use crate::past;
use crate::problem::{Failure, Result};
use crate::reach::{Names, reach};
use crate::sight::Sight;
use crate::tenant::Loaded;

/// Which page of the versions.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// How many versions, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// The versions of a role, newest first; also of one that is no more.
#[utoipa::path(
    get, path = "/roles/{id}/versions", tag = "Roles", operation_id = "listRoleVersions",
    params(Which), responses((status = 200, body = Versions))
)]
pub async fn of_role(asker: Asker, At(path): At<Id>, Ask(which): Ask<Which>) -> Result<Response> {
    versions(&asker, Kind::Role, path.id, &which).await
}

/// The versions of a package, newest first; also of one that is no more.
#[utoipa::path(
    get, path = "/packages/{id}/versions", tag = "Packages", operation_id = "listPackageVersions",
    params(Which),
    responses((status = 200, body = Versions))
)]
pub async fn of_package(asker: Asker, At(path): At<Id>, Ask(which): Ask<Which>) -> Result<Response> {
    versions(&asker, Kind::Package, path.id, &which).await
}

/// The versions of a person, newest first; also of one who is no more.
#[utoipa::path(
    get, path = "/users/{id}/versions", tag = "People", operation_id = "listUserVersions",
    params(Which), responses((status = 200, body = Versions))
)]
pub async fn of_user(asker: Asker, At(path): At<Id>, Ask(which): Ask<Which>) -> Result<Response> {
    versions(&asker, Kind::User, path.id, &which).await
}

/// The versions of a group, newest first; also of one that is no more.
///
/// Who was in it is no part of it.
#[utoipa::path(
    get, path = "/groups/{id}/versions", tag = "Groups", operation_id = "listGroupVersions", params(Which),
    responses((status = 200, body = Versions))
)]
pub async fn of_group(asker: Asker, At(path): At<Id>, Ask(which): Ask<Which>) -> Result<Response> {
    versions(&asker, Kind::Group, path.id, &which).await
}

/// The versions of the settings, newest first.
#[utoipa::path(
    get, path = "/settings/versions", tag = "Policy", operation_id = "listSettingsVersions",
    params(Which), responses((status = 200, body = Versions))
)]
pub async fn of_settings(asker: Asker, Ask(which): Ask<Which>) -> Result<Response> {
    versions(&asker, Kind::Settings, Kind::ONLY.to_owned(), &which).await
}

async fn versions(asker: &Asker, kind: Kind, id: String, which: &Which) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see what was so in the past")?;
    asker.need(Topic::from(kind).permission_to_see(), "see what this was")?;
    let limit = limit(which.limit)?;
    let last = asker.last_by(which.as_of).await?.map(|last| last.saturating_add(1));
    let before = before(which.cursor.as_deref())?.or(last);
    let filter = LogFilter { kind: Some(kind.into()), id: Some(id.clone()), ..LogFilter::default() };
    let sight = Sight::of(asker);
    let told = |sealed| version(sealed, kind, &id, &asker.loaded, &sight);
    let (mut items, next) = page(&asker.tenant, &filter, before, limit, told).await?;
    let made = items.iter_mut().map(|version| (version.actor.as_str(), &mut version.actor_name));
    actor::name_keys(&asker.tenant, &sight, asker.now, made).await?;
    if items.is_empty() && which.cursor.is_none() {
        return Err(none_of(asker, kind, &id).await?);
    }
    private(Versions { items, next })
}

/// Why a document has no versions.
async fn none_of(asker: &Asker, kind: Kind, id: &str) -> Result<Failure> {
    let is_there = asker.loaded.revision(kind, id).is_some();
    let is_cut = asker.tenant.store().anchor(asker.tenant.id()).await?.is_some();
    let detail = match (is_there, is_cut) {
        (true, _) => {
            "this was last written before the change log begins, and is as it was: what was before was removed from the log"
        }
        (false, true) => "there is no such document here, nor was there one since the change log begins",
        (false, false) => return Ok(Failure::not_found("such document, and never was,")),
    };
    Ok(Failure::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail))
}

/// None where the document was not written: how a person signs in is no part of one.
fn version(sealed: LogEntry, kind: Kind, id: &str, loaded: &Loaded, sight: &Sight) -> Option<Version> {
    let entry = sealed.entry;
    let written = entry.writes.into_iter().find(|write| write.kind == kind && write.id == id)?;
    Some(Version {
        at: entry.at,
        time: entry.time,
        actor_name: actor::name_of(&entry.actor, loaded, sight),
        actor: entry.actor,
        action: entry.action,
        reason: entry.reason,
        document: written.after,
    })
}

/// Which revisions, and which page of the documents that differ.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Sides {
    /// The one revision; `r42` too.
    #[param(value_type = u64)]
    from: RevisionSaid,
    /// The other, `r42` too; the newest where it is not said.
    #[param(value_type = Option<u64>)]
    to: Option<RevisionSaid>,
    /// How many documents, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Two revisions side by side.
///
/// Who gains and loses what from the one to the other, whether their policies say the same, and the documents that
/// differ, one page at a time.
#[utoipa::path(
    get, path = "/revisions/compare", tag = "Audit", operation_id = "compareRevisions",
    params(Sides), responses((status = 200, body = Compared))
)]
pub async fn compare(asker: Asker, Ask(sides): Ask<Sides>) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "see what was so in the past")?;
    let limit = limit(sides.limit)? as usize;
    let (to, skipped) = match sides.cursor.as_deref() {
        None => (sides.to.map_or(asker.loaded.state.at().revision, |to| to.0), 0),
        Some(cursor) => place(cursor, &sides)?,
    };
    let tenant = &asker.tenant;
    let (from, to) = (past::entry(tenant, sides.from.0).await?.entry, past::entry(tenant, to).await?.entry);
    let (one, other) =
        (past::at_revision(&asker.tenant, from.at).await?, past::at_revision(&asker.tenant, to.at).await?);
    let sight = Sight::of(&asker);
    let compared = asker.tenant.work(move || {
        let (seen, unseen): (Vec<_>, Vec<_>) =
            writes(one.documents(), other.documents()).into_iter().partition(|write| sight.sees(write.kind));
        let (total, mut documents, mut bytes) = (seen.len(), Vec::new(), 0_usize);
        for write in seen.into_iter().skip(skipped).take(limit).map(|write| write_told(write, &sight)) {
            bytes = bytes.saturating_add(size_of(&write));
            if bytes > MOST_BYTES && !documents.is_empty() {
                break;
            }
            documents.push(write);
        }
        let told = skipped.saturating_add(documents.len());
        Compared {
            from: from.at,
            to: to.at,
            reach: reach(&one, &other, Names::of(|kind| sight.sees(kind)), to.time),
            policies: sight.sees(Kind::Role).then(|| equivalence(&one, &other)),
            documents,
            total,
            withheld: unseen.len(),
            next: (told < total).then(|| format!("{}.{}.{told}", from.at.revision, to.at.revision)),
        }
    });
    private(compared.await?)
}

/// Where a page of a comparison begins: its other revision, and how many documents are before it.
fn place(cursor: &str, sides: &Sides) -> Result<(u64, usize)> {
    let mut parts = cursor.split('.');
    let mut part = || parts.next().and_then(|part| part.parse::<u64>().ok());
    let (from, to, skipped) = (part(), part(), part());
    let is_of_this = from == Some(sides.from.0) && sides.to.is_none_or(|wanted| to == Some(wanted.0));
    let place = to.zip(skipped.and_then(|skipped| usize::try_from(skipped).ok()));
    place.filter(|_| is_of_this && parts.next().is_none()).ok_or_else(|| {
        let message = "this cursor is not of these revisions: ask without a cursor";
        Failure::invalid_at("query.cursor", message)
    })
}
