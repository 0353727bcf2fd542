//! What is logged of a request, and what never is.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use rolewright_server::log::{Format, subscriber};
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use tracing::level_filters::LevelFilter;

use crate::support::{API, PASSWORD, TestServer, token_of};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Collects what this thread logs; a test's runtime has no other.
    fn collect(&self, format: Format) -> tracing::subscriber::DefaultGuard {
        let writer = self.clone();
        let subscriber = subscriber(format, LevelFilter::TRACE, false, move || writer.clone());
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn requests(&self) -> Vec<Value> {
        let text = self.text();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["message"] == "answered").collect()
    }
}

#[tokio::test]
async fn a_request_is_one_line_with_its_route_and_who_asked() {
    let lines = Lines::default();
    let _collecting = lines.collect(Format::Json);
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&["users.view"]).await;
    // What another test's thread says first may be taken for what nobody listens to: look again, once each was said.
    server.nobody().get("/healthz").await.expect(200);
    tracing::callsite::rebuild_interest_cache();
    lines.0.lock().unwrap().clear();
    root.with("x-request-id", "from-outside.1").get("/users?search=root%40example.com").await.expect(200);
    key.get(&format!("/users/{}", root.user)).await.expect(200);
    server.nobody().get("/users").await.expect(401);
    server.nobody().get("/healthz").await.expect(200);
    server.nobody().page("/users/secret-page").await;
    let requests = lines.requests();
    let users = "/api/v1/tenants/{tenant}/users";
    let one = format!("{users}/{{id}}");
    let root = format!("user:{}", root.user);
    let key = server.tenant().await.store().records("default", "key", None, server.app.clock.now()).await;
    let key = format!("key:{}", key.unwrap()[0].0);
    for (number, (level, route, status, actor, tenant)) in [
        ("INFO", users, 200, &*root, json!("default")),
        ("INFO", &one, 200, &*key, json!("default")),
        ("INFO", users, 401, "nobody", json!("default")),
        ("DEBUG", "/healthz", 200, "nobody", Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let line = &requests[number];
        assert_eq!(
            (&line["level"], &line["route"], &line["status"], &line["actor"], &line["tenant"]),
            (&json!(level), &json!(route), &json!(status), &json!(actor), &tenant),
            "{line}"
        );
        assert!(line["request"].as_str().is_some(), "{line}");
        let ms = line["ms"].to_string();
        let decimals = ms.split_once('.').map_or("", |(_, decimals)| decimals);
        assert!(line["ms"].is_f64() && decimals.len() <= 3, "{ms}");
    }
    assert_eq!(requests.len(), 5);
    assert_eq!(requests[0]["request"], "from-outside.1");
    assert_eq!(requests[2]["problem"], "unauthenticated");
    assert_eq!(requests[4]["route"], "-");
}

#[tokio::test]
async fn a_request_of_who_views_as_somebody_else_names_both() {
    let lines = Lines::default();
    let _collecting = lines.collect(Format::Json);
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    for (whom, named) in [
        (json!({ "user": ana.user }), format!("user:{} as user:{}", root.user, ana.user)),
        (json!({ "role": "admin" }), format!("user:{} as role:admin", root.user)),
    ] {
        root.write(Method::PUT, "/session/view?reason=why", &whom).await.expect(204);
        tracing::callsite::rebuild_interest_cache();
        lines.0.lock().unwrap().clear();
        root.post("/passes", &json!({})).await.problem(403, "viewing");
        let [line] = &lines.requests()[..] else { panic!("{}", lines.text()) };
        assert_eq!((&line["actor"], &line["problem"]), (&json!(named), &json!("viewing")));
        root.write(Method::DELETE, "/session/view", &json!({})).await.expect(204);
    }
}

#[tokio::test]
async fn a_request_is_logged_with_the_address_that_the_believed_proxies_name() {
    let lines = Lines::default();
    let _collecting = lines.collect(Format::Json);
    let server = TestServer::new().await;
    let nobody = server.nobody();
    nobody.get("/users").await.expect(401);
    nobody.post("/access/v1/evaluation", &json!({})).await.expect(401);
    tracing::callsite::rebuild_interest_cache();
    for (peer, forwarded, client) in [
        ("::ffff:6.6.6.6", "", "6.6.6.6"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("192.0.2.1", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7, 11.1.2.3", "11.1.2.3"),
        ("10.255.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.255.0.1", "forged {}", "10.255.0.1"),
    ] {
        lines.0.lock().unwrap().clear();
        let asker = nobody.from(peer, forwarded);
        asker.get("/users").await.expect(401);
        asker.post("/access/v1/evaluation", &json!({})).await.expect(401);
        let told: Vec<Value> = lines.requests().iter().map(|line| line["client"].clone()).collect();
        assert_eq!(told, [client, client], "{peer} {forwarded}");
    }
}

#[tokio::test]
async fn a_refusal_by_scim_or_authzen_is_logged_by_its_name() {
    let lines = Lines::default();
    let _collecting = lines.collect(Format::Json);
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&["users.view", "users.manage", "groups.view", "groups.manage"]).await;
    key.get("/scim/v2/Users").await.expect(200);
    key.post("/access/v1/evaluation", &json!({})).await.expect(400);
    tracing::callsite::rebuild_interest_cache();
    for (client, method, path, body, problem) in [
        (&key, Method::GET, "/scim/v2/Users/nobody", Value::Null, "not_found"),
        (&key, Method::PUT, "/scim/v2/Users", Value::Null, "method_not_allowed"),
        (&key, Method::POST, "/scim/v2/Users", json!({}), "invalid"),
        (&key, Method::GET, "/scim/v2/Nothing", Value::Null, "not_found"),
        (&key, Method::POST, "/access/v1/evaluation", json!({}), "invalid"),
        (&key, Method::POST, "/access/v1/search/subject", json!({}), "missing_permission"),
        (&key, Method::PUT, "/access/v1/evaluation", json!({}), "method_not_allowed"),
    ] {
        lines.0.lock().unwrap().clear();
        let answer = client.write(method.clone(), path, &body).await;
        assert!(answer.status.is_client_error(), "{path}");
        let line = &lines.requests()[0];
        assert_eq!(line["problem"], problem, "{method} {path}: {line}");
    }
    drop(root);
}

#[tokio::test]
async fn a_request_id_from_outside_is_taken_where_it_is_sane_and_answered() {
    let server = TestServer::new().await;
    for (id, is_sane) in [
        ("a", true),
        ("0af7651916cd43dd8448eb211c80319c", true),
        ("A-b_c.9", true),
        ("", false),
        ("two words", false),
        ("line\u{9}feed", false),
        ("{\"json\":1}", false),
        (&"x".repeat(128), true),
        (&"x".repeat(129), false),
    ] {
        let answer = server.nobody().with("x-request-id", id).get("/healthz").await.expect(200);
        let answered = answer.header("x-request-id");
        assert_eq!(answered == id, is_sane, "{id}");
        assert!(!answered.is_empty());
    }
}

#[tokio::test]
async fn a_mail_is_logged_with_whom_it_went_to_and_no_address() {
    for (outbox, level, message) in
        [(Outbox::new_ok(), "INFO", "a mail was sent"), (Outbox::new_error(), "WARN", "a mail was not sent")]
    {
        let lines = Lines::default();
        let _collecting = lines.collect(Format::Json);
        let server = TestServer::with_mail(&outbox).await;
        let root = server.superuser().await;
        tracing::callsite::rebuild_interest_cache();
        let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
        let text = lines.text();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let told: Vec<Value> = events.filter(|event| event["message"] == message).collect();
        assert_eq!(told.len(), 1, "{text}");
        assert_eq!((&told[0]["level"], &told[0]["user"]), (&json!(level), &invited["user"]));
        assert!(told[0]["subject"].as_str().is_some_and(|subject| !subject.is_empty()));
        assert!(!text.contains("ana@example.com"), "{text}");
    }
}

#[tokio::test]
async fn a_link_that_was_not_mailed_is_in_the_log_with_the_request_that_asked_for_it() {
    let lines = Lines::default();
    let _collecting = lines.collect(Format::Json);
    let outbox = Outbox::new_error();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let reset = format!("/users/{}/password-reset", root.user);
    let forgotten = json!({ "email": "root@example.com" });
    // What another test's thread says first may be taken for what nobody listens to: look again, once each was said.
    root.post(&reset, &Value::Null).await.problem(503, "unavailable");
    tracing::callsite::rebuild_interest_cache();
    lines.0.lock().unwrap().clear();
    root.with("x-request-id", "told").post(&reset, &Value::Null).await.problem(503, "unavailable");
    // Whoever is not signed in is answered alike, whatever becomes of it.
    server.nobody().with("x-request-id", "asked").post("/password-resets", &forgotten).await.expect(202);
    server.mails(&outbox).await;
    let text = lines.text();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let unsent: Vec<_> = events
        .filter(|event| event["message"] == "a link that sets a password was not sent, and is ended")
        .map(|event| (event["request"].clone(), event["tenant"].clone(), event["level"].clone()))
        .collect();
    let of = |request: &str| (json!(request), json!("default"), json!("WARN"));
    assert_eq!(unsent, [of("told"), of("asked")], "{text}");
    assert!(!text.contains("root@example.com"), "{text}");
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    for format in [Format::Json, Format::Text] {
        let lines = Lines::default();
        let _collecting = lines.collect(format);
        let server = TestServer::new().await;
        let nobody = server.nobody();

        // The first superuser, an invitation, and a wrong password beside the right one.
        let setup = server.setup_token().await;
        let made = json!({ "token": setup, "email": "root@example.com", "password": PASSWORD });
        let root = nobody.post("/setup", &made).await.expect(200).client(&nobody);
        let invite = json!({ "email": "ana@example.com", "roles": [] });
        let link = root.post("/users", &invite).await.expect(201).json()["link"].as_str().unwrap().to_owned();
        let invitation = token_of(&link);
        nobody.post("/invitations/inspect", &json!({ "token": invitation })).await;
        let accept = json!({ "token": invitation, "password": PASSWORD });
        let ana = nobody.post("/invitations/accept", &accept).await.expect(200).client(&nobody);
        let wrong = "the wrong phrase of mine";
        for email in ["ana@example.com", "nobody@example.com"] {
            let sign_in = json!({ "email": email, "password": wrong });
            nobody.post("/session", &sign_in).await.problem(401, "wrong_credentials");
        }
        let sign_in = json!({ "email": "ana@example.com", "password": PASSWORD });
        let ana = nobody.post("/session", &sign_in).await.expect(200).client(&ana);

        // A second factor, signing in with it, and a recovery code.
        let begun = ana.post("/session/second-factor", &json!({ "password": PASSWORD })).await.expect(200);
        let shared = begun.json()["secret"].as_str().unwrap().to_owned();
        let totp = Builder::new().with_secret(Secret::try_from_base32(&shared).unwrap()).build().unwrap();
        let code = || totp.generate(u64::try_from(server.app.clock.now().0 / 1000).unwrap()).to_string();
        let (ana, first) = (ana.after(&begun), code());
        let confirmed =
            ana.post("/session/second-factor/confirm", &json!({ "code": first })).await.expect(200);
        let recovery = confirmed.json()["codes"][0].as_str().unwrap().to_owned();
        server.app.clock.advance(60_000);
        let second = code();
        for code in [&second, &recovery] {
            let sign_in = json!({ "email": "ana@example.com", "password": PASSWORD, "code": code });
            nobody.post("/session", &sign_in).await.expect(200);
        }

        // A key, its use, its rotation, and a wrong one; a pass; and a search by email.
        let new = json!({ "name": "edge", "permissions": ["users.view", "passes.issue"] });
        let made = root.post("/keys", &new).await.expect(201).json();
        let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap().to_owned());
        server.bearer(&key).get("/users?search=ana%40example.com").await;
        let pass = server.bearer(&key).post("/passes", &json!({ "subject": root.user })).await.expect(200);
        let pass = pass.json()["pass"].as_str().unwrap().to_owned();
        let rotate = root.write(Method::POST, &format!("/keys/{id}/rotate"), &json!({})).await.expect(200);
        let rotated = rotate.json()["key"].as_str().unwrap().to_owned();
        server.bearer(&format!("{key}x")).get("/users").await.problem(401, "unauthenticated");
        let cookie = root.header("cookie").to_owned();
        // What is no path of the server may hold a secret too.
        nobody.page(&format!("{API}/nowhere/{rotated}?token={rotated}")).await;

        let logged = lines.text();
        assert!(logged.lines().count() > 15, "{logged}");
        let secret = |key: &str| key.rsplit('_').next().unwrap().to_owned();
        for (what, secret) in [
            ("password", PASSWORD.to_owned()),
            ("wrong password", wrong.to_owned()),
            ("setup token", setup),
            ("invitation", invitation),
            ("shared secret", shared),
            ("code", first),
            ("code", second),
            ("recovery code", recovery),
            ("key", secret(&key)),
            ("rotated key", secret(&rotated)),
            ("pass", pass.rsplit('.').next().unwrap().to_owned()),
            ("cookie", cookie.split_once('=').unwrap().1.to_owned()),
            ("email", "example.com".to_owned()),
            ("query", "search=".to_owned()),
        ] {
            assert!(!secret.is_empty() && !logged.contains(&secret), "a {what} is in the log: {logged}");
        }
    }
}
