//! Differences between two states, compared with every question before and after; and equivalence.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::diff::{Diff, Difference, diff};
use rolewright_model::documents::Documents;
use rolewright_model::equivalence::{Equivalence, equivalence};
use rolewright_model::when::When;
use rolewright_model::{
    Actor, Change, Context, Level, PolicyDocument, Request, ResourcePath, Stamp, State, Timestamp,
};
use rolewright_tests::{TEMPLATES, case_files, table, template};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_000_000);

fn policy() -> Value {
    json!({
        "format": 1,
        "name": "World",
        "settings": { "new_links": "next_login" },
        "catalogue": {
            "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }], "can": "own" } },
            "modules": [
                { "id": "docs", "access": {}, "permissions": [
                    { "id": "docs.read", "scale": "reach" },
                    { "id": "docs.write", "levels": { "allowed": { "implies": { "docs.read": "own" } } } },
                    { "id": "docs.share", "levels": { "allowed": { "condition": { "eq": [{ "attribute": "context.office" }, true] } } } }
                ] },
                { "id": "lab", "requires": "lab", "permissions": [{ "id": "lab.enter" }] }
            ],
            "resource_types": [{ "id": "folder", "pattern": "folders/{folder}" }]
        },
        "roles": [
            { "id": "member", "name": "Member", "base": true, "grants": {} },
            { "id": "root", "name": "Root", "kind": "built_in", "audience": "admin", "superuser": true },
            { "id": "reader", "name": "Reader", "grants": { "docs.read": "own", "lab.enter": "allowed" } },
            { "id": "writer", "name": "Writer", "inherits": ["reader"], "grants": { "docs.write": "allowed" } },
            { "id": "sharer", "name": "Sharer", "grants": { "docs.share": "allowed" } },
            { "id": "spare", "name": "Spare", "grants": { "docs.read": "own" } }
        ],
        "packages": [{ "id": "basic", "name": "Basic", "roles": [{ "role": "reader", "link": "b1" }] }]
    })
}

fn world() -> State {
    let policy = PolicyDocument::from_json(&policy().to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({
        "ana": { "id": "ana", "status": "active" },
        "bob": { "id": "bob", "status": "active", "package": { "package": "basic", "link": "l-bob" } },
        "cat": { "id": "cat", "status": "active", "package": { "package": "basic", "link": "l-cat" } },
        "dan": { "id": "dan", "status": "disabled" },
        "eve": { "id": "eve", "status": "active" },
        "sam": { "id": "sam", "status": "active", "sign_in": true }
    }));
    documents.directory.groups = table(json!({ "pens": { "id": "pens", "name": "Pens" } }));
    documents.directory.memberships =
        table(json!({ "m": { "id": "m", "group": "pens", "member": { "user": "eve" } } }));
    documents.directory.assignments = table(json!({
        "a-ana": { "id": "a-ana", "principal": { "user": "ana" }, "role": "writer", "scope": "folders/a" },
        "a-dan": { "id": "a-dan", "principal": { "user": "dan" }, "role": "writer" },
        "a-pen": { "id": "a-pen", "principal": { "group": "pens" }, "role": "writer" },
        "a-sam": { "id": "a-sam", "principal": { "user": "sam" }, "role": "root" },
        "a-spa": { "id": "a-spa", "principal": { "user": "cat" }, "role": "spare" }
    }));
    State::build(documents, Stamp { epoch: 0, revision: 100 })
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn changed(state: &State, change: Value) -> State {
    let change: Change =
        serde_json::from_value(change.clone()).unwrap_or_else(|error| panic!("{change}: {error}"));
    let context = Context { now: NOW, id: "c".to_owned() };
    state.change(&change, &Actor::Operator, &context).unwrap_or_else(|refusal| panic!("{refusal}")).state
}

/// For every user, permission and place that is asked about, what is held, by asking.
fn everything(
    state: &State,
    asked: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<(String, String, String), Vec<When>> {
    let mut all = BTreeMap::new();
    for subject in state.subjects() {
        for scope in asked.get(subject.id()).into_iter().flatten() {
            let place = ResourcePath::parse(scope).unwrap();
            for permission in state.catalogue().handles() {
                let top = state.catalogue().scale(permission).unwrap().top();
                let when = |level| state.when(&subject, permission, Level(level), &place, Request::new(NOW));
                let whens: Vec<When> = (1..=top.0).map(when).take_while(|when| *when != When::No).collect();
                if !whens.is_empty() {
                    let id = state.catalogue().id(permission).to_owned();
                    all.insert((subject.id().to_owned(), scope.clone(), id), whens);
                }
            }
        }
    }
    all
}

/// The triples of user, place and permission that differ.
fn differing(diff: &Diff) -> BTreeSet<(String, String, String)> {
    let of_user = |(user, differences): &(String, std::sync::Arc<[Difference]>)| {
        let of = |it: &Difference| (user.clone(), it.scope.clone(), it.permission.clone());
        differences.iter().map(of).collect::<Vec<_>>()
    };
    diff.users.iter().flat_map(of_user).collect()
}

fn by_asking(before: &State, after: &State) -> BTreeSet<(String, String, String)> {
    // The places at which somebody holds something before or after, and the tenant.
    let mut scopes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for state in [before, after] {
        for subject in state.subjects() {
            let held = state.held_roles(&subject, &ResourcePath::tenant(), Request::new(NOW));
            let places = scopes.entry(subject.id().to_owned()).or_default();
            places.extend(held.into_iter().map(|held| held.scope).chain(["/".to_owned()]));
        }
    }
    let (was, is) = (everything(before, &scopes), everything(after, &scopes));
    was.keys().chain(is.keys()).filter(|key| was.get(*key) != is.get(*key)).cloned().collect()
}

#[test]
fn a_difference_is_told_exactly_where_an_answer_differs() {
    let state = world();
    let assign = |who: Value, role: &str, scope: &str| json!({ "change": "assign", "assignment": { "principal": who, "role": role, "scope": scope } });
    let role = |role: Value| json!({ "change": "update_role", "role": role });
    let changes = [
        assign(json!({ "user": "bob" }), "writer", "/"),
        assign(json!({ "user": "bob" }), "sharer", "folders/b"),
        assign(json!({ "user": "cat" }), "reader", "/"),
        assign(json!({ "user": "dan" }), "sharer", "/"),
        assign(json!("everyone"), "sharer", "/"),
        assign(json!({ "group": "pens" }), "root", "folders/a"),
        json!({ "change": "unassign", "id": "a-ana" }),
        json!({ "change": "remove_member", "id": "m" }),
        json!({ "change": "set_status", "id": "dan", "status": "active" }),
        json!({ "change": "set_status", "id": "eve", "status": "disabled" }),
        json!({ "change": "set_package", "id": "bob", "package": null }),
        json!({ "change": "delete_user", "id": "ana" }),
        json!({ "change": "delete_role", "id": "spare" }),
        role(json!({ "id": "reader", "name": "Reader", "grants": { "docs.read": "all" } })),
        role(
            json!({ "id": "reader", "name": "Readers", "grants": { "docs.read": "own", "lab.enter": "allowed" } }),
        ),
        role(
            json!({ "id": "member", "name": "Member", "base": true, "grants": { "docs.share": "allowed" } }),
        ),
        role(json!({ "id": "writer", "name": "Writer", "grants": { "docs.write": "allowed" } })),
        json!({ "change": "update_package", "package": { "id": "basic", "name": "Basic", "roles": ["reader", "sharer"] } }),
        json!({ "change": "update_settings", "settings": { "products": ["lab"] } }),
    ];
    let mut differed = 0;
    for change in changes {
        let after = changed(&state, change.clone());
        let told = diff(&state, &after, NOW);
        assert_eq!(differing(&told), by_asking(&state, &after), "{change}");
        assert!(told.users.is_sorted_by(|(left, _), (right, _)| left < right));
        differed += told.users.len();
        let back = diff(&after, &state, NOW);
        assert_eq!(differing(&back), differing(&told), "{change}");
        for (forth, back) in told.summary.iter().zip(&back.summary) {
            assert_eq!((forth.gain, forth.lose), (back.lose, back.gain), "{change}");
        }
        assert_eq!(differing(&diff(&after, &after, NOW)), BTreeSet::new());
    }
    assert!(differed >= 20, "{differed} differences");
}

#[test]
fn a_difference_says_what_was_and_what_is_and_how_many_gain_and_lose() {
    let state = world();
    let edit = json!({ "change": "update_role", "role": {
        "id": "reader", "name": "Reader", "grants": { "docs.read": "all", "docs.share": "allowed" } } });
    let told = diff(&state, &changed(&state, edit), NOW);
    let users: Vec<&str> = told.users.iter().map(|(user, _)| user.as_str()).collect();
    assert_eq!(users, ["ana", "bob", "cat", "eve"]);
    let ana = serde_json::to_value(&*told.users.first().unwrap().1).unwrap();
    let office = json!({ "eq": [{ "attribute": "context.office" }, true] });
    assert_eq!(
        ana,
        json!([
            { "permission": "docs.read", "scope": "folders/a", "before": { "level": "own" }, "after": { "level": "all" } },
            { "permission": "docs.share", "scope": "folders/a", "before": { "level": "none" },
              "after": { "level": "none", "conditional": [{ "level": "allowed", "when": { "if": office } }] } },
        ])
    );
    let summary = serde_json::to_value(&told.summary).unwrap();
    assert_eq!(
        summary,
        json!([
            { "permission": "docs.read", "gain": 4, "lose": 0, "may_differ": 0 },
            { "permission": "docs.share", "gain": 4, "lose": 0, "may_differ": 0 },
        ])
    );
}

/// A level that is raised may bring, on its own condition, what was there on another.
#[test]
fn a_condition_that_becomes_another_is_a_difference() {
    let condition = |name: &str| json!({ "eq": [{ "attribute": format!("context.{name}") }, true] });
    let brings = |role: Value, by_q: Value, by_p: Value| -> BTreeSet<String> {
        let policy = |grants: Value| {
            let policy = json!({
                "format": 1,
                "name": "World",
                "catalogue": {
                    "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }], "can": "own" } },
                    "modules": [{ "id": "m", "permissions": [
                        { "id": "m.p", "scale": "reach", "levels": { "all": by_p } },
                        { "id": "m.q", "levels": { "allowed": by_q } },
                        { "id": "m.r" }
                    ] }]
                },
                "roles": [
                    { "id": "root", "name": "Root", "kind": "built_in", "audience": "admin", "superuser": true },
                    { "id": "one", "name": "One", "grants": grants }
                ]
            });
            PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"))
        };
        let mut documents = Documents::of_policy(&policy(role.clone()));
        documents.directory.users = table(json!({ "ana": { "id": "ana", "status": "active" } }));
        documents.directory.assignments =
            table(json!({ "a": { "id": "a", "principal": { "user": "ana" }, "role": "one" } }));
        let before = State::build(documents, Stamp { epoch: 0, revision: 1 }).unwrap();
        let mut edited = before.role("one").unwrap().clone();
        edited.grants.insert("m.p".to_owned(), "all".to_owned());
        let after = changed(&before, json!({ "change": "update_role", "role": edited }));
        let differ = differing(&diff(&before, &after, NOW));
        assert_eq!(differ, by_asking(&before, &after));
        differ.into_iter().map(|(_, _, permission)| permission).collect()
    };
    let held = json!({ "m.q": "allowed", "m.p": "own" });
    let both_bring = brings(
        held.clone(),
        json!({ "condition": condition("w"), "implies": { "m.r": "allowed" } }),
        json!({ "condition": condition("y"), "implies": { "m.r": "allowed" } }),
    );
    assert_eq!(both_bring, ["m.p", "m.r"].map(str::to_owned).into());
    let one_brings_the_other = brings(
        held,
        json!({ "condition": condition("z"), "implies": { "m.p": "all" } }),
        json!({ "condition": condition("y") }),
    );
    assert_eq!(one_brings_the_other, ["m.p"].map(str::to_owned).into());
}

#[test]
fn users_for_whom_the_same_differs_share_it() {
    let state = world();
    let after = changed(
        &state,
        json!({ "change": "assign", "assignment": { "principal": "everyone", "role": "spare", "scope": "/" } }),
    );
    let told = diff(&state, &after, NOW);
    assert_eq!(told.users.iter().map(|(user, _)| user.as_str()).collect::<Vec<_>>(), ["ana"]);
}

fn of_policy(policy: &PolicyDocument) -> State {
    State::build(Documents::of_policy(policy), Stamp::default()).unwrap()
}

#[test]
fn every_policy_is_equivalent_to_itself_whatever_its_words_are() {
    for (id, _) in TEMPLATES {
        let policy = template(id).unwrap_or_else(|error| panic!("{error}"));
        let mut renamed = policy.clone();
        for role in &mut renamed.roles {
            role.name.push('!');
            role.description.clear();
        }
        assert_eq!(equivalence(&of_policy(&policy), &of_policy(&renamed)), Equivalence::Same, "{id}");
    }
    for (stem, file) in case_files().unwrap_or_else(|error| panic!("{error}")) {
        let state = of_policy(&file.policy().unwrap());
        assert_ne!(equivalence(&state, &state), Equivalence::Differs(Vec::new()), "{stem}");
    }
}

#[test]
fn policies_that_give_otherwise_are_not_equivalent() {
    let parse = |policy: Value| {
        of_policy(&PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}")))
    };
    let state = parse(policy());
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut policy = policy();
        edit(&mut policy);
        equivalence(&state, &parse(policy))
    };
    let differs =
        |roles: &[&str]| Equivalence::Differs(roles.iter().map(|role| (*role).to_owned()).collect());
    // What is inherited may as well be granted.
    let spelt_out = edited(&|policy| {
        policy["roles"][3] = json!({ "id": "writer", "name": "Writer", "grants": { "docs.read": "own", "lab.enter": "allowed", "docs.write": "allowed" } });
    });
    assert_eq!(spelt_out, Equivalence::Same);
    let more = edited(&|policy| policy["roles"][2]["grants"]["docs.read"] = json!("all"));
    assert_eq!(more, differs(&["reader", "writer"]));
    let gone = edited(&|policy| drop(policy["roles"].as_array_mut().unwrap().pop()));
    assert_eq!(gone, differs(&["spare"]));
    let elsewhere = edited(&|policy| {
        let condition =
            &mut policy["catalogue"]["modules"][0]["permissions"][2]["levels"]["allowed"]["condition"];
        *condition = json!({ "eq": [{ "attribute": "context.office" }, false] });
    });
    assert_eq!(elsewhere, Equivalence::MayDiffer(vec!["sharer".to_owned()]));
    let always = edited(&|policy| policy["catalogue"]["modules"][0]["permissions"][2]["levels"] = json!({}));
    assert_eq!(always, Equivalence::MayDiffer(vec!["sharer".to_owned()]));
}
