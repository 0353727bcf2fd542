//! How keys are made, given a new secret and ended: each is a change, whose records are the key itself.

use std::sync::Arc;

use axum::http::StatusCode;
use rolewright_model::change::KeyEdit;
use rolewright_model::{Change, ResourcePath, Timestamp, rules};
use rolewright_store::{Record, RecordOp};
use rolewright_wire::key::{KeyMade, LONGEST_GRACE, NewKey, Rotation};
use rolewright_wire::problem::code;
use serde_json::Value;

use super::actor::Who;
use super::key::{self, Former, KIND, Key};
use super::key_use;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{self, Applied, Edit, Tenant};

/// The kind of the records that say which secrets were replaced.
const REPLACED: &str = "key_replaced";
/// How long that is kept, in milliseconds: an hour, longer than any request takes.
const REPLACED_FOR: i64 = 60 * 60 * 1000;

/// Makes a key, and answers with it this once. `edit` says who asks for the change, and how.
///
/// # Errors
/// Why they may not make it, or what is wrong with it: see [`rules::may_make_key`]. 409 where the same request
/// made one before.
pub async fn make(
    tenant: &Arc<Tenant>,
    new: NewKey,
    edit: impl FnOnce(Change) -> Result<Edit>,
) -> Result<(KeyMade, Applied)> {
    let id = secret::hex(&secret::random::<6>()?);
    let secret = secret::hex(&secret::random::<32>()?);
    let NewKey { name, permissions, scope, expires, trusts_subject } = new;
    let said = KeyEdit { id: id.clone(), name, permissions, scope, expires, trusts_subject };
    let edit = edit(Change::MakeKey { key: said.clone() })?;
    let now = edit.context.now;
    let key = Key::made(said, &secret, &edit.who, now);
    let insert = RecordOp::Insert { kind: KIND.to_owned(), key: id.clone(), record: key.record() };
    let applied = tenant.apply(Edit { records: vec![insert], created: Some(id.clone()), ..edit }).await?;
    if applied.is_replayed {
        return Err(told_before(applied.created.as_deref()));
    }
    let told = applied.is_new().then(|| key::told(&id, &secret).into());
    let of = key.view(&id, None, &applied.after, now);
    Ok((KeyMade { key: told, dry_run: applied.dry_run, of }, applied))
}

/// 409: the same request told a secret before, of the key of that id.
#[must_use]
pub fn told_before(id: Option<&str>) -> Failure {
    let detail = format!(
        "this request was made before and told a secret then, which is told once: if it is lost, give the key another by `POST /keys/{}/rotate` with a new `Idempotency-Key`",
        id.unwrap_or("{id}")
    );
    Failure::told_once(&detail)
}

/// How long a secret that is replaced stays good, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Grace(i64);

impl Grace {
    /// What a request says.
    ///
    /// # Errors
    /// 422 where it is too long.
    pub fn of(rotation: Rotation) -> Result<Self> {
        let grace = i64::try_from(rotation.grace).ok().filter(|_| rotation.grace <= LONGEST_GRACE);
        grace.map(Self).ok_or_else(|| {
            let most = format!("a former secret stays good for 7 days at most, {LONGEST_GRACE} milliseconds");
            Failure::invalid_at("$.grace", most)
        })
    }
}

/// A key that is there, for whoever manages keys where it is good.
#[derive(Debug)]
pub struct Managed {
    id: String,
    key: Key,
    now: Timestamp,
}

impl Managed {
    /// Reads a key. Whoever manages none is not told whether there is such a key.
    ///
    /// # Errors
    /// Why `who` may not: see [`rules::may_end_key`]. 404 where there is no such key.
    pub async fn read(tenant: &Tenant, who: &Who, id: &str, now: Timestamp) -> Result<Self> {
        let record = tenant.store().record(tenant.id(), KIND, id, now).await?;
        let known = record.and_then(|record| serde_json::from_value::<Key>(record.body).ok());
        let scope = known.as_ref().and_then(|known| ResourcePath::parse(&known.scope).ok());
        let loaded = tenant.loaded();
        let actor = who.actor(&loaded.state).ok_or_else(Failure::unauthenticated)?;
        rules::may_end_key(&loaded.state, &actor, &scope.unwrap_or_else(ResourcePath::tenant), now)?;
        let key = known.ok_or_else(|| Failure::not_found("such key"))?;
        Ok(Self { id: id.to_owned(), key, now })
    }

    /// Gives the key a new secret, and answers with it this once. Of two who do so at one time one is
    /// refused: the secret that the other was told stays good. `edit` says who asks for the change, and how.
    ///
    /// # Errors
    /// Why they may not: see [`rules::may_renew_key`]. 404 where the key was ended meanwhile, 409 where the same
    /// request was made before, 412 where its secret was replaced meanwhile.
    pub async fn rotate(
        self,
        tenant: &Arc<Tenant>,
        grace: Grace,
        edit: impl FnOnce(Change) -> Result<Edit>,
    ) -> Result<(KeyMade, Applied)> {
        let (Self { id, key: known, now }, Grace(grace)) = (self, grace);
        let secret = secret::hex(&secret::random::<32>()?);
        let until = known.expires.map_or(now.plus(grace), |expires| expires.min(now.plus(grace)));
        let former_until = Some(until).filter(|_| grace > 0);
        let edit = edit(Change::RenewKey { key: known.said(&id), former_until })?;
        let replaced = format!("{id}.{}", known.hash);
        let former = former_until.map(|until| Former { hash: known.hash.clone(), until });
        let mut told_to = known.told_to();
        told_to.extend(edit.who.people().iter().cloned());
        told_to.sort();
        told_to.dedup();
        let key = Key { told_to, hash: secret::stored(&secret), rotated: Some(now), former, ..known };
        let spent = vec![
            // A key that was ended meanwhile must not come back.
            RecordOp::Take { kind: KIND.to_owned(), key: id.clone() },
            // A secret is replaced once: whoever read the same one, in another process too, comes late.
            RecordOp::Insert {
                kind: REPLACED.to_owned(),
                key: replaced,
                record: Record::new(Value::Null).until(now.plus(REPLACED_FOR)),
            },
        ];
        let put = RecordOp::Put { kind: KIND.to_owned(), key: id.clone(), record: key.record() };
        let applied = tenant.apply(Edit { spent, records: vec![put], ..edit }).await.map_err(gone)?;
        if applied.is_replayed {
            return Err(told_before(Some(&id)));
        }
        let used = key_use::all(tenant, now).await?.remove(&id);
        let told = applied.is_new().then(|| key::told(&id, &secret).into());
        let of = key.view(&id, used, &applied.after, now);
        Ok((KeyMade { key: told, dry_run: applied.dry_run, of }, applied))
    }

    /// Ends the key at once. Of any number who do so at one time one is told that it did. `edit` says who asks
    /// for the change, and how.
    ///
    /// # Errors
    /// Why they may not: see [`rules::may_end_key`]. 404 where the key was ended meanwhile.
    pub async fn end(
        self,
        tenant: &Arc<Tenant>,
        edit: impl FnOnce(Change) -> Result<Edit>,
    ) -> Result<Applied> {
        let edit = edit(Change::EndKey { key: self.key.said(&self.id) })?;
        tenant.apply(edit).await.map_err(gone)
    }
}

fn gone(error: tenant::Error) -> Failure {
    use rolewright_store::Error;
    match error {
        tenant::Error::Store(Error::Spent { kind, .. }) if kind == KIND => Failure::not_found("such key"),
        tenant::Error::Store(Error::RecordExists { kind, .. }) if kind == REPLACED => {
            let detail = "somebody gave this key a new secret meanwhile: look at it and decide again";
            Failure::new(StatusCode::PRECONDITION_FAILED, code::CONFLICT, detail)
        }
        error => error.into(),
    }
}
