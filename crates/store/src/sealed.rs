//! What the log says of records: of each that a change writes or ends a digest, so that one that was edited by hand shows.
//!
//! Of some kinds changes alone write records ([`LOGGED`]). An entry seals those that its change wrote, in the transaction
//! in which they were written; what they say stands in no log. A seal has the SHA-256 of the record and of where it is
//! kept, which may come from a secret, and says in plain only whose or which it is.

use std::collections::BTreeMap;

use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Record;
use crate::log::{canonical, hash};

/// Records of API keys.
pub const KEY: &str = "key";
/// Records of passwords.
pub const PASSWORD: &str = "password";
/// Records of second factors that are on.
pub const SECOND_FACTOR: &str = "second_factor";
/// Records of recovery codes. One that signs somebody in is used up without an entry.
pub const RECOVERY_CODE: &str = "recovery_code";
/// Records of open invitations.
pub const INVITATION: &str = "invitation";
/// Records of what an identity provider says of people.
pub const SCIM_USER: &str = "scim_user";
/// Records of what an identity provider says of groups.
pub const SCIM_GROUP: &str = "scim_group";

/// The kinds of records that changes alone write.
pub const LOGGED: [&str; 7] =
    [KEY, PASSWORD, SECOND_FACTOR, RECOVERY_CODE, INVITATION, SCIM_USER, SCIM_GROUP];

/// The action of the entry that seals what was there before entries sealed anything.
pub const SEALING: &str = "seal_records";

/// How many records that are not as the log says are told by name.
const MOST_NAMED: usize = 10;

/// Whether the log says what records of that kind are.
#[must_use]
pub fn is_logged(kind: &str) -> bool {
    LOGGED.contains(&kind)
}

/// What an entry says of a record that its change wrote or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The record's kind.
    pub kind: String,
    /// Whose it is, else which; none where it was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The SHA-256 of its kind and key.
    pub key: String,
    /// The SHA-256 of what it says, whose it is and when it ends; none where it was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The first moment at which it is no longer there, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl Seal {
    /// Of a record that is written.
    #[must_use]
    pub fn written(kind: &str, key: &str, record: &Record) -> Self {
        Self {
            kind: kind.to_owned(),
            of: Some(named(key, record)),
            key: digest_of_key(kind, key),
            digest: Some(digest(record)),
            expires: record.expires,
        }
    }

    /// Of a record that is ended.
    #[must_use]
    pub fn ended(kind: &str, key: &str) -> Self {
        let key = digest_of_key(kind, key);
        Self { kind: kind.to_owned(), of: None, key, digest: None, expires: None }
    }
}

/// Whose a record is. What is nobody's has a key that is no secret.
fn named(key: &str, record: &Record) -> String {
    record.owner.clone().unwrap_or_else(|| key.to_owned())
}

fn digest_of_key(kind: &str, key: &str) -> String {
    hash(kind, &format!("\n{key}"))
}

fn digest(record: &Record) -> String {
    let Record { body, owner, expires } = record;
    hash("", &canonical(&json!({ "body": body, "owner": owner, "expires": expires })))
}

/// Follows what a log says of records, entry by entry.
#[derive(Debug, Default)]
pub struct Records {
    /// Of every record that the log leaves, by kind and the digest of its key, its seal and the change that wrote it.
    left: BTreeMap<(String, String), (Stamp, Seal)>,
    /// Whether an entry sealed anything.
    is_begun: bool,
}

impl Records {
    /// Takes what the next entry says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn follow(&mut self, at: Stamp, action: &str, seals: Vec<Seal>) -> Result<(), &'static str> {
        if action == SEALING && self.is_begun {
            return Err("it seals what earlier entries seal: records were taken as they were found");
        }
        self.is_begun |= !seals.is_empty();
        for seal in seals {
            let key = (seal.kind.clone(), seal.key.clone());
            match seal.digest {
                Some(_) => _ = self.left.insert(key, (at, seal)),
                None => _ = self.left.remove(&key),
            }
        }
        Ok(())
    }

    /// The seals of every record that the log leaves and last says something of at that change or before.
    pub fn left_by(self, at: Stamp) -> Vec<Seal> {
        self.left.into_values().filter(|(said, _)| *said <= at).map(|(_, seal)| seal).collect()
    }

    /// Takes a record that is there, and says what is wrong with it.
    pub fn find(&mut self, kind: &str, key: &str, record: &Record) -> Option<String> {
        let of = named(key, record);
        match self.left.remove(&(kind.to_owned(), digest_of_key(kind, key))) {
            Some((_, seal)) if seal.digest.as_ref() == Some(&digest(record)) => None,
            Some((at, _)) => {
                Some(format!("the {} is not as revision {} wrote it", words(kind, &of), at.revision))
            }
            None => Some(format!("no change wrote the {}", words(kind, &of))),
        }
    }

    /// What is gone that should be there: what neither expired nor is used up by the way.
    pub fn gone(self, now: Timestamp) -> impl Iterator<Item = String> {
        let is_missed =
            move |seal: &Seal| seal.kind != RECOVERY_CODE && seal.expires.is_none_or(|expires| now < expires);
        let missed = self.left.into_values().filter(move |(_, seal)| is_missed(seal));
        missed.map(|(at, seal)| {
            let of = seal.of.unwrap_or_default();
            format!("the {} that revision {} wrote is gone", words(&seal.kind, &of), at.revision)
        })
    }
}

/// A record as a person reads of it: of a kind, and whose or which.
fn words(kind: &str, of: &str) -> String {
    match kind {
        KEY => format!("key `{of}`"),
        SCIM_USER | SCIM_GROUP => format!("identity provider's record of `{of}`"),
        _ => format!("{} of `{of}`", kind.replace('_', " ")),
    }
}

/// Several things that are wrong, in one line.
#[must_use]
pub(crate) fn told(differing: &[String]) -> String {
    let more = differing.len().saturating_sub(MOST_NAMED);
    let named: Vec<&str> = differing.iter().take(MOST_NAMED).map(String::as_str).collect();
    match more {
        0 => named.join("; "),
        more => format!("{}; and {more} more", named.join("; ")),
    }
}
