//! What is removed for good: entries of long ago, and a tenant.

use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, Instant};

use rolewright_model::Timestamp;
use rolewright_store::{Anchor, Commit, Entry, SqliteStore, Store};
use serde_json::{Value, json};

use crate::process::{CREATE, Folder, Server, json as answer, run, text};
use crate::support::PASSWORD;

const KEY: &[&str] = &["key", "create", "--permission", "users.view", "--name"];

/// A data directory with some changes in its log.
fn changed(name: &str) -> Folder {
    let folder = Folder::new(name);
    answer(&run(CREATE, Some(&folder.0), PASSWORD));
    for name in ["one", "two", "three"] {
        assert!(run(&[KEY, &[name]].concat(), Some(&folder.0), "").status.success());
    }
    folder
}

/// A time after all that was done so far, as a command line says it, which has passed when it is used.
fn now() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    let seconds = i64::try_from(now.as_secs()).unwrap() + 1;
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

#[track_caller]
fn refused(output: &Output, says: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
}

#[test]
fn entries_of_long_ago_are_removed_and_the_rest_verifies_from_a_signed_anchor() {
    let folder = changed("prune");
    let ask = |arguments: &[&str], input: &str| run(arguments, Some(&folder.0), input);
    let whole = text(&ask(&["audit", "export"], "").stdout);
    let file = |name: &str, content: &str| -> PathBuf {
        let path = folder.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let before = file("before.jsonl", &whole);
    let verified = answer(&ask(&["audit", "verify", "--json"], ""));
    let entries = verified["entries"].as_u64().unwrap();
    let time = now();
    let prune =
        |more: &[&str], input: &str| ask(&[&["audit", "prune", "--before", &time], more].concat(), input);

    refused(&ask(&["audit", "prune", "--before", "2999-01-01T00:00:00Z", "--yes"], ""), "time to come");
    let nothing = ask(&["audit", "prune", "--before", "2001-01-01T00:00:00Z", "--yes"], "");
    assert!(text(&nothing.stdout).contains("no entry is from before"), "{}", text(&nothing.stdout));
    refused(&prune(&[], "something else\n"), "`default` was not typed");
    let would = answer(&prune(&["--dry-run", "--json"], ""));
    assert_eq!(would["removed"]["entries"], entries);
    assert_eq!(answer(&ask(&["audit", "verify", "--json"], ""))["entries"], entries);

    let done = answer(&prune(&["--json", "--reason", "kept for a year"], "default\n"));
    assert_eq!(
        (&done["removed"]["entries"], &done["removed"]["up_to"]["revision"]),
        (&json!(entries), &json!(entries))
    );
    let verified = answer(&ask(&["audit", "verify", "--json"], ""));
    assert_eq!((&verified["entries"], &verified["pruned_up_to"]["revision"]), (&json!(1), &json!(entries)));
    let listed = text(&ask(&["audit", "list"], "").stdout);
    assert!(listed.contains("Removed old entries of this log  \"kept for a year\""), "{listed}");
    assert_eq!(ask(&["audit", "show", "1"], "").status.code(), Some(1));

    // What goes on is a change as before, and what was exported is still known.
    assert!(ask(&[KEY, &["four"]].concat(), "").status.success());
    assert_eq!(answer(&ask(&["audit", "verify", "--json"], ""))["entries"], 2);
    let old = ask(&["audit", "verify", before.to_str().unwrap()], "");
    assert!(text(&old.stdout).starts_with("a whole export"), "{}", text(&old.stderr));
    assert!(text(&old.stderr).contains(&format!("{entries} of the entries are no longer in the log here")));
    let exported = text(&ask(&["audit", "export"], "").stdout);
    let first: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    assert_eq!(first["anchor"], done["removed"]["anchor"]);
    let after = file("after.jsonl", &exported);
    let said = ask(&["audit", "verify", after.to_str().unwrap()], "");
    assert!(text(&said.stdout).starts_with("a whole export"), "{}", text(&said.stderr));
    // Without its anchor it begins nowhere, and another's anchor is none.
    let headless: String = exported.lines().skip(1).map(|line| format!("{line}\n")).collect();
    refused(&ask(&["audit", "verify", file("headless.jsonl", &headless).to_str().unwrap()], ""), "no chain");
    let forged = exported.replacen("\"anchor\":\"ey", "\"anchor\":\"eX", 1);
    refused(
        &ask(&["audit", "verify", file("forged.jsonl", &forged).to_str().unwrap()], ""),
        "no anchor that this",
    );
}

#[tokio::test]
async fn an_anchor_that_the_tenant_did_not_sign_is_found() {
    let folder = changed("anchor");
    let store = SqliteStore::open(folder.0.join("rolewright.db")).await.unwrap();
    let anchor = store.anchor_before("default", Timestamp(i64::MAX)).await.unwrap().unwrap();
    let entry = Entry {
        at: anchor.at.next(),
        time: Timestamp(1),
        actor: "operator".to_owned(),
        action: "prune".to_owned(),
        change: json!({ "change": "prune" }),
        records: Vec::new(),
        writes: Vec::new(),
        kept: Vec::new(),
        about: None,
        undoes: Vec::new(),
        reason: None,
        request: String::new(),
    };
    let commit = Commit { entry, revoked: Vec::new(), records: Vec::new() };
    store.prune("default", Anchor { signed: "x".to_owned(), ..anchor }, commit).await.unwrap();
    store.verify_log("default", Timestamp(1)).await.unwrap();
    store.close().await;
    refused(&run(&["audit", "verify"], Some(&folder.0), ""), "its anchor is not as the tenant signed it");
}

#[test]
fn a_tenant_is_deleted_when_its_name_is_typed_and_a_running_server_serves_it_no_more() {
    let folder = changed("delete-tenant");
    let ask = |arguments: &[&str], input: &str| run(arguments, Some(&folder.0), input);
    let made = text(&ask(&["tenant", "create", "acme"], "").stdout);
    assert!(made.contains("rolewright user create --tenant acme") && made.contains("roles"), "{made}");
    let key = answer(&ask(&[KEY, &["of acme", "--tenant", "acme", "--json"]].concat(), ""));
    let bearer = format!("authorization: Bearer {}", key["key"].as_str().unwrap());
    let server = Server::start(&folder.0, &[]);
    let users =
        |bearer: &str| server.request(&format!("GET /api/v1/tenants/acme/users HTTP/1.1\r\n{bearer}"), "").0;
    assert_eq!(users(&bearer), 200);

    refused(&ask(&["tenant", "delete", "default", "--yes"], ""), "cannot be without the tenant `default`");
    let unknown = ask(&["tenant", "delete", "none", "--yes"], "");
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stderr));
    let wrong = ask(&["tenant", "delete", "acme"], "acme2\n");
    refused(&wrong, "`acme` was not typed: nothing is done");
    let asked = text(&wrong.stderr);
    assert!(asked.contains("0 people") && asked.contains("--export FOLDER"), "{asked}");
    assert_eq!(users(&bearer), 200);

    let kept = folder.0.to_str().unwrap();
    let deleted = ask(&["tenant", "delete", "acme", "--export", kept], "acme\n");
    assert!(text(&deleted.stdout).starts_with("deleted tenant `acme`"), "{}", text(&deleted.stderr));
    let policy = std::fs::read_to_string(folder.0.join("acme.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&policy).unwrap()["tenant"], "acme");
    assert!(std::fs::read_to_string(folder.0.join("acme-audit.jsonl")).unwrap().contains("\"head\""));
    let is_over = |wanted: u16, bearer: &str| {
        let begun = Instant::now();
        while users(bearer) != wanted {
            assert!(begun.elapsed() < Duration::from_secs(8), "it is served still");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    is_over(401, &bearer);
    // One that is made anew is another.
    assert!(ask(&["tenant", "create", "acme"], "").status.success());
    let anew = answer(&ask(&[KEY, &["anew", "--tenant", "acme", "--json"]].concat(), ""));
    is_over(200, &format!("authorization: Bearer {}", anew["key"].as_str().unwrap()));
    assert_eq!(users(&bearer), 401);
    let listed = answer(&ask(&["tenant", "list", "--json"], ""));
    assert_eq!(listed["tenants"].as_array().unwrap().len(), 2);
    server.stop();
}
