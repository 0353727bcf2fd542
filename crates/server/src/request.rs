//! What happens to every request: an id, a log line, a time limit, and the headers that keep
//! browsers strict.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::Shared;
use crate::problem::Failure;
use crate::secret;

/// The header that carries a request's id, both ways.
pub const ID_HEADER: &str = "x-request-id";
/// How long a handler may take.
const LIMIT: Duration = Duration::from_secs(60);
/// The longest id accepted from outside.
const LONGEST_ID: usize = 128;

tokio::task_local! {
    static ID: String;
}

/// The id of the request that is being answered; empty outside of one.
#[must_use]
pub fn id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

/// Gives the request its id and its time limit, logs it, and sets the headers.
pub async fn observe(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(ID_HEADER)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_id(id))
        .map_or_else(|| secret::fresh_id("").unwrap_or_default(), ToOwned::to_owned);
    let method = request.method().clone();
    // The pattern and not the path: a path may name a person, and no secret belongs in a log.
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let begun = Instant::now();
    let answer = ID.scope(id.clone(), async {
        match tokio::time::timeout(LIMIT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::unavailable("this took too long: try again", 5).into_response(),
        }
    });
    let mut response = answer.await;
    let status = response.status().as_u16();
    let took = begun.elapsed().as_millis();
    tracing::debug!(%id, %method, path = path.as_deref().unwrap_or("-"), status, took, "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(ID_HEADER, id);
    }
    for (name, value) in STRICT {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

const STRICT: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// Where people come over TLS, their browsers shall never come without it again.
pub async fn only_encrypted<B>(State(app): State<Shared>, mut response: Response<B>) -> Response<B> {
    if app.config.public_url.starts_with("https://") {
        let value = HeaderValue::from_static("max-age=63072000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// What a handler that panicked answers.
#[must_use]
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Failure::internal(&"a handler panicked").into_response()
}

/// A path that there is not.
pub async fn no_such_path() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, rolewright_wire::problem::code::NOT_FOUND, "there is no such path")
}

/// A path without that method.
pub async fn no_such_method(request: Request) -> Failure {
    let detail = format!("this path has no {}: `Allow` says which it has", request.method());
    let code = rolewright_wire::problem::code::METHOD_NOT_ALLOWED;
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, code, detail)
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
