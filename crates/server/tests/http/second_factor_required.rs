//! A second factor that a tenant asks for: whoever must have one and has none turns one on, and does nothing else.

use axum::http::Method;
use serde_json::{Value, json};

use crate::isolation::{Ids, of_tenants, send};
use crate::second_factor::{enrolled, sign_in};
use crate::support::{Client, TestServer};

/// Says who must have one; answers what the dry run said of it.
async fn demand(by: &Client, whom: &str) -> Value {
    let seen = by.get("/settings").await.expect(200);
    let mut settings = seen.json()["settings"].clone();
    settings["second_factor"] = json!(whom);
    let tried = by.put("/settings?dry_run=true", &seen.etag(), &settings).await.expect(200).json();
    by.put("/settings", &seen.etag(), &settings).await.expect(200);
    tried
}

#[tokio::test]
async fn whoever_must_have_one_and_has_none_may_only_turn_one_on() {
    const OPEN: [(&str, &str); 4] = [
        ("GET", "/session"),
        ("DELETE", "/session"),
        ("POST", "/session/second-factor"),
        ("POST", "/session/second-factor/confirm"),
    ];
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let key = server.key(&["users.view"]).await;
    let eve = server.person_who_may(&root, "eve@example.com", &["users.view"]).await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let (root, _) = enrolled(&server, &root).await;
    demand(&root, "administrators").await;

    let mut tried = 0;
    for operation in of_tenants().iter().filter(|operation| !operation.is_open) {
        let is_open = OPEN.iter().any(|(method, path)| {
            operation.method.as_str() == *method && operation.path.ends_with(&format!("{{tenant}}{path}"))
        });
        if !is_open {
            let answer = send(&eve, operation, &ids.path(operation, "default"), Some("*")).await;
            answer.problem(403, "second_factor_required");
            tried += 1;
        }
    }
    assert!(tried > 70, "{tried}");
    // Who administers nothing, who has one, and programs go on.
    ana.get("/snapshot?kind=subject").await.expect(200);
    for fine in [&root, &key] {
        fine.get("/users").await.expect(200);
    }

    // Signing in again changes nothing, and says so.
    let again = sign_in(&server, "eve@example.com", None).await.expect(200);
    assert_eq!(again.json()["second_factor_required"], true);
    let eve = again.client(&server.nobody());
    eve.get("/users").await.problem(403, "second_factor_required");
    let (eve, kept) = enrolled(&server, &eve).await;
    let session = eve.get("/session").await.expect(200).json();
    assert_eq!(
        (&session["second_factor"], &session["second_factor_required"], &session["second_factor_stays"]),
        (&json!(true), &json!(false), &json!(true))
    );
    eve.get("/users").await.expect(200);

    // Nor is it turned off where it must be on.
    let proof = json!({ "password": crate::support::PASSWORD, "code": kept.recovery[0] });
    let off = eve.write(Method::DELETE, "/session/second-factor", &proof).await;
    off.problem(403, "second_factor_required");
    eve.get("/users").await.expect(200);
}

#[tokio::test]
async fn whoever_switches_it_on_sees_before_who_lacks_one_and_is_not_locked_out() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let eve = server.person_who_may(&root, "eve@example.com", &["users.view"]).await;
    let bob = server.person_who_may(&root, "bob@example.com", &["settings.view", "settings.manage"]).await;
    server.person(&root, "ana@example.com", &[]).await;
    // Waits for an acceptance, and so signs in with nothing.
    root.post("/users", &json!({ "email": "waiting@example.com" })).await.expect(201);
    let (root, _) = enrolled(&server, &root).await;

    let tried = demand(&root, "administrators").await;
    let lacking = &tried["lacking_second_factor"];
    assert_eq!(lacking["count"], 2, "{tried}");
    let mut people: Vec<&str> =
        lacking["people"].as_array().unwrap().iter().map(|it| it["user"].as_str().unwrap()).collect();
    people.sort_unstable();
    let mut expected = [eve.user.as_str(), bob.user.as_str()];
    expected.sort_unstable();
    assert_eq!(people, expected);
    // Those who were asked before are not counted again.
    assert_eq!(demand(&root, "everyone").await["lacking_second_factor"]["count"], 1);
    assert!(demand(&root, "everyone").await.get("lacking_second_factor").is_none());
    assert_eq!(demand(&root, "nobody").await["lacking_second_factor"]["count"], 0);

    // Who may not see people is told how many.
    let tried = demand(&bob, "administrators").await;
    assert_eq!(tried["lacking_second_factor"], json!({ "count": 2 }));
    // Bob has asked it of himself: he turns one on, and goes on.
    bob.get("/settings").await.problem(403, "second_factor_required");
    let (bob, _) = enrolled(&server, &bob).await;
    bob.get("/settings").await.expect(200);
}
