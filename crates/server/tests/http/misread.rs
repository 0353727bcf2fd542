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
    assert!(
        detail.starts_with("`DRY_RUN` is not known here: leave it out, or write one of `dry_run`"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_time_to_come_since_when_nobody_signed_in_is_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let path = "/users?not_signed_in_since=2999-01-01T00:00:00Z";
    let details = root.get(path).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "query.not_signed_in_since");
}

#[tokio::test]
async fn whom_an_assignment_is_to_is_told_with_its_forms() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for principal in [json!({ "kind": "user", "id": root.user }), json!({}), json!(7)] {
        let give = json!({ "principal": principal, "role": "admin" });
        let told = root.post("/assignments", &give).await.problem(422, "invalid");
        assert_eq!(told["errors"][0]["path"], "$.principal");
        let said = told["detail"].as_str().unwrap();
        assert!(said.contains(r#"`{"user": "ID"}`, `{"group": "ID"}` or `"everyone"`"#), "{said}");
    }
}

#[tokio::test]
async fn a_body_that_is_compressed_is_refused_as_that() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&["access.check"]).await;
    let provider = server.key(&["users.view", "users.manage"]).await;
    // As gzip begins.
    let body = || Body::from(vec![0x1f, 0x8b, 8, 0]);
    for (client, path, media, status) in [
        (&root, "/roles", "application/json", 415),
        (&root, "/users/import", "text/csv", 415),
        (&provider, "/scim/v2/Users", "application/scim+json", 415),
        // As the standard has it for whatever cannot be read.
        (&key, "/access/v1/evaluation", "application/json", 400),
    ] {
        let client = client.with("content-encoding", "gzip");
        let refused = client.send(Method::POST, path, Some(media), body()).await.expect(status).text();
        assert!(refused.contains("send the body uncompressed"), "{path}: {refused}");
    }
    let plain = root.with("content-encoding", "identity");
    plain.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
}
