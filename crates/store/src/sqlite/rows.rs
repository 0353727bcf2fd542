//! Rows: how documents, entries of the log and records are read and written on a connection.

use rolewright_model::change::Kind;
use rolewright_model::{Stamp, Timestamp};
use sqlx::sqlite::SqliteConnection;

use crate::log::canonical;
use crate::sealed::is_logged;
use crate::{Commit, Document, Entry, Error, Head, LogEntry, Record, RecordOp, Result, Seal};

pub(super) fn store(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::TooLarge(number))
}

pub(super) fn stamp(what: &'static str, id: &str, epoch: i64, revision: i64) -> Result<Stamp> {
    match (u32::try_from(epoch), u64::try_from(revision)) {
        (Ok(epoch), Ok(revision)) => Ok(Stamp { epoch, revision }),
        _ => {
            let why = format!("it says revision `{revision}` of epoch `{epoch}`");
            Err(Error::Unreadable { what, id: id.to_owned(), why })
        }
    }
}

fn json(what: &'static str, id: &str, text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| Error::Unreadable {
        what,
        id: id.to_owned(),
        why: error.to_string(),
    })
}

pub(super) async fn head(on: &mut SqliteConnection, tenant: &str) -> Result<Head> {
    let row: Option<(i64, i64, String, i64)> =
        sqlx::query_as("SELECT epoch, revision, log_hash, changed FROM tenant WHERE id = ?")
            .bind(tenant)
            .fetch_optional(on)
            .await?;
    let (epoch, revision, log_hash, changed) = row.ok_or_else(|| Error::UnknownTenant(tenant.to_owned()))?;
    Ok(Head { at: stamp("tenant", tenant, epoch, revision)?, log_hash, changed: Timestamp(changed) })
}

pub(super) async fn exists(on: &mut SqliteConnection, tenant: &str) -> Result<()> {
    head(on, tenant).await.map(|_| ())
}

pub(super) type DocumentRow = (String, String, i64, i64, Option<i64>, String);

pub(super) fn document((kind, id, epoch, revision, created, body): DocumentRow) -> Result<Document> {
    let Some(kind) = Kind::ALL.into_iter().find(|known| known.as_str() == kind) else {
        let why = format!("its kind is `{kind}`");
        return Err(Error::Unreadable { what: "document", id, why });
    };
    let at = stamp("document", &id, epoch, revision)?;
    let body = json("document", &id, &body)?;
    Ok(Document { kind, id, at, created: created.map(Timestamp), body })
}

/// How many documents are in memory at a time.
const DOCUMENTS: i64 = 2_000;

pub(super) async fn each_document(
    on: &mut SqliteConnection,
    tenant: &str,
    each: &mut (dyn FnMut(Document) + Send),
) -> Result<()> {
    let mut after = (String::new(), String::new());
    loop {
        let rows: Vec<DocumentRow> = sqlx::query_as(
            "SELECT kind, id, epoch, revision, created, body FROM document
             WHERE tenant = ? AND (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?",
        )
        .bind(tenant)
        .bind(after.0)
        .bind(after.1)
        .bind(DOCUMENTS)
        .fetch_all(&mut *on)
        .await?;
        let Some((kind, id, ..)) = rows.last() else { return Ok(()) };
        after = (kind.clone(), id.clone());
        for row in rows {
            each(document(row)?);
        }
    }
}

pub(super) type LogRow = (i64, String, String, String);

pub(super) async fn log(
    on: &mut SqliteConnection,
    tenant: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<LogRow>> {
    Ok(sqlx::query_as(
        "SELECT revision, previous, hash, entry FROM log WHERE tenant = ? AND revision > ?
         ORDER BY revision LIMIT ?",
    )
    .bind(tenant)
    .bind(store(after)?)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

pub(super) fn sealed(tenant: &str, (number, previous, hash, text): LogRow) -> Result<LogEntry> {
    LogEntry::parse(tenant, revision(tenant, number)?, previous, hash, text)
}

pub(super) fn revision(tenant: &str, revision: i64) -> Result<u64> {
    stamp("log entry of tenant", tenant, 0, revision).map(|stamp| stamp.revision)
}

pub(super) type RecordRow = (Option<String>, Option<i64>, String);

pub(super) fn record(key: &str, (owner, expires, body): RecordRow) -> Result<Record> {
    Ok(Record { body: json("record", key, &body)?, owner, expires: expires.map(Timestamp) })
}

pub(super) type KeyedRow = (String, Option<String>, Option<i64>, String);

pub(super) fn keyed((key, owner, expires, body): KeyedRow) -> Result<(String, Record)> {
    let record = record(&key, (owner, expires, body))?;
    Ok((key, record))
}

/// Writes, replaces or removes one document.
async fn write(
    on: &mut SqliteConnection,
    tenant: &str,
    (at, time): (Stamp, Timestamp),
    write: &rolewright_model::change::Write,
) -> Result<()> {
    let (kind, id) = (write.kind.as_str(), write.id.as_str());
    let (epoch, revision) = (i64::from(at.epoch), store(at.revision)?);
    let query = match (&write.before, &write.after) {
        (None, None) => return Ok(()),
        (Some(_), None) => sqlx::query("DELETE FROM document WHERE tenant = ? AND kind = ? AND id = ?")
            .bind(tenant)
            .bind(kind)
            .bind(id),
        (Some(_), Some(after)) => sqlx::query(
            "UPDATE document SET epoch = ?, revision = ?, body = ? WHERE tenant = ? AND kind = ? AND id = ?",
        )
        .bind(epoch)
        .bind(revision)
        .bind(canonical(after))
        .bind(tenant)
        .bind(kind)
        .bind(id),
        (None, Some(after)) => sqlx::query(
            "INSERT INTO document (tenant, kind, id, epoch, revision, created, body) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(kind)
        .bind(id)
        .bind(epoch)
        .bind(revision)
        .bind(time.0)
        .bind(canonical(after)),
    };
    if query.execute(on).await?.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Drift { kind: write.kind, id: write.id.clone() })
    }
}

/// Edits a record; of the kinds that the log seals it adds the seals.
pub(super) async fn edit(
    on: &mut SqliteConnection,
    tenant: &str,
    op: RecordOp,
    now: Timestamp,
    seals: &mut Vec<Seal>,
) -> Result<()> {
    match op {
        RecordOp::Put { kind, key, record } => {
            put(on, tenant, &kind, &key, &record).await?;
            written(seals, &kind, &key, &record);
        }
        RecordOp::Insert { kind, key, record } => {
            let done = sqlx::query(
                "INSERT INTO record (tenant, kind, key, owner, expires, body) VALUES (?, ?, ?, ?, ?, ?)
                 ON CONFLICT (tenant, kind, key)
                 DO UPDATE SET owner = excluded.owner, expires = excluded.expires, body = excluded.body
                 WHERE record.expires <= ?",
            )
            .bind(tenant)
            .bind(&kind)
            .bind(&key)
            .bind(&record.owner)
            .bind(record.expires.map(|expires| expires.0))
            .bind(canonical(&record.body))
            .bind(now.0)
            .execute(on)
            .await?;
            if done.rows_affected() == 0 {
                return Err(Error::RecordExists { kind, key });
            }
            written(seals, &kind, &key, &record);
        }
        RecordOp::Replace { kind, key, was, record } => {
            let found: Option<RecordRow> = sqlx::query_as(
                "SELECT owner, expires, body FROM record WHERE tenant = ? AND kind = ? AND key = ?
                 AND (expires IS NULL OR expires > ?)",
            )
            .bind(tenant)
            .bind(&kind)
            .bind(&key)
            .bind(now.0)
            .fetch_optional(&mut *on)
            .await?;
            let Some(found) = found else { return Err(Error::Spent { kind, key }) };
            if self::record(&key, found)? != was {
                return Err(Error::Changed { kind, key });
            }
            put(on, tenant, &kind, &key, &record).await?;
            written(seals, &kind, &key, &record);
        }
        RecordOp::Take { kind, key } => {
            let done = sqlx::query(
                "DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?
                 AND (expires IS NULL OR expires > ?)",
            )
            .bind(tenant)
            .bind(&kind)
            .bind(&key)
            .bind(now.0)
            .execute(on)
            .await?;
            if done.rows_affected() == 0 {
                return Err(Error::Spent { kind, key });
            }
            ended(seals, &kind, [key]);
        }
        RecordOp::Require { kind, key } => {
            let found = sqlx::query(
                "SELECT 1 FROM record WHERE tenant = ? AND kind = ? AND key = ?
                 AND (expires IS NULL OR expires > ?)",
            )
            .bind(tenant)
            .bind(&kind)
            .bind(&key)
            .bind(now.0)
            .fetch_optional(on)
            .await?;
            if found.is_none() {
                return Err(Error::Missing { kind, key });
            }
        }
        RecordOp::Delete { kind, key } => {
            let done = sqlx::query("DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?")
                .bind(tenant)
                .bind(&kind)
                .bind(&key)
                .execute(on)
                .await?;
            ended(seals, &kind, Some(key).filter(|_| done.rows_affected() > 0));
        }
        RecordOp::DeleteOwned { kind, owner } => {
            let done: Vec<String> = sqlx::query_scalar(
                "DELETE FROM record WHERE tenant = ? AND kind = ? AND owner = ? RETURNING key",
            )
            .bind(tenant)
            .bind(&kind)
            .bind(owner)
            .fetch_all(on)
            .await?;
            ended(seals, &kind, done);
        }
    }
    Ok(())
}

fn written(seals: &mut Vec<Seal>, kind: &str, key: &str, record: &Record) {
    if is_logged(kind) {
        seals.push(Seal::written(kind, key, record));
    }
}

fn ended(seals: &mut Vec<Seal>, kind: &str, keys: impl IntoIterator<Item = String>) {
    if is_logged(kind) {
        seals.extend(keys.into_iter().map(|key| Seal::ended(kind, &key)));
    }
}

/// Writes a record over whatever is there.
async fn put(on: &mut SqliteConnection, tenant: &str, kind: &str, key: &str, record: &Record) -> Result<()> {
    sqlx::query(
        "INSERT INTO record (tenant, kind, key, owner, expires, body) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant, kind, key)
         DO UPDATE SET owner = excluded.owner, expires = excluded.expires, body = excluded.body",
    )
    .bind(tenant)
    .bind(kind)
    .bind(key)
    .bind(&record.owner)
    .bind(record.expires.map(|expires| expires.0))
    .bind(canonical(&record.body))
    .execute(on)
    .await?;
    Ok(())
}

/// Makes one change, in the transaction that is under way.
pub(super) async fn change(on: &mut SqliteConnection, tenant: &str, commit: Commit) -> Result<Head> {
    let Commit { mut entry, revoked, records } = commit;
    let head = head(&mut *on, tenant).await?;
    if entry.at != head.at.next() {
        return Err(Error::Conflict { head });
    }
    let (at, time) = (entry.at, entry.time);
    let (epoch, revision) = (i64::from(at.epoch), store(at.revision)?);
    for op in records {
        edit(&mut *on, tenant, op, time, &mut entry.records).await?;
    }
    for one in &entry.writes {
        write(&mut *on, tenant, (at, time), one).await?;
    }
    for id in revoked {
        sqlx::query(
            "INSERT INTO revoked (tenant, id, epoch, revision, time) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(id)
        .bind(epoch)
        .bind(revision)
        .bind(time.0)
        .execute(&mut *on)
        .await?;
    }
    append(on, tenant, &head, entry).await
}

/// Appends an entry to the log, after that of the head, and moves the head there.
pub(super) async fn append(
    on: &mut SqliteConnection,
    tenant: &str,
    head: &Head,
    entry: Entry,
) -> Result<Head> {
    let (at, time) = (entry.at, entry.time);
    let sealed = LogEntry::seal(tenant, &head.log_hash, entry)?;
    sqlx::query("INSERT INTO log (tenant, revision, previous, hash, entry) VALUES (?, ?, ?, ?, ?)")
        .bind(tenant)
        .bind(store(at.revision)?)
        .bind(&sealed.previous)
        .bind(&sealed.hash)
        .bind(&sealed.text)
        .execute(&mut *on)
        .await?;
    sqlx::query("UPDATE tenant SET epoch = ?, revision = ?, log_hash = ?, changed = ? WHERE id = ?")
        .bind(i64::from(at.epoch))
        .bind(store(at.revision)?)
        .bind(&sealed.hash)
        .bind(time.0)
        .bind(tenant)
        .execute(&mut *on)
        .await?;
    Ok(Head { at, log_hash: sealed.hash, changed: time })
}
