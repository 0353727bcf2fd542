//! Assignments.

use rolewright_model::directory::AssignmentDocument;
use serde::{Deserialize, Serialize};

/// An assignment. `GET /assignments` takes `role`, `user`, `group`, `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignmentView {
    /// The assignment.
    pub assignment: AssignmentDocument,
    /// What a person calls the principal.
    pub principal_name: String,
}
