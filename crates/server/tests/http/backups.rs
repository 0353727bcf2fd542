//! A backup made while a server writes, and putting it back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::process::{CREATE, Folder, Server, json, run, text};

const PASSWORD: &str = crate::support::PASSWORD;

/// Adds a group and answers with the revision that it made.
fn add(server: &Server, key: &str, name: &str) -> u64 {
    let head = format!(
        "POST /api/v1/tenants/default/groups HTTP/1.1\r\ncontent-type: application/json\r\nauthorization: Bearer {key}"
    );
    let (status, answer) = server.request(&head, &json!({ "name": name }).to_string());
    assert_eq!(status, 201, "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let body: Value =
        serde_json::from_str(&body[body.find('{').unwrap()..=body.rfind('}').unwrap()]).unwrap();
    body["at"]["revision"].as_u64().unwrap()
}

fn get(server: &Server, key: &str, path: &str) -> (u16, String) {
    server.request(&format!("GET /api/v1/tenants/default{path} HTTP/1.1\r\nauthorization: Bearer {key}"), "")
}

#[test]
fn a_backup_made_while_changes_are_made_restores_every_one_up_to_its_revision() {
    let folder = Folder::new("backup");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let create = ["key", "create", "--name", "x", "--json"];
    let permissions = ["groups.manage", "groups.view", "snapshot.policy", "audit.view"];
    let permissions = permissions.iter().flat_map(|it| ["--permission", it]);
    let create: Vec<&str> = create.into_iter().chain(permissions).collect();
    let key = json(&run(&create, Some(&folder.0), ""));
    let key = key["key"].as_str().unwrap();
    let server = Server::start(&folder.0, &[]);
    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD }).to_string();
    let head = "POST /api/v1/tenants/default/session HTTP/1.1\r\ncontent-type: application/json";
    let (_, answer) = server.request(head, &sign_in);
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();

    let file = folder.0.join("copy.db");
    let file = file.to_str().unwrap();
    let (is_done, last) = (AtomicBool::new(false), AtomicU64::new(0));
    let (acknowledged, backup) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut acknowledged = Vec::new();
            while !is_done.load(Ordering::Relaxed) {
                let name = format!("Group {}", acknowledged.len());
                let revision = add(&server, key, &name);
                acknowledged.push((revision, name));
                last.store(revision, Ordering::Relaxed);
            }
            acknowledged
        });
        while last.load(Ordering::Relaxed) < 10 {
            std::thread::yield_now();
        }
        let backup = json(&run(&["backup", file, "--json"], Some(&folder.0), ""));
        let after = last.load(Ordering::Relaxed);
        while last.load(Ordering::Relaxed) < after + 5 {
            std::thread::yield_now();
        }
        is_done.store(true, Ordering::Relaxed);
        (writing.join().unwrap(), backup)
    });
    let at = backup["tenants"][0]["at"]["revision"].as_u64().unwrap();
    let newest = acknowledged.last().unwrap().0;
    assert!((10..newest).contains(&at), "{backup}");
    let again = run(&["backup", file], Some(&folder.0), "");
    assert!(text(&again.stderr).contains("there is such a file already"), "{}", text(&again.stderr));

    // Not under a running server.
    let refused = run(&["restore", file], Some(&folder.0), "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("is in use; stop the server"), "{}", text(&refused.stderr));
    let (status, _) = get(&server, key, "/snapshot?kind=policy");
    assert_eq!(status, 200);
    server.stop();

    let restored = json(&run(&["restore", file, "--json"], Some(&folder.0), ""));
    assert_eq!(
        restored["tenants"][0],
        json!({ "tenant": "default", "backup": { "epoch": 0, "revision": at }, "at": { "epoch": 1, "revision": at + 1 } })
    );
    let verified = json(&run(&["audit", "verify", "--json"], Some(&folder.0), ""));
    assert_eq!(verified["entries"], at + 1);

    let server = Server::start(&folder.0, &[]);
    let (mut groups, mut page) = (String::new(), "/groups?limit=200".to_owned());
    loop {
        let (status, answer) = get(&server, key, &page);
        assert_eq!(status, 200, "{answer}");
        groups.push_str(&answer);
        match answer.split_once(r#""next":""#) {
            Some((_, cursor)) => {
                page = format!("/groups?limit=200&cursor={}", cursor.split('"').next().unwrap());
            }
            None => break,
        }
    }
    for (revision, name) in &acknowledged {
        let is_there = groups.contains(&format!("\"name\":\"{name}\""));
        assert_eq!(is_there, *revision <= at, "{name} of revision {revision}, backup at {at}");
    }
    // Whoever follows is told of the new epoch, and sessions have ended.
    let head = format!("GET /api/v1/tenants/default/session HTTP/1.1\r\ncookie: {cookie}");
    assert_eq!(server.request(&head, "").0, 401);
    let (_, log) = get(&server, key, "/audit?limit=1");
    assert!(log.contains(r#""action":"restore""#) && log.contains(r#""epoch":1"#), "{log}");
    assert_eq!(add(&server, key, "After"), at + 2);
    server.stop();

    // What was replaced is whole, with all that was acknowledged.
    let replaced = restored["replaced"].as_str().unwrap();
    let other = Folder::new("backup-replaced");
    std::fs::create_dir_all(&other.0).unwrap();
    std::fs::copy(replaced, other.0.join("rolewright.db")).unwrap();
    let verified = json(&run(&["audit", "verify", "--json"], Some(&other.0), ""));
    assert_eq!(verified["entries"], newest);
}

#[test]
fn a_backup_is_restored_into_an_empty_directory() {
    let (folder, fresh) = (Folder::new("backup-from"), Folder::new("backup-fresh"));
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let file = folder.0.join("copy.db");
    let file = file.to_str().unwrap();
    let made = run(&["backup", file], Some(&folder.0), "");
    assert!(text(&made.stdout).contains("and verified it"), "{}", text(&made.stderr));
    let restored = run(&["restore", file, "--epoch", "4"], Some(&fresh.0), "");
    assert!(
        text(&restored.stdout).contains("as it was at r2: it goes on at r3, in epoch 4"),
        "{}",
        text(&restored.stdout)
    );
    assert!(text(&restored.stderr).contains("sessions and links were ended"), "{}", text(&restored.stderr));
    let ask = ["check", "--subject", "root@example.com", "--permission", "reports.run", "--json"];
    assert_eq!(json(&run(&ask, Some(&fresh.0), ""))["allowed"], true);
    let missing = run(&["restore", "/nowhere.db", "--json"], Some(&fresh.0), "");
    assert_eq!(missing.status.code(), Some(2));
    let error: Value = serde_json::from_slice(&missing.stderr).unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("`/nowhere.db` cannot be made or used"));
}
