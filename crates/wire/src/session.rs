//! Sessions, the first-run link and invitations.

use std::net::IpAddr;

use rolewright_model::{Stamp, Timestamp, Viewed};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// The shortest password accepted, in characters (OWASP ASVS 5.0, 6.2.1 recommends 15, demands 8).
pub const SHORTEST_PASSWORD: usize = 12;
/// The longest password accepted, in bytes.
pub const LONGEST_PASSWORD: usize = 256;

/// Whether the default tenant's first-run link is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    /// Whether no superuser has ever existed here.
    pub open: bool,
    /// What the tenant is called; empty where the link is closed.
    pub tenant_name: String,
}

/// The token of a first-run link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetupToken {
    /// From the link's fragment.
    pub token: Secret,
}

/// What a first-run link says to who has it. Asking does not use it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstRun {
    /// What the tenant is called.
    pub tenant_name: String,
}

/// Creates the first superuser. Uses up the token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The token of the one-time link.
    pub token: Secret,
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
    /// The person's own.
    pub password: Secret,
}

/// Begins a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// In any case.
    pub email: String,
    /// As set.
    pub password: Secret,
    /// Where the second factor is on: what the authenticator shows, or a recovery code. Without, the
    /// answer to the right password is `second_factor_needed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The tenant's id.
    pub tenant: String,
    /// What the tenant is called.
    pub tenant_name: String,
    /// Where people find help, as the tenant's settings say; none where they do not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help_url: String,
    /// The user's id.
    pub user: String,
    /// The user's email.
    pub email: String,
    /// First and last name, or the email.
    pub name: String,
    /// The first name; empty where there is none.
    #[serde(default)]
    pub first_name: String,
    /// The last name; empty where there is none.
    #[serde(default)]
    pub last_name: String,
    /// Whether signing in takes a code beside the password.
    #[serde(default)]
    pub second_factor: bool,
    /// Whether it is on and cannot be turned off, since the tenant's settings ask for one of this person.
    #[serde(default)]
    pub second_factor_stays: bool,
    /// Whether a second factor must be turned on before anything else: until then every other request is answered
    /// `second_factor_required`.
    #[serde(default)]
    pub second_factor_required: bool,
    /// As whom this session sees, and changes nothing; none where as the person who is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// The revision at which the session began.
    pub began: Stamp,
    /// When it ends if nothing is done.
    pub expires: Timestamp,
    /// Where the tenant is now.
    pub at: Stamp,
}

/// As whom a session sees that views as somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct View {
    /// A person, or somebody with a role.
    pub whom: Viewed,
    /// What people call them.
    pub name: String,
    /// The revision at which it began.
    pub began: Stamp,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum WhoAsks {
    /// A person, in a session.
    Person(Session),
    /// An API key.
    Key(KeySession),
}

/// An API key that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeySession {
    /// The tenant's id.
    pub tenant: String,
    /// What the tenant is called.
    pub tenant_name: String,
    /// The key's id: the change log says `key:ID` of what it does.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// What it may do, at the top level of each permission; ids in order.
    pub permissions: Vec<String>,
    /// Where it may: there and below. `/` is the whole tenant.
    pub scope: String,
    /// Whether what it says of a subject is believed, where the directory does not say it.
    pub trusts_subject: bool,
    /// When it was made.
    pub created: Timestamp,
    /// The first moment at which it is no longer good; none where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The first moment at which the secret that was shown is no longer good, where the key has a newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_until: Option<Timestamp>,
    /// Where the tenant is now.
    pub at: Stamp,
}

/// Every session of a person, the one that was used last first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sessions {
    /// The sessions.
    pub items: Vec<SessionRow>,
}

/// One session of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRow {
    /// Which it is, to end it.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When the person signed in.
    pub created: Timestamp,
    /// When it was last used; use is noted every few minutes.
    pub used: Timestamp,
    /// When it ends if nothing is done.
    pub expires: Timestamp,
    /// From which address the person signed in, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    /// What the browser said it is, cut where it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Who is signed in shows once more that it is them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// One's own.
    pub password: Secret,
    /// As in [`SignIn`]: where one's own second factor is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// Changes one's own password; every other session ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// As it is.
    pub password: Secret,
    /// As in [`SignIn`]: where the second factor is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// As it shall be.
    pub new_password: Secret,
}

/// Changes one's own email; every other session ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// One's own.
    pub password: Secret,
    /// As in [`SignIn`]: where the second factor is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// As it shall be.
    pub email: String,
}

/// One's own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnName {
    /// Empty where there is none.
    #[serde(default)]
    pub first_name: String,
    /// Empty where there is none.
    #[serde(default)]
    pub last_name: String,
}

/// A second factor on its way: told this once, on once a code confirms it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// What the authenticator keeps, in base32: for typing in.
    pub secret: Secret,
    /// The same as an `otpauth://` address.
    pub uri: Secret,
    /// The address as a QR code, for scanning: an SVG image.
    pub qr: Secret,
    /// Until when it can be confirmed.
    pub expires: Timestamp,
}

/// Confirms that the authenticator has the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// What the authenticator shows.
    pub code: Secret,
}

/// For when the authenticator is lost: each stands in for one code, once. Told this once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// The codes; none in a dry run.
    pub codes: Vec<Secret>,
}

/// The token of an invitation's link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// From the link's fragment.
    pub token: Secret,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// From the link's fragment.
    pub token: Secret,
    /// The person's own.
    pub password: Secret,
}

/// Whether this server helps who forgot a password.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordResets {
    /// Whether it sends mail: where it does not, no link can be asked for.
    pub mailed: bool,
}

/// Asks for a link that sets a new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// In any case.
    pub email: String,
}

/// The token of a link that sets a new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordResetToken {
    /// From the link's fragment.
    pub token: Secret,
}

/// What a link that sets a new password says to who has it. Asking does not use it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// What the tenant is called.
    pub tenant_name: String,
    /// Whose password it sets.
    pub email: String,
    /// Whether it takes a code too.
    pub second_factor: bool,
    /// When it ends.
    pub expires: Timestamp,
}

/// Sets a new password by a link. Uses up the token, ends every session and begins none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// From the link's fragment.
    pub token: Secret,
    /// The person's own.
    pub password: Secret,
    /// As in [`SignIn`]: where the second factor is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}
