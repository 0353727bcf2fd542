//! API keys: `rwk_ID_SECRET`, shown once, stored hashed.

use axum::http::{HeaderMap, header};
use rolewright_model::Timestamp;
use rolewright_store::{Record, Result};
use serde::{Deserialize, Serialize};

use crate::secret;
use crate::tenant::Tenant;

/// The kind of the records.
pub const KIND: &str = "key";
const PREFIX: &str = "rwk_";

/// An API key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What a person calls it.
    pub name: String,
    /// What it may do, for the whole tenant.
    pub permissions: Vec<String>,
    /// SHA-256 of the secret.
    pub hash: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A key that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// The key, for its owner to keep.
    pub key: String,
}

/// Makes a key.
///
/// # Errors
/// Where the store or the randomness fails.
pub async fn create(
    tenant: &Tenant,
    name: &str,
    permissions: Vec<String>,
    now: Timestamp,
) -> Result<NewKey, crate::tenant::Error> {
    let stopped = |_| crate::tenant::Error::Stopped;
    let id = secret::hex(&secret::random::<6>().map_err(stopped)?);
    let secret = secret::hex(&secret::random::<32>().map_err(stopped)?);
    let key = Key { name: name.to_owned(), permissions, hash: secret::stored(&secret), created: now };
    let body = serde_json::to_value(&key).unwrap_or_default();
    tenant.store().put_record(tenant.id(), KIND, &id, Record::new(body), now).await?;
    Ok(NewKey { key: format!("{PREFIX}{id}_{secret}"), id })
}

/// What a request's `Authorization` carries as a bearer.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The key of a bearer, with its id, if it is good.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, bearer: &str, now: Timestamp) -> Result<Option<(String, Key)>> {
    let Some((id, secret)) = bearer.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    let Some(record) = tenant.store().record(tenant.id(), KIND, id, now).await? else { return Ok(None) };
    let key = serde_json::from_value::<Key>(record.body).ok();
    let good = key.filter(|key| secret::same(&key.hash, &secret::stored(secret)));
    Ok(good.map(|key| (id.to_owned(), key)))
}
