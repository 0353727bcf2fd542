//! What a handler takes out of a request. Every rejection is a problem.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use futures_util::StreamExt as _;
use rolewright_model::json;
use rolewright_wire::problem::code;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Failure;

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// How much of a body that is too large is thrown away before the answer, so that a client that
/// sends first and reads afterwards sees it.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A body in JSON, read strictly.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let detail = "the body must be JSON: send `Content-Type: application/json`";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::NOT_JSON, detail));
        }
        let read = tokio::time::timeout(PATIENCE, read(request.into_body()));
        let bytes = read.await.unwrap_or_else(|_| {
            let detail = "the body came too slowly: send it again";
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMED_OUT, detail))
        })?;
        decode(&bytes).map(Self)
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(announced.min(LARGEST_BODY));
    let mut length = 0_usize;
    let mut chunks = body.into_data_stream();
    while length <= THROWN_AWAY {
        let chunk: Bytes = match chunks.next().await {
            None if length <= LARGEST_BODY => return Ok(bytes),
            None => break,
            Some(Ok(chunk)) => chunk,
            Some(Err(_)) => return Err(malformed("the body ended early: send all of it")),
        };
        length = length.saturating_add(chunk.len());
        if length <= LARGEST_BODY {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    let detail = format!("the body is larger than {} MB: send less at once", LARGEST_BODY / (1024 * 1024));
    Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, detail))
}

fn malformed(detail: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail)
}

/// Reads JSON strictly: what is not JSON, or has a key twice, is malformed; what has not the shape
/// of `T` is not valid.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(format!("the body is not UTF-8 from byte {} on", error.valid_up_to())))?;
    if let Err(problems) = json::parse(text) {
        let detail = match problems.as_slice() {
            [only] => only.message.clone(),
            all => format!("{} things are wrong with the JSON", all.len()),
        };
        return Err(malformed(detail).with_errors(problems));
    }
    json::decode(text).map_err(Failure::invalid)
}

/// A body in JSON, or none.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, state).await.map(|Json(body)| Self(body))
    }
}

/// The query.
#[derive(Debug)]
pub struct Ask<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Failure::invalid_at("query", rejection.body_text())),
        }
    }
}

/// What the path says.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(path)) => Ok(Self(path)),
            Err(_) => Err(Failure::not_found("such path")),
        }
    }
}

/// The id in a path, beside the tenant.
#[derive(Debug, Deserialize)]
pub struct Id {
    /// The document's id.
    pub id: String,
}

/// The query of every write.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// Whether only to say what would happen, and to write nothing.
    #[serde(default)]
    pub dry_run: bool,
}
