//! Questions about access beside [`check`](crate::check): why, who, what, where, and what could be better.

use std::collections::BTreeMap;

use rolewright_model::explain::{Explanation, Missing, OperationExplanation};
use rolewright_model::held::HeldLevel;
use rolewright_model::lint::{Finding, Lint};
use rolewright_model::query::How;
use rolewright_model::when::WhenDocument;
use serde::{Deserialize, Serialize};

/// Why a decision is as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ExplainAnswer {
    /// About an operation.
    Operation(OperationExplanation),
    /// About a permission.
    Permission(Explanation),
}

impl ExplainAnswer {
    /// The same without what would allow it.
    #[must_use]
    pub fn without_fixes(mut self) -> Self {
        match &mut self {
            Self::Permission(explanation) => explanation.fixes.clear(),
            Self::Operation(explanation) => explanation.fixes.clear(),
        }
        self
    }
}

/// What the person who is refused may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissingAnswer {
    /// What is missing, and whom to ask; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

/// What somebody may do at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionsOf {
    /// Every permission that is held, or is on a condition, in the order of the catalogue.
    pub items: Vec<PermissionHeld>,
}

/// One permission that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionHeld {
    /// The permission's id.
    pub permission: String,
    /// At which level.
    pub held: HeldLevel,
}

/// Whether somebody may do something anywhere: what a menu asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnywhereAnswer {
    /// At some place that the person holds something at; on a condition counts.
    pub anywhere: bool,
}

/// Somebody who may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holder {
    /// The user's id.
    pub user: String,
    /// What a person reads.
    pub name: String,
    /// Always, or where a condition holds.
    pub when: WhenDocument,
}

/// The roles that give something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolesGiving {
    /// In the order of roles; of one that gives it on other conditions at resources of some types there
    /// are several.
    pub items: Vec<RoleGiving>,
}

/// A role that gives something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleGiving {
    /// The role's id.
    pub role: String,
    /// How it does.
    pub how: How,
    /// The resource types at whose resources alone it does; none where it does everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
    /// Always, or where a condition holds.
    pub when: WhenDocument,
}

/// Asks at which of some places somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PlacesCheck))]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// The permission's id.
    pub permission: String,
    /// The level; the scale's `can` level where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// The places; 10,000 at most.
    pub candidates: Vec<String>,
}

/// The places at which somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Places {
    /// Of those that were asked about, in their order.
    pub items: Vec<AllowedAt>,
}

/// A place at which somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AllowedAt {
    /// The place.
    pub resource: String,
    /// Always, or where a condition holds.
    pub when: WhenDocument,
}

/// What could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Findings {
    /// Kind by kind; of each as many as were asked for.
    pub items: Vec<Finding>,
    /// How many there are of each kind of which there are some, in the order of the items.
    pub counts: Vec<Found>,
    /// What people read of those whom `items` are about by id: users, groups, roles and packages; of those alone that
    /// the one who asks may see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Of which `items` the one who asks may not make the change that mends it, as far as the policy alone says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedFix>,
}

/// A change that mends something, and that the one who asks may not make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedFix {
    /// Of which item, by its position.
    pub item: usize,
    /// Why not.
    pub message: String,
}

/// How many findings there are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// Which kind.
    pub code: Lint,
    /// How many.
    pub count: usize,
}
