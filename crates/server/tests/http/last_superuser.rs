//! The last superuser stays, also where two are taken away at the same moment, by whichever two ways, over real connections.

use std::sync::{Arc, Barrier};
use std::thread;

use futures_util::stream;
use rolewright_server::serve::serve;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::faults::client::Connection;
use crate::support::{Client, TestServer};

/// A superuser who acts: over which connection, and what is theirs.
struct Super {
    client: Client,
    email: String,
    assignment: String,
}

impl Super {
    async fn new(client: Client, email: &str) -> Self {
        let page = client.get(&format!("/assignments?user={}", client.user)).await.expect(200).json();
        let of_superuser = |row: &&Value| row["assignment"]["role"] == "superuser";
        let rows = page["items"].as_array().unwrap().iter();
        let row = rows.into_iter().find(of_superuser).unwrap_or_else(|| panic!("{page}"));
        let assignment = row["assignment"]["id"].as_str().unwrap().to_owned();
        Self { client, email: email.to_owned(), assignment }
    }

    fn connection(&self, address: &str) -> Connection {
        Connection::open(address).unwrap().with("cookie", self.client.header("cookie"))
    }
}

/// A way to take superuser away.
type Way = fn(&Super) -> (&'static str, String, String, &'static str);

const JSON: &str = "";
const CSV: &str = "content-type: text/csv\r\n";

const WAYS: &[(&str, Way)] = &[
    ("taking it away", |of| ("DELETE", format!("/assignments/{}", of.assignment), String::new(), JSON)),
    ("letting it end", |of| {
        let window = json!({ "until": 4_102_444_800_000_i64 });
        ("PUT", format!("/assignments/{}", of.assignment), window.to_string(), JSON)
    }),
    ("disabling", |of| {
        (
            "PUT",
            format!("/users/{}/status", of.client.user),
            json!({ "status": "disabled" }).to_string(),
            JSON,
        )
    }),
    ("deleting", |of| ("DELETE", format!("/users/{}", of.client.user), String::new(), JSON)),
    ("a batch", |of| {
        let changes = json!([{ "change": "unassign", "id": of.assignment }]);
        let versions = json!([{ "kind": "assignment", "id": of.assignment, "etag": "*" }]);
        ("POST", "/batch".to_owned(), json!({ "changes": changes, "versions": versions }).to_string(), JSON)
    }),
    ("a bulk edit", |of| {
        let edit = json!({ "which": { "ids": [of.client.user] }, "edit": { "take": ["superuser"] } });
        ("POST", "/users/bulk".to_owned(), edit.to_string(), JSON)
    }),
    ("an import", |of| {
        ("POST", "/users/import".to_owned(), format!("email,status\n{},disabled\n", of.email), CSV)
    }),
];

/// Whether it was made: of many rows, the row's result says so.
fn is_made(status: u16, body: &str) -> bool {
    status == 200 && !body.contains(r#""result":"refused""#) && !body.contains("\"stopped\"")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_superusers_who_are_taken_away_at_once_one_stays() {
    for (round, (first, one)) in WAYS.iter().enumerate() {
        for (second, other) in [WAYS[round], WAYS[(round + 1) % WAYS.len()], WAYS[(round + 3) % WAYS.len()]] {
            // Each takes away the other's; each their own.
            for is_own in [false, true] {
                let server = TestServer::new().await;
                let root = server.superuser().await;
                let ana = server.person(&root, "ana@example.com", &["superuser"]).await;
                let [root, ana] =
                    [Super::new(root, "root@example.com").await, Super::new(ana, "ana@example.com").await];
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap().to_string();
                let serving = tokio::spawn(serve(listener, server.app.clone(), stream::pending()));
                let requests = match is_own {
                    true => [(&root, one(&root)), (&ana, other(&ana))],
                    false => [(&root, one(&ana)), (&ana, other(&root))],
                };
                let start = Arc::new(Barrier::new(2));
                let sent = requests.map(|(by, (method, path, body, media))| {
                    let (mut connection, start) = (by.connection(&address), Arc::clone(&start));
                    thread::spawn(move || {
                        start.wait();
                        let more = format!("if-match: *\r\n{media}");
                        let answer = connection.send(method, &path, &more, &body).unwrap();
                        (answer.status, answer.body)
                    })
                });
                let answers = sent.map(|sent| sent.join().unwrap());
                let what = format!("{first} and {second}, own {is_own}: {answers:?}");
                let made = answers.iter().filter(|(status, body)| is_made(*status, body)).count();
                assert_eq!(made, 1, "{what}");
                let refused = answers.iter().find(|(status, body)| !is_made(*status, body)).unwrap();
                if is_own {
                    assert!(refused.1.contains("last_superuser"), "{what}");
                } else {
                    assert!(matches!(refused.0, 200 | 401 | 403 | 404 | 409), "{what}");
                }
                let loaded = server.tenant().await.loaded();
                let directory = &loaded.state.documents().directory;
                let stay = directory.assignments.values().filter(|assignment| {
                    let user = match &assignment.principal {
                        rolewright_model::directory::Principal::User(id) => directory.users.get(id),
                        _ => None,
                    };
                    let is_active = user.is_some_and(|user| {
                        user.status == rolewright_model::directory::Status::Active && user.sign_in
                    });
                    assignment.role == "superuser" && assignment.until.is_none() && is_active
                });
                assert_eq!(stay.count(), 1, "{what}");
                serving.abort();
            }
        }
    }
}

/// Among good steps of a batch the one is named that takes the last superuser, wherever it stands.
#[tokio::test]
async fn of_a_batch_the_step_that_takes_the_last_superuser_is_named() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    // Through a group one acts as a superuser, and does not count as the last.
    let group = root.post("/groups", &json!({ "name": "Owners" })).await.expect(201).json();
    let group = group["id"].as_str().unwrap();
    let give = |principal: Value, role: &str| json!({ "principal": principal, "role": role, "scope": "/" });
    root.post("/assignments", &give(json!({ "group": group }), "superuser")).await.expect(201);
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let member = json!({ "user": ana.user });
    root.post(&format!("/groups/{group}/members"), &member).await.expect(201);
    let mut rows = Vec::new();
    for email in ["bo@example.com", "cai@example.com"] {
        let user = server.person(&root, email, &[]).await.user;
        let made = give(json!({ "user": user }), "admin");
        let made = root.post("/assignments", &made).await.expect(201).json();
        rows.push(made["id"].as_str().unwrap().to_owned());
    }
    rows.insert(1, Super::new(root, "root@example.com").await.assignment);
    let changes: Vec<Value> = rows.iter().map(|id| json!({ "change": "unassign", "id": id })).collect();
    let versions: Vec<Value> =
        rows.iter().map(|id| json!({ "kind": "assignment", "id": id, "etag": "*" })).collect();
    let batch = json!({ "changes": changes, "versions": versions });
    let refused = ana.post("/batch?dry_run=true", &batch).await.problem(409, "last_superuser");
    assert_eq!(refused["errors"][0]["path"], "$.changes[1]", "{refused}");
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
}
