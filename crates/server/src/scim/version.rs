//! The versions of resources: weak `ETag`s of the document's revision and of how often what is kept beside it was
//! written.

use axum::http::{HeaderMap, header};
use rolewright_model::Stamp;

use super::error::{Result, ScimError};
use crate::conditional::etag;

/// The `meta.version` of a resource.
#[must_use]
pub fn version(at: Stamp, edits: u64) -> String {
    let at = etag(at);
    match edits {
        0 => format!("W/{at}"),
        edits => format!("W/\"{}-{edits}\"", at.trim_matches('"')),
    }
}

/// What a request says of the version that it is about.
#[derive(Clone, Debug, Default)]
pub struct Versions(Option<Vec<String>>);

impl Versions {
    /// Those of that header.
    #[must_use]
    pub fn of(headers: &HeaderMap, name: &header::HeaderName) -> Self {
        if !headers.contains_key(name) {
            return Self(None);
        }
        let all = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let tags = all.flat_map(|value| value.split(',')).map(|tag| weak(tag.trim()).to_owned());
        Self(Some(tags.collect()))
    }

    /// Whether one is named.
    #[must_use]
    pub fn is_said(&self) -> bool {
        self.0.is_some()
    }

    /// Whether that version is among those that are named.
    #[must_use]
    pub fn has(&self, version: &str) -> bool {
        self.0.iter().flatten().any(|tag| tag == "*" || tag == weak(version))
    }

    /// Whether the resource may be written, as it is.
    ///
    /// # Errors
    /// 412.
    pub fn meet(&self, version: &str) -> Result<()> {
        if !self.is_said() || self.has(version) { Ok(()) } else { Err(ScimError::outdated()) }
    }
}

/// Versions are compared weakly (RFC 9110, 8.8.3.2).
fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
