//! One's own password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_wire::session::PasswordChange;

use super::session::carried;
use crate::app::Shared;
use crate::auth::client::Client;
use crate::auth::strength::{self, About};
use crate::auth::{Asker, password, reset, session};
use crate::extract::Json;
use crate::mail::notice;
use crate::problem::{Failure, Result};

/// Changes one's own password. Every other session ends.
#[utoipa::path(
    put, path = "/session/password", tag = "Sign-in", request_body = PasswordChange,
    responses((status = 204, description = "It is changed"),
        (status = 429, description = "Too many tries"))
)]
pub async fn change(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Json(body): Json<PasswordChange>,
) -> Result<Response> {
    let before = asker.session()?;
    let user = asker.loaded.state.documents().directory.users.get(&before.user);
    let about = About::of(&asker.loaded, user.ok_or_else(Failure::unauthenticated)?);
    let chosen = body.new_password.expose();
    strength::check_at("$.new_password", chosen, &about)
        .map_err(|problem| Failure::invalid(vec![problem]))?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    let hash = app.passwords.hash(chosen).await?;
    let new = before.renewed(asker.now)?;
    let mut records = vec![before.end(), password::set(&before.user, hash, asker.now)];
    records.extend(session::end_all(&before.user));
    records.extend(reset::end_all(&before.user));
    records.push(new.record());
    proof.settle(records).await?;
    notice::tell(&app, &asker.tenant, &before.user, notice::password_changed, asker.now);
    Ok(carried(&new, StatusCode::NO_CONTENT.into_response()))
}
