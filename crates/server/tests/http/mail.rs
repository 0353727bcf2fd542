//! Invitations by mail, and notices.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestServer, token_of};

#[tokio::test]
async fn an_invitation_is_sent_and_its_link_is_told_to_nobody_else() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let answer = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201);
    let invited = answer.json();
    assert_eq!((&invited["delivery"], invited.get("link")), (&json!("sent"), None));
    let mails = server.mails(&outbox).await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ana@example.com"));
    assert!(mails[0].text.starts_with("root@example.com invites you to "), "{mails:?}");
    let token = mails[0].token();
    assert_eq!(token.len(), 43);
    assert!(!answer.text().contains(&token));

    let look = json!({ "token": token });
    for _ in 0..2 {
        server.nobody().post("/invitations/inspect", &look).await.expect(200);
    }
    let accept = json!({ "token": token, "password": PASSWORD });
    server.nobody().post("/invitations/accept", &accept).await.expect(200);
    server.nobody().post("/invitations/accept", &accept).await.problem(410, "link_gone");
}

#[tokio::test]
async fn without_a_mail_server_the_link_is_shown() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    assert_eq!(invited["delivery"], "shown");
    assert!(invited["link"].as_str().unwrap().contains("/invitation#token="));
    let tried =
        root.post("/users?dry_run=true", &json!({ "email": "bo@example.com" })).await.expect(200).json();
    assert_eq!((tried.get("delivery"), tried.get("link")), (None, None));
}

#[tokio::test]
async fn where_sending_fails_the_link_is_shown_instead() {
    let server = TestServer::with_mail(&Outbox::new_error()).await;
    let root = server.superuser().await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    assert_eq!(invited["delivery"], "failed");
    assert_eq!(invited["problem"], "the mail server refuses it");
    let accept = json!({ "token": token_of(invited["link"].as_str().unwrap()), "password": PASSWORD });
    server.nobody().post("/invitations/accept", &accept).await.expect(200);
}

#[tokio::test]
async fn an_invitation_is_sent_again_and_taken_back() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let id = invited["user"].as_str().unwrap();
    let path = format!("/users/{id}/invitation");
    let tried = root.post(&format!("{path}?dry_run=true"), &json!({})).await.expect(200).json();
    assert_eq!(tried.get("delivery"), None);
    let again = root.post(&path, &json!({})).await.expect(200).json();
    assert_eq!((&again["delivery"], again.get("link")), (&json!("sent"), None));
    let mails = server.mails(&outbox).await;
    assert_eq!(mails.len(), 2);
    let inspect = async |token: String| {
        server.nobody().post("/invitations/inspect", &json!({ "token": token })).await.status.as_u16()
    };
    assert_eq!(inspect(mails[0].token()).await, 410);
    assert_eq!(inspect(mails[1].token()).await, 200);

    root.write(Method::DELETE, &path, &Value::Null).await.expect(204);
    assert_eq!(inspect(mails[1].token()).await, 410);
    assert_eq!(root.get(&format!("/users/{id}")).await.json()["status"], "no_invitation");
    root.write(Method::DELETE, &path, &Value::Null).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_invitation_is_taken_back_by_who_could_send_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let viewer = server.person_who_may(&root, "viewer@example.com", &["users.view"]).await;
    let manager = server.person_who_may(&root, "manager@example.com", &["users.view", "users.manage"]).await;
    let role = json!({ "id": "", "name": "Reports", "grants": { "reports.run": "allowed" } });
    let role = root.post("/roles", &role).await.expect(201).json()["role"]["id"].clone();
    let invite = async |email: &str, roles: Value| {
        let invited =
            root.post("/users", &json!({ "email": email, "roles": roles })).await.expect(201).json();
        format!("/users/{}/invitation", invited["user"].as_str().unwrap())
    };
    let (plain, richer) =
        (invite("ana@example.com", json!([])).await, invite("bo@example.com", json!([role])).await);
    let end = async |client: &Client, path: &str| client.write(Method::DELETE, path, &Value::Null).await;
    end(&server.nobody(), &plain).await.problem(401, "unauthenticated");
    end(&viewer, &plain).await.problem(403, "missing_permission");
    end(&manager, &richer).await.problem(403, "person_holds_more");
    end(&manager, &plain).await.expect(204);
    end(&root, &richer).await.expect(204);
    end(&root, &format!("/users/{}/invitation", manager.user)).await.problem(422, "invalid");
    end(&root, "/users/nobody/invitation").await.problem(404, "unknown");
}
