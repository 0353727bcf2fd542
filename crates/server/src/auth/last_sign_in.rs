//! When people last signed in: a record beside each account, so that signing in makes no revision and no entry of the log.

use std::collections::HashMap;

use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Result};
use serde::{Deserialize, Serialize};

use crate::tenant::Tenant;

/// The kind of the records: one a user, under the user's id.
const KIND: &str = "last_sign_in";

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
}

/// Notes that a person signs in, with the session that begins.
#[must_use]
pub fn note(user: &str, now: Timestamp) -> RecordOp {
    let record = Record::new(serde_json::to_value(Kept { at: now }).unwrap_or_default()).owned_by(user);
    RecordOp::Put { kind: KIND.to_owned(), key: user.to_owned(), record }
}

/// Forgets it, with the account.
#[must_use]
pub fn forget(user: &str) -> RecordOp {
    RecordOp::Delete { kind: KIND.to_owned(), key: user.to_owned() }
}

/// When everybody last signed in, by their ids; who never did is not in it. `O(people)`.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, now: Timestamp) -> Result<HashMap<String, Timestamp>> {
    Ok(read(tenant.store().records(tenant.id(), KIND, None, now).await?))
}

/// The same of some people. `O(ids)`.
///
/// # Errors
/// Where the store fails.
pub async fn of(tenant: &Tenant, ids: &[&str], now: Timestamp) -> Result<HashMap<String, Timestamp>> {
    Ok(read(tenant.store().records_under(tenant.id(), KIND, ids, now).await?))
}

fn read(records: Vec<(String, Record)>) -> HashMap<String, Timestamp> {
    let kept = |(user, record): (String, Record)| {
        let kept = serde_json::from_value::<Kept>(record.body).ok()?;
        Some((user, kept.at))
    };
    records.into_iter().filter_map(kept).collect()
}
