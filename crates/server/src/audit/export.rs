//! The change log on its way out, with what is signed of it.

use std::sync::Arc;

use rolewright_model::Timestamp;
use rolewright_store::{LogEntry, LogFilter, log};
use rolewright_wire::audit::{
    ExcerptFilter, ExportedAnchor, ExportedEntry, ExportedExcerpt, ExportedHead, LOG_EXCERPT_TYPE,
    LOG_HEAD_TYPE, LogExcerptClaims, LogHeadClaims,
};

use crate::problem::Failure;
use crate::tenant::Tenant;

/// How many entries of an export are held at one time.
const PAGE: u32 = 200;

/// A log on its way out, some lines at a time: all of it, which is a chain, or the entries that a filter takes, which
/// are none.
pub struct Export {
    tenant: Arc<Tenant>,
    now: Timestamp,
    filter: LogFilter,
    /// The head when it was begun: what is written meanwhile is not in it.
    head: rolewright_store::Head,
    after: u64,
    entries: u64,
    /// The hash of the lines so far, chained.
    lines: String,
    is_done: bool,
    /// The first line of a whole log that was cut, until it is told.
    anchor: Option<String>,
}

impl Export {
    /// Before the first line.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn begin(
        tenant: Arc<Tenant>,
        filter: LogFilter,
        now: Timestamp,
    ) -> Result<Self, rolewright_store::Error> {
        let head = tenant.store().head(tenant.id()).await?;
        let anchor = tenant.store().anchor(tenant.id()).await?.filter(|_| filter.is_everything());
        let (after, entries, lines, is_done) = (0, 0, log::START.to_owned(), false);
        let anchor = anchor.map(|anchor| anchor.signed);
        Ok(Self { tenant, now, filter, head, after, entries, lines, is_done, anchor })
    }

    /// The next lines, each ended by a line feed, and none where the filter takes none of the next entries; the last one
    /// is signed: the head, or what the excerpt is. None after it.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn next(&mut self) -> Result<Option<String>, Failure> {
        if self.is_done {
            return Ok(None);
        }
        let failed = |error: serde_json::Error| Failure::internal(&error);
        let mut lines = String::new();
        if let Some(anchor) = self.anchor.take() {
            lines.push_str(&serde_json::to_string(&ExportedAnchor { anchor }).map_err(failed)?);
            lines.push('\n');
        }
        let found = self.tenant.store().log(self.tenant.id(), Some(self.after), PAGE).await;
        let found = found.map_err(|error| Failure::internal(&error))?;
        self.is_done = found.is_empty();
        for LogEntry { entry, previous, hash, text } in found {
            let revision = entry.at.revision;
            if revision > self.head.at.revision {
                self.is_done = true;
                break;
            }
            self.after = revision;
            if !self.filter.takes(&entry) {
                continue;
            }
            let line =
                serde_json::to_string(&ExportedEntry { revision, previous, hash, text }).map_err(failed)?;
            self.entries = self.entries.saturating_add(1);
            self.lines = log::hash(&self.lines, &line);
            lines.push_str(&line);
            lines.push('\n');
        }
        self.is_done |= self.after == self.head.at.revision;
        if self.is_done {
            lines.push_str(&self.signed().map_err(failed)?);
            lines.push('\n');
        }
        Ok(Some(lines))
    }

    /// The last line.
    fn signed(&self) -> serde_json::Result<String> {
        let (tenant, signer) = (self.tenant.id().to_owned(), self.tenant.signer());
        let (at, log_head, issued) = (self.head.at, self.head.log_hash.clone(), self.now);
        if self.filter.is_everything() {
            let claims = LogHeadClaims { tenant, at, log_head, issued };
            return serde_json::to_string(&ExportedHead { head: signer.compact(LOG_HEAD_TYPE, &claims)? });
        }
        let LogFilter { actor, action, kind, id, about, from, until, search, undoes: _ } =
            self.filter.clone();
        let filter = ExcerptFilter { actor, action, kind, id, about, from, until, search };
        let (entries, lines) = (self.entries, self.lines.clone());
        let claims = LogExcerptClaims { tenant, at, log_head, filter, entries, lines, issued };
        serde_json::to_string(&ExportedExcerpt { excerpt: signer.compact(LOG_EXCERPT_TYPE, &claims)? })
    }
}
