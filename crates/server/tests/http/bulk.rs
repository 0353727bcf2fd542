//! Many rows at once: each has its result, and what is sent again changes nothing more.

use axum::body::Body;
use axum::http::Method;
use rolewright_server::mail::Outbox;
use rolewright_wire::bulk::AT_ONCE;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestServer, token_of};

pub(crate) async fn import(client: &Client, path: &str, table: &str) -> Answer {
    client.send(Method::POST, path, Some("text/csv"), Body::from(table.to_owned())).await
}

/// The results of the rows as `ROW SUBJECT RESULT`, and the last line.
#[track_caller]
pub(crate) fn told(answer: Answer) -> (Vec<String>, Value) {
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.pop().unwrap();
    let rows: Vec<String> = lines[1..]
        .iter()
        .map(|line| {
            let row = &line["row"];
            let word = |name: &str| row[name].as_str().unwrap();
            let why = row["problem"]["detail"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
            format!("{} {} {}{why}", row["row"], word("subject"), word("result"))
        })
        .collect();
    assert_eq!(lines[0]["rows"], rows.len());
    (rows, last)
}

fn counts(last: &Value) -> (u64, u64, u64) {
    let count = |name: &str| last["done"][name].as_u64().unwrap();
    (count("changed"), count("unchanged"), count("refused"))
}

/// A superuser, beside a role `auditor`.
async fn root(server: &TestServer) -> Client {
    let root = server.superuser().await;
    let role = json!({ "id": "auditor", "name": "Auditor", "grants": { "reports.view": "allowed" } });
    root.post("/roles", &json!(role)).await.expect(201);
    root
}

async fn find(root: &Client, email: &str) -> Value {
    let found = root.get(&format!("/users?search={email}")).await.expect(200).json();
    found["items"][0].clone()
}

const TABLE: &str = "\
email,first_name,last_name,status,package,roles
ana@example.com,Ana,Arranz,,,
bo@example.com,Bo,,active,,auditor; admin
eve@example.com,Eve,,disabled,,
nobody,N,,,,
cy@example.com,Cy,,,,captain
";

#[tokio::test]
async fn people_are_imported_with_a_result_for_each_row() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let dry = import(&root, "/users/import?dry_run=true", TABLE).await;
    let (rows, last) = told(dry);
    assert_eq!(counts(&last), (3, 0, 2));
    assert_eq!(last["done"]["dry_run"], true);
    assert_eq!(last["done"]["added"], 3);
    assert_eq!(last["done"]["reach"]["gain"], 1);
    assert_eq!(root.get("/users").await.expect(200).json()["total"], 1);

    let (made, last) = told(import(&root, "/users/import?reason=new%20office", TABLE).await);
    assert_eq!(made, rows);
    assert_eq!(counts(&last), (3, 0, 2));
    assert!(made[0] == "2 ana@example.com changed" && made[2] == "4 eve@example.com changed", "{made:?}");
    assert!(made[3].starts_with("5 nobody refused: ") && made[4].contains("captain"), "{made:?}");
    for (email, status, roles) in [
        ("ana@example.com", "no_invitation", json!([])),
        ("bo@example.com", "active", json!(["admin", "auditor"])),
        ("eve@example.com", "disabled", json!([])),
    ] {
        let person = find(&root, email).await;
        assert_eq!(person["status"], status, "{email}");
        let mut given: Vec<&str> =
            person["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect();
        given.retain(|role| *role != "user");
        given.sort_unstable();
        assert_eq!(json!(given), roles, "{email}");
    }
    let log = root.get("/audit").await.expect(200).json();
    assert_eq!(
        (&log["items"][0]["action"], &log["items"][0]["reason"]),
        (&json!("batch"), &json!("new office"))
    );
    // Sent again, it changes nothing more.
    let before = root.get("/audit").await.expect(200).json()["items"].as_array().unwrap().len();
    let (_, last) = told(import(&root, "/users/import", TABLE).await);
    assert_eq!(counts(&last), (0, 3, 2));
    assert_eq!(last["done"]["added"], 0);
    assert_eq!(root.get("/audit").await.expect(200).json()["items"].as_array().unwrap().len(), before);
}

#[tokio::test]
async fn a_row_says_how_a_person_shall_be() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    root.post("/packages", &json!({ "id": "gold", "name": "Gold", "roles": [] })).await.expect(201);
    let table = "email,first_name,package,roles,status\n\
        BO@example.com,Bob,gold,admin,\neve@example.com,-,,,active\n";
    let (rows, _) = told(import(&root, "/users/import", table).await);
    assert_eq!(rows, ["2 BO@example.com changed", "3 eve@example.com changed"]);
    let (rows, _) = told(import(&root, "/users/import", "email,package\nbo@example.com,\n").await);
    assert_eq!(rows, ["2 bo@example.com unchanged"]);
    let bo = find(&root, "bo@example.com").await;
    assert_eq!((&bo["name"], &bo["package"]), (&json!("Bob"), &json!("gold")));
    assert!(bo["roles"].as_array().unwrap().contains(&json!("admin")));
    assert!(!bo["roles"].as_array().unwrap().contains(&json!("auditor")));
    let eve = find(&root, "eve@example.com").await;
    assert_eq!((&eve["name"], &eve["status"]), (&json!("eve@example.com"), &json!("active")));
    told(import(&root, "/users/import", "email,package,roles\nbo@example.com,-,-\n").await);
    let bo = find(&root, "bo@example.com").await;
    assert_eq!(bo["package"], Value::Null);
    assert!(!bo["roles"].as_array().unwrap().contains(&json!("admin")));
}

#[tokio::test]
async fn a_table_is_written_of_those_whom_the_list_would_show() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    let emails = |table: &str| -> Vec<String> {
        let rows = table.lines().skip(1).map(|row| row.split(',').nth(1).unwrap().to_owned());
        rows.filter(|email| email != "root@example.com").collect()
    };
    for query in [
        "",
        "?search=ana",
        "?status=disabled",
        "?status=no_invitation&search=example",
        "?role=auditor",
        "?search=nobody%20here",
        "?not_signed_in_since=1",
    ] {
        let list = root.get(&format!("/users{query}")).await.expect(200).json();
        let items = list["items"].as_array().unwrap().iter();
        let mut listed: Vec<String> = items.map(|row| row["email"].as_str().unwrap().to_owned()).collect();
        listed.retain(|email| email != "root@example.com");
        listed.sort();
        let table = root.get(&format!("/users/export{query}")).await.expect(200).text();
        assert_eq!(emails(&table), listed, "{query}");
    }
    for (query, field) in [
        ("role=nothing", "query.role"),
        ("package=nothing", "query.package"),
        ("not_signed_in_since=99999999999999", "query.not_signed_in_since"),
        ("limit=2", "query.limit"),
    ] {
        let refused = root.get(&format!("/users/export?{query}")).await;
        assert!(refused.text().contains(field), "{query}");
    }
}

#[tokio::test]
async fn a_row_whose_id_is_another_persons_is_refused() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    let id = find(&root, "bo@example.com").await["id"].as_str().unwrap().to_owned();
    for email in ["new@example.com", "ana@example.com"] {
        let (rows, last) = told(import(&root, "/users/import", &format!("id,email\n{id},{email}\n")).await);
        assert_eq!(counts(&last), (0, 0, 1));
        assert!(rows[0].contains("a table changes no email"), "{rows:?}");
    }
}

#[tokio::test]
async fn what_was_written_as_a_table_changes_nothing_when_it_is_read() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    let group = root.post("/groups", &json!({ "name": "Finance" })).await.expect(201).json();
    for assignment in [
        json!({ "principal": { "group": group["id"] }, "role": "admin", "scope": "/" }),
        json!({ "principal": "everyone", "role": "auditor", "scope": "/", "until": 4_000_000_000_123_i64 }),
    ] {
        root.post("/assignments", &assignment).await.expect(201);
    }
    for (export, path) in [("/users/export", "/users/import"), ("/assignments/export", "/assignments/import")]
    {
        let table = root.get(export).await.expect(200);
        assert!(table.header("content-disposition").starts_with("attachment; filename="));
        let (rows, last) = told(import(&root, path, &table.text()).await);
        assert_eq!(counts(&last), (0, rows.len().try_into().unwrap(), 0), "{path}: {rows:?}");
        assert!(rows.len() >= 3, "{path}: {rows:?}");
    }
}

#[tokio::test]
async fn assignments_are_imported_by_name_and_say_when_they_count() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    root.post("/groups", &json!({ "name": "Finance" })).await.expect(201);
    let table = "kind,principal,role,scope,until\n\
        user,bo@example.com,admin,/,2090-01-01T00:00:00Z\n\
        group,finance,auditor,,\n\
        user,zoe@example.com,admin,,\n\
        robot,r2,admin,,\n\
        user,bo@example.com,captain,,\n\
        user,bo@example.com,admin,/,soon\n";
    let (rows, last) = told(import(&root, "/assignments/import", table).await);
    assert_eq!(counts(&last), (2, 0, 4));
    assert_eq!(rows[0], "2 user bo@example.com: admin at / changed");
    assert!(rows[2].contains("there is no person `zoe@example.com`"), "{rows:?}");
    assert!(rows[3].contains("`robot` holds no role") && rows[5].contains("`soon` is no time"), "{rows:?}");
    let named = "kind,principal,role,scope\nuser,bo@example.com,admin,\ngroup,finance,auditor,/\n\
        everyone,,auditor,\nuser,zoe@example.com,admin,\n";
    let tried = import(&root, "/assignments/import?dry_run=true", named).await.expect(200).text();
    let names =
        tried.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["row"].get("name").cloned());
    let names: Vec<_> = names.skip(1).take(4).collect();
    let called = |name: &str| Some(json!(name));
    assert_eq!(names, [called("Bo: Admin"), called("Finance: Auditor"), called("Everyone: Auditor"), None]);
    let later = "kind,principal,role,until\nuser,bo@example.com,admin,-\nuser,bo@example.com,admin,\n";
    let (rows, _) = told(import(&root, "/assignments/import", later).await);
    assert!(rows[0].ends_with(" changed") && rows[1].ends_with(" unchanged"), "{rows:?}");
    let bo = find(&root, "bo@example.com").await["id"].clone();
    let held = root.get(&format!("/assignments?role=admin&user={}", bo.as_str().unwrap())).await.expect(200);
    assert_eq!(held.json()["items"][0]["assignment"].get("until"), None);
}

#[tokio::test]
async fn all_that_match_are_edited_alike_in_parts() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let people = AT_ONCE + 50;
    let mut table = "email,status\n".to_owned();
    for n in 0..people {
        table.push_str(&format!("person{n}@example.com,active\n"));
    }
    let (_, last) = told(import(&root, "/users/import", &table).await);
    assert_eq!(counts(&last), (people as u64, 0, 0));
    let edit = json!({ "which": { "matching": { "search": "person" } }, "edit": { "give": ["auditor"] } });
    let (_, dry) = told(root.post("/users/bulk?dry_run=true", &edit).await);
    assert_eq!(dry["done"]["reach"]["gain"], people);
    let (rows, last) = told(root.post("/users/bulk", &edit).await);
    assert_eq!((rows.len(), counts(&last)), (people, (people as u64, 0, 0)));
    // As the list has them.
    let listed = root.get("/users?search=person&limit=200").await.expect(200).json();
    let listed = listed["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap());
    for (row, id) in rows.iter().zip(listed) {
        assert_eq!(row.split(' ').nth(1), Some(id));
    }
    let log = root.get("/audit?limit=2").await.expect(200).json();
    assert!(log["items"].as_array().unwrap().iter().all(|entry| entry["action"] == "batch"));
    let holders = async || root.get("/users?role=auditor&limit=1").await.expect(200).json()["total"].clone();
    assert_eq!(holders().await, people);
    let again = root.post("/users/bulk", &edit).await;
    assert!(!again.text().contains("\"made\""), "what is so already made nothing");
    let (_, last) = told(again);
    assert_eq!(counts(&last), (0, people as u64, 0));
    // The parts are as large as one another, each row says which it is of, and all are taken back in one.
    let made: Vec<u64> =
        log["items"].as_array().unwrap().iter().map(|it| it["at"]["revision"].as_u64().unwrap()).collect();
    let sizes: Vec<usize> =
        log["items"].as_array().unwrap().iter().map(|it| it["writes"].as_array().unwrap().len()).collect();
    assert_eq!(sizes[0], sizes[1], "{sizes:?}");
    root.post(&format!("/audit/{}/undo?also={}", made[0], made[1]), &Value::Null).await.expect(200);
    assert_eq!(holders().await, 0);
    root.post("/users/bulk", &edit).await.expect(200);
    let disable = json!({ "which": { "matching": { "search": "person1" } },
        "edit": { "take": ["auditor"], "status": { "status": "disabled" } } });
    told(root.post("/users/bulk", &disable).await);
    let disabled = root.get("/users?status=disabled&limit=1").await.expect(200).json();
    assert_eq!(
        disabled["total"],
        root.get("/users?search=person1&limit=1").await.expect(200).json()["total"]
    );
}

#[tokio::test]
async fn a_bulk_edit_finds_people_by_all_that_the_list_does() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    for (id, name) in [("gold", "Gold"), ("none", "None")] {
        root.post("/packages", &json!({ "id": id, "name": name, "roles": [] })).await.expect(201);
    }
    told(import(&root, "/users/import", "email,package\nana@example.com,gold\nbo@example.com,gold\n").await);
    for (query, matching) in [
        ("", json!({})),
        ("package=gold", json!({ "package": "gold" })),
        ("package=gold&role=auditor", json!({ "package": "gold", "role": "auditor" })),
        (
            "package=gold&status=active&search=bo",
            json!({ "package": "gold", "status": "active", "search": "bo" }),
        ),
        ("package=none", json!({ "package": "none" })),
    ] {
        let listed = root.get(&format!("/users?sort=email&{query}")).await.expect(200).json();
        let mut listed: Vec<_> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| json!([user["id"], user["name"]]))
            .collect();
        let edit = json!({ "which": { "matching": matching }, "edit": { "give": ["auditor"] } });
        let found = root.post("/users/bulk?dry_run=true", &edit).await.expect(200);
        // Each is told by id, with their name beside it.
        let called = |row: &Value| json!([row["subject"], row["name"]]);
        let mut found: Vec<_> = rows(&found).iter().map(called).collect();
        for ids in [&mut listed, &mut found] {
            ids.sort_by_key(Value::to_string);
        }
        assert_eq!(found, listed, "{query}");
    }
    let api = server.nobody().get("/api/v1/openapi.json").await.expect(200).json();
    let list = api["paths"]["/api/v1/tenants/{tenant}/users"]["get"]["parameters"].as_array().unwrap();
    let mut filters: Vec<_> =
        list.iter().filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect();
    filters.retain(|name| !["sort", "limit", "cursor", "page", "as_of"].contains(name));
    filters.sort_unstable();
    let matching = api["components"]["schemas"]["Matching"]["properties"].as_object().unwrap();
    let mut known: Vec<_> = matching.keys().map(String::as_str).collect();
    known.sort_unstable();
    assert_eq!(known, filters);
}

#[tokio::test]
async fn nobody_gives_by_many_rows_what_they_do_not_hold() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    told(import(&root, "/users/import", TABLE).await);
    let eve = server
        .person_who_may(&root, "mallory@example.com", &["users.view", "users.manage", "users.assign_roles"])
        .await;
    let ids = json!([eve.user, find(&root, "bo@example.com").await["id"], "u_gone"]);
    let edit = json!({ "which": { "ids": ids }, "edit": { "give": ["superuser"] } });
    let (rows, last) = told(eve.post("/users/bulk", &edit).await);
    assert_eq!(counts(&last), (0, 0, 3), "{rows:?}");
    let (rows, last) =
        told(import(&eve, "/assignments/import", "kind,principal,role\neveryone,,superuser\n").await);
    assert_eq!(counts(&last), (0, 0, 1), "{rows:?}");
    let table = "email,roles\nnew@example.com,superuser\n";
    let (rows, last) = told(import(&eve, "/users/import", table).await);
    assert_eq!(counts(&last), (0, 0, 1), "{rows:?}");
    // The last superuser stays, whoever is edited beside.
    let all = json!({ "which": { "matching": {} }, "edit": { "status": { "status": "disabled" } } });
    let (rows, _) = told(root.post("/users/bulk", &all).await);
    assert_eq!(rows.iter().filter(|row| row.contains("refused")).count(), 1, "{rows:?}");
    root.get("/session").await.expect(200);
}

#[tokio::test]
async fn who_may_not_see_people_learns_nothing_by_rows() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let eve = server.person_who_may(&root, "eve@example.com", &["users.manage", "users.assign_roles"]).await;
    import(&eve, "/users/import", TABLE).await.problem(403, "missing_permission");
    import(&eve, "/assignments/import", "kind,role\n").await.problem(403, "missing_permission");
    eve.get("/users/export").await.problem(403, "missing_permission");
    eve.get("/assignments/export").await.problem(403, "missing_permission");
    let edit = json!({ "which": { "matching": {} }, "edit": { "give": ["user"] } });
    eve.post("/users/bulk", &edit).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn what_is_no_table_is_told_with_its_line() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let wrong = import(&root, "/users/import", "email,rank\n").await.problem(422, "no_table");
    assert_eq!(wrong["errors"][0]["path"], "line 1");
    import(&root, "/assignments/import", "kind,rank\n").await.problem(422, "no_table");
    let json = root.post("/users/import", &json!({})).await;
    json.problem(415, "not_csv");
    let edit = json!({ "which": { "ids": [] }, "edit": {} });
    root.post("/users/bulk", &edit).await.problem(422, "invalid");
    let both = json!({ "which": { "ids": [] }, "edit": { "give": ["admin"], "take": ["admin"] } });
    assert_eq!(
        root.post("/users/bulk", &both).await.problem(422, "invalid")["errors"][0]["path"],
        "$.edit.give[0]"
    );
}

/// The rows' results in full.
fn rows(answer: &Answer) -> Vec<Value> {
    let text = answer.text();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line.get("row").cloned()).collect()
}

#[tokio::test]
async fn who_is_imported_or_waits_is_sent_an_invitation() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let table = "email,status\nana@example.com,\nbo@example.com,invited\neve@example.com,active\n";
    let dry = import(&root, "/users/import?invite=true&dry_run=true", table).await.expect(200);
    assert!(rows(&dry).iter().all(|row| row["result"] == "changed" && row.get("invited").is_none()));
    // Without the option nobody gets a link.
    let made = import(&root, "/users/import", table).await.expect(200);
    assert!(rows(&made).iter().all(|row| row.get("invited").is_none()));
    let accept = |link: &str| json!({ "token": token_of(link), "password": PASSWORD });
    let link = |row: &Value| row["invited"]["link"].as_str().unwrap().to_owned();
    // With it all who wait do, also where nothing else is changed; the older links end.
    let again = rows(&import(&root, "/users/import?invite=true", table).await.expect(200));
    let told: Vec<_> = again.iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(told, ["changed", "changed", "unchanged"]);
    assert_eq!(again[0]["invited"]["delivery"], "shown");
    // A link of the last minutes stays, unless it is said.
    let invited = json!({ "matching": { "status": "invited" } });
    let edit = json!({ "which": invited, "edit": { "invite": true } });
    for query in ["", "?dry_run=true"] {
        let stay = rows(&root.post(&format!("/users/bulk{query}"), &edit).await.expect(200));
        for row in &stay {
            assert_eq!((&row["result"], row.get("invited")), (&json!("unchanged"), None), "{row}");
            assert!(row["remarks"][0].as_str().unwrap().contains("`again`"), "{row}");
        }
        assert_eq!(stay.len(), 2);
    }
    let alone = json!({ "which": invited, "edit": { "again": true } });
    root.post("/users/bulk", &alone).await.problem(422, "invalid");
    import(&root, "/users/import?again=true", table).await.problem(422, "invalid");
    let edit = json!({ "which": invited, "edit": { "invite": true, "again": true } });
    let answer = root.post("/users/bulk", &edit).await.expect(200);
    let sent = rows(&answer);
    assert_eq!(sent.len(), 2);
    // Each link is a change, and the totals are told after the last.
    let at = server.tenant().await.loaded().state.at();
    assert_eq!(sent[1]["invited"]["at"], json!(at));
    let last: Value = serde_json::from_str(answer.text().lines().last().unwrap()).unwrap();
    assert_eq!(last["done"]["at"], json!(at), "{last}");
    let nobody = server.nobody();
    nobody.post("/invitations/accept", &accept(&link(&again[0]))).await.problem(410, "link_gone");
    for row in &sent {
        nobody.post("/invitations/accept", &accept(&link(row))).await.expect(200);
    }
    // Who has accepted has none.
    let ids: Vec<_> = sent.iter().map(|row| row["subject"].clone()).collect();
    let edit = json!({ "which": { "ids": ids }, "edit": { "invite": true } });
    for query in ["", "?dry_run=true"] {
        let refused = rows(&root.post(&format!("/users/bulk{query}"), &edit).await.expect(200));
        assert!(refused.iter().all(|row| row["result"] == "refused"), "{refused:?}");
        assert_eq!(refused[0]["problem"]["errors"][0]["path"], "$.invite");
    }
    // It takes what inviting one takes: also to hold what the person is about to hold.
    import(&root, "/users/import", "email,roles\nsoon@example.com,superuser\n").await.expect(200);
    let edit = json!({ "which": { "matching": { "search": "soon" } }, "edit": { "invite": true } });
    let helper = server.person_who_may(&root, "helper@example.com", &["users.view"]).await;
    helper.post("/users/bulk", &edit).await.problem(403, "missing_permission");
    let helper = server.person_who_may(&root, "other@example.com", &["users.view", "users.manage"]).await;
    for query in ["", "?dry_run=true"] {
        let refused = rows(&helper.post(&format!("/users/bulk{query}"), &edit).await.expect(200));
        assert_eq!(refused[0]["result"], "refused", "{refused:?}");
        assert!(refused[0].get("invited").is_none());
    }
}

#[tokio::test]
async fn a_mail_goes_to_each_who_is_invited_by_a_table() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let made = import(&root, "/users/import?invite=true", "email\nana@example.com\nbo@example.com\n").await;
    for row in rows(&made.expect(200)) {
        assert_eq!((&row["invited"]["delivery"], row["invited"].get("link")), (&json!("sent"), None));
    }
    let mut to: Vec<_> = server.mails(&outbox).await.into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["ana@example.com", "bo@example.com"]);
}

#[tokio::test]
async fn the_parts_of_an_answer_are_of_its_request() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let writes = || {
        let text = server.app.counted().unwrap();
        let line = text.lines().find(|line| line.starts_with("rolewright_writes_total")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let before = writes();
    let many: String = (0..=AT_ONCE).map(|n| format!("p{n}@example.com\n")).collect();
    let answer = import(&root, "/users/import", &format!("email\nnobody\n{many}")).await.expect(200);
    assert_eq!(writes(), before + 2);
    let refused = &rows(&answer)[0];
    assert_eq!(refused["problem"]["instance"], answer.header("x-request-id"), "{refused}");
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn an_email_that_stands_in_several_rows_is_refused_in_each() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let table = "email,first_name\n\nana@example.com,Ana\nbo@example.com,Bo\n ANA@example.com ,Anna\n";
    for path in ["/users/import?dry_run=true", "/users/import", "/users/import?invite=true"] {
        let (rows, last) = told(import(&root, path, table).await);
        let why = |email: &str| format!("refused: `{email}` stands in the rows 3, 5: keep one of them");
        assert_eq!(rows[0], format!("3 ana@example.com {}", why("ana@example.com")));
        assert_eq!(rows[2], format!("5 ANA@example.com {}", why("ANA@example.com")));
        assert_eq!(last["done"]["refused"], 2, "{path}");
    }
    assert_eq!(root.get("/users?search=ana").await.expect(200).json()["total"], 0);
    assert_eq!(root.get("/users?search=bo").await.expect(200).json()["total"], 1);
    // Of many the first are named.
    let many = format!("email\n{}", "ana@example.com\n".repeat(15));
    let (rows, _) = told(import(&root, "/users/import", &many).await);
    assert!(
        rows[14].ends_with("stands in the rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 5 more: keep one of them"),
        "{rows:?}"
    );
}

#[tokio::test]
async fn nobody_shuts_themselves_out_among_many() {
    let server = TestServer::new().await;
    let root = root(&server).await;
    let second = server.person(&root, "bo@example.com", &["superuser"]).await;
    let ana = server.person(&root, "ana@example.com", &["auditor"]).await;
    let all = json!({ "ids": [root.user, second.user, ana.user] });
    let edit = |path: &str, edit: Value| {
        let (root, path, body) =
            (root.clone(), format!("/users/bulk{path}"), json!({ "which": all, "edit": edit }));
        async move { told(root.post(&path, &body).await) }
    };
    for dry in ["?dry_run=true", ""] {
        let (rows, last) = edit(dry, json!({ "status": { "status": "disabled" } })).await;
        assert_eq!(counts(&last), (2, 0, 1), "{rows:?}");
        assert!(rows[0].contains("this is you: afterwards you could not sign in"), "{rows:?}");
    }
    edit("", json!({ "status": { "status": "active" } })).await;
    for dry in ["?dry_run=true", ""] {
        let (rows, last) = edit(dry, json!({ "take": ["superuser"] })).await;
        assert_eq!(counts(&last), (1, 1, 1), "{rows:?}");
        assert!(rows[0].contains("this is you: it takes `Users: View` from you"), "{rows:?}");
    }
    root.get("/users").await.expect(200);
}
