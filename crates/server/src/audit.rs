//! The change log: read a page at a time, and told to people.

pub mod actor;
pub mod brief;
mod deeds;
pub mod export;
pub mod exported;
mod grants;
pub mod names;
pub mod operator;
pub mod prune;
mod sentence;

use std::collections::BTreeMap;

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use rolewright_store::{LogEntry, LogFilter};
use rolewright_wire::audit::{AuditEntry, AuditWrite};
use rolewright_wire::history::MOST_BYTES;
use serde::Serialize;
use serde_json::json;

use crate::sight::Sight;
use crate::tenant::{Loaded, Tenant};

/// How many entries are held at one time; one has a few megabytes where it replaces the policy.
const PAGE: u32 = 20;

/// An entry as people and programs read it, but for [the name of a key](name_keys) that made it; of what they may not see only that
/// it changed. Its sentence is about the one that is
/// `asked` about, as far as it did something to it.
#[must_use]
pub fn told(sealed: LogEntry, asked: Option<&str>, loaded: &Loaded, sight: &Sight) -> AuditEntry {
    let LogEntry { entry, previous, hash, .. } = sealed;
    let sees_change = sight.sees_change(&entry.change);
    let sentence = sentence::sentence(&entry, asked, sight, loaded.state.catalogue());
    let names = names::names_in(&entry, &sentence, &loaded.state, sight);
    let hidden = !sees_change || entry.writes.iter().any(|write| !sight.sees(write.kind));
    AuditEntry {
        at: entry.at,
        time: entry.time,
        actor_name: actor::name_of(&entry.actor, loaded, sight),
        actor: entry.actor,
        action: entry.action.clone(),
        change: if sees_change { entry.change } else { json!({ "change": entry.action }) },
        hidden,
        writes: entry.writes.into_iter().map(|write| write_told(write, sight)).collect(),
        kept: if sight.sees(Kind::Assignment) { entry.kept } else { Vec::new() },
        about: entry.about,
        undoes: entry.undoes,
        undone_by: None,
        reason: entry.reason,
        request: entry.request,
        sentence,
        names,
        is_brief: false,
        others: BTreeMap::new(),
        kept_untold: 0,
        previous,
        hash,
    }
}

/// A document that a change wrote, as people and programs read it; of what they may not see only that it changed.
#[must_use]
pub fn write_told(write: Write, sight: &Sight) -> AuditWrite {
    let (kind, hidden) = (write.kind.as_str().to_owned(), !sight.sees(write.kind));
    let (before, after) = if hidden { (None, None) } else { (write.before, write.after) };
    AuditWrite { kind, id: write.id, before, after, hidden }
}

/// Says in entries what the API keys are called that made them, where keys are seen.
///
/// # Errors
/// Where the store fails.
pub async fn name_keys(
    entries: &mut [AuditEntry],
    tenant: &Tenant,
    sight: &Sight,
    now: Timestamp,
) -> rolewright_store::Result<()> {
    let made = entries.iter_mut().map(|entry| (entry.actor.as_str(), &mut entry.actor_name));
    actor::name_keys(tenant, sight, now, made).await
}

/// How many bytes something has as JSON.
#[must_use]
pub fn size_of(told: &impl Serialize) -> usize {
    serde_json::to_vec(told).map(|bytes| bytes.len()).unwrap_or_default()
}

/// A page of the entries that the filter takes and of which something is `told`, newest first from the one before revision
/// `before`: at most `limit`, and
/// no more than [`MOST_BYTES`] unless one alone has more; and where the next one begins.
///
/// # Errors
/// Where the store fails.
pub async fn page<T: Serialize>(
    tenant: &Tenant,
    filter: &LogFilter,
    before: Option<u64>,
    limit: u32,
    told: impl Fn(LogEntry) -> Option<T>,
) -> Result<(Vec<T>, Option<String>), rolewright_store::Error> {
    let (mut items, mut bytes, mut last) = (Vec::new(), 0_usize, before);
    loop {
        let found = tenant.store().log_where(tenant.id(), filter, last, PAGE).await?;
        let is_last = found.len() < PAGE as usize;
        for sealed in found {
            let next = last;
            last = Some(sealed.entry.at.revision);
            let Some(item) = told(sealed) else { continue };
            bytes = bytes.saturating_add(size_of(&item));
            let is_full = items.len() >= limit as usize || bytes > MOST_BYTES && !items.is_empty();
            if is_full {
                return Ok((items, next.map(|next| next.to_string())));
            }
            items.push(item);
        }
        if is_last {
            return Ok((items, None));
        }
    }
}
