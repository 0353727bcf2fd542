//! The description of the API is one that its schema allows, and offers what is taken.

use std::collections::HashSet;

use rolewright_server::routes;
use rolewright_server::sight::actions;
use rolewright_wire::batch::elsewhere;
use serde_json::Value;

fn api() -> Value {
    serde_json::from_str(&routes::description()).unwrap()
}

/// Where a null stands that is no value of an example.
fn nulls(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Null => found.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, it)| nulls(it, &format!("{at}/{n}"), found))
        }
        Value::Object(members) => {
            let said = members
                .iter()
                .filter(|(name, _)| !["example", "examples", "default"].contains(&name.as_str()));
            said.for_each(|(name, it)| nulls(it, &format!("{at}/{name}"), found));
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn nothing_is_null_where_a_text_stands() {
    let mut found = Vec::new();
    nulls(&api(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn it_says_where_the_server_is() {
    assert_eq!(api()["servers"], serde_json::json!([{ "url": "/", "description": "This server" }]));
}

#[test]
fn every_reference_leads_somewhere() {
    fn refs(value: &Value, found: &mut HashSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|it| refs(it, found)),
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|it| refs(it, found));
            }
            _ => {}
        }
    }
    let api = api();
    let mut found = HashSet::new();
    refs(&api, &mut found);
    assert!(found.contains("#/components/schemas/BatchChange"), "{found:?}");
    let lost: Vec<_> = found.iter().filter(|at| api.pointer(at.trim_start_matches('#')).is_none()).collect();
    assert_eq!(lost, Vec::<&String>::new());
}

#[test]
fn a_batch_offers_the_changes_that_it_takes() {
    let api = api();
    let kinds = |schema: &str| -> HashSet<String> {
        let changes = api["components"]["schemas"][schema]["oneOf"].as_array().unwrap();
        changes.iter().map(|it| it["properties"]["change"]["enum"][0].as_str().unwrap().to_owned()).collect()
    };
    let (all, taken) = (kinds("Change"), kinds("BatchChange"));
    let expected = all.iter().filter(|kind| elsewhere(kind).is_none()).cloned().collect();
    assert_eq!(taken, expected);
    assert!(taken.contains("assign") && all.contains("make_key") && !taken.contains("make_key"));
    // Each name is that of a change.
    let known: HashSet<String> = actions().map(str::to_owned).collect();
    assert!(all.is_subset(&known), "{:?}", all.difference(&known));
    let refused = known.iter().filter(|kind| elsewhere(kind).is_some()).count();
    assert_eq!(all.len() - taken.len(), refused);
}
