//! Lists: each agrees with single questions on every member and every non-member.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::documents::Documents;
use rolewright_model::query::How;
use rolewright_model::when::{When, WhenDocument};
use rolewright_model::{Level, PolicyDocument, Request, ResourcePath, Stamp, State, Timestamp};
use rolewright_tests::{CaseFile, case_files, table};
use serde_json::json;

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
    assert_eq!(state.who_can(permission("docs.read"), Level(1), &elsewhere, request), []);
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
