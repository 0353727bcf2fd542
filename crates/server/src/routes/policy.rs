//! The policy as a whole, and the settings.

use axum::response::Response;
use rolewright_model::change::Kind;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::{Change, PolicyDocument, console};
use rolewright_wire::Accepted;
use rolewright_wire::policy::{PolicyView, SettingsView};

use super::{accepted, edited};
use crate::auth::Asker;
use crate::conditional::{IfMatch, Tagged};
use crate::extract::{Ask, Json, When, Write};
use crate::openapi::IfMatchHeader;
use crate::policy_version::{changed_since, policy_etag};
use crate::problem::{Failure, Result};
use crate::tenant::{Applied, Edit, Error, Expected};

/// The whole policy; an export.
///
/// What it says under `policy` is what `PUT` takes; one of the past is restored by `POST /policy/restore`.
#[utoipa::path(
    get, path = "/policy", tag = "Policy", operation_id = "getPolicy",
    params(When), responses((status = 200, body = PolicyView))
)]
pub async fn read(asker: Asker, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see the policy")?;
    let seen = asker.seen(when.as_of).await?;
    let at = seen.loaded.state.at();
    let body = PolicyView { at, policy: seen.loaded.state.policy_document() };
    Ok(seen.with(Tagged { etag: policy_etag(&seen.loaded), body }))
}

/// Replaces the whole policy; an import.
#[utoipa::path(
    put, path = "/policy", tag = "Policy", operation_id = "replacePolicy",
    params(Write, IfMatchHeader), request_body = PolicyDocument,
    responses((status = 200, body = Accepted))
)]
pub async fn replace(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(policy): Json<PolicyDocument>,
) -> Result<Response> {
    let edit = asker.edit(Change::ImportPolicy { policy: Box::new(policy) })?;
    let edit = Edit { expected: Some(Expected::Policy(expected.clone())), ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await;
    Ok(accepted(&or_what_changed(&asker, applied, &expected).await?))
}

/// An edit of the policy; a conflict tells what of the policy changed since the version that it names.
pub(super) async fn or_what_changed(
    asker: &Asker,
    applied: Result<Applied, Error>,
    named: &IfMatch,
) -> Result<Applied> {
    match applied {
        Err(error @ Error::Outdated { .. }) => {
            let changed = changed_since(&asker.tenant, named).await;
            Err(Failure::from(error).with_changed(changed))
        }
        applied => Ok(applied?),
    }
}

/// The settings.
#[utoipa::path(
    get, path = "/settings", tag = "Policy", operation_id = "getSettings",
    params(When), responses((status = 200, body = SettingsView))
)]
pub async fn read_settings(asker: Asker, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::SETTINGS_VIEW, "see the settings")?;
    let seen = asker.seen(when.as_of).await?;
    let at = seen.loaded.revision(Kind::Settings, Kind::ONLY).unwrap_or_default();
    let settings = seen.loaded.state.documents().settings.clone();
    Ok(seen.tagged(at, SettingsView { revision: at.revision, settings }))
}

/// Replaces the settings.
///
/// A tenant that has a name is not left without one.
#[utoipa::path(
    put, path = "/settings", tag = "Policy", operation_id = "updateSettings",
    params(Write, IfMatchHeader), request_body = SettingsDocument,
    responses((status = 200, body = Accepted))
)]
pub async fn replace_settings(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(settings): Json<SettingsDocument>,
) -> Result<Response> {
    let edit = asker.edit(Change::UpdateSettings { settings })?;
    let expected = Some(Expected::Document(Kind::Settings, Kind::ONLY.to_owned(), expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(edited(&applied, Kind::Settings, Kind::ONLY))
}
