//! The change log: read, exported with its signed head, and told to people.

use std::sync::Arc;

use rolewright_model::Timestamp;
use rolewright_model::change::Kind;
use rolewright_store::LogEntry;
use rolewright_wire::audit::{
    AuditEntry, AuditWrite, ExportedEntry, ExportedHead, LOG_HEAD_TYPE, LogHeadClaims,
};

use serde_json::json;

use crate::problem::Failure;
use crate::sight::Sight;
use crate::tenant::{Loaded, Tenant};

/// How many entries of an export are held at one time.
const PAGE: u32 = 200;

/// An entry as people and programs read it; of what they may not see only that it changed.
#[must_use]
pub fn told(sealed: LogEntry, loaded: &Loaded, sight: &Sight) -> AuditEntry {
    let LogEntry { entry, previous, hash, .. } = sealed;
    let users = &loaded.state.documents().directory.users;
    let actor = entry.actor.strip_prefix("user:").and_then(|id| users.get(id));
    let actor = actor.filter(|_| sight.sees(Kind::User));
    let sees_change = sight.sees_change(&entry.change);
    let hidden = !sees_change || entry.writes.iter().any(|write| !sight.sees(write.kind));
    let writes = entry.writes.into_iter().map(|write| {
        let (kind, hidden) = (write.kind.as_str().to_owned(), !sight.sees(write.kind));
        let (before, after) = if hidden { (None, None) } else { (write.before, write.after) };
        AuditWrite { kind, id: write.id, before, after, hidden }
    });
    AuditEntry {
        at: entry.at,
        time: entry.time,
        actor_name: actor.map(|user| user.display_name()).unwrap_or_default(),
        actor: entry.actor,
        action: entry.action.clone(),
        change: if sees_change { entry.change } else { json!({ "change": entry.action }) },
        hidden,
        writes: writes.collect(),
        reason: entry.reason,
        request: entry.request,
        previous,
        hash,
    }
}

/// A log on its way out, some lines at a time.
pub struct Export {
    tenant: Arc<Tenant>,
    now: Timestamp,
    /// The head when it was begun: what is written meanwhile is not in it.
    head: rolewright_store::Head,
    after: u64,
    is_done: bool,
}

impl Export {
    /// Before the first line.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn begin(tenant: Arc<Tenant>, now: Timestamp) -> Result<Self, rolewright_store::Error> {
        let head = tenant.store().head(tenant.id()).await?;
        Ok(Self { tenant, now, head, after: 0, is_done: false })
    }

    /// The next lines, each ended by a line feed; the last one is the signed head. None after it.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn next(&mut self) -> Result<Option<String>, Failure> {
        if self.is_done {
            return Ok(None);
        }
        let failed = |error: serde_json::Error| Failure::internal(&error);
        let mut lines = String::new();
        let entries = self.tenant.store().log(self.tenant.id(), Some(self.after), PAGE).await;
        let entries = entries.map_err(|error| Failure::internal(&error))?;
        for LogEntry { entry, previous, hash, text } in entries {
            if entry.at.revision > self.head.at.revision {
                break;
            }
            self.after = entry.at.revision;
            let line = ExportedEntry { revision: entry.at.revision, previous, hash, text };
            lines.push_str(&serde_json::to_string(&line).map_err(failed)?);
            lines.push('\n');
        }
        if lines.is_empty() || self.after == self.head.at.revision {
            let claims = LogHeadClaims {
                tenant: self.tenant.id().to_owned(),
                at: self.head.at,
                log_head: self.head.log_hash.clone(),
                issued: self.now,
            };
            let head = self.tenant.signer.compact(LOG_HEAD_TYPE, &claims).map_err(failed)?;
            lines.push_str(&serde_json::to_string(&ExportedHead { head }).map_err(failed)?);
            lines.push('\n');
            self.is_done = true;
        }
        Ok(Some(lines))
    }
}
