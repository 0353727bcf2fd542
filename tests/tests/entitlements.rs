//! Full users: who is promoted by what is given, and what entitlement switches give them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::collections::BTreeSet;

use rolewright_model::change::Kind;
use rolewright_model::directory::{AssignmentDocument, Principal, Source, Tier};
use rolewright_model::documents::Documents;
use rolewright_model::subject::Via;
use rolewright_model::{Code, Request, ResourcePath, State};
use rolewright_tests::world::{
    LATER, NOW, assign, assign_within, build, by, documents, facts, new_user, policy, role, user, with_id,
    world,
};
use serde_json::{Value, json};

fn set<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
    ids.map(str::to_owned).into()
}

fn full(state: &State) -> BTreeSet<String> {
    let full = state.documents().directory.users.values().filter(|user| user.tier == Tier::Full);
    full.map(|user| user.id.clone()).collect()
}

/// Who holds `role` because a switch wrote it.
fn entitled(state: &State, role: &str) -> BTreeSet<String> {
    let assignments = state.documents().directory.assignments.values();
    let written = assignments.filter(|known| known.source == Source::Entitlement && known.role == role);
    let user = |known: &AssignmentDocument| match &known.principal {
        Principal::User(user) => user.clone(),
        other => panic!("{other:?} is not a user"),
    };
    written.map(user).collect()
}

fn made(state: &State, change: &Value) -> State {
    by(state, "sam", change).unwrap_or_else(|refusal| panic!("{change}: {refusal:?}")).state
}

fn switch(role: &str, on: bool) -> Value {
    json!({ "change": "set_entitlement", "role": role, "on": on })
}

/// The world with the switches on, and rio and nil full users.
fn switched(on: &[&str]) -> State {
    let mut documents = documents();
    for id in ["rio", "nil"] {
        documents.directory.users.get_mut(id).unwrap().tier = Tier::Full;
    }
    on.iter().fold(build(documents), |state, role| made(&state, &switch(role, true)))
}

/// A package that carries `full`, with pete on it where `on`.
fn carrying_full() -> Documents {
    let mut documents = documents();
    let mut link = documents.packages["basic"].roles[0].clone();
    (link.role, link.link) = ("full".to_owned(), "empty-1".to_owned());
    documents.packages.get_mut("empty").unwrap().roles.push(link);
    documents
}

#[test]
fn s1_42_turning_a_switch_on_gives_the_role_to_full_users_alone() {
    let state = switched(&[]);
    let on = by(&state, "sam", &switch("spare", true)).unwrap();
    assert_eq!(entitled(&on.state, "spare"), set(["nil", "rio"]));
    let kinds: Vec<Kind> = on.writes.iter().map(|write| write.kind).collect();
    assert_eq!(kinds, [Kind::Settings, Kind::Assignment, Kind::Assignment]);
    let ids: Vec<&str> = on.writes.iter().skip(1).map(|write| write.id.as_str()).collect();
    assert_eq!(ids, ["new.0", "new.1"]);
    assert!(
        on.state.documents().directory.assignments.values().all(|known| {
            known.source != Source::Entitlement || known.scope == "/" && known.until.is_none()
        })
    );
    let nil = on.state.subject("nil").unwrap();
    let held = on.state.held_roles(&nil, &ResourcePath::tenant(), Request::new(NOW));
    let via = held.into_iter().find(|held| held.role == "spare").map(|held| held.via);
    assert_eq!(via, Some(Via::Entitlement { assignment: "new.0".to_owned() }));
}

#[test]
fn s1_41_turning_it_off_takes_nothing_and_gives_no_more() {
    let off = made(&switched(&["spare"]), &switch("spare", false));
    assert_eq!(entitled(&off, "spare"), set(["nil", "rio"]));
    let more = made(&off, &assign(user("max"), "full"));
    assert!(full(&more).contains("max"));
    assert_eq!(entitled(&more, "spare"), set(["nil", "rio"]));
}

#[test]
fn one_removed_by_hand_is_not_rewritten() {
    let state = switched(&["spare"]);
    let mut assignments = state.documents().directory.assignments.values();
    let link = assignments.find(|known| known.source == Source::Entitlement).unwrap().id.clone();
    let removed = made(&state, &with_id("unassign", &link));
    assert_eq!(entitled(&removed, "spare").len(), 1);
    for change in [
        switch("spare", true),
        switch("stem", true),
        assign(user("nil"), "full"),
        assign(user("rio"), "full"),
        assign(user("max"), "stem"),
    ] {
        let after = made(&removed, &change);
        assert_eq!(entitled(&after, "spare").len(), 1, "{change}");
    }
}

#[test]
fn turning_it_on_again_gives_it_to_those_who_do_not_have_it_from_the_switch() {
    let off = made(&switched(&["spare"]), &switch("spare", false));
    let more = made(&off, &assign(user("max"), "full"));
    let on = by(&more, "sam", &switch("spare", true)).unwrap();
    let new: Vec<_> = on.writes.iter().filter(|write| write.kind == Kind::Assignment).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert_eq!(entitled(&on.state, "spare"), set(["max", "nil", "rio"]));
}

#[test]
fn who_holds_the_role_otherwise_is_given_it_by_the_switch_too() {
    let state = made(&switched(&[]), &switch("reporter", true));
    assert!(entitled(&state, "reporter").contains("rio"), "S1-29: every source stands for itself");
}

/// S1-33, S1-40: every change that gives a role that promotes, and whom it makes full users.
#[test]
fn s1_33_whoever_is_given_a_role_that_promotes_becomes_a_full_user_and_gets_what_the_switches_give() {
    let assigned = |principal: Value| world(&[json!({ "id": "x", "principal": principal, "role": "full" })]);
    let member = |group: &str, who: Value| json!({ "change": "add_member", "group": group, "member": who });
    let package = |id: &str, roles: &[&str]| json!({ "change": "update_package", "package": { "id": id, "name": format!("The {id}"), "roles": roles } });
    let heir =
        json!({ "change": "create_role", "role": { "id": "heir", "name": "Heir", "inherits": ["full"] } });
    let heir_of_full = made(&world(&[]), &heir);
    let on_package = |package: &str| json!({ "change": "set_package", "id": "nil", "package": package });
    let everyone: BTreeSet<String> = documents().directory.users.keys().cloned().collect();
    let but_new: BTreeSet<String> = set(["fresh"]);
    let ended = json!({ "id": "x", "principal": { "group": "posters" }, "role": "full", "until": NOW.0 });
    let later = json!({ "id": "x", "principal": { "group": "posters" }, "role": "full", "from": LATER });
    let none = BTreeSet::new();
    let cases: Vec<(&str, State, Value, BTreeSet<String>)> = vec![
        ("directly", world(&[]), assign(user("nil"), "full"), set(["nil"])),
        ("at a place", world(&[]), assign_within("nil", "full", "servers/prod", None), set(["nil"])),
        ("by a role that inherits it", heir_of_full.clone(), assign(user("nil"), "heir"), set(["nil"])),
        ("everyone", world(&[]), assign(json!("everyone"), "full"), everyone),
        ("a group", world(&[]), assign(json!({ "group": "posters" }), "full"), set(["guy"])),
        (
            "a group with one within",
            made(&world(&[]), &member("outer", user("nil"))),
            assign(json!({ "group": "posters" }), "full"),
            set(["guy", "nil"]),
        ),
        ("a group without members", world(&[]), assign(json!({ "group": "readers" }), "full"), none.clone()),
        (
            "an invitation",
            world(&[]),
            json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["full"] }),
            but_new.clone(),
        ),
        (
            "joining a group",
            assigned(json!({ "group": "posters" })),
            member("posters", user("nil")),
            set(["nil"]),
        ),
        (
            "joining one within it",
            assigned(json!({ "group": "posters" })),
            member("outer", user("nil")),
            set(["nil"]),
        ),
        (
            "a group that joins",
            assigned(json!({ "group": "posters" })),
            member("outer", json!({ "group": "void" })),
            set(["idle"]),
        ),
        (
            "joining a group above which nothing promotes",
            assigned(json!({ "group": "outer" })),
            member("posters", user("nil")),
            none.clone(),
        ),
        (
            "joining a group whose role has ended",
            world(&[ended]),
            member("posters", user("nil")),
            none.clone(),
        ),
        (
            "joining a group whose role begins later",
            world(&[later]),
            member("posters", user("nil")),
            set(["nil"]),
        ),
        ("a person on a package", build(carrying_full()), on_package("empty"), set(["nil"])),
        ("a person on another package", build(carrying_full()), on_package("basic"), none.clone()),
        ("a role on a package", world(&[]), package("basic", &["reporter", "full"]), set(["rio"])),
        ("a role that stays on a package", build(carrying_full()), package("empty", &["full"]), none.clone()),
        (
            "a role instead of another on packages",
            world(&[]),
            json!({ "change": "replace_role_in_packages", "role": "reporter", "with": "full" }),
            set(["rio"]),
        ),
        (
            "a new user where everyone is promoted",
            assigned(json!("everyone")),
            json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": true }),
            but_new.clone(),
        ),
        (
            "an invitation where everyone is promoted",
            assigned(json!("everyone")),
            json!({ "change": "invite_user", "user": new_user("fresh") }),
            but_new,
        ),
        ("a role that does not promote", world(&[]), assign(user("nil"), "spare"), none.clone()),
        (
            "S1-34 everyone, by a role that does not",
            world(&[]),
            assign(json!("everyone"), "spare"),
            none.clone(),
        ),
        (
            "an edit that marks the role",
            world(&[]),
            json!({ "change": "update_role", "role": { "id": "reporter", "name": "Reporter", "promotes": true } }),
            none,
        ),
    ];
    for (name, state, change, expected) in cases {
        let state = made(&state, &switch("spare", true));
        assert_eq!(full(&state), BTreeSet::new(), "{name}: nobody is full before");
        let after = made(&state, &change);
        assert_eq!(full(&after), expected, "{name}");
        assert_eq!(entitled(&after, "spare"), expected, "{name}: what the switch gives");
    }
}

#[test]
fn what_promotes_for_a_while_makes_full_users_of_who_joins_and_not_once_it_has_ended() {
    let group =
        |until: i64| json!({ "id": "x", "principal": { "group": "void" }, "role": "full", "until": until });
    let everyone = |until: i64| json!({ "id": "x", "principal": "everyone", "role": "full", "until": until });
    let member = json!({ "change": "add_member", "group": "void", "member": user("nil") });
    let new = json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": true });
    for (given, change, who) in [
        (json!([]), assign_within("nil", "full", "/", Some(LATER)), "nil"),
        (json!([group(LATER)]), member.clone(), "nil"),
        (json!([everyone(LATER)]), new.clone(), "fresh"),
    ] {
        let state = world(given.as_array().unwrap());
        assert!(full(&made(&state, &change)).contains(who), "{change}");
    }
    for (given, change, who) in
        [(json!([group(NOW.0)]), member, "nil"), (json!([everyone(NOW.0)]), new, "fresh")]
    {
        let state = world(given.as_array().unwrap());
        assert!(!full(&made(&state, &change)).contains(who), "{change}");
    }
}

#[test]
fn taking_a_role_that_promotes_leaves_a_full_user() {
    let state = made(&world(&[]), &assign(user("nil"), "full"));
    assert_eq!(full(&made(&state, &with_id("unassign", "new.0"))), set(["nil"]));
}

#[test]
fn an_import_turns_switches_and_promotes_like_every_other_change() {
    let mut policy = policy();
    policy["settings"]["entitlements"] = json!({ "spare": true, "stem": false });
    policy["packages"][0]["roles"] = json!([{ "role": "full" }]);
    let state = made(&switched(&[]), &json!({ "change": "import_policy", "policy": policy }));
    assert_eq!(full(&state), set(["nil", "rio"]));
    assert_eq!(entitled(&state, "spare"), set(["nil", "rio"]));
    assert_eq!(entitled(&state, "stem"), BTreeSet::new());
    let again = by(&state, "sam", &json!({ "change": "import_policy", "policy": policy })).unwrap();
    assert!(again.writes.iter().all(|write| write.kind != Kind::Assignment), "once");
    let mut promoting = state.policy_document();
    promoting.auto_assign.push("full".to_owned());
    let all = made(&state, &json!({ "change": "import_policy", "policy": promoting }));
    assert_eq!(full(&all).len(), all.documents().directory.users.len());
    assert_eq!(entitled(&all, "spare"), full(&all));
}

#[test]
fn settings_that_say_a_switch_is_on_turn_it_on() {
    let settings = |on: bool| json!({ "change": "update_settings", "settings": { "products": ["core"], "entitlements": { "spare": on } } });
    let on = made(&switched(&[]), &settings(true));
    assert_eq!(entitled(&on, "spare"), set(["nil", "rio"]));
    let off = made(&on, &settings(false));
    assert_eq!(entitled(&off, "spare"), set(["nil", "rio"]));
}

#[test]
fn deleting_the_role_takes_its_switch_along() {
    let gone = made(&switched(&["spare"]), &with_id("delete_role", "spare"));
    assert!(gone.documents().settings.entitlements.is_empty());
    assert!(entitled(&gone, "spare").is_empty());
}

#[test]
fn nobody_gives_by_a_switch_what_they_do_not_hold() {
    let state = switched(&[]);
    let settings = |role: &str| json!({ "change": "update_settings", "settings": { "products": ["core"], "entitlements": { role: true } } });
    facts(
        &state,
        vec![
            ("a switch", "ada", switch("poster", true), Some(Code::NotHeld)),
            ("a switch, held", "ada", switch("reporter", true), None),
            ("turning it off", "ada", switch("poster", false), None),
            ("by the settings", "ada", settings("poster"), Some(Code::NotHeld)),
            ("by the settings, held", "ada", settings("reporter"), None),
            (
                "without a way to give roles",
                "key:settings.manage,reports.view,reports.run",
                switch("reporter", true),
                Some(Code::MissingPermission),
            ),
            (
                "without a way to give roles, by the settings",
                "key:settings.manage,reports.view,reports.run",
                settings("reporter"),
                Some(Code::MissingPermission),
            ),
            ("without the settings", "esc", switch("reporter", true), Some(Code::MissingPermission)),
            (
                "a key",
                "key:settings.manage,users.assign_roles,reports.view,reports.run",
                switch("reporter", true),
                None,
            ),
            ("a superuser", "sam", switch("poster", true), None),
            ("a superuser role, by whomever", "sam", switch("root", true), Some(Code::Invalid)),
            ("the base role", "sam", switch("member", true), Some(Code::Invalid)),
            ("a role that is not there", "sam", switch("no", true), Some(Code::Unknown)),
            (
                "a switch's assignment by hand",
                "sam",
                json!({ "change": "assign", "assignment": { "principal": user("max"), "role": "spare", "scope": "/", "source": "entitlement" } }),
                Some(Code::Invalid),
            ),
            (
                "an auto-assignment to one person",
                "sam",
                json!({ "change": "assign", "assignment": { "principal": user("max"), "role": "spare", "scope": "/", "source": "auto_assign" } }),
                Some(Code::Invalid),
            ),
            (
                "an auto-assignment to everyone",
                "sam",
                json!({ "change": "assign", "assignment": { "principal": "everyone", "role": "spare", "scope": "/", "source": "auto_assign" } }),
                None,
            ),
        ],
    );
    let edit = json!({ "change": "update_role", "role": role("spare", &["mail.view"]) });
    let mut alone = documents();
    alone.directory.assignments.remove("a-idle");
    let off = build(alone);
    facts(&off, vec![("an edit of a role that nobody holds", "ada", edit.clone(), None)]);
    let on = made(&off, &switch("spare", true));
    let nobody_full = world(&[]);
    facts(
        &nobody_full,
        vec![("a switch that gives nobody anything yet", "ada", switch("poster", true), Some(Code::NotHeld))],
    );
    facts(&on, vec![("an edit of a role that a switch gives", "ada", edit, Some(Code::NotHeld))]);
}

/// Who makes a full user gives what the switches give; a new user is full by what everyone is given.
#[test]
fn who_promotes_holds_what_the_switches_give() {
    let state = made(&world(&[]), &switch("poster", true));
    facts(
        &state,
        vec![
            ("promoting", "ada", assign(user("nil"), "full"), Some(Code::NotHeld)),
            ("promoting", "sam", assign(user("nil"), "full"), None),
            (
                "promoting by an invitation",
                "ada",
                json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["full"] }),
                Some(Code::NotHeld),
            ),
            ("not promoting", "ada", assign(user("nil"), "reporter"), None),
        ],
    );
    let standing = made(&state, &assign(json!("everyone"), "full"));
    facts(
        &standing,
        vec![
            (
                "a new user",
                "ada",
                json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": true }),
                None,
            ),
            ("promoting one who is full", "ada", assign(user("nil"), "full"), None),
            // A key is no user, and so is given nothing by what everyone is given.
            (
                "a new user, by who holds nothing of it",
                "key:users.manage",
                json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": true }),
                None,
            ),
        ],
    );
}
