//! Sessions, the first-run link and invitations.

use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};

/// The shortest password accepted, in characters (OWASP ASVS 5.0, 6.2.1 recommends 15, demands 8).
pub const SHORTEST_PASSWORD: usize = 12;
/// The longest password accepted, in bytes.
pub const LONGEST_PASSWORD: usize = 256;

/// Whether the first-run link is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    /// Whether no superuser has ever existed here.
    pub open: bool,
    /// What the tenant is called.
    pub tenant_name: String,
}

/// Creates the first superuser. Uses up the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The token of the one-time link.
    pub token: String,
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
    /// The person's own.
    pub password: String,
}

/// Begins a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// In any case.
    pub email: String,
    /// As set.
    pub password: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The tenant's id.
    pub tenant: String,
    /// What the tenant is called.
    pub tenant_name: String,
    /// The user's id.
    pub user: String,
    /// The user's e-mail.
    pub email: String,
    /// First and last name, or the e-mail.
    pub name: String,
    /// The revision at which the session began.
    pub began: Stamp,
    /// When it ends if nothing is done.
    pub expires: Timestamp,
    /// Where the tenant is now.
    pub at: Stamp,
}

/// The token of an invitation's link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// From the link's fragment.
    pub token: String,
}

/// What an invitation says to the person invited. Asking does not use it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// What the tenant is called.
    pub tenant_name: String,
    /// For whom it is.
    pub email: String,
    /// As the inviter wrote it.
    pub first_name: String,
    /// As the inviter wrote it.
    pub last_name: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// Accepts an invitation with a password of one's own. Uses up the token and begins a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// From the link's fragment.
    pub token: String,
    /// The person's own.
    pub password: String,
}
