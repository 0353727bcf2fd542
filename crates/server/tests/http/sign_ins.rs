//! When people last signed in.

use axum::http::Method;
use serde_json::{Value, json};

use crate::second_factor::sign_in;
use crate::support::{Client, TestServer};

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn emails(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/users?{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect()
}

fn row(page: &Value, email: &str) -> Value {
    page["items"].as_array().unwrap().iter().find(|row| row["email"] == email).unwrap().clone()
}

#[tokio::test]
async fn when_a_person_last_signed_in_is_told_to_who_sees_people() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    root.post("/users", &json!({ "email": "waiting@example.com" })).await.expect(201);
    let before = root.get("/session").await.json()["at"].clone();
    // It was the acceptance of the invitation.
    let first = server.app.clock.now();
    server.app.clock.advance(DAY);
    let begun = server.app.clock.now().0;
    sign_in(&server, "ana@example.com", None).await.expect(200);
    let second = begun..=server.app.clock.now().0;
    server.app.clock.advance(60_000);
    let root = sign_in(&server, "root@example.com", None).await.expect(200).client(&server.nobody());
    let wrong = json!({ "email": "ana@example.com", "password": "not the phrase at all" });
    server.nobody().post("/session", &wrong).await.problem(401, "wrong_credentials");

    let page = root.get("/users").await.expect(200).json();
    let told = |of: &Value| of["last_sign_in"].as_i64().unwrap();
    assert!(second.contains(&told(&row(&page, "ana@example.com"))));
    assert!(row(&page, "waiting@example.com").get("last_sign_in").is_none());
    let view = root.get(&format!("/users/{}", ana.user)).await.expect(200).json();
    assert!(second.contains(&told(&view)));
    let past = format!("?as_of={}", first.0 + 1);
    for path in ["/users".to_owned(), format!("/users/{}", ana.user)] {
        assert!(!root.get(&format!("{path}{past}")).await.expect(200).text().contains("last_sign_in"));
    }
    // It is no change of the tenant.
    assert_eq!(root.get("/session").await.json()["at"], before);
}

#[tokio::test]
async fn accounts_that_are_not_used_are_found() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    server.person(&root, "ana@example.com", &[]).await;
    server.person(&root, "bob@example.com", &[]).await;
    root.post("/users", &json!({ "email": "waiting@example.com" })).await.expect(201);
    server.app.clock.advance(30 * DAY);
    let since = server.app.clock.now().0;
    sign_in(&server, "bob@example.com", None).await.expect(200);
    server.app.clock.advance(DAY);
    let root = sign_in(&server, "root@example.com", None).await.expect(200).client(&server.nobody());
    // Who came since is not unused.
    root.post("/users", &json!({ "email": "new@example.com" })).await.expect(201);

    let by_use = emails(&root, "sort=last_sign_in").await;
    let (never, signed_in) = by_use.split_at(2);
    assert!(never.iter().all(|email| ["new@example.com", "waiting@example.com"].contains(&email.as_str())));
    assert_eq!(signed_in, ["ana@example.com", "bob@example.com", "root@example.com"]);
    assert!(emails(&root, "sort=-last_sign_in").await.iter().rev().eq(&by_use));
    let unused = |since: i64| format!("not_signed_in_since={since}");
    assert_eq!(emails(&root, &unused(since)).await, ["ana@example.com", "waiting@example.com"]);
    assert_eq!(
        emails(&root, &unused(since + DAY / 2)).await,
        ["ana@example.com", "bob@example.com", "waiting@example.com"]
    );
    assert_eq!(emails(&root, &format!("status=active&{}", unused(since))).await, ["ana@example.com"]);
    for wrong in
        ["not_signed_in_since=x", "sort=last", "sort=last_sign_in&as_of=1", "not_signed_in_since=1&as_of=1"]
    {
        root.get(&format!("/users?{wrong}")).await.problem(422, "invalid");
    }

    // The same filter disables them at once.
    let which = json!({ "matching": { "status": "active", "not_signed_in_since": since } });
    let edit = json!({ "which": which, "edit": { "status": { "status": "disabled" } } });
    let answer = root.post("/users/bulk", &edit).await.expect(200).text();
    assert!(answer.contains("\"changed\":1"), "{answer}");
    assert_eq!(emails(&root, "status=disabled").await, ["ana@example.com"]);
}

#[tokio::test]
async fn it_is_forgotten_with_the_account() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    let kept = async || tenant.store().record("default", "last_sign_in", &ana.user, now).await.unwrap();
    assert!(kept().await.is_some());
    let path = format!("/users/{}", ana.user);
    root.with("if-match", "*").write(Method::DELETE, &path, &Value::Null).await.expect(200);
    assert!(kept().await.is_none());
}
