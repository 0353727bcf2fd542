//! The first-run link, signing in and out, invitations.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestServer, token_of};

#[tokio::test]
async fn the_first_run_link_makes_one_superuser_once() {
    let server = TestServer::new().await;
    let nobody = server.nobody();
    assert_eq!(nobody.get("/setup").await.expect(200).json()["open"], true);
    let older = server.setup_token().await;
    let token = server.setup_token().await;
    let setup = |token: &str| json!({ "token": token, "email": "root@example.com", "password": PASSWORD });

    nobody.post("/setup", &setup("guess")).await.problem(410, "link_gone");
    nobody.post("/setup", &setup(&older)).await.problem(410, "link_gone");
    let weak = json!({ "token": token, "email": "root@example.com", "password": "password1234" });
    let details = nobody.post("/setup", &weak).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.password");

    let made = nobody.post("/setup", &setup(&token)).await.expect(200);
    assert_eq!(made.header("rolewright-revision"), "0.2");
    let cookie = made.header("set-cookie");
    for flag in ["__Host-rolewright=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Strict"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    let root = made.client(&nobody);
    let session = root.get("/session").await.expect(200).json();
    assert_eq!((&session["email"], &session["tenant"]), (&json!("root@example.com"), &json!("default")));

    nobody.post("/setup", &setup(&token)).await.problem(410, "link_gone");
    assert_eq!(nobody.get("/setup").await.json()["open"], false);
    let now = server.app.clock.now();
    assert!(rolewright_server::first_run::new_token(&*server.tenant().await, now).await.unwrap().is_none());
}

#[tokio::test]
async fn the_first_run_link_ends_after_an_hour() {
    let server = TestServer::new().await;
    let token = server.setup_token().await;
    server.app.clock.advance(60 * 60 * 1000);
    let setup = json!({ "token": token, "email": "root@example.com", "password": PASSWORD });
    server.nobody().post("/setup", &setup).await.problem(410, "link_gone");
}

#[tokio::test]
async fn eight_at_once_make_one_superuser() {
    let server = TestServer::new().await;
    let token = server.setup_token().await;
    let tries = (0..8).map(|n| {
        let nobody = server.nobody();
        let setup = json!({ "token": token, "email": format!("root{n}@example.com"), "password": PASSWORD });
        tokio::spawn(async move { nobody.post("/setup", &setup).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410, 410, 410]);
    assert_eq!(server.tenant().await.loaded().state.documents().directory.users.len(), 1);
}

#[tokio::test]
async fn signing_in_always_begins_a_new_session() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let sign_in = json!({ "email": "ROOT@example.com", "password": PASSWORD });
    let again = root.post("/session", &sign_in).await.expect(200).client(&server.nobody());
    again.get("/session").await.expect(200);
    root.get("/session").await.problem(401, "unauthenticated");

    let out =
        again.send(axum::http::Method::DELETE, "/session", None, axum::body::Body::empty()).await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    again.get("/session").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_credentials_all_look_the_same() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/users", &json!({ "email": "invited@example.com" })).await.expect(201);
    let mut details = Vec::new();
    for (email, password) in [
        ("root@example.com", "not the phrase at all"),
        ("nobody@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("root@example.com", &"x".repeat(10_000)),
        ("", ""),
    ] {
        let body = json!({ "email": email, "password": password });
        let mut problem = server.nobody().post("/session", &body).await.problem(401, "wrong_credentials");
        problem["instance"].take();
        details.push(problem);
    }
    assert!(details.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn who_guesses_must_wait() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let guess = json!({ "email": "root@example.com", "password": "guess" });
    for _ in 0..10 {
        server.nobody().post("/session", &guess).await.problem(401, "wrong_credentials");
    }
    let answer = server.nobody().post("/session", &guess).await;
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    answer.problem(429, "too_many_requests");
    let right = json!({ "email": "root@example.com", "password": PASSWORD });
    server.nobody().post("/session", &right).await.problem(429, "too_many_requests");
    root.get("/session").await.expect(200);
    server.app.clock.advance(5 * 60 * 1000);
    server.nobody().post("/session", &right).await.expect(200);
}

#[tokio::test]
async fn an_email_that_there_cannot_be_is_refused_before_it_is_counted() {
    let server = TestServer::new().await;
    let long = json!({ "email": "x".repeat(1024 * 1024), "password": "guess" });
    for _ in 0..120 {
        let details = server.nobody().post("/session", &long).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], "$.email");
    }
    let longest = json!({ "email": "x".repeat(254), "password": "guess" });
    server.nobody().post("/session", &longest).await.problem(401, "wrong_credentials");
}

#[tokio::test]
async fn who_guesses_behind_a_proxy_locks_nobody_else_out() {
    let server = TestServer::new().await;
    server.superuser().await;
    let nobody = server.nobody();
    let guess = json!({ "email": "root@example.com", "password": "guess" });
    let guesser = nobody.from("192.0.2.1", "203.0.113.9, 198.51.100.1");
    for _ in 0..10 {
        guesser.post("/session", &guess).await.problem(401, "wrong_credentials");
    }
    for (peer, forwarded, status) in [
        // The same, whatever it says of those before it, and through whichever proxies.
        ("192.0.2.1", "198.51.100.1", 429),
        ("192.0.2.1", "203.0.113.8,198.51.100.1", 429),
        ("192.0.2.1", "198.51.100.1:4711", 429),
        ("::ffff:192.0.2.1", "198.51.100.1, 2001:db8::1", 429),
        ("192.0.2.1", "[2001:db8::1]:80", 401),
        ("198.51.100.1", "203.0.113.9", 429),
        // Others.
        ("192.0.2.1", "198.51.100.2", 401),
        ("192.0.2.1", "198.51.100.1, 198.51.100.2", 401),
        ("192.0.2.1", "198.51.100.1, unknown", 401),
        ("192.0.2.1", "", 401),
        // Nobody trusted says so.
        ("203.0.113.7", "198.51.100.1", 401),
    ] {
        let answer = nobody.from(peer, forwarded).post("/session", &guess).await;
        assert_eq!(answer.status, status, "{peer} {forwarded}");
    }
}

#[tokio::test]
async fn who_guesses_from_everywhere_else_keeps_the_owner_out_of_nothing() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let guess = json!({ "email": "root@example.com", "password": "guess" });
    for n in 1..6 {
        let guesser = server.nobody().from(&format!("198.51.100.{n}"), "");
        for _ in 0..10 {
            guesser.post("/session", &guess).await.problem(401, "wrong_credentials");
        }
        guesser.post("/session", &guess).await.problem(429, "too_many_requests");
    }
    let right = json!({ "email": "root@example.com", "password": PASSWORD });
    server.nobody().from("203.0.113.1", "").post("/session", &right).await.expect(200);
    root.get("/session").await.expect(200);
}

#[tokio::test]
async fn who_guesses_at_the_same_address_keeps_out_no_browser_that_its_owner_signed_in_with() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    server.person(&root, "ana@example.com", &[]).await;
    let office = server.nobody().from("198.51.100.1", "");
    let right = |email: &str| json!({ "email": email, "password": PASSWORD });
    let wrong = |email: &str| json!({ "email": email, "password": "guess" });
    let answer = office.post("/session", &right("root@example.com")).await.expect(200);
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    let known = cookies[1];
    for flag in ["__Host-rolewright.known=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Strict"] {
        assert!(known.contains(flag), "{known}");
    }
    let browser = office.with("cookie", known.split(';').next().unwrap());

    // A colleague uses up all that the address may try.
    for n in 0..100 {
        office
            .post("/session", &wrong(&format!("{}@example.com", n / 10)))
            .await
            .problem(401, "wrong_credentials");
    }
    office.post("/session", &right("root@example.com")).await.problem(429, "too_many_requests");
    let again = browser.post("/session", &right("root@example.com")).await.expect(200);
    // It is known already.
    assert_eq!(again.headers.get_all("set-cookie").iter().count(), 1);
    // It is that person's alone, and no password: it has as many tries as an address.
    browser.post("/session", &right("ana@example.com")).await.problem(429, "too_many_requests");
    office
        .with("cookie", "__Host-rolewright.known=guess")
        .post("/session", &right("root@example.com"))
        .await
        .problem(429, "too_many_requests");
    browser.get("/session").await.problem(401, "unauthenticated");
    for _ in 0..10 {
        browser.post("/session", &wrong("root@example.com")).await.problem(401, "wrong_credentials");
    }
    browser.post("/session", &right("root@example.com")).await.problem(429, "too_many_requests");
}

#[tokio::test]
async fn of_the_browsers_of_a_person_twenty_are_known_each_for_ninety_days() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let right = json!({ "email": "root@example.com", "password": PASSWORD });
    let known = async || {
        let (tenant, now) = (server.tenant().await, server.app.clock.now());
        tenant.store().records(tenant.id(), "known_browser", Some(&root.user), now).await.unwrap().len()
    };
    for _ in 0..25 {
        server.app.clock.advance(1);
        server.nobody().post("/session", &right).await.expect(200);
    }
    assert_eq!(known().await, 20);
    server.app.clock.advance(90 * DAY);
    assert_eq!(known().await, 0);
}

#[tokio::test]
async fn who_tries_links_that_are_not_there_locks_out_no_link_that_is() {
    let server = TestServer::new().await;
    let token = server.setup_token().await;
    let nobody = server.nobody();
    let setup = |token: &str, password: &str| json!({ "token": token, "email": "root@example.com", "password": password });
    for n in 0..12 {
        nobody.post("/setup", &setup(&format!("guess {n}"), PASSWORD)).await.problem(410, "link_gone");
        nobody.post("/setup", &setup(&token, "short")).await.problem(422, "invalid");
    }
    let root = nobody.post("/setup", &setup(&token, PASSWORD)).await.expect(200).client(&nobody);
    let invited = root.post("/users", &json!({ "email": "ana.garcia@example.com" })).await.expect(201).json();
    let token = token_of(invited["link"].as_str().unwrap());
    let accept = |token: &str, password: &str| json!({ "token": token, "password": password });
    for n in 0..12 {
        let guess = accept(&format!("guess {n}"), PASSWORD);
        nobody.post("/invitations/accept", &guess).await.problem(410, "link_gone");
        for weak in ["short", "ana.garcia12"] {
            nobody.post("/invitations/accept", &accept(&token, weak)).await.problem(422, "invalid");
        }
    }
    nobody.post("/invitations/accept", &accept(&token, PASSWORD)).await.expect(200);
    let same = setup("the same each time", PASSWORD);
    for _ in 0..10 {
        nobody.post("/setup", &same).await.problem(410, "link_gone");
    }
    nobody.post("/setup", &same).await.problem(429, "too_many_requests");
}

#[tokio::test]
async fn a_session_ends_without_use_and_after_half_a_day() {
    const HOUR: i64 = 60 * 60 * 1000;
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for _ in 0..7 {
        server.app.clock.advance(HOUR + HOUR / 2);
        root.get("/session").await.expect(200);
    }
    server.app.clock.advance(HOUR + HOUR / 2);
    root.get("/session").await.problem(401, "unauthenticated");

    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD });
    let again = server.nobody().post("/session", &sign_in).await.expect(200).client(&server.nobody());
    server.app.clock.advance(2 * HOUR);
    again.get("/session").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_disabled_or_deleted_person_loses_every_session() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for way in ["disable", "delete"] {
        let ana = server.person(&root, &format!("{way}@example.com"), &["admin"]).await;
        ana.get("/users").await.expect(200);
        let path = format!("/users/{}", ana.user);
        let etag = root.get(&path).await.expect(200).etag();
        if way == "disable" {
            let etag = root
                .put(&format!("{path}/status"), &etag, &json!({ "status": "disabled" }))
                .await
                .expect(200)
                .etag();
            ana.get("/session").await.problem(401, "unauthenticated");
            root.put(&format!("{path}/status"), &etag, &json!({ "status": "active" })).await.expect(200);
        } else {
            root.delete(&path, &etag).await.expect(200);
        }
        ana.get("/users").await.problem(401, "unauthenticated");
        ana.post("/passes", &json!({})).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nobody = server.nobody();
    let invite = json!({ "email": "ana@example.com", "first_name": "Ana", "roles": ["admin"] });
    let invited = root.post("/users", &invite).await.expect(201).json();
    let link = invited["link"].as_str().unwrap();
    assert!(link.starts_with("https://access.example.com/invitation#token="), "{link}");
    let token = token_of(link);

    for _ in 0..2 {
        let seen = nobody.post("/invitations/inspect", &json!({ "token": token })).await.expect(200).json();
        assert_eq!((&seen["email"], &seen["first_name"]), (&json!("ana@example.com"), &json!("Ana")));
    }
    let weak = json!({ "token": token, "password": "short" });
    nobody.post("/invitations/accept", &weak).await.problem(422, "invalid");
    let accept = json!({ "token": token, "password": PASSWORD });
    let ana = nobody.post("/invitations/accept", &accept).await.expect(200).client(&nobody);
    ana.get("/users").await.expect(200);
    nobody.post("/invitations/accept", &accept).await.problem(410, "link_gone");
    nobody.post("/invitations/inspect", &json!({ "token": token })).await.problem(410, "link_gone");
    root.post(&format!("/users/{}/invitation", ana.user), &json!({})).await.problem(422, "invalid");
}

#[tokio::test]
async fn of_eight_who_accept_at_once_one_wins() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let token = token_of(invited["link"].as_str().unwrap());
    let tries = (0..8).map(|n| {
        let nobody = server.nobody();
        let accept = json!({ "token": token, "password": format!("{PASSWORD} {n}") });
        tokio::spawn(async move { nobody.post("/invitations/accept", &accept).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn a_new_invitation_replaces_the_old_one_and_ends_after_a_week() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nobody = server.nobody();
    let first = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let path = format!("/users/{}", first["user"].as_str().unwrap());
    assert_eq!(root.get(&path).await.json()["status"], "invited");
    let again = root.post(&format!("{path}/invitation"), &json!({})).await.expect(200).json();
    let inspect = |answer: &serde_json::Value| json!({ "token": token_of(answer["link"].as_str().unwrap()) });
    nobody.post("/invitations/inspect", &inspect(&first)).await.problem(410, "link_gone");
    nobody.post("/invitations/inspect", &inspect(&again)).await.expect(200);
    server.app.clock.advance(7 * 24 * 60 * 60 * 1000);
    nobody.post("/invitations/inspect", &inspect(&again)).await.problem(410, "link_gone");
    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD });
    let root = nobody.post("/session", &sign_in).await.expect(200).client(&nobody);
    assert_eq!(root.get(&path).await.json()["status"], "no_invitation");
}

#[tokio::test]
async fn a_link_that_went_to_another_mailbox_ends() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let first = root.post("/users", &json!({ "email": "wrong@example.com" })).await.expect(201).json();
    let path = format!("/users/{}", first["user"].as_str().unwrap());
    let etag = root.get(&path).await.etag();
    root.put(&path, &etag, &json!({ "email": "right@example.com" })).await.expect(200);
    let inspect = json!({ "token": token_of(first["link"].as_str().unwrap()) });
    server.nobody().post("/invitations/inspect", &inspect).await.problem(410, "link_gone");
}

#[tokio::test]
async fn who_invited_must_still_hold_what_the_invitation_gives() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let boss = server.person(&root, "boss@example.com", &["admin"]).await;
    let invited = boss
        .post("/users", &json!({ "email": "ana@example.com", "roles": ["admin"] }))
        .await
        .expect(201)
        .json();
    let token = token_of(invited["link"].as_str().unwrap());
    let path = format!("/users/{}", boss.user);
    let etag = root.get(&path).await.etag();
    root.put(&format!("{path}/status"), &etag, &json!({ "status": "disabled" })).await.expect(200);
    let accept = json!({ "token": token, "password": PASSWORD });
    server.nobody().post("/invitations/accept", &accept).await.problem(403, "not_held");
}

#[tokio::test]
async fn nobody_gets_the_link_of_a_person_who_is_about_to_hold_more() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let helper = server.person_who_may(&root, "helper@example.com", &["users.view", "users.manage"]).await;
    let invited = root
        .post("/users", &json!({ "email": "chief@example.com", "roles": ["superuser"] }))
        .await
        .expect(201)
        .json();
    let path = format!("/users/{}/invitation", invited["user"].as_str().unwrap());
    helper.post(&path, &json!({})).await.problem(403, "person_holds_more");
    // The link that was sent is still good.
    let inspect = json!({ "token": token_of(invited["link"].as_str().unwrap()) });
    server.nobody().post("/invitations/inspect", &inspect).await.expect(200);
}

#[tokio::test]
async fn a_session_and_a_key_are_of_one_tenant() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&["snapshot.policy", "users.view"]).await;
    let policy = rolewright_server::templates::read("mailer").unwrap().unwrap();
    let context = server.app.context().unwrap();
    rolewright_server::tenant::Tenant::create(server.app.store(), "other", &policy, None, &context)
        .await
        .unwrap();
    for path in ["session", "users", "roles", "snapshot?kind=policy", "changes"] {
        let path = format!("/api/v1/tenants/other/{path}");
        root.get(&path).await.problem(401, "unauthenticated");
        key.get(&path).await.problem(401, "unauthenticated");
    }
    let give = json!({ "id": "", "name": "X" });
    root.post("/api/v1/tenants/other/roles", &give).await.problem(401, "unauthenticated");
    assert_eq!(root.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_another_has_is_taken_and_names_the_field() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    root.post("/groups", &json!({ "name": "Sales" })).await.expect(201);
    let again = json!({ "email": "ANA@example.com" });
    for (answer, field) in [
        (root.post("/users", &again).await, "$.email"),
        (root.post("/groups", &json!({ "name": "sales" })).await, "$.name"),
        (root.post("/roles", &json!({ "id": "x", "name": "Superuser" })).await, "$.name"),
        (
            root.put(&format!("/users/{}", ana.user), "*", &json!({ "email": "ROOT@example.com" })).await,
            "$.email",
        ),
    ] {
        let told = answer.problem(409, "taken");
        assert_eq!(told["errors"][0]["path"], field, "{told}");
    }
    // A person's own is free to them, in any case.
    let own = json!({ "email": "Ana@Example.com" });
    root.put(&format!("/users/{}", ana.user), "*", &own).await.expect(200);
    let change = json!([{ "change": "create_group", "group": { "id": "", "name": "Sales" } }]);
    let told = root.post("/batch", &json!({ "changes": change })).await.problem(409, "taken");
    assert_eq!(told["errors"][0]["path"], "$.changes[0].name");
}

#[tokio::test]
async fn everybody_changes_their_own_name_and_nothing_else_of_their_document() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let own = format!("/users/{}", ana.user);
    let name = json!({ "first_name": " Ana ", "last_name": "Ruiz" });
    let put = async |body: &Value| ana.write(Method::PUT, "/session/name", body).await;
    ana.write(Method::PUT, "/session/name?dry_run=true", &name).await.expect(200);
    assert_eq!(ana.get("/session").await.json()["name"], "ana@example.com");
    put(&name).await.expect(200);
    let session = ana.get("/session").await.json();
    assert_eq!(
        (&session["name"], &session["first_name"], &session["last_name"]),
        (&json!("Ana Ruiz"), &json!("Ana"), &json!("Ruiz"))
    );
    assert_eq!(put(&name).await.expect(200).json()["unchanged"], true);
    let user = ana.get(&own).await.expect(200).json()["user"].clone();
    assert_eq!((&user["first_name"], &user["email"]), (&json!("Ana"), &json!("ana@example.com")));
    for (body, path) in [
        (json!({ "first_name": "A", "email": "eve@example.com" }), "$.email"),
        (json!({ "first_name": "x".repeat(500) }), "$.first_name"),
    ] {
        assert_eq!(put(&body).await.problem(422, "invalid")["errors"][0]["path"], path);
    }
    let log = root.get("/audit?action=set_name").await.expect(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    assert_eq!(log["items"][0]["actor"], format!("user:{}", ana.user));
    // Another's is not one's own, by no way.
    let change = json!([{ "change": "set_name", "id": root.user, "first_name": "Eve" }]);
    let versions = json!([{ "kind": "user", "id": root.user, "etag": "*" }]);
    let other = ana.post("/batch", &json!({ "changes": change, "versions": versions })).await;
    other.problem(403, "missing_permission");
    server
        .key(&["users.view"])
        .await
        .write(Method::PUT, "/session/name", &name)
        .await
        .problem(403, "session_needed");
    put(&json!({})).await.expect(200);
    assert_eq!(ana.get("/session").await.json()["name"], "ana@example.com");
}

#[tokio::test]
async fn a_password_with_spaces_is_kept_exactly_wherever_it_is_set() {
    let spaced = "  six  words that I alone  put together, with spaces around them and in between   ";
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let nobody = server.nobody();
    let setup =
        json!({ "token": server.setup_token().await, "email": "root@example.com", "password": spaced });
    let root = nobody.post("/setup", &setup).await.expect(200).client(&nobody);
    root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201);
    let token = server.mails(&outbox).await.pop().unwrap().token();
    let accept = json!({ "token": token, "password": spaced });
    let ana = nobody.post("/invitations/accept", &accept).await.expect(200).client(&nobody);
    let signs_in = async |email: &str, password: &str| {
        let answer = nobody.post("/session", &json!({ "email": email, "password": password })).await;
        answer.status.as_u16()
    };
    for email in ["root@example.com", "ana@example.com"] {
        assert_eq!(signs_in(email, spaced).await, 200);
        assert_eq!(signs_in(email, spaced.trim()).await, 401);
    }
    // By a link, and by oneself, to one that differs in a space alone.
    root.post(&format!("/users/{}/password-reset", ana.user), &Value::Null).await.expect(204);
    let token = server.mails(&outbox).await.pop().unwrap().token();
    let other = format!(" {spaced}");
    let reset = json!({ "token": token, "password": other });
    nobody.post("/password-resets/accept", &reset).await.expect(204);
    assert_eq!(
        (signs_in("ana@example.com", &other).await, signs_in("ana@example.com", spaced).await),
        (200, 401)
    );
    let change = json!({ "password": spaced, "new_password": other });
    root.write(Method::PUT, "/session/password", &change).await.expect(204);
    assert_eq!(
        (signs_in("root@example.com", &other).await, signs_in("root@example.com", spaced).await),
        (200, 401)
    );
}
