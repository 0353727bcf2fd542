//! A new key in place of the one that signs.

use rolewright_model::Timestamp;
use rolewright_store::{Commit, Error, Record, RecordOp};
use serde_json::{Value, json};

use super::key::Private;
use super::{CURRENT, Earlier, End, KIND, PUBLISHED, Signer, made, unreadable};
use crate::audit::operator;
use crate::tenant::{self, Tenant};

/// What the log calls it.
pub const ACTION: &str = "rotate_signing_key";
/// How often it is tried again because others changed the tenant meanwhile.
const ATTEMPTS: u32 = 8;

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The thumbprint of the key that signed so far.
    pub from: String,
    /// That of the one that signs from now on.
    pub to: String,
    /// Until when checkers believe the earlier one; none where no longer.
    pub believed_until: Option<Timestamp>,
}

/// Until when checkers believe a key that is replaced now; none where no longer.
#[must_use]
pub fn believed_until(leaked: bool, now: Timestamp) -> Option<Timestamp> {
    (!leaked).then(|| now.plus(PUBLISHED))
}

/// Signs with a new key from now on. Where the one so far leaked, checkers believe none of the earlier ones. It is an entry of the log, which names both keys.
///
/// # Errors
/// Where the store or the randomness fails.
pub async fn rotate(
    tenant: &Tenant,
    leaked: bool,
    reason: Option<String>,
    now: Timestamp,
) -> Result<Rotated, tenant::Error> {
    let store = tenant.store();
    let mut attempt = 0;
    loop {
        let head = store.head(tenant.id()).await?;
        let signer = Signer::of(store, tenant.id()).await?;
        let earlier = Earlier { key: signer.public().clone(), end: End { replaced: now, leaked } };
        let kept = made()?;
        let new = kept.get("d").and_then(Value::as_str).and_then(Private::read);
        let new = new.ok_or_else(|| unreadable(tenant.id()))?;
        let (from, to) = (earlier.key.kid().to_owned(), new.public().kid().to_owned());
        let change = json!({ "change": ACTION, "from": from, "to": to, "leaked": leaked });
        let entry = operator::entry(&head, change, reason.clone(), now);
        let current =
            RecordOp::Put { kind: KIND.to_owned(), key: CURRENT.to_owned(), record: Record::new(kept) };
        let mut records = vec![earlier.record(), current];
        if leaked {
            // Whatever held the one that signs now may have held those before it.
            records.extend(signer.withdrawn(now).map(|earlier| earlier.record()));
        }
        let commit = Commit { entry, revoked: Vec::new(), records };
        match store.commit(tenant.id(), commit).await {
            Ok(_) => {
                return Ok(Rotated { from, to, believed_until: believed_until(leaked, now) });
            }
            Err(Error::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}
