//! Roles: named sets of grants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A role as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleDocument {
    /// A slug, stable for ever.
    pub id: String,
    /// What a person reads; unique in the tenant.
    pub name: String,
    /// What the role is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it came with the product.
    #[serde(default)]
    pub kind: RoleKind,
    /// Whom it is meant for.
    #[serde(default)]
    pub audience: Audience,
    /// Whether it is the one role that every active user holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base: bool,
    /// Whether it is implicitly every permission at its top level.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub superuser: bool,
    /// The ids of roles whose grants it has too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<String>,
    /// The permissions it grants, each with its level. What is not here is not granted, or
    /// follows the base role.
    #[serde(default, deserialize_with = "crate::json::unique")]
    pub grants: BTreeMap<String, String>,
    /// Grants that count only through assignments whose own scope is a resource of a type, in
    /// full: a collection is not. Beside [`grants`](Self::grants), of which the higher counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited: Vec<LimitedGrant>,
    /// The resource types at which it counts, if not everywhere: a space role. It counts, and
    /// brings what it inherits, only through assignments whose own scope is a resource of one of
    /// these, in full. Also where another role inherits it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope_types: Vec<String>,
    /// Where it stands among the roles; those of one position by name.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub position: u32,
    /// Whether giving it makes a user a full user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promotes: bool,
}

/// A grant that counts only at resources of one type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitedGrant {
    /// The permission's id.
    pub permission: String,
    /// The level's id.
    pub level: String,
    /// The resource type's id.
    pub at: String,
}

/// Where a role comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoleKind {
    /// It came with the product: it can be duplicated, not edited.
    BuiltIn,
    /// It was made here.
    #[default]
    Custom,
}

/// Whom a role or a permission is meant for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The product's users.
    #[default]
    User,
    /// Those who administer it.
    Admin,
}

impl RoleDocument {
    /// A custom role that grants nothing.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            kind: RoleKind::Custom,
            audience: Audience::User,
            base: false,
            superuser: false,
            inherits: Vec::new(),
            grants: BTreeMap::new(),
            limited: Vec::new(),
            scope_types: Vec::new(),
            position: 0,
            promotes: false,
        }
    }

    /// Whether it counts only at resources of some types.
    #[must_use]
    pub fn is_space_role(&self) -> bool {
        !self.scope_types.is_empty()
    }

    /// Whether it came with the product.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.kind == RoleKind::BuiltIn
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}
