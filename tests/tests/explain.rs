//! Explanations: what gives a level, what does not count and why, what stands in the way, and the
//! smallest changes that would help, compared with every change there is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::documents::Documents;
use rolewright_model::explain::{Cause, Explanation, NotCounting};
use rolewright_model::fix::{Remedy, Step};
use rolewright_model::{Actor, Context, PolicyDocument, Question, Request, Stamp, State, Timestamp};
use rolewright_tests::steps::{change_of, gained, made};
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
fn what_stands_in_the_way_is_named_in_the_order_of_role_package_user() {
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
}

#[test]
fn who_is_refused_sees_what_is_missing_and_whom_to_ask() {
    let state = world(false);
    let missing = state.missing(&question("ana", "docs.read", "folders/a", Some("all"))).unwrap();
    assert_eq!((missing.permission.as_str(), missing.level.as_str()), ("docs.read", "all"));
    assert_eq!(missing.ask, ["ada", "sam"]);
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

/// The first eight of every inclusion-minimal set of at most three steps, by trying them all.
fn by_trying(
    state: &State,
    subject: &str,
    alternatives: &[&[Need<'_>]],
    allowed: &dyn Fn(&State, &str) -> bool,
) -> Vec<(usize, usize, Vec<Step>)> {
    let all = every_step(state, &alternatives.concat());
    // Roles are given where one alternative needs something.
    let is_there = |set: &BTreeSet<&Step>| {
        alternatives.iter().any(|needs| {
            set.iter().all(|step| match step {
                Step::GiveRole { scope, .. } => needs.iter().any(|(_, _, resource)| resource == scope),
                _ => true,
            })
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
            if !is_there(set) || found.iter().any(|known| known.is_subset(set)) {
                continue;
            }
            let after = change_of(state, subject, set).and_then(|change| made(state, &change, NOW));
            if let Some(after) = after.filter(|after| allowed(after, subject)) {
                found.push(set.clone());
                let others = gained(state, &after, subject, allowed);
                fixes.push((others, size, set.iter().map(|step| (*step).clone()).collect()));
            }
        }
    }
    fixes.sort();
    fixes.truncate(8);
    fixes
}

fn as_told(fixes: &[Remedy]) -> Vec<(usize, usize, Vec<Step>)> {
    fixes.iter().map(|fix| (fix.others, fix.steps.len(), fix.steps.clone())).collect()
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
    assert!(told.contains(&vec![on.clone()]), "{told:?}");
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
