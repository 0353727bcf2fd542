//! Snapshots: serialised and signed once for a revision, with a fresh stamp for each answer; and
//! deltas, from the revisions that were answered lately to the newest.

mod history;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use rolewright_model::pass::{LIFETIME, Revocation};
use rolewright_model::snapshot::{Compact, Content, SnapshotKind};
use rolewright_model::{Stamp, Timestamp};
use rolewright_wire::check::{DELTA_TYPE, SNAPSHOT_TYPE, STAMP_LIFETIME, STAMP_TYPE, StampClaims};

use self::history::{History, Past};
use crate::auth::reader::Own;
use crate::problem::{Failure, Result};
use crate::tenant::{Loaded, Tenant};
use crate::{request, secret};

/// A signed snapshot, or a signed delta that leads to one.
#[derive(Debug)]
pub struct Signed {
    /// The snapshot's revision.
    pub at: Stamp,
    /// The hash of the snapshot's own bytes.
    pub content: Content,
    /// The detached signature, a line feed, and the bytes.
    pub body: Bytes,
}

/// The signed snapshots of a tenant that are the same for all who ask.
#[derive(Debug, Default)]
pub struct Cache {
    full: Series,
    policy: Series,
}

/// Snapshots of one kind.
#[derive(Debug, Default)]
struct Series {
    /// Held by whoever makes one: who asks meanwhile waits for that one.
    making: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    newest: Option<Arc<Signed>>,
    history: History,
    /// Deltas to the newest, by where they lead on from; none where the whole is not longer.
    deltas: HashMap<Stamp, Option<Arc<Signed>>>,
}

impl Cache {
    fn of(&self, kind: SnapshotKind) -> &Series {
        match kind {
            SnapshotKind::Full => &self.full,
            _ => &self.policy,
        }
    }
}

impl Series {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, at: Stamp) -> Option<Arc<Signed>> {
        self.known().newest.clone().filter(|signed| signed.at == at)
    }

    fn put(&self, signed: &Arc<Signed>, compact: Compact) {
        let mut known = self.known();
        if known.newest.as_ref().is_none_or(|newest| newest.at < signed.at) {
            known.newest = Some(Arc::clone(signed));
            known.deltas.clear();
            known.history.push(Past { content: signed.content, compact });
        }
    }

    /// The delta to a revision, if it was made already, or was found not to be worth it.
    fn delta(&self, to: Stamp, since: Stamp) -> Option<Option<Arc<Signed>>> {
        let known = self.known();
        known.deltas.get(&since).filter(|_| known.newest.as_ref().is_some_and(|it| it.at == to)).cloned()
    }

    fn put_delta(&self, to: Stamp, since: Stamp, delta: &Option<Arc<Signed>>) {
        let mut known = self.known();
        if known.newest.as_ref().is_some_and(|it| it.at == to) {
            known.deltas.insert(since, delta.clone());
        }
    }
}

/// Whether what is held at a revision may still be led on from it to another: both in one epoch, and no further
/// apart than deltas are kept for.
#[must_use]
pub fn leads_on(held: Stamp, to: Stamp) -> bool {
    let behind = to.revision.checked_sub(held.revision);
    held.epoch == to.epoch && behind.is_some_and(|behind| behind < history::REVISIONS as u64)
}

/// The kind as a query and a stamp say it.
#[must_use]
pub fn name(kind: SnapshotKind) -> &'static str {
    match kind {
        SnapshotKind::Full => "full",
        SnapshotKind::Policy => "policy",
        SnapshotKind::Subject => "subject",
    }
}

/// The policy snapshot or the full one. `O(documents)` once for a revision.
///
/// # Errors
/// Where the store fails.
pub async fn shared(tenant: &Arc<Tenant>, loaded: &Arc<Loaded>, kind: SnapshotKind) -> Result<Arc<Signed>> {
    let series = tenant.snapshots.of(kind);
    if let Some(signed) = series.get(loaded.state.at()) {
        return Ok(signed);
    }
    let _making = series.making.lock().await;
    if let Some(signed) = series.get(loaded.state.at()) {
        return Ok(signed);
    }
    // Whoever was revoked earlier has no pass left that is good.
    let since = loaded.head.changed.plus(-LIFETIME);
    let revoked = tenant.store().revoked_since(tenant.id(), since).await?;
    let revoked: Vec<Revocation> = revoked
        .into_iter()
        // What came after this state belongs to the next one.
        .filter(|revoked| revoked.at <= loaded.state.at())
        .map(|revoked| Revocation { id: revoked.id, at: revoked.at })
        .collect();
    let work = (Arc::clone(tenant), Arc::clone(loaded));
    let made = tokio::task::spawn_blocking(move || {
        let (tenant, loaded) = work;
        let compact = match kind {
            SnapshotKind::Full => Compact::full(loaded.state.index(), tenant.id(), revoked),
            _ => Compact::policy(loaded.state.index(), tenant.id(), revoked),
        };
        (sign(&tenant, loaded.state.at(), &compact.encode()), compact)
    });
    let (signed, compact) = made.await.map_err(|error| Failure::internal(&error))?;
    request::count(|metrics| metrics.encoded(name(kind), signed.body.len()));
    let signed = Arc::new(signed);
    series.put(&signed, compact);
    Ok(signed)
}

/// The delta that leads to a snapshot from an earlier one, if that is still known, is the one of
/// which the hash is `held`, and the delta is the shorter. `O(changes)` once for each revision that
/// is led on from.
///
/// # Errors
/// Where it cannot be made.
pub async fn delta(
    tenant: &Arc<Tenant>,
    kind: SnapshotKind,
    newest: &Arc<Signed>,
    since: Stamp,
    held: impl Fn(Content) -> bool,
) -> Result<Option<Arc<Signed>>> {
    let series = tenant.snapshots.of(kind);
    let pasts = {
        let known = series.known();
        // Who holds something else at that revision is not led on from it.
        let base = known.history.get(since).filter(|past| held(past.content));
        base.zip(known.history.get(newest.at))
    };
    let Some((base, target)) = pasts else { return Ok(None) };
    if let Some(delta) = series.delta(newest.at, since) {
        return Ok(delta);
    }
    let _making = series.making.lock().await;
    if let Some(delta) = series.delta(newest.at, since) {
        return Ok(delta);
    }
    let work = (Arc::clone(tenant), Arc::clone(newest));
    let made = tokio::task::spawn_blocking(move || {
        let (tenant, newest) = work;
        let bytes = target.compact.delta(target.content, &base.compact, base.content)?;
        let (at, content) = (newest.at, newest.content);
        Some(Signed { at, content, body: tenant.signer().attached(DELTA_TYPE, &bytes) })
    });
    let delta = made.await.map_err(|error| Failure::internal(&error))?;
    if let Some(delta) = &delta {
        request::count(|metrics| metrics.encoded("delta", delta.body.len()));
    }
    let delta = delta.filter(|delta| delta.body.len() < newest.body.len()).map(Arc::new);
    series.put_delta(newest.at, since, &delta);
    Ok(delta)
}

/// The snapshot of what the person holds whose session or pass it is.
///
/// # Errors
/// 401 where the person is not active.
pub fn own(tenant: &Tenant, loaded: &Loaded, own: &Own, now: Timestamp) -> Result<Signed> {
    let bytes = loaded.state.encode_viewed(tenant.id(), &own.whom, Some(own.began), now);
    let signed = sign(tenant, loaded.state.at(), &bytes.ok_or_else(Failure::unauthenticated)?);
    request::count(|metrics| metrics.encoded(name(SnapshotKind::Subject), signed.body.len()));
    Ok(signed)
}

fn sign(tenant: &Tenant, at: Stamp, bytes: &[u8]) -> Signed {
    let content = Content(secret::sha256_bytes(bytes));
    Signed { at, content, body: tenant.signer().attached(SNAPSHOT_TYPE, bytes) }
}

/// A new freshness stamp for a snapshot, with what the asker said to know it by.
///
/// # Errors
/// Where it cannot be written.
pub fn stamp(
    tenant: &Tenant,
    loaded: &Loaded,
    kind: SnapshotKind,
    content: Content,
    now: Timestamp,
    nonce: Option<String>,
) -> Result<String> {
    let claims = StampClaims {
        tenant: tenant.id().to_owned(),
        kind: name(kind).to_owned(),
        at: loaded.state.at(),
        content: content.to_string(),
        log_head: loaded.head.log_hash.clone(),
        issued: now,
        expires: now.plus(STAMP_LIFETIME),
        nonce,
    };
    tenant.signer().compact(STAMP_TYPE, &claims).map_err(|error| Failure::internal(&error))
}
