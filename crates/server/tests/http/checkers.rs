//! Keys, decisions, snapshots, stamps, passes, and the stream of changes.

use rolewright_model::snapshot::{Compact, Content, Delta, SnapshotKind};
use rolewright_server::secret::sha256_bytes;
use rolewright_wire::check::STAMP_LIFETIME;
use serde_json::{Value, json};

use crate::support::{Client, TestServer, public_key, verified, verified_bytes, verified_snapshot};

#[tokio::test]
async fn a_key_does_what_it_was_made_for_and_nothing_else() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let edge = server.key(&["snapshot.policy", "passes.issue"]).await;
    edge.get("/snapshot?kind=policy").await.expect(200);
    edge.post("/passes", &json!({ "subject": root.user })).await.expect(200);
    for (path, permission) in
        [("/snapshot?kind=full", "snapshot.full"), ("/users", "users.view"), ("/policy", "roles.view")]
    {
        let details = edge.get(path).await.problem(403, "missing_permission");
        assert_eq!(details["permission"], permission);
    }
    let check = json!({ "subject": root.user, "permission": "reports.run" });
    edge.post("/check", &check).await.problem(403, "missing_permission");
    server.key(&["access.check"]).await.post("/check", &check).await.expect(200);
    edge.get("/snapshot?kind=subject").await.problem(422, "invalid");
    assert_eq!(edge.get("/session").await.expect(200).json()["kind"], "key");
    edge.post("/roles", &json!({ "id": "x", "name": "X" })).await.problem(403, "missing_permission");
    // A key gives no more than it holds either.
    let manager = server.key(&["roles.manage", "users.assign_roles"]).await;
    let give = json!({ "principal": { "user": root.user }, "role": "admin", "scope": "/" });
    manager.post("/assignments", &give).await.problem(403, "not_held");
    for bad in ["Bearer rwk_0_0", "Bearer x", "Basic eDp5", "Bearer "] {
        let nobody = server.nobody().with("authorization", bad);
        nobody.get("/snapshot?kind=policy").await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn decisions_are_the_models_own() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let give = json!({ "principal": { "user": ana.user }, "role": "operator", "scope": "servers/prod" });
    root.post("/assignments", &give).await.expect(201);
    let ask = |body: Value| {
        let root = root.clone();
        async move { root.post("/check", &body).await.expect(200).json() }
    };
    let state = server.tenant().await.loaded();
    let permission =
        state.state.catalogue().permissions().iter().find(|it| it.id().starts_with("tasks.")).unwrap();
    for resource in ["servers/prod", "servers/prod/tasks/t", "servers/dev", "/", "servers/../x", "nowhere/x"]
    {
        let body = json!({ "subject": ana.user, "permission": permission.id(), "resource": resource });
        let expected = state.state.decide(&rolewright_model::Question {
            subject: &ana.user,
            permission: permission.id(),
            resource,
            asked: None,
            request: rolewright_model::Request::new(server.app.clock.now()),
        });
        assert_eq!(ask(body.clone()).await, serde_json::to_value(expected).unwrap(), "{resource}");
        ana.post("/check", &body).await.expect(200);
    }
    assert_eq!(ask(json!({ "subject": "x", "permission": "tasks.run" })).await["reason"], "unknown_subject");
    assert_eq!(ask(json!({ "subject": ana.user, "permission": "x" })).await["reason"], "unknown_permission");
    assert_eq!(ask(json!({ "subject": ana.user, "operation": "x" })).await["reason"], "unknown_operation");
    let operation = &state.state.catalogue().operations()[0].id;
    assert!(ask(json!({ "subject": ana.user, "operation": operation })).await["alternatives"].is_array());
    for wrong in [
        json!({ "subject": ana.user }),
        json!({ "subject": ana.user, "permission": "a", "operation": "b" }),
        json!({ "subject": ana.user, "operation": "b", "resource": "/" }),
        json!({ "subject": ana.user, "permission": "a", "resources": { "x": "/" } }),
    ] {
        root.post("/check", &wrong).await.problem(422, "invalid");
    }
    ana.post("/check", &json!({ "subject": root.user, "permission": "a" }))
        .await
        .problem(403, "missing_permission");
}

#[tokio::test]
async fn snapshots_are_signed_and_confirmed_by_stamps() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = public_key(&server.nobody()).await;
    for (kind, is) in
        [("policy", SnapshotKind::Policy), ("full", SnapshotKind::Full), ("subject", SnapshotKind::Subject)]
    {
        let path = format!("/snapshot?kind={kind}");
        let first = root.get(&path).await.expect(200);
        let document = verified_snapshot(&first.body, &key);
        let hash = rolewright_server::secret::sha256(&document);
        assert_eq!(first.etag(), format!("\"{hash}\""));
        let snapshot = Compact::decode(&document).unwrap();
        assert_eq!((snapshot.kind, snapshot.tenant.as_str()), (is, "default"));
        assert!(!String::from_utf8_lossy(&document).contains("root@example.com"));

        let head = server.tenant().await.loaded().head.clone();
        let stamp = verified(first.header("rolewright-stamp"), "rolewright-stamp", &key);
        assert_eq!((&stamp["kind"], &stamp["content"]), (&json!(kind), &json!(hash)));
        assert_eq!((&stamp["tenant"], &stamp["log_head"]), (&json!("default"), &json!(head.log_hash)));
        assert_eq!(stamp["at"], json!({ "epoch": 0, "revision": head.at.revision }));
        assert_eq!(stamp["expires"].as_i64().unwrap() - stamp["issued"].as_i64().unwrap(), 300_000);

        server.app.clock.advance(1000);
        let same = root.with("if-none-match", &first.etag()).get(&path).await.expect(304);
        assert!(same.body.is_empty());
        assert_eq!(same.etag(), first.etag());
        let newer = verified(same.header("rolewright-stamp"), "rolewright-stamp", &key);
        assert!(newer["issued"].as_i64() > stamp["issued"].as_i64());
        assert_eq!(newer["content"], stamp["content"]);

        assert_eq!(first.header("cache-control"), "private, no-store");
        let asked = root.get(&format!("{path}&nonce=a1-b2")).await.expect(200);
        let known = verified(asked.header("rolewright-stamp"), "rolewright-stamp", &key);
        assert_eq!((stamp.get("nonce"), &known["nonce"]), (None, &json!("a1-b2")));

        root.post("/groups", &json!({ "name": format!("Group {kind}") })).await.expect(201);
        let moved = root.with("if-none-match", &first.etag()).get(&path).await.expect(200);
        assert_ne!(moved.etag(), first.etag());
    }
    root.get(&format!("/snapshot?kind=full&nonce={}", "n".repeat(65))).await.problem(422, "invalid");
    root.get("/snapshot?kind=everything").await.problem(422, "invalid");
    root.get("/snapshot").await.problem(422, "invalid");
}

#[tokio::test]
async fn who_holds_a_revision_is_led_on_from_it_by_a_delta() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = public_key(&server.nobody()).await;
    // Small changes beside something to hold.
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(server.person(&root, &format!("p{number}@example.com"), &[]).await);
    }
    let group = root.post("/groups", &json!({ "name": "Group" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap();
    for (kind, name) in [(SnapshotKind::Full, "full"), (SnapshotKind::Policy, "policy")] {
        let path = format!("/snapshot?kind={name}");
        let held = root.get(&path).await.expect(200);
        let bytes = verified_snapshot(&held.body, &key);
        let compact = Compact::decode(&bytes).unwrap();
        let content = Content(sha256_bytes(&bytes));
        let since = format!("{path}&since={}", compact.index.at());
        let holding = root.with("if-none-match", &held.etag());
        holding.get(&since).await.expect(304);

        // A policy snapshot says no more of it than the revision.
        let member = json!({ "user": people[kind as usize].user });
        root.post(&format!("/groups/{group}/members"), &member).await.expect(201);
        let led = holding.get(&since).await.expect(200);
        assert_eq!(led.header("content-type"), "application/vnd.rolewright.delta", "{name}");
        let delta = verified_bytes(&led.body, "rolewright-delta", &key);
        let fresh = root.get(&path).await.expect(200);
        assert_eq!(fresh.header("content-type"), "application/vnd.rolewright.snapshot");
        assert_eq!(led.etag(), fresh.etag());
        let stamp = verified(led.header("rolewright-stamp"), "rolewright-stamp", &key);
        assert_eq!(led.etag(), format!("\"{}\"", stamp["content"].as_str().unwrap()));
        assert!(led.body.len() < fresh.body.len());
        let after = compact.apply(content, Delta::decode(&delta).unwrap()).unwrap();
        assert!(after.encode() == verified_snapshot(&fresh.body, &key), "{name}");

        // Once more, and to somebody who does not say which bytes.
        assert_eq!(holding.get(&since).await.expect(200).body, led.body);
        assert_eq!(root.get(&since).await.expect(200).body, led.body);
        // Whoever holds other bytes, or what is not known here, is given the whole.
        let whole = [
            root.with("if-none-match", "\"0000\"").get(&since).await,
            root.get(&format!("{path}&since=0.1")).await,
            root.get(&format!("{path}&since=7.1")).await,
            root.get(&format!("{path}&since={}", after.index.at())).await,
        ];
        for answer in whole {
            assert_eq!(answer.expect(200).body, fresh.body, "{name}");
        }
    }
    root.get("/snapshot?kind=subject&since=0.1").await.expect(200);
    for wrong in ["", "1", "1.", ".1", "a.b", "-1.1", "1.2.3"] {
        root.get(&format!("/snapshot?kind=full&since={wrong}")).await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn who_knows_another_history_is_told_so() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let mut heads = Vec::new();
    for name in ["A", "B", "C"] {
        root.post("/groups", &json!({ "name": name })).await.expect(201);
        heads.push(server.tenant().await.loaded().head.clone());
    }
    let [past, _, now] = &heads[..] else { panic!("three changes were made") };
    let other = "0".repeat(64);
    let ahead = now.at.revision + 1;
    for kind in ["full", "policy", "subject"] {
        let path = format!("/snapshot?kind={kind}&log_head=");
        let etag = root.get(&format!("/snapshot?kind={kind}")).await.expect(200).etag();
        let holding = root.with("if-none-match", &etag);
        for head in [past, now] {
            let path = format!("{path}{}.{}", head.at, head.log_hash);
            root.get(&path).await.expect(200);
            holding.get(&path).await.expect(304);
        }
        for unlike in [
            format!("{}.{other}", past.at),
            format!("{}.{other}", now.at),
            format!("{}.{}", past.at, now.log_hash),
            format!("0.{ahead}.{other}"),
            format!("1.1.{other}"),
        ] {
            for client in [&root, &holding] {
                client.get(&format!("{path}{unlike}")).await.problem(409, "other_history");
            }
        }
        for wrong in ["", "0.1", &other, "0.1.zz"] {
            root.get(&format!("{path}{wrong}")).await.problem(422, "invalid");
        }
    }
    // Who may not have the snapshot learns nothing of the log.
    ana.get(&format!("/snapshot?kind=full&log_head=0.1.{other}")).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn what_is_revoked_stays_in_the_snapshot_for_the_lifetime_of_a_pass() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let give = json!({ "principal": { "user": ana.user }, "role": "admin", "scope": "/" });
    let link = root.post("/assignments", &give).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    root.delete(&format!("/assignments/{link}"), "*").await.expect(200);
    let revoked = async |client: &Client| {
        let body = client.get("/snapshot?kind=policy").await.expect(200).body;
        let key = public_key(client).await;
        Compact::decode(verified_snapshot(&body, &key)).unwrap().revoked
    };
    let told = revoked(&root).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id, link);
    server.app.clock.advance(16 * 60 * 1000);
    root.post("/groups", &json!({ "name": "G" })).await.expect(201);
    assert!(revoked(&root).await.is_empty());
}

#[tokio::test]
async fn a_pass_reads_its_subjects_own_snapshot_and_nothing_else() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    let edge = server.key(&["passes.issue"]).await;
    let issue = async |body: Value| {
        let told = edge.post("/passes", &body).await.expect(200).json();
        told["pass"].as_str().unwrap().to_owned()
    };
    let carrying = |pass: &str| server.nobody().with("authorization", &format!("Bearer {pass}"));
    let began = ana.get("/session").await.json()["began"].clone();
    let pass = issue(json!({ "subject": ana.user, "session": began })).await;
    let page = carrying(&pass);
    let own = page.get("/snapshot?kind=subject").await.expect(200);
    let theirs = ana.get("/snapshot?kind=subject").await.expect(200);
    assert_eq!(own.header("etag"), theirs.header("etag"));
    assert_eq!(own.header("vary"), "Authorization, Cookie");
    for kind in ["policy", "full"] {
        page.get(&format!("/snapshot?kind={kind}")).await.problem(403, "missing_permission");
    }
    for path in ["/session", "/users", "/policy", "/changes", "/audit"] {
        page.get(path).await.problem(401, "unauthenticated");
    }
    page.post("/passes", &json!({})).await.problem(401, "unauthenticated");
    page.post("/check", &json!({ "permission": "reports.run" })).await.problem(401, "unauthenticated");
    // What was changed, and what is signed for something else, is none.
    let stamp = own.header("rolewright-stamp");
    for bad in [format!("{pass}x"), pass.replace('.', ".."), stamp.to_owned()] {
        carrying(&bad).get("/snapshot?kind=subject").await.problem(401, "unauthenticated");
    }
    // It is good for minutes, for who is active.
    root.put(&format!("/users/{}/status", ana.user), "*", &json!({ "status": "disabled" })).await.expect(200);
    page.get("/snapshot?kind=subject").await.problem(401, "unauthenticated");
    root.put(&format!("/users/{}/status", ana.user), "*", &json!({ "status": "active" })).await.expect(200);
    page.get("/snapshot?kind=subject").await.expect(200);
    server.app.clock.advance(15 * 60 * 1000);
    page.get("/snapshot?kind=subject").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_pass_says_what_its_subject_holds() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = public_key(&server.nobody()).await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    let pass = ana.post("/passes", &json!({})).await.expect(200);
    assert_eq!(pass.header("cache-control"), "no-store");
    let claims = verified(pass.json()["pass"].as_str().unwrap(), "rolewright-pass", &key);
    assert_eq!(claims["aud"], "rolewright:default");
    assert_eq!(claims["pass"]["subject"], ana.user);
    assert_eq!(claims["pass"]["holdings"][0]["role"], "admin");
    assert_eq!(claims["expires"].as_i64().unwrap() - claims["issued"].as_i64().unwrap(), 15 * 60 * 1000);
    assert_eq!(claims["expires"], pass.json()["expires"]);
    let began = &ana.get("/session").await.json()["began"];
    assert_eq!(&claims["pass"]["session"], began);
    // Renewing keeps the session's start.
    root.post("/groups", &json!({ "name": "G" })).await.expect(201);
    let renewed = ana.post("/passes", &json!({ "subject": ana.user })).await.expect(200).json();
    let renewed = verified(renewed["pass"].as_str().unwrap(), "rolewright-pass", &key);
    assert_eq!(&renewed["pass"]["session"], began);
    assert!(renewed["pass"]["at"]["revision"].as_u64() > claims["pass"]["at"]["revision"].as_u64());

    for client in [&ana, &root] {
        client.post("/passes", &json!({ "subject": "u_other" })).await.problem(403, "missing_permission");
    }
    let edge = server.key(&["passes.issue"]).await;
    let session = json!({ "epoch": 0, "revision": 1 });
    let told =
        edge.post("/passes", &json!({ "subject": ana.user, "session": session })).await.expect(200).json();
    let claims = verified(told["pass"].as_str().unwrap(), "rolewright-pass", &key);
    assert_eq!(claims["pass"]["session"], session);
    edge.post("/passes", &json!({})).await.problem(422, "invalid");
    edge.post("/passes", &json!({ "subject": "nobody" })).await.problem(404, "not_found");
    let future = json!({ "subject": ana.user, "session": { "epoch": 0, "revision": 999 } });
    edge.post("/passes", &future).await.problem(422, "invalid");
    server
        .key(&["snapshot.policy"])
        .await
        .post("/passes", &json!({ "subject": ana.user }))
        .await
        .problem(403, "missing_permission");
}

#[tokio::test]
async fn the_stream_tells_each_revision_at_once() {
    use http_body_util::BodyExt as _;

    let server = TestServer::new().await;
    let root = server.superuser().await;
    let token = server.key(&["snapshot.policy"]).await;
    token.get("/changes").await.expect(200);
    server.nobody().get("/changes").await.problem(401, "unauthenticated");
    let bearer = token.header("authorization").to_owned();
    let listen = async |last: &str| {
        let request = axum::http::Request::get("/api/v1/tenants/default/changes")
            .header("authorization", &bearer)
            .header("last-event-id", last)
            .body(axum::body::Body::empty())
            .unwrap();
        server.front.answer(None, request).await.into_body()
    };
    let next = async |body: &mut axum::body::Body| {
        let frame = tokio::time::timeout(std::time::Duration::from_secs(5), body.frame()).await.unwrap()?;
        Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
    };
    let mut behind = listen("0.1").await;
    let event = next(&mut behind).await.unwrap();
    assert!(
        event.contains("id: 0.3\n") && event.contains(r#"data: {"at":{"epoch":0,"revision":3}}"#),
        "{event}"
    );
    let mut level = listen("0.3").await;
    let begun = std::time::Instant::now();
    root.post("/groups", &json!({ "name": "G" })).await.expect(201);
    assert!(next(&mut level).await.unwrap().contains("id: 0.4\n"));
    assert!(next(&mut behind).await.unwrap().contains("id: 0.4\n"));
    assert!(begun.elapsed().as_secs() < 1);
    server.app.stop();
    assert_eq!(next(&mut level).await, None);
}

#[tokio::test]
async fn who_asks_for_snapshots_with_a_key_is_listed_with_the_revision_that_it_was_told() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let edge = server.key(&["snapshot.policy"]).await.with("user-agent", "edge/1");
    edge.get("/snapshot?kind=full").await.problem(403, "missing_permission");
    root.get("/snapshot?kind=full").await.expect(200);
    root.get("/snapshot?kind=subject").await.expect(200);
    assert_eq!(root.get("/checkers").await.expect(200).json()["total"], 0, "no key was given one");

    let etag = edge.get("/snapshot?kind=policy").await.expect(200).etag();
    let list = || async { root.get("/checkers").await.expect(200).json()["items"].clone() };
    let rows = list().await;
    let row = &rows[0];
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&row["kind"], &row["agent"]), (&json!("policy"), &json!("edge/1")));
    assert_eq!((&row["behind"], &row["expired"]), (&json!(0), &json!(false)));
    let key = root.get("/keys").await.expect(200).json()["items"][0].clone();
    assert_eq!((&row["key"], &row["key_name"]), (&key["id"], &key["name"]));

    root.post("/roles", &json!({ "id": "x", "name": "X" })).await.expect(201);
    assert_eq!(list().await[0]["behind"], 1);
    edge.with("if-none-match", &etag).get("/snapshot?kind=policy").await.expect(200);
    assert_eq!(list().await[0]["behind"], 0);
    server.app.clock.advance(STAMP_LIFETIME);
    assert_eq!(list().await[0]["expired"], true, "its stamp is no longer good");

    server.key(&["access.check"]).await.get("/checkers").await.problem(403, "missing_permission");
    root.delete(&format!("/keys/{}", key["id"].as_str().unwrap()), key["etag"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(list().await[0].get("key_name"), None, "the key is no longer good");
}
