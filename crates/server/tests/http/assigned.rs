//! To whom roles are assigned: counted, listed with the other ways of holding them, and by a switch to everyone.

use serde_json::{Value, json};

use crate::bulk::{import, told};
use crate::support::{Client, TestServer};

async fn give(root: &Client, principal: Value, role: &str) -> String {
    let body = json!({ "principal": principal, "role": role, "scope": "/" });
    let made = root.post("/assignments", &body).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

async fn group(root: &Client, name: &str, member: &str) -> String {
    let made = root.post("/groups", &json!({ "name": name })).await.expect(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    root.post(&format!("/groups/{id}/members"), &json!({ "user": member })).await.expect(201);
    id
}

async fn rows(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/assignments?{query}")).await.expect(200).json();
    let rows = page["items"].as_array().unwrap().clone();
    assert_eq!(page["total"], rows.len());
    rows
}

async fn role(root: &Client, id: &str) -> Value {
    root.get(&format!("/roles/{id}")).await.expect(200).json()
}

#[tokio::test]
async fn an_assignment_says_whether_it_is_of_whoever_asks() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person_who_may(&root, "ana@example.com", &["users.view"]).await;
    let bo = server.person(&root, "bo@example.com", &[]).await;
    let (inner, other) = (group(&root, "Inner", &ana.user).await, group(&root, "Other", &bo.user).await);
    let outer = root.post("/groups", &json!({ "name": "Outer" })).await.expect(201).json()["id"].clone();
    let outer = outer.as_str().unwrap();
    root.post(&format!("/groups/{outer}/members"), &json!({ "group": inner })).await.expect(201);
    for (principal, yours) in [
        (json!({ "user": ana.user }), true),
        (json!({ "user": bo.user }), false),
        (json!({ "group": inner }), true),
        (json!({ "group": outer }), true),
        (json!({ "group": other }), false),
        (json!("everyone"), true),
    ] {
        let id = give(&root, principal.clone(), "steward").await;
        let told = rows(&ana, "role=steward").await.into_iter().find(|row| row["assignment"]["id"] == *id);
        assert_eq!(told.unwrap()["yours"] == true, yours, "{principal}");
    }
}

/// A tenant in which nobody is given anything by itself, and its superuser.
async fn without_auto_assign() -> (TestServer, Client) {
    without_auto_assign_in("analytics-cloud").await
}

async fn without_auto_assign_in(template: &'static str) -> (TestServer, Client) {
    let server = TestServer::with_template(template).await;
    let root = server.superuser().await;
    for row in rows(&root, "of=everyone").await {
        let id = row["assignment"]["id"].as_str().unwrap();
        root.delete(&format!("/assignments/{id}"), row["etag"].as_str().unwrap()).await.expect(200);
    }
    (server, root)
}

#[tokio::test]
async fn s1_16_s1_29_a_roles_assignments_are_listed_by_whom_they_are_to_with_every_other_way_of_holding_it() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    let own = give(&root, json!({ "user": ana.user }), "steward").await;
    let by_group = give(&root, json!({ "group": sales }), "steward").await;
    give(&root, json!({ "user": root.user }), "steward").await;
    let ended = server.app.clock.now().plus(1000);
    let past = json!({
        "principal": { "user": ana.user }, "role": "steward", "scope": "spaces/blue", "until": ended,
    });
    root.post("/assignments", &past).await.expect(201);
    server.app.clock.advance(2000);

    let users = rows(&root, "role=steward&of=users&search=ANA%40example").await;
    assert_eq!(users.len(), 2, "by email, as by name");
    let row = users.iter().find(|row| row["assignment"]["id"] == *own).unwrap();
    assert_eq!(
        (&row["principal_name"], &row["email"]),
        (&json!("ana@example.com"), &json!("ana@example.com"))
    );
    assert_eq!(row["etag"], root.get(&format!("/assignments/{own}")).await.expect(200).etag());
    let since = root.get("/audit").await.expect(200).json()["items"][3]["time"].clone();
    assert_eq!(row["since"], since);
    let also = row["also"].as_array().unwrap();
    let expired = also.iter().find(|way| way["held"]["scope"] == "spaces/blue").unwrap();
    assert_eq!(expired["held"]["not_counting"], "expired");
    let through = also.iter().find(|way| way["held"]["via"]["kind"] == "group").unwrap();
    assert_eq!(
        (&through["groups"], &through["held"]["via"]["assignment"]),
        (&json!(["Sales"]), &json!(by_group))
    );
    assert!(through["held"].get("not_counting").is_none());

    let groups = rows(&root, "role=steward&of=groups&search=sal").await;
    assert_eq!((groups.len(), &groups[0]["principal_name"]), (1, &json!("Sales")));
    assert!(groups[0].get("email").is_none() && groups[0].get("also").is_none());
    assert!(rows(&root, "role=steward&of=everyone").await.is_empty());
    root.get("/assignments?of=packages").await.problem(422, "invalid");

    // Once it is taken away at its source, what is left is the other source.
    root.delete(&format!("/assignments/{own}"), row["etag"].as_str().unwrap()).await.expect(200);
    assert_eq!(rows(&root, &format!("role=steward&user={}", ana.user)).await.len(), 1);
    let check = json!({ "subject": ana.user, "permission": "platform.curate_glossary" });
    assert_eq!(root.post("/check", &check).await.expect(200).json()["allowed"], true);

    // Who may not see groups is not told their names.
    let blind = server.person_who_may(&root, "b@example.com", &["users.view"]).await;
    give(&root, json!({ "user": ana.user }), "steward").await;
    let seen = rows(&blind, "role=steward&of=users&search=ana").await;
    let ways: Vec<&Value> = seen.iter().flat_map(|row| row["also"].as_array().unwrap()).collect();
    assert!(ways.iter().any(|way| way["held"]["via"]["kind"] == "group"));
    assert!(ways.iter().all(|way| way.get("groups").is_none()));
}

#[tokio::test]
async fn s1_15_a_role_says_to_how_many_users_and_groups_it_is_assigned_each_once() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &["steward"]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    give(&root, json!({ "group": sales }), "steward").await;
    let there = json!({ "principal": { "user": ana.user }, "role": "steward", "scope": "spaces/blue" });
    root.post("/assignments", &there).await.expect(201);
    assert_eq!(role(&root, "steward").await["assigned"], json!({ "users": 1, "groups": 1 }));
    let switch = json!({ "principal": "everyone", "role": "steward", "scope": "/", "source": "auto_assign" });
    let on = root.post("/assignments", &switch).await.expect(201).json()["id"].clone();
    let all = root.get("/roles").await.expect(200).json();
    let listed = all["items"].as_array().unwrap().iter().find(|row| row["role"]["id"] == "steward").unwrap();
    assert_eq!(listed["assigned"], json!({ "users": 1, "groups": 1, "auto_assign": on }));
    // What everyone is given otherwise is no switch.
    let now = json!({ "principal": "everyone", "role": "content_exporter", "scope": "spaces/blue" });
    root.post("/assignments", &now).await.expect(201);
    assert_eq!(role(&root, "content_exporter").await["assigned"], json!({ "users": 0, "groups": 0 }));
}

#[tokio::test]
async fn s1_38_s1_41_s1_42_a_dry_run_of_a_switch_says_to_how_many_full_users_it_assigns_the_role() {
    let (server, root) = without_auto_assign().await;
    let settings = root.get("/settings").await.expect(200).json();
    let three = ["data_services_contributor", "private_analytics_content_creator", "shared_space_creator"];
    let switches: Vec<String> =
        settings["settings"]["entitlements"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(switches, three, "S1-38");
    server.person(&root, "ana@example.com", &["steward"]).await;
    server.person(&root, "ben@example.com", &[]).await;
    let change = |role: &str, on: bool| json!({ "changes": [{ "change": "set_entitlement", "role": role, "on": on }] });
    let tried = async |role: &str, on: bool| {
        root.post("/batch?dry_run=true", &change(role, on)).await.expect(200).json()["entitled"].clone()
    };
    assert_eq!(tried(three[2], true).await, json!(2), "S1-42: the superuser and ana are full, ben is not");
    root.post("/batch", &change(three[2], true)).await.expect(200);
    assert_eq!(role(&root, three[2]).await["assigned"]["users"], json!(2));
    assert_eq!(tried(three[2], false).await, json!(null));
    root.post("/batch", &change(three[2], false)).await.expect(200);
    assert_eq!(role(&root, three[2]).await["assigned"]["users"], json!(2), "S1-41: it stays");
    assert_eq!(tried(three[2], true).await, json!(0), "they have it by now");
}

#[tokio::test]
async fn s1_32_s1_33_s1_34_a_dry_run_says_how_many_become_full_users_and_off_takes_the_role_but_no_tier() {
    let (server, root) = without_auto_assign().await;
    for name in ["ana", "ben", "cleo"] {
        server.person(&root, &format!("{name}@example.com"), &[]).await;
    }
    let switch =
        |role: &str| json!({ "principal": "everyone", "role": role, "scope": "/", "source": "auto_assign" });
    let dry = async |role: &str| {
        let reach = root.post("/assignments?dry_run=true", &switch(role)).await.expect(200).json();
        (reach["reach"]["promoted"].as_u64().unwrap(), reach["reach"]["gain"].as_u64().unwrap())
    };
    assert_eq!(dry("steward").await, (3, 3), "a superuser is full and has everything");
    assert_eq!(dry("embedded_analytics_user").await, (0, 3), "S1-34");
    let on = root.post("/assignments", &switch("steward")).await.expect(201).json();
    assert_eq!(dry("automation_creator").await, (0, 3), "they are full by now");
    let path = format!("/assignments/{}", on["id"].as_str().unwrap());
    let etag = root.get(&path).await.expect(200).etag();
    let off = root.delete(&format!("{path}?dry_run=true"), &etag).await.expect(200).json();
    assert_eq!((&off["reach"]["lose"], &off["reach"]["promoted"]), (&json!(3), &json!(0)));
    root.delete(&path, &etag).await.expect(200);
    assert_eq!(dry("steward").await, (0, 3), "nobody is made basic again");
}

#[tokio::test]
async fn s1_10_what_some_people_hold_is_told_role_by_role_with_what_is_their_own_and_what_comes_otherwise() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &["steward"]).await;
    let ben = server.person(&root, "ben@example.com", &[]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    give(&root, json!({ "group": sales }), "steward").await;
    for (user, scope) in [(&ana.user, "/"), (&ben.user, "spaces/blue")] {
        let body = json!({ "principal": { "user": user }, "role": "content_exporter", "scope": scope });
        root.post("/assignments", &body).await.expect(201);
    }
    let ended = server.app.clock.now().plus(1000);
    let past = json!({ "principal": { "user": ben.user }, "role": "steward", "scope": "/", "until": ended });
    root.post("/assignments", &past).await.expect(201);
    server.app.clock.advance(2000);
    give(&root, json!("everyone"), "knowledge_manager").await;

    let both = json!({ "which": { "ids": [ana.user, ben.user, ben.user, "nobody"] } });
    let held = root.post("/users/held", &both).await.expect(200).json();
    let expected = json!({
        "people": 2,
        "roles": [
            { "role": "content_exporter", "own": 1, "through": [{ "kind": "place", "name": "spaces/blue", "people": 1 }] },
            { "role": "knowledge_manager", "own": 0, "through": [{ "kind": "everyone", "people": 2 }] },
            { "role": "steward", "own": 1, "expired": 1, "through": [{ "kind": "group", "name": "Sales", "people": 1 }] },
        ],
    });
    assert_eq!(held, expected);
    let matching = json!({ "which": { "matching": { "search": "ben@" } } });
    assert_eq!(root.post("/users/held", &matching).await.expect(200).json()["people"], 1);
    // What it says is what a bulk edit then makes.
    let edit = json!({ "which": both["which"], "edit": { "give": ["embedded_analytics_user"], "take": ["steward"] } });
    root.post("/users/bulk", &edit).await.expect(200);
    let after = root.post("/users/held", &both).await.expect(200).json();
    let own = |role: &str| {
        let roles = after["roles"].as_array().unwrap();
        roles.iter().find(|held| held["role"] == role).map(|held| held["own"].as_u64().unwrap())
    };
    assert_eq!((own("embedded_analytics_user"), own("steward")), (Some(2), Some(0)));

    let blind = server.person_who_may(&root, "c@example.com", &["users.view"]).await;
    let told = blind.post("/users/held", &both).await.expect(200).json();
    assert!(!told.to_string().contains("Sales") && told.to_string().contains("group"));
    ana.post("/users/held", &both).await.problem(403, "missing_permission");
}

#[tokio::test]
async fn s1_10_what_somebody_has_for_a_time_is_told_as_that_and_giving_it_for_good_takes_its_place() {
    // Where new links wait for the next sign-in, what counts now stays until it ends.
    for (template, role, of_ending) in [("mailer", "admin", 1), ("analytics-cloud", "steward", 2)] {
        given_for_good(template, role, of_ending).await;
    }
}

/// `of_ending` is how many assignments somebody then has who had one that counts and ends later.
async fn given_for_good(template: &'static str, role: &str, of_ending: usize) {
    let (server, root) = without_auto_assign_in(template).await;
    let mut people = Vec::new();
    for name in ["later", "ended", "both", "ending", "good"] {
        people.push(server.person(&root, &format!("{name}@example.com"), &[]).await.user);
    }
    let now = server.app.clock.now();
    let (soon, late) = (now.plus(1000), now.plus(1_000_000));
    let give = async |user: &str, window: Value| {
        let mut body = json!({ "principal": { "user": user }, "role": role, "scope": "/" });
        body.as_object_mut().unwrap().extend(window.as_object().unwrap().clone());
        root.post("/assignments", &body).await.expect(201);
    };
    give(&people[0], json!({ "from": late })).await;
    give(&people[1], json!({ "until": soon })).await;
    give(&people[2], json!({ "until": soon })).await;
    give(&people[2], json!({ "from": late })).await;
    give(&people[3], json!({ "until": late })).await;
    give(&people[4], json!({})).await;
    give(&people[4], json!({ "from": late })).await;
    server.app.clock.advance(2000);
    let which = json!({ "ids": people });
    // Whether somebody is active makes no difference.
    let asleep = json!({ "which": { "ids": people[..2] }, "edit": { "status": { "status": "disabled" } } });
    root.post("/users/bulk", &asleep).await.expect(200);
    let told = async || {
        let held = root.post("/users/held", &json!({ "which": which })).await.expect(200).json();
        held["roles"][0].clone()
    };
    assert_eq!(told().await, json!({ "role": role, "own": 2, "scheduled": 2, "expired": 1 }));
    root.post("/users/bulk", &json!({ "which": which, "edit": { "give": [role] } })).await.expect(200);
    assert_eq!(told().await, json!({ "role": role, "own": 5 }));
    for (user, expected) in people.iter().zip([1, 1, 1, of_ending, 2]) {
        let own = rows(&root, &format!("role={role}&user={user}")).await;
        assert_eq!(own.len(), expected, "{user}: what was for good already stays as it was");
    }
    let again = json!({ "which": which, "edit": { "give": [role] } });
    let lines = root.post("/users/bulk", &again).await.expect(200).text().to_owned();
    assert!(lines.contains(r#""unchanged":5"#), "{lines}");
}

#[tokio::test]
async fn whom_a_change_makes_a_superuser_is_counted_in_its_dry_run_also_through_a_group_and_before_they_accept()
 {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    let made = root.post("/users", &json!({ "email": "ben@example.com" })).await.expect(201).json();
    let roles = root.get("/roles").await.expect(200).json();
    let all = roles["items"].as_array().unwrap().iter().find(|row| row["role"]["superuser"] == true).unwrap();
    let role = all["role"]["id"].as_str().unwrap();
    let edit = json!({ "which": { "ids": [ana.user, made["user"], root.user] }, "edit": { "give": [role] } });
    let lines = root.post("/users/bulk?dry_run=true", &edit).await.expect(200).text().to_owned();
    assert!(lines.contains(r#""superusers":2,"inactive_superusers":1"#), "{lines}");
    give(&root, json!({ "group": sales }), role).await;
    let add = json!({ "changes": [{ "change": "add_member", "group": sales, "member": { "user": made["user"] } }] });
    let tried = root.post("/batch?dry_run=true", &add).await.expect(200).json();
    let reach = &tried["reach"];
    assert_eq!(
        (&reach["superusers"], &reach["inactive_superusers"], &reach["all"]),
        (&json!(1), &json!(1), &json!(0)),
        "who has not accepted yet gains nothing now"
    );
}

#[tokio::test]
async fn a_table_names_whom_it_makes_a_superuser_and_is_taken_back_as_one_change() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    let roles = root.get("/roles").await.expect(200).json();
    let all = roles["items"].as_array().unwrap().iter().find(|row| row["role"]["superuser"] == true).unwrap();
    let role = all["role"]["id"].as_str().unwrap();
    let given = format!("kind,principal,role,scope\ngroup,Sales,{role},/\n");
    let people = format!("email,first_name,roles\nnew@example.com,Nele,{role}\n");
    for (path, table, named) in
        [("/assignments/import", given, "ana@example.com"), ("/users/import", people, "Nele")]
    {
        let total =
            async || root.get(&format!("/assignments?role={role}")).await.expect(200).json()["total"].clone();
        let before = total().await;
        let (_, tried) = told(import(&root, &format!("{path}?dry_run=true"), &table).await);
        let reach = &tried["done"]["reach"];
        assert_eq!((&reach["superusers"], &reach["made_superusers"]), (&json!(1), &json!([named])), "{path}");
        let (_, made) = told(import(&root, path, &table).await);
        let revision = &made["done"]["at"]["revision"];
        root.post(&format!("/audit/{revision}/undo"), &json!({})).await.expect(200);
        assert_eq!(total().await, before, "{path}");
    }
    let held = root.get(&format!("/assignments?role={role}&group={sales}")).await.expect(200).json();
    assert_eq!(held["total"], 0);
}

#[tokio::test]
async fn a_role_that_is_held_at_places_alone_is_listed_with_them() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let listed = async || root.get("/users?search=ana%40").await.expect(200).json()["items"][0].clone();
    for (scope, expected) in [
        ("spaces/blue", json!({ "content_exporter": ["spaces/blue"] })),
        ("spaces/amber", json!({ "content_exporter": ["spaces/amber", "spaces/blue"] })),
        ("/", json!(null)),
    ] {
        let body = json!({ "principal": { "user": ana.user }, "role": "content_exporter", "scope": scope });
        root.post("/assignments", &body).await.expect(201);
        let row = listed().await;
        assert_eq!((&row["only_at"], &row["roles"]), (&expected, &json!(["content_exporter"])), "{scope}");
    }
}

#[tokio::test]
async fn who_may_not_see_roles_or_groups_is_told_who_is_a_superuser_and_every_role_held() {
    let (server, root) = without_auto_assign().await;
    let ana = server.person(&root, "ana@example.com", &["steward"]).await;
    let sales = group(&root, "Sales", &ana.user).await;
    let roles = root.get("/roles").await.expect(200).json();
    let all = roles["items"].as_array().unwrap().iter().find(|row| row["role"]["superuser"] == true).unwrap();
    let superuser = all["role"]["id"].as_str().unwrap();
    give(&root, json!({ "group": sales }), superuser).await;
    let narrow = server.person_who_may(&root, "n@example.com", &["users.view"]).await;
    let row = narrow.get("/users?search=ana%40").await.expect(200).json()["items"][0].clone();
    assert_eq!(row["superuser_roles"], json!([superuser]), "{row}");
    let page = narrow.get(&format!("/users/{}", ana.user)).await.expect(200).json();
    assert_eq!(page["superuser_roles"], json!([superuser]));
    let held: Vec<&str> =
        page["roles"].as_array().unwrap().iter().map(|it| it["role"].as_str().unwrap()).collect();
    assert!(held.contains(&"steward") && held.contains(&superuser), "{held:?}");
    let nobody = narrow.get("/users?search=n%40").await.expect(200).json()["items"][0].clone();
    assert_eq!(nobody.get("superuser_roles"), None);
}
