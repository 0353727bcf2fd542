//! People.

use std::collections::BTreeMap;

use rolewright_model::Timestamp;
use rolewright_model::directory::{GroupSource, Status, UserDocument};
use rolewright_model::explain::{EffectivePermission, HeldRole};
use serde::{Deserialize, Serialize};

use crate::reach::Reach;
use crate::secret::Secret;

/// One row of the users table. `GET /users` takes `search` (in email and names, any case),
/// `status`, `role`, `package`, `not_signed_in_since`, `sort` (`name`, `email`, `status`, `created`, `last_sign_in`; a
/// leading `-` turns it round), `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRow {
    /// Opaque and stable.
    pub id: String,
    /// First and last name, or the email.
    pub name: String,
    /// The email.
    pub email: String,
    /// The ids of the roles held now, through whatever, the base role apart; each once.
    pub roles: Vec<String>,
    /// Of these, each that makes a superuser where it is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superuser_roles: Vec<String>,
    /// Of these, each that is held at places alone, with the paths of those.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only_at: BTreeMap<String, Vec<String>>,
    /// The id of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Whether the user may do anything at all.
    pub status: UserStatus,
    /// When the user was added.
    pub created: Timestamp,
    /// When the user last signed in; absent where that never was, and of the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<Timestamp>,
}

/// What the table says of a user's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// Invited, and the link is good.
    Invited,
    /// Invited, and no link is good: the last has expired or was revoked, or none was made.
    NoInvitation,
    /// May do what the links say.
    Active,
    /// May do nothing.
    Disabled,
}

/// A person's page. Its `ETag` is the user's revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// The user.
    pub user: UserDocument,
    /// The change that last wrote the user.
    pub revision: u64,
    /// As in the table.
    pub status: UserStatus,
    /// Whether signing in takes a code beside the password.
    #[serde(default)]
    pub second_factor: bool,
    /// When the user last signed in; absent where that never was, and of the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<Timestamp>,
    /// Everything held, by source, with what does not count and why.
    pub roles: Vec<HeldRole>,
    /// The ids of those of these roles that make a superuser where they count; each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superuser_roles: Vec<String>,
    /// What that comes to for the whole tenant, each with positions in `roles`.
    pub permissions: Vec<EffectivePermission>,
    /// The groups the user is in.
    pub groups: Vec<UserGroup>,
    /// When the open invitation ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_expires: Option<Timestamp>,
}

/// A group that a user is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserGroup {
    /// The group's id.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// The membership's id.
    pub membership: String,
    /// Who says who is in it.
    pub source: GroupSource,
}

/// Invites a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
    /// Ids of roles to give.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// An invitation that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invited {
    /// The user's id.
    pub user: String,
    /// How the link gets to the person. Absent on a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Why it was not sent, in words, where the delivery failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The single-use link, for the inviter to send; shown this once. Absent where it was sent, where
    /// the inviter may not see it, and on a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Secret>,
    /// When it ends.
    pub expires: Timestamp,
    /// The revision that the change made.
    pub at: rolewright_model::Stamp,
    /// In a dry run: whom it would reach, once the person has accepted. Nobody by a link that is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Box<Reach>>,
}

/// How a link gets to the person it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// There is no mail server: whoever sees the link sends it.
    Shown,
    /// The mail server took it.
    Sent,
    /// The mail server did not take it: whoever sees the link sends it.
    Failed,
}

/// A user's email and names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserFields {
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
}

/// Disables a user, or activates one again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StatusChange {
    /// Active or disabled.
    pub status: Status,
}

/// Puts a user on a package, or on none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageChange {
    /// The package's id.
    pub package: Option<String>,
}
