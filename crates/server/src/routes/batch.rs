//! Several changes in one, all or nothing.

use axum::extract::State;
use axum::response::Response;
use rolewright_model::Change;
use rolewright_model::change::Kind;
use rolewright_wire::Accepted;
use rolewright_wire::batch::{Batch, MOST_CHANGES};

use super::accepted;
use crate::app::Shared;
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, Json, Write};
use crate::mail::notice;
use crate::problem::{Failure, Result};
use crate::tenant::{Edit, Expected};

/// Makes several changes in one, all or nothing, each decided where the ones before it are made.
#[utoipa::path(
    post, path = "/batch", tag = "Batch", params(Write), request_body = Batch,
    responses(
        (status = 200, body = Accepted),
        (status = 412, description = "A document was changed meanwhile"),
        (status = 428, description = "A document that is edited has no version")
    )
)]
pub async fn make(
    State(app): State<Shared>,
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(batch): Json<Batch>,
) -> Result<Response> {
    if batch.changes.is_empty() || batch.changes.len() > MOST_CHANGES {
        let message = format!("a batch has 1 to {MOST_CHANGES} changes");
        return Err(Failure::invalid_at("$.changes", message));
    }
    for (n, change) in batch.changes.iter().enumerate() {
        if let Some(instead) = elsewhere(change) {
            return Err(Failure::invalid_at(&format!("$.changes[{n}].change"), instead));
        }
    }
    let version = |(kind, id): (Kind, &str)| {
        let mut versions = batch.versions.iter();
        let version = versions.find(|version| version.kind == kind && version.id == id);
        let tags = version.map(|version| vec![version.etag.clone()]);
        Expected::Document(kind, id.to_owned(), IfMatch::of(tags.unwrap_or_default()))
    };
    let expected = Some(Expected::All(batch.changes.iter().filter_map(edited).map(version).collect()));
    let edit = asker.edit(Change::Batch { changes: batch.changes })?;
    let left = notice::addresses_left(&edit.change, &asker.loaded.state);
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    if applied.is_new() {
        notice::tell_left(&app, &asker.tenant, &left, asker.now);
    }
    Ok(accepted(&applied))
}

/// Where a change is made that more belongs to than documents: links, passwords, a batch itself.
fn elsewhere(change: &Change) -> Option<&'static str> {
    match change {
        Change::InviteUser { .. } => Some("an invitation has a link: use `POST /users`"),
        Change::AcceptInvitation { .. } => Some("use `POST /invitations/accept`"),
        Change::CreateUser { .. } => Some("invite the person by `POST /users`"),
        Change::ImportPolicy { .. } => Some("a policy is replaced by itself: use `PUT /policy`"),
        Change::Batch { .. } => Some("a batch has no batch in it: put its changes here"),
        _ => None,
    }
}

/// The document that a change replaces or removes, and which it must therefore name a version of: what
/// the paths demand an `If-Match` for.
fn edited(change: &Change) -> Option<(Kind, &str)> {
    match change {
        Change::UpdateRole { role } => Some((Kind::Role, &role.id)),
        Change::DeleteRole { id } => Some((Kind::Role, id)),
        Change::UpdatePackage { package } => Some((Kind::Package, &package.id)),
        Change::DeletePackage { id } => Some((Kind::Package, id)),
        Change::UpdateUser { user } => Some((Kind::User, &user.id)),
        Change::SetAttributes { id, .. }
        | Change::SetStatus { id, .. }
        | Change::SetPackage { id, .. }
        | Change::DeleteUser { id } => Some((Kind::User, id)),
        Change::UpdateGroup { group } => Some((Kind::Group, &group.id)),
        Change::DeleteGroup { id } => Some((Kind::Group, id)),
        Change::SetWindow { id, .. } => Some((Kind::Assignment, id)),
        Change::UpdateCatalogue { .. } => Some((Kind::Catalogue, Kind::ONLY)),
        Change::UpdateSettings { .. } => Some((Kind::Settings, Kind::ONLY)),
        Change::UpdateTests { .. } => Some((Kind::Tests, Kind::ONLY)),
        Change::CreateRole { .. }
        | Change::ReplaceRoleInPackages { .. }
        | Change::CreatePackage { .. }
        | Change::InviteUser { .. }
        | Change::CreateUser { .. }
        | Change::AcceptInvitation { .. }
        | Change::CreateGroup { .. }
        | Change::AddMember { .. }
        | Change::RemoveMember { .. }
        | Change::Assign { .. }
        | Change::Unassign { .. }
        | Change::SetEntitlement { .. }
        | Change::ImportPolicy { .. }
        | Change::Batch { .. } => None,
    }
}
