//! Sessions: one's own, and an end to those of others.

use std::cmp::Reverse;

use axum::response::Response;
use rolewright_model::{Change, console, rules};
use rolewright_wire::Accepted;
use rolewright_wire::problem::code;
use rolewright_wire::session::{Proof, SessionRow, Sessions};
use serde::Deserialize;

use super::done;
use super::session::carried;
use crate::auth::client::Client;
use crate::auth::{Asker, session};
use crate::extract::{Ask, At, Id, Json, Write};
use crate::problem::{Failure, Result};
use crate::tenant::Edit;

/// One's own sessions, the one that was used last first.
#[utoipa::path(
    get, path = "/session/all", tag = "Sign-in", operation_id = "listSessions",
    responses((status = 200, body = Sessions))
)]
pub async fn list(asker: Asker) -> Result<axum::Json<Sessions>> {
    let own = asker.session()?;
    Ok(axum::Json(of(&asker, &own.user).await?))
}

/// A person's sessions, the one that was used last first.
///
/// Whoever asks may end them: they must hold everything that the person holds.
#[utoipa::path(
    get, path = "/users/{id}/sessions", tag = "People", operation_id = "listUserSessions",
    responses((status = 200, body = Sessions))
)]
pub async fn list_of(asker: Asker, At(path): At<Id>) -> Result<axum::Json<Sessions>> {
    reaches(&asker, &path.id)?;
    Ok(axum::Json(of(&asker, &path.id).await?))
}

/// Whether whoever asks may see and end a person's sessions.
fn reaches(asker: &Asker, id: &str) -> Result<()> {
    asker.need(console::USERS_MANAGE, "see the sessions of a person")?;
    let state = &asker.loaded.state;
    if !state.documents().directory.users.contains_key(id) {
        return Err(Failure::not_found("such user"));
    }
    Ok(rules::acts_for(state, &asker.actor()?, id, "see the sessions of", asker.now)?)
}

/// The sessions of a user, the one that was used last first.
async fn of(asker: &Asker, user: &str) -> Result<Sessions> {
    let own = asker.session().ok().map(|session| &session.key);
    let mut all = session::all(&asker.tenant, user, asker.now).await?;
    all.sort_by_key(|session| Reverse((session.used, session.created)));
    let row = |session: session::Session| SessionRow {
        id: session.id(),
        current: own == Some(&session.key),
        created: session.created,
        used: session.used,
        expires: session.expires(),
        address: session.address,
        agent: session.agent,
    };
    Ok(Sessions { items: all.into_iter().map(row).collect() })
}

/// Ends all of one's own sessions but the one that asks.
///
/// Whoever asks shows again who they are.
#[utoipa::path(
    delete, path = "/session/all", tag = "Sign-in", operation_id = "endOtherSessions", params(Write),
    request_body = Proof,
    responses((status = 204, description = "The others are ended", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 429, description = "Too many tries"))
)]
pub async fn end_others(
    asker: Asker,
    client: Client,
    Ask(write): Ask<Write>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    let own = asker.session()?;
    let edit = asker.edit(Change::EndOtherSessions { id: own.user.clone(), session: None })?;
    end(&asker, &client, &body, write.on(edit)).await
}

/// Ends one of one's own other sessions.
///
/// Whoever asks shows again who they are. The session that asks is ended by signing out, `DELETE /session`.
#[utoipa::path(
    delete, path = "/session/all/{id}", tag = "Sign-in", operation_id = "endSession", params(Write),
    request_body = Proof,
    responses((status = 204, description = "It is ended", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 429, description = "Too many tries"))
)]
pub async fn end_one(
    asker: Asker,
    client: Client,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    let own = asker.session()?;
    let none = || Failure::not_found("such other session of yours");
    let all = session::all(&asker.tenant, &own.user, asker.now).await?;
    let found = all.into_iter().find(|session| session.key != own.key && session.id() == path.id);
    let found = found.ok_or_else(none)?;
    let edit = asker.edit(Change::EndOtherSessions { id: own.user.clone(), session: Some(path.id) })?;
    let edit = Edit { spent: vec![found.end()], ..edit };
    let ended = end(&asker, &client, &body, write.on(edit)).await;
    ended.map_err(|failure| match failure.code() {
        // It ended by itself meanwhile: whoever asks is there still, or it were 401.
        code::LINK_GONE => none(),
        _ => failure,
    })
}

/// Ends sessions of whoever asks, who shows again who they are. The one that asks goes on under a new token.
async fn end(asker: &Asker, client: &Client, shown: &Proof, edit: Edit) -> Result<Response> {
    let before = asker.session()?;
    let proof = asker.prove(client, &shown.password, shown.code.as_ref()).await?;
    let new = before.renewed(asker.now)?;
    let spent = edit.spent.into_iter().chain([before.end()]).collect();
    let applied = proof.apply(Edit { spent, records: vec![new.record()], ..edit }).await?;
    if !applied.is_new() {
        return Ok(done(&applied));
    }
    Ok(carried(&asker.tenant, &new, done(&applied)))
}

/// Ends a person's sessions now.
///
/// Whoever asks must hold everything that the person holds.
#[utoipa::path(
    delete, path = "/users/{id}/sessions", tag = "People", operation_id = "endUserSessions", params(Write),
    responses((status = 204, description = "They are ended"),
        (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn end_all(asker: Asker, At(path): At<Id>, Ask(write): Ask<Write>) -> Result<Response> {
    let edit = asker.edit(Change::EndSessions { id: path.id, session: None })?;
    Ok(done(&asker.tenant.apply(write.on(edit)).await?))
}

/// One of a person's sessions, in a path.
#[derive(Debug, Deserialize)]
pub struct SessionOf {
    id: String,
    session: String,
}

/// Ends one of a person's sessions now.
///
/// Whoever asks must hold everything that the person holds.
#[utoipa::path(
    delete, path = "/users/{id}/sessions/{session}", tag = "People", operation_id = "endUserSession",
    params(Write),
    responses((status = 204, description = "It is ended"), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn end_one_of(asker: Asker, At(path): At<SessionOf>, Ask(write): Ask<Write>) -> Result<Response> {
    let SessionOf { id, session } = path;
    reaches(&asker, &id)?;
    let none = || Failure::not_found("such session of theirs");
    let all = session::all(&asker.tenant, &id, asker.now).await?;
    let found = all.into_iter().find(|one| one.id() == session).ok_or_else(none)?;
    let edit = asker.edit(Change::EndSessions { id, session: Some(session) })?;
    let edit = Edit { spent: vec![found.end()], ..edit };
    let ended = asker.tenant.apply(write.on(edit)).await.map_err(Failure::from);
    let applied = ended.map_err(|failure| match failure.code() {
        // It ended by itself meanwhile.
        code::LINK_GONE => none(),
        _ => failure,
    })?;
    Ok(done(&applied))
}
