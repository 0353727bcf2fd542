//! Nobody becomes somebody who may do more: every route by which something is given is tried by somebody who may use it,
//! and does not hold what is given.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestServer, token_of};

/// All of the console, but to give what one does not hold.
const CONSOLE: &[&str] = &[
    "users.view",
    "users.manage",
    "users.assign_roles",
    "roles.view",
    "roles.manage",
    "groups.view",
    "groups.manage",
    "packages.view",
    "packages.manage",
    "access.check",
    "access.explain",
    "audit.view",
    "api_keys.view",
    "api_keys.manage",
    "settings.view",
    "settings.manage",
    // The one permission of the product that Eve holds.
    "mail.view",
];

/// A world in which Eve administers everything and may do next to nothing of the product, and others hold more.
struct World {
    server: TestServer,
    root: Client,
    eve: Client,
    /// The role that Eve holds.
    own: String,
    /// The assignment by which she runs reports, which has ended.
    ended: String,
    /// A group of hers, one in it that is empty, and one that runs reports.
    hers: String,
    inner: String,
    strong: String,
}

fn id(answer: Answer) -> String {
    answer.expect(201).json()["id"].as_str().unwrap().to_owned()
}

fn give(principal: Value, role: &str, scope: &str) -> Value {
    json!({ "principal": principal, "role": role, "scope": scope })
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    client.with("if-match", "*").write(method, path, body).await
}

impl World {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let root = server.superuser().await;
        let eve = server.person_who_may(&root, "eve@example.com", CONSOLE).await;
        let me = json!({ "user": eve.user });
        for (role, grants) in [("runner", json!({ "reports.run": "allowed" })), ("weak", json!({}))] {
            let role = json!({ "id": role, "name": role, "audience": "user", "grants": grants });
            root.post("/roles", &role).await.expect(201);
        }
        for (package, role) in [("gold", "runner"), ("silver", "weak")] {
            let package = json!({ "id": package, "name": package, "roles": [role] });
            root.post("/packages", &package).await.expect(201);
        }
        root.post("/assignments", &give(me.clone(), "weak", "/")).await.expect(201);
        let (path, silver) = (format!("/users/{}/package", eve.user), json!({ "package": "silver" }));
        send(&root, Method::PUT, &path, &silver).await.expect(200);
        let mut ended = give(me.clone(), "runner", "/");
        ended["until"] = json!(server.app.clock.now().0 + 1000);
        let ended = id(root.post("/assignments", &ended).await);
        server.app.clock.advance(2000);
        let mut groups = Vec::new();
        for name in ["Hers", "Inner", "Strong"] {
            groups.push(id(root.post("/groups", &json!({ "name": name })).await));
        }
        let [hers, inner, strong] = groups.try_into().unwrap();
        root.post(&format!("/groups/{hers}/members"), &me).await.expect(201);
        root.post("/assignments", &give(json!({ "group": strong }), "runner", "/")).await.expect(201);
        let roles = root.get("/roles").await.expect(200).json();
        let roles = roles["items"].as_array().unwrap();
        let own = roles.iter().find(|role| role["role"]["name"] == "Role of eve@example.com").unwrap();
        let own = own["role"]["id"].as_str().unwrap().to_owned();
        Self { server, root, eve, own, ended, hers, inner, strong }
    }

    /// Whether Eve may run reports by now, or is a superuser.
    async fn has_won(&self) -> bool {
        let asked = json!({ "subject": self.eve.user, "permission": "reports.run" });
        let may = self.root.post("/check", &asked).await.expect(200).json();
        let page = self.root.get(&format!("/users/{}", self.eve.user)).await.expect(200).json();
        may["allowed"] == true || page["roles"].to_string().contains("\"superuser\"")
    }

    async fn role(&self, id: &str) -> Value {
        self.root.get(&format!("/roles/{id}")).await.expect(200).json()["role"].clone()
    }
}

/// Every way to give, by one request: a name, the method, the path and the body.
async fn ways(world: &World) -> Vec<(&'static str, Method, String, Value)> {
    let World { eve, own, ended, hers, inner, strong, .. } = world;
    let me = json!({ "user": eve.user });
    let with = |mut role: Value, name: &str, value: Value| {
        role[name] = value;
        role
    };
    let mut more = world.role(own).await;
    more["grants"]["reports.run"] = json!("allowed");
    let inheriting = with(world.role(own).await, "inherits", json!(["runner"]));
    let weak = with(world.role("weak").await, "grants", json!({ "reports.run": "allowed" }));
    let base = with(world.role("user").await, "grants", json!({ "reports.run": "allowed" }));
    let mut policy = world.root.get("/policy").await.expect(200).json()["policy"].clone();
    policy.as_object_mut().unwrap().remove("tests");
    let mut easier = policy.clone();
    let roles = easier["roles"].as_array_mut().unwrap();
    roles.iter_mut().find(|role| role["id"] == "weak").unwrap()["grants"] =
        json!({ "reports.run": "allowed" });
    let mut catalogue = policy["catalogue"].clone();
    catalogue["modules"] = {
        let mut modules = catalogue["modules"].clone();
        for module in modules.as_array_mut().unwrap() {
            for permission in module["permissions"].as_array_mut().into_iter().flatten() {
                if permission["id"] == "mail.view" {
                    // Whoever sees mail runs reports.
                    permission["levels"] = json!({ "allowed": { "implies": { "reports.run": "allowed" } } });
                }
            }
        }
        modules
    };
    let mut settings = policy["settings"].clone();
    settings["products"] = json!(["everything"]);
    let (post, put) = (Method::POST, Method::PUT);
    let batch = |changes: Value| {
        let version = |kind: &str, id: &str| json!({ "kind": kind, "id": id, "etag": "*" });
        let versions = json!([
            version("role", own),
            version("role", "user"),
            version("role", "weak"),
            version("package", "silver"),
            version("user", &eve.user),
            version("assignment", ended),
            version("catalogue", "default"),
            version("settings", "default"),
        ]);
        json!({ "changes": changes, "versions": versions })
    };
    let assign = |principal: Value, role: &str| json!({ "change": "assign", "assignment": give(principal, role, "/") });
    let key = json!({ "name": "of root", "permissions": ["users.view"] });
    let key = id(world.root.post("/keys", &key).await);
    let more_of_key = json!({ "name": "k", "permissions": ["users.view", "reports.run"], "scope": "/" });
    let roles_of = |ids: &[&str]| json!({ "id": "silver", "name": "Silver", "roles": ids });
    vec![
        ("one's own role", put.clone(), format!("/roles/{own}"), more.clone()),
        ("what one's own role inherits", put.clone(), format!("/roles/{own}"), inheriting),
        ("another role that one holds", put.clone(), "/roles/weak".into(), weak.clone()),
        ("the base role", put.clone(), "/roles/user".into(), base.clone()),
        ("an assignment", post.clone(), "/assignments".into(), give(me.clone(), "runner", "/")),
        (
            "an assignment of superuser",
            post.clone(),
            "/assignments".into(),
            give(me.clone(), "superuser", "/"),
        ),
        (
            "an assignment to a group",
            post.clone(),
            "/assignments".into(),
            give(json!({ "group": hers }), "runner", "/"),
        ),
        (
            "an assignment to everyone",
            post.clone(),
            "/assignments".into(),
            give(json!("everyone"), "runner", "/"),
        ),
        ("a window", put.clone(), format!("/assignments/{ended}"), json!({})),
        ("a membership", post.clone(), format!("/groups/{strong}/members"), me.clone()),
        ("nesting", post.clone(), format!("/groups/{strong}/members"), json!({ "group": hers })),
        ("a package", put.clone(), format!("/users/{}/package", eve.user), json!({ "package": "gold" })),
        ("what a package carries", put.clone(), "/packages/silver".into(), roles_of(&["weak", "runner"])),
        ("another role in packages", post.clone(), "/roles/weak/replace".into(), json!({ "with": "runner" })),
        (
            "another role in packages, deleting one",
            Method::DELETE,
            "/roles/weak?replace_with=runner".into(),
            Value::Null,
        ),
        (
            "an invitation",
            post.clone(),
            "/users".into(),
            json!({ "email": "new@example.com", "roles": ["runner"] }),
        ),
        ("a key", post.clone(), "/keys".into(), json!({ "name": "k", "permissions": ["reports.run"] })),
        ("what a key may do", put.clone(), format!("/keys/{key}"), more_of_key),
        ("a policy", put.clone(), "/policy".into(), easier),
        ("settings", put, "/settings".into(), settings.clone()),
        (
            "a batch: a role",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "update_role", "role": more }])),
        ),
        (
            "a batch: the base role",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "update_role", "role": base }])),
        ),
        (
            "a batch: a new role",
            post.clone(),
            "/batch".into(),
            batch(json!([
                { "change": "create_role", "role": { "id": "mine", "name": "Mine", "grants": { "reports.run": "allowed" } } },
                assign(me.clone(), "mine"),
            ])),
        ),
        (
            "a batch: first given, then edited",
            post.clone(),
            "/batch".into(),
            batch(json!([
                { "change": "create_role", "role": { "id": "mine", "name": "Mine" } },
                assign(me.clone(), "mine"),
                { "change": "update_role", "role": { "id": "mine", "name": "Mine", "grants": { "reports.run": "allowed" } } },
            ])),
        ),
        (
            "a batch: nesting, then joining",
            post.clone(),
            "/batch".into(),
            batch(json!([
                { "change": "add_member", "group": inner, "member": me },
                { "change": "add_member", "group": strong, "member": { "group": inner } },
            ])),
        ),
        (
            "a batch: joining, then nesting and giving",
            post.clone(),
            "/batch".into(),
            batch(json!([
                { "change": "add_member", "group": inner, "member": me },
                assign(json!({ "group": inner }), "runner"),
            ])),
        ),
        (
            "a batch: an entitlement",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "set_entitlement", "role": "runner", "on": true }])),
        ),
        (
            "a batch: a window",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "set_window", "id": ended, "window": {} }])),
        ),
        (
            "a batch: a package",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "set_package", "id": eve.user, "package": "gold" }])),
        ),
        (
            "a batch: what a package carries",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "update_package", "package": roles_of(&["runner"]) }])),
        ),
        (
            "a batch: another role in packages",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "replace_role_in_packages", "role": "weak", "with": "runner" }])),
        ),
        (
            "a batch: the catalogue",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "update_catalogue", "catalogue": catalogue }])),
        ),
        (
            "a batch: settings",
            post.clone(),
            "/batch".into(),
            batch(json!([{ "change": "update_settings", "settings": settings }])),
        ),
        (
            "a batch: one's own attributes",
            post.clone(),
            "/batch".into(),
            batch(
                json!([{ "change": "set_attributes", "id": eve.user, "attributes": { "clearance": "top" } }]),
            ),
        ),
        ("a batch: superuser", post, "/batch".into(), batch(json!([assign(me, "superuser")]))),
    ]
}

/// Every way to take back what took something away, or to restore what gave it: somebody who may do everything gives and
/// takes again first.
async fn ways_back(world: &World) -> Vec<(&'static str, Method, String, Value)> {
    let World { root, eve, hers, strong, .. } = world;
    let me = json!({ "user": eve.user });
    let revision = async || root.get("/session").await.expect(200).json()["at"]["revision"].as_u64().unwrap();
    let undo = |revision: u64| (Method::POST, format!("/audit/{revision}/undo"), Value::Null);
    let mut ways = Vec::new();
    let way = |name, (method, path, body): (Method, String, Value)| (name, method, path, body);
    let given = id(root.post("/assignments", &give(me.clone(), "runner", "/")).await);
    let then = revision().await;
    root.delete(&format!("/assignments/{given}"), "*").await.expect(200);
    ways.push(way("taking back what took a role away", undo(revision().await)));

    let weak = world.role("weak").await;
    let mut strengthened = weak.clone();
    strengthened["grants"] = json!({ "reports.run": "allowed" });
    send(root, Method::PUT, "/roles/weak", &strengthened).await.expect(200);
    let role_then = revision().await;
    send(root, Method::PUT, "/roles/weak", &weak).await.expect(200);
    ways.push(way("taking back what narrowed a role", undo(revision().await)));
    let to = json!({ "revision": role_then });
    ways.push(("restoring a role", Method::POST, "/roles/weak/restore".into(), to.clone()));
    ways.push(("restoring the policy", Method::POST, "/policy/restore".into(), to));

    for (name, member) in [("a membership", me.clone()), ("nesting", json!({ "group": hers }))] {
        let joined = id(root.post(&format!("/groups/{strong}/members"), &member).await);
        root.delete(&format!("/groups/{strong}/members/{joined}"), "*").await.expect(200);
        ways.push(way(name, undo(revision().await)));
    }
    let path = format!("/users/{}/package", eve.user);
    for package in ["gold", "silver"] {
        send(root, Method::PUT, &path, &json!({ "package": package })).await.expect(200);
    }
    ways.push(way("taking back what put one on another package", undo(revision().await)));
    for roles in [json!(["weak", "runner"]), json!(["weak"])] {
        let package = json!({ "id": "silver", "name": "silver", "roles": roles });
        send(root, Method::PUT, "/packages/silver", &package).await.expect(200);
    }
    let now = revision().await;
    ways.push(way("taking back what a package no longer carries", undo(now)));
    let to = json!({ "revision": now - 1 });
    ways.push(("restoring a package", Method::POST, "/packages/silver/restore".into(), to));

    let settings = root.get("/settings").await.expect(200).json()["settings"].clone();
    for products in [json!(["everything"]), settings["products"].clone()] {
        let mut edited = settings.clone();
        edited["products"] = if products.is_null() { json!([]) } else { products };
        send(root, Method::PUT, "/settings", &edited).await.expect(200);
    }
    let now = revision().await;
    ways.push(way("taking back what took a product away", undo(now)));
    let to = json!({ "revision": now - 1 });
    ways.push(("restoring the settings", Method::POST, "/settings/restore".into(), to));

    // A role that is gone, with an assignment of it to her.
    let gone = json!({ "id": "gone", "name": "Gone", "grants": { "reports.run": "allowed" } });
    root.post("/roles", &gone).await.expect(201);
    root.post("/assignments", &give(me.clone(), "gone", "/")).await.expect(201);
    root.delete("/roles/gone", "*").await.expect(200);
    ways.push(way("taking back what deleted a role that one held", undo(revision().await)));
    // Somebody who held more than she does.
    let runner = world.server.person(root, "was@example.com", &["runner"]).await;
    root.delete(&format!("/users/{}", runner.user), "*").await.expect(200);
    ways.push(way("taking back what deleted a person who held more", undo(revision().await)));
    let deputy = world.server.person(root, "deputy@example.com", &["superuser"]).await;
    root.delete(&format!("/users/{}", deputy.user), "*").await.expect(200);
    ways.push(way("taking back what deleted a superuser", undo(revision().await)));
    ways.push(("restoring a revision", Method::POST, format!("/revisions/{then}/restore"), Value::Null));
    ways
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_hold_by_any_route() {
    let world = World::new().await;
    // Who escalates may not do so by a key either.
    let machine = json!({ "name": "machine", "permissions": CONSOLE });
    let machine = world.eve.post("/keys", &machine).await.expect(201).json();
    let machine = world.server.bearer(machine["key"].as_str().unwrap());
    let mut all = ways_back(&world).await;
    all.extend(ways(&world).await);
    assert!(!world.has_won().await);
    let before = world.server.tenant().await.loaded().state.at();
    let mut wrong = Vec::new();
    for (name, method, path, body) in all {
        for (who, client) in [("Eve", &world.eve), ("her key", &machine)] {
            for dry_run in [true, false] {
                let sign = if path.contains('?') { '&' } else { '?' };
                let path = if dry_run { format!("{path}{sign}dry_run=true") } else { path.clone() };
                let answer = send(client, method.clone(), &path, &body).await;
                // That a package carries the role is said first.
                let is_in_package = name == "another role in packages, deleting one" && answer.status == 409;
                // A key has no attributes, and so none of its own.
                let is_nobodys = name == "a batch: one's own attributes" && who == "her key";
                if answer.status != 403 && !is_in_package && !is_nobodys {
                    wrong.push(format!(
                        "{name}, {who}, dry run {dry_run}: {} {}",
                        answer.status,
                        answer.text()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!world.has_won().await);
    let log = world.root.get("/audit?limit=200").await.expect(200).json();
    let made = log["items"].as_array().unwrap().iter().filter(|entry| {
        entry["at"]["revision"].as_u64().unwrap() > before.revision
            && entry["change"]["changes"][0]["change"] != "set_attributes"
    });
    assert_eq!(made.count(), 0);
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_hold_by_many_rows() {
    let world = World::new().await;
    let eve = &world.eve;
    let before = world.server.tenant().await.loaded().state.at();
    let ids = json!({ "ids": [eve.user] });
    for edit in [
        json!({ "give": ["runner"] }),
        json!({ "give": ["superuser"] }),
        json!({ "package": { "package": "gold" } }),
    ] {
        let done = eve.post("/users/bulk", &json!({ "which": ids, "edit": edit })).await.expect(200).text();
        assert!(done.contains(r#""result":"refused""#) && done.contains(r#""changed":0"#), "{edit}: {done}");
    }
    for (path, table) in [
        ("/users/import", "email,roles\neve@example.com,runner\n"),
        ("/users/import", "email,roles\nnew@example.com,superuser\n"),
        ("/users/import", "email,package\neve@example.com,gold\n"),
        ("/assignments/import", "kind,principal,role\nuser,eve@example.com,admin\n"),
        ("/assignments/import", "kind,principal,role\neveryone,,runner\n"),
        ("/assignments/import", "kind,principal,role\ngroup,Hers,runner\n"),
    ] {
        let sent = eve.send(Method::POST, path, Some("text/csv"), Body::from(table)).await;
        let done = sent.expect(200).text();
        assert!(done.contains(r#""result":"refused""#) && done.contains(r#""changed":0"#), "{table}: {done}");
    }
    assert!(!world.has_won().await);
    assert_eq!(world.server.tenant().await.loaded().state.at(), before);
}

#[tokio::test]
async fn a_policy_of_the_past_gives_nobody_what_they_do_not_hold() {
    let world = World::new().await;
    let weak = world.role("weak").await;
    let mut strong = weak.clone();
    strong["grants"] = json!({ "reports.run": "allowed" });
    send(&world.root, Method::PUT, "/roles/weak", &strong).await.expect(200);
    let past = world.server.app.clock.now().0;
    world.server.app.clock.advance(1000);
    send(&world.root, Method::PUT, "/roles/weak", &weak).await.expect(200);
    assert!(!world.has_won().await);
    let policy = world.eve.get(&format!("/policy?as_of={past}")).await.expect(200).json();
    let answer = send(&world.eve, Method::PUT, "/policy", &policy["policy"]).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(!world.has_won().await);
}

#[tokio::test]
async fn an_invitation_gives_at_its_acceptance_what_the_inviter_holds_then() {
    let world = World::new().await;
    let root = &world.root;
    let given = id(root.post("/assignments", &give(json!({ "user": world.eve.user }), "runner", "/")).await);
    let invite = json!({ "email": "new@example.com", "roles": ["runner"] });
    let invited = world.eve.post("/users", &invite).await.expect(201).json();
    root.delete(&format!("/assignments/{given}"), "*").await.expect(200);
    let accept = json!({ "token": token_of(invited["link"].as_str().unwrap()), "password": PASSWORD });
    world.server.nobody().post("/invitations/accept", &accept).await.problem(403, "not_held");
}

#[tokio::test]
async fn who_acts_for_a_person_holds_all_that_they_hold() {
    let world = World::new().await;
    let (root, eve) = (&world.root, &world.eve);
    let invite = json!({ "email": "soon@example.com", "roles": ["runner"] });
    let soon = root.post("/users", &invite).await.expect(201).json();
    let soon = soon["user"].as_str().unwrap();
    let runner = world.server.person(root, "runner@example.com", &["runner"]).await;
    let lower = world.server.person(root, "lower@example.com", &[]).await;
    let before = world.server.tenant().await.loaded().state.at();
    let fields = json!({ "email": "mine@example.com" });
    let of = |user: &str| {
        let change = |change: Value| json!({ "changes": [change], "versions": [{ "kind": "user", "id": user, "etag": "*" }] });
        let edited = json!({ "id": user, "email": "mine@example.com" });
        [
            (Method::PUT, format!("/users/{user}"), fields.clone()),
            (Method::PUT, format!("/users/{user}/status"), json!({ "status": "disabled" })),
            (Method::DELETE, format!("/users/{user}"), Value::Null),
            (Method::DELETE, format!("/users/{user}/sessions"), Value::Null),
            (Method::POST, "/batch".into(), change(json!({ "change": "update_user", "user": edited }))),
            (
                Method::POST,
                "/batch".into(),
                change(json!({ "change": "set_status", "id": user, "status": "disabled" })),
            ),
            (Method::POST, "/batch".into(), change(json!({ "change": "delete_user", "id": user }))),
        ]
    };
    for user in [&root.user, &runner.user, soon] {
        for (method, path, body) in of(user) {
            send(eve, method, &path, &body).await.problem(403, "person_holds_more");
        }
    }
    let proof = json!({ "password": PASSWORD });
    for user in [&root.user, &runner.user] {
        eve.post(&format!("/users/{user}/second-factor/reset"), &proof)
            .await
            .problem(403, "person_holds_more");
    }
    eve.post(&format!("/users/{soon}/invitation"), &Value::Null).await.problem(403, "person_holds_more");
    send(eve, Method::DELETE, &format!("/users/{soon}/invitation"), &Value::Null)
        .await
        .problem(403, "person_holds_more");
    for table in ["email,status\nroot@example.com,disabled\n", "email,status\nrunner@example.com,disabled\n"]
    {
        let sent = eve.send(Method::POST, "/users/import", Some("text/csv"), Body::from(table)).await;
        let done = sent.expect(200).text();
        assert!(done.contains(r#""result":"refused""#), "{done}");
    }
    let disable = json!({ "which": { "ids": [root.user, runner.user] }, "edit": { "status": { "status": "disabled" } } });
    let done = eve.post("/users/bulk", &disable).await.expect(200).text();
    assert!(done.contains(r#""refused":2"#), "{done}");
    assert_eq!(world.server.tenant().await.loaded().state.at(), before);
    root.get("/session").await.expect(200);
    runner.get("/session").await.expect(200);
    // Who holds no more than Eve does is hers to look after.
    send(eve, Method::PUT, &format!("/users/{}", lower.user), &fields).await.expect(200);
}
