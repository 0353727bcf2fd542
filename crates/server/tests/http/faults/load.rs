//! Somebody who writes without a pause, and keeps account of what was acknowledged outside of the server.

use std::io::Result;

use serde_json::{Value, json};

use super::client::{Connection, Reply};
use crate::process::{CREATE, json as told, run};
use crate::support::PASSWORD;

/// Who signs in.
pub(crate) const ROOT: &str = "root@example.com";

/// A new data directory with a superuser.
pub(crate) fn set_up(data: &std::path::Path) {
    told(&run(CREATE, Some(data), PASSWORD));
}

/// The superuser, in a new session.
pub(crate) fn root(address: &str) -> Result<Connection> {
    Connection::open(address)?.sign_in(ROOT, PASSWORD)
}

/// One write: it carries its id as the request's id and as its idempotency key.
#[derive(Clone)]
pub(crate) struct Write {
    pub(crate) id: String,
    method: &'static str,
    path: String,
    body: String,
    /// The revision that it was acknowledged with.
    pub(crate) acknowledged: Option<u64>,
}

impl Write {
    /// Sends it as the request of that id.
    pub(crate) fn send(&self, on: &mut Connection, request: &str) -> Result<Reply> {
        let Self { id, method, path, body, .. } = self;
        let edited = if *method == "PUT" { "if-match: *\r\n" } else { "" };
        on.send(method, path, &format!("x-request-id: {request}\r\nidempotency-key: {id}\r\n{edited}"), body)
    }

    /// The id of the request that sends it again.
    pub(crate) fn again(&self) -> String {
        format!("{}-again", self.id)
    }
}

/// The revision in an answer to a write.
#[track_caller]
pub(crate) fn revision(answer: &Reply) -> u64 {
    assert!(matches!(answer.status, 200 | 201), "{} {}", answer.status, answer.body);
    answer.json()["at"]["revision"].as_u64().unwrap()
}

/// Somebody who writes.
pub(crate) struct Writer {
    name: String,
    group: String,
    user: String,
    /// All that was sent, in order. The last one may not be acknowledged.
    pub(crate) writes: Vec<Write>,
}

impl Writer {
    pub(crate) fn new(name: String) -> Self {
        Self { name, group: String::new(), user: String::new(), writes: Vec::new() }
    }

    /// Writes until that many are made, or the server is gone.
    pub(crate) fn write(&mut self, on: &mut Connection, count: usize) {
        for _ in 0..count {
            let write = self.next();
            self.writes.push(write);
            let write = self.writes.last_mut().unwrap();
            let Ok(answer) = write.send(on, &write.id) else { return };
            write.acknowledged = Some(revision(&answer));
            let answer = answer.json();
            match write.path.as_str() {
                "/groups" => self.group = answer["id"].as_str().unwrap().to_owned(),
                "/users" => self.user = answer["user"].as_str().unwrap().to_owned(),
                _ => {}
            }
        }
    }

    /// Each is another kind of write, about what the ones before made.
    fn next(&self) -> Write {
        let n = self.writes.len();
        let (id, user, group) = (format!("{}-{n}", self.name), &self.user, &self.group);
        let post = |path: &str, body: Value| ("POST", path.to_owned(), body);
        let (method, path, body) = match n % 6 {
            0 => post("/groups", json!({ "name": id })),
            1 => post("/users", json!({ "email": format!("{id}@example.com") })),
            2 => {
                post("/assignments", json!({ "principal": { "user": user }, "role": "admin", "scope": "/" }))
            }
            3 => post(&format!("/groups/{group}/members"), json!({ "user": user })),
            4 => {
                let (new, member) = (format!("g_{id}"), json!({ "user": user }));
                let made = json!({ "principal": { "group": new }, "role": "admin", "scope": "/" });
                post(
                    "/batch",
                    json!({ "changes": [
                        { "change": "create_group", "group": { "id": new, "name": id } },
                        { "change": "add_member", "group": new, "member": member },
                        { "change": "assign", "assignment": made },
                    ] }),
                )
            }
            _ => ("PUT", format!("/users/{user}/status"), json!({ "status": "disabled" })),
        };
        Write { id, method, path, body: body.to_string(), acknowledged: None }
    }
}
