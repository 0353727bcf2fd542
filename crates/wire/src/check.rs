//! What checkers ask for: decisions, passes, snapshots and stamps.
//!
//! A snapshot travels as `HEADER..SIGNATURE`, a line feed, and the exact bytes of its compact
//! encoding (`rolewright_model::snapshot::Compact`): a JWS with detached, unencoded payload
//! (RFC 7797, `b64: false`, `alg: EdDSA`, `typ: rolewright-snapshot`). Its `ETag` is the SHA-256 of
//! those bytes, in hex. The answer's header [`STAMP_HEADER`] carries a [`StampClaims`] as a compact
//! JWS (`typ: rolewright-stamp`); a 304 carries a new one. Who says a `nonce` with the question finds it in the
//! stamp: an answer that something between has kept has another one, or none.
//!
//! Who says with `since` which revision of a full or policy snapshot it holds, and in
//! `If-None-Match` its `ETag`, may be answered a delta instead: another media type, the same form
//! (`typ: rolewright-delta`), and the bytes of `rolewright_model::snapshot::Delta`. `ETag` and stamp
//! are those of the snapshot that it leads to.
//!
//! A pass is a compact JWS of [`PassClaims`] (`typ: rolewright-pass`). Keys are at
//! `/.well-known/jwks.json`.

use std::collections::BTreeMap;

use rolewright_model::condition::RequestAttributes;
use rolewright_model::decide::Decision;
use rolewright_model::operation::OperationDecision;
use rolewright_model::pass::PassDocument;
use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};

/// The header that carries the freshness stamp.
pub const STAMP_HEADER: &str = "rolewright-stamp";
/// The longest `nonce` that an asker says, in bytes.
pub const LONGEST_NONCE: usize = 64;
/// For how long a stamp is good, in milliseconds: 5 minutes.
pub const STAMP_LIFETIME: i64 = 5 * 60 * 1000;
/// `typ` of a signed snapshot.
pub const SNAPSHOT_TYPE: &str = "rolewright-snapshot";
/// `typ` of a signed delta.
pub const DELTA_TYPE: &str = "rolewright-delta";
/// `typ` of a freshness stamp.
pub const STAMP_TYPE: &str = "rolewright-stamp";
/// `typ` of a pass.
pub const PASS_TYPE: &str = "rolewright-pass";

/// Asks for a decision: about a permission, or about an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The user's id, or email.
    pub subject: String,
    /// The permission's id; or none, and an operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// With a permission: the resource, `/` where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// With a permission: the level; the scale's `can` level where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// The operation's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// With an operation: its resources by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, String>,
    /// When; now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The revision at which the session began; one begun now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Stamp>,
    /// What conditions read, beside the subject's attributes; what is not said is missing.
    #[serde(default, skip_serializing_if = "RequestAttributes::is_empty")]
    pub attributes: RequestAttributes,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum CheckAnswer {
    /// About an operation.
    Operation(OperationDecision),
    /// About a permission.
    Permission(Decision),
}

impl CheckAnswer {
    /// Whether it is a yes.
    #[must_use]
    pub fn allowed(&self) -> bool {
        match self {
            Self::Operation(decision) => decision.allowed,
            Self::Permission(decision) => decision.allowed,
        }
    }
}

/// Asks for a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassRequest {
    /// With a key that holds `passes.issue`: for whom. A session gets its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// With a key: the revision at which the subject's session began; now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Stamp>,
}

/// A pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pass {
    /// The compact JWS.
    pub pass: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a pass's JWS says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassClaims {
    /// For whom it is: `rolewright:` and the tenant.
    pub aud: String,
    /// When it was issued, in milliseconds.
    pub issued: Timestamp,
    /// When it ends, in milliseconds.
    pub expires: Timestamp,
    /// What it says.
    pub pass: PassDocument,
}

/// What a freshness stamp's JWS says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StampClaims {
    /// The tenant.
    pub tenant: String,
    /// `full`, `policy` or `subject`.
    pub kind: String,
    /// The revision.
    pub at: Stamp,
    /// SHA-256 of the snapshot's bytes, in hex.
    pub content: String,
    /// The hash of the newest entry of the change log.
    pub log_head: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// What the asker said with the question, to know the answer to it from an old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// What an event of `/changes` says: its `id` is `EPOCH.REVISION`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changed {
    /// Where the tenant is now.
    pub at: Stamp,
}
