//! Whoever is shut out while a request is on its way, or its work is under way, writes nothing more.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use rolewright_wire::bulk::AT_ONCE;
use serde_json::{Value, json};

use crate::support::{API, Client, TestServer};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// How somebody is shut out.
#[derive(Clone, Copy, Debug)]
enum End {
    KeyRevoked,
    KeyReplaced,
    KeyNarrowed,
    KeyExpired,
    SignedOut,
    SessionsEnded,
}

const ALL: [End; 6] = [
    End::KeyRevoked,
    End::KeyReplaced,
    End::KeyNarrowed,
    End::KeyExpired,
    End::SignedOut,
    End::SessionsEnded,
];

/// A server, its superuser, and somebody who manages people.
struct Case {
    server: TestServer,
    root: Client,
    who: Client,
    key: String,
}

impl Case {
    async fn new(end: End) -> Arc<Self> {
        let server = TestServer::new().await;
        let root = server.superuser().await;
        let permissions = ["users.view", "users.manage"];
        let (who, key) = if matches!(end, End::SignedOut | End::SessionsEnded) {
            (server.person_who_may(&root, "clerk@example.com", &permissions).await, String::new())
        } else {
            let expires = server.app.clock.now().plus(DAY);
            let new = json!({ "name": "edge", "permissions": permissions, "expires": expires });
            let made = root.post("/keys", &new).await.expect(201).json();
            (server.bearer(made["key"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned())
        };
        Arc::new(Self { server, root, who, key })
    }

    async fn shut_out(&self, end: End) {
        let delete = async |by: &Client, path: &str| by.write(Method::DELETE, path, &Value::Null).await;
        let ended = match end {
            End::KeyRevoked => delete(&self.root, &format!("/keys/{}", self.key)).await,
            End::KeyReplaced => {
                self.root.post(&format!("/keys/{}/rotate", self.key), &json!({ "grace": 0 })).await
            }
            End::KeyNarrowed => {
                let edited = json!({ "name": "edge", "permissions": ["users.view"], "scope": "/" });
                self.root.put(&format!("/keys/{}", self.key), "*", &edited).await
            }
            End::KeyExpired => return self.server.app.clock.advance(DAY),
            End::SignedOut => delete(&self.who, "/session").await,
            End::SessionsEnded => delete(&self.root, &format!("/users/{}/sessions", self.who.user)).await,
        };
        assert!(ended.status.is_success(), "{end:?}: {}", ended.text());
    }

    async fn revision(&self) -> u64 {
        self.server.tenant().await.loaded().state.at().revision
    }
}

#[tokio::test]
async fn a_write_whose_sender_is_shut_out_before_it_is_whole_is_not_made() {
    for end in ALL {
        for query in ["", "?dry_run=true"] {
            let case = Case::new(end).await;
            let ending = Arc::clone(&case);
            let rest = stream::once(async move {
                ending.shut_out(end).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"\"ana@example.com\"}"))
            });
            let begun = stream::iter([Ok(Bytes::from_static(b"{\"email\":"))]);
            let body = Body::from_stream(begun.chain(rest));
            let path = format!("/users{query}");
            let answer = case.who.send(Method::POST, &path, Some("application/json"), body).await;
            assert_eq!(answer.status, 401, "{end:?} {query}: {}", answer.text());
            answer.problem(401, "unauthenticated");
            let loaded = case.server.tenant().await.loaded();
            let mut people = loaded.state.documents().directory.users.values();
            assert!(people.all(|user| user.email != "ana@example.com"), "{end:?} {query}");
        }
    }
}

#[tokio::test]
async fn work_on_many_rows_stops_when_whoever_asked_is_shut_out() {
    let table = format!(
        "email\n{}",
        (0..3 * AT_ONCE).map(|n| format!("person{n}@example.com\n")).collect::<String>()
    );
    for end in ALL {
        for is_there_already in [false, true] {
            let case = Case::new(end).await;
            let import = |by: &Client| {
                let (by, body) = (by.clone(), Body::from(table.clone()));
                async move {
                    let uri = format!("{API}/users/import");
                    by.begin(Method::POST, &uri, Some("text/csv"), body).await.into_body()
                }
            };
            if is_there_already {
                import(&case.root).await.collect().await.unwrap();
            }
            let mut lines = import(&case.who).await;
            let mut told = String::new();
            while told.lines().count() < 2 {
                let frame = lines.frame().await.unwrap().unwrap();
                told.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
            }
            case.shut_out(end).await;
            let at = case.revision().await;
            told.push_str(std::str::from_utf8(&lines.collect().await.unwrap().to_bytes()).unwrap());
            assert_eq!(case.revision().await, at, "{end:?}");
            // How many there are, what came of the first part, and why it stopped.
            assert_eq!(told.lines().count(), 1 + AT_ONCE + 1, "{end:?}");
            let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
            let problem = &last["stopped"];
            assert_eq!(problem["type"], "urn:rolewright:problem:unauthenticated", "{end:?}: {last}");
            let detail = problem["detail"].as_str().unwrap();
            let left = format!("{} of {} rows were not tried", 2 * AT_ONCE, 3 * AT_ONCE);
            assert!(detail.ends_with(&left), "{detail}");
        }
    }
}
