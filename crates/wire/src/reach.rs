//! Whom a change reaches: told by a dry run, and of every change that was made.

use rolewright_model::Timestamp;
use rolewright_model::diff::Difference;
use serde::{Deserialize, Serialize};

/// How many people are told by name.
pub const MOST_NAMED: usize = 100;

/// Whom a change reaches, for sessions begun when it is made. Who gains one thing and loses another is
/// counted in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reach {
    /// From when on that is so, where nothing differs before: what is given begins then, or what is taken would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// How many people something differs for.
    pub all: usize,
    /// How many of them come to hold more of something.
    pub gain: usize,
    /// How many come to hold less of something.
    pub lose: usize,
    /// How many come to hold something on another condition, which may be more or less.
    pub may_differ: usize,
    /// How many people come to be full users by it, whether or not something else differs for them.
    #[serde(default)]
    pub promoted: usize,
    /// How many people come to be superusers by it somewhere, now, later or once they are active.
    #[serde(default)]
    pub superusers: usize,
    /// How many of those are not active: they are superusers once they are, and hold nothing more until then.
    #[serde(default)]
    pub inactive_superusers: usize,
    /// What the first 100 of all of them are called; nobody where the asker may not see people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_superusers: Vec<String>,
    /// For each permission that differs for somebody, for how many.
    pub permissions: Vec<ReachedPermission>,
    /// The first 100 of them by id, with what differs; nobody where the asker may not see people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Reached>,
}

impl Reach {
    /// Whether nothing differs for anybody.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.all == 0
    }

    /// Whether everybody is told for whom something differs.
    #[must_use]
    pub fn names_all(&self) -> bool {
        self.people.len() >= self.all
    }
}

/// A permission that differs for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReachedPermission {
    /// The permission's id.
    pub permission: String,
    /// What people call it: "Reports: Run". The id where the asker may not see the catalogue.
    pub name: String,
    /// Whether it is one of Rolewright's own, by which one administers who may do what.
    pub privileged: bool,
    /// How many come to hold more of it somewhere.
    pub gain: usize,
    /// How many come to hold less of it somewhere.
    pub lose: usize,
    /// How many come to hold it on another condition somewhere.
    pub may_differ: usize,
}

/// Somebody for whom something differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reached {
    /// The user's id.
    pub user: String,
    /// What a person reads.
    pub name: String,
    /// What differs.
    pub differences: Vec<Difference>,
}
