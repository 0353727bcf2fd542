//! Going back: undo, and what was restored, each as a new change.

use std::collections::BTreeSet;

use axum::extract::State as Of;
use axum::response::Response;
use rolewright_model::change::Kind;
use rolewright_model::{Change, State, console};
use rolewright_wire::Accepted;
use rolewright_wire::history::{MOST_TOGETHER, RestoreTo};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::audit::Revision;
use super::policy::or_what_changed;
use super::{accepted, edited};
use crate::app::Shared;
use crate::as_of::RevisionSaid;
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, NoBody, Reason, Write};
use crate::history::{Back, Part, go};
use crate::mail::notice;
use crate::openapi::{HeadHeader, IfMatchHeader};
use crate::past;
use crate::problem::{Failure, Result};
use crate::sight::Sight;
use crate::tenant::{Applied, Edit, Expected};

/// The query of an undo.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Undoing {
    /// Whether only to say what would happen, and to write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Why, for the change log: 500 characters at most.
    #[param(value_type = Option<String>)]
    reason: Option<Reason>,
    /// The revisions of other changes that are taken back with it in one, `41,42`: those that one bulk edit made.
    #[param(value_type = Option<String>)]
    also: Option<Also>,
    /// Whether the documents that somebody changed since stay as they are, and the rest is taken back.
    #[serde(default)]
    rest: bool,
}

/// Revisions with commas between them.
#[derive(Debug, Default)]
struct Also(Vec<u64>);

impl<'de> Deserialize<'de> for Also {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let revisions = text.split(',').map(|one| RevisionSaid::parse(one.trim()).map(|said| said.0));
        let revisions = revisions.collect::<Option<_>>().map(Self);
        revisions.ok_or_else(|| D::Error::custom("revisions are expected, such as 41,42"))
    }
}

/// Takes back what a change did, as a new change.
///
/// Its documents are put back as they were before it, by the rules of the single changes that would do so. Links that
/// come back are new ones. Refused where somebody changed one of the documents since, unless the `rest` is asked for; with an
/// `If-Match` also where the tenant is no longer at that revision. With `also` several changes are taken back in one.
#[utoipa::path(
    post, path = "/audit/{revision}/undo", tag = "Audit", operation_id = "undoChange",
    params(Undoing, HeadHeader),
    responses((status = 200, body = Accepted), (status = 412, description = "The tenant was changed meanwhile"))
)]
pub async fn undo(
    app: Of<Shared>,
    asker: Asker,
    At(path): At<Revision>,
    head: IfMatch,
    Ask(undoing): Ask<Undoing>,
    _: NoBody,
) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "take a change back")?;
    let Undoing { dry_run, reason, also, rest } = undoing;
    let revisions: BTreeSet<u64> = also.unwrap_or_default().0.into_iter().chain([path.revision()]).collect();
    if revisions.len() > MOST_TOGETHER {
        let message =
            format!("{MOST_TOGETHER} changes at most are taken back in one: take the newest back first");
        return Err(Failure::invalid_at("query.also", message));
    }
    let mut entries = Vec::new();
    for revision in revisions {
        entries.push(past::entry(&asker.tenant, revision).await?.entry);
    }
    let undo = Back::Undo { entries, rest, sight: Sight::of(&asker) };
    back(&app, &asker, Write { dry_run, reason }, &head, undo).await
}

/// Restores all that the tenant said at a revision, as one new change.
///
/// Policy and people. With an `If-Match` only where the tenant is at that revision still.
#[utoipa::path(
    post, path = "/revisions/{revision}/restore", tag = "Audit", operation_id = "restoreRevision",
    params(Write, HeadHeader),
    responses((status = 200, body = Accepted), (status = 412, description = "The tenant was changed meanwhile"))
)]
pub async fn restore(
    app: Of<Shared>,
    asker: Asker,
    At(path): At<Revision>,
    head: IfMatch,
    Ask(write): Ask<Write>,
    _: NoBody,
) -> Result<Response> {
    let documents = Box::new(then(&asker, path.revision()).await?.documents().clone());
    back(&app, &asker, write, &head, Back::To { documents, revision: path.revision() }).await
}

async fn back(app: &Shared, asker: &Asker, write: Write, head: &IfMatch, to: Back) -> Result<Response> {
    // The change is worked out where it is decided.
    let nothing = Change::Batch { changes: Vec::new() };
    let edit = write.on(Edit { goes_back: true, ..asker.edit(nothing)? });
    let gone = go(&asker.tenant, edit, to, head).await?;
    if gone.applied.is_new() {
        notice::tell_due(app, &asker.tenant, &gone.due, asker.now);
    }
    Ok(accepted(&gone.applied))
}

/// The tenant as the change of that revision left it, for whoever may see the change log.
async fn then(asker: &Asker, revision: u64) -> Result<State> {
    asker.need(console::AUDIT_VIEW, "restore what was so in the past")?;
    let at = past::entry(&asker.tenant, revision).await?.entry.at;
    Ok(past::at_revision(&asker.tenant, at).await?)
}

/// Restores a role as it was at a revision.
///
/// One that was deleted since comes back without the assignments of it.
#[utoipa::path(
    post, path = "/roles/{id}/restore", tag = "Roles", operation_id = "restoreRole",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_role(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    document(&asker, (Part::Role(path.id.clone()), Kind::Role, &path.id, expected), write, to).await
}

/// Restores a package as it was at a revision.
///
/// Nobody is put on it again.
#[utoipa::path(
    post, path = "/packages/{id}/restore", tag = "Packages", operation_id = "restorePackage",
    params(Write, IfMatchHeader),
    request_body = RestoreTo, responses((status = 200, body = Accepted))
)]
pub async fn restore_package(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::PACKAGES_VIEW, "see packages")?;
    document(&asker, (Part::Package(path.id.clone()), Kind::Package, &path.id, expected), write, to).await
}

/// Restores a person as they were at a revision.
///
/// Name, email, attributes, status and package. One who was deleted since comes back without roles, groups and a way to sign in.
#[utoipa::path(
    post, path = "/users/{id}/restore", tag = "People", operation_id = "restoreUser",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_user(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see people")?;
    document(&asker, (Part::User(path.id.clone()), Kind::User, &path.id, expected), write, to).await
}

/// Restores a group as it was at a revision.
///
/// One that was deleted since comes back without who was in it and what it held. One of the identity provider stays as it is.
#[utoipa::path(
    post, path = "/groups/{id}/restore", tag = "Groups", operation_id = "restoreGroup",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_group(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::GROUPS_VIEW, "see groups")?;
    document(&asker, (Part::Group(path.id.clone()), Kind::Group, &path.id, expected), write, to).await
}

/// Restores an assignment as it was at a revision.
///
/// When it counts; one that was taken away comes back as a new one, with an id of its own.
#[utoipa::path(
    post, path = "/assignments/{id}/restore", tag = "Assignments", operation_id = "restoreAssignment",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_assignment(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see who holds which role")?;
    let expected = Expected::Document(Kind::Assignment, path.id.clone(), expected);
    let applied = part(&asker, (Part::Assignment(path.id.clone()), expected), write, to).await?;
    Ok(accepted(&applied))
}

/// Restores the settings as they were at a revision.
#[utoipa::path(
    post, path = "/settings/restore", tag = "Policy", operation_id = "restoreSettings",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_settings(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::SETTINGS_VIEW, "see the settings")?;
    document(&asker, (Part::Settings, Kind::Settings, Kind::ONLY, expected), write, to).await
}

/// Restores the whole policy as it was at a revision.
///
/// Catalogue, settings, roles, packages and tests.
#[utoipa::path(
    post, path = "/policy/restore", tag = "Policy", operation_id = "restorePolicy",
    params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_policy(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see the policy")?;
    let edit = restoring(&asker, (Part::Policy, Expected::Policy(expected.clone())), write, to).await?;
    let applied = asker.tenant.apply(edit).await;
    Ok(accepted(&or_what_changed(&asker, applied, &expected).await?))
}

/// Restores a part that is one document, of which the answer tells the new version.
async fn document(
    asker: &Asker,
    (what, kind, id, expected): (Part, Kind, &str, IfMatch),
    write: Write,
    to: RestoreTo,
) -> Result<Response> {
    let expected = Expected::Document(kind, id.to_owned(), expected);
    let applied = part(asker, (what, expected), write, to).await?;
    Ok(edited(&applied, kind, id))
}

async fn part(asker: &Asker, what: (Part, Expected), write: Write, to: RestoreTo) -> Result<Applied> {
    Ok(asker.tenant.apply(restoring(asker, what, write, to).await?).await?)
}

/// The edit that restores a part.
async fn restoring(
    asker: &Asker,
    (part, expected): (Part, Expected),
    write: Write,
    to: RestoreTo,
) -> Result<Edit> {
    let then = then(asker, to.revision).await?;
    let change = part.change(asker.loaded.state.documents(), &then)?;
    let mut edit = write.on(Edit { expected: Some(expected), goes_back: true, ..asker.edit(change)? });
    edit.reason.get_or_insert_with(|| part.reason(to.revision));
    Ok(edit)
}
