//! The policy as a whole, and the settings.

use axum::response::Response;
use rolewright_model::change::Kind;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::{Change, PolicyDocument, console};
use rolewright_wire::Accepted;
use rolewright_wire::policy::{PolicyView, SettingsView};

use super::{accepted, edited};
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, Json, When, Write};
use crate::openapi::IfMatchHeader;
use crate::problem::Result;
use crate::tenant::{Edit, Expected};

/// The whole policy; an export. What it says under `policy` is what `PUT` takes; one of the past is restored by
/// `POST /policy/restore`.
#[utoipa::path(
    get, path = "/policy", tag = "Policy", params(When), responses((status = 200, body = PolicyView))
)]
pub async fn read(asker: Asker, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see the policy")?;
    let seen = asker.seen(when.as_of).await?;
    let at = seen.loaded.state.at();
    Ok(seen.tagged(at, PolicyView { at, policy: seen.loaded.state.policy_document() }))
}

/// Replaces the whole policy; an import.
#[utoipa::path(
    put, path = "/policy", tag = "Policy", params(Write, IfMatchHeader), request_body = PolicyDocument,
    responses((status = 200, body = Accepted))
)]
pub async fn replace(
    asker: Asker,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(policy): Json<PolicyDocument>,
) -> Result<Response> {
    let edit = asker.edit(Change::ImportPolicy { policy: Box::new(policy) })?;
    let expected = Some(Expected::Head(expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

/// The settings.
#[utoipa::path(
    get, path = "/settings", tag = "Policy", params(When), responses((status = 200, body = SettingsView))
)]
pub async fn read_settings(asker: Asker, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::SETTINGS_VIEW, "see the settings")?;
    let seen = asker.seen(when.as_of).await?;
    let at = seen.loaded.revision(Kind::Settings, Kind::ONLY).unwrap_or_default();
    let settings = seen.loaded.state.documents().settings.clone();
    Ok(seen.tagged(at, SettingsView { revision: at.revision, settings }))
}

/// Replaces the settings.
#[utoipa::path(
    put, path = "/settings", tag = "Policy", params(Write, IfMatchHeader), request_body = SettingsDocument,
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
