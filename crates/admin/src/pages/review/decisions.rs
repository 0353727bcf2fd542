//! What was decided of each row, until it is applied. The tab keeps it: nothing is lost by a reload or another page.

use rolewright_model::Timestamp;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::assignment::AssignmentView;

use crate::{browser, csv, tenant};

/// Under which name the tab keeps them.
const NAME: &str = "rolewright.review";

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It is to go.
    Revoke,
    /// It is gone.
    Revoked,
}

const VERDICTS: [(Verdict, &str); 3] =
    [(Verdict::Keep, "keep"), (Verdict::Revoke, "revoke"), (Verdict::Revoked, "revoked")];

impl Verdict {
    fn word(self) -> &'static str {
        VERDICTS.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, word)| *word)
    }

    fn of(word: &str) -> Option<Self> {
        VERDICTS.iter().find(|(_, known)| *known == word).map(|(verdict, _)| *verdict)
    }
}

/// When in the one change it goes: what may be the reviewer's own right to revoke goes last, or the rest would be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// That of somebody else.
    Others,
    /// That of a group or of everyone.
    Shared,
    /// One of those that gives a right of Rolewright's own.
    SharedRight,
    /// The reviewer's own.
    Own,
}

const TURNS: [Turn; 4] = [Turn::Others, Turn::Shared, Turn::SharedRight, Turn::Own];

impl Turn {
    fn of(view: &AssignmentView, reviewer: &str) -> Self {
        match &view.assignment.principal {
            Principal::User(id) if id == reviewer => Self::Own,
            Principal::User(_) => Self::Others,
            Principal::Group(_) | Principal::Everyone if view.privileged => Self::SharedRight,
            Principal::Group(_) | Principal::Everyone => Self::Shared,
        }
    }
}

/// By whom, in which words, and when a row is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The id of the one who reviews.
    pub reviewer: String,
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
    /// The e-mail, of a person.
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
            turn: Turn::of(view, &terms.reviewer),
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
        let last = self.0.iter().rev().find(|decision| decision.verdict != Verdict::Revoked)?.id.clone();
        Some((self.without(&last), last))
    }

    /// As they are when everything that goes is gone.
    #[must_use]
    pub fn applied(&self) -> Self {
        let mut next = self.clone();
        for decision in next.0.iter_mut().filter(|decision| decision.verdict == Verdict::Revoke) {
            decision.verdict = Verdict::Revoked;
        }
        next
    }

    /// What is to go, in the order in which it was decided.
    pub fn to_revoke(&self) -> Vec<&Decision> {
        self.0.iter().filter(|decision| decision.verdict == Verdict::Revoke).collect()
    }

    /// The same in the order in which it goes.
    pub fn in_turn(&self) -> Vec<&Decision> {
        let mut those = self.to_revoke();
        those.sort_by_key(|decision| decision.turn);
        those
    }

    /// How many come to that.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.0.iter().filter(|decision| decision.verdict == verdict).count() as u64
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
    fn what_may_be_the_reviewers_own_right_goes_last() {
        let principals = [
            (r#"{ "user": "me" }"#, false),
            (r#"{ "group": "g" }"#, true),
            (r#"{ "group": "g" }"#, false),
            (r#"{ "user": "ana" }"#, true),
        ];
        let view = |n: usize, principal: &str, privileged: bool| -> AssignmentView {
            let text = format!(
                r#"{{ "assignment": {{ "id": "{n}", "principal": {principal}, "role": "steward" }},
                    "revision": 1, "etag": "", "principal_name": "", "privileged": {privileged} }}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let mut made = Decisions::default();
        for (n, (principal, privileged)) in principals.into_iter().enumerate() {
            let terms = Terms {
                reviewer: "me".to_owned(),
                role: String::new(),
                place: String::new(),
                at: Timestamp(1),
            };
            made = made.with(Decision::of(&view(n, principal, privileged), Verdict::Revoke, terms));
        }
        let order: Vec<&str> = made.in_turn().iter().map(|decision| &*decision.id).collect();
        assert_eq!(order, ["3", "2", "1", "0"]);
    }
}
