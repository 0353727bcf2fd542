//! What some people hold, role by role: what a bulk edit begins with.

use serde::{Deserialize, Serialize};

use crate::bulk::Which;

/// Which people are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichPeople {
    /// Which people.
    pub which: Which,
}

/// What some people hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldRoles {
    /// How many people they are.
    pub people: u64,
    /// The roles that some of them hold, in the order of ids; the base role apart, which all do.
    pub roles: Vec<RoleHeld>,
}

/// How some people hold a role, whether or not they are active. Who has one of their own now, later and before counts as
/// having it now; of what they hold otherwise, what has ended or begins later is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleHeld {
    /// The role's id.
    pub role: String,
    /// How many have it of their own, for the whole tenant: what a bulk edit takes away.
    pub own: u64,
    /// How many others have it of their own, for the whole tenant, from later on.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub scheduled: u64,
    /// How many others had it of their own, for the whole tenant: it has ended, and was not taken away.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub expired: u64,
    /// In what other ways they hold it, those of most people first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Through>,
}

fn is_nobody<N: Default + PartialEq>(people: &N) -> bool {
    *people == N::default()
}

/// A way in which some people hold a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Through {
    /// What kind of way.
    pub kind: Way,
    /// The group, the package or the place; none where the asker may not see groups.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How many of them.
    pub people: u64,
}

/// A kind of way in which a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WayOfHolding))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By a group.
    Group,
    /// As everyone does.
    Everyone,
    /// By their package.
    Package,
    /// Of their own, at one place.
    Place,
}
