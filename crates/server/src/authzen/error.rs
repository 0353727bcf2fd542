//! Errors of this API: the status, and a message as plain text (section 10.1.7), where the rest of the server
//! answers problem details.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::problem::Failure;
use crate::{request, tenant};

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error on its way out.
#[derive(Debug)]
pub struct Error(Failure);

impl Error {
    /// What was sent is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self(Failure::new(StatusCode::BAD_REQUEST, rolewright_wire::problem::code::INVALID, message))
    }

    /// The status: 400 for whatever is wrong with what was sent, as the standard knows no other.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        }
    }

    /// What is wrong, and what to do.
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.detail()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<tenant::Error> for Error {
    fn from(error: tenant::Error) -> Self {
        Self(error.into())
    }
}

/// A path without that method.
pub(crate) async fn no_such_method(request: Request) -> Error {
    request::no_such_method(request).await.into()
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        request::is_refused(self.0.code());
        let (status, message) = (self.status(), self.message().to_owned());
        let mut response = (status, self.0.into_headers(), message).into_response();
        let media = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        response
    }
}
