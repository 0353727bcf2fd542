//! A part of the rows, each decided where those before it are made.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rolewright_model::{Actor, Change, Context, Problem, Refusal, State, Timestamp};
use rolewright_wire::bulk::RowOutcome;
use rolewright_wire::problem::ProblemDetails;

use super::Rows;
use super::words::Words;
use crate::auth::actor::Who;
use crate::problem::Failure;
use crate::sight::Sight;
use crate::tenant::Error;

/// A part of the rows.
pub(super) struct Rolling {
    rows: Arc<dyn Rows>,
    who: Who,
    told: Told,
    range: Range<usize>,
    /// The rows that may be made, in order.
    made: Vec<Made>,
    refused: BTreeMap<usize, Failure>,
    /// Those that are refused whatever becomes of the others: the rule looks at all of a part.
    out: BTreeMap<usize, Refusal>,
}

/// How what is made is told.
pub(super) struct Told {
    /// What whoever asks sees.
    pub(super) sight: Sight,
    /// Whether who is new is sent an invitation.
    pub(super) invites: bool,
}

/// A row that may be made.
struct Made {
    n: usize,
    changes: Vec<Change>,
    /// What they do.
    words: Vec<String>,
}

/// What came of a row.
pub(super) struct Rolled {
    pub(super) n: usize,
    pub(super) result: RowOutcome,
    pub(super) problem: Option<ProblemDetails>,
    pub(super) made: Vec<Change>,
    /// What was made, in words.
    pub(super) words: Vec<String>,
}

impl Rolling {
    pub(super) fn new(rows: Arc<dyn Rows>, who: Who, told: Told, range: Range<usize>) -> Self {
        let (made, refused, out) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { rows, who, told, range, made, refused, out }
    }

    /// Decides the rows from that state on; also says where they lead to.
    pub(super) fn roll(mut self, mut state: State, context: &Context) -> Result<(Self, State), Error> {
        self.made.clear();
        self.refused.clear();
        for n in self.range.clone() {
            if let Some(refusal) = self.out.get(&n) {
                self.refused.insert(n, refusal.clone().into());
                continue;
            }
            // The ids are those that the row has in the change of the part.
            let context = Context { now: context.now, id: format!("{}.{}", context.id, self.made.len()) };
            let changes = match self.rows.plan(n, &state, &context) {
                Ok(changes) if changes.is_empty() => continue,
                Ok(changes) => changes,
                Err(problems) => {
                    self.refused.insert(n, Failure::invalid(problems));
                    continue;
                }
            };
            let actor = self.who.actor(&state).ok_or(Error::Unauthenticated)?;
            match state.change(&whole(&changes), &actor, &context) {
                Ok(outcome) => {
                    if self.rows.count() > 1
                        && let Some(why) = shuts_out(&self.who, &actor, (&state, &outcome.state), context.now)
                    {
                        self.refused.insert(n, Failure::invalid_at("$", why));
                        continue;
                    }
                    let Told { sight, invites } = &self.told;
                    let words = Words { before: &state, sight, invites: *invites };
                    let words = changes.iter().flat_map(|change| words.of(change)).collect();
                    state = outcome.state;
                    self.made.push(Made { n, changes, words });
                }
                Err(refusal) => {
                    let refusal = self.in_row(refusal);
                    self.refused.insert(n, refusal.into());
                }
            }
        }
        Ok((self, state))
    }

    /// What the rows that may be made change, in order.
    pub(super) fn changes(&self) -> Vec<Change> {
        self.made.iter().map(|made| whole(&made.changes)).collect()
    }

    /// The same without the row that is refused among the others.
    ///
    /// # Errors
    /// The refusal, where it is not of one row.
    pub(super) fn without(mut self, refusal: Refusal) -> Result<Self, Error> {
        let position = refusal.problems.first().and_then(|problem| {
            problem.path.strip_prefix("$.changes[")?.split(']').next()?.parse::<usize>().ok()
        });
        match position.and_then(|position| self.made.get(position)) {
            Some(made) => {
                let (n, refusal) = (made.n, self.in_row(refusal));
                self.out.insert(n, refusal);
                Ok(self)
            }
            None => Err(refusal.into()),
        }
    }

    /// What is wrong, as paths in the row: which change of which batch it was is nobody's business.
    fn in_row(&self, mut refusal: Refusal) -> Refusal {
        for problem in &mut refusal.problems {
            let mut path = std::mem::take(&mut problem.path);
            while let Some(rest) = path.strip_prefix("$.changes[").and_then(|rest| rest.split_once(']')) {
                path = format!("${}", rest.1);
            }
            problem.path = self.rows.said_at(path);
        }
        refusal.problems.retain(|Problem { path, message }| path != "$" || *message != refusal.message);
        refusal
    }

    /// What came of each row.
    pub(super) fn results(self) -> impl Iterator<Item = Rolled> {
        let Self { range, made, mut refused, .. } = self;
        let mut made = made.into_iter().peekable();
        let nothing = |n, result, problem| Rolled { n, result, problem, made: Vec::new(), words: Vec::new() };
        range.map(move |n| match refused.remove(&n) {
            Some(failure) => nothing(n, RowOutcome::Refused, Some(failure.into_details())),
            None => match made.next_if(|next| next.n == n) {
                Some(Made { changes, words, .. }) => {
                    Rolled { n, result: RowOutcome::Changed, problem: None, made: changes, words }
                }
                None => nothing(n, RowOutcome::Unchanged, None),
            },
        })
    }
}

/// Why a row is not made that would take from whoever asks what they ask with: the rows after it would be refused, and nobody means
/// themselves when they choose many.
fn shuts_out(
    who: &Who,
    actor: &Actor<'_>,
    (before, after): (&State, &State),
    now: Timestamp,
) -> Option<String> {
    let itself = "do it by itself, where it is said whom it reaches";
    match who.actor(after) {
        None => Some(format!("this is you: afterwards you could not sign in; {itself}")),
        Some(then) => {
            let lost = actor.loses(before, &then, after, now)?;
            let name = before.catalogue().permission_name(lost);
            Some(format!("this is you: it takes `{name}` from you; {itself}"))
        }
    }
}

/// The changes of a row, in one.
fn whole(changes: &[Change]) -> Change {
    match changes {
        [only] => only.clone(),
        all => Change::Batch { changes: all.to_vec() },
    }
}
