//! Edits of API keys: who may make which, what stays, and that none is lost.

use axum::http::Method;
use serde_json::{Value, json};

use crate::keys::{DAY, end, key_of, listed, make, person_at, rotate, with_servers};
use crate::support::{Answer, Client, TestServer};

/// A key as it shall be.
fn edited(permissions: &[&str]) -> Value {
    json!({ "name": "rim", "permissions": permissions, "scope": "/" })
}

async fn edit(by: &Client, id: &str, etag: &str, body: &Value) -> Answer {
    by.put(&format!("/keys/{id}"), etag, body).await
}

async fn read(by: &Client, id: &str) -> Answer {
    by.get(&format!("/keys/{id}")).await
}

#[tokio::test]
async fn a_key_is_read_and_edited_and_its_secret_stays() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, client) = make(&server, &root, &key_of(&["users.view", "groups.view"])).await;
    client.get("/users").await.expect(200);
    let found = read(&root, &id).await.expect(200);
    assert_eq!(
        (found.header("etag"), found.header("cache-control")),
        (found.json()["etag"].as_str().unwrap(), "private, no-cache")
    );
    assert!(!found.text().contains("hash") && found.json().get("key").is_none());

    let expires = server.app.clock.now().0 + DAY;
    let mut body = edited(&["groups.view", "roles.view", "roles.view"]);
    body["expires"] = json!(expires);
    let answer = edit(&root, &id, found.header("etag"), &body).await.expect(200);
    let said = answer.json();
    assert_eq!((&said["name"], &said["permissions"]), (&json!("rim"), &json!(["groups.view", "roles.view"])));
    assert_eq!((&said["expires"], &said["dry_run"], said.get("key")), (&json!(expires), &json!(false), None));
    assert_ne!(answer.header("etag"), found.header("etag"));
    assert_eq!(read(&root, &id).await.header("etag"), answer.header("etag"));
    assert_eq!(listed(&root).await[0]["etag"], answer.header("etag"));

    // At once, with the same secret.
    client.get("/users").await.problem(403, "missing_permission");
    client.get("/roles").await.expect(200);
    let log = root.get("/audit?limit=1").await.expect(200).json();
    let entry = &log["items"][0];
    assert_eq!(
        (&entry["action"], &entry["about"]),
        (&json!("update_key"), &json!({ "kind": "key", "id": id }))
    );
    assert_eq!(entry["change"]["before"]["permissions"], json!(["groups.view", "users.view"]));
    assert_eq!(entry["change"]["key"]["permissions"], body["permissions"]);
    let viewer = server.key(&["api_keys.view"]).await;
    server.app.clock.advance(DAY);
    client.get("/roles").await.problem(401, "unauthenticated");
    read(&viewer, &id).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_edit_names_the_version_that_it_was_made_from() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, _) = make(&server, &root, &key_of(&["users.view"])).await;
    let first = read(&root, &id).await.header("etag").to_owned();
    let path = format!("/keys/{id}");
    root.write(Method::PUT, &path, &edited(&["users.view"])).await.problem(428, "precondition_required");
    rotate(&root, &id, &json!({})).await.expect(200);
    let refused = edit(&root, &id, &first, &edited(&["users.view"])).await;
    let second = refused.header("etag").to_owned();
    assert_eq!(refused.problem(412, "conflict")["current"]["etag"], second);
    // Who sees no keys is shown none.
    let clerk = server.key(&["api_keys.manage", "users.view"]).await;
    let refused = edit(&clerk, &id, &first, &edited(&["users.view"])).await.problem(412, "conflict");
    assert!(refused.get("current").is_none());
    edit(&root, &id, &second, &edited(&["users.view"])).await.expect(200);
    edit(&root, &id, &second, &edited(&["groups.view"])).await.problem(412, "conflict");
    edit(&root, "nothing", "*", &edited(&["users.view"])).await.problem(404, "not_found");
    server.key(&["users.view"]).await.get(&path).await.problem(403, "missing_permission");
    let nobody = edit(&server.key(&["users.view"]).await, "nothing", "*", &edited(&["users.view"])).await;
    nobody.problem(403, "missing_permission");
}

#[tokio::test]
async fn what_a_key_comes_to_have_its_editor_holds_and_what_it_loses_takes_no_holding() {
    let (server, root) = with_servers().await;
    let now = server.app.clock.now().0;
    let may = ["api_keys.manage", "users.view"];
    let here = person_at(&server, &root, &may, "servers/prod", None).await;
    let clerk = server.person_who_may(&root, "clerk@example.com", &may).await;
    let body = |permissions: &[&str], scope: &str, expires: Option<i64>, trusts: bool| {
        json!({
            "name": "k", "permissions": permissions, "scope": scope, "expires": expires, "trusts_subject": trusts,
        })
    };
    let large: &[&str] = &["users.view", "users.manage"];
    let small: &[&str] = &["users.view"];
    let (day, two) = (Some(now + DAY), Some(now + 2 * DAY));
    for (who, client, was, is, status, code) in [
        ("a name", &clerk, body(large, "/", None, false), body(large, "/", None, false), 200, ""),
        ("fewer", &clerk, body(large, "/", None, false), body(small, "/", None, false), 200, ""),
        ("shorter", &clerk, body(large, "/", two, false), body(large, "/", day, false), 200, ""),
        ("an end", &clerk, body(large, "/", None, false), body(large, "/", day, false), 200, ""),
        (
            "narrower",
            &clerk,
            body(large, "/", None, false),
            body(large, "servers/prod", None, false),
            200,
            "",
        ),
        ("no trust", &clerk, body(large, "/", None, true), body(large, "/", None, false), 200, ""),
        (
            "one held",
            &clerk,
            body(&["users.manage"], "/", None, false),
            body(large, "/", None, false),
            200,
            "",
        ),
        ("one more", &clerk, body(small, "/", None, false), body(large, "/", None, false), 403, "not_held"),
        ("longer", &clerk, body(large, "/", day, false), body(large, "/", two, false), 403, "not_held"),
        ("for good", &clerk, body(large, "/", day, false), body(large, "/", None, false), 403, "not_held"),
        (
            "wider",
            &clerk,
            body(large, "servers/prod", None, false),
            body(large, "/", None, false),
            403,
            "not_held",
        ),
        ("trust", &clerk, body(large, "/", None, false), body(large, "/", None, true), 403, "not_held"),
        ("longer, held", &clerk, body(small, "/", day, false), body(small, "/", None, true), 200, ""),
        ("exchanged", &clerk, body(large, "/", day, false), body(small, "/", None, false), 200, ""),
        (
            "within",
            &here,
            body(small, "servers/prod", None, false),
            body(small, "servers/prod/tasks/t", None, false),
            200,
            "",
        ),
        (
            "out of it",
            &here,
            body(small, "servers/prod", None, false),
            body(small, "servers", None, false),
            403,
            "missing_permission",
        ),
        (
            "aside",
            &here,
            body(small, "servers/prod", None, false),
            body(small, "servers/test", None, false),
            403,
            "missing_permission",
        ),
        (
            "into it",
            &here,
            body(small, "servers/test", None, false),
            body(small, "servers/prod", None, false),
            403,
            "missing_permission",
        ),
    ] {
        let (id, _) = make(&server, &root, &was).await;
        for path in [format!("{id}?dry_run=true"), id.clone()] {
            let answer = edit(client, &path, "*", &is).await;
            assert_eq!(answer.status, status, "{who}: {}", answer.text());
            if status != 200 {
                answer.problem(status, code);
            }
        }
        end(&root, &id).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_edit_is_told_with_its_path() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let now = server.app.clock.now().0;
    let (id, _) = make(&server, &root, &key_of(&["users.view"])).await;
    for (field, value, path) in [
        ("permissions", json!(["users.view", "no.such"]), "$.permissions[1]"),
        ("permissions", json!([]), "$.permissions"),
        ("scope", json!("nowhere/x"), "$.scope"),
        ("expires", json!(now), "$.expires"),
        ("name", json!(" "), "$.name"),
        ("hash", json!("0"), "$.hash"),
    ] {
        let mut body = edited(&["users.view"]);
        body[field] = value;
        let details = edit(&root, &id, "*", &body).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], path, "{body}: {details}");
    }
    // Left out, it would be something else.
    for missing in ["name", "permissions", "scope"] {
        let mut body = edited(&["users.view"]);
        body.as_object_mut().unwrap().remove(missing);
        edit(&root, &id, "*", &body).await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn an_edit_that_changes_nothing_or_is_tried_out_or_sent_again_makes_no_revision() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (id, client) = make(&server, &root, &key_of(&["users.view"])).await;
    let before = server.tenant().await.loaded().state.at();
    let tried = edit(&root, &format!("{id}?dry_run=true"), "*", &edited(&["roles.view"])).await.expect(200);
    assert_eq!((&tried.json()["dry_run"], &tried.json()["name"]), (&json!(true), &json!("rim")));
    assert!(tried.headers.get("etag").is_none());
    let same = json!({ "name": "edge", "permissions": ["users.view"], "scope": "/" });
    assert_eq!(edit(&root, &id, "*", &same).await.expect(200).json()["unchanged"], true);
    assert_eq!(server.tenant().await.loaded().state.at(), before);
    client.get("/users").await.expect(200);

    let once = root.with("idempotency-key", "5f0c");
    let etag = read(&root, &id).await.header("etag").to_owned();
    let made = edit(&once, &id, &etag, &edited(&["roles.view"])).await.expect(200);
    let again = edit(&once, &id, &etag, &edited(&["roles.view"])).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), again.header("etag")), ("true", made.header("etag")));
    assert_eq!(server.tenant().await.loaded().state.at().revision, before.revision + 1);
}

#[tokio::test]
async fn of_edits_rotations_and_ends_at_one_time_none_undoes_another() {
    let server = TestServer::new().await;
    let (root, beside) = (server.superuser().await, server.beside());
    for round in 0..6 {
        let (id, _) = make(&server, &root, &key_of(&["users.view"])).await;
        let (by, edits) = (root.clone(), id.clone());
        let editing = tokio::spawn(async move { edit(&by, &edits, "*", &edited(&["roles.view"])).await });
        let (by, rotates) = (root.at(&beside), id.clone());
        let rotating = tokio::spawn(async move { rotate(&by, &rotates, &json!({})).await });
        let (made, rotated) = (editing.await.unwrap(), rotating.await.unwrap());
        assert!([made.status, rotated.status].iter().all(|status| [200, 412].contains(&status.as_u16())));
        assert!(made.status == 200 || rotated.status == 200, "{round}");
        let is = read(&root, &id).await.expect(200).json();
        assert_eq!(is["name"] == "rim", made.status == 200, "{round}: {is}");
        assert_eq!(is.get("rotated").is_some(), rotated.status == 200, "{round}: {is}");
        if rotated.status == 200 {
            let client = server.bearer(rotated.json()["key"].as_str().unwrap());
            client.get(if made.status == 200 { "/roles" } else { "/users" }).await.expect(200);
        }
        end(&root, &id).await.expect(200);
        edit(&root, &id, "*", &edited(&["roles.view"])).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn to_take_a_key_away_is_never_harder_than_to_give_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["api_keys.manage", "users.view"];
    let ana = server.person_who_may(&root, "ana@example.com", &may).await;
    let bob = server.person_who_may(&root, "bob@example.com", &may).await;
    let one = async |by: &Client| make(&server, by, &key_of(&["users.view"])).await.0;
    let (of_ana, given_on, of_root) = (one(&ana).await, one(&ana).await, one(&root).await);
    rotate(&bob, &given_on, &json!({})).await.expect(200);
    let (large, _) = make(&server, &root, &key_of(&["users.manage"])).await;
    // What one could not give one takes: it may be what somebody does harm with.
    rotate(&bob, &large, &json!({})).await.problem(403, "not_held");
    end(&bob, &large).await.expect(200);

    // Ana may do nothing any more, and knows the secret of one key.
    let roles = root.get(&format!("/assignments?user={}", ana.user)).await.expect(200).json();
    for item in roles["items"].as_array().unwrap() {
        let id = item["assignment"]["id"].as_str().unwrap();
        root.delete(&format!("/assignments/{id}"), "*").await.expect(200);
    }
    for id in [&given_on, &of_root, "nothing"] {
        end(&ana, id).await.problem(403, "missing_permission");
    }
    rotate(&ana, &of_ana, &json!({})).await.problem(403, "missing_permission");
    edit(&ana, &of_ana, "*", &edited(&["users.view"])).await.problem(403, "missing_permission");
    end(&ana, &of_ana).await.expect(200);
    let log = root.get("/audit?limit=1").await.expect(200).json();
    assert_eq!(
        (&log["items"][0]["action"], &log["items"][0]["actor"]),
        (&json!("end_key"), &json!(format!("user:{}", ana.user)))
    );
    assert_eq!(log["items"][0]["change"]["keeper"], ana.user);
}
