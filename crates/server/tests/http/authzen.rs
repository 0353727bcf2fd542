//! The AuthZEN API beyond its certification: what names mean, who may ask, and what is believed.

use axum::http::Method;
use rolewright_model::{Change, PolicyDocument};
use serde_json::{Value, json};

use crate::authzen_certification::{given, world};
use crate::support::{Client, TestServer};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SUBJECTS: &str = "/access/v1/search/subject";
const RESOURCES: &str = "/access/v1/search/resource";
const ACTIONS: &str = "/access/v1/search/action";

fn ask(subject: &str, action: &str, (kind, id): (&str, &str)) -> Value {
    json!({
        "subject": { "type": "user", "id": subject }, "action": { "name": action },
        "resource": { "type": kind, "id": id },
    })
}

fn changes(all: Vec<Value>) -> Vec<Change> {
    all.into_iter().map(|change| serde_json::from_value(change).unwrap()).collect()
}

/// A console for servers with its superuser, and ana, an operator of `servers/prod`.
async fn servers() -> (TestServer, Client, Client) {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    server.change(changes(vec![given(&ana.user, "operator", "servers/prod")])).await;
    (server, root, ana)
}

/// The decision, and the id of the reason.
async fn decided(by: &Client, body: &Value) -> (bool, String) {
    let answer = by.post(EVALUATION, body).await.expect(200).json();
    let reason = answer["context"]["id"].as_str().unwrap_or_default().to_owned();
    (answer["decision"].as_bool().unwrap(), reason)
}

#[tokio::test]
async fn names_mean_what_the_model_knows_and_anything_else_is_no() {
    let (server, _root, ana) = servers().await;
    let key = server.key(&["access.check", "users.view"]).await;
    let id = ana.user.as_str();
    for (subject, action, resource, expected) in [
        (id, "tasks.run", ("task", "servers/prod/tasks/t"), (true, "")),
        ("ANA@example.com", "tasks.run", ("task", "servers/prod/tasks/t"), (true, "")),
        (id, "operation:tasks.run", ("task", "servers/prod/tasks/t"), (true, "")),
        (id, "operation:tasks.delete", ("task", "servers/prod/tasks/t"), (false, "not_granted")),
        (id, "tasks.design", ("task", "servers/prod/tasks/t"), (false, "not_granted")),
        (id, "tasks.run", ("task", "servers/dev/tasks/t"), (false, "not_granted")),
        (id, "tasks.run", ("server", "prod"), (true, "")),
        (id, "tasks.run", ("server", "servers/prod"), (true, "")),
        (id, "tasks.run", ("collection", "servers/prod/tasks"), (true, "")),
        (id, "tasks.run", ("collection", "servers/prod"), (false, "not_a_place")),
        (id, "tasks.run", ("tenant", "/"), (false, "not_granted")),
        (id, "tasks.run", ("tenant", "default"), (false, "not_granted")),
        (id, "tasks.run", ("tenant", "other"), (false, "not_a_place")),
        // A task is named by its whole path: one id is not enough.
        (id, "tasks.run", ("task", "t"), (false, "not_a_place")),
        (id, "tasks.run", ("task", "servers/prod"), (false, "not_a_place")),
        (id, "tasks.run", ("task", "servers/prod/tasks/../t"), (false, "not_a_place")),
        (id, "tasks.run", ("server", "pr od"), (false, "not_a_place")),
        (id, "tasks.run", ("spaceship", "x"), (false, "not_a_place")),
        (id, "tasks.fly", ("server", "prod"), (false, "unknown_permission")),
        (id, "operation:tasks.fly", ("server", "prod"), (false, "unknown_permission")),
        ("nobody", "tasks.run", ("server", "prod"), (false, "unknown_subject")),
        ("nobody@example.com", "tasks.run", ("server", "prod"), (false, "unknown_subject")),
    ] {
        let (decision, reason) = decided(&key, &ask(subject, action, resource)).await;
        assert_eq!((decision, reason.as_str()), expected, "{subject} {action} {resource:?}");
    }
    for kind in ["group", "role", "key", "User"] {
        let mut body = ask(id, "tasks.run", ("server", "prod"));
        body["subject"]["type"] = json!(kind);
        assert_eq!(decided(&key, &body).await, (false, "unknown_subject".to_owned()), "{kind}");
    }
    // What is told to whoever is refused says nothing of what is there.
    let unknown = key.post(EVALUATION, &ask("nobody", "tasks.run", ("server", "prod"))).await.json();
    let refused = key.post(EVALUATION, &ask(id, "tasks.design", ("server", "prod"))).await.json();
    assert_eq!(unknown["context"]["reason_user"], refused["context"]["reason_user"]);
    assert_ne!(unknown["context"]["reason_admin"], refused["context"]["reason_admin"]);
}

#[tokio::test]
async fn a_level_is_asked_for_by_a_property_of_the_action() {
    let (server, _root, ana) = servers().await;
    let key = server.key(&["access.check"]).await;
    for level in ["read_only", "yes", "no", "always"] {
        let mut body = ask(&ana.user, "servers.view", ("server", "prod"));
        body["action"]["properties"] = json!({ "level": level });
        let check = json!({
            "subject": ana.user, "permission": "servers.view", "resource": "servers/prod", "asked": level,
            "attributes": { "action": { "level": level } },
        });
        let checked = key.post("/check", &check).await.expect(200).json();
        let (decision, reason) = decided(&key, &body).await;
        assert_eq!(
            (&json!(decision), reason.as_str()),
            (&checked["allowed"], checked["reason"].as_str().unwrap_or(""))
        );
    }
    let mut body = ask(&ana.user, "servers.view", ("server", "prod"));
    body["action"]["properties"] = json!({ "level": 1 });
    assert_eq!(decided(&key, &body).await, (false, "unknown_level".to_owned()));
}

#[tokio::test]
async fn an_operation_on_several_resources_is_told_the_others_by_name() {
    let file: Value = serde_json::from_str(include_str!("../../../../tests/cases/conditions.json")).unwrap();
    let mut policy = file["policy"].clone();
    policy["settings"]["products"] = json!(["core"]);
    let policy: PolicyDocument = serde_json::from_value(policy).unwrap();
    let server = TestServer::with_policy(&policy).await;
    let user = json!({ "id": "cem", "email": "cem@example.com", "first_name": "Cem", "last_name": "" });
    server
        .change(changes(vec![
            json!({ "change": "create_user", "user": user, "sign_in": false }),
            json!({ "change": "set_attributes", "id": "cem", "attributes": { "region": "emea" } }),
            given("cem", "both", "/"),
        ]))
        .await;
    let key = server.key(&["access.check"]).await;
    let item = "folders/a/items/i";
    for (properties, resource, expected) in [
        (json!({ "resources": { "item": item } }), json!({ "region": "emea" }), true),
        (json!({ "resources": { "item": item }, "with_items": false }), json!({ "region": "emea" }), true),
        (json!({}), json!({ "region": "emea" }), false),
        (json!({ "resources": { "item": item }, "with_items": false }), json!({ "region": "apac" }), false),
        (
            json!({ "resources": { "item": "folders/b/items/i" }, "with_items": false }),
            json!({ "region": "emea" }),
            false,
        ),
    ] {
        let mut body = ask("cem", "docs.import", ("folder", "a"));
        body["action"]["properties"] = properties.clone();
        body["resource"]["properties"] = resource.clone();
        let check = json!({
            "subject": "cem", "operation": "docs.import",
            "resources": { "folder": "folders/a", "item": properties["resources"]["item"].as_str().unwrap_or("-") },
            "attributes": { "resources": { "folder": resource }, "action": { "with_items": properties.get("with_items").unwrap_or(&json!("?")) } },
        });
        let checked = key.post("/check", &check).await.expect(200).json();
        assert_eq!(checked["allowed"], decided(&key, &body).await.0, "{properties} {resource}");
        if properties.get("with_items").is_some() || !expected {
            assert_eq!(checked["allowed"], expected, "{properties} {resource}");
        }
    }
}

#[tokio::test]
async fn of_a_batch_the_answers_end_where_its_semantic_says() {
    let (_server, key) = world().await;
    let actions = ["read", "write", "read", "write"].map(|name| json!({ "action": { "name": name } }));
    let batch = |semantic: Value| {
        json!({
            "subject": { "type": "user", "id": "bob" }, "resource": { "type": "record", "id": "record-1" },
            "evaluations": actions,
            "options": semantic, "another": 1,
        })
    };
    for (options, expected) in [
        (json!({}), &[true, false, true, false][..]),
        (json!({ "evaluations_semantic": "execute_all", "other": 1 }), &[true, false, true, false]),
        (json!({ "evaluations_semantic": "deny_on_first_deny" }), &[true, false]),
        (json!({ "evaluations_semantic": "permit_on_first_permit" }), &[true]),
    ] {
        let answer = key.post(EVALUATIONS, &batch(options.clone())).await.expect(200).json();
        let told: Vec<bool> = answer["evaluations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["decision"].as_bool().unwrap())
            .collect();
        assert_eq!(told, expected, "{options}");
    }
    for options in [json!({ "evaluations_semantic": "sometimes" }), json!("all")] {
        key.post(EVALUATIONS, &batch(options)).await.expect(400);
    }
}

#[tokio::test]
async fn what_is_wrong_with_one_of_a_batch_is_told_with_it_alone() {
    let (_server, key) = world().await;
    let good = ask("alice", "read", ("record", "record-1"));
    let body = json!({ "evaluations": [
        good, { "subject": "alice" }, {}, 7, { "subject": { "type": "user", "id": "alice" }, "action": { "name": 1 } }, good,
    ] });
    let answer = key.post(EVALUATIONS, &body).await.expect(200).json();
    let all = answer["evaluations"].as_array().unwrap();
    for (n, item) in all.iter().enumerate() {
        if n == 0 || n == 5 {
            assert_eq!(item, &json!({ "decision": true }));
        } else {
            let error = &item["context"]["error"];
            assert_eq!((&item["decision"], &error["status"]), (&json!(false), &json!(400)), "{item}");
            assert!(!error["message"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(all.len(), 6);
    // An error ends a batch that ends with the first refusal.
    let mut body = body;
    body["options"] = json!({ "evaluations_semantic": "deny_on_first_deny" });
    let answer = key.post(EVALUATIONS, &body).await.expect(200).json();
    assert_eq!(answer["evaluations"].as_array().unwrap().len(), 2);
    let too_many = vec![json!({}); 10_001];
    for (bad, status) in [(json!("none"), 400), (json!({}), 400), (json!(too_many), 400)] {
        key.post(EVALUATIONS, &json!({ "evaluations": bad })).await.expect(status);
    }
    let large = json!({ "subject": good["subject"], "action": good["action"], "resource": good["resource"],
        "evaluations": vec![json!({}); 10_000], "padding": "x".repeat(70_000) });
    let answer = key.post(EVALUATIONS, &large).await.expect(200).json();
    assert!(answer["evaluations"].as_array().unwrap().iter().all(|it| it["decision"] == true));
}

#[tokio::test]
async fn an_item_takes_nothing_of_an_entity_that_it_replaces() {
    let (_server, key) = world().await;
    // What stands beside is archived; what replaces it says no status, and so is not.
    let body = json!({
        "subject": { "type": "user", "id": "bob" }, "action": { "name": "write" },
        "resource": { "type": "record", "id": "record-2", "properties": { "status": "archived" } },
        "evaluations": [{}, { "resource": { "type": "record", "id": "record-2" } }, {}],
    });
    let answer = key.post(EVALUATIONS, &body).await.expect(200).json();
    let told: Vec<&Value> =
        answer["evaluations"].as_array().unwrap().iter().map(|it| &it["decision"]).collect();
    assert_eq!(told, [true, false, true]);
}

#[tokio::test]
async fn what_is_said_of_a_subject_is_believed_only_of_keys_that_say_so() {
    let (server, key) = world().await;
    let trusted = json!({ "name": "gateway", "permissions": ["access.check"], "trusts_subject": true });
    let trusted = server.key_of(trusted).await;
    // Alice may write what is archived were she an administrator, and bob is one as the directory says.
    server.change(changes(vec![given("alice", "archivist", "/")])).await;
    let mut body = ask("alice", "write", ("record", "record-2"));
    body["resource"]["properties"] = json!({ "status": "archived" });
    assert!(!decided(&trusted, &body).await.0);
    body["subject"]["properties"] = json!({ "role": "admin" });
    assert!(!decided(&key, &body).await.0);
    assert!(decided(&trusted, &body).await.0);
    // In a batch of one subject each is believed what is said of it there.
    let batch = json!({ "evaluations": [body, ask("alice", "write", ("record", "record-2")), body] });
    let answer = trusted.post(EVALUATIONS, &batch).await.expect(200).json();
    let told: Vec<&Value> =
        answer["evaluations"].as_array().unwrap().iter().map(|it| &it["decision"]).collect();
    assert_eq!(told, [true, false, true]);
    // What the directory says stays.
    body["subject"] = json!({ "type": "user", "id": "bob", "properties": { "role": "guest" } });
    assert!(decided(&trusted, &body).await.0);
    // Nobody is believed of themselves.
    let root = server.superuser().await;
    let new = json!({ "name": "k", "permissions": ["access.check"], "trusts_subject": true });
    let made = root.post("/keys", &new).await.expect(201).json();
    assert_eq!(made["trusts_subject"], true);
    let made =
        root.post("/keys", &json!({ "name": "k", "permissions": ["access.check"] })).await.expect(201).json();
    assert!(made.get("trusts_subject").is_none());
}

#[tokio::test]
async fn who_may_not_ask_is_refused_as_in_a_check() {
    let (server, root, ana) = servers().await;
    let there = ask(&root.user, "tasks.run", ("task", "servers/prod/tasks/t"));
    let nobody = server.nobody();
    for path in [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS, "/default/access/v1/evaluation"] {
        let answer = nobody.post(path, &there).await.expect(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        server.bearer("rwk_a_b").post(path, &there).await.expect(401);
        ana.post(path, &there).await.expect(403);
    }
    // One's own, and at a place where a key may ask.
    assert!(decided(&ana, &ask(&ana.user, "tasks.run", ("task", "servers/prod/tasks/t"))).await.0);
    assert!(decided(&ana, &ask("ana@example.com", "tasks.run", ("server", "prod"))).await.0);
    let here = json!({ "name": "prod", "permissions": ["access.check"], "scope": "servers/prod" });
    let here = server.key_of(here).await;
    assert!(decided(&here, &there).await.0);
    for elsewhere in [("server", "dev"), ("tenant", "/"), ("spaceship", "x")] {
        here.post(EVALUATION, &ask(&root.user, "tasks.run", elsewhere)).await.expect(403);
    }
    let batch = json!({ "evaluations": [there, ask(&root.user, "tasks.run", ("server", "dev"))] });
    let answer = here.post(EVALUATIONS, &batch).await.expect(200).json();
    assert_eq!(answer["evaluations"][0], json!({ "decision": true }));
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 403);

    // Searches: what lists people needs to see people, and a key that checks may not search.
    let check = server.key(&["access.check"]).await;
    let explain = server.key(&["access.explain"]).await;
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        check.post(path, &there).await.expect(403);
    }
    explain.post(SUBJECTS, &there).await.expect(403);
    explain.post(RESOURCES, &there).await.expect(200);
    explain.post(ACTIONS, &there).await.expect(200);
    ana.post(ACTIONS, &ask(&ana.user, "", ("server", "prod"))).await.expect(200);
    ana.post(RESOURCES, &ask(&ana.user, "tasks.run", ("server", ""))).await.expect(403);
    nobody.post("/nothing/access/v1/evaluation", &there).await.expect(404);
    root.with("sec-fetch-site", "cross-site").post(EVALUATION, &there).await.expect(403);
    root.send(Method::GET, EVALUATION, None, axum::body::Body::empty()).await.expect(405);
}

#[tokio::test]
async fn a_search_agrees_with_an_evaluation_of_each_result() {
    let (server, root, ana) = servers().await;
    let group = root.post("/groups", &json!({ "name": "Night" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap();
    let bo = server.person(&root, "bo@example.com", &[]).await;
    root.post(&format!("/groups/{group}/members"), &json!({ "user": bo.user })).await.expect(201);
    let give =
        json!({ "principal": { "group": group }, "role": "operator", "scope": "servers/prod/tasks/t" });
    root.post("/assignments", &give).await.expect(201);
    let key = server.key(&["access.check", "access.explain", "users.view"]).await;
    let results = async |path: &str, body: &Value, field: &str| {
        let found = key.post(path, body).await.expect(200).json();
        let found = found["results"].as_array().unwrap().iter();
        found.map(|found| found[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let task = ("task", "servers/prod/tasks/t");
    for action in ["tasks.run", "operation:tasks.run"] {
        let mut expected = vec![root.user.clone(), ana.user.clone(), bo.user.clone()];
        expected.sort();
        assert_eq!(results(SUBJECTS, &ask("", action, task), "id").await, expected, "{action}");
        assert_eq!(
            results(RESOURCES, &ask(&bo.user, action, ("task", "")), "id").await,
            [task.1],
            "{action}"
        );
    }
    assert_eq!(results(RESOURCES, &ask(&ana.user, "tasks.run", ("server", "")), "id").await, ["prod"]);
    assert!(results(RESOURCES, &ask(&bo.user, "tasks.run", ("server", "")), "id").await.is_empty());
    let actions = results(ACTIONS, &ask(&bo.user, "", task), "name").await;
    assert!(actions.contains(&"tasks.run".to_owned()) && actions.contains(&"operation:tasks.run".to_owned()));
    for action in &actions {
        assert!(decided(&key, &ask(&bo.user, action, task)).await.0, "{action}");
    }
    for body in [
        ask("", "tasks.fly", task),
        ask("", "tasks.run", ("spaceship", "x")),
        ask("", "tasks.run", ("task", "servers/../t")),
    ] {
        assert!(results(SUBJECTS, &body, "id").await.is_empty(), "{body}");
    }
    assert!(results(RESOURCES, &ask(&ana.user, "tasks.run", ("spaceship", "")), "id").await.is_empty());
    assert!(results(RESOURCES, &ask("nobody", "tasks.run", ("server", "")), "id").await.is_empty());
}

#[tokio::test]
async fn a_page_is_of_the_search_that_its_token_came_of() {
    let (server, key) = world().await;
    server.change(changes(vec![given("alice", "reader", "records/record-3")])).await;
    let search = ask("alice", "read", ("record", ""));
    let page = async |body: &Value, page: Value| {
        let mut body = body.clone();
        body["page"] = page;
        key.post(RESOURCES, &body).await
    };
    let first = page(&search, json!({ "limit": 2 })).await.expect(200).json();
    assert_eq!((first["results"].as_array().unwrap().len(), &first["page"]["total"]), (2, &json!(3)));
    let token = first["page"]["next_token"].clone();
    for good in [json!({ "token": token }), json!({ "token": token, "limit": 2 })] {
        let last = page(&search, good).await.expect(200).json();
        assert_eq!(last["results"], json!([{ "type": "record", "id": "record-3" }]));
        assert_eq!(last["page"]["next_token"], "");
    }
    // The id of what is searched for is nothing to it.
    page(&ask("alice", "read", ("record", "record-1")), json!({ "token": token })).await.expect(200);
    for (body, bad) in [
        (ask("bob", "read", ("record", "")), json!({ "token": token })),
        (ask("alice", "write", ("record", "")), json!({ "token": token })),
        (search.clone(), json!({ "token": token, "limit": 1 })),
        (search.clone(), json!({ "token": "made-up" })),
        (search.clone(), json!({ "limit": 0 })),
        (search.clone(), json!({ "limit": "ten" })),
        (search.clone(), json!("first")),
    ] {
        page(&body, bad.clone()).await.expect(400);
    }
    let all = page(&search, json!({ "limit": 5_000, "other": 1 })).await.expect(200).json();
    assert_eq!(all["page"], json!({ "next_token": "", "count": 3, "total": 3 }));
    assert!(key.post(RESOURCES, &search).await.expect(200).json().get("page").is_none());
}

#[tokio::test]
async fn a_key_that_another_process_ended_is_refused_within_a_moment() {
    use rolewright_server::auth::{key, known_keys};
    use rolewright_store::RecordOp;

    let (server, _) = world().await;
    let client = server.key(&["access.check"]).await;
    let body = ask("alice", "read", ("record", "record-1"));
    client.post(EVALUATION, &body).await.expect(200);
    let id = client.header("authorization").split('_').nth(1).unwrap().to_owned();
    let end = RecordOp::Delete { kind: key::KIND.to_owned(), key: id };
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    tenant.store().edit_records(tenant.id(), vec![end], now).await.unwrap();
    server.app.clock.advance(known_keys::KEPT);
    client.post(EVALUATION, &body).await.expect(401);
}

#[tokio::test]
async fn every_error_is_plain_text() {
    let server = TestServer::new().await;
    let key = server.key(&["access.check"]).await;
    for path in [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS] {
        for path in [path.to_owned(), format!("/default{path}")] {
            let answer = key.get(&path).await.expect(405);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{path}");
            assert_eq!(answer.header("allow"), "POST", "{path}");
            assert!(answer.text().starts_with("this path has no GET"), "{path}: {}", answer.text());
        }
    }
}
