//! API keys: `rwk_ID_SECRET`, shown once, stored hashed.
//!
//! A key is a record under its id, which expires with it. It is made, edited, renewed and ended in
//! [`key_change`](super::key_change).

use axum::http::{HeaderMap, header};
use rolewright_model::change::KeyEdit;
use rolewright_model::{ResourcePath, Timestamp};
use rolewright_store::log::canonical;
use rolewright_store::{Record, RecordOp, sealed};
use rolewright_wire::key::{EditKey, KeyView};
use serde::{Deserialize, Serialize};

use super::actor::Who;
use super::key_use::{self, Use};
use super::known_keys::Known;
use super::proof;
use crate::problem::Result;
use crate::secret;
use crate::tenant::{Loaded, Tenant};

/// The kind of the records.
pub const KIND: &str = sealed::KEY;
const PREFIX: &str = "rwk_";
/// How many characters of a hash name a version of a key: 128 bits in hex.
const VERSION_LENGTH: usize = 32;

/// An API key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What a person calls it.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Where: there and below. A key of a time when all were good for the whole tenant does not say.
    #[serde(default = "tenant_scope")]
    pub scope: String,
    /// Whether it is believed what it says of a subject.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusts_subject: bool,
    /// SHA-256 of the secret.
    pub hash: String,
    /// When it was made.
    pub created: Timestamp,
    /// The first moment at which it is no longer good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Who made it, as the change log says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// The ids of the users whom a secret of it was told; one of a time when that was not kept says it of none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_to: Vec<String>,
    /// When it was last given a new secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Timestamp>,
    /// Who did so, as the change log says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_by: Option<String>,
    /// The secret before that, for as long as it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
}

/// A secret that was replaced and is good for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// SHA-256 of the secret.
    pub hash: String,
    /// The first moment at which it is no longer good.
    pub until: Timestamp,
}

fn tenant_scope() -> String {
    ResourcePath::tenant().to_string()
}

impl Key {
    /// A new one, with its secret, as somebody made it.
    pub(super) fn made(said: KeyEdit, secret: &str, by: &Who, now: Timestamp) -> Self {
        let KeyEdit { id: _, name, permissions, scope, expires, trusts_subject } = said;
        Self {
            name,
            permissions: in_order(permissions),
            scope,
            trusts_subject,
            hash: secret::stored(secret),
            created: now,
            expires,
            made_by: Some(by.label()),
            told_to: by.people().to_vec(),
            rotated: None,
            rotated_by: None,
            former: None,
        }
    }

    /// The same key, as somebody edited it.
    pub(super) fn edited(&self, said: EditKey) -> Self {
        let EditKey { name, permissions, scope, expires, trusts_subject } = said;
        Self { name, permissions: in_order(permissions), scope, expires, trusts_subject, ..self.clone() }
    }

    /// Where it is good; the whole tenant where that cannot be read.
    pub(crate) fn place(&self) -> ResourcePath {
        ResourcePath::parse(&self.scope).unwrap_or_else(|_| ResourcePath::tenant())
    }

    /// As what `secret` is kept, where it is its secret, or the one before it while that is good.
    pub(super) fn hash_of(&self, secret: &str, now: Timestamp) -> Option<&str> {
        self.hashes(now).find(|hash| secret::is_stored_as(secret, hash))
    }

    /// The secrets that are good, as they are kept.
    pub(super) fn hashes(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let former = self.former.as_ref().filter(|former| now < former.until);
        [self.hash.as_str()].into_iter().chain(former.map(|former| former.hash.as_str()))
    }

    /// The ids of the users whom a secret of it was told, and of the one who made it.
    pub(super) fn told_to(&self) -> Vec<String> {
        let maker = self.maker().filter(|maker| !self.told_to.iter().any(|user| user == maker));
        self.told_to.iter().cloned().chain(maker.map(ToOwned::to_owned)).collect()
    }

    pub(super) fn record(&self) -> Record {
        let body = serde_json::to_value(self).unwrap_or_default();
        Record { expires: self.expires, ..Record::new(body) }
    }

    /// The person who made it, by id, where it was one.
    #[must_use]
    pub fn maker(&self) -> Option<&str> {
        person(self.made_by.as_deref()?)
    }

    /// The person who was told its newest secret, by id, where it was one.
    #[must_use]
    pub fn keeper(&self) -> Option<&str> {
        person(self.rotated_by.as_deref().or(self.made_by.as_deref())?)
    }
}

/// The id of the person whom the change log calls so, where it is one.
#[must_use]
pub fn person(label: &str) -> Option<&str> {
    label.strip_prefix("user:")
}

/// Each once, in the order of ids.
fn in_order(mut permissions: Vec<String>) -> Vec<String> {
    permissions.sort();
    permissions.dedup();
    permissions
}

/// A key that was found, as it was read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// What it says.
    pub key: Key,
    /// The record that says it.
    pub(super) record: Record,
}

impl Found {
    fn read(id: String, record: Record) -> Option<Self> {
        let key = serde_json::from_value(record.body.clone()).ok()?;
        Some(Self { id, key, record })
    }

    /// A key as it is written.
    pub(super) fn written(id: String, key: Key) -> Self {
        let record = key.record();
        Self { id, key, record }
    }

    /// What a change says of it.
    #[must_use]
    pub fn said(&self) -> KeyEdit {
        let Self { id, key, .. } = self;
        KeyEdit {
            id: id.clone(),
            name: key.name.clone(),
            permissions: key.permissions.clone(),
            scope: key.scope.clone(),
            expires: key.expires,
            trusts_subject: key.trusts_subject,
        }
    }

    /// Which version of the key it is: another with every edit and every new secret.
    #[must_use]
    pub fn etag(&self) -> String {
        let hash = secret::sha256(canonical(&self.record.body).as_bytes());
        format!("\"{}\"", hash.get(..VERSION_LENGTH).unwrap_or(&hash))
    }

    /// The key as it is listed.
    #[must_use]
    pub fn view(&self, used: Option<Use>, loaded: &Loaded, now: Timestamp) -> KeyView {
        let Self { id, key, .. } = self;
        let former = key.former.as_ref().filter(|former| now < former.until);
        KeyView {
            id: id.clone(),
            etag: self.etag(),
            name: key.name.clone(),
            permissions: key.permissions.clone(),
            scope: key.scope.clone(),
            trusts_subject: key.trusts_subject,
            created: key.created,
            expires: key.expires,
            used: used.map(|used| used.used),
            used_by_provider: used.and_then(|used| used.by_provider),
            made_by: key.made_by.clone(),
            made_by_name: None,
            maker_may_sign_in: key.maker().map(|maker| proof::able(loaded, maker).is_some()),
            rotated: key.rotated,
            rotated_by: key.rotated_by.clone(),
            former_until: former.map(|former| former.until),
        }
    }
}

/// Every key that is good.
///
/// # Errors
/// Where the store fails.
pub async fn list(tenant: &Tenant, now: Timestamp) -> Result<Vec<KeyView>> {
    let used = key_use::all(tenant, now).await?;
    let loaded = tenant.loaded();
    let view = |found: Found| found.view(used.get(&found.id).copied(), &loaded, now);
    Ok(all(tenant, now).await?.into_iter().map(view).collect())
}

/// Every key that is good, as it is kept.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, now: Timestamp) -> rolewright_store::Result<Vec<Found>> {
    let records = tenant.store().records(tenant.id(), KIND, None, now).await?;
    Ok(records.into_iter().filter_map(|(id, record)| Found::read(id, record)).collect())
}

/// A key that is good, if there is one of that id.
///
/// # Errors
/// Where the store fails.
pub async fn one(tenant: &Tenant, id: &str, now: Timestamp) -> rolewright_store::Result<Option<Found>> {
    let record = tenant.store().record(tenant.id(), KIND, id, now).await?;
    Ok(record.and_then(|record| Found::read(id.to_owned(), record)))
}

/// What whoever carries the key sends.
pub(super) fn told(id: &str, secret: &str) -> String {
    format!("{PREFIX}{id}_{secret}")
}

/// Ends a key, which must be there, with what is noted of its use.
#[must_use]
pub fn end(id: &str) -> Vec<RecordOp> {
    vec![RecordOp::Take { kind: KIND.to_owned(), key: id.to_owned() }, key_use::end(id)]
}

/// What a request's `Authorization` carries as a bearer.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whose key a bearer is, if it is good. This is no use of it.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, bearer: &str, now: Timestamp) -> rolewright_store::Result<Option<Who>> {
    let Some((id, secret)) = bearer.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    let known = tenant.known_keys.get(id, now);
    if let Some(who) = known.and_then(|known| known.shown(secret, now)) {
        return Ok(Some(who));
    }
    // Another process may have given it this secret meanwhile.
    let unread = tenant.known_keys.unread();
    let Some(record) = tenant.store().record(tenant.id(), KIND, id, now).await? else { return Ok(None) };
    let Some(known) = Known::of(id, record, now) else { return Ok(None) };
    let who = known.shown(secret, now);
    if who.is_some() {
        tenant.known_keys.put(unread, id, known);
    }
    Ok(who)
}
