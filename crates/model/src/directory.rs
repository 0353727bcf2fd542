//! The directory: users and groups, and the links that tie them to roles.

use serde::{Deserialize, Serialize};

use crate::condition::Attributes;
use crate::documents::Table;
use crate::stamp::{Stamp, Timestamp};

/// A user as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserDocument {
    /// Opaque and stable.
    pub id: String,
    /// Where the user is reached; unique without regard to case. Empty in a snapshot.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Optional.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// Optional.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// Whether the user may do anything at all.
    pub status: Status,
    /// What the subscription counts the user as.
    #[serde(default)]
    pub tier: Tier,
    /// Whether the user has a password here. Who is added by a table, a demo or an identity provider has none until
    /// they set one by a link.
    #[serde(default)]
    pub sign_in: bool,
    /// The user's package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<UserPackage>,
    /// What conditions read as `subject.…`. In a snapshot, those that some condition reads.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// When the user was added.
    #[serde(default)]
    pub created: Timestamp,
    /// The change that invited the user, while that is not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited: Option<Stamp>,
}

impl UserDocument {
    /// First and last name, or the email where there is neither.
    #[must_use]
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        let name = name.trim();
        if name.is_empty() { self.email.clone() } else { name.to_owned() }
    }
}

/// Whether a user may do anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Invited, and has not yet accepted.
    Invited,
    /// May do what the links say.
    Active,
    /// May do nothing.
    Disabled,
}

impl Status {
    /// As documents and tables write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// What the subscription counts a user as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// A basic user.
    #[default]
    Basic,
    /// A full user.
    Full,
}

/// The link from a user to a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserPackage {
    /// The package's id.
    pub package: String,
    /// The link's id.
    #[serde(default)]
    pub link: String,
    /// The change that made the link.
    #[serde(default)]
    pub made: Stamp,
}

/// A group as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupDocument {
    /// Opaque and stable.
    pub id: String,
    /// What a person reads; unique in the tenant. Empty in a snapshot.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What the group is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who says who is in it.
    #[serde(default)]
    pub source: GroupSource,
}

/// Who says who is in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupSource {
    /// Administrators, here.
    #[default]
    Local,
    /// The identity provider.
    IdentityProvider,
}

/// A membership: one user or group is in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MembershipDocument {
    /// The link's id.
    pub id: String,
    /// The group's id.
    pub group: String,
    /// Who is in it.
    pub member: Member,
    /// The change that made the link.
    #[serde(default)]
    pub made: Stamp,
}

/// Who is in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// A user, by id.
    User(String),
    /// Every member of a group, by id.
    Group(String),
}

/// An assignment: a principal holds a role at a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentDocument {
    /// The link's id.
    pub id: String,
    /// Who holds the role.
    pub principal: Principal,
    /// The role's id.
    pub role: String,
    /// Where: a resource path, `/` for the whole tenant.
    #[serde(default = "whole_tenant")]
    pub scope: String,
    /// How it came to be.
    #[serde(default)]
    pub source: Source,
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The change that made the link.
    #[serde(default)]
    pub made: Stamp,
}

/// Who can be assigned a role, besides a package, which carries its roles itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(
    rename_all = "snake_case",
    expecting = "`{\"user\": \"ID\"}`, `{\"group\": \"ID\"}` or `\"everyone\"`"
)]
pub enum Principal {
    /// A user, by id.
    User(String),
    /// Every member of a group, by id.
    Group(String),
    /// Every active user.
    Everyone,
}

impl AssignmentDocument {
    /// Whether it is for the whole tenant and for good.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        self.scope == "/" && self.from.is_none() && self.until.is_none()
    }
}

/// How an assignment came to be, and so where it is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An administrator gave it.
    #[default]
    Direct,
    /// It exists while a switch is on.
    AutoAssign,
    /// A switch wrote it once.
    Entitlement,
}

fn whole_tenant() -> String {
    "/".to_owned()
}

/// All documents of a directory, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryDocuments {
    /// The users.
    pub users: Table<UserDocument>,
    /// The groups.
    pub groups: Table<GroupDocument>,
    /// Who is in which group.
    pub memberships: Table<MembershipDocument>,
    /// Who holds which role where.
    pub assignments: Table<AssignmentDocument>,
}

/// The longest email address, in bytes (RFC 5321, 4.5.3.1.3, without the brackets of a path).
pub(crate) const LONGEST_EMAIL: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// The longest label of a domain, in bytes (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Whether a text is an email address to which mail can be sent: words joined by dots (RFC 5322, 3.2.3; RFC 6532), an
/// `@`, and a domain's name. Quoted words, comments and addresses of machines are not.
#[must_use]
pub fn is_email(text: &str) -> bool {
    not_an_email(text).is_none()
}

/// An email as addresses are compared: without case, and without spaces around it. A letter that only poses as one of ASCII stays
/// what it is: to a mail server, and to an app, that is another address.
#[must_use]
pub fn folded_email(email: &str) -> String {
    let mut folded = String::with_capacity(email.len());
    for c in email.trim().chars() {
        match poses_as_ascii(c) {
            true => folded.push(c),
            false => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// Whether it is a letter beyond ASCII of which the lower case is one of ASCII: the Kelvin sign.
fn poses_as_ascii(c: char) -> bool {
    !c.is_ascii() && c.to_lowercase().all(|c| c.is_ascii())
}

/// Why a text is no email address, for whoever typed it; none where it [is one](is_email).
#[must_use]
pub fn not_an_email(text: &str) -> Option<String> {
    if text.len() > LONGEST_EMAIL {
        return Some(format!("an address has {LONGEST_EMAIL} bytes at most"));
    }
    let Some((local, domain)) = text.split_once('@') else {
        return Some("there is no `@` in it".to_owned());
    };
    if local.len() > LONGEST_LOCAL {
        return Some(format!("before the `@` stand {LONGEST_LOCAL} bytes at most"));
    }
    let is_letter = |c: char| c.is_alphanumeric() && !poses_as_ascii(c);
    let is_of_word = |c: char| is_letter(c) || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_of_label = |c: char| is_letter(c) || c == '-';
    misplaced("before", local, is_of_word).or_else(|| misplaced("after", domain, is_of_label)).or_else(|| {
        let mut labels = domain.split('.');
        let wrong = labels.find(|label| {
            label.starts_with('-') || label.ends_with('-') || label.len() > LONGEST_LABEL
        })?;
        Some(format!("`{wrong}` is no part of a domain: it begins or ends with `-`, or has more than {LONGEST_LABEL} bytes"))
    })
}

/// What is wrong with words that dots join.
fn misplaced(side: &str, words: &str, may_be: impl Fn(char) -> bool) -> Option<String> {
    if words.is_empty() {
        return Some(format!("nothing stands {side} the `@`"));
    }
    if let Some(c) = words.chars().find(|c| *c != '.' && !may_be(*c)) {
        return Some(format!("`{}` cannot stand {side} the `@`", c.escape_debug()));
    }
    let has_gap = words.split('.').any(str::is_empty);
    has_gap.then(|| format!("{side} the `@` no dot stands first, last or beside another"))
}
