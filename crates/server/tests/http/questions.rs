//! Questions about access over HTTP: the model's answers, for whoever may ask.

use rolewright_model::{Question, Request};
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// A server of servers and tasks, its superuser, and an operator of `servers/prod`.
async fn world() -> (TestServer, Client, Client) {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let give = json!({ "principal": { "user": ana.user }, "role": "operator", "scope": "servers/prod" });
    root.post("/assignments", &give).await.expect(201);
    (server, root, ana)
}

#[tokio::test]
async fn why_is_answered_to_whoever_may_explain_and_whom_to_ask_to_who_is_refused() {
    let (server, root, ana) = world().await;
    let asked =
        json!({ "subject": ana.user, "permission": "tasks.design", "resource": "servers/prod/tasks/t" });
    let told = root.post("/explain", &asked).await.expect(200).json();
    let loaded = server.tenant().await.loaded();
    let question = Question {
        subject: &ana.user,
        permission: "tasks.design",
        resource: "servers/prod/tasks/t",
        asked: None,
        request: Request::new(server.app.clock.now()),
    };
    assert_eq!(told, serde_json::to_value(loaded.state.explain(&question)).unwrap());
    assert_eq!(told["decision"]["allowed"], false);
    assert!(!told["fixes"].as_array().unwrap().is_empty(), "{told}");

    ana.post("/explain", &asked).await.problem(403, "missing_permission");
    let missing = ana.post("/missing", &asked).await.expect(200).json();
    assert_eq!(missing["missing"]["permission"], "tasks.design");
    assert_eq!(missing["missing"]["ask"], json!([root.user]));
    let held = json!({ "subject": ana.user, "permission": "tasks.run", "resource": "servers/prod/tasks/t" });
    assert_eq!(ana.post("/missing", &held).await.expect(200).json(), json!({}));
    let other = json!({ "subject": root.user, "permission": "tasks.run" });
    ana.post("/missing", &other).await.problem(403, "missing_permission");

    let operation = json!({
        "subject": ana.user, "operation": "tasks.run", "resources": { "task": "servers/prod/tasks/t" },
    });
    let told = root.post("/explain", &operation).await.expect(200).json();
    assert_eq!(
        (&told["decision"]["allowed"], told["legs"].as_array().unwrap().is_empty()),
        (&json!(true), false)
    );
    let details = ana.post("/missing", &operation).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.operation");
}

#[tokio::test]
async fn lists_are_complete_and_each_agrees_with_a_check() {
    let (_server, root, ana) = world().await;
    let at = "servers/prod/tasks/t";
    let list = format!("/users/{}/permissions?resource={at}", ana.user);
    let held = root.get(&list).await.expect(200).json();
    assert_eq!(ana.get(&list).await.expect(200).json(), held, "one's own");
    let held: Vec<&str> =
        held["items"].as_array().unwrap().iter().map(|held| held["permission"].as_str().unwrap()).collect();
    assert!(held.contains(&"tasks.run") && !held.contains(&"tasks.design"), "{held:?}");

    let places = json!({ "permission": "tasks.run", "candidates": ["servers/dev/tasks/t", at, "/"] });
    let told = ana.post(&format!("/users/{}/places", ana.user), &places).await.expect(200).json();
    assert_eq!(told, json!({ "items": [{ "resource": at, "when": "yes" }] }));
    for (what, expected) in [
        ("permission=tasks.run", true),
        ("permission=tasks.design", false),
        ("operation=tasks.run", true),
        ("operation=tasks.delete", false),
    ] {
        let told = ana.get(&format!("/users/{}/anywhere?{what}", ana.user)).await.expect(200).json();
        assert_eq!(told, json!({ "anywhere": expected }), "{what}");
    }

    let holders = |place: &str, more: &str| format!("/permissions/tasks.run/holders?resource={place}{more}");
    let who = async |path: String| {
        let page = root.get(&path).await.expect(200).json();
        let users =
            page["items"].as_array().unwrap().iter().map(|it| it["user"].as_str().unwrap().to_owned());
        (users.collect::<Vec<_>>(), page["total"].clone(), page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(who(holders("servers/dev", "")).await, (vec![root.user.clone()], json!(1), None));
    let (first, total, next) = who(holders(at, "&limit=1")).await;
    let (second, _, end) = who(holders(at, &format!("&limit=1&cursor={}", next.unwrap()))).await;
    let mut both = [first, second].concat();
    both.sort();
    let mut expected = vec![ana.user.clone(), root.user.clone()];
    expected.sort();
    assert_eq!((both, total, end), (expected, json!(2), None));

    let giving = root.get("/permissions/tasks.run/roles").await.expect(200).json();
    let roles: Vec<&str> =
        giving["items"].as_array().unwrap().iter().map(|giving| giving["role"].as_str().unwrap()).collect();
    assert!(roles.contains(&"operator") && !roles.contains(&"viewer"), "{roles:?}");
}

#[tokio::test]
async fn roles_and_people_stand_side_by_side_and_in_a_matrix() {
    let (_server, root, ana) = world().await;
    let told = root.get("/compare?roles=operator,viewer").await.expect(200).json();
    assert_eq!(told["of"], json!(["operator", "viewer"]));
    let row = |told: &Value, id: &str| {
        told["rows"].as_array().unwrap().iter().find(|row| row["permission"] == id).cloned().unwrap()
    };
    assert_eq!(row(&told, "tasks.run")["differs"], true);
    let users = format!("/compare?users={},{}&resource=servers/prod", ana.user, root.user);
    let told = root.get(&users).await.expect(200).json();
    assert_eq!(row(&told, "tasks.design")["differs"], true);
    assert_eq!(row(&told, "tasks.run")["differs"], false);

    let matrix = root.get("/matrix?rows=operations").await.expect(200).json();
    assert!(matrix["roles"].as_array().unwrap().contains(&json!("operator")));
    let count = |matrix: &Value| matrix["rows"].as_array().unwrap().len();
    assert!(count(&matrix) >= 28 && count(&root.get("/matrix").await.expect(200).json()) > 0);
    let findings = root.get("/findings").await.expect(200).json();
    let codes: Vec<&str> =
        findings["items"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"contained_role"), "{codes:?}");
    assert_eq!(findings["names"][&root.user], "root@example.com");
    let one = root.get("/findings?each=1").await.expect(200).json();
    assert_eq!(one["counts"], findings["counts"], "all are counted");
    let told: Vec<(&Value, &Value)> =
        one["items"].as_array().unwrap().iter().map(|it| (&it["code"], &it["about"])).collect();
    let counted: Vec<&Value> = one["counts"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(told.iter().map(|(code, _)| *code).collect::<Vec<_>>(), counted, "one of each");
    assert_eq!(root.get("/findings?each=0").await.expect(200).json()["items"], json!([]));
    let of_one = root.get("/findings?code=contained_role").await.expect(200).json();
    assert_eq!(of_one["counts"], findings["counts"], "all are counted");
    let of_all = findings["items"].as_array().unwrap().iter();
    let those: Vec<&Value> = of_all.filter(|it| it["code"] == "contained_role").collect();
    assert_eq!(of_one["items"].as_array().unwrap().iter().collect::<Vec<_>>(), those);
    let posture = root.get("/posture").await.expect(200).json();
    assert_eq!(
        (&posture["active"], &posture["superusers"], &posture["second_factor"]),
        (&json!(2), &json!(1), &json!(0))
    );
}

#[tokio::test]
async fn who_may_not_ask_is_refused_and_what_is_wrong_is_said_where_it_stands() {
    let (_server, root, ana) = world().await;
    let of_root = format!("/users/{}", root.user);
    for path in [
        &format!("{of_root}/permissions"),
        &format!("{of_root}/anywhere?permission=tasks.run"),
        "/permissions/tasks.run/holders",
        "/permissions/tasks.run/roles",
        "/compare?roles=operator,viewer",
        &format!("/compare?users={},{}", ana.user, root.user),
        "/matrix",
        "/findings",
        "/posture",
    ] {
        ana.get(path).await.problem(403, "missing_permission");
    }
    let own = format!("/users/{}", ana.user);
    for (path, at) in [
        (&*format!("{own}/permissions?resource=nowhere/x"), "query.resource"),
        (&format!("{own}/permissions?resource=servers/../x"), "query.resource"),
        (&format!("{own}/permissions?place=/"), "query.place"),
        (&format!("{own}/anywhere"), "query.permission"),
        (&format!("{own}/anywhere?permission=no.such"), "query.permission"),
        (&format!("{own}/anywhere?permission=tasks.run&asked=no"), "query.asked"),
        (&format!("{own}/anywhere?operation=no.such"), "query.operation"),
        (&format!("{own}/anywhere?operation=tasks.run&asked=yes"), "query.asked"),
        ("/permissions/tasks.run/holders?limit=0", "query.limit"),
        ("/permissions/tasks.run/roles?asked=none", "query.asked"),
        ("/compare?roles=operator", "query.roles"),
        ("/compare?roles=operator,nobody", "query.roles"),
        ("/compare?roles=operator,viewer&resource=/", "query.resource"),
        ("/compare?users=a,b", "query.users"),
        ("/compare", "query.roles"),
        ("/matrix?rows=people", "query.rows"),
        ("/findings?each=x", "query.each"),
        ("/findings?code=x", "query.code"),
    ] {
        let details = root.get(path).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], at, "{path}: {details}");
    }
    root.get("/permissions/no.such/holders").await.problem(404, "not_found");
    root.get("/users/nobody/permissions").await.problem(404, "not_found");
    for (body, at) in [
        (json!({ "permission": "no.such", "candidates": [] }), "$.permission"),
        (json!({ "permission": "tasks.run", "asked": "no", "candidates": [] }), "$.asked"),
        (json!({ "permission": "tasks.run", "candidates": ["/", "a//b"] }), "$.candidates[1]"),
        (json!({ "permission": "tasks.run", "candidates": vec!["/"; 10_001] }), "$.candidates"),
    ] {
        let details = root.post(&format!("{own}/places"), &body).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], at);
    }
}
