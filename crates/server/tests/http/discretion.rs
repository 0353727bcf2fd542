//! Who may ask for decisions, and not see people, learns from no answer whether a person is known here.

use axum::body::Body;
use serde_json::{Value, json};

use crate::described::operations;
use crate::support::{Client, TestServer, token_of};

/// The people who must all look the same: not known, invited, disabled, and active without a role; each by id
/// and by email.
async fn people(server: &TestServer, root: &Client) -> Vec<[String; 2]> {
    let invited = root.post("/users", &json!({ "email": "invited@example.com" })).await.expect(201).json();
    assert!(!token_of(invited["link"].as_str().unwrap()).is_empty());
    let disabled = server.person(root, "disabled@example.com", &["operator"]).await;
    let path = format!("/users/{}", disabled.user);
    let etag = root.get(&path).await.expect(200).etag();
    root.put(&format!("{path}/status"), &etag, &json!({ "status": "disabled" })).await.expect(200);
    let active = server.person(root, "active@example.com", &[]).await;
    [
        ("nobody", "nobody@example.com"),
        (invited["user"].as_str().unwrap(), "invited@example.com"),
        (&disabled.user, "disabled@example.com"),
        (&active.user, "active@example.com"),
    ]
    .map(|(id, email)| [id.to_owned(), email.to_owned()])
    .to_vec()
}

/// Questions about a permission, a level and a place that there are and are not, and about operations.
fn questions() -> Vec<Value> {
    let mut all = Vec::new();
    for permission in ["tasks.run", "tasks.fly"] {
        for resource in ["/", "servers/prod", "spaceships/x", "servers/../x"] {
            for asked in [Value::Null, json!("allowed"), json!("sideways")] {
                let mut question = json!({ "permission": permission, "resource": resource });
                if asked.is_string() {
                    question["asked"] = asked;
                }
                all.push(question);
            }
        }
    }
    for operation in ["tasks.run", "tasks.export", "tasks.fly"] {
        all.push(json!({ "operation": operation, "resources": { "task": "servers/prod/tasks/t" } }));
    }
    all
}

/// An answer without what differs anyway.
fn same(answer: &str, names: &[String; 2], instance: &str) -> String {
    let text = answer.replace(&names[0], "WHO").replace(&names[1], "WHO");
    if instance.is_empty() { text } else { text.replace(instance, "REQUEST") }
}

#[tokio::test]
async fn who_may_only_ask_for_decisions_cannot_tell_who_is_known_or_active() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let people = people(&server, &root).await;
    let key = server.key(&["access.check"]).await;
    for question in questions() {
        for path in ["/check", "/missing"] {
            let mut told = Vec::new();
            for names in &people {
                for name in names {
                    let mut question = question.clone();
                    question["subject"] = json!(name);
                    let answer = key.post(path, &question).await;
                    told.push(format!(
                        "{} {}",
                        answer.status,
                        same(&answer.text(), names, answer.header("x-request-id"))
                    ));
                }
            }
            assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{path} {question}: {told:#?}");
        }
    }
    for action in ["tasks.run", "tasks.fly", "operation:tasks.run", "operation:tasks.fly"] {
        for (kind, on) in [("server", "prod"), ("task", "servers/prod/tasks/t"), ("spaceship", "x")] {
            let mut told = Vec::new();
            for names in &people {
                for name in names {
                    let body = json!({
                        "subject": { "type": "user", "id": name }, "action": { "name": action },
                        "resource": { "type": kind, "id": on },
                    });
                    let one = key.post("/access/v1/evaluation", &body).await.expect(200).text();
                    let batch = json!({ "evaluations": [body.clone(), body] });
                    let batch = key.post("/access/v1/evaluations", &batch).await.expect(200).text();
                    told.push(same(&(one + &batch), names, ""));
                }
            }
            assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{action} {kind}: {told:#?}");
        }
    }
}

#[tokio::test]
async fn no_path_tells_who_only_asks_for_decisions_whether_a_person_is_there() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let people = people(&server, &root).await;
    let key = server.key(&["access.check"]).await.with("if-match", "*");
    let mut tried = 0;
    let paths = operations().into_iter().filter(|operation| !operation.is_open);
    for operation in paths.filter(|operation| operation.path.contains("{tenant}")) {
        let mut told = Vec::new();
        for names in &people {
            let id = names[0].as_str();
            let path =
                operation.at(&[("tenant", "default"), ("id", id), ("revision", "1"), ("membership", id)]);
            let body = operation.text().replace("\"subject\":\"x\"", &format!("\"subject\":\"{id}\""));
            let body = body.replace("\"user\":\"x\"", &format!("\"user\":\"{id}\""));
            let answer = key.send(operation.method.clone(), &path, operation.media(), Body::from(body)).await;
            let text = same(&answer.text(), names, answer.header("x-request-id"));
            told.push(format!("{} {text}", answer.status));
        }
        // The policy's revision and the pass's end are the same for all.
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{}: {told:#?}", operation.path);
        tried += 1;
    }
    let mut scim = Vec::new();
    for names in &people {
        let answer = key.get(&format!("/scim/v2/Users/{}", names[0])).await;
        scim.push(format!(
            "{} {}",
            answer.status,
            same(&answer.text(), names, answer.header("x-request-id"))
        ));
    }
    assert!(scim.windows(2).all(|pair| pair[0] == pair[1]), "{scim:#?}");
    assert!(tried > 60, "{tried}");
}

#[tokio::test]
async fn whoever_may_see_people_or_asks_about_themselves_is_told_why() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let people = people(&server, &root).await;
    let question =
        |who: &str| json!({ "subject": who, "permission": "tasks.run", "resource": "servers/prod" });
    for permissions in [["access.check", "users.view"], ["access.check", "access.explain"]] {
        let key = server.key(&permissions).await;
        let expected = ["unknown_subject", "inactive_subject", "inactive_subject", "not_granted"];
        for (names, expected) in people.iter().zip(expected) {
            for name in names {
                let answer = key.post("/check", &question(name)).await.expect(200).json();
                assert_eq!(answer["reason"], expected, "{name} {permissions:?}");
            }
        }
    }
    // By email, in any case.
    let ana = server.person(&root, "ana@example.com", &[]).await;
    assert_eq!(
        ana.post("/check", &question("ANA@example.com")).await.expect(200).json()["reason"],
        "not_granted"
    );
    ana.post("/missing", &question("ana@example.com")).await.expect(200);
    ana.post("/check", &question("root@example.com")).await.problem(403, "missing_permission");
    assert_eq!(root.post("/check", &question("root@example.com")).await.expect(200).json()["allowed"], true);
    let explained = root.post("/explain", &question("ana@example.com")).await.expect(200).json();
    assert_eq!(explained["decision"]["reason"], "not_granted");
}
