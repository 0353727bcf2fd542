//! Who has a database open: a lock on a file beside it, so that no database is replaced under a process that
//! reads it. SQLite's own locks are let go between transactions, and so do not say that.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::why_not;
use crate::{Error, Result};

/// A lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// How long it is waited for whoever opens the database, and how often that is looked at.
const LONGEST: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

impl Lock {
    /// The only one that opens the database now: two that make its tables at the same moment are in each other's way.
    pub(super) async fn opening(database: &Path) -> Result<Self> {
        let file = open(database, ".opening")?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(Error::Busy),
                Err(TryLockError::Error(error)) => return Err(failed(database, &error)),
            }
        }
    }

    /// One of any number of processes that have the database open.
    pub(super) fn shared(database: &Path) -> Result<Self> {
        let file = open(database, ".lock")?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Replaced { path: database.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed(database, &error)),
        }
    }

    /// The only process that has the database open.
    pub(super) fn alone(database: &Path) -> Result<Self> {
        let file = open(database, ".lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: database.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed(database, &error)),
        }
    }
}

fn open(database: &Path, end: &str) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(beside(database, end)).map_err(|error| failed(database, &error))
}

fn failed(database: &Path, error: &std::io::Error) -> Error {
    Error::Open { path: database.display().to_string(), why: why_not(error) }
}

/// The file beside a database whose name ends so.
pub(super) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
