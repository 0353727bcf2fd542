//! The matrix of Enterprise Manager, cell by cell, as the acceptance list says it; and comparisons.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::collections::BTreeMap;

use rolewright_model::compare::Comparison;
use rolewright_model::documents::Documents;
use rolewright_model::equivalence::{Equivalence, equivalence};
use rolewright_model::matrix::{Mark, Matrix};
use rolewright_model::{PolicyDocument, Request, ResourcePath, Stamp, State, Timestamp};
use rolewright_tests::{table, template};
use serde_json::json;

const ROLES: [&str; 4] = ["admin", "designer", "operator", "viewer"];

/// S3-11 to S3-40, in order: the operation, and what the document says for Admin, Designer, Operator
/// and Viewer. A star is "Yes, and see below"; a hash is "Yes, with a note".
const CELLS: [(&str, &str, [&str; 4]); 28] = [
    ("S3-11", "servers.view", ["Yes", "Read-Only", "Read-Only", "Read-Only"]),
    ("S3-12", "servers.add_and_delete", ["Yes", "No", "No", "No"]),
    ("S3-13", "servers.view_connection", ["Yes", "Yes", "Yes", "No"]),
    ("S3-14", "servers.edit_connection", ["Yes", "Read-Only", "Read-Only", "No"]),
    ("S3-15", "servers.test_connection", ["Yes", "Yes", "Yes", "No"]),
    ("S3-16", "servers.use_list", ["Yes", "Yes", "Yes", "Yes"]),
    ("S3-17", "tasks.open_design", ["Yes", "Yes", "No", "No"]),
    ("S3-18", "tasks.open_monitor", ["Yes", "Yes", "Yes", "Yes"]),
    ("S3-19", "tasks.design", ["Yes", "Yes", "No", "No"]),
    ("S3-20", "endpoints.design", ["Yes", "Yes", "No", "No"]),
    ("S3-21", "tasks.import_over", ["Yes", "Yes*", "No", "No"]),
    ("S3-22", "tasks.import_new", ["Yes", "Yes*", "No", "No"]),
    ("S3-23", "tasks.export", ["Yes", "Yes", "Yes", "No"]),
    ("S3-24", "tasks.export_with_endpoints", ["Yes", "Yes", "Yes*", "No"]),
    ("S3-27", "logs.configure", ["Yes", "Yes", "Read-Only", "No"]),
    ("S3-28", "servers.user_permissions", ["Yes", "Read-Only", "Read-Only", "No"]),
    ("S3-29", "logs.view", ["Yes", "Yes", "Yes", "No"]),
    ("S3-30", "tasks.run", ["Yes", "Yes", "Yes", "No"]),
    ("S3-31", "tasks.delete", ["Yes", "Yes", "No", "No"]),
    ("S3-32", "tags.assign", ["Yes", "Yes", "Yes", "No"]),
    ("S3-33", "tags.manage", ["Yes", "Yes", "No", "No"]),
    ("S3-34", "tasks.tools", ["Yes", "Yes", "Yes#", "No"]),
    ("S3-35", "message_center.open", ["Yes", "Yes", "Yes", "Yes"]),
    ("S3-36", "licenses.register", ["Yes", "No", "No", "No"]),
    ("S3-37", "licenses.view", ["Yes", "Yes", "Yes", "No"]),
    ("S3-38", "licenses.machine_name", ["Yes", "Yes", "Yes", "No"]),
    ("S3-39", "analytics.hide", ["Yes", "Yes", "No", "No"]),
    ("S3-40", "licenses.alerts", ["Yes", "Yes", "Yes", "Yes"]),
];

fn state(id: &str) -> State {
    let policy = template(id).unwrap_or_else(|error| panic!("{error}"));
    State::build(Documents::of_policy(&policy), Stamp::default()).unwrap()
}

/// Each row by its operation: for each role the cell in the document's words.
fn words(matrix: &Matrix) -> BTreeMap<&str, BTreeMap<&str, String>> {
    let cell = |cell: &rolewright_model::matrix::Cell| match cell.mark {
        Mark::Yes if cell.terms[0].at.is_empty() => "Yes".to_owned(),
        Mark::Yes => "Yes#".to_owned(),
        Mark::No => "No".to_owned(),
        Mark::ReadOnly => cell.terms[0].level.clone().unwrap(),
        Mark::Conditional => "Yes*".to_owned(),
    };
    let row = |row: &rolewright_model::matrix::MatrixRow| -> BTreeMap<&str, String> {
        matrix.roles.iter().map(String::as_str).zip(row.cells.iter().map(cell)).collect()
    };
    matrix.rows.iter().map(|it| (it.id.as_str(), row(it))).collect()
}

#[test]
fn every_cell_is_what_the_document_says() {
    let matrix = state("enterprise-manager").operation_matrix();
    let words = words(&matrix);
    let mut wrong = Vec::new();
    for (number, operation, cells) in CELLS {
        for (role, expected) in ROLES.iter().zip(cells) {
            let said = &words[operation][role];
            if said != expected {
                wrong.push(format!("{number} {operation} {role}: {said}, not {expected}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn s3_41_the_cells_add_up() {
    let matrix = state("enterprise-manager").operation_matrix();
    let words = words(&matrix);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, operation, _) in CELLS {
        for role in ROLES {
            *counts.entry(words[operation][role].as_str()).or_default() += 1;
        }
    }
    let expected = [("Yes", 65), ("No", 35), ("Read-Only", 8), ("Yes*", 3), ("Yes#", 1)];
    assert_eq!(counts, expected.into());
}

#[test]
fn s3_25_s3_26_a_conditional_cell_says_what_is_needed_elsewhere() {
    let state = state("enterprise-manager");
    let matrix = state.operation_matrix();
    let cell = |operation: &str, role: &str| {
        let row = matrix.rows.iter().find(|row| row.id == operation).unwrap();
        let at = matrix.roles.iter().position(|known| known == role).unwrap();
        (serde_json::to_value(&row.cells[at]).unwrap(), row.footnotes.len())
    };
    let (import, notes) = cell("tasks.import_new", "designer");
    assert_eq!(
        import["terms"][0]["elsewhere"],
        json!([{ "permission": "endpoints.design", "level": "allowed", "resource": "endpoints" }])
    );
    assert_eq!(notes, 1);
    let (export, notes) = cell("tasks.export_with_endpoints", "operator");
    let on = |resource: &str| json!({ "permission": "endpoints.operate", "level": "allowed", "resource": resource });
    assert_eq!(export["terms"][0]["elsewhere"], json!([on("source"), on("target")]));
    assert_eq!(notes, 1);
    let (tools, notes) = cell("tasks.tools", "operator");
    assert_eq!((tools["mark"].as_str(), tools["terms"][0]["at"].clone()), (Some("yes"), json!(["task"])));
    assert_eq!(notes, 1);
}

/// A cell says of whoever holds the role alone what is decided, where nothing is open.
#[test]
fn cells_agree_with_decisions_for_the_holders_of_each_role() {
    for id in ["mailer", "analytics-cloud", "enterprise-manager", "email-marketing"] {
        let policy = template(id).unwrap_or_else(|error| panic!("{error}"));
        let mut documents = Documents::of_policy(&policy);
        let users: BTreeMap<&str, _> = policy
            .roles
            .iter()
            .map(|role| (role.id.as_str(), json!({ "id": role.id, "status": "active" })))
            .collect();
        let assignments: BTreeMap<&str, _> = policy
            .roles
            .iter()
            .map(|role| {
                (
                    role.id.as_str(),
                    json!({ "id": role.id, "principal": { "user": role.id }, "role": role.id }),
                )
            })
            .collect();
        documents.directory.users = table(json!(users));
        documents.directory.assignments = table(json!(assignments));
        let state = State::build(documents, Stamp::default()).unwrap();
        let matrix = state.permission_matrix();
        let base = policy.roles.iter().find(|role| role.base).map(|role| role.id.as_str());
        let request = Request::new(Timestamp(0));
        for row in &matrix.rows {
            let permission = state.catalogue().handle(&row.id).unwrap();
            let can = state.catalogue().scale(permission).unwrap().can();
            let by_base = matrix.roles.iter().zip(&row.cells).find(|(role, _)| Some(role.as_str()) == base);
            let by_base = by_base.is_some_and(|(_, cell)| cell.mark == Mark::Yes);
            for (role, cell) in matrix.roles.iter().zip(&row.cells) {
                let subject = state.subject(role).unwrap();
                let level = state.level_of(&subject, permission, &ResourcePath::tenant(), request);
                let marked = cell.mark == Mark::Yes && cell.terms[0].at.is_empty() || by_base;
                assert_eq!(marked, level >= can, "{id}: {role} {}", row.id);
            }
        }
    }
}

#[test]
fn roles_and_users_stand_side_by_side() {
    let state = state("enterprise-manager");
    let compared = state.compare_roles(&["designer", "operator", "viewer"]).unwrap();
    let row = |id: &str| compared.rows.iter().find(|row| row.permission == id).unwrap();
    let held = |id: &str| row(id).held.iter().map(|held| held.level.as_str()).collect::<Vec<_>>();
    assert_eq!(held("servers.edit_connection"), ["read_only", "read_only", "no"]);
    assert!(row("servers.edit_connection").differs);
    assert_eq!(held("servers.use_list"), ["allowed", "allowed", "allowed"]);
    assert!(!row("servers.use_list").differs);
    assert!(!compared.rows.iter().any(|row| row.permission == "licenses.register"));
    assert_eq!(state.compare_roles(&["designer"]), None);
    assert_eq!(state.compare_roles(&["designer", "nobody"]), None);
    assert_eq!(state.compare_roles(&["designer"; 5]), None);
}

/// A cell is conditional for each alternative that a role satisfies, not for the first.
#[test]
fn a_cell_says_every_terms_on_which_a_role_may_do_something() {
    let when = |name: &str| json!({ "eq": [{ "attribute": name }, "x"] });
    let on = |name: &str| json!({ "allowed": { "condition": when(name) } });
    let needs = |all: &[(&str, &str)]| {
        let need = |(permission, resource): &(&str, &str)| match *resource {
            "" => json!({ "permission": permission }),
            resource => json!({ "permission": permission, "resource": resource }),
        };
        json!({ "needs": all.iter().map(need).collect::<Vec<_>>() })
    };
    // What meets the first alternative meets the second where more is held, elsewhere.
    let pair = |id: &str, first: &[(&str, &str)]| {
        let more = [first, &[("docs.print", "to")]].concat();
        let resources = json!({ "from": "docs/{from}", "to": "docs/{to}" });
        json!({ "id": id, "resources": resources, "alternatives": [needs(first), needs(&more)] })
    };
    let policy = json!({
        "format": 1, "name": "Terms",
        "catalogue": {
            "scales": { "reach": { "levels": [{ "id": "none" }, { "id": "look", "label": "Look" }, { "id": "edit", "label": "Edit" }] } },
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.read", "levels": on("context.a") }, { "id": "docs.print", "levels": on("context.b") },
                { "id": "docs.move" }, { "id": "docs.own", "levels": on("resource.owner") },
                { "id": "docs.edit", "scale": "reach", "levels": { "look": { "condition": when("context.a") } } }
            ] }],
            "resource_types": [{ "id": "doc", "pattern": "docs/{doc}" }, { "id": "folder", "pattern": "folders/{folder}" }],
            "operations": [
                { "id": "either", "alternatives": [needs(&[("docs.read", "")]), needs(&[("docs.print", "")])] },
                { "id": "elsewhere", "resources": { "from": "docs/{from}", "to": "docs/{to}" }, "alternatives": [
                    needs(&[("docs.move", "from"), ("docs.move", "to")]), needs(&[("docs.own", "from")]), needs(&[("docs.print", "from")])
                ] },
                { "id": "edit", "alternatives": [needs(&[("docs.edit", "")])] },
                pair("move_or_more", &[("docs.move", "from")]), pair("read_or_more", &[("docs.read", "from")])
            ]
        },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "all", "name": "All", "grants": { "docs.read": "allowed", "docs.print": "allowed", "docs.move": "allowed", "docs.own": "allowed" } },
            { "id": "viewer", "name": "Viewer", "grants": { "docs.edit": "look" } },
            { "id": "typed", "name": "Typed", "grants": { "docs.read": "allowed" }, "limited": [
                { "permission": "docs.own", "level": "allowed", "at": "doc" },
                { "permission": "docs.print", "level": "allowed", "at": "folder" }
            ] }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let cell = |matrix: &Matrix, row: &str, role: &str| {
        let row = matrix.rows.iter().find(|known| known.id == row).unwrap();
        let at = matrix.roles.iter().position(|known| known == role).unwrap();
        serde_json::to_value(&row.cells[at]).unwrap()
    };
    let operations = state.operation_matrix();
    let either = json!({ "any": [when("context.a"), when("context.b")] });
    assert_eq!(
        cell(&operations, "either", "all"),
        json!({ "mark": "conditional", "terms": [{ "when": { "if": either } }] })
    );
    let to = json!([{ "permission": "docs.move", "level": "allowed", "resource": "to" }]);
    let own = json!({ "any": [when("context.b"), when("resources.from.owner")] });
    assert_eq!(
        cell(&operations, "elsewhere", "all"),
        json!({ "mark": "conditional", "terms": [{ "elsewhere": to, "when": "yes" }, { "when": { "if": own } }] })
    );
    assert_eq!(
        cell(&operations, "elsewhere", "typed"),
        json!({ "mark": "conditional", "terms": [{ "at": ["doc"], "when": { "if": when("resources.from.owner") } }] })
    );
    assert_eq!(
        cell(&operations, "edit", "viewer"),
        json!({ "mark": "read_only", "terms": [{ "level": "Look", "when": { "if": when("context.a") } }] })
    );
    assert_eq!(cell(&operations, "edit", "typed"), json!({ "mark": "no" }));
    assert_eq!(
        cell(&operations, "move_or_more", "all"),
        json!({ "mark": "yes", "terms": [{ "when": "yes" }] })
    );
    assert_eq!(
        cell(&operations, "read_or_more", "all"),
        json!({ "mark": "conditional", "terms": [{ "when": { "if": when("context.a") } }] })
    );
    let permissions = state.permission_matrix();
    assert_eq!(
        cell(&permissions, "docs.own", "typed"),
        json!({ "mark": "conditional", "terms": [{ "at": ["doc"], "when": { "if": when("resource.owner") } }] })
    );
    assert_eq!(
        cell(&permissions, "docs.own", "root"),
        json!({ "mark": "yes", "terms": [{ "when": "yes" }] })
    );
}

/// What a role gives everywhere is told beside what it gives at a type, and what is to be read beside
/// what is allowed on a condition.
#[test]
fn a_term_of_a_lower_mark_is_told_beside_those_of_a_higher_one() {
    let when = |name: &str| json!({ "eq": [{ "attribute": name }, "x"] });
    let operations = ["reach", "edit", "sign"].map(|name| {
        let needs = json!([{ "permission": format!("docs.{name}"), "resource": "it" }]);
        json!({ "id": name, "resources": { "it": "spaces/{it}" }, "alternatives": [{ "needs": needs }] })
    });
    let policy = json!({
        "format": 1, "name": "Beside",
        "catalogue": {
            "scales": {
                "extent": { "levels": [{ "id": "none" }, { "id": "own", "label": "Own" }, { "id": "all", "label": "All" }], "can": "own" },
                "reach": { "levels": [{ "id": "none" }, { "id": "peek", "label": "Peek" }, { "id": "look", "label": "Look" }, { "id": "edit", "label": "Edit" }], "can": "edit" }
            },
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.reach", "scale": "extent", "levels": { "own": { "condition": when("context.a") } } },
                { "id": "docs.edit", "scale": "reach" },
                { "id": "docs.sign", "scale": "reach", "levels": { "edit": { "condition": when("context.a") }, "look": { "condition": when("context.b") } } }
            ] }],
            "resource_types": [{ "id": "space", "pattern": "spaces/{space}" }, { "id": "folder", "pattern": "folders/{folder}" }],
            "operations": operations
        },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "both", "name": "Both",
              "grants": { "docs.reach": "own", "docs.edit": "look" },
              "limited": [{ "permission": "docs.reach", "level": "all", "at": "space" }, { "permission": "docs.edit", "level": "edit", "at": "space" }] },
            { "id": "same", "name": "Same", "grants": { "docs.reach": "own", "docs.sign": "edit" },
              "limited": [{ "permission": "docs.reach", "level": "own", "at": "space" }] },
            { "id": "low", "name": "Low", "grants": { "docs.edit": "peek", "docs.sign": "peek" },
              "limited": [{ "permission": "docs.edit", "level": "look", "at": "space" }, { "permission": "docs.sign", "level": "edit", "at": "folder" }] }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let a = json!({ "if": when("context.a") });
    let a_or_b = json!({ "if": { "any": [when("context.a"), when("context.b")] } });
    let at = |kind: &str| json!({ "at": [kind], "when": "yes" });
    let lower = |level: &str, when: &serde_json::Value| json!({ "level": level, "when": when });
    let (yes, look) = (json!("yes"), json!({ "at": ["space"], "level": "Look", "when": "yes" }));
    let if_a = json!({ "when": a });
    let by_folder = |when: &serde_json::Value| json!({ "at": ["folder"], "when": when });
    let look_by_folder = json!({ "at": ["folder"], "level": "Look", "when": a_or_b });
    let signed = json!([if_a, lower("Look", &a_or_b), lower("Peek", &yes)]);
    for (name, role, mark, permission, operation) in [
        ("reach", "both", "yes", json!([at("space"), if_a]), None),
        ("reach", "same", "conditional", json!([if_a]), None),
        ("edit", "both", "yes", json!([at("space"), lower("Look", &yes)]), None),
        ("edit", "low", "read_only", json!([lower("Peek", &yes), look]), None),
        ("sign", "same", "conditional", signed, None),
        (
            "sign",
            "low",
            "conditional",
            json!([by_folder(&a), lower("Peek", &yes), look_by_folder]),
            Some(("read_only", json!([lower("Peek", &yes)]))),
        ),
        ("edit", "root", "yes", json!([{ "when": "yes" }]), None),
    ] {
        let (role, id) = (state.policy().role_position(role).unwrap(), format!("docs.{name}"));
        let cell = state.permission_cell(role, state.catalogue().handle(&id).unwrap());
        assert_eq!(json!(cell), json!({ "mark": mark, "terms": permission }), "{id} {role}");
        let marks: Vec<Mark> = cell.terms.iter().map(rolewright_model::matrix::Terms::mark).collect();
        assert_eq!(marks.iter().max(), Some(&cell.mark), "{id} {role}");
        // An operation says the same of what can be one of its resources.
        let (mark, terms) = operation.unwrap_or((mark, permission));
        let cell = state.operation_cell(role, state.catalogue().operation(name).unwrap());
        assert_eq!(json!(cell), json!({ "mark": mark, "terms": terms }), "operation {name} {role}");
    }
}

/// Of the needs of an operation the one that is refused tells to which level, and only where the others are met to some.
#[test]
fn an_operation_that_needs_more_is_told_at_the_level_of_what_is_refused() {
    let when = json!({ "eq": [{ "attribute": "context.a" }, "x"] });
    let needs =
        |all: [&str; 2]| json!([{ "needs": all.map(|id| json!({ "permission": format!("docs.{id}") })) }]);
    let policy = json!({
        "format": 1, "name": "Needs",
        "catalogue": {
            "scales": {
                "reach": { "levels": [{ "id": "none" }, { "id": "look", "label": "Look" }, { "id": "edit", "label": "Edit" }] },
                "size": { "levels": [{ "id": "none" }, { "id": "half", "label": "Half" }, { "id": "whole", "label": "Whole" }] }
            },
            "modules": [{ "id": "docs", "permissions": [
                { "id": "docs.edit", "scale": "reach", "levels": { "edit": { "condition": when } } },
                { "id": "docs.print", "scale": "size" }
            ] }],
            "operations": [
                { "id": "first", "alternatives": needs(["edit", "print"]) },
                { "id": "second", "alternatives": needs(["print", "edit"]) }
            ]
        },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "some", "name": "Some", "grants": { "docs.edit": "edit", "docs.print": "half" } },
            { "id": "less", "name": "Less", "grants": { "docs.edit": "look", "docs.print": "whole" } },
            { "id": "one", "name": "One", "grants": { "docs.print": "half" } }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let lower = |level: &str| json!({ "mark": "read_only", "terms": [{ "level": level, "when": "yes" }] });
    for operation in ["first", "second"] {
        for (role, expected) in
            [("some", lower("Half")), ("less", lower("Look")), ("one", json!({ "mark": "no" }))]
        {
            let position = state.policy().role_position(role).unwrap();
            let cell = state.operation_cell(position, state.catalogue().operation(operation).unwrap());
            assert_eq!(json!(cell), expected, "{operation} {role}");
        }
    }
}

/// Whether they differ is not known where a condition is not told, unless both are worked out from
/// the same.
#[test]
fn what_stands_side_by_side_may_differ_where_conditions_are_not_told() {
    let is = |name: String| json!({ "eq": [{ "attribute": name }, "x"] });
    let pair = |number: usize| json!({ "any": [is(format!("context.a{number}")), is(format!("subject.b{number}"))] });
    let large = json!({ "all": (0..7).map(pair).collect::<Vec<_>>() });
    let brings = json!({ "allowed": { "condition": large, "implies": { "docs.read": "allowed" } } });
    let policy = json!({
        "format": 1, "name": "Untold",
        "catalogue": { "modules": [{ "id": "docs", "permissions": [
            { "id": "docs.read", "levels": { "allowed": { "condition": large } } },
            { "id": "docs.print", "levels": brings }, { "id": "docs.list" }
        ] }] },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "one", "name": "One", "grants": { "docs.read": "allowed" } },
            { "id": "same", "name": "Same", "grants": { "docs.read": "allowed", "docs.list": "allowed" } },
            { "id": "more", "name": "More", "grants": { "docs.read": "allowed", "docs.print": "allowed" } }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    for (roles, differs, may_differ) in [
        (vec!["one", "same"], false, false),
        (vec!["one", "more"], false, true),
        (vec!["one", "same", "more"], false, true),
        (vec!["one", "more", "root"], true, false),
    ] {
        let compared = state.compare_roles(&roles).unwrap();
        let row = compared.rows.iter().find(|row| row.permission == "docs.read").unwrap();
        assert_eq!((row.differs, row.may_differ), (differs, may_differ), "{roles:?}");
    }
}

/// What is held on a condition that is told differs from what is held on another one, and from nothing.
#[test]
fn what_stands_side_by_side_differs_where_conditions_that_are_told_do() {
    let brings = |name: &str| {
        let condition = json!({ "eq": [{ "attribute": format!("context.{name}") }, true] });
        json!({ "allowed": { "condition": condition, "implies": { "docs.read": "allowed" } } })
    };
    // Who has few of them to meet is told which; who has all is not.
    let is = |name: String| json!({ "eq": [{ "attribute": name }, true] });
    let pair = |at: usize| {
        let few = is(if at < 2 { format!("context.c{at}") } else { "subject.few".to_owned() });
        json!({ "any": [is(format!("context.a{at}")), is(format!("context.b{at}")), few] })
    };
    let large = json!({ "all": (0..7).map(pair).collect::<Vec<_>>() });
    let policy = json!({
        "format": 1, "name": "Told",
        "catalogue": { "modules": [{ "id": "docs", "permissions": [
            { "id": "docs.read" }, { "id": "docs.print", "levels": brings("print") },
            { "id": "docs.list", "levels": brings("list") },
            { "id": "docs.send", "levels": { "allowed": { "condition": large } } }
        ] }] },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "reader", "name": "Reader", "grants": { "docs.read": "allowed" } },
            { "id": "printer", "name": "Printer", "grants": { "docs.print": "allowed" } },
            { "id": "lister", "name": "Lister", "grants": { "docs.list": "allowed" } },
            { "id": "copier", "name": "Copier", "inherits": ["printer"] },
            { "id": "sender", "name": "Sender", "grants": { "docs.send": "allowed" } }
        ]
    });
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    documents.directory.users = table(json!({
        "few": { "id": "few", "status": "active", "attributes": { "few": true } },
        "all": { "id": "all", "status": "active" }
    }));
    documents.directory.assignments =
        table(json!({ "1": { "id": "1", "principal": "everyone", "role": "sender" } }));
    let state = State::build(documents, Stamp::default()).unwrap();
    let told = |compared: Comparison, permission: &str| {
        let row = compared.rows.iter().find(|row| row.permission == permission).unwrap();
        (row.differs, row.may_differ)
    };
    for (roles, differs) in [
        (["printer", "lister"], true),
        (["lister", "printer"], true),
        (["printer", "sender"], true),
        (["sender", "printer"], true),
        (["printer", "reader"], true),
        (["printer", "copier"], false),
    ] {
        let compared = state.compare_roles(&roles).unwrap();
        assert_eq!(told(compared, "docs.read"), (differs, false), "{roles:?}");
    }
    for users in [["few", "all"], ["all", "few"]] {
        let subjects = users.map(|id| state.subject(id).unwrap());
        let subjects: Vec<_> = subjects.iter().collect();
        let compared = state.compare_users(&subjects, &ResourcePath::tenant(), Request::new(Timestamp(0)));
        assert_eq!(told(compared.unwrap(), "docs.send"), (false, true), "{users:?}");
    }
}

/// What is given at resources of one type is not said of a type that has those among its own.
#[test]
fn types_that_overlap_are_told_apart() {
    let policy = json!({
        "format": 1, "name": "Overlap",
        "catalogue": {
            "modules": [{ "id": "docs", "permissions": [{ "id": "docs.read" }] }],
            "resource_types": [
                { "id": "app", "pattern": "spaces/{personal}/apps/{app}" },
                { "id": "own", "pattern": "spaces/personal/apps/{app}" }
            ]
        },
        "roles": [
            { "id": "root", "name": "Root", "superuser": true },
            { "id": "narrow", "name": "Narrow", "limited": [{ "permission": "docs.read", "level": "allowed", "at": "own" }] },
            { "id": "wide", "name": "Wide", "limited": [{ "permission": "docs.read", "level": "allowed", "at": "app" }] }
        ]
    });
    let parse = |policy: &serde_json::Value| {
        let policy = PolicyDocument::from_json(&policy.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
        State::build(Documents::of_policy(&policy), Stamp::default()).unwrap()
    };
    let state = parse(&policy);
    let read = state.catalogue().handle("docs.read").unwrap();
    for (role, types) in [("narrow", vec!["own"]), ("wide", vec!["app", "own"])] {
        let cell = state.permission_cell(state.policy().role_position(role).unwrap(), read);
        assert_eq!(cell.terms.iter().flat_map(|terms| &terms.at).collect::<Vec<_>>(), types, "{role}");
        let giving = state.roles_giving(read, rolewright_model::Level(1));
        let at = giving.iter().filter(|giving| giving.role == role).flat_map(|giving| &giving.at);
        assert_eq!(at.collect::<Vec<_>>(), types, "{role}");
    }
    // The narrow role would give more if it were limited to the wide type.
    let mut wider = policy;
    wider["roles"][1]["limited"][0]["at"] = json!("app");
    assert_eq!(equivalence(&state, &parse(&wider)), Equivalence::Differs(vec!["narrow".to_owned()]));
}
