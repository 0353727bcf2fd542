//! Copies of a database, made while it is written to, and putting one in its place.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rolewright_model::{Stamp, Timestamp};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::lock::{Lock, beside};
use super::rows::{append, head};
use super::{SqliteStore, options};
use crate::error::why_not;
use crate::sealed::is_logged;
use crate::{Entry, Error, Result, Seal, Store, Verified};

/// What the files that SQLite keeps beside a database end with.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// `SQLITE_NOTADB`.
const NOT_A_DATABASE: &str = "26";
/// `SQLITE_CORRUPT`.
const CORRUPT: &str = "11";

/// How a backup is put in place of a database.
#[derive(Clone, Copy, Debug)]
pub struct Restoring<'a> {
    /// Which epoch begins at least.
    pub epoch: Option<u32>,
    /// Of which kinds no records are taken over.
    pub forgotten: &'a [&'a str],
    /// Why, for the log, where that is said.
    pub reason: Option<&'a str>,
    /// Whether all is done but the last step, and undone: nothing is put in place.
    pub dry_run: bool,
    /// When.
    pub now: Timestamp,
}

impl Restoring<'_> {
    /// At that time, with all that is in the backup.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { epoch: None, forgotten: &[], reason: None, dry_run: false, now }
    }
}

/// A database that was put in place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Of each tenant, where the backup was and where it is now.
    pub tenants: Vec<(String, Stamp, Stamp)>,
    /// Where the database that was there before is kept; none where there was none, or it is still there.
    pub replaced: Option<PathBuf>,
}

impl SqliteStore {
    /// Copies the database as it is at one moment to a new file, which its owner alone can read. Others write
    /// meanwhile. The copy is then verified: SQLite's own integrity check, and every tenant's log.
    ///
    /// # Errors
    /// [`Error::Backup`] where there is such a file, it cannot be written, or is not sound; [`Error::Broken`]
    /// where a log is not as it was written. No file is left.
    pub async fn backup(&self, to: &Path, now: Timestamp) -> Result<Vec<(String, Verified)>> {
        let failed = |why: String| Error::Backup { path: to.display().to_string(), why };
        let file = create_new(to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                failed("there is such a file already; choose another name".to_owned())
            }
            _ => failed(why_not(&error)),
        })?;
        let made = async {
            sqlx::query("VACUUM INTO ?").bind(text(to)?).execute(&self.write).await?;
            // SQLite does not flush what it writes so.
            file.sync_all().and_then(|()| sync_folder(to)).map_err(|error| failed(why_not(&error)))?;
            check(to).await?;
            let copy = Self::read_only(to).await?;
            let verified = verify(&copy, now).await;
            copy.close().await;
            verified
        };
        let made = made.await;
        if made.is_err() {
            _ = fs::remove_file(to);
        }
        made
    }

    /// Whether a file is a backup that is sound as a file: its pages, its indexes and its references. Its logs are
    /// verified by a restore.
    ///
    /// # Errors
    /// [`Error::NotABackup`]; [`Error::Backup`] where it is not sound, or cannot be read.
    pub async fn look_at_backup(path: &Path) -> Result<()> {
        check(path).await
    }

    /// Puts a backup in place of the database at `to`, which nobody may have open, and begins a new epoch of every
    /// tenant, later than any that either database knows. What was there before is kept beside it.
    ///
    /// Until the last step, a rename, the database is as it was.
    ///
    /// # Errors
    /// [`Error::InUse`]; [`Error::Backup`] where the backup is not sound or cannot be copied; [`Error::Newer`];
    /// [`Error::Broken`] where a log in it is not as it was written.
    pub async fn restore(from: &Path, to: &Path, how: Restoring<'_>) -> Result<Restored> {
        let _alone = Lock::alone(to)?;
        let failed =
            |error: io::Error| Error::Backup { path: from.display().to_string(), why: why_not(&error) };
        check(from).await?;
        let copy = beside(to, ".restoring");
        discard(&copy).map_err(failed)?;
        copy_to(from, &copy).map_err(failed)?;
        let prepared = prepare(&copy, to, how).await;
        let tenants = match prepared {
            Ok(tenants) => tenants,
            Err(error) => {
                _ = discard(&copy);
                return Err(error);
            }
        };
        if how.dry_run {
            discard(&copy).map_err(failed)?;
            return Ok(Restored { tenants, replaced: None });
        }
        File::open(&copy).and_then(|file| file.sync_all()).map_err(failed)?;
        let replaced = keep(to, how.now).map_err(failed)?;
        fs::rename(&copy, to).and_then(|()| sync_folder(to)).map_err(failed)?;
        Ok(Restored { tenants, replaced })
    }

    /// An entry of the log that writes nothing and begins an epoch.
    async fn begin_epoch(&self, tenant: &str, epoch: u32, how: Restoring<'_>) -> Result<Stamp> {
        let mut transaction = self.begin().await?;
        let on = &mut *transaction;
        let head = head(on, tenant).await?;
        let at = Stamp { epoch, revision: head.at.revision.saturating_add(1) };
        let mut records = Vec::new();
        for kind in how.forgotten {
            let ended: Vec<String> =
                sqlx::query_scalar("DELETE FROM record WHERE tenant = ? AND kind = ? RETURNING key")
                    .bind(tenant)
                    .bind(*kind)
                    .fetch_all(&mut *on)
                    .await?;
            if is_logged(kind) {
                records.extend(ended.iter().map(|key| Seal::ended(kind, key)));
            }
        }
        let entry = Entry {
            at,
            time: how.now,
            actor: "operator".to_owned(),
            action: "restore".to_owned(),
            change: json!({ "change": "restore", "backup": head.at }),
            writes: Vec::new(),
            kept: Vec::new(),
            records,
            about: None,
            undoes: Vec::new(),
            reason: how.reason.map(ToOwned::to_owned),
            request: String::new(),
        };
        append(on, tenant, &head, entry).await?;
        transaction.commit().await?;
        Ok(at)
    }

    /// A database that nobody writes to, as it is.
    async fn read_only(path: &Path) -> Result<Self> {
        let read = super::pool(1).connect_with(still(path)).await?;
        Ok(Self { write: read.clone(), read, lock: None })
    }
}

/// Brings the copy of a backup up to date, verifies it, and begins the epochs that follow those of the database
/// that it shall replace.
async fn prepare(copy: &Path, to: &Path, how: Restoring<'_>) -> Result<Vec<(String, Stamp, Stamp)>> {
    // A database that cannot be read knows none.
    let epochs = if to.is_file() { epochs(to).await.unwrap_or_default() } else { BTreeMap::new() };
    let restored = SqliteStore::connect(copy, None).await?;
    let begun = async {
        let mut tenants = Vec::new();
        for (tenant, verified) in verify(&restored, how.now).await? {
            let was = verified.head.at;
            let known = epochs.get(&tenant).copied().unwrap_or_default().max(was.epoch);
            let next = known.saturating_add(1).max(how.epoch.unwrap_or_default());
            let is = restored.begin_epoch(&tenant, next, how).await?;
            tenants.push((tenant, was, is));
        }
        Ok(tenants)
    };
    let begun = begun.await;
    restored.close().await;
    begun
}

/// Verifies every tenant's log.
async fn verify(store: &SqliteStore, now: Timestamp) -> Result<Vec<(String, Verified)>> {
    let mut all = Vec::new();
    for tenant in store.tenants().await? {
        let verified = store.verify_log(&tenant.id, now).await?;
        all.push((tenant.id, verified));
    }
    Ok(all)
}

/// SQLite's code of an error.
fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// Whether SQLite finds the file sound: its pages, its indexes and its references.
async fn check(path: &Path) -> Result<()> {
    let unsound = |why: String| Error::Backup { path: path.display().to_string(), why };
    let not_a_backup = || Error::NotABackup { path: path.display().to_string() };
    let found = fs::metadata(path).map_err(|error| unsound(why_not(&error)))?;
    if !found.is_file() || found.len() == 0 {
        return Err(not_a_backup());
    }
    let look = async |on: &mut SqliteConnection| {
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut *on).await?;
        let dangling: Vec<String> =
            sqlx::query_scalar(r#"SELECT "table" FROM pragma_foreign_key_check LIMIT 1"#)
                .fetch_all(&mut *on)
                .await?;
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'tenant'")
            .fetch_one(&mut *on)
            .await?;
        Ok::<_, sqlx::Error>((found, dangling, tables))
    };
    let looked = async {
        let mut on = still(path).connect().await?;
        let looked = look(&mut on).await;
        on.close().await?;
        looked
    };
    let looked = looked.await.map_err(|error| match code(&error).as_deref() {
        Some(NOT_A_DATABASE) => not_a_backup(),
        Some(CORRUPT) => unsound("it is damaged".to_owned()),
        _ => unsound(error.to_string()),
    })?;
    match looked {
        (_, _, 0) => Err(not_a_backup()),
        (found, dangling, _) if found == ["ok"] && dangling.is_empty() => Ok(()),
        (found, ..) => Err(unsound(format!("it is damaged ({})", found.join("; ")))),
    }
}

/// The epoch of every tenant in a database, of any version; its write-ahead log is folded into it.
async fn epochs(path: &Path) -> Result<BTreeMap<String, u32>> {
    let mut on = options(SqliteConnectOptions::new().filename(path)).connect().await?;
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT id, epoch FROM tenant").fetch_all(&mut on).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut on).await?;
    on.close().await?;
    Ok(rows.into_iter().map(|(id, epoch)| (id, u32::try_from(epoch).unwrap_or(u32::MAX))).collect())
}

/// Gives the database that is there a second name, with what is left beside it.
fn keep(database: &Path, now: Timestamp) -> io::Result<Option<PathBuf>> {
    if !database.is_file() {
        return Ok(None);
    }
    let kept = beside(database, &format!(".replaced-{}", now.0));
    for end in BESIDE {
        match fs::rename(beside(database, end), beside(&kept, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::hard_link(database, &kept)?;
    Ok(Some(kept))
}

fn still(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).immutable(true)
}

/// A new file that its owner alone can read.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn copy_to(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = create_new(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// Removes a database, if it is there, with what is beside it.
fn discard(database: &Path) -> io::Result<()> {
    for path in ["", BESIDE[0], BESIDE[1]].map(|end| beside(database, end)) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Flushes a file's name, where the system can.
fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| Error::Backup {
        path: path.display().to_string(),
        why: "its name is not Unicode; choose another".to_owned(),
    })
}
