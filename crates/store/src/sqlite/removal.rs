//! What is removed for good: entries of a log up to an anchor, and a tenant with all that is kept of it.

use rolewright_model::{Stamp, Timestamp};
use sqlx::sqlite::SqliteConnection;

use super::PAGE;
use super::rows::{each_document, exists, head, log, revision, sealed, stamp, store};
use crate::sealed::Records;
use crate::{Anchor, Document, Entry, Error, Head, Result, Seal};

pub(super) async fn anchor(on: &mut SqliteConnection, tenant: &str) -> Result<Option<Anchor>> {
    let row: Option<(i64, i64, String, String, String)> =
        sqlx::query_as("SELECT epoch, revision, log_hash, documents, signed FROM anchor WHERE tenant = ?")
            .bind(tenant)
            .fetch_optional(&mut *on)
            .await?;
    let Some((epoch, revision, log_hash, documents, signed)) = row else {
        exists(on, tenant).await?;
        return Ok(None);
    };
    Ok(Some(Anchor { at: stamp("anchor", tenant, epoch, revision)?, log_hash, documents, signed }))
}

/// Where the log would begin without the entries made before that time.
pub(super) async fn anchor_before(
    on: &mut SqliteConnection,
    tenant: &str,
    time: Timestamp,
) -> Result<Option<Anchor>> {
    let Head { at: newest, .. } = head(on, tenant).await?;
    let first_kept: Option<i64> =
        sqlx::query_scalar("SELECT MIN(revision) FROM log WHERE tenant = ? AND entry ->> '$.time' >= ?")
            .bind(tenant)
            .bind(time.0)
            .fetch_one(&mut *on)
            .await?;
    let last = match first_kept {
        Some(first) => revision(tenant, first)?.saturating_sub(1),
        None => newest.revision,
    };
    let row = log(on, tenant, last.saturating_sub(1), 1).await?.into_iter().next();
    let found = row.map(|row| sealed(tenant, row)).transpose()?;
    let Some(found) = found.filter(|it| it.entry.at.revision == last) else { return Ok(None) };
    let mut since: Vec<Entry> = Vec::new();
    each_entry(on, tenant, last, |entry| {
        since.push(entry);
        Ok(())
    })
    .await?;
    since.reverse();
    let mut documents: Vec<Document> = Vec::new();
    each_document(on, tenant, &mut |document| documents.push(document)).await?;
    Ok(Some(Anchor::of(found.entry.at, found.hash, &documents, &since)))
}

/// The seals of records that entries made, up to that one, and that still hold: the entry that says that those are
/// removed says them again.
pub(super) async fn seals_until(on: &mut SqliteConnection, tenant: &str, at: Stamp) -> Result<Vec<Seal>> {
    let mut records = Records::default();
    each_entry(on, tenant, 0, |Entry { at, action, records: seals, .. }| {
        let broken = |why: &str| Error::Broken {
            tenant: tenant.to_owned(),
            revision: at.revision,
            why: why.to_owned(),
        };
        records.follow(at, &action, seals).map_err(broken)
    })
    .await?;
    Ok(records.left_by(at))
}

/// Every entry of the log after that revision, in order.
async fn each_entry(
    on: &mut SqliteConnection,
    tenant: &str,
    mut after: u64,
    mut each: impl FnMut(Entry) -> Result<()>,
) -> Result<()> {
    loop {
        let rows = log(on, tenant, after, PAGE).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let entry = sealed(tenant, row)?.entry;
            after = entry.at.revision;
            each(entry)?;
        }
    }
}

/// Removes the entries up to the anchor, which is there from then on.
pub(super) async fn prune(on: &mut SqliteConnection, tenant: &str, anchor: &Anchor) -> Result<u64> {
    let revision = store(anchor.at.revision)?;
    let known: Option<String> = sqlx::query_scalar("SELECT hash FROM log WHERE tenant = ? AND revision = ?")
        .bind(tenant)
        .bind(revision)
        .fetch_optional(&mut *on)
        .await?;
    if known.is_none_or(|hash| hash != anchor.log_hash) {
        let why = "the anchor is of another entry".to_owned();
        return Err(Error::Broken { tenant: tenant.to_owned(), revision: anchor.at.revision, why });
    }
    put_anchor(on, tenant, anchor).await?;
    let done = sqlx::query("DELETE FROM log WHERE tenant = ? AND revision <= ?")
        .bind(tenant)
        .bind(revision)
        .execute(on)
        .await?;
    Ok(done.rows_affected())
}

async fn put_anchor(on: &mut SqliteConnection, tenant: &str, anchor: &Anchor) -> Result<()> {
    sqlx::query(
        "INSERT INTO anchor (tenant, epoch, revision, log_hash, documents, signed) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant) DO UPDATE SET epoch = excluded.epoch, revision = excluded.revision,
           log_hash = excluded.log_hash, documents = excluded.documents, signed = excluded.signed",
    )
    .bind(tenant)
    .bind(i64::from(anchor.at.epoch))
    .bind(store(anchor.at.revision)?)
    .bind(&anchor.log_hash)
    .bind(&anchor.documents)
    .bind(&anchor.signed)
    .execute(on)
    .await?;
    Ok(())
}

/// Removes a tenant: its log goes as one that is cut at its head.
pub(super) async fn delete_tenant(on: &mut SqliteConnection, tenant: &str) -> Result<()> {
    let Head { at, log_hash, .. } = head(on, tenant).await?;
    let documents = log_hash.clone();
    put_anchor(on, tenant, &Anchor { at, log_hash, documents, signed: String::new() }).await?;
    for remove in [
        "DELETE FROM log WHERE tenant = ?",
        "DELETE FROM document WHERE tenant = ?",
        "DELETE FROM revoked WHERE tenant = ?",
        "DELETE FROM record WHERE tenant = ?",
        "DELETE FROM anchor WHERE tenant = ?",
        "DELETE FROM tenant WHERE id = ?",
    ] {
        sqlx::query(remove).bind(tenant).execute(&mut *on).await?;
    }
    Ok(())
}
