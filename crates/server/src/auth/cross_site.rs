//! Writes from other sites are refused: a browser sends its cookie along whoever asked it to.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rolewright_wire::problem::code;

use super::{cookie, key};
use crate::app::Shared;
use crate::problem::{Failure, Result};

/// Where a browser says from whose page a request is.
const SITE: header::HeaderName = header::HeaderName::from_static("sec-fetch-site");

/// Refuses a write that another site made a browser send.
pub async fn refuse(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match check(&app.config.public_url, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// The same, of a request's head, by where people reach the server.
///
/// # Errors
/// 403.
pub fn check(public_url: &str, method: &Method, headers: &HeaderMap) -> Result<()> {
    if is_allowed(public_url, method, headers) {
        return Ok(());
    }
    let is_told = headers.contains_key(SITE) || headers.contains_key(header::ORIGIN);
    let detail = match is_told {
        true => "a page of another site sent this: open Rolewright itself and do it there",
        false => {
            "it is not told which page sends the session's cookie: send `Origin` with the server's public URL, or use an API key"
        }
    };
    Err(Failure::new(StatusCode::FORBIDDEN, code::CROSS_SITE, detail))
}

/// Reading is harmless, as no other site may read the answer. A write must say that it comes from
/// this very origin or from no page at all; where the browser is too old for `Sec-Fetch-Site`, its
/// `Origin` must be that of the public URL, whatever `Host` a proxy writes. A bearer key is never sent by a browser on
/// its own.
fn is_allowed(public_url: &str, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    // One that is there twice is none that a browser sends.
    let text = |name: header::HeaderName| {
        let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
        values.next().map(|first| values.next().map_or(first, |_| "?"))
    };
    if let Some(site) = text(SITE) {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN) {
        Some(origin) => origin.eq_ignore_ascii_case(public_url),
        None => key::bearer(headers).is_some() || !cookie::has_session(headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_come_from_here_or_carry_no_cookie() {
        for (headers, allowed) in [
            (&[][..], true),
            (&[("cookie", "__Host-rolewright=t")], false),
            (&[("cookie", "theme=dark; __Host-rolewright-acme=t")], false),
            (&[("cookie", "theme=dark; __Host-rolewright-acme.known=t")], true),
            (&[("authorization", "Bearer rwk_a_b")], true),
            (&[("cookie", "__Host-rolewright=t"), ("sec-fetch-site", "same-origin")], true),
            (&[("cookie", "__Host-rolewright=t"), ("sec-fetch-site", "none")], true),
            (&[("cookie", "__Host-rolewright=t"), ("sec-fetch-site", "same-site")], false),
            (&[("cookie", "__Host-rolewright=t"), ("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("cookie", "__Host-rolewright=t"),
                    ("origin", "http://localhost:7420"),
                    ("origin", "http://evil.example.com"),
                ],
                false,
            ),
            (
                &[
                    ("cookie", "__Host-rolewright=t"),
                    // As a proxy writes it.
                    ("host", "10.0.0.7"),
                    ("origin", "http://localhost:7420"),
                ],
                true,
            ),
            (
                &[
                    ("cookie", "__Host-rolewright=t"),
                    ("host", "localhost:7421"),
                    ("origin", "http://localhost:7421"),
                ],
                false,
            ),
            (&[("cookie", "__Host-rolewright=t"), ("origin", "http://localhost:742")], false),
            (&[("cookie", "__Host-rolewright=t"), ("origin", "https://localhost:7420")], false),
            (&[("cookie", "__Host-rolewright=t"), ("origin", "")], false),
            (&[("cookie", "__Host-rolewright=t"), ("host", "localhost:7420"), ("origin", "null")], false),
            (
                &[
                    ("host", "localhost:7420"),
                    ("origin", "http://localhost:7420"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, header::HeaderValue::from_static(value));
            }
            let public_url = "http://localhost:7420";
            assert_eq!(is_allowed(public_url, &Method::POST, &map), allowed, "{headers:?}");
            assert!(is_allowed(public_url, &Method::GET, &map));
        }
    }
}
