//! Cookies that only this server reads: over a secure channel, and on no request of another site. Each tenant has its
//! own, so that a browser is signed in to several at once.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::DEFAULT_TENANT;

/// What the name of every cookie begins with. With this prefix browsers take it over a secure channel only (or from this
/// very machine), for all paths and for no other host.
const PREFIX: &str = "__Host-rolewright";
/// What the name of one ends with by which a browser is known.
const KNOWN: &str = ".known";

/// The name of the cookie that carries a tenant's session.
#[must_use]
pub fn of_session(tenant: &str) -> String {
    if tenant == DEFAULT_TENANT { PREFIX.to_owned() } else { format!("{PREFIX}-{tenant}") }
}

/// The name of the cookie by which a tenant knows a browser. No id of a tenant has a dot in it, so it is no session's.
#[must_use]
pub fn of_known(tenant: &str) -> String {
    of_session(tenant) + KNOWN
}

/// Whether a request carries a session, of whichever tenant.
#[must_use]
pub fn has_session(headers: &HeaderMap) -> bool {
    pairs(headers).any(|(name, _)| name.starts_with(PREFIX) && !name.ends_with(KNOWN))
}

/// What is in the cookie of that name.
#[must_use]
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    pairs(headers).find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim()))
}

/// The header that gives a browser a cookie, or with an age of 0 seconds takes it away.
#[must_use]
pub fn write(name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    HeaderValue::from_str(&text).ok()
}
