//! Whether whoever asks is still there when they write: a key may be revoked, edited, given another secret or run out,
//! and a session may end, while a request is on its way or its work is under way.

use rolewright_model::Timestamp;
use rolewright_store::{RecordOp, Result};

use super::actor::Who;
use super::key::{self, Key};
use super::session;
use crate::tenant::Tenant;

/// Whether the session, or the key with the secret that was shown and all that it then said, is good. The operator always is, and a link is used
/// up with what it is for.
///
/// # Errors
/// Where the store fails.
pub async fn stands(tenant: &Tenant, who: &Who, now: Timestamp) -> Result<bool> {
    let Some((kind, key)) = record(who) else { return Ok(true) };
    let Some(found) = tenant.store().record(tenant.id(), kind, key, now).await? else { return Ok(false) };
    let Who::Key { key: shown, .. } = who else { return Ok(true) };
    let Ok(key) = serde_json::from_value::<Key>(found.body) else { return Ok(false) };
    let is_secret = key.hashes(now).any(|hash| hash == shown.secret);
    let is_same = key.permissions == shown.permissions && key.scope == shown.scope.as_str();
    Ok(is_secret && is_same && (key.expires, key.trusts_subject) == (shown.until, shown.trusts_subject))
}

/// What must be there when a change by them is committed.
#[must_use]
pub fn required(who: &Who) -> Option<RecordOp> {
    let (kind, key) = record(who)?;
    Some(RecordOp::Require { kind: kind.to_owned(), key: key.to_owned() })
}

fn record(who: &Who) -> Option<(&'static str, &str)> {
    match who {
        Who::Operator | Who::Link { .. } => None,
        Who::Person { session, .. } | Who::Viewer { session, .. } => Some((session::KIND, session)),
        Who::Key { key, .. } => Some((key::KIND, &key.id)),
    }
}
