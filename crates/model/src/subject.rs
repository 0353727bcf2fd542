//! A subject: one user with everything that ties the user to roles.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::condition::Attributes;
use crate::resource::ResourcePath;
use crate::rows::Row;
use crate::sorted;
use crate::stamp::{Stamp, Timestamp};

/// One user, resolved: what the user holds, through what, where and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub(crate) id: String,
    pub(crate) active: bool,
    /// Those that some condition reads.
    pub(crate) attributes: Attributes,
    pub(crate) holdings: Vec<Holding>,
}

/// One role that a subject holds, and the chain of links that gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Position in [`Policy::roles`](crate::policy::Policy::roles).
    pub(crate) role: usize,
    /// What the role gives at this scope.
    pub(crate) row: Arc<Row>,
    pub(crate) scope: ResourcePath,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) via: Via,
    /// Every link on the way; the base role needs none.
    pub(crate) links: Vec<Link>,
}

/// A link on the way from a user to a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The link's id, new each time.
    pub id: String,
    /// The change that made it.
    pub made: Stamp,
}

/// Through what a subject holds a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Via {
    /// An assignment of one's own.
    Direct {
        /// The assignment's id.
        assignment: String,
    },
    /// A switch wrote an assignment of one's own.
    Entitlement {
        /// The assignment's id.
        assignment: String,
    },
    /// An assignment to a group.
    Group {
        /// The assignment's id.
        assignment: String,
        /// The groups on the way, from the one that the subject is in.
        groups: Vec<String>,
    },
    /// An assignment to everyone.
    Everyone {
        /// The assignment's id.
        assignment: String,
    },
    /// The subject's package.
    Package {
        /// The package's id.
        package: String,
    },
    /// The role that every active user holds.
    Base,
    /// A subject snapshot: the chain is not told.
    Untold,
}

impl Via {
    /// The id of the assignment, where it is one of the subject's own.
    #[must_use]
    pub fn own(&self) -> Option<&str> {
        match self {
            Self::Direct { assignment } | Self::Entitlement { assignment } => Some(assignment),
            _ => None,
        }
    }
}

impl Subject {
    /// Somebody active who holds nothing: who stands for whoever is not known or not active where it may not be
    /// told which.
    #[must_use]
    pub fn nobody() -> Self {
        Self { id: String::new(), active: true, attributes: Attributes::new(), holdings: Vec::new() }
    }

    /// The user's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the user may do anything at all.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// The same user, of whom an enforcement point that is believed says this: what the directory does
    /// not say of the user. Where an attribute is stored, the stored value stays.
    #[must_use]
    pub fn believed(mut self, told: Attributes) -> Self {
        for (name, value) in told {
            if !self.attributes.contains_key(&name) {
                self.attributes.insert(name, value);
            }
        }
        self
    }

    /// The same user, without what is held at other places than those that `is_seen` says.
    #[must_use]
    pub fn seen(mut self, is_seen: impl Fn(&ResourcePath) -> bool) -> Self {
        self.holdings.retain(|holding| is_seen(&holding.scope));
        self
    }

    /// Everything the user holds, whether or not it counts now.
    #[must_use]
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Every place but `/` at which the user holds something, whether or not it counts now. At a
    /// resource, the levels are those at the deepest of these that reaches it, or at `/`.
    #[must_use]
    pub fn scopes(&self) -> Vec<&ResourcePath> {
        let mut scopes = Vec::new();
        for holding in self.holdings.iter().filter(|holding| !holding.scope.is_tenant()) {
            sorted::insert(&mut scopes, &holding.scope);
        }
        scopes
    }
}

impl Holding {
    /// Whether it counts at `at`, in a session begun at `session` where new links wait for one.
    #[must_use]
    pub(crate) fn counts(&self, at: Timestamp, session: Option<Stamp>) -> bool {
        self.in_window(at) && session.is_none_or(|session| self.made() <= session)
    }

    /// Whether it counts at `at`, windows alone considered.
    pub(crate) fn in_window(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The newest link on the way.
    pub(crate) fn made(&self) -> Stamp {
        self.links.iter().map(|link| link.made).max().unwrap_or_default()
    }
}
