//! Errors: RFC 9457 problem details.

use rolewright_model::refusal::Fix;
use rolewright_model::restore::ChangedSince;
use rolewright_model::{Problem, Stamp};
use serde::{Deserialize, Serialize};

/// The media type of [`ProblemDetails`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error, as RFC 9457 says it. `type` never changes; `detail` is for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemDetails {
    /// `urn:rolewright:problem:` and a code: one of `model::refusal::Code`, or of [`code`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every error of this type.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do.
    pub detail: String,
    /// The request's id, as in the log and the `X-Request-ID` header.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// The permission that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// What would help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What is wrong with the body or the documents, each with its JSON path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Problem>,
    /// In a conflict, the document as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub current: Option<serde_json::Value>,
    /// Of a change that is not taken back, what was changed since, as the change left it and as it is; in a conflict about
    /// the policy, what of it was changed since the version that was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ChangedSince>,
    /// In a conflict, where the tenant is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Stamp>,
}

/// What the types of problems begin with.
pub const TYPE_PREFIX: &str = "urn:rolewright:problem:";

impl ProblemDetails {
    /// The code: the type without its prefix.
    #[must_use]
    pub fn code(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind)
    }
}

/// Codes of problems that are not the model's refusals.
pub mod code {
    /// No session and no key, or one that is no longer good. 401.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// Email and password do not fit. 401.
    pub const WRONG_CREDENTIALS: &str = "wrong_credentials";
    /// Whoever is signed in did not show their password once more; they are signed in still. 401.
    pub const WRONG_PASSWORD: &str = "wrong_password";
    /// A key asked for what is a person's own to do, in a session. 403.
    pub const SESSION_NEEDED: &str = "session_needed";
    /// The password is right, and a code is needed too. 401.
    pub const SECOND_FACTOR_NEEDED: &str = "second_factor_needed";
    /// The code is wrong, or was used. 401.
    pub const WRONG_CODE: &str = "wrong_code";
    /// The second factor is on already. 409.
    pub const SECOND_FACTOR_ON: &str = "second_factor_on";
    /// There is no second factor to turn off. 409.
    pub const SECOND_FACTOR_OFF: &str = "second_factor_off";
    /// No second factor waits to be confirmed, or it waited too long. 410.
    pub const ENROLMENT_GONE: &str = "enrolment_gone";
    /// A write from another site. 403.
    pub const CROSS_SITE: &str = "cross_site";
    /// No such path, tenant or document, or not for you. 404.
    pub const NOT_FOUND: &str = "not_found";
    /// A path without that method. 405.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// The link was used, has expired, or never was. 410.
    pub const LINK_GONE: &str = "link_gone";
    /// What is asked for goes by mail, and this server sends none. 409.
    pub const NO_MAIL_SERVER: &str = "no_mail_server";
    /// The request came too slowly. 408.
    pub const TIMED_OUT: &str = "timed_out";
    /// The document changed meanwhile. 412.
    pub const CONFLICT: &str = "conflict";
    /// What a change wrote was changed since, so that it is not taken back. 409.
    pub const CHANGED_SINCE: &str = "changed_since";
    /// There is nothing to take back or to restore. 409.
    pub const NOTHING_TO_RESTORE: &str = "nothing_to_restore";
    /// A checker knows a revision of which the log here has no such entry. 409.
    pub const OTHER_HISTORY: &str = "other_history";
    /// The body is larger than this server reads. 413.
    pub const TOO_LARGE: &str = "too_large";
    /// The body is not JSON by its media type. 415.
    pub const NOT_JSON: &str = "not_json";
    /// The body is not CSV by its media type. 415.
    pub const NOT_CSV: &str = "not_csv";
    /// The file is no table as it is, or has not the columns that it needs; `errors` says of which line. 422.
    pub const NO_TABLE: &str = "no_table";
    /// The body is not valid JSON, or a header is not what it can be. 400.
    pub const MALFORMED: &str = "malformed";
    /// The body has not the right shape. 422.
    pub const INVALID: &str = "invalid";
    /// An edit without `If-Match`. 428.
    pub const PRECONDITION_REQUIRED: &str = "precondition_required";
    /// The idempotency key was used for another request. 422.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "idempotency_key_reused";
    /// The request was made before, and what it made known is told once. 409.
    pub const TOLD_ONCE: &str = "told_once";
    /// Too many tries. 429.
    pub const TOO_MANY_REQUESTS: &str = "too_many_requests";
    /// So many links were mailed to one person in a while. 429.
    pub const TOO_MANY_MAILS: &str = "too_many_mails";
    /// The server's own fault. 500.
    pub const INTERNAL: &str = "internal";
    /// The server's disk is full: nothing was written. 507.
    pub const STORAGE_FULL: &str = "storage_full";
    /// The server cannot answer now. 503.
    pub const UNAVAILABLE: &str = "unavailable";
}
