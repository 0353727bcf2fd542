//! Several changes in one, all or nothing.

use serde_json::{Value, json};

use crate::support::{Client, TestServer};

async fn group(root: &Client, name: &str) -> String {
    let made = root.post("/groups", &json!({ "name": name })).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

fn create(id: &str, name: &str) -> Value {
    json!({ "change": "create_group", "group": { "id": id, "name": name } })
}

fn rename(id: &str, name: &str) -> Value {
    json!({ "change": "update_group", "group": { "id": id, "name": name } })
}

#[tokio::test]
async fn a_batch_is_one_change_in_the_log() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let finance = group(&root, "Finance").await;
    let etag = root.get(&format!("/groups/{finance}")).await.expect(200).etag();
    let batch = json!({
        "changes": [create("g_sales", "Sales"), rename("g_sales", "Sales EU"), rename(&finance, "Money")],
        "versions": [{ "kind": "group", "id": finance, "etag": etag }],
    });
    let dry = root.post("/batch?dry_run=true", &batch).await.expect(200).json();
    assert_eq!((&dry["dry_run"], &dry["reach"]["all"]), (&json!(true), &json!(0)));
    let before = root.get("/audit").await.expect(200).json()["items"].as_array().unwrap().len();
    let made = root.post("/batch?reason=new%20teams", &batch).await.expect(200).json();
    let log = root.get("/audit").await.expect(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), before + 1);
    assert_eq!(log["items"][0]["action"], "batch");
    assert_eq!(log["items"][0]["reason"], "new teams");
    assert_eq!(made["at"]["revision"], log["items"][0]["at"]["revision"]);
    let groups = root.get("/groups").await.expect(200).json();
    let names: Vec<&str> = groups["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["group"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Money", "Sales EU"]);
}

#[tokio::test]
async fn a_batch_of_the_whole_tenant_needs_no_versions_and_is_made_only_where_nothing_changed_since() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let finance = group(&root, "Finance").await;
    let head = root.get("/policy").await.expect(200).json()["at"]["revision"].clone();
    let head = format!("\"{head}\"");
    let batch = |name: &str| json!({ "changes": [rename(&finance, name)] });
    root.with("if-match", &head).post("/batch?dry_run=true", &batch("Money")).await.expect(200);
    root.with("if-match", &head).post("/batch", &batch("Money")).await.expect(200);
    root.with("if-match", &head).post("/batch", &batch("Cash")).await.problem(412, "conflict");
    root.with("if-match", "nothing").post("/batch", &batch("Cash")).await.problem(400, "malformed");
    let now = root.get(&format!("/groups/{finance}")).await.expect(200).json();
    assert_eq!(now["group"]["name"], "Money");
}

#[tokio::test]
async fn a_batch_says_which_versions_it_was_made_from() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let finance = group(&root, "Finance").await;
    let versions = |etag: &str| json!([{ "kind": "group", "id": finance, "etag": etag }]);
    let changes = json!([create("g_sales", "Sales"), rename(&finance, "Money")]);
    let missing =
        root.post("/batch", &json!({ "changes": changes })).await.problem(428, "precondition_required");
    assert_eq!(missing["errors"][0]["path"], "$.changes[1]");
    let detail = missing["detail"].as_str().unwrap();
    assert!(detail.contains("`$.changes[1]`") && detail.contains("`versions`"), "{detail}");
    let stale = json!({ "changes": changes, "versions": versions("\"1\"") });
    let conflict = root.post("/batch", &stale).await.problem(412, "conflict");
    assert_eq!(conflict["current"]["name"], "Finance");
    let any = json!({ "changes": changes, "versions": versions("*") });
    root.post("/batch", &any).await.expect(200);
}

#[tokio::test]
async fn a_batch_is_made_whole_or_not_at_all() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let changes = json!([create("g_sales", "Sales"), create("g_more", "Sales")]);
    let refused = root.post("/batch", &json!({ "changes": changes })).await.problem(409, "taken");
    assert_eq!(refused["errors"][0]["path"], "$.changes[1].name");
    assert_eq!(root.get("/groups").await.expect(200).json()["total"], 0);

    let gone = json!([create("g_sales", "Sales"), { "change": "remove_member", "id": "l_none" }]);
    let refused = root.post("/batch", &json!({ "changes": gone })).await.problem(404, "unknown");
    assert_eq!(refused["errors"][0]["path"], "$.changes[1]");
}

#[tokio::test]
async fn nobody_grants_by_a_batch_what_they_do_not_hold() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let eve = server.person_who_may(&root, "eve@example.com", &["groups.manage", "users.assign_roles"]).await;
    let give = json!({ "change": "assign", "assignment": {
        "principal": { "group": "g_sales" }, "role": "superuser", "scope": "/" } });
    let join = json!({ "change": "add_member", "group": "g_sales",
        "member": { "user": eve.user } });
    for changes in
        [json!([create("g_sales", "Sales"), give, join]), json!([create("g_sales", "Sales"), join, give])]
    {
        let refused = eve.post("/batch", &json!({ "changes": changes })).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
}

#[tokio::test]
async fn what_has_its_own_path_is_in_no_batch() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let user = json!({ "id": "u_eve", "email": "eve@example.com" });
    let key = json!({ "id": "k", "name": "edge", "permissions": ["users.view"], "scope": "/" });
    let before = root.get("/session").await.expect(200).json()["at"].clone();
    for change in [
        json!({ "change": "create_user", "user": user, "sign_in": true }),
        json!({ "change": "invite_user", "user": user }),
        json!({ "change": "accept_invitation", "id": "u_eve", "inviter": null }),
        json!({ "change": "batch", "changes": [] }),
        json!({ "change": "make_key", "key": key }),
        json!({ "change": "update_key", "before": key, "key": key }),
        json!({ "change": "renew_key", "key": key }),
        json!({ "change": "end_key", "key": key }),
        json!({ "change": "send_invitation", "id": root.user }),
        json!({ "change": "revoke_invitation", "id": root.user }),
        json!({ "change": "start_password_reset", "id": root.user }),
        json!({ "change": "set_password", "id": root.user }),
        json!({ "change": "turn_on_second_factor", "id": root.user }),
        json!({ "change": "turn_off_second_factor", "id": root.user }),
        json!({ "change": "replace_second_factor", "id": root.user }),
        json!({ "change": "renew_recovery_codes", "id": root.user }),
        json!({ "change": "reset_second_factor", "id": root.user }),
        json!({ "change": "end_sessions", "id": root.user }),
        json!({ "change": "end_other_sessions", "id": root.user }),
        json!({ "change": "end_other_sessions", "id": root.user, "session": "s" }),
    ] {
        let changes = json!([create("g_sales", "Sales"), change]);
        let refused = root.post("/batch", &json!({ "changes": changes })).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["path"], "$.changes[1].change", "{change}");
    }
    let renamed = json!([{ "change": "set_email", "id": "u_eve", "email": "eva@example.com" }]);
    let refused = root.post("/batch", &json!({ "changes": renamed })).await.problem(422, "invalid");
    let said = refused["detail"].as_str().unwrap();
    assert!(said.contains("`PUT /users/{id}`") && said.contains("`PUT /session/email`"), "{said}");
    assert_eq!(root.get("/session").await.expect(200).json()["at"], before);
    for changes in [json!([]), Value::from(vec![create("g", "G"); 1001])] {
        root.post("/batch", &json!({ "changes": changes })).await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn who_is_disabled_or_deleted_by_a_batch_loses_every_session() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for change in
        [json!({ "change": "set_status", "status": "disabled" }), json!({ "change": "delete_user" })]
    {
        let eve = server.person(&root, "eve@example.com", &[]).await;
        eve.get("/session").await.expect(200);
        let mut change = change;
        change["id"] = json!(eve.user);
        let versions = json!([{ "kind": "user", "id": eve.user, "etag": "*" }]);
        root.post("/batch", &json!({ "changes": [change], "versions": versions })).await.expect(200);
        eve.get("/session").await.problem(401, "unauthenticated");
        let activate = json!([{ "change": "set_status", "id": eve.user, "status": "active" }]);
        let again = json!({ "changes": activate, "versions": versions });
        if root.post("/batch", &again).await.status == 200 {
            eve.get("/session").await.problem(401, "unauthenticated");
            root.delete(&format!("/users/{}", eve.user), "*").await.expect(200);
        }
    }
}

#[tokio::test]
async fn what_a_batch_creates_without_an_id_gets_one_and_the_answer_says_which() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = |id: &str, name: &str| json!({ "change": "create_role", "role": { "id": id, "name": name } });
    let give = json!({ "change": "assign", "assignment":
        { "principal": { "user": root.user }, "role": "own", "scope": "/" } });
    let batch = json!({ "changes": [
        role("", "Own role"), role("own", "Owned"), role("", "Own"), role("", "Own role!"),
        { "change": "create_group", "group": { "id": "", "name": "Staff" } },
        { "change": "create_package", "package": { "id": "", "name": "Gold" } },
        give,
    ] });
    let dry = root.post("/batch?dry_run=true", &batch).await.expect(200).json();
    assert_eq!(dry["created"].as_array().unwrap().len(), 7);
    let once = root.with("idempotency-key", "a batch");
    let made = once.post("/batch", &batch).await.expect(200).json();
    let created = made["created"].as_array().unwrap();
    let id = |n: usize| created[n]["id"].as_str().unwrap().to_owned();
    let changes: Vec<u64> = created.iter().map(|it| it["change"].as_u64().unwrap()).collect();
    assert_eq!(changes, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!([id(0), id(1), id(2), id(3)], ["own_role", "own", "own_2", "own_role_2"]);
    for path in [
        format!("/roles/{}", id(3)),
        format!("/groups/{}", id(4)),
        format!("/packages/{}", id(5)),
        format!("/assignments/{}", id(6)),
    ] {
        root.get(&path).await.expect(200);
    }
    // Sent again, it is answered as it was.
    let again = once.post("/batch", &batch).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.json()["created"]), ("true", &made["created"]));
    // What is taken away names a version, as its path does.
    let unassign = json!([{ "change": "unassign", "id": id(6) }]);
    root.post("/batch", &json!({ "changes": unassign })).await.problem(428, "precondition_required");
    let versions = json!([{ "kind": "assignment", "id": id(6), "etag": "*" }]);
    root.post("/batch", &json!({ "changes": unassign, "versions": versions })).await.expect(200);
}

/// Who looked at whose access, when, and said that it stays, is found by the person, the role, the group and the assignment.
#[tokio::test]
async fn what_is_kept_is_told_as_it_was_and_found_by_whom_and_what_it_links() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let mut people = Vec::new();
    for name in ["ana", "bob", "cyd"] {
        people.push(server.person(&root, &format!("{name}@example.com"), &[]).await.user);
    }
    let mut rows = Vec::new();
    for user in &people {
        let give = json!({ "principal": { "user": user }, "role": "author", "scope": "/" });
        let id = root.post("/assignments", &give).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        rows.push(root.get(&format!("/assignments/{id}")).await.expect(200).json()["assignment"].clone());
    }
    let change = |name: &str, row: &Value| json!({ "change": name, "id": row["id"] });
    let version = |row: &Value| json!({ "kind": "assignment", "id": row["id"], "etag": "*" });
    // What is kept twice is kept once, and what is taken away by the same batch is not kept.
    let changes = json!([
        change("keep_assignment", &rows[0]),
        change("keep_assignment", &rows[0]),
        change("keep_assignment", &rows[1]),
        change("unassign", &rows[1]),
    ]);
    let versions: Vec<Value> = rows.iter().take(2).map(version).collect();
    let made =
        root.post("/batch", &json!({ "changes": changes, "versions": versions })).await.expect(200).json();
    let path = format!("/audit/{}", made["at"]["revision"]);
    let told = root.get(&path).await.expect(200).json();
    assert_eq!((&told["kept"], told["writes"].as_array().map(Vec::len)), (&json!([rows[0]]), Some(1)));
    let changes = json!([change("keep_assignment", &rows[0]), change("keep_assignment", &rows[2])]);
    let versions = [version(&rows[0]), version(&rows[2])];
    let made =
        root.post("/batch", &json!({ "changes": changes, "versions": versions })).await.expect(200).json();

    let path = format!("/audit/{}", made["at"]["revision"]);
    let told = root.get(&path).await.expect(200).json();
    let mut kept = [rows[0].clone(), rows[2].clone()];
    kept.sort_by_key(|row| row["id"].as_str().map(ToOwned::to_owned));
    assert_eq!((&told["kept"], &told["writes"]), (&json!(kept), &json!([])));
    assert_eq!(
        told["names"],
        json!({ "author": "Author", people[0].clone(): "ana@example.com", people[2].clone(): "cyd@example.com" })
    );
    let (author, ana) = (
        json!({ "one": { "kind": "role", "id": "author" } }),
        json!({ "one": { "kind": "user", "id": people[0] } }),
    );
    let lead = json!({ "words": "Reviewed access: " });
    for (query, expected) in [
        (
            "about=author".to_owned(),
            json!([lead, { "words": "kept " }, author, { "words": " for " }, { "words": "2 people" }]),
        ),
        (
            format!("about={}", people[0]),
            json!([lead, { "words": "kept " }, author, { "words": " for " }, ana, { "words": ", with 1 more kept" }]),
        ),
        (
            format!("kind=assignment&id={}", rows[2]["id"].as_str().unwrap()),
            json!([lead, { "words": "kept " }, author, { "words": " for " }, { "words": "2 people" }]),
        ),
    ] {
        let found = root.get(&format!("/audit?{query}&limit=1")).await.expect(200).json()["items"][0].clone();
        assert_eq!((&found["at"], &found["sentence"]), (&made["at"], &expected), "{query}");
    }
    let other = root.get(&format!("/audit?about={}&limit=1", people[1])).await.expect(200).json();
    assert_ne!(other["items"][0]["at"], made["at"], "it was no part of it");
    let exported = root.get(&format!("/audit/export?about={}", people[0])).await.expect(200);
    assert!(exported.text().contains("\\\"kept\\\":[{"));

    // Who does not see assignments is told that something is not told.
    let blind = server.person_who_may(&root, "dan@example.com", &["audit.view"]).await;
    let told = blind.get(&path).await.expect(200).json();
    assert_eq!((told.get("kept"), &told["hidden"], told.get("names")), (None, &json!(true), None));
    assert_eq!(told["sentence"], json!([{ "words": "Batch" }]));
}

#[tokio::test]
async fn a_brief_list_says_of_how_many_assignments_a_long_review_said_that_they_stay() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let roles: Vec<Value> = (0..30)
        .map(|n| json!({ "change": "create_role", "role": { "id": format!("r{n}"), "name": format!("R{n}") } }))
        .collect();
    let give = |n: usize| {
        json!({ "change": "assign", "assignment":
            { "principal": "everyone", "role": format!("r{n}"), "scope": "/" } })
    };
    let changes: Vec<Value> = roles.into_iter().chain((0..30).map(give)).collect();
    let made = root.post("/batch", &json!({ "changes": changes })).await.expect(200).json();
    let ids: Vec<&Value> = made["created"].as_array().unwrap().iter().skip(30).map(|it| &it["id"]).collect();
    let changes: Vec<Value> = ids.iter().map(|id| json!({ "change": "keep_assignment", "id": id })).collect();
    let versions: Vec<Value> =
        ids.iter().map(|id| json!({ "kind": "assignment", "id": id, "etag": "*" })).collect();
    root.post("/batch", &json!({ "changes": changes, "versions": versions })).await.expect(200);
    let told = root.get("/audit?limit=1&brief=true").await.expect(200).json()["items"][0].clone();
    assert_eq!((told.get("kept"), &told["kept_untold"]), (None, &json!(30)));
    let whole = root.get("/audit?limit=1").await.expect(200).json()["items"][0].clone();
    assert_eq!((whole["kept"].as_array().map(Vec::len), whole.get("kept_untold")), (Some(30), None));
    assert_eq!(told["sentence"], whole["sentence"]);
}

/// What an access review keeps is a change that writes nothing but the log's entry.
#[tokio::test]
async fn what_is_kept_is_told_by_the_log_and_takes_the_permission_to_take_it_away() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person_who_may(&root, "ana@example.com", &["users.view", "users.assign_roles"]).await;
    let rows = ana.get("/assignments").await.expect(200).json()["items"].as_array().unwrap().clone();
    let id = |row: &Value| row["assignment"]["id"].as_str().unwrap().to_owned();
    let version = |row: &Value| json!({ "kind": "assignment", "id": id(row), "etag": row["etag"] });
    let keep = |row: &Value| json!({ "change": "keep_assignment", "id": id(row) });
    let changes: Vec<Value> = rows.iter().map(keep).collect();
    let versions: Vec<Value> = rows.iter().map(version).collect();
    let kept = json!({ "changes": changes, "versions": versions });
    let revision = async || root.get("/session").await.expect(200).json()["at"]["revision"].clone();
    let before = revision().await;
    let dry = ana.post("/batch?dry_run=true", &kept).await.expect(200).json();
    assert_eq!((&dry["reach"]["all"], revision().await), (&json!(0), before.clone()));
    // The superuser's own role is among them: nothing of it is given or taken.
    let made = ana.post("/batch?reason=quarterly%20review", &kept).await.expect(200).json();
    assert_eq!(made["at"]["revision"].as_u64(), before.as_u64().map(|before| before + 1));
    let entry = root.get("/audit?limit=1").await.expect(200).json()["items"][0].clone();
    assert_eq!(entry["sentence"][0], json!({ "words": "Reviewed access: " }));
    assert_eq!(entry["change"]["changes"], kept["changes"]);
    assert_eq!(
        (&entry["at"], &entry["writes"], &entry["reason"]),
        (&made["at"], &json!([]), &json!("quarterly review"))
    );
    assert_eq!(entry["actor"], format!("user:{}", ana.user));

    // It is of what was looked at, and there.
    let changes = json!([keep(&rows[0])]);
    ana.post("/batch", &json!({ "changes": changes })).await.problem(428, "precondition_required");
    let stale = json!([{ "kind": "assignment", "id": id(&rows[0]), "etag": "\"0\"" }]);
    ana.post("/batch", &json!({ "changes": changes, "versions": stale })).await.problem(412, "conflict");
    let gone = json!({ "changes": [{ "change": "keep_assignment", "id": "gone" }] });
    ana.post("/batch", &gone).await.problem(404, "unknown");
    let eve = server.person_who_may(&root, "eve@example.com", &["users.view"]).await;
    eve.post("/batch", &kept).await.problem(403, "missing_permission");
}
