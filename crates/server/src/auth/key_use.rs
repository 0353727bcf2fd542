//! When keys were last used: noted beside the key, once a minute, and never in the way of a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Result};
use serde::{Deserialize, Serialize};

use super::key;
use crate::tenant::Tenant;

/// The kind of the records: one a key, under the key's id. Apart from the key, so that noting a use
/// never writes over a rotation and brings no key back that was ended.
pub const KIND: &str = "key_use";
/// How often use is noted, in milliseconds: every minute.
pub const NOTED: i64 = 60 * 1000;

/// As what a key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum As {
    /// As itself.
    Itself,
    /// By an identity provider, at the paths of SCIM.
    Provider,
}

/// A key's use, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// When it was last used.
    pub used: Timestamp,
    /// When an identity provider last used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_provider: Option<Timestamp>,
}

/// When this server last noted a use of which key, and as what.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<String, (As, Timestamp)>>);

impl Uses {
    /// Whether a use now is to be noted; it then counts as noted.
    fn is_due(&self, id: &str, used: As, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match noted.get_mut(id) {
            // A provider's use is one of the key itself too.
            Some((last_as, last)) if now < last.plus(NOTED) && (*last_as == used || used == As::Itself) => {
                false
            }
            Some(last) => {
                *last = (used, now);
                true
            }
            None => {
                noted.insert(id.to_owned(), (used, now));
                true
            }
        }
    }

    /// Forgets a key that was ended.
    pub fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// Notes that a key is used now. It answers at once: the note is written meanwhile, and where that
/// fails the next minute writes another.
pub fn note(tenant: &Arc<Tenant>, id: &str, used: As, expires: Option<Timestamp>, now: Timestamp) {
    if !tenant.key_uses.is_due(id, used, now) {
        return;
    }
    let (tenant, id) = (Arc::clone(tenant), id.to_owned());
    tokio::spawn(async move {
        if let Err(error) = write(&tenant, &id, used, expires, now).await {
            tracing::debug!(tenant = tenant.id(), key = %id, %error, "the use of a key was not noted");
        }
    });
}

async fn write(
    tenant: &Tenant,
    id: &str,
    used: As,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let store = tenant.store();
    // Another server, or this one before it was started anew, may have noted it within the minute.
    let known = store.record(tenant.id(), KIND, id, now).await?;
    let known = known.and_then(|record| serde_json::from_value::<Use>(record.body).ok());
    let last =
        known.and_then(|known| if used == As::Provider { known.by_provider } else { Some(known.used) });
    let is_due = last.is_none_or(|last| now >= last.plus(NOTED));
    if !is_due || store.record(tenant.id(), key::KIND, id, now).await?.is_none() {
        return Ok(());
    }
    let by_provider = match used {
        As::Provider => Some(now),
        As::Itself => known.and_then(|known| known.by_provider),
    };
    let record = Record::new(serde_json::to_value(Use { used: now, by_provider }).unwrap_or_default());
    store.put_record(tenant.id(), KIND, id, Record { expires, ..record }, now).await
}

/// How keys were last used, by their ids.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, now: Timestamp) -> Result<HashMap<String, Use>> {
    let records = tenant.store().records(tenant.id(), KIND, None, now).await?;
    let used = |(id, record): (String, Record)| Some((id, serde_json::from_value(record.body).ok()?));
    Ok(records.into_iter().filter_map(used).collect())
}

/// How a key was last used; none where it never was.
///
/// # Errors
/// Where the store fails.
pub async fn of(tenant: &Tenant, id: &str, now: Timestamp) -> Result<Option<Use>> {
    let record = tenant.store().record(tenant.id(), KIND, id, now).await?;
    Ok(record.and_then(|record| serde_json::from_value(record.body).ok()))
}

/// Forgets the use of a key, with its end.
#[must_use]
pub fn end(id: &str) -> RecordOp {
    RecordOp::Delete { kind: KIND.to_owned(), key: id.to_owned() }
}
