//! Sessions: one's own, and an end to those of others.

use std::cmp::Reverse;

use axum::http::StatusCode;
use rolewright_store::RecordOp;
use rolewright_wire::session::{SessionRow, Sessions};

use crate::auth::{Asker, session};
use crate::extract::{At, Id};
use crate::problem::{Failure, Result};
use crate::request;

/// One's own sessions, the one that was used last first.
#[utoipa::path(get, path = "/session/all", tag = "Sign-in", responses((status = 200, body = Sessions)))]
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
    delete, path = "/session/all", tag = "Sign-in",
    responses((status = 204, description = "The others are ended"))
)]
pub async fn end_others(asker: Asker) -> Result<StatusCode> {
    let own = asker.session()?;
    let mut records = vec![own.end()];
    records.extend(session::end_all(&own.user));
    records.push(own.put());
    asker.tenant.store().edit_records(asker.tenant.id(), records, asker.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's own sessions. Where it is the one that asks, that is signing out.
#[utoipa::path(
    delete, path = "/session/all/{id}", tag = "Sign-in",
    responses((status = 204, description = "It is ended"))
)]
pub async fn end_one(asker: Asker, At(path): At<Id>) -> Result<StatusCode> {
    let own = asker.session()?;
    let all = session::all(&asker.tenant, &own.user, asker.now).await?;
    let found = all.into_iter().find(|session| session.id() == path.id);
    let found = found.ok_or_else(|| Failure::not_found("such session of yours"))?;
    let records = vec![RecordOp::Delete { kind: session::KIND.to_owned(), key: found.key }];
    asker.tenant.store().edit_records(asker.tenant.id(), records, asker.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a person's sessions now. Whoever asks must hold everything that the person holds.
#[utoipa::path(
    delete, path = "/users/{id}/sessions", tag = "People",
    responses((status = 204, description = "They are ended"))
)]
pub async fn end_all(asker: Asker, At(path): At<Id>) -> Result<StatusCode> {
    let (_held, loaded) = asker.tenant.held().await?;
    asker.acts_for(&loaded, &path.id, "end the sessions of")?;
    let records = session::end_all(&path.id).to_vec();
    asker.tenant.store().edit_records(asker.tenant.id(), records, asker.now).await?;
    let (request, tenant, actor) = (request::id(), asker.tenant.id(), asker.who.label());
    tracing::info!(%request, tenant, actor, user = path.id, "a person's sessions were ended");
    Ok(StatusCode::NO_CONTENT)
}
