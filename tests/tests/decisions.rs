//! Every decision case, natively: on the state itself, and on what snapshots and passes make
//! of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::snapshot::{Snapshot, SnapshotDocument};
use rolewright_model::{Decision, Request, ResourcePath, Stamp, State, Timestamp};
use rolewright_tests::{CaseFile, answer, answer_for, case_files};
use rolewright_wire::check::Check;

fn files() -> Vec<(String, CaseFile)> {
    case_files().unwrap_or_else(|error| panic!("{error}"))
}

/// Asks every case of every file, of what `prepare` makes of the file's state, and lists all
/// that differ from the expectation, or by a byte from what the state answers. `None` is a
/// question that cannot be put this way.
fn all<T>(prepare: impl Fn(&State) -> T, ask: impl Fn(&T, &State, &Check) -> Option<String>) -> usize {
    let (mut asked, mut failures) = (0, Vec::new());
    for (stem, file) in files() {
        let state = file.state().unwrap_or_else(|error| panic!("{stem}: {error}"));
        let prepared = prepare(&state);
        for case in &file.cases {
            let question =
                case.question(file.at).unwrap_or_else(|error| panic!("{stem}, {}: {error}", case.name));
            let Some(text) = ask(&prepared, &state, &question) else { continue };
            asked += 1;
            if !case.is_answered_by(&text) || text != answer(&state, &question) {
                failures.push(format!(
                    "{stem}: {}\n    expected {}\n    answered {text}",
                    case.name, case.expect
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {asked} cases fail:\n{}", failures.len(), failures.join("\n"));
    asked
}

fn read(snapshot: &SnapshotDocument) -> Snapshot {
    let text = serde_json::to_string(snapshot).unwrap();
    Snapshot::from_json(&text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn every_case_is_answered_as_expected() {
    let asked = all(|_| (), |(), state, question| Some(answer(state, question)));
    assert!(asked >= 150, "{asked} cases are too few");
}

/// What a server asks for every request: by handles, without reasons.
#[test]
fn asked_by_handles_every_case_is_allowed_alike() {
    let mut asked = 0;
    for (stem, file) in files() {
        let state = file.state().unwrap_or_else(|error| panic!("{stem}: {error}"));
        for case in &file.cases {
            let check = case.question(file.at).unwrap();
            let permission = check.permission.as_deref().and_then(|id| state.catalogue().handle(id));
            let (Some(permission), Some(user)) = (permission, state.user(&check.subject)) else { continue };
            let scale = state.catalogue().scale(permission).unwrap();
            let level = check.asked.as_deref().map_or(Some(scale.can()), |asked| scale.level(asked));
            let place = ResourcePath::parse(check.resource.as_deref().unwrap_or("/"));
            let (Some(level), Ok(place)) = (level, place) else { continue };
            let request =
                Request::new(check.at.unwrap_or_default()).in_session(check.session).with(&check.attributes);
            let decision: Decision = serde_json::from_str(&answer(&state, &check)).unwrap();
            let allowed = state.allowed(user, permission, level, &place, request);
            assert_eq!(allowed, decision.allowed, "{stem}: {}", case.name);
            asked += 1;
        }
    }
    assert!(asked >= 400, "{asked} cases are too few");
}

#[test]
fn names_are_unique_and_every_system_has_cases() {
    let mut systems: BTreeMap<&str, usize> = BTreeMap::new();
    for (stem, file) in files() {
        let mut names = BTreeSet::new();
        for case in &file.cases {
            assert!(names.insert(&case.name), "{stem}: `{}` stands twice", case.name);
            for system in ["S0-", "S1-", "S2-", "S3-", "S4-"] {
                *systems.entry(system).or_default() += usize::from(case.name.starts_with(system));
            }
        }
    }
    assert!(systems.values().all(|cases| *cases >= 15), "{systems:?}");
}

#[test]
fn a_full_snapshot_answers_the_same() {
    all(
        |state| read(&state.full_snapshot("default", Vec::new())).state,
        |snapshot, _, question| Some(answer(snapshot, question)),
    );
}

/// Where the directory is not held nobody is unknown, and who is not active has no pass.
#[test]
fn a_pass_and_the_policy_snapshot_answer_the_same() {
    let asked = all(
        |state| read(&state.policy_snapshot("default", Vec::new())).state,
        |edge, state, question| {
            let session = question.session.unwrap_or(state.at());
            let pass = state.pass("default", &question.subject, session, question.at.unwrap())?;
            let pass = serde_json::from_str(&serde_json::to_string(&pass).unwrap()).unwrap();
            let question = Check { session: Some(session), ..question.clone() };
            Some(answer_for(edge, &edge.subject_of_pass(&pass, &[]), &question))
        },
    );
    assert!(asked >= 150, "{asked} cases are too few");
}

#[test]
fn a_subject_snapshot_answers_the_same() {
    type Known = BTreeMap<(String, Option<Stamp>, Timestamp), Option<Snapshot>>;
    let asked = all(
        |_| RefCell::new(Known::new()),
        |known, state, question| {
            let (who, session, at) = (&question.subject, question.session, question.at.unwrap());
            let mut known = known.borrow_mut();
            let snapshot = known.entry((who.clone(), session, at)).or_insert_with(|| {
                state.subject_snapshot("default", who, session, at).map(|snapshot| read(&snapshot))
            });
            Some(answer(&snapshot.as_ref()?.state, question))
        },
    );
    assert!(asked >= 150, "{asked} cases are too few");
}

/// The list of all levels and the single question are the same reading.
#[test]
fn the_levels_of_a_person_are_what_is_decided() {
    all(
        |_| (),
        |(), state, question| {
            let subject = &state.subject(&question.subject)?;
            let permission = state.catalogue().handle(question.permission.as_deref()?)?;
            let resource = ResourcePath::parse(question.resource.as_deref().unwrap_or("/")).ok()?;
            let request = Request::new(question.at.unwrap()).in_session(question.session);
            let (levels, _) = state.levels_of(subject, &resource, request.with(&question.attributes));
            let level = levels[permission.0 as usize];
            let mut decision: Decision = serde_json::from_str(&answer(state, question)).unwrap();
            state.catalogue().scale(permission).unwrap().name(level).clone_into(&mut decision.level);
            decision.ui = state.catalogue().ui(permission, level);
            Some(serde_json::to_string(&decision).unwrap())
        },
    );
}
