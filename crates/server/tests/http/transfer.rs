//! A tenant written as JSON, a policy taken in, and explanations, at the command line.

use std::process::Output;

use serde_json::{Value, json};

use crate::process::{CREATE, Folder, json, run, text};
use crate::support::PASSWORD;

const CREATE_ANA: &[&str] = &["user", "create", "--email", "ana@example.com", "--password-stdin", "--json"];

/// A tenant with a superuser and with Ana, who holds nothing but the base role.
fn tenant(name: &str) -> Folder {
    let folder = Folder::new(name);
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    json(&run(CREATE_ANA, Some(&folder.0), PASSWORD));
    folder
}

fn ask(folder: &Folder, arguments: &[&str], input: &str) -> Output {
    run(arguments, Some(&folder.0), input)
}

#[test]
fn a_policy_is_exported_edited_and_imported_by_one_change() {
    let folder = tenant("transfer");
    let policy = json(&ask(&folder, &["export", "--policy"], ""));
    let good = run(&["validate", "-", "--json"], None, &policy.to_string());
    assert_eq!(json(&good)["valid"], true);

    // As it is, it reaches nobody.
    let same = json(&ask(&folder, &["import", "-", "--dry-run", "--json"], &policy.to_string()));
    assert_eq!(
        (&same["reach"]["all"], &same["at"], &same["documents"]),
        (&json!(0), &Value::Null, &json!([]))
    );

    let mut edited = policy;
    let roles = edited["roles"].as_array_mut().unwrap();
    let base = roles.iter_mut().find(|role| role["base"] == true).unwrap();
    base["grants"]["reports.run"] = json!("allowed");
    let base = base["id"].clone();
    edited["packages"] = json!([{ "id": "default", "name": "Small" }]);
    let edited = edited.to_string();
    let tried = ask(&folder, &["import", "-", "--dry-run"], &edited);
    let said = text(&tried.stdout);
    assert!(said.starts_with("nothing is written: 1 person would gain, 0 would lose"), "{said}");
    assert!(said.contains("\n  ana@example.com (u_") && said.contains("): gains reports.run"), "{said}");
    let edits =
        format!("\n  added: package `default` (Small)\n  edited: role `{}` (User)", base.as_str().unwrap());
    assert!(said.trim_end().ends_with(&edits), "{said}");
    let log = |folder: &Folder| json(&ask(folder, &["audit", "verify", "--json"], ""))["entries"].clone();
    assert_eq!(log(&folder), 3);

    let made = json(&ask(&folder, &["import", "-", "--reason", "for all", "--json"], &edited));
    assert_eq!((&made["at"]["revision"], &made["reach"]["gain"]), (&json!(4), &json!(1)));
    let [role, package] = made["documents"].as_array().unwrap().as_slice() else { panic!("{made}") };
    assert_eq!(
        [&role["kind"], &role["id"], &role["name"], &role["became"]],
        [&json!("role"), &base, &json!("User"), &json!("edited")]
    );
    assert_eq!(
        [&role["before"]["grants"], &role["after"]["grants"]],
        [&json!({}), &json!({ "reports.run": "allowed" })]
    );
    let small = json!({ "id": "default", "name": "Small", "roles": [] });
    assert_eq!(
        *package,
        json!({ "kind": "package", "id": "default", "name": "Small", "became": "added", "after": small })
    );
    let exported = text(&ask(&folder, &["audit", "export"], "").stdout);
    let entry = exported.lines().nth(3).unwrap();
    assert!(entry.contains("for all") && entry.contains("operator"), "{entry}");
    let check = ["check", "--subject", "ana@example.com", "--permission", "reports.run", "--json"];
    assert_eq!(json(&ask(&folder, &check, ""))["allowed"], true);

    // What is not valid is told as `validate` tells it, and nothing is written.
    let wrong = ask(&folder, &["import", "-", "--json"], &edited.replace("\"format\":1", "\"format\":9"));
    assert_eq!(wrong.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&wrong.stdout).unwrap();
    assert_eq!(answer["errors"][0]["path"], "$.format");
    assert_eq!(log(&folder), 4);
    assert_eq!(ask(&folder, &["import", "/nowhere.json"], "").status.code(), Some(2));
}

#[test]
fn a_whole_export_holds_the_people_and_of_it_the_policy_is_imported() {
    let folder = tenant("transfer-whole");
    let whole = json(&ask(&folder, &["export"], ""));
    assert_eq!((&whole["tenant"], &whole["at"]["revision"]), (&json!("default"), &json!(3)));
    let people = json(&ask(&folder, &["export", "--users"], ""));
    assert_eq!(people, whole["directory"]);
    let emails: Vec<_> = people["users"].as_array().unwrap().iter().map(|user| &user["email"]).collect();
    assert!(emails.contains(&&json!("ana@example.com")), "{emails:?}");
    assert_eq!(people["assignments"].as_array().unwrap().len(), 1);
    // No secret is in it.
    assert!(!whole.to_string().contains("argon2"));

    let taken = ask(&folder, &["import", "-"], &whole.to_string());
    assert!(text(&taken.stderr).contains("only the policy is imported"), "{}", text(&taken.stderr));
    assert!(text(&taken.stdout).starts_with("nothing changed"), "{}", text(&taken.stdout));
    for (broken, path) in [("\"format\":9", "$.policy.format"), ("\"format\":1,\"x\":1", "$.policy.x")] {
        let wrong =
            ask(&folder, &["import", "-", "--json"], &whole.to_string().replace("\"format\":1", broken));
        let answer: Value = serde_json::from_slice(&wrong.stdout).unwrap();
        assert_eq!(answer["errors"][0]["path"], path, "{answer}");
    }
    // What reads a policy reads the one in it.
    let said = |words: &[&str]| text(&run(words, None, &whole.to_string()).stdout);
    let valid = said(&["validate", "-"]);
    assert!(valid.starts_with("the policy in standard input is valid: 3 roles, "), "{valid}");
    assert_eq!(said(&["test", "-"]), "standard input: 6 tests pass\n");
    assert!(said(&["codegen", "--lang", "ts", "--policy", "-"]).contains("\"reports.run\""));
    let broken = whole.to_string().replace("\"format\":1", "\"format\":9");
    let wrong = run(&["validate", "-"], None, &broken);
    assert!(text(&wrong.stdout).starts_with("$.policy.format: "), "{}", text(&wrong.stdout));
    assert_eq!(text(&wrong.stderr), "error: 1 thing is wrong with standard input\n");
    // Another tenant begins with it.
    let other = ask(&folder, &["tenant", "create", "other"], "");
    assert!(other.status.success());
    let made = ask(&folder, &["import", "-", "--tenant", "other", "--json"], &whole.to_string());
    assert_eq!(json(&made)["reach"]["all"], 0);
}

#[test]
fn explain_says_what_gives_it_or_stands_in_the_way_and_what_would_help() {
    let folder = tenant("explain");
    for (arguments, exit, says) in [
        (
            &["root@example.com", "reports.run"][..],
            0,
            &["allowed: level allowed", "role superuser at /, which is everything"][..],
        ),
        (
            &["ana@example.com", "reports.run"],
            1,
            &[
                "not allowed: level none (not granted)",
                "because ",
                "+ roles that give it: ",
                "what would allow it:",
                "  1. ",
            ],
        ),
        (&["ana@example.com", "no.such"], 1, &["because there is no such permission or operation"]),
        (&["nobody", "reports.run"], 1, &["because there is no such person"]),
        (&["ana@example.com", "reports.run", "no/where"], 1, &["because that is no place of the catalogue"]),
    ] {
        let output = ask(&folder, &[&["explain"], arguments].concat(), "");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(says.iter().all(|part| said.contains(part)), "{arguments:?}: {said}");
    }
    let refused = ask(&folder, &["explain", "ana@example.com", "reports.run", "--json"], "");
    let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(answer["decision"]["allowed"], false);
    assert!(answer["fixes"][0]["change"].is_object(), "{answer}");
    let twice = ask(&folder, &["explain", "ana@example.com", "reports.run", "/", "/"], "");
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn explain_tells_every_need_of_an_operation() {
    let folder = Folder::new("explain-operation");
    json(&run(&[CREATE, &["--template", "enterprise-manager"]].concat(), Some(&folder.0), PASSWORD));
    assert!(run(&CREATE_ANA[..5], Some(&folder.0), PASSWORD).status.success());
    let policy = json(&ask(&folder, &["export", "--policy"], ""));
    let operations = policy["catalogue"]["operations"].as_array().unwrap();
    let with =
        operations.iter().find(|it| it["resources"].as_object().is_some_and(|all| all.len() == 1)).unwrap();
    let (name, pattern) = with["resources"].as_object().unwrap().iter().next().unwrap();
    let place: Vec<&str> = pattern
        .as_str()
        .unwrap()
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect();
    let resource = format!("{name}={}", place.join("/"));
    let id = with["id"].as_str().unwrap();
    let output = ask(&folder, &["explain", "ana@example.com", id, &resource], "");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("way 1") && said.contains("because ") && said.contains("what would allow it:"),
        "{said}"
    );
    let told = ask(&folder, &["explain", "ana@example.com", id, &resource, "--json"], "");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert!(told["decision"]["alternatives"].is_array() && told["legs"][0].is_array(), "{told}");
}
