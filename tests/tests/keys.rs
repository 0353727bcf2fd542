//! Keys: every edit is allowed where what comes to it could be given, and what an identity provider's key lacks is found
//! where the change is refused. And where somebody may see, beside what they may at each place.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use rolewright_model::change::KeyEdit;
use rolewright_model::lint::KnownKey;
use rolewright_model::{Actor, Code, Purview, ResourcePath, State, Timestamp, console};
use rolewright_tests::world::{LATER, NOW, SOON, by, user, world};
use serde_json::{Value, json};

const SCOPES: [&str; 2] = ["/", "servers/s1"];
const ENDS: [Option<i64>; 3] = [None, Some(SOON), Some(LATER)];

fn key(permissions: &[&str], scope: &str, expires: Option<i64>, trusts_subject: bool) -> KeyEdit {
    KeyEdit {
        id: "k".to_owned(),
        name: "Edge".to_owned(),
        permissions: permissions.iter().map(|id| (*id).to_owned()).collect(),
        scope: scope.to_owned(),
        expires: expires.map(Timestamp),
        trusts_subject,
    }
}

fn keys() -> Vec<KeyEdit> {
    let permissions: [&[&str]; 3] = [&["reports.view"], &["mail.view"], &["mail.view", "reports.view"]];
    let mut all = Vec::new();
    for permissions in permissions {
        for scope in SCOPES {
            for expires in ENDS {
                all.extend([false, true].map(|trusts| key(permissions, scope, expires, trusts)));
            }
        }
    }
    all
}

fn allowed(state: &State, actor: &str, change: &Value) -> bool {
    match by(state, actor, change) {
        Ok(_) => true,
        Err(refusal) => {
            assert!(matches!(refusal.code, Code::MissingPermission | Code::NotHeld), "{actor} {refusal:?}");
            false
        }
    }
}

/// Whether the key has that permission as `after` shall have it, already.
fn has(before: &KeyEdit, permission: &str, after: &KeyEdit) -> bool {
    let (was, is) = (ResourcePath::parse(&before.scope).unwrap(), ResourcePath::parse(&after.scope).unwrap());
    let lasts = before.expires.is_none_or(|was| after.expires.is_some_and(|is| is <= was));
    before.permissions.iter().any(|id| id == permission)
        && was.reaches(&is)
        && lasts
        && (before.trusts_subject || !after.trusts_subject)
}

#[test]
fn an_edit_of_a_key_is_allowed_where_each_thing_that_comes_to_it_could_be_given_by_a_key() {
    let state = world(&[]);
    let mut counts = [0, 0];
    for actor in [
        "sam",
        "ada",
        "operator",
        "key:api_keys.manage",
        "key:api_keys.manage,reports.view",
        "believed:api_keys.manage,reports.view",
        "key:api_keys.manage,reports.view,mail.view@servers/s1",
        "key:api_keys.manage,mail.view,reports.view<1001000",
        "key:reports.view,mail.view",
    ] {
        let makes = |key: &KeyEdit| allowed(&state, actor, &json!({ "change": "make_key", "key": key }));
        let ends = |key: &KeyEdit| allowed(&state, actor, &json!({ "change": "end_key", "key": key }));
        for before in keys() {
            for after in keys() {
                let gives = |permission: &String| {
                    let alone = KeyEdit { permissions: vec![permission.clone()], ..after.clone() };
                    has(&before, permission, &after) || makes(&alone)
                };
                let expected = ends(&before) && ends(&after) && after.permissions.iter().all(gives);
                let change = json!({ "change": "update_key", "before": before, "key": after });
                assert_eq!(allowed(&state, actor, &change), expected, "{actor}: {before:?} to {after:?}");
                counts[usize::from(expected)] += 1;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 1000), "{counts:?}");
}

#[test]
fn a_key_that_is_not_believed_of_subjects_gives_no_key_that_is() {
    let state = world(&[]);
    let (plain, believed) =
        (key(&["reports.view"], "/", None, false), key(&["reports.view"], "/", None, true));
    let more = key(&["reports.view", "mail.view"], "/", None, true);
    let named = KeyEdit { name: "Other".to_owned(), ..believed.clone() };
    let edit =
        |before: &KeyEdit, key: &KeyEdit| json!({ "change": "update_key", "before": before, "key": key });
    let one = |change: &str, key: &KeyEdit| json!({ "change": change, "key": key });
    const ALL: &str = "api_keys.manage,reports.view,mail.view";
    for (change, by_unbelieved) in [
        (one("make_key", &plain), true),
        (one("make_key", &believed), false),
        (one("renew_key", &plain), true),
        (one("renew_key", &believed), false),
        (edit(&plain, &believed), false),
        (edit(&believed, &more), false),
        (edit(&believed, &plain), true),
        (edit(&believed, &named), true),
        (one("end_key", &believed), true),
    ] {
        for actor in ["sam", "operator", &format!("believed:{ALL}")] {
            assert!(allowed(&state, actor, &change), "{actor} {change}");
        }
        assert_eq!(allowed(&state, &format!("key:{ALL}"), &change), by_unbelieved, "{change}");
    }
}

#[test]
fn what_a_providers_key_lacks_is_found_where_it_is_refused_to_put_somebody_into_the_group() {
    let mut counts = [0, 0];
    for role in ["reporter", "poster", "leaf", "spare", "root", "deputy"] {
        for scope in SCOPES {
            for until in ENDS {
                let mut given = json!({
                    "id": "a-staff", "principal": { "group": "staff" }, "role": role, "scope": scope,
                    "made": { "epoch": 0, "revision": 10 },
                });
                if let Some(until) = until {
                    given["until"] = json!(until);
                }
                let state = world(&[given]);
                for held in
                    ["", ",reports.view", ",reports.view,reports.run", ",mail.view,mail.manage,reports.view"]
                {
                    for ends in ENDS {
                        let held = format!("groups.manage{held}");
                        let permissions: Vec<&str> = held.split(',').collect();
                        let known = KnownKey {
                            key: key(&permissions, "/", ends, false),
                            keeper: None,
                            is_of_provider: true,
                        };
                        let actor =
                            ends.map_or(format!("provider:{held}"), |ends| format!("provider:{held}<{ends}"));
                        let add = json!({ "change": "add_member", "group": "staff", "member": user("max") });
                        let refused = by(&state, &actor, &add).err().map(|refusal| refusal.code);
                        assert!(
                            matches!(refused, None | Some(Code::NotHeld | Code::SuperuserOnly)),
                            "{refused:?}"
                        );
                        let gaps = state.provider_gaps(&known, NOW);
                        assert_eq!(
                            gaps.len(),
                            usize::from(refused.is_some()),
                            "{actor} {role} {scope} {until:?}: {gaps:?}"
                        );
                        // The fix mends it.
                        for fix in
                            state.lint_keys(&[known], NOW).into_iter().filter_map(|finding| finding.fix)
                        {
                            let fixed = serde_json::to_value(fix.change).unwrap();
                            let key: KeyEdit = serde_json::from_value(fixed["key"].clone()).unwrap();
                            let known = KnownKey { key, keeper: None, is_of_provider: true };
                            assert!(state.provider_gaps(&known, NOW).is_empty(), "{fixed}");
                        }
                        counts[usize::from(refused.is_some())] += 1;
                    }
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    let other =
        KnownKey { key: key(&["groups.manage"], "/", None, false), keeper: None, is_of_provider: false };
    assert!(world(&[]).provider_gaps(&other, NOW).is_empty());
    let gaps = |held: &str, until: Option<i64>| {
        let given =
            json!({ "id": "a-staff", "principal": { "group": "staff" }, "role": "reporter", "until": until });
        let known = KnownKey { key: key(&[held], "/", None, false), keeper: None, is_of_provider: true };
        world(&[given]).provider_gaps(&known, NOW).len()
    };
    assert_eq!(gaps("groups.manage", None), 1);
    assert_eq!(gaps("groups.manage", Some(NOW.0)), 0, "what has ended is given no more");
    assert_eq!(gaps("users.view", None), 0, "a key that edits no groups lacks nothing for it");
}

#[test]
fn what_a_providers_key_lacks_is_told_and_mended_no_further() {
    let given = |role: &str, until: Option<i64>| json!({ "id": format!("a-{role}"), "principal": { "group": "staff" }, "role": role, "until": until });
    let everybodys = json!({ "id": "all", "principal": "everyone", "role": "stem", "source": "auto_assign" });
    let all = "users.view,users.manage,users.assign_roles,reports.view,reports.run";
    for (assignments, held, ends, message, fixed) in [
        (
            vec![given("reporter", Some(SOON))],
            "reports.view",
            Some(LATER),
            "`Edge` may not put people into `Staff` nor switch them off: `Reporter` gives `Reports: Run`, which the key does not hold",
            Some(("groups.manage,reports.run,reports.view", Some(LATER))),
        ),
        (
            vec![given("reporter", None)],
            "",
            Some(LATER),
            "`Edge` may not put people into `Staff` nor switch them off: `Reporter` gives `Reports: Run` and `Reports: View`, which the key does not hold",
            Some(("groups.manage,reports.run,reports.view", None)),
        ),
        (
            vec![given("admin", None)],
            "",
            None,
            "`Edge` may not put people into `Staff` nor switch them off: `Admin` gives `Packages: Manage`, `Reports: Run` and 7 more, which the key does not hold",
            Some((
                "groups.manage,packages.manage,reports.run,reports.view,roles.manage,roles.view,settings.manage,users.assign_roles,users.manage,users.view",
                None,
            )),
        ),
        (
            vec![given("reporter", None)],
            all,
            Some(SOON),
            "`Edge` may not put people into `Staff` nor switch them off: the key ends, and what `Reporter` gives lasts longer",
            Some(("groups.manage,reports.run,reports.view,users.assign_roles,users.manage,users.view", None)),
        ),
        (
            vec![given("root", None)],
            all,
            None,
            "`Edge` may not put people into `Staff` nor switch them off: `Root` is a superuser role, which a superuser alone gives and takes",
            None,
        ),
        (
            vec![everybodys.clone()],
            "",
            None,
            "`Edge` may not switch anybody off: `Stem` gives `Reports: View`, which the key does not hold",
            Some(("groups.manage,reports.view", None)),
        ),
        (
            vec![everybodys, given("stem", None)],
            "",
            None,
            "`Edge` may not put people into `Staff` nor switch anybody off: `Stem` gives `Reports: View`, which the key does not hold",
            Some(("groups.manage,reports.view", None)),
        ),
    ] {
        let state = world(&assignments);
        let held = format!("groups.manage,{held}");
        let permissions: Vec<&str> = held.split(',').filter(|id| !id.is_empty()).collect();
        let known = KnownKey { key: key(&permissions, "/", ends, false), keeper: None, is_of_provider: true };
        let findings = state.lint_keys(&[known], NOW);
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, [message]);
        let edit = findings[0].fix.as_ref().and_then(|fix| fix.change.clone());
        let edited = edit.map(|edit| {
            let key: KeyEdit = serde_json::from_value(json!(edit)["key"].clone()).unwrap();
            (key.permissions.join(","), key.expires.map(|at| at.0))
        });
        assert_eq!(edited, fixed.map(|(permissions, ends)| (permissions.to_owned(), ends)), "{message}");
    }
}

#[test]
fn the_key_of_somebody_who_left_is_told_and_may_be_ended() {
    let state = world(&[]);
    let keys: Vec<KnownKey> = [None, Some("max"), Some("ivo"), Some("dis"), Some("gone")]
        .into_iter()
        .map(|keeper| KnownKey {
            key: KeyEdit {
                id: format!("k-{}", keeper.unwrap_or("own")),
                ..key(&["reports.view"], "/", None, false)
            },
            keeper: keeper.map(str::to_owned),
            is_of_provider: false,
        })
        .collect();
    let findings = state.lint_keys(&keys, NOW);
    let about: Vec<Value> = findings.iter().map(|finding| json!(finding.about)).collect();
    assert_eq!(about, [json!([{ "key": "k-dis" }, { "user": "dis" }]), json!([{ "key": "k-gone" }])]);
    for finding in findings {
        let end = json!(finding.fix.unwrap().change);
        assert!(allowed(&state, "sam", &end) && !allowed(&state, "nil", &end), "{end}");
    }
}

#[test]
fn a_purview_is_what_somebody_may_at_each_place() {
    let scoped = |user: &str, scope: &str| {
        json!({
            "id": format!("a-{user}-there"), "principal": { "user": user }, "role": "admin", "scope": scope,
            "made": { "epoch": 0, "revision": 10 },
        })
    };
    let state = world(&[scoped("rio", "servers/s1"), scoped("max", "servers"), scoped("dis", "servers/s1")]);
    let places = ["/", "servers", "servers/s1", "servers/s10", "nowhere/x", "a//b"];
    let all = [console::USERS_VIEW.to_owned()];
    let there = ResourcePath::parse("servers/s1").unwrap();
    let subject =
        |id: &str| Actor::Subject { state: &state, subject: state.subject(id).unwrap(), session: None };
    let key = |until| Actor::Key {
        permissions: &all,
        scope: &there,
        until,
        for_provider: false,
        trusts_subject: false,
        told_to: &[],
    };
    for (who, actor, expected) in [
        ("the operator", Actor::Operator, Some(&places[..])),
        ("everywhere", subject("ada"), Some(&places[..])),
        ("everything", subject("sam"), Some(&places[..])),
        ("at one server", subject("rio"), Some(&places[2..3])),
        ("at all servers", subject("max"), Some(&places[1..4])),
        ("nowhere", subject("pat"), None),
        ("disabled", subject("dis"), None),
        ("a key there", key(None), Some(&places[2..3])),
        ("a key that ended", key(Some(NOW)), None),
    ] {
        let purview = Purview::of(actor, &state, console::USERS_VIEW, NOW);
        let seen = purview.map(|purview| {
            // Asked twice, it answers alike.
            let has = |place: &&&str| purview.has(place) && purview.has(place);
            places.iter().filter(has).copied().collect::<Vec<_>>()
        });
        assert_eq!(seen.as_deref(), expected, "{who}");
    }
}
