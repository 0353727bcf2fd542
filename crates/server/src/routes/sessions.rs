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

/// A session of a user by its id, to be ended; where there is none, none of `what` is found.
async fn find(asker: &Asker, user: &str, id: &str, what: &'static str) -> Result<session::Session> {
    let all = session::all(&asker.tenant, user, asker.now).await?;
    all.into_iter().find(|session| session.id() == id).ok_or_else(|| Failure::not_found(what))
}

/// A session that ended by itself meanwhile is not found.
fn unless_gone(failure: Failure, what: &'static str) -> Failure {
    match failure.code() {
        code::LINK_GONE => Failure::not_found(what),
        _ => failure,
    }
}

/// What is not found where a session is none of one's own others.
const OTHER: &str = "such other session of yours";
/// What is not found where a session is none of somebody's.
const THEIRS: &str = "such session of theirs";

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
    let found = find(&asker, &own.user, &path.id, OTHER).await?;
    if found.key == own.key {
        return Err(Failure::not_found(OTHER));
    }
    let edit = asker.edit(Change::EndOtherSessions { id: own.user.clone(), session: Some(path.id) })?;
    let edit = Edit { spent: vec![found.end()], ..edit };
    // Whoever asks is there still, or it were 401.
    end(&asker, &client, &body, write.on(edit)).await.map_err(|failure| unless_gone(failure, OTHER))
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
    let found = find(&asker, &id, &session, THEIRS).await?;
    let edit = asker.edit(Change::EndSessions { id, session: Some(session) })?;
    let edit = Edit { spent: vec![found.end()], ..edit };
    let ended = asker.tenant.apply(write.on(edit)).await;
    Ok(done(&ended.map_err(|failure| unless_gone(failure.into(), THEIRS))?))
}
