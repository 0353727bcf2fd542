//! Idempotency keys: a write that is sent again is made once (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! What was made is remembered for a day, in the transaction of the change: under whoever asked and the key,
//! with a hash of the request. The same request again is answered as it was then, and changes nothing, to who
//! may make such a change still. A write that was refused left nothing, and is decided anew.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use rolewright_model::{Stamp, Timestamp};
use rolewright_store::{Record, RecordOp};
use rolewright_wire::Created;
use rolewright_wire::problem::code;
use serde::{Deserialize, Serialize};

use crate::auth::actor::Who;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{Error, Tenant};

/// The kind of the records.
pub const KIND: &str = "idempotency_key";
/// The header that carries a key.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long a key is remembered, in milliseconds: a day.
pub const LIFETIME: i64 = 24 * 60 * 60 * 1000;
/// The longest key, in bytes.
const LONGEST: usize = 255;

/// The hash of the request's body, once it is read.
#[derive(Clone, Debug, Default)]
pub struct Body(Arc<OnceLock<String>>);

impl Body {
    /// Remembers what was read.
    pub fn read(&self, bytes: &[u8]) {
        // A request has one body.
        _ = self.0.set(secret::sha256(bytes));
    }
}

/// A request that shall be made once.
#[derive(Clone, Debug)]
pub struct Once {
    /// Where it is remembered: a hash of who asks and the key.
    key: String,
    head: String,
    body: Body,
}

/// What a request made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// A hash of the request.
    request: String,
    /// The revision that it made.
    pub at: Stamp,
    /// The id of the document that it created, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// What the changes of a batch created.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Created>,
}

impl Once {
    /// What the request's headers say; none where there is no key.
    ///
    /// # Errors
    /// 400 where the key is no key.
    pub fn of(parts: &mut Parts, who: &Who) -> Result<Option<Self>> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(None) };
        let key = secret::sha256(format!("{}\n{}", who.label(), read(value)?).as_bytes());
        let edited = parts.headers.get_all(header::IF_MATCH);
        let head = format!("{} {}\n{:?}", parts.method, parts.uri, edited.iter().collect::<Vec<_>>());
        let body = Body::default();
        parts.extensions.insert(body.clone());
        Ok(Some(Self { key, head, body }))
    }

    fn request(&self) -> String {
        let body = self.body.0.get().map_or("", String::as_str);
        secret::sha256(format!("{}\n{body}", self.head).as_bytes())
    }

    /// What the same request made before; none where it is new.
    ///
    /// # Errors
    /// [`Error::KeyReused`] where the key was used for another request; where the store fails.
    pub async fn made(&self, tenant: &Tenant, now: Timestamp) -> Result<Option<Made>, Error> {
        let record = tenant.store().record(tenant.id(), KIND, &self.key, now).await?;
        let made: Option<Made> = record.and_then(|record| serde_json::from_value(record.body).ok());
        match made {
            Some(made) if made.request != self.request() => Err(Error::KeyReused),
            made => Ok(made),
        }
    }

    /// Remembers what the request made; refused where another one was faster.
    #[must_use]
    pub fn remember(&self, at: Stamp, created: Option<&str>, parts: &[Created], now: Timestamp) -> RecordOp {
        let (request, created) = (self.request(), created.map(ToOwned::to_owned));
        let made = Made { request, at, created, parts: parts.to_vec() };
        let record = Record::new(serde_json::to_value(made).unwrap_or_default()).until(now.plus(LIFETIME));
        RecordOp::Insert { kind: KIND.to_owned(), key: self.key.clone(), record }
    }
}

/// A key, with or without the quotes that the draft gives it.
fn read(value: &HeaderValue) -> Result<&str> {
    let text = value.to_str().unwrap_or_default().trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.len() > LONGEST || key.contains('"') {
        let detail = format!("`Idempotency-Key` is 1 to {LONGEST} characters of ASCII: send a new UUID");
        return Err(Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail));
    }
    Ok(key)
}
