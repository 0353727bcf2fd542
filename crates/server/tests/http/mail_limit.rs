//! How often one person is mailed a link that somebody else asks for.

use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer};

const HOUR: i64 = 60 * 60 * 1000;

fn is_too_many(answer: Answer) {
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    let details = answer.problem(429, "too_many_mails");
    assert_eq!(
        details["detail"],
        format!("3 links were mailed to this person within an hour: wait {wait} seconds before another")
    );
    assert!((1..=HOUR / 1000).contains(&wait), "{wait}");
}

async fn invite(root: &Client, email: &str) -> Answer {
    root.post("/users", &json!({ "email": email })).await
}

async fn again(root: &Client, user: &str) -> Answer {
    root.post(&format!("/users/{user}/invitation"), &Value::Null).await
}

fn id(invited: &Answer) -> String {
    invited.json()["user"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_is_sent_three_links_an_hour_whoever_asks_and_however() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let once = root.with("idempotency-key", "one");
    let ana = id(&once.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201));
    // Neither what is only tried counts, nor what was made before.
    root.post(&format!("/users/{ana}/invitation?dry_run=true"), &Value::Null).await.expect(200);
    once.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201);
    again(&root, &ana).await.expect(200);
    let bulk = json!({ "which": { "ids": [ana] }, "edit": { "invite": true, "again": true } });
    let told = root.post("/users/bulk", &bulk).await.expect(200).text();
    assert!(told.contains(r#""delivery":"sent""#), "{told}");
    assert_eq!(server.mails(&outbox).await.len(), 3);

    is_too_many(again(&root, &ana).await);
    is_too_many(root.post(&format!("/users/{ana}/invitation?dry_run=true"), &Value::Null).await);
    let told = root.post("/users/bulk", &bulk).await.expect(200).text();
    assert!(told.contains("too_many_mails"), "{told}");
    once.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201);
    // It is of the address, whoever has it.
    root.delete(&format!("/users/{ana}"), "*").await.expect(200);
    is_too_many(invite(&root, " Ana@Example.com").await);
    // Who may not is told that.
    let key = server.key(&["users.view"]).await;
    invite(&key, "ana@example.com").await.problem(403, "missing_permission");
    invite(&root, "bo@example.com").await.expect(201);
    server.app.clock.advance(HOUR);
    invite(&root, "ana@example.com").await.expect(201);
    assert_eq!(server.mails(&outbox).await.len(), 5);
}

#[tokio::test]
async fn an_administrator_sends_a_person_three_links_to_a_new_password_an_hour() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let path = format!("/users/{}/password-reset", root.user);
    for _ in 0..3 {
        root.post(&path, &Value::Null).await.expect(204);
    }
    is_too_many(root.post(&path, &Value::Null).await);
    server.app.clock.advance(HOUR);
    root.post(&path, &Value::Null).await.expect(204);
}

#[tokio::test]
async fn a_mail_that_was_not_sent_counts_for_nothing_and_the_metrics_say_so() {
    let server = TestServer::with_mail(&Outbox::new_error()).await;
    let root = server.superuser().await;
    let ana = id(&invite(&root, "ana@example.com").await.expect(201));
    for _ in 0..4 {
        assert_eq!(again(&root, &ana).await.expect(200).json()["delivery"], "failed");
        let path = format!("/users/{}/password-reset", root.user);
        root.post(&path, &Value::Null).await.problem(503, "unavailable");
    }
    let text = server.app.counted().unwrap();
    for line in [
        r#"rolewright_links_mailed_total{leads_to="invitation",outcome="not_sent"} 5"#,
        r#"rolewright_links_mailed_total{leads_to="password",outcome="not_sent"} 4"#,
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains(r#"outcome="sent""#), "{text}");
}

#[tokio::test]
async fn where_links_are_shown_there_is_no_limit() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = id(&invite(&root, "ana@example.com").await.expect(201));
    for _ in 0..4 {
        again(&root, &ana).await.expect(200);
    }
}
