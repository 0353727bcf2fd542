//! Who may see people or keys at some places alone is shown what lies there, and of the rest not that it is.

use serde_json::{Value, json};

use crate::keys::{make, with_servers};
use crate::support::{Client, TestServer};

/// Every item of a list, page by page, and what each page says of how many there are.
async fn all(by: &Client, path: &str) -> (Vec<Value>, Vec<u64>) {
    let (mut items, mut totals, mut cursor) = (Vec::new(), Vec::new(), String::new());
    let sign = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = by.get(&format!("{path}{sign}limit=2{cursor}")).await.expect(200).json();
        items.extend(page["items"].as_array().unwrap().clone());
        totals.push(page["total"].as_u64().unwrap());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, totals),
        }
    }
}

fn text(items: &[Value], pointer: &str) -> Vec<String> {
    items.iter().map(|item| item.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
}

/// People who hold roles at places, and keys for places; and whoever sees them at `servers/prod` alone, by a role and by
/// a key.
struct World {
    server: TestServer,
    root: Client,
    scoped: Vec<Client>,
}

const SCOPES: [&str; 7] = [
    "/",
    "servers",
    "servers/prod",
    "servers/prod/tasks/a",
    "servers/prod/tasks/b",
    "servers/production",
    "servers/test",
];

impl World {
    async fn new() -> Self {
        let (server, root) = with_servers().await;
        let may = ["users.view", "api_keys.view"];
        let local = server.person_who_may(&root, "local@example.com", &may).await;
        let mine = root.get(&format!("/assignments?user={}", local.user)).await.expect(200).json();
        let assignment = &mine["items"][0]["assignment"];
        let there = json!({ "principal": { "user": local.user }, "role": assignment["role"], "scope": "servers/prod" });
        root.post("/assignments", &there).await.expect(201);
        root.delete(&format!("/assignments/{}", assignment["id"].as_str().unwrap()), "*").await.expect(200);
        let key = json!({ "name": "local", "permissions": may, "scope": "servers/prod" });
        let (_, machine) = make(&server, &root, &key).await;
        let ana = root.post("/users", &json!({ "email": "ana@example.com", "first_name": "Ana" })).await;
        let ana = ana.expect(201).json()["user"].clone();
        for scope in SCOPES {
            let give = json!({ "principal": { "user": ana }, "role": "viewer", "scope": scope });
            root.post("/assignments", &give).await.expect(201);
            let key = json!({ "name": format!("of {scope}"), "permissions": ["users.view"], "scope": scope });
            root.post("/keys", &key).await.expect(201);
        }
        let elsewhere =
            root.post("/users", &json!({ "email": "secret@example.com" })).await.expect(201).json();
        let give =
            json!({ "principal": { "user": elsewhere["user"] }, "role": "viewer", "scope": "servers/test" });
        root.post("/assignments", &give).await.expect(201);
        Self { scoped: vec![local, machine], server, root }
    }
}

const WITHIN: [&str; 3] = ["servers/prod", "servers/prod/tasks/a", "servers/prod/tasks/b"];

#[tokio::test]
async fn assignments_are_listed_where_one_may_see_people_and_no_other_is_told_of() {
    let world = World::new().await;
    for client in &world.scoped {
        for path in
            ["/assignments?sort=scope", "/assignments?sort=-scope", "/assignments?sort=scope&role=viewer"]
        {
            let (items, totals) = all(client, path).await;
            let mut scopes = text(&items, "/assignment/scope");
            scopes.sort();
            scopes.dedup();
            assert_eq!(scopes, WITHIN, "{path}");
            assert!(totals.iter().all(|total| *total == items.len() as u64), "{path}: {totals:?}");
            let all = Value::from(items).to_string();
            for hidden in ["secret@example.com", "servers/test", "servers/production", "\"servers\"", "\"/\""]
            {
                assert!(!all.contains(hidden), "{path}: {hidden}: {all}");
            }
        }
        for path in [
            "/assignments?search=secret",
            "/assignments?scope=servers/test",
            "/assignments?scope=/",
            "/assignments?reaching=servers/test/tasks/x",
        ] {
            assert_eq!(all(client, path).await, (Vec::new(), vec![0]), "{path}");
        }
        // What reaches a place from above it is not within.
        let (items, _) = all(client, "/assignments?role=viewer&reaching=servers/prod/tasks/a").await;
        let mut scopes = text(&items, "/assignment/scope");
        scopes.sort();
        assert_eq!(scopes, ["servers/prod", "servers/prod/tasks/a"]);
        let (places, totals) = all(client, "/places").await;
        assert_eq!((text(&places, "/place"), totals[0]), (WITHIN.map(ToOwned::to_owned).to_vec(), 3));
    }
    let (items, _) = all(&world.root, "/assignments?role=viewer").await;
    assert_eq!(items.len(), SCOPES.len() + 1);
}

#[tokio::test]
async fn one_assignment_is_read_where_one_may_see_people_and_of_another_it_is_not_told_that_it_is_there() {
    let world = World::new().await;
    let (items, _) = all(&world.root, "/assignments?role=viewer").await;
    for client in &world.scoped {
        let absent = client.get("/assignments/nothing").await.problem(403, "missing_permission");
        for item in &items {
            let (id, scope) = (item["assignment"]["id"].as_str().unwrap(), &item["assignment"]["scope"]);
            let answer = client.get(&format!("/assignments/{id}")).await;
            if WITHIN.contains(&scope.as_str().unwrap()) {
                answer.expect(200);
            } else {
                let refused = answer.problem(403, "missing_permission");
                assert_eq!(refused["detail"], absent["detail"], "{scope}");
            }
        }
    }
    world.root.get("/assignments/nothing").await.problem(404, "not_found");
}

#[tokio::test]
async fn to_who_may_not_give_it_an_assignment_elsewhere_is_refused_as_one_that_is_not_there() {
    let world = World::new().await;
    let (items, _) = all(&world.root, "/assignments?role=viewer").await;
    let may = ["users.assign_roles", "users.view"];
    let key = json!({ "name": "k", "permissions": may, "scope": WITHIN[0] });
    let role = json!({ "id": "giver", "name": "Giver", "grants": { may[0]: "allowed", may[1]: "allowed" } });
    world.root.post("/roles", &role).await.expect(201);
    let person = world.server.person(&world.root, "giver@example.com", &[]).await;
    let given = json!({ "principal": { "user": person.user }, "role": "giver", "scope": WITHIN[0] });
    world.root.post("/assignments", &given).await.expect(201);
    let mut elsewhere = 0;
    for client in [&world.server.key_of(key).await, &person] {
        let asked = async |id: &str| {
            let path = format!("/assignments/{id}");
            let batch = async |change: Value| {
                let versions = json!([{ "kind": "assignment", "id": id, "etag": "*" }]);
                client.post("/batch", &json!({ "changes": [change], "versions": versions })).await
            };
            let window = json!({ "until": 1_900_000_000_000_i64 });
            let answers = [
                client.delete(&path, "*").await,
                client.put(&path, "*", &window).await,
                batch(json!({ "change": "unassign", "id": id })).await,
                batch(json!({ "change": "keep_assignment", "id": id })).await,
                batch(json!({ "change": "set_window", "id": id, "window": window })).await,
            ];
            answers.map(|answer| {
                let mut told = answer.problem(403, "missing_permission");
                told.as_object_mut().unwrap().remove("instance");
                told
            })
        };
        let absent = asked("nothing").await;
        for item in
            items.iter().filter(|item| !WITHIN.contains(&item["assignment"]["scope"].as_str().unwrap()))
        {
            assert_eq!(asked(item["assignment"]["id"].as_str().unwrap()).await, absent, "{item}");
            elsewhere += 1;
        }
    }
    assert!(elsewhere > 2, "{elsewhere}");
}

#[tokio::test]
async fn keys_are_listed_and_read_where_one_may_see_keys_and_no_other_is_told_of() {
    let world = World::new().await;
    let (every, _) = all(&world.root, "/keys").await;
    for client in &world.scoped {
        let (items, totals) = all(client, "/keys").await;
        let mut scopes = text(&items, "/scope");
        scopes.sort();
        scopes.dedup();
        assert_eq!((scopes.as_slice(), items.len()), (WITHIN.map(ToOwned::to_owned).as_slice(), 4));
        assert!(totals.iter().all(|total| *total == 4), "{totals:?}");
        let absent = client.get("/keys/nothing").await.problem(403, "missing_permission");
        for key in &every {
            let answer = client.get(&format!("/keys/{}", key["id"].as_str().unwrap())).await;
            if WITHIN.contains(&key["scope"].as_str().unwrap()) {
                answer.expect(200);
            } else {
                assert_eq!(answer.problem(403, "missing_permission")["detail"], absent["detail"], "{key}");
            }
        }
    }
    assert_eq!(every.len(), SCOPES.len() + 1);
    world.root.get("/keys/nothing").await.problem(404, "not_found");
}

#[tokio::test]
async fn who_may_see_nothing_anywhere_is_refused_still() {
    let world = World::new().await;
    let nobody = world.server.person(&world.root, "nobody@example.com", &[]).await;
    let other = world.server.key(&["groups.view"]).await;
    for client in [&nobody, &other] {
        for path in ["/assignments", "/keys", "/places"] {
            client.get(path).await.problem(403, "missing_permission");
        }
    }
}
