//! A tenant of 100,000 people, the same on every run: servers, tasks, groups, and an assignment of one's own for each.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rolewright_model::change::{Kind, Write};
use rolewright_model::{Stamp, Timestamp};
use rolewright_server::auth::actor::Who;
use rolewright_server::auth::key_change;
use rolewright_server::clock::Clock;
use rolewright_server::config::{DEFAULT_TENANT, database, make_data_directory};
use rolewright_server::tenant::{Edit, Tenant};
use rolewright_server::{app, templates};
use rolewright_store::{Commit, Entry, SqliteStore, Store};
use rolewright_wire::key::NewKey;
use serde_json::{Value, json};

/// How many people there are.
pub const PEOPLE: usize = 100_000;
/// How many servers there are; each person holds a role at one.
pub const SERVERS: usize = 50;
const GROUPS: usize = 500;
/// How many documents one entry of the change log writes.
const EACH: usize = 5_000;
/// What makes the data; another number makes it anew.
const VERSION: &str = "1";

const FIRST: &[&str] = &["Ada", "Benedikt", "Chloé", "Dalia", "Emeka", "Femke", "Giulia", "Henrik", "Isabel", "Jun"];
const LAST: &[&str] = &["Abara", "Bauer", "Castillo", "Demir", "Eriksen", "Fischer", "García", "Horvat", "Ito"];

/// The id of a person.
pub fn person(n: usize) -> String {
    format!("u_{n:06}")
}

/// The server at which that person is an operator.
pub fn server_of(n: usize) -> String {
    format!("servers/s{}", n % SERVERS)
}

/// The secret of the key that may ask, see people and listen.
pub fn key_of(folder: &Path) -> Result<String> {
    std::fs::read_to_string(folder.join("key")).context("there is no data: make it first")
}

/// Makes the data directory, unless it is there.
pub async fn make(folder: &Path) -> Result<()> {
    if std::fs::read_to_string(folder.join("version")).is_ok_and(|version| version == VERSION) {
        return Ok(());
    }
    _ = std::fs::remove_dir_all(folder);
    make_data_directory(folder)?;
    let sqlite = Arc::new(SqliteStore::open(database(folder)).await?);
    let store: Arc<dyn Store> = sqlite.clone();
    let clock = Clock::default();
    let policy = templates::read("enterprise-manager").and_then(Result::ok).context("the template is gone")?;
    Tenant::create(&store, DEFAULT_TENANT, &policy, None, &app::context(&clock)?).await?;
    let mut at = store.head(DEFAULT_TENANT).await?.at;
    for writes in writes(at.next(), clock.now()).chunks(EACH) {
        at = at.next();
        let entry = Entry {
            at,
            time: clock.now(),
            actor: "operator".to_owned(),
            action: "batch".to_owned(),
            change: json!({}),
            writes: writes.to_vec(),
            kept: Vec::new(),
            records: Vec::new(),
            about: None,
            undoes: Vec::new(),
            reason: None,
            request: "bench".to_owned(),
        };
        store.commit(DEFAULT_TENANT, Commit { entry, revoked: Vec::new(), records: Vec::new() }).await?;
    }
    let tenant = Tenant::open(store, DEFAULT_TENANT).await?;
    let new = NewKey {
        name: "bench".to_owned(),
        permissions: ["access.check", "access.explain", "users.view"].map(str::to_owned).to_vec(),
        scope: "/".to_owned(),
        expires: None,
        trusts_subject: false,
    };
    let context = app::context(&clock)?;
    let made = key_change::make(&tenant, new, |change| Ok(Edit::new(Who::Operator, change, context))).await;
    let (made, _) = made.map_err(|failure| anyhow::anyhow!("{}", failure.detail()))?;
    std::fs::write(folder.join("key"), made.key.context("the key is not told")?.expose())?;
    sqlite.close().await;
    std::fs::write(folder.join("version"), VERSION)?;
    Ok(())
}

fn writes(made: Stamp, now: Timestamp) -> Vec<Write> {
    let write = |kind, id: &str, after: Value| Write { kind, id: id.to_owned(), before: None, after: Some(after) };
    let mut writes = Vec::new();
    for n in 0..GROUPS {
        let id = format!("g_{n:03}");
        writes.push(write(Kind::Group, &id, json!({ "id": id, "name": format!("Group {n}") })));
        let given = json!({
            "id": format!("ag_{n:03}"), "principal": { "group": id }, "role": "viewer",
            "scope": server_of(n), "made": made,
        });
        writes.push(write(Kind::Assignment, &format!("ag_{n:03}"), given));
    }
    for n in 0..PEOPLE {
        let id = person(n);
        let (first, last) = (FIRST[n * 7 % FIRST.len()], LAST[n / 3 % LAST.len()]);
        let user = json!({
            "id": id, "email": format!("{}.{}.{n}@example.com", first.to_lowercase(), last.to_lowercase()),
            "first_name": first, "last_name": format!("{last} {n}"), "status": "active",
            "created": now.plus(-60_000 * n as i64),
        });
        writes.push(write(Kind::User, &id, user));
        let member = json!({
            "id": format!("m_{n:06}"), "group": format!("g_{:03}", n % GROUPS), "member": { "user": id }, "made": made,
        });
        writes.push(write(Kind::Membership, &format!("m_{n:06}"), member));
        let given = json!({
            "id": format!("a_{n:06}"), "principal": { "user": id }, "role": "operator",
            "scope": server_of(n), "made": made,
        });
        writes.push(write(Kind::Assignment, &format!("a_{n:06}"), given));
    }
    writes
}
