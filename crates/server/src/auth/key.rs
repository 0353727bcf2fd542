//! API keys: `rwk_ID_SECRET`, shown once, stored hashed.
//!
//! A key is a record under its id, which expires with it. Whether somebody may make one, or have a new
//! secret of one, the model says.

use axum::http::{HeaderMap, StatusCode, header};
use rolewright_model::rules::{self, KeyGrant};
use rolewright_model::{Actor, ResourcePath, State, Timestamp};
use rolewright_store::{Record, RecordOp};
use rolewright_wire::key::{KeyMade, KeyView, LONGEST_GRACE, NewKey, Rotation};
use rolewright_wire::problem::code;
use serde::{Deserialize, Serialize};

use super::actor::Who;
use super::key_use;
use super::known_keys::Known;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{self, Tenant};

/// The kind of the records.
pub const KIND: &str = "key";
/// The kind of the records that say which secrets were replaced.
const REPLACED: &str = "key_replaced";
/// How long that is kept, in milliseconds: an hour, longer than any request takes.
const REPLACED_FOR: i64 = 60 * 60 * 1000;
const PREFIX: &str = "rwk_";

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
    /// Whether `secret` is its secret, or the one before it while that is good.
    pub(super) fn has(&self, secret: &str, now: Timestamp) -> bool {
        let is_former = |former: &Former| now < former.until && secret::is_stored_as(secret, &former.hash);
        secret::is_stored_as(secret, &self.hash) || self.former.as_ref().is_some_and(is_former)
    }

    /// The ids of the users whom a secret of it was told, and of the one who made it.
    pub(super) fn told_to(&self) -> Vec<String> {
        let maker = self.made_by.as_deref().and_then(|maker| maker.strip_prefix("user:"));
        let maker = maker.filter(|maker| !self.told_to.iter().any(|user| user == maker));
        self.told_to.iter().cloned().chain(maker.map(ToOwned::to_owned)).collect()
    }

    fn record(&self) -> Record {
        let body = serde_json::to_value(self).unwrap_or_default();
        Record { expires: self.expires, ..Record::new(body) }
    }

    /// The key as it is listed.
    fn view(&self, id: &str, used: Option<Timestamp>, now: Timestamp) -> KeyView {
        let former = self.former.as_ref().filter(|former| now < former.until);
        KeyView {
            id: id.to_owned(),
            name: self.name.clone(),
            permissions: self.permissions.clone(),
            scope: self.scope.clone(),
            trusts_subject: self.trusts_subject,
            created: self.created,
            expires: self.expires,
            used,
            made_by: self.made_by.clone(),
            rotated: self.rotated,
            former_until: former.map(|former| former.until),
        }
    }
}

/// Makes a key, and answers with it this once.
///
/// # Errors
/// Why `who` may not make it, or what is wrong with it: see [`rules::may_make_key`].
pub async fn make(tenant: &Tenant, who: &Who, new: NewKey, now: Timestamp, dry_run: bool) -> Result<KeyMade> {
    let id = secret::hex(&secret::random::<6>()?);
    let secret = secret::hex(&secret::random::<32>()?);
    let decided = tenant.edit_records(now, |loaded| {
        let state = &loaded.state;
        let actor = asking(who, state)?;
        let scope = rules::place(state, &new.scope)?;
        let grant = KeyGrant { permissions: &new.permissions, scope: &scope, until: new.expires };
        rules::may_make_key(state, &actor, &new.name, grant, now)?;
        let mut permissions = new.permissions.clone();
        permissions.sort();
        permissions.dedup();
        let key = Key {
            name: new.name.clone(),
            permissions,
            scope: new.scope.clone(),
            trusts_subject: new.trusts_subject,
            hash: secret::stored(&secret),
            created: now,
            expires: new.expires,
            made_by: Some(who.label()),
            told_to: who.people().to_vec(),
            rotated: None,
            former: None,
        };
        let insert = RecordOp::Insert { kind: KIND.to_owned(), key: id.clone(), record: key.record() };
        Ok((key, if dry_run { Vec::new() } else { vec![insert] }))
    });
    let key = decided.await?;
    if !dry_run {
        tracing::info!(tenant = tenant.id(), key = %id, by = %who.label(), "a key was made");
    }
    let told = (!dry_run).then(|| told(&id, &secret));
    Ok(KeyMade { key: told.map(Into::into), dry_run, of: key.view(&id, None, now) })
}

/// Gives a key a new secret, and answers with it this once. Of two who do so at one time one is
/// refused: the secret that the other was told stays good.
///
/// # Errors
/// Why `who` may not: see [`rules::may_renew_key`]. 404 where there is no such key, 412 where its
/// secret was replaced meanwhile, 422 where the grace is too long.
pub async fn rotate(
    tenant: &Tenant,
    who: &Who,
    id: &str,
    rotation: Rotation,
    now: Timestamp,
    dry_run: bool,
) -> Result<KeyMade> {
    let grace = i64::try_from(rotation.grace).ok().filter(|_| rotation.grace <= LONGEST_GRACE);
    let grace = grace.ok_or_else(|| {
        let most = format!("a former secret stays good for 7 days at most, {LONGEST_GRACE} milliseconds");
        Failure::invalid_at("$.grace", most)
    })?;
    let secret = secret::hex(&secret::random::<32>()?);
    let known = read(tenant, id, now).await?;
    let decided = tenant.edit_records(now, |loaded| {
        let (known, scope) = managed(&loaded.state, who, id, known, now)?;
        let actor = asking(who, &loaded.state)?;
        let grant = KeyGrant { permissions: &known.permissions, scope: &scope, until: known.expires };
        rules::may_renew_key(&loaded.state, &actor, grant, now)?;
        let replaced = format!("{id}.{}", known.hash);
        let until = known.expires.map_or(now.plus(grace), |expires| expires.min(now.plus(grace)));
        let former = Former { hash: known.hash.clone(), until };
        let mut told_to = known.told_to();
        told_to.extend(who.people().iter().cloned());
        told_to.sort();
        told_to.dedup();
        let key = Key {
            told_to,
            hash: secret::stored(&secret),
            rotated: Some(now),
            former: Some(former).filter(|_| grace > 0),
            ..known
        };
        let ops = vec![
            // A key that was ended meanwhile must not come back.
            RecordOp::Take { kind: KIND.to_owned(), key: id.to_owned() },
            // A secret is replaced once: whoever read the same one, in another process too, comes late.
            RecordOp::Insert {
                kind: REPLACED.to_owned(),
                key: replaced,
                record: Record::new(serde_json::Value::Null).until(now.plus(REPLACED_FOR)),
            },
            RecordOp::Put { kind: KIND.to_owned(), key: id.to_owned(), record: key.record() },
        ];
        Ok((key, if dry_run { Vec::new() } else { ops }))
    });
    let key = decided.await.map_err(gone)?;
    if !dry_run {
        tenant.known_keys.forget(id);
        tracing::info!(tenant = tenant.id(), key = %id, by = %who.label(), "a key was given a new secret");
    }
    let used = key_use::all(tenant, now).await?.remove(id);
    let told = (!dry_run).then(|| told(id, &secret));
    Ok(KeyMade { key: told.map(Into::into), dry_run, of: key.view(id, used, now) })
}

/// Ends a key at once. Of any number who do so at one time one is told that it did.
///
/// # Errors
/// Why `who` may not: see [`rules::may_end_key`]. 404 where there is no such key.
pub async fn end(tenant: &Tenant, who: &Who, id: &str, now: Timestamp, dry_run: bool) -> Result<()> {
    let known = read(tenant, id, now).await?;
    let decided = tenant.edit_records(now, |loaded| {
        managed(&loaded.state, who, id, known, now)?;
        let ops = vec![RecordOp::Take { kind: KIND.to_owned(), key: id.to_owned() }, key_use::end(id)];
        Ok(((), if dry_run { Vec::new() } else { ops }))
    });
    decided.await.map_err(gone)?;
    if !dry_run {
        tenant.known_keys.forget(id);
        tenant.key_uses.forget(id);
        tracing::info!(tenant = tenant.id(), key = %id, by = %who.label(), "a key was ended");
    }
    Ok(())
}

/// Every key that is good.
///
/// # Errors
/// Where the store fails.
pub async fn list(tenant: &Tenant, now: Timestamp) -> Result<Vec<KeyView>> {
    let records = tenant.store().records(tenant.id(), KIND, None, now).await?;
    let used = key_use::all(tenant, now).await?;
    let view = |(id, record): (String, Record)| {
        let key = serde_json::from_value::<Key>(record.body).ok()?;
        Some(key.view(&id, used.get(&id).copied(), now))
    };
    Ok(records.into_iter().filter_map(view).collect())
}

fn told(id: &str, secret: &str) -> String {
    format!("{PREFIX}{id}_{secret}")
}

fn asking<'s>(who: &'s Who, state: &'s State) -> Result<Actor<'s>, tenant::Error> {
    who.actor(state).ok_or(tenant::Error::Unauthenticated)
}

async fn read(tenant: &Tenant, id: &str, now: Timestamp) -> Result<Option<Key>> {
    let record = tenant.store().record(tenant.id(), KIND, id, now).await?;
    Ok(record.and_then(|record| serde_json::from_value(record.body).ok()))
}

/// The key and its place, for whoever manages keys there. Whoever manages none is not told whether
/// there is such a key.
fn managed(
    state: &State,
    who: &Who,
    id: &str,
    known: Option<Key>,
    now: Timestamp,
) -> Result<(Key, ResourcePath), tenant::Error> {
    let scope = known.as_ref().and_then(|known| ResourcePath::parse(&known.scope).ok());
    let scope = scope.unwrap_or_else(ResourcePath::tenant);
    rules::may_end_key(state, &asking(who, state)?, &scope, now)?;
    let spent = || rolewright_store::Error::Spent { kind: KIND.to_owned(), key: id.to_owned() };
    Ok((known.ok_or_else(spent)?, scope))
}

fn gone(error: tenant::Error) -> Failure {
    match error {
        tenant::Error::Store(rolewright_store::Error::Spent { .. }) => Failure::not_found("such key"),
        tenant::Error::Store(rolewright_store::Error::RecordExists { .. }) => {
            let detail = "somebody gave this key a new secret meanwhile: look at it and decide again";
            Failure::new(StatusCode::PRECONDITION_FAILED, code::CONFLICT, detail)
        }
        error => error.into(),
    }
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
    let known = match tenant.known_keys.get(id, now) {
        Some(known) if known.key.has(secret, now) => known,
        // Another process may have given it this secret meanwhile.
        _ => {
            let unread = tenant.known_keys.unread();
            let Some(record) = tenant.store().record(tenant.id(), KIND, id, now).await? else {
                return Ok(None);
            };
            let Some(known) = Known::of(id, record, now).filter(|known| known.key.has(secret, now)) else {
                return Ok(None);
            };
            tenant.known_keys.put(unread, id, known)
        }
    };
    Ok(Some(known.who.clone()))
}
