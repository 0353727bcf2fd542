//! Roles.

use rolewright_model::role::RoleDocument;
use serde::{Deserialize, Serialize};

/// Every role, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Roles {
    /// The roles.
    pub items: Vec<RoleView>,
}

/// A role and its use. Its `ETag` is its revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleView {
    /// The role.
    pub role: RoleDocument,
    /// The change that last wrote it.
    pub revision: u64,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<rolewright_model::Timestamp>,
    /// How many active users hold it now, through whatever.
    pub holders: u64,
    /// The ids of the packages that carry it.
    pub packages: Vec<String>,
}

/// A new role. Without an id, one is made of the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// The role; an empty `id` is filled in.
    pub role: RoleDocument,
}

/// In every package that carries the role, carry another instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// The role that comes; none takes it out.
    #[serde(default)]
    pub with: Option<String>,
}
