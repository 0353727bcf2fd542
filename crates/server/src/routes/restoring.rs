//! Going back: undo, and what was restored, each as a new change.

use axum::extract::State as Of;
use axum::response::Response;
use rolewright_model::change::Kind;
use rolewright_model::{Change, State, console};
use rolewright_wire::Accepted;
use rolewright_wire::history::RestoreTo;

use super::audit::Revision;
use super::policy::or_what_changed;
use super::{accepted, edited};
use crate::app::Shared;
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, NoBody, Write};
use crate::history::{Back, Part, go};
use crate::mail::notice;
use crate::openapi::{HeadHeader, IfMatchHeader};
use crate::past;
use crate::problem::Result;
use crate::sight::Sight;
use crate::tenant::{Applied, Edit, Expected};

/// Takes back what a change did, as a new change.
///
/// Its documents are put back as they were before it, by the rules of the single changes that would do so. Links that
/// come back are new ones. Refused where somebody changed one of the documents since; with an `If-Match` also where the
/// tenant is no longer at that revision.
#[utoipa::path(
    post, path = "/audit/{revision}/undo", tag = "Audit", operation_id = "undoChange",
    params(Write, HeadHeader),
    responses((status = 200, body = Accepted), (status = 412, description = "The tenant was changed meanwhile"))
)]
pub async fn undo(
    app: Of<Shared>,
    asker: Asker,
    At(path): At<Revision>,
    head: IfMatch,
    Ask(write): Ask<Write>,
    _: NoBody,
) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "take a change back")?;
    let entry = past::entry(&asker.tenant, path.revision()).await?.entry;
    let undo = Back::Undo { entry: Box::new(entry), sight: Sight::of(&asker) };
    back(&app, &asker, write, &head, path.revision(), undo).await
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
    let then = then(&asker, path.revision()).await?.documents().clone();
    back(&app, &asker, write, &head, path.revision(), Back::To(Box::new(then))).await
}

async fn back(
    app: &Shared,
    asker: &Asker,
    write: Write,
    head: &IfMatch,
    revision: u64,
    to: Back,
) -> Result<Response> {
    // The change is worked out where it is decided.
    let nothing = Change::Batch { changes: Vec::new() };
    let mut edit = write.on(Edit { goes_back: true, ..asker.edit(nothing)? });
    edit.reason.get_or_insert_with(|| to.reason(revision));
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
