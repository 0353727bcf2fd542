//! A write that is sent again with its idempotency key is made once.

use std::collections::BTreeSet;

use rolewright_server::idempotency::LIFETIME;
use serde_json::{Value, json};

use crate::isolation::{of_tenants, send};
use crate::keys::with_servers;
use crate::support::{Client, TestServer};

const MINUTE: i64 = 60 * 1000;
const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

fn once(client: &Client) -> Client {
    client.with("idempotency-key", KEY)
}

#[tokio::test]
async fn a_write_that_is_sent_again_is_made_once_and_answered_as_it_was() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let made = [
        ("/roles", json!({ "id": "", "name": "Report Author", "grants": {} })),
        ("/packages", json!({ "id": "", "name": "Gold", "roles": [] })),
        ("/groups", json!({ "name": "Finance" })),
        ("/users", json!({ "email": "ana@example.com" })),
    ];
    for (n, (path, body)) in made.iter().enumerate() {
        let client = root.with("idempotency-key", &format!("make-{n}"));
        let first = client.post(path, body).await.expect(201);
        root.post("/groups", &json!({ "name": format!("In between {n}") })).await.expect(201);
        let again = client.post(path, body).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
        assert_eq!(again.header("rolewright-revision"), first.header("rolewright-revision"), "{path}");
        let same = |answer: &Value| ["id", "user", "role", "at"].map(|name| answer[name].clone());
        assert_eq!(same(&again.json()), same(&first.json()), "{path}");
        // A link is told once.
        assert!(again.json().get("link").is_none_or(Value::is_null), "{path}");
    }
    let groups = root.get("/groups").await.expect(200).json();
    assert_eq!(groups["total"], 5);
}

#[tokio::test]
async fn what_was_made_is_told_again_to_who_may_make_it_still() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let may = json!(["users.manage", "users.view", "groups.manage"]);
    let made = root.post("/keys", &json!({ "name": "k", "permissions": may })).await.expect(201).json();
    let (id, key) = (made["id"].as_str().unwrap(), server.bearer(made["key"].as_str().unwrap()));
    let user = format!("/users/{}", ana.user);
    let fields = json!({ "email": "ana@example.com", "first_name": "Ana" });
    let (edits, makes, invites, revokes) = (
        key.with("idempotency-key", "edit"),
        key.with("idempotency-key", "make"),
        key.with("idempotency-key", "invite"),
        key.with("idempotency-key", "revoke"),
    );
    let invited = json!({ "email": "bo@example.com" });
    let bo = invites.post("/users", &invited).await.expect(201).json();
    let invitation = format!("/users/{}/invitation", bo["user"].as_str().unwrap());
    for _ in 0..2 {
        edits.put(&user, "*", &fields).await.expect(200);
        makes.post("/groups", &json!({ "name": "Sales" })).await.expect(201);
        invites.post("/users", &invited).await.expect(201);
        revokes.delete(&invitation, "*").await.expect(204);
    }
    let less = json!({ "name": "k", "permissions": ["groups.manage"], "scope": "/", "expires": null });
    root.put(&format!("/keys/{id}"), "*", &less).await.expect(200);
    edits.put(&user, "*", &fields).await.problem(403, "missing_permission");
    invites.post("/users", &invited).await.problem(403, "missing_permission");
    revokes.delete(&invitation, "*").await.problem(403, "missing_permission");
    makes.post("/groups", &json!({ "name": "Sales" })).await.expect(201);
}

#[tokio::test]
async fn what_was_taken_away_at_a_place_is_told_again_to_who_takes_away_there() {
    let (server, root) = with_servers().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let given = json!({ "principal": { "user": ana.user }, "role": "viewer", "scope": "servers/prod" });
    let id = root.post("/assignments", &given).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let may = ["users.assign_roles", "users.view"];
    let key = json!({ "name": "k", "permissions": may, "scope": "servers/prod" });
    let key = once(&server.key_of(key).await);
    for _ in 0..2 {
        key.delete(&format!("/assignments/{id}"), "*").await.expect(200);
    }
}

#[tokio::test]
async fn an_edit_and_a_removal_that_are_sent_again_are_made_once() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json();
    let path = format!("/groups/{}", group["id"].as_str().unwrap());
    let etag = root.get(&path).await.expect(200).etag();

    let edit = json!({ "name": "Money" });
    let first = once(&root).put(&path, &etag, &edit).await.expect(200);
    let newer = root.put(&path, &first.etag(), &json!({ "name": "Cash" })).await.expect(200).etag();
    let again = once(&root).put(&path, &etag, &edit).await.expect(200);
    assert_eq!(again.etag(), first.etag());
    assert_eq!(root.get(&path).await.expect(200).json()["group"]["name"], "Cash");

    let remove = root.with("idempotency-key", "remove");
    let first = remove.delete(&path, &newer).await.expect(200).json();
    assert_eq!(remove.delete(&path, &newer).await.expect(200).json(), first);
}

#[tokio::test]
async fn a_key_is_good_for_one_request_of_one_person_for_a_day() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let finance = json!({ "name": "Finance" });
    once(&root).post("/groups", &finance).await.expect(201);
    let other = once(&root).post("/groups", &json!({ "name": "Sales" })).await;
    other.problem(422, "idempotency_key_reused");
    once(&root).post("/groups?reason=audit", &finance).await.problem(422, "idempotency_key_reused");

    let other = server.person_who_may(&root, "eve@example.com", &["groups.manage"]).await;
    once(&other).post("/groups", &json!({ "name": "Sales" })).await.expect(201);

    let key = once(&server.key(&["groups.manage"]).await);
    let money = json!({ "name": "Money" });
    key.post("/groups", &money).await.expect(201);
    server.app.clock.advance(LIFETIME - MINUTE);
    key.post("/groups", &money).await.expect(201);
    server.app.clock.advance(MINUTE);
    key.post("/groups", &money).await.problem(409, "taken");
}

#[tokio::test]
async fn what_was_refused_or_dry_is_not_remembered() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let finance = json!({ "name": "Finance" });
    once(&root).post("/groups?dry_run=true", &finance).await.expect(200);
    let nobody = server.person(&root, "eve@example.com", &[]).await;
    once(&nobody).post("/groups", &finance).await.problem(403, "missing_permission");
    let made = once(&root).post("/groups", &finance).await.expect(201);
    assert!(made.headers.get("idempotency-replayed").is_none());
}

#[tokio::test]
async fn of_eight_who_send_one_write_at_once_it_is_made_once() {
    let server = TestServer::new().await;
    let root = once(&server.superuser().await);
    let finance = json!({ "name": "Finance" });
    let sent = (0..8).map(|_| root.post("/groups", &finance));
    let answers = futures_util::future::join_all(sent).await;
    let made = answers.into_iter().map(|answer| answer.expect(201).json()["id"].as_str().unwrap().to_owned());
    assert_eq!(made.collect::<BTreeSet<String>>().len(), 1);
    assert_eq!(root.without("idempotency-key").get("/groups").await.expect(200).json()["total"], 1);
}

#[tokio::test]
async fn what_is_no_key_is_malformed() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for key in ["", "\"\"", "a\"b", &"k".repeat(256)] {
        let answer = root.with("idempotency-key", key).post("/groups", &json!({ "name": "Finance" })).await;
        answer.problem(400, "malformed");
    }
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_ends_when_it_did() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let once = root.with("idempotency-key", "an invitation");
    let invite = json!({ "email": "ana@example.com" });
    let made = once.post("/users", &invite).await.expect(201).json();
    server.app.clock.advance(60 * 60 * 1000);
    let again = once.post("/users", &invite).await.expect(201).json();
    assert_eq!((&again["user"], &again["expires"]), (&made["user"], &made["expires"]));
    assert!(again.get("link").is_none());
}

#[tokio::test]
async fn a_key_is_refused_where_a_write_would_not_be_remembered_under_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let once = once(&root);
    let mut refused = BTreeSet::new();
    for operation in of_tenants() {
        let path =
            operation.at(&[("tenant", "default"), ("id", "none"), ("membership", "none"), ("revision", "1")]);
        // Nothing is done: of what takes a key the query is refused.
        let path = if operation.refuses_idempotency_key { path } else { format!("{path}?nonsense=1") };
        let answer = send(&once, &operation, &path, None).await;
        let is_refused = answer.text().contains("no `Idempotency-Key` is taken here");
        assert_eq!(is_refused, operation.refuses_idempotency_key, "{} {path}", operation.method);
        if is_refused {
            answer.problem(400, "malformed");
            refused.insert(operation.path.split("{tenant}").nth(1).unwrap().to_owned());
        }
    }
    // What shows who asks renews the session, and work on many rows is safe to send again as it is.
    let of_all = [
        "/session/all",
        "/session/all/{id}",
        "/session/email",
        "/session/password",
        "/session/second-factor",
        "/users/{id}/second-factor/reset",
        "/users/bulk",
    ];
    for path in of_all {
        assert!(refused.contains(path), "{path}");
    }
}
