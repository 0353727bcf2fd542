//! What an identity provider calls a person: it is kept beside the documents, and its edits are in the change log.

use serde::{Deserialize, Serialize};

/// What an identity provider says of a person and the directory has no place for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderRecord {
    /// What the provider calls the person.
    pub user_name: String,
    /// The provider's own id of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What the provider shows of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The addresses that the provider knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
}

impl ProviderRecord {
    /// Whether both name the person alike, so that the provider finds the same person by either.
    #[must_use]
    pub fn names_as(&self, other: &Self) -> bool {
        (&self.user_name, &self.external_id) == (&other.user_name, &other.external_id)
    }
}
