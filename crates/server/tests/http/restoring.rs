//! Going back over HTTP: undo, and restores of documents and of revisions.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestServer};

async fn revision(client: &Client) -> u64 {
    client.get("/session").await.expect(200).json()["at"]["revision"].as_u64().unwrap()
}

async fn undo(client: &Client, revision: u64) -> crate::support::Answer {
    client.post(&format!("/audit/{revision}/undo"), &Value::Null).await
}

/// A superuser, and a role Author.
async fn begin() -> (TestServer, Client) {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = json!({ "id": "author", "name": "Author", "grants": { "reports.run": "allowed" } });
    root.post("/roles", &role).await.expect(201);
    (server, root)
}

async fn may(root: &Client, user: &str) -> bool {
    let asked = json!({ "subject": user, "permission": "reports.run" });
    root.post("/check", &asked).await.expect(200).json()["allowed"] == true
}

#[tokio::test]
async fn an_undo_takes_back_what_a_change_did_as_a_new_change() {
    let (_server, root) = begin().await;
    let created = revision(&root).await;
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    let edited = revision(&root).await;

    let tried =
        root.post(&format!("/audit/{edited}/undo?dry_run=true"), &Value::Null).await.expect(200).json();
    assert_eq!((&tried["dry_run"], &tried["reach"]["all"]), (&json!(true), &json!(0)));
    assert_eq!(revision(&root).await, edited);
    let done = undo(&root, edited).await.expect(200);
    assert_eq!(done.json()["at"]["revision"], edited + 1);
    assert_eq!(root.get("/roles/author").await.json()["role"]["name"], "Author");
    let told = root.get(&format!("/audit/{}", edited + 1)).await.expect(200).json();
    assert_eq!(
        (&told["action"], &told["reason"]),
        (&json!("put_back"), &json!(format!("Undid change {edited}")))
    );
    assert_eq!(told["writes"][0]["after"]["name"], "Author");

    // An undo is a change like any other.
    root.post(&format!("/audit/{}/undo?reason=after+all", edited + 1), &Value::Null).await.expect(200);
    assert_eq!(root.get("/roles/author").await.json()["role"]["name"], "Writer");
    assert_eq!(root.get(&format!("/audit/{}", edited + 2)).await.json()["reason"], "after all");
    undo(&root, edited + 2).await.expect(200);
    undo(&root, created).await.expect(200);
    root.get("/roles/author").await.problem(404, "not_found");
}

#[tokio::test]
async fn going_back_tells_which_documents_come_go_and_are_edited() {
    let (server, root) = begin().await;
    let before = revision(&root).await;
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    let edited = revision(&root).await;
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json()["id"].clone();
    let made = revision(&root).await;
    let removed = json!([{ "kind": "group", "id": group, "name": "Finance", "became": "removed" }]);
    let renamed = json!([{ "kind": "role", "id": "author", "name": "Author", "became": "edited" }]);
    let both = json!([renamed[0], removed[0]]);

    let to = json!({ "revision": before });
    let head = format!("\"{made}\"");
    let (role, policy) = (root.get("/roles/author").await.etag(), root.get("/policy").await.etag());
    for (path, tag, body, documents) in [
        (format!("/audit/{made}/undo"), &head, &Value::Null, &removed),
        (format!("/audit/{edited}/undo"), &head, &Value::Null, &renamed),
        (format!("/revisions/{before}/restore"), &head, &Value::Null, &both),
        ("/roles/author/restore".to_owned(), &role, &to, &renamed),
        ("/policy/restore".to_owned(), &policy, &to, &renamed),
    ] {
        let path = format!("{path}?dry_run=true");
        let mut told = root.with("if-match", tag).write(Method::POST, &path, body).await.expect(200).json();
        // Where the whole policy would be another, each document is told as it was and would be.
        for document in told["documents"].as_array_mut().unwrap().iter_mut().filter_map(Value::as_object_mut)
        {
            let sides = ["before", "after"].map(|side| document.remove(side).map(|it| it["name"].clone()));
            let in_full = [Some(json!("Writer")), Some(json!("Author"))];
            assert_eq!(sides, if path.starts_with("/policy") { in_full } else { [None, None] }, "{path}");
        }
        assert_eq!((&told["documents"], told.get("documents_untold")), (documents, None), "{path}");
    }
    // Of kinds that the asker may not see, how many.
    let blind = server.person_who_may(&root, "blind@example.com", &["audit.view", "groups.manage"]).await;
    let told = blind.post(&format!("/audit/{made}/undo?dry_run=true"), &Value::Null).await.expect(200).json();
    assert_eq!((told.get("documents"), &told["documents_untold"]), (None, &json!(1)));
    let told = root.post(&format!("/audit/{made}/undo"), &Value::Null).await.expect(200).json();
    assert_eq!(told["documents"], removed);
}

#[tokio::test]
async fn what_was_changed_since_is_shown_and_not_taken_back() {
    let (server, root) = begin().await;
    let created = revision(&root).await;
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    let details = undo(&root, created).await.problem(409, "changed_since");
    assert!(details["detail"].as_str().unwrap().contains("role `Writer` was changed since"), "{details}");
    assert_eq!(details["changed"].as_array().unwrap().len(), 1);
    let changed = &details["changed"][0];
    assert_eq!((&changed["kind"], &changed["id"]), (&json!("role"), &json!("author")));
    assert_eq!((&changed["left"]["name"], &changed["current"]["name"]), (&json!("Author"), &json!("Writer")));
    assert_eq!(details["at"]["revision"], created + 1);
    assert_eq!(revision(&root).await, created + 1);
    // Nothing of what the asker may not see.
    let auditor = server.person_who_may(&root, "auditor@example.com", &["audit.view", "roles.manage"]).await;
    let details = undo(&auditor, created).await.problem(409, "changed_since");
    let changed = &details["changed"][0];
    assert_eq!((changed.get("left"), changed.get("current")), (None, None));
    assert!(details["detail"].as_str().unwrap().contains("role `author` was changed since"), "{details}");
}

#[tokio::test]
async fn a_link_that_was_changed_since_is_called_by_what_it_links() {
    let (server, root) = begin().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json();
    let members = format!("/groups/{}/members", group["id"].as_str().unwrap());
    for (path, body, called) in [
        (
            "/assignments",
            json!({ "principal": { "user": ana.user }, "role": "author", "scope": "/" }),
            "assignment `Author of ana@example.com`",
        ),
        (&*members, json!({ "user": ana.user }), "membership `ana@example.com in Finance`"),
    ] {
        let made = root.post(path, &body).await.expect(201).json();
        let at = revision(&root).await;
        root.delete(&format!("{path}/{}", made["id"].as_str().unwrap()), "*").await.expect(200);
        let details = undo(&root, at).await.problem(409, "changed_since");
        assert!(details["detail"].as_str().unwrap().starts_with(called), "{details}");
    }
}

#[tokio::test]
async fn a_person_who_was_deleted_comes_back_with_roles_and_groups_and_without_a_password() {
    let (server, root) = begin().await;
    let ana = server.person(&root, "ana@example.com", &["author"]).await;
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json();
    let group = format!("/groups/{}", group["id"].as_str().unwrap());
    root.post(&format!("{group}/members"), &json!({ "user": ana.user })).await.expect(201);
    let attributes = json!({ "region": "north" });
    root.put(&format!("/users/{}/attributes", ana.user), "*", &attributes).await.expect(200);
    let before = root.get(&format!("/users/{}", ana.user)).await.json();
    for path in [format!("/users/{}", ana.user), "/roles/author".to_owned()] {
        let tried = root.delete(&format!("{path}?dry_run=true"), "*").await.expect(200).json();
        let reach = &tried["reach"];
        assert_eq!((&reach["lose"], &reach["people"][0]["user"]), (&json!(1), &json!(ana.user)), "{path}");
    }
    root.delete(&format!("/users/{}", ana.user), "*").await.expect(200);
    let deleted = revision(&root).await;
    assert!(!may(&root, &ana.user).await);

    let tried =
        root.post(&format!("/audit/{deleted}/undo?dry_run=true"), &Value::Null).await.expect(200).json();
    assert_eq!(
        (&tried["reach"]["gain"], &tried["reach"]["people"][0]["user"]),
        (&json!(1), &json!(ana.user))
    );
    undo(&root, deleted).await.expect(200);
    assert!(may(&root, &ana.user).await);
    let after = root.get(&format!("/users/{}", ana.user)).await.expect(200).json();
    assert_eq!((&after["user"]["sign_in"], &before["user"]["sign_in"]), (&json!(false), &json!(true)));
    let but_for_sign_in = |it: &Value| {
        let mut user = it["user"].clone();
        user["sign_in"] = Value::Null;
        user
    };
    assert_eq!(but_for_sign_in(&after), but_for_sign_in(&before));
    assert_eq!(after["groups"][0]["name"], "Finance");
    // The links are new ones.
    assert_ne!(after["groups"][0]["membership"], before["groups"][0]["membership"]);
    // Sessions and passwords are no documents.
    ana.get("/session").await.problem(401, "unauthenticated");
    let sign_in = json!({ "email": "ana@example.com", "password": PASSWORD });
    server.nobody().post("/session", &sign_in).await.problem(401, "wrong_credentials");
    undo(&root, deleted).await.problem(409, "changed_since");
}

#[tokio::test]
async fn what_wrote_no_document_and_what_made_the_tenant_is_not_taken_back() {
    let (server, root) = begin().await;
    let details = undo(&root, 1).await.problem(409, "nothing_to_restore");
    assert!(details["detail"].as_str().unwrap().contains("made the tenant"), "{details}");
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let key = json!({ "name": "Edge", "permissions": ["reports.run"], "scope": "/" });
    let key = root.post("/keys", &key).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let made = revision(&root).await;
    root.delete(&format!("/keys/{key}"), "").await.expect(200);
    root.delete(&format!("/users/{}/sessions", ana.user), "").await.expect(204);
    for (revision, action) in [(made, "make_key"), (made + 1, "end_key"), (made + 2, "end_sessions")] {
        let details = undo(&root, revision).await.problem(409, "nothing_to_restore");
        let detail = details["detail"].as_str().unwrap();
        let words = format!("`{action}` wrote no document, so there is nothing to take back");
        assert!(detail.starts_with(&words), "{detail}");
        assert!(detail.contains("a key or a session that was ended cannot come back"), "{detail}");
    }
    for revision in [0, 99] {
        undo(&root, revision).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn an_undo_is_made_once_and_at_the_version_that_is_named() {
    let (_server, root) = begin().await;
    let created = revision(&root).await;
    let path = format!("/audit/{created}/undo");
    let details = root.with("if-match", "\"1\"").post(&path, &Value::Null).await.problem(412, "conflict");
    assert_eq!(details["at"]["revision"], created);
    // As it is told in `Rolewright-Revision`, too.
    let told = root.with("if-match", &format!("\"0.{created}\""));
    told.post(&format!("{path}?dry_run=true"), &Value::Null).await.expect(200);
    let once = root.with("idempotency-key", "a").with("if-match", &format!("\"{created}\""));
    let first = once.post(&path, &Value::Null).await.expect(200);
    let again = once.post(&path, &Value::Null).await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((first.json(), revision(&root).await), (again.json(), created + 1));
}

#[tokio::test]
async fn the_rules_of_single_changes_hold_for_going_back() {
    let (server, root) = begin().await;
    // The last superuser cannot be lost.
    let given = revision(&root).await - 1;
    undo(&root, given).await.problem(409, "last_superuser");
    // A role that a package carries stays.
    let created = revision(&root).await;
    root.post("/packages", &json!({ "id": "gold", "name": "Gold", "roles": ["author"] })).await.expect(201);
    undo(&root, created).await.problem(409, "role_in_package");
    // A permission for the log is none for what it tells of.
    let auditor = server.person_who_may(&root, "auditor@example.com", &["audit.view"]).await;
    for path in [format!("/audit/{created}/undo"), format!("/revisions/{created}/restore")] {
        auditor.post(&path, &Value::Null).await.problem(403, "missing_permission");
    }
    let manager = server.person_who_may(&root, "manager@example.com", &["roles.manage", "roles.view"]).await;
    let details = undo(&manager, created).await.problem(403, "missing_permission");
    assert_eq!(details["permission"], "audit.view");
    // Nobody sends documents as they would have been.
    let batch = json!({ "changes": [{ "change": "put_back", "documents": {} }] });
    let details = root.post("/batch", &batch).await.problem(422, "invalid");
    assert_eq!(details["errors"][0]["path"], "$.changes[0].change");
}

#[tokio::test]
async fn one_document_is_restored_as_it_was_at_a_revision() {
    let (_server, root) = begin().await;
    root.post("/packages", &json!({ "id": "gold", "name": "Gold", "roles": [] })).await.expect(201);
    let then = revision(&root).await;
    let to = json!({ "revision": then });
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    root.put("/packages/gold", "*", &json!({ "id": "gold", "name": "Golden", "roles": [] }))
        .await
        .expect(200);
    let mut settings = root.get("/settings").await.json()["settings"].clone();
    let name = settings["name"].clone();
    settings["name"] = json!("Acme");
    root.put("/settings", "*", &settings).await.expect(200);

    // As every edit, it names the version that it is made from.
    root.post("/roles/author/restore", &to).await.problem(428, "precondition_required");
    root.with("if-match", "\"1\"").post("/roles/author/restore", &to).await.problem(412, "conflict");
    let any = root.with("if-match", "*");
    let restored = any.post("/roles/author/restore", &to).await.expect(200);
    let read = root.get("/roles/author").await;
    assert_eq!((restored.etag(), &read.json()["role"]["name"]), (read.etag(), &json!("Author")));
    any.post("/packages/gold/restore", &to).await.expect(200);
    assert_eq!(root.get("/packages/gold").await.json()["package"]["name"], "Gold");
    any.post("/settings/restore", &to).await.expect(200);
    assert_eq!(root.get("/settings").await.json()["settings"]["name"], name);
    let told = root.get(&format!("/audit/{}", revision(&root).await)).await.json();
    assert_eq!(
        (&told["action"], &told["reason"]),
        (&json!("update_settings"), &json!(format!("Restored version {then}")))
    );

    // Also one that was deleted.
    root.delete("/roles/author", "*").await.expect(200);
    root.delete("/packages/gold", "*").await.expect(200);
    let tried = root.post("/roles/author/restore?dry_run=true", &to).await.expect(200).json();
    assert_eq!(tried["dry_run"], true);
    root.post("/roles/author/restore", &to).await.expect(200);
    assert_eq!(
        root.get("/roles/author").await.expect(200).json()["role"]["grants"]["reports.run"],
        "allowed"
    );
    let etag = root.get("/policy").await.expect(200).etag();
    root.post("/packages", &json!({ "id": "new", "name": "New", "roles": [] })).await.expect(201);
    let told = root.with("if-match", &etag).post("/policy/restore", &to).await.problem(412, "conflict");
    assert_eq!(told["changed"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!((&told["changed"][0]["kind"], &told["changed"][0]["id"]), (&json!("package"), &json!("new")));
    any.post("/policy/restore", &to).await.expect(200);
    root.get("/packages/gold").await.expect(200);
    let told = root.get(&format!("/audit/{}", revision(&root).await)).await.json();
    assert_eq!(told["reason"], format!("Restored revision {then}"));

    any.post("/roles/author/restore", &json!({ "revision": 1 })).await.problem(404, "not_found");
    any.post("/roles/author/restore", &json!({ "revision": 999 })).await.problem(404, "not_found");
    any.post("/roles/superuser/restore", &to).await.problem(403, "built_in_role");
}

#[tokio::test]
async fn a_revision_is_restored_policy_and_people_by_one_change() {
    let (server, root) = begin().await;
    let ana = server.person(&root, "ana@example.com", &["author"]).await;
    let then = revision(&root).await;
    let before = root.get("/policy").await.json()["policy"].clone();
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    root.post("/roles", &json!({ "id": "extra", "name": "Extra" })).await.expect(201);
    let bob = server.person(&root, "bob@example.com", &["extra"]).await;
    root.put(&format!("/users/{}/status", ana.user), "*", &json!({ "status": "disabled" })).await.expect(200);
    let now = revision(&root).await;

    let path = format!("/revisions/{then}/restore");
    let tried = root.post(&format!("{path}?dry_run=true"), &Value::Null).await.expect(200).json();
    assert_eq!(
        (&tried["reach"]["gain"], &tried["reach"]["people"][0]["user"]),
        (&json!(1), &json!(ana.user))
    );
    root.with("if-match", "\"1\"").post(&path, &Value::Null).await.problem(412, "conflict");
    let done = root.post(&path, &Value::Null).await.expect(200).json();
    assert_eq!(done["at"]["revision"], now + 1);
    assert_eq!(root.get("/policy").await.json()["policy"], before);
    assert!(may(&root, &ana.user).await);
    root.get(&format!("/users/{}", bob.user)).await.problem(404, "not_found");
    bob.get("/session").await.problem(401, "unauthenticated");
    let told = root.get(&format!("/audit/{}", now + 1)).await.json();
    assert_eq!(told["reason"], format!("Restored revision {then}"));
    let details = root.post(&path, &Value::Null).await.problem(409, "nothing_to_restore");
    assert!(details["detail"].as_str().unwrap().contains("is so already"), "{details}");
    // And that is taken back too.
    undo(&root, now + 1).await.expect(200);
    assert_eq!(root.get("/roles/author").await.json()["role"]["name"], "Writer");
    assert_eq!(
        root.get(&format!("/users/{}", bob.user)).await.expect(200).json()["user"]["email"],
        "bob@example.com"
    );
}

#[tokio::test]
async fn a_person_a_group_and_an_assignment_are_restored_by_themselves() {
    let (server, root) = begin().await;
    let ana = server.person(&root, "ana@example.com", &["author"]).await.user;
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json()["id"].clone();
    let group = format!("/groups/{}", group.as_str().unwrap());
    root.post(&format!("{group}/members"), &json!({ "user": ana })).await.expect(201);
    let given =
        root.get("/assignments?role=author").await.expect(200).json()["items"][0]["assignment"]["id"].clone();
    let given = format!("/assignments/{}", given.as_str().unwrap());
    let to = json!({ "revision": revision(&root).await });
    let user = format!("/users/{ana}");

    root.put(&user, "*", &json!({ "email": "ana@example.com", "first_name": "Anna" })).await.expect(200);
    root.with("if-match", "\"1\"").post(&format!("{user}/restore"), &to).await.problem(412, "conflict");
    let any = root.with("if-match", "*");
    let told = any.post(&format!("{user}/restore?dry_run=true"), &to).await.expect(200).json();
    assert_eq!(
        (&told["documents"][0]["id"], &told["documents"][0]["became"]),
        (&json!(ana), &json!("edited"))
    );
    any.post(&format!("{user}/restore"), &to).await.expect(200);
    assert_ne!(root.get(&user).await.json()["user"]["first_name"], "Anna");
    assert_eq!(any.post(&format!("{user}/restore"), &to).await.expect(200).json()["unchanged"], true);

    root.delete(&given, "*").await.expect(200);
    assert!(!may(&root, &ana).await);
    any.post(&format!("{given}/restore"), &to).await.expect(200);
    assert!(may(&root, &ana).await);

    root.delete(&group, "*").await.expect(200);
    any.post(&format!("{group}/restore"), &to).await.expect(200);
    let back = root.get(&group).await.expect(200).json();
    assert_eq!(back["group"]["name"], "Finance");
    assert_eq!(root.get(&user).await.json()["groups"], json!([]));

    root.delete(&user, "*").await.expect(200);
    any.post(&format!("{user}/restore"), &to).await.expect(200);
    assert!(!may(&root, &ana).await);
    any.post(&format!("{user}/restore"), &json!({ "revision": 1 })).await.problem(404, "not_found");
    // By the rules of the single changes.
    let auditor = server.person_who_may(&root, "auditor@example.com", &["audit.view", "users.view"]).await;
    root.put(&user, "*", &json!({ "email": "ana@example.com", "first_name": "Anna" })).await.expect(200);
    let auditor = auditor.with("if-match", "*");
    auditor.post(&format!("{user}/restore"), &to).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn a_change_says_what_it_took_back_and_by_what_it_was_taken_back_itself() {
    let (_server, root) = begin().await;
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Writer" })).await.expect(200);
    let edited = revision(&root).await;
    undo(&root, edited).await.expect(200);
    let ties = async |revision: u64| {
        let told = root.get(&format!("/audit/{revision}")).await.expect(200).json();
        (told["undoes"].clone(), told["undone_by"].clone())
    };
    assert_eq!(ties(edited).await, (Value::Null, json!(edited + 1)));
    assert_eq!(ties(edited + 1).await, (json!([edited]), Value::Null));
    // An undo that is undone took nothing back.
    undo(&root, edited + 1).await.expect(200);
    assert_eq!(ties(edited).await, (Value::Null, Value::Null));
    assert_eq!(ties(edited + 1).await, (json!([edited]), json!(edited + 2)));
    undo(&root, edited).await.expect(200);
    assert_eq!(ties(edited).await, (Value::Null, json!(edited + 3)));
}

#[tokio::test]
async fn changes_are_taken_back_together_and_without_what_was_changed_since() {
    let (server, root) = begin().await;
    let mut people = Vec::new();
    for name in ["ana", "bo", "cy"] {
        people.push(server.person(&root, &format!("{name}@example.com"), &[]).await.user);
    }
    let mut made = Vec::new();
    for id in &people {
        let given = json!({ "principal": { "user": id }, "role": "author", "scope": "/" });
        let given = root.post("/assignments", &given).await.expect(201).json();
        made.push((revision(&root).await, given["id"].as_str().unwrap().to_owned()));
    }
    let (first, last) = (made[0].0, made[2].0);
    root.delete(&format!("/assignments/{}", made[1].1), "*").await.expect(200);
    let path = format!("/audit/{last}/undo?also={first},r{}", made[1].0);
    let details = root.post(&path, &Value::Null).await.problem(409, "changed_since");
    let changed = details["changed"].as_array().unwrap();
    assert_eq!((changed.len(), &changed[0]["name"]), (1, &json!("Author of bo@example.com")));
    let done = root.post(&format!("{path}&rest=true"), &Value::Null).await.expect(200).json();
    assert_eq!(done["remarks"], json!(["1 document was changed since and stays as it is"]));
    for id in &people {
        assert!(!may(&root, id).await);
    }
    let told = root.get(&format!("/audit/{}", revision(&root).await)).await.json();
    assert_eq!(
        told["reason"],
        json!(format!("Undid what was left of changes {first}, {} and {last}", made[1].0))
    );
    assert_eq!(told.get("undoes"), None, "not all of it");

    // All of several in one, and back again.
    let at = revision(&root).await;
    for name in ["Writer", "Editor"] {
        root.put("/roles/author", "*", &json!({ "id": "author", "name": name })).await.expect(200);
    }
    root.post(&format!("/audit/{}/undo?also={}", at + 2, at + 1), &Value::Null).await.expect(200);
    assert_eq!(root.get("/roles/author").await.json()["role"]["name"], "Author");
    let told = root.get(&format!("/audit/{}", at + 1)).await.json();
    assert_eq!(told["undone_by"], at + 3);
    // What somebody did between them is not taken back with them.
    for name in ["Writer", "Clerk", "Editor"] {
        root.put("/roles/author", "*", &json!({ "id": "author", "name": name })).await.expect(200);
    }
    let path = format!("/audit/{}/undo?also={}", at + 6, at + 4);
    root.post(&path, &Value::Null).await.problem(409, "changed_since");
    let many: Vec<String> = (1..=60).map(|n| n.to_string()).collect();
    for also in [many.join(","), "x".to_owned(), String::new()] {
        let details =
            root.post(&format!("/audit/{at}/undo?also={also}"), &Value::Null).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], "query.also");
    }
}

#[tokio::test]
async fn a_rule_of_separation_that_is_broken_already_says_by_how_many_before_it_is_imported_or_set() {
    let (server, root) = begin().await;
    root.post("/roles", &json!({ "id": "editor", "name": "Editor" })).await.expect(201);
    for name in ["ana", "bo"] {
        let person = server.person(&root, &format!("{name}@example.com"), &[]).await.user;
        for role in ["author", "editor"] {
            let given = json!({ "principal": { "user": person }, "role": role, "scope": "/" });
            root.post("/assignments", &given).await.expect(201);
        }
    }
    let told = "2 people break the rule `Apart` already and keep what they hold: the findings say who, and take it away there";
    let rule = json!([{ "name": "Apart", "roles": ["author", "editor"], "at_most": 1 }]);
    for (path, field, at) in
        [("/policy", "policy", "/settings/separation"), ("/settings", "settings", "/separation")]
    {
        let read = root.get(path).await;
        let mut body = read.json()[field].clone();
        let (parent, name) = at.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = rule.clone();
        let tried = root.put(&format!("{path}?dry_run=true"), &read.etag(), &body).await.expect(200).json();
        assert_eq!(tried["remarks"], json!([told]), "{path}");
    }
}
