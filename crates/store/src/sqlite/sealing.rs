//! Seals of records that were written before entries of the log sealed any.

use serde_json::json;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::rows::{append, head, record};
use crate::sealed::{LOGGED, SEALING};
use crate::{Entry, Record, Result, Seal};

/// The kind of the record which says that all that there is was sealed.
const SEALED: &str = "records_sealed";
/// The key of the one that a tenant has.
const ONLY: &str = "default";

/// Of a new tenant everything is sealed from its first change on.
pub(super) async fn begin(on: &mut SqliteConnection, tenant: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO record (tenant, kind, key, body) VALUES (?, ?, ?, 'null') ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(SEALED)
    .bind(ONLY)
    .execute(on)
    .await?;
    Ok(())
}

/// Of tenants that an older version wrote, seals the records that are there, by an entry that writes nothing. From then on
/// one that is edited by hand shows.
pub(super) async fn seal_all(pool: &SqlitePool) -> Result<()> {
    let unsealed: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM tenant
         WHERE NOT EXISTS (SELECT 1 FROM record WHERE tenant = id AND kind = ? AND key = ?)",
    )
    .bind(SEALED)
    .bind(ONLY)
    .fetch_all(pool)
    .await?;
    for tenant in unsealed {
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        seal(&mut transaction, &tenant).await?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn seal(on: &mut SqliteConnection, tenant: &str) -> Result<()> {
    let is_sealed = sqlx::query("SELECT 1 FROM record WHERE tenant = ? AND kind = ? AND key = ?")
        .bind(tenant)
        .bind(SEALED)
        .bind(ONLY)
        .fetch_optional(&mut *on)
        .await?;
    // Another process was faster.
    if is_sealed.is_some() {
        return Ok(());
    }
    begin(on, tenant).await?;
    let found = logged(on, tenant).await?;
    let records: Vec<Seal> =
        found.iter().map(|(kind, key, record)| Seal::written(kind, key, record)).collect();
    if records.is_empty() {
        return Ok(());
    }
    let head = head(on, tenant).await?;
    let entry = Entry {
        at: head.at.next(),
        time: head.changed,
        actor: "operator".to_owned(),
        action: SEALING.to_owned(),
        change: json!({ "change": SEALING }),
        writes: Vec::new(),
        kept: Vec::new(),
        records,
        about: None,
        undoes: Vec::new(),
        reason: None,
        request: String::new(),
    };
    append(on, tenant, &head, entry).await.map(drop)
}

/// Every record of the kinds that the log says, with its kind and key, expired or not.
pub(super) async fn logged(on: &mut SqliteConnection, tenant: &str) -> Result<Vec<(String, String, Record)>> {
    let mut all = Vec::new();
    for kind in LOGGED {
        let rows: Vec<(String, Option<String>, Option<i64>, String)> = sqlx::query_as(
            "SELECT key, owner, expires, body FROM record WHERE tenant = ? AND kind = ? ORDER BY key",
        )
        .bind(tenant)
        .bind(kind)
        .fetch_all(&mut *on)
        .await?;
        for (key, owner, expires, body) in rows {
            let record = record(&key, (owner, expires, body))?;
            all.push((kind.to_owned(), key, record));
        }
    }
    Ok(all)
}
