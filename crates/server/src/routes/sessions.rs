//! Sessions: one's own, and an end to those of others.

use std::cmp::Reverse;

use axum::response::Response;
use rolewright_model::Change;
use rolewright_store::Error::Spent;
use rolewright_wire::Accepted;
use rolewright_wire::session::{SessionRow, Sessions};

use super::done;
use crate::auth::{Asker, session};
use crate::extract::{Ask, At, Id, Write};
use crate::problem::{Failure, Result};
use crate::tenant::{self, Edit};

/// One's own sessions, the one that was used last first.
#[utoipa::path(
    get, path = "/session/all", tag = "Sign-in", operation_id = "listSessions",
    responses((status = 200, body = Sessions))
)]
pub async fn list(asker: Asker) -> Result<axum::Json<Sessions>> {
    let own = asker.session()?;
    let mut all = session::all(&asker.tenant, &own.user, asker.now).await?;
    all.sort_by_key(|session| Reverse((session.used, session.created)));
    let row = |session: session::Session| SessionRow {
        id: session.id(),
        current: session.key == own.key,
        created: session.created,
        used: session.used,
        expires: session.expires(),
        address: session.address,
        agent: session.agent,
    };
    Ok(axum::Json(Sessions { items: all.into_iter().map(row).collect() }))
}

/// Ends all of one's own sessions but the one that asks.
#[utoipa::path(
    delete, path = "/session/all", tag = "Sign-in", operation_id = "endOtherSessions", params(Write),
    responses((status = 204, description = "The others are ended"),
        (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn end_others(asker: Asker, Ask(write): Ask<Write>) -> Result<Response> {
    let own = asker.session()?;
    let edit = asker.edit(Change::EndOtherSessions { id: own.user.clone(), session: None })?;
    let edit = Edit { spent: vec![own.end()], records: vec![own.put()], ..edit };
    Ok(done(&asker.tenant.apply(write.on(edit)).await?))
}

/// Ends one of one's own other sessions.
///
/// The one that asks is ended by signing out, `DELETE /session`.
#[utoipa::path(
    delete, path = "/session/all/{id}", tag = "Sign-in", operation_id = "endSession", params(Write),
    responses((status = 204, description = "It is ended"),
        (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn end_one(asker: Asker, At(path): At<Id>, Ask(write): Ask<Write>) -> Result<Response> {
    let own = asker.session()?;
    if let Some(made) = asker.made_before(&write).await? {
        return Ok(done(&made));
    }
    let none = || Failure::not_found("such other session of yours");
    let all = session::all(&asker.tenant, &own.user, asker.now).await?;
    let found = all.into_iter().find(|session| session.key != own.key && session.id() == path.id);
    let found = found.ok_or_else(none)?;
    let edit = asker.edit(Change::EndOtherSessions { id: own.user.clone(), session: Some(path.id) })?;
    let edit = Edit { spent: vec![found.end()], ..edit };
    let ended = asker.tenant.apply(write.on(edit)).await.map_err(|error| match error {
        // It ended by itself meanwhile.
        tenant::Error::Store(Spent { kind, .. }) if kind == session::KIND => none(),
        error => error.into(),
    });
    Ok(done(&ended?))
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
    let edit = asker.edit(Change::EndSessions { id: path.id })?;
    Ok(done(&asker.tenant.apply(write.on(edit)).await?))
}
