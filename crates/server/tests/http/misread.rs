//! What is wrong with a request, in words.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_body_where_none_is_read_is_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let at = root.get("/session").await.json()["at"]["revision"].as_u64().unwrap();
    for path in [format!("/audit/{at}/undo"), format!("/revisions/{at}/restore")] {
        let details = root.post(&path, &json!({ "x": 1 })).await.problem(422, "invalid");
        assert_eq!(details["detail"], "nothing of a body is read here: send none");
    }
    root.send(Method::POST, &format!("/audit/{at}/undo"), None, Body::empty()).await.expect(200);
}

#[tokio::test]
async fn what_is_not_said_and_what_is_not_known_is_told_in_words() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let missing = root.post("/session", &json!({ "email": "ana@example.com" })).await.problem(422, "invalid");
    assert_eq!(missing["detail"], "`password` is needed: say it");
    let unknown =
        root.post("/roles?DRY_RUN=true", &json!({ "name": "Author" })).await.problem(422, "invalid");
    let detail = unknown["detail"].as_str().unwrap();
    assert!(detail.starts_with("there is no `DRY_RUN` here: `dry_run`"), "{detail}");
}

#[tokio::test]
async fn a_time_to_come_since_when_nobody_signed_in_is_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let path = "/users?not_signed_in_since=2999-01-01T00:00:00Z";
    let details = root.get(path).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "query.not_signed_in_since");
}
