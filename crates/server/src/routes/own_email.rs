//! One's own email.

use axum::extract::State;
use axum::response::Response;
use rolewright_model::Change;
use rolewright_wire::Accepted;
use rolewright_wire::session::EmailChange;

use super::done;
use super::session::carried;
use crate::app::Shared;
use crate::auth::Asker;
use crate::auth::client::Client;
use crate::extract::{Ask, Json, Write};
use crate::mail::notice;
use crate::problem::Result;
use crate::tenant::Edit;

/// Changes one's own email.
///
/// Whoever may edit people may, and shows again who they are; `PUT /users/{id}` is for the email of others. Every other session
/// and open link ends; notices go to both addresses.
#[utoipa::path(
    put, path = "/session/email", tag = "Sign-in", operation_id = "changeEmail",
    params(Write), request_body = EmailChange,
    responses((status = 204, description = "It is changed", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 429, description = "Too many tries"))
)]
pub async fn change(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Ask(write): Ask<Write>,
    Json(body): Json<EmailChange>,
) -> Result<Response> {
    let before = asker.session()?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    let new = before.renewed(asker.now)?;
    let email = body.email.trim().to_owned();
    let edit = asker.edit(Change::SetEmail { id: before.user.clone(), email })?;
    let due = notice::due(&edit.change, &asker.loaded.state);
    let edit = Edit { spent: vec![before.end()], records: vec![new.record()], ..edit };
    let applied = proof.apply(write.on(edit)).await?;
    if !applied.is_new() {
        return Ok(done(&applied));
    }
    notice::tell_due(&app, &asker.tenant, &due, asker.now);
    Ok(carried(&asker.tenant, &new, done(&applied)))
}
