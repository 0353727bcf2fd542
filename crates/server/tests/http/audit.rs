//! The change log over HTTP: who changed what, when and why.

use serde_json::{Value, json};

use crate::support::{Client, TestServer, public_key, verified};

/// The revisions that a query finds.
async fn revisions(client: &Client, query: &str) -> Vec<u64> {
    let page = client.get(&format!("/audit{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().iter().map(|it| it["at"]["revision"].as_u64().unwrap()).collect()
}

async fn revision(client: &Client) -> u64 {
    client.get("/session").await.expect(200).json()["at"]["revision"].as_u64().unwrap()
}

#[tokio::test]
async fn every_change_is_told_with_who_what_before_after_and_why() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = json!({ "id": "author", "name": "Author" });
    root.post("/roles?reason=the+author+asked", &role).await.expect(201);
    let at = revision(&root).await;
    let told = root.get(&format!("/audit/{at}")).await.expect(200).json();
    assert_eq!(told["actor"], format!("user:{}", root.user));
    assert_eq!(told["action"], "create_role");
    assert_eq!(told["reason"], "the author asked");
    assert_eq!(told["names"]["author"], "Author");
    assert_eq!(told["writes"][0]["kind"], "role");
    assert_eq!((&told["writes"][0]["id"], told["writes"][0].get("before")), (&json!("author"), None));
    assert_eq!(told["writes"][0]["after"]["name"], "Author");
    let before = root.get(&format!("/audit/{}", at - 1)).await.expect(200).json();
    assert_eq!(told["previous"], before["hash"]);

    let read = root.get("/roles/author").await;
    let mut role = read.json()["role"].clone();
    role["name"] = json!("Writer");
    root.put("/roles/author", &read.etag(), &role).await.expect(200);
    let told = root.get(&format!("/audit/{}", at + 1)).await.expect(200).json();
    assert_eq!(told["writes"][0]["before"]["name"], "Author");
    assert_eq!((told.get("reason"), &told["writes"][0]["after"]["name"]), (None, &json!("Writer")));
    // A dry run leaves nothing.
    let etag = root.get("/roles/author").await.etag();
    root.delete("/roles/author?dry_run=true&reason=try", &etag).await.expect(200);
    assert_eq!(revision(&root).await, at + 1);
    for revision in ["0", "99", "18446744073709551615"] {
        root.get(&format!("/audit/{revision}")).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn the_log_is_filtered_and_pages_leave_nothing_out() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let first = revision(&root).await;
    for id in ["a", "b"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let ana = server.person_who_may(&root, "ana@example.com", &["audit.view"]).await;
    let last = revision(&root).await;
    let all: Vec<u64> = (1..=last).rev().collect();
    assert_eq!(revisions(&ana, "").await, all);
    assert_eq!(revisions(&root, "?kind=role&id=b").await, [first + 2]);
    assert_eq!(revisions(&root, "?action=create_role").await, [first + 3, first + 2, first + 1]);
    // Their own account by the first link, and the invitation.
    assert_eq!(revisions(&root, &format!("?kind=user&actor=user:{}", root.user)).await.len(), 2);
    assert_eq!(revisions(&root, "?actor=user:nobody").await, [] as [u64; 0]);
    root.post("/groups?reason=Ticket%20RW-7", &json!({ "name": "Late shift" })).await.expect(201);
    assert_eq!(revisions(&root, "?search=ticket%20rw-7").await, [last + 1]);
    assert_eq!(revisions(&root, "?search=rw-7&kind=role").await, [] as [u64; 0]);
    let request = root.get(&format!("/audit/{first}")).await.json()["request"].as_str().unwrap().to_owned();
    assert_eq!(revisions(&root, &format!("?search={request}")).await, [first]);
    let last = last + 1;
    let all: Vec<u64> = (1..=last).rev().collect();
    let time = root.get(&format!("/audit/{}", first + 2)).await.json()["time"].as_i64().unwrap();
    let since = revisions(&root, &format!("?from={time}")).await;
    assert!(
        since.contains(&(first + 2))
            && !revisions(&root, &format!("?until={time}")).await.contains(&(first + 2))
    );

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = root.get(&format!("/audit?limit=2{cursor}")).await.expect(200).json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|it| it["at"]["revision"].as_u64().unwrap()),
        );
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    for (query, at) in [
        ("limit=0", "query.limit"),
        ("limit=201", "query.limit"),
        ("cursor=x", "query.cursor"),
        ("cursor=18446744073709551615", "query.cursor"),
        ("kind=person", "query.kind"),
        ("who=ana", "query.who"),
        ("actor=root", "query.actor"),
        ("actor=user:", "query.actor"),
        ("from=2026-12-01&until=2026-11-01", "query.until"),
    ] {
        let details = root.get(&format!("/audit?{query}")).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], at, "{query}");
    }
    // What stands in no log takes no reason.
    let proof = json!({ "password": "not the phrase at all" });
    let details = root.post("/session/second-factor?reason=x", &proof).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "query.reason");
    for reason in ["%20", "a%0Ab", &"x".repeat(501)] {
        let path = format!("/roles?reason={reason}");
        let details = root.post(&path, &json!({ "id": "c", "name": "C" })).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], "query.reason", "{details}");
    }
}

#[tokio::test]
async fn an_entry_names_those_whose_ids_stand_in_it_as_they_are_called_now_to_who_may_see_them() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let give = json!({ "principal": { "user": ana.user }, "role": "author", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    let at = revision(&root).await;
    let path = format!("/audit/{at}");
    let told = root.get(&path).await.expect(200).json();
    assert_eq!(told["names"], json!({ "author": "Author", ana.user.clone(): "ana@example.com" }));
    let etag = root.get("/roles/author").await.etag();
    let renamed = json!({ "id": "author", "name": "Writer" });
    root.put("/roles/author", &etag, &renamed).await.expect(200);
    assert_eq!(root.get(&path).await.json()["names"]["author"], "Writer");
    let etag = root.get("/roles/author").await.etag();
    root.delete("/roles/author", &etag).await.expect(200);
    let gone = root.get(&format!("/audit/{}", at + 2)).await.expect(200).json();
    assert_eq!(gone["names"]["author"], "Writer", "as it was called");
    let blind = server.person_who_may(&root, "bob@example.com", &["audit.view"]).await;
    assert!(blind.get(&path).await.expect(200).json().get("names").is_none());
}

#[tokio::test]
async fn a_key_that_made_a_change_is_called_by_its_name_also_once_it_has_ended_to_who_may_see_keys() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["roles.manage", "roles.escalate", "users.assign_roles"];
    let key = server.key_of(json!({ "name": "Edge", "permissions": may })).await;
    key.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let path = format!("/audit/{}", revision(&root).await);
    let give = json!({ "principal": "everyone", "role": "author", "scope": "/" });
    key.post("/assignments", &give).await.expect(201);
    let told = async || {
        let entry = root.get(&path).await.expect(200).json();
        let list = root.get("/audit?action=create_role&brief=true").await.expect(200).json();
        let versions = root.get("/roles/author/versions").await.expect(200).json();
        let given = root.get("/assignments?role=author&origin=true").await.expect(200).json();
        let made = [&entry, &list["items"][0], &versions["items"][0], &given["items"][0]["origin"]];
        assert!(made.iter().all(|made| made["actor"].as_str().unwrap().starts_with("key:")));
        made.map(|made| made["actor_name"].clone())
    };
    assert_eq!(told().await, ["Edge"; 4]);
    let id = root.get("/keys").await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    root.delete(&format!("/keys/{id}"), "*").await.expect(200);
    assert_eq!(told().await, ["Edge"; 4]);
    let blind = server.person_who_may(&root, "bob@example.com", &["audit.view"]).await;
    assert_eq!(blind.get(&path).await.expect(200).json().get("actor_name"), None);
}

#[tokio::test]
async fn a_change_of_many_is_told_by_what_it_did_and_of_one_of_them_by_what_it_did_to_them() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let mut people = Vec::new();
    for name in ["ana", "bob", "cyd"] {
        people.push(server.person(&root, &format!("{name}@example.com"), &[]).await.user);
    }
    let give = |to: &String| json!({ "change": "assign", "assignment": { "principal": { "user": to }, "role": "author", "scope": "/" } });
    let changes: Vec<Value> = people.iter().map(give).collect();
    root.post("/batch", &json!({ "changes": changes })).await.expect(200);
    let author = json!({ "one": { "kind": "role", "id": "author" } });
    let ana = json!({ "one": { "kind": "user", "id": people[0] } });
    for (query, expected) in [
        (String::new(), json!([{ "words": "Gave " }, author, { "words": " to " }, { "words": "3 people" }])),
        (
            format!("&about={}&brief=true", people[0]),
            json!([{ "words": "Gave " }, author, { "words": " to " }, ana, { "words": ", with 2 more changes" }]),
        ),
    ] {
        let entry = root.get(&format!("/audit?limit=1{query}")).await.expect(200).json()["items"][0].clone();
        assert_eq!(entry["sentence"], expected);
        assert_eq!(
            (&entry["names"]["author"], &entry["names"][&people[0]]),
            (&json!("Author"), &json!("ana@example.com"))
        );
    }
    // A key is called by its name, by who sees keys.
    let key = json!({ "name": "Nightly export", "permissions": ["users.view"] });
    let (id, _) = crate::keys::make(&server, &root, &key).await;
    let told = root.get("/audit?limit=1").await.expect(200).json()["items"][0].clone();
    assert_eq!(
        told["sentence"],
        json!([{ "words": "Made the API key " }, { "one": { "kind": "key", "id": id } }])
    );
    assert_eq!(told["names"], json!({ id: "Nightly export" }));
    let blind = server.person_who_may(&root, "dan@example.com", &["audit.view"]).await;
    let at = told["at"]["revision"].as_u64().unwrap();
    let told = blind.get(&format!("/audit/{at}")).await.expect(200).json();
    assert_eq!((&told["sentence"], told.get("names")), (&json!([{ "words": "Made an API key" }]), None));
}

/// The words of the newest entry's sentence, those that it names by their names.
async fn newest(client: &Client, query: &str) -> String {
    let entry = client.get(&format!("/audit?limit=1{query}")).await.expect(200).json()["items"][0].clone();
    let pieces = entry["sentence"].as_array().unwrap().iter();
    let said = pieces.map(|piece| match piece["one"]["id"].as_str() {
        Some(id) => entry["names"][id].as_str().unwrap_or(id).to_owned(),
        None => piece["words"].as_str().unwrap_or_default().to_owned(),
    });
    said.collect()
}

#[tokio::test]
async fn who_is_invited_is_told_with_what_they_are_given_and_gain_once_they_accept() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let invite = json!({ "email": "sue@example.com", "roles": ["superuser"] });
    let sue = root.post("/users", &invite).await.expect(201).json()["user"].clone();
    // The link is a change of its own.
    let at = revisions(&root, "?action=invite_user&limit=1").await[0];
    assert_eq!(newest(&root, "&action=invite_user").await, "Invited sue@example.com and gave Superuser");
    let reach = root.get(&format!("/audit/{at}/reach")).await.expect(200).json();
    assert_eq!((&reach["superusers"], &reach["people"][0]["user"]), (&json!(1), &sue));
}

#[tokio::test]
async fn an_edit_of_a_role_is_told_with_what_it_allowed_and_found_with_whom_the_role_is_given_to() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let first = revision(&root).await;
    let grants = json!({ "reports.run": "allowed", "users.manage": "allowed", "users.view": "allowed" });
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Author", "grants": grants }))
        .await
        .expect(200);
    assert_eq!(newest(&root, "").await, "Edited the role Author: allowed Users: Manage and 2 more");
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let given = json!({ "principal": { "user": ana.user }, "role": "author", "scope": "/" });
    let id = root.post("/assignments", &given).await.expect(201).json()["id"].clone();
    let at = revision(&root).await;
    root.delete(&format!("/assignments/{}", id.as_str().unwrap()), "*").await.expect(200);
    assert_eq!(revisions(&root, "?about=author").await, [at + 1, at, first + 1, first]);
    assert_eq!(newest(&root, "&about=author").await, "Took Author from ana@example.com");
}

#[tokio::test]
async fn who_may_not_see_the_log_sees_none_of_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person_who_may(&root, "ana@example.com", &["users.view", "roles.view"]).await;
    for path in ["/audit", "/audit/1", "/audit/export"] {
        ana.get(path).await.problem(403, "missing_permission");
        server.nobody().get(path).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn an_export_is_the_whole_chain_and_ends_in_its_signed_head() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "a", "name": "A" })).await.expect(201);
    let export = root.get("/audit/export").await.expect(200);
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    assert!(export.header("content-disposition").contains("default-changes.ndjson"));
    let text = export.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (head, entries) = lines.split_last().unwrap();
    let mut previous = rolewright_store::log::START.to_owned();
    for (revision, line) in (1..).zip(entries) {
        assert_eq!((&line["revision"], &line["previous"]), (&json!(revision), &json!(previous)));
        let hash = rolewright_store::log::hash(&previous, line["text"].as_str().unwrap());
        assert_eq!(line["hash"], hash);
        previous = hash;
    }
    let claims = verified(head["head"].as_str().unwrap(), "rolewright-log-head", &public_key(&root).await);
    assert_eq!((&claims["tenant"], &claims["log_head"]), (&json!("default"), &json!(previous)));
    assert_eq!(claims["at"]["revision"], entries.len());
}

#[tokio::test]
async fn what_was_so_at_a_time_is_answered_by_the_same_model() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let grants = json!({ "reports.view": "allowed", "reports.run": "allowed" });
    let role = json!({ "id": "author", "name": "Author", "grants": grants });
    root.post("/roles", &role).await.expect(201);
    let ana = server.person(&root, "ana@example.com", &["author"]).await;
    let given = revision(&root).await;
    // So that what follows has a later time.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let read = root.get("/roles/author").await;
    let mut narrowed = read.json()["role"].clone();
    narrowed["grants"] = json!({ "reports.view": "allowed" });
    root.put("/roles/author", &read.etag(), &narrowed).await.expect(200);
    let then = root.get(&format!("/audit/{given}")).await.json()["time"].as_i64().unwrap();

    let question = json!({ "subject": ana.user, "permission": "reports.run" });
    let allowed = async |query: String| {
        let told = root.post(&format!("/check{query}"), &question).await.expect(200).json();
        told["allowed"].as_bool().unwrap()
    };
    assert!(!allowed(String::new()).await);
    assert!(allowed(format!("?as_of={then}")).await);
    assert!(allowed(format!("?as_of=r{given}")).await);
    assert!(!allowed(format!("?as_of=r{}", given + 1)).await);
    // The future is not known yet.
    let ahead = root.post(&format!("/check?as_of={}", i64::MAX), &question).await.problem(422, "invalid");
    assert_eq!(ahead["errors"][0]["path"], "query.as_of");
    let list = root.get(&format!("/users/{}/permissions?as_of={then}", ana.user)).await.expect(200).json();
    assert!(list["items"].as_array().unwrap().iter().any(|held| held["permission"] == "reports.run"));
    let holders =
        root.get(&format!("/permissions/reports.run/holders?as_of={then}")).await.expect(200).json();
    assert_eq!(holders["total"], 2);
    let told = root.post(&format!("/explain?as_of={then}"), &question).await.expect(200).json();
    assert_eq!(told["decision"]["allowed"], true);

    let reach = root.get(&format!("/audit/{}/reach", given + 1)).await.expect(200).json();
    assert_eq!((&reach["gain"], &reach["lose"]), (&json!(0), &json!(1)));
    assert_eq!(reach["people"][0]["user"], json!(ana.user));
    root.get("/audit/1/reach").await.problem(404, "not_found");
    root.post("/check?as_of=0", &question).await.problem(404, "not_found");
    let viewer = server.person_who_may(&root, "bob@example.com", &["access.check"]).await;
    viewer.post("/check", &question).await.expect(200);
    let details =
        viewer.post(&format!("/check?as_of={then}"), &question).await.problem(403, "missing_permission");
    assert_eq!(details["permission"], "audit.view");
}

#[tokio::test]
async fn a_policy_of_the_past_is_restored_as_a_new_change() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let then = root.get(&format!("/audit/{}", revision(&root).await)).await.json()["time"].as_i64().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let etag = root.get("/roles/author").await.etag();
    root.delete("/roles/author", &etag).await.expect(200);
    let gone = revision(&root).await;

    let was = root.get(&format!("/policy?as_of={then}")).await.expect(200).json()["policy"].clone();
    let etag = root.get("/policy").await.etag();
    root.put("/policy?reason=restore+the+author", &etag, &was).await.expect(200);
    assert_eq!(root.get("/roles/author").await.expect(200).json()["role"]["name"], "Author");
    let told = root.get(&format!("/audit/{}", gone + 1)).await.expect(200).json();
    assert_eq!((&told["action"], &told["reason"]), (&json!("import_policy"), &json!("restore the author")));
}

#[tokio::test]
async fn who_may_see_the_log_sees_in_it_only_what_they_may_see_elsewhere() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    root.post("/groups", &json!({ "name": "Secret group" })).await.expect(201);
    root.post("/packages", &json!({ "id": "gold", "name": "Secret package" })).await.expect(201);
    root.post("/roles", &json!({ "id": "spy", "name": "Secret role" })).await.expect(201);
    let read = root.get("/settings").await.expect(200);
    let mut settings = read.json()["settings"].clone();
    settings["name"] = json!("Secret place");
    root.put("/settings", &read.etag(), &settings).await.expect(200);
    let give = json!({ "principal": { "user": ana.user }, "role": "spy", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    // A change that writes no document of a kind may tell of it all the same.
    let rename = json!({ "change": "update_user", "user":
        { "id": ana.user, "email": "ana@example.com", "first_name": "", "last_name": "" } });
    let role = json!({ "change": "create_role", "role": { "id": "more", "name": "Secret role too" } });
    let versions = json!([{ "kind": "user", "id": ana.user, "etag": "*" }]);
    root.post("/batch", &json!({ "changes": [rename, role], "versions": versions })).await.expect(200);

    let secrets = [
        ("users.view", "example.com"),
        ("groups.view", "Secret group"),
        ("packages.view", "Secret package"),
        ("roles.view", "Secret role"),
        ("settings.view", "Secret place"),
    ];
    let bare = server.key(&["audit.view"]).await;
    for (n, (permission, _)) in secrets.iter().enumerate() {
        let key = server.key(&["audit.view", permission]).await;
        let text = key.get("/audit?limit=200").await.expect(200).text();
        for (m, (of, secret)) in secrets.iter().enumerate() {
            // The settings' name is in each policy too, so only what is not seen at all is looked for.
            assert_eq!(text.contains(secret), n == m, "{permission} and {of}");
        }
        for revision in 1..=revision(&root).await {
            let one = key.get(&format!("/audit/{revision}")).await.expect(200).text();
            let told = secrets.iter().enumerate().filter(|(m, (_, secret))| *m != n && one.contains(secret));
            assert_eq!(told.count(), 0, "{permission}: {one}");
        }
        key.get("/audit/export").await.problem(403, "missing_permission");
    }
    // Who, what, when, and which document, are told.
    let last = &bare.get("/audit?kind=assignment&limit=1").await.expect(200).json()["items"][0];
    assert_eq!((&last["action"], &last["hidden"]), (&json!("assign"), &json!(true)));
    assert_eq!((&last["change"], last.get("actor_name")), (&json!({ "change": "assign" }), None));
    assert_eq!(last["actor"], format!("user:{}", root.user));
    let write = &last["writes"][0];
    assert_eq!((&write["kind"], &write["hidden"]), (&json!("assignment"), &json!(true)));
    assert!(write["id"].is_string() && write.get("after").is_none() && write.get("before").is_none());
    let whole = root.get("/audit?limit=200").await.expect(200).text();
    assert!(!whole.contains("\"hidden\"") && secrets.iter().all(|(_, secret)| whole.contains(secret)));
    let documents =
        ["audit.view", "users.view", "groups.view", "packages.view", "roles.view", "settings.view"];
    server.key(&documents).await.get("/audit/export").await.problem(403, "missing_permission");
    let all = [&documents[..], &["api_keys.view"]].concat();
    server.key(&all).await.get("/audit/export").await.expect(200);
    // What was done to keys is told to who may see keys, what was done to people's accounts to who may see people.
    root.delete(&format!("/users/{}/sessions", ana.user), "").await.expect(204);
    for (query, permission, other) in [
        ("kind=key&action=make_key", "api_keys.view", "users.view"),
        ("action=end_sessions", "users.view", "api_keys.view"),
    ] {
        for (held, is_hidden) in [(permission, false), (other, true)] {
            let key = server.key(&["audit.view", held]).await;
            let entry = &key.get(&format!("/audit?{query}&limit=1")).await.expect(200).json()["items"][0];
            assert_eq!(entry.get("hidden").is_some(), is_hidden, "{query} by {held}");
            assert_eq!(entry["change"].as_object().unwrap().len() == 1, is_hidden, "{query} by {held}");
        }
    }
}

#[tokio::test]
async fn an_export_of_some_entries_says_so_and_is_no_chain() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for id in ["a", "b"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let export = root.get("/audit/export?action=create_role&id=b").await.expect(200).text();
    let lines: Vec<&str> = export.lines().collect();
    let [entry, last] = lines[..] else { panic!("{export}") };
    let told: Value = serde_json::from_str(entry).unwrap();
    assert_eq!(told["revision"], revision(&root).await);
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(last.get("head"), None);
    let claims =
        verified(last["excerpt"].as_str().unwrap(), "rolewright-log-excerpt", &public_key(&root).await);
    assert_eq!(claims["filter"], json!({ "action": "create_role", "id": "b" }));
    assert_eq!((&claims["entries"], &claims["tenant"]), (&json!(1), &json!("default")));
    assert_eq!(claims["lines"], rolewright_store::log::hash(rolewright_store::log::START, entry));
    assert_eq!(claims["log_head"], told["hash"]);
    // Nothing is found, and that is signed too.
    let none = root.get("/audit/export?actor=user:nobody").await.expect(200).text();
    assert_eq!(none.lines().count(), 1);
    root.get("/audit/export?who=ana").await.problem(422, "invalid");
}

#[tokio::test]
async fn what_is_found_of_an_export_is_what_was_signed() {
    use rolewright_server::audit::exported::{Proved, read};
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for id in ["a", "b", "c"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let tenant = server.tenant().await;
    let found = |text: &str| read("default", &tenant.signer(), text.as_bytes());
    let whole = root.get("/audit/export").await.expect(200).text();
    let some = root.get("/audit/export?action=create_role").await.expect(200).text();
    assert!(matches!(found(&whole).unwrap().proved, Proved::Whole(_)));
    let excerpt = found(&some).unwrap();
    assert!(matches!(excerpt.proved, Proved::Excerpt(_)) && excerpt.entries.len() == 3);
    let without = |text: &str, line: usize| {
        text.lines()
            .enumerate()
            .filter(|(n, _)| *n != line)
            .map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    let last = |text: &str| text.lines().last().unwrap().to_owned();
    let entries = |text: &str| without(text, text.lines().count() - 1);
    for (name, text, why) in [
        ("a line is gone", without(&whole, 2), "no chain"),
        ("the newest is gone", without(&whole, whole.lines().count() - 2), "no chain"),
        ("a line of an excerpt is gone", without(&some, 1), "not those that were signed"),
        ("the last line is gone", entries(&whole), "cut short"),
        ("it is empty", String::new(), "cut short"),
        ("a line is edited", whole.replacen("create_role", "delete_role", 1), "its hash is another"),
        ("a line is behind", format!("{some}{}", whole.lines().next().unwrap()), "was added"),
        ("an excerpt passes for whole", format!("{}{}", entries(&some), last(&whole)), "no chain"),
        ("a whole passes for an excerpt", format!("{}{}", entries(&whole), last(&some)), "not those"),
        ("something else", "{}\n".to_owned(), "is no entry"),
    ] {
        let error = found(&text).unwrap_err();
        assert!(error.contains(why), "{name}: {error}");
    }
    assert!(read("other", &tenant.signer(), whole.as_bytes()).is_err());
    let stranger = TestServer::new().await.tenant().await;
    assert!(read("default", &stranger.signer(), some.as_bytes()).unwrap_err().contains("not signed by"));
}

#[tokio::test]
async fn a_page_of_the_log_has_a_megabyte_at_most() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for n in 0..6 {
        let role = |m: usize| {
            let (id, words) = (format!("r{n}_{m}"), "x".repeat(1900));
            json!({ "change": "create_role", "role": { "id": id, "name": id, "description": words } })
        };
        let changes: Vec<Value> = (0..90).map(role).collect();
        root.post("/batch", &json!({ "changes": changes })).await.expect(200);
    }
    let (mut cursor, mut seen, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let page = root.get(&format!("/audit?limit=200{cursor}")).await.expect(200);
        assert!(page.body.len() < 1_100_000, "{}", page.body.len());
        let page = page.json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|it| it["at"]["revision"].as_u64().unwrap()),
        );
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, (1..=revision(&root).await).rev().collect::<Vec<_>>());
    assert!(pages > 2, "{pages}");
}

#[tokio::test]
async fn a_brief_list_says_of_how_many_documents_a_long_change_was_and_a_short_one_whole() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = |id: &str| json!({ "change": "create_role", "role": { "id": id, "name": id, "description": "x".repeat(100) } });
    let changes: Vec<Value> = (0..90).map(|n| role(&format!("r{n}"))).collect();
    root.post("/batch", &json!({ "changes": [role("short")] })).await.expect(200);
    root.post("/batch", &json!({ "changes": changes })).await.expect(200);
    let list = async |brief: &str| {
        let page = root.get(&format!("/audit?limit=2{brief}")).await.expect(200);
        (page.body.len(), page.json()["items"].clone())
    };
    let (_, whole) = list("").await;
    let (bytes, told) = list("&brief=true").await;
    assert!(bytes < 3_000, "{bytes}");
    assert_eq!(told[1], whole[1], "what is short is whole");
    assert_eq!((&told[1]["brief"], &told[0]["brief"]), (&Value::Null, &json!(true)));
    assert_eq!(told[0]["sentence"], json!([{ "words": "Created " }, { "words": "90 roles" }]));
    assert_eq!(told[0]["change"], json!({ "change": "batch" }));
    assert_eq!(told[0]["others"], json!({ "role": 89 }));
    let write = json!({ "kind": "role", "id": whole[0]["writes"][0]["id"], "after": {} });
    assert_eq!(told[0]["writes"], json!([write]));
    for field in ["at", "time", "actor", "actor_name", "action", "request", "previous", "hash"] {
        assert_eq!(told[0][field], whole[0][field], "{field}");
    }
    let alone = root.get(&format!("/audit/{}", told[0]["at"]["revision"])).await.expect(200).json();
    assert_eq!(alone, whole[0], "read alone it is whole");
}
