//! What every command has in common: where its answer goes, and what it says of what is wrong.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::process::{CREATE, Folder, PROGRAM, json, run, text};
use crate::support::PASSWORD;

#[test]
fn whoever_stops_reading_ends_no_command_by_a_panic() {
    let folder = Folder::new("closed-pipe");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    json(&run(
        &["key", "create", "--name", "k", "--permission", "users.view", "--json"],
        Some(&folder.0),
        "",
    ));
    let policy = folder.0.join("policy.json");
    std::fs::write(&policy, text(&run(&["export", "--policy"], Some(&folder.0), "").stdout)).unwrap();
    let wrong = folder.0.join("wrong.json");
    std::fs::write(&wrong, "{}").unwrap();
    let (policy, wrong) = (policy.to_str().unwrap(), wrong.to_str().unwrap());
    let copy = folder.0.join("copy.db");
    let check = ["check", "--subject", "root@example.com", "--permission", "reports.run"];
    for (arguments, exit) in [
        (&["--help"][..], 0),
        (&["export"], 0),
        (&["user", "export"], 0),
        (&["assignment", "export"], 0),
        (&["key", "list"], 0),
        (&["key", "list", "--json"], 0),
        (&["tenant", "list"], 0),
        (&["audit", "export"], 0),
        (&["audit", "verify"], 0),
        (&["config", "--reference"], 0),
        (&["config"], 0),
        (&["validate", policy], 0),
        (&["validate", wrong], 1),
        (&["validate", wrong, "--json"], 1),
        (&["test", policy], 0),
        (&["import", policy, "--dry-run"], 0),
        (&["explain", "root@example.com", "reports.run"], 0),
        (&check, 0),
        (&["check", "--subject", "nobody", "--permission", "reports.run"], 1),
        (&["backup", copy.to_str().unwrap()], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        let (told, telling) = std::io::pipe().unwrap();
        drop((reader, told));
        let mut command = Command::new(PROGRAM);
        command.args(arguments).stdin(Stdio::null()).stdout(writer).stderr(telling);
        let status = command.env("ROLEWRIGHT_DATA", &folder.0).status().unwrap();
        assert_eq!(status.code(), Some(exit), "{arguments:?}");
    }
    assert!(copy.is_file());
}

#[test]
fn a_policy_that_is_as_the_file_says_is_not_imported_again() {
    let folder = Folder::new("unchanged");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let policy = text(&run(&["export", "--policy"], Some(&folder.0), "").stdout);
    let entries = || json(&run(&["audit", "verify", "--json"], Some(&folder.0), ""))["entries"].clone();
    let before = entries();
    let same = run(&["import", "-"], Some(&folder.0), &policy);
    assert_eq!(text(&same.stdout), "nothing changed: the policy is as the file says\n");
    let same = json(&run(&["import", "-", "--json"], Some(&folder.0), &policy));
    assert_eq!(same["unchanged"], true);
    assert_eq!(entries(), before);
}

#[test]
fn what_is_no_backup_is_said_to_be_none() {
    let (folder, file) = (Folder::new("no-backup"), Folder::new("no-backup-file"));
    std::fs::create_dir_all(&file.0).unwrap();
    for (name, contents) in [("words", &b"these are words, and no database of any kind"[..]), ("empty", b"")]
    {
        let path = file.0.join(name);
        std::fs::write(&path, contents).unwrap();
        let path = path.to_str().unwrap();
        let refused = run(&["restore", path, "--json"], Some(&folder.0), "");
        assert_eq!(refused.status.code(), Some(1));
        let error: Value = serde_json::from_slice(&refused.stderr).unwrap();
        let message = format!("`{path}` is not a backup: name a file that `rolewright backup` made");
        assert_eq!(error["error"]["message"], message);
    }
}

#[test]
fn a_restore_says_to_programs_too_what_ended() {
    let (folder, fresh) = (Folder::new("restore-json"), Folder::new("restore-json-to"));
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let file = folder.0.join("copy.db");
    let file = file.to_str().unwrap();
    json(&run(&["backup", file, "--json"], Some(&folder.0), ""));
    let restored = run(&["restore", file, "--json"], Some(&fresh.0), "");
    json(&restored);
    let note: Value = serde_json::from_slice(&restored.stderr).unwrap();
    assert!(note["note"].as_str().unwrap().contains("sessions and links were ended"));
}

#[test]
fn a_tenant_that_is_not_there_is_told_before_anything_else_of_a_new_person() {
    let folder = Folder::new("no-tenant");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let create =
        ["user", "create", "--email", "a@example.com", "--password-stdin", "--tenant", "nowhere", "--json"];
    let refused = run(&create, Some(&folder.0), "short");
    let error: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("no tenant `nowhere`"), "{error}");
    // A password that is refused makes no data directory.
    let fresh = Folder::new("no-directory");
    assert_eq!(run(CREATE, Some(&fresh.0), "short").status.code(), Some(1));
    assert!(!fresh.0.exists());
    assert_eq!(run(&create, Some(&fresh.0), PASSWORD).status.code(), Some(2));
    assert!(!fresh.0.exists());
}

#[test]
fn a_command_line_that_is_wrong_is_told_in_one_line_with_what_to_do() {
    for (arguments, says) in [
        (&["bogus"][..], "there is no command `bogus`: see `rolewright --help`"),
        (&["usr"], "there is no command `usr`: say `user`, if that is meant"),
        (&["expor"], "there is no command `expor`: say `export`, if that is meant"),
        (&["serv"], "there is no command `serv`: say `serve`, if that is meant"),
        (&["key", "list", "--jsn"], "there is no `--jsn` here: say `--json`, if that is meant"),
        (&["key", "list", "x"], "`x` is a word too many: see `rolewright key list --help`"),
        (
            &["key", "create"],
            "`--name <NAME>` and `--permission <ID>` are missing: see `rolewright key create --help`",
        ),
        (&["import"], "`<FILE>` is missing: see `rolewright import --help`"),
        (&["key", "edit", "x"], "one of `--name <NAME>`, `--permission <ID>`, "),
        (&["export", "--policy", "--users"], "`--policy` and `--users` exclude one another: leave one out"),
        (&["export", "--policy", "--policy"], "`--policy` is said more than once: say it once"),
        (&["import", "x", "--reason="], "`--reason` needs a value: a reason is one line"),
        (&["serve", "--port", "99999"], "`--port` cannot be `99999`: write a whole number from 0 to 65535"),
        (&["serve", "--log", "xml"], "`--log` cannot be `xml`: choose one of text, json"),
        (
            &["audit", "show", "x"],
            "`<REVISION>` cannot be `x`: it is no revision: write one such as r42, as ",
        ),
        (&["audit", "list", "--from", "x"], "`--from` cannot be `x`: it is no time: write a date such as"),
    ] {
        let output = run(arguments, None, "");
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{arguments:?}: {said}");
        assert!(said.starts_with(&format!("error: {says}")), "{arguments:?}: {said}");
        let as_json = run(&[arguments, &["--json"]].concat(), None, "");
        let error: Value = serde_json::from_slice(&as_json.stderr).unwrap();
        assert_eq!(error["error"]["code"], "usage", "{arguments:?}");
    }
    // A variable is told by its name, and a secret is not repeated.
    for (name, value, says) in [
        ("ROLEWRIGHT_PORT", "x", "error: `ROLEWRIGHT_PORT` cannot be `x`: write a whole number"),
        (
            "ROLEWRIGHT_TRUSTED_PROXY",
            "10.0.0.1/8",
            "error: `ROLEWRIGHT_TRUSTED_PROXY` cannot be `10.0.0.1/8`: it is an",
        ),
    ] {
        let output = Command::new(PROGRAM).arg("serve").env(name, value).output().unwrap();
        assert!(text(&output.stderr).starts_with(says), "{}", text(&output.stderr));
    }
}

#[test]
fn the_help_of_config_says_what_its_json_is() {
    let help = text(&run(&["config", "--help"], None, "").stdout);
    assert!(help.contains("Answer as JSON") && !help.contains("one object a line"), "{help}");
    let help = text(&run(&["serve", "--help"], None, "").stdout);
    assert!(help.contains("one object a line"), "{help}");
}

#[test]
fn what_is_missing_is_told_with_the_commands_own_help_whatever_the_program_is_called() {
    let folder = Folder::new("called");
    std::fs::create_dir_all(&folder.0).unwrap();
    let called = folder.0.join("rw");
    std::fs::hard_link(PROGRAM, &called).or_else(|_| std::fs::copy(PROGRAM, &called).map(drop)).unwrap();
    for program in [PROGRAM, called.to_str().unwrap()] {
        let output = Command::new(program).arg("explain").output().unwrap();
        let said = text(&output.stderr);
        assert!(said.contains(" missing: see `rolewright explain --help`"), "{said}");
        let output = Command::new(program).args(["key", "create"]).output().unwrap();
        assert!(text(&output.stderr).contains("see `rolewright key create --help`"));
    }
}
