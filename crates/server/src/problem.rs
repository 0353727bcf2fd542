//! Errors as they leave the server: RFC 9457 problem details, from whatever went wrong.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolewright_model::restore::ChangedSince;
use rolewright_model::{Code, Problem, Refusal, Stamp};
use rolewright_wire::problem::{MEDIA_TYPE, ProblemDetails, TYPE_PREFIX, code};

use crate::auth::session;
use crate::metrics::Metrics;
use crate::secret::NoEntropy;
use crate::{idempotency, quotation, request, tenant};

/// What is said beside of what is not there, so that nobody learns by it that something is.
pub(crate) const UNSEEN: &str = ", or you may not see it";

/// What a handler answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// An error on its way out.
#[derive(Debug)]
pub struct Failure {
    details: Box<ProblemDetails>,
    headers: HeaderMap,
}

impl Failure {
    /// An error of that code; `detail` says what is wrong here, and what to do.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            details: Box::new(ProblemDetails {
                kind: format!("{TYPE_PREFIX}{code}"),
                title: title(code).to_owned(),
                status: status.as_u16(),
                detail: quotation::cut(detail.into()),
                instance: String::new(),
                permission: None,
                fix: None,
                errors: Vec::new(),
                current: None,
                changed: Vec::new(),
                at: None,
            }),
            headers: HeaderMap::new(),
        }
    }

    /// No session and no key, or one that is no longer good.
    #[must_use]
    pub fn unauthenticated() -> Self {
        let detail = "sign in, or send a key: this session or key is not there, or no longer good";
        let failure = Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, detail);
        failure.with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"rolewright\"")
    }

    /// A key asks for what is a person's own to do.
    #[must_use]
    pub fn session_needed() -> Self {
        let detail = "this is a person's own to do, and an API key is no person: sign in, and send the session's cookie";
        Self::new(StatusCode::FORBIDDEN, code::SESSION_NEEDED, detail)
    }

    /// No such thing, or not for the one who asks.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let detail = format!("there is no {what} here{UNSEEN}");
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail)
    }

    /// A single-use link that is used, expired, or never was.
    #[must_use]
    pub fn link_gone() -> Self {
        let detail = "this link was used, has expired or was replaced: ask for a new one";
        Self::new(StatusCode::GONE, code::LINK_GONE, detail)
    }

    /// The same request was made before, and what it made known is told once; `detail` says what to do.
    #[must_use]
    pub fn told_once(detail: &str) -> Self {
        let failure = Self::new(StatusCode::CONFLICT, code::TOLD_ONCE, detail);
        failure.with_header(idempotency::REPLAYED, "true")
    }

    /// What was sent has not the right shape.
    #[must_use]
    pub fn invalid(errors: Vec<Problem>) -> Self {
        Self::wrong(code::INVALID, errors)
    }

    /// What was sent is no table: sent again as it is, it would be none again.
    #[must_use]
    pub fn no_table(errors: Vec<Problem>) -> Self {
        Self::wrong(code::NO_TABLE, errors)
    }

    fn wrong(code: &str, errors: Vec<Problem>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            all => format!("{} things are wrong with what you sent", all.len()),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).with_errors(errors)
    }

    /// One thing is wrong with what was sent.
    #[must_use]
    pub fn invalid_at(path: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![Problem { path: path.to_owned(), message: message.into() }])
    }

    /// The server cannot answer now.
    #[must_use]
    pub fn unavailable(detail: &str, seconds: u64) -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, detail);
        failure.with_header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// The server's own fault; the cause goes to the log alone.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(request = %request::id(), %cause, "a request failed");
        let detail = "the server failed: try again; if it stays, look for the request's id in its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, detail)
    }

    /// The same, with what is wrong with the body.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Problem>) -> Self {
        let cut = |error: Problem| Problem { message: quotation::cut(error.message), ..error };
        self.details.errors = errors.into_iter().map(cut).collect();
        self
    }

    /// The same, with another header.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same, with the document as it is now and where the tenant is.
    #[must_use]
    pub fn with_current(mut self, current: Option<serde_json::Value>, at: Stamp) -> Self {
        self.details.current = current;
        self.details.at = Some(at);
        self
    }

    /// The same, with what was changed meanwhile, where that is known.
    #[must_use]
    pub fn with_changed(mut self, changed: Vec<ChangedSince>) -> Self {
        let more = changed.len().saturating_sub(1);
        if let Some(first) = changed.first().map(name_of) {
            let what = match more {
                0 => format!("{first} was"),
                _ => format!("{first} and {more} more were"),
            };
            self.details.detail = format!("{what} changed meanwhile: look at both and decide again");
        }
        self.details.changed = changed;
        self
    }

    /// What a change wrote was changed since.
    #[must_use]
    pub fn changed_since(changed: Vec<ChangedSince>, at: Stamp) -> Self {
        let first = changed.first().map(|it| match &it.name {
            Some(name) => format!("{} `{name}`", it.kind.as_str()),
            None => name_of(it),
        });
        let first = first.unwrap_or_default();
        let detail = match changed.len() {
            1 => format!(
                "{first} was changed since: look at both and edit it, or take the later change back first"
            ),
            n => format!(
                "{first} and {} more were changed since: look at both and edit them, or take the later changes back first",
                n.saturating_sub(1)
            ),
        };
        let mut failure = Self::new(StatusCode::CONFLICT, code::CHANGED_SINCE, detail);
        (failure.details.changed, failure.details.at) = (changed, Some(at));
        failure
    }

    /// There is nothing to take back or to restore; `detail` says why.
    #[must_use]
    pub fn nothing_to_restore(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code::NOTHING_TO_RESTORE, detail)
    }

    /// Who asks knows a revision that the log here does not have, or has another of.
    #[must_use]
    pub fn other_history(known: Stamp) -> Self {
        let detail = format!(
            "the history here is not the one that led to revision `{known}`: start the server with that data, or restore it into a new epoch"
        );
        Self::new(StatusCode::CONFLICT, code::OTHER_HISTORY, detail)
    }

    /// What is told of it, inside an answer.
    #[must_use]
    pub fn into_details(self) -> ProblemDetails {
        let instance = request::id();
        ProblemDetails { instance, ..*self.details }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The headers that go with it.
    #[must_use]
    pub fn into_headers(self) -> HeaderMap {
        self.headers
    }

    /// What is told of it and the headers that go with it, for another form of error.
    pub(crate) fn into_parts(self) -> (ProblemDetails, HeaderMap) {
        (*self.details, self.headers)
    }

    /// The error's code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.details.code()
    }

    /// What is wrong with what was sent, each with its path.
    #[must_use]
    pub fn errors(&self) -> &[Problem] {
        &self.details.errors
    }

    /// What was changed since, where that is why a change is not taken back.
    #[must_use]
    pub fn changed(&self) -> &[ChangedSince] {
        &self.details.changed
    }

    /// What is wrong here, and what to do.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.details.detail
    }
}

fn name_of(changed: &ChangedSince) -> String {
    format!("{} `{}`", changed.kind.as_str(), changed.id)
}

/// The same for every error of a code.
fn title(code: &str) -> &'static str {
    match code {
        code::UNAUTHENTICATED => "Not signed in",
        code::WRONG_CREDENTIALS => "Wrong email or password",
        code::WRONG_PASSWORD => "Wrong password",
        code::SESSION_NEEDED => "For people alone",
        code::SECOND_FACTOR_NEEDED => "A code is needed too",
        code::WRONG_CODE => "Wrong code",
        code::SECOND_FACTOR_ON => "The second factor is on",
        code::SECOND_FACTOR_OFF => "The second factor is off",
        code::ENROLMENT_GONE => "No second factor waits to be confirmed",
        code::CROSS_SITE => "A write from another site",
        code::NOT_FOUND => "Not found",
        code::METHOD_NOT_ALLOWED => "Method not allowed",
        code::LINK_GONE => "The link is no longer good",
        code::NO_MAIL_SERVER => "This server sends no mail",
        code::CONFLICT => "Changed meanwhile",
        code::CHANGED_SINCE => "Changed since",
        code::NOTHING_TO_RESTORE => "Nothing to restore",
        code::OTHER_HISTORY => "Another history",
        code::TOO_LARGE => "Too large",
        code::NOT_JSON => "Not JSON",
        code::NOT_CSV => "Not CSV",
        code::NO_TABLE => "No table",
        code::MALFORMED => "Malformed",
        code::INVALID => "Not valid",
        code::PRECONDITION_REQUIRED => "If-Match is needed",
        code::IDEMPOTENCY_KEY_REUSED => "The idempotency key was used before",
        code::TOLD_ONCE => "Told once",
        code::TOO_MANY_REQUESTS => "Too many tries",
        code::TOO_MANY_MAILS => "Too many mails to one person",
        code::TIMED_OUT => "Too slow",
        code::STORAGE_FULL => "The disk is full",
        code::UNAVAILABLE => "Not available now",
        "missing_permission" => "A permission is missing",
        "unknown" => "Not found",
        "exists" => "Exists already",
        "taken" => "Taken by another",
        "built_in_role" => "A built-in role",
        "role_in_package" => "A package carries the role",
        "role_inherited" => "Another role inherits the role",
        "package_in_use" => "People are on the package",
        "not_held" => "Nobody gives what they do not hold",
        "superuser_only" => "For superusers only",
        "person_holds_more" => "The person holds more than you",
        "last_superuser" => "The last superuser",
        "separation_of_duty" => "Separation of duty",
        "policy_test_fails" => "A policy test fails",
        "own_attributes" => "One's own attributes",
        "own_email" => "One's own email",
        "second_factor_required" => "A second factor is needed",
        "owned_by_identity_provider" => "Owned by the identity provider",
        "viewing" => "Viewing as somebody else",
        _ => "The server failed",
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::MissingPermission
        | Code::BuiltInRole
        | Code::NotHeld
        | Code::SuperuserOnly
        | Code::PersonHoldsMore
        | Code::OwnAttributes
        | Code::OwnEmail
        | Code::SecondFactorRequired
        | Code::OwnedByIdentityProvider
        | Code::Viewing => StatusCode::FORBIDDEN,
        Code::Unknown => StatusCode::NOT_FOUND,
        Code::Exists
        | Code::Taken
        | Code::RoleInPackage
        | Code::RoleInherited
        | Code::PackageInUse
        | Code::LastSuperuser
        | Code::SeparationOfDuty
        | Code::PolicyTestFails => StatusCode::CONFLICT,
        Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let mut failure = Self::new(status(refusal.code), refusal.code.as_str(), refusal.message);
        failure.details.permission = refusal.permission;
        failure.details.fix = refusal.fix;
        failure.with_errors(refusal.problems)
    }
}

impl From<NoEntropy> for Failure {
    fn from(error: NoEntropy) -> Self {
        Self::internal(&error)
    }
}

impl From<rolewright_store::Error> for Failure {
    fn from(error: rolewright_store::Error) -> Self {
        use rolewright_store::Error;
        match error {
            Error::UnknownTenant(_) => Self::not_found("tenant"),
            Error::Spent { kind, .. } if session::is_kind(&kind) => Self::unauthenticated(),
            Error::Spent { .. } => Self::link_gone(),
            Error::Busy | Error::Conflict { .. } => {
                Self::unavailable("others are writing at this moment: try again", 1)
            }
            Error::Full => {
                request::count(Metrics::store_failed);
                tracing::error!(request = %request::id(), cause = %error, "nothing can be written");
                let detail = "the server's disk is full: nothing was written; tell the operator to make room";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, code::STORAGE_FULL, detail)
            }
            other => {
                request::count(Metrics::store_failed);
                Self::internal(&other)
            }
        }
    }
}

impl From<tenant::Error> for Failure {
    fn from(error: tenant::Error) -> Self {
        use tenant::Error;
        match error {
            Error::Refused(refusal) => (*refusal).into(),
            Error::Unauthenticated => Self::unauthenticated(),
            Error::Outdated { current, revision, at, is_weak } => {
                let detail = match is_weak {
                    true => {
                        "a weak `ETag` came, which names no version: send the strong one of the document's GET, without `W/`"
                    }
                    false => "somebody changed this meanwhile: look at both and decide again",
                };
                Self::new(StatusCode::PRECONDITION_FAILED, code::CONFLICT, detail)
                    .with_current(current.map(|current| *current), at)
                    .with_header(header::ETAG, &revision)
            }
            Error::Unconditional => {
                let code = code::PRECONDITION_REQUIRED;
                Self::new(StatusCode::PRECONDITION_REQUIRED, code, error.to_string())
            }
            Error::UnconditionalPart { change } => {
                let (code, message) = (code::PRECONDITION_REQUIRED, error.to_string());
                let path = format!("$.changes[{change}]");
                Self::new(StatusCode::PRECONDITION_REQUIRED, code, message.clone())
                    .with_errors(vec![Problem { path, message }])
            }
            Error::KeyReused => {
                let code = code::IDEMPOTENCY_KEY_REUSED;
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
            }
            Error::Store(error) => error.into(),
            Error::Stopped => Self::unavailable("the server is being stopped: try again", 1),
            Error::Unreadable { .. } => Self::internal(&error),
        }
    }
}

impl tenant::Error {
    /// The code of the problem that it is.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::Unauthenticated => code::UNAUTHENTICATED,
            Self::Unconditional | Self::UnconditionalPart { .. } => code::PRECONDITION_REQUIRED,
            Self::Outdated { .. } => code::CONFLICT,
            Self::KeyReused => code::IDEMPOTENCY_KEY_REUSED,
            Self::Store(rolewright_store::Error::Spent { .. }) => code::LINK_GONE,
            Self::Store(rolewright_store::Error::Busy | rolewright_store::Error::Conflict { .. }) => {
                code::UNAVAILABLE
            }
            Self::Store(rolewright_store::Error::Full) => code::STORAGE_FULL,
            Self::Stopped => code::UNAVAILABLE,
            Self::Store(_) | Self::Unreadable { .. } => code::INTERNAL,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(mut self) -> Response {
        self.details.instance = request::id();
        request::is_refused(self.details.code());
        let status = self.status();
        let body = serde_json::to_string(&self.details).unwrap_or_default();
        let mut response = (status, self.headers, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
