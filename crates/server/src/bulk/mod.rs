//! Work on many rows: each is decided by itself, those that may be made are made in parts, and each has its result.

pub mod edits;
pub mod inviting;
pub mod many;
pub mod rolling;
mod words;

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, stream};
use rolewright_model::{Change, Context, Problem, State};
use rolewright_wire::bulk::{AT_ONCE, Line, MEDIA_TYPE, RowOutcome, RowResult, Totals};

use crate::auth::actor::Who;
use crate::auth::key_makers::Makers;
use crate::clock::Clock;
use crate::conditional::{IfMatch, etag};
use crate::problem::Failure;
use crate::reach::reach;
use crate::request;
use crate::sight::Sight;
use crate::tenant::{Edit, Error, Expected, Tenant, names};
use inviting::{Invites, Inviting};
use rolling::{Rolled, Rolling, Told};

/// How often a part is decided anew because others changed the tenant meanwhile.
const ATTEMPTS: u32 = 8;

/// What is wanted, row by row.
pub trait Rows: Send + Sync {
    /// How many rows there are.
    fn count(&self) -> usize;

    /// Which row of the request that is, and whom or what it is about.
    fn name(&self, n: usize) -> (usize, String);

    /// What people read of whom or what a row is about, where they are there and seen; none where that is what the row says.
    fn called(&self, _: usize, _: &State, _: &Sight) -> Option<String> {
        None
    }

    /// The changes that make a row true of that state; none where it is. Ids of what they create begin with the
    /// context's.
    ///
    /// # Errors
    /// What is wrong with the row.
    fn plan(&self, n: usize, state: &State, context: &Context) -> Result<Vec<Change>, Vec<Problem>>;

    /// Whether changes that made a row true added whom or what it is about.
    fn adds(&self, made: &[Change]) -> bool;

    /// Who is sent an invitation, once the row is true of that state; none where nobody is.
    fn invites(&self, n: usize, state: &State) -> Option<String>;

    /// Where in a row that stands which a change that it makes says at that path.
    fn said_at(&self, path: String) -> String {
        path
    }
}

/// Rows on their way in.
pub struct Job {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Who asks, and may see people.
    pub who: Who,
    /// When each part is made.
    pub clock: Clock,
    /// A fresh id.
    pub id: String,
    /// What is wanted.
    pub rows: Arc<dyn Rows>,
    /// Whether nothing shall be written.
    pub dry_run: bool,
    /// Why, if it is said.
    pub reason: Option<String>,
    /// The id of the request.
    pub request: String,
    /// What makes invitations, where rows make some.
    pub invites: Option<Arc<dyn Invites>>,
    /// What whoever asks sees: that is told by its name.
    pub sight: Sight,
    /// Who made the keys that are good.
    pub keys: Makers,
}

/// The lines of a job, as its parts are made. Where nobody reads on, the rest is not made.
pub fn lines(job: Job) -> impl Stream<Item = Line> + Send {
    let work = Work {
        trial: job.dry_run.then(|| job.tenant.loaded().state.clone()),
        told: VecDeque::from([Line::Rows(job.rows.count())]),
        part: stream::empty().boxed(),
        totals: Totals {
            changed: 0,
            added: 0,
            unchanged: 0,
            refused: 0,
            at: job.tenant.loaded().state.at(),
            dry_run: job.dry_run,
            reach: None,
        },
        next: 0,
        is_over: false,
        job,
    };
    stream::unfold(work, |mut work| async move {
        loop {
            if let Some(line) = work.told.pop_front() {
                return Some((line, work));
            }
            if let Some(row) = work.part.next().await {
                return Some((work.row(row), work));
            }
            if work.is_over {
                return None;
            }
            if let Err(error) = work.go_on().await {
                work.is_over = true;
                work.told.push_back(work.stopped(error));
            }
        }
    })
}

/// The same as an answer.
pub fn answer(job: Job) -> Response {
    let lines = request::carried(lines(job)).map(|line| {
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        Ok::<_, serde_json::Error>(Bytes::from(text))
    });
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from_stream(lines)).into_response()
}

/// How many of the rows that are left the next part has, so that no part is much smaller than another.
fn part_of(left: usize) -> usize {
    match left.div_ceil(AT_ONCE) {
        0 => 0,
        parts => left.div_ceil(parts),
    }
}

struct Work {
    job: Job,
    /// Of a dry run: the tenant as the rows so far would leave it.
    trial: Option<State>,
    told: VecDeque<Line>,
    /// What is to be told of the part that was made last, row by row.
    part: BoxStream<'static, RowResult>,
    totals: Totals,
    next: usize,
    is_over: bool,
}

impl Work {
    /// The last line, where the rest is not tried.
    fn stopped(&self, error: Error) -> Line {
        let mut problem = Failure::from(error).into_details();
        let (count, tried) = (self.job.rows.count(), self.next);
        let left = count.saturating_sub(tried);
        problem.detail = format!("{}; {left} of {count} rows were not tried", problem.detail);
        Line::Stopped(problem)
    }

    async fn go_on(&mut self) -> Result<(), Error> {
        let end = self.next.saturating_add(part_of(self.job.rows.count().saturating_sub(self.next)));
        if self.next == end {
            self.is_over = true;
            return self.finish().await;
        }
        // Whoever asks may be shut out meanwhile, also from being told what would be.
        self.job.tenant.still_asks(&self.job.who, self.job.clock.now()).await?;
        let told = Told { sight: self.job.sight.clone(), invites: self.job.invites.is_some() };
        let part = Rolling::new(Arc::clone(&self.job.rows), self.job.who.clone(), told, self.next..end);
        let (part, revision) = if let Some(state) = self.trial.take() {
            let context = self.context();
            let (part, state) = self.job.tenant.work(move || part.roll(state, &context)).await??;
            self.trial = Some(state);
            (part, None)
        } else {
            self.make(part).await?
        };
        let state = self.trial.clone().unwrap_or_else(|| self.job.tenant.loaded().state.clone());
        let result = |Rolled { n, result, problem, made, words }| {
            let (row, subject) = self.job.rows.name(n);
            let added = self.job.rows.adds(&made);
            let remarks = made.iter().flat_map(|change| self.job.keys.remarks(change)).collect();
            let name = self.job.rows.called(n, &state, &self.job.sight);
            (
                n,
                RowResult {
                    row,
                    subject,
                    name,
                    result,
                    made: revision.filter(|_| result == RowOutcome::Changed),
                    added,
                    changes: words,
                    problem,
                    invited: None,
                    remarks,
                },
            )
        };
        let results: Vec<_> = part.results().map(result).collect();
        self.part = match &self.job.invites {
            None => stream::iter(results.into_iter().map(|(_, result)| result)).boxed(),
            Some(invites) => {
                let (tenant, rows) = (Arc::clone(&self.job.tenant), Arc::clone(&self.job.rows));
                let trial = self.trial.clone();
                Inviting { invites: Arc::clone(invites), tenant, rows, trial }.told(results)
            }
        };
        self.next = end;
        Ok(())
    }

    /// Counts what came of a row.
    fn row(&mut self, row: RowResult) -> Line {
        match row.result {
            RowOutcome::Changed => self.totals.changed += 1,
            RowOutcome::Unchanged => self.totals.unchanged += 1,
            RowOutcome::Refused => self.totals.refused += 1,
        }
        self.totals.added += usize::from(row.added);
        self.totals.at = row.invited.as_ref().map_or(self.totals.at, |invited| invited.at);
        Line::Row(Box::new(row))
    }

    /// Each part has ids of its own.
    fn context(&self) -> Context {
        Context { now: self.job.clock.now(), id: format!("{}.{}", self.job.id, self.next) }
    }

    /// Makes the rows of a part that may be made, in one change; and the revision that it made, where one is to be made.
    async fn make(&mut self, mut part: Rolling) -> Result<(Rolling, Option<u64>), Error> {
        let tenant = Arc::clone(&self.job.tenant);
        let mut attempt = 0;
        loop {
            let (context, state) = (self.context(), tenant.loaded().state.clone());
            let at = state.at();
            let rolled = tenant.work({
                let context = context.clone();
                move || part.roll(state, &context)
            });
            part = rolled.await??.0;
            let changes = part.changes();
            if changes.is_empty() {
                return Ok((part, None));
            }
            let edit = Edit {
                // What the rows were decided on is what they change.
                expected: Some(Expected::Head(IfMatch::of(vec![etag(at)]))),
                reason: self.job.reason.clone(),
                request: self.job.request.clone(),
                ..Edit::new(self.job.who.clone(), Change::Batch { changes }, context)
            };
            match tenant.apply(edit).await {
                Ok(applied) => {
                    self.totals.at = applied.at;
                    return Ok((part, Some(applied.at.revision).filter(|_| applied.is_new())));
                }
                Err(Error::Outdated { .. }) if attempt < ATTEMPTS => attempt += 1,
                // What one row gives the asker, another must not use.
                Err(Error::Refused(refusal)) => part = part.without(*refusal)?,
                Err(error) => return Err(error),
            }
        }
    }

    async fn finish(&mut self) -> Result<(), Error> {
        let mut totals = self.totals.clone();
        if let Some(after) = self.trial.take() {
            let (before, who) = (self.job.tenant.loaded(), self.job.who.clone());
            let now = self.job.clock.now();
            let told = self
                .job
                .tenant
                .work(move || reach(&before.state, &after, names(&who, &before.state, now), now));
            totals.reach = Some(told.await?);
        }
        self.told.push_back(Line::Done(totals));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_alike_as_they_can_be() {
        for (rows, expected) in [
            (0, vec![]),
            (1, vec![1]),
            (200, vec![200]),
            (201, vec![101, 100]),
            (450, vec![150, 150, 150]),
            (401, vec![134, 134, 133]),
        ] {
            let (mut left, mut parts) = (rows, Vec::new());
            while left > 0 {
                parts.push(part_of(left));
                left -= part_of(left);
            }
            assert_eq!(parts, expected);
        }
    }
}
