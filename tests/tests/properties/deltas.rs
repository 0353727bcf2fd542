//! Deltas: what is reached by them is the fresh snapshot, to the byte.

use rolewright_model::pass::Revocation;
use rolewright_model::snapshot::{Compact, Content, Delta};
use rolewright_server::secret::sha256_bytes;
use rolewright_tests::answer_for;

use super::*;

const TENANT: &str = "default";

/// A snapshot, its bytes, and their hash.
struct Fresh {
    compact: Compact,
    bytes: Vec<u8>,
    content: Content,
}

impl Fresh {
    fn of(compact: Compact) -> Self {
        let bytes = compact.encode();
        let content = Content(sha256_bytes(&bytes));
        Self { compact, bytes, content }
    }

    fn delta(&self, since: &Self) -> Vec<u8> {
        self.compact.delta(self.content, &since.compact, since.content).unwrap()
    }
}

/// Where changes lead to: every revision on the way, and what was revoked by then; the oldest lapse.
fn visited(world: &World, before: &State) -> Vec<(State, Vec<Revocation>)> {
    let mut all = vec![(before.clone(), vec![Revocation { id: "old".to_owned(), at: before.at() }])];
    for (number, gene) in world.changes.iter().enumerate() {
        let (state, revoked) = all.last().unwrap();
        let change = change_of(state, *gene);
        let context = Context { now: Timestamp(3), id: format!("x{number}") };
        let Ok(outcome) = state.change(&change, &Actor::Operator, &context) else { continue };
        let new = outcome.revoked.into_iter().map(|id| Revocation { id, at: outcome.state.at() });
        let revoked = revoked.iter().skip(number % 2).cloned().chain(new).collect();
        all.push((outcome.state, revoked));
    }
    all
}

fn applied(to: &Compact, held: Content, delta: &[u8], target: &Fresh) -> Result<Compact, String> {
    let delta = Delta::decode(delta).map_err(|why| format!("a delta cannot be read: {why}"))?;
    assert_eq!(delta.target.content, target.content);
    let told = format!("{delta:?}");
    let after = to.apply(held, delta).map_err(|why| format!("{told} is not applied: {why}"))?;
    match after.encode() == target.bytes {
        true => Ok(after),
        false => Err(format!("{told} leads elsewhere")),
    }
}

/// How a question is answered from a snapshot of the last state; nothing where it says nothing.
type Answering = fn(&Compact, &State, &Visit, &Ask) -> Option<String>;

/// From every revision to every later one, in one step and by way of all between; from what a
/// server holds and from what a checker read; and the same delta whether the state was changed or
/// built anew.
fn every_delta_leads_to_the_fresh_snapshot(
    world: &World,
    before: &State,
    snapshot: impl Fn(&State, Vec<Revocation>) -> Compact,
    answered: Answering,
) -> Result<usize, String> {
    let visited = visited(world, before);
    let fresh: Vec<Fresh> =
        visited.iter().map(|(state, revoked)| Fresh::of(snapshot(state, revoked.clone()))).collect();
    let read = |fresh: &Fresh| Compact::decode(&fresh.bytes).unwrap();
    let (mut led, last) = (read(&fresh[0]), &fresh[fresh.len() - 1]);
    for (at, (state, revoked)) in visited.iter().enumerate().skip(1) {
        let target = &fresh[at];
        led = applied(&led, fresh[at - 1].content, &target.delta(&fresh[at - 1]), target)?;
        let rebuilt = State::build(state.documents().clone(), state.at()).unwrap();
        let rebuilt = Fresh::of(snapshot(&rebuilt, revoked.clone()));
        for since in &fresh[..at] {
            let delta = target.delta(since);
            applied(&read(since), since.content, &delta, target)?;
            applied(&since.compact, since.content, &delta, target)?;
            if rebuilt.delta(since) != delta {
                return Err("a state built anew has another delta".to_owned());
            }
        }
    }
    let (read, state) = (read(last), &visited[visited.len() - 1].0);
    compare(
        &world.visits,
        |visit, ask| answered(&led, state, visit, ask),
        |visit, ask| answered(&read, state, visit, ask),
    )
}

#[test]
fn deltas_of_full_snapshots_lead_to_the_fresh_one() {
    in_every_world(|world, before| {
        let snapshot = |state: &State, revoked| Compact::full(state.index(), TENANT, revoked);
        every_delta_leads_to_the_fresh_snapshot(world, before, snapshot, |held, _, visit, ask| {
            Some(answer_for(&held.index, &held.index.subject(&visit.subject)?, &visit.check(ask)))
        })
    });
}

#[test]
fn deltas_of_policy_snapshots_lead_to_the_fresh_one() {
    in_every_world(|world, before| {
        let snapshot = |state: &State, revoked| Compact::policy(state.index(), TENANT, revoked);
        every_delta_leads_to_the_fresh_snapshot(world, before, snapshot, |held, state, visit, ask| {
            let session = visit.session.unwrap_or(AT);
            let pass = state.pass(TENANT, &visit.subject, session, visit.at)?;
            let subject = held.index.subject_of_pass(&pass, &held.revoked);
            let visit = Visit { session: Some(session), ..visit.clone() };
            Some(answer_for(&held.index, &subject, &visit.check(ask)))
        })
    });
}
