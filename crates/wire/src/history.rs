//! The past: the versions of a document, two revisions side by side, and going back.

use rolewright_model::equivalence::Equivalence;
use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::AuditWrite;
use crate::reach::Reach;

/// The most bytes of entries, versions or documents that one page has, unless one alone has more.
pub const MOST_BYTES: usize = 1_000_000;

/// The most changes that are taken back in one.
pub const MOST_TOGETHER: usize = 50;

/// Some versions of a document, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Versions {
    /// The versions.
    pub items: Vec<Version>,
    /// Where the next page begins; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A change that wrote or removed a document, and what that was after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocumentVersion))]
pub struct Version {
    /// The revision that the change made.
    pub at: Stamp,
    /// When.
    pub time: Timestamp,
    /// Who: `operator`, `user:ID` or `key:ID`.
    pub actor: String,
    /// What a person reads, of an API key too; empty where it is not known any more, or not for the one who asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor_name: String,
    /// What, in a word: `update_role`.
    pub action: String,
    /// Why, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The document after it; none where it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub document: Option<Value>,
}

/// What differs between two revisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Compared {
    /// The one.
    pub from: Stamp,
    /// The other.
    pub to: Stamp,
    /// Who gains and loses what from the one to the other, for sessions begun when the other was made.
    pub reach: Reach,
    /// Whether whoever holds the same roles at the same places may do the same in both; none for who may not see roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Equivalence>,
    /// Some of the documents that differ, by kind and id: of those kinds that the asker may see.
    pub documents: Vec<AuditWrite>,
    /// How many of those there are in all.
    pub total: usize,
    /// How many more differ, of kinds that the asker may not see.
    pub withheld: usize,
    /// Where the next page begins; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// As it was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreTo {
    /// The revision.
    pub revision: u64,
}
