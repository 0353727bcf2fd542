//! Going back: undo, and what was restored, each as a new change.

use axum::extract::State as Of;
use axum::response::Response;
use rolewright_model::change::{Kind, PackageEdit};
use rolewright_model::documents::Documents;
use rolewright_model::restore::restoring;
use rolewright_model::{Change, State, console};
use rolewright_wire::Accepted;
use rolewright_wire::history::RestoreTo;

use super::audit::{Revision, entry};
use super::{accepted, edited};
use crate::app::Shared;
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, Write};
use crate::history::{Back, go};
use crate::mail::notice;
use crate::openapi::IfMatchHeader;
use crate::past;
use crate::problem::{Failure, Result};
use crate::sight::Sight;
use crate::tenant::{Edit, Expected};

/// Takes back what a change did, as a new change: its documents are put back as they were before it, by the rules of
/// the single changes that would do so. Links that come back are new ones. Refused where somebody changed one of the
/// documents since; with an `If-Match` also where the tenant is no longer at that revision.
#[utoipa::path(
    post, path = "/audit/{revision}/undo", tag = "Audit", params(Write),
    responses((status = 200, body = Accepted), (status = 412, description = "The tenant was changed meanwhile"))
)]
pub async fn undo(
    app: Of<Shared>,
    asker: Asker,
    At(path): At<Revision>,
    head: IfMatch,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    asker.need(console::AUDIT_VIEW, "take a change back")?;
    let entry = entry(&asker, path.revision()).await?.entry;
    let undo = Back::Undo { entry: Box::new(entry), sight: Sight::of(&asker) };
    back(&app, &asker, write, &head, path.revision(), undo).await
}

/// Restores everything that the tenant said at a revision, policy and people, as one new change. With an `If-Match` only
/// where the tenant is at that revision still.
#[utoipa::path(
    post, path = "/revisions/{revision}/restore", tag = "Audit", params(Write),
    responses((status = 200, body = Accepted), (status = 412, description = "The tenant was changed meanwhile"))
)]
pub async fn restore(
    app: Of<Shared>,
    asker: Asker,
    At(path): At<Revision>,
    head: IfMatch,
    Ask(write): Ask<Write>,
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
    let mut edit = write.on(asker.edit(Change::Batch { changes: Vec::new() })?);
    edit.reason.get_or_insert_with(|| to.reason(revision));
    let gone = go(&asker.tenant, edit, to, head).await?;
    if gone.applied.is_new() {
        notice::tell_left(app, &asker.tenant, &gone.left, asker.now);
    }
    Ok(accepted(&gone.applied))
}

/// The tenant as the change of that revision left it, for whoever may see the change log.
async fn then(asker: &Asker, revision: u64) -> Result<State> {
    asker.need(console::AUDIT_VIEW, "restore what was so in the past")?;
    let at = entry(asker, revision).await?.entry.at;
    Ok(past::at_revision(&asker.tenant, at).await?)
}

/// Restores a role as it was at a revision; one that was deleted since, without the assignments of it.
#[utoipa::path(
    post, path = "/roles/{id}/restore", tag = "Roles", params(Write, IfMatchHeader), request_body = RestoreTo,
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
    let then = then(&asker, to.revision).await?;
    let role = then.role(&path.id).ok_or_else(|| Failure::not_found("such role at that revision"))?.clone();
    let now = asker.loaded.state.documents();
    let change = match now.roles.contains_key(&path.id) {
        true => Change::UpdateRole { role },
        // One that is built in comes with a policy alone, and so by who may replace that.
        false if role.is_built_in() => {
            let mut documents: Documents = now.clone();
            documents.roles.insert(path.id.clone(), role);
            restoring(now, &documents).ok_or_else(|| Failure::not_found("such role"))?
        }
        false => Change::CreateRole { role },
    };
    document(&asker, change, (Kind::Role, path.id), expected, write, to).await
}

/// Restores a package as it was at a revision; nobody is put on it again.
#[utoipa::path(
    post, path = "/packages/{id}/restore", tag = "Packages", params(Write, IfMatchHeader),
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
    let then = then(&asker, to.revision).await?;
    let package = then.documents().packages.get(&path.id).map(PackageEdit::of);
    let package = package.ok_or_else(|| Failure::not_found("such package at that revision"))?;
    let change = match asker.loaded.state.documents().packages.contains_key(&path.id) {
        true => Change::UpdatePackage { package },
        false => Change::CreatePackage { package },
    };
    document(&asker, change, (Kind::Package, path.id), expected, write, to).await
}

/// Restores the settings as they were at a revision.
#[utoipa::path(
    post, path = "/settings/restore", tag = "Policy", params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_settings(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::SETTINGS_VIEW, "see the settings")?;
    let settings = then(&asker, to.revision).await?.documents().settings.clone();
    let change = Change::UpdateSettings { settings };
    document(&asker, change, (Kind::Settings, Kind::ONLY.to_owned()), expected, write, to).await
}

/// Restores the whole policy as it was at a revision: catalogue, settings, roles, packages and tests.
#[utoipa::path(
    post, path = "/policy/restore", tag = "Policy", params(Write, IfMatchHeader), request_body = RestoreTo,
    responses((status = 200, body = Accepted))
)]
pub async fn restore_policy(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(to): Json<RestoreTo>,
) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see the policy")?;
    let policy = then(&asker, to.revision).await?.policy_document();
    let edit = restored(&asker, Change::ImportPolicy { policy: Box::new(policy) }, write, to)?;
    let edit = Edit { expected: Some(Expected::Head(expected)), ..edit };
    Ok(accepted(&asker.tenant.apply(edit).await?))
}

async fn document(
    asker: &Asker,
    change: Change,
    (kind, id): (Kind, String),
    expected: IfMatch,
    write: Write,
    to: RestoreTo,
) -> Result<Response> {
    let expected = Some(Expected::Document(kind, id.clone(), expected));
    let edit = Edit { expected, ..restored(asker, change, write, to)? };
    let applied = asker.tenant.apply(edit).await?;
    Ok(edited(&applied, kind, &id))
}

fn restored(asker: &Asker, change: Change, write: Write, to: RestoreTo) -> Result<Edit> {
    let mut edit = write.on(asker.edit(change)?);
    edit.reason.get_or_insert_with(|| format!("restore of revision {}", to.revision));
    Ok(edit)
}
