//! Roles.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::catalogue::slug_of;
use rolewright_model::change::Kind;
use rolewright_model::directory::{AssignmentDocument, Principal};
use rolewright_model::role::RoleDocument;
use rolewright_model::{Change, State, Timestamp, console};
use rolewright_wire::Accepted;
use rolewright_wire::role::{Assigned, Replacement, RoleView, Roles};
use serde::Deserialize;

use super::{accepted, edited, same_id, written};
use crate::auth::Asker;
use crate::conditional::{IfMatch, etag};
use crate::extract::{Ask, At, Id, Json, Reason, When, Write};
use crate::openapi::IfMatchHeader;
use crate::problem::{Failure, Result};
use crate::tenant::{Edit, Expected, Loaded, Tenant, beside};

/// Every role, in the order in which they are shown.
#[utoipa::path(
    get, path = "/roles", tag = "Roles", operation_id = "listRoles",
    params(When), responses((status = 200, body = Roles))
)]
pub async fn list(asker: Asker, Ask(when): Ask<When>) -> Result<axum::Json<Roles>> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    let seen = asker.seen(when.as_of).await?;
    let uses = uses(&seen.loaded, seen.now).await?;
    let mut items = Vec::new();
    for role in seen.loaded.state.documents().roles_in_order() {
        items.push(told(&asker.tenant, &seen.loaded, role, &uses).await);
    }
    Ok(axum::Json(Roles { items }))
}

/// A role.
#[utoipa::path(
    get, path = "/roles/{id}", tag = "Roles", operation_id = "getRole",
    params(When), responses((status = 200, body = RoleView))
)]
pub async fn read(asker: Asker, At(path): At<Id>, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    let seen = asker.seen(when.as_of).await?;
    let role = seen.loaded.state.role(&path.id).ok_or_else(|| Failure::not_found("such role"))?;
    let uses = uses(&seen.loaded, seen.now).await?;
    let body = told(&asker.tenant, &seen.loaded, role, &uses).await;
    Ok(seen.answer(Kind::Role, &path.id, body))
}

/// Adds a role.
///
/// Where its `id` is empty, one is made of the name.
#[utoipa::path(
    post, path = "/roles", tag = "Roles", operation_id = "createRole", params(Write), request_body = RoleDocument,
    responses((status = 201, body = RoleView, headers(("ETag" = String))), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn create(
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(mut role): Json<RoleDocument>,
) -> Result<Response> {
    if role.is_built_in() {
        asker.need(console::ROLES_MANAGE, "create a role")?;
        return Err(not_built_in());
    }
    if role.id.is_empty() {
        let taken = |id: &str| asker.loaded.state.role(id).is_some();
        role.id = fresh_slug(&role.name, taken);
    }
    let created = Some(role.id.clone());
    let edit = Edit { created, ..asker.edit(Change::CreateRole { role })? };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    let made = applied.created.as_ref().and_then(|id| applied.after.state.role(id));
    let Some(role) = made.filter(|_| !applied.dry_run) else { return Ok(accepted(&applied)) };
    let uses = uses(&applied.after, asker.now).await?;
    let body = told(&asker.tenant, &applied.after, role, &uses).await;
    let mut response = (StatusCode::CREATED, axum::Json(body)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag(applied.at)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(written(&applied, response))
}

/// Replaces a role; its id stays.
#[utoipa::path(
    put, path = "/roles/{id}", tag = "Roles", operation_id = "updateRole",
    params(Write, IfMatchHeader), request_body = RoleDocument,
    responses((status = 200, body = Accepted))
)]
pub async fn update(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(role): Json<RoleDocument>,
) -> Result<Response> {
    same_id(&path.id, &role.id)?;
    let before = asker.loaded.state.role(&path.id);
    // One that is built in is refused in any case.
    if role.is_built_in() && before.is_some_and(|before| !before.is_built_in()) {
        asker.need(console::ROLES_MANAGE, "edit a role")?;
        return Err(not_built_in());
    }
    let edit = asker.edit(Change::UpdateRole { role })?;
    let expected = Some(Expected::Document(Kind::Role, path.id.clone(), expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(edited(&applied, Kind::Role, &path.id))
}

/// How a role is removed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Whether only to say what would happen, and to write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Why, for the change log: 500 characters at most.
    #[param(value_type = Option<String>)]
    reason: Option<Reason>,
    /// The role that the packages that carry it carry instead; empty takes it out of them. Where
    /// it is not said, a role that a package carries is not removed.
    replace_with: Option<String>,
    /// Whether the policy tests that name the role are removed with it. Where they are not, one that would fail is in the way.
    #[serde(default)]
    with_tests: bool,
}

/// Removes a role, with the assignments of it.
///
/// With `replace_with`, in one change, from the packages that carry it too; with `with_tests` with the policy tests that name it.
#[utoipa::path(
    delete, path = "/roles/{id}", tag = "Roles", operation_id = "deleteRole", params(Removal, IfMatchHeader),
    responses((status = 200, body = Accepted))
)]
pub async fn delete(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(removal): Ask<Removal>,
) -> Result<Response> {
    let mut changes = Vec::new();
    if removal.with_tests {
        changes.push(Change::RemoveTestsOfRole { role: path.id.clone() });
    }
    if let Some(with) = removal.replace_with {
        asker.need(console::ROLES_MANAGE, "delete a role")?;
        asker.need(console::PACKAGES_MANAGE, "edit packages")?;
        let wrong = |message: String| Err(Failure::invalid_at("query.replace_with", message));
        if with == path.id {
            return wrong(format!("`{with}` cannot stand in for itself: choose another role"));
        }
        if !with.is_empty() && asker.loaded.state.role(&with).is_none() {
            return wrong(format!("there is no role `{with}`: choose another role"));
        }
        let with = Some(with).filter(|with| !with.is_empty());
        changes.push(Change::ReplaceRoleInPackages { role: path.id.clone(), with });
    }
    let delete = Change::DeleteRole { id: path.id.clone() };
    let change = match changes.is_empty() {
        true => delete,
        false => Change::Batch { changes: changes.into_iter().chain([delete]).collect() },
    };
    let edit = asker.edit(change)?;
    let expected = Some(Expected::Document(Kind::Role, path.id, expected));
    let write = Write { dry_run: removal.dry_run, reason: removal.reason };
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

/// In every package that carries the role, carries another instead, or none.
///
/// `If-Match` names the role, as where it is deleted.
#[utoipa::path(
    post, path = "/roles/{id}/replace", tag = "Roles", operation_id = "replaceRoleInPackages",
    params(Write, IfMatchHeader),
    request_body = Replacement, responses((status = 200, body = Accepted))
)]
pub async fn replace(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(body): Json<Replacement>,
) -> Result<Response> {
    let edit = asker.edit(Change::ReplaceRoleInPackages { role: path.id.clone(), with: body.with })?;
    let expected = Some(Expected::Document(Kind::Role, path.id, expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

fn not_built_in() -> Failure {
    let message = "built-in roles come with the policy: leave `kind` out, or write `custom`";
    Failure::invalid_at("$.kind", message)
}

/// An id made of a name that nothing has yet.
pub(super) fn fresh_slug(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut slug = slug_of(name);
    if slug.is_empty() {
        "unnamed".clone_into(&mut slug);
    }
    // Room for a number.
    slug.truncate(56);
    if !taken(&slug) {
        return slug;
    }
    let numbered = (2_u32..).map(|n| format!("{slug}_{n}")).find(|id| !taken(id));
    numbered.unwrap_or(slug)
}

/// How much a role is used.
#[derive(Clone, Debug, Default)]
struct Use {
    /// How many active users hold it now.
    holders: u64,
    assigned: Assigned,
}

/// How much each role is used now.
async fn uses(loaded: &Arc<Loaded>, now: Timestamp) -> Result<HashMap<String, Use>> {
    let loaded = Arc::clone(loaded);
    Ok(beside(move || counted(&loaded.state, now)).await?)
}

/// The same, `O(holdings + assignments)`.
fn counted(state: &State, now: Timestamp) -> HashMap<String, Use> {
    let roles = state.documents().roles.keys();
    let mut uses: HashMap<String, Use> = roles.map(|role| (role.clone(), Use::default())).collect();
    let base = state.documents().roles.values().find(|role| role.base).map(|role| role.id.as_str());
    for subject in state.subjects().filter(|subject| subject.is_active()) {
        let held: BTreeSet<&str> = state.roles_now(&subject, now).map(|(role, _)| role).chain(base).collect();
        held.into_iter().for_each(|role| uses.get_mut(role).into_iter().for_each(|of| of.holders += 1));
    }
    let mut known: HashSet<(&str, &Principal)> = HashSet::new();
    for AssignmentDocument { role, principal, .. } in state.documents().directory.assignments.values() {
        let Some(Use { assigned, .. }) = uses.get_mut(role).filter(|_| known.insert((role, principal)))
        else {
            continue;
        };
        match principal {
            Principal::User(_) => assigned.users += 1,
            Principal::Group(_) => assigned.groups += 1,
            Principal::Everyone => {}
        }
    }
    for AssignmentDocument { id, role, .. } in state.auto_assigned() {
        uses.get_mut(role).into_iter().for_each(|of| of.assigned.auto_assign = Some(id.clone()));
    }
    uses
}

async fn told(
    tenant: &Tenant,
    loaded: &Loaded,
    role: &RoleDocument,
    uses: &HashMap<String, Use>,
) -> RoleView {
    let Use { holders, assigned } = uses.get(&role.id).cloned().unwrap_or_default();
    let at = loaded.revision(Kind::Role, &role.id).unwrap_or_default();
    let carries = |package: &&rolewright_model::package::PackageDocument| {
        package.roles.iter().any(|link| link.role == role.id)
    };
    let packages = loaded.state.documents().packages.values().filter(carries);
    let tests = loaded.state.documents().tests.iter().filter(|test| test.names_role(&role.id));
    RoleView {
        role: role.clone(),
        revision: at.revision,
        changed: tenant.time_of(at).await,
        created: loaded.created(&role.id),
        holders,
        assigned,
        packages: packages.map(|package| package.id.clone()).collect(),
        tests: tests.map(|test| test.name.clone()).collect(),
    }
}
