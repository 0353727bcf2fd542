//! The change log and going back, at the command line.

use std::process::Output;

use rolewright_model::Timestamp;
use rolewright_store::{Commit, Entry, SqliteStore, Store};
use serde_json::{Value, json};

use crate::process::{CREATE, Folder, json, run, text};
use crate::support::PASSWORD;

/// A tenant with a superuser, whose base role was given reports and then not.
fn tenant(name: &str) -> Folder {
    let folder = Folder::new(name);
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let policy = json(&ask(&folder, &["export", "--policy"]));
    let mut edited = policy.clone();
    let roles = edited["roles"].as_array_mut().unwrap();
    roles.iter_mut().find(|role| role["base"] == true).unwrap()["grants"]["reports.run"] = json!("allowed");
    for (policy, reason) in [(&edited, "for all"), (&policy, "for nobody")] {
        let import = ["import", "-", "--reason", reason, "--json"];
        json(&run(&import, Some(&folder.0), &policy.to_string()));
    }
    folder
}

fn ask(folder: &Folder, arguments: &[&str]) -> Output {
    run(arguments, Some(&folder.0), "")
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the base role grants of reports.
fn base(folder: &Folder) -> Value {
    let policy = json(&ask(folder, &["export", "--policy"]));
    let roles = policy["roles"].as_array().unwrap();
    roles.iter().find(|role| role["base"] == true).unwrap()["grants"]["reports.run"].clone()
}

#[test]
fn the_log_is_listed_filtered_and_shown() {
    let folder = tenant("history-list");
    let all = lines(&ask(&folder, &["audit", "list", "--json"]));
    let revisions: Vec<u64> = all.iter().map(|entry| entry["at"]["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, [4, 3, 2, 1]);
    let two = ask(&folder, &["audit", "list", "--limit", "2"]);
    let said = text(&two.stdout);
    assert_eq!(said.lines().count(), 2);
    let first = said.lines().next().unwrap();
    assert!(
        first.starts_with("r4  ")
            && first.contains("  operator  Replaced the policy  ")
            && first.contains("\"for nobody\""),
        "{first}"
    );
    assert!(text(&two.stderr).contains("go on with --before r3"), "{}", text(&two.stderr));
    for before in ["3", "r3"] {
        let rest = lines(&ask(&folder, &["audit", "list", "--before", before, "--json"]));
        assert_eq!(rest.len(), 2, "{before}");
    }
    let filtered = ["audit", "list", "--kind", "user", "--json"];
    assert_eq!(lines(&ask(&folder, &filtered)).len(), 1);
    json(&ask(&folder, &["key", "create", "--name", "Edge", "--permission", "snapshot.policy", "--json"]));
    let made = text(&ask(&folder, &["audit", "list", "--kind", "key"]).stdout);
    assert!(made.starts_with("r5  ") && made.contains("  operator  Made the API key Edge"), "{made}");
    let since = ["audit", "list", "--from", "2999-01-01T00:00:00Z", "--json"];
    assert_eq!(lines(&ask(&folder, &since)).len(), 0);
    for wrong in [["--kind", "person"], ["--from", "yesterday"], ["--from", "90d"]] {
        let wrong = ask(&folder, &[&["audit", "list"], &wrong[..]].concat());
        assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    }

    let shown = text(&ask(&folder, &["audit", "show", "3"]).stdout);
    assert!(
        shown.contains("\nby operator\n") && shown.contains("\nbefore: {") && shown.contains("\nafter: {"),
        "{shown}"
    );
    assert_eq!(json(&ask(&folder, &["audit", "show", "3", "--json"])), all[1]);
    // What wrote no document says what it was.
    json(&ask(&folder, &["tenant", "rotate-key", "default", "--json"]));
    let shown = text(&ask(&folder, &["audit", "show", "6"]).stdout);
    assert!(shown.contains("\nleaked: false\n") && shown.contains("\nfrom: "), "{shown}");
    for revision in ["9", "r9"] {
        let none = ask(&folder, &["audit", "show", revision]);
        assert_eq!(none.status.code(), Some(1));
        let said = text(&none.stderr);
        assert!(said.contains("there is no revision `r9` here: the newest is `r6`"), "{said}");
    }
}

#[tokio::test]
async fn what_a_review_kept_is_listed_by_whom_it_links_and_shown_and_verifies() {
    let folder = tenant("history-kept");
    let store = SqliteStore::open(folder.0.join("rolewright.db")).await.unwrap();
    let kept = json!({ "id": "a", "principal": { "user": "ana" }, "role": "clerk", "scope": "/" });
    let keep = json!({ "change": "keep_assignment", "id": "a" });
    let entry = Entry {
        at: store.head("default").await.unwrap().at.next(),
        time: Timestamp(1),
        actor: "operator".to_owned(),
        action: "batch".to_owned(),
        change: json!({ "change": "batch", "changes": [keep] }),
        writes: Vec::new(),
        kept: vec![kept.clone()],
        records: Vec::new(),
        about: None,
        undoes: Vec::new(),
        reason: None,
        request: String::new(),
    };
    let commit = Commit { entry, revoked: Vec::new(), records: Vec::new() };
    store.commit("default", commit).await.unwrap();
    store.close().await;
    let listed = text(&ask(&folder, &["audit", "list", "--about", "ana"]).stdout);
    assert!(
        listed.starts_with("r5  ") && listed.contains("  operator  Reviewed access: kept clerk for ana"),
        "{listed}"
    );
    let shown = text(&ask(&folder, &["audit", "show", "5"]).stdout);
    assert!(shown.contains("\nassignment a\nkept: {") && !shown.contains("\nchanges: "), "{shown}");
    let told = json(&ask(&folder, &["audit", "show", "5", "--json"]));
    assert_eq!(told["kept"], json!([kept]));
    assert!(ask(&folder, &["audit", "verify"]).status.success());
    let exported = text(&ask(&folder, &["audit", "export", "--about", "ana"]).stdout);
    assert_eq!(exported.lines().count(), 2, "the entry, and what is signed: {exported}");
}

#[test]
fn a_change_is_taken_back_and_a_revision_is_put_back() {
    let folder = tenant("history-back");
    let tried = ask(&folder, &["undo", "4", "--dry-run"]);
    let said = text(&tried.stdout);
    assert!(said.starts_with("nothing is written: "), "{said}{}", text(&tried.stderr));
    assert!(said.contains("\n  edited: role `"), "{said}");
    assert_eq!(base(&folder), Value::Null);
    let done = json(&ask(&folder, &["undo", "4", "--json"]));
    assert_eq!((&done["at"]["revision"], &done["dry_run"]), (&json!(5), &json!(false)));
    assert_eq!(
        (&done["documents"][0]["kind"], &done["documents"][0]["became"]),
        (&json!("role"), &json!("edited"))
    );
    assert_eq!(base(&folder), "allowed");
    let told = json(&ask(&folder, &["audit", "show", "5", "--json"]));
    assert_eq!((&told["actor"], &told["reason"]), (&json!("operator"), &json!("Undid change 4")));

    let again = ask(&folder, &["undo", "4", "--json"]);
    assert_eq!(again.status.code(), Some(1));
    let error: Value = serde_json::from_slice(&again.stderr).unwrap();
    assert_eq!(error["error"]["code"], "changed_since");
    assert!(error["error"]["problems"][0]["path"].as_str().unwrap().starts_with("role "), "{error}");

    json(&ask(&folder, &["revert", "4", "--policy", "--reason", "as it was", "--json"]));
    assert_eq!(base(&folder), Value::Null);
    let whole = ask(&folder, &["revert", "3"]);
    assert!(
        text(&whole.stdout).starts_with("it is as it was, at r7:"),
        "{}{}",
        text(&whole.stdout),
        text(&whole.stderr)
    );
    assert_eq!(base(&folder), "allowed");
    let same = ask(&folder, &["revert", "3"]);
    assert_eq!(same.status.code(), Some(1));
    assert!(text(&same.stderr).contains("there is nothing to restore"), "{}", text(&same.stderr));
    for wrong in [&["revert", "3", "--policy", "--settings"][..], &["undo"], &["undo", "x"], &["revert", "0"]]
    {
        assert_eq!(ask(&folder, wrong).status.code(), Some(2));
    }
    for (missing, says) in [
        (&["undo", "99"][..], "there is no revision `r99` here: the newest is `r7`"),
        (&["revert", "r99"], "there is no revision `r99` here: the newest is `r7`"),
        (&["revert", "3", "--role", "nothing"], "there is no such role at that revision here"),
    ] {
        let missing = ask(&folder, missing);
        assert_eq!(missing.status.code(), Some(1));
        assert!(text(&missing.stderr).contains(says), "{}", text(&missing.stderr));
    }
}

#[test]
fn many_documents_are_told_a_kind_a_line_and_twenty_of_it_by_name() {
    let folder = Folder::new("history-many");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let rows: Vec<String> = (10..40).map(|n| format!("p{n}@example.com,active,admin\n")).collect();
    let table = format!("email,status,roles\n{}", rows.concat());
    let made = run(&["user", "import", "-"], Some(&folder.0), &table);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let tried = ask(&folder, &["revert", "r2", "--dry-run"]);
    let said = text(&tried.stdout);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("  removed: ")).collect();
    let [users, assignments] = lines.as_slice() else { panic!("{said}{}", text(&tried.stderr)) };
    assert!(users.starts_with("  removed: 30 users: `u_"), "{users}");
    assert!(users.ends_with(" and 10 more (all with --json)"), "{users}");
    assert_eq!(users.matches("@example.com").count(), 20, "{users}");
    assert!(assignments.starts_with("  removed: 30 assignments: `"), "{assignments}");
    let told = json(&ask(&folder, &["revert", "r2", "--dry-run", "--json"]));
    assert_eq!(told["documents"].as_array().unwrap().len(), 60);
}

#[test]
fn an_export_is_verified_against_the_key_and_the_log() {
    let folder = tenant("history-export");
    let whole = text(&ask(&folder, &["audit", "export"]).stdout);
    let some = text(&ask(&folder, &["audit", "export", "--action", "import_policy"]).stdout);
    let verify = |export: &str| run(&["audit", "verify", "-"], Some(&folder.0), export);
    let said = text(&verify(&whole).stdout);
    assert!(
        said.starts_with("a whole export of the log of tenant `default`") && said.contains("none missing"),
        "{said}"
    );
    let said = text(&verify(&some).stdout);
    assert!(
        said.starts_with("an excerpt of the log") && said.contains("action is `import_policy`"),
        "{said}"
    );
    assert!(said.contains("It is no chain: that nothing is missing"), "{said}");
    let told = json(&run(&["audit", "verify", "-", "--json"], Some(&folder.0), &some));
    assert_eq!(
        (&told["is"], &told["excerpt"]["filter"]["action"]),
        (&json!("excerpt"), &json!("import_policy"))
    );
    let refused = verify(&some.replacen("operator", "user:ana", 1));
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("its hash is another"), "{}", text(&refused.stderr));
    // Nothing stands beside what was signed.
    for (from, to) in [
        ("\"text\":", "\"Text\":\"nothing\",\"text\":"),
        ("{\"revision\"", "{ \"revision\""),
        ("}\n", ",\"note\":\"everyone was asked\"}\n"),
        ("{\"head\"", "{\"signed_by\":\"ada\",\"head\""),
    ] {
        let refused = verify(&whole.replacen(from, to, 1));
        assert_eq!(refused.status.code(), Some(1), "{from}: {}", text(&refused.stdout));
        assert!(text(&refused.stderr).contains("as one is written"), "{from}: {}", text(&refused.stderr));
    }
    // Another data directory has another key.
    let other = tenant("history-export-other");
    let foreign = run(&["audit", "verify", "-"], Some(&other.0), &whole);
    assert!(text(&foreign.stderr).contains("is not signed by tenant `default`"), "{}", text(&foreign.stderr));
}
