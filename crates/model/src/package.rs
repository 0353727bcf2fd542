//! Packages: plans that carry roles. A user has at most one.

use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;

/// A package as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageDocument {
    /// A slug.
    pub id: String,
    /// What a person reads; unique in the tenant.
    pub name: String,
    /// What the plan is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The roles it carries, of the `user` audience.
    #[serde(default)]
    pub roles: Vec<PackageRole>,
}

/// A role that a package carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageRole {
    /// The role's id.
    pub role: String,
    /// The link's id.
    #[serde(default)]
    pub link: String,
    /// The change that made the link.
    #[serde(default)]
    pub made: Stamp,
}
