//! Viewing as somebody else: what they see is seen, nothing is changed, and it stands in the log.

use axum::http::Method;
use futures_util::future::join_all;
use rolewright_model::Change;
use rolewright_model::directory::Status;
use serde_json::{Value, json};

use crate::described::Operation;
use crate::isolation::{Ids, of_tenants, send};
use crate::support::{Answer, Client, PASSWORD, TestServer};

const MINUTE: i64 = 60 * 1000;
/// What it takes of Rolewright's own permissions to view as a person.
const VIEWS: [&str; 2] = ["access.explain", "users.view"];

async fn view(client: &Client, whom: Value) -> Answer {
    client.write(Method::PUT, "/session/view?reason=they%20see%20no%20reports", &whom).await
}

async fn view_user(client: &Client, user: &Client) -> Answer {
    view(client, json!({ "user": user.user })).await
}

async fn exit(client: &Client) -> Answer {
    client.write(Method::DELETE, "/session/view", &json!({})).await
}

/// As whom the session sees.
async fn viewed(client: &Client) -> Value {
    client.get("/session").await.expect(200).json()["view"]["whom"].clone()
}

/// The newest entries of the log, the newest first.
async fn newest(root: &Client, count: usize) -> Vec<Value> {
    let log = root.get(&format!("/audit?limit={count}")).await.expect(200).json();
    log["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn who_views_as_a_person_sees_what_they_see_until_it_is_ended() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person_who_may(&root, "ana@example.com", &["users.view"]).await;
    view_user(&root, &ana).await.expect(204);

    let session = root.get("/session").await.expect(200).json();
    assert_eq!((&session["user"], &session["email"]), (&json!(root.user), &json!("root@example.com")));
    assert_eq!(session["view"]["whom"], json!({ "user": ana.user }));
    assert_eq!(session["view"]["name"], "ana@example.com");
    root.get("/users").await.expect(200);
    root.get("/roles").await.problem(403, "missing_permission");
    root.get("/audit").await.problem(403, "missing_permission");
    // What the app asks the model with is what Ana's own app does.
    let [theirs, own] = [&root, &ana].map(|client| client.get("/snapshot?kind=subject"));
    let (theirs, own) = (theirs.await.expect(200), own.await.expect(200));
    assert_eq!(theirs.header("etag"), own.header("etag"));
    // A question keeps nothing, and is theirs.
    for (who, expected) in [(&ana.user, 200), (&root.user, 403)] {
        root.get(&format!("/users/{who}/anywhere?permission=reports.run")).await.expect(expected);
    }
    // Ana is where she was, and so is who views in another session.
    assert_eq!(viewed(&ana).await, Value::Null);

    exit(&root).await.expect(204);
    assert_eq!(viewed(&root).await, Value::Null);
    root.get("/roles").await.expect(200);
    exit(&root).await.problem(404, "not_found");
}

#[tokio::test]
async fn who_views_as_a_role_sees_what_that_role_alone_shows() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = json!({ "id": "auditor", "name": "Auditor", "grants": { "audit.view": "allowed" } });
    root.post("/roles", &role).await.expect(201);
    view(&root, json!({ "role": "auditor" })).await.expect(204);
    let session = root.get("/session").await.expect(200).json();
    assert_eq!(session["view"]["name"], "Auditor");
    root.get("/audit").await.expect(200);
    root.get("/users").await.problem(403, "missing_permission");
    let snapshot = root.get("/snapshot?kind=subject").await.expect(200);
    assert!(!snapshot.text().contains(&root.user));
    // Nobody's own account is theirs.
    root.get(&format!("/users/{}", root.user)).await.problem(403, "missing_permission");
    exit(&root).await.expect(204);
}

#[tokio::test]
async fn who_views_may_see_and_holds_all_that_the_other_does() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person_who_may(&root, "ana@example.com", &["roles.view"]).await;
    let nil = server.person(&root, "nil@example.com", &[]).await;
    let role =
        |id: &str, permission: &str| json!({ "id": id, "name": id, "grants": { permission: "allowed" } });
    root.post("/roles", &role("explainer", "access.explain")).await.expect(201);
    root.post("/roles", &role("auditor", "audit.view")).await.expect(201);
    let invited = root.post("/users", &json!({ "email": "new@example.com" })).await.expect(201).json();
    let (as_ana, as_nil) = (json!({ "user": ana.user }), json!({ "user": nil.user }));
    let (root_too, invited) = (json!({ "user": root.user }), json!({ "user": invited["user"] }));
    let as_role = |id: &str| json!({ "role": id });
    for (n, (permissions, whom, expected)) in [
        (&[][..], &as_nil, Some((403, "missing_permission"))),
        (&["access.explain"], &as_nil, Some((403, "missing_permission"))),
        (&["users.view"], &as_nil, Some((403, "missing_permission"))),
        (&["users.view", "users.manage", "roles.escalate"], &as_nil, Some((403, "missing_permission"))),
        (&VIEWS, &as_nil, None),
        (&VIEWS, &as_ana, Some((403, "person_holds_more"))),
        (&["access.explain", "users.view", "roles.view"], &as_ana, None),
        (&["access.explain", "users.view", "roles.escalate"], &as_ana, Some((403, "person_holds_more"))),
        (&VIEWS, &root_too, Some((403, "person_holds_more"))),
        (&VIEWS, &invited, Some((422, "invalid"))),
        (&VIEWS, &json!({ "user": "nobody" }), Some((404, "unknown"))),
        (&["users.view"], &json!({ "user": "nobody" }), Some((403, "missing_permission"))),
        (&VIEWS, &as_role("explainer"), Some((403, "missing_permission"))),
        (&["access.explain", "roles.view"], &as_role("explainer"), None),
        (&["access.explain", "roles.view"], &as_role("auditor"), Some((403, "not_held"))),
        (&["access.explain", "roles.view"], &as_role("superuser"), Some((403, "superuser_only"))),
        (&["access.explain", "roles.view"], &as_role("nothing"), Some((404, "unknown"))),
        (&["roles.view"], &as_role("nothing"), Some((403, "missing_permission"))),
    ]
    .into_iter()
    .enumerate()
    {
        let max = server.person_who_may(&root, &format!("max{n}@example.com"), permissions).await;
        let before = server.tenant().await.loaded().state.at();
        let answer = view(&max, whom.clone()).await;
        match expected {
            None => assert_eq!(answer.status, 204, "{permissions:?} {whom}: {}", answer.text()),
            Some((status, code)) => {
                answer.problem(status, code);
                assert_eq!(server.tenant().await.loaded().state.at(), before, "{permissions:?} {whom}");
            }
        }
        assert_eq!(viewed(&max).await == *whom, expected.is_none(), "{permissions:?} {whom}");
    }
    view(&root, root_too).await.problem(422, "invalid");
    view(&root, as_role("superuser")).await.expect(204);
}

#[tokio::test]
async fn keys_view_as_nobody_and_a_reason_is_needed() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nil = server.person(&root, "nil@example.com", &[]).await;
    let whom = json!({ "user": nil.user });
    let key = server.key(&["access.explain", "users.view", "roles.view"]).await;
    view(&key, whom.clone()).await.problem(403, "session_needed");
    exit(&key).await.problem(403, "session_needed");
    server
        .nobody()
        .with("sec-fetch-site", "same-origin")
        .get("/session")
        .await
        .problem(401, "unauthenticated");

    for path in ["/session/view", "/session/view?reason=", "/session/view?reason=%20"] {
        let told = root.write(Method::PUT, path, &whom).await.problem(422, "invalid");
        assert_eq!(told["errors"][0]["path"], "query.reason", "{path}");
    }
    // To ask whether one may takes no reason, and begins nothing.
    root.write(Method::PUT, "/session/view?dry_run=true", &whom).await.expect(200);
    assert_eq!(viewed(&root).await, Value::Null);
    // It is no part of others.
    let batch = json!({ "changes": [{ "change": "view_as", "whom": whom, "until": 0 }] });
    root.with("if-match", "*").post("/batch", &batch).await.problem(422, "invalid");
}

/// What is asked by another method than GET, and keeps nothing.
fn is_question(operation: &Operation) -> bool {
    let path = operation.path.split("{tenant}").nth(1).unwrap();
    let asked = ["/check", "/explain", "/missing", "/users/held", "/users/{id}/places"];
    operation.method == Method::GET || asked.contains(&path)
}

#[tokio::test]
async fn every_write_of_a_session_that_views_is_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    // Who may as much as who views: what is refused is refused for the viewing.
    let ada = server.person(&root, "ada@example.com", &["superuser"]).await;
    view_user(&root, &ada).await.expect(204);
    let before = server.tenant().await.loaded().state.at();
    let (mut refused, mut wrong) = (0, Vec::new());
    for operation in of_tenants().iter().filter(|operation| !operation.is_open) {
        let (method, path) = (operation.method.clone(), operation.path.clone());
        if !path.starts_with("/api/")
            || method == Method::DELETE && (path.ends_with("/session") || path.ends_with("/view"))
        {
            continue;
        }
        let answer = send(&root, operation, &ids.path(operation, "default"), Some("*")).await;
        let is_viewing = answer.status == 403 && answer.text().contains("urn:rolewright:problem:viewing");
        // One's own sessions are one's own to see.
        let is_own = path.ends_with("/session/all");
        refused += usize::from(is_viewing);
        if is_viewing != (!is_question(operation) || is_own) {
            wrong.push(format!("{method} {path}: {} {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 50, "{refused}");
    assert_eq!(server.tenant().await.loaded().state.at(), before);
    assert_eq!(viewed(&root).await, json!({ "user": ada.user }));
    // Nor is anything tried out, nor done by way of the decision point, which is asked.
    root.post("/roles?dry_run=true", &json!({ "id": "x", "name": "X" })).await.problem(403, "viewing");
    let asked = json!({
        "subject": { "type": "user", "id": ada.user }, "action": { "name": "reports.run" },
        "resource": { "type": "tenant", "id": "default" }
    });
    let answer = root.post("/access/v1/evaluation", &asked).await;
    assert_ne!(answer.status, 403, "{}", answer.text());
}

#[tokio::test]
async fn it_ends_after_an_hour_by_itself() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nil = server.person(&root, "nil@example.com", &[]).await;
    server.app.clock.advance(6 * MINUTE);
    view_user(&root, &nil).await.expect(204);
    // Its use is noted meanwhile.
    for _ in 0..5 {
        server.app.clock.advance(11 * MINUTE);
        root.get("/users").await.problem(403, "missing_permission");
    }
    server.app.clock.advance(4 * MINUTE);
    assert_eq!(viewed(&root).await, json!({ "user": nil.user }));
    server.app.clock.advance(6 * MINUTE);
    let before = server.tenant().await.loaded().state.at().revision;
    // Once, however many ask at the same time, each as themselves.
    let asked = join_all((0..8).map(|_| root.get("/users"))).await;
    assert!(asked.iter().all(|answer| answer.status == 200));
    assert_eq!(server.tenant().await.loaded().state.at().revision, before + 1);
    assert_eq!(viewed(&root).await, Value::Null);
    let [ended] = &newest(&root, 1).await[..] else { panic!() };
    assert_eq!(
        (&ended["action"], &ended["actor"]),
        (&json!("end_view_as"), &json!(format!("user:{}", root.user)))
    );
    assert_eq!(ended["reason"], "it had lasted an hour");
}

#[tokio::test]
async fn it_ends_where_it_could_not_begin_any_more() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = json!({ "id": "explainer", "name": "Explainer", "grants": { "access.explain": "allowed" } });
    root.post("/roles", &role).await.expect(201);
    for (n, (is_role, says)) in [
        (false, "`Access explorer: Explain`"),
        (false, "hold everything"),
        (false, "not active"),
        (true, "no role"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = |who: &str| format!("{who}{n}@example.com");
        let nil = server.person(&root, &name("nil"), &[]).await;
        let max =
            server.person_who_may(&root, &name("max"), &["access.explain", "users.view", "roles.view"]).await;
        let whom = if is_role { json!({ "role": "explainer" }) } else { json!({ "user": nil.user }) };
        view(&max, whom.clone()).await.expect(204);
        assert_eq!(viewed(&max).await, whom);
        match n {
            // Who views loses the right, who is viewed gets more, is disabled; the role goes.
            0 => {
                let held = root.get(&format!("/assignments?user={}", max.user)).await.expect(200).json();
                let id = held["items"][0]["assignment"]["id"].as_str().unwrap().to_owned();
                server.change(vec![Change::Unassign { id }]).await;
            }
            1 => {
                let give = json!({ "principal": { "user": nil.user }, "role": "admin", "scope": "/" });
                root.post("/assignments", &give).await.expect(201);
            }
            2 => {
                server
                    .change(vec![Change::SetStatus { id: nil.user.clone(), status: Status::Disabled }])
                    .await;
            }
            _ => {
                server.change(vec![Change::DeleteRole { id: "explainer".to_owned() }]).await;
            }
        }
        let before = server.tenant().await.loaded().state.at().revision;
        assert_eq!(viewed(&max).await, Value::Null, "{says}");
        // Once, whoever asks at the same time.
        max.get("/session").await.expect(200);
        assert_eq!(server.tenant().await.loaded().state.at().revision, before + 1);
        let ended = &newest(&root, 1).await[0];
        assert_eq!(ended["action"], "end_view_as");
        assert!(ended["reason"].as_str().unwrap().contains(says), "{ended}");
    }
}

#[tokio::test]
async fn its_begin_and_its_end_stand_in_the_log_with_who_whom_and_why() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let eve = server
        .person_who_may(&root, "eve@example.com", &["access.explain", "users.view", "roles.view"])
        .await;
    let nil = server.person(&root, "nil@example.com", &[]).await;
    view_user(&eve, &nil).await.expect(204);
    exit(&eve).await.expect(204);
    view(&eve, json!({ "role": "user" })).await.expect(204);
    // Who signs out ends it too.
    eve.write(Method::DELETE, "/session", &json!({})).await.expect(204);
    eve.get("/session").await.problem(401, "unauthenticated");
    let log = newest(&root, 4).await;
    // So does who signs in anew.
    let max = server.person_who_may(&root, "max@example.com", &VIEWS).await;
    view_user(&max, &nil).await.expect(204);
    max.post("/session", &json!({ "email": "max@example.com", "password": PASSWORD })).await.expect(200);
    max.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(newest(&root, 1).await[0]["action"], "end_view_as");
    let told: Vec<_> =
        log.iter().rev().map(|entry| (&entry["action"], &entry["about"], &entry["reason"])).collect();
    let (user, role) = (json!({ "kind": "user", "id": nil.user }), json!({ "kind": "role", "id": "user" }));
    let (view, end, why) = (json!("view_as"), json!("end_view_as"), json!("they see no reports"));
    let none = Value::Null;
    assert_eq!(
        told,
        [(&view, &user, &why), (&end, &user, &none), (&view, &role, &why), (&end, &role, &none)]
    );
    for entry in &log {
        assert_eq!(entry["actor"], format!("user:{}", eve.user));
        assert_eq!(entry["writes"], json!([]));
    }
    assert_eq!(log[2]["change"]["whom"], json!({ "user": nil.user }));
    assert_eq!(log[3]["names"][&nil.user], "nil@example.com");
    assert!(log[1]["names"]["user"].is_string(), "{}", log[1]);
    // It is told to who may see people, where it is of one.
    let about = root.get(&format!("/audit?about={}", nil.user)).await.expect(200).json();
    assert!(about["items"].as_array().unwrap().iter().any(|entry| entry["action"] == "view_as"));
}

#[tokio::test]
async fn who_views_must_have_the_second_factor_that_is_theirs_to_have() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let max = server.person_who_may(&root, "max@example.com", &VIEWS).await;
    let nil = server.person(&root, "nil@example.com", &[]).await;
    view_user(&max, &nil).await.expect(204);
    let mut settings = root.get("/settings").await.expect(200).json()["settings"].take();
    settings["second_factor"] = json!("administrators");
    root.put("/settings", "*", &settings).await.expect(200);
    // Who is viewed administers nothing, who views does: they turn one on first, as themselves.
    max.get("/templates").await.problem(403, "second_factor_required");
    let session = max.get("/session").await.expect(200).json();
    assert_eq!((&session["second_factor_required"], &session["view"]), (&json!(true), &Value::Null));
    view_user(&max, &nil).await.problem(403, "second_factor_required");
    let log = server.key(&["audit.view"]).await;
    let ended = newest(&log, 2).await;
    assert!(ended.iter().any(|entry| entry["action"] == "end_view_as"), "{ended:?}");
}
