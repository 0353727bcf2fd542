//! Sessions: a random token in a cookie, and a record under its hash.

use axum::http::{HeaderMap, HeaderValue, header};
use rolewright_model::{Stamp, Timestamp};
use rolewright_store::{Error, Record, RecordOp, Result};
use serde::{Deserialize, Serialize};

use crate::secret;
use crate::tenant::Tenant;

/// The kind of the records.
pub const KIND: &str = "session";
/// The cookie's name. With this prefix browsers take it over a secure channel only (or from this
/// very machine), for all paths and for no other host.
pub const COOKIE: &str = "__Host-rolewright";
/// The longest that a session lasts, in milliseconds: 12 hours.
pub const LONGEST: i64 = 12 * 60 * 60 * 1000;
/// How long a session lasts without use, in milliseconds: 2 hours.
pub const IDLE: i64 = 2 * 60 * 60 * 1000;
/// How often use is noted, in milliseconds: every 5 minutes.
const NOTED: i64 = 5 * 60 * 1000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub user: String,
    /// The revision at which it began.
    pub began: Stamp,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, as far as was noted.
    pub used: Timestamp,
}

impl Session {
    /// When it ends if nothing is done.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.used.plus(IDLE).min(self.created.plus(LONGEST))
    }

    fn record(&self) -> Record {
        let body = serde_json::to_value(self).unwrap_or_default();
        Record::new(body).owned_by(&self.user).until(self.expires())
    }
}

/// Begins a session of a user; answers with its token too.
///
/// # Errors
/// [`crate::problem::Failure`] where the store or the randomness fails.
pub async fn begin(tenant: &Tenant, user: &str, now: Timestamp) -> crate::problem::Result<(String, Session)> {
    let token = secret::token()?;
    let began = tenant.loaded().state.at();
    let session = Session { user: user.to_owned(), began, created: now, used: now };
    let key = secret::stored(&token);
    tenant.store().put_record(tenant.id(), KIND, &key, session.record(), now).await?;
    Ok((token, session))
}

/// The session of a token, if it is good; notes its use.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, token: &str, now: Timestamp) -> Result<Option<Session>> {
    let key = secret::stored(token);
    let Some(record) = tenant.store().record(tenant.id(), KIND, &key, now).await? else { return Ok(None) };
    let Ok(mut session) = serde_json::from_value::<Session>(record.body) else { return Ok(None) };
    if now >= session.used.plus(NOTED) {
        session.used = now;
        // A session that somebody ended meanwhile must not come back: taken first, then put.
        let renew = vec![
            RecordOp::Take { kind: KIND.to_owned(), key: key.clone() },
            RecordOp::Put { kind: KIND.to_owned(), key, record: session.record() },
        ];
        match tenant.store().edit_records(tenant.id(), renew, now).await {
            Ok(()) => {}
            Err(Error::Spent { .. }) => return Ok(None),
            // It is good still; the next request notes its use.
            Err(Error::Busy) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(session))
}

/// Whether the session of a token is good; this is no use of it.
///
/// # Errors
/// Where the store fails.
pub async fn is_good(tenant: &Tenant, token: &str, now: Timestamp) -> Result<bool> {
    let record = tenant.store().record(tenant.id(), KIND, &secret::stored(token), now).await?;
    Ok(record.is_some())
}

/// Ends the session of a token.
///
/// # Errors
/// Where the store fails.
pub async fn end(tenant: &Tenant, token: &str) -> Result<()> {
    tenant.store().delete_record(tenant.id(), KIND, &secret::stored(token)).await.map(drop)
}

/// Ends every session of a user, with the change that is made.
#[must_use]
pub fn end_all(user: &str) -> RecordOp {
    RecordOp::DeleteOwned { kind: KIND.to_owned(), owner: user.to_owned() }
}

/// The token in a request's cookie.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == COOKIE).map(|(_, value)| value.trim())
}

/// The header that gives a browser its token.
#[must_use]
pub fn cookie(token: &str) -> Option<HeaderValue> {
    let age = LONGEST / 1000;
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={age}; HttpOnly; Secure; SameSite=Strict");
    HeaderValue::from_str(&text).ok()
}

/// The header that takes a browser's token away.
#[must_use]
pub fn no_cookie() -> Option<HeaderValue> {
    let text = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
    HeaderValue::from_str(&text).ok()
}
