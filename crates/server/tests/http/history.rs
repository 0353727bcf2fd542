//! The past over HTTP: documents as they were, their versions, and two revisions side by side.

use std::sync::Arc;

use rolewright_server::tenant::Tenant;
use serde_json::{Value, json};

use rolewright_server::audit::prune::prune;

use crate::support::{Answer, Client, TestServer};

async fn revision(client: &Client) -> u64 {
    client.get("/session").await.expect(200).json()["at"]["revision"].as_u64().unwrap()
}

/// A role Author that is renamed, given to Ana and deleted; the time in between, before the last of these.
struct Past {
    server: TestServer,
    root: Client,
    ana: Client,
    /// When all was there.
    then: i64,
    /// The revision then.
    at: u64,
}

impl Past {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let root = server.superuser().await;
        let role = json!({ "id": "author", "name": "Author", "grants": { "reports.run": "allowed" } });
        root.post("/roles", &role).await.expect(201);
        let ana = server.person(&root, "ana@example.com", &["author"]).await;
        let package = json!({ "id": "gold", "name": "Gold", "roles": [] });
        root.post("/packages", &package).await.expect(201);
        let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json();
        let group = group["id"].as_str().unwrap();
        root.post(&format!("/groups/{group}/members"), &json!({ "user": ana.user })).await.expect(201);
        let (then, at) = (server.app.clock.now().0, revision(&root).await);
        server.app.clock.advance(1000);
        // Everything is written over.
        for (path, body) in [
            ("/roles/author", json!({ "id": "author", "name": "Writer" })),
            ("/packages/gold", json!({ "id": "gold", "name": "Golden", "roles": [] })),
            (&format!("/groups/{group}"), json!({ "name": "Money" })),
            (&format!("/users/{}", ana.user), json!({ "email": "ana@example.com", "first_name": "Ana" })),
        ] {
            root.put(path, "*", &body).await.expect(200);
        }
        let mut settings = root.get("/settings").await.json()["settings"].clone();
        settings["name"] = json!("Acme");
        root.put("/settings", "*", &settings).await.expect(200);
        root.delete("/roles/author", "*").await.expect(200);
        Self { server, root, ana, then, at }
    }
}

#[tokio::test]
async fn every_document_is_read_as_it_was_and_carries_no_etag() {
    let Past { server, root, ana, then, at: revision } = Past::new().await;
    let as_of = |path: &str, point: &str| {
        format!("{path}{}as_of={point}", if path.contains('?') { '&' } else { '?' })
    };
    let at = |path: &str| as_of(path, &then.to_string());
    let groups = root.get(&at("/groups?search=finance")).await.expect(200).json();
    let group = groups["items"][0]["group"]["id"].as_str().unwrap().to_owned();
    let given = root.get(&at(&format!("/assignments?user={}", ana.user))).await.expect(200).json();
    let given = given["items"][0]["assignment"]["id"].as_str().unwrap().to_owned();
    let facts = [
        ("/roles".to_owned(), "Author"),
        ("/roles/author".to_owned(), "Author"),
        ("/packages".to_owned(), "\"Gold\""),
        ("/packages/gold".to_owned(), "\"Gold\""),
        ("/users".to_owned(), "author"),
        (format!("/users/{}", ana.user), "author"),
        ("/groups".to_owned(), "Finance"),
        (format!("/groups/{group}"), "Finance"),
        ("/assignments".to_owned(), "author"),
        (format!("/assignments/{given}"), "author"),
        ("/settings".to_owned(), "\"revision\":1,"),
        ("/policy".to_owned(), "Author"),
    ];
    let viewer = ["users.view", "roles.view", "groups.view", "packages.view", "settings.view"];
    let viewer = server.person_who_may(&root, "viewer@example.com", &viewer).await;
    for (path, said) in &facts {
        let was = root.get(&at(path)).await.expect(200);
        assert!(was.text().contains(said), "{path}: {}", was.text());
        assert_eq!((was.etag(), was.text().contains("Acme")), (String::new(), false), "{path}");
        // By the revision it is the same.
        let by_revision = root.get(&as_of(path, &format!("r{revision}"))).await.expect(200);
        assert_eq!((by_revision.text(), by_revision.etag()), (was.text(), String::new()), "{path}");
        let is = root.get(path).await;
        assert!(is.status != 200 || !is.text().contains(said), "{path}: {}", is.text());
        // What is past takes what the questions about it take.
        let details = viewer.get(&at(path)).await.problem(403, "missing_permission");
        assert_eq!(details["permission"], "audit.view", "{path}");
        for nothing in ["0", "r0", "r9999"] {
            root.get(&as_of(path, nothing)).await.problem(404, "not_found");
        }
    }
    let newest = root.get("/session").await.json()["at"]["revision"].clone();
    let none = root.get(&as_of("/roles/author", "r9999")).await.problem(404, "not_found");
    assert_eq!(none["detail"], format!("there is no revision `r9999` here: the newest is `r{newest}`"));
    let none = root.get(&as_of("/roles/author", "1999-12-31")).await.problem(404, "not_found");
    let said = "there was no such tenant at `1999-12-31T00:00:00Z`: it was made later, or its change log begins later";
    assert_eq!(none["detail"], said);
    // The change that had written it last by then.
    let role = root.get(&at("/roles/author")).await.expect(200).json();
    let written = root.get("/audit?kind=role&id=author&action=create_role").await.json();
    assert_eq!(role["revision"], written["items"][0]["at"]["revision"]);
    assert_eq!((&role["holders"], &role["role"]["grants"]["reports.run"]), (&json!(1), &json!("allowed")));
    for path in ["/settings", "/roles", "/policy"] {
        refuses_the_future(root.get(&format!("{path}?as_of=2130-01-01")).await);
    }
}

fn refuses_the_future(answer: Answer) {
    let refused = answer.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["path"], "query.as_of");
    let said = "`2130-01-01T00:00:00Z` is not in the past: leave it out to ask about now, or name a time that is over";
    assert_eq!(refused["detail"], said);
}

#[tokio::test]
async fn what_was_removed_from_the_log_is_told_so_and_revisions_are_read_as_they_are_told() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for id in ["old", "edited"] {
        root.post("/roles", &json!({ "id": id, "name": id })).await.expect(201);
    }
    let up_to = server.tenant().await.loaded().state.at().revision;
    server.app.clock.advance(10_000);
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    prune(&tenant, now, None, now).await.unwrap().unwrap();
    tenant.refresh().await.unwrap();
    root.put("/roles/edited", "*", &json!({ "id": "edited", "name": "Edited" })).await.expect(200);

    let detail = |answer: Answer| answer.problem(404, "not_found")["detail"].as_str().unwrap().to_owned();
    let old = detail(root.get("/roles/old/versions").await);
    assert!(old.starts_with("this was last written before the change log begins"), "{old}");
    let none = detail(root.get("/roles/none/versions").await);
    assert!(none.ends_with("since the change log begins"), "{none}");
    let edited = root.get("/roles/edited/versions").await.expect(200).json();
    assert_eq!(edited["items"].as_array().unwrap().len(), 1);
    // The newest that it can be.
    let then = root.get(&format!("/roles/edited?as_of=r{}", up_to + 1)).await.expect(200).json();
    assert_eq!((&then["revision"], &then["role"]["name"]), (&json!(up_to), &json!("edited")), "{then}");
    for path in [format!("/audit/r{}", up_to + 1), format!("/audit/{}", up_to + 1)] {
        assert_eq!(root.get(&path).await.expect(200).json()["action"], "prune", "{path}");
    }
}

#[tokio::test]
async fn versions_of_a_document_are_told_newest_first_also_of_one_that_is_gone() {
    let Past { server, root, ana, then, at } = Past::new().await;
    let versions =
        async |path: &str| root.get(path).await.expect(200).json()["items"].as_array().unwrap().clone();
    let told = versions("/roles/author/versions").await;
    let names: Vec<&Value> = told.iter().map(|version| &version["document"]["name"]).collect();
    assert_eq!(names, [&Value::Null, &json!("Writer"), &json!("Author")]);
    assert_eq!(told[0]["action"], "delete_role");
    assert_eq!(told[0]["actor"], format!("user:{}", root.user));
    assert_eq!(told[0]["actor_name"], "root@example.com");
    assert!(told[0].get("document").is_none() && told[0]["time"].is_i64());

    let first = root.get("/roles/author/versions?limit=2").await.expect(200).json();
    let next = first["next"].as_str().unwrap();
    let second = root.get(&format!("/roles/author/versions?cursor={next}")).await.expect(200).json();
    assert_eq!(second["items"].as_array().unwrap(), &told[2..]);
    assert_eq!(second.get("next"), None);

    // As of a revision or a time those that there were by then, of which the first was so.
    let Value::Array(names) = json!([told[1]["at"], told[2]["at"]]) else { panic!("a list") };
    for (as_of, expected) in [
        (format!("r{}", told[1]["at"]["revision"]), &names[..]),
        (format!("r{at}"), &names[1..]),
        (then.to_string(), &names[1..]),
    ] {
        let path = format!("/roles/author/versions?as_of={as_of}");
        let found: Vec<Value> = versions(&path).await.iter().map(|version| version["at"].clone()).collect();
        assert_eq!(found, expected, "{as_of}");
    }
    for (as_of, code) in [("r1", 404), ("r9999", 404), ("2130-01-01", 422)] {
        assert_eq!(root.get(&format!("/roles/author/versions?as_of={as_of}")).await.status, code, "{as_of}");
    }

    assert_eq!(versions("/packages/gold/versions").await.len(), 2);
    // How a person signs in is no part of the document.
    root.delete(&format!("/users/{}/sessions", ana.user), "").await.expect(204);
    let of_ana = versions(&format!("/users/{}/versions", ana.user)).await;
    assert!(of_ana.len() == 3 && of_ana.iter().all(|version| version["document"].is_object()), "{of_ana:?}");
    let page = format!("/users/{}/versions?limit=3", ana.user);
    assert_eq!(root.get(&page).await.expect(200).json().get("next"), None);
    assert_eq!(versions("/settings/versions").await.len(), 2);
    root.get("/roles/nothing/versions").await.problem(404, "not_found");
    let viewer = server.person_who_may(&root, "viewer@example.com", &["roles.view"]).await;
    viewer.get("/roles/author/versions").await.problem(403, "missing_permission");
    let auditor = server.person_who_may(&root, "auditor@example.com", &["audit.view"]).await;
    let details = auditor.get("/roles/author/versions").await.problem(403, "missing_permission");
    assert_eq!(details["permission"], "roles.view");
}

#[tokio::test]
async fn a_role_tells_when_it_was_made_also_as_it_was() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = |name: &str| json!({ "id": "author", "name": name });
    let mut points = Vec::new();
    let first = root.post("/roles", &role("Author")).await.expect(201).json()["created"].clone();
    points.push((revision(&root).await, first.clone()));
    server.app.clock.advance(1000);
    root.put("/roles/author", "*", &role("Writer")).await.expect(200);
    points.push((revision(&root).await, first.clone()));
    server.app.clock.advance(1000);
    root.delete("/roles/author", "*").await.expect(200);
    let again = root.post("/roles", &role("Author")).await.expect(201).json()["created"].clone();
    assert!(again.as_i64() >= first.as_i64().map(|first| first + 2000), "{first} {again}");
    points.push((revision(&root).await, again.clone()));
    root.put("/roles/author", "*", &role("Writer")).await.expect(200);
    points.push((revision(&root).await, again.clone()));
    // Of another kind, with the same id.
    root.post("/packages", &json!({ "id": "author", "name": "Authors", "roles": [] })).await.expect(201);
    for (at, created) in points {
        for path in [format!("/roles/author?as_of=r{at}"), format!("/roles?as_of=r{at}")] {
            let told = root.get(&path).await.expect(200).json();
            let is_author = |view: &&Value| view["role"]["id"] == "author";
            let view = told["items"].as_array().map_or(&told, |items| items.iter().find(is_author).unwrap());
            assert_eq!(view["created"], created, "{path}");
        }
    }
    // What the log says is the same, and what came with the policy is as old as the tenant.
    let log = root.get("/audit?kind=role&id=author&action=create_role").await.expect(200).json();
    let times: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|entry| &entry["time"]).collect();
    assert_eq!(times, [&again, &first]);
    let begun = root.get("/audit/1").await.expect(200).json()["time"].clone();
    let roles = root.get("/roles").await.expect(200).json();
    assert!(begun.is_i64() && roles["items"].as_array().unwrap().iter().any(|view| view["created"] == begun));
    // So it is where the tenant is read anew.
    let read = Tenant::open(Arc::clone(server.app.store()), "default").await.unwrap();
    assert_eq!(json!(read.loaded().created("author")), again);
}

#[tokio::test]
async fn two_revisions_are_compared_in_who_may_what_and_in_documents() {
    let Past { server, root, ana, at, .. } = Past::new().await;
    let compared = root.get(&format!("/revisions/compare?from={at}")).await.expect(200).json();
    assert_eq!((&compared["from"]["revision"], &compared["to"]["revision"]), (&json!(at), &json!(at + 6)));
    assert_eq!((&compared["reach"]["lose"], &compared["reach"]["gain"]), (&json!(1), &json!(0)));
    assert_eq!(compared["reach"]["people"][0]["user"], ana.user);
    assert_eq!(compared["policies"], json!({ "differs": ["author"] }));
    let documents = compared["documents"].as_array().unwrap();
    let kinds: Vec<&str> = documents.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["settings", "role", "package", "user", "group", "assignment"]);
    assert_eq!((&documents[1]["before"]["name"], documents[1].get("after")), (&json!("Author"), None));
    assert_eq!((&compared["total"], &compared["withheld"]), (&json!(6), &json!(0)));

    // Page by page, the same; also while the tenant moves on.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/revisions/compare?from={at}&limit=4{cursor}");
        let page = root.get(&path).await.expect(200).json();
        seen.extend(page["documents"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        root.post("/groups", &json!({ "name": format!("More {}", seen.len()) })).await.expect(201);
    }
    assert_eq!(&seen, documents);

    let back = root.get(&format!("/revisions/compare?from={}&to={at}", at + 6)).await.expect(200).json();
    assert_eq!((&back["reach"]["lose"], &back["reach"]["gain"]), (&json!(0), &json!(1)));
    let same = root.get(&format!("/revisions/compare?from={at}&to={at}")).await.expect(200).json();
    assert_eq!((&same["policies"], &same["total"]), (&json!("same"), &json!(0)));

    // Who sees no people sees none here.
    let auditor = server.person_who_may(&root, "auditor@example.com", &["audit.view", "roles.view"]).await;
    let path = format!("/revisions/compare?from={at}&to={}", at + 6);
    let told = auditor.get(&path).await.expect(200);
    assert!(!told.text().contains(&ana.user), "{}", told.text());
    assert_eq!((&told.json()["total"], &told.json()["withheld"]), (&json!(1), &json!(5)));
    assert_eq!(told.json()["reach"]["lose"], 1);
    ana.get(&path).await.problem(403, "missing_permission");
    for (query, status, code) in [
        ("from=0", 404, "not_found"),
        ("from=1&to=999", 404, "not_found"),
        ("to=1", 422, "invalid"),
        ("from=1&cursor=2.3.4", 422, "invalid"),
        ("from=1&cursor=x", 422, "invalid"),
        ("from=1&limit=0", 422, "invalid"),
    ] {
        root.get(&format!("/revisions/compare?{query}")).await.problem(status, code);
    }
}

#[tokio::test]
async fn who_may_see_the_past_sees_of_it_only_what_they_may_see_elsewhere() {
    let Past { server, root, ana, at, .. } = Past::new().await;
    let deleted = revision(&root).await;
    root.post(&format!("/audit/{deleted}/undo"), &Value::Null).await.expect(200);
    let people = server.key(&["audit.view", "users.view"]).await;
    let roles = server.key(&["audit.view", "roles.view"]).await;
    let all = server.key(&["audit.view", "users.view", "roles.view"]).await;
    // Names are of people.
    let versions = roles.get("/roles/author/versions").await.expect(200).text();
    assert!(!versions.contains("root@example.com") && !versions.contains("actor_name"), "{versions}");
    assert!(all.get("/roles/author/versions").await.expect(200).text().contains("root@example.com"));
    people.get("/roles/author/versions").await.problem(403, "missing_permission");
    // Which roles give otherwise is told to who sees roles.
    let path = format!("/revisions/compare?from={at}&to={deleted}");
    assert_eq!(people.get(&path).await.expect(200).json().get("policies"), None);
    assert_eq!(roles.get(&path).await.expect(200).json()["policies"], json!({ "differs": ["author"] }));
    // What was put back is told as what was written: the role, and that Ana has it.
    let path = format!("/audit/{}", deleted + 1);
    for (client, sees_role, sees_given) in [(&people, false, true), (&roles, true, false), (&all, true, true)]
    {
        let entry = client.get(&path).await.expect(200).json();
        let sees_all = sees_role && sees_given;
        assert_eq!(entry["change"] == json!({ "change": "put_back" }), !sees_all, "{entry}");
        assert_eq!(entry["hidden"] == true, !sees_all, "{entry}");
        let text = entry.to_string();
        assert_eq!((text.contains("Writer"), text.contains(&*ana.user)), (sees_role, sees_given), "{entry}");
    }
    // What was changed since is told by its name, and shown to who may see it.
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Novelist" })).await.expect(200);
    let undo = format!("/audit/{}/undo", at + 1);
    let told = people.post(&undo, &Value::Null).await;
    assert!(!told.text().contains("Novelist"), "{}", told.text());
    let changed = told.problem(409, "changed_since")["changed"][0].clone();
    assert_eq!((&changed["kind"], changed.get("current")), (&json!("role"), None));
    let told = roles.post(&undo, &Value::Null).await.problem(409, "changed_since");
    assert_eq!(told["changed"][0]["current"]["name"], "Novelist");
}

#[tokio::test]
async fn what_is_asked_of_the_past_is_answered_of_the_past() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let role = json!({ "id": "author", "name": "Author", "grants": { "reports.run": "allowed" } });
    root.post("/roles", &role).await.expect(201);
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let at = root.get("/session").await.json()["at"]["revision"].as_u64().unwrap();
    let give = json!({ "principal": { "user": ana.user }, "role": "author", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    root.put("/roles/author", "*", &json!({ "id": "author", "name": "Author", "grants": {} }))
        .await
        .expect(200);

    // What would allow it is of today alone.
    let asked = json!({ "subject": ana.user, "permission": "reports.run" });
    let fixes = |answer: Value| answer["fixes"].as_array().map_or(0, Vec::len);
    assert!(fixes(root.post("/explain", &asked).await.expect(200).json()) > 0);
    assert_eq!(fixes(root.post(&format!("/explain?as_of=r{at}"), &asked).await.expect(200).json()), 0);
    let mut twice = asked;
    twice["at"] = json!("2027-01-01T00:00:00Z");
    for path in ["/check", "/explain"] {
        let details = root.post(&format!("{path}?as_of=r{at}"), &twice).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], "$.at", "{path}");
    }

    let then = |path: &str| format!("{path}{}as_of=r{at}", if path.contains('?') { '&' } else { '?' });
    let giving = "/permissions/reports.run/roles";
    let is_giving = |answer: Value| answer["items"].to_string().contains("author");
    assert!(!is_giving(root.get(giving).await.expect(200).json()));
    assert!(is_giving(root.get(&then(giving)).await.expect(200).json()));
    let matrix = root.get("/matrix").await.expect(200).json();
    assert_ne!(root.get(&then("/matrix")).await.expect(200).json(), matrix);
    let given = root.get("/assignments/export").await.expect(200).text();
    assert!(given.contains("ana@example.com"), "{given}");
    let given = root.get(&then("/assignments/export")).await.expect(200).text();
    assert!(!given.contains("ana@example.com"), "{given}");
    let people = root.get(&then("/users/export")).await.expect(200).text();
    assert!(
        people.contains("ana@example.com")
            && !root.get("/users/export?as_of=r2").await.text().contains("ana@")
    );

    let given = at + 1;
    let anywhere = format!("/users/{}/anywhere?permission=reports.run", ana.user);
    let places = format!("/users/{}/places", ana.user);
    let asked = json!({ "permission": "reports.run", "candidates": ["/"] });
    for (revision, may) in [(at, false), (given, true)] {
        let answer = root.get(&format!("{anywhere}&as_of=r{revision}")).await.expect(200).json();
        assert_eq!(answer["anywhere"], may, "{answer}");
        let answer = root.post(&format!("{places}?as_of=r{revision}"), &asked).await.expect(200).json();
        assert_eq!(answer["items"].as_array().unwrap().len(), usize::from(may), "{answer}");
    }
    // A revision is said in one way everywhere.
    let said = root.get(&format!("/revisions/compare?from=r{at}&to=r{given}")).await.expect(200).json();
    assert_eq!(said, root.get(&format!("/revisions/compare?from={at}&to={given}")).await.expect(200).json());
    root.get("/revisions/compare?from=x4").await.problem(422, "invalid");
}
