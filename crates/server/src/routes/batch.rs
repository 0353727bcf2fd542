//! Several changes in one, all or nothing.

use std::collections::HashSet;

use axum::extract;
use axum::response::Response;
use rolewright_model::change::Kind;
use rolewright_model::{Change, State};
use rolewright_wire::Accepted;
use rolewright_wire::batch::Batch;

use super::accepted;
use super::roles::fresh_slug;
use crate::app::Shared;
use crate::auth::Asker;
use crate::auth::key_change::Managed;
use crate::auth::key_makers::Makers;
use crate::conditional::IfMatch;
use crate::extract::{Ask, Json, Write};
use crate::mail::notice;
use crate::openapi::HeadHeader;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{Edit, Expected};

/// Makes several changes in one, all or nothing.
///
/// Each is decided where the ones before it are made. A role, a package or a group that is created with an empty id
/// gets a new one; one that later changes of the batch name needs an id of the caller's. The answer says under
/// `created` which change created what. With an `If-Match` of the whole tenant it is made only where nothing changed
/// since, and takes no `versions`: so a fix is made that an explanation or a finding names. Such a fix alone may be the
/// edit or the end of a key.
#[utoipa::path(
    post, path = "/batch", tag = "Batch", operation_id = "applyBatch",
    params(Write, HeadHeader), request_body = Batch,
    responses(
        (status = 200, body = Accepted),
        (status = 412, description = "A document, or with an `If-Match` the tenant, was changed meanwhile"),
        (status = 428, description = "A document that is edited has no version")
    )
)]
pub async fn make(
    extract::State(app): extract::State<Shared>,
    asker: Asker,
    head: IfMatch,
    Ask(write): Ask<Write>,
    Json(mut batch): Json<Batch>,
) -> Result<Response> {
    if let [Change::UpdateKey { .. } | Change::EndKey { .. }] = batch.changes.as_slice()
        && !head.is_missing()
        && let Some(change) = batch.changes.pop()
    {
        return mend_key(&asker, change, head, write).await;
    }
    let problems = batch.problems();
    if !problems.is_empty() {
        return Err(Failure::invalid(problems));
    }
    let version = |(n, change)| {
        let (kind, id): (Kind, &str) = edited(change)?;
        let mut versions = batch.versions.iter();
        let version = versions.find(|version| version.kind == kind && version.id == id);
        let tags = version.map(|version| vec![version.etag.clone()]);
        Some((n, Expected::Document(kind, id.to_owned(), IfMatch::of(tags.unwrap_or_default()))))
    };
    let expected = Some(match head.is_missing() {
        true => Expected::Parts(batch.changes.iter().enumerate().filter_map(version).collect()),
        false => Expected::Head(head),
    });
    name_all(&mut batch.changes, &asker.loaded.state)?;
    let edit = asker.edit(Change::Batch { changes: batch.changes })?;
    let parts = created(&edit.change, &edit.context.id);
    let edit = Edit { parts, ..edit };
    let due = notice::due(&edit.change, &asker.loaded.state);
    let remarks = Makers::of(&asker, &edit.change).await?;
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    let applied = applied.with_remarks(remarks);
    if applied.is_new() {
        notice::tell_due(&app, &asker.tenant, &due, asker.now);
    }
    Ok(accepted(&applied))
}

/// Edits or ends a key as a finding names it, where the tenant is as it was then, and so the key.
async fn mend_key(asker: &Asker, change: Change, head: IfMatch, write: Write) -> Result<Response> {
    if let Some(applied) = asker.made_before(&write).await? {
        return Ok(accepted(&applied));
    }
    let at_head = |change| {
        let edit = write.on(asker.edit(change)?);
        Ok(Edit { expected: Some(Expected::Head(head)), ..edit })
    };
    let (tenant, who, now) = (&asker.tenant, &asker.who, asker.now);
    let applied = match change {
        Change::UpdateKey { key, .. } => {
            Managed::read(tenant, who, &key.id, now).await?.edit(tenant, key.into(), at_head).await?.1
        }
        Change::EndKey { key, .. } => {
            Managed::read_to_end(tenant, who, &key.id, now).await?.end(tenant, at_head).await?
        }
        _ => return Err(Failure::not_found("such key")),
    };
    Ok(accepted(&applied))
}

/// Gives an id to each new document that has none.
fn name_all(changes: &mut [Change], state: &State) -> Result<()> {
    let mut taken: HashSet<String> = changes.iter().filter_map(named).map(ToOwned::to_owned).collect();
    for change in changes {
        match change {
            Change::CreateRole { role } if role.id.is_empty() => {
                let is_taken = |id: &str| taken.contains(id) || state.role(id).is_some();
                role.id = fresh_slug(&role.name, is_taken);
                taken.insert(role.id.clone());
            }
            Change::CreatePackage { package } if package.id.is_empty() => {
                let is_taken = |id: &str| taken.contains(id) || state.policy().package(id).is_some();
                package.id = fresh_slug(&package.name, is_taken);
                taken.insert(package.id.clone());
            }
            Change::CreateGroup { group } if group.id.is_empty() => group.id = secret::fresh_id("g_")?,
            _ => {}
        }
    }
    Ok(())
}

/// The slug that a change gives to a new document, as far as it says one.
fn named(change: &Change) -> Option<&str> {
    match change {
        Change::CreateRole { role } => Some(&role.id),
        Change::CreatePackage { package } => Some(&package.id),
        _ => None,
    }
}

/// The id of the document that each change of a batch creates, where it does; the model makes those of links.
fn created(batch: &Change, context: &str) -> Vec<Option<String>> {
    let Change::Batch { changes } = batch else { return Vec::new() };
    let id = |(n, change): (usize, &Change)| match change {
        Change::CreateRole { role } => Some(role.id.clone()),
        Change::CreatePackage { package } => Some(package.id.clone()),
        Change::CreateGroup { group } => Some(group.id.clone()),
        Change::AddMember { .. } | Change::Assign { .. } | Change::SetWindow { .. } => {
            Some(format!("{context}.{n}.0"))
        }
        _ => None,
    };
    changes.iter().enumerate().map(id).collect()
}

/// The document that a change replaces, removes or says to be right as it is, and which it must therefore name a version of:
/// what the paths demand an `If-Match` for.
fn edited(change: &Change) -> Option<(Kind, &str)> {
    match change {
        Change::UpdateRole { role } => Some((Kind::Role, &role.id)),
        Change::DeleteRole { id } | Change::ReplaceRoleInPackages { role: id, .. } => Some((Kind::Role, id)),
        Change::UpdatePackage { package } => Some((Kind::Package, &package.id)),
        Change::DeletePackage { id } => Some((Kind::Package, id)),
        Change::UpdateUser { user } => Some((Kind::User, &user.id)),
        Change::SetName { id, .. }
        | Change::SetAttributes { id, .. }
        | Change::SetStatus { id, .. }
        | Change::SetPackage { id, .. }
        | Change::DeleteUser { id } => Some((Kind::User, id)),
        Change::UpdateGroup { group } => Some((Kind::Group, &group.id)),
        Change::DeleteGroup { id } => Some((Kind::Group, id)),
        Change::SetWindow { id, .. } | Change::Unassign { id } | Change::KeepAssignment { id } => {
            Some((Kind::Assignment, id))
        }
        Change::UpdateCatalogue { .. } => Some((Kind::Catalogue, Kind::ONLY)),
        Change::UpdateSettings { .. } => Some((Kind::Settings, Kind::ONLY)),
        Change::UpdateTests { .. } => Some((Kind::Tests, Kind::ONLY)),
        // What names the role goes, whatever else was edited of the tests.
        Change::RemoveTestsOfRole { .. }
        | Change::CreateRole { .. }
        | Change::CreatePackage { .. }
        | Change::InviteUser { .. }
        | Change::CreateUser { .. }
        | Change::AcceptInvitation { .. }
        | Change::CreateGroup { .. }
        | Change::AddMember { .. }
        | Change::RemoveMember { .. }
        | Change::Assign { .. }
        | Change::SetEntitlement { .. }
        | Change::ImportPolicy { .. }
        | Change::PutBack { .. }
        | Change::MakeKey { .. }
        | Change::UpdateKey { .. }
        | Change::RenewKey { .. }
        | Change::EndKey { .. }
        | Change::SendInvitation { .. }
        | Change::RevokeInvitation { .. }
        | Change::StartPasswordReset { .. }
        | Change::SetEmail { .. }
        | Change::SetPassword { .. }
        | Change::TurnOnSecondFactor { .. }
        | Change::TurnOffSecondFactor { .. }
        | Change::ReplaceSecondFactor { .. }
        | Change::RenewRecoveryCodes { .. }
        | Change::ResetSecondFactor { .. }
        | Change::EndSessions { .. }
        | Change::EndOtherSessions { .. }
        | Change::ViewAs { .. }
        | Change::EndViewAs { .. }
        | Change::SetProviderRecord { .. }
        | Change::Batch { .. } => None,
    }
}
