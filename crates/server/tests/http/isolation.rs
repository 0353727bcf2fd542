//! Who is let in where: every operation of the description is tried, so that one that is new is tried too.

use axum::body::Body;
use axum::http::Method;
use rolewright_server::templates;
use rolewright_server::tenant::Tenant;
use serde_json::{Value, json};

use crate::described::{Operation, operations};
use crate::support::{Answer, Client, TestServer};

/// The ids of what there is in the tenant `default`, and of the same in another.
pub(crate) struct Ids {
    user: String,
    group: String,
    membership: String,
    assignment: String,
    key: String,
}

impl Ids {
    pub(crate) async fn new(root: &Client) -> Self {
        let id = |answer: Answer| answer.expect(201).json()["id"].as_str().unwrap().to_owned();
        let invited = root.post("/users", &json!({ "email": "secret@example.com" })).await.expect(201).json();
        let user = invited["user"].as_str().unwrap().to_owned();
        let group = id(root.post("/groups", &json!({ "name": "Secret" })).await);
        let members = format!("/groups/{group}/members");
        let membership = id(root.post(&members, &json!({ "user": user })).await);
        let give = json!({ "principal": { "user": user }, "role": "admin", "scope": "/" });
        let assignment = id(root.post("/assignments", &give).await);
        root.post("/packages", &json!({ "id": "secret", "name": "Secret" })).await.expect(201);
        let key = json!({ "name": "Secret", "permissions": ["users.view"] });
        let key = id(root.post("/keys", &key).await);
        Self { user, group, membership, assignment, key }
    }

    /// The path of an operation, about what is there.
    pub(crate) fn path(&self, operation: &Operation, tenant: &str) -> String {
        let of =
            |begin: &str| operation.path.split("{tenant}").nth(1).is_some_and(|rest| rest.starts_with(begin));
        let id = if of("/users") {
            &self.user
        } else if of("/groups") {
            &self.group
        } else if of("/assignments") {
            &self.assignment
        } else if of("/keys") {
            &self.key
        } else if of("/packages") {
            "secret"
        } else if of("/permissions") {
            "reports.run"
        } else {
            "admin"
        };
        let more = match operation.path.as_str() {
            path if path.ends_with("/revisions/compare") => "?from=1&to=2",
            path if path.ends_with("/compare") => "?roles=admin,user",
            _ => "",
        };
        let values = [("tenant", tenant), ("id", id), ("membership", &*self.membership), ("revision", "2")];
        operation.at(&values) + more
    }
}

/// Any version.
const ANY: Option<&str> = Some("*");

pub(crate) async fn send(
    client: &Client,
    operation: &Operation,
    path: &str,
    version: Option<&str>,
) -> Answer {
    let client = version.map_or_else(|| client.clone(), |version| client.with("if-match", version));
    // An id in a body is the one in the path.
    let id = path.split('/').nth(6).unwrap_or_default();
    let body = operation.text().replace("\"id\":\"x\"", &format!("\"id\":\"{id}\""));
    client.send(operation.method.clone(), path, operation.media(), Body::from(body)).await
}

pub(crate) fn of_tenants() -> Vec<Operation> {
    operations().into_iter().filter(|operation| operation.path.contains("{tenant}")).collect()
}

#[tokio::test]
async fn who_is_known_to_one_tenant_is_nobody_to_another_on_every_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let key = server.key(&["users.view", "users.manage", "roles.view", "snapshot.full"]).await;
    let policy = templates::read("mailer").unwrap().unwrap();
    let context = server.app.context().unwrap();
    Tenant::create(server.app.store(), "other", &policy, None, &context).await.unwrap();
    let mut tried = 0;
    // Signing out is fine where nobody is signed in.
    let is_out =
        |operation: &Operation| operation.method == Method::DELETE && operation.path.ends_with("/session");
    for operation in of_tenants().iter().filter(|operation| !operation.is_open && !is_out(operation)) {
        for client in [&root, &key, &server.nobody()] {
            // Also where what is asked for is in the asker's own tenant.
            let answer = send(client, operation, &ids.path(operation, "other"), ANY).await;
            answer.problem(401, "unauthenticated");
            // Nor can it be told from one that is not there.
            let answer = send(client, operation, &ids.path(operation, "nowhere"), ANY).await;
            answer.problem(401, "unauthenticated");
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
    let other = server.app.tenant("other").await.unwrap();
    assert_eq!(other.loaded().state.at().revision, 1);
}

/// What everybody may ask who is signed in, of themselves alone; and what it answers.
const OWN: &[(&str, &str, &[u16])] = &[
    ("GET", "/session", &[200]),
    ("DELETE", "/session", &[204]),
    ("GET", "/session/all", &[200]),
    // There is none of that id.
    ("DELETE", "/session/all/{id}", &[404]),
    ("PUT", "/session/name", &[200]),
    // The password is not right.
    ("DELETE", "/session/all", &[401, 422, 429]),
    ("PUT", "/session/email", &[401, 422, 429]),
    ("PUT", "/session/password", &[401, 422, 429]),
    ("POST", "/session/second-factor", &[401, 422, 429]),
    ("DELETE", "/session/second-factor", &[401, 422, 429]),
    ("POST", "/session/second-factor/confirm", &[410, 422]),
    ("POST", "/session/second-factor/replace", &[401, 422, 429]),
    ("POST", "/session/second-factor/recovery-codes", &[401, 422, 429]),
    // It says who asks alone, or that something changed.
    ("GET", "/snapshot", &[200, 422]),
    ("GET", "/changes", &[200]),
    ("POST", "/passes", &[200]),
    ("GET", "/templates", &[200]),
];

#[tokio::test]
async fn who_may_nothing_is_refused_on_every_path_that_is_not_their_own() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let key = server.key(&["reports.run"]).await;
    let before = server.tenant().await.loaded().state.at();
    let mut wrong = Vec::new();
    for (n, operation) in of_tenants().iter().filter(|operation| !operation.is_open).enumerate() {
        // What ends a session must not keep the rest from being tried.
        let ana = server.person(&root, &format!("ana{n}@example.com"), &[]).await;
        let method = operation.method.as_str();
        let own = OWN
            .iter()
            .find(|(of, path, _)| *of == method && operation.path.ends_with(&format!("{{tenant}}{path}")));
        for (who, client) in [("a person", &ana), ("a key", &key)] {
            let answer = send(client, operation, &ids.path(operation, "default"), ANY).await;
            let status = answer.status.as_u16();
            let is_right = match own {
                Some((_, _, statuses)) if who == "a person" => statuses.contains(&status),
                Some((_, _, statuses)) => statuses.contains(&status) || matches!(status, 401 | 403 | 404),
                None => matches!(status, 401 | 403 | 404) && (who == "a key" || status != 401),
            };
            let text = answer.text();
            let tells = ["secret@example.com", "root@example.com", "Secret", &ids.user, &root.user]
                .iter()
                .any(|secret| text.contains(secret));
            if !is_right || tells {
                wrong.push(format!("{who}: {method} {}: {status} {text}", operation.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let log = root.get("/audit?limit=200").await.expect(200).json();
    let made = log["items"].as_array().unwrap().iter().filter(|entry| {
        entry["at"]["revision"].as_u64().unwrap() > before.revision
            && !["invite_user", "accept_invitation", "end_other_sessions"]
                .contains(&entry["action"].as_str().unwrap())
    });
    assert_eq!(made.count(), 0);
}

#[tokio::test]
async fn a_write_from_another_site_is_refused_on_every_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let (before, bare) = (server.tenant().await.loaded().state.at(), root.without("sec-fetch-site"));
    let forged = [
        root.with("sec-fetch-site", "cross-site"),
        root.with("sec-fetch-site", "same-site"),
        bare.with("host", "access.example.com").with("origin", "https://evil.example.com"),
        bare.with("origin", "null"),
        bare,
    ];
    let writes = of_tenants().into_iter().filter(|operation| operation.method != Method::GET);
    for operation in writes {
        for client in &forged {
            let answer = send(client, &operation, &ids.path(&operation, "default"), ANY).await;
            answer.problem(403, "cross_site");
        }
    }
    assert_eq!(server.tenant().await.loaded().state.at(), before);
    root.get("/session").await.expect(200);
    // What is told is what is known.
    for (client, says) in
        forged.iter().zip(["another site", "another site", "another site", "another site", "send `Origin`"])
    {
        let told = client.post("/roles", &json!({})).await.problem(403, "cross_site");
        assert!(told["detail"].as_str().unwrap().contains(says), "{told}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_refused_by_every_body_and_every_query() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let mut tried = (0, 0);
    for operation in of_tenants() {
        let path = ids.path(&operation, "default");
        let path = path.split('?').next().unwrap();
        // Also where no query is taken: a `dry_run` that nobody reads would be a write.
        for name in ["is_admin", "dry_run"].into_iter().take(if operation.has_query { 1 } else { 2 }) {
            let answer =
                send(&root, &operation, &format!("{path}?{name}=true"), ANY).await.problem(422, "invalid");
            assert_eq!(answer["errors"][0]["path"], format!("query.{name}"), "{}", operation.path);
            tried.0 += 1;
        }
        if let Some((media, Value::Object(body))) = &operation.body
            && media == "application/json"
            // Whose names are the administrator's.
            && !path.ends_with("/attributes")
        {
            let mut body = body.clone();
            body.insert("is_admin".to_owned(), json!(true));
            let body = Value::Object(body).to_string();
            let client = root.with("if-match", "*");
            let answer = client.send(operation.method.clone(), path, Some(media), Body::from(body)).await;
            let answer = answer.problem(422, "invalid");
            // Where the name of the one key is what is said, another one is one too many.
            let told = answer["errors"].to_string();
            let is_told = told.contains("is_admin") || told.contains("one key alone");
            assert!(is_told, "{}: {answer}", operation.path);
            tried.1 += 1;
        }
    }
    assert!(tried.0 > 30 && tried.1 > 25, "{tried:?}");
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_on_every_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ids = Ids::new(&root).await;
    let large = axum::body::Bytes::from(vec![b' '; 10 * 1024 * 1024]);
    for operation in of_tenants().iter().filter(|operation| operation.media() == Some("application/json")) {
        let client = root.with("if-match", "*");
        let path = ids.path(operation, "default");
        let media = operation.media();
        let answer = client.send(operation.method.clone(), &path, media, Body::from(large.clone())).await;
        answer.problem(413, "too_large");
        let deep = "[".repeat(1024 * 1024);
        let answer = client.send(operation.method.clone(), &path, media, Body::from(deep)).await;
        answer.problem(400, "malformed");
    }
    root.get("/session").await.expect(200);
}
