//! Every edit of one document says which version it was made from. The rule is read off the description of the API.

use axum::http::Method;
use serde_json::json;

use crate::described::Operation;
use crate::isolation::{Ids, of_tenants, send};
use crate::support::TestServer;

/// Writes of what has no version: a membership is there or it is not, and the rest are no documents.
const WITHOUT: &[(&str, &str)] = &[
    ("DELETE", "/groups/{id}/members/{membership}"),
    // Taking a key away is never harder than giving it.
    ("DELETE", "/keys/{id}"),
    ("DELETE", "/session"),
    ("DELETE", "/session/all"),
    ("DELETE", "/session/all/{id}"),
    // Of one's own, whose names nobody edits at once with oneself.
    ("PUT", "/session/email"),
    ("PUT", "/session/name"),
    ("PUT", "/session/password"),
    ("DELETE", "/session/second-factor"),
    // Of the session that asks.
    ("PUT", "/session/view"),
    ("DELETE", "/session/view"),
    ("DELETE", "/users/{id}/invitation"),
    ("DELETE", "/users/{id}/second-factor"),
    ("DELETE", "/users/{id}/sessions"),
    ("DELETE", "/users/{id}/sessions/{session}"),
];

/// What edits a document by another method.
const ALSO: &[(&str, &str)] = &[
    ("POST", "/roles/{id}/replace"),
    ("POST", "/roles/{id}/restore"),
    ("POST", "/packages/{id}/restore"),
    ("POST", "/users/{id}/restore"),
    ("POST", "/groups/{id}/restore"),
    ("POST", "/assignments/{id}/restore"),
    ("POST", "/settings/restore"),
    ("POST", "/policy/restore"),
];

fn is_one(of: &[(&str, &str)], operation: &Operation) -> bool {
    let path = operation.path.split("{tenant}").nth(1).unwrap();
    of.contains(&(operation.method.as_str(), path))
}

#[tokio::test]
async fn every_edit_of_one_document_needs_its_version() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    // One that may be edited.
    root.post("/roles", &json!({ "id": "mine", "name": "Mine" })).await.expect(201);
    let mut tried = Vec::new();
    for operation in of_tenants() {
        let edits = matches!(operation.method, Method::PUT | Method::PATCH | Method::DELETE);
        let is_versioned = edits && !is_one(WITHOUT, &operation) || is_one(ALSO, &operation);
        let what = format!("{} {}", operation.method, operation.path);
        assert_eq!(operation.takes_if_match, is_versioned, "{what}");
        if !is_versioned {
            continue;
        }
        let path = ids.path(&operation, "default").replace("/roles/admin", "/roles/mine");
        let stale = root.with("if-match", "\"9.999\"");
        // What is restored was there.
        let (bare, stale) = if path.ends_with("/restore") {
            let to = json!({ "revision": server.tenant().await.loaded().state.at().revision });
            (root.post(&path, &to).await, stale.post(&path, &to).await)
        } else {
            (
                send(&root, &operation, &path, None).await,
                send(&root, &operation, &path, Some("\"9.999\"")).await,
            )
        };
        bare.problem(428, "precondition_required");
        assert_eq!(stale.problem(412, "conflict")["status"], 412, "{what}");
        tried.push(what);
    }
    assert!(tried.len() >= 15, "{tried:#?}");
}
