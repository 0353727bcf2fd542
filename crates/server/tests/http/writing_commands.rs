//! Commands that write: each says why, or writes nothing, and none begins a data directory that was misspelt.

use std::process::Output;

use serde_json::{Value, json};

use crate::process::{CREATE, Folder, json, run, text};
use crate::support::PASSWORD;

const TABLE: &str = "email,status\nbo@example.com,active\n";
const GIVEN: &str = "kind,principal,role\nuser,root@example.com,admin\n";

fn ask(folder: &Folder, words: &[&str], input: &str) -> Output {
    run(words, Some(&folder.0), input)
}

fn log(folder: &Folder) -> Vec<Value> {
    let listed = text(&ask(folder, &["audit", "list", "--json"], "").stdout);
    listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A server with a superuser and a key; also the key's id.
fn server(name: &str) -> (Folder, String) {
    let folder = Folder::new(name);
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let create = ["key", "create", "--name", "edge", "--permission", "users.view", "--json"];
    let key = json(&ask(&folder, &create, ""))["id"].as_str().unwrap().to_owned();
    (folder, key)
}

#[test]
fn every_command_that_writes_can_be_tried_and_says_why() {
    let (folder, key) = server("writing");
    let mut policy = json(&ask(&folder, &["export", "--policy"], ""));
    policy["settings"]["name"] = json!("Acme");
    let policy = policy.to_string();
    let person = ["user", "create", "--email", "ana@example.com", "--password-stdin"];
    let made = ["key", "create", "--name", "two", "--permission", "users.view"];
    for (words, input, says) in [
        (&["import", "-"][..], &*policy, "nothing is written: nobody"),
        (&["user", "import", "-"], TABLE, "1 would be changed"),
        (&["assignment", "import", "-"], GIVEN, "1 would be changed"),
        (&person, PASSWORD, "ana@example.com would be created"),
        (
            &["user", "reset-password", "root@example.com"],
            "",
            "a link would be made with which root@example.com",
        ),
        (&made, "", "a key would be made: two  users.view at /"),
        (&["key", "edit", &key, "--name", "edges"], "", "edges"),
        (
            &["key", "rotate", &key, "--grace", "1d"],
            "",
            "would get a new secret, and the one that it has would end at ",
        ),
        (&["key", "revoke", &key], "", "would end "),
        (&["undo", "6"], "", "nothing is written"),
        (&["revert", "1", "--settings"], "", "nothing is written"),
    ] {
        let before = log(&folder);
        let tried = ask(&folder, &[words, &["--dry-run", "--reason", "for a look"]].concat(), input);
        let said = text(&tried.stdout);
        assert!(tried.status.success() && said.contains(says), "{words:?}: {said}{}", text(&tried.stderr));
        assert_eq!(log(&folder), before, "{words:?}");
        let as_json = ask(&folder, &[words, &["--dry-run", "--json"]].concat(), input);
        let answer = text(&as_json.stdout);
        assert!(answer.contains("\"dry_run\":true"), "{words:?}: {answer}");
        assert!(!answer.contains("rwk_") && !answer.contains("#token="), "{words:?}: {answer}");

        let made = ask(&folder, &[words, &["--reason", "as agreed"]].concat(), input);
        assert!(made.status.success(), "{words:?}: {}", text(&made.stderr));
        let after = log(&folder);
        assert_eq!((after.len(), &after[0]["reason"]), (before.len() + 1, &json!("as agreed")), "{words:?}");
    }
}

#[test]
fn a_tenant_and_a_restore_are_tried_and_say_why_too() {
    let (folder, _) = server("writing-tenant");
    let tenants = || text(&ask(&folder, &["tenant", "list"], "").stdout);
    let create = ["tenant", "create", "acme", "--name", "Acme Ltd", "--reason", "new customer"];
    let tried = text(&ask(&folder, &[&create[..], &["--dry-run"]].concat(), "").stdout);
    assert!(tried.starts_with("tenant `acme` would be made, called \"Acme Ltd\": "), "{tried}");
    assert_eq!(tenants().lines().count(), 1);
    assert!(text(&ask(&folder, &create, "").stdout).starts_with("made tenant `acme`, called \"Acme Ltd\": "));
    assert!(tenants().contains("acme\tAcme Ltd"), "{}", tenants());
    let again = ask(&folder, &[&create[..], &["--dry-run"]].concat(), "");
    assert!(text(&again.stderr).contains("there is a tenant `acme` already"), "{}", text(&again.stderr));
    let first = json(&ask(&folder, &["audit", "show", "1", "--tenant", "acme", "--json"], ""));
    assert_eq!(first["reason"], "new customer");
    let deleted = text(&ask(&folder, &["tenant", "delete", "acme", "--dry-run"], "").stdout);
    assert_eq!(deleted, "would delete tenant `acme`: 0 people, 1 change\n");
    assert_eq!(tenants().lines().count(), 2);

    let copy = folder.0.join("copy.db");
    let copy = copy.to_str().unwrap();
    json(&ask(&folder, &["backup", copy, "--json"], ""));
    let restore = ["restore", copy, "--reason", "the disk was lost"];
    let tried = text(&ask(&folder, &[&restore[..], &["--dry-run"]].concat(), "").stdout);
    assert!(tried.contains("tenant `default` would be restored as it was at r3"), "{tried}");
    assert_eq!(log(&folder).len(), 3);
    assert!(ask(&folder, &restore, "").status.success());
    assert_eq!(log(&folder)[0]["reason"], "the disk was lost");
}

#[test]
fn a_data_directory_that_is_misspelt_is_not_made() {
    let folder = Folder::new("misspelt-data");
    std::fs::create_dir_all(&folder.0).unwrap();
    let typo = Folder(folder.0.join("typo"));
    let nofile = folder.0.join("nofile.db");
    let words = folder.0.join("words");
    std::fs::write(&words, "no backup").unwrap();
    let (nofile, words) = (nofile.to_str().unwrap(), words.to_str().unwrap());
    let person = ["user", "create", "--email", "a@example.com", "--password-stdin"];
    let root = ["user", "create", "--email", "a@example.com", "--password-stdin", "--superuser"];
    for arguments in [
        &["check", "--subject", "x", "--permission", "y"][..],
        &["explain", "x", "y"],
        &["export"],
        &["import", nofile],
        &["codegen", "--lang", "ts"],
        &person,
        &[&root[..], &["--template", "none"]].concat(),
        &[&root[..], &["--tenant", "acme"]].concat(),
        &["user", "export"],
        &["user", "reset-password", "a@example.com"],
        &["assignment", "export"],
        &["key", "create", "--name", "x", "--permission", "users.view"],
        &["key", "list"],
        &["key", "revoke", "x"],
        &["tenant", "list"],
        &["tenant", "delete", "acme", "--yes"],
        &["tenant", "create", "Acme"],
        &["tenant", "create", "acme", "--template", "none"],
        &["undo", "1"],
        &["revert", "1"],
        &["audit", "list"],
        &["audit", "verify"],
        &["audit", "prune", "--before", "2020-01-01", "--yes"],
        &["backup", nofile],
        &["restore", nofile],
        &["restore", words],
        &["serve", "--template", "none"],
    ] {
        let output = run(arguments, Some(&typo.0), PASSWORD);
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("error: ") && said.lines().count() == 1, "{arguments:?}: {said}");
        assert!(!typo.0.exists(), "{arguments:?}: {said}");
    }
    // Nor where it is only tried.
    for arguments in [&[&root[..], &["--dry-run"]].concat()[..], &["tenant", "create", "acme", "--dry-run"]] {
        let output = run(arguments, Some(&typo.0), PASSWORD);
        assert!(output.status.success() && !typo.0.exists(), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn what_a_new_tenants_operator_is_told_to_run_runs_as_it_is_told() {
    let folder = Folder::new("it's a new tenant");
    for (id, says) in [("scim", "`scim` is reserved"), ("api", "`api` is reserved")] {
        let refused = ask(&folder, &["tenant", "create", id], "");
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(says), "{}", text(&refused.stderr));
    }
    let made = text(&ask(&folder, &["tenant", "create", "acme"], "").stdout);
    let commands: Vec<&str> = made.lines().filter(|line| line.contains("--tenant acme")).collect();
    assert_eq!(commands.len(), 2, "{made}");
    for command in commands {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("echo '{PASSWORD}' | {command}")]).env_remove("ROLEWRIGHT_DATA");
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
    }
    let listed = json(&ask(&folder, &["key", "list", "--tenant", "acme", "--json"], ""));
    assert_eq!(listed["keys"][0]["name"], "edge");
}

#[test]
fn a_key_is_listed_with_who_made_it_and_when() {
    let (folder, key) = server("key-made");
    let listed = text(&ask(&folder, &["key", "list"], "").stdout);
    let begin = format!("{key}  edge  users.view at /, made 20");
    assert!(listed.starts_with(&begin) && listed.contains("Z by operator, never used"), "{listed}");
}
