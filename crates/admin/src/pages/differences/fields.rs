//! What differs between a document before and after, field by field. Pure, and so tested natively.

use std::collections::BTreeSet;

use serde_json::Value;

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Where it stands: names of fields, and of a list's items what tells them apart.
    pub path: Vec<String>,
    /// What it was; none where it is new.
    pub before: Option<Value>,
    /// What it is; none where it went.
    pub after: Option<Value>,
}

/// Every field that differs, in order, but one that came or went and said nothing. What is new or went as a whole, below the document
/// itself, is one field.
pub fn fields(before: Option<&Value>, after: Option<&Value>) -> Vec<Field> {
    let mut found = Vec::new();
    let nothing = Value::Object(serde_json::Map::new());
    compare(&mut Vec::new(), Some(before.unwrap_or(&nothing)), Some(after.unwrap_or(&nothing)), &mut found);
    found.retain(|field| match (&field.before, &field.after) {
        (Some(_), Some(_)) => true,
        (was, is) => was.iter().chain(is).any(says_something),
    });
    found
}

/// Whether it is more than what stands where nothing is said.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    }
}

fn compare(path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Field>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                below(path, name, before.get(name), after.get(name), found);
            }
        }
        // What a document maps names to says more one by one, also where the map is new.
        (None | Some(Value::Null), Some(Value::Object(map))) if is_map(map) => {
            map.iter().for_each(|(name, after)| below(path, name, None, Some(after), found));
        }
        (Some(Value::Object(map)), None | Some(Value::Null)) if is_map(map) => {
            map.iter().for_each(|(name, before)| below(path, name, Some(before), None, found));
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => items(path, before, after, found),
        (None | Some(Value::Null), Some(Value::Array(after))) => items(path, &[], after, found),
        (Some(Value::Array(before)), None | Some(Value::Null)) => items(path, before, &[], found),
        (before, after) => found.push(Field {
            path: path.clone(),
            before: before.filter(|it| !it.is_null()).cloned(),
            after: after.filter(|it| !it.is_null()).cloned(),
        }),
    }
}

/// Items of lists are the same where they say who they are the same; their order says nothing here.
fn items(path: &mut Vec<String>, before: &[Value], after: &[Value], found: &mut Vec<Field>) {
    let of = |items: &[Value], wanted: &str| items.iter().find(|item| identity(item) == wanted).cloned();
    let names: BTreeSet<String> = before.iter().chain(after).map(identity).collect();
    for name in names {
        let (was, is) = (of(before, &name), of(after, &name));
        match (&was, &is) {
            (Some(Value::Object(_)), Some(Value::Object(_))) => {
                below(path, &name, was.as_ref(), is.as_ref(), found);
            }
            _ if was == is => {}
            _ => found.push(Field { path: path.clone(), before: was, after: is }),
        }
    }
}

fn below(
    path: &mut Vec<String>,
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Field>,
) {
    path.push(name.to_owned());
    compare(path, before, after, found);
    path.pop();
}

/// Whether every value is a plain one: names of permissions with their levels, switches, attributes.
fn is_map(map: &serde_json::Map<String, Value>) -> bool {
    map.values().all(|value| !value.is_object() && !value.is_array())
}

/// What tells an item of a list from the others.
pub fn identity(item: &Value) -> String {
    const NAMES: [&str; 4] = ["id", "role", "permission", "name"];
    match item {
        Value::String(text) => text.clone(),
        Value::Object(map) => {
            let name = NAMES.iter().find_map(|name| map.get(*name)?.as_str());
            name.map_or_else(|| item.to_string(), str::to_owned)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: Option<Value>, after: Option<Value>) -> Vec<String> {
        let word = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), identity);
        let found = fields(before.as_ref(), after.as_ref()).into_iter();
        found.map(|it| format!("{}: {} > {}", it.path.join("/"), word(&it.before), word(&it.after))).collect()
    }

    #[test]
    fn what_differs_is_told_field_by_field() {
        let role = |name: &str, grants: Value, inherits: Value| {
            Some(json!({ "id": "clerk", "name": name, "grants": grants, "inherits": inherits }))
        };
        for (before, after, expected) in [
            (
                role("A", json!({ "x.y": "allowed" }), json!([])),
                role("A", json!({ "x.y": "allowed" }), json!([])),
                vec![],
            ),
            (
                role("A", json!({ "x.y": "allowed" }), json!(["a", "b"])),
                role("B", json!({ "x.z": "own" }), json!(["b", "c"])),
                vec![
                    "grants/x.y: allowed > -",
                    "grants/x.z: - > own",
                    "inherits: a > -",
                    "inherits: - > c",
                    "name: A > B",
                ],
            ),
            (None, Some(json!({ "id": "g", "name": "Sales" })), vec!["id: - > g", "name: - > Sales"]),
            (Some(json!({ "id": "g", "name": "Sales" })), None, vec!["id: g > -", "name: Sales > -"]),
            (
                Some(json!({ "package": null })),
                Some(json!({ "package": { "package": "pro" } })),
                vec!["package/package: - > pro"],
            ),
            (
                Some(json!({ "roles": [{ "role": "a", "since": 1 }] })),
                Some(json!({ "roles": [{ "role": "a", "since": 2 }, { "role": "b", "since": 3 }] })),
                vec!["roles/a/since: 1 > 2", "roles: - > b"],
            ),
            // What came or went and says nothing.
            (
                None,
                Some(json!({ "id": "u", "sign_in": false, "first_name": "", "grants": {}, "tier": "basic" })),
                vec!["id: - > u", "tier: - > basic"],
            ),
            (
                Some(json!({ "sign_in": true })),
                Some(json!({ "sign_in": false })),
                vec!["sign_in: true > false"],
            ),
            (
                Some(json!({ "deep": { "list": [1, 2] } })),
                Some(json!({})),
                vec!["deep: {\"list\":[1,2]} > -"],
            ),
        ] {
            assert_eq!(told(before, after), expected);
        }
    }
}
