//! Groups.

use rolewright_model::Timestamp;
use rolewright_model::directory::{AssignmentDocument, GroupDocument, MembershipDocument};
use serde::{Deserialize, Serialize};

/// One row of the groups table. `GET /groups` takes `search`, `role`, `sort`, `limit` and
/// `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupRow {
    /// The group.
    pub group: GroupDocument,
    /// How many users and groups are directly in it.
    pub members: u64,
    /// The ids of the roles assigned to it; each once.
    pub roles: Vec<String>,
    /// The groups that it is directly in, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<GroupName>,
}

/// A group, by what people read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupName {
    /// What a person reads.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// A group that another is in, itself or through others: who is in that one holds what this one holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OuterGroup {
    /// The group.
    pub group: GroupName,
    /// Whether the other is directly in it.
    pub direct: bool,
    /// What it holds.
    pub assignments: Vec<AssignmentDocument>,
}

/// A group. Its `ETag` is its revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupView {
    /// The group.
    pub group: GroupDocument,
    /// The change that last wrote it.
    pub revision: u64,
    /// Who is directly in it: the first 200 by name; `GET /groups/{id}/members` has all, page by page.
    pub members: Vec<MemberRow>,
    /// How many there are.
    pub members_total: u64,
    /// How many people are in it, themselves or by groups that are in it.
    pub people: u64,
    /// What it holds.
    pub assignments: Vec<AssignmentDocument>,
    /// The groups that it is in, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outer: Vec<OuterGroup>,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRow {
    /// The membership.
    pub membership: MembershipDocument,
    /// What a person reads.
    pub name: String,
    /// When they were put in; absent where the log says it no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// A new group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// What a person reads.
    pub name: String,
    /// What the group is.
    #[serde(default)]
    pub description: String,
}

/// A group's name and description.
pub type GroupFields = NewGroup;
