//! What the person invited does with the link.

use axum::extract::State;
use axum::response::Response;
use rolewright_model::directory::Status;
use rolewright_model::{Change, Code};
use rolewright_store::RecordOp;
use rolewright_wire::session::{Acceptance, Invitation, InvitationToken, Session};

use super::session::signed_in;
use super::written;
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::auth::client::Client;
use crate::auth::guess::Guess;
use crate::auth::strength::{self, About};
use crate::auth::throttle;
use crate::auth::{Visited, password};
use crate::extract::Json;
use crate::problem::{Failure, Result};
use crate::tenant::{Edit, is_refusal};
use crate::{invitation, secret};

/// What an invitation says to the person invited.
///
/// Asking does not use it up.
#[utoipa::path(
    post, path = "/invitations/inspect", tag = "Sign-in", operation_id = "inspectInvitation",
    request_body = InvitationToken,
    responses((status = 200, body = Invitation),
        (status = 410, description = "The link is no longer good")), security(())
)]
pub async fn inspect(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    Json(body): Json<InvitationToken>,
) -> Result<axum::Json<Invitation>> {
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    let found = invitation::find(&tenant, body.token.expose(), app.clock.now()).await?;
    let found = found.ok_or_else(Failure::link_gone)?;
    let loaded = tenant.loaded();
    let documents = loaded.state.documents();
    let user = documents.directory.users.get(&found.user);
    let user = user.filter(|user| user.status == Status::Invited).ok_or_else(Failure::link_gone)?;
    Ok(axum::Json(Invitation {
        tenant_name: documents.settings.name.clone(),
        email: user.email.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        expires: found.expires,
    }))
}

/// Accepts an invitation with a password of one's own, and signs in.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "Sign-in", operation_id = "acceptInvitation",
    request_body = Acceptance,
    responses((status = 200, body = Session, headers(("Set-Cookie" = String), ("Rolewright-Revision" = String))),
        (status = 410, description = "The link is no longer good"),
        (status = 409, description = "A rule is against it, as the tenant is"),
        (status = 429, description = "Too many tries")), security(())
)]
pub async fn accept(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    client: Client,
    Json(body): Json<Acceptance>,
) -> Result<Response> {
    let now = app.clock.now();
    let refused = |problem| Failure::invalid(vec![problem]);
    strength::check(body.password.expose(), &About::default()).map_err(refused)?;
    let guess = Guess::Link(body.token.expose());
    app.throttle.attempt(client.origin(), guess, now).map_err(throttle::too_many)?;
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    let found = invitation::find(&tenant, body.token.expose(), now).await?.ok_or_else(Failure::link_gone)?;
    let loaded = tenant.loaded();
    let user = loaded.state.documents().directory.users.get(&found.user).ok_or_else(Failure::link_gone)?;
    // Tokens of 256 bits cannot be guessed: whoever has one may try again, however this goes on.
    app.throttle.succeeded(client.origin(), guess);
    strength::check(body.password.expose(), &About::of(&loaded, user)).map_err(refused)?;
    let hash = app.passwords.hash(body.password.expose()).await?;
    let used_up =
        RecordOp::Take { kind: invitation::KIND.to_owned(), key: secret::stored(body.token.expose()) };
    let who = Who::Link { user: user.id.clone() };
    let change = Change::AcceptInvitation { id: user.id.clone(), inviter: found.inviter };
    let records = vec![used_up, password::set(&user.id, hash, now)];
    let applied = tenant
        .apply(Edit { records, ..Edit::new(who, change, app.context()?) })
        .await
        // Another was faster with the same link.
        .map_err(
            |error| if is_refusal(&error, Code::Unknown) { Failure::link_gone() } else { error.into() },
        )?;
    Ok(written(&applied, signed_in(&tenant, &user.id, &client, now).await?))
}
