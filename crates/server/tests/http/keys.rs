//! API keys: who makes them, with what, and what they may do until when.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use rolewright_server::auth::key;
use rolewright_store::{Record, RecordOp};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer};

pub(crate) const MINUTE: i64 = 60 * 1000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// What a new key is made of.
pub(crate) fn key_of(permissions: &[&str]) -> Value {
    json!({ "name": "edge", "permissions": permissions })
}

/// Makes a key; answers with its id and who carries it.
pub(crate) async fn make(server: &TestServer, by: &Client, new: &Value) -> (String, Client) {
    let made = by.post("/keys", new).await.expect(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    (id, server.bearer(made["key"].as_str().unwrap()))
}

pub(crate) async fn rotate(by: &Client, id: &str, body: &Value) -> Answer {
    by.post(&format!("/keys/{id}/rotate"), body).await
}

pub(crate) async fn end(by: &Client, path: &str) -> Answer {
    by.send(Method::DELETE, &format!("/keys/{path}"), None, Body::empty()).await
}

pub(crate) async fn listed(by: &Client) -> Vec<Value> {
    by.get("/keys").await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// A console for servers, and its superuser.
pub(crate) async fn with_servers() -> (TestServer, Client) {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    (server, root)
}

/// A person who holds these permissions there, until then.
pub(crate) async fn person_at(
    server: &TestServer,
    root: &Client,
    permissions: &[&str],
    scope: &str,
    until: Option<i64>,
) -> Client {
    let person = server.person_who_may(root, &format!("p{}@example.com", scope.len()), permissions).await;
    let mine = root.get(&format!("/assignments?user={}", person.user)).await.expect(200).json();
    let assignment = &mine["items"][0]["assignment"];
    let id = assignment["id"].as_str().unwrap();
    let mut there =
        json!({ "principal": { "user": person.user }, "role": assignment["role"], "scope": scope });
    if let Some(until) = until {
        there["until"] = json!(until);
    }
    root.post("/assignments", &there).await.expect(201);
    root.delete(&format!("/assignments/{id}"), "*").await.expect(200);
    person
}

#[tokio::test]
async fn a_key_is_told_once_and_never_listed() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let new =
        json!({ "name": "edge", "permissions": ["snapshot.policy", "passes.issue", "snapshot.policy"] });
    let answer = root.post("/keys", &new).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(secret.starts_with(&format!("rwk_{id}_")));
    assert_eq!(made["permissions"], json!(["passes.issue", "snapshot.policy"]));
    assert_eq!(
        (&made["scope"], &made["name"], &made["dry_run"]),
        (&json!("/"), &json!("edge"), &json!(false))
    );
    assert_eq!(made["made_by"], format!("user:{}", root.user));
    let name = root.get(&format!("/users/{}", root.user)).await.expect(200).json()["user"]["email"].clone();
    assert_eq!(listed(&root).await[0]["made_by_name"], name);
    assert_eq!(root.get(&format!("/keys/{id}")).await.expect(200).json()["made_by_name"], name);
    let viewer = server.key(&["api_keys.view"]).await;
    let unnamed = listed(&viewer).await.iter().all(|key| key.get("made_by_name").is_none());
    assert!(unnamed, "who may not see people is told no name");
    server.bearer(secret).get("/snapshot?kind=policy").await.expect(200);

    rotate(&root, id, &json!({ "grace": MINUTE })).await.expect(200);
    let answer = root.get("/keys").await.expect(200);
    let fields: Vec<String> = answer.json()["items"][0].as_object().unwrap().keys().cloned().collect();
    for field in &fields {
        let known = [
            "created",
            "etag",
            "former_until",
            "id",
            "made_by",
            "made_by_name",
            "maker_may_sign_in",
            "name",
            "permissions",
            "rotated",
            "rotated_by",
            "scope",
            "used",
        ];
        assert!(known.contains(&field.as_str()), "{field}");
    }
    let text = answer.text();
    let secret = secret.rsplit('_').next().unwrap();
    let hash = rolewright_server::secret::stored(secret);
    assert!(!text.contains("hash") && !text.contains(secret) && !text.contains(&hash), "{text}");
}

#[tokio::test]
async fn keys_are_seen_and_managed_by_who_may() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, _) = make(&server, &root, &key_of(&["users.view"])).await;
    let viewer = server.key(&["api_keys.view"]).await;
    let manager = server.key(&["api_keys.manage", "users.view"]).await;
    let other = server.key(&["users.view"]).await;
    viewer.get("/keys").await.expect(200);
    for client in [&manager, &other] {
        let refused = client.get("/keys").await.problem(403, "missing_permission");
        assert_eq!(refused["permission"], "api_keys.view");
    }
    for client in [&viewer, &other] {
        for id in [&id, "nothing"] {
            for answer in [
                client.post("/keys", &key_of(&["users.view"])).await,
                rotate(client, id, &json!({})).await,
                end(client, id).await,
            ] {
                assert_eq!(answer.problem(403, "missing_permission")["permission"], "api_keys.manage");
            }
        }
    }
    rotate(&manager, "nothing", &json!({})).await.problem(404, "not_found");
    end(&manager, "nothing").await.problem(404, "not_found");
    end(&manager, &id).await.expect(200);
    for (method, path) in [(Method::GET, "/keys"), (Method::POST, "/keys"), (Method::DELETE, "/keys/x")] {
        let nobody = server.nobody();
        nobody.send(method, path, None, Body::empty()).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn nobody_gives_a_key_what_they_do_not_hold() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["api_keys.manage", "users.view"];
    let clerk = server.person_who_may(&root, "clerk@example.com", &may).await;
    let lifter =
        server.person_who_may(&root, "lifter@example.com", &["api_keys.manage", "roles.escalate"]).await;
    let (_, machine) = make(&server, &clerk, &key_of(&may)).await;
    let (_, brief) = make(
        &server,
        &root,
        &json!({ "name": "brief", "permissions": may, "expires": server.app.clock.now().0 + DAY }),
    )
    .await;
    let (large, _) = make(&server, &root, &key_of(&["users.manage"])).await;
    let (product, _) = make(&server, &root, &key_of(&["licensing.view"])).await;
    let (small, _) = make(&server, &root, &key_of(&["users.view"])).await;

    for (who, client) in [("a person", &clerk), ("a key", &machine)] {
        let refused = client.post("/keys", &key_of(&["users.view", "users.manage"])).await;
        let refused = refused.problem(403, "not_held");
        assert_eq!(refused["permission"], "users.manage", "{who}");
        client.post("/keys", &key_of(&["licensing.view"])).await.problem(403, "not_held");
        // A new secret is the key.
        rotate(client, &large, &json!({})).await.problem(403, "not_held");
        rotate(client, &product, &json!({})).await.problem(403, "not_held");
        rotate(client, &small, &json!({})).await.expect(200);
        client.post("/keys", &key_of(&may)).await.expect(201);
    }
    // The product's permissions are lifted, Rolewright's own never.
    lifter.post("/keys", &key_of(&["licensing.view"])).await.expect(201);
    rotate(&lifter, &product, &json!({})).await.expect(200);
    lifter.post("/keys", &key_of(&["users.view"])).await.problem(403, "not_held");
    rotate(&lifter, &small, &json!({})).await.problem(403, "not_held");
    // What is held for a while is given for a while.
    let end = server.app.clock.now().0 + DAY / 2;
    let until = |until: i64| json!({ "name": "n", "permissions": ["users.view"], "expires": until });
    brief.post("/keys", &until(end)).await.expect(201);
    brief.post("/keys", &until(end + DAY)).await.problem(403, "not_held");
    brief.post("/keys", &key_of(&["users.view"])).await.problem(403, "not_held");
    rotate(&brief, &small, &json!({})).await.problem(403, "not_held");
    // Taking away demands no holding.
    self::end(&clerk, &large).await.expect(200);
}

#[tokio::test]
async fn a_key_is_made_where_and_for_as_long_as_its_maker_holds() {
    let (server, root) = with_servers().await;
    let now = server.app.clock.now().0;
    let may = ["api_keys.manage", "users.view"];
    let here = person_at(&server, &root, &may, "servers/prod", None).await;
    let brief = person_at(&server, &root, &may, "servers/staging", Some(now + DAY)).await;
    let key = |scope: &str, expires: Option<i64>| {
        let mut key = json!({ "name": "k", "permissions": ["users.view"], "scope": scope });
        if let Some(expires) = expires {
            key["expires"] = json!(expires);
        }
        key
    };
    for (who, client, scope, expires, status) in [
        ("at prod", &here, "servers/prod", None, 201),
        ("at prod", &here, "servers/prod/tasks/nightly", None, 201),
        ("at prod", &here, "servers/prod", Some(now + DAY), 201),
        ("at prod", &here, "servers/staging", None, 403),
        ("at prod", &here, "servers", None, 403),
        ("at prod", &here, "/", None, 403),
        ("for a day", &brief, "servers/staging", Some(now + DAY), 201),
        ("for a day", &brief, "servers/staging", Some(now + DAY + 1), 403),
        ("for a day", &brief, "servers/staging", None, 403),
        ("everything", &root, "servers/staging", None, 201),
        ("everything", &root, "/", None, 201),
    ] {
        let found = client.post("/keys", &key(scope, expires)).await.status;
        assert_eq!(found, status, "{who}: {scope} {expires:?}");
    }
    let (elsewhere, _) = make(&server, &root, &key("servers/staging", None)).await;
    rotate(&here, &elsewhere, &json!({})).await.problem(403, "missing_permission");
    end(&here, &elsewhere).await.problem(403, "missing_permission");
    rotate(&brief, &elsewhere, &json!({})).await.problem(403, "not_held");
}

#[tokio::test]
async fn a_key_for_a_place_asks_nothing_of_the_whole_tenant() {
    let (server, root) = with_servers().await;
    let all = ["users.view", "users.assign_roles", "access.check", "snapshot.policy", "api_keys.view"];
    let new = json!({ "name": "prod", "permissions": all, "scope": "servers/prod" });
    let (_, prod) = make(&server, &root, &new).await;
    for (path, is_held_there) in
        [("/users", true), ("/snapshot?kind=policy", true), ("/groups", false), ("/roles", false)]
    {
        let told = prod.get(path).await.problem(403, "missing_permission");
        let says_where = told["detail"].as_str().unwrap().contains("holds at `servers/prod` and below alone");
        assert_eq!(says_where, is_held_there, "{path}: {told}");
    }
    let give = json!({ "principal": { "user": root.user }, "role": "superuser", "scope": "/" });
    let told = prod.post("/assignments", &give).await.problem(403, "missing_permission");
    assert!(told["detail"].as_str().unwrap().contains("holds at `servers/prod` and below alone"), "{told}");
    for (resource, status) in [
        (Some("servers/prod"), 200),
        (Some("servers/prod/tasks/nightly"), 200),
        (Some("servers/production"), 403),
        (Some("servers"), 403),
        (Some("not//a//place"), 403),
        (Some("/"), 403),
        (None, 403),
    ] {
        let mut check = json!({ "subject": root.user, "permission": "users.view" });
        if let Some(resource) = resource {
            check["resource"] = json!(resource);
        }
        assert_eq!(prod.post("/check", &check).await.status, status, "{resource:?}");
    }
    let resources = json!({ "task": "servers/prod/tasks/t", "from": "servers/staging/endpoints/e" });
    let check = json!({ "subject": root.user, "operation": "any", "resources": resources });
    prod.post("/check", &check).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn a_check_only_key_cannot_read_the_directory() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (_, key) = make(&server, &root, &key_of(&["access.check"])).await;
    let check = json!({ "subject": root.user, "permission": "users.view" });
    assert_eq!(key.post("/check", &check).await.expect(200).json()["allowed"], true);
    for path in [
        "/users",
        &format!("/users/{}", root.user),
        "/groups",
        "/assignments",
        "/roles",
        "/packages",
        "/policy",
        "/settings",
        "/keys",
        "/snapshot?kind=full",
        "/snapshot?kind=policy",
        "/permissions/users.view/holders",
    ] {
        key.get(path).await.problem(403, "missing_permission");
    }
    key.post("/explain", &check).await.problem(403, "missing_permission");
    key.post("/passes", &json!({ "subject": root.user })).await.problem(403, "missing_permission");
    // What it is itself it may know.
    assert_eq!(key.get("/session").await.expect(200).json()["permissions"], json!(["access.check"]));
}

#[tokio::test]
async fn a_key_is_told_what_it_is_and_nothing_secret() {
    let (server, root) = with_servers().await;
    let expires = server.app.clock.now().0 + DAY;
    let new = json!({
        "name": "prod", "permissions": ["users.view", "access.check"], "scope": "servers/prod", "expires": expires,
        "trusts_subject": true,
    });
    let (id, client) = make(&server, &root, &new).await;
    let answer = client.get("/session").await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let said = answer.json();
    for (field, value) in [
        ("kind", json!("key")),
        ("tenant", json!("default")),
        ("id", json!(id)),
        ("name", json!("prod")),
        ("permissions", json!(["access.check", "users.view"])),
        ("scope", json!("servers/prod")),
        ("expires", json!(expires)),
        ("trusts_subject", json!(true)),
    ] {
        assert_eq!(said[field], value, "{field}");
    }
    let secret = client.header("authorization").rsplit('_').next().unwrap();
    let hash = rolewright_server::secret::stored(secret);
    assert!(!answer.text().contains(secret) && !answer.text().contains(&hash), "{said}");
    // Whoever still comes with the secret before is told until when.
    let rotated = rotate(&root, &id, &json!({ "grace": MINUTE })).await.expect(200).json();
    assert_eq!(client.get("/session").await.expect(200).json()["secret_until"], rotated["former_until"]);
    let newest = server.bearer(rotated["key"].as_str().unwrap());
    assert!(newest.get("/session").await.expect(200).json().get("secret_until").is_none());
    end(&root, &id).await.expect(200);
    client.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(root.get("/session").await.expect(200).json()["kind"], "person");
}

#[tokio::test]
async fn a_key_ends_when_it_says() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let expires = server.app.clock.now().0 + 30 * MINUTE;
    let new = json!({ "name": "brief", "permissions": ["users.view"], "expires": expires });
    let (id, brief) = make(&server, &root, &new).await;
    let (_, lasting) = make(&server, &root, &key_of(&["users.view"])).await;
    brief.get("/users").await.expect(200);
    assert_eq!(listed(&root).await[0]["expires"], expires);
    // The secret before a rotation lasts no longer than the key.
    let rotated = rotate(&root, &id, &json!({ "grace": DAY })).await.expect(200).json();
    assert_eq!((&rotated["expires"], &rotated["former_until"]), (&json!(expires), &json!(expires)));
    let renewed = server.bearer(rotated["key"].as_str().unwrap());
    server.app.clock.advance(31 * MINUTE);
    for client in [&brief, &renewed] {
        client.get("/users").await.problem(401, "unauthenticated");
    }
    lasting.get("/users").await.expect(200);
    assert_eq!(listed(&root).await.len(), 1);
    rotate(&root, &id, &json!({})).await.problem(404, "not_found");
    end(&root, &id).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_no_key() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let made = root.post("/keys", &key_of(&["users.view"])).await.expect(201).json();
    let good = made["key"].as_str().unwrap();
    server.bearer(good).get("/users").await.expect(200);
    let (head, secret) = good.rsplit_once('_').unwrap();
    let hash = rolewright_server::secret::stored(secret);
    for bad in [
        "",
        "rwk_",
        "rwk__",
        head,
        &format!("{head}_"),
        &format!("{head}_{hash}"),
        &format!("{head}_{}", "0".repeat(64)),
        &format!("rwk_000000000000_{secret}"),
        &good[..good.len() - 1],
        &format!("{good}0"),
        &good.to_uppercase(),
        secret,
    ] {
        server.bearer(bad).get("/users").await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one_at_once_or_after_the_grace() {
    for (body, still) in [
        (json!({}), false),
        (json!({ "grace": 0 }), false),
        (json!({ "grace": 10 * MINUTE }), true),
        (json!({ "grace": 7 * DAY }), true),
    ] {
        let server = TestServer::new().await;
        let root = server.superuser().await;
        let (id, old) = make(&server, &root, &key_of(&["users.view"])).await;
        let answer = rotate(&root, &id, &body).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let rotated = answer.json();
        assert_eq!((&rotated["id"], &rotated["name"]), (&json!(id), &json!("edge")));
        assert_eq!(rotated["permissions"], json!(["users.view"]));
        let new = server.bearer(rotated["key"].as_str().unwrap());
        new.get("/users").await.expect(200);
        assert_eq!(old.get("/users").await.status, if still { 200 } else { 401 }, "{body}");
        assert_eq!(rotated.get("former_until").is_some(), still);
        server.app.clock.advance(body["grace"].as_i64().unwrap_or_default());
        old.get("/users").await.problem(401, "unauthenticated");
        new.get("/users").await.expect(200);
    }
}

#[tokio::test]
async fn the_secret_before_the_last_ends_with_another_rotation() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, first) = make(&server, &root, &key_of(&["users.view"])).await;
    let again = async || {
        let made = rotate(&root, &id, &json!({ "grace": DAY })).await.expect(200).json();
        server.bearer(made["key"].as_str().unwrap())
    };
    let second = again().await;
    first.get("/users").await.expect(200);
    let third = again().await;
    first.get("/users").await.problem(401, "unauthenticated");
    second.get("/users").await.expect(200);
    third.get("/users").await.expect(200);
    end(&root, &id).await.expect(200);
    for client in [&first, &second, &third] {
        client.get("/users").await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_key_is_ended_at_once_and_by_one() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, client) = make(&server, &root, &key_of(&["users.view"])).await;
    client.get("/users").await.expect(200);
    let tries = (0..4).map(|_| {
        let (root, id) = (root.clone(), id.clone());
        tokio::spawn(async move { end(&root, &id).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
    client.get("/users").await.problem(401, "unauthenticated");
    assert!(listed(&root).await.is_empty());
    // Nor does a key that ended itself come back by being used.
    let (own, machine) = make(&server, &root, &key_of(&["api_keys.manage"])).await;
    end(&machine, &own).await.expect(200);
    rotate(&machine, &own, &json!({})).await.problem(401, "unauthenticated");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(listed(&root).await.is_empty());
}

#[tokio::test]
async fn of_rotations_and_an_end_at_one_time_no_secret_is_lost() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, _) = make(&server, &root, &key_of(&["users.view"])).await;
    let tries = (0..4).map(|_| {
        let (root, id) = (root.clone(), id.clone());
        tokio::spawn(async move { rotate(&root, &id, &json!({})).await })
    });
    let mut answers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    let mut good = 0;
    for answer in answers {
        match answer.status.as_u16() {
            200 => {
                let client = server.bearer(answer.json()["key"].as_str().unwrap());
                good += usize::from(client.get("/users").await.status == 200);
            }
            _ => _ = answer.problem(412, "conflict"),
        }
    }
    // Those that came one after the other replaced each other's.
    assert_eq!(good, 1);
    let (one, other) = (root.clone(), root.clone());
    let (path, again) = (id.clone(), id.clone());
    let rotation = tokio::spawn(async move { rotate(&one, &path, &json!({})).await });
    let ending = tokio::spawn(async move { end(&other, &again).await });
    ending.await.unwrap().expect(200);
    let rotated = rotation.await.unwrap();
    if rotated.status == 200 {
        let client = server.bearer(rotated.json()["key"].as_str().unwrap());
        client.get("/users").await.problem(401, "unauthenticated");
    }
    assert!(listed(&root).await.is_empty());
}

#[tokio::test]
async fn the_last_use_appears_and_is_noted_once_a_minute() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (_, client) = make(&server, &root, &key_of(&["users.view"])).await;
    assert!(listed(&root).await[0].get("used").is_none());
    let used_after = async |at_least: i64| {
        for _ in 0..200 {
            let used = listed(&root).await[0]["used"].as_i64();
            if let Some(used) = used.filter(|used| *used >= at_least) {
                return used;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no use was noted after {at_least}");
    };
    let begun = server.app.clock.now().0;
    client.get("/users").await.expect(200);
    let first = used_after(begun).await;
    server.app.clock.advance(30 * 1000);
    client.get("/users").await.expect(200);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(used_after(0).await, first);
    // Where it was refused it was used too.
    server.app.clock.advance(31 * 1000);
    client.get("/keys").await.problem(403, "missing_permission");
    assert!(used_after(first + MINUTE).await >= first + MINUTE);
}

#[tokio::test]
async fn a_dry_run_makes_renews_and_ends_nothing() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let made = root.post("/keys?dry_run=true", &key_of(&["users.view"])).await.expect(200).json();
    assert_eq!((made.get("key"), &made["dry_run"]), (None, &json!(true)));
    assert!(listed(&root).await.is_empty());
    let (id, client) = make(&server, &root, &key_of(&["users.view"])).await;
    let rotated = root.post(&format!("/keys/{id}/rotate?dry_run=true"), &json!({})).await.expect(200).json();
    assert_eq!((rotated.get("key"), &rotated["dry_run"]), (None, &json!(true)));
    let ended = end(&root, &format!("{id}?dry_run=true")).await.expect(200).json();
    assert_eq!(ended, json!({ "id": id, "dry_run": true }));
    client.get("/users").await.expect(200);
    // It is refused as the write would be.
    let clerk = server.key(&["api_keys.manage"]).await;
    clerk.post("/keys?dry_run=true", &key_of(&["users.view"])).await.problem(403, "not_held");
    end(&root, "nothing?dry_run=true").await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_told_with_its_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let now = server.app.clock.now().0;
    let good = json!({ "name": "edge", "permissions": ["users.view"] });
    for (field, value, path, says) in [
        (
            "permissions",
            json!(["users.view", "no.such"]),
            "$.permissions[1]",
            "there is no permission `no.such`",
        ),
        ("permissions", json!([]), "$.permissions", "name a permission at least"),
        ("permissions", json!("users.view"), "$.permissions", "expected an array"),
        ("scope", json!("nowhere/x"), "$.scope", "`nowhere/x` is not a place"),
        ("scope", json!("a//b"), "$.scope", "`a//b`: "),
        ("expires", json!(now), "$.expires", "has passed"),
        ("expires", json!("90d"), "$.expires", "`90d` is no time: write a date such as 2027-01-31"),
        ("expires", json!(1.5), "$.expires", "expected a time"),
        ("expires", json!("1999-12-31"), "$.expires", "has passed"),
        ("name", json!(" "), "$.name", "a name is needed"),
        ("name", json!("x".repeat(121)), "$.name", "120 characters at most"),
        ("grace", json!(1), "$.grace", "`grace` is not known here: leave it out, or write one of `name`"),
        (
            "made_by",
            json!("operator"),
            "$.made_by",
            "`made_by` is not known here: leave it out, or write one of `name`",
        ),
        ("hash", json!("0"), "$.hash", "`hash` is not known here: leave it out, or write one of `name`"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let details = root.post("/keys", &body).await.problem(422, "invalid");
        let error = &details["errors"][0];
        assert_eq!(error["path"], path, "{body}: {details}");
        assert!(error["message"].as_str().unwrap().contains(says), "{body}: {details}");
    }
    for missing in ["name", "permissions"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(missing);
        root.post("/keys", &body).await.problem(422, "invalid");
    }
    let (id, client) = make(&server, &root, &good).await;
    for (body, path) in [
        (json!({ "grace": 7 * DAY + 1 }), "$.grace"),
        (json!({ "grace": u64::MAX }), "$.grace"),
        (json!({ "grace": -1 }), "$.grace"),
        (json!({ "grace": "1d" }), "$.grace"),
        (json!({ "expires": now + DAY }), "$.expires"),
    ] {
        let details = rotate(&root, &id, &body).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], path, "{body}");
    }
    root.get("/keys?hash=1").await.problem(422, "invalid");
    root.post("/keys?force=true", &good).await.problem(422, "invalid");
    client.get("/users").await.expect(200);
}

#[tokio::test]
async fn keys_are_listed_by_name_in_pages() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for name in ["b", "C", "a"] {
        root.post("/keys", &json!({ "name": name, "permissions": ["users.view"] })).await.expect(201);
    }
    let page = root.get("/keys?limit=2").await.expect(200).json();
    let next = page["next"].as_str().unwrap();
    let rest = root.get(&format!("/keys?limit=2&cursor={next}")).await.expect(200).json();
    let names: Vec<&Value> = [&page, &rest]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|key| &key["name"])
        .collect();
    assert_eq!(names, ["a", "b", "C"]);
    assert_eq!(page["total"], 3);
}

#[tokio::test]
async fn keys_are_searched_by_name_word_by_word() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for name in ["Edge in Berlin", "Edge in Rome", "Sync"] {
        root.post("/keys", &json!({ "name": name, "permissions": ["users.view"] })).await.expect(201);
    }
    for (words, found) in [
        ("", &["Edge in Berlin", "Edge in Rome", "Sync"][..]),
        ("edge", &["Edge in Berlin", "Edge in Rome"]),
        ("rome EDGE", &["Edge in Rome"]),
        ("paris", &[]),
    ] {
        let page = root.get(&format!("/keys?search={}", words.replace(' ', "%20"))).await.expect(200).json();
        let names: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|key| &key["name"]).collect();
        assert_eq!(names, found, "{words}");
        assert_eq!(page["total"], found.len(), "{words}");
    }
    // A page goes on in its own search alone.
    let page = root.get("/keys?search=edge&limit=1").await.expect(200).json();
    let next = page["next"].as_str().unwrap();
    root.get(&format!("/keys?search=edge&limit=1&cursor={next}")).await.expect(200);
    root.get(&format!("/keys?limit=1&cursor={next}")).await.problem(422, "invalid");
}

#[tokio::test]
async fn a_key_of_an_older_version_means_what_it_meant() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    let body = json!({
        "name": "old", "permissions": ["users.view"], "created": 1000,
        "hash": rolewright_server::secret::stored("secret"),
    });
    let put = RecordOp::Put { kind: key::KIND.to_owned(), key: "abc".to_owned(), record: Record::new(body) };
    tenant.store().edit_records(tenant.id(), vec![put], now).await.unwrap();
    let old = server.bearer("rwk_abc_secret");
    old.get("/users").await.expect(200);
    let listed = listed(&root).await;
    assert_eq!((&listed[0]["scope"], &listed[0]["created"]), (&json!("/"), &json!(1000)));
    assert!(listed[0].get("expires").is_none() && listed[0].get("made_by").is_none());
    let made = rotate(&root, "abc", &json!({})).await.expect(200).json();
    old.get("/users").await.problem(401, "unauthenticated");
    server.bearer(made["key"].as_str().unwrap()).get("/users").await.expect(200);
}

#[tokio::test]
async fn a_browser_needs_no_key() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    // All that a page asks with is its cookie: what it is, its own snapshot, its pass, the stream.
    for path in ["/session", "/snapshot?kind=subject", "/changes"] {
        root.get(path).await.expect(200);
    }
    root.post("/passes", &json!({})).await.expect(200);
    let page = server.nobody().page("/").await.text();
    assert!(!page.contains("rwk_"));
}

#[tokio::test]
async fn a_stream_ends_soon_after_its_key_also_where_the_tenant_keeps_changing() {
    use http_body_util::BodyExt as _;

    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, machine) = make(&server, &root, &key_of(&["snapshot.policy"])).await;
    let request = axum::http::Request::get("/api/v1/tenants/default/changes")
        .header("authorization", machine.header("authorization"))
        .body(Body::empty())
        .unwrap();
    let mut stream = server.front.answer(None, request).await.into_body();
    assert!(stream.frame().await.is_some());
    end(&root, &id).await.expect(200);
    let busy = tokio::spawn(async move {
        for n in 0.. {
            root.post("/groups", &json!({ "name": format!("G{n}") })).await.expect(201);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let ended =
        tokio::time::timeout(Duration::from_secs(9), async { while stream.frame().await.is_some() {} });
    assert!(ended.await.is_ok(), "it still tells what changes");
    busy.abort();
}

#[tokio::test]
async fn nobody_edits_their_own_attributes_by_a_key_of_theirs() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["users.manage", "users.view", "api_keys.view", "api_keys.manage"];
    let eve = server.person_who_may(&root, "eve@example.com", &may).await;
    let ana = server.person_who_may(&root, "ana@example.com", &may).await;
    let body = json!({ "name": "hers", "permissions": may });
    let secret = |answer: Answer| {
        let answer = answer.json();
        (answer["id"].as_str().unwrap().to_owned(), answer["key"].as_str().unwrap().to_owned())
    };
    let (id, key) = secret(eve.post("/keys", &body).await.expect(201));
    let by_eve = server.bearer(&key).with("if-match", "*");
    let attributes = json!({ "department": "sales" });
    let of = |client: &Client| format!("/users/{}/attributes", client.user);
    let put = async |by: &Client, of: String| by.put(&of, "*", &attributes).await;
    put(&by_eve, of(&eve)).await.problem(403, "own_attributes");
    put(&by_eve, of(&ana)).await.expect(200);
    // Nor by a key that it makes.
    let (_, made) = secret(by_eve.post("/keys", &body).await.expect(201));
    put(&server.bearer(&made), of(&eve)).await.problem(403, "own_attributes");
    // A new secret is told to who asks for it; who knew the former one knew the key.
    let path = format!("/keys/{id}/rotate");
    let (_, renewed) = secret(ana.post(&path, &json!({ "grace": 0 })).await.expect(200));
    let renewed = server.bearer(&renewed);
    put(&renewed, of(&ana)).await.problem(403, "own_attributes");
    put(&renewed, of(&eve)).await.problem(403, "own_attributes");
    // A key of the operator's is nobody's.
    let operators = server.key(&may).await;
    put(&operators, of(&ana)).await.expect(200);
}
