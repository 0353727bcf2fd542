//! Explanations: what gives a level, what does not count and why, what stands in the way, and the
//! smallest changes that would help, compared with every change there is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use rolewright_model::condition::RequestAttributes;
use rolewright_model::documents::Documents;
use rolewright_model::explain::{Cause, Explanation, NotCounting};
use rolewright_model::fix::{Remedy, Step};
use rolewright_model::role::RoleKind;
use rolewright_model::{
    Actor, Change, Context, PolicyDocument, Question, Request, ResourcePath, Stamp, State, Timestamp,
};
use rolewright_tests::steps::{change_of, gained, gains, made};
use rolewright_tests::{answer, case_files, table};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_000_000);
const AT: Stamp = Stamp { epoch: 0, revision: 100 };

/// Documents and bills; roles that inherit, a base role, a built-in one, one for administrators;
/// two packages.
fn policy() -> Value {
    json!({
        "format": 1,
        "name": "World",
        "settings": { "products": ["core"] },
        "catalogue": {
            "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }], "can": "own" } },
            "modules": [
                { "id": "docs", "permissions": [
                    { "id": "docs.read", "label": "Read", "scale": "reach" },
                    { "id": "docs.write", "label": "Write", "levels": { "allowed": { "implies": { "docs.read": "own" } } } },
                    { "id": "docs.share", "label": "Share", "levels": { "allowed": { "implies": { "docs.write": "allowed" } } } }
                ] },
                { "id": "billing", "access": {}, "permissions": [{ "id": "billing.pay", "label": "Pay" }] },
                { "id": "lab", "requires": "lab", "permissions": [{ "id": "lab.enter", "label": "Enter" }] }
            ],
            "resource_types": [{ "id": "folder", "pattern": "folders/{folder}" }],
            "operations": [{
                "id": "docs.publish",
                "resources": { "from": "folders/{from}", "to": "folders/{to}" },
                "alternatives": [
                    { "needs": [{ "permission": "docs.write", "resource": "from" }, { "permission": "docs.share", "resource": "to" }] },
                    { "needs": [{ "permission": "billing.pay" }] }
                ]
            }]
        },
        "roles": [
            { "id": "member", "name": "Member", "base": true, "grants": {} },
            { "id": "root", "name": "Root", "kind": "built_in", "audience": "admin", "superuser": true },
            { "id": "reader", "name": "Reader", "grants": { "docs.read": "own", "lab.enter": "allowed" } },
            { "id": "writer", "name": "Writer", "inherits": ["reader"], "grants": { "docs.write": "allowed" } },
            { "id": "payer", "name": "Payer", "kind": "built_in", "grants": { "billing.pay": "allowed" } },
            { "id": "clerk", "name": "Clerk", "audience": "admin", "grants": { "users.assign_roles": "allowed" } }
        ],
        "packages": [
            { "id": "basic", "name": "Basic", "roles": [{ "role": "reader", "link": "basic-1", "made": { "epoch": 0, "revision": 5 } }] },
            { "id": "none", "name": "None" }
        ]
    })
}

fn world(next_login: bool) -> State {
    let mut policy = policy();
    if next_login {
        policy["settings"]["new_links"] = json!("next_login");
    }
    world_of(&policy)
}

fn world_of(policy: &Value) -> State {
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    let user = |id: &str| json!({ "id": id, "status": "active", "first_name": id.to_uppercase() });
    let mut users: BTreeMap<String, Value> =
        ["ana", "bob", "cat", "dan", "eve", "fin", "gus", "hal", "sam", "ada"]
            .map(|id| (id.to_owned(), user(id)))
            .into();
    users.get_mut("fin").unwrap()["status"] = json!("disabled");
    for (id, package) in [("bob", "basic"), ("cat", "none"), ("hal", "basic")] {
        users.get_mut(id).unwrap()["package"] = json!({ "package": package, "link": format!("{id}-{package}"), "made": { "epoch": 0, "revision": 7 } });
    }
    let made = json!({ "epoch": 0, "revision": 10 });
    let late = json!({ "epoch": 0, "revision": 50 });
    let assignment = |id: &str, principal: Value, role: &str, scope: &str| {
        (
            id.to_owned(),
            json!({ "id": id, "principal": principal, "role": role, "scope": scope, "made": made }),
        )
    };
    let mut assignments: BTreeMap<String, Value> = [
        assignment("a-dan", json!({ "user": "dan" }), "reader", "folders/a"),
        assignment("a-pen", json!({ "group": "pens" }), "writer", "/"),
        assignment("a-fin", json!({ "user": "fin" }), "writer", "/"),
        assignment("a-gus", json!({ "user": "gus" }), "writer", "/"),
        assignment("a-hal", json!({ "user": "hal" }), "payer", "/"),
        assignment("a-sam", json!({ "user": "sam" }), "root", "/"),
        assignment("a-ada", json!({ "user": "ada" }), "clerk", "/"),
        assignment("a-eve", json!({ "user": "eve" }), "writer", "folders/a"),
    ]
    .into();
    assignments.get_mut("a-gus").unwrap()["until"] = json!(999_999);
    assignments.get_mut("a-hal").unwrap()["made"] = late;
    let directory = &mut documents.directory;
    directory.users = table(json!(users));
    directory.groups = table(json!({
        "pens": { "id": "pens", "name": "Pens" }, "outer": { "id": "outer", "name": "Outer" }
    }));
    directory.memberships = table(json!({
        "m-eve": { "id": "m-eve", "group": "outer", "member": { "user": "eve" }, "made": made },
        "m-out": { "id": "m-out", "group": "pens", "member": { "group": "outer" }, "made": made }
    }));
    directory.assignments = table(json!(assignments));
    State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn question<'q>(
    subject: &'q str,
    permission: &'q str,
    resource: &'q str,
    asked: Option<&'q str>,
) -> Question<'q> {
    Question { subject, permission, resource, asked, request: Request::new(NOW) }
}

/// What is told of a source: through what, where, role, inherited, granted, implied.
fn told(explanation: &Explanation) -> Vec<String> {
    let source = |source: &rolewright_model::explain::SourceOf| {
        let via = serde_json::to_value(&source.via).unwrap();
        let mut words =
            vec![via["kind"].as_str().unwrap().to_owned(), source.scope.clone(), source.role.clone()];
        words.extend(source.inherited.iter().map(|role| format!("inherits {role}")));
        words.extend(
            source.granted.iter().chain(&source.implied).map(|it| format!("{} {}", it.permission, it.level)),
        );
        words.join(" > ")
    };
    let idle = explanation.idle.iter().map(|idle| {
        let why = serde_json::to_value(idle.not_counting).unwrap();
        format!("{}: {}", why.as_str().unwrap(), source(&idle.source))
    });
    explanation.sources.iter().map(source).chain(idle).collect()
}

#[test]
fn every_source_is_told_with_its_shortest_derivation() {
    let state = world(false);
    for (subject, permission, resource, expected) in [
        ("dan", "docs.read", "folders/a", vec!["direct > folders/a > reader > docs.read own"]),
        ("dan", "docs.read", "folders/b", vec!["wrong_scope: direct > folders/a > reader > docs.read own"]),
        (
            "eve",
            "docs.write",
            "folders/a",
            vec![
                "direct > folders/a > writer > docs.write allowed",
                "group > / > writer > docs.write allowed",
            ],
        ),
        (
            "eve",
            "docs.write",
            "/",
            vec![
                "group > / > writer > docs.write allowed",
                "wrong_scope: direct > folders/a > writer > docs.write allowed",
            ],
        ),
        (
            "eve",
            "docs.read",
            "/",
            vec![
                // Inheriting it is as far as being brought it: what is granted in the role itself is told.
                "group > / > writer > docs.write allowed > docs.read own",
                "wrong_scope: direct > folders/a > writer > docs.write allowed > docs.read own",
            ],
        ),
        (
            "hal",
            "billing.access",
            "/",
            vec!["direct > / > payer > billing.pay allowed > billing.access allowed"],
        ),
        ("sam", "docs.read", "folders/a", vec!["direct > / > root"]),
        ("fin", "docs.write", "/", vec!["inactive_subject: direct > / > writer > docs.write allowed"]),
        ("gus", "docs.write", "/", vec!["expired: direct > / > writer > docs.write allowed"]),
        ("bob", "docs.read", "folders/a", vec!["package > / > reader > docs.read own"]),
        ("ana", "docs.read", "/", vec![]),
    ] {
        let explanation = state.explain(&question(subject, permission, resource, None));
        assert_eq!(told(&explanation), expected, "{subject} {permission} {resource}");
    }
}

#[test]
fn what_somebody_holds_is_listed_with_why_it_does_not_count() {
    let state = world(false);
    for (subject, resource, expected) in [
        ("ana", "/", vec!["member > /"]),
        ("eve", "/", vec!["writer > folders/a: wrong_scope", "writer > /", "member > /"]),
        ("eve", "folders/a", vec!["writer > folders/a", "writer > /", "member > /"]),
        ("gus", "/", vec!["writer > /: expired", "member > /"]),
        ("fin", "/", vec!["writer > /: inactive_subject", "member > /: inactive_subject"]),
        ("hal", "/", vec!["payer > /", "reader > /", "member > /"]),
    ] {
        let (held, place) = (state.subject(subject).unwrap(), ResourcePath::parse(resource).unwrap());
        let told = state.held_roles(&held, &place, Request::new(NOW)).into_iter().map(|held| {
            let why = held.not_counting.map(|why| format!(": {}", json!(why).as_str().unwrap()));
            format!("{} > {}{}", held.role, held.scope, why.unwrap_or_default())
        });
        assert_eq!(
            told.collect::<BTreeSet<_>>(),
            expected.into_iter().map(str::to_owned).collect(),
            "{subject} {resource}"
        );
    }
    for (subject, at, expected) in [
        ("eve", NOW, vec![("writer", "/"), ("writer", "folders/a")]),
        ("gus", NOW, vec![]),
        ("gus", Timestamp(999_998), vec![("writer", "/")]),
        ("fin", NOW, vec![("writer", "/")]),
    ] {
        let held = state.subject(subject).unwrap();
        let mut told: Vec<_> =
            state.roles_now(&held, at).map(|(role, place)| (role, place.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, expected, "{subject} {at:?}");
    }
}

#[test]
fn every_way_of_holding_a_role_is_listed_and_of_no_other() {
    let state = world(false);
    let ways = |user: &str, role: &str| -> Vec<(String, Option<NotCounting>)> {
        let ways = state.ways_of_holding(&state.subject(user).unwrap(), role, Request::new(NOW));
        assert!(ways.iter().all(|way| way.role == role), "{user} {role}");
        ways.into_iter().map(|way| (way.scope, way.not_counting)).collect()
    };
    let at = |scope: &str| (scope.to_owned(), None);
    let mut eve = ways("eve", "writer");
    eve.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(eve, [at("/"), at("folders/a")]);
    assert_eq!(ways("gus", "writer"), [("/".to_owned(), Some(NotCounting::Expired))]);
    assert_eq!(ways("bob", "reader"), [at("/")]);
    // What a role inherits is no way of holding that.
    assert_eq!(ways("eve", "reader"), []);
}

#[test]
fn what_somebody_may_do_is_listed_with_what_is_held_that_gives_as_much() {
    let state = world(false);
    for (subject, resource, expected) in [
        ("ana", "/", vec![]),
        ("fin", "/", vec![]),
        ("gus", "/", vec![]),
        ("dan", "folders/a", vec!["docs.read own: reader > folders/a"]),
        ("dan", "folders/b", vec![]),
        ("eve", "/", vec!["docs.read own: writer > /", "docs.write allowed: writer > /"]),
        (
            "eve",
            "folders/a",
            vec![
                "docs.read own: writer > / and writer > folders/a",
                "docs.write allowed: writer > / and writer > folders/a",
            ],
        ),
        (
            "hal",
            "/",
            vec![
                "billing.access allowed, implied: payer > /",
                "billing.pay allowed: payer > /",
                "docs.read own: reader > /",
            ],
        ),
    ] {
        let (held, place) = (state.subject(subject).unwrap(), ResourcePath::parse(resource).unwrap());
        let roles = state.held_roles(&held, &place, Request::new(NOW));
        let told = state.effective(&held, &place, Request::new(NOW)).into_iter().map(|permission| {
            let mut sources: Vec<String> = permission
                .sources
                .iter()
                .map(|at| format!("{} > {}", roles[*at].role, roles[*at].scope))
                .collect();
            sources.sort();
            let implied = if permission.implied { ", implied" } else { "" };
            format!("{} {}{implied}: {}", permission.permission, permission.level, sources.join(" and "))
        });
        assert_eq!(
            told.collect::<BTreeSet<_>>(),
            expected.into_iter().map(str::to_owned).collect(),
            "{subject} {resource}"
        );
    }
}

/// The same with more assignments: who, which role, where.
fn with_assignments(state: &State, more: &[(&str, &str, &str)]) -> State {
    let mut documents = state.documents().clone();
    let known = documents.directory.assignments.iter();
    let mut assignments: BTreeMap<String, Value> = known.map(|(id, it)| (id.clone(), json!(it))).collect();
    for (user, role, scope) in more {
        let id = format!("more-{user}-{role}");
        let principal = json!({ "user": user });
        let given = json!({ "id": id, "principal": principal, "role": role, "scope": scope });
        assignments.insert(id, given);
    }
    documents.directory.assignments = table(json!(assignments));
    State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn what_counts_at_resources_of_another_type_is_told_as_such() {
    let mut policy = policy();
    let roles = [
        json!({ "id": "keeper", "name": "Keeper", "scope_types": ["folder"], "grants": { "docs.write": "allowed" } }),
        json!({ "id": "heir", "name": "Heir", "inherits": ["keeper"] }),
        json!({ "id": "guest", "name": "Guest",
            "limited": [{ "permission": "docs.share", "level": "allowed", "at": "folder" }] }),
    ];
    policy["roles"].as_array_mut().unwrap().extend(roles);
    let state = world_of(&policy);
    let state = with_assignments(
        &state,
        &[
            ("ana", "heir", "/"),
            ("cat", "heir", "folders/a"),
            ("bob", "guest", "/"),
            ("gus", "guest", "folders/a"),
        ],
    );
    for (subject, permission, expected) in [
        ("ana", "docs.write", "wrong_type: direct > / > heir > inherits keeper > docs.write allowed"),
        ("cat", "docs.write", "direct > folders/a > heir > inherits keeper > docs.write allowed"),
        ("bob", "docs.share", "wrong_type: direct > / > guest > docs.share allowed"),
        ("gus", "docs.share", "direct > folders/a > guest > docs.share allowed"),
        ("bob", "billing.pay", ""),
        ("gus", "billing.pay", ""),
    ] {
        let explanation = state.explain(&question(subject, permission, "folders/a", None));
        assert_eq!(told(&explanation).join(", "), expected, "{subject} {permission}");
        let held = state.subject(subject).unwrap();
        let roles = state.held_roles(&held, &ResourcePath::tenant(), Request::new(NOW));
        let of_type = |role: &str| roles.iter().find(|held| held.role == role).map(|held| held.not_counting);
        assert_eq!(of_type("member"), Some(None), "{subject}");
    }
    // Held at a folder it is enough, so a role does give it.
    let explanation = state.explain(&question("dan", "docs.share", "folders/b", None));
    let diagnosis = explanation.diagnosis.unwrap();
    assert_eq!(
        (diagnosis.cause, diagnosis.chain[0].found.as_slice()),
        (Cause::RoleNotHeld, &["guest".to_owned()][..])
    );
}

#[test]
fn what_gives_less_than_it_could_or_than_something_else_is_told_with_what_it_gives() {
    let mut policy = policy();
    let managed = json!({ "eq": [{ "attribute": "context.device" }, "managed"] });
    policy["catalogue"]["modules"][0]["permissions"][0]["levels"] =
        json!({ "all": { "condition": managed } });
    let keeper = json!({ "id": "keeper", "name": "Keeper", "grants": { "docs.read": "all" } });
    policy["roles"].as_array_mut().unwrap().push(keeper);
    let state =
        with_assignments(&world_of(&policy), &[("dan", "keeper", "folders/b"), ("bob", "keeper", "/")]);
    let managed = serde_json::from_value(json!({ "context": { "device": "managed" } })).unwrap();
    let nothing = serde_json::from_value(json!({})).unwrap();
    for (subject, resource, attributes, expected) in [
        ("bob", "/", &managed, vec!["keeper all", "lower_level: reader own"]),
        ("bob", "/", &nothing, vec!["keeper own", "reader own", "condition_false: keeper all"]),
        // As conditions are it would give less than it could.
        ("dan", "folders/a", &nothing, vec!["reader own", "wrong_scope: keeper own"]),
        ("dan", "folders/a", &managed, vec!["reader own", "wrong_scope: keeper all"]),
    ] {
        let request = Request::new(NOW).with(attributes);
        let asked = Question { request, ..question(subject, "docs.read", resource, None) };
        let explanation = state.explain(&asked);
        let sources = explanation.sources.iter().map(|source| format!("{} {}", source.role, source.level));
        let idle = explanation.idle.iter().map(|idle| {
            let why = json!(idle.not_counting);
            format!("{}: {} {}", why.as_str().unwrap(), idle.source.role, idle.source.level)
        });
        assert_eq!(sources.chain(idle).collect::<Vec<_>>(), expected, "{subject} {resource}");
    }
    // Whom only a condition bars is told no way round it.
    let asked = question("bob", "docs.read", "/", Some("all"));
    let explanation = state.explain(&asked);
    assert_eq!(explanation.diagnosis.unwrap().cause, Cause::ConditionFalse);
    assert_eq!(explanation.fixes, []);
}

#[test]
fn of_several_derivations_the_shortest_is_told_and_of_those_the_one_that_inherits_least() {
    let mut policy = policy();
    let role = |id: &str, parents: &[&str], grant: Option<&str>| {
        let grants: BTreeMap<_, _> = grant.into_iter().map(|id| (id, "allowed")).collect();
        json!({ "id": id, "name": id, "inherits": parents, "grants": grants })
    };
    let roles = [
        role("sharer", &["reader"], Some("docs.share")),
        role("editor", &[], Some("docs.write")),
        role("chief", &["editor"], Some("docs.share")),
        role("under", &["writer"], None),
        role("lead", &["under"], Some("docs.write")),
    ];
    policy["roles"].as_array_mut().unwrap().extend(roles);
    let state = world_of(&policy);
    for (role, expected) in [
        ("sharer", "inherits reader > docs.read own"),
        ("chief", "docs.share allowed > docs.write allowed > docs.read own"),
        ("lead", "docs.write allowed > docs.read own"),
        // Not by `writer` alone, which is as far as `reader` is from it.
        ("under", "inherits writer > docs.write allowed > docs.read own"),
    ] {
        let state = with_assignments(&state, &[("ana", role, "/")]);
        let explanation = state.explain(&question("ana", "docs.read", "/", None));
        assert_eq!(told(&explanation), [format!("direct > / > {role} > {expected}")]);
    }
}

/// What is granted is enough by way of a level below the one that implies it at once.
#[test]
fn a_longer_derivation_is_told_where_less_is_granted_than_the_shorter_one_needs() {
    let mut policy = policy();
    let read = &mut policy["catalogue"]["modules"][0]["permissions"][0];
    read["levels"] = json!({
        "own": { "implies": { "docs.share": "allowed" } },
        "all": { "implies": { "docs.write": "allowed" } }
    });
    policy["catalogue"]["modules"][0]["permissions"][1]["levels"] = json!({});
    let explanation = world_of(&policy).explain(&question("dan", "docs.write", "folders/a", None));
    let expected = ["direct > folders/a > reader > docs.read own > docs.share allowed > docs.write allowed"];
    assert_eq!(told(&explanation), expected);
}

#[test]
fn s4_44_what_stands_in_the_way_is_named_in_the_order_of_role_package_user() {
    let state = world(false);
    let waiting = world(true);
    let begun = Some(Stamp { epoch: 0, revision: 20 });
    for (subject, permission, resource, asked, cause) in [
        ("nobody", "docs.read", "/", None, Cause::UnknownSubject),
        ("ana", "docs.fly", "/", None, Cause::UnknownPermission),
        ("ana", "docs.read", "/", Some("none"), Cause::UnknownLevel),
        ("ana", "docs.read", "rooms/a", None, Cause::NotAPlace),
        ("bob", "lab.enter", "/", None, Cause::ProductAbsent),
        ("fin", "docs.write", "/", None, Cause::InactiveSubject),
        // S4-44: permission not granted in role, then role not on package, then package not on user.
        ("ana", "docs.share", "/", None, Cause::PermissionNotGranted),
        ("bob", "docs.write", "/", None, Cause::RoleNotOnPackage),
        ("ana", "docs.read", "/", None, Cause::PackageNotOnUser),
        ("cat", "docs.read", "/", None, Cause::PackageNotOnUser),
        ("ana", "users.assign_roles", "/", None, Cause::RoleNotHeld),
    ] {
        let explanation = state.explain(&question(subject, permission, resource, asked));
        let diagnosis = explanation.diagnosis.unwrap();
        assert_eq!(diagnosis.cause, cause, "{subject} {permission}");
        let order: Vec<Cause> = diagnosis.chain.iter().map(|check| check.cause).collect();
        let s4_44 = [Cause::PermissionNotGranted, Cause::RoleNotOnPackage, Cause::PackageNotOnUser];
        assert!(order.is_empty() || order == s4_44, "{order:?}");
    }
    let request = Request::new(NOW).in_session(begun);
    let early = Question { request, ..question("hal", "billing.pay", "/", None) };
    let explanation = waiting.explain(&early);
    assert_eq!(explanation.diagnosis.unwrap().cause, Cause::NextLogin);
    assert_eq!(explanation.idle[0].not_counting, NotCounting::NextLogin);
    assert_eq!(explanation.fixes, []);
    // What would have to be so is so, with what was found.
    let request = Request::new(NOW).in_session(Some(Stamp { epoch: 0, revision: 3 }));
    let early = Question { request, ..question("bob", "docs.read", "/", None) };
    let diagnosis = waiting.explain(&early).diagnosis.unwrap();
    let found: Vec<Vec<&str>> =
        diagnosis.chain.iter().map(|check| check.found.iter().map(String::as_str).collect()).collect();
    assert_eq!(diagnosis.cause, Cause::NextLogin);
    assert_eq!(found, [vec!["reader", "writer"], vec!["basic"], vec!["basic"]]);
    assert!(diagnosis.chain.iter().all(|check| check.holds));
}

#[test]
fn who_is_refused_sees_what_is_missing_and_whom_to_ask() {
    let state = world(false);
    let missing = state.missing(&question("ana", "docs.read", "folders/a", Some("all"))).unwrap();
    assert_eq!((missing.permission.as_str(), missing.level.as_str()), ("docs.read", "all"));
    assert_eq!(missing.ask, ["sam"], "ada gives roles, and nobody gives what they do not hold");
    assert_eq!(state.missing(&question("ana", "users.assign_roles", "/", None)).unwrap().ask, ["ada", "sam"]);
    assert_eq!(state.missing(&question("bob", "docs.read", "/", None)), None);
    assert_eq!(state.missing(&question("ana", "docs.fly", "/", None)), None);
}

/// A permission, a level and a place.
type Need<'n> = (&'n str, &'n str, &'n str);

/// Every step there is about one of these needs.
fn every_step(state: &State, needs: &[Need<'_>]) -> Vec<Step> {
    let roles: Vec<&String> = state.documents().roles.keys().collect();
    let packages: Vec<&String> = state.documents().packages.keys().collect();
    let mut steps = BTreeSet::new();
    for package in &packages {
        steps.insert(Step::SetPackage { package: (*package).clone() });
    }
    for role in roles {
        for (permission, level, resource) in needs {
            steps.insert(Step::GiveRole { role: role.clone(), scope: (*resource).to_owned() });
            let (permission, level) = ((*permission).to_owned(), (*level).to_owned());
            steps.insert(Step::Grant { role: role.clone(), permission, level });
        }
        for package in &packages {
            steps.insert(Step::AddToPackage { package: (*package).clone(), role: role.clone() });
        }
    }
    steps.into_iter().collect()
}

/// A fix by what it is ranked by: how many others gain, its size, whether it makes a superuser, how much the user gains, its steps.
type Ranked = (usize, usize, bool, usize, Vec<Step>);

/// The eight that are told of every inclusion-minimal set of at most three steps, by trying them all.
fn by_trying(
    state: &State,
    subject: &str,
    alternatives: &[&[Need<'_>]],
    allowed: &dyn Fn(&State, &str) -> bool,
) -> Vec<Ranked> {
    let places: Vec<&str> = alternatives.concat().iter().map(|(_, _, place)| *place).collect();
    let all = every_step(state, &alternatives.concat());
    // Roles are given where an alternative needs something, which is met so.
    let is_there = |set: &BTreeSet<&Step>, needs: &[Need<'_>]| {
        set.iter().all(|step| match step {
            Step::GiveRole { scope, .. } => needs.iter().any(|(_, _, resource)| resource == scope),
            _ => true,
        })
    };
    let is_met = |after: &State, needs: &[Need<'_>]| {
        needs.iter().all(|(permission, level, place)| {
            after.decide(&question(subject, permission, place, Some(level))).allowed
        })
    };
    let mut found: Vec<BTreeSet<&Step>> = Vec::new();
    let mut fixes = Vec::new();
    let mut sets: Vec<BTreeSet<&Step>> = vec![BTreeSet::new()];
    for size in 1..=3 {
        let mut larger = BTreeSet::new();
        for set in &sets {
            for step in all.iter().filter(|step| set.last().is_none_or(|last| *last < *step)) {
                let mut set = set.clone();
                set.insert(step);
                larger.insert(set);
            }
        }
        sets = larger.into_iter().collect();
        for set in &sets {
            let mut there = alternatives.iter().filter(|needs| is_there(set, needs)).peekable();
            if there.peek().is_none() || found.iter().any(|known| known.is_subset(set)) {
                continue;
            }
            let after = change_of(state, subject, set).and_then(|change| made(state, &change, NOW));
            let meets = |after: &State| there.any(|needs| is_met(after, needs));
            if let Some(after) = after.filter(|after| allowed(after, subject)).filter(meets) {
                found.push(set.clone());
                let others = gained(state, &after, subject, allowed);
                let (superuser, gains) = gains(state, &after, subject, &places, NOW);
                fixes.push((
                    others,
                    size,
                    superuser,
                    gains,
                    set.iter().map(|step| (*step).clone()).collect(),
                ));
            }
        }
    }
    fixes.sort();
    first_of_each_kind(fixes)
}

/// Eight of these, by their rank: three of each kind, and of more of a kind as many as there is room for.
fn first_of_each_kind(fixes: Vec<Ranked>) -> Vec<Ranked> {
    let kind = |fix: &Ranked| fix.4.iter().map(discriminant).collect::<Vec<_>>();
    let (mut told, mut more): (Vec<Ranked>, Vec<Ranked>) = (Vec::new(), Vec::new());
    for fix in fixes {
        let alike = told.iter().filter(|known| kind(known) == kind(&fix)).count();
        if alike < 3 { told.push(fix) } else { more.push(fix) }
    }
    told.truncate(8);
    let room = 8 - told.len();
    told.extend(more.into_iter().take(room));
    told.sort();
    told
}

fn grant(role: &str, permission: &str, level: &str) -> Step {
    let [role, permission, level] = [role, permission, level].map(str::to_owned);
    Step::Grant { role, permission, level }
}

fn as_told(fixes: &[Remedy]) -> Vec<Ranked> {
    let ranked = |fix: &Remedy| (fix.others, fix.steps.len(), fix.superuser, fix.gains, fix.steps.clone());
    fixes.iter().map(ranked).collect()
}

#[test]
fn the_fixes_are_the_first_of_all_that_there_are() {
    let state = world(false);
    for (subject, permission, asked, resource) in [
        ("ana", "docs.read", "all", "folders/a"),
        ("bob", "docs.share", "allowed", "folders/a"),
        ("bob", "docs.write", "allowed", "/"),
        ("cat", "billing.access", "allowed", "/"),
        ("dan", "docs.write", "allowed", "folders/a"),
        ("eve", "docs.share", "allowed", "/"),
    ] {
        let question = question(subject, permission, resource, Some(asked));
        let explanation = state.explain(&question);
        assert!(!explanation.decision.allowed);
        let allowed =
            |state: &State, user: &str| state.decide(&Question { subject: user, ..question }).allowed;
        let expected = by_trying(&state, subject, &[&[(permission, asked, resource)]], &allowed);
        assert_eq!(as_told(&explanation.fixes), expected, "{subject} {permission} {resource}");
        for fix in &explanation.fixes {
            let after = made(&state, &fix.change, NOW).unwrap_or_else(|| panic!("{fix:?}"));
            assert!(allowed(&after, subject), "{fix:?}");
            // One step is one change.
            let is_batch = matches!(fix.change, Change::Batch { .. });
            assert!(!(is_batch && fix.steps.len() == 1), "{fix:?}");
        }
    }
}

#[test]
fn the_fixes_of_an_operation_meet_every_need_of_one_alternative() {
    let state = world(false);
    let resources = BTreeMap::from([
        ("from".to_owned(), "folders/a".to_owned()),
        ("to".to_owned(), "folders/b".to_owned()),
    ]);
    let first = [("docs.write", "allowed", "folders/a"), ("docs.share", "allowed", "folders/b")];
    let second = [("billing.pay", "allowed", "/")];
    let subject = "eve";
    let question = question(subject, "", "/", None);
    let explanation = state.explain_operation(&question, "docs.publish", &resources);
    let allowed = |state: &State, user: &str| {
        let subject = state.subject(user).unwrap();
        state.check(&subject, "docs.publish", &resources, Request::new(NOW)).allowed
    };
    let expected = by_trying(&state, subject, &[&first, &second], &allowed);
    assert_eq!(as_told(&explanation.fixes), expected, "{subject}");
    assert_eq!(explanation.legs.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
}

/// Whose a resource is, is said of each, and of none of them as of the one that is asked about.
#[test]
fn a_leg_is_explained_by_the_attributes_of_its_own_resource() {
    let mut policy = policy();
    let own = json!({ "eq": [{ "attribute": "resource.owner" }, { "attribute": "subject.id" }] });
    policy["catalogue"]["modules"][0]["permissions"][1]["levels"] =
        json!({ "allowed": { "condition": own } });
    let write = |name: &str| json!({ "permission": "docs.write", "resource": name });
    policy["catalogue"]["operations"][0]["alternatives"] =
        json!([{ "needs": [write("from"), write("to"), { "permission": "docs.write" }] }]);
    let state = world_of(&policy);
    let folders = ["from", "to"].map(|name| (name.to_owned(), format!("folders/{name}"))).into();
    for (said, expected) in [
        (
            json!({ "resources": { "from": { "owner": "eve" }, "to": { "owner": "bob" } } }),
            [true, false, false],
        ),
        (json!({ "resources": { "to": { "owner": "eve" } } }), [false, true, false]),
        (json!({ "resource": { "owner": "eve" } }), [false, false, false]),
    ] {
        let attributes: RequestAttributes = serde_json::from_value(said.clone()).unwrap();
        let request = Request::new(NOW).with(&attributes);
        let question = Question { request, ..question("eve", "", "/", None) };
        let told = state.explain_operation(&question, "docs.publish", &folders);
        let decided: Vec<bool> = told.decision.alternatives[0].legs.iter().map(|leg| leg.allowed).collect();
        let explained = told.legs[0].iter().map(|leg| leg.as_ref().unwrap());
        let causes = explained.clone().map(|it| it.diagnosis.as_ref().map(|it| it.cause));
        let bars = expected.map(|allowed| (!allowed).then_some(Cause::ConditionFalse));
        assert_eq!(decided, expected, "{said}");
        assert_eq!(explained.map(|it| it.decision.allowed).collect::<Vec<_>>(), expected, "{said}");
        assert_eq!(causes.collect::<Vec<_>>(), bars, "{said}");
    }
}

/// What is held of `docs.read` has a condition that is false here, and more of it would have none.
#[test]
fn a_part_of_a_fix_is_told_where_it_is_enough_by_what_a_condition_bars() {
    let mut policy = policy();
    let read = &mut policy["catalogue"]["modules"][0]["permissions"][0];
    let own = json!({ "eq": [{ "attribute": "resource.owner" }, { "attribute": "subject.id" }] });
    read["levels"] = json!({ "own": { "condition": own } });
    let first = [("billing.pay", "allowed", "/"), ("docs.read", "all", "/")];
    let second = [("docs.read", "own", "/")];
    let needs = |needs: &[Need<'_>]| {
        let need = |(permission, level, _): &Need<'_>| json!({ "permission": permission, "level": level });
        json!({ "needs": needs.iter().map(need).collect::<Vec<_>>() })
    };
    policy["catalogue"]["operations"] =
        json!([{ "id": "docs.buy", "alternatives": [needs(&first), needs(&second)] }]);
    let state = world_of(&policy);
    for subject in ["bob", "hal"] {
        let question = question(subject, "", "/", None);
        let explanation = state.explain_operation(&question, "docs.buy", &BTreeMap::new());
        let bars = explanation.legs[1][0].as_ref().unwrap().diagnosis.as_ref().unwrap().cause;
        assert_eq!(bars, Cause::ConditionFalse, "{subject}");
        let allowed = |state: &State, user: &str| {
            let subject = state.subject(user).unwrap();
            state.check(&subject, "docs.buy", &BTreeMap::new(), Request::new(NOW)).allowed
        };
        let smallest = by_trying(&state, subject, &[&first, &second], &allowed);
        let told = as_told(&explanation.fixes);
        assert!(told.iter().all(|fix| smallest.contains(fix)), "{subject}: {told:?}\n{smallest:?}");
        let by_itself = |step: &Step| told.iter().any(|(.., steps)| steps.as_slice() == [step.clone()]);
        assert!(by_itself(&grant("reader", "docs.read", "all")), "{subject}: {told:?}");
    }
}

/// A tenant of two roles, where every fix there is is told.
fn small(operation: Value) -> State {
    small_of(policy(), operation)
}

fn small_of(mut policy: Value, operation: Value) -> State {
    policy["roles"].as_array_mut().unwrap().truncate(2);
    policy["packages"] = json!([]);
    policy["catalogue"]["operations"] = json!([operation]);
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({
        "ana": { "id": "ana", "status": "active", "attributes": { "region": "emea" } },
        "bob": { "id": "bob", "status": "active" },
        "cat": { "id": "cat", "status": "active", "attributes": { "region": "emea" } }
    }));
    State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn fixes_of_an_operation(state: &State, subject: &str) -> Vec<(usize, Vec<Step>)> {
    let explanation =
        state.explain_operation(&question(subject, "", "/", None), "docs.order", &BTreeMap::new());
    explanation.fixes.into_iter().map(|fix| (fix.others, fix.steps)).collect()
}

/// The operation `docs.order`, which needs these at the tenant.
fn order(needs: &[(&str, &str)]) -> Value {
    let need = |(permission, level): &(&str, &str)| json!({ "permission": permission, "level": level });
    let needs: Vec<Value> = needs.iter().map(need).collect();
    json!({ "id": "docs.order", "alternatives": [{ "needs": needs }] })
}

#[test]
fn a_fix_has_three_steps_at_most_and_none_that_another_makes_needless() {
    let mut policy = policy();
    // What implies nothing is granted by itself.
    for position in [1, 2] {
        policy["catalogue"]["modules"][0]["permissions"][position]["levels"] = json!({});
    }
    let root = || vec![Step::GiveRole { role: "root".to_owned(), scope: "/".to_owned() }];
    let read = grant("member", "docs.read", "all");
    let write = grant("member", "docs.write", "allowed");
    let share = grant("member", "docs.share", "allowed");
    let four = [
        ("docs.read", "all"),
        ("docs.write", "allowed"),
        ("docs.share", "allowed"),
        ("billing.pay", "allowed"),
    ];
    for (needs, granted) in [
        (&[("docs.read", "own"), ("docs.read", "all")][..], vec![vec![read.clone()]]),
        (&four[..3], vec![vec![share, read, write]]),
        (&four[..], vec![]),
    ] {
        let state = small_of(policy.clone(), order(needs));
        let granted = granted.into_iter().map(|mut steps| {
            steps.sort();
            (2, steps)
        });
        // That nobody else gains comes first, before what it gives.
        let expected: Vec<_> = [(0, root())].into_iter().chain(granted).collect();
        assert_eq!(fixes_of_an_operation(&state, "ana"), expected, "{needs:?}");
    }
}

/// Where nothing can be edited too: what changes the user alone is counted by itself.
#[test]
fn no_more_than_eight_fixes_are_told() {
    let mut documents = small(order(&[("docs.read", "own")])).documents().clone();
    let roles = (0..12).map(|number| {
        let grants = json!({ "docs.read": "own" });
        let id = format!("reader-{number:02}");
        (id.clone(), json!({ "id": id, "name": id, "kind": "built_in", "grants": grants }))
    });
    let roles: BTreeMap<String, Value> = roles.collect();
    documents.roles = documents.roles.union(table(json!(roles)));
    documents.roles.get_mut("member").unwrap().kind = RoleKind::BuiltIn;
    let state = State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let told = fixes_of_an_operation(&state, "ana");
    assert!(told.len() == 8 && told.iter().all(|(others, _)| *others == 0), "{told:?}");
}

/// Of roles that are enough, the one that gives the least is told first, whatever they are called; a superuser role after them.
#[test]
fn what_gives_the_least_is_told_first() {
    let mut documents = small(order(&[("docs.read", "own")])).documents().clone();
    documents.roles.get_mut("member").unwrap().kind = RoleKind::BuiltIn;
    let roles = json!({
        "a-all": { "id": "a-all", "name": "All", "grants": { "docs.share": "allowed", "billing.pay": "allowed" } },
        "b-some": { "id": "b-some", "name": "Some", "grants": { "docs.write": "allowed" } },
        "c-reads": { "id": "c-reads", "name": "Reads", "grants": { "docs.read": "own" } }
    });
    let roles: BTreeMap<String, Value> = serde_json::from_value(roles).unwrap();
    documents.roles = documents.roles.union(table(json!(roles)));
    let state = State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let fixes = state.explain(&question("ana", "docs.read", "/", Some("own"))).fixes;
    let given = fixes.iter().filter(|fix| fix.others == 0).filter_map(|fix| match &fix.steps[..] {
        [Step::GiveRole { role, .. }] => Some((role.as_str(), fix.gains, fix.superuser)),
        _ => None,
    });
    let all = state.catalogue().permissions().len() - 1;
    let expected = [("c-reads", 1, false), ("b-some", 2, false), ("a-all", 5, false), ("root", all, true)];
    assert_eq!(given.collect::<Vec<_>>(), expected);
}

/// Whoever holds many roles can be helped by an edit of each: the role to give and the package are told all the same.
#[test]
fn no_kind_of_fix_crowds_out_another() {
    let mut documents = small(order(&[("docs.read", "own")])).documents().clone();
    documents.roles.get_mut("member").unwrap().kind = RoleKind::BuiltIn;
    let team = |number: usize| {
        let id = format!("team-{number:02}");
        let role = json!({ "id": id, "name": id });
        let held = json!({ "id": format!("a-{id}"), "principal": { "user": "ana" }, "role": id });
        ((id.clone(), role), (format!("a-{id}"), held))
    };
    let (mut roles, held): (BTreeMap<String, Value>, BTreeMap<String, Value>) = (0..24).map(team).unzip();
    let grants = json!({ "docs.share": "allowed", "billing.pay": "allowed" });
    roles.insert(
        "runner".to_owned(),
        json!({ "id": "runner", "name": "Runner", "grants": grants, "kind": "built_in" }),
    );
    documents.roles = documents.roles.union(table(json!(roles)));
    documents.directory.assignments = documents.directory.assignments.union(table(json!(held)));
    let state = State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let fixes = state.explain(&question("ana", "docs.read", "/", Some("own"))).fixes;
    let is_grant = |fix: &&Remedy| matches!(fix.steps[..], [Step::Grant { .. }]);
    let given: Vec<&str> = fixes
        .iter()
        .filter_map(|fix| match &fix.steps[..] {
            [Step::GiveRole { role, .. }] => Some(role.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(given, ["runner", "root"], "{fixes:#?}");
    // The rest is more of what there is most of, in the order of all.
    assert_eq!((fixes.len(), fixes.iter().filter(is_grant).count()), (8, 6), "{fixes:#?}");
    assert!(as_told(&fixes).is_sorted());
}

/// Some are let in by a grant whose condition is true for them, and not all.
#[test]
fn others_are_counted_for_whom_the_condition_is_true() {
    let mut policy = policy();
    let emea = json!({ "eq": [{ "attribute": "subject.region" }, "emea"] });
    policy["catalogue"]["modules"][0]["permissions"][0]["levels"] = json!({ "all": { "condition": emea } });
    let state = small_of(policy, order(&[("docs.read", "all")]));
    let root = Step::GiveRole { role: "root".to_owned(), scope: "/".to_owned() };
    let read = grant("member", "docs.read", "all");
    assert_eq!(fixes_of_an_operation(&state, "ana"), [(0, vec![root.clone()]), (1, vec![read])]);
    assert_eq!(fixes_of_an_operation(&state, "bob"), [(0, vec![root])]);
}

#[test]
fn a_fix_says_what_it_does_in_the_names_that_people_read() {
    let state = world(false);
    let labels = |subject: &str, permission: &str, resource: &str, level: &str| -> Vec<String> {
        let explanation = state.explain(&question(subject, permission, resource, Some(level)));
        explanation.fixes.into_iter().map(|fix| fix.label).collect()
    };
    for (subject, permission, resource, level, expected) in [
        ("ana", "docs.read", "folders/a", "own", "give ANA `Reader` at `folders/a`"),
        ("ana", "docs.read", "/", "own", "give ANA `Reader`"),
        ("ana", "docs.read", "/", "own", "put ANA on `Basic`"),
        ("ana", "docs.read", "/", "own", "put ANA on `None`, and add `Writer` to `None`"),
        ("bob", "docs.write", "/", "allowed", "add `Writer` to `Basic`"),
        ("bob", "docs.read", "/", "all", "set `Read` to `all` in `Reader`"),
    ] {
        let told = labels(subject, permission, resource, level);
        assert!(told.iter().any(|label| label == expected), "{expected}: {told:#?}");
    }
    // Who has no name is called by the id, and so is what has none.
    let mut documents = small(order(&[("docs.read", "all")])).documents().clone();
    let mut catalogue = json!(*documents.catalogue);
    catalogue["modules"][0]["permissions"][0]["label"] = json!("");
    documents.catalogue = std::sync::Arc::new(serde_json::from_value(catalogue).unwrap());
    let state = State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let explanation = state.explain(&question("ana", "docs.read", "/", Some("all")));
    let told: Vec<&str> = explanation.fixes.iter().map(|fix| fix.label.as_str()).collect();
    assert_eq!(told, ["give ana `Root`", "set `docs.read` to `all` in `Member`"]);
}

#[test]
fn each_need_is_met_by_a_step_of_its_own_and_one_that_is_dropped_by_none() {
    let emea = json!({ "eq": [{ "attribute": "subject.region" }, "emea"] });
    let state = small(json!({ "id": "docs.order", "alternatives": [{ "needs": [
        { "permission": "docs.read", "level": "all" },
        { "permission": "billing.pay", "unless": emea }
    ] }] }));
    let root = Step::GiveRole { role: "root".to_owned(), scope: "/".to_owned() };
    let read = grant("member", "docs.read", "all");
    let pay = grant("member", "billing.pay", "allowed");
    for (subject, expected) in [
        // Who pays nothing is let in as soon as reading is granted to all; who pays is not.
        ("ana", vec![(0, vec![root.clone()]), (1, vec![read.clone()])]),
        ("bob", vec![(0, vec![root]), (2, vec![pay, read])]),
    ] {
        assert_eq!(fixes_of_an_operation(&state, subject), expected, "{subject}");
    }
    // Where no package carries anything it is the role that is missing.
    let mut documents = state.documents().clone();
    documents.roles.get_mut("member").unwrap().base = false;
    documents.roles.get_mut("member").unwrap().grants.insert("docs.read".to_owned(), "own".to_owned());
    let state = State::build(documents, AT).unwrap();
    let diagnosis = state.explain(&question("ana", "docs.read", "/", None)).diagnosis.unwrap();
    assert_eq!(diagnosis.cause, Cause::RoleNotHeld);
}

/// Whom a new session would let in by one alternative is told no fix of another.
#[test]
fn an_operation_that_waits_for_the_next_login_is_told_no_fix() {
    let state = world(true);
    let resources = ["from", "to"].map(|name| (name.to_owned(), "folders/a".to_owned())).into();
    let began = |revision| Some(Stamp { epoch: 0, revision });
    for (session, allowed) in [(began(20), false), (began(50), true), (None, true)] {
        let request = Request::new(NOW).in_session(session);
        let question = Question { request, ..question("hal", "", "/", None) };
        let explanation = state.explain_operation(&question, "docs.publish", &resources);
        assert_eq!(explanation.decision.allowed, allowed, "{session:?}");
        assert_eq!(explanation.fixes, Vec::new(), "{session:?}");
    }
}

/// More roles than are looked at for one need meet both needs, and so does what is told after them.
#[test]
fn what_meets_every_need_at_once_is_told_however_many_there_are() {
    let mut policy = policy();
    // A role given for the whole tenant, where the other alternative asks, would be enough too.
    policy["catalogue"]["operations"][0]["alternatives"].as_array_mut().unwrap().truncate(1);
    let roles = policy["roles"].as_array_mut().unwrap();
    for number in 0..40 {
        let grants = json!({ "docs.share": "allowed" });
        roles.push(json!({ "id": format!("aa-{number:02}"), "name": format!("Role {number}"), "grants": grants, "audience": "admin" }));
        let grants = json!({ "docs.write": "allowed" });
        roles.push(json!({ "id": format!("ab-{number:02}"), "name": format!("Writer {number}"), "grants": grants, "audience": "admin" }));
        // Each of these is enough for one need once it is edited.
        roles.push(json!({ "id": format!("ac-{number:02}"), "name": format!("Plain {number}"), "audience": "admin" }));
    }
    roles.push(json!({ "id": "zz", "name": "Last", "grants": { "docs.share": "allowed" } }));
    let carried = |role: &str| json!({ "role": role, "link": format!("link-{role}"), "made": { "epoch": 0, "revision": 5 } });
    policy["packages"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": "publisher", "name": "Publisher", "roles": [carried("zz")] }));
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({ "ana": { "id": "ana", "status": "active" } }));
    let build = |documents: Documents| State::build(documents, AT).unwrap_or_else(|all| panic!("{all:#?}"));
    let fixes = |state: &State, from: &str, to: &str| -> Vec<Vec<Step>> {
        let resources = BTreeMap::from(
            [("from", from), ("to", to)].map(|(name, place)| (name.to_owned(), format!("folders/{place}"))),
        );
        let explanation =
            state.explain_operation(&question("ana", "", "/", None), "docs.publish", &resources);
        explanation.fixes.into_iter().map(|fix| fix.steps).collect()
    };
    let give = |role: &str, scope: &str| Step::GiveRole { role: role.to_owned(), scope: scope.to_owned() };
    let on = Step::SetPackage { package: "publisher".to_owned() };
    // On two folders one package is all that is enough by itself, after the many that meet one need.
    let state = build(documents.clone());
    let told = fixes(&state, "a", "b");
    assert!(told.contains(&vec![on.clone()]) && told.len() == 8, "{told:?}");
    // On one folder the role that sorts last is enough, after the many that meet one need.
    for number in 0..40 {
        let id = format!("aa-{number:02}");
        documents.roles.get_mut(&id).unwrap().grants.clear();
        documents.roles.get_mut(&id).unwrap().grants.insert("docs.write".to_owned(), "allowed".to_owned());
    }
    let told = fixes(&build(documents), "a", "a");
    assert!(told.contains(&vec![give("zz", "folders/a")]) && told.contains(&vec![on]), "{told:?}");
}

/// Over every decision case: the explanation decides the same, has a source where something is
/// held and a diagnosis where it is refused, and every fix helps.
#[test]
fn explanations_agree_with_every_decision_case() {
    let (mut asked, mut fixed) = (0, 0);
    for (stem, file) in case_files().unwrap_or_else(|error| panic!("{error}")) {
        let state = file.state().unwrap_or_else(|error| panic!("{stem}: {error}"));
        for case in &file.cases {
            let check = case.question(file.at).unwrap();
            let Some(permission) = check.permission.as_deref() else { continue };
            let question = Question {
                subject: &check.subject,
                permission,
                resource: check.resource.as_deref().unwrap_or("/"),
                asked: check.asked.as_deref(),
                request: Request::new(check.at.unwrap_or_default())
                    .in_session(check.session)
                    .with(&check.attributes),
            };
            let explanation = state.explain(&question);
            let decision = serde_json::to_string(&explanation.decision).unwrap();
            assert_eq!(decision, answer(&state, &check), "{stem}: {}", case.name);
            assert_eq!(
                explanation.diagnosis.is_some(),
                !explanation.decision.allowed,
                "{stem}: {}",
                case.name
            );
            let scale = state.catalogue().handle(permission).and_then(|it| state.catalogue().scale(it));
            let held = scale.and_then(|scale| scale.level(&explanation.decision.level));
            let holds = held.is_some_and(|level| level.0 > 0);
            if explanation.diagnosis.as_ref().is_some_and(|it| it.cause == Cause::UnknownLevel) {
                continue;
            }
            assert_eq!(!explanation.sources.is_empty(), holds, "{stem}: {}", case.name);
            let level = &explanation.decision.level;
            assert!(explanation.sources.iter().all(|source| source.level == *level), "{stem}: {}", case.name);
            for fix in &explanation.fixes {
                let context = Context { now: question.request.at, id: "fix".to_owned() };
                let after = state.change(&fix.change, &Actor::Operator, &context);
                let after = after.unwrap_or_else(|refusal| panic!("{stem}: {}: {refusal}", case.name)).state;
                let decided =
                    after.decide(&Question { request: question.request.in_session(None), ..question });
                assert!(decided.allowed, "{stem}: {}: {}", case.name, fix.label);
                fixed += 1;
            }
            asked += 1;
        }
    }
    assert!(asked >= 400 && fixed >= 400, "{asked} cases, {fixed} fixes");
}
