//! Every rule that a change keeps: what it refuses, and the twin of it that is accepted.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;

use rolewright_model::change::{Kind, ProviderRecord, Topic, Write};
use rolewright_model::directory::{AssignmentDocument, Principal, Status, Tier};
use rolewright_model::documents::Documents;
use rolewright_model::pass::Revocation;
use rolewright_model::refusal::Fix;
use rolewright_model::role::{RoleDocument, RoleKind};
use rolewright_model::{
    Actor, Code, Level, PolicyDocument, Refusal, Request, ResourcePath, Stamp, State, Subject, Timestamp,
    rules,
};
use rolewright_tests::world::{
    AT, Fact, LATER, NOW, SOON, assign, assign_within, build, by, by_session, documents, facts, name_of,
    new_user, parse, policy, role, user, with_id, world,
};
use serde_json::{Value, json};

/// Says when an assignment counts.
fn set_window(id: &str, from: Option<i64>, until: Option<i64>) -> Value {
    json!({ "change": "set_window", "id": id, "window": { "from": from, "until": until } })
}

/// Every change that needs nothing but one of Rolewright's own permissions, with that.
fn renamed(id: &str) -> Value {
    let (before, after) = (json!({ "user_name": id }), json!({ "user_name": "somebody.else" }));
    json!({ "change": "set_provider_record", "id": id, "before": before, "after": after })
}

fn plain_changes() -> Vec<(Value, &'static str)> {
    let stem = json!({ "id": "spare", "name": "Spare", "description": "Edited" });
    vec![
        (json!({ "change": "create_role", "role": role("fresh", &[]) }), "roles.manage"),
        (json!({ "change": "update_role", "role": stem }), "roles.manage"),
        (with_id("delete_role", "spare"), "roles.manage"),
        (
            json!({ "change": "replace_role_in_packages", "role": "reporter", "with": null }),
            "packages.manage",
        ),
        (
            json!({ "change": "create_package", "package": { "id": "fresh", "name": "Fresh" } }),
            "packages.manage",
        ),
        (
            json!({ "change": "update_package", "package": { "id": "basic", "name": "Basic!", "roles": ["reporter"] } }),
            "packages.manage",
        ),
        (with_id("delete_package", "empty"), "packages.manage"),
        (json!({ "change": "invite_user", "user": new_user("fresh") }), "users.manage"),
        (json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": false }), "users.manage"),
        (
            json!({ "change": "update_user", "user": { "id": "max", "email": "max@example.com", "first_name": "Max" } }),
            "users.manage",
        ),
        (
            json!({ "change": "set_attributes", "id": "nil", "attributes": { "region": "emea" } }),
            "users.manage",
        ),
        (json!({ "change": "set_status", "id": "nil", "status": "disabled" }), "users.manage"),
        (with_id("delete_user", "nil"), "users.manage"),
        (with_id("end_sessions", "nil"), "users.manage"),
        (with_id("reset_second_factor", "nil"), "users.manage"),
        (with_id("start_password_reset", "nil"), "users.manage"),
        (renamed("nil"), "users.manage"),
        (json!({ "change": "set_package", "id": "nil", "package": "empty" }), "packages.manage"),
        (json!({ "change": "set_package", "id": "pat", "package": null }), "packages.manage"),
        (json!({ "change": "create_group", "group": { "id": "fresh", "name": "Fresh" } }), "groups.manage"),
        (json!({ "change": "update_group", "group": { "id": "void", "name": "Empty" } }), "groups.manage"),
        (with_id("delete_group", "posters"), "groups.manage"),
        (json!({ "change": "add_member", "group": "void", "member": user("nil") }), "groups.manage"),
        (with_id("remove_member", "m-guy"), "groups.manage"),
        (assign(user("nil"), "spare"), "users.assign_roles"),
        (with_id("unassign", "a-max"), "users.assign_roles"),
        (with_id("keep_assignment", "a-max"), "users.assign_roles"),
        (set_window("a-max", None, Some(SOON)), "users.assign_roles"),
        (
            json!({ "change": "update_settings", "settings": { "products": ["core"], "new_links": "next_login" } }),
            "settings.manage",
        ),
        (json!({ "change": "set_entitlement", "role": "spare", "on": false }), "settings.manage"),
        (
            json!({ "change": "update_tests", "tests": [{ "name": "Nobody posts", "who": {}, "permission": "mail.manage", "expect": "refuse" }] }),
            "roles.manage",
        ),
        (
            json!({ "change": "put_back", "documents": { "assignments": { "a-rio": null } } }),
            "users.assign_roles",
        ),
    ]
}

#[test]
fn every_change_needs_its_permission() {
    let state = world(&[]);
    for (change, permission) in plain_changes() {
        let refusal = by(&state, "nil", &change).unwrap_err();
        assert_eq!(refusal.code, Code::MissingPermission, "{change}");
        assert_eq!(refusal.permission.as_deref(), Some(permission), "{change}");
        let name = state.catalogue().permission_name(permission);
        assert!(refusal.message.contains(&format!("`{name}`")), "{change}: {}", refusal.message);
        let others =
            "key:users.view,roles.view,groups.view,packages.view,settings.view,reports.run,roles.escalate";
        assert_eq!(by(&state, others, &change).unwrap_err().code, Code::MissingPermission, "{change}");
        for actor in ["sam", "ada", "operator", &format!("key:{permission}")] {
            if let Err(refusal) = by(&state, actor, &change) {
                panic!("{actor} {change}: {refusal:?}");
            }
        }
    }
}

#[test]
fn who_holds_a_permission_elsewhere_alone_is_told_where() {
    let disable = json!({ "change": "set_status", "id": "rio", "status": "disabled" });
    let told = |scopes: &[&str], actor: &str| {
        let held = |(n, scope): (usize, &&str)| json!({ "id": format!("x{n}"), "principal": user("nil"), "role": "admin", "scope": scope });
        let assignments: Vec<Value> = scopes.iter().enumerate().map(held).collect();
        by(&world(&assignments), actor, &disable).unwrap_err().message
    };
    for (scopes, where_held) in [
        (&["servers/s1"][..], "`servers/s1`"),
        // What lies below another is not told by itself.
        (&["servers", "servers/s1"], "`servers`"),
        (&["servers/s2", "servers/s1"], "`servers/s1`, one more place"),
        (&["servers/s2", "servers/s1", "servers/s3"], "`servers/s1`, 2 more places"),
    ] {
        let why = format!(
            "you need `Users: Manage`, which you hold at {where_held} and below alone: ask an administrator who can give it where you need it"
        );
        let message = told(scopes, "nil");
        assert!(message.ends_with(&why), "{message}");
    }
    let message = told(&[], "key:mail.view,users.manage@servers/s1");
    assert!(message.contains("which this key holds at `servers/s1` and below alone"), "{message}");
    for (scopes, actor) in [(&[][..], "nil"), (&[], "key:mail.view@servers/s1"), (&[], "key:mail.view")] {
        let message = told(scopes, actor);
        assert!(message.contains("`Users: Manage`") && !message.contains("alone"), "{message}");
    }
}

#[test]
fn every_kind_of_change_is_told_alike_by_its_name() {
    let names: BTreeSet<String> =
        plain_changes().iter().map(|(change, _)| change["change"].as_str().unwrap().to_owned()).collect();
    // And one's own name and email, which are told below.
    let superuser_only = ["accept_invitation", "update_catalogue", "import_policy", "batch"];
    let told = names.len() + superuser_only.len() + OWN.len() + 2 + OF_KEYS.len() + OF_LINKS.len();
    // And viewing as somebody else, which viewing.rs tells, and removing the tests of a role, which policy_tests.rs does.
    assert_eq!(told + 3, 51, "a new change needs its line in `plain_changes`");
}

/// What a person alone does to the own account, beside the documents.
const OWN: [&str; 6] = [
    "set_password",
    "turn_on_second_factor",
    "turn_off_second_factor",
    "replace_second_factor",
    "renew_recovery_codes",
    "end_other_sessions",
];

/// What is done to the link of an invitation.
const OF_LINKS: [&str; 2] = ["send_invitation", "revoke_invitation"];

/// What is done to API keys.
const OF_KEYS: [&str; 3] = ["make_key", "renew_key", "end_key"];

fn of_key(change: &str, permissions: &[&str], scope: &str) -> Value {
    let key = json!({ "id": "k1", "name": "Edge", "permissions": permissions, "scope": scope });
    json!({ "change": change, "key": key })
}

#[test]
fn what_a_person_does_to_the_own_account_nobody_else_does() {
    let state = world(&[]);
    for change in OWN.into_iter().chain(["set_name"]) {
        let own = with_id(change, "nil");
        by(&state, "nil", &own).unwrap();
        for actor in ["sam", "ada", "max", "key:users.manage"] {
            let refusal = by(&state, actor, &own).unwrap_err();
            assert_eq!(refusal.code, Code::MissingPermission, "{actor} {change}: {refusal}");
        }
        // Whoever comes by a link is the operator to the model: the server has checked the link.
        by(&state, "operator", &own).unwrap();
        assert_eq!(by(&state, "operator", &with_id(change, "nobody")).unwrap_err().code, Code::Unknown);
    }
}

#[test]
fn ones_own_email_is_changed_by_its_own_change_alone() {
    let state = world(&[]);
    let email = |id: &str, email: &str| json!({ "change": "set_email", "id": id, "email": email });
    let new = |id: &str| email(id, "new@example.com");
    let batch = json!({ "change": "batch", "changes": [new("sam")] });
    facts(
        &state,
        vec![
            ("a superuser's own", "sam", new("sam"), None),
            ("of one who may edit people", "ada", new("ada"), None),
            ("of one who may not", "nil", new("nil"), Some(Code::MissingPermission)),
            ("another's", "sam", new("nil"), Some(Code::MissingPermission)),
            ("by a key", "key:users.manage", new("nil"), Some(Code::MissingPermission)),
            ("of nobody", "operator", new("nobody"), Some(Code::Unknown)),
            ("none", "sam", email("sam", ""), Some(Code::Invalid)),
            ("no email", "sam", email("sam", "sam"), Some(Code::Invalid)),
            ("taken", "sam", email("sam", "max@example.com"), Some(Code::Taken)),
            ("in a batch", "sam", batch, Some(Code::Invalid)),
        ],
    );
    let made = by(&state, "sam", &new("sam")).unwrap();
    assert_eq!(kinds(&made.writes), [(Kind::User, "sam")]);
    assert_eq!(made.state.user_of_email("new@example.com"), Some("sam"));
}

#[test]
fn an_email_is_found_without_case_and_no_letter_beyond_ascii_is_one_of_ascii() {
    let mut documents = documents();
    documents.directory.users.get_mut("max").unwrap().email = "Kim.Éva@example.com".to_owned();
    let state = build(documents);
    for (email, found) in [
        ("Kim.Éva@example.com", true),
        (" kim.éva@EXAMPLE.com ", true),
        // The Kelvin sign, of which `k` is the lower case.
        ("\u{212a}im.Éva@example.com", false),
        ("kim.eva@example.com", false),
    ] {
        assert_eq!(state.user_of_email(email), found.then_some("max"), "{email}");
        assert_eq!(state.user_named(email).is_some(), found, "{email}");
    }
    let invite = |email: &str| {
        let change = json!({ "change": "invite_user", "user": { "id": "fresh", "email": email } });
        by(&state, "sam", &change).err().map(|refusal| refusal.code)
    };
    assert_eq!(invite("kim.éva@example.com"), Some(Code::Taken));
    assert_eq!(invite("\u{212a}im.éva@example.com"), Some(Code::Invalid));
    assert_eq!(invite("kim.évi@example.com"), None);
}

/// An address that was taken before addresses were looked at so closely keeps nobody from being renamed.
#[test]
fn an_email_is_looked_at_where_it_is_another() {
    let mut documents = documents();
    documents.directory.users.get_mut("max").unwrap().email = "a<b@example.com".to_owned();
    let state = build(documents);
    let update = |id: &str, email: &str| {
        let user = json!({ "id": id, "email": email, "first_name": "New" });
        by(&state, "sam", &json!({ "change": "update_user", "user": user })).err().map(|refusal| refusal.code)
    };
    assert_eq!(update("max", "a<b@example.com"), None);
    assert_eq!(update("max", "c<d@example.com"), Some(Code::Invalid));
    assert_eq!(update("rio", "c<d@example.com"), Some(Code::Invalid));
}

#[test]
fn nobody_changes_their_own_email_by_a_key_that_they_were_told() {
    let state = world(&[]);
    let told = ["max".to_owned()];
    let key = Actor::Key {
        permissions: &state.catalogue().permissions().iter().map(|it| it.id().to_owned()).collect::<Vec<_>>(),
        scope: &ResourcePath::tenant(),
        until: None,
        for_provider: true,
        trusts_subject: false,
        told_to: &told,
    };
    for (id, refused) in [("max", Some(Code::OwnEmail)), ("nil", None)] {
        let user = json!({ "id": id, "email": "new@example.com" });
        let change = parse(&json!({ "change": "update_user", "user": user }));
        assert_eq!(change.permit(&state, &key, NOW).err().map(|refusal| refusal.code), refused, "{id}");
    }
}

#[test]
fn what_is_about_an_account_needs_it_to_be_as_it_must() {
    let state = world(&[]);
    for (change, user, code) in [
        ("send_invitation", "max", Code::Invalid),
        ("revoke_invitation", "max", Code::Invalid),
        ("start_password_reset", "ivo", Code::Invalid),
        ("set_password", "ivo", Code::Invalid),
        ("start_password_reset", "dis", Code::Invalid),
        ("set_password", "dis", Code::Invalid),
        ("end_sessions", "nobody", Code::Unknown),
        ("reset_second_factor", "nobody", Code::Unknown),
        ("send_invitation", "nobody", Code::Unknown),
    ] {
        assert_eq!(by(&state, "operator", &with_id(change, user)).unwrap_err().code, code, "{change} {user}");
    }
    // Who is active may be sent the first password too.
    let mut documents = state.documents().clone();
    documents.directory.users.get_mut("max").unwrap().sign_in = false;
    let state = State::build(documents, state.at()).unwrap();
    by(&state, "operator", &with_id("start_password_reset", "max")).unwrap();
    let set = by(&state, "operator", &with_id("set_password", "max")).unwrap();
    assert_eq!(kinds(&set.writes), [(Kind::User, "max")]);
    assert!(set.state.documents().directory.users.get("max").unwrap().sign_in);
    // Who acts for a person holds all that they hold, or is about to.
    for change in OF_LINKS {
        by(&state, "sam", &with_id(change, "ivo")).unwrap();
        let refusal = by(&state, "key:users.manage", &with_id(change, "ivo")).unwrap_err();
        assert_eq!(refusal.code, Code::PersonHoldsMore, "{change}");
        let refusal = by(&state, "nil", &with_id(change, "ivo")).unwrap_err();
        assert_eq!(refusal.permission.as_deref(), Some("users.manage"), "{change}");
    }
    let of = ["end_sessions", "reset_second_factor", "start_password_reset"].map(|it| with_id(it, "sam"));
    for change in of.into_iter().chain([renamed("sam")]) {
        let refusal = by(&state, "key:users.manage", &change).unwrap_err();
        assert_eq!(refusal.code, Code::PersonHoldsMore, "{change}");
    }
}

#[test]
fn keys_are_made_renewed_and_ended_by_the_rules_of_keys() {
    let state = world(&[]);
    let there = "key:api_keys.manage,reports.view@servers/s1";
    for (actor, change, permissions, scope, code) in [
        ("sam", "make_key", "reports.view", "/", None),
        ("nil", "make_key", "reports.view", "/", Some(Code::MissingPermission)),
        (there, "make_key", "reports.view", "servers/s1", None),
        (there, "make_key", "reports.view", "servers/s2", Some(Code::MissingPermission)),
        ("key:api_keys.manage", "make_key", "reports.view", "/", Some(Code::NotHeld)),
        ("sam", "make_key", "reports.view", "disks/d1", Some(Code::Invalid)),
        ("sam", "make_key", "no.such", "/", Some(Code::Invalid)),
        ("sam", "renew_key", "no.such", "/", None),
        ("key:api_keys.manage", "renew_key", "reports.view", "/", Some(Code::NotHeld)),
        (there, "renew_key", "reports.view", "servers/s1", None),
        // At a place that is no longer one a key is the whole tenant's to end.
        (there, "end_key", "reports.view", "disks/d1", Some(Code::MissingPermission)),
        ("key:api_keys.manage", "end_key", "reports.view", "disks/d1", None),
        ("nil", "end_key", "reports.view", "/", Some(Code::MissingPermission)),
    ] {
        let found =
            by(&state, actor, &of_key(change, &[permissions], scope)).err().map(|refusal| refusal.code);
        assert_eq!(found, code, "{actor} {change} {permissions} {scope}");
    }
    // Whoever was told a key's newest secret may end it; whoever was told another's may not.
    for (keeper, code) in [("nil", None), ("max", Some(Code::MissingPermission))] {
        let mut ended = of_key("end_key", &["reports.view"], "/");
        ended["keeper"] = json!(keeper);
        let found = by(&state, "nil", &ended).err().map(|refusal| refusal.code);
        assert_eq!(found, code, "told to {keeper}");
    }
    // What can be said before it is known how a key is edited.
    let tenant = ResourcePath::tenant();
    let change = |user: &str| {
        let actor = Actor::Subject { state: &state, subject: state.subject(user).unwrap(), session: None };
        rules::may_change_key(&state, &actor, &tenant, NOW).map_err(|refusal| refusal.permission)
    };
    assert_eq!(change("sam"), Ok(()));
    assert_eq!(change("nil"), Err(Some("api_keys.manage".to_owned())));
}

#[test]
fn what_writes_no_document_leads_to_the_same_at_the_next_revision() {
    let state = world(&[]);
    let accounts = OWN.map(|change| with_id(change, "max"));
    let keys = OF_KEYS.map(|change| of_key(change, &["reports.view"], "/"));
    for change in accounts.into_iter().chain(keys).chain([with_id("end_sessions", "max")]) {
        let made = by(&state, "operator", &change).unwrap();
        assert_eq!((made.writes, made.revoked), (Vec::new(), Vec::new()), "{change}");
        assert_eq!(made.state.at(), state.at().next(), "{change}");
        assert_eq!(made.state.documents(), state.documents(), "{change}");
    }
}

#[test]
fn what_is_about_keys_and_accounts_is_no_part_of_other_changes() {
    let state = world(&[]);
    let accounts = OWN.map(|change| with_id(change, "max"));
    let others = ["end_sessions", "reset_second_factor", "start_password_reset"].map(|it| with_id(it, "max"));
    let links = OF_LINKS.map(|change| with_id(change, "ivo"));
    let keys = OF_KEYS.map(|change| of_key(change, &["reports.view"], "/"));
    let harmless = json!({ "change": "create_group", "group": { "id": "fresh", "name": "Fresh" } });
    for change in accounts.into_iter().chain(others).chain(links).chain(keys) {
        by(&state, "operator", &change).unwrap();
        let batch = json!({ "change": "batch", "changes": [harmless, change] });
        let nested = json!({ "change": "batch", "changes": [batch] });
        for (whole, path) in [(batch, "$.changes[1].change"), (nested, "$.changes[0].changes[1].change")] {
            let refusal = by(&state, "operator", &whole).unwrap_err();
            assert_eq!((refusal.code, refusal.problems[0].path.as_str()), (Code::Invalid, path), "{change}");
            let refused = parse(&whole).permit(&state, &Actor::Operator, NOW).unwrap_err();
            assert_eq!(refused, refusal);
        }
    }
    // What an identity provider says takes no proof and makes no secret.
    let synchronised = json!({ "change": "batch", "changes": [harmless, renamed("max")] });
    by(&state, "operator", &synchronised).unwrap();
}

#[test]
fn what_an_entry_of_the_log_is_about_has_a_name_and_a_permission_to_see_it() {
    let topics: Vec<(String, &str)> = Topic::all()
        .map(|topic| {
            let name = json!(topic).as_str().unwrap().to_owned();
            assert_eq!(name, topic.as_str());
            assert_eq!(serde_json::from_value::<Topic>(json!(name)).unwrap(), topic);
            (name, topic.permission_to_see())
        })
        .collect();
    let expected = [
        ("settings", "settings.view"),
        ("catalogue", "roles.view"),
        ("tests", "roles.view"),
        ("role", "roles.view"),
        ("package", "packages.view"),
        ("user", "users.view"),
        ("group", "groups.view"),
        ("membership", "groups.view"),
        ("assignment", "users.view"),
        ("key", "api_keys.view"),
    ];
    assert_eq!(topics, expected.map(|(name, permission)| (name.to_owned(), permission)));
    for (wrong, message) in [(json!("keys"), "unknown variant `keys`"), (json!(1), "expected a string")] {
        let refused = serde_json::from_value::<Topic>(wrong).unwrap_err().to_string();
        assert!(refused.contains(message), "{refused}");
    }
    let about =
        |change: &Value| parse(change).about().map(|about| (about.topic().as_str(), about.id().to_owned()));
    assert_eq!(about(&with_id("end_sessions", "max")), Some(("user", "max".to_owned())));
    assert_eq!(about(&of_key("end_key", &[], "/")), Some(("key", "k1".to_owned())));
    let viewing = json!({ "change": "end_view_as", "whom": { "role": "poster" } });
    assert_eq!(about(&viewing), Some(("role", "poster".to_owned())));
    assert_eq!(about(&with_id("delete_role", "spare")), None);
}

#[test]
fn a_provider_finds_the_same_person_by_name_and_own_id_together() {
    let record = |name: &str, id: Option<&str>, shown: &str| ProviderRecord {
        user_name: name.to_owned(),
        external_id: id.map(str::to_owned),
        display_name: Some(shown.to_owned()),
        emails: Vec::new(),
    };
    let known = record("ana", Some("7"), "Ana");
    assert!(known.names_as(&record("ana", Some("7"), "Ana B.")));
    assert!(!known.names_as(&record("ana.b", Some("7"), "Ana")));
    assert!(!known.names_as(&record("ana", None, "Ana")));
}

#[test]
fn an_actor_who_no_longer_counts_may_nothing() {
    let state = world(&[
        json!({ "id": "x1", "principal": { "user": "dis" }, "role": "root" }),
        json!({ "id": "x2", "principal": { "user": "ivo" }, "role": "root" }),
        json!({ "id": "x3", "principal": { "user": "nil" }, "role": "root", "until": NOW.0 }),
        json!({ "id": "x4", "principal": { "user": "pete" }, "role": "root", "from": NOW.0 + 1 }),
        json!({ "id": "x5", "principal": { "user": "idle" }, "role": "root", "from": NOW.0, "until": SOON }),
    ]);
    let create = json!({ "change": "create_group", "group": { "id": "fresh", "name": "Fresh" } });
    for actor in ["dis", "ivo", "nil", "pete"] {
        assert_eq!(by(&state, actor, &create).unwrap_err().code, Code::MissingPermission, "{actor}");
    }
    assert!(by(&state, "idle", &create).is_ok());
}

#[test]
fn a_session_begun_before_the_role_waits_where_the_tenant_says_so() {
    let create = json!({ "change": "create_group", "group": { "id": "fresh", "name": "Fresh" } });
    let session = |revision| Some(Stamp { epoch: 0, revision });
    let state = world(&[]);
    assert!(by_session(&state, "ada", session(9), &create).is_ok(), "at once");
    let mut documents = documents();
    documents.settings.new_links = rolewright_model::policy::NewLinks::NextLogin;
    let state = build(documents);
    assert_eq!(by_session(&state, "ada", session(9), &create).unwrap_err().code, Code::MissingPermission);
    assert!(by_session(&state, "ada", session(10), &create).is_ok());
    let give = assign(user("nil"), "reporter");
    assert_eq!(by_session(&state, "ada", session(9), &give).unwrap_err().code, Code::MissingPermission);
}

#[test]
fn what_is_named_must_exist() {
    use Code::Unknown;
    let state = world(&[]);
    facts(
        &state,
        vec![
            ("role", "operator", json!({ "change": "update_role", "role": role("no", &[]) }), Some(Unknown)),
            ("role", "operator", with_id("delete_role", "no"), Some(Unknown)),
            (
                "role",
                "operator",
                json!({ "change": "replace_role_in_packages", "role": "no", "with": null }),
                Some(Unknown),
            ),
            (
                "package",
                "operator",
                json!({ "change": "update_package", "package": { "id": "no", "name": "No" } }),
                Some(Unknown),
            ),
            ("package", "operator", with_id("delete_package", "no"), Some(Unknown)),
            ("user", "operator", json!({ "change": "update_user", "user": new_user("no") }), Some(Unknown)),
            ("user", "operator", with_id("delete_user", "no"), Some(Unknown)),
            (
                "user",
                "operator",
                json!({ "change": "set_status", "id": "no", "status": "disabled" }),
                Some(Unknown),
            ),
            (
                "user",
                "operator",
                json!({ "change": "set_package", "id": "no", "package": null }),
                Some(Unknown),
            ),
            (
                "invitation",
                "operator",
                json!({ "change": "accept_invitation", "id": "max", "inviter": null }),
                Some(Unknown),
            ),
            (
                "group",
                "operator",
                json!({ "change": "update_group", "group": { "id": "no", "name": "No" } }),
                Some(Unknown),
            ),
            ("group", "operator", with_id("delete_group", "no"), Some(Unknown)),
            ("membership", "operator", with_id("remove_member", "no"), Some(Unknown)),
            ("assignment", "operator", with_id("unassign", "no"), Some(Unknown)),
            ("assignment", "operator", with_id("keep_assignment", "no"), Some(Unknown)),
            ("assignment", "operator", set_window("no", None, None), Some(Unknown)),
        ],
    );
}

#[test]
fn what_is_new_must_not_exist() {
    use Code::Exists;
    let state = world(&[]);
    facts(
        &state,
        vec![
            ("role", "sam", json!({ "change": "create_role", "role": role("spare", &[]) }), Some(Exists)),
            ("role", "sam", json!({ "change": "create_role", "role": role("fresh", &[]) }), None),
            (
                "package",
                "sam",
                json!({ "change": "create_package", "package": { "id": "basic", "name": "B" } }),
                Some(Exists),
            ),
            (
                "package",
                "sam",
                json!({ "change": "create_package", "package": { "id": "fresh", "name": "B" } }),
                None,
            ),
            (
                "user",
                "sam",
                json!({ "change": "create_user", "user": new_user("max"), "sign_in": true }),
                Some(Exists),
            ),
            (
                "user",
                "sam",
                json!({ "change": "create_user", "user": new_user("fresh"), "sign_in": true }),
                None,
            ),
            ("invitation", "sam", json!({ "change": "invite_user", "user": new_user("max") }), Some(Exists)),
            ("invitation", "sam", json!({ "change": "invite_user", "user": new_user("fresh") }), None),
            (
                "group",
                "sam",
                json!({ "change": "create_group", "group": { "id": "void", "name": "V" } }),
                Some(Exists),
            ),
            (
                "group, with its name",
                "sam",
                json!({ "change": "create_group", "group": { "id": "void", "name": "Void" } }),
                Some(Exists),
            ),
            (
                "group",
                "sam",
                json!({ "change": "create_group", "group": { "id": "fresh", "name": "V" } }),
                None,
            ),
        ],
    );
}

#[test]
fn what_a_change_leaves_must_be_valid() {
    use Code::{Invalid, Taken};
    let state = world(&[]);
    let email = |id: &str, email: &str| json!({ "id": id, "email": email });
    let heir = |parent: &str| json!({ "id": "stem", "name": "Stem", "inherits": [parent] });
    let scoped = |scope: &str| json!({ "change": "assign", "assignment": { "principal": user("nil"), "role": "spare", "scope": scope } });
    let within = |from: i64, until: i64| json!({ "change": "assign", "assignment": { "principal": user("nil"), "role": "spare", "scope": "/", "from": from, "until": until } });
    facts(
        &state,
        vec![
            (
                "S0-10 an email",
                "sam",
                json!({ "change": "invite_user", "user": email("fresh", "") }),
                Some(Invalid),
            ),
            (
                "S0-10 an email",
                "sam",
                json!({ "change": "create_user", "user": email("fresh", ""), "sign_in": true }),
                Some(Invalid),
            ),
            (
                "S0-10 an email",
                "sam",
                json!({ "change": "update_user", "user": email("max", "") }),
                Some(Invalid),
            ),
            (
                "an email that is one",
                "sam",
                json!({ "change": "invite_user", "user": email("fresh", "fresh") }),
                Some(Invalid),
            ),
            (
                "an email of one's own",
                "sam",
                json!({ "change": "invite_user", "user": email("fresh", "MAX@example.com") }),
                Some(Taken),
            ),
            (
                "a user's id",
                "sam",
                json!({ "change": "invite_user", "user": email("a b", "a@example.com") }),
                Some(Invalid),
            ),
            (
                "S4-36 a role's name",
                "sam",
                json!({ "change": "create_role", "role": { "id": "fresh", "name": "" } }),
                Some(Invalid),
            ),
            (
                "S4-36 a role's name is unique",
                "sam",
                json!({ "change": "create_role", "role": { "id": "fresh", "name": "SPARE" } }),
                Some(Taken),
            ),
            (
                "a role's id",
                "sam",
                json!({ "change": "create_role", "role": { "id": "Fresh one", "name": "Fresh" } }),
                Some(Invalid),
            ),
            (
                "S2-7 nothing is not granted",
                "sam",
                json!({ "change": "create_role", "role": { "id": "fresh", "name": "Fresh", "grants": { "mail.view": "none" } } }),
                Some(Invalid),
            ),
            (
                "an unknown permission",
                "sam",
                json!({ "change": "create_role", "role": role("fresh", &["mail.fly"]) }),
                Some(Invalid),
            ),
            (
                "a cycle of roles",
                "sam",
                json!({ "change": "update_role", "role": heir("leaf") }),
                Some(Invalid),
            ),
            ("no cycle of roles", "sam", json!({ "change": "update_role", "role": heir("spare") }), None),
            (
                "two base roles",
                "sam",
                json!({ "change": "create_role", "role": { "id": "fresh", "name": "Fresh", "base": true } }),
                Some(Invalid),
            ),
            (
                "a package's name",
                "sam",
                json!({ "change": "create_package", "package": { "id": "fresh", "name": "basic" } }),
                Some(Taken),
            ),
            (
                "S4-46 a package carries user roles",
                "sam",
                json!({ "change": "create_package", "package": { "id": "fresh", "name": "Fresh", "roles": ["keeper"] } }),
                Some(Invalid),
            ),
            (
                "S4-46 a package carries nothing for administrators by inheritance",
                "sam",
                json!({ "change": "batch", "changes": [
                    { "change": "update_role", "role": { "id": "spare", "name": "Spare", "inherits": ["keeper"] } },
                    { "change": "create_package", "package": { "id": "fresh", "name": "Fresh", "roles": ["spare"] } }] }),
                Some(Invalid),
            ),
            (
                "S4-46 what a package carries comes to inherit nothing for administrators",
                "sam",
                json!({ "change": "update_role", "role": { "id": "reporter", "name": "Reporter", "inherits": ["keeper"] } }),
                Some(Invalid),
            ),
            (
                "what a package carries may inherit what is for users",
                "sam",
                json!({ "change": "update_role", "role": { "id": "reporter", "name": "Reporter", "inherits": ["poster"] } }),
                None,
            ),
            (
                "a package's role",
                "sam",
                json!({ "change": "create_package", "package": { "id": "fresh", "name": "Fresh", "roles": ["no"] } }),
                Some(Invalid),
            ),
            (
                "a package's role once",
                "sam",
                json!({ "change": "create_package", "package": { "id": "fresh", "name": "Fresh", "roles": ["spare", "spare"] } }),
                Some(Invalid),
            ),
            (
                "a replacement",
                "sam",
                json!({ "change": "replace_role_in_packages", "role": "reporter", "with": "no" }),
                Some(Invalid),
            ),
            (
                "a person's package",
                "sam",
                json!({ "change": "set_package", "id": "nil", "package": "no" }),
                Some(Invalid),
            ),
            (
                "a group's name",
                "sam",
                json!({ "change": "create_group", "group": { "id": "fresh", "name": "" } }),
                Some(Invalid),
            ),
            (
                "a group's name is unique",
                "sam",
                json!({ "change": "update_group", "group": { "id": "void", "name": "readers" } }),
                Some(Taken),
            ),
            (
                "a member",
                "sam",
                json!({ "change": "add_member", "group": "void", "member": user("no") }),
                Some(Invalid),
            ),
            (
                "a member once",
                "sam",
                json!({ "change": "add_member", "group": "void", "member": user("idle") }),
                Some(Invalid),
            ),
            (
                "a group",
                "sam",
                json!({ "change": "add_member", "group": "no", "member": user("idle") }),
                Some(Invalid),
            ),
            (
                "a group in itself",
                "sam",
                json!({ "change": "add_member", "group": "void", "member": { "group": "void" } }),
                Some(Invalid),
            ),
            (
                "a cycle of groups",
                "sam",
                json!({ "change": "add_member", "group": "outer", "member": { "group": "posters" } }),
                Some(Invalid),
            ),
            (
                "a group in another",
                "sam",
                json!({ "change": "add_member", "group": "posters", "member": { "group": "void" } }),
                None,
            ),
            ("a role to assign", "sam", assign(user("nil"), "no"), Some(Invalid)),
            ("a person to assign to", "sam", assign(user("no"), "spare"), Some(Invalid)),
            ("a scope", "sam", scoped("servers/prod"), None),
            ("a scope that is a place", "sam", scoped("databases/prod"), Some(Invalid)),
            ("a scope without dots", "sam", scoped("servers/.."), Some(Invalid)),
            ("a scope without a slash at its end", "sam", scoped("servers/"), Some(Invalid)),
            ("a window", "sam", within(1, SOON), None),
            ("a window that ends", "sam", within(SOON, SOON), Some(Invalid)),
            (
                "nobody is made invited",
                "sam",
                json!({ "change": "set_status", "id": "nil", "status": "invited" }),
                Some(Invalid),
            ),
            (
                "nobody accepts for another",
                "sam",
                json!({ "change": "set_status", "id": "ivo", "status": "active" }),
                Some(Invalid),
            ),
            (
                "an invitation is taken back",
                "sam",
                json!({ "change": "set_status", "id": "ivo", "status": "disabled" }),
                None,
            ),
            (
                "a disabled person is activated",
                "sam",
                json!({ "change": "set_status", "id": "dis", "status": "active" }),
                None,
            ),
        ],
    );
    let refusal =
        by(&state, "sam", &json!({ "change": "create_role", "role": role("fresh", &["mail.fly"]) }))
            .unwrap_err();
    assert_eq!(refusal.problems[0].path, "$.grants[\"mail.fly\"]", "a path in what was sent");
}

/// Whoever was invited and disabled before they accepted has no password: activating them would
/// accept for them.
#[test]
fn an_invitation_is_not_accepted_by_way_of_disabling() {
    let state = world(&[]);
    let state = by(&state, "sam", &json!({ "change": "set_status", "id": "ivo", "status": "disabled" }))
        .unwrap()
        .state;
    let state = match by(&state, "sam", &json!({ "change": "set_status", "id": "ivo", "status": "active" })) {
        Ok(outcome) => outcome.state,
        Err(refusal) => return assert_eq!(refusal.code, Code::Invalid),
    };
    let ivo = &state.documents().directory.users["ivo"];
    assert!(ivo.status == Status::Invited || !ivo.sign_in, "{ivo:?}");
}

#[test]
fn a_built_in_role_is_duplicated_not_edited() {
    let mut documents = documents();
    // The base role is built in here: a copy of it is not another one.
    documents.roles.get_mut("member").unwrap().kind = RoleKind::BuiltIn;
    let state = build(documents);
    let edit = |id: &str| json!({ "change": "update_role", "role": role(id, &[]) });
    for (id, change) in [
        ("admin", edit("admin")),
        ("admin", with_id("delete_role", "admin")),
        ("member", edit("member")),
        ("member", with_id("delete_role", "member")),
    ] {
        for actor in ["sam", "ada", "operator"] {
            let refusal = by(&state, actor, &change).unwrap_err();
            assert_eq!(refusal.code, Code::BuiltInRole, "{actor} {change}");
            let Some(Fix { change: Some(fix), .. }) = refusal.fix else { panic!("{actor} {change}: no fix") };
            let fix = serde_json::to_value(*fix).unwrap();
            assert_eq!(
                fix["role"]["kind"], "custom",
                "{actor} {change}: the copy is shown as what it becomes"
            );
            let copied = by(&state, actor, &fix).unwrap().state;
            let name = format!("{id}_copy");
            let copy = &copied.documents().roles[&name];
            let original = &copied.documents().roles[id];
            assert_eq!(copy.grants, original.grants);
            assert!(!copy.is_built_in() && original.is_built_in());
            let edit = json!({ "change": "update_role", "role": role(&name, &["reports.view"]) });
            assert!(by(&copied, actor, &edit).is_ok());
        }
    }
}

#[test]
fn no_change_makes_a_role_built_in() {
    let state = world(&[]);
    let mut fresh = role("fresh", &[]);
    fresh["kind"] = json!("built_in");
    let made = by(&state, "sam", &json!({ "change": "create_role", "role": fresh })).unwrap().state;
    assert!(!made.documents().roles["fresh"].is_built_in());
    let mut spare = role("spare", &[]);
    spare["kind"] = json!("built_in");
    let made = by(&state, "sam", &json!({ "change": "update_role", "role": spare })).unwrap().state;
    assert!(!made.documents().roles["spare"].is_built_in());
}

#[test]
fn s4_25_a_role_that_a_package_carries_is_not_deleted() {
    let state = world(&[]);
    let refusal = by(&state, "ada", &with_id("delete_role", "reporter")).unwrap_err();
    assert_eq!(refusal.code, Code::RoleInPackage);
    assert!(
        refusal.message.contains("`Basic`") && !refusal.message.contains("`Post`"),
        "{}",
        refusal.message
    );
    let Some(Fix { change: Some(fix), .. }) = refusal.fix else { panic!("no fix") };
    let state = by(&state, "ada", &serde_json::to_value(*fix).unwrap()).unwrap().state;
    assert!(state.documents().packages["basic"].roles.is_empty());
    let outcome = by(&state, "ada", &with_id("delete_role", "reporter")).unwrap();
    assert!(
        !outcome.state.documents().directory.assignments.contains_key("a-rio"),
        "its assignments go with it"
    );
}

#[test]
fn s4_45_a_role_is_replaced_in_all_packages_at_once() {
    let mut documents = documents();
    let both = documents.packages["basic"].roles[0].clone();
    documents.packages.get_mut("post").unwrap().roles.push(both);
    let state = build(documents);
    let refusal = by(&state, "sam", &with_id("delete_role", "reporter")).unwrap_err();
    assert!(refusal.message.contains("`Basic`, `Post`"), "{}", refusal.message);
    let outcome = by(
        &state,
        "sam",
        &json!({ "change": "replace_role_in_packages", "role": "reporter", "with": "poster" }),
    )
    .unwrap();
    let roles = |package: &str| -> Vec<(String, String)> {
        let roles = &outcome.state.documents().packages[package].roles;
        roles.iter().map(|link| (link.role.clone(), link.link.clone())).collect()
    };
    assert_eq!(roles("basic"), [("poster".to_owned(), "new.0".to_owned())]);
    assert_eq!(roles("post"), [("poster".to_owned(), "post-1".to_owned())], "it carries it already");
    assert!(outcome.revoked.contains(&"basic-1".to_owned()));
}

#[test]
fn a_role_that_others_inherit_is_not_deleted() {
    let state = world(&[]);
    let refusal = by(&state, "ada", &with_id("delete_role", "stem")).unwrap_err();
    assert_eq!(refusal.code, Code::RoleInherited);
    assert!(refusal.message.contains("`Leaf`"), "{}", refusal.message);
    let state = by(&state, "ada", &with_id("delete_role", "leaf")).unwrap().state;
    assert!(by(&state, "ada", &with_id("delete_role", "stem")).is_ok());
}

#[test]
fn a_package_that_people_are_on_is_not_deleted() {
    let state = world(&[]);
    let refusal = by(&state, "ada", &with_id("delete_package", "post")).unwrap_err();
    assert_eq!(refusal.code, Code::PackageInUse);
    assert_eq!(refusal.message, "1 person is on `Post`: put them on another package first");
    let state =
        by(&state, "ada", &json!({ "change": "set_package", "id": "pat", "package": null })).unwrap().state;
    let outcome = by(&state, "ada", &with_id("delete_package", "post")).unwrap();
    assert!(outcome.revoked.contains(&"post-1".to_owned()));
}

#[test]
fn s1_22_a_group_of_the_identity_provider_is_not_edited_here() {
    use Code::OwnedByIdentityProvider as Owned;
    let state = world(&[]);
    let add = |group: &str| json!({ "change": "add_member", "group": group, "member": user("nil") });
    facts(
        &state,
        vec![
            (
                "its name",
                "sam",
                json!({ "change": "update_group", "group": { "id": "staff", "name": "S" } }),
                Some(Owned),
            ),
            (
                "another's name",
                "sam",
                json!({ "change": "update_group", "group": { "id": "void", "name": "S" } }),
                None,
            ),
            (
                "a new one, as if it were the provider's",
                "sam",
                json!({ "change": "create_group", "group": { "id": "new", "name": "New", "source": "identity_provider" } }),
                Some(Owned),
            ),
            (
                "a new one, by the operator",
                "operator",
                json!({ "change": "create_group", "group": { "id": "new", "name": "New", "source": "identity_provider" } }),
                None,
            ),
            ("itself", "sam", with_id("delete_group", "staff"), Some(Owned)),
            ("another", "sam", with_id("delete_group", "void"), None),
            ("a member more", "sam", add("staff"), Some(Owned)),
            ("a member more of another", "sam", add("void"), None),
            ("a member less", "sam", with_id("remove_member", "m-staff"), Some(Owned)),
            ("a member less of another", "sam", with_id("remove_member", "m-idle"), None),
            ("S1-23 a role for it", "sam", assign(json!({ "group": "staff" }), "poster"), None),
            (
                "it within another",
                "sam",
                json!({ "change": "add_member", "group": "void", "member": { "group": "staff" } }),
                None,
            ),
            // The provider itself speaks as the operator.
            (
                "its name, by the operator",
                "operator",
                json!({ "change": "update_group", "group": { "id": "staff", "name": "S" } }),
                None,
            ),
            ("itself, by the operator", "operator", with_id("delete_group", "staff"), None),
            ("a member more, by the operator", "operator", add("staff"), None),
            ("a member less, by the operator", "operator", with_id("remove_member", "m-staff"), None),
            ("a member more, by a key", "key:groups.manage", add("staff"), Some(Owned)),
        ],
    );
}

#[test]
fn s1_22_a_key_that_acts_for_the_identity_provider_edits_its_groups_by_every_other_rule() {
    use Code::{MissingPermission, NotHeld, OwnedByIdentityProvider as Owned, SuperuserOnly};
    const PROVIDER: &str = "provider:groups.manage";
    let state = world(&[]);
    let group = |change: &str, id: &str| json!({ "change": change, "group": { "id": id, "name": "S", "source": "identity_provider" } });
    let add = json!({ "change": "add_member", "group": "staff", "member": user("nil") });
    facts(
        &state,
        vec![
            ("its name", PROVIDER, group("update_group", "staff"), None),
            ("a new one", PROVIDER, group("create_group", "new"), None),
            ("itself", PROVIDER, with_id("delete_group", "staff"), None),
            ("a member more", PROVIDER, add.clone(), None),
            ("a member less", PROVIDER, with_id("remove_member", "m-staff"), None),
            ("without the permission", "provider:users.manage", add.clone(), Some(MissingPermission)),
            ("another key", "key:groups.manage", group("create_group", "new"), Some(Owned)),
            ("another key, a name", "key:groups.manage", group("update_group", "staff"), Some(Owned)),
        ],
    );
    let state = by(&state, "sam", &assign(json!({ "group": "staff" }), "poster")).unwrap().state;
    facts(
        &state,
        vec![
            ("a member of what gives more than the key holds", PROVIDER, add.clone(), Some(NotHeld)),
            ("what the key holds", "provider:groups.manage,mail.view,mail.manage", add.clone(), None),
        ],
    );
    let state = by(&state, "sam", &assign(json!({ "group": "staff" }), "root")).unwrap().state;
    facts(
        &state,
        vec![
            ("a superuser more", PROVIDER, add, Some(SuperuserOnly)),
            ("a superuser less", PROVIDER, with_id("remove_member", "m-staff"), Some(SuperuserOnly)),
        ],
    );
    let refusal = by(&state, PROVIDER, &with_id("remove_member", "m-staff")).unwrap_err();
    let message = "`Staff` gives the superuser role `Root`: only a superuser can take it away";
    assert_eq!(refusal.message, message);
}

#[test]
fn nobody_gives_what_they_do_not_hold() {
    use Code::NotHeld;
    let state = world(&[]);
    let package = |change: &str, id: &str, roles: &[&str]| json!({ "change": change, "package": { "id": id, "name": format!("The {id}"), "roles": roles } });
    let invite =
        |roles: &[&str]| json!({ "change": "invite_user", "user": new_user("fresh"), "roles": roles });
    let edit = |id: &str, grants: &[&str]| json!({ "change": "update_role", "role": role(id, grants) });
    let member = |group: &str, who: Value| json!({ "change": "add_member", "group": group, "member": who });
    let to_package = |package: &str| json!({ "change": "set_package", "id": "nil", "package": package });
    facts(
        &state,
        vec![
            ("assignment", "ada", assign(user("nil"), "poster"), Some(NotHeld)),
            ("assignment, held", "ada", assign(user("nil"), "reporter"), None),
            ("assignment, to oneself", "ada", assign(user("ada"), "poster"), Some(NotHeld)),
            ("assignment to a group", "ada", assign(json!({ "group": "void" }), "poster"), Some(NotHeld)),
            ("assignment to a group, held", "ada", assign(json!({ "group": "void" }), "reporter"), None),
            ("assignment to everyone", "ada", assign(json!("everyone"), "poster"), Some(NotHeld)),
            ("assignment to everyone, held", "ada", assign(json!("everyone"), "reporter"), None),
            ("console permissions", "ada", assign(user("nil"), "keeper"), Some(NotHeld)),
            ("a role that inherits", "ada", assign(user("nil"), "leaf"), None),
            ("role edit", "ada", edit("reporter", &["reports.view", "mail.view"]), Some(NotHeld)),
            ("role edit, held", "ada", edit("stem", &["reports.view", "reports.run"]), None),
            (
                "role edit of one that nobody holds",
                "ada",
                json!({ "change": "create_role", "role": role("fresh", &["mail.manage"]) }),
                None,
            ),
            ("role edit that takes away", "ada", edit("poster", &["mail.view"]), None),
            ("role edit that leaves as it is", "ada", edit("poster", &["mail.view", "mail.manage"]), None),
            (
                "role edit that takes away and gives",
                "ada",
                edit("poster", &["mail.view", "reports.run"]),
                None,
            ),
            (
                "role edit of the base role",
                "ada",
                json!({ "change": "update_role", "role": { "id": "member", "name": "Member", "base": true, "grants": { "mail.view": "allowed" } } }),
                Some(NotHeld),
            ),
            (
                "role edit of the base role, held",
                "ada",
                json!({ "change": "update_role", "role": { "id": "member", "name": "Member", "base": true, "grants": { "reports.view": "allowed" } } }),
                None,
            ),
            ("role edit of what a held role inherits", "ada", edit("stem", &["mail.view"]), Some(NotHeld)),
            (
                "inheritance",
                "ada",
                json!({ "change": "update_role", "role": { "id": "leaf", "name": "Leaf", "inherits": ["poster"] } }),
                Some(NotHeld),
            ),
            (
                "inheritance, held",
                "ada",
                json!({ "change": "update_role", "role": { "id": "leaf", "name": "Leaf", "inherits": ["reporter"] } }),
                None,
            ),
            ("invitation", "ada", invite(&["poster"]), Some(NotHeld)),
            ("invitation, held", "ada", invite(&["reporter"]), None),
            ("invitation, one of two", "ada", invite(&["reporter", "poster"]), Some(NotHeld)),
            ("new package", "ada", package("create_package", "fresh", &["poster"]), Some(NotHeld)),
            ("new package, held", "ada", package("create_package", "fresh", &["reporter"]), None),
            (
                "role on a package",
                "ada",
                package("update_package", "basic", &["reporter", "poster"]),
                Some(NotHeld),
            ),
            ("role on a package, held", "ada", package("update_package", "empty", &["reporter"]), None),
            ("role that stays on a package", "ada", package("update_package", "post", &["poster"]), None),
            (
                "role beside one that stays",
                "ada",
                package("update_package", "post", &["poster", "reporter"]),
                None,
            ),
            (
                "replacement on packages",
                "ada",
                json!({ "change": "replace_role_in_packages", "role": "reporter", "with": "poster" }),
                Some(NotHeld),
            ),
            (
                "replacement on packages, held",
                "ada",
                json!({ "change": "replace_role_in_packages", "role": "poster", "with": "reporter" }),
                None,
            ),
            ("person on a package", "ada", to_package("post"), Some(NotHeld)),
            ("person on a package, held", "ada", to_package("basic"), None),
            ("member of a group", "ada", member("posters", user("nil")), Some(NotHeld)),
            ("member of a group, held", "ada", member("readers", user("nil")), None),
            ("member of a group within it", "ada", member("outer", user("nil")), Some(NotHeld)),
            ("group within a group", "ada", member("posters", json!({ "group": "void" })), Some(NotHeld)),
            ("group within a group, held", "ada", member("readers", json!({ "group": "void" })), None),
            (
                "a key gives what it holds",
                "key:users.assign_roles,mail.view,mail.manage",
                assign(user("nil"), "poster"),
                None,
            ),
            ("and no more", "key:users.assign_roles,mail.view", assign(user("nil"), "poster"), Some(NotHeld)),
            ("a superuser gives everything", "sam", assign(user("nil"), "poster"), None),
            ("so does the operator", "operator", assign(user("nil"), "poster"), None),
        ],
    );
    let refusal = by(&state, "ada", &assign(user("nil"), "poster")).unwrap_err();
    assert!(
        ["mail.view", "mail.manage"].contains(&refusal.permission.as_deref().unwrap()),
        "it names what is missing"
    );
}

#[test]
fn a_key_gives_where_it_is_good_and_for_as_long_alone() {
    use Code::{MissingPermission, NotHeld};
    let key = |rest: &str| format!("key:users.assign_roles,mail.view,mail.manage{rest}");
    let at = |scope: &str| assign_within("nil", "poster", scope, None);
    let until = |until: i64| assign_within("nil", "poster", "servers/s1", Some(until));
    let state = world(&[]);
    let mut wrong = Vec::new();
    for (actor, change, expected) in [
        (key(""), at("/"), None),
        (key("@servers/s1"), at("servers/s1"), None),
        (key("@servers"), at("servers/s1"), None),
        (key("@servers/s1"), at("/"), Some(MissingPermission)),
        (key("@servers/s1"), at("servers"), Some(MissingPermission)),
        (key("@servers/s1"), at("servers/s10"), Some(MissingPermission)),
        // What is not a place now may be one that the catalogue had.
        (key("@disks/d1"), at("servers/s1"), Some(MissingPermission)),
        (key("@servers/s1<1001000"), until(SOON), None),
        (key("@servers/s1<1001000"), until(LATER), Some(NotHeld)),
        (key("@servers/s1<1001000"), at("servers/s1"), Some(NotHeld)),
        (key("<1000000"), at("/"), Some(MissingPermission)),
        // Questions for the whole tenant.
        ("key:groups.manage@servers".to_owned(), with_id("delete_group", "void"), Some(MissingPermission)),
        ("key:groups.manage".to_owned(), with_id("delete_group", "void"), None),
    ] {
        let found = by(&state, &actor, &change).err().map(|refusal| refusal.code);
        if found != expected {
            wrong.push(format!("{actor} {change}: expected {expected:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let (permissions, prod) = (["mail.view".to_owned()], ResourcePath::parse("servers/s1").unwrap());
    let actor = Actor::Key {
        permissions: &permissions,
        scope: &prod,
        until: Some(Timestamp(SOON)),
        for_provider: false,
        trusts_subject: false,
        told_to: &[],
    };
    for (scope, until, gives) in [
        ("servers/s1", Some(SOON), true),
        ("servers/s1", Some(LATER), false),
        ("servers/s1", None, false),
        ("servers", Some(SOON), false),
        ("/", Some(SOON), false),
    ] {
        let place = rules::place(&state, scope).unwrap();
        let giver = rules::Giver::new(&state, &actor, &place, until.map(Timestamp), NOW);
        assert_eq!(giver.may_give("mail.view", Level(1)).is_ok(), gives, "{scope} {until:?}");
    }
}

#[test]
fn nobody_makes_or_renews_a_key_with_more_than_they_hold() {
    use Code::{Invalid, MissingPermission, NotHeld};
    const MANAGE: &str = "api_keys.manage";
    let mut documents = documents();
    let clerk = role("clerk", &[MANAGE, "reports.view", "users.view"]);
    let lifter = role("lifter", &[MANAGE, "roles.escalate"]);
    for role in [clerk, lifter] {
        let role: RoleDocument = serde_json::from_value(role).unwrap();
        documents.roles.insert(role.id.clone(), role);
    }
    for (id, who, role, scope, until) in [
        ("k1", "nil", "clerk", "/", None),
        ("k2", "max", "clerk", "servers/s1", None),
        ("k3", "guy", "clerk", "/", Some(SOON)),
        ("k4", "esc", "lifter", "/", None),
    ] {
        let mut assignment =
            json!({ "id": id, "principal": user(who), "role": role, "scope": scope, "made": AT });
        if let Some(until) = until {
            assignment["until"] = json!(until);
        }
        let assignment: AssignmentDocument = serde_json::from_value(assignment).unwrap();
        documents.directory.assignments.insert(id.to_owned(), assignment);
    }
    let state = build(documents);
    let everything = [MANAGE, "reports.view"].map(str::to_owned);
    let (tenant, server) = (ResourcePath::tenant(), ResourcePath::parse("servers/s1").unwrap());
    let keys = [
        ("key", &tenant, None),
        ("key at a server", &server, None),
        ("key that ends", &tenant, Some(Timestamp(SOON))),
    ];
    let mut wrong = Vec::new();
    // Who, with what, where, until when; what making says, and what renewing says.
    for (who, permissions, scope, until, making, renewing) in [
        ("sam", "mail.view audit.view roles.escalate", "/", None, None, None),
        ("operator", "mail.view audit.view", "/", None, None, None),
        ("nil", "reports.view users.view api_keys.manage", "/", None, None, None),
        ("nil", "reports.view", "servers/s1", None, None, None),
        ("nil", "reports.view", "servers/s1", Some(SOON), None, None),
        ("nil", "mail.view", "/", None, Some(NotHeld), Some(NotHeld)),
        ("nil", "reports.view roles.manage", "/", None, Some(NotHeld), Some(NotHeld)),
        ("ada", "reports.view", "/", None, Some(MissingPermission), Some(MissingPermission)),
        ("max", "reports.view", "servers/s1", None, None, None),
        ("max", "reports.view", "/", None, Some(MissingPermission), Some(MissingPermission)),
        ("max", "reports.view", "servers/s2", None, Some(MissingPermission), Some(MissingPermission)),
        ("guy", "reports.view", "/", Some(SOON), None, None),
        ("guy", "reports.view", "/", Some(LATER), Some(NotHeld), Some(NotHeld)),
        ("guy", "reports.view", "/", None, Some(NotHeld), Some(NotHeld)),
        // The product's permissions are lifted, Rolewright's own never.
        ("esc", "mail.view", "/", None, None, None),
        ("esc", "users.view", "/", None, Some(NotHeld), Some(NotHeld)),
        ("key", "reports.view api_keys.manage", "/", None, None, None),
        ("key", "reports.view", "servers/s1", Some(SOON), None, None),
        ("key", "reports.run", "/", None, Some(NotHeld), Some(NotHeld)),
        ("key at a server", "reports.view", "servers/s1", None, None, None),
        ("key at a server", "reports.view", "/", None, Some(MissingPermission), Some(MissingPermission)),
        ("key that ends", "reports.view", "/", Some(SOON), None, None),
        ("key that ends", "reports.view", "/", None, Some(NotHeld), Some(NotHeld)),
        // What is not there, or has ended, is not made; what stands may come back.
        ("sam", "no.such", "/", None, Some(Invalid), None),
        ("nil", "no.such", "/", None, Some(Invalid), Some(NotHeld)),
        ("ada", "no.such", "/", None, Some(MissingPermission), Some(MissingPermission)),
        ("sam", "", "/", None, Some(Invalid), None),
        ("sam", "reports.view", "/", Some(NOW.0), Some(Invalid), None),
    ] {
        let actor = match keys.iter().find(|(name, ..)| *name == who) {
            Some((_, scope, until)) => Actor::Key {
                permissions: &everything,
                scope,
                until: *until,
                for_provider: false,
                trusts_subject: false,
                told_to: &[],
            },
            None if who == "operator" => Actor::Operator,
            None => Actor::Subject { state: &state, subject: state.subject(who).unwrap(), session: None },
        };
        let permissions: Vec<String> = permissions.split_whitespace().map(str::to_owned).collect();
        let scope = rules::place(&state, scope).unwrap();
        let key = rules::KeyGrant {
            permissions: &permissions,
            scope: &scope,
            until: until.map(Timestamp),
            trusts_subject: false,
        };
        let code = |done: Result<(), Refusal>| done.err().map(|refusal| refusal.code);
        let found = (
            code(rules::may_make_key(&state, &actor, "Key", key, NOW)),
            code(rules::may_renew_key(&state, &actor, key, NOW)),
        );
        if found != (making, renewing) {
            wrong.push(format!("{who} {key:?}: expected {:?}, found {found:?}", (making, renewing)));
        }
        let ends = code(rules::may_end_key(&state, &actor, &scope, None, NOW));
        let manages = making != Some(MissingPermission);
        if ends.is_none() != manages {
            wrong.push(format!("{who} ends it: {ends:?}"));
        }
        // Whoever was told its newest secret ends it, whatever else they may.
        let own = code(rules::may_end_key(&state, &actor, &scope, Some(who), NOW));
        if own.is_some() && matches!(actor, Actor::Subject { .. }) {
            wrong.push(format!("{who} does not end their own: {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_role_is_given_for_a_time_to_come() {
    let give = |until: i64| assign_within("nil", "spare", "/", Some(until));
    let batch =
        |change: Value| json!({ "change": "batch", "changes": [with_id("delete_user", "max"), change] });
    let until = |id: &str, until: i64| json!({ "id": id, "principal": { "user": "nil" }, "role": "spare", "from": 5, "until": until });
    let given = world(&[until("over", NOW.0), until("still", SOON)]);
    for (change, path) in [
        (give(NOW.0 + 1), None),
        (give(NOW.0), Some("$.until")),
        (give(NOW.0 - 1), Some("$.until")),
        (batch(give(1)), Some("$.changes[1].until")),
        (set_window("still", Some(5), Some(NOW.0 + 1)), None),
        // It is taken away at once.
        (set_window("still", Some(6), Some(NOW.0)), None),
        (set_window("still", Some(4), Some(NOW.0)), Some("$.until")),
        (set_window("over", Some(6), Some(NOW.0)), None),
        (set_window("over", Some(4), Some(NOW.0)), Some("$.until")),
        (set_window("over", Some(4), Some(SOON)), None),
    ] {
        let refused = by(&given, "sam", &change).err();
        let told = refused.as_ref().and_then(|refusal| refusal.problems.first());
        assert_eq!(told.map(|problem| problem.path.as_str()), path, "{change}");
        let message = told.map(|problem| problem.message.as_str());
        assert_eq!(message, path.map(|_| "this has passed: say a time to come, or leave it out"), "{change}");
        assert_eq!(refused.is_some(), path.is_some(), "{change}: {refused:?}");
    }
}

#[test]
fn what_is_wrong_with_a_key_is_told_where_it_was_sent() {
    let state = world(&[]);
    let permissions = ["reports.view", "no.such", "nor`this"].map(str::to_owned);
    let tenant = ResourcePath::tenant();
    let key = rules::KeyGrant {
        permissions: &permissions,
        scope: &tenant,
        until: Some(NOW),
        trusts_subject: false,
    };
    let refusal = rules::may_make_key(&state, &Actor::Operator, " ", key, NOW).unwrap_err();
    let paths: Vec<&str> = refusal.problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["$.name", "$.permissions[1]", "$.permissions[2]", "$.expires"]);
    for (scope, says) in [
        ("servers/s1", None),
        ("disks/d1", Some("`disks/d1` is not a place")),
        ("servers//x", Some("`servers//x`: ")),
        ("", Some("``: ")),
    ] {
        let found = rules::place(&state, scope).err();
        assert_eq!(found.is_some(), says.is_some(), "{scope}");
        if let (Some(refusal), Some(says)) = (found, says) {
            assert_eq!(refusal.problems.first().unwrap().path, "$.scope");
            assert!(refusal.message.contains(says), "{}", refusal.message);
        }
    }
}

#[test]
fn who_adds_a_member_gives_what_the_group_has_for_a_while_and_not_what_it_had() {
    let member = |group: &str| json!({ "change": "add_member", "group": group, "member": user("nil") });
    let state = world(&[
        json!({ "id": "x1", "principal": { "group": "void" }, "role": "poster", "until": LATER }),
        json!({ "id": "x2", "principal": { "group": "readers" }, "role": "poster", "until": NOW.0 }),
    ]);
    facts(
        &state,
        vec![
            ("it has it for a while", "ada", member("void"), Some(Code::NotHeld)),
            ("it has it for a while", "sam", member("void"), None),
            ("it had it", "ada", member("readers"), None),
        ],
    );
}

#[test]
fn who_may_not_give_is_told_whether_it_is_not_held_or_less_or_not_for_as_long() {
    let mut policy = policy();
    policy["catalogue"]["scales"] =
        json!({ "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }] } });
    let mail = policy["catalogue"]["modules"][1]["permissions"].as_array_mut().unwrap();
    mail.push(json!({ "id": "mail.send", "label": "Send", "scale": "reach" }));
    let giver = |send: &str| json!({ "users.assign_roles": "allowed", "mail.send": send });
    policy["roles"].as_array_mut().unwrap().extend([
        json!({ "id": "some", "name": "Some", "audience": "admin", "grants": giver("own") }),
        json!({ "id": "most", "name": "Most", "audience": "admin", "grants": giver("all") }),
    ]);
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap();
    let mut known = Documents::of_policy(&policy);
    known.directory = documents().directory;
    for assignment in [
        json!({ "id": "x1", "principal": user("nil"), "role": "some" }),
        json!({ "id": "x2", "principal": user("pete"), "role": "some" }),
        json!({ "id": "x3", "principal": user("pete"), "role": "most", "until": SOON }),
    ] {
        let assignment: AssignmentDocument = serde_json::from_value(assignment).unwrap();
        known.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    let state = build(known);
    for (actor, role, why) in [
        ("nil", "poster", "`Mail: View`, and you do not hold it for the whole tenant"),
        ("nil", "most", "`Mail: Send`, and you hold less of it for the whole tenant"),
        ("pete", "most", "`Mail: Send`, and what you hold of it for the whole tenant ends before that"),
    ] {
        let refusal = by(&state, actor, &assign(user("idle"), role)).unwrap_err();
        assert_eq!(refusal.code, Code::NotHeld, "{actor} {role}");
        assert!(refusal.message.ends_with(why), "{actor} {role}: {}", refusal.message);
    }
}

#[test]
fn a_role_that_is_created_stands_last_and_one_that_is_edited_where_it_stood() {
    let state = world(&[]);
    let position = |state: &State, id: &str| state.documents().roles[id].position;
    let last = state.documents().roles.values().map(|role| role.position).max().unwrap();
    let at = |id: &str, position: u32| {
        let mut role = role(id, &[]);
        role["position"] = json!(position);
        role
    };
    for (change, id, expected) in [
        (json!({ "change": "create_role", "role": role("fresh", &[]) }), "fresh", last + 1),
        (json!({ "change": "create_role", "role": at("fresh", 3) }), "fresh", 3),
        (json!({ "change": "update_role", "role": role("stem", &[]) }), "stem", position(&state, "stem")),
        (json!({ "change": "update_role", "role": at("stem", 77) }), "stem", 77),
    ] {
        let after = by(&state, "sam", &change).unwrap_or_else(|refusal| panic!("{change}: {refusal}")).state;
        assert_eq!(position(&after, id), expected, "{change}");
    }
}

/// Who brings everyone a role through a role that a package carries, or that is assigned to
/// everyone, gives it as well.
#[test]
fn a_role_edit_is_checked_wherever_the_role_is_held() {
    let edit = |id: &str| json!({ "change": "update_role", "role": role(id, &["mail.view"]) });
    let assigned = |id: &str, principal: Value, extra: Value| {
        let mut assignment = json!({ "id": id, "principal": principal, "role": "spare" });
        assignment.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assignment
    };
    let mut base = documents();
    base.directory.assignments.remove("a-idle");
    let refused =
        |documents: Documents| by(&build(documents), "ada", &edit("spare")).err().map(|refusal| refusal.code);
    assert_eq!(refused(base.clone()), None, "nobody holds it");
    let mut carried = base.clone();
    let mut link = carried.packages["basic"].roles[0].clone();
    (link.role, link.link) = ("spare".to_owned(), "empty-1".to_owned());
    carried.packages.get_mut("empty").unwrap().roles.push(link);
    assert_eq!(refused(carried), Some(Code::NotHeld), "a package carries it");
    let holds_it = |assignment: Value| {
        let mut documents = base.clone();
        let assignment: AssignmentDocument = serde_json::from_value(assignment).unwrap();
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
        documents
    };
    assert_eq!(
        refused(holds_it(assigned("x", json!("everyone"), json!({})))),
        Some(Code::NotHeld),
        "everyone"
    );
    assert_eq!(
        refused(holds_it(assigned("x", json!({ "group": "void" }), json!({})))),
        Some(Code::NotHeld),
        "a group"
    );
    assert_eq!(
        refused(holds_it(assigned("x", user("nil"), json!({ "scope": "servers/a" })))),
        Some(Code::NotHeld),
        "at a scope"
    );
    assert_eq!(
        refused(holds_it(assigned("x", user("nil"), json!({ "from": LATER })))),
        Some(Code::NotHeld),
        "later"
    );
    assert_eq!(
        refused(holds_it(assigned("x", user("nil"), json!({ "until": LATER })))),
        Some(Code::NotHeld),
        "for a while"
    );
    assert_eq!(refused(holds_it(assigned("x", user("nil"), json!({ "until": NOW.0 })))), None, "no longer");
}

#[test]
fn scope_and_window_of_what_one_gives_are_within_ones_own() {
    use Code::{MissingPermission, NotHeld};
    let grants = json!({ "users.assign_roles": "allowed", "mail.view": "allowed", "mail.manage": "allowed" });
    let mut documents = documents();
    let local: rolewright_model::role::RoleDocument = serde_json::from_value(
        json!({ "id": "local", "name": "Local", "audience": "admin", "grants": grants }),
    )
    .unwrap();
    documents.roles.insert("local".to_owned(), local);
    for assignment in [
        json!({ "id": "x1", "principal": user("nil"), "role": "local", "scope": "servers/prod" }),
        json!({ "id": "x2", "principal": user("pete"), "role": "local", "until": SOON }),
    ] {
        let assignment: AssignmentDocument = serde_json::from_value(assignment).unwrap();
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    let state = build(documents);
    facts(
        &state,
        vec![
            ("there", "nil", assign_within("idle", "poster", "servers/prod", None), None),
            (
                "not elsewhere",
                "nil",
                assign_within("idle", "poster", "servers/test", None),
                Some(MissingPermission),
            ),
            ("not in the tenant", "nil", assign_within("idle", "poster", "/", None), Some(MissingPermission)),
            ("not above", "nil", assign_within("idle", "poster", "servers", None), Some(MissingPermission)),
            (
                "not what one does not hold there",
                "nil",
                assign_within("idle", "reporter", "servers/prod", None),
                Some(NotHeld),
            ),
            ("as long as one's own", "pete", assign_within("idle", "poster", "/", Some(SOON)), None),
            ("shorter", "pete", assign_within("idle", "poster", "/", Some(SOON - 1)), None),
            ("not longer", "pete", assign_within("idle", "poster", "/", Some(SOON + 1)), Some(NotHeld)),
            ("not for good", "pete", assign_within("idle", "poster", "/", None), Some(NotHeld)),
            ("below, as long", "pete", assign_within("idle", "poster", "servers/prod", Some(SOON)), None),
            (
                "one's own for good lasts as long as any",
                "sam",
                assign_within("idle", "poster", "/", Some(LATER)),
                None,
            ),
        ],
    );
}

#[test]
fn two_roles_that_end_do_not_make_one_that_lasts() {
    let grants = json!({ "users.assign_roles": "allowed", "mail.view": "allowed", "mail.manage": "allowed" });
    let mut documents = documents();
    let local = serde_json::from_value(
        json!({ "id": "local", "name": "Local", "audience": "admin", "grants": grants }),
    )
    .unwrap();
    documents.roles.insert("local".to_owned(), local);
    let first: AssignmentDocument = serde_json::from_value(
        json!({ "id": "x1", "principal": user("nil"), "role": "local", "until": SOON }),
    )
    .unwrap();
    let second: AssignmentDocument = serde_json::from_value(
        json!({ "id": "x2", "principal": user("nil"), "role": "local", "from": SOON, "until": LATER }),
    )
    .unwrap();
    documents.directory.assignments.insert("x1".to_owned(), first);
    documents.directory.assignments.insert("x2".to_owned(), second);
    let state = build(documents);
    let give = assign_within("idle", "poster", "/", Some(LATER));
    assert_eq!(by(&state, "nil", &give).unwrap_err().code, Code::NotHeld);
}

#[test]
fn escalating_lifts_the_product_never_the_console_nor_superuser() {
    use Code::{MissingPermission, NotHeld, SuperuserOnly};
    let state = world(&[]);
    facts(
        &state,
        vec![
            ("the product's", "esc", assign(user("nil"), "poster"), None),
            ("the product's, to oneself", "esc", assign(user("esc"), "poster"), None),
            (
                "the product's, by a role edit",
                "esc",
                json!({ "change": "update_role", "role": role("leaf", &["mail.manage"]) }),
                None,
            ),
            ("the console's", "esc", assign(user("nil"), "keeper"), Some(NotHeld)),
            (
                "the console's, by a role edit",
                "esc",
                json!({ "change": "update_role", "role": role("leaf", &["audit.view"]) }),
                Some(NotHeld),
            ),
            (
                "the console's that one holds",
                "esc",
                json!({ "change": "update_role", "role": role("leaf", &["roles.manage"]) }),
                None,
            ),
            ("superuser", "esc", assign(user("nil"), "root"), Some(SuperuserOnly)),
            ("superuser by inheritance", "esc", assign(user("nil"), "deputy"), Some(SuperuserOnly)),
            (
                "what needs another permission",
                "esc",
                json!({ "change": "set_package", "id": "nil", "package": "post" }),
                Some(MissingPermission),
            ),
            (
                "a key escalates too",
                "key:users.assign_roles,roles.escalate",
                assign(user("nil"), "poster"),
                None,
            ),
            (
                "and no further",
                "key:users.assign_roles,roles.escalate",
                assign(user("nil"), "keeper"),
                Some(NotHeld),
            ),
        ],
    );
    let refusal = by(&state, "esc", &assign(user("nil"), "keeper")).unwrap_err();
    assert_eq!(refusal.permission.as_deref(), Some("audit.view"));
}

#[test]
fn only_a_superuser_gives_and_takes_superuser() {
    use Code::SuperuserOnly;
    let everything = "key:users.manage,users.assign_roles,roles.manage,roles.escalate,groups.manage,packages.manage,settings.manage";
    let state = world(&[
        json!({ "id": "x1", "principal": { "group": "readers" }, "role": "root" }),
        json!({ "id": "x2", "principal": user("max"), "role": "chief" }),
        json!({ "id": "x3", "principal": user("pete"), "role": "deputy" }),
        json!({ "id": "x4", "principal": { "group": "posters" }, "role": "deputy", "scope": "servers/prod" }),
    ]);
    let super_role = json!({ "id": "fresh", "name": "Fresh", "superuser": true });
    let chief = |superuser: bool| json!({ "id": "chief", "name": "Chief", "audience": "admin", "superuser": superuser, "description": "Edited" });
    let mut all: Vec<Fact> = Vec::new();
    let changes: Vec<(&'static str, Value)> = vec![
        ("assignment", assign(user("nil"), "root")),
        ("assignment at a scope", assign_within("nil", "root", "servers/prod", None)),
        ("assignment for a time", assign_within("nil", "root", "/", Some(SOON))),
        ("assignment of an heir", assign(user("nil"), "deputy")),
        ("assignment to everyone", assign(json!("everyone"), "root")),
        ("taking it away", with_id("unassign", "x2")),
        ("taking an heir away", with_id("unassign", "x3")),
        ("ending it", set_window("x2", None, Some(SOON))),
        ("beginning it later", set_window("x2", Some(SOON), None)),
        ("invitation", json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["root"] })),
        ("membership", json!({ "change": "add_member", "group": "readers", "member": user("nil") })),
        ("nesting", json!({ "change": "add_member", "group": "readers", "member": { "group": "void" } })),
        ("taking a member out", with_id("remove_member", "m-guy")),
        ("taking a group out", with_id("remove_member", "m-nest")),
        ("deleting the group", with_id("delete_group", "posters")),
        ("deleting a group within it", with_id("delete_group", "outer")),
        ("new role", json!({ "change": "create_role", "role": super_role })),
        ("role edit", json!({ "change": "update_role", "role": chief(true) })),
        ("role edit that ends it", json!({ "change": "update_role", "role": chief(false) })),
        ("deleting the role", with_id("delete_role", "chief")),
        (
            "role edit that begins it",
            json!({ "change": "update_role", "role": { "id": "spare", "name": "Spare", "superuser": true } }),
        ),
        (
            "role edit that begins to inherit it",
            json!({ "change": "update_role", "role": { "id": "spare", "name": "Spare", "inherits": ["root"] } }),
        ),
        ("deleting the base role", with_id("delete_role", "member")),
        ("ending the base role", json!({ "change": "update_role", "role": role("member", &[]) })),
        ("products", json!({ "change": "update_settings", "settings": { "products": ["core", "more"] } })),
        ("catalogue", json!({ "change": "update_catalogue", "catalogue": policy()["catalogue"] })),
        ("import", json!({ "change": "import_policy", "policy": policy() })),
    ];
    for (name, change) in changes {
        all.push((name, "ada", change.clone(), Some(SuperuserOnly)));
        all.push((name, everything, change.clone(), Some(SuperuserOnly)));
        all.push((name, "sam", change.clone(), None));
        all.push((name, "operator", change, None));
    }
    facts(&state, all);
}

/// What has ended is nobody's to lose, and other groups are edited as ever.
#[test]
fn a_group_that_gives_no_superuser_is_left_and_deleted_without_one() {
    let state = world(&[
        json!({ "id": "x1", "principal": { "group": "posters" }, "role": "root", "until": NOW.0 }),
        json!({ "id": "x2", "principal": { "group": "readers" }, "role": "root" }),
    ]);
    for change in [
        with_id("remove_member", "m-guy"),
        with_id("remove_member", "m-nest"),
        with_id("delete_group", "posters"),
        with_id("delete_group", "outer"),
    ] {
        assert_eq!(by(&state, "ada", &change).err().map(|refusal| refusal.code), None, "{change}");
    }
}

/// Who could not give the heir of a superuser role must not end it either, nor delete it.
#[test]
fn the_heir_of_a_superuser_role_is_a_superuser_role_in_every_rule() {
    let state = world(&[json!({ "id": "x", "principal": user("pete"), "role": "deputy" })]);
    for change in [
        json!({ "change": "update_role", "role": { "id": "deputy", "name": "Deputy", "audience": "admin" } }),
        with_id("delete_role", "deputy"),
    ] {
        assert_eq!(
            by(&state, "ada", &change).err().map(|refusal| refusal.code),
            Some(Code::SuperuserOnly),
            "{change}"
        );
        assert!(by(&state, "sam", &change).is_ok(), "{change}");
    }
}

/// A superuser role that inherits gets nothing from what it inherits: it has everything.
#[test]
fn editing_what_a_superuser_role_inherits_gives_it_nothing() {
    let mut documents = documents();
    documents.roles.get_mut("chief").unwrap().inherits.push("stem".to_owned());
    let assignment: AssignmentDocument =
        serde_json::from_value(json!({ "id": "x", "principal": user("pete"), "role": "chief" })).unwrap();
    documents.directory.assignments.insert("x".to_owned(), assignment);
    documents.directory.assignments.remove("a-leaf");
    let state = build(documents);
    let edit = json!({ "change": "update_role", "role": role("stem", &["reports.view", "reports.run"]) });
    assert_eq!(by(&state, "ada", &edit).err().map(|refusal| refusal.code), None);
}

#[test]
fn a_superuser_at_a_scope_or_for_a_time_gives_it_there_and_so_long() {
    let state = world(&[
        json!({ "id": "x1", "principal": user("nil"), "role": "root", "scope": "servers/prod" }),
        json!({ "id": "x2", "principal": user("pete"), "role": "root", "until": SOON }),
    ]);
    facts(
        &state,
        vec![
            ("there", "nil", assign_within("idle", "root", "servers/prod", None), None),
            (
                "not elsewhere",
                "nil",
                assign_within("idle", "root", "servers/test", None),
                Some(Code::MissingPermission),
            ),
            (
                "not in the tenant",
                "nil",
                assign_within("idle", "root", "/", None),
                Some(Code::MissingPermission),
            ),
            ("so long", "pete", assign_within("idle", "root", "/", Some(SOON)), None),
            (
                "not longer",
                "pete",
                assign_within("idle", "root", "/", Some(LATER)),
                Some(Code::SuperuserOnly),
            ),
            ("not for good", "pete", assign_within("idle", "root", "/", None), Some(Code::SuperuserOnly)),
        ],
    );
}

#[test]
fn who_acts_on_a_person_holds_what_they_hold() {
    use Code::PersonHoldsMore as More;
    let state = world(&[
        json!({ "id": "x1", "principal": user("nil"), "role": "poster", "from": LATER }),
        json!({ "id": "x2", "principal": user("pete"), "role": "poster", "until": NOW.0 }),
        json!({ "id": "x3", "principal": user("idle"), "role": "poster", "until": LATER }),
    ]);
    let status = |id: &str, status: &str| json!({ "change": "set_status", "id": id, "status": status });
    let email =
        |id: &str| json!({ "change": "update_user", "user": { "id": id, "email": "other@example.com" } });
    let name = |id: &str| json!({ "change": "update_user", "user": { "id": id, "email": format!("{id}@example.com"), "last_name": "Other" } });
    let mut all: Vec<Fact> = Vec::new();
    for (who, id, refused) in [
        ("one who holds more", "max", true),
        ("one who holds more by a group", "guy", true),
        ("one who holds more by a package", "pat", true),
        ("one who is about to hold more", "nil", true),
        ("one who holds more for a while", "idle", true),
        ("one who no longer holds more", "pete", false),
        ("one who holds less", "rio", false),
        ("one who holds something of the console", "esc", true),
        ("a superuser", "sam", true),
        ("oneself", "ada", false),
        ("one who is invited", "ivo", false),
    ] {
        let code = refused.then_some(More);
        all.push((who, "ada", status(id, "disabled"), code));
        all.push((who, "ada", with_id("delete_user", id), code));
        all.push((who, "ada", email(id), if id == "ada" { Some(Code::OwnEmail) } else { code }));
        all.push((who, "ada", name(id), None));
        if id != "sam" {
            all.push((who, "sam", status(id, "disabled"), None));
            all.push((who, "sam", with_id("delete_user", id), None));
        }
        all.push((who, "sam", email(id), (id == "sam").then_some(Code::OwnEmail)));
    }
    all.push(("activating one who holds more", "ada", status("dis", "active"), Some(More)));
    all.push(("activating one who holds more", "sam", status("dis", "active"), None));
    facts(&state, all);
    let actor = Actor::Subject { state: &state, subject: state.subject("ada").unwrap(), session: None };
    let refusal = rules::acts_for(&state, &actor, "max", "see the invitation link of", NOW).unwrap_err();
    assert_eq!((refusal.code, refusal.permission.as_deref()), (More, Some("mail.view")));
    let refusal = by(&state, "ada", &with_id("delete_user", "sam")).unwrap_err();
    assert_eq!((refusal.code, refusal.permission), (More, None), "everything is no one permission");
    for (change, what) in [
        (status("max", "disabled"), "disable"),
        (status("dis", "active"), "activate"),
        (with_id("delete_user", "max"), "delete"),
    ] {
        let message = by(&state, "ada", &change).unwrap_err().message;
        assert!(message.starts_with(&format!("to {what} this person you must hold")), "{message}");
    }
    assert!(rules::acts_for(&state, &actor, "ivo", "see the invitation link of", NOW).is_ok());
    assert!(rules::acts_for(&state, &Actor::Operator, "sam", "see the invitation link of", NOW).is_ok());
}

#[test]
fn who_edits_attributes_holds_what_the_person_holds_and_is_another() {
    let state = world(&[]);
    let set = |id: &str, attributes: Value| json!({ "change": "set_attributes", "id": id, "attributes": attributes });
    let region = json!({ "region": "emea", "device.managed": true, "teams": ["a", 1] });
    let many: serde_json::Map<String, Value> = (0..65).map(|n| (format!("a{n}"), json!(n))).collect();
    facts(
        &state,
        vec![
            ("of one who holds less", "ada", set("rio", region.clone()), None),
            ("of one who holds more", "ada", set("max", region.clone()), Some(Code::PersonHoldsMore)),
            ("of oneself", "ada", set("ada", region.clone()), Some(Code::OwnAttributes)),
            ("of oneself, a superuser", "sam", set("sam", region.clone()), None),
            ("of nobody", "sam", set("nobody", region), Some(Code::Unknown)),
            ("the id", "sam", set("rio", json!({ "id": "max" })), Some(Code::Invalid)),
            ("a name that is none", "sam", set("rio", json!({ "Region": "emea" })), Some(Code::Invalid)),
            ("a list in a list", "sam", set("rio", json!({ "teams": [["a"]] })), Some(Code::Invalid)),
            (
                "a text too long",
                "sam",
                set("rio", json!({ "region": "x".repeat(1025) })),
                Some(Code::Invalid),
            ),
            ("a list too long", "sam", set("rio", json!({ "teams": vec![1; 257] })), Some(Code::Invalid)),
            ("too many", "sam", set("rio", Value::Object(many)), Some(Code::Invalid)),
        ],
    );
    let refusal = by(&state, "sam", &set("rio", json!({ "id": "max" }))).unwrap_err();
    assert_eq!(refusal.problems[0].path, "$.attributes.id");
}

/// Holding the same role elsewhere, or for a shorter time, is not holding it.
#[test]
fn who_acts_on_a_person_holds_it_where_and_as_long_as_they_do() {
    let state = world(&[
        json!({ "id": "x1", "principal": user("idle"), "role": "admin" }),
        json!({ "id": "x2", "principal": user("idle"), "role": "poster", "scope": "servers/prod" }),
        json!({ "id": "x3", "principal": user("pete"), "role": "poster", "scope": "servers/prod" }),
        json!({ "id": "x4", "principal": user("nil"), "role": "poster", "scope": "servers" }),
    ]);
    facts(
        &state,
        vec![
            ("there", "idle", with_id("delete_user", "pete"), None),
            ("above", "idle", with_id("delete_user", "nil"), Some(Code::PersonHoldsMore)),
            ("everywhere", "idle", with_id("delete_user", "max"), Some(Code::PersonHoldsMore)),
        ],
    );
}

fn without_sam(mut documents: Documents) -> Documents {
    documents.directory.assignments.remove("a-sam");
    documents
}

/// A world in which sue, beside sam, is what `assignment` and `user` say.
fn beside_sam(user: Value, assignments: &[Value], members: &[Value]) -> State {
    let mut documents = documents();
    documents.directory.users.insert("sue".to_owned(), serde_json::from_value(user).unwrap());
    for assignment in assignments {
        let assignment: AssignmentDocument = serde_json::from_value(assignment.clone()).unwrap();
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    for member in members {
        documents
            .directory
            .memberships
            .insert("m-sue".to_owned(), serde_json::from_value(member.clone()).unwrap());
    }
    build(documents)
}

fn ways_to_lose_sam() -> Vec<(&'static str, Value)> {
    vec![
        ("unassign", with_id("unassign", "a-sam")),
        ("disable", json!({ "change": "set_status", "id": "sam", "status": "disabled" })),
        ("delete", with_id("delete_user", "sam")),
        ("batch", json!({ "change": "batch", "changes": [with_id("unassign", "a-sam")] })),
        (
            "nested batch",
            json!({ "change": "batch", "changes": [{ "change": "batch", "changes": [with_id("delete_user", "sam")] }] }),
        ),
    ]
}

#[test]
fn the_last_superuser_cannot_be_lost() {
    let mut all: Vec<Fact> = Vec::new();
    for (name, change) in ways_to_lose_sam() {
        all.push((name, "sam", change.clone(), Some(Code::LastSuperuser)));
        all.push((name, "operator", change, Some(Code::LastSuperuser)));
    }
    facts(&world(&[]), all);
    let sue = json!({ "id": "sue", "status": "active", "sign_in": true, "email": "sue@example.com" });
    let direct = json!({ "id": "a-sue", "principal": user("sue"), "role": "root" });
    let state = beside_sam(sue, &[direct], &[]);
    facts(&state, ways_to_lose_sam().into_iter().map(|(name, change)| (name, "sam", change, None)).collect());
}

#[test]
fn who_does_not_count_as_a_superuser_does_not_save_the_last() {
    let person = |status: &str, sign_in: bool| json!({ "id": "sue", "status": status, "sign_in": sign_in, "email": "sue@example.com" });
    let held = |extra: Value| {
        let mut assignment = json!({ "id": "a-sue", "principal": user("sue"), "role": "root" });
        assignment.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assignment
    };
    let able = person("active", true);
    let member = json!({ "id": "m-sue", "group": "void", "member": user("sue") });
    for (name, state) in [
        ("invited", beside_sam(person("invited", false), &[held(json!({}))], &[])),
        ("disabled", beside_sam(person("disabled", true), &[held(json!({}))], &[])),
        ("no way to sign in", beside_sam(person("active", false), &[held(json!({}))], &[])),
        ("until", beside_sam(able.clone(), &[held(json!({ "until": LATER }))], &[])),
        ("at a scope", beside_sam(able.clone(), &[held(json!({ "scope": "servers/prod" }))], &[])),
        (
            "by a group",
            beside_sam(able.clone(), &[held(json!({ "principal": { "group": "void" } }))], &[member]),
        ),
        ("by everyone", beside_sam(able.clone(), &[held(json!({ "principal": "everyone" }))], &[])),
        ("not a superuser", beside_sam(able.clone(), &[held(json!({ "role": "admin" }))], &[])),
    ] {
        for (way, change) in ways_to_lose_sam() {
            assert_eq!(
                by(&state, "operator", &change).err().map(|refusal| refusal.code),
                Some(Code::LastSuperuser),
                "{name}: {way}"
            );
        }
    }
    let heir = beside_sam(able, &[held(json!({ "role": "deputy" }))], &[]);
    for (way, change) in ways_to_lose_sam() {
        assert!(by(&heir, "operator", &change).is_ok(), "an heir counts: {way}");
    }
}

/// Who is a superuser and does not count is why nobody is left: that is said, with what makes one of them count.
#[test]
fn the_refusal_of_the_last_superuser_says_why_the_others_do_not_count() {
    let sue = |sign_in: bool| json!({ "id": "sue", "status": "active", "sign_in": sign_in, "email": "sue@example.com" });
    let held =
        |until: Value| json!({ "id": "a-sue", "principal": user("sue"), "role": "root", "until": until });
    for (state, expected) in [
        (world(&[]), "give the superuser role to another active person who has a password first"),
        (
            beside_sam(sue(false), &[held(Value::Null)], &[]),
            "1 other superuser has no password: have them set one first",
        ),
        (
            beside_sam(sue(true), &[held(json!(LATER))], &[]),
            "the other superuser is one through a group, at one place or for a time: assign them the role itself, everywhere and \
            for good, first",
        ),
    ] {
        for (way, change) in ways_to_lose_sam() {
            let refusal = by(&state, "operator", &change).unwrap_err();
            let told = format!("this would leave nobody who can administer everything: {expected}");
            assert_eq!(refusal.message, told, "{way}");
        }
    }
}

/// Of a batch the part is named that takes the last superuser: of several that do together, the last of them.
#[test]
fn the_part_that_takes_the_last_superuser_is_named() {
    let sue = json!({ "id": "sue", "status": "active", "sign_in": true, "email": "sue@example.com" });
    let held = |id: &str, role: &str| json!({ "id": id, "principal": user("sue"), "role": role });
    let state = beside_sam(sue, &[held("a-sue", "root"), held("a-admin", "admin")], &[]);
    let batch = |changes: &[Value]| json!({ "change": "batch", "changes": changes });
    let [sam, sue, admin] = ["a-sam", "a-sue", "a-admin"].map(|id| with_id("unassign", id));
    let again = assign(user("sam"), "root");
    for (changes, expected) in [
        (batch(&[sam.clone(), sue.clone(), admin.clone()]), "$.changes[1]"),
        (batch(&[sue.clone(), admin.clone(), sam.clone()]), "$.changes[2]"),
        (batch(&[admin.clone(), batch(&[sam.clone(), sue.clone()])]), "$.changes[1].changes[1]"),
        (batch(&[sue.clone(), with_id("delete_user", "sam"), admin.clone()]), "$.changes[1]"),
        (
            batch(&[sam.clone(), sue.clone(), again.clone(), with_id("delete_user", "sam"), admin.clone()]),
            "$.changes[3]",
        ),
    ] {
        let refusal = by(&state, "operator", &changes).unwrap_err();
        let told: Vec<&str> = refusal.problems.iter().map(|problem| &*problem.path).collect();
        assert_eq!((refusal.code, told), (Code::LastSuperuser, vec![expected]), "{changes}");
        assert_eq!(refusal.problems[0].message, refusal.message);
    }
    assert!(by(&state, "operator", &batch(&[sam.clone(), sue.clone(), again])).is_ok());
    let last = by(&state, "operator", &sue).unwrap().state;
    assert_eq!(by(&last, "operator", &sam).unwrap_err().problems, []);
}

/// The only superuser holds a custom role, which can be edited, deleted and imported away.
#[test]
fn the_last_superuser_is_not_lost_with_the_role() {
    use Code::{Invalid, LastSuperuser};
    let mut documents = without_sam(documents());
    let chief: AssignmentDocument =
        serde_json::from_value(json!({ "id": "a-chief", "principal": user("sam"), "role": "chief" }))
            .unwrap();
    documents.directory.assignments.insert("a-chief".to_owned(), chief);
    let state = build(documents);
    let ended = json!({ "id": "chief", "name": "Chief", "audience": "admin" });
    let imported = |edit: &dyn Fn(&mut Vec<Value>)| {
        let mut policy = policy();
        edit(policy["roles"].as_array_mut().unwrap());
        json!({ "change": "import_policy", "policy": policy })
    };
    let end = |roles: &mut Vec<Value>| {
        roles
            .iter_mut()
            .filter(|role| role["id"] == "chief")
            .for_each(|role| role["superuser"] = json!(false))
    };
    let gone = |roles: &mut Vec<Value>| roles.retain(|role| role["id"] != "chief");
    facts(
        &state,
        vec![
            ("role deleted", "sam", with_id("delete_role", "chief"), Some(LastSuperuser)),
            ("role edited", "sam", json!({ "change": "update_role", "role": ended }), Some(LastSuperuser)),
            ("imported as another", "sam", imported(&end), Some(LastSuperuser)),
            ("imported without it, while it is held", "sam", imported(&gone), Some(Invalid)),
            ("imported as it is", "sam", imported(&|_| {}), None),
        ],
    );
    // With the built-in role given to the same person first, all of them may go.
    let state = by(&state, "sam", &assign(user("sam"), "root")).unwrap().state;
    facts(
        &state,
        vec![
            ("role deleted", "sam", with_id("delete_role", "chief"), None),
            ("role edited", "sam", json!({ "change": "update_role", "role": ended }), None),
            ("imported as another", "sam", imported(&end), None),
        ],
    );
}

#[test]
fn two_superusers_who_remove_each_other_at_once_leave_one() {
    let sue = json!({ "id": "sue", "status": "active", "sign_in": true, "email": "sue@example.com" });
    let state = beside_sam(sue, &[json!({ "id": "a-sue", "principal": user("sue"), "role": "root" })], &[]);
    // Both are decided at the head, one after the other.
    let state = by(&state, "sue", &with_id("unassign", "a-sam")).unwrap().state;
    assert_eq!(by(&state, "sam", &with_id("unassign", "a-sue")).unwrap_err().code, Code::MissingPermission);
    assert_eq!(by(&state, "operator", &with_id("unassign", "a-sue")).unwrap_err().code, Code::LastSuperuser);
}

#[test]
fn a_batch_may_pass_superuser_on() {
    let swap =
        json!({ "change": "batch", "changes": [assign(user("max"), "root"), with_id("unassign", "a-sam")] });
    assert!(by(&world(&[]), "sam", &swap).is_ok());
    let other_way =
        json!({ "change": "batch", "changes": [with_id("unassign", "a-sam"), assign(user("max"), "root")] });
    assert!(by(&world(&[]), "operator", &other_way).is_ok(), "the end is what counts");
}

#[test]
fn a_tenant_without_a_superuser_can_still_be_edited() {
    let state = build(without_sam(documents()));
    assert!(by(&state, "ada", &with_id("delete_user", "nil")).is_ok());
    assert!(by(&state, "operator", &assign(user("sam"), "root")).is_ok());
}

#[test]
fn a_batch_is_all_or_nothing_and_each_part_keeps_the_rules() {
    let state = world(&[]);
    let create = json!({ "change": "create_role", "role": role("fresh", &["reports.view"]) });
    let batch = |changes: Vec<Value>| json!({ "change": "batch", "changes": changes });
    let outcome = by(&state, "ada", &batch(vec![create.clone(), assign(user("nil"), "fresh")])).unwrap();
    assert_eq!(outcome.state.at(), AT.next(), "one revision");
    assert!(outcome.state.documents().directory.assignments.contains_key("new.1.0"));
    facts(
        &state,
        vec![
            (
                "a part that is refused",
                "ada",
                batch(vec![create.clone(), assign(user("nil"), "poster")]),
                Some(Code::NotHeld),
            ),
            (
                "a part that is refused in a batch within",
                "ada",
                batch(vec![create.clone(), batch(vec![assign(user("nil"), "poster")])]),
                Some(Code::NotHeld),
            ),
            (
                "a part that names what a later one makes",
                "ada",
                batch(vec![assign(user("nil"), "fresh"), create]),
                Some(Code::Invalid),
            ),
            ("an empty batch", "nil", batch(vec![]), None),
        ],
    );
}

/// What an earlier part mends does not stand in the way of a later one, also beforehand.
#[test]
fn a_batch_is_permitted_beforehand_where_it_is_accepted() {
    let batch = |changes: Vec<Value>| json!({ "change": "batch", "changes": changes });
    let take_out = json!({ "change": "replace_role_in_packages", "role": "poster", "with": null });
    let stays = json!({ "change": "replace_role_in_packages", "role": "reporter", "with": null });
    let copy = json!({ "change": "create_role", "role": role("fresh", &[]) });
    let edit = json!({ "change": "update_role", "role": role("fresh", &["reports.view"]) });
    let super_edit =
        json!({ "change": "update_role", "role": { "id": "fresh", "name": "Fresh", "superuser": true } });
    let state = world(&[]);
    // In a browser nobody is known but oneself.
    let mut policy = documents();
    policy.directory = rolewright_model::directory::DirectoryDocuments::default();
    let policy = build(policy);
    for (changes, expected) in [
        (vec![take_out.clone(), with_id("delete_role", "poster")], None),
        (vec![batch(vec![take_out]), batch(vec![with_id("delete_role", "poster")])], None),
        (vec![stays, with_id("delete_role", "poster")], Some(Code::RoleInPackage)),
        (vec![copy.clone(), edit.clone()], None),
        (vec![copy.clone(), super_edit.clone()], Some(Code::SuperuserOnly)),
        (vec![assign(user("nil"), "spare"), copy, super_edit], Some(Code::SuperuserOnly)),
    ] {
        let change = batch(changes);
        let ada = Actor::Subject { state: &state, subject: state.subject("ada").unwrap(), session: None };
        let permitted = parse(&change).permit(&state, &ada, NOW).err().map(|refusal| refusal.code);
        assert_eq!(permitted, expected, "{change}");
        let accepted = by(&state, "ada", &change).err().map(|refusal| refusal.code);
        assert_eq!(accepted, expected, "{change}");
        let early = parse(&change).permit(&policy, &ada, NOW).err().map(|refusal| refusal.code);
        assert_eq!(early, expected, "{change} in a browser");
    }
}

/// Alone a change is permitted as in any question; a batch is not, for nobody tries out its parts.
#[test]
fn alone_a_change_is_permitted_beforehand_and_a_batch_is_not() {
    let state = world(&[]);
    let ada = Actor::Subject { state: &state, subject: state.subject("ada").unwrap(), session: None };
    let superuser = json!({ "id": "fresh", "name": "Fresh", "superuser": true });
    for change in [
        json!({ "change": "create_role", "role": role("fresh", &[]) }),
        json!({ "change": "create_role", "role": superuser }),
        with_id("delete_role", "poster"),
        with_id("delete_role", "nothing"),
    ] {
        let alone = parse(&change);
        assert_eq!(alone.permit_alone(&state, &ada, NOW), alone.permit(&state, &ada, NOW), "{change}");
        let batch = parse(&json!({ "change": "batch", "changes": [change] }));
        let refused = batch.permit_alone(&state, &ada, NOW).unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{change}");
    }
}

/// A part that cannot be made leaves the parts after it to be asked: what is forbidden is told, and
/// not what the part would have made.
#[test]
fn a_part_that_fails_beforehand_does_not_silence_the_parts_after_it() {
    let batch = |changes: Vec<Value>| json!({ "change": "batch", "changes": changes });
    let fails = assign(user("nobody"), "spare");
    let bad = json!({ "change": "create_role", "role": role("fresh", &["no.such"]) });
    let edit = json!({ "change": "update_role", "role": role("fresh", &[]) });
    let root = assign(user("nil"), "root");
    let in_use = with_id("delete_role", "poster");
    let state = world(&[]);
    for (name, who, changes, early, made) in [
        ("superuser", "ada", vec![fails.clone(), root.clone()], Some(Code::SuperuserOnly), Code::Invalid),
        (
            "after two",
            "ada",
            vec![fails.clone(), bad.clone(), root],
            Some(Code::SuperuserOnly),
            Code::Invalid,
        ),
        (
            "a permission",
            "max",
            vec![fails.clone(), in_use.clone()],
            Some(Code::MissingPermission),
            Code::MissingPermission,
        ),
        ("a rule", "ada", vec![fails.clone(), in_use], Some(Code::RoleInPackage), Code::Invalid),
        ("what it would have made", "ada", vec![bad, edit], None, Code::Invalid),
        ("nothing else", "ada", vec![fails, assign(user("nil"), "spare")], None, Code::Invalid),
    ] {
        let change = batch(changes);
        let actor = Actor::Subject { state: &state, subject: state.subject(who).unwrap(), session: None };
        let permitted = parse(&change).permit(&state, &actor, NOW).err().map(|refusal| refusal.code);
        assert_eq!(permitted, early, "{name}: {change}");
        assert_eq!(by(&state, who, &change).unwrap_err().code, made, "{name}: {change}");
    }
}

/// Each part makes links of its own, also beforehand: none is in the place of another.
#[test]
fn what_the_parts_of_a_batch_give_stands_side_by_side_beforehand() {
    let batch = |changes: Vec<Value>| json!({ "change": "batch", "changes": changes });
    let state = world(&[json!({ "id": "x", "principal": user("esc"), "role": "admin" })]);
    let disable = |id: &str| json!({ "change": "set_status", "id": id, "status": "disabled" });
    let (one, other) = (assign(user("nil"), "poster"), assign(user("pete"), "spare"));
    for changes in [
        vec![one.clone(), other.clone(), disable("nil")],
        vec![other.clone(), one.clone(), disable("nil")],
        vec![batch(vec![one.clone()]), batch(vec![other.clone()]), disable("nil")],
        vec![batch(vec![one, other]), batch(vec![disable("nil")])],
    ] {
        let change = batch(changes);
        let esc = Actor::Subject { state: &state, subject: state.subject("esc").unwrap(), session: None };
        let permitted = parse(&change).permit(&state, &esc, NOW).err().map(|refusal| refusal.code);
        assert_eq!(permitted, Some(Code::PersonHoldsMore), "{change}");
        assert_eq!(by(&state, "esc", &change).unwrap_err().code, Code::PersonHoldsMore, "{change}");
    }
}

/// A batch that shifts the order of the roles must not make another role of the actor's own.
#[test]
fn a_batch_gives_its_actor_nothing() {
    let state = world(&[]);
    let attack = |first: Value, second: Value| json!({ "change": "batch", "changes": [first, second] });
    let insert = |id: &str, position: u32| {
        let mut role = role(id, &[]);
        role["position"] = json!(position);
        json!({ "change": "create_role", "role": role })
    };
    let mut all: Vec<Fact> = Vec::new();
    for position in 1..14 {
        all.push((
            "a role put in between",
            "ada",
            attack(insert("aaa", position), assign(user("ada"), "root")),
            Some(Code::SuperuserOnly),
        ));
        all.push((
            "a role put in between",
            "esc",
            attack(insert("aaa", position), assign(user("esc"), "root")),
            Some(Code::SuperuserOnly),
        ));
        all.push((
            "a role put in between",
            "ada",
            attack(insert("aaa", position), assign(user("ada"), "poster")),
            Some(Code::NotHeld),
        ));
    }
    for gone in ["spare", "leaf", "escalator", "keeper"] {
        all.push((
            "a role taken out",
            "ada",
            attack(with_id("delete_role", gone), assign(user("ada"), "root")),
            Some(Code::SuperuserOnly),
        ));
        all.push((
            "a role taken out",
            "ada",
            attack(with_id("delete_role", gone), assign(user("ada"), "poster")),
            Some(Code::NotHeld),
        ));
    }
    facts(&state, all);
}

/// A shorter window takes away, as unassigning does; any other one gives, for as long as it lasts.
#[test]
fn a_window_is_narrowed_by_who_may_take_and_widened_by_who_may_give() {
    use Code::{Exists, Invalid, MissingPermission, NotHeld, SuperuserOnly};
    let state = world(&[
        json!({ "id": "long", "principal": user("nil"), "role": "poster", "from": 10, "until": LATER }),
        json!({ "id": "held", "principal": user("nil"), "role": "reporter", "from": 10, "until": LATER }),
        json!({ "id": "there", "principal": user("nil"), "role": "reporter", "scope": "servers/prod", "until": SOON }),
        json!({ "id": "super", "principal": user("nil"), "role": "root", "until": SOON }),
        json!({ "id": "short", "principal": user("pete"), "role": "root", "until": SOON }),
        json!({ "id": "switch", "principal": user("nil"), "role": "spare", "source": "entitlement" }),
        json!({ "id": "ended", "principal": user("nil"), "role": "spare", "source": "entitlement", "until": NOW.0 }),
        json!({ "id": "twin", "principal": user("nil"), "role": "reporter", "from": 20, "until": LATER }),
    ]);
    facts(
        &state,
        vec![
            ("an earlier end", "ada", set_window("long", Some(10), Some(SOON)), None),
            ("a later beginning", "ada", set_window("long", Some(11), Some(LATER)), None),
            ("an end at once", "ada", set_window("long", Some(10), Some(NOW.0)), None),
            ("as it is", "ada", set_window("long", Some(10), Some(LATER)), None),
            ("a later end", "ada", set_window("long", Some(10), Some(LATER + 1)), Some(NotHeld)),
            ("no end", "ada", set_window("long", Some(10), None), Some(NotHeld)),
            ("an earlier beginning", "ada", set_window("long", Some(9), Some(LATER)), Some(NotHeld)),
            ("no beginning and an earlier end", "ada", set_window("long", None, Some(SOON)), Some(NotHeld)),
            ("a later end of what one holds", "ada", set_window("held", Some(10), Some(LATER + 1)), None),
            ("no end of what one holds", "ada", set_window("held", None, None), None),
            ("a later end at a place", "ada", set_window("there", None, None), None),
            ("without the permission", "esc", set_window("long", Some(10), None), None),
            (
                "without the permission",
                "rio",
                set_window("long", Some(10), Some(SOON)),
                Some(MissingPermission),
            ),
            ("superuser, narrowed", "ada", set_window("super", None, Some(NOW.0)), Some(SuperuserOnly)),
            ("superuser, widened", "ada", set_window("super", None, None), Some(SuperuserOnly)),
            ("superuser, by one", "sam", set_window("super", None, None), None),
            (
                "superuser, by one who ends before",
                "pete",
                set_window("super", None, Some(LATER)),
                Some(SuperuserOnly),
            ),
            ("superuser, by one who lasts as long", "pete", set_window("super", Some(9), Some(SOON)), None),
            ("a switch's, narrowed", "ada", set_window("switch", None, Some(SOON)), None),
            ("a switch's, widened", "sam", set_window("ended", None, None), Some(Invalid)),
            (
                "a window that ends before it begins",
                "sam",
                set_window("long", Some(20), Some(15)),
                Some(Invalid),
            ),
            ("as another is", "sam", set_window("held", Some(20), Some(LATER)), Some(Exists)),
            (
                "the last superuser's",
                "sam",
                set_window("a-sam", None, Some(LATER)),
                Some(Code::LastSuperuser),
            ),
        ],
    );
    let refusal = by(&state, "sam", &set_window("long", Some(20), Some(15))).unwrap_err();
    assert!(refusal.problems[0].path.starts_with('$') && !refusal.problems[0].path.contains("long"));
}

/// Under `next_login` who holds it goes on holding it; what is new waits.
#[test]
fn a_narrowed_window_keeps_its_link_and_any_other_makes_one() {
    let mut documents = documents();
    documents.settings.new_links = rolewright_model::policy::NewLinks::NextLogin;
    let state = build(documents);
    let session = Some(Stamp { epoch: 0, revision: 50 });
    let can = |state: &State| {
        let handle = state.catalogue().handle("mail.view").unwrap();
        let (subject, tenant) = (state.subject("max").unwrap(), ResourcePath::tenant());
        state.level_of(&subject, handle, &tenant, Request::new(NOW).in_session(session)).0 > 0
    };
    assert!(can(&state));
    let narrowed = by(&state, "sam", &set_window("a-max", None, Some(LATER))).unwrap();
    let known = narrowed.state.documents().directory.assignments["a-max"].clone();
    assert_eq!((known.made.revision, known.until.map(|until| until.0)), (10, Some(LATER)));
    assert_eq!(narrowed.revoked, ["a-max"], "passes made before tell the old window");
    assert!(can(&narrowed.state));
    let widened = by(&narrowed.state, "sam", &set_window("a-max", None, None)).unwrap();
    let assignments = &widened.state.documents().directory.assignments;
    assert!(!assignments.contains_key("a-max") && widened.revoked == ["a-max"]);
    let known = assignments.values().find(|known| known.principal == Principal::User("max".to_owned()));
    assert_eq!(known.unwrap().made, widened.state.at());
    assert!(!can(&widened.state), "given anew, it waits for the next sign-in");
    let same = by(&state, "sam", &set_window("a-max", None, None)).unwrap();
    assert!(same.writes.is_empty() && same.revoked.is_empty());
}

/// What an actor loses in an earlier part of a batch is not theirs to give in a later one.
#[test]
fn a_batch_that_takes_from_its_actor_gives_no_more_afterwards() {
    let mut documents = documents();
    let assignment: AssignmentDocument =
        serde_json::from_value(json!({ "id": "x", "principal": user("ada"), "role": "poster" })).unwrap();
    documents.directory.assignments.insert("x".to_owned(), assignment);
    let state = build(documents);
    let give = assign(user("nil"), "poster");
    assert!(by(&state, "ada", &give).is_ok());
    let batch = |changes: Vec<Value>| json!({ "change": "batch", "changes": changes });
    let (take, create) =
        (with_id("unassign", "x"), json!({ "change": "create_role", "role": role("fresh", &[]) }));
    let (retire, away) = (with_id("unassign", "a-ada"), with_id("delete_user", "ada"));
    let disabled = json!({ "change": "set_status", "id": "ada", "status": "disabled" });
    facts(
        &state,
        vec![
            ("given first", "ada", batch(vec![give.clone(), take.clone()]), None),
            ("given when it is gone", "ada", batch(vec![take.clone(), give.clone()]), Some(Code::NotHeld)),
            (
                "taken within",
                "ada",
                batch(vec![batch(vec![take.clone()]), batch(vec![give.clone()])]),
                Some(Code::NotHeld),
            ),
            ("what is left", "ada", batch(vec![take.clone(), assign(user("nil"), "reporter")]), None),
            (
                "the permission itself",
                "ada",
                batch(vec![retire, create.clone()]),
                Some(Code::MissingPermission),
            ),
            (
                "the actor",
                "ada",
                batch(vec![away, batch(vec![create.clone()])]),
                Some(Code::MissingPermission),
            ),
            ("its status", "ada", batch(vec![disabled, create]), Some(Code::MissingPermission)),
            (
                "superuser",
                "sam",
                batch(vec![assign(user("max"), "root"), with_id("unassign", "a-sam"), give.clone()]),
                Some(Code::MissingPermission),
            ),
            ("taken by a superuser", "sam", batch(vec![take.clone(), give.clone()]), None),
            ("taken by the operator", "operator", batch(vec![take, give]), None),
        ],
    );
}

#[test]
fn an_invitation_gives_what_its_sender_still_holds() {
    let state = world(&[]);
    let invite =
        |roles: &[&str]| json!({ "change": "invite_user", "user": new_user("fresh"), "roles": roles });
    let accept = |inviter: Value| json!({ "change": "accept_invitation", "id": "fresh", "inviter": inviter });
    let invited = by(&state, "ada", &invite(&["reporter"])).unwrap().state;
    let fresh = &invited.documents().directory.users["fresh"];
    assert_eq!((fresh.status, fresh.sign_in, fresh.created), (Status::Invited, false, NOW));
    assert!(invited.documents().directory.assignments.contains_key("new.0"));
    let accepted = by(&invited, "operator", &accept(json!("ada"))).unwrap();
    let fresh = &accepted.state.documents().directory.users["fresh"];
    assert_eq!((fresh.status, fresh.sign_in), (Status::Active, true));
    for actor in ["ada", "sam", "key:users.manage"] {
        assert_eq!(
            by(&invited, actor, &accept(json!("ada"))).unwrap_err().code,
            Code::MissingPermission,
            "only the person invited: {actor}"
        );
    }
    for loss in [
        with_id("unassign", "a-ada"),
        with_id("delete_user", "ada"),
        json!({ "change": "set_status", "id": "ada", "status": "disabled" }),
    ] {
        let lost = by(&invited, "sam", &loss).unwrap().state;
        assert_eq!(by(&lost, "operator", &accept(json!("ada"))).unwrap_err().code, Code::NotHeld, "{loss}");
        assert!(by(&lost, "operator", &accept(json!("sam"))).is_ok(), "{loss}");
        assert!(by(&lost, "operator", &accept(Value::Null)).is_ok(), "invited by the operator: {loss}");
    }
    // Nothing was given with it, so nothing has to be held still.
    let empty = by(&state, "ada", &invite(&[])).unwrap().state;
    let lost = by(&empty, "sam", &with_id("unassign", "a-ada")).unwrap().state;
    assert!(by(&lost, "operator", &accept(json!("ada"))).is_ok());
    assert_eq!(
        by(&accepted.state, "operator", &accept(json!("ada"))).unwrap_err().code,
        Code::Unknown,
        "once"
    );
    assert_eq!(
        by(&state, "key:users.manage", &invite(&["reporter"])).unwrap_err().permission.as_deref(),
        Some("users.assign_roles")
    );
}

/// What others gave the person meanwhile is not the sender's to hold.
#[test]
fn an_invitation_answers_for_what_it_gave_alone() {
    let state = world(&[]);
    let invite = json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["reporter"] });
    let accept = json!({ "change": "accept_invitation", "id": "fresh", "inviter": "ada" });
    let invited = by(&state, "ada", &invite).unwrap().state;
    let given = by(&invited, "sam", &assign(user("fresh"), "poster")).unwrap().state;
    let accepted = by(&given, "operator", &accept).map(|outcome| outcome.state);
    let accepted = accepted.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(accepted.documents().directory.users["fresh"].status, Status::Active);
    // What the invitation gave is asked of its sender still, whatever others gave.
    let edit = json!({ "change": "update_role", "role": role("reporter", &["mail.view"]) });
    let edited = by(&given, "sam", &edit).unwrap().state;
    assert_eq!(by(&edited, "operator", &accept).unwrap_err().code, Code::NotHeld);
    let taken = by(&edited, "sam", &with_id("unassign", "new.0")).unwrap().state;
    assert!(by(&taken, "operator", &accept).is_ok(), "it gives nothing any more");
    // An invitation of a time when it was not written down answers for everything given directly.
    let mut old = given.documents().clone();
    let fresh = old.directory.users.get_mut("fresh").unwrap();
    let mut told = serde_json::to_value(&*fresh).unwrap();
    told.as_object_mut().unwrap().remove("invited");
    *fresh = serde_json::from_value(told).unwrap();
    assert_eq!(by(&build(old), "operator", &accept).unwrap_err().code, Code::NotHeld);
}

// --- what a change writes

/// What is stored is found again by these names.
#[test]
fn every_kind_of_document_keeps_its_name_in_the_store() {
    let names =
        ["settings", "catalogue", "tests", "role", "package", "user", "group", "membership", "assignment"];
    assert_eq!(Kind::ALL.map(Kind::as_str), names);
}

fn kinds(writes: &[Write]) -> Vec<(Kind, &str)> {
    writes.iter().map(|write| (write.kind, write.id.as_str())).collect()
}

#[test]
fn every_accepted_change_makes_the_next_revision_and_writes_what_differs() {
    let state = world(&[]);
    for (change, _) in plain_changes() {
        let outcome = by(&state, "sam", &change).unwrap();
        assert_eq!(outcome.state.at(), Stamp { epoch: 0, revision: 101 }, "{change}");
        let parsed = parse(&change);
        assert_eq!(outcome.writes.is_empty(), parsed.about().is_some() || parsed.is_noted(), "{change}");
        for write in &outcome.writes {
            assert_ne!(write.before, write.after, "{change}");
        }
        assert_eq!(state.at(), AT, "the state before is as it was");
    }
    let same = json!({ "change": "update_group", "group": { "id": "void", "name": "Void" } });
    let outcome = by(&state, "sam", &same).unwrap();
    assert!(outcome.writes.is_empty() && outcome.revoked.is_empty());
}

#[test]
fn what_is_kept_is_noted_and_takes_no_superuser_though_to_take_it_away_does() {
    let state = world(&[]);
    let keep = with_id("keep_assignment", "a-sam");
    let outcome = by(&state, "ada", &keep).unwrap();
    assert!(outcome.writes.is_empty() && outcome.revoked.is_empty());
    assert_eq!(by(&state, "ada", &with_id("unassign", "a-sam")).unwrap_err().code, Code::SuperuserOnly);
    // It is noted within others too.
    let rename = json!({ "change": "update_group", "group": { "id": "void", "name": "Void" } });
    let batch = |changes: Value| parse(&json!({ "change": "batch", "changes": changes }));
    let both = batch(json!([rename, keep]));
    assert_eq!((both.is_noted(), both.kept()), (true, vec!["a-sam"]));
    assert!(!batch(json!([rename])).is_noted());
}

#[test]
fn a_change_writes_the_documents_that_differ() {
    let state = world(&[]);
    let outcome = by(&state, "sam", &with_id("delete_user", "guy")).unwrap();
    assert_eq!(kinds(&outcome.writes), [(Kind::User, "guy"), (Kind::Membership, "m-guy")]);
    assert!(outcome.writes.iter().all(|write| write.after.is_none() && write.before.is_some()));
    let outcome = by(&state, "sam", &with_id("delete_group", "posters")).unwrap();
    assert_eq!(
        kinds(&outcome.writes),
        [
            (Kind::Group, "posters"),
            (Kind::Membership, "m-guy"),
            (Kind::Membership, "m-nest"),
            (Kind::Assignment, "a-posters")
        ]
    );
    let outcome = by(&state, "sam", &with_id("delete_role", "leaf")).unwrap();
    assert_eq!(kinds(&outcome.writes), [(Kind::Role, "leaf"), (Kind::Assignment, "a-leaf")]);
    let outcome = by(&state, "sam", &assign(user("nil"), "spare")).unwrap();
    assert_eq!(kinds(&outcome.writes), [(Kind::Assignment, "new.0")]);
    let written = outcome.writes[0].after.as_ref().unwrap();
    assert_eq!(written["made"], json!({ "epoch": 0, "revision": 101 }));
    assert_eq!(written["principal"], user("nil"));
    let outcome = by(
        &state,
        "sam",
        &json!({ "change": "update_settings", "settings": { "products": ["core"], "name": "New" } }),
    )
    .unwrap();
    assert_eq!(kinds(&outcome.writes), [(Kind::Settings, Kind::ONLY)]);
}

#[test]
fn a_tenant_that_is_called_something_stays_so() {
    let settings = |name: &str| json!({ "change": "update_settings", "settings": { "products": ["core"], "name": name } });
    let nameless = world(&[]);
    by(&nameless, "sam", &settings("")).unwrap();
    let named = by(&nameless, "sam", &settings("New")).unwrap().state;
    let refusal = by(&named, "sam", &settings("")).unwrap_err();
    assert_eq!(
        refusal.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect::<Vec<_>>(),
        [("$.name", "a name is needed")]
    );
}

#[test]
fn links_are_new_where_something_is_given_and_kept_where_it_stays() {
    let state = world(&[]);
    let next = AT.next();
    let update = json!({ "change": "update_package", "package": { "id": "basic", "name": "Basic", "roles": ["spare", "reporter"] } });
    let package = by(&state, "sam", &update).unwrap().state.documents().packages["basic"].clone();
    let links: Vec<_> =
        package.roles.iter().map(|link| (link.role.as_str(), link.link.as_str(), link.made)).collect();
    assert_eq!(links, [("spare", "new.0", next), ("reporter", "basic-1", Stamp { epoch: 0, revision: 5 })]);
    let on = |package: &str| json!({ "change": "set_package", "id": "rio", "package": package });
    let stays = by(&state, "sam", &on("basic")).unwrap();
    assert!(stays.writes.is_empty(), "the same package keeps its link");
    let moved = by(&state, "sam", &on("post")).unwrap();
    let link = moved.state.documents().directory.users["rio"].package.clone().unwrap();
    assert_eq!((link.link.as_str(), link.made), ("new.0", next));
    assert_eq!(moved.revoked, ["rio-basic"]);
    let back = by(&moved.state, "sam", &on("basic")).unwrap().state;
    let link = back.documents().directory.users["rio"].package.clone().unwrap();
    assert_eq!(link.made, next.next(), "given again is a new link");
    let joined =
        by(&state, "sam", &json!({ "change": "add_member", "group": "void", "member": user("nil") }))
            .unwrap()
            .state;
    let membership = &joined.documents().directory.memberships["new.0"];
    assert_eq!(membership.made, next);
    let invite =
        json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["spare", "reporter"] });
    let invited = by(&state, "sam", &invite).unwrap().state;
    let ids: Vec<_> =
        invited.documents().directory.assignments.keys().filter(|id| id.starts_with("new.")).collect();
    assert_eq!(ids, ["new.0", "new.1"]);
    // An edit of a role keeps every link: it applies at once.
    let edit = json!({ "change": "update_role", "role": role("reporter", &["reports.view"]) });
    let edited = by(&state, "sam", &edit).unwrap();
    assert_eq!(edited.state.documents().directory.assignments, state.documents().directory.assignments);
    assert!(edited.revoked.is_empty());
}

#[test]
fn what_is_taken_away_is_revoked() {
    let state = world(&[]);
    let revoked = |change: Value| -> BTreeSet<String> {
        let outcome = by(&state, "sam", &change).unwrap_or_else(|refusal| panic!("{change}: {refusal:?}"));
        outcome.revoked.into_iter().collect()
    };
    let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(revoked(with_id("unassign", "a-max")), set(&["a-max"]));
    assert_eq!(revoked(with_id("remove_member", "m-guy")), set(&["m-guy"]));
    assert_eq!(revoked(with_id("delete_group", "posters")), set(&["a-posters", "m-guy", "m-nest"]));
    assert_eq!(revoked(with_id("delete_role", "leaf")), set(&["a-leaf"]));
    assert_eq!(
        revoked(with_id("delete_user", "rio")),
        set(&["rio", "a-rio", "a-leaf", "rio-basic", "m-staff"])
    );
    assert_eq!(revoked(json!({ "change": "set_status", "id": "max", "status": "disabled" })), set(&["max"]));
    assert_eq!(revoked(json!({ "change": "set_package", "id": "pat", "package": null })), set(&["pat-post"]));
    assert_eq!(
        revoked(json!({ "change": "replace_role_in_packages", "role": "reporter", "with": "spare" })),
        set(&["basic-1"])
    );
    assert_eq!(
        revoked(
            json!({ "change": "update_package", "package": { "id": "post", "name": "Post", "roles": [] } })
        ),
        set(&["post-1"])
    );
    assert_eq!(revoked(with_id("delete_package", "empty")), set(&[]));
    assert_eq!(
        revoked(json!({ "change": "set_status", "id": "ivo", "status": "disabled" })),
        set(&[]),
        "had no pass"
    );
    for (change, _) in plain_changes().into_iter().filter(|(change, _)| {
        let name = change["change"].as_str().unwrap();
        name.starts_with("create") || name == "invite_user" || name == "assign" || name == "add_member"
    }) {
        assert_eq!(revoked(change.clone()), set(&[]), "{change}");
    }
}

/// A pass tells the attributes of when it was made: edited since, it tells none, and what hangs on
/// one is false until there is a new pass.
#[test]
fn edited_attributes_are_revoked_and_what_passes_say_of_them_counts_no_more() {
    let mut edited = policy();
    edited["catalogue"]["modules"][0]["permissions"][1]["levels"] = json!({
        "allowed": { "condition": { "eq": [{ "attribute": "subject.region" }, "emea"] } }
    });
    let set = |id: &str, attributes: Value| json!({ "change": "set_attributes", "id": id, "attributes": attributes });
    let import = json!({ "change": "import_policy", "policy": edited });
    let state = by(&world(&[]), "sam", &import).unwrap().state;
    let state = by(&state, "sam", &set("rio", json!({ "region": "emea", "size": 1 }))).unwrap().state;
    let can = |state: &State, subject: &Subject, permission: &str| {
        let handle = state.catalogue().handle(permission).unwrap();
        state.level_of(subject, handle, &ResourcePath::tenant(), Request::new(NOW)).0 > 0
    };
    let pass = state.pass("default", "rio", state.at(), NOW).unwrap();
    for (attributes, revoked) in [
        (json!({ "region": "emea", "size": 1 }), false),
        (json!({ "region": "apac", "size": 1 }), true),
        (json!({}), true),
        (json!({ "region": "emea", "size": 2 }), true),
    ] {
        let outcome = by(&state, "sam", &set("rio", attributes.clone())).unwrap();
        let expected: Vec<&str> = if revoked { vec!["rio/attributes"] } else { Vec::new() };
        assert_eq!(outcome.revoked, expected, "{attributes}");
        let at = outcome.state.at();
        let gone: Vec<Revocation> = outcome.revoked.into_iter().map(|id| Revocation { id, at }).collect();
        let edge = outcome.state.subject_of_pass(&pass, &gone);
        assert!(
            edge.is_active() && can(&outcome.state, &edge, "reports.view"),
            "{attributes}: the rest stays"
        );
        assert_eq!(can(&outcome.state, &edge, "reports.run"), !revoked, "{attributes}");
        let again = outcome.state.pass("default", "rio", at, NOW).unwrap();
        let edge = outcome.state.subject_of_pass(&again, &gone);
        let known = outcome.state.subject("rio").unwrap();
        let says = can(&outcome.state, &known, "reports.run");
        assert_eq!(can(&outcome.state, &edge, "reports.run"), says, "{attributes}: a new pass tells the new");
    }
}

#[test]
fn s1_33_giving_a_role_that_promotes_makes_full_users_and_taking_it_does_not_undo_it() {
    let state = world(&[]);
    let tiers = |state: &State| -> BTreeSet<String> {
        let full = state.documents().directory.users.values().filter(|user| user.tier == Tier::Full);
        full.map(|user| user.id.clone()).collect()
    };
    assert!(tiers(&state).is_empty());
    let one = by(&state, "sam", &assign(user("nil"), "full")).unwrap().state;
    assert_eq!(tiers(&one), ["nil".to_owned()].into());
    let undone = by(&one, "sam", &with_id("unassign", "new.0")).unwrap().state;
    assert_eq!(tiers(&undone), ["nil".to_owned()].into());
    let all = by(&state, "sam", &assign(json!("everyone"), "full")).unwrap().state;
    assert_eq!(tiers(&all).len(), all.documents().directory.users.len());
    let other = by(&state, "sam", &assign(json!("everyone"), "spare")).unwrap().state;
    assert!(tiers(&other).is_empty(), "S1-34");
}

#[test]
fn an_import_that_leaves_out_what_is_in_use_says_what_and_how_many_use_it() {
    let without = |roles: &[&str], packages: &[&str]| {
        let mut policy = policy();
        for (kind, ids) in [("roles", roles), ("packages", packages)] {
            let kept = policy[kind].as_array_mut().unwrap();
            kept.retain(|document| !ids.contains(&document["id"].as_str().unwrap()));
        }
        json!({ "change": "import_policy", "policy": policy })
    };
    let spare = |id: &str, principal: Value| json!({ "id": id, "principal": principal, "role": "spare", "until": LATER });
    let held = world(&[spare("x1", user("nil")), spare("x2", user("idle")), spare("x3", json!("everyone"))]);
    let one = world(&[]);
    let role = |holds: &str| {
        format!(
            "$.roles: the policy leaves out role `spare`, which {holds}: keep it, or take it away from them first"
        )
    };
    let package = "$.packages: the policy leaves out package `post`, which 1 is on: keep it, or put them on another package first".to_owned();
    for (state, change, expected) in [
        (&held, without(&["spare"], &[]), vec![role("3 hold")]),
        (&one, without(&["spare"], &["empty"]), vec![role("1 holds")]),
        (&one, without(&["spare"], &["post"]), vec![role("1 holds"), package]),
        (&one, without(&["deputy"], &["empty"]), vec![]),
    ] {
        let problems = by(state, "sam", &change).err().map(|refusal| refusal.problems).unwrap_or_default();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn an_import_keeps_the_links_that_stay_and_assigns_to_everyone_once() {
    let state = world(&[]);
    let mut policy = policy();
    policy["auto_assign"] = json!(["full", "spare"]);
    policy["packages"][0]["roles"] = json!([{ "role": "reporter" }, { "role": "spare" }]);
    let import = json!({ "change": "import_policy", "policy": policy });
    let state = by(&state, "sam", &import).unwrap().state;
    let links: Vec<_> = state.documents().packages["basic"]
        .roles
        .iter()
        .map(|link| (link.role.as_str(), link.link.as_str(), link.made.revision))
        .collect();
    assert_eq!(links[0], ("reporter", "basic-1", 5), "it stays");
    assert_eq!((links[1].0, links[1].2), ("spare", 101));
    let everyone: Vec<_> = state
        .documents()
        .directory
        .assignments
        .values()
        .filter(|assignment| assignment.principal == rolewright_model::directory::Principal::Everyone)
        .map(|assignment| assignment.role.as_str())
        .collect();
    assert_eq!(everyone.len(), 2, "{everyone:?}");
    assert!(state.documents().directory.users.values().all(|user| user.tier == Tier::Full), "S1-33");
    let again = by(&state, "sam", &import).unwrap();
    assert!(kinds(&again.writes).iter().all(|(kind, _)| *kind != Kind::Assignment), "once");
    let exported = state.policy_document();
    assert_eq!(
        exported.auto_assign.iter().collect::<BTreeSet<_>>(),
        [&"full".to_owned(), &"spare".to_owned()].into()
    );
    assert!(exported.validate().is_ok());
}

/// Only what a new tenant would write counts as written: another place or window is another thing.
#[test]
fn an_import_assigns_to_everyone_unless_it_is_so_for_the_whole_tenant_and_for_good() {
    let mut policy = policy();
    policy["auto_assign"] = json!(["spare"]);
    let import = json!({ "change": "import_policy", "policy": policy });
    for (name, known, expected) in [
        ("elsewhere", json!({ "source": "auto_assign", "scope": "servers/prod" }), 2),
        ("ended", json!({ "source": "auto_assign", "until": NOW.0 }), 2),
        ("for a time", json!({ "source": "auto_assign", "until": LATER }), 2),
        ("later", json!({ "source": "auto_assign", "from": LATER }), 2),
        ("by hand", json!({ "source": "direct" }), 2),
        ("just so", json!({ "source": "auto_assign" }), 1),
    ] {
        let mut assignment = json!({ "id": "x", "principal": "everyone", "role": "spare" });
        assignment.as_object_mut().unwrap().extend(known.as_object().unwrap().clone());
        let state = by(&world(&[assignment]), "sam", &import).unwrap().state;
        assert_eq!(state.assignments_of(&Principal::Everyone).count(), expected, "{name}");
        assert_eq!(state.policy_document().auto_assign, ["spare"], "{name}");
    }
}

/// Ids come in from outside, and nothing else distinguishes one run from another.
#[test]
fn a_change_is_the_same_whenever_it_is_made() {
    let state = world(&[]);
    for (change, _) in plain_changes() {
        let once = by(&state, "sam", &change).unwrap();
        let twice = by(&state, "sam", &change).unwrap();
        assert_eq!(once.writes, twice.writes, "{change}");
        assert_eq!(once.state.documents(), twice.state.documents(), "{change}");
    }
}

#[test]
fn every_refusal_speaks_to_a_person() {
    let state = world(&[]);
    let mut seen = BTreeSet::new();
    let refused = [
        ("nil", with_id("delete_user", "max")),
        ("sam", with_id("delete_user", "no")),
        ("sam", json!({ "change": "create_role", "role": role("spare", &[]) })),
        ("sam", assign(user("nil"), "no")),
        ("sam", with_id("delete_role", "admin")),
        ("sam", with_id("delete_role", "reporter")),
        ("sam", with_id("delete_role", "stem")),
        ("sam", with_id("delete_package", "post")),
        ("ada", assign(user("nil"), "poster")),
        ("ada", assign(user("nil"), "root")),
        ("ada", with_id("delete_user", "max")),
        ("sam", with_id("unassign", "a-sam")),
        ("sam", with_id("delete_group", "staff")),
    ];
    for (actor, change) in refused {
        let refusal = by(&state, actor, &change).unwrap_err();
        seen.insert(refusal.code);
        let told = serde_json::to_value(&refusal).unwrap();
        assert_eq!(told["code"], refusal.code.as_str(), "{change}");
        assert!(refusal.message.len() > 15 && !refusal.message.ends_with('.'), "{}", refusal.message);
        assert_eq!(refusal.to_string(), refusal.message);
        let again: Refusal = serde_json::from_value(told).unwrap();
        assert_eq!(again, refusal);
    }
    assert_eq!(seen.len(), 13, "every code: {seen:?}");
}

/// Who will be superuser one day administers nothing until then.
#[test]
fn the_last_superuser_is_not_lost_to_one_who_has_not_begun() {
    let state = world(&[]);
    let assignments = &state.documents().directory.assignments;
    let own =
        assignments.values().find(|known| known.principal == Principal::User("sam".to_owned())).unwrap();
    let later = json!({ "principal": { "user": "rio" }, "role": own.role, "scope": "/", "from": LATER });
    let state = by(&state, "sam", &json!({ "change": "assign", "assignment": later })).unwrap().state;
    let refusal = by(&state, "sam", &json!({ "change": "unassign", "id": own.id })).unwrap_err();
    assert_eq!(refusal.code, Code::LastSuperuser, "{refusal}");
}

/// An import is checked as a policy of its own: what could not be read back is not kept.
#[test]
fn an_import_of_what_is_no_policy_is_refused() {
    let state = world(&[]);
    type Edit = fn(&mut Value);
    let wrong: [(&str, Edit); 3] = [
        ("names", |policy| policy["roles"][1]["name"] = policy["roles"][2]["name"].clone()),
        ("format", |policy| policy["format"] = json!(2)),
        ("ids", |policy| policy["roles"][1]["id"] = policy["roles"][2]["id"].clone()),
    ];
    for (what, edit) in wrong {
        let mut policy = serde_json::to_value(state.policy_document()).unwrap();
        edit(&mut policy);
        let change = json!({ "change": "import_policy", "policy": policy });
        assert_eq!(by(&state, "sam", &change).unwrap_err().code, Code::Invalid, "{what}");
    }
}

#[test]
fn s4_23_what_a_person_holds_changes_with_the_change() {
    let state = world(&[]);
    let can = |state: &State, who: &str, permission: &str| {
        let handle = state.catalogue().handle(permission).unwrap();
        let subject = state.subject(who).unwrap();
        state.level_of(&subject, handle, &ResourcePath::tenant(), Request::new(NOW)).0 > 0
    };
    assert!(can(&state, "rio", "reports.run") && !can(&state, "rio", "mail.view"));
    let edited =
        by(&state, "sam", &json!({ "change": "update_role", "role": role("reporter", &["mail.view"]) }))
            .unwrap()
            .state;
    assert!(!can(&edited, "rio", "reports.run") && can(&edited, "rio", "mail.view"), "S4-23 at once");
    let left = by(&state, "sam", &with_id("remove_member", "m-guy")).unwrap().state;
    assert!(can(&state, "guy", "mail.view") && !can(&left, "guy", "mail.view"));
    let off = by(&state, "sam", &json!({ "change": "set_status", "id": "max", "status": "disabled" }))
        .unwrap()
        .state;
    assert!(can(&state, "max", "mail.view") && !can(&off, "max", "mail.view"));
}

/// What was worked out for a user is not kept beyond the change that makes it wrong, and stays in the
/// state before it.
#[test]
fn who_is_asked_by_handle_before_and_after_a_change_is_answered_of_each_state() {
    let may = |state: &State| {
        let view = state.catalogue().handle("mail.view").unwrap();
        let nil = state.user("nil").unwrap();
        state.allowed(nil, view, Level(1), &ResourcePath::tenant(), Request::new(NOW))
    };
    let before = world(&[]);
    assert!(!may(&before));
    let given = by(&before, "sam", &assign(user("nil"), "poster")).unwrap().state;
    assert!(may(&given));
    let link = given
        .documents()
        .directory
        .assignments
        .keys()
        .find(|id| before.documents().directory.assignments.get(*id).is_none());
    let taken = by(&given, "sam", &with_id("unassign", link.unwrap())).unwrap().state;
    assert!(!may(&taken));
    let edited = json!({ "change": "update_role", "role": role("stem", &["mail.view"]) });
    let edited = by(&by(&taken, "sam", &assign(user("nil"), "leaf")).unwrap().state, "sam", &edited);
    assert!(may(&edited.unwrap().state));
    assert!(!may(&before) && may(&given) && !may(&taken));
}

/// Whatever a change edits, and whatever was asked before it.
#[test]
fn after_every_change_everybody_is_answered_by_handle_as_link_by_link() {
    let mut documents = documents();
    documents.roles.get_mut("member").unwrap().grants.insert("reports.view".to_owned(), "allowed".to_owned());
    let state = build(documents);
    let (tenant, request) = (ResourcePath::tenant(), Request::new(NOW));
    let agree = |state: &State, after: &Value| {
        for subject in state.subjects() {
            for permission in state.catalogue().handles() {
                let level = state.level_of(&subject, permission, &tenant, request);
                let user = state.user(subject.id()).unwrap();
                let allowed = state.allowed(user, permission, Level(1), &tenant, request);
                let id = state.catalogue().id(permission);
                assert_eq!(allowed, level > Level(0), "{} {id} after {after}", subject.id());
            }
        }
    };
    let update = |role: Value| json!({ "change": "update_role", "role": role });
    let package = |id: &str, roles: Value| json!({ "change": "update_package", "package": { "id": id, "name": name_of(id), "roles": roles } });
    let everyone = by(&state, "sam", &assign(json!("everyone"), "leaf")).unwrap().state;
    let more = [
        update(role("poster", &["mail.view"])),
        update(role("reporter", &["mail.view"])),
        update(role("stem", &["mail.view"])),
        update(
            json!({ "id": "member", "name": "Member", "base": true, "grants": { "mail.view": "allowed" } }),
        ),
        update(role("member", &["reports.view"])),
        package("post", json!(["reporter"])),
        assign(json!("everyone"), "poster"),
        assign(json!({ "group": "readers" }), "poster"),
        assign(json!({ "group": "posters" }), "reporter"),
        with_id("unassign", "a-posters"),
        json!({ "change": "add_member", "group": "posters", "member": { "group": "readers" } }),
    ];
    let plain = plain_changes().into_iter().map(|(change, _)| change);
    for change in plain.chain(more) {
        for before in [&state, &everyone] {
            agree(before, &json!("what was before"));
            let Ok(outcome) = by(before, "sam", &change) else { panic!("{change} is refused") };
            agree(&outcome.state, &change);
        }
    }
}

/// A problem is told as a path in what was sent, and nothing beside it that only follows from it.
#[test]
fn problems_are_paths_in_what_was_sent() {
    let state = world(&[]);
    let invite = |email: &str, roles: Value| json!({ "change": "invite_user", "user": { "id": "fresh", "email": email }, "roles": roles });
    let assign = |role: &str, scope: &str| {
        let assignment = json!({ "principal": { "user": "nil" }, "role": role, "scope": scope });
        json!({ "change": "assign", "assignment": assignment })
    };
    let role = |change: &str, role: Value| json!({ "change": change, "role": role });
    let create = |user: Value| json!({ "change": "create_user", "user": user, "sign_in": true });
    let member = |who: Value| json!({ "change": "add_member", "group": "void", "member": who });
    let package = json!({ "id": "fresh", "name": "Fresh", "roles": ["reporter", "nobody"] });
    // What comes to ask for a type is compiled anew with everything, where a role is told by its place.
    let limited = json!({
        "id": "stem", "name": "Stem", "grants": { "no": "allowed" },
        "limited": [{ "permission": "reports.view", "level": "allowed", "at": "server" }]
    });
    for (change, expected) in [
        (invite("MAX@example.com", json!([])), "$.email"),
        (invite("zoe@example.com", json!(["reporter", "nobody"])), "$.roles[1]"),
        (json!({ "change": "update_user", "user": { "id": "ada", "email": "max@example.com" } }), "$.email"),
        (create(json!({ "id": "a b", "email": "a@example.com" })), "$.id"),
        (create(json!({ "id": "fresh", "email": "fresh" })), "$.email"),
        (json!({ "change": "update_user", "user": { "id": "ada", "email": "ada" } }), "$.email"),
        (
            json!({ "change": "set_name", "id": "sam", "first_name": "Sam\n", "last_name": "" }),
            "$.first_name",
        ),
        (json!({ "change": "set_package", "id": "ada", "package": "nothing" }), "$.package"),
        (json!({ "change": "create_group", "group": { "id": "a b", "name": "New" } }), "$.id"),
        (member(user("nobody")), "$.member"),
        (json!({ "change": "set_entitlement", "role": "root", "on": true }), "$.role"),
        (json!({ "change": "update_settings", "settings": { "name": " " } }), "$.name"),
        (
            json!({ "change": "update_settings", "settings": { "entitlements": { "nothing": true } } }),
            "$.entitlements.nothing",
        ),
        (
            json!({ "change": "update_catalogue", "catalogue": { "modules": [{ "id": "Bad one" }] } }),
            "$.modules[0].id",
        ),
        (assign("nobody", "/"), "$.role"),
        (assign("reporter", "servers/../prod"), "$.scope"),
        (assign("reporter", "tasks/t"), "$.scope"),
        (json!({ "change": "create_group", "group": { "id": "fresh", "name": "posters" } }), "$.name"),
        (json!({ "change": "update_group", "group": { "id": "posters", "name": "Void" } }), "$.name"),
        (role("create_role", json!({ "id": "aaa", "name": "Spare" })), "$.name"),
        (
            role("create_role", json!({ "id": "fresh", "name": "Fresh", "grants": { "no": "allowed" } })),
            "$.grants.no",
        ),
        (role("update_role", json!({ "id": "stem", "name": "Stem", "inherits": ["leaf"] })), "$.inherits"),
        (role("update_role", limited), "$.grants.no"),
        (json!({ "change": "create_package", "package": package }), "$.roles[1]"),
        (json!({ "change": "replace_role_in_packages", "role": "poster", "with": "poster" }), "$.with"),
    ] {
        let refusal = by(&state, "sam", &change).unwrap_err();
        let paths: Vec<_> = refusal.problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, [expected], "{change}");
    }
}

#[test]
fn the_same_assignment_is_not_made_twice() {
    let state = world(&[]);
    let assign = |until: Option<i64>| {
        let assignment =
            json!({ "principal": { "user": "rio" }, "role": "reporter", "scope": "/", "until": until });
        json!({ "change": "assign", "assignment": assignment })
    };
    facts(
        &state,
        vec![
            ("just so", "sam", assign(None), Some(Code::Exists)),
            ("for another time", "sam", assign(Some(LATER)), None),
        ],
    );
}
