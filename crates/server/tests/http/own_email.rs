//! One's own email: whoever reads the mail of an account comes to its password, so a session alone does not change it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::bulk::{import, told};
use crate::second_factor::enrolled;
use crate::sessions::sign_in;
use crate::support::{Answer, Client, PASSWORD, TestServer};

const NEW: &str = "root.new@example.com";

async fn change(client: &Client, body: &Value) -> Answer {
    client.write(Method::PUT, "/session/email", body).await
}

#[tokio::test]
async fn ones_own_email_is_changed_by_who_shows_again_who_they_are() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nobody = server.nobody();
    let other = sign_in(&nobody, "root@example.com", PASSWORD).await.expect(200).client(&nobody);
    let proven = json!({ "password": PASSWORD, "email": NEW });
    let clerk = server.person(&root, "clerk@example.com", &[]).await;
    for (who, body, status, code) in [
        (&root, json!({ "password": "not the phrase at all", "email": NEW }), 401, "wrong_password"),
        (&root, json!({ "email": NEW }), 422, "invalid"),
        (&root, json!({ "password": PASSWORD, "email": "root" }), 422, "invalid"),
        (&root, json!({ "password": PASSWORD, "email": "" }), 422, "invalid"),
        (&root, json!({ "password": PASSWORD, "email": "clerk@example.com" }), 409, "taken"),
        (&root, json!({ "password": PASSWORD, "email": NEW, "user": "u" }), 422, "invalid"),
        // To edit people is still what it takes.
        (&clerk, proven.clone(), 403, "missing_permission"),
        (&server.key(&["users.manage"]).await, proven.clone(), 403, "session_needed"),
        (&nobody, proven.clone(), 401, "unauthenticated"),
    ] {
        let details = change(who, &body).await.problem(status, code);
        if body["email"] == "root" {
            assert_eq!(details["errors"][0]["path"], "$.email");
        }
    }
    root.write(Method::PUT, "/session/email?dry_run=true", &proven).await.expect(200);
    assert_eq!(root.get("/session").await.expect(200).json()["email"], "root@example.com");
    other.get("/session").await.expect(200);
    let answer = change(&root, &proven).await.expect(204);
    for ended in [&root, &other] {
        ended.get("/session").await.problem(401, "unauthenticated");
    }
    let root = root.after(&answer);
    assert_eq!(root.get("/session").await.expect(200).json()["email"], NEW);
    sign_in(&nobody, "root@example.com", PASSWORD).await.problem(401, "wrong_credentials");
    sign_in(&nobody, NEW, PASSWORD).await.expect(200);
    let log = root.get("/audit?action=set_email").await.expect(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    assert_eq!(log["items"][0]["actor"], format!("user:{}", root.user));

    // Where the second factor is on, the password alone is not enough.
    let (root, kept) = enrolled(&server, &root).await;
    let back = json!({ "password": PASSWORD, "email": "root@example.com" });
    change(&root, &back).await.problem(401, "second_factor_needed");
    let back = json!({ "password": PASSWORD, "email": "root@example.com", "code": kept.next(&server) });
    let root = root.after(&change(&root, &back).await.expect(204));
    assert_eq!(root.get("/session").await.json()["email"], "root@example.com");
}

#[tokio::test]
async fn a_session_alone_changes_ones_own_email_by_no_way() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let own = format!("/users/{}", root.user);
    let refused = |details: Value| {
        assert!(details["detail"].as_str().unwrap().contains("`PUT /session/email`"), "{details}");
    };
    let fields = json!({ "email": NEW, "first_name": "Ruth" });
    refused(root.put(&own, "*", &fields).await.problem(403, "own_email"));
    refused(root.put(&format!("{own}?dry_run=true"), "*", &fields).await.problem(403, "own_email"));
    let versions = json!([{ "kind": "user", "id": root.user, "etag": "*" }]);
    let batch = |change: Value| json!({ "changes": [change], "versions": versions });
    let user = json!({ "id": root.user, "email": NEW });
    let update = root.post("/batch", &batch(json!({ "change": "update_user", "user": user }))).await;
    refused(update.problem(403, "own_email"));
    let set = batch(json!({ "change": "set_email", "id": root.user, "email": NEW }));
    root.post("/batch", &set).await.problem(422, "invalid");
    // A key whose secret one was told is oneself.
    let key = json!({ "name": "hers", "permissions": ["users.manage", "users.view"] });
    let made = root.post("/keys", &key).await.expect(201).json();
    let key = server.bearer(made["key"].as_str().unwrap());
    refused(key.put(&own, "*", &fields).await.problem(403, "own_email"));

    // A table finds a person by email: with another it is another person.
    let table = format!("id,email\n{},{NEW}\n", root.user);
    let (rows, _) = told(import(&root, "/users/import", &table).await);
    assert!(rows[0].contains("refused"), "{rows:?}");

    // Nor is it put back as it was.
    let ada = server.person(&root, "ada@example.com", &["superuser"]).await;
    let moved = ada.put(&own, "*", &json!({ "email": NEW })).await.expect(200);
    let at = moved.json()["at"]["revision"].as_u64().unwrap();
    refused(root.post(&format!("/audit/{at}/undo"), &json!({})).await.problem(403, "own_email"));
    ada.post(&format!("/audit/{at}/undo"), &json!({})).await.expect(200);

    // The name is changed as before, and in whatever case, the email that stays is sent with it.
    root.put(&own, "*", &json!({ "email": "root@example.com", "first_name": "Ruth" })).await.expect(200);
    assert_eq!(root.get("/session").await.json()["email"], "root@example.com");
}
