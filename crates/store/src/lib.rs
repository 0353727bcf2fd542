//! Documents and the append-only change log behind one trait.
//!
//! Everything belongs to a tenant. A tenant has *documents* by kind and id, which only
//! [`Store::commit`] writes; a *change log*, to which every commit appends one entry hashed over
//! the one before it ([`log`]), also where it writes no document, and which is cut at an [`anchor`] alone; the ids it *revoked*; and the server's own
//! *records* ([`record`]), such as sessions and links, which commits and [`Store::edit_records`] write.
//!
//! [`sqlite`] implements the trait; [`conformance`] is what every implementation must pass.
//!
//! Invariant: nothing in this crate decides whether a change may be made; it writes what the model
//! decided.

pub mod anchor;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod error;
pub mod log;
pub mod record;
pub mod sealed;
pub mod sqlite;

use async_trait::async_trait;
use rolewright_model::change::Kind;
use rolewright_model::{Stamp, Timestamp};
use serde_json::Value;

pub use anchor::Anchor;
pub use error::{Error, Result, why_not};
pub use log::{Entry, LogEntry, LogFilter, Verified};
pub use record::{Record, RecordOp};
pub use sealed::Seal;
pub use sqlite::{Restored, Restoring, SqliteStore};

/// A tenant that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantInfo {
    /// What its paths and rows say.
    pub id: String,
    /// What a person reads, as it was when the tenant was created.
    pub name: String,
    /// When it was created.
    pub created: Timestamp,
}

/// A document as it is at the head.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Which of its kind.
    pub id: String,
    /// The change that last wrote it: what its `ETag` names. A stamp and not a revision alone,
    /// since after a restore the same revision is made again.
    pub at: Stamp,
    /// When the change that made it was made; none where an older version wrote it and that
    /// change was no longer in the log.
    pub created: Option<Timestamp>,
    /// What it says.
    pub body: Value,
}

/// How far a tenant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The newest change; [`Stamp::default`] before the first.
    pub at: Stamp,
    /// The hash of the log's newest entry, [`log::START`] before the first.
    pub log_hash: String,
    /// When the newest change was made, or the tenant was created.
    pub changed: Timestamp,
}

/// Everything a tenant says, read at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// Where that is.
    pub head: Head,
    /// Every document, by kind and id.
    pub documents: Vec<Document>,
}

/// One change with all that must happen with it or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// What the log will say; its `writes` are the documents to write and remove, and its `at` is
    /// the stamp right after the head that the change was decided on. What it seals the store adds.
    pub entry: Entry,
    /// Ids of links and subjects that no longer count, from this change on.
    pub revoked: Vec<String>,
    /// Edits of the server's own records, in this order.
    pub records: Vec<RecordOp>,
}

/// An id that a change revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Of a link or a subject.
    pub id: String,
    /// The change that revoked it.
    pub at: Stamp,
    /// When that was.
    pub time: Timestamp,
}

/// Where tenants are kept.
///
/// Every method that takes a tenant fails with [`Error::UnknownTenant`] where there is none of
/// that id. A write that has answered is on disk. A write whose future is dropped before it
/// answers has happened entirely or not at all, and which is not known: run it in a task of its
/// own where the caller may go away.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every tenant, by id.
    async fn tenants(&self) -> Result<Vec<TenantInfo>>;

    /// Adds a tenant and makes its first change, in one transaction; without one it is empty, with its
    /// head at [`Stamp::default`].
    ///
    /// # Errors
    /// [`Error::TenantExists`]; those of [`Store::commit`], which leave no tenant.
    async fn create_tenant(
        &self,
        id: &str,
        name: &str,
        now: Timestamp,
        first: Option<Commit>,
    ) -> Result<Head>;

    /// Removes a tenant with all that is kept of it.
    async fn delete_tenant(&self, tenant: &str) -> Result<()>;

    /// How far the tenant is.
    async fn head(&self, tenant: &str) -> Result<Head>;

    /// Hands over every document, by kind and id, a few in memory at a time; answers with the head
    /// that they belong to. All from one moment.
    async fn each_document(&self, tenant: &str, each: &mut (dyn FnMut(Document) + Send)) -> Result<Head>;

    /// Every document and the head that they belong to, from one moment.
    async fn contents(&self, tenant: &str) -> Result<Contents> {
        let mut documents = Vec::new();
        let head = self.each_document(tenant, &mut |document| documents.push(document)).await?;
        Ok(Contents { head, documents })
    }

    /// One document, if it is there.
    async fn document(&self, tenant: &str, kind: Kind, id: &str) -> Result<Option<Document>>;

    /// Makes one change: in one transaction writes and removes its documents, appends its entry to
    /// the log, remembers what it revoked, edits records and moves the head. Refused, it leaves
    /// nothing. Whether a record has expired is judged at the entry's time.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the entry does not follow the head: of two commits decided on the
    /// same head one gets this. [`Error::Spent`] where a [`RecordOp::Take`] finds nothing to take or a
    /// [`RecordOp::Replace`] nothing to replace, [`Error::Changed`] where that is not as it was read,
    /// [`Error::Missing`] where a [`RecordOp::Require`] finds nothing, [`Error::RecordExists`] where a
    /// [`RecordOp::Insert`] finds something. [`Error::Drift`] where the entry removes or replaces a document
    /// that is not there, or adds one that is.
    async fn commit(&self, tenant: &str, commit: Commit) -> Result<Head>;

    /// At most `limit` entries of the log, oldest first, from the one after revision `after` or
    /// from the first.
    async fn log(&self, tenant: &str, after: Option<u64>, limit: u32) -> Result<Vec<LogEntry>>;

    /// At most `limit` entries that the filter takes, newest first, from the one before revision `before`
    /// or from the newest. `O(log)` where few are taken.
    async fn log_where(
        &self,
        tenant: &str,
        filter: &LogFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LogEntry>>;

    /// Recomputes the chain of hashes over the whole log, from its anchor where it was cut, and what the documents, and the
    /// records that it seals ([`sealed`]), must be after it; that the anchor is signed is the caller's to see. What expired
    /// by `now` may be gone. `O(log)` in time, `O(documents + records)` in memory.
    ///
    /// # Errors
    /// [`Error::Broken`], with the first revision that is not as it was written; [`Error::Differs`], with the records
    /// that are not as the log says.
    async fn verify_log(&self, tenant: &str, now: Timestamp) -> Result<Verified>;

    /// Where the log begins, if it was cut.
    async fn anchor(&self, tenant: &str) -> Result<Option<Anchor>>;

    /// Where the log would begin if every entry made before that time was removed, up to the first that was not; none
    /// where nothing would be. Its `signed` is empty. `O(log + documents)`.
    ///
    /// # Errors
    /// [`Error::Broken`], where the log is not as it was written.
    async fn anchor_before(&self, tenant: &str, time: Timestamp) -> Result<Option<Anchor>>;

    /// Removes every entry of the log up to the anchor, which stands for them from then on, and makes the change that
    /// says so, in one transaction. Answers how many were removed, and the head.
    ///
    /// # Errors
    /// Those of [`Store::commit`]; [`Error::Broken`] where the anchor is of no entry that is there.
    async fn prune(&self, tenant: &str, anchor: Anchor, commit: Commit) -> Result<(u64, Head)>;

    /// What was revoked at `since` or later, oldest first.
    async fn revoked_since(&self, tenant: &str, since: Timestamp) -> Result<Vec<Revoked>>;

    /// One record, unless it is absent or expired.
    async fn record(&self, tenant: &str, kind: &str, key: &str, now: Timestamp) -> Result<Option<Record>>;

    /// Every unexpired record of a kind with its key, by key; with an owner, only that owner's.
    async fn records(
        &self,
        tenant: &str,
        kind: &str,
        owner: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<(String, Record)>>;

    /// Every unexpired record of a kind under one of these keys, with its key, by key. `O(keys)`.
    async fn records_under(
        &self,
        tenant: &str,
        kind: &str,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<(String, Record)>>;

    /// Writes a record over whatever is there.
    async fn put_record(
        &self,
        tenant: &str,
        kind: &str,
        key: &str,
        record: Record,
        now: Timestamp,
    ) -> Result<()> {
        let op = RecordOp::Put { kind: kind.to_owned(), key: key.to_owned(), record };
        self.edit_records(tenant, vec![op], now).await
    }

    /// Writes a record unless an unexpired one is there; says whether it did.
    async fn insert_record(
        &self,
        tenant: &str,
        kind: &str,
        key: &str,
        record: Record,
        now: Timestamp,
    ) -> Result<bool> {
        let op = RecordOp::Insert { kind: kind.to_owned(), key: key.to_owned(), record };
        match self.edit_records(tenant, vec![op], now).await {
            Ok(()) => Ok(true),
            Err(Error::RecordExists { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes an unexpired record and returns it. Of any number of takers one gets it.
    async fn take_record(
        &self,
        tenant: &str,
        kind: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Record>>;

    /// Removes a record; says whether there was one, expired or not.
    async fn delete_record(&self, tenant: &str, kind: &str, key: &str) -> Result<bool>;

    /// Edits records in this order, all or nothing, without a change.
    ///
    /// # Errors
    /// [`Error::Spent`], [`Error::Changed`] and [`Error::RecordExists`] as [`Store::commit`].
    async fn edit_records(&self, tenant: &str, ops: Vec<RecordOp>, now: Timestamp) -> Result<()>;

    /// Removes every tenant's expired records; says how many. They are not readable before either.
    async fn sweep(&self, now: Timestamp) -> Result<u64>;
}
