//! The snapshots that deltas lead on from: the last ones that were answered, as long as they are
//! cheap to keep.

use std::collections::VecDeque;
use std::sync::Arc;

use rolewright_model::Stamp;
use rolewright_model::snapshot::{Compact, Content};

/// How many snapshots are kept at most, the newest among them.
pub(super) const REVISIONS: usize = 128;
/// How many users' places the older ones may keep beside those of the newest, however few it has:
/// as many as so many changes of one person each.
const PLACES: usize = REVISIONS * 128;

/// A snapshot that was answered.
#[derive(Debug)]
pub(super) struct Past {
    /// The hash of its bytes.
    pub(super) content: Content,
    /// What it says.
    pub(super) compact: Compact,
}

/// The last snapshots of one kind, oldest first. They share with one another what did not change
/// between them; what they do not share is bounded by what the newest holds, so that a directory
/// compiled anew time and again is not kept time and again.
#[derive(Debug, Default)]
pub(super) struct History {
    /// With each, how many users' places it holds that the next one does not share.
    kept: VecDeque<(Arc<Past>, usize)>,
}

impl History {
    /// Adds a newer one, and lets go of the oldest that are too many or too much.
    pub(super) fn push(&mut self, newest: Past) {
        let most = newest.compact.places().max(PLACES);
        if let Some((last, apart)) = self.kept.back_mut() {
            *apart = last.compact.places_apart(&newest.compact);
        }
        self.kept.push_back((Arc::new(newest), 0));
        self.trim(most);
    }

    fn trim(&mut self, most: usize) {
        let mut apart: usize = self.kept.iter().map(|(_, apart)| apart).sum();
        while self.kept.len() > REVISIONS || apart > most {
            let Some((_, gone)) = self.kept.pop_front() else { return };
            apart -= gone;
        }
    }

    /// The one of that revision.
    pub(super) fn get(&self, at: Stamp) -> Option<Arc<Past>> {
        let found = self.kept.iter().rev().find(|(past, _)| past.compact.index.at() == at);
        found.map(|(past, _)| Arc::clone(past))
    }
}

#[cfg(test)]
mod tests {
    use rolewright_model::{Actor, Change, Context, State, Timestamp};
    use serde_json::json;

    use super::*;

    /// A tenant with so many people.
    fn crowd(people: usize) -> State {
        let context = Context { now: Timestamp(0), id: "c".to_owned() };
        let state =
            State::begin(&crate::templates::read("mailer").unwrap().unwrap(), &context).unwrap().state;
        let mut documents = state.documents().clone();
        for number in 0..people {
            let user = json!({ "id": format!("u{number}"), "status": "active" });
            let user = serde_json::from_value(user).unwrap();
            documents.directory.users.insert(format!("u{number}"), user);
        }
        State::build(documents, state.at()).unwrap()
    }

    fn past(state: &State) -> Past {
        Past { content: Content([0; 32]), compact: Compact::full(state.index(), "default", Vec::new()) }
    }

    fn switched(state: &State) -> State {
        let change = json!({ "change": "set_status", "id": "u0", "status":
            if state.is_active(state.user("u0").unwrap()) { "disabled" } else { "active" } });
        let change: Change = serde_json::from_value(change).unwrap();
        let context = Context { now: Timestamp(0), id: "c".to_owned() };
        state.change(&change, &Actor::Operator, &context).unwrap().state
    }

    #[test]
    fn the_last_revisions_are_kept() {
        let (mut history, mut state) = (History::default(), crowd(300));
        let first = state.at();
        for _ in 0..REVISIONS {
            history.push(past(&state));
            state = switched(&state);
        }
        assert!(history.get(first).is_some());
        history.push(past(&state));
        assert!(history.get(first).is_none());
        assert!(history.get(first.next()).is_some());
        assert_eq!(history.kept.len(), REVISIONS);
    }

    #[test]
    fn what_is_compiled_anew_time_and_again_is_not_kept_time_and_again() {
        let (mut history, mut state) = (History::default(), crowd(300));
        for _ in 0..10 {
            history.push(past(&state));
            let next = switched(&state);
            state = State::build(next.documents().clone(), next.at()).unwrap();
        }
        assert_eq!(history.kept.len(), 10, "few people are cheap to keep");
        history.trim(300);
        assert_eq!(history.kept.len(), 2, "the newest, and one that shares nothing with it");
    }
}
