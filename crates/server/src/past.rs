//! The tenant as it was: the documents of today with the changes since taken back, newest first, and the
//! same model over them.

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use rolewright_model::change::Kind;
use rolewright_model::documents::Documents;
use rolewright_model::{Stamp, State, Timestamp};
use rolewright_store::{Document, Entry, Head, LogEntry, LogFilter};
use rolewright_wire::problem::code;
use serde_json::Value;

use crate::as_of::AsOf;
use crate::created::Created;
use crate::problem::Failure;
use crate::revisions::Revisions;
use crate::tenant::{Error, Loaded, Tenant};

/// How many entries of the log are read at one time.
const PAGE: u32 = 500;

/// The tenant as of a point of the past, and when that is; none where there was none.
/// `O(documents + changes since)`.
///
/// # Errors
/// Where the store fails, or what it holds is not a tenant.
pub async fn state(tenant: &Tenant, as_of: AsOf) -> Result<Option<(State, Timestamp)>, Error> {
    let Some((last, now)) = last_by(tenant, as_of).await? else { return Ok(None) };
    Ok(Some((at_revision(tenant, last.entry.at).await?, now)))
}

/// The last change that was made by then, and when that is; none where there was none.
///
/// # Errors
/// Where the store fails.
pub async fn last_by(tenant: &Tenant, as_of: AsOf) -> Result<Option<(LogEntry, Timestamp)>, Error> {
    match as_of {
        AsOf::Time(time) => {
            let until = Some(Timestamp(time.0.saturating_add(1)));
            let filter = LogFilter { until, ..LogFilter::default() };
            let last = tenant.store().log_where(tenant.id(), &filter, None, 1).await?.into_iter().next();
            Ok(last.map(|last| (last, time)))
        }
        AsOf::Revision(revision) => Ok(made(tenant, revision).await?.map(|made| {
            let time = made.entry.time;
            (made, time)
        })),
    }
}

/// As [`state`], with the change that had last written each document by then, and when each role was made.
///
/// # Errors
/// As [`state`].
pub async fn loaded(tenant: &Tenant, as_of: AsOf) -> Result<Option<(Loaded, Timestamp)>, Error> {
    let Some((last, now)) = last_by(tenant, as_of).await? else { return Ok(None) };
    let at = last.entry.at;
    let Then { state, mut revisions, mut created, mut rewritten, mut removed } = then(tenant, at).await?;
    let mut before = Some(at.revision.saturating_add(1));
    while !rewritten.is_empty() || !removed.is_empty() {
        let page = tenant.store().log_where(tenant.id(), &LogFilter::default(), before, PAGE).await?;
        let Some(oldest) = page.last() else { break };
        before = Some(oldest.entry.at.revision);
        for sealed in page {
            let (at, time) = (sealed.entry.at, sealed.entry.time);
            for write in sealed.entry.writes {
                if write.kind == Kind::Role && write.before.is_none() && removed.remove(&write.id) {
                    created.found(write.kind, &write.id, Some(time));
                }
                let key = (write.kind, write.id);
                if rewritten.remove(&key) {
                    revisions.wrote(key.0, key.1, write.after.as_ref(), at);
                }
            }
        }
    }
    // Written before the log begins: when exactly it does not say any more, but by then.
    if !rewritten.is_empty()
        && let Some(anchor) = tenant.store().anchor(tenant.id()).await?
    {
        rewritten.into_iter().for_each(|(kind, id)| revisions.wrote(kind, id, Some(&Value::Null), anchor.at));
    }
    let head = Head { at, log_hash: last.hash, changed: last.entry.time };
    Ok(Some((Loaded::of(state, head, revisions, created), now)))
}

/// The change that made a revision.
///
/// # Errors
/// 404 where there is none; where the store fails.
pub async fn entry(tenant: &Tenant, revision: u64) -> Result<LogEntry, Failure> {
    made(tenant, revision).await?.ok_or_else(|| none_then(tenant, AsOf::Revision(revision)))
}

/// The revision of the change that took that one back; none where none did, or what did was taken back itself.
///
/// # Errors
/// Where the store fails.
pub async fn undone_by(tenant: &Tenant, revision: u64) -> Result<Option<u64>, rolewright_store::Error> {
    let (mut first, mut is_undone, mut of) = (None, false, revision);
    loop {
        let filter = LogFilter { undoes: Some(of), ..LogFilter::default() };
        let Some(by) = tenant.store().log_where(tenant.id(), &filter, None, 1).await?.into_iter().next()
        else {
            return Ok(first.filter(|_| is_undone));
        };
        of = by.entry.at.revision;
        first.get_or_insert(of);
        is_undone = !is_undone;
    }
}

/// 404: what there was not then, and what there is.
#[must_use]
pub fn none_then(tenant: &Tenant, as_of: AsOf) -> Failure {
    let newest = tenant.loaded().state.at().revision;
    let detail = match as_of {
        AsOf::Time(_) => {
            format!(
                "there was no such tenant at `{as_of}`: it was made later, or its change log begins later"
            )
        }
        AsOf::Revision(revision) if (1..=newest).contains(&revision) => {
            format!("there is no revision `{as_of}` here any more: it was removed from the change log")
        }
        AsOf::Revision(_) => {
            format!("there is no revision `{as_of}` here: the newest is `{}`", AsOf::Revision(newest))
        }
    };
    Failure::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail)
}

/// The hash in the log of the change that made a revision; none where there is none, or where it was removed.
///
/// # Errors
/// Where the store fails.
pub async fn log_hash(tenant: &Tenant, revision: u64) -> Result<Option<String>, Error> {
    Ok(made(tenant, revision).await?.map(|made| made.hash))
}

/// The change that made a revision; none where there is none, or where it was removed from the log.
pub(crate) async fn made(tenant: &Tenant, revision: u64) -> Result<Option<LogEntry>, Error> {
    let Some(before) = revision.checked_sub(1) else { return Ok(None) };
    if revision > tenant.loaded().state.at().revision {
        return Ok(None);
    }
    // Where the log was cut, the first one that is kept is another.
    let found = tenant.store().log(tenant.id(), Some(before), 1).await?;
    Ok(found.into_iter().find(|found| found.entry.at.revision == revision))
}

/// The tenant as a change left it. `O(documents + changes since)`.
///
/// # Errors
/// As [`state`].
pub async fn at_revision(tenant: &Tenant, at: Stamp) -> Result<State, Error> {
    then(tenant, at).await.map(|then| then.state)
}

/// The tenant as a change left it.
struct Then {
    state: State,
    /// Of the documents that are as they were then.
    revisions: Revisions,
    /// Of the roles that are those of then.
    created: Created,
    /// The documents that were there and were written since.
    rewritten: HashSet<(Kind, String)>,
    /// The roles that were there and were removed since.
    removed: HashSet<String>,
}

async fn then(tenant: &Tenant, at: Stamp) -> Result<Then, Error> {
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
        build(contents.documents, since, at).map_err(|problem| Error::Unreadable { tenant: id, problem })
    });
    built.await.map_err(|_| Error::Stopped)?
}

fn build(documents: Vec<Document>, since: Vec<Entry>, at: Stamp) -> Result<Then, String> {
    let (mut revisions, mut created) = (Revisions::default(), Created::default());
    let mut then: HashMap<(Kind, String), Value> = HashMap::with_capacity(documents.len());
    for Document { kind, id, at: written, created: made, body } in documents {
        created.found(kind, &id, made);
        if written.revision <= at.revision {
            revisions.wrote(kind, id.clone(), Some(&body), written);
        }
        then.insert((kind, id), body);
    }
    let (mut rewritten, mut removed) = (HashSet::new(), HashSet::new());
    for write in since.into_iter().rev().flat_map(|entry| entry.writes) {
        // A role that was removed or added since is another than that of then.
        if write.kind == Kind::Role && (write.before.is_none() || write.after.is_none()) {
            created.forget(write.kind, &write.id);
            match write.before {
                Some(_) => removed.insert(write.id.clone()),
                None => removed.remove(&write.id),
            };
        }
        let key = (write.kind, write.id);
        match write.before {
            Some(before) => {
                rewritten.insert(key.clone());
                then.insert(key, before);
            }
            None => {
                rewritten.remove(&key);
                then.remove(&key);
            }
        }
    }
    let stored = then.iter().map(|((kind, id), body)| (*kind, id.as_str(), body));
    let read = Documents::from_stored(stored).and_then(|documents| State::build(documents, at));
    let state = read.map_err(|problems| problems.first().map(ToString::to_string).unwrap_or_default())?;
    Ok(Then { state, revisions, created, rewritten, removed })
}
