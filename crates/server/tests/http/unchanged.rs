//! A write that finds all as it says already makes no revision, and says so.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// What stands at a path, to be sent back as it is.
async fn standing(root: &Client, path: &str, document: &str) -> (String, Value) {
    let answer = root.get(path).await.expect(200);
    let body = answer.json();
    let of = if document.is_empty() { body } else { body[document].clone() };
    (answer.etag(), of)
}

#[tokio::test]
async fn what_is_sent_back_as_it_is_makes_no_revision() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let role = json!({ "id": "mine", "name": "Mine", "grants": { "reports.run": "allowed" } });
    root.post("/roles", &role).await.expect(201);
    let package = json!({ "id": "small", "name": "Small", "roles": [] });
    root.post("/packages", &package).await.expect(201);
    let group = root.post("/groups", &json!({ "name": "Staff" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap().to_owned();
    let give = json!({ "principal": { "user": ana.user }, "role": "mine", "scope": "/" });
    let given = root.post("/assignments", &give).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let user = format!("/users/{}", ana.user);
    let at = server.tenant().await.loaded().state.at();

    let mut writes = Vec::new();
    for (path, document) in [("/policy", "policy"), ("/settings", "settings"), ("/roles/mine", "role")] {
        let (etag, body) = standing(&root, path, document).await;
        writes.push((path.to_owned(), etag, body));
    }
    let etag = |path: String| {
        let root = root.clone();
        async move { root.get(&path).await.expect(200).etag() }
    };
    writes.push(("/packages/small".to_owned(), etag("/packages/small".to_owned()).await, package));
    let name = json!({ "name": "Staff" });
    writes.push((format!("/groups/{group}"), etag(format!("/groups/{group}")).await, name));
    writes.push((format!("/assignments/{given}"), etag(format!("/assignments/{given}")).await, json!({})));
    let of_user = etag(user.clone()).await;
    for (path, body) in [
        ("", json!({ "email": "ana@example.com" })),
        ("/status", json!({ "status": "active" })),
        ("/package", json!({ "package": null })),
        ("/attributes", json!({})),
    ] {
        writes.push((format!("{user}{path}"), of_user.clone(), body));
    }
    for (path, etag, body) in &writes {
        for query in ["", "?dry_run=true"] {
            let answer = root.put(&format!("{path}{query}"), etag, body).await.expect(200);
            let told = answer.json();
            assert_eq!(
                (&told["unchanged"], &told["at"]),
                (&json!(true), &json!(at)),
                "{path}{query}: {told}"
            );
        }
    }
    assert_eq!(server.tenant().await.loaded().state.at(), at);
    // In a batch too, and nobody is signed out by it.
    let same = json!({ "changes": [{ "change": "set_status", "id": ana.user, "status": "active" }],
        "versions": [{ "kind": "user", "id": ana.user, "etag": "*" }] });
    assert_eq!(root.post("/batch", &same).await.expect(200).json()["unchanged"], true);
    ana.get("/session").await.expect(200);
    // A version that is not the document's is refused all the same, and so is who may not.
    root.put(&user, "\"1\"", &json!({ "email": "ana@example.com" })).await.problem(412, "conflict");
    ana.put(&user, &of_user, &json!({ "email": "ana@example.com" })).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn what_changed_nothing_is_answered_alike_when_it_is_sent_again() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let at = server.tenant().await.loaded().state.at();
    let (etag, settings) = standing(&root, "/settings", "settings").await;
    let once = root.with("idempotency-key", "one");
    assert_eq!(once.put("/settings", &etag, &settings).await.expect(200).json()["unchanged"], true);
    // Meanwhile somebody changes it.
    let mut other = settings.clone();
    other["name"] = json!("Other");
    root.put("/settings", &etag, &other).await.expect(200);
    let again = once.put("/settings", &etag, &settings).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.json()["at"]), ("true", &json!(at)));
    once.write(Method::POST, "/groups", &json!({ "name": "Staff" }))
        .await
        .problem(422, "idempotency_key_reused");
}
