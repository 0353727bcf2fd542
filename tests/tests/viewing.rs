//! Who may view Rolewright as somebody else, what is seen so, and that nothing is done so.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]

use rolewright_model::{Actor, Change, Code, Purview, ResourcePath, State, Viewed};
use rolewright_tests::world::{NOW, SOON, assign, build, by, documents, facts, parse, role, user, with_id};
use serde_json::{Value, json};

fn as_user(id: &str) -> Value {
    json!({ "change": "view_as", "whom": { "user": id }, "until": SOON })
}

fn as_role(id: &str) -> Value {
    json!({ "change": "view_as", "whom": { "role": id }, "until": SOON })
}

/// The world, whose `admin` may ask why, and which has a role for places.
fn world() -> State {
    let mut documents = documents();
    documents.roles.get_mut("admin").unwrap().grants.insert("access.explain".into(), "allowed".into());
    let mut local = role("local", &["reports.view"]);
    local["scope_types"] = json!(["server"]);
    documents.roles.insert("local".to_owned(), serde_json::from_value(local).unwrap());
    build(documents)
}

#[test]
fn who_views_may_see_whom_they_view_as_and_holds_all_that_they_do() {
    let batch = json!({ "change": "batch", "changes": [as_user("nil")] });
    let key = "key:access.explain,users.view,roles.view";
    facts(
        &world(),
        vec![
            ("as who holds nothing", "ada", as_user("nil"), None),
            ("as who holds as much by a package", "ada", as_user("rio"), None),
            ("as who holds more", "ada", as_user("max"), Some(Code::PersonHoldsMore)),
            ("as a superuser", "ada", as_user("sam"), Some(Code::PersonHoldsMore)),
            ("a superuser, as anybody", "sam", as_user("max"), None),
            ("as oneself", "sam", as_user("sam"), Some(Code::Invalid)),
            ("as who is invited", "ada", as_user("ivo"), Some(Code::Invalid)),
            ("as who is disabled", "sam", as_user("dis"), Some(Code::Invalid)),
            ("as nobody", "ada", as_user("nobody"), Some(Code::Unknown)),
            ("without the permission", "esc", as_user("nil"), Some(Code::MissingPermission)),
            ("without it, as nobody", "esc", as_user("nobody"), Some(Code::MissingPermission)),
            ("a key", key, as_user("nil"), Some(Code::MissingPermission)),
            ("the operator", "operator", as_user("nil"), Some(Code::MissingPermission)),
            ("a role that gives what is held", "ada", as_role("reporter"), None),
            ("the base role", "ada", as_role("member"), None),
            ("a role that gives more", "ada", as_role("poster"), Some(Code::NotHeld)),
            ("a superuser role", "ada", as_role("root"), Some(Code::SuperuserOnly)),
            ("what inherits one", "ada", as_role("deputy"), Some(Code::SuperuserOnly)),
            ("a superuser role, a superuser", "sam", as_role("deputy"), None),
            ("a role for places", "sam", as_role("local"), Some(Code::Invalid)),
            ("no role", "sam", as_role("nothing"), Some(Code::Unknown)),
            ("a role, a key", key, as_role("member"), Some(Code::MissingPermission)),
            ("with others", "sam", batch, Some(Code::Invalid)),
            (
                "ends, also of who is gone",
                "nil",
                json!({ "change": "end_view_as", "whom": { "user": "gone" } }),
                None,
            ),
        ],
    );
}

#[test]
fn what_is_lacked_to_view_as_somebody_is_named() {
    let state = world();
    for (change, code) in [(as_role("poster"), Code::NotHeld), (as_user("max"), Code::PersonHoldsMore)] {
        let refusal = by(&state, "ada", &change).unwrap_err();
        assert_eq!((refusal.code, refusal.permission.as_deref()), (code, Some("mail.view")), "{change}");
        assert!(refusal.message.ends_with("you lack `Mail: View`"), "{}", refusal.message);
    }
}

#[test]
fn each_permission_that_it_takes_is_needed() {
    for (permission, whom) in [
        ("access.explain", as_user("nil")),
        ("users.view", as_user("nil")),
        ("access.explain", as_role("member")),
        ("roles.view", as_role("member")),
    ] {
        let mut documents = world().documents().clone();
        documents.roles.get_mut("admin").unwrap().grants.remove(permission);
        let refusal = by(&build(documents), "ada", &whom).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.permission.as_deref()),
            (Code::MissingPermission, Some(permission))
        );
    }
}

fn in_session<'s>(state: &'s State, whom: &Viewed) -> Actor<'s> {
    Actor::Subject { state, subject: state.viewed(whom).unwrap(), session: None }
}

fn viewer<'s>(state: &'s State, who: &str, whom: &Viewed) -> Actor<'s> {
    let viewer = in_session(state, &Viewed::User(who.to_owned()));
    Actor::Viewer { viewed: Box::new(in_session(state, whom)), viewer: Some(Box::new(viewer)) }
}

#[test]
fn who_views_does_nothing() {
    let state = world();
    let seen = Viewed::User("ada".to_owned());
    let known = viewer(&state, "sam", &seen);
    // As a browser has it.
    let own = Actor::Viewer { viewed: Box::new(in_session(&state, &seen)), viewer: None };
    for change in [
        assign(user("nil"), "spare"),
        json!({ "change": "create_role", "role": role("fresh", &[]) }),
        with_id("delete_user", "nil"),
        with_id("set_password", "ada"),
        with_id("set_password", "sam"),
        with_id("end_other_sessions", "ada"),
        json!({ "change": "set_name", "id": "ada", "first_name": "Ada" }),
        as_user("nil"),
        json!({ "change": "end_view_as", "whom": { "user": "ada" } }),
        json!({ "change": "make_key", "key": { "id": "k", "name": "K", "permissions": [], "scope": "/" } }),
        json!({ "change": "batch", "changes": [assign(user("nil"), "spare")] }),
    ] {
        let change: Change = parse(&change);
        for actor in [&known, &own] {
            assert_eq!(change.permit(&state, actor, NOW).unwrap_err().code, Code::Viewing, "{change:?}");
        }
    }
}

#[test]
fn who_views_sees_what_both_may_see() {
    let state = world();
    let ada = Viewed::User("ada".to_owned());
    let tenant = ResourcePath::tenant();
    // Who lost the right meanwhile sees no more than what is theirs still.
    let (own, seen) = (in_session(&state, &ada), viewer(&state, "esc", &ada));
    for (permission, theirs, both) in [
        ("users.assign_roles", true, true),
        ("users.view", true, false),
        ("roles.escalate", false, false),
        ("audit.view", false, false),
    ] {
        assert_eq!(own.may(&state, permission, &tenant, NOW), theirs, "{permission}");
        assert_eq!(seen.may(&state, permission, &tenant, NOW), both, "{permission}");
        assert_eq!(Purview::of(seen.clone(), &state, permission, NOW).is_some(), both, "{permission}");
    }
}

#[test]
fn a_role_is_viewed_as_by_somebody_who_holds_it_and_what_everybody_holds() {
    let mut documents = documents();
    documents.roles.get_mut("member").unwrap().grants.insert("mail.view".into(), "allowed".into());
    let state = build(documents);
    let actor = in_session(&state, &Viewed::Role("leaf".to_owned()));
    for (permission, expected) in
        [("reports.view", true), ("mail.view", true), ("reports.run", false), ("users.view", false)]
    {
        assert_eq!(actor.may(&state, permission, &ResourcePath::tenant(), NOW), expected, "{permission}");
    }
    let snapshot = state.encode_viewed("default", &Viewed::Role("leaf".to_owned()), None, NOW);
    assert!(snapshot.is_some());
    assert!(state.encode_viewed("default", &Viewed::Role("nothing".to_owned()), None, NOW).is_none());
    assert!(state.encode_viewed("default", &Viewed::User("dis".to_owned()), None, NOW).is_none());
}
