//! The second factor: one turns on one's own, and an administrator resets that of who lost access.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_wire::secret::Secret;
use rolewright_wire::session::{Confirmation, Enrolment, Proof, RecoveryCodes};

use super::session::carried;
use crate::app::Shared;
use crate::auth::client::Client;
use crate::auth::{Asker, recovery, reset as password_reset, second_factor, session, throttle, totp};
use crate::extract::{At, Id, Json};
use crate::mail::notice;
use crate::problem::{Failure, Result};
use crate::request;

/// What an authenticator calls a tenant that has no name.
const ISSUER: &str = "Rolewright";

/// Begins to turn the second factor on: answers what the authenticator keeps, this once. It is on when
/// a code confirms it.
#[utoipa::path(
    post, path = "/session/second-factor", tag = "Sign-in", request_body = Proof,
    responses((status = 200, body = Enrolment),
        (status = 409, description = "It is on already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn begin(asker: Asker, client: Client, Json(body): Json<Proof>) -> Result<Response> {
    let before = asker.session()?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    if second_factor::is_on(&asker.tenant, &before.user, asker.now).await? {
        return Err(second_factor::is_on_already());
    }
    let documents = asker.loaded.state.documents();
    let user = documents.directory.users.get(&before.user).ok_or_else(Failure::unauthenticated)?;
    let issuer = Some(documents.settings.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(ISSUER);
    let shared = totp::Shared::fresh()?;
    let uri = shared.uri(issuer, &user.email)?;
    let (expires, waits) = second_factor::begin(&user.id, &shared, asker.now);
    let new = before.renewed(asker.now)?;
    proof.settle(vec![before.end(), new.record(), waits]).await?;
    let told = Enrolment { secret: shared.base32().into(), uri: uri.into(), expires };
    Ok(carried(&new, axum::Json(told).into_response()))
}

/// Turns the second factor on with a code of it: answers ten recovery codes, this once. Every other
/// session ends.
#[utoipa::path(
    post, path = "/session/second-factor/confirm", tag = "Sign-in", request_body = Confirmation,
    responses((status = 200, body = RecoveryCodes),
        (status = 409, description = "It is on already"),
        (status = 410, description = "Nothing waits to be confirmed"),
        (status = 429, description = "Too many tries"))
)]
pub async fn confirm(
    State(app): State<Shared>,
    asker: Asker,
    Json(body): Json<Confirmation>,
) -> Result<Response> {
    let (tenant, now, before) = (&asker.tenant, asker.now, asker.session()?);
    let user = before.user.as_str();
    let shared = second_factor::waiting(tenant, user, now).await?;
    let shared = shared.ok_or_else(second_factor::enrolment_gone)?;
    let account = (tenant.id(), user);
    app.throttle.attempt_code(account, now).map_err(throttle::too_many)?;
    let code: String = body.code.expose().split_whitespace().collect();
    let step = shared.step_of(&code, now).ok_or_else(second_factor::wrong_code)?;
    let (codes, fresh) = recovery::fresh(user)?;
    let new = before.renewed(now)?;
    let mut records = second_factor::turn_on(user, &shared, now);
    records.extend([second_factor::spend(user, step), before.end()]);
    records.extend(fresh);
    records.extend(session::end_all(user));
    // One that was opened without a code must not set a password without one.
    records.extend(password_reset::end_all(user));
    records.push(new.record());
    tenant.store().edit_records(tenant.id(), records, now).await.map_err(second_factor::lost)?;
    app.throttle.give_back_code(account);
    notice::tell(&app, tenant, user, notice::second_factor_on, now);
    let told = RecoveryCodes { codes: codes.into_iter().map(Secret::from).collect() };
    Ok(carried(&new, axum::Json(told).into_response()))
}

/// Turns one's own second factor off.
#[utoipa::path(
    delete, path = "/session/second-factor", tag = "Sign-in", request_body = Proof,
    responses((status = 204, description = "It is off"),
        (status = 409, description = "It is off already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn turn_off(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Json(body): Json<Proof>,
) -> Result<Response> {
    let before = asker.session()?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    let new = before.renewed(asker.now)?;
    let mut records = vec![before.end(), new.record()];
    records.extend(second_factor::turn_off(&before.user));
    proof.settle(records).await?;
    notice::tell(&app, &asker.tenant, &before.user, notice::second_factor_off, asker.now);
    Ok(carried(&new, StatusCode::NO_CONTENT.into_response()))
}

/// Turns off the second factor of a person who lost access to it, and ends all of that person's
/// sessions. The body is of the one who asks, who must hold everything that the person holds.
#[utoipa::path(
    post, path = "/users/{id}/second-factor/reset", tag = "People", request_body = Proof,
    responses((status = 204, description = "It is off"),
        (status = 409, description = "It is off already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn reset(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    At(path): At<Id>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    const WHAT: &str = "reset the second factor of";
    let before = asker.session()?;
    asker.acts_for(&asker.loaded, &path.id, WHAT)?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    // Checking took a while: what the two hold may have changed.
    let (_held, loaded) = asker.tenant.held().await?;
    asker.acts_for(&loaded, &path.id, WHAT)?;
    let new = before.renewed(asker.now)?;
    let mut records = vec![before.end()];
    records.extend(second_factor::turn_off(&path.id));
    records.extend(session::end_all(&path.id));
    records.push(new.record());
    proof.settle(records).await?;
    notice::tell(&app, &asker.tenant, &path.id, notice::second_factor_reset, asker.now);
    let (request, tenant) = (request::id(), asker.tenant.id());
    tracing::info!(%request, tenant, actor = %format_args!("user:{}", before.user), user = path.id, "a second factor was reset");
    Ok(carried(&new, StatusCode::NO_CONTENT.into_response()))
}
