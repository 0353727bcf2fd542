//! Several changes in one.

use rolewright_model::Change;
use rolewright_model::change::Kind;
use serde::{Deserialize, Serialize};

/// How many changes a batch has at most.
pub const MOST_CHANGES: usize = 1000;

/// Several changes, made in this order, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The changes, 1,000 at most.
    pub changes: Vec<Change>,
    /// Which version of each document that they replace or remove they were made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
}

/// The version of a document that a change was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The document's kind.
    pub kind: Kind,
    /// The document's id; of catalogue, settings and tests there is one, called `default`.
    pub id: String,
    /// The `ETag` of its GET, with its quotes; or `*` for any.
    pub etag: String,
}
