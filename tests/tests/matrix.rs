//! The matrix of Enterprise Manager, cell by cell, as the acceptance list says it; and comparisons.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;

use rolewright_model::documents::Documents;
use rolewright_model::matrix::{Mark, Matrix};
use rolewright_model::{Request, ResourcePath, Stamp, State, Timestamp};
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
        Mark::Yes if cell.at.is_empty() => "Yes".to_owned(),
        Mark::Yes => "Yes#".to_owned(),
        Mark::No => "No".to_owned(),
        Mark::ReadOnly => cell.level.clone().unwrap(),
        Mark::Conditional => "Yes*".to_owned(),
    };
    let row = |row: &rolewright_model::matrix::MatrixRow| -> BTreeMap<&str, String> {
        matrix.roles.iter().map(String::as_str).zip(row.cells.iter().map(cell)).collect()
    };
    matrix.rows.iter().map(|it| (it.id.as_str(), row(it))).collect()
}

#[test]
fn s3_11_to_s3_40_every_cell_is_what_the_document_says() {
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
fn s3_25_and_s3_26_a_conditional_cell_says_what_is_needed_elsewhere() {
    let state = state("enterprise-manager");
    let matrix = state.operation_matrix();
    let cell = |operation: &str, role: &str| {
        let row = matrix.rows.iter().find(|row| row.id == operation).unwrap();
        let at = matrix.roles.iter().position(|known| known == role).unwrap();
        (serde_json::to_value(&row.cells[at]).unwrap(), row.footnotes.len())
    };
    let (import, notes) = cell("tasks.import_new", "designer");
    assert_eq!(
        import["elsewhere"],
        json!([{ "permission": "endpoints.design", "level": "allowed", "resource": "endpoints" }])
    );
    assert_eq!(notes, 1);
    let (export, notes) = cell("tasks.export_with_endpoints", "operator");
    let on = |resource: &str| json!({ "permission": "endpoints.operate", "level": "allowed", "resource": resource });
    assert_eq!(export["elsewhere"], json!([on("source"), on("target")]));
    assert_eq!(notes, 1);
    let (tools, notes) = cell("tasks.tools", "operator");
    assert_eq!((tools["mark"].as_str(), tools["at"].clone()), (Some("yes"), json!(["task"])));
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
                let marked = cell.mark == Mark::Yes && cell.at.is_empty() || by_base;
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
