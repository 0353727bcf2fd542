//! Browsers that a person signed in with before: a token in a cookie, stored hashed.
//!
//! What such a browser tries for that person's account is counted by the browser and not by the address
//! it comes from, so that whoever guesses at the same address keeps nobody out. It stands in for no
//! password and no code. (OWASP calls it a device cookie.)

use axum::http::{HeaderMap, HeaderValue};
use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Result};
use serde_json::Value;

use super::cookie;
use crate::secret;
use crate::tenant::Tenant;

/// The kind of the records, under the hash of the token; their owner is the person.
const KIND: &str = "known_browser";
/// How long a browser is known, in milliseconds: 90 days.
const LIFETIME: i64 = 90 * 24 * 60 * 60 * 1000;
/// How many browsers of one person are known: beyond, the one that was known first is not.
const MOST: usize = 20;

/// A browser that is to be known.
pub struct New {
    cookie: String,
    token: String,
    /// What makes it known.
    pub records: Vec<RecordOp>,
}

impl New {
    /// The header that tells the browser.
    #[must_use]
    pub fn cookie(&self) -> Option<HeaderValue> {
        cookie::write(&self.cookie, &self.token, LIFETIME / 1000)
    }
}

/// Lets a browser be known.
///
/// # Errors
/// Where the store or the randomness fails.
pub async fn new(tenant: &Tenant, user: &str, now: Timestamp) -> crate::problem::Result<New> {
    let mut known = tenant.store().records(tenant.id(), KIND, Some(user), now).await?;
    known.sort_by_key(|(_, record)| record.expires);
    let surplus = (known.len() + 1).saturating_sub(MOST);
    let forget = known.into_iter().take(surplus);
    let mut records: Vec<_> =
        forget.map(|(key, _)| RecordOp::Delete { kind: KIND.to_owned(), key }).collect();
    let token = secret::token()?;
    let record = Record::new(Value::Null).owned_by(user).until(now.plus(LIFETIME));
    records.push(RecordOp::Put { kind: KIND.to_owned(), key: secret::stored(&token), record });
    Ok(New { cookie: cookie::of_known(tenant.id()), token, records })
}

/// The token by which that tenant may know the browser that sends the request.
#[must_use]
pub fn token<'h>(headers: &'h HeaderMap, tenant: &str) -> Option<&'h str> {
    cookie::read(headers, &cookie::of_known(tenant))
}

/// Whether the browser with that token is one of that person's.
///
/// # Errors
/// Where the store fails.
pub async fn is_of(tenant: &Tenant, token: &str, user: &str, now: Timestamp) -> Result<bool> {
    let record = tenant.store().record(tenant.id(), KIND, &secret::stored(token), now).await?;
    Ok(record.is_some_and(|record| record.owner.as_deref() == Some(user)))
}

/// Forgets every browser of that person.
#[must_use]
pub fn end_all(user: &str) -> RecordOp {
    RecordOp::DeleteOwned { kind: KIND.to_owned(), owner: user.to_owned() }
}
