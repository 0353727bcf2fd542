//! Edits: conditional, checked, dry, refused in words.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestServer, token_of};

async fn role(root: &Client, name: &str, grants: Value) -> String {
    let body = json!({ "id": "", "name": name, "grants": grants });
    root.post("/roles", &body).await.expect(201).json()["role"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_role_is_made_read_edited_and_deleted() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let new = json!({ "id": "", "name": "Report Author", "grants": { "reports.view": "allowed" } });
    let made = root.post("/roles", &new).await.expect(201);
    assert_eq!((made.etag().as_str(), made.header("rolewright-revision")), ("\"3\"", "0.3"));
    assert_eq!(made.json()["role"]["id"], "report_author");
    assert!(made.json()["changed"].as_i64().unwrap() > 1_700_000_000_000);

    let read = root.get("/roles/report_author").await.expect(200);
    assert_eq!(read.etag(), "\"3\"");
    let mut role = read.json()["role"].clone();
    role["grants"]["reports.run"] = json!("allowed");
    let edited = root.put("/roles/report_author", "\"3\"", &role).await.expect(200);
    assert_eq!((edited.etag().as_str(), &edited.json()["at"]["revision"]), ("\"4\"", &json!(4)));
    let all = root.get("/roles").await.expect(200).json();
    let listed = all["items"].as_array().unwrap().iter().find(|item| item["role"]["id"] == "report_author");
    assert_eq!(listed.unwrap()["role"]["grants"]["reports.run"], "allowed");
    root.delete("/roles/report_author", "\"4\"").await.expect(200);
    root.get("/roles/report_author").await.problem(404, "not_found");
}

#[tokio::test]
async fn an_edit_says_which_version_it_was_made_from() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let id = role(&root, "Report Author", json!({})).await;
    let path = format!("/roles/{id}");
    let read = root.get(&path).await.expect(200);
    let (etag, mine) = (read.etag(), read.json()["role"].clone());
    let unconditional =
        root.send(Method::PUT, &path, Some("application/json"), Body::from(mine.to_string())).await;
    unconditional.problem(428, "precondition_required");
    root.send(Method::DELETE, &path, None, Body::empty()).await.problem(428, "precondition_required");

    let mut theirs = mine.clone();
    theirs["description"] = json!("theirs");
    let newer = root.put(&path, &etag, &theirs).await.expect(200).etag();
    let mut mine = mine;
    mine["description"] = json!("mine");
    let conflict = root.put(&path, &etag, &mine).await;
    assert_eq!(conflict.etag(), newer);
    let details = conflict.problem(412, "conflict");
    assert_eq!(details["current"]["description"], "theirs");
    assert_eq!(details["at"], json!({ "epoch": 0, "revision": 4 }));
    root.delete(&path, &etag).await.problem(412, "conflict");
    root.put(&path, &newer, &mine).await.expect(200);

    let policy = root.get("/policy").await.expect(200);
    let document = policy.json()["policy"].clone();
    root.put("/policy", &etag, &document).await.problem(412, "conflict");
    root.put("/policy", &policy.etag(), &document).await.expect(200);
}

#[tokio::test]
async fn a_policy_is_edited_from_its_own_version_and_a_conflict_tells_what_changed_of_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for id in ["mine", "old"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let read = root.get("/policy").await.expect(200);
    let mut policy = read.json()["policy"].clone();
    policy["settings"]["new_links"] = json!("next_login");

    // What is none of it is no conflict.
    root.post("/groups", &json!({ "name": "Staff" })).await.expect(201);
    assert_eq!(root.get("/policy").await.expect(200).etag(), read.etag());
    root.put("/policy?dry_run=true", &read.etag(), &policy).await.expect(200);

    // A document that goes leaves none behind that is newer, and is a conflict too.
    let old = root.get("/roles/old").await.etag();
    root.delete("/roles/old", &old).await.expect(200);
    let mine = root.get("/roles/mine").await;
    let mut renamed = mine.json()["role"].clone();
    renamed["name"] = json!("Ours");
    root.put("/roles/mine", &mine.etag(), &renamed).await.expect(200);
    root.post("/packages", &json!({ "id": "tiny", "name": "Tiny" })).await.expect(201);
    let conflict = root.put("/policy", &read.etag(), &policy).await;
    assert_eq!(conflict.etag(), root.get("/policy").await.etag());
    let told = conflict.problem(412, "conflict");
    let changed: Vec<_> = told["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["id"], &it["left"]["name"], &it["current"]["name"]))
        .collect();
    assert_eq!(
        changed,
        [
            (&json!("mine"), &json!("mine"), &json!("Ours")),
            (&json!("old"), &json!("old"), &Value::Null),
            (&json!("tiny"), &Value::Null, &json!("Tiny")),
        ]
    );
    assert_eq!(
        told["detail"],
        "role `mine` and 2 more were changed meanwhile: look at both and decide again"
    );

    // So is what is given to everyone by itself, and what went back to what an older version says.
    let read = root.get("/policy").await.expect(200);
    let given = json!({ "principal": "everyone", "role": "mine", "scope": "/", "source": "auto_assign" });
    root.post("/assignments", &given).await.expect(201);
    root.put("/policy", &read.etag(), &policy).await.problem(412, "conflict");
    for etag in ["\"999\"", "\"1.2-0\"", "\"0\"", "\"18446744073709551615-0\"", "\"-\""] {
        let told = root.put("/policy", etag, &policy).await.problem(412, "conflict");
        assert_eq!(told.get("changed"), None, "{etag}");
    }
}

#[tokio::test]
async fn of_many_who_edit_the_same_version_one_wins() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let id = role(&root, "Report Author", json!({})).await;
    let path = format!("/roles/{id}");
    let read = root.get(&path).await.expect(200);
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let (root, path, etag, mut role) =
                (root.clone(), path.clone(), read.etag(), read.json()["role"].clone());
            role["description"] = json!(format!("{n}"));
            tokio::spawn(async move { root.put(&path, &etag, &role).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in tries {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn bad_bodies_are_problems_and_lose_nothing() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let before = root.get("/policy").await.json()["at"].clone();
    let post = async |media: Option<&'static str>, body: Vec<u8>| {
        root.send(Method::POST, "/roles", media, Body::from(body)).await
    };
    let json = Some("application/json");
    let details = post(json, b"{\n  \"id\": }".to_vec()).await.problem(400, "malformed");
    assert!(details["detail"].as_str().unwrap().contains("line 2 column"), "{details}");
    let twice = br#"{"id":"a","id":"b","name":"A","grants":{"x":"y","x":"z"}}"#;
    let details = post(json, twice.to_vec()).await.problem(400, "malformed");
    let paths: Vec<_> = details["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, [&json!("$.id"), &json!("$.grants.x")], "{details}");
    post(json, Vec::new()).await.problem(400, "malformed");
    post(json, b"\xff\xfe".to_vec()).await.problem(400, "malformed");
    post(json, b"{} {}".to_vec()).await.problem(400, "malformed");
    post(json, vec![b' '; 10 * 1024 * 1024]).await.problem(413, "too_large");
    post(json, vec![b'['; 1024 * 1024]).await.problem(400, "malformed");
    for media in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        post(media, b"{}".to_vec()).await.problem(415, "not_json");
    }
    let unknown = br#"{"id":"a","name":"A","grant":{}}"#;
    let details = post(json, unknown.to_vec()).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.grant", "{details}");
    let wrong = br#"{"id":"a","name":"A","grants":{"no.such":"allowed","reports.run":"perhaps"}}"#;
    let details = post(json, wrong.to_vec()).await.problem(422, "invalid");
    assert_eq!(details["errors"].as_array().unwrap().len(), 2, "{details}");
    assert_eq!(details["errors"][0]["path"], r#"$.grants["no.such"]"#);
    assert_eq!(root.get("/policy").await.json()["at"], before);
}

#[tokio::test]
async fn cycles_and_unknown_ids_are_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (a, b) = (role(&root, "A", json!({})).await, role(&root, "B", json!({})).await);
    let inherit = async |who: &str, from: &str| {
        let read = root.get(&format!("/roles/{who}")).await;
        let mut role = read.json()["role"].clone();
        role["inherits"] = json!([from]);
        root.put(&format!("/roles/{who}"), &read.etag(), &role).await
    };
    inherit(&a, &b).await.expect(200);
    inherit(&b, &a).await.problem(422, "invalid");
    inherit(&a, &a).await.problem(422, "invalid");
    inherit(&a, "nothing").await.problem(422, "invalid");

    let group = async |name: &str| {
        root.post("/groups", &json!({ "name": name })).await.expect(201).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (g, h) = (group("G").await, group("H").await);
    root.post(&format!("/groups/{g}/members"), &json!({ "group": h })).await.expect(201);
    let refused =
        root.post(&format!("/groups/{h}/members"), &json!({ "group": g })).await.problem(422, "invalid");
    assert_eq!(refused["detail"], "`H` is in `G`, so `G` cannot be in it: take `H` out first");
    let refused =
        root.post(&format!("/groups/{g}/members"), &json!({ "group": h })).await.problem(422, "invalid");
    assert_eq!(refused["detail"], "`H` is in `G` already");
    let refused =
        root.post(&format!("/groups/{g}/members"), &json!({ "group": g })).await.problem(422, "invalid");
    assert_eq!(refused["detail"], "`G` cannot be in itself");
    root.post(&format!("/groups/{g}/members"), &json!({ "user": "nobody" })).await.problem(422, "invalid");
    root.post("/groups/none/members", &json!({ "user": root.user })).await.problem(422, "invalid");
    root.put("/roles/none", "\"1\"", &json!({ "id": "none", "name": "None" })).await.problem(404, "unknown");
    root.put(&format!("/roles/{a}"), "\"1\"", &json!({ "id": "other", "name": "A" }))
        .await
        .problem(422, "invalid");
    for path in ["/users/none", "/roles/none", "/groups/none", "/packages/none", "/assignments/none"] {
        root.get(path).await.problem(404, "not_found");
        root.delete(path, "\"1\"").await.problem(404, "unknown");
    }
    root.put("/assignments/none", "\"1\"", &json!({})).await.problem(404, "unknown");
    let assign = json!({ "principal": { "user": root.user }, "role": a, "scope": "servers/../x" });
    root.post("/assignments", &assign).await.problem(422, "invalid");
}

#[tokio::test]
async fn refusals_say_which_rule_and_what_would_help() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let boss = server.person(&root, "boss@example.com", &["admin"]).await;
    let clerk = server
        .person_who_may(&root, "clerk@example.com", &["users.view", "users.manage", "roles.view"])
        .await;

    let details =
        clerk.post("/roles", &json!({ "id": "x", "name": "X" })).await.problem(403, "missing_permission");
    assert_eq!(details["permission"], "roles.manage");
    let admin = root.get("/roles/admin").await.expect(200);
    let details =
        root.put("/roles/admin", &admin.etag(), &admin.json()["role"]).await.problem(403, "built_in_role");
    assert_eq!(details["fix"]["change"]["change"], "create_role");
    let give = |user: &str, role: &str| json!({ "principal": { "user": user }, "role": role, "scope": "/" });
    boss.post("/assignments", &give(&boss.user, "superuser")).await.problem(403, "superuser_only");
    clerk.post("/assignments", &give(&clerk.user, "admin")).await.problem(403, "missing_permission");
    let path = format!("/users/{}", root.user);
    let etag = boss.get(&path).await.etag();
    boss.delete(&path, &etag).await.problem(403, "person_holds_more");
    root.delete(&path, &etag).await.problem(409, "last_superuser");
    root.put(&format!("{path}/status"), &etag, &json!({ "status": "disabled" }))
        .await
        .problem(409, "last_superuser");
    root.post("/roles", &json!({ "id": "admin", "name": "Other" })).await.problem(409, "exists");

    let giver = server
        .person_who_may(&root, "giver@example.com", &["users.view", "users.assign_roles", "users.manage"])
        .await;
    let details = giver.post("/assignments", &give(&clerk.user, "admin")).await.problem(403, "not_held");
    assert!(details["permission"].is_string());
    let invite = json!({ "email": "new@example.com", "roles": ["admin"] });
    giver.post("/users", &invite).await.problem(403, "not_held");

    let parent = role(&root, "Parent", json!({})).await;
    let child = json!({ "id": "child", "name": "Child", "inherits": [parent] });
    root.post("/roles", &child).await.expect(201);
    let etag = root.get(&format!("/roles/{parent}")).await.etag();
    root.delete(&format!("/roles/{parent}"), &etag).await.problem(409, "role_inherited");
}

#[tokio::test]
async fn packages_are_kept_whole() {
    let server = TestServer::with_template("email-marketing").await;
    let root = server.superuser().await;
    let details = {
        let etag = root.get("/roles/campaign_manager").await.expect(200).etag();
        root.delete("/roles/campaign_manager", &etag).await.problem(409, "role_in_package")
    };
    assert_eq!(details["fix"]["change"]["change"], "replace_role_in_packages");
    let any = root.with("if-match", "*");
    any.post("/roles/campaign_manager/replace", &json!({ "with": "read_only" })).await.expect(200);
    let etag = root.get("/roles/campaign_manager").await.etag();
    root.delete("/roles/campaign_manager", &etag).await.expect(200);

    let path = format!("/users/{}", root.user);
    let etag = root.get(&path).await.etag();
    let etag =
        root.put(&format!("{path}/package"), &etag, &json!({ "package": "free" })).await.expect(200).etag();
    let free = root.get("/packages/free").await.expect(200);
    assert_eq!(free.json()["users"], 1);
    root.delete("/packages/free", &free.etag()).await.problem(409, "package_in_use");
    root.put(&format!("{path}/package"), &etag, &json!({ "package": null })).await.expect(200);
    root.delete("/packages/free", &free.etag()).await.expect(200);
    let new = json!({ "id": "", "name": "Team Plan", "roles": ["read_only"] });
    let made = root.post("/packages", &new).await.expect(201).json();
    assert_eq!(made["id"], "team_plan");
    let team = root.get("/packages/team_plan").await.expect(200);
    let edit = json!({ "id": "team_plan", "name": "Team", "roles": [] });
    root.put("/packages/team_plan", &team.etag(), &edit).await.expect(200);
}

#[tokio::test]
async fn a_role_goes_with_the_policy_tests_that_name_it_where_that_is_said() {
    let server = TestServer::with_template("email-marketing").await;
    let root = server.superuser().await;
    let read = root.get("/roles/read_only").await.expect(200);
    let named = json!(["Read Only deletes no lists", "Read Only administers nobody"]);
    assert_eq!(read.json()["tests"], named);
    assert!(root.get("/roles/superuser").await.json()["tests"].is_array());
    let path = |more: &str| format!("/roles/read_only?replace_with={more}");
    root.delete(&path(""), &read.etag()).await.problem(409, "policy_test_fails");
    root.delete(&path("&with_tests=true"), &read.etag()).await.expect(200);
    root.get("/roles/read_only").await.problem(404, "not_found");
    let policy = root.get("/policy").await.json()["policy"].clone();
    let left: Vec<_> = policy["tests"].as_array().unwrap().iter().map(|test| &test["name"]).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    // A role that no test names is deleted as ever.
    let plain = root.get("/roles/campaign_manager").await.expect(200);
    assert!(plain.json().get("tests").is_none());
    root.delete("/roles/campaign_manager?replace_with=&with_tests=true", &plain.etag()).await.expect(200);
}

#[tokio::test]
async fn a_role_in_packages_goes_in_one_change() {
    for (with, carried) in [("read_only", true), ("", false)] {
        let server = TestServer::with_template("email-marketing").await;
        let root = server.superuser().await;
        let clerk = server.person_who_may(&root, "clerk@example.com", &["roles.view", "roles.manage"]).await;
        let read = root.get("/roles/campaign_manager").await.expect(200);
        let packages = read.json()["packages"].clone();
        assert!(!packages.as_array().unwrap().is_empty());
        let before = root.get("/session").await.json()["at"]["revision"].as_u64().unwrap();
        let path = format!("/roles/campaign_manager?replace_with={with}");

        root.delete("/roles/campaign_manager", &read.etag()).await.problem(409, "role_in_package");
        root.delete(&path, "\"1.1\"").await.problem(412, "conflict");
        root.send(Method::DELETE, &path, None, Body::empty()).await.problem(428, "precondition_required");
        clerk.delete(&path, &read.etag()).await.problem(403, "missing_permission");
        for wrong in ["none", "campaign_manager"] {
            let path = format!("/roles/campaign_manager?replace_with={wrong}");
            let details = root.delete(&path, &read.etag()).await.problem(422, "invalid");
            assert_eq!(details["errors"][0]["path"], "query.replace_with");
        }
        root.delete("/roles/none?replace_with=", "\"1\"").await.problem(404, "unknown");
        let dry = root.delete(&format!("{path}&dry_run=true"), &read.etag()).await.expect(200).json();
        assert_eq!(dry["dry_run"], true);
        root.get("/roles/campaign_manager").await.expect(200);

        let done = root.delete(&path, &read.etag()).await.expect(200).json();
        assert_eq!(done["at"]["revision"], before + 1);
        root.get("/roles/campaign_manager").await.problem(404, "not_found");
        for package in packages.as_array().unwrap() {
            let package = root.get(&format!("/packages/{}", package.as_str().unwrap())).await.expect(200);
            let package = package.json()["package"].clone();
            let roles: Vec<_> =
                package["roles"].as_array().unwrap().iter().map(|link| &link["role"]).collect();
            assert!(!roles.contains(&&json!("campaign_manager")), "{package}");
            assert!(!carried || roles.contains(&&json!("read_only")), "{package}");
        }
    }
    let server = TestServer::new().await;
    let api = server.nobody().get("/api/v1/openapi.json").await.expect(200).json();
    let delete = &api["paths"]["/api/v1/tenants/{tenant}/roles/{id}"]["delete"]["parameters"];
    assert!(
        delete.as_array().unwrap().iter().any(|parameter| parameter["name"] == "replace_with"),
        "{delete}"
    );
}

#[tokio::test]
async fn built_in_roles_come_with_the_policy() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let new = json!({ "id": "x", "name": "X", "kind": "built_in" });
    let details = root.post("/roles", &new).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.kind");
    root.get("/roles/x").await.problem(404, "not_found");
    let id = role(&root, "X", json!({})).await;
    let read = root.get(&format!("/roles/{id}")).await.expect(200);
    let mut edit = read.json()["role"].clone();
    edit["kind"] = json!("built_in");
    let details = root.put(&format!("/roles/{id}"), &read.etag(), &edit).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.kind");
    edit["kind"] = json!("custom");
    root.put(&format!("/roles/{id}"), &read.etag(), &edit).await.expect(200);
}

#[tokio::test]
async fn an_if_match_is_asked_of_what_is_there() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let id = role(&root, "X", json!({})).await;
    let body = |path: &str| match path {
        "/roles/none" => json!({ "id": "none", "name": "None" }),
        "/packages/none" => json!({ "id": "none", "name": "None", "roles": [] }),
        "/groups/none" => json!({ "name": "None" }),
        _ => json!({ "email": "none@example.com" }),
    };
    for path in ["/roles/none", "/packages/none", "/groups/none", "/users/none"] {
        root.send(Method::DELETE, path, None, Body::empty()).await.problem(404, "unknown");
        let body = Body::from(body(path).to_string());
        root.send(Method::PUT, path, Some("application/json"), body).await.problem(404, "unknown");
    }
    let path = format!("/roles/{id}");
    for garbage in ["garbage", "3", "\"3", "\"", "W/3", "\"3\", x", "", "W/*"] {
        let details = root.delete(&path, garbage).await.problem(400, "malformed");
        assert!(details["detail"].as_str().unwrap().contains("If-Match"), "{garbage}");
    }
    let weak = root.delete(&path, "W/\"3\"").await.problem(412, "conflict");
    assert!(weak["detail"].as_str().unwrap().starts_with("a weak `ETag` came"), "{weak}");
    for path in ["/policy", "/settings"] {
        let body = root.get(path).await.expect(200).json()[&path[1..]].to_string();
        let answer = root.send(Method::PUT, path, Some("application/json"), Body::from(body)).await;
        answer.problem(428, "precondition_required");
    }
    root.delete(&path, "\"1\", \"3\"").await.expect(200);
}

#[tokio::test]
async fn an_invitation_gives_each_role_once_and_never_the_base_role() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let roles = root.get("/roles").await.expect(200).json();
    let base = roles["items"].as_array().unwrap().iter().find(|item| item["role"]["base"] == true).unwrap();
    for (roles, path) in [
        (json!(["admin", "admin"]), "$.roles[1]"),
        (json!(["admin", "superuser", "admin"]), "$.roles[2]"),
        (json!(["admin", base["role"]["id"]]), "$.roles[1]"),
    ] {
        let invite = json!({ "email": "ana@example.com", "roles": roles });
        let details = root.post("/users", &invite).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], path, "{roles}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_words_of_json() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for (path, body, at, says) in [
        ("/roles", json!([]), "$", "expected an object, not an array"),
        ("/roles", json!("x"), "$", "expected an object, not string \"x\""),
        (
            "/roles",
            json!({ "id": "x", "name": "X", "position": "first" }),
            "$.position",
            "expected a whole number, not string \"first\"",
        ),
        (
            "/roles",
            json!({ "id": "x", "name": "X", "kind": "other" }),
            "$.kind",
            "`other` is not known here: write `built_in`, `custom`",
        ),
        (
            "/groups",
            json!({ "nom": "x" }),
            "$.nom",
            "`nom` is not known here: leave it out, or write one of `name`, `description`",
        ),
        ("/users", json!({ "email": "a@b", "roles": "x" }), "$.roles", "expected an array, not string \"x\""),
    ] {
        let details = root.post(path, &body).await.problem(422, "invalid");
        assert_eq!(
            (&details["errors"][0]["path"], &details["errors"][0]["message"]),
            (&json!(at), &json!(says))
        );
    }
    let statuses = "`gone` is not known here: write `invited`, `no_invitation`, `active`, `disabled`";
    for (path, at, says) in [
        ("/users?limit=x", "query.limit", "a whole number is expected"),
        ("/users?limit=-1", "query.limit", "a whole number is expected"),
        ("/users?limit=99999999999", "query.limit", "a whole number is expected"),
        ("/users?limit=", "query.limit", "a whole number is expected"),
        ("/users?limit=1&limit=2", "query.limit", "`limit` stands here twice: say it once"),
        ("/users?limit=201", "query.limit", "a page has 1 to 200 rows"),
        ("/users?status=gone", "query.status", statuses),
        (
            "/users?sort=age",
            "query.sort",
            "`age` is not an order: sort by name, email, status, created or last_sign_in",
        ),
        ("/snapshot", "query.kind", "`kind` is needed: say it in the query"),
        (
            "/groups?page=2",
            "query.page",
            "`page` is not known here: leave it out, or write one of `search`, `role`, `sort`, `limit`, `cursor`, `as_of`",
        ),
    ] {
        let details = root.get(path).await.problem(422, "invalid");
        assert_eq!(
            (&details["errors"][0]["path"], &details["errors"][0]["message"]),
            (&json!(at), &json!(says)),
            "{path}"
        );
    }
    let details = root.post("/groups?dry_run=yes", &json!({ "name": "G" })).await.problem(422, "invalid");
    assert_eq!(details["detail"], "`true` or `false` is expected");
}

#[tokio::test]
async fn a_dry_run_says_who_would_gain_and_lose_what_by_name_to_who_may_see_people() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let id =
        role(&root, "Report Author", json!({ "reports.view": "allowed", "reports.run": "allowed" })).await;
    let ana = server.person(&root, "ana@example.com", &[&id]).await;
    let bob = server.person(&root, "bob@example.com", &[&id]).await;
    // Who edits roles without seeing people must hold what the role gives.
    let may = ["roles.view", "roles.manage", "reports.view", "reports.run", "alerts.view"];
    let editor = server.person_who_may(&root, "eve@example.com", &may).await;
    let read = root.get(&format!("/roles/{id}")).await;
    let mut edited = read.json()["role"].clone();
    edited["grants"] = json!({ "reports.view": "allowed", "alerts.view": "allowed" });
    let dry = async |who: &Client| {
        let path = format!("/roles/{id}?dry_run=true");
        who.put(&path, &read.etag(), &edited).await.expect(200).json()["reach"].clone()
    };

    let told = dry(&root).await;
    assert_eq!((&told["all"], &told["gain"], &told["lose"]), (&json!(2), &json!(2), &json!(2)));
    let counted = |id: &str| {
        let all = told["permissions"].as_array().unwrap();
        let found = all.iter().find(|counted| counted["permission"] == id).unwrap();
        (found["gain"].as_u64().unwrap(), found["lose"].as_u64().unwrap())
    };
    assert_eq!((counted("alerts.view"), counted("reports.run")), ((2, 0), (0, 2)));
    let named = |told: &Value, id: &str| {
        let all = told["permissions"].as_array().unwrap();
        let found = all.iter().find(|counted| counted["permission"] == id).unwrap();
        (found["name"].as_str().unwrap().to_owned(), found["privileged"].clone())
    };
    assert_eq!(named(&told, "reports.run"), ("Reports: Run".to_owned(), json!(false)));
    let mut people: Vec<&str> =
        told["people"].as_array().unwrap().iter().map(|it| it["user"].as_str().unwrap()).collect();
    people.sort_unstable();
    let mut expected = [ana.user.as_str(), bob.user.as_str()];
    expected.sort_unstable();
    assert_eq!(people, expected);
    assert_eq!(told["people"][0]["differences"][0]["scope"], "/");

    let told = dry(&editor).await;
    assert_eq!((&told["gain"], told.get("people")), (&json!(2), None), "{told}");
    let made = root.put(&format!("/roles/{id}"), &read.etag(), &edited).await.expect(200).json();
    assert_eq!(made.get("reach"), None);
}

#[tokio::test]
async fn the_dry_run_of_an_invitation_says_whom_its_acceptance_reaches() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let invite = |roles: &[&str]| json!({ "email": "ana@example.com", "first_name": "Ana", "roles": roles });
    for (roles, gain) in [(&["admin"][..], 1), (&[], 0)] {
        let tried = root.post("/users?dry_run=true", &invite(roles)).await.expect(200).json();
        let reach = &tried["reach"];
        assert_eq!(
            (&reach["all"], &reach["gain"], &reach["lose"]),
            (&json!(gain), &json!(gain), &json!(0)),
            "{roles:?}"
        );
        assert_eq!(reach["people"].as_array().map_or(0, Vec::len), gain, "{roles:?}");
    }
    let tried = root.post("/users?dry_run=true", &invite(&["admin"])).await.expect(200).json();
    assert_eq!(tried["reach"]["people"][0]["name"], "Ana");
    let permissions = tried["reach"]["permissions"].to_string();
    assert!(permissions.contains("reports.run") && !permissions.contains("roles.manage"), "{permissions}");
    // Who may not see people is told how many.
    let clerk = server.key(&["users.manage"]).await;
    let tried = clerk.post("/users?dry_run=true", &invite(&[])).await.expect(200).json();
    assert!(tried["reach"].get("people").is_none());
    // Who may not see the catalogue is told the permissions of the product by their ids.
    let runner = role(&root, "Runner", json!({ "reports.run": "allowed" })).await;
    let giver = server.key(&["users.manage", "users.assign_roles", "roles.escalate"]).await;
    for (who, name) in [(&giver, "reports.run"), (&root, "Reports: Run")] {
        let tried = who.post("/users?dry_run=true", &invite(&[&runner])).await.expect(200).json();
        let told = tried["reach"]["permissions"].as_array().unwrap();
        assert!(told.iter().any(|counted| counted["name"] == name), "{tried}");
    }
    let made = root.post("/users", &invite(&["admin"])).await.expect(201).json();
    assert!(made.get("reach").is_none());
    let again = format!("/users/{}/invitation?dry_run=true", made["user"].as_str().unwrap());
    assert_eq!(root.post(&again, &json!({})).await.expect(200).json()["reach"]["all"], 0);
}

#[tokio::test]
async fn what_is_given_later_is_told_from_when_on_before_and_after_it_is_made() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nina = server.person(&root, "nina@example.com", &[]).await;
    let from = server.app.clock.now().0 + 864_000_000;
    let give = json!({ "principal": { "user": nina.user }, "role": "admin", "scope": "/", "from": from });
    let tried = root.post("/assignments?dry_run=true", &give).await.expect(200).json()["reach"].clone();
    let made = root.post("/assignments", &give).await.expect(201).json();
    let revision = &made["at"]["revision"];
    let looked_back = root.get(&format!("/audit/{revision}/reach")).await.expect(200).json();
    for reach in [tried, looked_back] {
        let told = [&reach["from"], &reach["all"], &reach["gain"], &reach["people"][0]["user"]];
        assert_eq!(told, [&json!(from), &json!(1), &json!(1), &json!(nina.user)], "{reach}");
    }
    let now = json!({ "principal": { "user": nina.user }, "role": "admin", "scope": "/" });
    let tried = root.post("/assignments?dry_run=true", &now).await.expect(200).json();
    assert_eq!((tried["reach"].get("from"), &tried["reach"]["gain"]), (None, &json!(1)));
}

#[tokio::test]
async fn a_document_is_told_anew_also_where_its_version_is_held() {
    // Its `ETag` says what an edit was made from, and not all that is told: what a person holds changes without it.
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let path = format!("/users/{}", ana.user);
    let before = root.get(&path).await.expect(200);
    let give = json!({ "principal": { "user": ana.user }, "role": "admin", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    let after = root.with("if-none-match", before.header("etag")).get(&path).await.expect(200);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_ne!(after.text(), before.text());
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let id = role(&root, "Report Author", json!({})).await;
    let group = root.post("/groups", &json!({ "name": "G" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap();
    let before = root.get("/policy").await.json()["at"].clone();
    let read = root.get(&format!("/roles/{id}")).await;
    let (etag, mut role) = (read.etag(), read.json()["role"].clone());
    role["name"] = json!("Another name");
    let tenant = root.get("/session").await.json()["at"].clone();

    let answers = [
        root.post("/roles?dry_run=true", &json!({ "id": "", "name": "B" })).await,
        root.put(&format!("/roles/{id}?dry_run=true"), &etag, &role).await,
        root.delete(&format!("/roles/{id}?dry_run=true"), &etag).await,
        root.post("/groups?dry_run=true", &json!({ "name": "H" })).await,
        root.post(&format!("/groups/{group}/members?dry_run=true"), &json!({ "user": root.user })).await,
        root.post("/assignments?dry_run=true", &json!({ "principal": "everyone", "role": id, "scope": "/" }))
            .await,
    ];
    for answer in answers {
        let answer = answer.expect(200);
        assert_eq!(answer.header("rolewright-revision"), "");
        let answer = answer.json();
        assert_eq!(answer["dry_run"], true);
        assert_eq!(answer["at"]["revision"], tenant["revision"].as_u64().unwrap() + 1);
    }
    let invited = root.post("/users?dry_run=true", &json!({ "email": "ana@example.com" })).await.expect(200);
    assert!(invited.json().get("link").is_none());
    root.post("/roles?dry_run=true", &json!({ "id": "admin", "name": "B" })).await.problem(409, "exists");
    root.post("/roles?dry_rum=true", &json!({ "id": "b", "name": "B" })).await.problem(422, "invalid");

    assert_eq!(root.get("/policy").await.json()["at"], before);
    assert_eq!(root.get("/users").await.json()["total"], 1);
}

#[tokio::test]
async fn who_lacks_the_permission_sees_nothing_but_themselves() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let own = ana.get(&format!("/users/{}", ana.user)).await.expect(200).json();
    assert_eq!(own["user"]["email"], "ana@example.com");
    ana.get(&format!("/assignments?user={}", ana.user)).await.expect(200);
    ana.get("/session").await.expect(200);
    ana.get("/snapshot?kind=subject").await.expect(200);
    for (path, permission) in [
        ("/users", "users.view"),
        (&*format!("/users/{}", root.user), "users.view"),
        ("/users/none", "users.view"),
        ("/assignments", "users.view"),
        ("/assignments/none", "users.view"),
        ("/roles", "roles.view"),
        ("/roles/admin", "roles.view"),
        ("/roles/none", "roles.view"),
        ("/policy", "roles.view"),
        ("/groups", "groups.view"),
        ("/groups/none", "groups.view"),
        ("/packages", "packages.view"),
        ("/packages/none", "packages.view"),
        ("/settings", "settings.view"),
        ("/snapshot?kind=policy", "snapshot.policy"),
        ("/snapshot?kind=full", "snapshot.full"),
    ] {
        let details = ana.get(path).await.problem(403, "missing_permission");
        assert_eq!(details["permission"], permission, "{path}");
        server.nobody().get(path).await.problem(401, "unauthenticated");
    }
    // A conflict shows the document, so the permission is asked for first.
    let edit = json!({ "id": "admin", "name": "Admin" });
    ana.put("/roles/admin", "\"999\"", &edit).await.problem(403, "missing_permission");
    ana.put("/settings", "\"999\"", &json!({})).await.problem(403, "missing_permission");
    ana.put("/policy", "\"999\"", &root.get("/policy").await.json()["policy"])
        .await
        .problem(403, "missing_permission");
    ana.get("/api/v1/tenants/other/users").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn writes_from_other_sites_are_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let body = json!({ "id": "", "name": "X" });
    let bare = root.without("sec-fetch-site");
    bare.post("/roles", &body).await.problem(403, "cross_site");
    for site in ["cross-site", "same-site"] {
        root.with("sec-fetch-site", site).post("/roles", &body).await.problem(403, "cross_site");
    }
    let evil = bare.with("host", "evil.example.com").with("origin", "https://evil.example.com");
    evil.post("/roles", &body).await.problem(403, "cross_site");
    evil.with("origin", "null").post("/roles", &body).await.problem(403, "cross_site");
    // That is the public URL, whatever `Host` a proxy writes.
    evil.with("origin", "https://access.example.com").post("/roles", &body).await.expect(201);
    let out = bare.send(Method::DELETE, "/session", None, Body::empty()).await;
    out.problem(403, "cross_site");
    root.get("/session").await.expect(200);
}

#[tokio::test]
async fn a_person_shows_what_they_hold_and_why() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    let id = role(&root, "Report Runner", json!({ "reports.run": "allowed" })).await;
    let group = root.post("/groups", &json!({ "name": "Reporters" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap();
    let member =
        root.post(&format!("/groups/{group}/members"), &json!({ "user": ana.user })).await.expect(201).json();
    let given = json!({ "principal": { "group": group }, "role": id, "scope": "/" });
    let assignment = root.post("/assignments", &given).await.expect(201).json();
    let seen = root.get(&format!("/users/{}", ana.user)).await.expect(200).json();
    let kinds: Vec<_> = seen["roles"].as_array().unwrap().iter().map(|role| &role["via"]["kind"]).collect();
    assert_eq!(kinds, ["direct", "group", "base"]);
    let run =
        seen["permissions"].as_array().unwrap().iter().find(|it| it["permission"] == "reports.run").unwrap();
    assert!(run["sources"].as_array().unwrap().contains(&json!(1)));
    assert_eq!(seen["groups"][0]["name"], "Reporters");

    let membership = member["id"].as_str().unwrap();
    root.delete(&format!("/groups/none/members/{membership}"), "*").await.problem(404, "not_found");
    root.delete(&format!("/groups/{group}/members/{membership}"), "*").await.expect(200);
    root.delete(&format!("/assignments/{}", assignment["id"].as_str().unwrap()), "*").await.expect(200);
    let etag = root.get(&format!("/groups/{group}")).await.etag();
    let etag =
        root.put(&format!("/groups/{group}"), &etag, &json!({ "name": "Press" })).await.expect(200).etag();
    root.delete(&format!("/groups/{group}"), &etag).await.expect(200);
}

#[tokio::test]
async fn a_dry_run_of_a_policy_tells_which_documents_come_go_and_are_edited() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for id in ["mine", "old"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let read = root.get("/policy").await.expect(200);
    let mut policy = read.json()["policy"].clone();
    policy["packages"] = json!([{ "id": "tiny", "name": "Tiny" }]);
    let roles = policy["roles"].as_array_mut().unwrap();
    roles.retain(|role| role["id"] != "old");
    roles.iter_mut().find(|role| role["id"] == "mine").unwrap()["name"] = json!("Ours");
    policy["settings"]["new_links"] = json!("next_login");
    let dry = root.put("/policy?dry_run=true", &read.etag(), &policy).await.expect(200).json();
    let difference = |kind: &str, id: &str, name: &str, became: &str| json!({ "kind": kind, "id": id, "name": name, "became": became });
    let expected = json!([
        json!({ "kind": "settings", "id": "default", "became": "edited" }),
        difference("role", "mine", "Ours", "edited"),
        difference("role", "old", "old", "removed"),
        difference("package", "tiny", "Tiny", "added"),
    ]);
    let mut documents = dry["documents"].clone();
    let told: Vec<[Value; 2]> = documents
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|it| {
            let it = it.as_object_mut().unwrap();
            ["before", "after"]
                .map(|side| it.remove(side).map_or(Value::Null, |document| document["name"].clone()))
        })
        .collect();
    assert_eq!(documents, expected);
    assert_eq!(
        told[1..],
        [[json!("mine"), json!("Ours")], [json!("old"), Value::Null], [Value::Null, json!("Tiny")]]
    );
    assert_eq!(dry["reach"]["all"], 0);
    assert_eq!(root.put("/policy", &read.etag(), &policy).await.expect(200).json().get("documents"), None);
}

/// Gives `role` in that window; the link, and where it is.
async fn given(root: &Client, principal: Value, role: &str, window: [Option<i64>; 2]) -> (String, String) {
    let [from, until] = window;
    let give = json!({ "principal": principal, "role": role, "scope": "/", "from": from, "until": until });
    let link = root.post("/assignments", &give).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let path = format!("/assignments/{link}");
    (link, path)
}

fn window(from: Option<i64>, until: Option<i64>) -> Value {
    json!({ "from": from, "until": until })
}

/// Long after every test.
const SOON: i64 = 4_000_000_000_000;
const LATER: i64 = 5_000_000_000_000;

#[tokio::test]
async fn a_window_says_which_version_it_was_made_from() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let role = role(&root, "Report Author", json!({ "reports.run": "allowed" })).await;
    let (link, path) = given(&root, json!({ "user": ana.user }), &role, [None, None]).await;
    let read = root.get(&path).await.expect(200);
    let first = read.etag();
    assert_eq!(read.json()["assignment"]["id"], link);
    assert_eq!(read.json()["principal_name"], "ana@example.com");
    assert_eq!(first, format!("\"{}\"", read.json()["revision"]));

    let later = window(None, Some(LATER));
    let unconditional =
        root.send(Method::PUT, &path, Some("application/json"), Body::from(later.to_string())).await;
    unconditional.problem(428, "precondition_required");
    root.put(&path, "LATER", &later).await.problem(400, "malformed");

    // Another administrator takes some of it away; what was made from before that gives none back.
    let theirs = root.put(&path, &first, &window(None, Some(SOON))).await.expect(200);
    let newer = theirs.etag();
    assert_ne!(newer, first);
    let before = root.get("/policy").await.json()["at"].clone();
    for stale in [&later, &window(None, None), &window(None, Some(SOON)), &window(Some(1), Some(SOON))] {
        for query in ["", "?dry_run=true"] {
            let conflict = root.put(&format!("{path}{query}"), &first, stale).await;
            assert_eq!(conflict.etag(), newer);
            assert_eq!(conflict.problem(412, "conflict")["current"]["until"], SOON);
        }
    }
    assert_eq!(root.get("/policy").await.json()["at"], before);
    let held = root.get(&format!("/assignments?user={}&role={role}", ana.user)).await.expect(200).json();
    assert_eq!((&held["total"], &held["items"][0]["assignment"]["until"]), (&json!(1), &json!(SOON)));
    assert_eq!(format!("\"{}\"", held["items"][0]["revision"]), newer);

    // A change of something else is no conflict here.
    given(&root, json!("everyone"), &role, [None, None]).await;
    root.put(&path, &newer, &window(None, Some(SOON - 1))).await.expect(200);
}

#[tokio::test]
async fn a_narrower_window_keeps_its_link_and_a_wider_one_is_given_anew() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let role = role(&root, "Report Author", json!({ "reports.run": "allowed" })).await;
    let (link, path) = given(&root, json!({ "user": ana.user }), &role, [None, Some(LATER)]).await;
    let first = root.get(&path).await.etag();

    let dry = root.put(&format!("{path}?dry_run=true"), &first, &window(None, Some(SOON))).await.expect(200);
    assert_eq!((dry.etag().as_str(), &dry.json()["dry_run"]), ("", &json!(true)));
    let kept = root.put(&path, &first, &window(None, Some(SOON))).await.expect(200);
    assert_eq!(kept.json().get("id"), None);
    let read = root.get(&path).await.expect(200);
    assert_eq!(read.etag(), kept.etag());
    let assignment = &read.json()["assignment"];
    assert_eq!((&assignment["id"], &assignment["until"]), (&json!(link), &json!(SOON)));

    let dry = root.put(&format!("{path}?dry_run=true"), &kept.etag(), &window(None, None)).await.expect(200);
    assert_eq!(dry.etag(), "");
    let widened = root.put(&path, &kept.etag(), &window(None, None)).await.expect(201);
    let fresh = widened.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(fresh, link);
    root.get(&path).await.problem(404, "not_found");
    root.put(&path, &kept.etag(), &window(None, Some(SOON))).await.problem(404, "unknown");
    let path = format!("/assignments/{fresh}");
    let read = root.get(&path).await.expect(200);
    assert_eq!(read.etag(), widened.etag());
    assert_eq!(read.json()["assignment"].get("until"), None);

    // The answer's own `ETag` leads on.
    let again = root.put(&path, &widened.etag(), &window(None, Some(LATER))).await.expect(200);
    root.put(&path, &again.etag(), &window(None, Some(SOON))).await.expect(200);
}

#[tokio::test]
async fn an_assignment_is_seen_and_edited_by_who_may() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let group = root.post("/groups", &json!({ "name": "Press" })).await.expect(201).json();
    let role = role(&root, "Report Author", json!({ "reports.run": "allowed" })).await;
    let (_, own) = given(&root, json!({ "user": ana.user }), &role, [None, None]).await;
    let (_, of_group) = given(&root, json!({ "group": group["id"] }), &role, [None, None]).await;
    let (_, of_all) = given(&root, json!("everyone"), &role, [None, None]).await;
    let sees_people = server.person_who_may(&root, "people@example.com", &["users.view"]).await;
    let sees_groups = server.person_who_may(&root, "groups@example.com", &["groups.view"]).await;
    for (who, path, is_seen) in [
        (&ana, &own, true),
        (&ana, &of_group, false),
        (&ana, &of_all, false),
        (&sees_people, &own, true),
        (&sees_people, &of_group, true),
        (&sees_people, &of_all, true),
        (&sees_groups, &own, false),
        (&sees_groups, &of_group, true),
        (&sees_groups, &of_all, false),
    ] {
        let answer = who.get(path).await;
        if is_seen {
            answer.expect(200);
        } else {
            assert_eq!(answer.problem(403, "missing_permission")["permission"], "users.view");
        }
    }

    // The permission is asked for first, whatever `If-Match` says; a conflict shows the link to
    // those who may see it alone.
    let narrower = window(None, Some(SOON));
    let current = root.get(&own).await.etag();
    for etag in ["\"1\"", &current, "*"] {
        let details = sees_people.put(&own, etag, &narrower).await.problem(403, "missing_permission");
        assert_eq!(details["permission"], "users.assign_roles");
    }
    let assigns = ["users.assign_roles", "reports.run"];
    let blind = server.person_who_may(&root, "blind@example.com", &assigns).await;
    let details = blind.put(&own, "\"1\"", &narrower).await.problem(412, "conflict");
    assert_eq!(details.get("current"), None);
    blind.put(&own, &current, &narrower).await.expect(200);
}

#[tokio::test]
async fn an_invitation_gives_its_roles_when_it_is_accepted() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let invited = root
        .post("/users", &json!({ "email": "ana@example.com", "roles": ["admin"] }))
        .await
        .expect(201)
        .json();
    let user = invited["user"].as_str().unwrap();
    let check = json!({ "subject": user, "permission": "reports.run" });
    assert_eq!(root.post("/check", &check).await.expect(200).json()["reason"], "inactive_subject");
    let accept =
        json!({ "token": token_of(invited["link"].as_str().unwrap()), "password": "a phrase of my own" });
    server.nobody().post("/invitations/accept", &accept).await.expect(200);
    assert_eq!(root.post("/check", &check).await.expect(200).json()["allowed"], true);
}

#[tokio::test]
async fn attributes_of_a_person_are_set_and_refused_with_their_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let path = format!("/users/{}", ana.user);
    let etag = root.get(&path).await.expect(200).etag();
    let attributes = json!({ "department": "sales", "level": 3, "on_call": true });
    let set = root.put(&format!("{path}/attributes"), &etag, &attributes).await.expect(200);
    let read = root.get(&path).await.expect(200);
    assert_eq!((read.json()["user"]["attributes"].clone(), read.etag()), (attributes.clone(), set.etag()));
    root.put(&format!("{path}/attributes"), &etag, &attributes).await.problem(412, "conflict");
    let wrong = root.put(&format!("{path}/attributes"), &set.etag(), &json!({ "a": { "b": 1 } })).await;
    assert!(wrong.problem(422, "invalid")["errors"][0]["path"].as_str().unwrap().starts_with("$.a"));
    let eve = server.person_who_may(&root, "eve@example.com", &["users.manage", "users.view"]).await;
    let own = format!("/users/{}/attributes", eve.user);
    eve.put(&own, "*", &attributes).await.problem(403, "own_attributes");
}
