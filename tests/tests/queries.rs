//! Lists: each agrees with single questions on every member and every non-member.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::condition::RequestAttributes;
use rolewright_model::documents::Documents;
use rolewright_model::policy::NewLinks;
use rolewright_model::query::{Holds, How};
use rolewright_model::when::{When, WhenDocument};
use rolewright_model::{
    Decision, Level, PolicyDocument, Question, Reason, Request, ResourcePath, Stamp, State, Subject,
    Timestamp,
};
use rolewright_tests::{CaseFile, case_files, table};
use serde_json::{Value, json};

fn worlds() -> Vec<(String, CaseFile, State)> {
    let files = case_files().unwrap_or_else(|error| panic!("{error}"));
    let world = |(stem, file): (String, CaseFile)| {
        let state = file.state().unwrap_or_else(|error| panic!("{stem}: {error}"));
        (stem, file, state)
    };
    files.into_iter().map(world).collect()
}

/// The places that a file's cases name, a few of them, and the tenant.
fn places(file: &CaseFile, state: &State) -> Vec<ResourcePath> {
    let named = file.cases.iter().filter_map(|case| case.question(file.at).unwrap().resource);
    let places = named.filter_map(|place| ResourcePath::parse(&place).ok());
    let mut places: BTreeSet<ResourcePath> =
        places.filter(|place| state.catalogue().is_place(place)).collect();
    places.insert(ResourcePath::tenant());
    places.into_iter().take(5).collect()
}

/// Every permission with each of its levels above 0, of a few permissions in a large catalogue.
fn questions(state: &State) -> Vec<(PermissionHandle, Level)> {
    let catalogue = state.catalogue();
    let step = catalogue.permissions().len().div_ceil(25);
    let few = catalogue.handles().step_by(step);
    let levels = |handle: PermissionHandle| {
        (1..=catalogue.scale(handle).unwrap().top().0).map(move |level| (handle, Level(level)))
    };
    few.flat_map(levels).collect()
}

#[test]
fn an_operation_asks_of_the_tenant_where_a_need_names_no_resource() {
    let mut asks = BTreeSet::new();
    for (stem, _, state) in worlds() {
        for document in &state.documents().catalogue.operations {
            let mut needs = document.alternatives.iter().flat_map(|alternative| &alternative.needs);
            let expected = needs.any(|need| need.resource.is_none());
            let known = state.catalogue().operation(&document.id).unwrap();
            assert_eq!(known.asks_tenant(), expected, "{stem} {}", document.id);
            asks.insert(expected);
        }
    }
    assert_eq!(asks.len(), 2, "some do and some do not");
}

/// Whoever may not see people learns of no one whether there is such a user.
#[test]
fn a_discreet_answer_is_that_about_somebody_who_holds_nothing() {
    let (_, file, state) = worlds().into_iter().find(|(stem, ..)| stem == "levels").unwrap();
    let mut reasons = BTreeSet::new();
    for case in &file.cases {
        let check = case.question(file.at).unwrap();
        let Some(permission) = check.permission.as_deref() else { continue };
        for subject in [check.subject.as_str(), "nobody.there"] {
            let question = Question {
                subject,
                permission,
                resource: check.resource.as_deref().unwrap_or("/"),
                asked: check.asked.as_deref(),
                request: Request::new(check.at.unwrap()).with(&check.attributes),
            };
            let (plain, discreet) = (state.decide(&question), state.decide_discreetly(&question));
            reasons.extend(discreet.reason);
            assert_eq!(discreet.allowed, plain.allowed, "{}", case.name);
            let is_known = state.subject(subject).is_some_and(|subject| subject.is_active());
            let level = |decision: &Decision| (decision.level.clone(), decision.ui);
            if is_known {
                assert_eq!(level(&discreet), level(&plain), "{}", case.name);
                assert_eq!(discreet.reason, plain.reason.map(Reason::discreet), "{}", case.name);
            } else {
                let nobody = state.decide_for(&Subject::nobody(), &question);
                assert_eq!(level(&discreet), level(&nobody), "{}", case.name);
                assert_eq!(discreet.reason, nobody.reason, "{}", case.name);
            }
        }
    }
    assert!(reasons.contains(&Reason::NotGranted) && reasons.len() > 1, "{reasons:?}");
    assert!(
        !reasons.contains(&Reason::UnknownSubject) && !reasons.contains(&Reason::LevelTooLow),
        "{reasons:?}"
    );
}

#[test]
fn who_can_lists_exactly_those_who_can() {
    for (stem, file, state) in worlds() {
        let request = Request::new(file.at);
        for place in places(&file, &state) {
            for (permission, level) in questions(&state) {
                let listed = state.who_can(permission, level, &place, request);
                assert!(listed.is_sorted_by(|(left, _), (right, _)| left < right), "{stem}");
                let mut expected: Vec<(String, When)> = state
                    .subjects()
                    .map(|subject| {
                        let when = state.when(&subject, permission, level, &place, request);
                        (subject.id().to_owned(), when)
                    })
                    .filter(|(_, when)| *when != When::No)
                    .collect();
                expected.sort_by(|(left, _), (right, _)| left.cmp(right));
                let id = state.catalogue().id(permission);
                assert_eq!(listed, expected, "{stem}: {id} {level:?} at {place}");
                let may = |subject: &rolewright_model::Subject| {
                    state.level_of(subject, permission, &place, request) >= level
                };
                let certain = listed.iter().filter(|(_, when)| *when == When::Yes).count();
                assert!(
                    certain <= state.subjects().filter(may).count()
                        && state.subjects().filter(may).count() <= listed.len()
                );
            }
        }
    }
}

#[test]
fn the_permissions_of_somebody_are_those_that_are_decided() {
    for (stem, file, state) in worlds() {
        let request = Request::new(file.at);
        for place in places(&file, &state) {
            for subject in state.subjects() {
                let listed = state.permissions_of(&subject, &place, request);
                let is_held = |held: &Holds| held.level > Level::NONE || !held.conditional.is_empty();
                assert!(listed.iter().all(is_held), "{stem}: {} at {place}", subject.id());
                for (permission, level) in questions(&state) {
                    let held = listed.iter().find(|held| held.permission == permission);
                    let when = held.map_or(When::No, |held| match held.level >= level {
                        true => When::Yes,
                        false => held
                            .conditional
                            .iter()
                            .find(|(known, _)| *known == level)
                            .map_or(When::No, |(_, when)| when.clone()),
                    });
                    let expected = state.when(&subject, permission, level, &place, request);
                    let id = state.catalogue().id(permission);
                    assert_eq!(when, expected, "{stem}: {} {id} at {place}", subject.id());
                }
            }
        }
    }
}

#[test]
fn where_and_anywhere_are_what_is_decided_at_each_place() {
    for (stem, file, state) in worlds() {
        let request = Request::new(file.at);
        let places = places(&file, &state);
        for subject in state.subjects() {
            for (permission, level) in questions(&state) {
                let when = |place| state.when(&subject, permission, level, place, request);
                let listed = state.resources_where(&subject, permission, level, &places, request);
                let expected: Vec<_> = places
                    .iter()
                    .map(|place| (place, when(place)))
                    .filter(|(_, when)| *when != When::No)
                    .collect();
                assert_eq!(listed, expected, "{stem}: {}", subject.id());
                // Whoever may do it at one of these places may do it anywhere.
                let anywhere = state.can_anywhere(&subject, permission, level, request);
                assert!(anywhere || expected.is_empty(), "{stem}: {}", subject.id());
            }
        }
    }
}

#[test]
fn the_roles_that_give_something_are_those_whose_holders_have_it() {
    for (stem, file, state) in worlds() {
        let request = Request::new(file.at);
        let roles: Vec<String> = state.documents().roles.keys().cloned().collect();
        let base = |id: &str| state.documents().roles.get(id).is_some_and(|role| role.base);
        for role in roles.iter().filter(|role| !base(role)) {
            let mut documents: Documents = state.documents().clone();
            let user = json!({ "z-alone": { "id": "z-alone", "status": "active" }, "z-none": { "id": "z-none", "status": "active" } });
            let assignment = json!({ "z": { "id": "z", "principal": { "user": "z-alone" }, "role": role } });
            documents.directory.users = table(user);
            documents.directory.memberships = table(json!({}));
            documents.directory.assignments = table(assignment);
            let alone = State::build(documents, Stamp { epoch: 0, revision: 1 }).unwrap();
            let (holder, nobody) = (alone.subject("z-alone").unwrap(), alone.subject("z-none").unwrap());
            for (permission, level) in questions(&state) {
                let tenant = ResourcePath::tenant();
                if alone.when(&nobody, permission, level, &tenant, request) != When::No {
                    continue;
                }
                // Of a role the subject's attributes are open; of the holder they are known to be missing.
                let held = alone.when(&holder, permission, level, &tenant, request);
                let giving = state.roles_giving(permission, level);
                let listed = giving.iter().find(|giving| giving.role == *role && giving.at.is_empty());
                let agrees = match listed.map(|giving| &giving.when) {
                    None => held == When::No,
                    Some(When::Yes) => held == When::Yes,
                    Some(_) => held != When::Yes,
                };
                assert!(agrees, "{stem}: {role} {}", state.catalogue().id(permission));
            }
        }
    }
}

/// A product whose levels hang on the device and on the region.
fn conditional() -> State {
    let policy = json!({
        "format": 1,
        "name": "World",
        "catalogue": {
            "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }], "can": "own" } },
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.read", "scale": "reach", "levels": {
                    "all": { "condition": { "eq": [{ "attribute": "context.device" }, "managed"] } } } },
                { "id": "docs.write", "levels": { "allowed": {
                    "condition": { "eq": [{ "attribute": "subject.region" }, "emea"] },
                    "implies": { "docs.read": "all" } } } }
            ] }],
            "resource_types": [{ "id": "folder", "pattern": "folders/{folder}" }],
            "operations": [{ "id": "docs.move", "resources": { "from": "folders/{from}", "to": "folders/{to}" },
                "alternatives": [{ "needs": [
                    { "permission": "docs.write", "resource": "from" },
                    { "permission": "docs.read", "level": "all", "resource": "to" } ] }] }]
        },
        "roles": [
            { "id": "root", "name": "Root", "audience": "admin", "superuser": true },
            { "id": "reader", "name": "Reader", "grants": { "docs.read": "all" } },
            { "id": "writer", "name": "Writer", "grants": { "docs.write": "allowed" } },
            { "id": "heir", "name": "Heir", "inherits": ["writer"] }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({
        "ana": { "id": "ana", "status": "active", "attributes": { "region": "emea" } },
        "bob": { "id": "bob", "status": "active", "attributes": { "region": "apac" } },
        "cat": { "id": "cat", "status": "active" },
        "dan": { "id": "dan", "status": "disabled" },
        "sam": { "id": "sam", "status": "active" }
    }));
    documents.directory.assignments = table(json!({
        "1": { "id": "1", "principal": { "user": "ana" }, "role": "writer", "scope": "folders/a" },
        "2": { "id": "2", "principal": { "user": "bob" }, "role": "writer" },
        "3": { "id": "3", "principal": { "user": "cat" }, "role": "reader" },
        "4": { "id": "4", "principal": { "user": "dan" }, "role": "reader" },
        "5": { "id": "5", "principal": { "user": "sam" }, "role": "root" },
        "6": { "id": "6", "principal": { "user": "ana" }, "role": "reader", "scope": "folders/b" }
    }));
    State::build(documents, Stamp::default()).unwrap()
}

#[test]
fn an_answer_of_a_list_is_yes_or_the_condition_that_is_left_over() {
    let state = conditional();
    let request = Request::new(Timestamp(0));
    let managed = || {
        WhenDocument::If(
            serde_json::from_value(json!({ "eq": [{ "attribute": "context.device" }, "managed"] })).unwrap(),
        )
    };
    let permission = |id: &str| state.catalogue().handle(id).unwrap();
    let folder = ResourcePath::parse("folders/a").unwrap();
    let listed = |id: &str, level: u8| -> Vec<(String, WhenDocument)> {
        let all = state.who_can(permission(id), Level(level), &folder, request);
        all.into_iter().map(|(user, when)| (user, when.document())).collect()
    };
    let told = |rows: &[(&str, WhenDocument)]| -> Vec<(String, WhenDocument)> {
        rows.iter().map(|(user, when)| ((*user).to_owned(), when.clone())).collect()
    };
    let yes = WhenDocument::Yes;
    assert_eq!(listed("docs.write", 1), told(&[("ana", yes.clone()), ("sam", yes.clone())]));
    assert_eq!(listed("docs.read", 2), told(&[("ana", managed()), ("cat", managed()), ("sam", yes.clone())]));
    assert_eq!(listed("docs.read", 1), told(&[("ana", yes.clone()), ("cat", yes.clone()), ("sam", yes)]));
    // At what is no place nobody may do anything, superusers neither.
    let elsewhere = ResourcePath::parse("rooms/a").unwrap();
    let read = permission("docs.read");
    assert_eq!(state.who_can(read, Level(1), &elsewhere, request), []);
    for subject in state.subjects() {
        assert_eq!(state.level_of(&subject, read, &elsewhere, request), Level(0), "{}", subject.id());
        assert_eq!(state.when(&subject, read, Level(1), &elsewhere, request), When::No, "{}", subject.id());
    }
}

#[test]
fn the_places_where_somebody_holds_something_are_listed_once_and_in_order() {
    let mut documents = conditional().documents().clone();
    let held = |id: &str, user: &str, role: &str, scope: &str| {
        (id.to_owned(), json!({ "id": id, "principal": { "user": user }, "role": role, "scope": scope }))
    };
    let assignments: BTreeMap<String, Value> = [
        held("1", "ana", "writer", "folders/b"),
        held("2", "ana", "reader", "folders"),
        held("3", "ana", "heir", "folders/a"),
        held("4", "ana", "reader", "folders/b"),
        held("5", "ana", "reader", "/"),
        held("6", "bob", "reader", "/"),
    ]
    .into();
    documents.directory.assignments = table(json!(assignments));
    let state = State::build(documents, Stamp::default()).unwrap();
    for (user, expected) in [("ana", vec!["folders", "folders/a", "folders/b"]), ("bob", vec![])] {
        let subject = state.subject(user).unwrap();
        let scopes: Vec<&str> = subject.scopes().into_iter().map(ResourcePath::as_str).collect();
        assert_eq!(scopes, expected, "{user}");
    }
}

#[test]
fn here_and_anywhere_are_two_questions() {
    let state = conditional();
    let request = Request::new(Timestamp(0));
    let write = state.catalogue().handle("docs.write").unwrap();
    let ana = state.subject("ana").unwrap();
    let tenant = ResourcePath::tenant();
    assert_eq!(state.when(&ana, write, Level(1), &tenant, request), When::No);
    assert!(state.can_anywhere(&ana, write, Level(1), request));
    for user in ["bob", "cat", "dan"] {
        assert!(!state.can_anywhere(&state.subject(user).unwrap(), write, Level(1), request), "{user}");
    }
    // Each need somewhere, and a condition left over counts as yes.
    assert!(state.can_do_anywhere(&ana, "docs.move", request));
    assert!(state.can_do_anywhere(&state.subject("sam").unwrap(), "docs.move", request));
    for user in ["bob", "cat", "dan"] {
        assert!(!state.can_do_anywhere(&state.subject(user).unwrap(), "docs.move", request), "{user}");
    }
    assert!(!state.can_do_anywhere(&ana, "docs.fly", request));
}

#[test]
fn roles_are_listed_with_how_they_give_it() {
    let state = conditional();
    let giving = |id: &str, level: u8| -> Vec<(String, How)> {
        let all = state.roles_giving(state.catalogue().handle(id).unwrap(), Level(level));
        all.into_iter().map(|giving| (giving.role, giving.how)).collect()
    };
    let role = |role: &str, how| (role.to_owned(), how);
    let expected =
        [role("root", How::Everything), role("writer", How::Granted), role("heir", How::Inherited)];
    assert_eq!(giving("docs.write", 1).into_iter().collect::<BTreeSet<_>>(), expected.into());
    let expected = [
        role("root", How::Everything),
        role("reader", How::Granted),
        role("writer", How::Implied),
        role("heir", How::Implied),
    ];
    assert_eq!(giving("docs.read", 1).into_iter().collect::<BTreeSet<_>>(), expected.into());
    // Level 0 is nothing, and above the top there is nothing.
    for (id, level) in [("docs.read", 0), ("docs.read", 3), ("docs.write", 2)] {
        assert_eq!(giving(id, level), [], "{id} {level}");
    }
}

/// What a role gives at resources of some types alone is told of those where it is the same together.
#[test]
fn roles_are_listed_with_the_types_at_which_they_give_it() {
    let managed = json!({ "eq": [{ "attribute": "context.device" }, "managed"] });
    let kind = |id: &str| json!({ "id": id, "pattern": format!("{id}s/{{{id}}}") });
    let limited = |level: &str, at: &str| json!({ "permission": "docs.read", "level": level, "at": at });
    let policy = json!({
        "format": 1, "name": "Types",
        "catalogue": {
            "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }] } },
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.read", "scale": "reach", "levels": { "own": { "condition": managed } } },
                { "id": "docs.write", "levels": { "allowed": { "implies": { "docs.read": "all" } } } }
            ] }],
            "resource_types": [kind("file"), kind("note"), kind("room"), kind("tool")]
        },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "typed", "name": "Typed", "limited": [
                limited("own", "file"), limited("all", "note"), limited("own", "room"),
                { "permission": "docs.write", "level": "allowed", "at": "tool" }
            ] },
            { "id": "wider", "name": "Wider", "grants": { "docs.read": "own" }, "limited": [limited("all", "note")] }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let managed = || WhenDocument::If(serde_json::from_value(managed.clone()).unwrap());
    let giving = |level: u8| -> Vec<(String, How, Vec<String>, WhenDocument)> {
        let all = state.roles_giving(state.catalogue().handle("docs.read").unwrap(), Level(level));
        all.into_iter().map(|it| (it.role, it.how, it.at, it.when.document())).collect()
    };
    let told = |role: &str, how, at: &[&str], when| {
        (role.to_owned(), how, at.iter().map(|kind| (*kind).to_owned()).collect(), when)
    };
    let root = || told("root", How::Everything, &[], WhenDocument::Yes);
    let expected = [
        root(),
        told("typed", How::Granted, &["file", "room"], managed()),
        told("typed", How::Granted, &["note", "tool"], WhenDocument::Yes),
        told("wider", How::Granted, &[], managed()),
        told("wider", How::Granted, &["note"], WhenDocument::Yes),
    ];
    assert_eq!(giving(1), expected);
    let expected = [
        root(),
        told("typed", How::Granted, &["note", "tool"], WhenDocument::Yes),
        told("wider", How::Granted, &["note"], WhenDocument::Yes),
    ];
    assert_eq!(giving(2), expected);
}

#[test]
fn what_somebody_holds_stays_so_until_the_next_window_begins_or_ends() {
    let mut documents = conditional().documents().clone();
    documents.directory.assignments = table(json!({
        "1": { "id": "1", "principal": { "user": "ana" }, "role": "reader", "from": 20, "until": 40 },
        "2": { "id": "2", "principal": { "user": "ana" }, "role": "writer", "scope": "folders/a", "until": 30 }
    }));
    let state = State::build(documents, Stamp::default()).unwrap();
    let (ana, tenant) = (state.subject("ana").unwrap(), ResourcePath::tenant());
    for (at, until) in [
        (10, Some(20)),
        (19, Some(20)),
        (20, Some(30)),
        (29, Some(30)),
        (30, Some(40)),
        (39, Some(40)),
        (40, None),
        (50, None),
    ] {
        let (_, next) = state.levels_of(&ana, &tenant, Request::new(Timestamp(at)));
        assert_eq!(next, until.map(Timestamp), "at {at}");
    }
}

/// By handles and by names, at once and in sessions, here and there, whatever is said.
#[test]
fn the_fast_ways_answer_as_the_slow_one() {
    let managed: RequestAttributes =
        serde_json::from_value(json!({ "context": { "device": "managed" } })).unwrap();
    let (nothing, mut asked) = (RequestAttributes::default(), BTreeSet::new());
    for new_links in [NewLinks::AtOnce, NewLinks::NextLogin] {
        let mut documents = conditional().documents().clone();
        documents.settings.new_links = new_links;
        let began = |revision| Stamp { epoch: 0, revision };
        // Newer than one of the sessions.
        for id in ["2", "3"] {
            documents.directory.assignments.get_mut(id).unwrap().made = began(5);
        }
        let state = State::build(documents, began(9)).unwrap();
        for (session, attributes) in [None, Some(began(3)), Some(began(9))]
            .into_iter()
            .flat_map(|session| [&nothing, &managed].map(|attributes| (session, attributes)))
        {
            let request = Request::new(Timestamp(0)).in_session(session).with(attributes);
            for (subject, place) in state.subjects().flat_map(|user| {
                ["/", "folders/a", "folders/b", "rooms/a"].map(|place| (user.clone(), place))
            }) {
                let (user, resource) =
                    (state.user(subject.id()).unwrap(), ResourcePath::parse(place).unwrap());
                for (permission, level) in questions(&state) {
                    let expected = state.level_of(&subject, permission, &resource, request) >= level;
                    let id = state.catalogue().id(permission);
                    let name = state.catalogue().scale(permission).unwrap().name(level);
                    let question = Question {
                        subject: subject.id(),
                        permission: id,
                        resource: place,
                        asked: Some(name),
                        request,
                    };
                    let said = format!("{} {id} {name} at {place}, {session:?}", subject.id());
                    assert_eq!(
                        state.allowed(user, permission, level, &resource, request),
                        expected,
                        "{said}"
                    );
                    assert_eq!(state.allows(&question), expected, "{said}");
                    asked.insert((id.to_owned(), expected));
                }
            }
        }
        let wrong = |subject, permission, asked| Question {
            subject,
            permission,
            resource: "/",
            asked,
            request: Request::new(Timestamp(0)),
        };
        for question in [
            wrong("nobody", "docs.read", None),
            wrong("sam", "docs.none", None),
            wrong("sam", "docs.read", Some("some")),
            wrong("sam", "docs.read", Some("none")),
        ] {
            assert!(!state.allows(&question), "{question:?}");
        }
        assert!(state.allows(&wrong("sam", "docs.read", None)));
    }
    for id in ["docs.read", "docs.write"] {
        assert!([true, false].iter().all(|expected| asked.contains(&(id.to_owned(), *expected))), "{id}");
    }
}

/// What is worked out of users stands in chunks of users and in words of bits: nobody is taken for
/// another, and nothing for something else.
#[test]
fn everybody_is_answered_for_oneself_however_many_there_are() {
    // Who stands at a position holds what stands at positions that leave as much when divided by this.
    const KINDS: usize = 7;
    for (users, permissions) in [(300, 4_500), (16_600, 8)] {
        let id = |at: usize| format!("p.p{at:05}");
        let role = |kind: usize| {
            let granted = (kind..permissions).step_by(KINDS).map(|at| (id(at), "allowed"));
            let grants: BTreeMap<String, &str> = granted.collect();
            json!({ "id": format!("r{kind}"), "name": format!("R{kind}"), "grants": grants })
        };
        let mut roles: Vec<Value> = (0..KINDS).map(role).collect();
        roles.push(json!({ "id": "root", "name": "Root", "superuser": true }));
        let listed: Vec<Value> = (0..permissions).map(|at| json!({ "id": id(at) })).collect();
        let policy = json!({
            "format": 1, "name": "Many",
            "catalogue": { "modules": [{ "id": "p", "permissions": listed }] },
            "roles": roles
        });
        let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
        let mut documents = Documents::of_policy(&policy);
        let user = |at: usize| format!("u{at:05}");
        let all: BTreeMap<String, Value> =
            (0..users).map(|at| (user(at), json!({ "id": user(at), "status": "active" }))).collect();
        let held = |at: usize| {
            let role = format!("r{}", at % KINDS);
            (user(at), json!({ "id": user(at), "principal": { "user": user(at) }, "role": role }))
        };
        documents.directory.users = table(json!(all));
        documents.directory.assignments = table(json!((0..users).map(held).collect::<BTreeMap<_, _>>()));
        let state = State::build(documents, Stamp::default()).unwrap();
        let (tenant, request) = (ResourcePath::tenant(), Request::new(Timestamp(0)));
        let asked: BTreeSet<usize> = (0..8).chain((0..permissions).step_by(61)).collect();
        for who in (0..users).rev() {
            let handle = state.user(&user(who)).unwrap();
            for what in &asked {
                let permission = state.catalogue().handle(&id(*what)).unwrap();
                let allowed = state.allowed(handle, permission, Level(1), &tenant, request);
                assert_eq!(allowed, who % KINDS == what % KINDS, "{} {}", user(who), id(*what));
            }
        }
    }
}
