//! What was decided of each row, until it is applied. The tab keeps it: nothing is lost by a reload or another page.

use std::collections::BTreeSet;

use rolewright_model::Timestamp;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::batch::MOST_CHANGES;
use serde::Serialize;

use crate::{browser, csv, tenant};

/// Under which name the tab keeps them.
const NAME: &str = "rolewright.review";

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to stay.
    Keep,
    /// It stays, and the log says so.
    Kept,
    /// It is to go.
    Revoke,
    /// It is gone.
    Revoked,
}

const VERDICTS: [(Verdict, &str); 4] = [
    (Verdict::Keep, "keep"),
    (Verdict::Kept, "kept"),
    (Verdict::Revoke, "revoke"),
    (Verdict::Revoked, "revoked"),
];

impl Verdict {
    fn word(self) -> &'static str {
        VERDICTS.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, word)| *word)
    }

    fn of(word: &str) -> Option<Self> {
        VERDICTS.iter().find(|(_, known)| *known == word).map(|(verdict, _)| *verdict)
    }

    /// What it is once it is applied.
    fn applied(self) -> Self {
        match self {
            Self::Keep | Self::Kept => Self::Kept,
            Self::Revoke | Self::Revoked => Self::Revoked,
        }
    }
}

/// When in the one change it goes: the reviewer's own right to revoke goes last, or the rest would be refused. Each right of
/// several is enough for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// What the reviewer does not hold.
    Others,
    /// What the reviewer holds, be it through a group or as everyone.
    Own,
    /// What of that gives the right to revoke.
    OwnRight,
}

const TURNS: [Turn; 3] = [Turn::Others, Turn::Own, Turn::OwnRight];

impl Turn {
    fn of(view: &AssignmentView, is_right: bool) -> Self {
        match view.yours {
            true if is_right => Self::OwnRight,
            true => Self::Own,
            false => Self::Others,
        }
    }
}

/// What a decision comes to. Every kind of `Change` would be downloaded with it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    change: &'static str,
    id: String,
}

/// Of what, in which words, and when a row is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Whether it gives the right to revoke.
    pub is_right: bool,
    /// What the role is called.
    pub role: String,
    /// What the place is called; empty for the whole tenant.
    pub place: String,
    /// When.
    pub at: Timestamp,
}

/// What was decided of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The assignment's id.
    pub id: String,
    /// Which version of it was looked at.
    pub etag: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// When in the change it goes.
    pub turn: Turn,
    /// Who holds it: "Ana Ruiz", "Group Sales".
    pub who: String,
    /// The email, of a person.
    pub email: String,
    /// What the role is called.
    pub role: String,
    /// What the place is called; empty for the whole tenant.
    pub place: String,
    /// Through what it was given.
    pub source: String,
    /// When it was given, if that is known.
    pub since: Option<Timestamp>,
    /// When it was decided.
    pub at: Timestamp,
}

impl Decision {
    /// That of a row.
    pub fn of(view: &AssignmentView, verdict: Verdict, terms: Terms) -> Self {
        let name = &view.principal_name;
        let who = match &view.assignment.principal {
            Principal::Group(_) => format!("Group {name}"),
            Principal::User(_) | Principal::Everyone => name.clone(),
        };
        let source = match view.assignment.source {
            Source::Direct => "Direct",
            Source::AutoAssign => "Auto assign",
            Source::Entitlement => "Entitlement",
        };
        Self {
            id: view.assignment.id.clone(),
            etag: view.etag.clone(),
            verdict,
            turn: Turn::of(view, terms.is_right),
            who,
            email: view.email.clone(),
            role: terms.role,
            place: terms.place,
            source: source.to_owned(),
            since: view.since,
            at: terms.at,
        }
    }

    /// Whether the row is as it was looked at.
    pub fn is_of(&self, view: &AssignmentView) -> bool {
        self.id == view.assignment.id && self.etag == view.etag
    }

    /// The change that applies it.
    pub fn step(&self) -> Step {
        let change = match self.verdict.applied() {
            Verdict::Revoked => "unassign",
            _ => "keep_assignment",
        };
        Step { change, id: self.id.clone() }
    }

    /// Who holds what where, for people: "Ana Ruiz: Admin at Server prod".
    pub fn words(&self) -> String {
        let Self { who, role, place, .. } = self;
        if place.is_empty() { format!("{who}: {role}") } else { format!("{who}: {role} at {place}") }
    }

    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next();
        Some(Self {
            verdict: Verdict::of(&next()?)?,
            turn: *TURNS.get(next()?.parse::<usize>().ok()?)?,
            since: next()?.parse().ok().map(Timestamp),
            at: Timestamp(next()?.parse().ok()?),
            id: next()?,
            etag: next()?,
            who: next()?,
            email: next()?,
            role: next()?,
            place: next()?,
            source: next()?,
        })
    }

    fn write(&self) -> String {
        let Self { id, etag, who, email, role, place, source, .. } = self;
        let since = self.since.map(|Timestamp(since)| since.to_string()).unwrap_or_default();
        let numbers = [(self.turn as usize).to_string(), since, self.at.0.to_string()];
        let texts = [id, etag, who, email, role, place, source];
        let texts = texts.map(|text| text.replace(['\t', '\n', '\r'], " "));
        let fields = [self.verdict.word().to_owned()].into_iter().chain(numbers).chain(texts);
        fields.collect::<Vec<_>>().join("\t")
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
        Self(text.lines().filter_map(Decision::read).collect())
    }

    fn write(&self) -> String {
        self.0.iter().map(Decision::write).collect::<Vec<_>>().join("\n")
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

    /// Without the last one that was not applied; also answers of which row it was.
    pub fn undone(&self) -> Option<(Self, String)> {
        let is_open = |decision: &&Decision| decision.verdict != decision.verdict.applied();
        let last = self.0.iter().rev().find(is_open)?.id.clone();
        Some((self.without(&last), last))
    }

    /// As they are when what is [due](Self::due) is applied.
    #[must_use]
    pub fn applied(&self) -> Self {
        let due: BTreeSet<&str> = self.due().iter().map(|decision| &*decision.id).collect();
        let mut next = self.clone();
        for decision in next.0.iter_mut().filter(|decision| due.contains(&*decision.id)) {
            decision.verdict = decision.verdict.applied();
        }
        next
    }

    /// What is to go, in the order in which it was decided.
    pub fn to_revoke(&self) -> Vec<&Decision> {
        self.that(Verdict::Revoke).collect()
    }

    /// What is applied next, in one change and in this order: what stays is said while all rights are there. Of more than a
    /// change takes some that stay are left for the next.
    pub fn due(&self) -> Vec<&Decision> {
        let mut going = self.to_revoke();
        going.sort_by_key(|decision| decision.turn);
        let room = MOST_CHANGES.saturating_sub(going.len());
        self.that(Verdict::Keep).take(room).chain(going).collect()
    }

    /// How many come to that.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.that(verdict).count() as u64
    }

    fn that(&self, verdict: Verdict) -> impl Iterator<Item = &Decision> {
        self.0.iter().filter(move |decision| decision.verdict == verdict)
    }

    /// All of them as CSV, with who decided; a time is exact, in UTC.
    pub fn csv(&self, reviewer: &str, time: impl Fn(Timestamp) -> String) -> String {
        let mut out = String::new();
        let columns = ["who", "email", "role", "place", "source", "since", "decision", "reviewer", "time"];
        csv::line(&mut out, columns.into_iter());
        for it in &self.0 {
            let (since, at) = (it.since.map(&time).unwrap_or_default(), time(it.at));
            let cells = [&*it.who, &it.email, &it.role, &it.place, &it.source, &since];
            csv::line(&mut out, cells.into_iter().chain([it.verdict.word(), reviewer, &at]));
        }
        out
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(id: &str, verdict: Verdict) -> Decision {
        let text = |text: &str| text.to_owned();
        Decision {
            id: text(id),
            etag: text("\"1.7\""),
            verdict,
            turn: Turn::Others,
            who: format!("Group {id}, with \"words\""),
            email: String::new(),
            role: text("Admin"),
            place: text("Server prod"),
            source: text("Direct"),
            since: Some(Timestamp(5)),
            at: Timestamp(7),
        }
    }

    #[test]
    fn what_the_tab_keeps_is_what_was_decided() {
        let nowhen = Decision { since: None, turn: Turn::Own, ..decision("b", Verdict::Keep) };
        let made = Decisions::default().with(decision("a", Verdict::Revoke)).with(nowhen);
        assert_eq!(Decisions::read(&made.write()), made);
        assert_eq!(Decisions::read(&made.applied().write()), made.applied());
        assert_eq!(Decisions::read(""), Decisions::default());
        assert_eq!(Decisions::read("revoke\ta"), Decisions::default());
    }

    #[test]
    fn a_row_is_decided_once_and_the_last_decision_is_undone_first() {
        let (keep, revoke) = (Verdict::Keep, Verdict::Revoke);
        let made = Decisions::default().with(decision("a", revoke)).with(decision("b", revoke));
        let made = made.with(decision("a", keep));
        assert_eq!(made.len(), 2);
        assert_eq!(made.to_revoke(), [&decision("b", revoke)]);
        let (before, which) = made.undone().unwrap();
        assert_eq!((which.as_str(), before.len()), ("a", 1));
        assert_eq!(Decisions::default().undone(), None);
    }

    #[test]
    fn what_was_applied_stays_told_and_is_not_undone() {
        let made = Decisions::default().with(decision("a", Verdict::Revoke)).applied();
        let counts = [Verdict::Keep, Verdict::Revoke, Verdict::Revoked].map(|verdict| made.count(verdict));
        assert_eq!((counts, made.undone()), ([0, 0, 1], None));
        let csv = made.csv("ada@example.com", |Timestamp(at)| at.to_string());
        let line = "\"Group a, with \"\"words\"\"\",,Admin,Server prod,Direct,5,revoked,ada@example.com,7";
        assert_eq!(csv.lines().nth(1), Some(line));
    }

    #[test]
    fn what_is_the_reviewers_own_right_goes_last_and_what_stays_is_said_first() {
        let view = |id: &str, principal: &str, yours: bool| -> AssignmentView {
            let text = format!(
                r#"{{ "assignment": {{ "id": "{id}", "principal": {principal}, "role": "steward" }},
                    "revision": 1, "etag": "", "principal_name": "", "privileged": true, "yours": {yours} }}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let mut made = Decisions::default();
        // Of groups that give the same the reviewer's own goes last, whichever was decided first.
        for (id, principal, yours, is_right, verdict) in [
            ("mine", r#"{ "user": "me" }"#, true, true, Verdict::Revoke),
            ("my group", r#"{ "group": "g" }"#, true, true, Verdict::Revoke),
            ("my log", r#"{ "user": "me" }"#, true, false, Verdict::Revoke),
            ("a group", r#"{ "group": "h" }"#, false, true, Verdict::Revoke),
            ("ana", r#"{ "user": "ana" }"#, false, true, Verdict::Revoke),
            ("bo", r#"{ "user": "bo" }"#, false, false, Verdict::Keep),
        ] {
            let terms = Terms { is_right, role: String::new(), place: String::new(), at: Timestamp(1) };
            made = made.with(Decision::of(&view(id, principal, yours), verdict, terms));
        }
        let order: Vec<&str> = made.due().iter().map(|decision| &*decision.id).collect();
        assert_eq!(order, ["bo", "a group", "ana", "my log", "mine", "my group"]);
        let steps: Vec<&str> = made.due().iter().map(|decision| decision.step().change).collect();
        assert_eq!(steps[..2], ["keep_assignment", "unassign"]);
    }

    #[test]
    fn what_is_kept_is_applied_once_and_more_than_a_change_takes_is_left_for_the_next() {
        let kept = |n: usize| decision(&n.to_string(), Verdict::Keep);
        let all = Decisions((0..=MOST_CHANGES).map(kept).collect()).with(decision("gone", Verdict::Revoke));
        assert_eq!(all.due().len(), MOST_CHANGES);
        let next = all.applied();
        let counts = |made: &Decisions| VERDICTS.map(|(verdict, _)| made.count(verdict));
        assert_eq!(counts(&next), [2, MOST_CHANGES as u64 - 1, 0, 1]);
        let last = next.applied();
        assert_eq!(counts(&last), [0, MOST_CHANGES as u64 + 1, 0, 1]);
        assert_eq!((last.due(), last.undone()), (vec![], None));
    }
}
