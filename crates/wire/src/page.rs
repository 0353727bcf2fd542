//! Paging: an opaque cursor, bound to the query that it continues.

use serde::{Deserialize, Serialize};

/// The most rows that one page has.
pub const MOST_ROWS: u32 = 200;
/// The rows of a page where the request does not say.
pub const ROWS: u32 = 50;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows the whole list has.
    pub total: u64,
    /// How many of them come before these.
    #[serde(default)]
    pub before: u64,
    /// Where the next page begins; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
