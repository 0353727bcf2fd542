//! The certification scenario of the AuthZEN Authorization API 1.0, row by row, under the numbers of its sections
//! (openid/authzen, certification/authorization-api-1_0-scenario.md).

use axum::body::Body;
use axum::http::Method;
use rolewright_model::{Change, PolicyDocument};
use serde::Deserialize;
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

/// What is asked of every decision point, here and at the edge.
#[derive(Deserialize)]
struct Cases {
    evaluation: Vec<Case>,
    evaluations: Vec<Case>,
    invalid: Vec<Invalid>,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Case {
    row: String,
    asks: Value,
    decision: Option<bool>,
    decisions: Option<Vec<bool>>,
}

#[derive(Deserialize)]
struct Invalid {
    path: String,
    asks: Value,
    says: String,
}

#[derive(Deserialize)]
struct Text {
    media: Option<String>,
    text: String,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../authzen-certification-cases.json")).unwrap()
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
    for Case { row, asks, decision, .. } in cases().evaluation {
        // 3.6: the same each time.
        for _ in 0..2 {
            let answer = key.post(EVALUATION, &asks).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json", "{row}");
            let json = answer.json();
            assert_eq!(json["decision"].as_bool(), decision, "{row}: {json}");
            assert!(json.get("context").is_none_or(Value::is_object), "{row}: {json}");
        }
    }
}

/// 3.4 and 5.7: what is missing, of another type, or no JSON.
#[tokio::test]
async fn what_is_not_asked_as_it_must_be_is_400_with_a_message() {
    let (_server, key) = world().await;
    let Cases { invalid, texts, .. } = cases();
    let path = |name: &str| if name == "evaluation" { EVALUATION } else { EVALUATIONS };
    let mut rows: Vec<_> = invalid.into_iter().map(|it| (path(&it.path), it.asks, it.says)).collect();
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
    for path in [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS] {
        for Text { media, text } in &texts {
            let body = Body::from(text.clone());
            let answer = key.send(Method::POST, path, media.as_deref(), body).await.expect(400);
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
    for Case { row, asks, decision, decisions } in cases().evaluations {
        let answer = key.post(EVALUATIONS, &asks).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json", "{row}");
        match decisions {
            Some(expected) => assert_eq!(self::decisions(&answer), expected, "{row}"),
            None => assert_eq!(answer.json(), json!({ "decision": decision }), "{row}"),
        }
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
    // Of one that is not there it says the same: whoever asks is not signed in.
    for (path, point) in
        [("", host.to_owned()), ("/default", format!("{host}/default")), ("/none", format!("{host}/none"))]
    {
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
    let nothing = server.nobody().get("/.well-known/authzen-configuration/Nothing").await.expect(404);
    assert_eq!(nothing.header("content-type"), "text/plain; charset=utf-8");
}
