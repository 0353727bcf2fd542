//! The checkers that ask for snapshots with API keys.

use rolewright_model::snapshot::SnapshotKind;
use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};

/// A checker, as far as it can be told apart: several behind one address, of one kind and with one key, are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckerView {
    /// The id of the key that it asks with.
    pub key: String,
    /// What that key is called; none where it is no longer good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// What it asks for: `policy` or `full`.
    pub kind: SnapshotKind,
    /// The address that it asks from; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it says it is, in its `User-Agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The revision that it was told last.
    pub at: Stamp,
    /// How many revisions the tenant has made since; none where the tenant was restored from a backup meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<u64>,
    /// When it last asked.
    pub asked: Timestamp,
    /// Whether the freshness stamp that it was given then is no longer good: it answers no to everything until it asks again.
    pub expired: bool,
}
