//! Packages.

use axum::response::Response;
use rolewright_model::change::{Kind, PackageEdit};
use rolewright_model::package::PackageDocument;
use rolewright_model::{Change, console};
use rolewright_wire::Accepted;
use rolewright_wire::package::{PackageView, Packages};

use super::{accepted, edited, same_id};
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, When, Write};
use crate::openapi::IfMatchHeader;
use crate::problem::{Failure, Result};
use crate::seen::Seen;
use crate::tenant::{Edit, Expected, Loaded, beside};

/// Every package.
#[utoipa::path(
    get, path = "/packages", tag = "Packages", operation_id = "listPackages",
    params(When), responses((status = 200, body = Packages))
)]
pub async fn list(asker: Asker, Ask(when): Ask<When>) -> Result<axum::Json<Packages>> {
    asker.need(console::PACKAGES_VIEW, "see packages")?;
    let Seen { loaded, .. } = asker.seen(when.as_of).await?;
    let items = beside(move || {
        let packages = loaded.state.documents().packages.values();
        packages.map(|package| told(&loaded, package)).collect()
    });
    Ok(axum::Json(Packages { items: items.await? }))
}

/// A package.
#[utoipa::path(
    get, path = "/packages/{id}", tag = "Packages", operation_id = "getPackage", params(When),
    responses((status = 200, body = PackageView))
)]
pub async fn read(asker: Asker, At(path): At<Id>, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::PACKAGES_VIEW, "see packages")?;
    let seen = asker.seen(when.as_of).await?;
    let package = seen.loaded.state.policy().package(&path.id);
    let package = package.ok_or_else(|| Failure::not_found("such package"))?;
    let (loaded, package) = (seen.loaded.clone(), package.clone());
    let body = beside(move || told(&loaded, &package)).await?;
    Ok(seen.answer(Kind::Package, &path.id, body))
}

/// Adds a package.
///
/// With an empty id, one is made of the name.
#[utoipa::path(
    post, path = "/packages", tag = "Packages", operation_id = "createPackage",
    params(Write), request_body = PackageEdit,
    responses((status = 201, body = Accepted), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn create(
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(mut package): Json<PackageEdit>,
) -> Result<Response> {
    if package.id.is_empty() {
        let taken = |id: &str| asker.loaded.state.policy().package(id).is_some();
        package.id = super::roles::fresh_slug(&package.name, taken);
    }
    let created = Some(package.id.clone());
    let edit = Edit { created, ..asker.edit(Change::CreatePackage { package })? };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    Ok(accepted(&applied))
}

/// Replaces a package; roles that stay keep their links.
#[utoipa::path(
    put, path = "/packages/{id}", tag = "Packages", operation_id = "updatePackage",
    params(Write, IfMatchHeader), request_body = PackageEdit,
    responses((status = 200, body = Accepted))
)]
pub async fn update(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(package): Json<PackageEdit>,
) -> Result<Response> {
    same_id(&path.id, &package.id)?;
    let edit = asker.edit(Change::UpdatePackage { package })?;
    let expected = Some(Expected::Document(Kind::Package, path.id.clone(), expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(edited(&applied, Kind::Package, &path.id))
}

/// Removes a package that nobody is on.
#[utoipa::path(
    delete, path = "/packages/{id}", tag = "Packages", operation_id = "deletePackage",
    params(Write, IfMatchHeader),
    responses((status = 200, body = Accepted))
)]
pub async fn delete(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let edit = asker.edit(Change::DeletePackage { id: path.id.clone() })?;
    let expected = Some(Expected::Document(Kind::Package, path.id, expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

fn told(loaded: &Loaded, package: &PackageDocument) -> PackageView {
    let users = loaded.state.documents().directory.users.values();
    let on = users.filter(|user| user.package.as_ref().is_some_and(|link| link.package == package.id));
    PackageView {
        package: package.clone(),
        revision: loaded.revision(Kind::Package, &package.id).unwrap_or_default().revision,
        users: u64::try_from(on.count()).unwrap_or(u64::MAX),
    }
}
