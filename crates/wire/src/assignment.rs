//! Assignments.

use rolewright_model::directory::AssignmentDocument;
use serde::{Deserialize, Serialize};

/// An assignment. Its `ETag` is its revision. `GET /assignments` takes `search`, `role`, `user`,
/// `group`, `scope`, `reaching`, `sort`, `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignmentView {
    /// The assignment.
    pub assignment: AssignmentDocument,
    /// The change that last wrote it.
    pub revision: u64,
    /// What a person calls the principal.
    pub principal_name: String,
}
