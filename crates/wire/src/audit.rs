//! The change log as people and programs read it.

use std::collections::BTreeMap;

use rolewright_model::change::{About, Kind, Topic};
use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `typ` of the signed head of a log.
pub const LOG_HEAD_TYPE: &str = "rolewright-log-head";

/// `typ` of what is signed of a part of a log: never taken for a head.
pub const LOG_EXCERPT_TYPE: &str = "rolewright-log-excerpt";

/// `typ` of the signed anchor of a log that was cut.
pub const LOG_ANCHOR_TYPE: &str = "rolewright-log-anchor";

/// Some entries of the log, newest first. A page ends early where it would have more than
/// [`MOST_BYTES`](crate::history::MOST_BYTES).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub items: Vec<AuditEntry>,
    /// Where the next page begins; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The revision that it made.
    pub at: Stamp,
    /// When.
    pub time: Timestamp,
    /// Who: `operator`, `user:ID` or `key:ID`.
    pub actor: String,
    /// What a person reads, of an API key too; empty where it is not known any more, or not for the one who asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor_name: String,
    /// What, in a word: `update_role`.
    pub action: String,
    /// What, in full: a `Change`; where the one who asks may not see all that it tells of, its name alone.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub change: Value,
    /// Whether something of it is not told, for the one who asks may not see documents of that kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The documents that it wrote and removed.
    pub writes: Vec<AuditWrite>,
    /// The role assignments of which it said that they stay, as they were: what a review of access kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<rolewright_model::directory::AssignmentDocument>))]
    pub kept: Vec<Value>,
    /// Whom or what it was about, where it wrote none: a person, of how they sign in, or an API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The revisions of the changes that it took back, all that they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
    /// Where it is read alone: the revision of the change that took it back, if one did and was not taken back itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<u64>,
    /// Why, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the request that brought it.
    pub request: String,
    /// What it did, in a sentence, piece by piece. In a list of what is about somebody or something it begins with that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sentence: Vec<Piece>,
    /// What people read of the users, groups, roles and packages whose ids stand in it, as they are called now, and of an API
    /// key as it says; of those alone that the one who asks may see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Whether it is too long for a brief list, so that its documents are empty, and its change may be its name alone.
    #[serde(default, rename = "brief", skip_serializing_if = "std::ops::Not::not")]
    pub is_brief: bool,
    /// Where it is brief: how many documents of each kind it wrote or removed beside those in `writes`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, u64>,
    /// Where it is brief: how many assignments it kept beside those in `kept`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept_untold: u64,
    /// The hash of the entry before it.
    pub previous: String,
    /// Its hash.
    pub hash: String,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Words, with the spaces around them.
    Words(String),
    /// Somebody or something; what people read is among the entry's `names`.
    One {
        /// What it is one of: `user`.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        kind: Topic,
        /// Which.
        id: String,
        /// What it was called then, where the sentence is about that: read instead of what it is called now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called: Option<String>,
    },
    /// A place, as a path.
    Place(String),
    /// A time, which each reader tells in the own zone.
    Time(Timestamp),
}

/// The words for what the log is about: for one, and for several.
#[must_use]
pub fn called(topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::Documents(kind) => match kind {
            Kind::Settings => ("settings", "settings"),
            Kind::Catalogue => ("catalogue", "catalogue"),
            Kind::Tests => ("policy tests", "policy tests"),
            Kind::Role => ("role", "roles"),
            Kind::Package => ("package", "packages"),
            Kind::User => ("person", "people"),
            Kind::Group => ("group", "groups"),
            Kind::Membership => ("membership", "memberships"),
            Kind::Assignment => ("role assignment", "role assignments"),
        },
        Topic::Keys => ("API key", "API keys"),
    }
}

/// A document that a change wrote or removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditWrite {
    /// The document's kind: `role`.
    pub kind: String,
    /// The document's id.
    pub id: String,
    /// Whether it is not told what it was and is: the one who asks may not see documents of that kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// What it was; none where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub before: Option<Value>,
    /// What it is; none where it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub after: Option<Value>,
}

/// One line of an exported log: `hash` is the SHA-256, in hex, of `previous` followed by `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedEntry {
    /// The revision that the change made.
    pub revision: u64,
    /// The hash of the line before it.
    pub previous: String,
    /// Its hash.
    pub hash: String,
    /// The exact text that was hashed: the entry as JSON.
    pub text: String,
}

/// The first line of an exported log that was cut: what stands for the entries before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedAnchor {
    /// [`LogAnchorClaims`] as a compact JWS (`typ: rolewright-log-anchor`), by the tenant's key.
    pub anchor: String,
}

/// What the signed anchor of a log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogAnchorClaims {
    /// The tenant.
    pub tenant: String,
    /// The newest change whose entry was removed.
    pub at: Stamp,
    /// The hash of that entry: the first that is kept is hashed over it.
    pub log_hash: String,
    /// The hash over the documents as that change left them: each is a line `KIND ID HASH`, of its text the SHA-256, in
    /// order, and the lines are chained as the log is.
    pub documents: String,
    /// When this was signed.
    pub issued: Timestamp,
}

/// The last line of an exported log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedHead {
    /// [`LogHeadClaims`] as a compact JWS (`typ: rolewright-log-head`), by the tenant's key.
    pub head: String,
}

/// What the signed head of a log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogHeadClaims {
    /// The tenant.
    pub tenant: String,
    /// The newest change.
    pub at: Stamp,
    /// The hash of its entry.
    pub log_head: String,
    /// When this was signed.
    pub issued: Timestamp,
}

/// The last line of an export of some entries of a log, which are no chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedExcerpt {
    /// [`LogExcerptClaims`] as a compact JWS (`typ: rolewright-log-excerpt`), by the tenant's key.
    pub excerpt: String,
}

/// What is signed of some entries of a log: which were asked for, and that these are all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogExcerptClaims {
    /// The tenant.
    pub tenant: String,
    /// The newest change of the log.
    pub at: Stamp,
    /// The hash of its entry.
    pub log_head: String,
    /// Which entries were asked for.
    pub filter: ExcerptFilter,
    /// How many there are.
    pub entries: u64,
    /// The hash of the lines before this one, chained as the log is: of each line the SHA-256, in hex, of the hash
    /// before it (64 zeros before the first) followed by the line without its line feed.
    pub lines: String,
    /// When this was signed.
    pub issued: Timestamp,
}

/// Which entries of a log: those of which all of this is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExcerptFilter {
    /// Made by this actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Of this action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// About this kind: that wrote, removed or kept a document of it, or are about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub kind: Option<Topic>,
    /// About the one of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// About the one of this id, or that wrote, removed or kept a link to it, such as an assignment of that role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Made at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Made before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whose reason or request's id has this text in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}
