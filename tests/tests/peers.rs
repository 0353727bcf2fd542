//! What other engines got wrong between one write and the next: answers that stay after what gave
//! them is gone. What is wrong at rest is in `tests/cases/peers.json`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use rolewright_model::documents::Documents;
use rolewright_model::pass::Revocation;
use rolewright_model::{Actor, Change, Context, PolicyDocument, Question, Request, Stamp, State, Timestamp};
use rolewright_tests::table;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_000_000);

fn world() -> State {
    let policy = json!({
        "format": 1,
        "name": "World",
        "catalogue": {
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.read" }, { "id": "docs.write" }, { "id": "docs.share" } ] }],
            "resource_types": [{ "id": "folder", "pattern": "folders/{folder}" }]
        },
        "roles": [
            { "id": "root", "name": "Root", "audience": "admin", "superuser": true },
            { "id": "parent", "name": "Parent", "grants": { "docs.read": "allowed" } },
            { "id": "middle", "name": "Middle", "inherits": ["parent"], "grants": { "docs.write": "allowed" } },
            { "id": "child", "name": "Child", "inherits": ["middle"], "grants": { "docs.share": "allowed" } },
            { "id": "other", "name": "Other", "inherits": ["parent"] }
        ],
        "packages": [{ "id": "basic", "name": "Basic", "roles": [{ "role": "other", "link": "b1" }] }]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({
        "ana": { "id": "ana", "status": "active" },
        "bob": { "id": "bob", "status": "active", "package": { "package": "basic", "link": "l-bob" } },
        "sam": { "id": "sam", "status": "active", "sign_in": true }
    }));
    documents.directory.groups = table(json!({ "pens": { "id": "pens", "name": "Pens" } }));
    documents.directory.assignments = table(json!({
        "a-ana": { "id": "a-ana", "principal": { "user": "ana" }, "role": "child" },
        "a-sam": { "id": "a-sam", "principal": { "user": "sam" }, "role": "root" }
    }));
    State::build(documents, Stamp { epoch: 0, revision: 1 }).unwrap()
}

fn changed(state: &State, change: &Value) -> State {
    let change: Change =
        serde_json::from_value(change.clone()).unwrap_or_else(|error| panic!("{change}: {error}"));
    let context = Context { now: NOW, id: format!("c{}", state.at().revision) };
    state
        .change(&change, &Actor::Operator, &context)
        .unwrap_or_else(|refusal| panic!("{change:?}: {refusal}"))
        .state
}

/// What somebody may do: `r` read, `w` write, `s` share.
fn may(state: &State, subject: &str) -> String {
    let may = |permission: &str| {
        let request = Request::new(NOW);
        state.decide(&Question { subject, permission, resource: "/", asked: None, request }).allowed
    };
    [("docs.read", 'r'), ("docs.write", 'w'), ("docs.share", 's')]
        .iter()
        .filter(|(permission, _)| may(permission))
        .map(|(_, letter)| *letter)
        .collect()
}

fn role(id: &str, inherits: &[&str], grants: Value) -> Value {
    json!({ "change": "update_role", "role": { "id": id, "name": id, "inherits": inherits, "grants": grants } })
}

/// Each write, and what ana and bob may do after it; the states before it answer as they did.
#[test]
fn an_answer_follows_every_write() {
    let mut states = vec![(world(), "rws".to_owned(), "r".to_owned())];
    for (change, ana, bob) in [
        // A role that is no longer inherited brings nothing of what it inherits itself.
        (role("child", &[], json!({ "docs.share": "allowed" })), "s", "r"),
        (role("child", &["middle"], json!({})), "rw", "r"),
        (role("middle", &[], json!({ "docs.write": "allowed" })), "w", "r"),
        (role("middle", &["parent"], json!({})), "r", "r"),
        (role("parent", &[], json!({ "docs.share": "allowed" })), "s", "s"),
        (role("parent", &[], json!({ "docs.read": "allowed" })), "r", "r"),
        // A deleted role gives nothing: not itself, not what it inherited.
        (json!({ "change": "delete_role", "id": "child" }), "", "r"),
        // Nor does one of the same id that comes later: nobody was given that one.
        (
            json!({ "change": "create_role", "role": { "id": "child", "name": "child", "inherits": ["middle"], "grants": { "docs.share": "allowed" } } }),
            "",
            "r",
        ),
        (json!({ "change": "replace_role_in_packages", "role": "other", "with": "child" }), "", "rs"),
        (json!({ "change": "delete_role", "id": "other" }), "", "rs"),
        (json!({ "change": "set_package", "id": "bob", "package": null }), "", ""),
        (json!({ "change": "set_package", "id": "bob", "package": "basic" }), "", "rs"),
        (json!({ "change": "add_member", "group": "pens", "member": { "user": "ana" } }), "", "rs"),
        (
            json!({ "change": "assign", "assignment": { "principal": { "group": "pens" }, "role": "parent", "scope": "/" } }),
            "r",
            "rs",
        ),
        (json!({ "change": "delete_group", "id": "pens" }), "", "rs"),
        (json!({ "change": "set_status", "id": "bob", "status": "disabled" }), "", ""),
        (json!({ "change": "set_status", "id": "bob", "status": "active" }), "", "rs"),
        (json!({ "change": "delete_user", "id": "bob" }), "", ""),
        (
            json!({ "change": "create_user", "user": { "id": "bob", "email": "bob@example.com" }, "sign_in": false }),
            "",
            "",
        ),
    ] {
        let (before, _, _) = states.last().unwrap();
        let after = changed(before, &change);
        assert_eq!((may(&after, "ana").as_str(), may(&after, "bob").as_str()), (ana, bob), "{change}");
        states.push((after, ana.to_owned(), bob.to_owned()));
    }
    for (state, ana, bob) in &states {
        assert_eq!((&may(state, "ana"), &may(state, "bob")), (ana, bob), "at {:?}", state.at());
        let again = State::build(state.documents().clone(), state.at()).unwrap();
        assert_eq!((&may(&again, "ana"), &may(&again, "bob")), (ana, bob), "built anew at {:?}", state.at());
    }
}

#[test]
fn a_role_that_others_inherit_cannot_be_deleted_from_under_them() {
    let change: Change = serde_json::from_value(json!({ "change": "delete_role", "id": "middle" })).unwrap();
    let context = Context { now: NOW, id: "c".to_owned() };
    assert!(world().change(&change, &Actor::Operator, &context).is_err());
}

#[test]
fn ids_that_run_into_each_other_or_hide_something_are_refused() {
    for id in ["ana/writer", "ana\u{0}x", "ana writer", "ana\n", "", "ana\u{200b}\u{0}"] {
        let mut documents = world().documents().clone();
        let user = json!({ id: { "id": id, "status": "active" } });
        documents.directory.users = table(user);
        documents.directory.assignments = table(json!({}));
        documents.directory.memberships = table(json!({}));
        assert!(State::build(documents, Stamp::default()).is_err(), "{id:?}");
    }
}

#[test]
fn ids_that_differ_by_case_are_two_users_and_an_e_mail_is_one() {
    let twin = json!({ "change": "create_user", "user": { "id": "Ana", "email": "Ana@example.com" }, "sign_in": false });
    let state = changed(&world(), &twin);
    assert_eq!((may(&state, "ana").as_str(), may(&state, "Ana").as_str()), ("rws", ""));
    let same = json!({ "change": "create_user", "user": { "id": "anna", "email": "ana@EXAMPLE.com" }, "sign_in": false });
    let change: Change = serde_json::from_value(same).unwrap();
    assert!(state.change(&change, &Actor::Operator, &Context { now: NOW, id: "d".to_owned() }).is_err());
}

/// A pass made before a link was taken away counts for nothing that the link gave, also where the id of
/// the link looks like another.
#[test]
fn a_pass_does_not_outlive_its_link() {
    let state = world();
    let pass = state.pass("default", "ana", state.at(), NOW).unwrap();
    let request = Request::new(NOW);
    let allowed = |revoked: &[&str]| {
        let revoked: Vec<Revocation> =
            revoked.iter().map(|id| Revocation { id: (*id).to_owned(), at: state.at().next() }).collect();
        let subject = state.subject_of_pass(&pass, &revoked);
        let question =
            Question { subject: "ana", permission: "docs.read", resource: "/", asked: None, request };
        state.decide_for(&subject, &question).allowed
    };
    assert!(allowed(&[]));
    assert!(!allowed(&["a-ana"]));
    assert!(!allowed(&["ana"]));
    for other in ["a-an", "a-ana1", "A-ANA", "a", ""] {
        assert!(allowed(&[other]), "{other:?}");
    }
}
