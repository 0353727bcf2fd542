//! What the operator does to a tenant beside its documents: an entry of the log that writes none.

use rolewright_model::Timestamp;
use rolewright_store::{Entry, Head};
use serde_json::Value;

/// The entry after a head, of a change that says in `change` what it is.
#[must_use]
pub fn entry(head: &Head, change: Value, reason: Option<String>, now: Timestamp) -> Entry {
    let action = change.get("change").and_then(Value::as_str).unwrap_or_default().to_owned();
    Entry {
        at: head.at.next(),
        time: now,
        actor: "operator".to_owned(),
        action,
        change,
        writes: Vec::new(),
        kept: Vec::new(),
        // The store says them.
        records: Vec::new(),
        about: None,
        undoes: Vec::new(),
        reason,
        request: String::new(),
    }
}
