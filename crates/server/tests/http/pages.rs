//! What every answer carries, the description of the API, and the admin app.

use axum::body::Body;
use axum::http::Method;
use serde_json::Value;

use crate::support::TestServer;

#[tokio::test]
async fn every_answer_is_strict_and_has_an_id() {
    let server = TestServer::new().await;
    let nobody = server.nobody();
    for path in ["/healthz", "/api/v1/nothing", "/session", "/setup"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(answer.header("access-control-allow-origin").is_empty());
        assert_eq!(answer.header("x-request-id").len(), 20);
    }
    assert_eq!(
        nobody.with("x-request-id", "my-id.1").get("/healthz").await.header("x-request-id"),
        "my-id.1"
    );
    for bad in ["a b", "<script>", &"x".repeat(200)] {
        assert_eq!(nobody.with("x-request-id", bad).get("/healthz").await.header("x-request-id").len(), 20);
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems() {
    let server = TestServer::new().await;
    let nobody = server.nobody();
    nobody.get("/api").await.problem(404, "not_found");
    nobody.get("/api/v1/tenants/default/nothing").await.problem(404, "not_found");
    nobody.get("/api/v1/tenants/nothing/nothing").await.problem(404, "not_found");
    nobody.get("/.well-known/nothing").await.problem(404, "not_found");
    let answer = nobody.send(Method::PATCH, "/users", None, Body::empty()).await;
    assert!(answer.header("allow").contains("GET"));
    answer.problem(405, "method_not_allowed");
    nobody
        .send(Method::DELETE, "/api/v1/openapi.json", None, Body::empty())
        .await
        .problem(405, "method_not_allowed");
}

#[tokio::test]
async fn the_api_describes_itself() {
    let server = TestServer::new().await;
    let answer = server.nobody().get("/api/v1/openapi.json").await.expect(200);
    let api = answer.json();
    assert_eq!(api["openapi"], "3.1.0");
    let paths = api["paths"].as_object().unwrap();
    for path in [
        "setup",
        "session",
        "session/password",
        "session/all",
        "session/all/{id}",
        "session/second-factor",
        "session/second-factor/confirm",
        "invitations/inspect",
        "invitations/accept",
        "password-resets",
        "password-resets/inspect",
        "password-resets/accept",
        "policy",
        "settings",
        "templates",
        "roles",
        "roles/{id}",
        "roles/{id}/replace",
        "packages",
        "packages/{id}",
        "users",
        "users/{id}",
        "users/{id}/status",
        "users/{id}/package",
        "users/{id}/invitation",
        "users/{id}/sessions",
        "users/{id}/password-reset",
        "users/{id}/second-factor/reset",
        "groups",
        "groups/{id}",
        "groups/{id}/members",
        "groups/{id}/members/{membership}",
        "assignments",
        "assignments/{id}",
        "keys",
        "keys/{id}",
        "keys/{id}/rotate",
        "check",
        "explain",
        "missing",
        "users/{id}/permissions",
        "users/{id}/anywhere",
        "users/{id}/places",
        "permissions/{id}/holders",
        "permissions/{id}/roles",
        "compare",
        "matrix",
        "findings",
        "audit",
        "audit/{revision}",
        "audit/{revision}/reach",
        "audit/export",
        "audit/{revision}/undo",
        "revisions/compare",
        "revisions/{revision}/restore",
        "roles/{id}/versions",
        "roles/{id}/restore",
        "packages/{id}/versions",
        "packages/{id}/restore",
        "users/{id}/versions",
        "groups/{id}/versions",
        "settings/versions",
        "settings/restore",
        "policy/restore",
        "passes",
        "snapshot",
        "changes",
    ] {
        assert!(paths.contains_key(&format!("/api/v1/tenants/{{tenant}}/{path}")), "{path}");
    }
    assert!(paths.contains_key("/healthz") && paths.contains_key("/.well-known/jwks.json"));
    let edit = &paths["/api/v1/tenants/{tenant}/roles/{id}"]["put"];
    let name = |it: &Value| it.get("name").or(it.get("$ref")).and_then(Value::as_str).unwrap().to_owned();
    let names: Vec<_> = edit["parameters"].as_array().unwrap().iter().map(name).collect();
    let shared = ["#/components/parameters/IdempotencyKey", "#/components/parameters/RequestId"];
    assert_eq!(names, [&["dry_run", "reason", "If-Match", "tenant", "id"], &shared[..]].concat());
    // Every status that can come stands there, those of others like it too.
    let statuses = |path: &str, method: &str| {
        let operation = &paths[&format!("/api/v1/tenants/{{tenant}}/{path}")][method];
        operation["responses"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let edit = "200 400 401 403 404 408 409 412 413 414 415 422 428 500 503 507";
    assert_eq!(statuses("roles/{id}", "put"), edit);
    assert_eq!(statuses("assignments/{id}", "put"), edit.replace("200", "200 201"));
    assert_eq!(statuses("assignments/{id}", "get"), "200 400 401 403 404 414 422 500 503");
    assert_eq!(statuses("users", "get"), "200 400 401 403 404 414 422 500 503");
    assert_eq!(statuses("check", "post"), "200 400 401 403 404 408 413 414 415 422 500 503");
    assert_eq!(statuses("session", "post"), "200 400 401 403 404 408 413 415 422 429 500 503 507");
    assert_eq!(statuses("invitations/inspect", "post"), "200 400 403 404 408 410 413 415 422 500 503 507");
}

#[tokio::test]
async fn the_page_is_served_under_a_strict_policy() {
    let server = TestServer::new().await;
    for path in
        ["/", "/users", "/setup", "/roles/report_author", "/access", "/access?tab=who", "/audit", "/audit/57"]
    {
        let page = server.nobody().page(path).await;
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
    server.nobody().page("/nothing.js").await.problem(404, "not_found");
    // What is AuthZEN's is no page.
    server.nobody().page("/access/v1/nothing").await.problem(404, "not_found");
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    let server = TestServer::new().await;
    let gzip = server.nobody().with("accept-encoding", "gzip").get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let plain = server.nobody().get("/api/v1/openapi.json").await.expect(200);
    assert!(gzip.body.len() * 4 < plain.body.len());
}

#[tokio::test]
async fn the_page_of_the_api_has_nothing_inline_and_nothing_from_elsewhere() {
    let server = TestServer::new().await;
    let page = server.nobody().get("/api/docs").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text();
    for named in text.split(['"']).filter(|text| text.starts_with("/api/docs/")) {
        let file = server.nobody().get(named).await.expect(200);
        let is_script = named.ends_with(".js");
        let expected = if is_script { "text/javascript; charset=utf-8" } else { "text/css; charset=utf-8" };
        assert_eq!(file.header("content-type"), expected);
        assert!(!file.text().contains("https://"), "{named}");
    }
    assert!(!text.contains("https://") && !text.contains("style=") && !text.contains("<style"));
    assert!(text.split("<script").skip(1).all(|script| script.contains("src=")), "{text}");
    server.nobody().get("/api/docs/nothing.js").await.problem(404, "not_found");
}
