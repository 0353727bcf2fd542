//! Limited grants and space roles: where they count, and so where they are given and held.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use rolewright_model::directory::AssignmentDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::rules::Giver;
use rolewright_model::{Actor, Code, Level, ResourcePath, State};
use rolewright_tests::world::{
    NOW, SOON, assign, assign_within, build, by, documents, facts, new_user, user, world,
};
use serde_json::{Value, json};

/// The world with servers to work on: `worker` runs reports and posts at servers alone, `space`
/// counts at servers alone, and `above` inherits it.
fn placed(assignments: &[Value]) -> State {
    let mut documents = documents();
    Arc::make_mut(&mut documents.catalogue).resource_types.push(
        serde_json::from_value(json!({ "id": "task", "pattern": "servers/{server}/tasks/{task}" })).unwrap(),
    );
    for role in [
        json!({ "id": "worker", "name": "Worker", "grants": { "reports.view": "allowed" },
            "limited": [{ "permission": "mail.view", "level": "allowed", "at": "server" }] }),
        json!({ "id": "space", "name": "Space", "grants": { "mail.view": "allowed" }, "inherits": ["reporter"], "scope_types": ["server"] }),
        json!({ "id": "above", "name": "Above", "inherits": ["space"] }),
        json!({ "id": "local", "name": "Local", "audience": "admin", "scope_types": ["server", "task"],
            "grants": { "users.assign_roles": "allowed", "mail.view": "allowed", "reports.view": "allowed", "reports.run": "allowed" } }),
    ] {
        let role: RoleDocument = serde_json::from_value(role).unwrap();
        documents.roles.insert(role.id.clone(), role);
    }
    for assignment in assignments {
        let assignment: AssignmentDocument = serde_json::from_value(assignment.clone()).unwrap();
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    build(documents)
}

#[test]
fn a_space_role_is_given_where_it_counts() {
    let state = placed(&[]);
    facts(
        &state,
        vec![
            ("at a server", "sam", assign_within("nil", "space", "servers/prod", None), None),
            ("not in the tenant", "sam", assign(user("nil"), "space"), Some(Code::Invalid)),
            (
                "not at the collection",
                "sam",
                assign_within("nil", "space", "servers", None),
                Some(Code::Invalid),
            ),
            (
                "not below",
                "sam",
                assign_within("nil", "space", "servers/prod/tasks/t", None),
                Some(Code::Invalid),
            ),
            ("not to everyone", "sam", assign(json!("everyone"), "space"), Some(Code::Invalid)),
            (
                "not with an invitation",
                "sam",
                json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["space"] }),
                Some(Code::Invalid),
            ),
            (
                "by a switch",
                "sam",
                json!({ "change": "set_entitlement", "role": "space", "on": true }),
                Some(Code::Invalid),
            ),
            (
                "on a package",
                "sam",
                json!({ "change": "update_package", "package": { "id": "basic", "name": "Basic", "roles": ["space"] } }),
                Some(Code::Invalid),
            ),
            ("a role that inherits it", "sam", assign(user("nil"), "above"), None),
        ],
    );
    let refusal = by(&state, "sam", &assign(user("nil"), "space")).unwrap_err();
    assert_eq!(refusal.message, "`Space` does not count for the whole tenant: give it at `servers/{server}`");
    assert_eq!(refusal.problems[0].path, "$.scope");
    let invite = json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["spare", "space"] });
    assert_eq!(by(&state, "sam", &invite).unwrap_err().problems[0].path, "$.roles[1]");
}

/// `ada` holds reports everywhere and no mail; `nil` holds both, and gives roles, where it is said.
#[test]
fn a_limited_grant_is_given_and_held_where_it_counts() {
    let at = |scope: &str| {
        placed(&[json!({ "id": "x", "principal": user("nil"), "role": "local", "scope": scope })])
    };
    facts(
        &at("servers/prod"),
        vec![
            ("a limited grant in the tenant gives nothing", "ada", assign(user("idle"), "worker"), None),
            (
                "at a server it does",
                "ada",
                assign_within("idle", "worker", "servers/prod", None),
                Some(Code::NotHeld),
            ),
            (
                "at a task it does not",
                "ada",
                assign_within("idle", "worker", "servers/prod/tasks/t", None),
                None,
            ),
            ("held there", "nil", assign_within("idle", "worker", "servers/prod", None), None),
            (
                "not elsewhere",
                "nil",
                assign_within("idle", "worker", "servers/test", None),
                Some(Code::MissingPermission),
            ),
            ("a space role in the tenant brings nothing", "ada", assign(user("idle"), "above"), None),
            (
                "at a server it does",
                "ada",
                assign_within("idle", "above", "servers/prod", None),
                Some(Code::NotHeld),
            ),
            ("at a server, held", "nil", assign_within("idle", "above", "servers/prod", None), None),
        ],
    );
    // Held at a collection, the space role that one holds does not count.
    assert!(by(&at("servers"), "nil", &assign_within("idle", "reporter", "servers/prod", None)).is_err());
}

#[test]
fn a_role_edit_that_widens_where_a_role_counts_gives_it_there() {
    let at = |role: &str, scope: &str| {
        placed(&[json!({ "id": "x", "principal": user("idle"), "role": role, "scope": scope })])
    };
    let space = |types: Value| json!({ "change": "update_role", "role": { "id": "space", "name": "Space", "grants": { "mail.view": "allowed" }, "inherits": ["reporter"], "scope_types": types } });
    let worker = |grants: Value, limited: Value| json!({ "change": "update_role", "role": { "id": "worker", "name": "Worker", "grants": grants, "limited": limited } });
    let view = |at: &str| json!([{ "permission": "mail.view", "level": "allowed", "at": at }]);
    facts(&at("above", "/"), vec![("everywhere", "ada", space(json!([])), Some(Code::NotHeld))]);
    facts(
        &at("above", "servers/prod/tasks/t"),
        vec![("at tasks too", "ada", space(json!(["server", "task"])), Some(Code::NotHeld))],
    );
    facts(
        &at("above", "servers/prod"),
        vec![("at tasks too, held at a server", "ada", space(json!(["server", "task"])), None)],
    );
    facts(
        &at("worker", "servers/prod"),
        vec![
            ("a limited grant that stays", "ada", worker(json!({}), view("server")), None),
            (
                "a limited grant that becomes one everywhere",
                "ada",
                worker(json!({ "mail.view": "allowed" }), json!([])),
                None,
            ),
            (
                "another limited grant",
                "ada",
                worker(
                    json!({}),
                    json!([{ "permission": "mail.manage", "level": "allowed", "at": "server" }]),
                ),
                Some(Code::NotHeld),
            ),
        ],
    );
    facts(
        &at("worker", "/"),
        vec![
            (
                "a limited grant that becomes one everywhere",
                "ada",
                worker(json!({ "mail.view": "allowed" }), json!([])),
                Some(Code::NotHeld),
            ),
            ("a limited grant where it is not held", "ada", worker(json!({}), view("task")), None),
        ],
    );
}

/// What the admin app asks of each checkbox.
#[test]
fn who_may_give_a_single_permission_is_told_with_why_not() {
    let state = world(&[json!({ "id": "x", "principal": user("nil"), "role": "reporter", "until": SOON })]);
    let tenant = ResourcePath::tenant();
    let asked = |who: &str, permission: &str| {
        let actor = Actor::Subject { state: &state, subject: state.subject(who).unwrap(), session: None };
        Giver::new(&state, &actor, &tenant, None, NOW)
            .may_give(permission, Level(1))
            .map_err(|why| why.message)
    };
    assert_eq!(asked("ada", "reports.run"), Ok(()));
    assert_eq!(asked("sam", "mail.view"), Ok(()));
    assert_eq!(asked("esc", "mail.view"), Ok(()), "escalating");
    assert_eq!(
        asked("esc", "audit.view").unwrap_err(),
        "nobody gives what they do not hold: you cannot give `Audit log: View`, and you do not hold it for the whole tenant"
    );
    assert_eq!(
        asked("nil", "reports.run").unwrap_err(),
        "nobody gives what they do not hold: you cannot give `Reports: Run`, and what you hold of it for the whole tenant ends before that"
    );
    let refusal = by(&state, "ada", &assign(user("nil"), "poster")).unwrap_err();
    assert_eq!(refusal.permission.as_deref(), Some("mail.view"));
    assert_eq!(
        refusal.message,
        "nobody gives what they do not hold: `Poster` gives `Mail: View`, and you do not hold it for the whole tenant"
    );
}

/// What a space role inherits cannot come to be a superuser role by an edit of its own.
#[test]
fn no_edit_of_another_role_makes_a_space_role_a_superuser_role() {
    let state = placed(&[]);
    let mut reporter = serde_json::to_value(state.role("reporter").unwrap()).unwrap();
    reporter["superuser"] = json!(true);
    let refusal = by(&state, "sam", &json!({ "change": "update_role", "role": reporter })).unwrap_err();
    assert_eq!(refusal.code, Code::Invalid, "{refusal}");
}

#[test]
fn a_place_is_called_by_all_that_is_above_it() {
    let mut documents = documents();
    let types = &mut Arc::make_mut(&mut documents.catalogue).resource_types;
    for (id, label, pattern) in [
        ("task", "Task", "servers/{server}/tasks/{task}"),
        ("step", "Step", "servers/{server}/tasks/{task}/steps/{step}"),
        // No type is of the room itself.
        ("shelf", "Shelf", "rooms/{room}/shelves/{shelf}"),
    ] {
        let kind = json!({ "id": id, "label": label, "pattern": pattern });
        types.push(serde_json::from_value(kind).unwrap());
    }
    let state = build(documents);
    let mut names = Vec::new();
    for (place, name) in [
        ("/", "Everything"),
        ("servers", "All servers"),
        ("servers/prod", "server prod"),
        ("servers/prod/tasks", "All tasks of server prod"),
        ("servers/prod/tasks/load", "Task load of server prod"),
        ("servers/prdo/tasks/load", "Task load of server prdo"),
        ("servers/prod/tasks/load/steps", "All steps of Task load of server prod"),
        ("servers/prod/tasks/load/steps/1", "Step 1 of Task load of server prod"),
        ("rooms/a", "room a"),
        ("rooms/a/shelves", "All shelves of room a"),
        ("rooms/a/shelves/1", "Shelf 1 of room a"),
        ("houses/a", "houses/a"),
        ("servers//a", "servers//a"),
        ("", ""),
    ] {
        assert_eq!(state.catalogue().place_name(place), name, "{place}");
        names.push(name);
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
