//! One's own password.

use axum::extract::State;
use axum::response::Response;
use rolewright_model::Change;
use rolewright_wire::Accepted;
use rolewright_wire::session::PasswordChange;

use super::done;
use super::session::carried;
use crate::app::Shared;
use crate::auth::client::Client;
use crate::auth::strength::{self, About};
use crate::auth::{Asker, password};
use crate::extract::{Ask, Json, Write};
use crate::mail::notice;
use crate::problem::{Failure, Result};
use crate::tenant::Edit;

/// Changes one's own password.
///
/// Every other session ends.
#[utoipa::path(
    put, path = "/session/password", tag = "Sign-in", operation_id = "changePassword",
    params(Write), request_body = PasswordChange,
    responses((status = 204, description = "It is changed", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 429, description = "Too many tries"))
)]
pub async fn change(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Ask(write): Ask<Write>,
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
    let edit = asker.edit(Change::SetPassword { id: before.user.clone() })?;
    let records = vec![password::set(&before.user, hash, asker.now), new.record()];
    let applied = proof.apply(write.on(Edit { spent: vec![before.end()], records, ..edit })).await?;
    if !applied.is_new() {
        return Ok(done(&applied));
    }
    notice::tell(&app, &asker.tenant, &before.user, notice::password_changed, asker.now);
    Ok(carried(&asker.tenant, &new, done(&applied)))
}
