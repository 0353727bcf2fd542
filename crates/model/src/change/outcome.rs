//! What a change needs from outside, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::stamp::Timestamp;
use crate::state::State;

/// What a change needs from outside, since the model has no clock and no randomness.
#[derive(Clone, Debug)]
pub struct Context {
    /// When.
    pub now: Timestamp,
    /// A fresh unique id; the ids of the links that the change makes begin with it.
    pub id: String,
}

/// An accepted change: the new state, and the documents that differ.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The state after the change, at the next revision.
    pub state: State,
    /// What the store has to write: every document that differs, by kind and id.
    pub writes: Vec<Write>,
    /// What passes issued before this revision must no longer count: ids of links and users, and
    /// `user/attributes` where what a pass says of those is outdated.
    pub revoked: Vec<String>,
}

/// A document that a change writes or removes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// The document's kind.
    pub kind: Kind,
    /// The document's id; of catalogue, settings and tests there is one, called `default`.
    pub id: String,
    /// What it was; none where it is new.
    pub before: Option<serde_json::Value>,
    /// What it is; none where it is removed.
    pub after: Option<serde_json::Value>,
}

/// The kinds of documents that a tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How the tenant behaves; one.
    Settings,
    /// What can be permitted; one.
    Catalogue,
    /// What the policy must answer; one.
    Tests,
    /// A role.
    Role,
    /// A package.
    Package,
    /// A user.
    User,
    /// A group.
    Group,
    /// Who is in a group.
    Membership,
    /// Who holds a role.
    Assignment,
}

impl Kind {
    /// The id of the one document of a kind of which there is one.
    pub const ONLY: &'static str = "default";

    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Settings,
        Self::Catalogue,
        Self::Tests,
        Self::Role,
        Self::Package,
        Self::User,
        Self::Group,
        Self::Membership,
        Self::Assignment,
    ];

    /// The name in the store and in the change log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Catalogue => "catalogue",
            Self::Tests => "tests",
            Self::Role => "role",
            Self::Package => "package",
            Self::User => "user",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::Assignment => "assignment",
        }
    }

    /// Whether documents of it make up the policy.
    #[must_use]
    pub const fn is_of_policy(self) -> bool {
        match self {
            Self::Settings | Self::Catalogue | Self::Tests | Self::Role | Self::Package => true,
            Self::User | Self::Group | Self::Membership | Self::Assignment => false,
        }
    }
}
