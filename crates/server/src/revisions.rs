//! Which change last wrote a document: what its `ETag` names.

use std::collections::HashMap;

use rolewright_model::change::Kind;
use rolewright_model::documents::Table;
use rolewright_model::{Stamp, State};
use serde::Deserialize as _;
use serde_json::Value;

/// For each document, the change that last wrote it. Not kept is what the document itself says: of an assignment the
/// change that made it. A membership has no version: it is taken away whatever it is.
#[derive(Clone, Debug, Default)]
pub struct Revisions(HashMap<Kind, Table<Stamp>>);

impl Revisions {
    /// That change wrote the document, or removed it where there is no body.
    pub fn wrote(&mut self, kind: Kind, id: String, body: Option<&Value>, at: Stamp) {
        if kind == Kind::Membership {
            return;
        }
        let table = self.0.entry(kind).or_default();
        if body.is_some_and(|body| kind != Kind::Assignment || made(body) != Some(at)) {
            table.insert(id, at);
        } else {
            table.remove(&id);
        }
    }

    /// The change that last wrote a document of that state, if it is there.
    #[must_use]
    pub fn of(&self, state: &State, kind: Kind, id: &str) -> Option<Stamp> {
        let kept = self.0.get(&kind).and_then(|table| table.get(id));
        let said = || match kind {
            Kind::Assignment => state.documents().directory.assignments.get(id).map(|given| given.made),
            _ => None,
        };
        kept.copied().or_else(said)
    }
}

fn made(body: &Value) -> Option<Stamp> {
    Stamp::deserialize(body.get("made")?).ok()
}
