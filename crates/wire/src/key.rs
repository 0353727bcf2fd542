//! API keys: what machines ask with. A browser never needs one: there a session asks, or a pass.

use rolewright_model::Timestamp;
use rolewright_model::change::KeyEdit;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// How long the former secret of a key may stay good, in milliseconds: 7 days.
pub const LONGEST_GRACE: u64 = 7 * 24 * 60 * 60 * 1000;

/// A key, never with its secret. `GET /keys` takes `search`, `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyView {
    /// Its id, which is no secret: the change log says `key:ID` of what it did.
    pub id: String,
    /// Which version of it this is: what an edit sends as `If-Match`. Another with every edit and every new secret.
    pub etag: String,
    /// What a person calls it.
    pub name: String,
    /// What it may do, at the top level of each permission; ids in order.
    pub permissions: Vec<String>,
    /// Where it may: there and below. `/` is the whole tenant.
    pub scope: String,
    /// Whether what it says of a subject is believed, where the directory does not say it: in AuthZEN,
    /// `subject.properties`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusts_subject: bool,
    /// When it was made.
    pub created: Timestamp,
    /// The first moment at which it is no longer good; none where it stays. It is then no longer listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute; none where it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
    /// When an identity provider last came with it to the paths of SCIM, to the minute; none where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by_provider: Option<Timestamp>,
    /// Who made it, as the change log says it: `user:ID`, `key:ID` or `operator`; none where that was
    /// not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// What the person who made it is called, in the answer to a GET; none where the asker may not see people, or there is
    /// no such person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by_name: Option<String>,
    /// Whether the person who made it may still sign in; none where it was no person. The key goes on whether or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker_may_sign_in: Option<bool>,
    /// When it was last given a new secret; none where it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Timestamp>,
    /// Who gave it that and was told it, as the change log says it; none where it never was, or that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_by: Option<String>,
    /// The first moment at which the secret before that is no longer good; none where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_until: Option<Timestamp>,
}

/// A new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What a person calls it.
    pub name: String,
    /// The ids of what it may do, one at least. Whoever makes it holds all of them there, for as long.
    pub permissions: Vec<String>,
    /// Where it may: there and below; the whole tenant where it is not said.
    #[serde(default = "tenant")]
    pub scope: String,
    /// The first moment at which it is no longer good; it stays where it is not said.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// Whether what it says of a subject is believed, where the directory does not say it: for an
    /// enforcement point that knows better, as conditions on the subject are then in its hands.
    #[serde(default)]
    pub trusts_subject: bool,
}

fn tenant() -> String {
    "/".to_owned()
}

/// A key as it shall be. What it had and is not said here, it no longer has; its secret stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditKey {
    /// What a person calls it.
    pub name: String,
    /// The ids of what it may do, one at least. Whoever gives it one that it did not have holds that there, for as long.
    pub permissions: Vec<String>,
    /// Where it may: there and below. Whoever has it reach further holds all of its permissions there.
    pub scope: String,
    /// The first moment at which it is no longer good; it stays where it is not said. Whoever has it last longer holds
    /// all of its permissions for as long.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// Whether what it says of a subject is believed, where the directory does not say it.
    #[serde(default)]
    pub trusts_subject: bool,
}

impl From<KeyEdit> for EditKey {
    fn from(said: KeyEdit) -> Self {
        let KeyEdit { id: _, name, permissions, scope, expires, trusts_subject } = said;
        Self { name, permissions, scope, expires, trusts_subject }
    }
}

/// Gives a key a new secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the secret that it has now stays good, in milliseconds: [`LONGEST_GRACE`] at most, and
    /// 0, not at all, where it is not said. The secret before that ends at once.
    #[serde(default)]
    pub grace: u64,
}

/// A key with a new secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyMade {
    /// `rwk_ID_SECRET`, for its owner to keep: it is told this once. None in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// Whether nothing was written: it was a dry run.
    #[serde(default)]
    pub dry_run: bool,
    /// The key as it is listed.
    #[serde(flatten)]
    pub of: KeyView,
}

/// A key that was edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyEdited {
    /// Whether nothing was written: it was a dry run.
    #[serde(default)]
    pub dry_run: bool,
    /// Whether the key is as the edit says already: nothing was written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// The key as it is listed.
    #[serde(flatten)]
    pub of: KeyView,
}

/// A key that was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyEnded {
    /// Its id.
    pub id: String,
    /// Whether nothing was written: it was a dry run.
    #[serde(default)]
    pub dry_run: bool,
}
