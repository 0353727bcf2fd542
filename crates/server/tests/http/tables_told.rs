//! What an import says of each row and of all, before it is made and as it is: over HTTP, and at the command line.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::process::{CREATE, Folder, json, run, text};
use crate::support::{Client, PASSWORD, TestServer};

/// The rows of an answer: what each changes.
fn changes(answer: &str) -> Vec<Value> {
    let lines = answer.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["row"].is_object()).map(|line| line["row"]["changes"].clone()).collect()
}

async fn import(client: &Client, path: &str, table: &str) -> Vec<Value> {
    let body = Body::from(table.to_owned());
    changes(&client.send(Method::POST, path, Some("text/csv"), body).await.expect(200).text())
}

const PEOPLE: &str = "\
email,first_name,last_name,status,package,roles
ana@example.com,Ana,,,,
bo@example.com,Bo,Berg,active,,admin
cy@example.com,,,disabled,,
";

#[tokio::test]
async fn a_word_that_is_the_id_of_one_group_and_the_name_of_another_names_neither() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let made = root.post("/groups", &json!({ "name": "Contractors" })).await.expect(201).json();
    let contractors = made["id"].as_str().unwrap();
    let by = server.key(&["groups.manage", "groups.view"]).await;
    let made = by.post("/groups", &json!({ "name": contractors.to_uppercase() })).await.expect(201).json();
    let other = made["id"].as_str().unwrap();
    for path in ["/assignments/import?dry_run=true", "/assignments/import"] {
        for word in [contractors, &contractors.to_uppercase()] {
            let table = format!("kind,principal,role\ngroup,{word},admin\n");
            let body = Body::from(table.clone());
            let answer = root.send(Method::POST, path, Some("text/csv"), body).await.expect(200).text();
            if word == contractors {
                assert!(answer.contains("is the id of one group and the name of another"), "{answer}");
                assert!(answer.contains(&format!("`{other}`")), "{answer}");
            } else {
                // In another case it is a name alone.
                assert_eq!(changes(&answer), [json!(["role `Admin` given"])], "{table}");
            }
        }
        let table = format!("kind,principal,role\ngroup,{other},superuser\n");
        assert_eq!(import(&root, path, &table).await, [json!(["role `Superuser` given"])]);
    }
    let held = root.get(&format!("/assignments?group={contractors}")).await.expect(200).json();
    assert_eq!(held["total"], 0, "{held}");
}

#[tokio::test]
async fn each_row_says_what_it_changes() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let package = json!({ "id": "small", "name": "Small" });
    root.post("/packages", &package).await.expect(201);
    let made = [
        json!(["added as \"Ana\", without an invitation"]),
        json!(["added as \"Bo Berg\", without a password", "role `Admin` given"]),
        json!(["added, without a password", "status `disabled`"]),
    ];
    for path in ["/users/import?dry_run=true", "/users/import"] {
        assert_eq!(import(&root, path, PEOPLE).await, made, "{path}");
    }
    for (table, says) in [
        ("email,last_name\nbo@example.com,Borg\n", json!(["last name `Berg` to `Borg`"])),
        (
            "email,first_name,last_name\nbo@example.com,Bob,-\n",
            json!(["first name `Bo` to `Bob`", "last name `Borg` taken away",]),
        ),
        ("email,last_name\nana@example.com,Arranz\n", json!(["last name `Arranz`"])),
        ("email,package\nbo@example.com,small\n", json!(["package `Small`"])),
        (
            "email,package,roles\nbo@example.com,-,-\n",
            json!(["package `Small` taken away", "role `Admin` taken away",]),
        ),
        ("email,status\nbo@example.com,disabled\n", json!(["status `active` to `disabled`"])),
        (
            "email,roles\ndee@example.com,admin\n",
            json!(["added, without an invitation, to be given `Admin`"]),
        ),
        // What is as the row says has nothing to say.
        ("email,status\nbo@example.com,disabled\n", Value::Null),
        ("email,roles\nbo@example.com,captain\n", Value::Null),
    ] {
        for path in ["/users/import?dry_run=true", "/users/import"] {
            assert_eq!(import(&root, path, table).await, std::slice::from_ref(&says), "{path}: {table}");
        }
    }
    // Who is sent a link is invited.
    let invites = "/users/import?dry_run=true&invite=true";
    let told = import(&root, invites, "email,first_name,roles\neve@example.com,Eve,admin\n").await;
    assert_eq!(told, [json!(["invited as \"Eve\", to be given `Admin`"])]);
    // Whoever may not see roles is told their ids.
    root.post("/roles", &json!({ "id": "clerk", "name": "Office clerk" })).await.expect(201);
    let by = server.key(&["users.view", "users.manage", "users.assign_roles"]).await;
    for (who, called) in [(&root, "Office clerk"), (&by, "clerk")] {
        let told = import(who, "/users/import?dry_run=true", "email,roles\neve@example.com,clerk\n").await;
        let says = format!("added, without an invitation, to be given `{called}`");
        assert_eq!(told, [json!([says])]);
    }
    // Nobody is given a role that there is not: whoever is there, is made, or is invited.
    for row in ["bo@example.com,,captain", "eve@example.com,active,captain", "eve@example.com,,admin captain"]
    {
        let table = format!("email,status,roles\n{row}\n");
        for path in ["/users/import?dry_run=true", "/users/import"] {
            let answer = root.send(Method::POST, path, Some("text/csv"), Body::from(table.clone())).await;
            let lines = answer.expect(200).text();
            let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let errors: Vec<_> = lines.map(|line| line["row"]["problem"]["errors"].clone()).collect();
            assert_eq!(errors[1][0]["path"], "$.roles", "{path}: {row}: {errors:?}");
        }
    }
    let given = "kind,principal,role,scope,from,until\nuser,bo@example.com,admin";
    for (row, says) in [
        (",,,2087-01-31", "role `Admin` given until 31 January 2087, 00:00 UTC"),
        (
            ",,2087-01-01,2087-02-28",
            "role `Admin` given from 1 January 2087, 00:00 UTC until 28 February 2087, 00:00 UTC instead of until 31 January 2087, 00:00 UTC",
        ),
        (
            ",,-,-",
            "role `Admin` given for good instead of from 1 January 2087, 00:00 UTC until 28 February 2087, 00:00 UTC",
        ),
    ] {
        let table = format!("{given}{row}\n");
        for path in ["/assignments/import?dry_run=true", "/assignments/import"] {
            assert_eq!(import(&root, path, &table).await, [json!([says])], "{path}: {table}");
        }
    }
}

#[test]
fn a_trial_at_the_command_line_says_what_each_row_changes_and_whom_all_reach() {
    let folder = Folder::new("tables-told");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let table =
        "email,first_name,status,roles\nana@example.com,Ana,active,admin\nbo@example.com,Bo,,captain\n";
    let tried = run(&["user", "import", "-", "--dry-run"], Some(&folder.0), table);
    let said = text(&tried.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(tried.status.code(), Some(1), "{said}");
    assert_eq!(lines[0], "row 2 (ana@example.com): added as \"Ana\", without a password; role `Admin` given");
    assert!(lines[1].starts_with("row 3 (bo@example.com): ") && lines[1].contains("captain"), "{said}");
    assert_eq!(lines[2], "1 would be changed, 0 unchanged, 1 refused");
    assert!(lines[3].starts_with("1 person would gain, 0 would lose"), "{said}");
    assert!(
        lines[4].starts_with("  Ana (u_") && lines[4].contains("): gains alerts.manage, alerts.view, "),
        "{said}"
    );
    assert_eq!(lines.len(), 5, "{said}");
    let as_json = run(&["user", "import", "-", "--dry-run", "--json"], Some(&folder.0), table);
    let told = text(&as_json.stdout);
    assert_eq!(changes(&told)[0], json!(["added as \"Ana\", without a password", "role `Admin` given"]));
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(last["done"]["reach"]["gain"], 1);
    // Many are counted by permission.
    let many: Vec<String> = (0..30).map(|n| format!("p{n}@example.com,active,admin\n")).collect();
    let many = format!("email,status,roles\n{}", many.concat());
    let tried = text(&run(&["user", "import", "-", "--dry-run"], Some(&folder.0), &many).stdout);
    let end: Vec<&str> = tried.lines().skip(30).collect();
    assert_eq!(
        end[..2],
        ["30 would be changed, 0 unchanged, 0 refused", "30 people would gain, 0 would lose"]
    );
    assert!(end[2].ends_with(": 30 gain, 0 lose") && end[22].ends_with(" more permissions"), "{tried}");

    // What is made is not told row by row, but for programs.
    let made = text(&run(&["user", "import", "-"], Some(&folder.0), table).stdout);
    assert!(
        made.starts_with("row 3 (bo@example.com): ") && made.ends_with("1 changed, 0 unchanged, 1 refused\n"),
        "{made}"
    );

    let given = "kind,principal,role,until\nuser,ana@example.com,admin,2087-01-31\nuser,ana@example.com,admin,2087-01-31\n";
    let tried = text(&run(&["assignment", "import", "-", "--dry-run"], Some(&folder.0), given).stdout);
    let first = "row 2 (user ana@example.com: admin at /): role `Admin` given until 31 January 2087, 00:00 UTC instead of for good\n";
    assert!(tried.starts_with(first), "{tried}");
    let end = "1 would be changed, 1 unchanged, 0 refused\nfrom 2087-01-31T00:00:00Z on 0 people would gain, 1 would lose\n";
    assert!(tried.contains(end), "{tried}");
}

#[tokio::test]
async fn a_cell_that_is_too_long_is_refused_in_few_words() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let send = async |table: String, media: &'static str| {
        let answer =
            root.send(Method::POST, "/users/import?dry_run=true", Some(media), Body::from(table)).await;
        (answer.status.as_u16(), answer.text())
    };
    let (status, told) = send(format!("email\n{}\n", "a".repeat(5_000_000)), "text/csv").await;
    assert!(status == 422 && told.contains("line 2") && told.len() < 1_000, "{status} {} bytes", told.len());
    // What a field may not hold is quoted in part.
    let (status, told) = send(format!("email\n{}\n", "a".repeat(9_000)), "text/csv").await;
    assert!(status == 200 && told.contains("[...]") && told.len() < 12_000, "{status} {} bytes", told.len());
    let (status, told) = send("email\nana@example.com\n".to_owned(), "text/csv; charset=iso-8859-1").await;
    assert!(status == 415 && told.contains("UTF-8"), "{status} {told}");
    let (status, _) = send("email\nana@example.com\n".to_owned(), "text/csv; charset=\"UTF-8\"").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_name_that_is_a_dash_comes_back_as_it_went() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    import(&root, "/users/import", "email,first_name,status\nana@example.com,'-,active\n").await;
    let table = root.get("/users/export").await.expect(200).text();
    assert!(table.contains("ana@example.com,'-,"), "{table}");
    let made = import(&root, "/users/import", &table).await;
    assert!(made.iter().all(|changes| changes.as_array().is_none_or(Vec::is_empty)), "{made:?}");
}

#[tokio::test]
async fn a_row_for_everyone_is_named_so() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let body = Body::from("kind,principal,role\neveryone,,nobody\n");
    let path = "/assignments/import?dry_run=true";
    let told = root.send(Method::POST, path, Some("text/csv"), body).await.expect(200).text();
    assert!(told.contains(r#""subject":"everyone: nobody at /""#), "{told}");
}

#[tokio::test]
async fn a_row_that_says_two_things_is_refused() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for (path, table, says) in [
        (
            "/assignments/import",
            "kind,principal,role\neveryone,hr@example.com,nobody\n",
            "everyone has no name: leave `hr@example.com` out, or write user or group in the column kind",
        ),
        ("/assignments/import", "kind,principal,role\neveryone,-,nobody\n", "everyone has no name"),
        ("/users/import", "email,roles\nana@example.com,nobody;nobody\n", "`nobody` stands here twice"),
    ] {
        let told =
            root.send(Method::POST, path, Some("text/csv"), Body::from(table)).await.expect(200).text();
        assert!(told.contains(says) && told.contains(r#""changed":0"#), "{table}: {told}");
    }
    assert_eq!(root.get("/assignments").await.expect(200).json()["total"], 1);
}
