//! Whether the server runs and is ready, and the public keys of what it signs.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::Shared;
use crate::config::DEFAULT_TENANT;
use crate::problem::Result;
use crate::signing::Public;
use crate::tenant;

/// How long the store may take until it does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the server runs: where it does not answer, start it again.
#[utoipa::path(
    get, path = "/healthz", tag = "Server", operation_id = "getHealth",
    responses((status = 200, body = Value)), security(())
)]
pub async fn health() -> axum::Json<Value> {
    axum::Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// Whether the server is ready for requests.
///
/// Its store answers, its default tenant opens, and it is not being stopped. Where it is not, send requests elsewhere;
/// `not_ready` says why.
#[utoipa::path(
    get, path = "/readyz", tag = "Server", operation_id = "getReadiness",
    responses((status = 200, body = Value), (status = 503, body = Value, description = "Not ready")),
    security(())
)]
pub async fn ready(State(app): State<Shared>) -> Response {
    let mut not_ready = Vec::new();
    if app.is_leaving() {
        not_ready.push(json!({ "what": "server", "why": "it is being stopped" }));
    }
    let store = async { app.store().tenants().await.map(drop).map_err(tenant::Error::from) };
    if !answers(&app, "the store does not answer", store).await {
        not_ready.push(json!({ "what": "store", "why": "it does not answer" }));
    } else if !answers(&app, "the tenant does not open", async { app.tenant(DEFAULT_TENANT).await.map(drop) })
        .await
    {
        not_ready.push(json!({ "what": "tenant", "why": format!("`{DEFAULT_TENANT}` does not open") }));
    }
    if not_ready.is_empty() {
        return axum::Json(json!({ "status": "ready" })).into_response();
    }
    let body = json!({ "status": "not_ready", "not_ready": not_ready });
    (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
}

/// Whether it does so soon. Why not goes to the log alone.
async fn answers(app: &Shared, otherwise: &str, it: impl Future<Output = Result<(), tenant::Error>>) -> bool {
    let cause = match tokio::time::timeout(PATIENCE, it).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it takes too long".to_owned(),
    };
    app.metrics.store_failed();
    tracing::warn!(cause, "{otherwise}");
    false
}

/// The public keys of snapshots, stamps and passes.
///
/// A JWK set, each key under its thumbprint.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Checkers", operation_id = "getSigningKeys",
    responses((status = 200, body = Value, content_type = "application/jwk-set+json")), security(())
)]
pub async fn keys(State(app): State<Shared>) -> Result<Response> {
    let tenants = app.tenants().await?;
    let (mut keys, now) = (Vec::new(), app.clock.now());
    for tenant in &tenants {
        keys.extend(tenant.signer().published(now).map(Public::jwk));
    }
    let headers =
        [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=60")];
    Ok((headers, json!({ "keys": keys }).to_string()).into_response())
}
