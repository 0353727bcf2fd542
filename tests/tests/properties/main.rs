//! What holds in every world: random tenants, and questions asked of them in every way.
//!
//! A plain run tries worlds with 20,000 questions, always the same; with `ROLEWRIGHT_THOROUGH=1`
//! worlds with a million for each property, other ones every time. A failure prints the
//! smallest world found, in the shape of a file of `tests/cases`, and both answers.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

mod administering;
mod alone;
mod cells;
mod deltas;
mod differences;
mod explanations;
mod giving;
mod keeping;
mod lists;
mod restoring;
mod worlds;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::slice;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::snapshot::{Snapshot, SnapshotDocument};
use rolewright_model::{Actor, Context, Level, Request, ResourcePath, State, Subject, Timestamp};
use rolewright_tests::naive::{self as reading, Naive};
use rolewright_tests::{answer, answer_for};
use serde_json::{Value, json};
use worlds::{AT, Ask, Visit, World, change_of, worlds};

fn thorough() -> bool {
    std::env::var_os("ROLEWRIGHT_THOROUGH").is_some_and(|value| value == "1")
}

/// How many questions the worlds of a run have together.
const QUESTIONS: usize = 20_000;
const QUESTIONS_OF_A_THOROUGH_RUN: usize = 1_000_000;

/// Where every random number of a run comes from.
fn runner(seed: [u8; 32]) -> TestRunner {
    let config = Config {
        max_shrink_iters: 20_000,
        max_shrink_time: 30_000,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// The worlds of a plain run, made once for all properties.
static WORLDS: LazyLock<Vec<(World, State)>> = LazyLock::new(|| {
    let (mut runner, strategy) = (runner([0; 32]), worlds());
    let (mut valid, mut questions, mut refused) = (Vec::new(), 0, 0);
    while questions < QUESTIONS {
        let world = strategy.new_tree(&mut runner).unwrap().current();
        match State::build(world.documents.clone(), AT) {
            Ok(state) => {
                questions += world.visits.iter().map(|visit| visit.asks.len()).sum::<usize>();
                valid.push((world, state));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused * 20 < valid.len(), "{refused} worlds are not valid, {} are", valid.len());
    valid
});

/// Tries a property, which says how many questions it asked, in worlds that have enough of them.
fn in_every_world(property: impl Fn(&World, &State) -> Result<usize, String>) {
    if thorough() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&now.as_nanos().to_le_bytes());
        return in_new_worlds(seed, QUESTIONS_OF_A_THOROUGH_RUN, property);
    }
    let mut asked = 0;
    for (world, state) in &*WORLDS {
        match property(world, state) {
            Ok(more) => asked += more,
            Err(why) => {
                // The same worlds once more, to find a smaller one.
                in_new_worlds([0; 32], QUESTIONS, property);
                panic!("{why}\nin this world:\n{world:?}");
            }
        }
    }
    assert!(asked * 10 > QUESTIONS, "{asked} questions are too few");
}

fn in_new_worlds(seed: [u8; 32], enough: usize, property: impl Fn(&World, &State) -> Result<usize, String>) {
    let (asked, questions) = (Cell::new(0), Cell::new(0));
    let (mut runner, strategy) = (runner(seed), worlds());
    while questions.get() < enough {
        let tree = strategy.new_tree(&mut runner).unwrap();
        let result = runner.run_one(tree, |world| {
            if let Ok(state) = State::build(world.documents.clone(), AT) {
                let more = world.visits.iter().map(|visit| visit.asks.len()).sum::<usize>();
                questions.set(questions.get() + more);
                asked.set(asked.get() + property(&world, &state).map_err(TestCaseError::fail)?);
            }
            Ok(())
        });
        match result {
            Ok(_) => {}
            Err(TestError::Abort(why)) => panic!("{why}"),
            Err(TestError::Fail(why, world)) => panic!("{why}\nin this world:\n{world:?}"),
        }
    }
    println!("{} questions asked", asked.get());
}

/// What the naive reading answers, in the shape of what is answered: of somebody unknown, no
/// more than no. Nothing where the design may be read another way.
fn naive(naive: &Naive<'_>, visit: &Visit, ask: &Ask) -> Option<Value> {
    if !naive.knows(&visit.subject) {
        return Some(match ask {
            Ask::Permission { .. } => json!({ "allowed": false, "level": "", "ui": "hidden" }),
            Ask::Operation { .. } => json!({ "allowed": false, "alternatives": [] }),
        });
    }
    let request = reading::Request {
        subject: &visit.subject,
        at: visit.at,
        session: visit.session,
        attributes: &visit.attributes,
    };
    Some(match ask {
        Ask::Permission { permission, resource, asked } => {
            let level = naive.level(permission, resource, request);
            json!({
                "allowed": naive.allowed(permission, asked.as_deref(), resource, request),
                "level": naive.level_id(permission, level),
                "ui": naive.ui(permission, level),
            })
        }
        Ask::Operation { operation, resources } => match naive.check(operation, resources, request) {
            None => json!({ "allowed": false, "alternatives": [] }),
            Some(answer) => {
                let alternatives = answer.alternatives.into_iter().map(|(allowed, legs)| {
                    let legs = legs.into_iter().map(|leg| {
                        let mut said = json!({
                            "permission": leg.permission,
                            "asked": leg.asked,
                            "level": leg.level,
                            "resource": leg.resource,
                            "allowed": leg.allowed,
                        });
                        if leg.dropped {
                            said["dropped"] = json!(true);
                        }
                        said
                    });
                    json!({ "allowed": allowed, "legs": legs.collect::<Vec<_>>() })
                });
                json!({ "allowed": answer.allowed, "alternatives": alternatives.collect::<Vec<_>>() })
            }
        },
    })
}

/// An answer without its reason, which is for people.
fn without_reason(answer: &str) -> Value {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("reason");
    }
    answer
}

/// A question about a permission, resolved.
struct Asked<'v> {
    subject: Subject,
    permission: PermissionHandle,
    level: Level,
    place: ResourcePath,
    request: Request<'v>,
}

impl<'v> Asked<'v> {
    /// None where the question is about an operation, or names no user, permission, level or path.
    fn of(state: &State, visit: &'v Visit, ask: &Ask) -> Option<Self> {
        let Ask::Permission { permission, resource, asked } = ask else { return None };
        let permission = state.catalogue().handle(permission)?;
        let scale = state.catalogue().scale(permission)?;
        Some(Self {
            subject: state.subject(&visit.subject)?,
            permission,
            level: asked.as_ref().map_or(Some(scale.can()), |asked| scale.level(asked))?,
            place: ResourcePath::parse(resource).ok()?,
            request: visit.request(),
        })
    }

    /// What is decided.
    fn is_allowed(&self, state: &State) -> bool {
        let level = state.level_of(&self.subject, self.permission, &self.place, self.request);
        self.level > Level::NONE && level >= self.level
    }
}

/// Asks every question of a world, and compares what is answered with what is expected.
fn compare<T: PartialEq + Display>(
    visits: &[Visit],
    answered: impl Fn(&Visit, &Ask) -> Option<T>,
    expected: impl Fn(&Visit, &Ask) -> Option<T>,
) -> Result<usize, String> {
    let mut asked = 0;
    for visit in visits {
        for ask in &visit.asks {
            let (Some(answered), Some(expected)) = (answered(visit, ask), expected(visit, ask)) else {
                continue;
            };
            if answered != expected {
                let question = json!(visit.check(ask));
                return Err(format!("{question}\nexpected {expected}\nanswered {answered}"));
            }
            asked += 1;
        }
    }
    Ok(asked)
}

#[test]
fn a_state_answers_what_the_design_says() {
    in_every_world(|world, state| {
        let reading = Naive::of(&world.documents);
        compare(
            &world.visits,
            |visit, ask| Some(without_reason(&answer(state, &visit.check(ask)))),
            |visit, ask| naive(&reading, visit, ask),
        )
    });
}

/// What the server asks for every request: by handles, without reasons.
#[test]
fn the_fast_way_answers_as_the_slow_one() {
    in_every_world(|world, state| {
        let said = |visit: &Visit, ask: &Ask, answer: &dyn Fn(Asked<'_>) -> bool| {
            Asked::of(state, visit, ask).map(answer)
        };
        compare(
            &world.visits,
            |visit, ask| {
                said(visit, ask, &|Asked { permission, level, place, request, .. }| {
                    let user = state.user(&visit.subject);
                    user.is_some_and(|user| state.allowed(user, permission, level, &place, request))
                })
            },
            |visit, ask| said(visit, ask, &|asked| asked.is_allowed(state)),
        )
    });
}

fn read(snapshot: &SnapshotDocument) -> State {
    let text = serde_json::to_string(snapshot).unwrap();
    Snapshot::from_json(&text).unwrap_or_else(|problems| panic!("{problems:#?}")).state
}

#[test]
fn a_full_snapshot_answers_as_the_state() {
    in_every_world(|world, state| {
        let snapshot = read(&state.full_snapshot("default", Vec::new()));
        compare(
            &world.visits,
            |visit, ask| Some(answer(&snapshot, &visit.check(ask))),
            |visit, ask| Some(answer(state, &visit.check(ask))),
        )
    });
}

/// Where the directory is not held nobody is unknown, and who is not active has no pass.
#[test]
fn a_pass_and_the_policy_snapshot_answer_as_the_state() {
    in_every_world(|world, state| {
        let edge = read(&state.policy_snapshot("default", Vec::new()));
        let mut asked = 0;
        for visit in &world.visits {
            // A pass names the session that it was made for.
            let visit = &Visit { session: Some(visit.session.unwrap_or(AT)), ..visit.clone() };
            let Some(pass) = state.pass("default", &visit.subject, visit.session.unwrap(), visit.at) else {
                continue;
            };
            let pass = serde_json::from_str(&serde_json::to_string(&pass).unwrap()).unwrap();
            let subject = edge.subject_of_pass(&pass, &[]);
            asked += compare(
                slice::from_ref(visit),
                |visit, ask| Some(answer_for(&edge, &subject, &visit.check(ask))),
                |visit, ask| Some(answer(state, &visit.check(ask))),
            )?;
        }
        Ok(asked)
    });
}

#[test]
fn a_subject_snapshot_answers_as_the_state() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for visit in &world.visits {
            let snapshot = state.subject_snapshot("default", &visit.subject, visit.session, visit.at);
            let Some(snapshot) = snapshot.map(|snapshot| read(&snapshot)) else { continue };
            asked += compare(
                slice::from_ref(visit),
                |visit, ask| Some(answer(&snapshot, &visit.check(ask))),
                |visit, ask| Some(answer(state, &visit.check(ask))),
            )?;
        }
        Ok(asked)
    });
}

/// The state that changes lead to is the state that is built of the documents they lead to, and
/// answers what the design says of them.
#[test]
fn a_changed_state_is_the_one_built_anew() {
    let accepted = RefCell::new(BTreeMap::<String, usize>::new());
    in_every_world(|world, before| {
        let mut state = before.clone();
        let mut made = Vec::new();
        for (number, gene) in world.changes.iter().enumerate() {
            let change = change_of(&state, *gene);
            let context = Context { now: Timestamp(3), id: format!("x{number}") };
            if let Ok(outcome) = state.change(&change, &Actor::Operator, &context) {
                state = outcome.state;
                let kind = json!(change)["change"].as_str().unwrap_or_default().to_owned();
                *accepted.borrow_mut().entry(kind).or_default() += 1;
                made.push(change);
            }
        }
        if made.is_empty() {
            return Ok(0);
        }
        let told = |why: String| format!("after {}\n{why}", json!(made));
        let rebuilt = State::build(state.documents().clone(), state.at())
            .map_err(|problems| told(format!("the documents are not valid: {problems:?}")))?;
        let snapshots = [&state, &rebuilt].map(|state| state.full_snapshot("default", Vec::new()));
        if snapshots[0] != snapshots[1] {
            return Err(told("the snapshots differ".to_owned()));
        }
        let asked = compare(
            &world.visits,
            |visit, ask| Some(answer(&state, &visit.check(ask))),
            |visit, ask| Some(answer(&rebuilt, &visit.check(ask))),
        )
        .map_err(told)?;
        let reading = Naive::of(state.documents());
        compare(
            &world.visits,
            |visit, ask| Some(without_reason(&answer(&state, &visit.check(ask)))),
            |visit, ask| naive(&reading, visit, ask),
        )
        .map_err(told)?;
        Ok(asked)
    });
    let accepted = accepted.into_inner();
    assert!(accepted.len() >= 26, "too few kinds of changes are accepted: {accepted:?}");
}

/// Worlds in which nothing is granted, or everything, would prove little.
#[test]
fn worlds_are_full_of_everything() {
    let seen = RefCell::new(BTreeMap::<&str, usize>::new());
    in_every_world(|world, _| {
        let reading = Naive::of(&world.documents);
        let mut asked = 0;
        for visit in &world.visits {
            for ask in &visit.asks {
                let Some(answer) = naive(&reading, visit, ask) else { continue };
                asked += 1;
                let operation = matches!(ask, Ask::Operation { .. });
                let text = answer.to_string();
                let what = [
                    ("allowed", !operation && answer["allowed"] == true),
                    ("between", answer["allowed"] == false && text.contains(r#""ui":"read_only""#)),
                    ("operations", operation && answer["allowed"] == true),
                    ("dropped", text.contains("dropped")),
                ];
                for (what, _) in what.iter().filter(|(_, is)| *is) {
                    *seen.borrow_mut().entry(what).or_default() += 1;
                }
            }
        }
        Ok(asked)
    });
    let seen = seen.into_inner();
    assert!(seen.len() == 4 && seen.values().all(|times| *times >= 50), "{seen:?}");
}
