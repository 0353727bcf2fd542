//! What edits say of packages, people, groups, assignments and their windows.

use serde::{Deserialize, Serialize};

use crate::directory::{AssignmentDocument, GroupSource, Principal, Source};
use crate::package::PackageDocument;
use crate::stamp::Timestamp;

/// What an edit says of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageEdit {
    /// A slug.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What the plan is.
    #[serde(default)]
    pub description: String,
    /// The ids of the roles it carries.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl PackageEdit {
    /// What an edit would say to make the package.
    #[must_use]
    pub fn of(package: &PackageDocument) -> Self {
        Self {
            id: package.id.clone(),
            name: package.name.clone(),
            description: package.description.clone(),
            roles: package.roles.iter().map(|link| link.role.clone()).collect(),
        }
    }
}

/// What an edit says of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserEdit {
    /// Opaque and stable.
    pub id: String,
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
}

/// What an edit says of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupEdit {
    /// Opaque and stable.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What the group is.
    #[serde(default)]
    pub description: String,
    /// Who says who is in it.
    #[serde(default)]
    pub source: GroupSource,
}

/// What an edit says of an assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentEdit {
    /// Who gets the role.
    pub principal: Principal,
    /// The role's id.
    pub role: String,
    /// Where; `/` is the whole tenant.
    pub scope: String,
    /// How it comes to be.
    #[serde(default)]
    pub source: Source,
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl AssignmentEdit {
    /// The role for the whole tenant and for good, given by an administrator.
    #[must_use]
    pub fn for_good(principal: Principal, role: impl Into<String>) -> Self {
        let (role, scope, source) = (role.into(), "/".to_owned(), Source::Direct);
        Self { principal, role, scope, source, from: None, until: None }
    }

    /// What an edit would say to make the assignment.
    #[must_use]
    pub fn of(assignment: &AssignmentDocument) -> Self {
        Self {
            principal: assignment.principal.clone(),
            role: assignment.role.clone(),
            scope: assignment.scope.clone(),
            source: assignment.source,
            from: assignment.from,
            until: assignment.until,
        }
    }
}

/// What an edit says of when an assignment counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WindowEdit {
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl WindowEdit {
    /// The window of an assignment.
    #[must_use]
    pub fn of(assignment: &AssignmentDocument) -> Self {
        Self { from: assignment.from, until: assignment.until }
    }

    /// Whether every moment of this is one of the other's.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        let begins = other.from.is_none_or(|other| self.from.is_some_and(|from| from >= other));
        let ends = other.until.is_none_or(|other| self.until.is_some_and(|until| until <= other));
        begins && ends
    }
}
