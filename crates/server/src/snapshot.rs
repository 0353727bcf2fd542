//! Snapshots: serialised and signed once for a revision, with a fresh stamp for each answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use rolewright_model::pass::{LIFETIME, Revocation};
use rolewright_model::snapshot::SnapshotKind;
use rolewright_model::{Stamp, Timestamp};
use rolewright_wire::check::{SNAPSHOT_TYPE, STAMP_LIFETIME, STAMP_TYPE, StampClaims};

use crate::auth::session::Session;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::{Loaded, Tenant};

/// A signed snapshot.
#[derive(Debug)]
pub struct Signed {
    /// The revision.
    pub at: Stamp,
    /// SHA-256 of the snapshot's own bytes, in hex.
    pub content: String,
    /// The detached signature, a line feed, and the bytes.
    pub body: Bytes,
}

/// The signed snapshots of a tenant that are the same for all who ask: one of each kind.
#[derive(Debug, Default)]
pub struct Cache {
    newest: Mutex<HashMap<&'static str, Arc<Signed>>>,
}

impl Cache {
    fn get(&self, kind: SnapshotKind, at: Stamp) -> Option<Arc<Signed>> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.get(name(kind)).filter(|signed| signed.at == at).map(Arc::clone)
    }

    fn put(&self, kind: SnapshotKind, signed: &Arc<Signed>) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let older = newest.get(name(kind)).is_none_or(|known| known.at <= signed.at);
        if older {
            newest.insert(name(kind), Arc::clone(signed));
        }
    }
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
    if let Some(signed) = tenant.snapshots.get(kind, loaded.state.at()) {
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
    let signed = tokio::task::spawn_blocking(move || {
        let (tenant, loaded) = work;
        let bytes = match kind {
            SnapshotKind::Full => loaded.state.encode(tenant.id(), &revoked),
            _ => loaded.state.encode_policy(tenant.id(), &revoked),
        };
        sign(&tenant, loaded.state.at(), &bytes)
    });
    let signed = Arc::new(signed.await.map_err(|error| Failure::internal(&error))?);
    tenant.snapshots.put(kind, &signed);
    Ok(signed)
}

/// The snapshot of what the session's own person holds.
///
/// # Errors
/// 401 where the person is not active.
pub fn own(tenant: &Tenant, loaded: &Loaded, session: &Session, now: Timestamp) -> Result<Signed> {
    let bytes = loaded.state.encode_subject(tenant.id(), &session.user, Some(session.began), now);
    Ok(sign(tenant, loaded.state.at(), &bytes.ok_or_else(Failure::unauthenticated)?))
}

fn sign(tenant: &Tenant, at: Stamp, bytes: &[u8]) -> Signed {
    let content = secret::sha256(bytes);
    let mut body = tenant.signer.detached(SNAPSHOT_TYPE, bytes).into_bytes();
    body.push(b'\n');
    body.extend_from_slice(bytes);
    Signed { at, content, body: body.into() }
}

/// A new freshness stamp for a snapshot.
///
/// # Errors
/// Where it cannot be written.
pub fn stamp(
    tenant: &Tenant,
    loaded: &Loaded,
    kind: SnapshotKind,
    content: &str,
    now: Timestamp,
) -> Result<String> {
    let claims = StampClaims {
        tenant: tenant.id().to_owned(),
        kind: name(kind).to_owned(),
        at: loaded.state.at(),
        content: content.to_owned(),
        log_head: loaded.head.log_hash.clone(),
        issued: now,
        expires: now.plus(STAMP_LIFETIME),
    };
    tenant.signer.compact(STAMP_TYPE, &claims).map_err(|error| Failure::internal(&error))
}
