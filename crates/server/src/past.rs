//! The tenant as it was: the documents of today with the changes since taken back, newest first, and the
//! same model over them.

use std::collections::HashMap;

use rolewright_model::change::Kind;
use rolewright_model::documents::Documents;
use rolewright_model::{Stamp, State, Timestamp};
use rolewright_store::{Entry, LogFilter};
use serde_json::Value;

use crate::tenant::{Error, Tenant};

/// How many entries of the log are read at one time.
const PAGE: u32 = 500;

/// The tenant at a time, by the last change made then or before; none where there was none.
/// `O(documents + changes since)`.
///
/// # Errors
/// Where the store fails, or what it holds is not a tenant.
pub async fn at_time(tenant: &Tenant, time: Timestamp) -> Result<Option<State>, Error> {
    let filter = LogFilter { until: Some(Timestamp(time.0.saturating_add(1))), ..LogFilter::default() };
    let last = tenant.store().log_where(tenant.id(), &filter, None, 1).await?;
    match last.first() {
        Some(last) => at_revision(tenant, last.entry.at).await.map(Some),
        None => Ok(None),
    }
}

/// The tenant as a change left it. `O(documents + changes since)`.
///
/// # Errors
/// As [`at_time`].
pub async fn at_revision(tenant: &Tenant, at: Stamp) -> Result<State, Error> {
    let _turn = tenant.turn().await?;
    let contents = tenant.store().contents(tenant.id()).await?;
    let mut since = Vec::new();
    let mut after = at.revision;
    while after < contents.head.at.revision {
        let page = tenant.store().log(tenant.id(), Some(after), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.entry.at.revision;
        let known = page.into_iter().map(|sealed| sealed.entry);
        since.extend(known.filter(|entry| entry.at.revision <= contents.head.at.revision));
    }
    let id = tenant.id().to_owned();
    let built = tokio::task::spawn_blocking(move || {
        let documents = contents.documents.into_iter().map(|it| ((it.kind, it.id), it.body));
        build(documents.collect(), since, at).map_err(|problem| Error::Unreadable { tenant: id, problem })
    });
    built.await.map_err(|_| Error::Stopped)?
}

fn build(
    mut documents: HashMap<(Kind, String), Value>,
    since: Vec<Entry>,
    at: Stamp,
) -> Result<State, String> {
    for write in since.into_iter().rev().flat_map(|entry| entry.writes) {
        let key = (write.kind, write.id);
        match write.before {
            Some(before) => documents.insert(key, before),
            None => documents.remove(&key),
        };
    }
    let stored = documents.iter().map(|((kind, id), body)| (*kind, id.as_str(), body));
    let read = Documents::from_stored(stored).and_then(|documents| State::build(documents, at));
    read.map_err(|problems| problems.first().map(ToString::to_string).unwrap_or_default())
}
