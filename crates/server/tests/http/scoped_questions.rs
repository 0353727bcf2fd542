//! Who may ask why, who and what at some places alone is answered there, and told of the rest where they may ask.

use serde_json::{Value, json};

use crate::keys::{make, person_at, with_servers};
use crate::support::{Client, TestServer};

const SUBJECTS: &str = "/access/v1/search/subject";
const ACTIONS: &str = "/access/v1/search/action";
const HERE: &str = "servers/prod/tasks/t";

/// Who may ask at `servers/prod` alone, by a role and by a key; and Ana, who runs tasks there and designs them on
/// another server.
struct World {
    server: TestServer,
    root: Client,
    scoped: Vec<Client>,
    ana: String,
}

impl World {
    async fn new() -> Self {
        let (server, root) = with_servers().await;
        let may = ["users.view", "access.explain", "access.check"];
        let local = person_at(&server, &root, &may, "servers/prod", None).await;
        let key = json!({ "name": "local", "permissions": may, "scope": "servers/prod" });
        let (_, machine) = make(&server, &root, &key).await;
        let ana = server.person(&root, "ana@example.com", &[]).await.user;
        for (role, scope) in [("operator", "servers/prod"), ("operator", "servers/test")] {
            let give = json!({ "principal": { "user": ana }, "role": role, "scope": scope });
            root.post("/assignments", &give).await.expect(201);
        }
        Self { scoped: vec![local, machine], server, root, ana }
    }
}

fn of(subject: &str, permission: &str, resource: &str) -> Value {
    json!({ "subject": subject, "permission": permission, "resource": resource })
}

#[tokio::test]
async fn why_who_and_what_are_answered_at_the_places_where_one_may_ask() {
    let World { root, scoped, ana, .. } = World::new().await;
    let operation = json!({ "subject": ana, "operation": "tasks.run", "resources": { "task": HERE } });
    for client in &scoped {
        let told = client.post("/explain", &of(&ana, "tasks.run", HERE)).await.expect(200).json();
        assert_eq!(told["decision"]["allowed"], true);
        assert_eq!(told["sources"][0]["scope"], "servers/prod");
        let told = client.post("/explain", &operation).await.expect(200).json();
        assert_eq!(told["decision"]["allowed"], true);

        let holders = format!("/permissions/tasks.run/holders?resource={HERE}");
        let told = client.get(&holders).await.expect(200).json();
        assert_eq!(told["items"], root.get(&holders).await.expect(200).json()["items"]);
        assert_eq!(told["total"], 2);

        let held = format!("/users/{ana}/permissions?resource={HERE}");
        assert_eq!(client.get(&held).await.expect(200).json(), root.get(&held).await.expect(200).json());

        let missing = of(&ana, "tasks.design", HERE);
        let told = client.post("/missing", &missing).await.expect(200).json();
        assert_eq!(told, root.post("/missing", &missing).await.expect(200).json());
        assert_eq!(told["missing"]["permission"], "tasks.design");
    }
}

#[tokio::test]
async fn searches_are_answered_at_the_places_where_one_may_ask() {
    let World { root, scoped, ana, .. } = World::new().await;
    let on = |id: &str| json!({ "type": "task", "id": id });
    let of_ana = |id: &str| json!({ "subject": { "type": "user", "id": ana }, "resource": on(id) });
    let who = |id: &str, action: &str| json!({ "subject": { "type": "user" }, "action": { "name": action }, "resource": on(id) });
    for client in &scoped {
        for action in ["tasks.run", "tasks.design"] {
            let found = client.post(SUBJECTS, &who(HERE, action)).await.expect(200).json();
            assert_eq!(found, root.post(SUBJECTS, &who(HERE, action)).await.expect(200).json());
        }
        let found = client.post(ACTIONS, &of_ana(HERE)).await.expect(200).text();
        assert!(found.contains("tasks.run") && !found.contains("tasks.design"), "{found}");
        for elsewhere in ["servers/test/tasks/t", "servers/test"] {
            client.post(SUBJECTS, &who(elsewhere, "tasks.run")).await.expect(403);
            client.post(ACTIONS, &of_ana(elsewhere)).await.expect(403);
        }
        let anywhere = json!({
            "subject": { "type": "user", "id": ana }, "action": { "name": "tasks.run" }, "resource": { "type": "task" },
        });
        client.post("/access/v1/search/resource", &anywhere).await.expect(403);
    }
}

#[tokio::test]
async fn an_explanation_at_a_place_tells_nothing_of_other_places_and_no_fixes() {
    let World { root, scoped, ana, .. } = World::new().await;
    let asked = of(&ana, "tasks.design", HERE);
    let all = root.post("/explain", &asked).await.expect(200).json();
    assert!(!all["fixes"].as_array().unwrap().is_empty(), "{all}");
    let runs = of(&ana, "tasks.run", HERE);
    assert!(root.post("/explain", &runs).await.expect(200).text().contains("servers/test"));
    for client in &scoped {
        let told = client.post("/explain", &asked).await.expect(200).json();
        assert_eq!(
            (&told["decision"], &told["diagnosis"], &told["fixes"]),
            (&all["decision"], &all["diagnosis"], &Value::Null)
        );
        let told = client.post("/explain", &runs).await.expect(200).text();
        assert!(told.contains("servers/prod") && !told.contains("servers/test"), "{told}");
    }
}

#[tokio::test]
async fn who_may_ask_at_a_place_alone_cannot_tell_who_is_known() {
    let World { server, root, scoped, .. } = World::new().await;
    let invited = root.post("/users", &json!({ "email": "invited@example.com" })).await.expect(201).json();
    let invited = invited["user"].as_str().unwrap();
    let idle = server.person(&root, "idle@example.com", &[]).await.user;
    for client in &scoped {
        for who in ["nobody", invited, &idle] {
            let told = client.post("/explain", &of(who, "tasks.run", HERE)).await.expect(200).json();
            assert_eq!(told["decision"]["reason"], "not_granted", "{who}: {told}");
            assert_eq!((&told["sources"], &told["idle"]), (&json!([]), &json!([])), "{who}: {told}");
            let held = format!("/users/{who}/permissions?resource={HERE}");
            assert_eq!(client.get(&held).await.expect(200).json(), json!({ "items": [] }), "{who}");
        }
    }
}

#[tokio::test]
async fn what_is_asked_elsewhere_is_refused_with_the_place_where_it_may_be_asked() {
    let World { root, scoped, ana, .. } = World::new().await;
    let [person, key] = scoped.as_slice() else { panic!("two") };
    for place in ["/", "servers", "servers/test", "servers/production", "no/../place"] {
        for (client, says) in [(person, "which you hold"), (key, "which this key holds")] {
            let answers = [
                client.post("/explain", &of(&ana, "tasks.run", place)).await,
                client.get(&format!("/permissions/tasks.run/holders?resource={place}")).await,
                client.get(&format!("/users/{ana}/permissions?resource={place}")).await,
            ];
            for answer in answers {
                let told = answer.problem(403, "missing_permission");
                let detail = told["detail"].as_str().unwrap();
                assert!(detail.contains(&format!("{says} at `servers/prod` and below alone")), "{detail}");
            }
        }
    }
    let told = person.get("/users").await.problem(403, "missing_permission");
    assert_eq!(
        told["detail"],
        "to see people you need `Users: View`, which you hold at `servers/prod` and below alone: ask an administrator \
         who can give it where you need it"
    );
    let roles = root.get("/assignments?sort=scope").await.expect(200).json();
    let own = roles["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["assignment"]["principal"]["user"] == person.user);
    let role = own.unwrap()["assignment"]["role"].clone();
    for scope in ["servers/prod/tasks/a", "servers/test", "servers/web"] {
        let give = json!({ "principal": { "user": person.user }, "role": role, "scope": scope });
        root.post("/assignments", &give).await.expect(201);
    }
    let told = person.get("/users").await.problem(403, "missing_permission");
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.contains("which you hold at `servers/prod`, 2 more places and below alone"), "{detail}");
}
