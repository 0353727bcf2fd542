//! The admin app, embedded when the server was built.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::conditional::IfNoneMatch;
use crate::problem::Failure;
use crate::{request, secret};

/// Every file, by its path; empty where the admin app was not built before the server.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What is served instead.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Rolewright</title>
<h1>Rolewright</h1>
<p>The server runs, but the admin app was not built into it.</p>
<p>Run <code>cargo xtask build</code> in the checkout, then start the server again.</p>
";

/// The admin app, ready to be served.
#[derive(Debug)]
struct Assets {
    files: BTreeMap<&'static str, Asset>,
    /// The content security policy of the page.
    policy: String,
}

#[derive(Debug)]
struct Asset {
    bytes: &'static [u8],
    compressed: Option<&'static [u8]>,
    etag: String,
}

fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets::of(FILES))
}

impl Assets {
    fn of(files: &[(&'static str, &'static [u8])]) -> Self {
        let find = |name: &str| files.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes);
        let plain = files.iter().filter(|(name, _)| !name.ends_with(".br"));
        let files: BTreeMap<_, _> = plain
            .map(|(name, bytes)| {
                let compressed = find(&format!("{name}.br"));
                let etag = format!("\"{}\"", secret::base64url(&secret::sha256_bytes(bytes)));
                (*name, Asset { bytes, compressed, etag })
            })
            .collect();
        let page = files.get("index.html").map_or(&b""[..], |page| page.bytes);
        Self { policy: content_security_policy(&String::from_utf8_lossy(page)), files }
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let name = path.trim_start_matches('/');
        let known = IfNoneMatch::of(headers);
        let is_file = name.rsplit('/').next().is_some_and(|last| last.contains('.'));
        match self.files.get(name) {
            Some(asset) if name != "index.html" => file(name, asset, headers, &known),
            // A file that is not there is not a page of the app.
            None if is_file && name != "index.html" => Failure::not_found("such file").into_response(),
            _ => page(self, headers, &known),
        }
    }
}

/// Scripts from this server alone, the page's own inline scripts by their hashes, and WebAssembly;
/// nothing else may run, load, be framed or be sent anywhere.
fn content_security_policy(page: &str) -> String {
    let hashes: String = inline_scripts(page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(secret::sha256_bytes(script.as_bytes()))))
        .collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// What stands between the tags of each script without a source.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!tag.contains("src=")).then_some(script)
    })
}

/// Serves a file of the admin app; for any other path outside of the API the app itself, which
/// has pages of its own.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if OTHERS
        .iter()
        .any(|other| path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    {
        return request::no_such_path().await.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return request::no_such_method(request).await.into_response();
    }
    assets().answer(path, request.headers())
}

/// Paths that are never pages of the admin app.
const OTHERS: &[&str] = &["/api", "/.well-known", "/access/v1", "/scim", "/metrics"];

fn page(assets: &Assets, headers: &HeaderMap, known: &IfNoneMatch) -> Response {
    let mut response = match assets.files.get("index.html") {
        Some(page) => file("index.html", page, headers, known),
        None => {
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::SERVICE_UNAVAILABLE, headers, NOT_BUILT).into_response()
        }
    };
    if let Ok(policy) = HeaderValue::from_str(&assets.policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn file(name: &str, asset: &Asset, headers: &HeaderMap, known: &IfNoneMatch) -> Response {
    let compressed = asset.compressed.filter(|_| accepts_brotli(headers));
    let mut response = if known.has(&asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        compressed.unwrap_or(asset.bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let cache = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    if compressed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let refused =
            |quality: &str| quality.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        parts.next() == Some("br") && !parts.any(refused)
    })
}

/// Trunk puts a hash of 16 hex digits in the names of what it builds.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_run_by_their_hash_alone() {
        let page = r#"<script src="/a.js"></script><script type="module">start();</script>"#;
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["start();"]);
        let policy = content_security_policy(page);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
    }

    #[test]
    fn files_are_served_as_they_were_built() {
        let page = b"<html><script type=\"module\">start();</script></html>";
        let assets = Assets::of(&[
            ("app-0123456789abcdef.js", b"plain"),
            ("app-0123456789abcdef.js.br", b"small"),
            ("icon.svg", b"<svg/>"),
            ("index.html", page),
        ]);
        let ask = |path: &str, name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
            assets.answer(path, &headers)
        };
        let header = |response: &Response, name: &str| {
            response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        let script = ask("/app-0123456789abcdef.js", "accept-encoding", "gzip, br");
        assert_eq!(header(&script, "content-encoding"), "br");
        assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");
        let plain = ask("/app-0123456789abcdef.js", "accept-encoding", "gzip");
        assert_eq!(header(&plain, "content-encoding"), "");
        let icon = ask("/icon.svg", "accept", "*/*");
        assert_eq!(header(&icon, "cache-control"), "no-cache");
        let same = ask("/icon.svg", "if-none-match", &header(&icon, "etag"));
        assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
        for path in ["/", "/index.html", "/users/u_1", "/access", "/tenants/acme", "/tenants/acme/users/u_1"]
        {
            let page = ask(path, "accept", "*/*");
            assert_eq!(
                (page.status(), header(&page, "cache-control")),
                (StatusCode::OK, "no-cache".to_owned())
            );
            let hash = STANDARD.encode(secret::sha256_bytes(b"start();"));
            assert!(header(&page, "content-security-policy").contains(&format!("'sha256-{hash}'")));
        }
        assert_eq!(ask("/none.js", "accept", "*/*").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("/app-0123456789abcdef.js.br", "accept", "*/*").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn only_hashed_names_are_immutable() {
        assert!(is_hashed("rolewright-admin-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("snippets/x-0123456789abcdef/a.js"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("favicon.svg"));
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        for (accepted, expected) in
            [("gzip, br", true), ("br;q=0.5", true), ("br;q=0", false), ("gzip", false), ("br;q=0.0", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(accepts_brotli(&headers), expected, "{accepted}");
        }
    }
}
