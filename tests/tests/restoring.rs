//! Who may take a change back: whoever may make the single changes that this amounts to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use rolewright_model::change::{Kind, Outcome};
use rolewright_model::directory::{Member, Source, Status, UserDocument};
use rolewright_model::restore::{ChangedSince, NotTakenBack, WayBack, restoring, taken_back};
use rolewright_model::{Change, Code, State, Timestamp};
use rolewright_tests::world::{NOW, SOON, assign, by, new_user, policy, role, user, with_id, world};
use serde_json::{Value, json};

/// The change that takes back what the operator did.
fn undo(after: &State, made: &Outcome) -> Value {
    let then = taken_back(after.documents(), &made.writes).unwrap();
    serde_json::to_value(restoring(after.documents(), &then).change.unwrap()).unwrap()
}

fn made(state: &State, change: &Value) -> Outcome {
    by(state, "operator", change).unwrap_or_else(|refusal| panic!("{change}: {refusal:?}"))
}

#[test]
fn every_rule_of_the_single_changes_holds() {
    let mut edited = policy();
    edited["roles"][4]["description"] = json!("Runs it");
    let import = json!({ "change": "import_policy", "policy": edited });
    let attributes =
        |id: &str| json!({ "change": "set_attributes", "id": id, "attributes": { "region": "north" } });
    let status = json!({ "change": "set_status", "id": "rio", "status": "disabled" });
    let package = json!({ "change": "set_package", "id": "pat", "package": null });
    let update = |id: &str, grants: &[&str]| json!({ "change": "update_role", "role": role(id, grants) });
    let promoted = assign(user("nil"), "full");
    let facts = [
        ("a role that was given", assign(user("nil"), "reporter"), "ada", None),
        (
            "a role that was given, by whoever may not take it",
            assign(user("nil"), "reporter"),
            "keeper",
            Some(Code::MissingPermission),
        ),
        ("a role that was taken away", with_id("unassign", "a-rio"), "ada", None),
        ("one that gives more than one holds", with_id("unassign", "a-max"), "ada", Some(Code::NotHeld)),
        ("one that gives more, by a superuser", with_id("unassign", "a-max"), "sam", None),
        ("superuser that was given", assign(user("nil"), "root"), "ada", Some(Code::SuperuserOnly)),
        ("grants that were taken away", update("poster", &[]), "ada", Some(Code::NotHeld)),
        ("grants that were given", update("spare", &["mail.view"]), "ada", None),
        ("a superuser role that was edited", update("chief", &[]), "ada", Some(Code::SuperuserOnly)),
        ("a role that was deleted, nowhere held", with_id("delete_role", "leaf"), "ada", None),
        ("a person who was deleted", with_id("delete_user", "nil"), "ada", None),
        ("a person who held more", with_id("delete_user", "max"), "ada", Some(Code::PersonHoldsMore)),
        ("a person who was disabled", status, "ada", None),
        ("a package that was taken away", package, "ada", Some(Code::NotHeld)),
        ("attributes of one's own", attributes("ada"), "ada", Some(Code::OwnAttributes)),
        ("attributes of somebody else", attributes("nil"), "ada", None),
        (
            "a member of a group that gives more",
            with_id("remove_member", "m-guy"),
            "ada",
            Some(Code::NotHeld),
        ),
        ("nesting in one", with_id("remove_member", "m-nest"), "ada", Some(Code::NotHeld)),
        (
            "a group that was deleted and gave more",
            with_id("delete_group", "posters"),
            "ada",
            Some(Code::NotHeld),
        ),
        ("a policy with roles that are built in", import.clone(), "ada", Some(Code::SuperuserOnly)),
        ("the same by a superuser", import, "sam", None),
        ("the tier that came with a role", promoted.clone(), "ada", None),
        ("the same by whoever gives no roles", promoted, "key:users.manage", Some(Code::MissingPermission)),
        (
            "a key gives no more than it has",
            with_id("unassign", "a-rio"),
            "key:users.assign_roles",
            Some(Code::NotHeld),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, change, actor, expected) in facts {
        let state = world(&[]);
        let outcome = made(&state, &change);
        let actor = if actor == "keeper" { "nil" } else { actor };
        let found = by(&outcome.state, actor, &undo(&outcome.state, &outcome));
        if found.as_ref().err().map(|refusal| refusal.code) != expected {
            wrong.push(format!("{name}: expected {expected:?}, found {:?}", found.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_given_for_a_time_that_has_passed_comes_back_too() {
    let over = json!({ "id": "over", "principal": { "user": "nil" }, "role": "spare", "until": NOW.0 });
    let state = world(&[over]);
    for change in [with_id("unassign", "over"), with_id("delete_user", "nil")] {
        let outcome = made(&state, &change);
        for who in ["ada", "sam"] {
            let back = by(&outcome.state, who, &undo(&outcome.state, &outcome)).unwrap().state;
            let mut assignments = back.documents().directory.assignments.values();
            assert!(
                assignments.any(|link| link.role == "spare" && link.until == Some(NOW)),
                "{who} {change}"
            );
        }
    }
}

#[test]
fn what_comes_back_is_made_by_the_change_that_brings_it_back() {
    let state = world(&[]);
    let outcome = made(&state, &with_id("delete_user", "max"));
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    let directory = &back.documents().directory;
    let max = |state: &State| state.documents().directory.users.get("max").cloned().unwrap();
    // But for the password, which went with the person.
    assert_eq!((max(&state).sign_in, max(&back).sign_in), (true, false));
    assert_eq!(UserDocument { sign_in: true, ..max(&back) }, max(&state));
    let links: Vec<_> = directory
        .assignments
        .values()
        .filter(|link| link.role == "poster" && link.made == back.at())
        .collect();
    assert_eq!(links.len(), 1);
    assert!(links.iter().all(|link| link.id != "a-max"));
    // Passes of before name what is no more.
    assert!(outcome.revoked.contains(&"a-max".to_owned()));
}

#[test]
fn a_link_that_comes_back_is_new_and_one_that_stayed_keeps_its_id() {
    let state = world(&[]);
    let outcome = made(&state, &with_id("remove_member", "m-guy"));
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    let membership = |state: &State| {
        let memberships = state.documents().directory.memberships.values();
        memberships.filter(|link| link.member == Member::User("guy".to_owned())).cloned().collect::<Vec<_>>()
    };
    let [(was, is)] = &membership(&state).into_iter().zip(membership(&back)).collect::<Vec<_>>()[..] else {
        panic!("guy is in one group")
    };
    assert_eq!((&is.group, is.made), (&was.group, back.at()));
    assert_ne!(is.id, was.id);

    let package = |state: &State| state.documents().directory.users["pat"].package.clone().unwrap();
    let outcome = made(&state, &json!({ "change": "set_package", "id": "pat", "package": null }));
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    assert_eq!((package(&back).package, package(&back).made), (package(&state).package, back.at()));
    assert_ne!(package(&back).link, package(&state).link);
    let outcome = made(&state, &json!({ "change": "set_status", "id": "pat", "status": "disabled" }));
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    assert_eq!(package(&back), package(&state));

    // An assignment that is put back within its window is narrowed, as where the window is set.
    let known = state.documents().directory.assignments["a-max"].clone();
    let window = |from: Option<i64>, until: Option<i64>| {
        let mut then = json!(known);
        (then["from"], then["until"]) = (json!(from), json!(until));
        let put = json!({ "change": "put_back", "documents": { "assignments": { "a-max": then } } });
        made(&state, &put).state.documents().directory.assignments["a-max"].clone()
    };
    let narrowed = window(Some(NOW.0), Some(SOON));
    assert_eq!((narrowed.from, narrowed.until), (Some(NOW), Some(Timestamp(SOON))));
    assert_eq!(narrowed.made, known.made);
}

#[test]
fn a_group_or_package_comes_back_under_its_name_where_no_other_took_it() {
    let state = world(&[]);
    let renamed = json!({ "change": "update_group", "group": { "id": "void", "name": "Nobody" } });
    let outcome = made(&state, &renamed);
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    assert_eq!(back.documents(), state.documents());
    let name = state.documents().directory.groups["void"].name.to_uppercase();
    let other = json!({ "change": "create_group", "group": { "id": "other", "name": name } });
    let taken = made(&outcome.state, &other).state;
    let refused = by(&taken, "sam", &undo(&taken, &outcome)).unwrap_err();
    assert!(refused.message.contains("another group is called"), "{refused}");
    let package = |change: &str, id: &str, name: &str| json!({ "change": change, "package": { "id": id, "name": name } });
    let outcome = made(&state, &package("update_package", "empty", "Nothing"));
    let back = made(&outcome.state, &undo(&outcome.state, &outcome)).state;
    assert_eq!(back.documents(), state.documents());
    let taken = made(&outcome.state, &package("create_package", "other", "EMPTY")).state;
    let refused = by(&taken, "sam", &undo(&taken, &outcome)).unwrap_err();
    assert!(refused.message.contains("another package is called"), "{refused}");
}

#[test]
fn a_password_is_not_taken_back_and_comes_back_with_nothing() {
    let mut documents = world(&[]).documents().clone();
    documents.directory.users.get_mut("max").unwrap().sign_in = false;
    let state = State::build(documents, world(&[]).at()).unwrap();
    let first = made(&state, &with_id("set_password", "max"));
    let then = taken_back(first.state.documents(), &first.writes).unwrap();
    assert_eq!(restoring(first.state.documents(), &then).change, None);
}

#[test]
fn links_to_what_goes_go_too() {
    let state = world(&[]);
    let created = json!({ "change": "create_user", "user": new_user("new"), "sign_in": true });
    let outcome = made(&state, &created);
    let given = made(&outcome.state, &assign(user("new"), "reporter")).state;
    let joined = json!({ "change": "add_member", "group": "void", "member": { "user": "new" } });
    let given = made(&given, &joined).state;
    let back = made(&given, &undo(&given, &outcome)).state;
    assert_eq!(back.documents(), state.documents());
}

#[test]
fn an_entitlement_that_was_taken_away_comes_back_as_one() {
    let state = world(&[]);
    let state = made(&state, &assign(user("nil"), "full")).state;
    let on = json!({ "change": "set_entitlement", "role": "reporter", "on": true });
    let state = made(&state, &on).state;
    let written =
        state.documents().directory.assignments.values().find(|link| link.source == Source::Entitlement);
    let outcome = made(&state, &with_id("unassign", &written.unwrap().id));
    let back = by(&outcome.state, "ada", &undo(&outcome.state, &outcome)).unwrap().state;
    let written =
        back.documents().directory.assignments.values().filter(|link| link.source == Source::Entitlement);
    assert_eq!(written.count(), 1);
}

#[test]
fn an_acceptance_is_taken_back_and_not_made_again() {
    let state = world(&[]);
    let accepted = made(&state, &json!({ "change": "accept_invitation", "id": "ivo", "inviter": null }));
    let invited = made(&accepted.state, &undo(&accepted.state, &accepted));
    let ivo = invited.state.documents().directory.users.get("ivo").unwrap();
    assert_eq!((ivo.status, ivo.sign_in), (Status::Invited, false));
    let refused = by(&invited.state, "operator", &undo(&invited.state, &invited)).unwrap_err();
    assert_eq!(refused.code, Code::Invalid, "{refused}");
}

#[test]
fn names_that_were_taken_meanwhile_and_roles_that_are_needed_are_told() {
    let state = world(&[]);
    let deleted = made(&state, &with_id("delete_role", "leaf"));
    let mut named = role("other", &[]);
    named["name"] = json!("LEAF");
    let taken = made(&deleted.state, &json!({ "change": "create_role", "role": named })).state;
    let refused = by(&taken, "sam", &undo(&taken, &deleted)).unwrap_err();
    assert!(refused.message.contains("another role is called `Leaf`"), "{refused}");

    let created = made(&state, &json!({ "change": "create_role", "role": role("new", &[]) }));
    let mut heir = role("heir", &[]);
    heir["inherits"] = json!(["new"]);
    let needed = made(&created.state, &json!({ "change": "create_role", "role": heir })).state;
    assert_eq!(by(&needed, "sam", &undo(&needed, &created)).unwrap_err().code, Code::RoleInherited);
}

/// Of a superuser is asked no more than that all of it together is right.
#[test]
fn what_is_right_where_all_of_it_is_put_back_a_superuser_puts_back() {
    let back = |now: &State, then: &State, who: &str| {
        let change = restoring(now.documents(), then.documents()).change.unwrap();
        by(now, who, &serde_json::to_value(change).unwrap()).map(|outcome| outcome.state)
    };
    // A role that counts at servers alone now was held for the whole tenant.
    let then = made(&world(&[]), &assign(user("nil"), "leaf")).state;
    let link = then.documents().directory.assignments.values().find(|link| link.role == "leaf").unwrap();
    let mut limited = role("leaf", &[]);
    (limited["scope_types"], limited["name"]) = (json!(["server"]), json!("Leaf"));
    let now = made(&then, &with_id("unassign", &link.id)).state;
    let now = made(&now, &json!({ "change": "update_role", "role": limited })).state;
    let assigned = back(&now, &then, "sam").unwrap();
    let mut assignments = assigned.documents().directory.assignments.values();
    assert!(assignments.any(|link| link.role == "leaf" && link.scope == "/"));
    // A role and the one that inherits it go together.
    let then = world(&[]);
    let now = made(&then, &json!({ "change": "create_role", "role": role("new", &[]) })).state;
    let mut heir = role("heir", &[]);
    heir["inherits"] = json!(["new"]);
    let now = made(&now, &json!({ "change": "create_role", "role": heir })).state;
    assert!(!back(&now, &then, "sam").unwrap().documents().roles.contains_key("new"));
}

#[test]
fn a_tier_is_put_back_by_who_may_give_roles() {
    let state = made(&world(&[]), &assign(user("nil"), "full")).state;
    let put = |tier: &str| {
        let mut nil = json!(state.documents().directory.users["nil"]);
        (nil["tier"], nil["last_name"]) = (json!(tier), json!("Nobody"));
        json!({ "change": "put_back", "documents": { "users": { "nil": nil } } })
    };
    assert!(by(&state, "sam", &put("basic")).is_ok());
    assert!(by(&state, "key:users.manage,mail.view,reports.view", &put("full")).is_ok());
    let refused = by(&state, "key:users.manage,mail.view,reports.view", &put("basic")).unwrap_err();
    assert_eq!(refused.permission.as_deref(), Some("users.assign_roles"), "{refused}");
}

#[test]
fn what_was_changed_since_is_told_from_both_sides() {
    let state = world(&[]);
    let first = made(&state, &json!({ "change": "update_role", "role": role("spare", &["mail.view"]) }));
    let second = made(&first.state, &with_id("delete_role", "spare")).state;
    let not = taken_back(second.documents(), &first.writes).unwrap_err();
    let NotTakenBack::ChangedSince(changed) = not else { panic!("{not:?}") };
    let [ChangedSince { kind: Kind::Role, id, left: Some(left), current: None, .. }] = &changed[..] else {
        panic!("{changed:?}")
    };
    assert_eq!((id.as_str(), &left["grants"]["mail.view"]), ("spare", &json!("allowed")));
    // Nothing to go back to is no change.
    assert_eq!(restoring(state.documents(), state.documents()).change, None::<Change>);
}

#[test]
fn who_was_deleted_comes_back_without_a_way_to_sign_in_and_counts_as_such() {
    let state = made(&world(&[]), &assign(user("rio"), "chief")).state;
    let deleted = made(&state, &with_id("delete_user", "rio"));
    let back = made(&deleted.state, &undo(&deleted.state, &deleted)).state;
    let rio = &back.documents().directory.users["rio"];
    assert_eq!((rio.status, rio.sign_in), (Status::Active, false));
    // A superuser again, and not one who could be the last.
    let refused = by(&back, "operator", &with_id("delete_user", "sam")).unwrap_err();
    assert_eq!(refused.code, Code::LastSuperuser);
    // Where somebody is there, what they have now to sign in by is what they have then.
    let without = made(&state, &json!({ "change": "set_status", "id": "rio", "status": "disabled" }));
    let back = made(&without.state, &undo(&without.state, &without)).state;
    assert!(back.documents().directory.users["rio"].sign_in);
}

#[test]
fn what_an_identity_provider_says_stays_as_it_is_and_the_rest_comes_back() {
    let state = world(&[]);
    let deleted = made(&state, &with_id("delete_user", "rio"));
    let then = taken_back(deleted.state.documents(), &deleted.writes).unwrap();
    let WayBack { change, kept } = restoring(deleted.state.documents(), &then);
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), ["staff"]);
    let back = by(&deleted.state, "sam", &serde_json::to_value(change).unwrap()).unwrap().state;
    assert!(back.documents().directory.users.contains_key("rio"));
    assert!(back.documents().directory.memberships.values().all(|link| link.group != "staff"));
    // A group that the provider made or took away since stays so, and what only it was given goes with it.
    let gone = made(&state, &with_id("delete_group", "staff"));
    let way = restoring(gone.state.documents(), state.documents());
    assert_eq!((way.change, way.kept.len()), (None, 1));
    let way = restoring(state.documents(), gone.state.documents());
    assert_eq!((way.change, way.kept.len()), (None, 1));
}
