//! Removing what the change log says of long ago: an anchor that the tenant signs stands for it, and the rest still verifies.

use rolewright_model::Timestamp;
use rolewright_store::{Anchor, Commit, Error};
use rolewright_wire::audit::{LOG_ANCHOR_TYPE, LogAnchorClaims};
use serde_json::json;

use super::operator;
use crate::signing::Signer;
use crate::tenant::{self, Tenant};

/// What the log calls it.
pub const ACTION: &str = "prune";
/// How often it is tried again because others changed the tenant meanwhile.
const ATTEMPTS: u32 = 8;

/// What was removed, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// How many entries.
    pub entries: u64,
    /// What stands for them.
    pub anchor: Anchor,
}

/// What would be removed of the entries made before that time; none where nothing would be.
///
/// # Errors
/// Where the store fails, or the log is not as it was written.
pub async fn would(
    tenant: &Tenant,
    before: Timestamp,
    now: Timestamp,
) -> Result<Option<Pruned>, tenant::Error> {
    let store = tenant.store();
    store.verify_log(tenant.id(), now).await?;
    let Some(anchor) = store.anchor_before(tenant.id(), before).await? else { return Ok(None) };
    let first = store.anchor(tenant.id()).await?.map_or(0, |anchor| anchor.at.revision);
    let claims = LogAnchorClaims {
        tenant: tenant.id().to_owned(),
        at: anchor.at,
        log_hash: anchor.log_hash.clone(),
        documents: anchor.documents.clone(),
        issued: now,
    };
    let signed = tenant.signer().compact(LOG_ANCHOR_TYPE, &claims);
    let signed = signed.map_err(|error| Error::Database(Box::new(error)))?;
    let entries = anchor.at.revision.saturating_sub(first);
    Ok(Some(Pruned { entries, anchor: Anchor { signed, ..anchor } }))
}

/// Removes the entries made before that time, up to the first that was not; none where there are none. It is itself an
/// entry of the log.
///
/// # Errors
/// As [`would`].
pub async fn prune(
    tenant: &Tenant,
    before: Timestamp,
    reason: Option<String>,
    now: Timestamp,
) -> Result<Option<Pruned>, tenant::Error> {
    let mut attempt = 0;
    loop {
        let Some(Pruned { anchor, .. }) = would(tenant, before, now).await? else { return Ok(None) };
        let head = tenant.store().head(tenant.id()).await?;
        let change = json!({
            "change": ACTION, "up_to": anchor.at, "log_hash": anchor.log_hash, "documents": anchor.documents,
        });
        // The store says in it the seals again that the removed entries made.
        let entry = operator::entry(&head, change, reason.clone(), now);
        let commit = Commit { entry, revoked: Vec::new(), records: Vec::new() };
        match tenant.store().prune(tenant.id(), anchor.clone(), commit).await {
            Ok((entries, _)) => return Ok(Some(Pruned { entries, anchor })),
            Err(Error::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// What an anchor says that a tenant with that key signed.
#[must_use]
pub fn claims(tenant: &str, signer: &Signer, signed: &str) -> Option<LogAnchorClaims> {
    let (claims, _): (LogAnchorClaims, _) = signer.verified(LOG_ANCHOR_TYPE, signed)?;
    Some(claims).filter(|claims| claims.tenant == tenant)
}

/// Whether an anchor is as a tenant with that key signed it.
#[must_use]
pub fn is_signed(tenant: &str, signer: &Signer, anchor: &Anchor) -> bool {
    claims(tenant, signer, &anchor.signed).is_some_and(|claims| {
        let said = (claims.at, &claims.log_hash, &claims.documents);
        said == (anchor.at, &anchor.log_hash, &anchor.documents)
    })
}
