//! An entry in so few words that a long list of them stays short.

use std::collections::BTreeSet;

use rolewright_model::change::About;
use rolewright_wire::audit::{AuditEntry, Piece};
use serde_json::{Value, json};

use super::size_of;

/// How many bytes an entry has at most, as JSON, that is told as it is; and its change, where the entry has more.
const ENTRY: usize = 4_096;
const CHANGE: usize = 1_024;

/// The entry as it is where it is short; else the first document alone of each kind that it wrote, empty, how many others there are, and
/// of what it kept how much that is, without a change that says them all again. Of names it keeps those that it still mentions, and that of `asked`.
#[must_use]
pub fn brief(mut entry: AuditEntry, asked: Option<&str>) -> AuditEntry {
    if size_of(&entry) <= ENTRY {
        return entry;
    }
    if size_of(&entry.change) > CHANGE {
        entry.change = json!({ "change": entry.action });
    }
    let mut kinds = BTreeSet::new();
    for mut write in std::mem::take(&mut entry.writes) {
        if kinds.insert(write.kind.clone()) {
            for document in write.before.iter_mut().chain(&mut write.after) {
                *document = json!({});
            }
            entry.writes.push(write);
        } else {
            *entry.others.entry(write.kind).or_default() += 1;
        }
    }
    entry.kept_untold = std::mem::take(&mut entry.kept).len() as u64;
    let mentioned =
        entry.change.as_object().into_iter().flat_map(|change| change.values()).filter_map(Value::as_str);
    let kept =
        entry.writes.iter().map(|write| &*write.id).chain(entry.about.iter().map(About::id)).chain(asked);
    let said = entry.sentence.iter().filter_map(|piece| match piece {
        Piece::One { id, .. } => Some(id.as_str()),
        Piece::Words(_) | Piece::Place(_) | Piece::Time(_) => None,
    });
    let named: BTreeSet<String> = mentioned.chain(kept).chain(said).map(str::to_owned).collect();
    entry.names.retain(|id, _| named.contains(id));
    entry.is_brief = true;
    entry
}
