//! What can go wrong in a store.

use std::io;

use rolewright_model::change::Kind;

use crate::Head;

/// What a store answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no tenant of that id.
    #[error("there is no tenant `{0}`; list the tenants to see which there are")]
    UnknownTenant(String),
    /// There is a tenant of that id.
    #[error("there is a tenant `{0}` already; choose another id")]
    TenantExists(String),
    /// The head is not where the change was decided on.
    #[error(
        "the tenant has moved to revision `{}` of epoch `{}`; read it again and decide the change anew",
        .head.at.revision,
        .head.at.epoch
    )]
    Conflict {
        /// Where the tenant is.
        head: Head,
    },
    /// A record that was to be used up is not there: used already, expired, or never made.
    #[error("the record of kind `{kind}` is used up, expired or was never there; make a new one")]
    Spent {
        /// The record's kind.
        kind: String,
        /// Its key: not in the message, since it may come from a secret.
        key: String,
    },
    /// A record that was demanded is not there: removed, expired, or never made.
    #[error("the record of kind `{kind}` that this needs is removed, expired or was never there; begin anew")]
    Missing {
        /// The record's kind.
        kind: String,
        /// Its key: not in the message, since it may come from a secret.
        key: String,
    },
    /// A record that was to be replaced is not as it was read.
    #[error("the record of kind `{kind}` was changed since it was read; read it again")]
    Changed {
        /// The record's kind.
        kind: String,
        /// Its key: not in the message, since it may come from a secret.
        key: String,
    },
    /// A record that was to be new is there.
    #[error("there is a record of kind `{kind}` under that key already; choose another key")]
    RecordExists {
        /// The record's kind.
        kind: String,
        /// Its key: not in the message, since it may come from a secret.
        key: String,
    },
    /// A stored document is not what the change says it was, though the head is.
    #[error("the stored `{}` document `{id}` is not what the change found; load the tenant again and verify its log", .kind.as_str())]
    Drift {
        /// The document's kind.
        kind: Kind,
        /// The document's id.
        id: String,
    },
    /// The log, or what follows from it, is not as it was written.
    #[error(
        "the log of tenant `{tenant}` is broken at revision `{revision}`: {why}; restore a backup from before it"
    )]
    Broken {
        /// Whose log.
        tenant: String,
        /// The first revision that is not as it was written.
        revision: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Records are not as the log says.
    #[error(
        "what is kept beside the log of tenant `{tenant}` was changed by hand: {}; end it and make it anew, or restore a backup from before it",
        crate::sealed::told(.differing)
    )]
    Differs {
        /// Whose records.
        tenant: String,
        /// What is wrong, a line a record.
        differing: Vec<String>,
    },
    /// A number is larger than the database holds.
    #[error("`{0}` is larger than the database can hold; use a number below 2^63")]
    TooLarge(u64),
    /// A row says what this version never writes.
    #[error(
        "the stored {what} `{id}` cannot be read: {why}; restore a backup or start the version that wrote it"
    )]
    Unreadable {
        /// What the row is.
        what: &'static str,
        /// Which one.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database could not be opened.
    #[error("cannot open the database `{path}`: {why}; check that its folder exists and can be written")]
    Open {
        /// Where it was looked for.
        path: String,
        /// What the database said.
        why: String,
    },
    /// Another process has the database open.
    #[error("the database `{path}` is in use; stop the server and every other command on it first")]
    InUse {
        /// Which.
        path: String,
    },
    /// Another process puts a backup in the database's place.
    #[error("the database `{path}` is being replaced by a backup; try again when that is done")]
    Replaced {
        /// Which.
        path: String,
    },
    /// A backup was not made, or cannot be used.
    #[error("the backup `{path}` cannot be made or used: {why}")]
    Backup {
        /// The backup.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// What shall be restored is no database of this program.
    #[error("`{path}` is not a backup: name a file that `rolewright backup` made")]
    NotABackup {
        /// The file.
        path: String,
    },
    /// The database was written by a newer version.
    #[error("the database was written by a newer version (migration `{migration}`); start that version")]
    Newer {
        /// The first migration that this version does not know.
        migration: i64,
    },
    /// Another process held the database for longer than a write waits.
    #[error("another process is writing to the database; try again")]
    Busy,
    /// There is no room on the disk for what was to be written.
    #[error("the disk that the database is on is full: nothing was written; make room and try again")]
    Full,
    /// The database failed in another way.
    #[error("the database failed: {0}; nothing was written")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why the system does not do something with a file, in words.
#[must_use]
pub fn why_not(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or directory",
        io::ErrorKind::PermissionDenied => "this user may not",
        io::ErrorKind::IsADirectory => "it is a directory",
        io::ErrorKind::NotADirectory => "a part of the path is no directory",
        io::ErrorKind::AlreadyExists => "it is there already",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::ReadOnlyFilesystem => "nothing can be written there",
        io::ErrorKind::InvalidData => "it is no text in UTF-8",
        // As the system says it, without its number.
        _ => return error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    };
    words.to_owned()
}
