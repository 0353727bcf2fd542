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
    /// When it was made; none where that is not known: an older version wrote it, and the log was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<rolewright_model::Timestamp>,
    /// How many active users hold it now, through whatever.
    pub holders: u64,
    /// To whom it is assigned.
    pub assigned: Assigned,
    /// The ids of the packages that carry it.
    pub packages: Vec<String>,
    /// The policy tests that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
}

/// To whom a role is assigned, for whenever and wherever: each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assigned {
    /// How many users have it of their own.
    pub users: u64,
    /// How many groups.
    pub groups: u64,
    /// The id of the assignment that gives it to everyone while its switch is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_assign: Option<String>,
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
