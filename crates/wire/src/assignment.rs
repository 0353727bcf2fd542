//! Assignments.

use rolewright_model::Timestamp;
use rolewright_model::directory::{AssignmentDocument, Principal};
use rolewright_model::explain::{HeldRole, NotCounting};
use serde::{Deserialize, Serialize};

/// An assignment. `GET /assignments` takes `search`, `role`, `of`, `user`, `group`, `scope`, `reaching`,
/// `counting`, `privileged`, `not_signed_in_since`, `origin`, `sort`, `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignmentView {
    /// The assignment.
    pub assignment: AssignmentDocument,
    /// The change that last wrote it.
    pub revision: u64,
    /// Its `ETag`, as `If-Match` and the `versions` of a batch name it.
    pub etag: String,
    /// What a person calls the principal.
    pub principal_name: String,
    /// The email, where the principal is a user.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Why it counts for nobody now: its time is over or yet to come, or the user is not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counting: Option<NotCounting>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether it makes superusers, or gives one of Rolewright's own permissions; conditions count as true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// Whether it is of whoever asks: theirs, of a group that they are in, or of everyone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yours: bool,
    /// In a list: when the user last signed in; absent where that never was, of the past, and for who may see people at
    /// some places alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<Timestamp>,
    /// In a list that asks for it: who made it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// In what other ways the user holds the role: what stays when this is taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<OtherWay>,
}

/// Who made something, and why, as the change log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// Who: `operator`, `user:ID` or `key:ID`.
    pub actor: String,
    /// What a person reads, of an API key too; empty where it is not known any more, or not for the one who asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor_name: String,
    /// Why, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Another way in which a user holds a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OtherWay {
    /// Through what, where and when; why it does not count at its own scope, if it does not.
    pub held: HeldRole,
    /// The names of the groups on the way, from the one that the user is in; none where the asker may not see groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// To what kind of principal a role is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A user.
    Users,
    /// A group.
    Groups,
    /// Every active user.
    Everyone,
}

impl PrincipalKind {
    /// Of which kind a principal is.
    pub fn of(principal: &Principal) -> Self {
        match principal {
            Principal::User(_) => Self::Users,
            Principal::Group(_) => Self::Groups,
            Principal::Everyone => Self::Everyone,
        }
    }
}
