//! Errors as SCIM says them (RFC 7644, 3.12).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolewright_wire::problem::code;
use serde_json::{Map, Value};

use super::MEDIA_TYPE;
use crate::problem::Failure;
use crate::secret::NoEntropy;
use crate::{request, tenant};

/// The schema of errors.
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What a handler answers.
pub type Result<T, E = ScimError> = std::result::Result<T, E>;

/// What kind of error it is, where the standard has a name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// A filter is malformed, or asks for what there is not.
    InvalidFilter,
    /// Another resource has the same.
    Uniqueness,
    /// The server alone writes it.
    Mutability,
    /// The body is malformed.
    InvalidSyntax,
    /// The path of an operation is malformed.
    InvalidPath,
    /// The path of an operation leads to nothing.
    NoTarget,
    /// A value is missing or not of its kind.
    InvalidValue,
}

impl ScimType {
    /// The name in an answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// An error on its way out.
#[derive(Debug)]
pub struct ScimError {
    status: StatusCode,
    kind: Option<ScimType>,
    detail: String,
    /// For the log.
    code: Option<String>,
    headers: Option<Box<HeaderMap>>,
}

impl ScimError {
    /// An error that the standard has no name for.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into(), code: None, headers: None }
    }

    /// An error of that kind.
    #[must_use]
    pub fn of(kind: ScimType, detail: impl Into<String>) -> Self {
        Self { kind: Some(kind), ..Self::new(kind.status(), detail) }
    }

    /// A value that is not of its kind.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidValue, detail)
    }

    /// The same, at that place in what was sent.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.detail = format!("`{place}`: {}", self.detail);
        self
    }

    /// No such thing.
    #[must_use]
    pub fn not_found(what: &str, id: &str) -> Self {
        let detail = format!("there is no {what} `{}` here", id.escape_debug());
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Somebody wrote it meanwhile.
    #[must_use]
    pub fn outdated() -> Self {
        let detail = "somebody changed this meanwhile: read it again and send its new `meta.version`";
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }
}

impl From<Failure> for ScimError {
    fn from(failure: Failure) -> Self {
        let (details, headers) = failure.into_parts();
        let code = details.code().to_owned();
        let status = StatusCode::from_u16(details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (status, kind) = match (status, code.as_str()) {
            (StatusCode::UNPROCESSABLE_ENTITY, _) => (StatusCode::BAD_REQUEST, Some(ScimType::InvalidValue)),
            (_, code::MALFORMED) => (status, Some(ScimType::InvalidSyntax)),
            (_, "exists" | "taken") => (status, Some(ScimType::Uniqueness)),
            _ => (status, None),
        };
        let mut detail = match details.errors.as_slice() {
            [] | [_] => details.detail,
            all => all.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "),
        };
        if let Some(permission) = details.permission {
            // SCIM has no field for it, and keys are given permissions by their ids.
            detail.push_str(&format!(" (`{permission}`)"));
        }
        Self { status, kind, detail, code: Some(code), headers: Some(Box::new(headers)) }
    }
}

impl From<tenant::Error> for ScimError {
    fn from(error: tenant::Error) -> Self {
        match error {
            tenant::Error::Outdated { .. } => Self::outdated(),
            error => Failure::from(error).into(),
        }
    }
}

impl From<NoEntropy> for ScimError {
    fn from(error: NoEntropy) -> Self {
        Failure::from(error).into()
    }
}

impl From<rolewright_store::Error> for ScimError {
    fn from(error: rolewright_store::Error) -> Self {
        Failure::from(error).into()
    }
}

/// The code that problems have for what is found here to be wrong, for the log.
fn named(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => code::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => code::METHOD_NOT_ALLOWED,
        StatusCode::CONFLICT => "exists",
        StatusCode::PRECONDITION_FAILED => code::CONFLICT,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => code::NOT_JSON,
        StatusCode::PAYLOAD_TOO_LARGE => code::TOO_LARGE,
        status if status.is_server_error() => code::INTERNAL,
        _ => code::INVALID,
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let kind = self.kind.map(ScimType::as_str);
        request::is_refused(self.code.as_deref().unwrap_or_else(|| named(self.status)));
        let mut body = Map::new();
        body.insert("schemas".to_owned(), Value::from(vec![SCHEMA]));
        body.insert("status".to_owned(), self.status.as_str().into());
        if let Some(kind) = kind {
            body.insert("scimType".to_owned(), kind.into());
        }
        body.insert("detail".to_owned(), self.detail.into());
        let mut response =
            (self.status, *self.headers.unwrap_or_default(), Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
