//! Places at which something is held.

use serde::{Deserialize, Serialize};

/// A place that is the scope of an assignment. `GET /places` takes `search`, `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceRow {
    /// The path.
    pub place: String,
    /// How many assignments have just this scope.
    pub assignments: u64,
}
