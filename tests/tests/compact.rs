//! The compact encoding of snapshots: what is read back answers as what was written, and the same
//! revision is always the same bytes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use rolewright_model::directory::{AssignmentDocument, GroupDocument, MembershipDocument, UserDocument};
use rolewright_model::documents::Documents;
use rolewright_model::snapshot::{Compact, SnapshotKind, Unreadable};
use rolewright_model::{Actor, Change, Context, Decision, Index, PolicyDocument, State, Timestamp};
use rolewright_tests::{CaseFile, answer, answer_for, case_files, table, world};
use rolewright_wire::check::Check;
use serde_json::json;

const TENANT: &str = "default";

fn files() -> Vec<(String, CaseFile)> {
    case_files().unwrap_or_else(|error| panic!("{error}"))
}

fn read(bytes: &[u8]) -> Compact {
    Compact::decode(bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn whole(index: &Index, question: &Check) -> Option<String> {
    Some(answer_for(index, &index.subject(&question.subject)?, question))
}

#[test]
fn a_permission_is_called_by_its_label_where_there_are_words_and_by_its_id_elsewhere() {
    let state = world::world(&[]);
    let catalogue = state.catalogue();
    assert_eq!(catalogue.permission_name("reports.run"), "Reports: Run");
    assert_eq!(catalogue.permission_name("users.assign_roles"), "Users: Assign roles");
    assert_eq!(catalogue.permission_name("no.such"), "no.such");
    let read = read(&state.encode(TENANT, &[]));
    assert_eq!(read.index.catalogue().permission_name("reports.run"), "reports.run");
}

/// Who asks somebody whom nobody knows is told so by whoever holds the directory.
#[test]
fn every_case_is_answered_alike_by_a_full_snapshot_read_back() {
    let mut asked = 0;
    for (stem, file) in files() {
        let state = file.state().unwrap();
        let compact = read(&state.encode(TENANT, &[]));
        assert_eq!((compact.kind, compact.tenant.as_str()), (SnapshotKind::Full, TENANT));
        for case in &file.cases {
            let question = case.question(file.at).unwrap();
            let Some(answered) = whole(&compact.index, &question) else {
                assert!(state.subject(&question.subject).is_none(), "{stem}: {}", case.name);
                continue;
            };
            assert_eq!(answered, answer(&state, &question), "{stem}: {}", case.name);
            asked += 1;
        }
    }
    assert!(asked >= 150, "{asked} cases are too few");
}

#[test]
fn every_case_is_answered_alike_by_a_pass_and_the_policy_read_back() {
    let mut asked = 0;
    for (stem, file) in files() {
        let state = file.state().unwrap();
        let edge = read(&state.encode_policy(TENANT, &[]));
        assert_eq!(edge.kind, SnapshotKind::Policy);
        assert_eq!(edge.index.users().count(), 0, "{stem}: nobody is in a policy snapshot");
        for case in &file.cases {
            let question = case.question(file.at).unwrap();
            let session = question.session.unwrap_or(state.at());
            let at = question.at.unwrap_or_default();
            let Some(pass) = state.pass(TENANT, &question.subject, session, at) else { continue };
            let question = Check { session: Some(session), ..question };
            let subject = edge.index.subject_of_pass(&pass, &edge.revoked);
            let answered = answer_for(&edge.index, &subject, &question);
            assert_eq!(answered, answer(&state, &question), "{stem}: {}", case.name);
            asked += 1;
        }
    }
    assert!(asked >= 150, "{asked} cases are too few");
}

#[test]
fn what_is_read_back_is_written_the_same() {
    for (stem, file) in files() {
        let bytes = file.state().unwrap().encode(TENANT, &[]);
        assert!(read(&bytes).index.encode(TENANT, &[]) == bytes, "{stem}");
    }
}

fn by_operator(state: &State, n: usize, change: serde_json::Value) -> State {
    let change: Change = serde_json::from_value(change).unwrap();
    let context = Context { now: Timestamp(1), id: format!("c{n}") };
    state.change(&change, &Actor::Operator, &context).unwrap().state
}

/// A state that changes led to is, to the byte, the one that its documents are compiled to.
#[test]
fn a_changed_state_is_written_as_one_built_anew() {
    let file = files().into_iter().find(|(stem, _)| stem == "sources").unwrap().1;
    let mut state = file.state().unwrap();
    let role =
        state.documents().roles.values().find(|role| !role.base && !role.superuser).unwrap().id.clone();
    let changes = [
        json!({ "change": "create_user", "user": { "id": "zed", "email": "zed@example.com" }, "sign_in": true }),
        json!({ "change": "create_group", "group": { "id": "zoo", "name": "Zoo" } }),
        json!({ "change": "add_member", "group": "zoo", "member": { "user": "zed" } }),
        json!({ "change": "assign", "assignment": { "principal": { "group": "zoo" }, "role": role, "scope": "/" } }),
        json!({ "change": "assign", "assignment": { "principal": { "user": "zed" }, "role": role, "scope": "/", "until": 9 } }),
        json!({ "change": "set_status", "id": "zed", "status": "disabled" }),
        json!({ "change": "delete_user", "id": "zed" }),
        json!({ "change": "delete_group", "id": "zoo" }),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        state = by_operator(&state, n, change.clone());
        let anew = State::build(state.documents().clone(), state.at()).unwrap();
        assert!(state.encode(TENANT, &[]) == anew.encode(TENANT, &[]), "after {change}");
    }
}

/// Cut, prolonged or changed bytes are refused or read as something else, never in panic; what
/// is read can be asked.
#[test]
fn bytes_that_are_not_a_snapshot_are_refused() {
    let state = files().remove(0).1.state().unwrap();
    let bytes = state.encode(TENANT, &[]);
    assert_eq!(Compact::decode(b"{}").unwrap_err(), Unreadable::Format);
    assert_eq!(Compact::decode(&bytes[..bytes.len() - 1]).unwrap_err(), Unreadable::Shape);
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert_eq!(Compact::decode(&longer).unwrap_err(), Unreadable::Shape);
    let mut read = 0;
    for at in (4..bytes.len()).step_by(3) {
        for byte in [0, 1, 127, 255] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            let Ok(compact) = Compact::decode(&changed) else { continue };
            read += 1;
            for user in compact.index.users().take(3) {
                let id = compact.index.user_id(user).to_owned();
                let _: Option<Decision> = compact.index.subject(&id).map(|subject| {
                    let question: Check =
                        serde_json::from_value(json!({ "subject": id, "permission": "users.view" })).unwrap();
                    serde_json::from_str(&answer_for(&compact.index, &subject, &question)).unwrap()
                });
            }
        }
    }
    assert!(read > 0, "some changes are of no consequence");
}

/// All that a browser may see: what the person holds, and neither who else there is nor what only
/// others come to. Everything of others is called something with `zq`.
#[test]
fn a_subject_snapshot_holds_nothing_of_anyone_else() {
    let owned_by = |names: [&str; 2]| json!({ "in": [{ "attribute": "resource.owner" }, names] });
    let from = |region: &str| json!({ "eq": [{ "attribute": "subject.region" }, region] });
    let mut policy = world::policy();
    policy["settings"] = json!({
        "products": ["core"], "name": "zq tenant", "entitlements": { "zqrole": true },
        "separation": [{ "name": "zq rule", "roles": ["zqrole", "poster"], "at_most": 1 }]
    });
    policy["catalogue"]["modules"][0]["permissions"] = json!([
        { "id": "reports.view", "levels": { "allowed": { "condition": from("zqregion") } } },
        { "id": "reports.run", "levels": { "allowed": { "condition": owned_by(["kim", "lee"]) } } }
    ]);
    policy["catalogue"]["modules"][1]["permissions"] = json!([
        { "id": "mail.view", "levels": { "allowed": { "condition": owned_by(["zqbob", "zqeve"]) } } },
        { "id": "mail.manage", "levels": { "allowed": {
            "condition": { "any": [from("zqelsewhere"), owned_by(["zqann", "zqjoe"])] },
            "implies": { "mail.view": "allowed" } } } }
    ]);
    policy["roles"].as_array_mut().unwrap().push(json!({ "id": "zqrole", "name": "zq role" }));
    policy["packages"].as_array_mut().unwrap().push(json!({ "id": "zqpackage", "name": "zq package" }));
    policy["tests"] =
        json!([{ "name": "zq test", "who": {}, "permission": "mail.view", "expect": "refuse" }]);
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents =
        Documents { directory: world::documents().directory, ..Documents::of_policy(&policy) };
    let directory = &mut documents.directory;
    directory.users.extend(table::<UserDocument>(json!({ "zquser": {
        "id": "zquser", "email": "zq@example.com", "first_name": "zq", "status": "active",
        "attributes": { "region": "zqregion" }
    } })));
    directory
        .groups
        .extend(table::<GroupDocument>(json!({ "zqgroup": { "id": "zqgroup", "name": "zq group" } })));
    directory.memberships.extend(table::<MembershipDocument>(json!({
        "zqmember": { "id": "zqmember", "group": "zqgroup", "member": { "user": "rio" } }
    })));
    directory.assignments.extend(table::<AssignmentDocument>(json!({
        "zqlink": { "id": "zqlink", "principal": { "user": "zquser" }, "role": "zqrole" },
        "zqshared": { "id": "zqshared", "principal": { "group": "zqgroup" }, "role": "reporter" },
        "zqall": { "id": "zqall", "principal": "everyone", "role": "zqrole", "scope": "servers/prod" }
    })));
    let state = world::build(documents);
    let seen = |user: &str| {
        let document = state.subject_snapshot("default", user, None, world::NOW).unwrap();
        let bytes = state.encode_subject("default", user, None, world::NOW).unwrap();
        format!("{}\n{}", json!(document), String::from_utf8_lossy(&bytes))
    };
    let rio = seen("rio");
    for own in ["rio", "reports.run", "kim", "lee", "servers/prod"] {
        assert!(rio.contains(own), "{own} is rio's");
    }
    // Roles, groups, packages and links are not told either, and nobody's name or address.
    let untold = ["zq", "reporter", "staff", "basic-1", "rio-basic", "a-rio", "m-staff", "example.com"];
    for other in untold {
        let at =
            rio.find(other).map(|at| rio.get(at.saturating_sub(40)..at + 20).unwrap_or_default().to_owned());
        assert_eq!(at, None, "{other}");
    }
    // Whom it concerns is told of the resource's owners, and of nobody's region.
    let max = seen("max");
    assert!(max.contains("zqann") && max.contains("zqbob"));
    assert!(!max.contains("zqelsewhere") && !max.contains("kim"));
    // For a superuser conditions are skipped.
    let sam = seen("sam");
    assert!(!sam.contains("kim") && !sam.contains("zq"));
}
