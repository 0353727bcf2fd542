//! The embedded store: one SQLite file, in WAL mode, every commit flushed to disk before it answers.
//!
//! Writes go through one connection, one transaction at a time, each begun with `BEGIN IMMEDIATE`:
//! a transaction that reads first and writes later could otherwise find that another process wrote
//! in between, and fail. Reads have connections of their own, which cannot write.

mod backup;
mod lock;
mod removal;
mod rows;
mod sealing;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rolewright_model::change::{Kind, Topic};
use rolewright_model::{Stamp, Timestamp};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};

use crate::error::why_not;
use crate::log::{Entry, Follower, START, canonical};
use crate::{
    Anchor, Commit, Document, Error, Head, LogEntry, LogFilter, Record, RecordOp, Result, Revoked, Store,
    TenantInfo, Verified,
};

pub use backup::{Restored, Restoring};
use lock::Lock;
use rows::{
    DocumentRow, KeyedRow, LogRow, RecordRow, change, document, each_document, edit, exists, head, keyed,
    log, record, revision, sealed, stamp, store,
};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a write waits for another process to end its own.
const BUSY: Duration = Duration::from_secs(5);
/// Reads that may run at one time.
const READERS: u32 = 4;
/// Log entries that are held at one time while the log is verified.
const PAGE: u32 = 256;
/// SQLite's code where the index beside the write-ahead log cannot grow: `SQLITE_IOERR_SHMSIZE`.
const NO_ROOM_FOR_INDEX: i32 = 4874;

/// A store in one SQLite file, or in memory.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    write: SqlitePool,
    read: SqlitePool,
    /// As long as it is open, nobody puts another database in its place.
    #[expect(dead_code, reason = "it is held, and never looked at")]
    lock: Option<Arc<Lock>>,
}

impl SqliteStore {
    /// Opens the database, making it where there is none and bringing an older one up to date. A
    /// new file can be read by its owner alone.
    ///
    /// # Errors
    /// [`Error::Open`]; [`Error::Newer`] where a newer version wrote it; [`Error::Replaced`].
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self> {
        let path = path.as_ref();
        let lock = Lock::shared(path)?;
        let _opening = Lock::opening(path).await?;
        Self::connect(path, Some(Arc::new(lock))).await
    }

    async fn connect(path: &Path, lock: Option<Arc<Lock>>) -> Result<Self> {
        let open = |why: String| Error::Open { path: path.display().to_string(), why };
        create(path).map_err(|error| open(why_not(&error)))?;
        let options = options(SqliteConnectOptions::new().filename(path))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // SQLite ends a transaction by itself where the disk is full, which leaves sqlx counting one for ever.
        let healthy = pool(1).after_release(|on, _| {
            let is_idle = !on.is_in_transaction();
            Box::pin(async move { Ok(is_idle) })
        });
        let write = healthy.connect_with(options.clone()).await.map_err(|error| {
            let why = error.to_string();
            if matches!(error.into(), Error::Busy) { Error::Busy } else { open(why) }
        })?;
        migrate(&write).await?;
        sealing::seal_all(&write).await?;
        let read = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { write, read, lock })
    }

    /// A store that is gone when it is dropped: for tests and for trying things out.
    ///
    /// # Errors
    /// [`Error::Database`] where SQLite fails.
    pub async fn in_memory() -> Result<Self> {
        // Every connection would open a database of its own, so there is one.
        let options = options(SqliteConnectOptions::new().in_memory(true));
        let write = pool(1).min_connections(1).connect_with(options).await?;
        migrate(&write).await?;
        Ok(Self { read: write.clone(), write, lock: None })
    }

    /// Waits for what is under way and closes every connection; SQLite then folds its write-ahead
    /// log into the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Reads the settings of every connection: the one that writes, and all those that read.
    #[cfg(feature = "conformance")]
    #[doc(hidden)]
    pub async fn settings(&self) -> Result<Vec<(String, i64, i64)>> {
        let mut open = vec![self.write.acquire().await?];
        for _ in 0..READERS {
            open.push(self.read.acquire().await?);
        }
        let mut all = Vec::new();
        for mut on in open {
            let journal = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *on).await?;
            let synchronous = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *on).await?;
            let foreign_keys = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *on).await?;
            all.push((journal, synchronous, foreign_keys));
        }
        Ok(all)
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Makes an empty file for its owner alone, unless there is a file: it will hold password hashes
/// and signing keys. SQLite gives the files beside it the same permissions.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.foreign_keys(true).busy_timeout(BUSY)
}

/// Connections that stay: a database in memory lives as long as its connection.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
}

async fn migrate(pool: &SqlitePool) -> Result<()> {
    MIGRATIONS.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(migration) => Error::Newer { migration },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Error::Database(Box::new(other)),
    })
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<i32>().ok()),
            sqlx::Error::PoolTimedOut => return Self::Busy,
            _ => None,
        };
        match code {
            Some(NO_ROOM_FOR_INDEX) => Self::Full,
            // The low byte of an extended code is the code: 5 busy, 6 locked, 13 full.
            Some(code) if matches!(code & 0xff, 5 | 6) => Self::Busy,
            Some(code) if code & 0xff == 13 => Self::Full,
            _ => Self::Database(Box::new(error)),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn tenants(&self) -> Result<Vec<TenantInfo>> {
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT id, name, created FROM tenant ORDER BY id").fetch_all(&self.read).await?;
        Ok(rows
            .into_iter()
            .map(|(id, name, created)| TenantInfo { id, name, created: Timestamp(created) })
            .collect())
    }

    async fn create_tenant(
        &self,
        id: &str,
        name: &str,
        now: Timestamp,
        first: Option<Commit>,
    ) -> Result<Head> {
        let mut transaction = self.begin().await?;
        let start = Head { at: Stamp::default(), log_hash: START.to_owned(), changed: now };
        let done = sqlx::query(
            "INSERT INTO tenant (id, name, created, epoch, revision, log_hash, changed)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(name)
        .bind(now.0)
        .bind(i64::from(start.at.epoch))
        .bind(store(start.at.revision)?)
        .bind(&start.log_hash)
        .bind(now.0)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::TenantExists(id.to_owned()));
        }
        sealing::begin(&mut transaction, id).await?;
        let head = match first {
            Some(first) => change(&mut transaction, id, first).await?,
            None => start,
        };
        transaction.commit().await?;
        Ok(head)
    }

    async fn delete_tenant(&self, tenant: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        removal::delete_tenant(&mut transaction, tenant).await?;
        Ok(transaction.commit().await?)
    }

    async fn head(&self, tenant: &str) -> Result<Head> {
        head(&mut *self.read.acquire().await?, tenant).await
    }

    async fn each_document(&self, tenant: &str, each: &mut (dyn FnMut(Document) + Send)) -> Result<Head> {
        let mut moment = self.read.begin().await?;
        let head = head(&mut moment, tenant).await?;
        each_document(&mut moment, tenant, each).await?;
        moment.commit().await?;
        Ok(head)
    }

    async fn document(&self, tenant: &str, kind: Kind, id: &str) -> Result<Option<Document>> {
        let mut on = self.read.acquire().await?;
        let row: Option<DocumentRow> = sqlx::query_as(
            "SELECT kind, id, epoch, revision, created, body FROM document
             WHERE tenant = ? AND kind = ? AND id = ?",
        )
        .bind(tenant)
        .bind(kind.as_str())
        .bind(id)
        .fetch_optional(&mut *on)
        .await?;
        if row.is_none() {
            exists(&mut on, tenant).await?;
        }
        row.map(document).transpose()
    }

    async fn commit(&self, tenant: &str, commit: Commit) -> Result<Head> {
        let mut transaction = self.begin().await?;
        let head = change(&mut transaction, tenant, commit).await?;
        transaction.commit().await?;
        Ok(head)
    }

    async fn log(&self, tenant: &str, after: Option<u64>, limit: u32) -> Result<Vec<LogEntry>> {
        let mut on = self.read.acquire().await?;
        let rows = log(&mut on, tenant, after.unwrap_or(0), limit).await?;
        if rows.is_empty() {
            exists(&mut on, tenant).await?;
        }
        rows.into_iter().map(|row| sealed(tenant, row)).collect()
    }

    async fn log_where(
        &self,
        tenant: &str,
        filter: &LogFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LogEntry>> {
        let before = before.map(store).transpose()?;
        let undoes = filter.undoes.map(store).transpose()?;
        let mut on = self.read.acquire().await?;
        let rows: Vec<LogRow> = sqlx::query_as(
            "SELECT revision, previous, hash, entry FROM log
             WHERE tenant = ?1 AND (?2 IS NULL OR revision < ?2)
               AND (?3 IS NULL OR entry ->> '$.actor' = ?3)
               AND (?4 IS NULL OR entry ->> '$.action' = ?4)
               AND (?5 IS NULL OR entry ->> '$.time' >= ?5)
               AND (?6 IS NULL OR entry ->> '$.time' < ?6)
               AND (?7 IS NULL AND ?8 IS NULL OR EXISTS (
                   SELECT 1 FROM json_each(entry, '$.writes')
                   WHERE (?7 IS NULL OR value ->> '$.kind' = ?7) AND (?8 IS NULL OR value ->> '$.id' = ?8))
                 OR (?7 IS NULL OR entry ->> '$.about.kind' = ?7)
                   AND (?8 IS NULL OR entry ->> '$.about.id' = ?8)
                 OR (?7 IS NULL OR ?7 = 'assignment') AND instr(entry, '\"kept\"') > 0
                   AND EXISTS (SELECT 1 FROM json_each(entry, '$.kept') WHERE ?8 IS NULL OR value ->> '$.id' = ?8))
               AND (?10 IS NULL OR entry ->> '$.about.id' = ?10 OR EXISTS (
                   SELECT 1 FROM json_each(entry, '$.writes') AS one
                   WHERE ?10 IN (
                       one.value ->> '$.id',
                       one.value ->> '$.before.group', one.value ->> '$.after.group',
                       one.value ->> '$.before.member.user', one.value ->> '$.after.member.user',
                       one.value ->> '$.before.member.group', one.value ->> '$.after.member.group',
                       one.value ->> '$.before.principal.user', one.value ->> '$.after.principal.user',
                       one.value ->> '$.before.principal.group', one.value ->> '$.after.principal.group',
                       one.value ->> '$.before.role', one.value ->> '$.after.role')
                     OR (one.value ->> '$.before.package.package' IS ?10)
                       <> (one.value ->> '$.after.package.package' IS ?10)
                     OR EXISTS (SELECT 1 FROM json_each(one.value, '$.before.roles') WHERE value ->> '$.role' = ?10)
                       <> EXISTS (SELECT 1 FROM json_each(one.value, '$.after.roles') WHERE value ->> '$.role' = ?10)
                     OR (SELECT value FROM json_each(one.value, '$.before.entitlements') WHERE key = ?10)
                       IS NOT (SELECT value FROM json_each(one.value, '$.after.entitlements') WHERE key = ?10))
                 OR instr(entry, '\"kept\"') > 0 AND EXISTS (
                   SELECT 1 FROM json_each(entry, '$.kept')
                   WHERE ?10 IN (value ->> '$.id', value ->> '$.role',
                     value ->> '$.principal.user', value ->> '$.principal.group')))
               AND (?11 IS NULL OR instr(lower(coalesce(entry ->> '$.reason', '')), lower(?11)) > 0
                 OR instr(lower(entry ->> '$.request'), lower(?11)) > 0)
               AND (?12 IS NULL OR revision > ?12 AND instr(entry, '\"undoes\"') > 0
                 AND EXISTS (SELECT 1 FROM json_each(entry, '$.undoes') WHERE value = ?12))
             ORDER BY revision DESC LIMIT ?9",
        )
        .bind(tenant)
        .bind(before)
        .bind(&filter.actor)
        .bind(&filter.action)
        .bind(filter.from.map(|time| time.0))
        .bind(filter.until.map(|time| time.0))
        .bind(filter.kind.map(Topic::as_str))
        .bind(&filter.id)
        .bind(limit)
        .bind(&filter.about)
        .bind(&filter.search)
        .bind(undoes)
        .fetch_all(&mut *on)
        .await?;
        if rows.is_empty() {
            exists(&mut on, tenant).await?;
        }
        rows.into_iter().map(|row| sealed(tenant, row)).collect()
    }

    async fn verify_log(&self, tenant: &str, now: Timestamp) -> Result<Verified> {
        let mut moment = self.read.begin().await?;
        let head = head(&mut moment, tenant).await?;
        let anchor = removal::anchor(&mut moment, tenant).await?;
        let mut after = anchor.as_ref().map_or(0, |anchor| anchor.at.revision);
        let mut follower = match anchor {
            Some(anchor) => Follower::after(tenant, anchor),
            None => Follower::new(tenant),
        };
        loop {
            let rows = log(&mut moment, tenant, after, PAGE).await?;
            if rows.is_empty() {
                break;
            }
            for (number, previous, hash, text) in rows {
                after = revision(tenant, number)?;
                follower.follow(after, previous, hash, text)?;
            }
        }
        let mut documents = Vec::new();
        each_document(&mut moment, tenant, &mut |document| documents.push(document)).await?;
        let records = sealing::logged(&mut moment, tenant).await?;
        moment.commit().await?;
        follower.finish(head, &documents, &records, now)
    }

    async fn anchor(&self, tenant: &str) -> Result<Option<Anchor>> {
        removal::anchor(&mut *self.read.acquire().await?, tenant).await
    }

    async fn anchor_before(&self, tenant: &str, time: Timestamp) -> Result<Option<Anchor>> {
        let mut moment = self.read.begin().await?;
        let anchor = removal::anchor_before(&mut moment, tenant, time).await?;
        moment.commit().await?;
        Ok(anchor)
    }

    async fn prune(&self, tenant: &str, anchor: Anchor, commit: Commit) -> Result<(u64, Head)> {
        let mut transaction = self.begin().await?;
        let sealed = removal::seals_until(&mut transaction, tenant, anchor.at).await?;
        let entry = Entry { records: sealed, ..commit.entry };
        let head = change(&mut transaction, tenant, Commit { entry, ..commit }).await?;
        let removed = removal::prune(&mut transaction, tenant, &anchor).await?;
        transaction.commit().await?;
        Ok((removed, head))
    }

    async fn revoked_since(&self, tenant: &str, since: Timestamp) -> Result<Vec<Revoked>> {
        let mut on = self.read.acquire().await?;
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT id, epoch, revision, time FROM revoked WHERE tenant = ? AND time >= ?
             ORDER BY time, revision, id",
        )
        .bind(tenant)
        .bind(since.0)
        .fetch_all(&mut *on)
        .await?;
        if rows.is_empty() {
            exists(&mut on, tenant).await?;
        }
        rows.into_iter()
            .map(|(id, epoch, revision, time)| {
                let at = stamp("revocation", &id, epoch, revision)?;
                Ok(Revoked { id, at, time: Timestamp(time) })
            })
            .collect()
    }

    async fn record(&self, tenant: &str, kind: &str, key: &str, now: Timestamp) -> Result<Option<Record>> {
        let mut on = self.read.acquire().await?;
        let row: Option<RecordRow> = sqlx::query_as(
            "SELECT owner, expires, body FROM record WHERE tenant = ? AND kind = ? AND key = ?
             AND (expires IS NULL OR expires > ?)",
        )
        .bind(tenant)
        .bind(kind)
        .bind(key)
        .bind(now.0)
        .fetch_optional(&mut *on)
        .await?;
        if row.is_none() {
            exists(&mut on, tenant).await?;
        }
        row.map(|row| record(key, row)).transpose()
    }

    async fn records(
        &self,
        tenant: &str,
        kind: &str,
        owner: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<(String, Record)>> {
        let query = match owner {
            None => {
                "SELECT key, owner, expires, body FROM record WHERE tenant = ? AND kind = ?
                 AND (expires IS NULL OR expires > ?) ORDER BY key"
            }
            Some(_) => {
                "SELECT key, owner, expires, body FROM record WHERE tenant = ? AND kind = ?
                 AND (expires IS NULL OR expires > ?) AND owner = ? ORDER BY key"
            }
        };
        let mut query = sqlx::query_as(query).bind(tenant).bind(kind).bind(now.0);
        if let Some(owner) = owner {
            query = query.bind(owner);
        }
        let mut on = self.read.acquire().await?;
        let rows: Vec<KeyedRow> = query.fetch_all(&mut *on).await?;
        if rows.is_empty() {
            exists(&mut on, tenant).await?;
        }
        rows.into_iter().map(keyed).collect()
    }

    async fn records_under(
        &self,
        tenant: &str,
        kind: &str,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<(String, Record)>> {
        let mut on = self.read.acquire().await?;
        let rows: Vec<KeyedRow> = sqlx::query_as(
            "SELECT key, owner, expires, body FROM record WHERE tenant = ? AND kind = ?
             AND key IN (SELECT value FROM json_each(?)) AND (expires IS NULL OR expires > ?) ORDER BY key",
        )
        .bind(tenant)
        .bind(kind)
        .bind(canonical(&serde_json::json!(keys)))
        .bind(now.0)
        .fetch_all(&mut *on)
        .await?;
        if rows.is_empty() {
            exists(&mut on, tenant).await?;
        }
        rows.into_iter().map(keyed).collect()
    }

    async fn take_record(
        &self,
        tenant: &str,
        kind: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Record>> {
        // In a transaction, so that nothing is handed out before its removal is on disk.
        let mut transaction = self.begin().await?;
        let row: Option<RecordRow> = sqlx::query_as(
            "DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?
             AND (expires IS NULL OR expires > ?) RETURNING owner, expires, body",
        )
        .bind(tenant)
        .bind(kind)
        .bind(key)
        .bind(now.0)
        .fetch_optional(&mut *transaction)
        .await?;
        if row.is_none() {
            exists(&mut transaction, tenant).await?;
        }
        transaction.commit().await?;
        row.map(|row| record(key, row)).transpose()
    }

    async fn delete_record(&self, tenant: &str, kind: &str, key: &str) -> Result<bool> {
        let mut transaction = self.begin().await?;
        exists(&mut transaction, tenant).await?;
        let done = sqlx::query("DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?")
            .bind(tenant)
            .bind(kind)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn edit_records(&self, tenant: &str, ops: Vec<RecordOp>, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin().await?;
        exists(&mut transaction, tenant).await?;
        for op in ops {
            // What no change does the log says nothing of.
            edit(&mut transaction, tenant, op, now, &mut Vec::new()).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64> {
        let done =
            sqlx::query("DELETE FROM record WHERE expires <= ?").bind(now.0).execute(&self.write).await?;
        Ok(done.rows_affected())
    }
}
