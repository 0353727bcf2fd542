//! Whether the server answers, and the public keys of what it signs.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::Shared;
use crate::problem::Result;

/// Whether the server answers and its store can be read.
#[utoipa::path(get, path = "/healthz", tag = "Server", responses((status = 200, body = Value)), security(()))]
pub async fn health(State(app): State<Shared>) -> Result<axum::Json<Value>> {
    app.store().tenants().await?;
    Ok(axum::Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
}

/// The public keys of snapshots, stamps and passes: a JWK set, each key under its thumbprint.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Checkers",
    responses((status = 200, body = Value)), security(())
)]
pub async fn keys(State(app): State<Shared>) -> Result<Response> {
    let tenants = app.tenants().await?;
    let keys: Vec<Value> = tenants.iter().map(|tenant| tenant.signer.jwk()).collect();
    let headers =
        [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=60")];
    Ok((headers, json!({ "keys": keys }).to_string()).into_response())
}
