//! Signatures: Ed25519, as JWS. A tenant signs with one key; those that were replaced go on verifying what they signed.

mod key;
mod rotation;

use std::fmt;

use axum::body::Bytes;
use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::key::Private;
pub use self::key::Public;
pub use self::rotation::{ACTION, Rotated, believed_until, rotate};
use crate::secret::{base64url, random};
use crate::tenant::Error;

/// The kind of the records: the key that signs under [`CURRENT`], and each that was replaced under its thumbprint.
const KIND: &str = "signing_key";
const CURRENT: &str = "current";

/// When they are read: they do not expire.
const ALWAYS: Timestamp = Timestamp(0);

/// How long a key that was replaced is published, in milliseconds: 24 hours. What checkers are shown is good for
/// minutes; a day is for clocks and caches that are wrong.
const PUBLISHED: i64 = 24 * 60 * 60 * 1000;

/// A tenant's keys.
pub struct Signer {
    current: Private,
    earlier: Vec<Earlier>,
}

/// A key that was replaced. Its secret is no longer kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The key.
    pub key: Public,
    /// What is known of it.
    pub end: End,
}

/// When a key was replaced, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub replaced: Timestamp,
    /// Whether others may have it: checkers are to believe it no longer.
    pub leaked: bool,
}

/// A key that was replaced, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    x: String,
    #[serde(flatten)]
    end: End,
}

impl Earlier {
    fn record(&self) -> RecordOp {
        let kept = Kept { x: self.key.x(), end: self.end };
        let record = Record::new(serde_json::to_value(kept).unwrap_or_default());
        RecordOp::Put { kind: KIND.to_owned(), key: self.key.kid().to_owned(), record }
    }

    fn is_published(&self, now: Timestamp) -> bool {
        !self.end.leaked && now < self.end.replaced.plus(PUBLISHED)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kid = self.current.public().kid();
        f.debug_struct("Signer").field("kid", &kid).field("earlier", &self.earlier).finish_non_exhaustive()
    }
}

impl Signer {
    /// The tenant's keys; one is made where there is none. Of two processes that make one at the same
    /// time, both use the one that was kept.
    ///
    /// # Errors
    /// Where the store or the randomness fails.
    pub async fn of(store: &dyn Store, tenant: &str) -> Result<Self, Error> {
        let mut records = store.records(tenant, KIND, None, ALWAYS).await?;
        if !records.iter().any(|(key, _)| key == CURRENT) {
            store.insert_record(tenant, KIND, CURRENT, Record::new(made()?), ALWAYS).await?;
            records = store.records(tenant, KIND, None, ALWAYS).await?;
        }
        let (mut current, mut earlier) = (None, Vec::new());
        for (key, record) in records {
            if key == CURRENT {
                current = record.body.get("d").and_then(Value::as_str).and_then(Private::read);
            } else {
                earlier.push(read(record.body).ok_or_else(|| unreadable(tenant))?);
            }
        }
        Ok(Self { current: current.ok_or_else(|| unreadable(tenant))?, earlier })
    }

    /// The key that signs.
    #[must_use]
    pub fn public(&self) -> &Public {
        self.current.public()
    }

    /// The keys that checkers are to believe.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &Public> {
        let earlier = self.earlier.iter().filter(move |earlier| earlier.is_published(now));
        std::iter::once(self.public()).chain(earlier.map(|earlier| &earlier.key))
    }

    /// The earlier keys that are published still, as they are where they are to be believed no longer.
    fn withdrawn(&self, now: Timestamp) -> impl Iterator<Item = Earlier> {
        let published = self.earlier.iter().filter(move |earlier| earlier.is_published(now)).cloned();
        published.map(|earlier| Earlier { end: End { leaked: true, ..earlier.end }, ..earlier })
    }

    /// The claims as a compact JWS.
    ///
    /// # Errors
    /// Where the claims are not JSON.
    pub fn compact(&self, typ: &str, claims: &impl Serialize) -> serde_json::Result<String> {
        self.current.compact(typ, claims)
    }

    /// The claims of a compact JWS of that type, if the tenant signed it, and how its key ended where that was replaced.
    #[must_use]
    pub fn verified<T: DeserializeOwned>(&self, typ: &str, jws: &str) -> Option<(T, Option<End>)> {
        let current = || self.public().verified(typ, jws).map(|claims| (claims, None));
        let by = |earlier: &Earlier| Some((earlier.key.verified(typ, jws)?, Some(earlier.end)));
        current().or_else(|| self.earlier.iter().find_map(by))
    }

    /// A JWS over exactly these bytes, without them: `HEADER..SIGNATURE` (RFC 7797).
    #[must_use]
    pub fn detached(&self, typ: &str, payload: &[u8]) -> String {
        self.current.detached(typ, payload)
    }

    /// The bytes as they travel: [`Signer::detached`], a line feed, and themselves.
    #[must_use]
    pub fn attached(&self, typ: &str, payload: &[u8]) -> Bytes {
        let mut body = self.detached(typ, payload).into_bytes();
        body.push(b'\n');
        body.extend_from_slice(payload);
        body.into()
    }
}

/// A new key, as it is kept.
fn made() -> Result<Value, Error> {
    let seed: [u8; 32] = random().map_err(|_| Error::Stopped)?;
    Ok(json!({ "kty": "OKP", "crv": "Ed25519", "d": base64url(&seed) }))
}

fn read(kept: Value) -> Option<Earlier> {
    let Kept { x, end } = serde_json::from_value(kept).ok()?;
    Some(Earlier { key: Public::read(&x)?, end })
}

fn unreadable(tenant: &str) -> Error {
    Error::Unreadable { tenant: tenant.to_owned(), problem: "its signing key cannot be read".to_owned() }
}
