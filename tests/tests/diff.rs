//! Differences between two states, compared with every question before and after; and equivalence.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::diff::{Diff, Difference, diff, diff_to_come};
use rolewright_model::documents::Documents;
use rolewright_model::equivalence::{Equivalence, equivalence};
use rolewright_model::held::HeldLevel;
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

/// Who holds a role that makes superusers, now or later, and held none before, by asking about everybody.
fn made_superusers(before: &State, after: &State) -> BTreeSet<String> {
    let is = |state: &State, id: &str| {
        state.subject(id).is_some_and(|subject| {
            let held = state.held_roles(&subject, &ResourcePath::tenant(), Request::new(NOW)).into_iter();
            let mut lasting = held.filter(|held| held.until.is_none_or(|until| until > NOW));
            lasting.any(|held| state.makes_superusers(&held.role))
        })
    };
    let everybody = after.documents().directory.users.keys();
    everybody.filter(|id| is(after, id) && !is(before, id)).cloned().collect()
}

#[test]
fn who_comes_to_be_a_superuser_is_counted_whatever_the_way_active_or_not_and_once() {
    let heir =
        json!({ "change": "create_role", "role": { "id": "heir", "name": "Heir", "inherits": ["root"] } });
    let state = changed(&world(), heir);
    assert!(["root", "heir"].iter().all(|role| state.makes_superusers(role)));
    assert!(["reader", "member", "no role"].iter().all(|role| !state.makes_superusers(role)));
    let assign = |who: Value, rest: Value| {
        let mut assignment = json!({ "principal": who, "role": "root", "scope": "/" });
        assignment.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({ "change": "assign", "assignment": assignment })
    };
    let user = |id: &str| json!({ "user": id });
    let pens = json!({ "change": "add_member", "group": "pens", "member": { "user": "ana" } });
    let all = json!({ "change": "batch", "changes": [assign(user("ana"), json!({})), assign(user("bob"), json!({}))] });
    let of_pens = changed(&state, assign(json!({ "group": "pens" }), json!({})));
    for (before, change, expected) in [
        (&state, assign(user("ana"), json!({})), 1),
        (&state, assign(user("ana"), json!({ "role": "heir", "scope": "folders/a" })), 1),
        (&state, assign(user("ana"), json!({ "role": "writer" })), 0),
        (&state, assign(user("ana"), json!({ "from": 2_000_000 })), 1),
        (&state, assign(user("dan"), json!({})), 1),
        (&state, assign(user("sam"), json!({ "scope": "folders/a" })), 0),
        (&state, all, 2),
        (&state, assign(json!("everyone"), json!({})), 5),
        (&state, pens.clone(), 0),
        (&of_pens, pens, 1),
        (&of_pens, json!({ "change": "remove_member", "id": "m" }), 0),
        (
            &state,
            json!({ "change": "update_role", "role": { "id": "writer", "name": "Writer", "inherits": ["root"] } }),
            3,
        ),
    ] {
        let found = diff(before, &changed(before, change.clone()), NOW);
        assert_eq!(found.superusers.len(), expected, "{change}");
        assert_eq!(
            found.superusers.into_iter().collect::<BTreeSet<_>>(),
            made_superusers(before, &changed(before, change.clone()))
        );
    }
}

/// What is given later, and what is taken or prolonged that is not held now, is told from the moment on at which it differs.
#[test]
fn what_differs_later_alone_is_told_from_when_on() {
    let (soon, later) = (2_000_000, 3_000_000);
    let assign = |who: &str, role: &str, window: Value| {
        let mut assignment = json!({ "principal": { "user": who }, "role": role, "scope": "/" });
        assignment.as_object_mut().unwrap().extend(window.as_object().unwrap().clone());
        json!({ "change": "assign", "assignment": assignment })
    };
    let batch = |changes: &[Value]| json!({ "change": "batch", "changes": changes });
    let state = world();
    let waiting = changed(&state, assign("bob", "writer", json!({ "from": soon, "until": later })));
    let known = waiting.documents().directory.assignments.values();
    let id = known.into_iter().find(|known| known.from.is_some()).unwrap().id.clone();
    let window = |from: i64, until: i64| json!({ "change": "set_window", "id": id, "window": { "from": from, "until": until } });
    let nothing = assign("sam", "writer", json!({ "from": soon }));
    let bob_later = assign("bob", "writer", json!({ "from": later }));
    for (before, change, who, from) in [
        (&state, assign("bob", "writer", json!({})), vec!["bob"], None),
        (&state, assign("bob", "writer", json!({ "until": soon })), vec!["bob"], None),
        (&state, assign("bob", "writer", json!({ "from": soon, "until": later })), vec!["bob"], Some(soon)),
        (&state, batch(&[assign("ana", "writer", json!({})), bob_later.clone()]), vec!["ana"], None),
        // What gives nothing new does not stand in the way of what does.
        (&state, batch(&[nothing.clone(), bob_later]), vec!["bob"], Some(later)),
        (&state, nothing, vec![], None),
        // Who is not active holds nothing then either.
        (&state, assign("dan", "writer", json!({ "from": soon })), vec![], None),
        (&waiting, json!({ "change": "unassign", "id": id }), vec!["bob"], Some(soon)),
        (&waiting, window(soon, 4_000_000), vec!["bob"], Some(later)),
        (&waiting, window(2_500_000, later), vec!["bob"], Some(soon)),
    ] {
        let after = changed(before, change.clone());
        let (found, told) = diff_to_come(before, &after, NOW);
        let users: Vec<&str> = found.users.iter().map(|(user, _)| &**user).collect();
        assert_eq!((users, told), (who, from.map(Timestamp)), "{change}");
        let then = diff(before, &after, told.unwrap_or(NOW));
        assert_eq!((found.users, found.summary), (then.users, then.summary), "{change}");
    }
    let root = changed(&state, assign("ana", "root", json!({ "from": soon })));
    assert_eq!(diff_to_come(&state, &root, NOW).0.superusers, ["ana"]);
}

#[test]
fn a_difference_is_told_exactly_where_an_answer_differs() {
    // Somebody holds the base role alone.
    let zoe = json!({ "id": "zoe", "email": "zoe@example.com" });
    let state = changed(&world(), json!({ "change": "create_user", "user": zoe, "sign_in": true }));
    let assign = |who: Value, role: &str, scope: &str| json!({ "change": "assign", "assignment": { "principal": who, "role": role, "scope": scope } });
    let role = |role: Value| json!({ "change": "update_role", "role": role });
    let lab = json!({ "change": "update_settings", "settings": { "products": ["lab"] } });
    let moved = |beside: &[Value]| {
        let mut changes = vec![json!({ "change": "delete_role", "id": "sharer" })];
        changes.extend_from_slice(beside);
        json!({ "change": "batch", "changes": changes })
    };
    let mut imported = policy();
    imported["roles"][0]["grants"] = json!({ "docs.read": "own" });
    imported["roles"].as_array_mut().unwrap().insert(0, json!({ "id": "first", "name": "First" }));
    let changes = [
        assign(json!({ "user": "bob" }), "writer", "/"),
        assign(json!({ "user": "bob" }), "sharer", "folders/b"),
        assign(json!({ "user": "cat" }), "reader", "/"),
        assign(json!({ "user": "dan" }), "sharer", "/"),
        assign(json!("everyone"), "sharer", "/"),
        assign(json!("everyone"), "writer", "folders/a"),
        assign(json!("everyone"), "spare", "/"),
        assign(json!("everyone"), "root", "folders/b"),
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
        lab.clone(),
        // Where roles stand at other positions everybody is compared.
        json!({ "change": "delete_role", "id": "sharer" }),
        moved(&[lab]),
        moved(&[role(json!({ "id": "reader", "name": "Reader", "grants": { "docs.read": "all" } }))]),
        moved(&[role(
            json!({ "id": "member", "name": "Member", "base": true, "grants": { "docs.read": "own" } }),
        )]),
        moved(&[role(json!({ "id": "reader", "name": "Readers", "description": "Who read",
            "grants": { "docs.read": "own", "lab.enter": "allowed" } }))]),
        moved(&[
            assign(json!({ "user": "bob" }), "writer", "/"),
            assign(json!({ "user": "cat" }), "reader", "/"),
        ]),
        moved(&[json!({ "change": "set_status", "id": "eve", "status": "disabled" })]),
        json!({ "change": "import_policy", "policy": imported }),
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
        for (told, was, is) in [(&told, &state, &after), (&back, &after, &state)] {
            assert_eq!(
                told.superusers.iter().cloned().collect::<BTreeSet<_>>(),
                made_superusers(was, is),
                "{change}"
            );
        }
        for (forth, back) in told.summary.iter().zip(&back.summary) {
            assert_eq!((forth.gain, forth.lose), (back.lose, back.gain), "{change}");
        }
        assert_eq!(differing(&diff(&after, &after, NOW)), BTreeSet::new());
    }
    assert!(differed >= 20, "{differed} differences");
}

/// However many permissions there are, and what everybody is given beside something else.
#[test]
fn what_everybody_gains_is_told_in_a_catalogue_of_any_size() {
    for size in [1, 20, 70, 150, 300] {
        let permissions: Vec<Value> = (0..size).map(|n| json!({ "id": format!("docs.p{n}") })).collect();
        let mut policy = policy();
        let modules = policy["catalogue"]["modules"].as_array_mut().unwrap();
        modules.push(json!({ "id": "more", "permissions": [] }));
        for permission in permissions {
            let id = permission["id"].as_str().unwrap().replace("docs.", "more.");
            modules[2]["permissions"].as_array_mut().unwrap().push(json!({ "id": id }));
        }
        let roles = policy["roles"].as_array_mut().unwrap();
        let last = format!("more.p{}", size - 1);
        roles.push(json!({ "id": "last", "name": "Last", "grants": { last.as_str(): "allowed" } }));
        let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
        let directory = world().documents().directory.clone();
        let documents = Documents { directory, ..Documents::of_policy(&policy) };
        let mut state = State::build(documents, Stamp { epoch: 0, revision: 100 }).unwrap();
        let everyone = |role: &str| {
            let assignment =
                json!({ "principal": "everyone", "role": role, "scope": "/", "source": "auto_assign" });
            json!({ "change": "assign", "assignment": assignment })
        };
        for role in ["reader", "last"] {
            let context = Context { now: NOW, id: format!("to-{role}") };
            let change: Change = serde_json::from_value(everyone(role)).unwrap();
            let after = state.change(&change, &Actor::Operator, &context).unwrap().state;
            let told = diff(&state, &after, NOW);
            assert_eq!(differing(&told), by_asking(&state, &after), "{role} of {size}");
            if role == "last" {
                // But for whoever is disabled, and the superuser.
                let gained: Vec<_> =
                    told.summary.iter().map(|it| (it.permission.as_str(), it.gain)).collect();
                assert_eq!(gained, [(last.as_str(), 4)], "{size}");
            }
            state = after;
        }
    }
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
            { "permission": "docs.read", "scope": "folders/a", "before": { "level": "own" }, "after": { "level": "all" }, "effect": "gain" },
            { "permission": "docs.share", "scope": "folders/a", "before": { "level": "none" },
              "after": { "level": "none", "conditional": [{ "level": "allowed", "when": { "if": office } }] },
              "effect": "gain" },
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

/// A product with one permission `docs.read` on a scale, and what else a policy says.
struct Product {
    levels: &'static [&'static str],
    can: &'static str,
    /// What the role `reader` grants of it.
    granted: &'static str,
}

impl Product {
    /// ana holds the role.
    fn state(&self) -> State {
        self.on(&[])
    }

    /// As [`Product::state`], where these levels are held on these conditions.
    fn on(&self, conditions: &[(&str, &Value)]) -> State {
        let levels: Vec<Value> = self.levels.iter().map(|id| json!({ "id": id })).collect();
        let conditions: BTreeMap<&str, Value> =
            conditions.iter().map(|(level, condition)| (*level, json!({ "condition": condition }))).collect();
        let grants = match self.granted {
            "" => json!({}),
            level => json!({ "docs.read": level }),
        };
        of_ana(&json!({
            "format": 1, "name": "Scales",
            "catalogue": {
                "scales": { "reach": { "levels": levels, "can": self.can } },
                "modules": [{ "id": "docs", "permissions": [{ "id": "docs.read", "scale": "reach", "levels": conditions }] }]
            },
            "roles": [root(), { "id": "reader", "name": "Reader", "grants": grants }]
        }))
    }
}

fn root() -> Value {
    json!({ "id": "root", "name": "Root", "kind": "built_in", "audience": "admin", "superuser": true })
}

/// A policy under which ana holds the role `reader` for the whole tenant.
fn of_ana(policy: &Value) -> State {
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({ "ana": { "id": "ana", "status": "active" } }));
    documents.directory.assignments =
        table(json!({ "a": { "id": "a", "principal": { "user": "ana" }, "role": "reader" } }));
    State::build(documents, Stamp { epoch: 0, revision: 1 })
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What differs for ana: each permission and scope, from which level to which, and how.
fn of_ana_differs(before: &State, after: &State) -> Vec<String> {
    of_ana_differs_by(before, after, |held| held.level.clone())
}

/// As [`of_ana_differs`], where that says what is held.
fn of_ana_differs_by(before: &State, after: &State, held: impl Fn(&HeldLevel) -> String) -> Vec<String> {
    let told = diff(before, after, NOW);
    let all = told.users.iter().flat_map(|(_, differences)| differences.iter());
    all.map(|it| {
        let effect = serde_json::to_value(it.effect).unwrap();
        let (was, is) = (held(&it.before), held(&it.after));
        format!("{} at {}: {was} -> {is}, {}", it.permission, it.scope, effect.as_str().unwrap())
    })
    .collect()
}

#[test]
fn levels_of_two_scales_are_compared_by_their_names() {
    let scale = |levels: &'static [&'static str], can, granted| Product { levels, can, granted };
    let three: &[&str] = &["none", "own", "all"];
    let cases = [
        (
            "a level comes between",
            scale(three, "all", "all"),
            scale(&["none", "own", "team", "all"], "all", "all"),
            "",
        ),
        (
            "a level comes below",
            scale(three, "all", "own"),
            scale(&["none", "team", "own", "all"], "all", "own"),
            "",
        ),
        (
            "a level goes that is not held",
            scale(three, "all", "all"),
            scale(&["none", "all"], "all", "all"),
            "",
        ),
        (
            "nothing is called otherwise",
            scale(three, "all", "own"),
            scale(&["no", "own", "all"], "all", "own"),
            "",
        ),
        (
            "a level of another name stands at the same place",
            scale(three, "all", "own"),
            scale(&["none", "all"], "all", "all"),
            "own -> all, gain",
        ),
        ("and back", scale(&["none", "all"], "all", "all"), scale(three, "all", "own"), "all -> own, lose"),
        (
            "the level goes",
            scale(three, "own", "own"),
            scale(&["none", "all"], "all", ""),
            "own -> none, lose",
        ),
        ("it comes to allow", scale(three, "all", "own"), scale(three, "own", "own"), "own -> own, gain"),
        ("it allows no more", scale(three, "own", "own"), scale(three, "all", "own"), "own -> own, lose"),
        (
            "it is called otherwise, and allows",
            scale(three, "own", "own"),
            scale(&["none", "mine", "all"], "mine", "mine"),
            "own -> mine, may_differ",
        ),
        (
            "it is called otherwise, and allows no more",
            scale(three, "own", "own"),
            scale(&["none", "mine", "all"], "all", "mine"),
            "own -> mine, lose",
        ),
        (
            "more is held, by a name that comes",
            scale(three, "all", "own"),
            scale(&["none", "own", "team", "all"], "all", "team"),
            "own -> team, gain",
        ),
        (
            "less is held, and the name goes",
            scale(&["none", "own", "team", "all"], "all", "team"),
            scale(three, "all", "own"),
            "team -> own, lose",
        ),
        (
            "something is held that allows nothing",
            scale(three, "all", ""),
            scale(&["none", "mine", "all"], "all", "mine"),
            "none -> mine, gain",
        ),
        (
            "nothing is held any more, of what allowed nothing",
            scale(&["none", "mine", "all"], "all", "mine"),
            scale(three, "all", ""),
            "mine -> none, lose",
        ),
        (
            "the order turns: own allows less",
            scale(&["none", "all", "own"], "all", "own"),
            scale(three, "all", "own"),
            "own -> own, lose",
        ),
        (
            "the order turns: own is asked by name",
            scale(&["none", "all", "own"], "own", "all"),
            scale(three, "own", "all"),
            "all -> all, gain",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let expected: Vec<String> =
            (!expected.is_empty()).then(|| format!("docs.read at /: {expected}")).into_iter().collect();
        let found = of_ana_differs(&before.state(), &after.state());
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// `own?` is held on a condition, beside what is held whatever a request says.
#[test]
fn levels_that_are_held_on_conditions_are_compared_by_their_names() {
    let scale = |levels: &'static [&'static str], can, granted| Product { levels, can, granted };
    let is = |name: &str| json!({ "eq": [{ "attribute": format!("context.{name}") }, true] });
    let (b, c, large) = (is("b"), is("c"), too_large(7, "x"));
    let three = scale(&["none", "own", "all"], "all", "all");
    let four = scale(&["none", "own", "team", "all"], "all", "all");
    let two = scale(&["none", "own"], "own", "own");
    let mine = scale(&["none", "mine", "all"], "all", "all");
    let cases = [
        (
            "a level between goes that was held on a condition of its own",
            four.on(&[("team", &b), ("all", &c)]),
            three.on(&[("all", &c)]),
            "own team? all? -> own all?, may_differ",
        ),
        (
            "a level between goes that was held on that of the next",
            four.on(&[("team", &c), ("all", &c)]),
            three.on(&[("all", &c)]),
            "",
        ),
        (
            "a level between goes of which it is not told when it was held",
            four.on(&[("team", &large), ("all", &c)]),
            three.on(&[("all", &c)]),
            "own team? all? -> own all?, may_differ",
        ),
        (
            "the highest level goes, of which it is not told when it was held",
            three.on(&[("all", &large)]),
            two.on(&[]),
            "own all? -> own, lose",
        ),
        (
            "nothing is called otherwise, beside what is held on a condition",
            three.on(&[("own", &b), ("all", &c)]),
            scale(&["no", "own", "all"], "all", "all").on(&[("own", &b), ("all", &c)]),
            "",
        ),
        (
            "nothing comes to be called as a level was",
            three.on(&[("own", &b), ("all", &c)]),
            scale(&["own", "all"], "all", "all").on(&[("all", &c)]),
            "none own? all? -> own all?, may_differ",
        ),
        (
            "what is held whatever is said is called otherwise",
            three.on(&[("all", &c)]),
            mine.on(&[("all", &c)]),
            "own all? -> mine all?, may_differ",
        ),
    ];
    let held = |held: &HeldLevel| {
        let conditional = held.conditional.iter().map(|it| format!("{}?", it.level));
        [held.level.clone()].into_iter().chain(conditional).collect::<Vec<_>>().join(" ")
    };
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let expected: Vec<String> =
            (!expected.is_empty()).then(|| format!("docs.read at /: {expected}")).into_iter().collect();
        let found = of_ana_differs_by(&before, &after, held);
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Where a type of resources comes or goes, so do places, and what is held there.
#[test]
fn what_is_held_at_places_that_come_or_go_is_told() {
    let state = |types: &[(&str, &str)], scope: &str, base: bool| {
        let types: Vec<Value> =
            types.iter().map(|(id, pattern)| json!({ "id": id, "pattern": pattern })).collect();
        let policy = json!({
            "format": 1, "name": "Places",
            "catalogue": {
                "modules": [{ "id": "docs", "permissions": [{ "id": "docs.read" }] }],
                "resource_types": types
            },
            "roles": [root(), { "id": "reader", "name": "Reader", "base": base, "grants": { "docs.read": "allowed" } }]
        });
        let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
        let mut documents = Documents::of_policy(&policy);
        documents.directory.users = table(json!({ "ana": { "id": "ana", "status": "active" } }));
        if !base {
            let held = json!({ "id": "a", "principal": { "user": "ana" }, "role": "reader", "scope": scope });
            documents.directory.assignments = table(json!({ "a": held }));
        }
        State::build(documents, Stamp { epoch: 0, revision: 1 })
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
    };
    let (space, folder) = (("space", "spaces/{space}"), ("folder", "folders/{folder}"));
    let (app, other) = (("app", "spaces/{space}/apps/{app}"), ("app", "spaces/{s}/apps/{a}"));
    type Types<'t> = &'t [(&'t str, &'t str)];
    type Case<'t> = (&'t str, Types<'t>, Types<'t>, &'t str, bool, &'t [&'t str]);
    let cases: [Case<'_>; 8] = [
        ("a type goes", &[space, folder], &[space], "/", false, &["folders/{folder}"]),
        (
            "a type goes that the base role reaches",
            &[space, folder],
            &[space],
            "/",
            true,
            &["folders/{folder}"],
        ),
        ("elsewhere", &[space, folder], &[space], "spaces/s", false, &[]),
        ("below", &[space, app], &[space], "spaces/s", false, &["spaces/s/apps/{app}"]),
        ("below the tenant", &[space, app], &[space], "/", false, &["spaces/{space}/apps/{app}"]),
        ("it is called otherwise", &[space, app], &[space, ("program", other.1)], "/", false, &[]),
        ("it is a place of another type still", &[space, app], &[app], "/", false, &[]),
        (
            "its literal becomes another",
            &[folder],
            &[("folder", "files/{folder}")],
            "/",
            false,
            &["files/{folder}", "folders/{folder}"],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, scope, base, expected) in cases {
        let (before, after) = (state(before, scope, base), state(after, scope, base));
        let told = diff(&before, &after, NOW);
        let scopes: Vec<&str> =
            told.users.iter().flat_map(|(_, all)| all.iter()).map(|it| it.scope.as_str()).collect();
        let back = diff(&after, &before, NOW);
        if scopes != expected || back.users.iter().map(|(_, all)| all.len()).sum::<usize>() != scopes.len() {
            wrong.push(format!("{name}: {scopes:?}, not {expected:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A condition whose normal form is too large to be told, of so many pairs.
fn too_large(pairs: usize, last: &str) -> Value {
    let is = |name: String, value: &str| json!({ "eq": [{ "attribute": format!("context.{name}") }, value] });
    let pair = |number: usize| {
        let value = if number + 1 == pairs { last } else { "x" };
        json!({ "any": [is(format!("a{number}"), "x"), is(format!("b{number}"), value)] })
    };
    json!({ "all": (0..pairs).map(pair).collect::<Vec<_>>() })
}

/// A condition that is not told in full may be another one, unless it is worked out from the same.
#[test]
fn what_may_differ_is_told_where_conditions_are_not() {
    let state = |condition: Value, by: Value, grants: Value| {
        of_ana(&json!({
            "format": 1, "name": "Unsaid",
            "catalogue": { "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.read", "levels": { "allowed": { "condition": condition } } },
                { "id": "docs.print", "levels": { "allowed": { "condition": by, "implies": { "docs.read": "allowed" } } } },
                { "id": "docs.list" }
            ] }] },
            "roles": [root(), { "id": "reader", "name": "Reader", "grants": grants }]
        }))
    };
    let (large, other, small) = (too_large(7, "x"), too_large(7, "y"), too_large(2, "x"));
    let read = json!({ "docs.read": "allowed" });
    let print = json!({ "docs.print": "allowed" });
    let both = json!({ "docs.read": "allowed", "docs.print": "allowed" });
    let read_and_list = json!({ "docs.read": "allowed", "docs.list": "allowed" });
    let before = state(large.clone(), small.clone(), read.clone());
    let may_differ = "docs.read at /: none -> none, may_differ";
    let gain = |id: &str, to: &str| format!("{id} at /: none -> {to}, gain");
    let cases = [
        ("the same", state(large.clone(), small.clone(), read.clone()), vec![]),
        ("one literal is another", state(other, small.clone(), read.clone()), vec![may_differ.to_owned()]),
        ("it is told now", state(small.clone(), small.clone(), read.clone()), vec![may_differ.to_owned()]),
        (
            "what is not held has another condition",
            state(large.clone(), too_large(1, "x"), read.clone()),
            vec![],
        ),
        (
            "something else is granted",
            state(large.clone(), small.clone(), read_and_list),
            vec![gain("docs.list", "allowed")],
        ),
        (
            "what brings it is granted",
            state(large.clone(), small.clone(), both),
            vec![gain("docs.print", "none"), may_differ.to_owned()],
        ),
        (
            "only what brings it is granted",
            state(large, small, print),
            vec![gain("docs.print", "none"), may_differ.to_owned()],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, after, expected) in cases {
        let found = of_ana_differs(&before, &after);
        let summary: usize =
            diff(&before, &after, NOW).summary.iter().map(|counted| counted.may_differ).sum();
        if found != expected || (summary > 0) != expected.iter().any(|it| it == may_differ) {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn an_edit_of_a_role_tells_what_may_differ() {
    let levels =
        |implied: Value| json!({ "allowed": { "condition": too_large(7, "x"), "implies": implied } });
    let before = of_ana(&json!({
        "format": 1, "name": "Unsaid",
        "catalogue": { "modules": [{ "id": "docs", "permissions": [
            { "id": "docs.read", "levels": levels(json!({})) },
            { "id": "docs.print", "levels": levels(json!({ "docs.read": "allowed" })) },
            { "id": "docs.list" }
        ] }] },
        "roles": [root(), { "id": "reader", "name": "Reader", "grants": { "docs.read": "allowed" } }]
    }));
    let edited = |permission: &str| {
        let grants = json!({ "docs.read": "allowed", permission: "allowed" });
        let role = json!({ "id": "reader", "name": "Reader", "grants": grants });
        changed(&before, json!({ "change": "update_role", "role": role }))
    };
    let may_differ = "docs.read at /: none -> none, may_differ";
    assert_eq!(of_ana_differs(&before, &edited("docs.list")), ["docs.list at /: none -> allowed, gain"]);
    assert_eq!(
        of_ana_differs(&before, &edited("docs.print")),
        ["docs.print at /: none -> none, gain", may_differ]
    );
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
        assert_eq!(equivalence(&state, &state), Equivalence::Same, "{stem}");
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
    // What is called alike allows more or less, whatever is asked.
    let allows = edited(&|policy| policy["catalogue"]["scales"]["reach"]["can"] = json!("all"));
    assert_eq!(allows, differs(&["reader", "spare", "writer"]));
    let higher = edited(&|policy| {
        policy["catalogue"]["modules"][0]["permissions"][0]["levels"] =
            json!({ "all": { "condition": { "eq": [{ "attribute": "context.office" }, true] } } });
        policy["roles"][5]["grants"]["docs.read"] = json!("all");
    });
    assert_eq!(higher, differs(&["spare"]));
}
