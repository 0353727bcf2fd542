//! Lists: searched, filtered, sorted and paged by the server.

use rolewright_model::Change;
use rolewright_model::change::UserEdit;
use rolewright_model::directory::Member;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

#[tokio::test]
async fn members_of_a_group_are_searched_and_told_page_by_page() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let group = root.post("/groups", &json!({ "name": "Sales" })).await.expect(201).json()["id"].clone();
    let group = group.as_str().unwrap();
    let id = |n: u32| format!("p{n:03}");
    let create = |n| {
        let (email, first_name) = (format!("{}@example.com", id(n)), "Pat".to_owned());
        let user = UserEdit { id: id(n), email, first_name, last_name: format!("N{n:03}") };
        Change::CreateUser { user, sign_in: false }
    };
    let add = |n| Change::AddMember { group: group.to_owned(), member: Member::User(id(n)) };
    server.change((0..230).map(create).chain((0..230).map(add)).collect()).await;

    let seen = root.get(&format!("/groups/{group}")).await.expect(200).json();
    let names = |page: &Value, at: &str| -> Vec<String> {
        let rows = page[at].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = (0..230).map(|n| format!("Pat N{n:03}")).collect();
    assert_eq!((names(&seen, "members"), &seen["members_total"]), (all[..200].to_vec(), &json!(230)));
    assert_eq!(seen["people"], 230);
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = root.get(&format!("/groups/{group}/members?limit=100{cursor}")).await.expect(200).json();
        assert_eq!(page["total"], 230);
        told.extend(names(&page, "items"));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(told, all);
    let found = root.get(&format!("/groups/{group}/members?search=n22%20PAT")).await.expect(200).json();
    assert_eq!((&found["total"], names(&found, "items")), (&json!(10), all[220..].to_vec()));
    root.get("/groups/none/members").await.expect(404);
    let nobody = server.person(&root, "ana@example.com", &[]).await;
    nobody.get(&format!("/groups/{group}/members")).await.expect(403);
}

#[tokio::test]
async fn a_group_counts_the_people_of_the_groups_in_it_once() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let [ana, bo] = [
        server.person(&root, "ana@example.com", &[]).await.user,
        server.person(&root, "bo@example.com", &[]).await.user,
    ];
    let mut ids = Vec::new();
    for name in ["Outer", "Middle", "Inner"] {
        let made = root.post("/groups", &json!({ "name": name })).await.expect(201).json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let members = [
        (0, json!({ "user": ana })),
        (0, json!({ "group": ids[1] })),
        (1, json!({ "group": ids[2] })),
        (2, json!({ "user": ana })),
        (2, json!({ "user": bo })),
    ];
    for (group, member) in members {
        root.post(&format!("/groups/{}/members", ids[group]), &member).await.expect(201);
    }
    for (id, members, people) in [(&ids[0], 2, 2), (&ids[1], 1, 2), (&ids[2], 2, 2)] {
        let seen = root.get(&format!("/groups/{id}")).await.expect(200).json();
        assert_eq!((&seen["members_total"], &seen["people"]), (&json!(members), &json!(people)), "{id}");
    }
}

/// A superuser, beside a demo directory.
async fn demo(server: &TestServer) -> Client {
    let tenant = server.tenant().await;
    rolewright_server::demo::add(&tenant, &server.app.clock).await.unwrap().unwrap();
    server.superuser().await
}

/// Every row of a list, page by page.
async fn all(client: &Client, list: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{list}&limit=7{cursor}")).await.expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page["total"], seen.len());
                return seen;
            }
        }
    }
}

#[tokio::test]
async fn people_are_searched_filtered_sorted_and_paged() {
    let server = TestServer::new().await;
    let tenant = server.tenant().await;
    rolewright_server::demo::add(&tenant, &server.app.clock).await.unwrap().unwrap();
    assert!(rolewright_server::demo::add(&tenant, &server.app.clock).await.unwrap().is_none());
    let root = server.superuser().await;
    let all = root.get("/users").await.expect(200).json();
    assert_eq!((all["total"].as_u64(), all["items"].as_array().unwrap().len()), (Some(201), 50));

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = root.get(&format!("/users?sort=-email&limit=64{cursor}")).await.expect(200).json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 201);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    root.get(&format!("/users?sort=email{cursor}")).await.problem(422, "invalid");
    for wrong in
        ["sort=age", "limit=0", "limit=201", "limit=x", "status=gone", "page=0", "page=x", "cursor=%21"]
    {
        root.get(&format!("/users?{wrong}")).await.problem(422, "invalid");
    }

    // A page is found by its number too, or by what comes before it.
    for (page, rows, before) in
        [("1", 64, 0), ("2", 64, 64), ("4", 9, 192), ("5", 0, 201), ("4294967295", 0, 201)]
    {
        let told = root.get(&format!("/users?sort=-email&limit=64&page={page}")).await.expect(200).json();
        let emails: Vec<_> =
            told["items"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap()).collect();
        assert_eq!((emails.len(), told["before"].as_u64()), (rows, Some(before)), "{page}");
        assert!(seen.iter().skip(usize::try_from(before).unwrap()).take(64).eq(&emails), "{page}");
    }
    root.get(&format!("/users?sort=-email&page=2{cursor}")).await.problem(422, "invalid");

    let total = async |query: &str| {
        root.get(&format!("/users?{query}")).await.expect(200).json()["total"].as_u64().unwrap()
    };
    assert_eq!(total("search=ROOT%20example").await, 1);
    assert_eq!(total("search=nobody%20at%20all").await, 0);
    let statuses = ["invited", "no_invitation", "active", "disabled"];
    let mut sum = 0;
    for status in statuses {
        let n = total(&format!("status={status}")).await;
        assert!(n > 0, "{status}");
        sum += n;
    }
    assert_eq!(sum, 201);
    assert!(total("role=report_author").await > 10);
    assert_eq!(total("role=superuser").await, 3);
    assert_eq!(root.get("/groups").await.json()["total"], 12);
    let groups = root.get("/groups?search=sales").await.expect(200).json();
    assert_eq!(groups["total"], 3);
    let id = groups["items"][0]["group"]["id"].as_str().unwrap();
    assert!(
        root.get(&format!("/groups/{id}")).await.expect(200).json()["members"].as_array().unwrap().len() > 2
    );
    assert!(
        root.get("/assignments?role=report_author").await.expect(200).json()["total"].as_u64().unwrap() > 2
    );
    let roles = root.get("/roles").await.expect(200).json();
    let base =
        roles["items"].as_array().unwrap().iter().find(|item| item["role"]["base"] == true).unwrap().clone();
    assert_eq!(base["holders"].as_u64(), Some(total("status=active").await));
}

#[tokio::test]
async fn groups_are_searched_filtered_sorted_and_paged() {
    let server = TestServer::new().await;
    let root = demo(&server).await;
    let names = |rows: &[Value]| -> Vec<String> {
        rows.iter().map(|row| row["group"]["name"].as_str().unwrap().to_lowercase()).collect()
    };
    assert!(names(&all(&root, "/groups?sort=name").await).is_sorted());
    assert!(names(&all(&root, "/groups?sort=-name").await).is_sorted_by(|a, b| a >= b));
    let sizes: Vec<u64> = all(&root, "/groups?sort=-members")
        .await
        .iter()
        .map(|row| row["members"].as_u64().unwrap())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes[0] > 0, "{sizes:?}");
    let role = all(&root, "/groups?")
        .await
        .iter()
        .find_map(|row| row["roles"][0].as_str().map(ToOwned::to_owned))
        .unwrap();
    let holding = all(&root, &format!("/groups?role={role}")).await;
    assert!(!holding.is_empty());
    assert!(holding.iter().all(|row| row["roles"].as_array().unwrap().contains(&json!(role))));
    root.get("/groups?sort=age").await.problem(422, "invalid");
}

#[tokio::test]
async fn assignments_are_searched_filtered_sorted_and_paged() {
    let server = TestServer::new().await;
    let root = demo(&server).await;
    let later = json!({ "principal": "everyone", "role": "report_author", "scope": "/", "until": 4_000_000_000_000_i64 });
    root.post("/assignments", &later).await.expect(201);
    let told = |row: &Value, name: &str| row["assignment"][name].as_str().unwrap().to_owned();
    let every = all(&root, "/assignments?").await;
    assert!(every.iter().map(|row| row["principal_name"].as_str().unwrap().to_lowercase()).is_sorted());
    for (sort, name) in [("role", "role"), ("scope", "scope")] {
        let rows = all(&root, &format!("/assignments?sort={sort}")).await;
        assert_eq!(rows.len(), every.len());
        assert!(rows.iter().map(|row| told(row, name)).is_sorted(), "{sort}");
    }
    let ends = all(&root, "/assignments?sort=until").await;
    let ends: Vec<i64> =
        ends.iter().map(|row| row["assignment"]["until"].as_i64().unwrap_or(i64::MAX)).collect();
    assert!(ends.is_sorted() && ends.contains(&4_000_000_000_000) && ends.contains(&i64::MAX), "{ends:?}");
    let found = all(&root, "/assignments?search=everyone%20AUTHOR").await;
    assert_eq!((found.len(), told(&found[0], "principal")), (1, "everyone".to_owned()));
    let authors = all(&root, "/assignments?role=report_author&scope=/").await;
    assert!(authors.len() > 2 && authors.iter().all(|row| told(row, "role") == "report_author"));
    assert_eq!(all(&root, "/assignments?scope=/nowhere").await.len(), 0);
    let own = all(&root, &format!("/assignments?user={}", root.user)).await;
    assert_eq!((own.len(), told(&own[0], "role")), (1, "superuser".to_owned()));
    root.get("/assignments?sort=age").await.problem(422, "invalid");
}

/// What an access review asks: who holds what since when, who gave it and why, and who holds it without being there.
#[tokio::test]
async fn s4_42_assignments_say_since_when_by_whom_why_and_whether_they_are_privileged() {
    let server = TestServer::new().await;
    let root = demo(&server).await;
    let author = json!({ "principal": "everyone", "role": "report_author", "scope": "/" });
    root.post("/assignments?reason=new%20office", &author).await.expect(201);
    let rows = all(&root, "/assignments?origin=true&sort=-since").await;
    let given = &rows[0];
    assert_eq!(given["assignment"]["principal"], "everyone");
    assert_eq!(given["origin"]["actor"], format!("user:{}", root.user));
    assert_eq!((&given["origin"]["reason"], given["since"].is_i64()), (&json!("new office"), true));
    assert_eq!((&given["privileged"], &given["last_sign_in"]), (&Value::Null, &Value::Null));
    let made = |row: &Value| row["assignment"]["made"]["revision"].as_u64().unwrap();
    assert!(rows.iter().map(made).is_sorted_by(|a, b| a >= b));
    assert!(all(&root, "/assignments?").await.iter().all(|row| row["origin"].is_null()));

    let privileged = all(&root, "/assignments?privileged=true").await;
    let marked = rows.iter().filter(|row| row["privileged"] == true).count();
    assert_eq!((privileged.len(), marked > 0 && marked < rows.len()), (marked, true));
    let own = privileged.iter().find(|row| row["assignment"]["principal"]["user"] == root.user.as_str());
    assert!(own.unwrap()["last_sign_in"].is_i64());

    // Who signed in a moment ago was not away, and nobody was before they were added.
    let away = all(&root, "/assignments?not_signed_in_since=1").await;
    assert!(away.is_empty(), "{away:?}");
    let now = own.unwrap()["last_sign_in"].as_i64().unwrap();
    let away = all(&root, &format!("/assignments?not_signed_in_since={now}")).await;
    let user = |row: &Value| row["assignment"]["principal"]["user"].as_str().map(str::to_owned);
    assert!(!away.is_empty() && away.iter().all(|row| user(row).is_some_and(|user| user != root.user)));
    root.get("/assignments?not_signed_in_since=99999999999999").await.problem(422, "invalid");
}

#[tokio::test]
async fn who_may_not_see_the_log_or_everybody_is_not_told_who_gave_a_role_or_who_was_away() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let eve = server.person_who_may(&root, "eve@example.com", &["users.view"]).await;
    eve.get("/assignments?origin=true").await.problem(403, "missing_permission");
    assert!(all(&eve, "/assignments?").await.iter().any(|row| row["last_sign_in"].is_i64()));
    let bo = server.person_who_may(&root, "bo@example.com", &["reports.view"]).await;
    let own = all(&bo, &format!("/assignments?user={}", bo.user)).await;
    assert!(own.iter().all(|row| row["last_sign_in"].is_null()));
    bo.get(&format!("/assignments?user={}&not_signed_in_since=1", bo.user))
        .await
        .problem(403, "missing_permission");
}

#[tokio::test]
async fn people_are_listed_by_their_package() {
    let server = TestServer::with_template("email-marketing").await;
    let root = demo(&server).await;
    for package in root.get("/packages").await.expect(200).json()["items"].as_array().unwrap() {
        let id = package["package"]["id"].as_str().unwrap();
        let rows = all(&root, &format!("/users?package={id}")).await;
        assert_eq!(package["users"], rows.len());
        assert!(!rows.is_empty() && rows.iter().all(|row| row["package"] == id));
    }
    root.post("/packages", &json!({ "id": "none", "name": "None" })).await.expect(201);
    assert_eq!(all(&root, "/users?package=none").await.len(), 0);
}

#[tokio::test]
async fn places_are_the_scopes_of_assignments_and_what_reaches_one_is_held_at_it_or_above() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = demo(&server).await;
    let at = async |scope: &str| {
        let body = json!({ "principal": { "user": root.user }, "role": "operator", "scope": scope });
        root.post("/assignments", &body).await.expect(201);
    };
    at("servers/prod/endpoints").await;
    at("servers/production").await;
    let places = all(&root, "/places?").await;
    let paths: Vec<&str> = places.iter().map(|row| row["place"].as_str().unwrap()).collect();
    assert!(paths.is_sorted() && !paths.contains(&"/"), "{paths:?}");
    for row in &places {
        let place = row["place"].as_str().unwrap();
        assert_eq!(row["assignments"], all(&root, &format!("/assignments?scope={place}")).await.len());
    }
    let found = all(&root, "/places?search=PROD%20endp").await;
    assert_eq!((found.len(), found[0]["place"].as_str()), (1, Some("servers/prod/endpoints")));

    let reaching = all(&root, "/assignments?reaching=servers/prod/endpoints&sort=-scope").await;
    let scopes: Vec<&str> = reaching.iter().map(|row| row["assignment"]["scope"].as_str().unwrap()).collect();
    assert_eq!(scopes[0], "servers/prod/endpoints");
    assert!(scopes.contains(&"servers/prod") && scopes.contains(&"/"), "{scopes:?}");
    assert!(!scopes.contains(&"servers/production"));
    let nearest = all(&root, "/assignments?reaching=servers/prod/endpoints&sort=nearest").await;
    let key = |row: &Value| {
        let scope = row["assignment"]["scope"].as_str().unwrap();
        let depth = scope.split('/').filter(|part| !part.is_empty()).count();
        (std::cmp::Reverse(depth), row["principal_name"].as_str().unwrap_or_default().to_lowercase())
    };
    assert!(nearest.iter().map(key).is_sorted() && nearest.len() == reaching.len());
    assert_eq!(all(&root, "/assignments?reaching=servers/../prod").await.len(), 0);
    let nobody = server.person_who_may(&root, "g@example.com", &["groups.view"]).await;
    nobody.get("/places").await.problem(403, "missing_permission");
}

#[tokio::test]
async fn an_assignment_says_why_it_counts_for_nobody_now_and_is_listed_by_whether_it_does() {
    let server = TestServer::with_template("enterprise-manager").await;
    let root = server.superuser().await;
    let [ana, ben] =
        [server.person(&root, "ana@x.example", &[]).await, server.person(&root, "ben@x.example", &[]).await];
    let now = server.app.clock.now();
    for (user, scope, from, until) in [
        (&ana.user, "servers/now", None, None),
        (&ana.user, "servers/over", None, Some(now.plus(1000))),
        (&ana.user, "servers/later", Some(now.plus(9000)), None),
        (&ben.user, "servers/asleep", None, None),
    ] {
        let body = json!({ "principal": { "user": user }, "role": "operator", "scope": scope, "from": from, "until": until });
        root.post("/assignments", &body).await.expect(201);
    }
    let status = json!({ "status": "disabled" });
    root.put(&format!("/users/{}/status", ben.user), "*", &status).await.expect(200);
    server.app.clock.advance(2000);
    let told = async |query: &str| {
        let rows = all(&root, &format!("/assignments?search=servers/{query}")).await;
        let mut told: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}", row["assignment"]["scope"], row["not_counting"]))
            .collect();
        told.sort();
        told.join(", ").replace('"', "")
    };
    let counting = "servers/now null";
    let idle = "servers/asleep inactive_subject, servers/later not_yet, servers/over expired";
    for (query, expected) in [
        ("&counting=true", counting),
        ("&counting=false", idle),
        (
            "",
            "servers/asleep inactive_subject, servers/later not_yet, servers/now null, servers/over expired",
        ),
    ] {
        assert_eq!(told(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_changed_about_a_group_is_also_who_came_and_went_and_what_it_was_given() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let group = root.post("/groups", &json!({ "name": "Sales" })).await.expect(201).json();
    let id = group["id"].as_str().unwrap().to_owned();
    root.post("/groups", &json!({ "name": "Others" })).await.expect(201);
    let member = json!({ "user": root.user });
    let added = root.post(&format!("/groups/{id}/members"), &member).await.expect(201).json();
    let given = json!({ "principal": { "group": id }, "role": "user", "scope": "/" });
    root.post("/assignments", &given).await;
    root.delete(&format!("/groups/{id}/members/{}", added["id"].as_str().unwrap()), "").await.expect(200);
    let page = root.get(&format!("/audit?about={id}")).await.expect(200).json();
    let actions: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.starts_with(&["remove_member"]) && actions.ends_with(&["create_group"]), "{actions:?}");
    assert!(actions.contains(&"add_member"));
    assert_eq!(actions.iter().filter(|action| **action == "create_group").count(), 1);
}

#[tokio::test]
async fn a_group_says_in_which_it_is_and_what_comes_through_those() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let mut ids = Vec::new();
    for name in ["Platform", "Engineering", "Everybody"] {
        let made = root.post("/groups", &json!({ "name": name })).await.expect(201).json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let [platform, engineering, everybody] = [&ids[0], &ids[1], &ids[2]];
    for (outer, inner) in [(engineering, platform), (everybody, engineering)] {
        root.post(&format!("/groups/{outer}/members"), &json!({ "group": inner })).await.expect(201);
    }
    root.post("/roles", &json!({ "id": "author", "name": "Author" })).await.expect(201);
    let given = json!({ "principal": { "group": everybody }, "role": "author", "scope": "/" });
    root.post("/assignments", &given).await.expect(201);
    let read = root.get(&format!("/groups/{platform}")).await.expect(200).json();
    let outer: Vec<(&str, bool, usize)> = read["outer"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["group"]["name"].as_str().unwrap(),
                it["direct"].as_bool().unwrap(),
                it["assignments"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(outer, [("Engineering", true, 0), ("Everybody", false, 1)]);
    assert_eq!(read["outer"][1]["assignments"][0]["role"], "author");
    assert!(root.get(&format!("/groups/{everybody}")).await.expect(200).json().get("outer").is_none());
    let rows = root.get("/groups?search=platform").await.expect(200).json();
    assert_eq!(rows["items"][0]["inside"], json!([{ "name": "Engineering", "id": engineering }]));
}

#[tokio::test]
async fn a_filter_that_names_what_is_not_there_says_so() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for (list, path, names) in [
        ("/users?status=foo", "query.status", "`invited`, `no_invitation`, `active`, `disabled`"),
        ("/users?role=nope", "query.role", "there is no role `nope`"),
        ("/users?package=nope", "query.package", "there is no package `nope`"),
        ("/users?sort=age", "query.sort", "name, email, status"),
        ("/groups?role=nope", "query.role", "there is no role `nope`"),
        ("/assignments?role=nope", "query.role", "there is no role `nope`"),
        ("/assignments?group=nope", "query.group", "there is no group `nope`"),
        ("/assignments?of=nope", "query.of", "`users`, `groups`, `everyone`"),
        ("/audit?kind=nope", "query.kind", "`role`"),
        ("/audit?action=nope", "query.action", "`update_role`"),
    ] {
        let told = root.get(list).await.problem(422, "invalid");
        assert_eq!(told["errors"][0]["path"], path, "{list}");
        assert!(told["detail"].as_str().unwrap().contains(names), "{list}: {told}");
    }
    let which = json!({ "matching": { "role": "nope" } });
    let told = root.post("/users/held", &json!({ "which": which })).await.problem(422, "invalid");
    assert_eq!(told["errors"][0]["path"], "$.which.matching.role");
    // What is typed freely finds nothing, and so does what is there and holds nothing.
    root.post("/roles", &json!({ "id": "idle", "name": "Idle" })).await.expect(201);
    for list in ["/users?search=nope", "/users?role=idle", "/assignments?scope=nope", "/audit?search=nope"] {
        let found = root.get(list).await.expect(200).json();
        assert_eq!(found["items"], json!([]), "{list}");
    }
    // Who may not see roles learns nothing of which there are.
    let eve = server.person_who_may(&root, "eve@example.com", &["users.view"]).await;
    assert_eq!(eve.get("/users?role=nope").await.expect(200).json()["total"], 0);
}
