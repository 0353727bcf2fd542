//! Times as people write them: a date, an instant or milliseconds, in every query and every body alike.

use serde_json::{Value, json};

use crate::process::{CREATE, Folder, json as json_of, run, text};
use crate::support::TestServer;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// 2030-01-01.
const NEW_YEAR: i64 = 1_893_456_000_000;

/// Ways to say that moment.
const WAYS: [&str; 4] =
    ["2030-01-01", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00%2B01:00", "1893456000000"];

#[tokio::test]
async fn a_time_in_a_query_is_a_date_an_instant_or_milliseconds() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let now = server.app.clock.now().0;
    server.app.clock.advance(NEW_YEAR - now + DAY / 2);
    let root = {
        // The session is over by then.
        let sign_in = json!({ "email": "root@example.com", "password": crate::support::PASSWORD });
        let nobody = server.nobody();
        drop(root);
        nobody.post("/session", &sign_in).await.expect(200).client(&nobody)
    };
    root.post("/groups", &json!({ "name": "Late" })).await.expect(201);
    for way in WAYS {
        let then = root.get(&format!("/groups?as_of={way}")).await.expect(200).json();
        assert_eq!(then["total"], 0, "{way}");
        let since = root.get(&format!("/audit?from={way}")).await.expect(200).json();
        assert_eq!(since["items"].as_array().unwrap().len(), 1, "{way}");
        let until = root.get(&format!("/audit?until={way}&limit=200")).await.expect(200).json();
        assert!(
            until["items"].as_array().unwrap().iter().all(|entry| entry["action"] != "create_group"),
            "{way}"
        );
        let check = json!({ "subject": root.user, "permission": "users.view" });
        root.post(&format!("/check?as_of={way}"), &check).await.expect(200);
    }
    for wrong in [
        "r1",
        "yesterday",
        "2030-02-30",
        "2030-01-01T00:00:00",
        "2030-01-01T01:00:00+01:00",
        "1.5",
        "99999999999999999999",
    ] {
        let paths = ["/audit?from=", "/groups?as_of=", "/users?as_of="];
        // A revision is a point of the past alone.
        for path in if wrong == "r1" { &paths[..1] } else { &paths } {
            let refused = root.get(&format!("{path}{wrong}")).await.problem(422, "invalid");
            let message = refused["errors"][0]["message"].as_str().unwrap();
            assert!(
                message.contains("is no time: write a date such as 2027-01-31"),
                "{path}{wrong}: {message}"
            );
        }
    }
}

#[tokio::test]
async fn a_time_in_a_body_is_a_date_an_instant_or_milliseconds_and_is_told_in_milliseconds() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for way in [
        json!("2030-01-01"),
        json!("2030-01-01T00:00:00.000Z"),
        json!("2030-01-01T01:00:00+01:00"),
        json!(NEW_YEAR),
    ] {
        let key = json!({ "name": "k", "permissions": ["users.view"], "expires": way });
        assert_eq!(root.post("/keys", &key).await.expect(201).json()["expires"], NEW_YEAR, "{way}");
        let give = json!({ "principal": { "user": root.user }, "role": "admin", "scope": "/", "until": way });
        let made = root.post("/assignments", &give).await.expect(201).json();
        let path = format!("/assignments/{}", made["id"].as_str().unwrap());
        let known = root.get(&path).await.expect(200).json();
        assert_eq!(known["assignment"]["until"], NEW_YEAR, "{way}");
        let change = json!({ "change": "set_window", "id": made["id"], "window": { "until": way } });
        let versions = json!([{ "kind": "assignment", "id": made["id"], "etag": known["etag"] }]);
        let batch = json!({ "changes": [change], "versions": versions });
        assert_eq!(root.post("/batch", &batch).await.expect(200).json()["unchanged"], true, "{way}");
        root.delete(&path, "*").await.expect(200);
    }
    let give = json!({ "principal": { "user": root.user }, "role": "admin", "scope": "/", "until": "soon" });
    let refused = root.post("/assignments", &give).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["path"], "$.until");
}

#[tokio::test]
async fn the_description_says_how_a_time_is_said() {
    let server = TestServer::new().await;
    let api = server.nobody().get("/api/v1/openapi.json").await.expect(200).json();
    let moment = &api["components"]["schemas"]["Timestamp"];
    let formats: Vec<&Value> = moment["anyOf"].as_array().unwrap().iter().map(|one| &one["format"]).collect();
    assert_eq!(formats, ["int64", "date-time", "date"]);
    let mut found = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if ["as_of", "from", "until"].contains(&parameter["name"].as_str().unwrap_or_default())
                    && parameter["in"] == "query"
                    && !path.ends_with("/compare")
                {
                    let said = parameter["schema"].to_string();
                    let of = if parameter["name"] == "as_of" { "AsOf" } else { "Timestamp" };
                    assert!(said.contains(&format!("#/components/schemas/{of}")), "{method} {path}: {said}");
                    found += 1;
                }
            }
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn commands_read_the_past_by_the_same_times() {
    let folder = Folder::new("as-of");
    let run = |arguments: &[&str]| run(arguments, Some(&folder.0), "");
    let made = crate::process::run(CREATE, Some(&folder.0), crate::support::PASSWORD);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let entry = json_of(&run(&["audit", "show", "2", "--json"]));
    let time = jiff::Timestamp::from_millisecond(entry["time"].as_i64().unwrap() - 1).unwrap().to_string();
    let email = entry["writes"].as_array().unwrap().iter().find(|write| write["kind"] == "user").unwrap();
    let email = email["after"]["email"].as_str().unwrap();
    let check = ["check", "--subject", email, "--permission", "users.view"];
    assert_eq!(run(&check).status.code(), Some(0));
    let then = |arguments: &[&str], time: &str| run(&[arguments, &["--as-of", time]].concat());
    assert_eq!(then(&check, &time).status.code(), Some(1));
    assert_eq!(then(&check, "r1").status.code(), Some(1));
    assert_eq!(then(&check, "r2").status.code(), Some(0));
    let none = then(&check, "r9");
    let says = "there is no revision `r9` here: the newest is `r2`";
    assert!(text(&none.stderr).contains(says), "{}", text(&none.stderr));
    let ahead = then(&check, "2999-01-01");
    let said = "--as-of: `2999-01-01T00:00:00Z` is not in the past: leave it out to ask about now";
    assert_eq!(
        (ahead.status.code(), text(&ahead.stderr).contains(said)),
        (Some(2), true),
        "{}",
        text(&ahead.stderr)
    );
    assert_eq!(then(&["explain", email, "users.view"], &time).status.code(), Some(1));
    let whole = text(&then(&["export"], &time).stdout);
    assert!(!whole.contains(email) && text(&run(&["export"]).stdout).contains(email));
    assert!(!text(&then(&["user", "export"], &time).stdout).contains(email));
    let before = then(&check, "1999-12-31");
    assert!(
        text(&before.stderr)
            .contains("there was no such tenant at `1999-12-31T00:00:00Z`: it was made later"),
        "{}",
        text(&before.stderr)
    );
    let wrong = then(&check, "yesterday");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("write a date such as 2027-01-31"), "{}", text(&wrong.stderr));
}
