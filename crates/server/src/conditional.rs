//! `ETag`, `If-Match` and `If-None-Match`: the revision of a document as HTTP says it.
//!
//! The `ETag` of a document names the version that an edit is made from. What is told of it may say more, such as what a
//! person holds through others, and differs by who asks: so `If-None-Match` is read of snapshots and assets alone, whose
//! `ETag` names all that is told.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolewright_model::Stamp;
pub use rolewright_wire::etag;
use rolewright_wire::problem::code;
use serde::Serialize;

use crate::problem::Failure;

/// What an edit's `If-Match` says; nothing where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// That of a request that names these.
    #[must_use]
    pub fn of(tags: Vec<String>) -> Self {
        Self(tags)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0.is_empty()
    }

    /// The first that it names.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether all that it names is weak, and so no version (RFC 9110, 13.1.1: they are compared as strong ones).
    #[must_use]
    pub fn is_weak(&self) -> bool {
        !self.is_missing() && self.0.iter().all(|tag| tag.starts_with("W/"))
    }

    /// Whether it names the tenant as it is: by its `ETag`, or as `Rolewright-Revision` tells it.
    #[must_use]
    pub fn names(&self, at: Stamp) -> bool {
        self.has(&etag(at)) || self.has(&format!("\"{at}\""))
    }

    /// Whether it names what has that `ETag`.
    #[must_use]
    pub fn has(&self, current: &str) -> bool {
        self.0.iter().any(|tag| tag == "*" || tag == current)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let tags = tags(&parts.headers, &header::IF_MATCH);
        let named = parts.headers.contains_key(header::IF_MATCH);
        if tags.iter().any(|tag| !is_tag(tag)) || named && tags.is_empty() {
            let detail = "`If-Match` is no `ETag`: send that of the document's GET, with its quotes";
            return Err(Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail));
        }
        Ok(Self(tags))
    }
}

/// What a GET's `If-None-Match` says; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// What a request's headers say.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self(tags(headers, &header::IF_NONE_MATCH))
    }

    /// Whether the client says nothing of what it has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the client has what `etag` names.
    #[must_use]
    pub fn has(&self, etag: &str) -> bool {
        self.0.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

/// `*`, or text in quotes, weak or not (RFC 9110, 8.8.3). No `ETag` of ours has a comma.
fn is_tag(tag: &str) -> bool {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let inside = quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    tag == "*" || inside.is_some_and(|inside| !inside.contains('"'))
}

fn tags(headers: &HeaderMap, name: &header::HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect()
}

/// A document with its `ETag`.
#[derive(Debug)]
pub struct Tagged<T> {
    /// The document.
    pub body: T,
    /// Its version.
    pub etag: String,
}

impl<T> Tagged<T> {
    /// A document that a change last wrote.
    #[must_use]
    pub fn at(at: Stamp, body: T) -> Self {
        Self { body, etag: etag(at) }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.body).into_response();
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.etag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        response
    }
}
