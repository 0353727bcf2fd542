//! Where a log that was cut begins: its anchor stands for every entry before, and the rest still verifies from it.
//!
//! An anchor names the newest entry that was removed by its hash, which the first entry that is kept is hashed over; and
//! it has a hash over the documents as that entry left them, which the entries that are kept lead back to.

use std::collections::BTreeMap;

use rolewright_model::Stamp;
use rolewright_model::change::Kind;
use serde_json::Value;

use crate::Document;
use crate::log::{Entry, canonical, hash};

/// Where a log that was cut begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The newest change whose entry was removed.
    pub at: Stamp,
    /// The hash of that entry.
    pub log_hash: String,
    /// The hash over the documents as that change left them: [`of_documents`].
    pub documents: String,
    /// All of this as the tenant's key signed it; what is signed is the caller's part.
    pub signed: String,
}

impl Anchor {
    /// An anchor at a change whose entry has that hash, of the documents that the tenant has and the entries since, newest
    /// first; not signed yet.
    #[must_use]
    pub fn of(at: Stamp, log_hash: String, documents: &[Document], since: &[Entry]) -> Self {
        let text = |body: &Value| hash("", &canonical(body));
        let mut then: BTreeMap<(Kind, String), String> = BTreeMap::new();
        for document in documents {
            then.insert((document.kind, document.id.clone()), text(&document.body));
        }
        for write in since.iter().flat_map(|entry| entry.writes.iter().rev()) {
            let key = (write.kind, write.id.clone());
            match &write.before {
                Some(before) => drop(then.insert(key, text(before))),
                None => drop(then.remove(&key)),
            }
        }
        Self { at, log_hash, documents: of_documents(&then), signed: String::new() }
    }
}

/// The hash over documents, each by its kind, its id and the hash of its text: a chain of `KIND ID HASH`, in order of
/// the names of kinds and of ids.
#[must_use]
pub fn of_documents(documents: &BTreeMap<(Kind, String), String>) -> String {
    let mut lines: Vec<(&str, &str, &str)> =
        documents.iter().map(|((kind, id), text)| (kind.as_str(), id.as_str(), text.as_str())).collect();
    lines.sort_unstable();
    let start = crate::log::START.to_owned();
    lines.into_iter().fold(start, |chain, (kind, id, text)| hash(&chain, &format!("{kind} {id} {text}")))
}
