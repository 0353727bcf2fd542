//! The change log: append-only, each entry hashed over the one before it.
//!
//! An entry is stored as the text that was hashed: its canonical JSON (keys sorted, no spaces) with
//! the tenant's id among the fields, so that an entry cannot pass for another tenant's. Its hash is
//! the SHA-256 of the previous hash, as 64 hex digits, followed by that text; anyone who has the
//! texts can follow the chain with `printf '%s%s' "$previous" "$text" | sha256sum`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rolewright_model::change::{About, Kind, Topic, Write};
use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::anchor::{Anchor, of_documents};
use crate::sealed::{Records, Seal};
use crate::{Document, Error, Head, Record, Result};

/// The hash before the first entry.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What the log says of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The stamp that the change made.
    pub at: Stamp,
    /// When it was made.
    pub time: Timestamp,
    /// Who made it.
    pub actor: String,
    /// What it was, in a word.
    pub action: String,
    /// What it was, in full.
    pub change: Value,
    /// The documents it wrote and removed, before and after.
    pub writes: Vec<Write>,
    /// The role assignments of which it said that they stay, as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Value>,
    /// Of the records that it wrote and ended, those of the kinds that changes alone write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Seal>,
    /// Whom or what it was about, where its work is kept beside the documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The revisions of the changes that it took back, all that they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
    /// Why, if the one who made it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the request that brought it.
    pub request: String,
}

/// An entry as it is in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// What it says.
    pub entry: Entry,
    /// The hash of the entry before it; [`START`] before the first.
    pub previous: String,
    /// The SHA-256 of `previous` and `text`, as 64 lower-case hex digits.
    pub hash: String,
    /// The exact text that was hashed.
    pub text: String,
}

/// Which entries of a log: those that are all of what is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Made by this actor, `user:ana`.
    pub actor: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// Writing, removing or keeping a document of this kind, or about one of this kind.
    pub kind: Option<Topic>,
    /// Writing, removing or keeping a document of this id, or about one of this id; with a kind, of that kind.
    pub id: Option<String>,
    /// Writing, removing or keeping a document of this id, or a link to it: a membership or an assignment of that user, group or role;
    /// putting somebody on that package or off it; putting that role into a package or out of it, or
    /// turning an entitlement to it on or off.
    pub about: Option<String>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub until: Option<Timestamp>,
    /// Whose reason, or id of the request that brought it, has this text in it, in capitals or not as far as A to Z go.
    pub search: Option<String>,
    /// That took back the change of that revision.
    pub undoes: Option<u64>,
}

impl LogFilter {
    /// Whether it takes every entry.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it takes an entry.
    #[must_use]
    pub fn takes(&self, entry: &Entry) -> bool {
        let is = |wanted: &Option<String>, said: &str| wanted.as_deref().is_none_or(|wanted| wanted == said);
        let names = |kind: Topic, id: &str| self.kind.is_none_or(|wanted| wanted == kind) && is(&self.id, id);
        let names_one = || {
            let mut writes = entry.writes.iter();
            let about = entry.about.as_ref();
            writes.any(|write| names(write.kind.into(), &write.id))
                || entry.kept.iter().any(|kept| names(Kind::Assignment.into(), id_of(kept)))
                || about.is_some_and(|about| names(about.topic(), about.id()))
        };
        let concerned = |wanted: &String| {
            let named = |write: &Write| write.id == *wanted || links(write, wanted);
            entry.about.as_ref().is_some_and(|about| about.id() == wanted)
                || entry.writes.iter().any(named)
                || entry.kept.iter().any(|kept| id_of(kept) == wanted || is_link(kept, wanted))
        };
        is(&self.actor, &entry.actor)
            && self.about.as_ref().is_none_or(concerned)
            && is(&self.action, &entry.action)
            && self.from.is_none_or(|from| entry.time >= from)
            && self.until.is_none_or(|until| entry.time < until)
            && self.undoes.is_none_or(|undone| entry.undoes.contains(&undone))
            && self.search.as_ref().is_none_or(|words| entry.says(words))
            && (self.kind.is_none() && self.id.is_none() || names_one())
    }
}

impl Entry {
    /// Whether the reason or the id of the request has that text in it.
    fn says(&self, words: &str) -> bool {
        let words = words.to_ascii_lowercase();
        let mut texts = self.reason.iter().chain([&self.request]);
        texts.any(|text| text.to_ascii_lowercase().contains(&words))
    }
}

/// Whether a link to that user, group, role or package was written: a membership or an assignment, before or after; else what another
/// document says of it in one of the two alone.
fn links(write: &Write, id: &str) -> bool {
    let said = |document: &Option<Value>| {
        let document = document.as_ref()?;
        let mut carried = document.get("roles").and_then(Value::as_array).into_iter().flatten();
        let is_linked = has(document, "/package/package", id) || carried.any(|role| has(role, "/role", id));
        let entitlement = document.get("entitlements").and_then(|all| all.get(id)).cloned();
        (is_linked || entitlement.is_some()).then_some(entitlement)
    };
    let mut documents = write.before.iter().chain(&write.after);
    documents.any(|document| is_link(document, id)) || said(&write.before) != said(&write.after)
}

/// Whether a document is a membership or an assignment of that user, group or role.
fn is_link(document: &Value, id: &str) -> bool {
    const LINKED: [&str; 6] =
        ["/group", "/member/user", "/member/group", "/principal/user", "/principal/group", "/role"];
    LINKED.iter().any(|path| has(document, path, id))
}

fn has(document: &Value, path: &str, id: &str) -> bool {
    document.pointer(path).and_then(Value::as_str) == Some(id)
}

/// The id of an assignment, which it says itself.
fn id_of(assignment: &Value) -> &str {
    assignment.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// A log that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The head it leads to.
    pub head: Head,
    /// Where it begins, if it was cut.
    pub anchor: Option<Anchor>,
}

#[derive(Serialize)]
struct Text<'a> {
    tenant: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

#[derive(Deserialize)]
struct Parsed {
    tenant: String,
    #[serde(flatten)]
    entry: Entry,
}

impl LogEntry {
    /// Seals what a tenant's log shall say next.
    ///
    /// # Errors
    /// [`Error::Database`] where the entry cannot be written as JSON.
    pub fn seal(tenant: &str, previous: &str, entry: Entry) -> Result<Self> {
        let text = serde_json::to_value(Text { tenant, entry: &entry })
            .map_err(|error| Error::Database(Box::new(error)))?;
        let text = canonical(&text);
        let hash = hash(previous, &text);
        Ok(Self { entry, previous: previous.to_owned(), hash, text })
    }

    /// Reads back what was stored, without checking its hash.
    ///
    /// # Errors
    /// [`Error::Broken`] where the text is no entry, or another tenant's or revision's.
    pub fn parse(tenant: &str, revision: u64, previous: String, hash: String, text: String) -> Result<Self> {
        let broken = |why: String| Error::Broken { tenant: tenant.to_owned(), revision, why };
        let parsed: Parsed =
            serde_json::from_str(&text).map_err(|error| broken(format!("it is not an entry ({error})")))?;
        if parsed.tenant != tenant {
            return Err(broken(format!("it is an entry of tenant `{}`", parsed.tenant)));
        }
        if parsed.entry.at.revision != revision {
            return Err(broken(format!("it is the entry of revision `{}`", parsed.entry.at.revision)));
        }
        Ok(Self { entry: parsed.entry, previous, hash, text })
    }
}

/// JSON with its keys sorted and no spaces: equal values have equal texts.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        // Sorted here, since another crate may turn on serde_json's `preserve_order`.
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            text.push('{');
            for (position, (key, value)) in fields.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_canonical(&Value::from(key.as_str()), text);
                text.push(':');
                write_canonical(value, text);
            }
            text.push('}');
        }
        // Writing to a string cannot fail.
        leaf => _ = write!(text, "{leaf}"),
    }
}

/// The hash of an entry, from that before it and its text.
#[must_use]
pub fn hash(previous: &str, text: &str) -> String {
    let digest = Sha256::new().chain_update(previous).chain_update(text).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Follows a log from its first entry, and the documents and records that it writes: what an implementation of
/// [`Store::verify_log`](crate::Store::verify_log) feeds its rows to, in order.
#[derive(Debug)]
pub struct Follower {
    tenant: String,
    at: Stamp,
    hash: String,
    /// Of every document that the log leaves, the change that last wrote it and its text's hash.
    documents: BTreeMap<(Kind, String), (Stamp, String)>,
    records: Records,
    /// Of every document that was there before the first entry, its text's hash, as far as entries say.
    before: BTreeMap<(Kind, String), String>,
    /// Every document that an entry wrote.
    written: BTreeSet<(Kind, String)>,
    /// Where the log begins, if it was cut.
    anchor: Option<Anchor>,
}

impl Follower {
    /// Before the first entry of a tenant.
    #[must_use]
    pub fn new(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            at: Stamp::default(),
            hash: START.to_owned(),
            documents: BTreeMap::new(),
            records: Records::default(),
            before: BTreeMap::new(),
            written: BTreeSet::new(),
            anchor: None,
        }
    }

    /// After the entry that the anchor of a tenant's log stands for.
    #[must_use]
    pub fn after(tenant: &str, anchor: Anchor) -> Self {
        let (at, hash) = (anchor.at, anchor.log_hash.clone());
        Self { at, hash, anchor: Some(anchor), ..Self::new(tenant) }
    }

    /// Takes the next row of the log.
    ///
    /// # Errors
    /// [`Error::Broken`] where it does not follow what came before.
    pub fn follow(&mut self, revision: u64, previous: String, hash: String, text: String) -> Result<()> {
        let expected = self.at.revision.saturating_add(1);
        if revision != expected {
            return Err(self.broken(expected, "its entry is missing"));
        }
        if self::hash(&previous, &text) != hash {
            return Err(self.broken(revision, "its text is not what was hashed"));
        }
        if previous != self.hash {
            return Err(self.broken(revision, "it does not follow the entry before it"));
        }
        let sealed = LogEntry::parse(&self.tenant, revision, previous, hash, text)?;
        if sealed.entry.at.epoch < self.at.epoch {
            return Err(self.broken(revision, "its epoch is before that of the entry before it"));
        }
        let Entry { at, action, records, .. } = &sealed.entry;
        let followed = self.records.follow(*at, action, records.clone());
        followed.map_err(|why| self.broken(revision, why))?;
        for write in sealed.entry.writes {
            let key = (write.kind, write.id);
            if self.written.insert(key.clone())
                && let Some(before) = &write.before
            {
                self.before.insert(key.clone(), self::hash("", &canonical(before)));
            }
            match write.after {
                Some(after) => {
                    self.documents.insert(key, (sealed.entry.at, self::hash("", &canonical(&after))));
                }
                None => _ = self.documents.remove(&key),
            }
        }
        self.at = sealed.entry.at;
        self.hash = sealed.hash;
        Ok(())
    }

    /// Ends at the head, the documents and the records of [logged](crate::sealed::LOGGED) kinds, each with its kind and
    /// key, that the tenant has.
    ///
    /// # Errors
    /// [`Error::Broken`] where the log does not lead there; [`Error::Differs`] where it does not lead to the records.
    pub fn finish(
        mut self,
        head: Head,
        documents: &[Document],
        records: &[(String, String, Record)],
        now: Timestamp,
    ) -> Result<Verified> {
        let first = self.anchor.as_ref().map_or(0, |anchor| anchor.at.revision);
        if head.at.revision > self.at.revision {
            let missing = self.at.revision.saturating_add(1);
            return Err(self.broken(missing, "its entry is missing"));
        }
        if head.at != self.at || head.log_hash != self.hash {
            return Err(self.broken(self.at.revision, "the head is not at it"));
        }
        for document in documents {
            let Document { kind, id, at, created: _, body } = document;
            let key = (*kind, id.clone());
            let (written, text) = (self.documents.remove(&key), hash("", &canonical(body)));
            // What no entry wrote was there before the first.
            if at.revision <= first && !self.written.contains(&key) {
                self.before.insert(key, text);
                continue;
            }
            if written != Some((*at, text)) {
                let why = format!("the {} document `{id}` is not as the log wrote it", kind.as_str());
                return Err(self.broken(at.revision, &why));
            }
        }
        if let Some(((kind, id), (at, _))) = self.documents.first_key_value() {
            let why = format!("the {} document `{id}` that it wrote is gone", kind.as_str());
            return Err(self.broken(at.revision, &why));
        }
        if self.anchor.as_ref().is_some_and(|anchor| anchor.documents != of_documents(&self.before)) {
            return Err(self.broken(first, "the documents that it left are not those of the log's anchor"));
        }
        let found = records.iter().filter_map(|(kind, key, record)| self.records.find(kind, key, record));
        let differing: Vec<String> = found.collect();
        let differing: Vec<String> = differing.into_iter().chain(self.records.gone(now)).collect();
        if !differing.is_empty() {
            return Err(Error::Differs { tenant: self.tenant, differing });
        }
        Ok(Verified { entries: self.at.revision.saturating_sub(first), head, anchor: self.anchor })
    }

    fn broken(&self, revision: u64, why: &str) -> Error {
        Error::Broken { tenant: self.tenant.clone(), revision, why: why.to_owned() }
    }
}
