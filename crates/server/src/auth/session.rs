//! Sessions: a random token in a cookie, and a record under its hash.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue};
use rolewright_model::{Stamp, Timestamp};
use rolewright_store::{Error, Record, RecordOp, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actor::Who;
use super::client::Client;
use super::cookie;
use super::view::View;
use crate::secret;
use crate::tenant::Tenant;

/// The kind of the records.
pub const KIND: &str = "session";
/// The kind of the records of sign-ins that are under way.
pub(crate) const UNDER_WAY: &str = "sign_in";
/// How long a sign-in may be under way, in milliseconds: 2 minutes.
const PATIENCE: i64 = 2 * 60 * 1000;
/// The longest that a session lasts, in milliseconds: 12 hours.
pub const LONGEST: i64 = 12 * 60 * 60 * 1000;
/// How long a session lasts without use, in milliseconds: 2 hours.
pub const IDLE: i64 = 2 * 60 * 60 * 1000;
/// How often use is noted, in milliseconds: every 5 minutes.
const NOTED: i64 = 5 * 60 * 1000;

/// How long a session's id is: 80 bits in hex.
const ID_LENGTH: usize = 20;

/// Whether records of that kind are sessions, or on the way to one: where one is not there to be used
/// up, all of that person's were ended.
#[must_use]
pub fn is_kind(kind: &str) -> bool {
    matches!(kind, KIND | UNDER_WAY)
}

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
    /// From where the person signed in, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// With what, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// As whom it sees, where not as whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// The hash of its token, under which it is kept.
    #[serde(skip)]
    pub key: String,
}

/// A session that is being begun.
#[derive(Clone)]
pub struct New {
    /// What the browser will carry.
    pub token: String,
    /// The session.
    pub session: Session,
}

impl New {
    fn of(session: Session) -> Result<Self, secret::NoEntropy> {
        let token = secret::token()?;
        let key = secret::stored(&token);
        Ok(Self { token, session: Session { key, ..session } })
    }

    /// What makes it good.
    #[must_use]
    pub fn record(&self) -> RecordOp {
        self.session.put()
    }
}

impl Session {
    /// What names it to its owner: nothing that its token or its place in the store can be told from.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = secret::sha256(format!("session\n{}", self.key).as_bytes());
        hash.get(..ID_LENGTH).unwrap_or(&hash).to_owned()
    }

    /// Who asks in it: whose it is, or as whom they view.
    #[must_use]
    pub fn who(&self) -> Who {
        match &self.view {
            None => self.person(),
            Some(view) => Who::Viewer {
                user: self.user.clone(),
                began: self.began,
                session: self.key.as_str().into(),
                view: view.clone().into(),
            },
        }
    }

    /// Whose it is, whomever they view as.
    #[must_use]
    pub fn person(&self) -> Who {
        Who::Person { user: self.user.clone(), began: self.began, session: self.key.as_str().into() }
    }

    /// Has it see so from now on: it must be as it was found.
    #[must_use]
    pub fn viewing(&self, view: Option<View>) -> RecordOp {
        self.replaced(&Self { view, ..self.clone() })
    }

    fn replaced(&self, by: &Self) -> RecordOp {
        let (kind, key) = (KIND.to_owned(), self.key.clone());
        RecordOp::Replace { kind, key, was: self.record(), record: by.record() }
    }

    /// When it ends if nothing is done.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.used.plus(IDLE).min(self.created.plus(LONGEST))
    }

    /// The same under a new token: whoever shows again who they are gets one.
    ///
    /// # Errors
    /// Where the randomness fails.
    pub fn renewed(&self, now: Timestamp) -> Result<New, secret::NoEntropy> {
        New::of(Self { used: now, ..self.clone() })
    }

    /// Ends it: it must be there still.
    #[must_use]
    pub fn end(&self) -> RecordOp {
        RecordOp::Take { kind: KIND.to_owned(), key: self.key.clone() }
    }

    /// Writes it.
    #[must_use]
    pub fn put(&self) -> RecordOp {
        RecordOp::Put { kind: KIND.to_owned(), key: self.key.clone(), record: self.record() }
    }

    fn record(&self) -> Record {
        let body = serde_json::to_value(self).unwrap_or_default();
        Record::new(body).owned_by(&self.user).until(self.expires())
    }
}

/// A new session of a user.
///
/// # Errors
/// Where the randomness fails.
pub fn new(tenant: &Tenant, user: &str, client: &Client, now: Timestamp) -> Result<New, secret::NoEntropy> {
    New::of(Session {
        user: user.to_owned(),
        began: tenant.loaded().state.at(),
        created: now,
        used: now,
        address: client.address,
        agent: client.agent.clone(),
        view: None,
        key: String::new(),
    })
}

/// Notes that a sign-in is under way. What is answered must happen with the session's begin, and
/// cannot once all of that person's sessions were ended: those under way are among them.
///
/// # Errors
/// Where the store or the randomness fails.
pub async fn under_way(tenant: &Tenant, user: &str, now: Timestamp) -> crate::problem::Result<RecordOp> {
    let key = secret::token()?;
    let record = Record::new(Value::Null).owned_by(user).until(now.plus(PATIENCE));
    tenant.store().put_record(tenant.id(), UNDER_WAY, &key, record, now).await?;
    Ok(RecordOp::Take { kind: UNDER_WAY.to_owned(), key })
}

/// The session of a token, if it is good; notes its use.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, token: &str, now: Timestamp) -> Result<Option<Session>> {
    let key = secret::stored(token);
    let Some(found) = one(tenant, &key, now).await? else { return Ok(None) };
    if now < found.used.plus(NOTED) {
        return Ok(Some(found));
    }
    let noted = Session { used: now, ..found.clone() };
    match tenant.store().edit_records(tenant.id(), vec![found.replaced(&noted)], now).await {
        Ok(()) => Ok(Some(noted)),
        // A session that somebody ended meanwhile does not come back.
        Err(Error::Spent { .. }) => Ok(None),
        // Another request noted its use, or has it see as somebody else from now on.
        Err(Error::Changed { .. }) => one(tenant, &key, now).await,
        // It is good still; the next request notes its use.
        Err(Error::Busy | Error::Full) => Ok(Some(found)),
        Err(error) => Err(error),
    }
}

/// The session under that hash of its token, if it is good; this is no use of it.
///
/// # Errors
/// Where the store fails.
pub async fn one(tenant: &Tenant, key: &str, now: Timestamp) -> Result<Option<Session>> {
    let Some(record) = tenant.store().record(tenant.id(), KIND, key, now).await? else { return Ok(None) };
    let read = serde_json::from_value::<Session>(record.body).ok();
    Ok(read.map(|session| Session { key: key.to_owned(), ..session }))
}

/// Whether the session of a token is good; this is no use of it.
///
/// # Errors
/// Where the store fails.
pub async fn is_good(tenant: &Tenant, token: &str, now: Timestamp) -> Result<bool> {
    let record = tenant.store().record(tenant.id(), KIND, &secret::stored(token), now).await?;
    Ok(record.is_some())
}

/// Every session of a user.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Vec<Session>> {
    let records = tenant.store().records(tenant.id(), KIND, Some(user), now).await?;
    let read = |(key, record): (String, Record)| {
        serde_json::from_value::<Session>(record.body).ok().map(|session| Session { key, ..session })
    };
    Ok(records.into_iter().filter_map(read).collect())
}

/// The keys of the records of a user's sessions, and of the sign-ins that are under way.
///
/// # Errors
/// Where the store fails.
pub async fn keys_of(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    for kind in [KIND, UNDER_WAY] {
        let records = tenant.store().records(tenant.id(), kind, Some(user), now).await?;
        keys.extend(records.into_iter().map(|(key, _)| key));
    }
    Ok(keys)
}

/// Ends the session of a token, if there is one.
#[must_use]
pub fn end(token: &str) -> RecordOp {
    RecordOp::Delete { kind: KIND.to_owned(), key: secret::stored(token) }
}

/// Ends every session of a user, those that are being begun too, with what else happens.
#[must_use]
pub fn end_all(user: &str) -> [RecordOp; 2] {
    [KIND, UNDER_WAY].map(|kind| RecordOp::DeleteOwned { kind: kind.to_owned(), owner: user.to_owned() })
}

/// The token of a session of that tenant in a request's cookie.
#[must_use]
pub fn token<'h>(headers: &'h HeaderMap, tenant: &str) -> Option<&'h str> {
    cookie::read(headers, &cookie::of_session(tenant))
}

/// The header that gives a browser the token of a session of that tenant.
#[must_use]
pub fn cookie(tenant: &str, token: &str) -> Option<HeaderValue> {
    cookie::write(&cookie::of_session(tenant), token, LONGEST / 1000)
}

/// The header that takes a browser's token of that tenant away.
#[must_use]
pub fn no_cookie(tenant: &str) -> Option<HeaderValue> {
    cookie::write(&cookie::of_session(tenant), "", 0)
}
