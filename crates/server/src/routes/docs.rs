//! The page that shows the description of the API: static files that ask for the description itself.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::problem::{Failure, Result};

/// The files of the page, by name, with their media types. The colours are the admin app's own.
const FILES: &[(&str, &str, &str)] = &[
    ("docs.js", "text/javascript; charset=utf-8", include_str!("../../../../www/api/docs.js")),
    ("docs.css", "text/css; charset=utf-8", include_str!("../../../../www/api/docs.css")),
    ("theme.js", "text/javascript; charset=utf-8", include_str!("../../../../www/admin/theme.js")),
    ("tokens.css", "text/css; charset=utf-8", include_str!("../../../../www/admin/tokens.css")),
];

/// Scripts, styles and fonts of this server alone, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub async fn page() -> Response {
    answer("text/html; charset=utf-8", include_str!("../../../../www/api/index.html"))
}

/// A file of the page.
///
/// # Errors
/// 404.
pub async fn file(Path(name): Path<String>) -> Result<Response> {
    let found = FILES.iter().find(|(known, ..)| *known == name);
    let (_, media_type, text) = found.ok_or_else(|| Failure::not_found("such file"))?;
    Ok(answer(media_type, text))
}

fn answer(media_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
