//! The certification scenario of the AuthZEN Authorization API 1.0, row by row, under the numbers of its sections
//! (openid/authzen, certification/authorization-api-1_0-scenario.md).

use axum::body::Body;
use axum::http::Method;
use rolewright_model::{Change, PolicyDocument};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SUBJECTS: &str = "/access/v1/search/subject";
const RESOURCES: &str = "/access/v1/search/resource";
const ACTIONS: &str = "/access/v1/search/action";

/// The required fixture (2.1 to 2.5), and a key that may ask everything.
pub(crate) async fn world() -> (TestServer, Client) {
    let policy: PolicyDocument = serde_json::from_str(include_str!("../authzen-certification.json")).unwrap();
    let server = TestServer::with_policy(&policy).await;
    let mut changes = Vec::new();
    for id in ["alice", "bob"] {
        let user =
            json!({ "id": id, "email": format!("{id}@example.com"), "first_name": id, "last_name": "" });
        changes.push(json!({ "change": "create_user", "user": user, "sign_in": false }));
        changes.push(given(id, "reader", "/"));
    }
    changes.push(given("alice", "writer", "/"));
    changes.push(given("alice", "keeper", "records/record-1"));
    changes.push(given("bob", "archivist", "/"));
    changes.push(given("bob", "reader", "records/record-2"));
    changes.push(json!({ "change": "set_attributes", "id": "bob", "attributes": { "role": "admin" } }));
    let changes: Vec<Change> =
        changes.into_iter().map(|change| serde_json::from_value(change).unwrap()).collect();
    server.change(changes).await;
    let key = server.key(&["access.check", "access.explain", "users.view"]).await;
    (server, key)
}

pub(crate) fn given(user: &str, role: &str, scope: &str) -> Value {
    let assignment = json!({ "principal": { "user": user }, "role": role, "scope": scope });
    json!({ "change": "assign", "assignment": assignment })
}

fn user(id: &str) -> Value {
    json!({ "type": "user", "id": id })
}

fn admin() -> Value {
    json!({ "type": "user", "id": "bob", "properties": { "role": "admin" } })
}

fn action(name: &str) -> Value {
    json!({ "name": name })
}

fn delete(soft: bool) -> Value {
    json!({ "name": "delete", "properties": { "soft": soft } })
}

fn record(id: &str) -> Value {
    json!({ "type": "record", "id": id })
}

fn record_that_is(id: &str, status: &str) -> Value {
    json!({ "type": "record", "id": id, "properties": { "status": status } })
}

fn ask(subject: Value, action: Value, resource: Value) -> Value {
    json!({ "subject": subject, "action": action, "resource": resource })
}

/// The same with another field.
fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// The same without a field, or a field of a field.
fn without(mut body: Value, path: &str) -> Value {
    match path.split_once('.') {
        Some((entity, name)) => body[entity].as_object_mut().unwrap().remove(name),
        None => body.as_object_mut().unwrap().remove(path),
    };
    body
}

fn alice_reads() -> Value {
    ask(user("alice"), action("read"), record("record-1"))
}

#[track_caller]
fn decisions(answer: &Answer) -> Vec<bool> {
    let json = answer.json();
    assert!(json.get("decision").is_none(), "{json}");
    json["evaluations"].as_array().unwrap().iter().map(|it| it["decision"].as_bool().unwrap()).collect()
}

#[track_caller]
fn ids(answer: &Answer, field: &str) -> Vec<String> {
    let json = answer.json();
    let results = json["results"].as_array().unwrap();
    results.iter().map(|found| found[field].as_str().unwrap().to_owned()).collect()
}

/// 1.4, 3.2 and 3.3.
#[tokio::test]
async fn basic_core_and_properties_decide_as_the_fixture_says() {
    let (_server, key) = world().await;
    let context = json!({ "time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1" });
    let more = ask(
        json!({ "type": "user", "id": "alice", "properties": { "department": "Sales", "role": "manager" } }),
        json!({ "name": "read", "properties": { "method": "GET" } }),
        json!({ "type": "record", "id": "record-1", "properties": { "status": "active", "owner": "bob" } }),
    );
    let unknown = with(with(alice_reads(), "foo", json!("bar")), "futureField", json!({ "nested": true }));
    for (row, body, expected) in [
        ("3.2.1", alice_reads(), true),
        ("1.4 rule 2", ask(user("alice"), action("write"), record("record-1")), true),
        ("1.4 rule 3", ask(user("bob"), action("read"), record("record-1")), true),
        ("3.2.2", ask(user("bob"), action("write"), record("record-1")), false),
        ("3.2.3", with(alice_reads(), "context", context), true),
        ("3.2.4", ask(user("alice"), action("write"), record_that_is("record-2", "archived")), false),
        ("3.2.5", ask(admin(), action("write"), record_that_is("record-2", "archived")), true),
        ("3.2.6", ask(user("alice"), delete(true), record("record-1")), true),
        ("3.2.7", ask(user("alice"), delete(false), record("record-1")), false),
        ("3.2.8", more, true),
        ("3.2.9", unknown, true),
    ] {
        // 3.6: the same each time.
        for _ in 0..2 {
            let answer = key.post(EVALUATION, &body).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json", "{row}");
            let json = answer.json();
            assert_eq!(json["decision"], expected, "{row}: {json}");
            assert!(json.get("context").is_none_or(Value::is_object), "{row}: {json}");
        }
    }
}

/// 3.4 and 5.7: what is missing, of another type, or no JSON.
#[tokio::test]
async fn what_is_not_asked_as_it_must_be_is_400_with_a_message() {
    let (_server, key) = world().await;
    let mut rows = Vec::new();
    for path in [
        "subject",
        "action",
        "resource",
        "subject.type",
        "subject.id",
        "action.name",
        "resource.type",
        "resource.id",
    ] {
        rows.push((EVALUATION, without(alice_reads(), path), format!("`{path}` is missing")));
        rows.push((EVALUATIONS, without(alice_reads(), path), format!("`{path}` is missing")));
    }
    for (field, value, why) in [
        ("subject", json!("alice"), "expected an object"),
        ("action", json!({ "name": 123 }), "expected a string"),
        ("resource", json!(["record", "record-1"]), "expected an object"),
        ("context", json!("here"), "object"),
    ] {
        rows.push((EVALUATION, with(alice_reads(), field, value), why.to_owned()));
    }
    for (path, missing) in [
        (SUBJECTS, "action"),
        (SUBJECTS, "subject"),
        (SUBJECTS, "subject.type"),
        (SUBJECTS, "resource.id"),
        (RESOURCES, "subject"),
        (RESOURCES, "subject.id"),
        (RESOURCES, "action"),
        (RESOURCES, "resource.type"),
        (ACTIONS, "subject"),
        (ACTIONS, "subject.id"),
        (ACTIONS, "resource"),
        (ACTIONS, "resource.id"),
    ] {
        rows.push((path, without(alice_reads(), missing), format!("`{missing}` is missing")));
    }
    for (path, body, why) in rows {
        let answer = key.post(path, &body).await.expect(400);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(answer.text().contains(&why), "{path} {body}: {}", answer.text());
    }
    let body = alice_reads().to_string();
    for path in [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS] {
        for (media, body) in [
            (Some("text/plain"), body.as_str()),
            (Some("application/xml"), &body),
            (None, &body),
            (Some("application/json"), ""),
            (Some("application/json"), "{"),
            (Some("application/json"), "nothing"),
            (Some("application/json"), "[]"),
            (
                Some("application/json"),
                r#"[{"type":"user","id":"alice"},{"name":"read"},{"type":"record","id":"record-1"}]"#,
            ),
            (Some("application/json"), "{\"subject\": {\"type\": \"user\"}, \"subject\": {}}"),
        ] {
            let answer = key.send(Method::POST, path, media, Body::from(body.to_owned())).await.expect(400);
            assert!(!answer.text().is_empty() && !answer.text().contains('{'), "{}", answer.text());
        }
    }
}

/// 3.5.
#[tokio::test]
async fn the_id_of_a_request_comes_back_as_it_is() {
    let (_server, key) = world().await;
    for id in ["bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "an id/of {my} own", &"x".repeat(300)] {
        for (path, body) in [(EVALUATION, alice_reads()), (EVALUATION, json!({}))] {
            let answer = key.with("x-request-id", id).post(path, &body).await;
            assert_eq!(answer.header("x-request-id"), id);
        }
    }
    key.post(EVALUATION, &alice_reads()).await.expect(200);
}

/// 4.
#[tokio::test]
async fn batches_decide_item_by_item_in_their_order() {
    let (_server, key) = world().await;
    let (one, two) = (record("record-1"), record("record-2"));
    let archived = record_that_is("record-2", "archived");
    let time = json!({ "time": "2025-06-27T18:03-07:00" });
    for (row, body, expected) in [
        (
            "4.2.1",
            json!({ "subject": user("alice"), "action": action("read"),
                "evaluations": [{ "resource": one }, { "resource": two }] }),
            &[true, true][..],
        ),
        (
            "4.2.2",
            json!({ "subject": user("bob"), "resource": one,
                "evaluations": [{ "action": action("read") }, { "action": action("write") }] }),
            &[true, false],
        ),
        (
            "4.2.3",
            json!({ "subject": user("alice"), "action": action("write"), "evaluations": [
                { "resource": record_that_is("record-1", "active") }, { "resource": archived }] }),
            &[true, false],
        ),
        (
            "4.2.4",
            json!({ "action": action("write"), "resource": archived,
                "evaluations": [{ "subject": user("alice") }, { "subject": admin() }] }),
            &[false, true],
        ),
        (
            "4.2.5",
            json!({ "evaluations": [alice_reads(), ask(user("bob"), action("write"), one.clone())] }),
            &[true, false],
        ),
        (
            "4.2.6",
            json!({ "subject": user("alice"), "action": action("read"), "context": time, "evaluations": [
                { "resource": one }, { "resource": two, "context": { "source": "batch-override" } }] }),
            &[true, true],
        ),
        (
            "4.2.7",
            json!({ "subject": user("alice"), "action": action("write"), "resource": { "type": "record" },
                "evaluations": [
                    { "resource": { "id": "record-1", "properties": { "status": "active" } } },
                    { "resource": archived }] }),
            &[true, false],
        ),
        (
            "4.4.1",
            json!({ "subject": user("alice"), "action": action("read"), "evaluations": [{ "resource": one }, {}] }),
            &[true, false],
        ),
    ] {
        let answer = key.post(EVALUATIONS, &body).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json", "{row}");
        assert_eq!(decisions(&answer), expected, "{row}");
    }
    for (row, body) in [("4.4.2", alice_reads()), ("4.4.3", with(alice_reads(), "evaluations", json!([])))] {
        let answer = key.post(EVALUATIONS, &body).await.expect(200).json();
        assert_eq!(answer, json!({ "decision": true }), "{row}");
    }
}

/// 5.
#[tokio::test]
async fn searches_find_what_the_fixture_says() {
    let (_server, key) = world().await;
    let context = json!({ "time": "2025-06-27T18:03-07:00" });
    let anyone = || json!({ "type": "user" });
    let any_record = || json!({ "type": "record" });
    let archived = || record_that_is("record-2", "archived");
    let readers = ask(anyone(), action("read"), record("record-1"));
    let on = json!({ "subject": user("alice"), "resource": record("record-1") });
    for (row, path, body, field, expected) in [
        ("5.2.1", SUBJECTS, readers.clone(), "id", &["alice", "bob"][..]),
        ("5.2.2", SUBJECTS, with(readers.clone(), "context", context.clone()), "id", &["alice", "bob"]),
        ("5.2.4", SUBJECTS, ask(anyone(), action("write"), archived()), "id", &["bob"]),
        (
            "5.3.1",
            RESOURCES,
            ask(user("alice"), action("read"), any_record()),
            "id",
            &["record-1", "record-2"],
        ),
        ("5.3.3", RESOURCES, ask(admin(), action("write"), any_record()), "id", &["record-1", "record-2"]),
        ("5.4.2", ACTIONS, with(on.clone(), "context", context), "name", ALICE_MAY),
        ("5.4.1", ACTIONS, on, "name", ALICE_MAY),
        (
            "5.4.3",
            ACTIONS,
            json!({ "subject": admin(), "resource": archived() }),
            "name",
            &["read", "records.read", "records.write", "write"],
        ),
        (
            "5.6.1",
            ACTIONS,
            json!({ "subject": user("nonexistent-user"), "resource": record("record-1") }),
            "name",
            &[],
        ),
        (
            "5.6.2",
            SUBJECTS,
            ask(json!({ "type": "spaceship" }), action("read"), record("record-1")),
            "id",
            &[],
        ),
    ] {
        let answer = key.post(path, &body).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json", "{row}");
        assert_eq!(ids(&answer, field), expected, "{row}");
        if field == "id" && !expected.is_empty() {
            let kind = if path == SUBJECTS { "user" } else { "record" };
            let found = answer.json()["results"].clone();
            assert!(found.as_array().unwrap().iter().all(|found| found["type"] == kind), "{row}: {found}");
        }
    }

    // 5.5: the first page, the next by its token alone, and its end.
    let first = key.post(SUBJECTS, &with(readers.clone(), "page", json!({ "limit": 1 }))).await.expect(200);
    let page = first.json()["page"].clone();
    assert_eq!(
        (ids(&first, "id"), &page["count"], &page["total"]),
        (vec!["alice".into()], &json!(1), &json!(2))
    );
    let next = with(readers, "page", json!({ "token": page["next_token"] }));
    let last = key.post(SUBJECTS, &next).await.expect(200);
    assert_eq!((ids(&last, "id"), &last.json()["page"]["next_token"]), (vec!["bob".into()], &json!("")));
}

const ALICE_MAY: &[&str] = &["delete", "read", "records.delete", "records.read", "records.write", "write"];

/// 7.
#[tokio::test]
async fn the_metadata_names_every_endpoint_by_the_public_url() {
    let (server, _) = world().await;
    let host = "https://access.example.com";
    for (path, point) in [("", host.to_owned()), ("/default", format!("{host}/default"))] {
        let nobody = server.nobody().with("host", "evil.example.org");
        let answer = nobody.get(&format!("/.well-known/authzen-configuration{path}")).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json");
        let expected = json!({
            "policy_decision_point": point,
            "access_evaluation_endpoint": format!("{point}/access/v1/evaluation"),
            "access_evaluations_endpoint": format!("{point}/access/v1/evaluations"),
            "search_subject_endpoint": format!("{point}/access/v1/search/subject"),
            "search_resource_endpoint": format!("{point}/access/v1/search/resource"),
            "search_action_endpoint": format!("{point}/access/v1/search/action"),
        });
        assert_eq!(answer.json(), expected);
    }
    let nothing = server.nobody().get("/.well-known/authzen-configuration/nothing").await.expect(404);
    assert_eq!(nothing.header("content-type"), "text/plain; charset=utf-8");
}
