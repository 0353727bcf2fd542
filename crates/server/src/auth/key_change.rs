//! How keys are made, edited, given a new secret and ended: each is a change, whose record is the key itself.

use std::sync::Arc;

use axum::http::StatusCode;
use rolewright_model::change::KeyEdit;
use rolewright_model::{Actor, Change, Refusal, ResourcePath, State, Timestamp, rules};
use rolewright_store::RecordOp;
use rolewright_wire::key::{EditKey, KeyEdited, KeyMade, LONGEST_GRACE, NewKey, Rotation};
use rolewright_wire::problem::code;

use super::actor::Who;
use super::key::{self, Former, Found, KIND, Key};
use super::key_use;
use crate::conditional::IfMatch;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{self, Applied, Edit, Tenant};

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
    let of = Found::written(id, key).view(None, &applied.after, now);
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
    found: Found,
    now: Timestamp,
}

impl Managed {
    /// Reads a key that is to be edited or given a new secret. Whoever manages none is not told whether there is such
    /// a key.
    ///
    /// # Errors
    /// Why `who` may not: see [`rules::may_change_key`]. 404 where there is no such key.
    pub async fn read(tenant: &Tenant, who: &Who, id: &str, now: Timestamp) -> Result<Self> {
        let may = |state: &State, actor: &Actor<'_>, scope: &ResourcePath, _: Option<&str>| {
            rules::may_change_key(state, actor, scope, now)
        };
        Self::read_if(tenant, who, id, now, may).await
    }

    /// Reads a key that is to be ended. As [`Managed::read`].
    ///
    /// # Errors
    /// Why `who` may not: see [`rules::may_end_key`]. 404 where there is no such key.
    pub async fn read_to_end(tenant: &Tenant, who: &Who, id: &str, now: Timestamp) -> Result<Self> {
        let may = |state: &State, actor: &Actor<'_>, scope: &ResourcePath, keeper: Option<&str>| {
            rules::may_end_key(state, actor, scope, keeper, now)
        };
        Self::read_if(tenant, who, id, now, may).await
    }

    async fn read_if(
        tenant: &Tenant,
        who: &Who,
        id: &str,
        now: Timestamp,
        may: impl FnOnce(&State, &Actor<'_>, &ResourcePath, Option<&str>) -> Result<(), Refusal>,
    ) -> Result<Self> {
        let found = key::one(tenant, id, now).await?;
        let scope = found.as_ref().map_or_else(ResourcePath::tenant, |found| found.key.place());
        let loaded = tenant.loaded();
        let actor = who.actor(&loaded.state).ok_or_else(Failure::unauthenticated)?;
        let keeper = found.as_ref().and_then(|found| found.key.keeper());
        may(&loaded.state, &actor, &scope, keeper)?;
        let found = found.ok_or_else(|| Failure::not_found("such key"))?;
        Ok(Self { found, now })
    }

    /// What a change says of the key.
    #[must_use]
    pub fn said(&self) -> KeyEdit {
        self.found.said()
    }

    /// Demands that the key is at the version that an edit names; who `sees` it is shown it where it is not.
    ///
    /// # Errors
    /// 428 where none is named, 412 where it is another.
    pub fn meet(self, tenant: &Tenant, version: &IfMatch, sees: impl FnOnce(&Found) -> bool) -> Result<Self> {
        if version.is_missing() {
            return Err(tenant::Error::Unconditional.into());
        }
        let revision = self.found.etag();
        if version.has(&revision) {
            return Ok(self);
        }
        let loaded = tenant.loaded();
        let view = || serde_json::to_value(self.found.view(None, &loaded, self.now)).ok();
        let current = sees(&self.found).then(view).flatten().map(Box::new);
        let (at, is_weak) = (loaded.state.at(), version.is_weak());
        Err(tenant::Error::Outdated { current, revision, at, is_weak }.into())
    }

    /// Edits the key. `edit` says who asks for the change, and how.
    ///
    /// # Errors
    /// Why they may not, or what is wrong with it: see [`rules::may_edit_key`]. 404 where the key was ended
    /// meanwhile, 412 where it was changed meanwhile.
    pub async fn edit(
        self,
        tenant: &Arc<Tenant>,
        key: EditKey,
        edit: impl FnOnce(Change) -> Result<Edit>,
    ) -> Result<(KeyEdited, Applied)> {
        let before = self.said();
        let Self { found, now } = self;
        // As it was sent: what is wrong with it is told where it stands there.
        let EditKey { name, permissions, scope, expires, trusts_subject } = key.clone();
        let said = KeyEdit { id: found.id.clone(), name, permissions, scope, expires, trusts_subject };
        let edit = edit(Change::UpdateKey { before, key: said })?;
        let edited = Found::written(found.id.clone(), found.key.edited(key));
        let is_as_it_was = edited.key == found.key;
        let spent = if is_as_it_was { Vec::new() } else { vec![replacing(&found, &edited.key)] };
        let applied = tenant.apply(Edit { spent, ..edit }).await.map_err(gone)?;
        let found = if is_as_it_was { found } else { edited };
        let edited = Self { found, now }.told(tenant, &applied).await?;
        Ok((edited, applied))
    }

    /// What is told of the key, as an edit of it leaves it.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn told(&self, tenant: &Tenant, applied: &Applied) -> Result<KeyEdited> {
        let used = key_use::of(tenant, &self.found.id, self.now).await?;
        let of = self.found.view(used, &applied.after, self.now);
        Ok(KeyEdited { dry_run: applied.dry_run, unchanged: applied.is_unchanged, of })
    }

    /// Gives the key a new secret, and answers with it this once. Of two who do so at one time one is
    /// refused: the secret that the other was told stays good. `edit` says who asks for the change, and how.
    ///
    /// # Errors
    /// Why they may not: see [`rules::may_renew_key`]. 404 where the key was ended meanwhile, 409 where the same
    /// request was made before, 412 where it was changed meanwhile.
    pub async fn rotate(
        self,
        tenant: &Arc<Tenant>,
        grace: Grace,
        edit: impl FnOnce(Change) -> Result<Edit>,
    ) -> Result<(KeyMade, Applied)> {
        let said = self.said();
        let (Self { found, now }, Grace(grace)) = (self, grace);
        let (id, known) = (found.id.clone(), found.key.clone());
        let secret = secret::hex(&secret::random::<32>()?);
        let until = known.expires.map_or(now.plus(grace), |expires| expires.min(now.plus(grace)));
        let former_until = Some(until).filter(|_| grace > 0);
        let edit = edit(Change::RenewKey { key: said, former_until })?;
        let former = former_until.map(|until| Former { hash: known.hash.clone(), until });
        let mut told_to = known.told_to();
        told_to.extend(edit.who.people().iter().cloned());
        told_to.sort();
        told_to.dedup();
        let (hash, rotated_by) = (secret::stored(&secret), Some(edit.who.label()));
        let key = Key { told_to, hash, rotated: Some(now), rotated_by, former, ..known };
        let spent = vec![replacing(&found, &key)];
        let applied = tenant.apply(Edit { spent, ..edit }).await.map_err(gone)?;
        if applied.is_replayed {
            return Err(told_before(Some(&id)));
        }
        let used = key_use::of(tenant, &id, now).await?;
        let told = applied.is_new().then(|| key::told(&id, &secret).into());
        let of = Found::written(id, key).view(used, &applied.after, now);
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
        let keeper = self.found.key.keeper().map(ToOwned::to_owned);
        let edit = edit(Change::EndKey { key: self.said(), keeper })?;
        tenant.apply(edit).await.map_err(gone)
    }
}

/// Writes a key over the one that was found, if it is still as it was: one that was ended does not come back, and of
/// two who change it at one time one comes late, in another process too.
fn replacing(found: &Found, key: &Key) -> RecordOp {
    let (kind, id, was) = (KIND.to_owned(), found.id.clone(), found.record.clone());
    RecordOp::Replace { kind, key: id, was, record: key.record() }
}

fn gone(error: tenant::Error) -> Failure {
    use rolewright_store::Error;
    match error {
        tenant::Error::Store(Error::Spent { kind, .. }) if kind == KIND => Failure::not_found("such key"),
        tenant::Error::Store(Error::Changed { kind, .. }) if kind == KIND => {
            let detail = "somebody changed this key meanwhile: look at it and decide again";
            Failure::new(StatusCode::PRECONDITION_FAILED, code::CONFLICT, detail)
        }
        error => error.into(),
    }
}
