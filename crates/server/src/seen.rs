//! The documents that a question sees: as they are, or as they were.

use std::sync::Arc;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::Kind;
use rolewright_model::{Stamp, Timestamp};
use serde::Serialize;

use crate::conditional::Tagged;
use crate::tenant::Loaded;

/// The documents that a question sees.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The documents.
    pub loaded: Arc<Loaded>,
    /// When that is.
    pub now: Timestamp,
    /// Whether it is over.
    pub is_past: bool,
}

impl Seen {
    /// A document with the `ETag` that an edit of it names.
    #[must_use]
    pub fn answer<T: Serialize>(&self, kind: Kind, id: &str, body: T) -> Response {
        self.tagged(self.loaded.revision(kind, id).unwrap_or_default(), body)
    }

    /// What was last written by that change, with its `ETag`. What is past has none: no edit is made from it.
    #[must_use]
    pub fn tagged<T: Serialize>(&self, at: Stamp, body: T) -> Response {
        self.with(Tagged::at(at, body))
    }

    /// What is asked for, with an `ETag` where it is not past.
    #[must_use]
    pub fn with<T: Serialize>(&self, tagged: Tagged<T>) -> Response {
        let mut response = tagged.into_response();
        if self.is_past {
            let headers = response.headers_mut();
            headers.remove(header::ETAG);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}
