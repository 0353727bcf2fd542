//! Who is not signed in learns nothing of which tenants there are, and of none what it is called.

use axum::body::Body;
use axum::http::Method;
use rolewright_server::mail::Outbox;
use rolewright_server::templates;
use rolewright_server::tenant::Tenant;
use serde_json::json;

use crate::described::operations;
use crate::support::{Answer, Client, PASSWORD, TestServer};

/// A tenant `acme`, called as nobody guesses.
async fn with_another(server: &TestServer) {
    let mut policy = templates::read("mailer").unwrap().unwrap();
    policy.settings.name = "Zanzibar Holdings".to_owned();
    let context = server.app.context().unwrap();
    Tenant::create(server.app.store(), "acme", &policy, None, &context).await.unwrap();
}

/// What an answer says, but for what differs each time.
fn told(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let instance = answer.header("x-request-id").to_owned();
    let text = answer.text().replace(&instance, "REQUEST");
    let kept = |name: &str| !["x-request-id", "date"].contains(&name);
    let headers = answer.headers.iter().filter(|(name, _)| kept(name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status.as_u16(), text, headers)
}

#[tokio::test]
async fn a_tenant_that_is_there_looks_like_one_that_is_not_on_every_path() {
    let outbox = Outbox::new_ok();
    for server in [TestServer::new().await, TestServer::with_mail(&outbox).await] {
        with_another(&server).await;
        let strangers = [
            server.nobody(),
            server.bearer("rwk_none_none"),
            server.nobody().with("cookie", "__Host-rolewright-acme=none; __Host-rolewright-nowhere=none"),
        ];
        let mut tried: u32 = 0;
        for operation in operations().iter().filter(|operation| operation.path.contains("{tenant}")) {
            for stranger in strangers.iter().map(|stranger| stranger.with("sec-fetch-site", "same-origin")) {
                let ask = async |tenant: &str| {
                    let values =
                        [("tenant", tenant), ("id", "none"), ("membership", "none"), ("revision", "1")];
                    // A body that is well formed, and a password that is good enough.
                    let body = operation
                        .text()
                        .replace("\"password\":\"x\"", &format!("\"password\":\"{PASSWORD}\""));
                    let path = operation.at(&values);
                    // From an address of its own: what others tried there must not count.
                    let address = format!("198.51.{}.{}", tried / 250, tried % 250);
                    let client = stranger.with("if-match", "*").from("192.0.2.1", &address);
                    let answer = client
                        .send(operation.method.clone(), &path, operation.media(), Body::from(body))
                        .await;
                    let (status, text, headers) = told(&answer);
                    // Which was asked for is what the path says: it is the name of the cookie that is taken away.
                    let headers = headers.into_iter();
                    let headers = headers.map(|(name, value)| (name, value.replace(tenant, "TENANT")));
                    (status, text.replace(tenant, "TENANT"), headers.collect::<Vec<_>>())
                };
                assert_eq!(
                    ask("acme").await,
                    ask("nowhere").await,
                    "{} {}",
                    operation.method,
                    operation.path
                );
                tried += 1;
            }
        }
        assert!(tried > 200, "{tried}");
    }
}

#[tokio::test]
async fn signing_in_at_an_address_without_a_tenant_is_like_a_wrong_password() {
    let server = TestServer::new().await;
    with_another(&server).await;
    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD });
    let at = async |client: &Client, tenant: &str| {
        let body = Body::from(sign_in.to_string());
        let path = format!("/api/v1/tenants/{tenant}/session");
        client.send(Method::POST, &path, Some("application/json"), body).await
    };
    for tenant in ["acme", "nowhere"] {
        let client = server.nobody().from("192.0.2.1", &format!("198.51.100.{}", tenant.len()));
        for _ in 0..10 {
            at(&client, tenant).await.problem(401, "wrong_credentials");
        }
        at(&client, tenant).await.problem(429, "too_many_requests");
    }
}

#[tokio::test]
async fn a_tenants_name_is_told_to_who_sets_it_up_and_to_nobody_else() {
    let server = TestServer::new().await;
    with_another(&server).await;
    let state = async |path: &str| server.nobody().get(path).await.expect(200).json();
    let open = state("/setup").await;
    assert_eq!((&open["open"], open["tenant_name"].as_str().unwrap().is_empty()), (&json!(true), false));
    server.superuser().await;
    let closed = json!({ "open": false, "tenant_name": "" });
    for path in ["/setup", "/api/v1/tenants/acme/setup", "/api/v1/tenants/nowhere/setup"] {
        assert_eq!(state(path).await, closed, "{path}");
    }
    // Nor is it told by which passwords are refused.
    let setup = json!({ "token": "x", "email": "eve@example.com", "password": "at Zanzibar Holdings" });
    for tenant in ["acme", "nowhere"] {
        let path = format!("/api/v1/tenants/{tenant}/setup");
        server.nobody().post(&path, &setup).await.problem(410, "link_gone");
    }
}
