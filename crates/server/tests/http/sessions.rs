//! One's own sessions and password, and an end to the sessions of others.

use axum::body::Body;
use axum::http::Method;
use rolewright_server::auth::session;
use serde_json::{Value, json};

use crate::second_factor::enrolled;
use crate::support::{Answer, Client, PASSWORD, TestServer};

pub(crate) async fn sign_in(nobody: &Client, email: &str, password: &str) -> Answer {
    nobody.post("/session", &json!({ "email": email, "password": password })).await
}

async fn end(client: &Client, path: &str) -> Answer {
    client.send(Method::DELETE, path, None, Body::empty()).await
}

/// Ends sessions of one's own.
async fn end_own(client: &Client, path: &str) -> Answer {
    client.write(Method::DELETE, path, &json!({ "password": PASSWORD })).await
}

#[tokio::test]
async fn ones_own_sessions_are_listed_and_the_others_ended() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    let long = "x".repeat(1000);
    let phone = server.nobody().with("user-agent", &long).from("192.0.2.1", "198.51.100.7");
    server.app.clock.advance(60_000);
    let phone = sign_in(&phone, "ana@example.com", PASSWORD).await.expect(200).client(&phone);

    let answer = phone.get("/session/all").await.expect(200);
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    let (newest, oldest) = (&items[0], &items[1]);
    assert_eq!((&newest["current"], &oldest["current"]), (&json!(true), &json!(false)));
    assert_eq!(newest["address"], "198.51.100.7");
    assert_eq!(newest["agent"], json!("x".repeat(200)));
    assert!(oldest.get("address").is_none() && oldest.get("agent").is_none());
    assert!(newest["created"].as_i64() > oldest["created"].as_i64());
    assert!(newest["expires"].as_i64() > newest["used"].as_i64());
    // Nothing that a session could be taken over with.
    assert_eq!(newest.as_object().unwrap().len(), 7);

    let ended = end_own(&phone, "/session/all").await.expect(204);
    ana.get("/session").await.problem(401, "unauthenticated");
    end_own(&ana, "/session/all").await.problem(401, "unauthenticated");
    // It goes on under a new token.
    phone.get("/session").await.problem(401, "unauthenticated");
    let phone = phone.after(&ended);
    root.get("/session").await.expect(200);
    assert_eq!(phone.get("/session/all").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn s1_44_a_session_tells_everybody_where_the_settings_say_that_help_is() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let bo = server.person_who_may(&root, "bo@example.com", &["reports.view"]).await;
    assert_eq!(bo.get("/session").await.expect(200).json()["help_url"], Value::Null);
    let mut settings = root.get("/settings").await.expect(200).json()["settings"].clone();
    settings["help_url"] = json!("javascript:alert(1)");
    root.put("/settings", "*", &settings).await.problem(422, "invalid");
    settings["help_url"] = json!("https://example.com/help");
    root.put("/settings", "*", &settings).await.expect(200);
    assert_eq!(bo.get("/session").await.expect(200).json()["help_url"], "https://example.com/help");
}

#[tokio::test]
async fn where_no_session_is_to_be_ended_nothing_is_written() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let clerk = server.person_who_may(&root, "clerk@example.com", &["users.view"]).await;
    let hers = format!("/users/{}/sessions", ana.user);
    let revision = async || root.get("/session").await.expect(200).json()["at"]["revision"].clone();
    end(&root, &hers).await.expect(204);
    let ended = revision().await;
    for (who, path) in
        [(&root, hers.as_str()), (&root, hers.as_str()), (&root, "/session/all"), (&clerk, "/session/all")]
    {
        let answer = if path == hers { end(who, path).await } else { end_own(who, path).await };
        answer.expect(204);
        assert_eq!(revision().await, ended, "{path}");
    }
    let tried = end(&root, &format!("{hers}?dry_run=true")).await.expect(200).json();
    assert_eq!((&tried["unchanged"], &tried["dry_run"]), (&json!(true), &json!(true)));
    end(&clerk, &hers).await.problem(403, "missing_permission");
    end(&root, "/users/nobody/sessions").await.problem(404, "unknown");
    sign_in(&server.nobody(), "ana@example.com", PASSWORD).await.expect(200);
    let begun = revision().await;
    end(&root, &hers).await.expect(204);
    assert_ne!(revision().await, begun);
}

#[tokio::test]
async fn a_key_has_no_sessions_and_no_password() {
    let server = TestServer::new().await;
    let key = server.key(&["users.view", "users.manage"]).await;
    key.get("/session/all").await.problem(403, "session_needed");
    end_own(&key, "/session/all").await.problem(403, "session_needed");
    let proof = json!({ "password": PASSWORD });
    key.post("/session/second-factor", &proof).await.problem(403, "session_needed");
    let change = json!({ "password": PASSWORD, "new_password": "another phrase of my own" });
    key.write(Method::PUT, "/session/password", &change).await.problem(403, "session_needed");
}

#[tokio::test]
async fn to_see_or_end_a_persons_sessions_one_must_hold_everything_they_hold() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let clerk = server.person_who_may(&root, "clerk@example.com", &["users.view", "users.manage"]).await;
    let viewer = server.person_who_may(&root, "viewer@example.com", &["users.view"]).await;
    let sessions = |of: &Client| format!("/users/{}/sessions", of.user);
    for (who, path, status, code) in [
        (&server.nobody(), sessions(&viewer), 401, "unauthenticated"),
        (&viewer, sessions(&clerk), 403, "missing_permission"),
        (&clerk, sessions(&root), 403, "person_holds_more"),
        (&clerk, "/users/nobody/sessions".to_owned(), 404, "unknown"),
    ] {
        let of_reading = if status == 404 { "not_found" } else { code };
        who.get(&path).await.problem(status, of_reading);
        end(who, &path).await.problem(status, code);
    }
    let seen = clerk.get(&sessions(&viewer)).await.expect(200).json();
    assert_eq!((seen["items"].as_array().unwrap().len(), &seen["items"][0]["current"]), (1, &json!(false)));
    let own = clerk.get(&sessions(&clerk)).await.expect(200).json();
    assert_eq!(own["items"][0]["current"], json!(true));
    viewer.get("/session").await.expect(200);
    end(&clerk, &sessions(&viewer)).await.expect(204);
    viewer.get("/session").await.problem(401, "unauthenticated");
    for still in [&root, &clerk] {
        still.get("/session").await.expect(200);
    }
    sign_in(&server.nobody(), "viewer@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn one_session_of_a_person_is_ended_by_who_may_end_all_and_no_other_with_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let clerk = server.person_who_may(&root, "clerk@example.com", &["users.view", "users.manage"]).await;
    let viewer = server.person_who_may(&root, "viewer@example.com", &["users.view"]).await;
    let phone =
        sign_in(&server.nobody(), "viewer@example.com", PASSWORD).await.expect(200).client(&server.nobody());
    let of = |user: &str| format!("/users/{user}/sessions");
    let id_of = async |client: &Client| {
        let all = client.get("/session/all").await.expect(200).json();
        let own = all["items"].as_array().unwrap().iter().find(|it| it["current"] == json!(true)).unwrap();
        own["id"].as_str().unwrap().to_owned()
    };
    let (one, roots) = (id_of(&phone).await, id_of(&root).await);
    let path = format!("{}/{one}", of(&viewer.user));
    for (who, path, status, code) in [
        (&server.nobody(), path.clone(), 401, "unauthenticated"),
        (&viewer, path.clone(), 403, "missing_permission"),
        (&clerk, format!("{}/{roots}", of(&root.user)), 403, "person_holds_more"),
        (&clerk, format!("{}/{roots}", of(&viewer.user)), 404, "not_found"),
        (&clerk, format!("{}/none", of(&viewer.user)), 404, "not_found"),
        (&clerk, format!("{}/{one}", of("nobody")), 404, "not_found"),
    ] {
        end(who, &path).await.problem(status, code);
    }
    end(&clerk, &format!("{path}?dry_run=true")).await.expect(200);
    phone.get("/session").await.expect(200);
    end(&clerk, &path).await.expect(204);
    phone.get("/session").await.problem(401, "unauthenticated");
    for still in [&root, &clerk, &viewer] {
        still.get("/session").await.expect(200);
    }
    end(&clerk, &path).await.problem(404, "not_found");
    let logged = root.get("/audit?action=end_sessions").await.expect(200).json();
    assert_eq!(logged["items"].as_array().unwrap().len(), 1);
    assert_eq!(logged["items"][0]["change"]["session"], json!(one));
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_ends_the_other_sessions() {
    const NEW: &str = "another phrase of my own";
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let other =
        sign_in(&server.nobody(), "root@example.com", PASSWORD).await.expect(200).client(&server.nobody());
    for (body, status, code) in [
        (json!({ "password": "not the phrase at all", "new_password": NEW }), 401, "wrong_password"),
        (json!({ "password": PASSWORD, "new_password": "short" }), 422, "invalid"),
        (json!({ "password": PASSWORD, "new_password": "password1234" }), 422, "invalid"),
        (json!({ "password": PASSWORD, "new_password": "root@example.com" }), 422, "invalid"),
        (json!({ "password": PASSWORD, "new_password": NEW, "user": "u" }), 422, "invalid"),
        (json!({ "new_password": NEW }), 422, "invalid"),
    ] {
        let details = root.write(Method::PUT, "/session/password", &body).await.problem(status, code);
        if body["new_password"] == "short" {
            assert_eq!(details["errors"][0]["path"], "$.new_password");
        }
    }
    other.get("/session").await.expect(200);
    let change = json!({ "password": PASSWORD, "new_password": NEW });
    let answer = root.write(Method::PUT, "/session/password", &change).await.expect(204);
    for ended in [&root, &other] {
        ended.get("/session").await.problem(401, "unauthenticated");
    }
    root.after(&answer).get("/session").await.expect(200);
    sign_in(&server.nobody(), "root@example.com", PASSWORD).await.problem(401, "wrong_credentials");
    sign_in(&server.nobody(), "root@example.com", NEW).await.expect(200);
}

#[tokio::test]
async fn a_password_counts_as_it_was_typed_and_may_be_long() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let long = format!(" {} ", "Ünd sö weiter. ".repeat(14));
    assert!((64..=256).contains(&long.len()));
    let change = json!({ "password": PASSWORD, "new_password": long });
    root.write(Method::PUT, "/session/password", &change).await.expect(204);
    for other in [long.trim(), &long.to_lowercase(), &long[..72], &long.replace("  ", " ")] {
        sign_in(&server.nobody(), "root@example.com", other).await.problem(401, "wrong_credentials");
    }
    sign_in(&server.nobody(), "root@example.com", &long).await.expect(200);
}

#[tokio::test]
async fn a_password_stays_good_for_years() {
    const YEAR: i64 = 365 * 24 * 60 * 60 * 1000;
    let server = TestServer::new().await;
    server.superuser().await;
    server.app.clock.advance(10 * YEAR);
    sign_in(&server.nobody(), "root@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_token_is_random_and_kept_as_a_hash() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let answer = sign_in(&server.nobody(), "root@example.com", PASSWORD).await.expect(200);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        tokens.push(cookie.split_once('=').unwrap().1.to_owned());
    }
    // 256 bits in base64url.
    assert!(tokens.iter().all(|token| token.len() == 43), "{tokens:?}");
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    let kept = tenant.store().records("default", "session", Some(&root.user), now).await.unwrap();
    assert_eq!(kept.len(), 4);
    for (key, record) in kept {
        assert!(tokens.iter().all(|token| !key.contains(token) && !record.body.to_string().contains(token)));
    }
}

#[tokio::test]
async fn of_two_password_changes_at_once_one_wins() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let other =
        sign_in(&server.nobody(), "root@example.com", PASSWORD).await.expect(200).client(&server.nobody());
    let change = |client: Client, n: u8| {
        let body = json!({ "password": PASSWORD, "new_password": format!("phrase number {n} of my own") });
        tokio::spawn(
            async move { client.write(Method::PUT, "/session/password", &body).await.status.as_u16() },
        )
    };
    let (first, second) = (change(root, 1), change(other, 2));
    let mut statuses = [first.await.unwrap(), second.await.unwrap()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
}

#[tokio::test]
async fn a_sign_in_that_was_under_way_ends_with_the_sessions() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let mut ana = server.person(&root, "ana@example.com", &[]).await;
    let path = format!("/users/{}", ana.user);
    for way in ["end the others", "change the password", "end by an administrator", "disable", "delete"] {
        let (tenant, now) = (server.tenant().await, server.app.clock.now());
        // The password was found right.
        let under_way = session::under_way(&tenant, &ana.user, now).await.unwrap();
        let etag = root.get(&path).await.etag();
        let answer = match way {
            "end the others" => {
                sign_in(&server.nobody(), "ana@example.com", PASSWORD).await.expect(200);
                end_own(&ana, "/session/all").await
            }
            "change the password" => {
                let change = json!({ "password": PASSWORD, "new_password": "another phrase of my own" });
                ana.write(Method::PUT, "/session/password", &change).await
            }
            "end by an administrator" => end(&root, &format!("{path}/sessions")).await,
            "disable" => {
                let disabled = json!({ "status": "disabled" });
                root.put(&format!("{path}/status"), &etag, &disabled).await
            }
            _ => root.delete(&path, &etag).await,
        };
        assert!(answer.status.is_success(), "{way}: {}", answer.text());
        ana = ana.after(&answer);
        let begins = tenant.store().edit_records("default", vec![under_way], now).await;
        assert!(begins.is_err(), "{way}");
    }
}

#[tokio::test]
async fn one_of_ones_own_sessions_is_ended_by_its_id_and_nobody_elses() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let sign_in = json!({ "email": "ana@example.com", "password": PASSWORD });
    let other = server.nobody().post("/session", &sign_in).await.expect(200).client(&server.nobody());
    let list = ana.get("/session/all").await.expect(200).json();
    let id = |current: bool| {
        let all = list["items"].as_array().unwrap();
        let row = all.iter().find(|row| row["current"] == current).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(other.get("/session/all").await.expect(200).json()["items"].as_array().unwrap().len(), 2);
    let path = |current: bool| format!("/session/all/{}", id(current));
    end_own(&root, &path(false)).await.problem(404, "not_found");
    end_own(&ana, "/session/all/nothing").await.problem(404, "not_found");
    let ended = end_own(&ana, &path(false)).await.expect(204);
    other.get("/session").await.problem(401, "unauthenticated");
    ana.get("/session").await.problem(401, "unauthenticated");
    let ana = ana.after(&ended);
    ana.get("/session").await.expect(200);
    end_own(&ana, &path(false)).await.problem(404, "not_found");
    // The one that asks is signed out.
    let list = ana.get("/session/all").await.expect(200).json();
    let own = format!("/session/all/{}", list["items"][0]["id"].as_str().unwrap());
    end_own(&ana, &own).await.problem(404, "not_found");
    ana.get("/session").await.expect(200);
}

#[tokio::test]
async fn who_ends_sessions_of_their_own_shows_again_who_they_are() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let (ana, kept) = enrolled(&server, &ana).await;
    let signed_in = json!({ "email": "ana@example.com", "password": PASSWORD, "code": kept.recovery[0] });
    let other = server.nobody().post("/session", &signed_in).await.expect(200).client(&server.nobody());
    let list = ana.get("/session/all").await.expect(200).json();
    let row = list["items"].as_array().unwrap().iter().find(|row| row["current"] == false).unwrap();
    let one = format!("/session/all/{}", row["id"].as_str().unwrap());
    let full = |n: usize| json!({ "password": PASSWORD, "code": kept.recovery[n] });
    for path in ["/session/all", &one] {
        end(&ana, path).await.problem(415, "not_json");
        for (shown, status, code) in [
            (json!({}), 422, "invalid"),
            (json!({ "password": "not the phrase at all" }), 401, "wrong_password"),
            (json!({ "password": PASSWORD }), 401, "second_factor_needed"),
            (json!({ "password": PASSWORD, "code": "a2b3-c4d5" }), 401, "wrong_code"),
            (full(0), 401, "wrong_code"),
        ] {
            ana.write(Method::DELETE, path, &shown).await.problem(status, code);
        }
        ana.write(Method::DELETE, &format!("{path}?dry_run=true"), &full(1)).await.expect(200);
        other.get("/session").await.expect(200);
    }
    let ana = ana.after(&ana.write(Method::DELETE, &one, &full(1)).await.expect(204));
    other.get("/session").await.problem(401, "unauthenticated");
    // What was shown for one is good for no other.
    let signed_in = json!({ "email": "ana@example.com", "password": PASSWORD, "code": kept.recovery[2] });
    let other = server.nobody().post("/session", &signed_in).await.expect(200).client(&server.nobody());
    ana.write(Method::DELETE, "/session/all", &full(1)).await.problem(401, "wrong_code");
    let ana = ana.after(&ana.write(Method::DELETE, "/session/all", &full(3)).await.expect(204));
    other.get("/session").await.problem(401, "unauthenticated");
    ana.get("/session").await.expect(200);
}
