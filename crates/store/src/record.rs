//! The server's own records: credentials, sessions, links, keys. What they say is in no
//! log; that one was made or ended is, where a change did so, with a [seal](crate::sealed) of some.

use rolewright_model::Timestamp;
use serde_json::Value;

/// A record of the server. No `Debug` prints what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What it says. A secret is stored hashed where that will do; that is the caller's part.
    pub body: Value,
    /// Whose it is, for finding and removing all of one user's sessions, say.
    pub owner: Option<String>,
    /// The first moment at which it is no longer there; none where it stays.
    pub expires: Option<Timestamp>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { body: _, owner, expires } = self;
        f.debug_struct("Record").field("owner", owner).field("expires", expires).finish_non_exhaustive()
    }
}

impl Record {
    /// A record that stays and is nobody's.
    #[must_use]
    pub fn new(body: Value) -> Self {
        Self { body, owner: None, expires: None }
    }

    /// The same, owned.
    #[must_use]
    pub fn owned_by(self, owner: impl Into<String>) -> Self {
        Self { owner: Some(owner.into()), ..self }
    }

    /// The same, gone from that moment on.
    #[must_use]
    pub fn until(self, expires: Timestamp) -> Self {
        Self { expires: Some(expires), ..self }
    }
}

/// An edit of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordOp {
    /// Writes a record over whatever is there.
    Put {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
        /// What it shall be.
        record: Record,
    },
    /// Writes a record where no unexpired one is; else everything it is part of is refused.
    Insert {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
        /// What it shall be.
        record: Record,
    },
    /// Writes a record over one that is still as it was read: else everything it is part of is refused.
    Replace {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
        /// What it was when it was read.
        was: Record,
        /// What it shall be.
        record: Record,
    },
    /// Uses a record up: it must be there, unexpired; else everything it is part of is refused.
    Take {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
    },
    /// Demands a record, which stays: it must be there, unexpired; else everything it is part of is refused.
    Require {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
    },
    /// Removes a record if there is one.
    Delete {
        /// The record's kind.
        kind: String,
        /// Its key within the kind.
        key: String,
    },
    /// Removes every record of that kind and owner.
    DeleteOwned {
        /// The records' kind.
        kind: String,
        /// Whose they are.
        owner: String,
    },
}
