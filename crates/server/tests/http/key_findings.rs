//! Findings about keys: an identity provider's that holds too little, and those of people who left. Each fix mends.

use axum::body::Body;
use axum::http::Method;
use rolewright_server::auth::key;
use serde_json::{Value, json};

use crate::keys::{key_of, make, rotate};
use crate::support::{Answer, Client, TestServer};

const PROVIDER: [&str; 4] = ["users.view", "users.manage", "groups.view", "groups.manage"];
const MEDIA: &str = "application/scim+json";

async fn scim(by: &Client, method: Method, path: &str, body: &Value) -> Answer {
    by.send(method, &format!("/scim/v2{path}"), Some(MEDIA), Body::from(body.to_string())).await
}

/// The findings of a kind.
async fn found(by: &Client, code: &str) -> Vec<Value> {
    let findings = by.get("/findings").await.expect(200).json();
    let items = findings["items"].as_array().unwrap().iter();
    items.filter(|finding| finding["code"] == code).cloned().collect()
}

/// The same once what is noted of keys by the way is there.
async fn found_soon(by: &Client, code: &str, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let findings = found(by, code).await;
        if findings.len() == count {
            return findings;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{code}: {:?}", found(by, code).await);
}

/// Makes a fix as the admin app does.
async fn mend(by: &Client, finding: &Value) -> Answer {
    let at = by.get("/session").await.expect(200).json()["at"].clone();
    let head = format!("\"{}\"", at["revision"]);
    let body = json!({ "changes": [finding["fix"]["change"]] });
    by.with("if-match", &head).post("/batch", &body).await
}

/// How the policy says what `reports.run` is called.
const RUN: &str = "\"label\":\"Run\"";

/// A provider's key that put a person into a group which gives the role `worker`.
struct World {
    server: TestServer,
    root: Client,
    id: String,
    provider: Client,
    group: String,
    worker: Value,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let root = server.superuser().await;
        let (id, provider) = make(&server, &root, &json!({ "name": "okta", "permissions": PROVIDER })).await;
        let worker = json!({ "id": "worker", "name": "Worker", "audience": "user" });
        root.post("/roles", &json!(worker)).await.expect(201);
        let group = scim(&provider, Method::POST, "/Groups", &json!({ "displayName": "Engineers" })).await;
        let group = group.expect(201).json()["id"].as_str().unwrap().to_owned();
        let give = json!({ "principal": { "group": group }, "role": "worker", "scope": "/" });
        root.post("/assignments", &give).await.expect(201);
        Self { server, root, id, provider, group, worker }
    }

    /// The worker's role as it shall be.
    fn grown(&self) -> Value {
        let mut grown = self.worker.clone();
        grown["grants"] = json!({ "reports.run": "allowed" });
        grown
    }

    /// Has the provider make a person and put them into the group.
    async fn joins(&self, name: &str) -> Answer {
        let person = json!({ "userName": format!("{name}@example.com") });
        let person = scim(&self.provider, Method::POST, "/Users", &person).await.expect(201).json();
        let value = json!([{ "value": person["id"] }]);
        let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": value }] });
        scim(&self.provider, Method::PATCH, &format!("/Groups/{}", self.group), &add).await
    }
}

#[tokio::test]
async fn a_role_that_outgrows_the_providers_key_is_told_by_its_dry_run_and_found_and_mended() {
    let world = World::new().await;
    let (root, path) = (&world.root, "/roles/worker?dry_run=true");
    world.joins("ana").await.expect(204);
    assert!(found_soon(root, "provider_key_holds_less", 0).await.is_empty());
    wait_for_use(&world).await;

    let tried = root.put(path, "*", &world.grown()).await.expect(200).json();
    let says = "with this the identity provider's key `okta` may not put people into `Engineers` nor switch them off: \
                `Worker` gives `Reports: Run`, which the key does not hold";
    assert_eq!(tried["remarks"], json!([says]));
    // Who sees no keys is not told which.
    let clerk = ["roles.view", "roles.manage", "reports.run"];
    let clerk = world.server.person_who_may(root, "clerk@example.com", &clerk).await;
    let tried = clerk.put(path, "*", &world.grown()).await.expect(200).json();
    assert!(
        tried["remarks"][0].as_str().unwrap().starts_with("with this a key of the identity provider may not")
    );
    let nothing = root.put(path, "*", &world.worker).await.expect(200).json();
    assert!(nothing.get("remarks").is_none_or(|remarks| *remarks == json!([])));

    root.put("/roles/worker", "*", &world.grown()).await.expect(200);
    world.joins("bob").await.expect(403);
    // That the permission or the role is called otherwise changes nothing of it.
    let policy = root.get("/policy").await.expect(200).json()["policy"].to_string();
    assert!(policy.contains(RUN), "{policy}");
    let renamed: Value = serde_json::from_str(&policy.replace(RUN, "\"label\":\"Start\"")).unwrap();
    let mut role = world.grown();
    role["name"] = json!("Labourer");
    for tried in [root.put("/policy?dry_run=true", "*", &renamed).await, root.put(path, "*", &role).await] {
        let tried = tried.expect(200).json();
        assert!(tried.get("remarks").is_none_or(|remarks| *remarks == json!([])), "{tried}");
    }
    let findings = found(root, "provider_key_holds_less").await;
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(
        finding["about"],
        json!([{ "key": world.id }, { "role": "worker" }, { "group": world.group }])
    );
    mend(root, finding).await.expect(200);
    assert!(found(root, "provider_key_holds_less").await.is_empty());
    world.joins("cyd").await.expect(204);
}

/// Waits until it is noted that a provider came with the key.
async fn wait_for_use(world: &World) {
    for _ in 0..200 {
        let known = world.root.get(&format!("/keys/{}", world.id)).await.expect(200).json();
        if known.get("used_by_provider").is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the provider's use of the key is not noted");
}

#[tokio::test]
async fn what_everybody_holds_and_what_lasts_longer_than_the_key_and_superuser_roles_are_found_too() {
    let world = World::new().await;
    let (root, now) = (&world.root, world.server.app.clock.now().0);
    wait_for_use(&world).await;
    let all =
        json!({ "id": "all", "name": "All", "audience": "user", "grants": { "licensing.view": "allowed" } });
    root.post("/roles", &json!(all)).await.expect(201);
    let give = json!({ "principal": "everyone", "role": "all", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    let findings = found(root, "provider_key_holds_less").await;
    let message = findings[0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "`okta` may not switch anybody off: `All` gives `Licensing: View`, which the key does not hold"
    );
    mend(root, &findings[0]).await.expect(200);
    assert!(found(root, "provider_key_holds_less").await.is_empty());

    let mut known = root.get(&format!("/keys/{}", world.id)).await.expect(200).json();
    let permissions = known["permissions"].take();
    let brief =
        json!({ "name": "okta", "permissions": permissions, "scope": "/", "expires": now + 86_400_000 });
    root.put(&format!("/keys/{}", world.id), "*", &brief).await.expect(200);
    let findings = found(root, "provider_key_holds_less").await;
    assert!(
        findings[0]["message"].as_str().unwrap().contains("the key ends, and what `All` gives lasts longer")
    );
    mend(root, &findings[0]).await.expect(200);
    assert!(found(root, "provider_key_holds_less").await.is_empty());

    let give = json!({ "principal": { "group": world.group }, "role": "superuser", "scope": "/" });
    root.post("/assignments", &give).await.expect(201);
    let findings = found(root, "provider_key_holds_less").await;
    assert!(findings[0]["message"].as_str().unwrap().contains("a superuser alone gives and takes"));
    assert!(findings[0].get("fix").is_none());
}

#[tokio::test]
async fn keys_of_people_who_left_are_found_until_they_are_ended_or_get_a_new_secret() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["api_keys.manage", "users.view"];
    let ana = server.person_who_may(&root, "ana@example.com", &may).await;
    let bob = server.person_who_may(&root, "bob@example.com", &may).await;
    let (first, _) = make(&server, &ana, &key_of(&["users.view"])).await;
    let (second, _) = make(&server, &bob, &key_of(&["users.view"])).await;
    let (third, _) = make(&server, &root, &key_of(&["users.view"])).await;
    // Whoever was told the newest secret answers for it.
    rotate(&ana, &third, &json!({})).await.expect(200);
    const CODE: &str = "key_of_somebody_who_left";
    assert!(found(&root, CODE).await.is_empty());
    let disabled = json!({ "status": "disabled" });
    root.put(&format!("/users/{}/status", ana.user), "*", &disabled).await.expect(200);
    root.delete(&format!("/users/{}", bob.user), "*").await.expect(200);
    let about: Vec<Value> = found(&root, CODE).await.iter().map(|it| it["about"].clone()).collect();
    let mut expected = vec![
        json!([{ "key": first }, { "user": ana.user }]),
        json!([{ "key": second }]),
        json!([{ "key": third }, { "user": ana.user }]),
    ];
    expected.sort_by_key(|about| about[0]["key"].as_str().unwrap().to_owned());
    assert_eq!(about, expected);
    let names = root.get("/findings").await.expect(200).json()["names"].clone();
    assert_eq!(names[&first], "edge");
    // Who sees no keys is told of none.
    let viewer = server.key(&["roles.view", "users.view"]).await;
    assert!(found(&viewer, CODE).await.is_empty());

    rotate(&root, &first, &json!({})).await.expect(200);
    let left = found(&root, CODE).await;
    assert_eq!(left.len(), 2);
    let of = |id: &str| left.iter().find(|it| it["about"][0]["key"] == id).unwrap();
    mend(&root, of(&second)).await.expect(200);
    root.get(&format!("/keys/{second}")).await.problem(404, "not_found");
    // A fix is made only where all is as it was, and by who may.
    let stale = json!({ "changes": [of(&third)["fix"]["change"]] });
    root.with("if-match", "\"1\"").post("/batch", &stale).await.problem(412, "conflict");
    root.post("/batch", &stale).await.problem(422, "invalid");
    mend(&server.person_who_may(&root, "cyd@example.com", &[]).await, of(&third))
        .await
        .problem(403, "missing_permission");
    assert_eq!(found(&root, CODE).await.len(), 1);
    assert!(key::one(&*server.tenant().await, &third, server.app.clock.now()).await.unwrap().is_some());
}
