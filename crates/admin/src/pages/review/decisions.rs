//! What was decided of each row, until it is applied. The tab keeps it: nothing is lost by a reload or another page.

use rolewright_wire::assignment::AssignmentView;

use crate::{browser, tenant};

/// Under which name the tab keeps them.
const NAME: &str = "rolewright.review";

/// What was decided of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The assignment's id.
    pub id: String,
    /// Which version of it was looked at.
    pub etag: String,
    /// Whether it goes.
    pub revoke: bool,
    /// Who holds what, for people: "Ana Ruiz: Admin".
    pub words: String,
}

impl Decision {
    /// That of a row.
    pub fn of(view: &AssignmentView, role: &str, revoke: bool) -> Self {
        let words = format!("{}: {role}", view.principal_name).replace(['\t', '\n', '\r'], " ");
        Self { id: view.assignment.id.clone(), etag: view.etag.clone(), revoke, words }
    }

    /// Whether the row is as it was looked at.
    pub fn is_of(&self, view: &AssignmentView) -> bool {
        self.id == view.assignment.id && self.etag == view.etag
    }
}

/// The decisions, one a row, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions(Vec<Decision>);

impl Decisions {
    /// Those that the tab keeps.
    pub fn kept() -> Self {
        Self::read(&browser::kept_in_tab(&tenant::key(NAME)).unwrap_or_default())
    }

    /// Has the tab keep them.
    pub fn keep(&self) {
        browser::keep_in_tab(&tenant::key(NAME), &self.write());
    }

    fn read(text: &str) -> Self {
        let decision = |line: &str| {
            let mut fields = line.splitn(4, '\t').map(str::to_owned);
            let revoke = fields.next()? == "revoke";
            Some(Decision { revoke, id: fields.next()?, etag: fields.next()?, words: fields.next()? })
        };
        Self(text.lines().filter_map(decision).collect())
    }

    fn write(&self) -> String {
        let line = |decision: &Decision| {
            let verb = if decision.revoke { "revoke" } else { "keep" };
            [verb, &decision.id, &decision.etag, &decision.words].join("\t")
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// What was decided of the row as it is now. A row that changed since is to be decided anew.
    pub fn of(&self, view: &AssignmentView) -> Option<&Decision> {
        self.0.iter().find(|decision| decision.is_of(view))
    }

    /// With one more, in place of the one before of the same row.
    #[must_use]
    pub fn with(&self, decision: Decision) -> Self {
        let mut next = self.without(&decision.id);
        next.0.push(decision);
        next
    }

    /// Without what was decided of a row.
    #[must_use]
    pub fn without(&self, id: &str) -> Self {
        Self(self.0.iter().filter(|decision| decision.id != id).cloned().collect())
    }

    /// Without the last one; also answers of which row it was.
    pub fn undone(&self) -> Option<(Self, String)> {
        let last = self.0.last()?.id.clone();
        Some((self.without(&last), last))
    }

    /// Those that stay when everything that goes is gone.
    #[must_use]
    pub fn applied(&self) -> Self {
        Self(self.0.iter().filter(|decision| !decision.revoke).cloned().collect())
    }

    /// What goes.
    pub fn revoked(&self) -> Vec<&Decision> {
        self.0.iter().filter(|decision| decision.revoke).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(id: &str, revoke: bool) -> Decision {
        let words = format!("Ana Ruiz: {id}, with \"words\"");
        Decision { id: id.to_owned(), etag: "\"1.7\"".to_owned(), revoke, words }
    }

    #[test]
    fn what_the_tab_keeps_is_what_was_decided() {
        let made = Decisions::default().with(decision("a", true)).with(decision("b", false));
        assert_eq!(Decisions::read(&made.write()), made);
        assert_eq!(Decisions::read(""), Decisions::default());
        assert_eq!(Decisions::read("revoke\ta"), Decisions::default());
    }

    #[test]
    fn a_row_is_decided_once_and_the_last_decision_is_undone_first() {
        let made = Decisions::default().with(decision("a", true)).with(decision("b", true));
        let made = made.with(decision("a", false));
        assert_eq!(made.len(), 2);
        assert_eq!(made.revoked(), [&decision("b", true)]);
        let (before, which) = made.undone().unwrap();
        assert_eq!((which.as_str(), before.len()), ("a", 1));
        assert_eq!(before.applied(), Decisions::default());
        assert_eq!(Decisions::default().undone(), None);
    }
}
