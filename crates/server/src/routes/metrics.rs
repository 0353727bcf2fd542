//! What was counted, for Prometheus: beside the API, on a listener of its own.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::app::Shared;
use crate::metrics::MEDIA_TYPE;
use crate::problem::{Failure, Result};
use crate::request;

/// Everything that the listener for metrics answers.
pub fn router(app: Shared) -> Router {
    Router::new().route("/metrics", get(read)).fallback(request::no_such_path).with_state(app)
}

async fn read(State(app): State<Shared>) -> Result<Response> {
    let text = app.counted().map_err(|error| Failure::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}
