//! A forgotten password: the link that sets a new one, and what it must not do.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::second_factor::{at_once, enrolled, sign_in};
use crate::support::{Answer, Client, PASSWORD, TestServer};

const NEW: &str = "another phrase of mine";
const MINUTE: i64 = 60 * 1000;

async fn ask(client: &Client, email: &str) -> Answer {
    client.post("/password-resets", &json!({ "email": email })).await
}

async fn accept(server: &TestServer, token: &str, password: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "token": token, "password": password });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    server.nobody().post("/password-resets/accept", &body).await
}

/// The token of a link that was asked for.
async fn asked(server: &TestServer, outbox: &Outbox, email: &str) -> String {
    ask(&server.nobody(), email).await.expect(202);
    let mails = server.mails(outbox).await;
    let mail = mails.last().unwrap();
    assert_eq!(mail.to, email.to_lowercase());
    mail.token()
}

async fn is_good(server: &TestServer, token: &str) -> bool {
    let answer = server.nobody().post("/password-resets/inspect", &json!({ "token": token })).await;
    match answer.status.as_u16() {
        200 => true,
        _ => {
            answer.problem(410, "link_gone");
            false
        }
    }
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_once_which_signs_nobody_in() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    assert_eq!(server.nobody().get("/password-resets").await.expect(200).json(), json!({ "mailed": true }));
    ask(&server.nobody(), " ROOT@example.com ").await.expect(202);
    let mails = server.mails(&outbox).await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "root@example.com"));
    assert!(mails[0].subject.starts_with("Set a new password for "), "{mails:?}");
    assert!(mails[0].text.contains("https://access.example.com/password-reset#token="), "{mails:?}");
    let token = mails[0].token();
    assert_eq!(token.len(), 43);

    let look = json!({ "token": token });
    for _ in 0..2 {
        let said = server.nobody().post("/password-resets/inspect", &look).await.expect(200).json();
        assert_eq!((&said["email"], &said["second_factor"]), (&json!("root@example.com"), &json!(false)));
    }
    for weak in ["short", "password123456", "root root root"] {
        let details = accept(&server, &token, weak, None).await.problem(422, "invalid");
        assert_eq!(details["errors"][0]["path"], "$.password");
    }
    root.get("/session").await.expect(200);
    let set = accept(&server, &token, NEW, None).await.expect(204);
    assert_eq!(set.header("set-cookie"), "");
    root.get("/session").await.problem(401, "unauthenticated");
    sign_in(&server, "root@example.com", None).await.problem(401, "wrong_credentials");
    let new = json!({ "email": "root@example.com", "password": NEW });
    server.nobody().post("/session", &new).await.expect(200);
    accept(&server, &token, NEW, None).await.problem(410, "link_gone");

    let mails = server.mails(&outbox).await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].subject.starts_with("Your password was changed"), "{mails:?}");
}

#[tokio::test]
async fn the_answer_does_not_say_who_is_there_and_only_who_may_sign_in_gets_a_mail() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    root.post("/users", &json!({ "email": "invited@example.com" })).await.expect(201);
    let gone = server.mails(&outbox).await.last().unwrap().token();
    let disabled = root.post("/users", &json!({ "email": "disabled@example.com" })).await.expect(201).json();
    let token = server.mails(&outbox).await.last().unwrap().token();
    let body = json!({ "token": token, "password": PASSWORD });
    server.nobody().post("/invitations/accept", &body).await.expect(200);
    let path = format!("/users/{}", disabled["user"].as_str().unwrap());
    let tag = root.get(&path).await.etag();
    root.put(&format!("{path}/status"), &tag, &json!({ "status": "disabled" })).await.expect(200);

    let before = server.mails(&outbox).await.len();
    let mut answers = Vec::new();
    for email in [
        "root@example.com",
        "nobody@example.com",
        "invited@example.com",
        "disabled@example.com",
        "",
        "no address",
    ] {
        let mut answer = ask(&server.nobody(), email).await.expect(202);
        answer.headers.remove("x-request-id");
        answers.push((answer.headers, answer.body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let mails = server.mails(&outbox).await;
    let sent: Vec<_> = mails[before..].iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(sent, ["root@example.com"]);
    // The link of an invitation is another kind of link.
    accept(&server, &gone, NEW, None).await.problem(410, "link_gone");
}

#[tokio::test]
async fn a_link_is_kept_as_a_hash_and_ends_after_ten_minutes() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    server.superuser().await;
    let token = asked(&server, &outbox, "root@example.com").await;
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    let kept = tenant.store().records(tenant.id(), "password_reset", None, now).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(!format!("{kept:?}").contains(&token));
    server.app.clock.advance(10 * MINUTE - 1000);
    assert!(is_good(&server, &token).await);
    server.app.clock.advance(1000);
    assert!(!is_good(&server, &token).await);
    accept(&server, &token, NEW, None).await.problem(410, "link_gone");
    for wrong in ["", "guess", &"x".repeat(10_000)] {
        assert!(!is_good(&server, wrong).await);
        accept(&server, wrong, NEW, None).await.problem(410, "link_gone");
    }
}

#[tokio::test]
async fn nobody_is_flooded_with_mail_and_nobody_is_kept_from_their_link() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    server.superuser().await;
    let token = asked(&server, &outbox, "root@example.com").await;
    // Others ask from everywhere, all the time: the link stays good, and no other mail goes out.
    for n in 1..60 {
        let other = server.nobody().from(&format!("198.51.100.{n}"), "");
        ask(&other, "root@example.com").await.expect(202);
    }
    assert_eq!(server.mails(&outbox).await.len(), 1);
    assert!(is_good(&server, &token).await);
    // Once it is over, whoever asks brings the next.
    server.app.clock.advance(10 * MINUTE);
    let next = asked(&server, &outbox, "root@example.com").await;
    assert_eq!(server.mails(&outbox).await.len(), 2);
    accept(&server, &next, NEW, None).await.expect(204);
    // One that was used makes room at once.
    asked(&server, &outbox, "root@example.com").await;

    // From one address ten for an account, which says nothing of whether it is there.
    let flood = server.nobody().from("203.0.113.1", "");
    for email in ["root@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            ask(&flood, email).await.expect(202);
        }
        let answer = ask(&flood, email).await;
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
        answer.problem(429, "too_many_requests");
    }
    // It is not counted with the passwords that are tried.
    let right = json!({ "email": "root@example.com", "password": NEW });
    flood.post("/session", &right).await.expect(200);
}

#[tokio::test]
async fn a_link_alone_sets_no_password_where_the_second_factor_is_on() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let (root, kept) = enrolled(&server, &server.superuser().await).await;
    let token = asked(&server, &outbox, "root@example.com").await;
    let said = server.nobody().post("/password-resets/inspect", &json!({ "token": token })).await.json();
    assert_eq!(said["second_factor"], true);
    accept(&server, &token, NEW, None).await.problem(401, "second_factor_needed");
    accept(&server, &token, NEW, Some(" ")).await.problem(401, "second_factor_needed");
    accept(&server, &token, NEW, Some(&kept.wrong(&server))).await.problem(401, "wrong_code");
    accept(&server, &token, NEW, Some("aaaa-bbbb")).await.problem(401, "wrong_code");
    root.get("/session").await.expect(200);
    let code = kept.next(&server);
    accept(&server, &token, NEW, Some(&code)).await.expect(204);
    root.get("/session").await.problem(401, "unauthenticated");
    // The code is used up, and the factor stays on.
    let again = json!({ "email": "root@example.com", "password": NEW, "code": code });
    server.nobody().post("/session", &again).await.problem(401, "wrong_code");
    let without = json!({ "email": "root@example.com", "password": NEW });
    server.nobody().post("/session", &without).await.problem(401, "second_factor_needed");

    // A recovery code does too, once.
    let token = asked(&server, &outbox, "root@example.com").await;
    accept(&server, &token, PASSWORD, Some(&kept.recovery[0])).await.expect(204);
    let token = asked(&server, &outbox, "root@example.com").await;
    accept(&server, &token, NEW, Some(&kept.recovery[0])).await.problem(401, "wrong_code");
}

#[tokio::test]
async fn who_has_the_mailbox_guesses_no_code() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    let token = asked(&server, &outbox, "root@example.com").await;
    for _ in 0..20 {
        accept(&server, &token, NEW, Some(&kept.wrong(&server))).await.problem(401, "wrong_code");
    }
    accept(&server, &token, NEW, Some(&kept.wrong(&server))).await.problem(429, "too_many_requests");
    // The owner is not kept out.
    accept(&server, &token, NEW, Some(&kept.recovery[0])).await.expect(204);
}

#[tokio::test]
async fn of_eight_who_use_a_link_at_once_one_wins() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    server.superuser().await;
    let token = asked(&server, &outbox, "root@example.com").await;
    let nobody = server.nobody();
    let statuses = at_once(8, || {
        let (nobody, body) = (nobody.clone(), json!({ "token": token, "password": NEW }));
        async move { nobody.post("/password-resets/accept", &body).await.status.as_u16() }
    });
    assert_eq!(statuses.await, [204, 410, 410, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn a_link_ends_with_what_it_was_sent_for() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    // Each of these ends it, save the first.
    for (n, end) in
        ["name", "email", "status", "password", "second factor", "deleted"].into_iter().enumerate()
    {
        let email = format!("ana{n}@example.com");
        let invited = root.post("/users", &json!({ "email": email })).await.expect(201).json();
        let path = format!("/users/{}", invited["user"].as_str().unwrap());
        let token = server.mails(&outbox).await.last().unwrap().token();
        let body = json!({ "token": token, "password": PASSWORD });
        let ana =
            server.nobody().post("/invitations/accept", &body).await.expect(200).client(&server.nobody());
        let token = asked(&server, &outbox, &email).await;
        let tag = root.get(&path).await.etag();
        match end {
            "name" => {
                let fields = json!({ "email": email, "first_name": "Ana" });
                drop(root.put(&path, &tag, &fields).await.expect(200));
            }
            "email" => {
                let fields = json!({ "email": format!("new{n}@example.com") });
                drop(root.put(&path, &tag, &fields).await.expect(200));
            }
            "status" => {
                let status = json!({ "status": "disabled" });
                drop(root.put(&format!("{path}/status"), &tag, &status).await.expect(200));
            }
            "password" => {
                let change = json!({ "password": PASSWORD, "new_password": NEW });
                drop(ana.write(Method::PUT, "/session/password", &change).await.expect(204));
            }
            "second factor" => drop(enrolled(&server, &ana).await),
            _ => drop(root.delete(&path, &tag).await.expect(200)),
        }
        assert_eq!(is_good(&server, &token).await, end == "name", "{end}");
    }
}

#[tokio::test]
async fn a_link_that_could_not_be_sent_ends() {
    let outbox = Outbox::new_error();
    let server = TestServer::with_mail(&outbox).await;
    server.superuser().await;
    for many in 1..3 {
        ask(&server.nobody(), "root@example.com").await.expect(202);
        let mails = server.mails(&outbox).await;
        assert_eq!(mails.len(), many);
        assert!(!is_good(&server, &mails[many - 1].token()).await);
    }
}

#[tokio::test]
async fn an_administrator_starts_a_reset_and_never_sees_the_link() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let without_mail = TestServer::new().await;
    let other = without_mail.superuser().await;
    let ana = without_mail.person(&other, "ana@example.com", &[]).await;
    let path = format!("/users/{}/password-reset", ana.user);
    other.post(&path, &Value::Null).await.problem(409, "no_mail_server");

    let root = server.superuser().await;
    let invite = async |email: &str, roles: Value| {
        let body = json!({ "email": email, "roles": roles });
        let invited = root.post("/users", &body).await.expect(201).json();
        (invited["user"].as_str().unwrap().to_owned(), server.mails(&outbox).await.last().unwrap().token())
    };
    let join = async |email: &str, roles: Value| {
        let body = json!({ "token": invite(email, roles).await.1, "password": PASSWORD });
        server.nobody().post("/invitations/accept", &body).await.expect(200).client(&server.nobody())
    };
    let role = async |name: &str, grants: Value| {
        let role = json!({ "id": "", "name": name, "grants": grants });
        root.post("/roles", &role).await.expect(201).json()["role"]["id"].clone()
    };
    let clerk = role("Clerk", json!({ "users.view": "allowed", "users.manage": "allowed" })).await;
    let viewer = role("Viewer", json!({ "users.view": "allowed" })).await;
    let clerk = join("clerk@example.com", json!([clerk])).await;
    let viewer = join("viewer@example.com", json!([viewer])).await;
    let ana = join("ana@example.com", json!([])).await;
    let waiting = invite("waiting@example.com", json!([])).await.0;
    let reset = async |client: &Client, user: &str| {
        client.post(&format!("/users/{user}/password-reset"), &Value::Null).await
    };
    reset(&server.nobody(), &ana.user).await.problem(401, "unauthenticated");
    reset(&viewer, &ana.user).await.problem(403, "missing_permission");
    reset(&clerk, &root.user).await.problem(403, "person_holds_more");
    reset(&root, &waiting).await.problem(422, "invalid");
    reset(&root, "nobody").await.problem(404, "unknown");

    let before = asked(&server, &outbox, "ana@example.com").await;
    let started = reset(&clerk, &ana.user).await.expect(204);
    assert!(started.body.is_empty());
    let mail = server.mails(&outbox).await.pop().unwrap();
    assert_eq!(mail.to, "ana@example.com");
    assert!(!is_good(&server, &before).await);
    // Who asks meanwhile does not end it.
    ask(&server.nobody(), "ana@example.com").await.expect(202);
    server.mails(&outbox).await;
    ana.get("/session").await.expect(200);
    accept(&server, &mail.token(), NEW, None).await.expect(204);
}

#[tokio::test]
async fn where_the_mail_server_refuses_the_administrator_is_told() {
    let server = TestServer::with_mail(&Outbox::new_error()).await;
    let root = server.superuser().await;
    let path = format!("/users/{}/password-reset", root.user);
    let details = root.post(&path, &Value::Null).await.problem(503, "unavailable");
    assert_eq!(
        details["detail"],
        "the link was not sent, so it is ended and the person has none: the mail server refuses it"
    );
}

#[tokio::test]
async fn without_a_mail_server_whoever_asks_is_told_what_to_do() {
    let server = TestServer::new().await;
    server.superuser().await;
    assert_eq!(server.nobody().get("/password-resets").await.expect(200).json(), json!({ "mailed": false }));
    let details = ask(&server.nobody(), "root@example.com").await.problem(409, "no_mail_server");
    assert!(details["detail"].as_str().unwrap().contains("rolewright user reset-password"));
    ask(&server.nobody(), "nobody@example.com").await.problem(409, "no_mail_server");
}

/// Adds people who are active and have no password, by a table.
async fn by_table(root: &Client, rows: &str) {
    let body = axum::body::Body::from(format!("email,status,roles\n{rows}"));
    root.send(Method::POST, "/users/import", Some("text/csv"), body).await.expect(200);
}

async fn user_of(root: &Client, email: &str) -> Value {
    let people = root.get(&format!("/users?search={email}")).await.expect(200).json();
    people["items"][0].clone()
}

#[tokio::test]
async fn who_came_by_a_table_asks_for_a_first_password() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    by_table(&root, "act@example.com,active,\noff@example.com,disabled,\n").await;
    ask(&server.nobody(), "off@example.com").await.expect(202);
    assert_eq!(server.mails(&outbox).await.len(), 0);
    let token = asked(&server, &outbox, "act@example.com").await;
    assert!(server.mails(&outbox).await[0].subject.starts_with("Set a password for "));
    accept(&server, &token, NEW, None).await.expect(204);
    accept(&server, &token, NEW, None).await.problem(410, "link_gone");
    let told = server.mails(&outbox).await.pop().unwrap();
    assert!(told.subject.starts_with("Your password was set"), "{told:?}");
    let new = json!({ "email": "act@example.com", "password": NEW });
    let act = server.nobody().post("/session", &new).await.expect(200).client(&server.nobody());
    let seen = root.get(&format!("/users/{}", act.user)).await.expect(200).json();
    assert_eq!(seen["user"]["sign_in"], true);
    // The change log says who can sign in now, and the second password changes nothing of it.
    let log = async |path: String| root.get(&path).await.expect(200).json()["items"][0].clone();
    let set = log(format!("/audit?kind=user&id={}", act.user)).await;
    assert_eq!((&set["action"], &set["about"]["id"]), (&json!("set_password"), &json!(act.user)), "{set}");
    let said = |side: &str| set["writes"][0][side]["sign_in"].clone();
    assert_eq!((said("before"), said("after")), (json!(false), json!(true)), "{set}");
    let token = asked(&server, &outbox, "act@example.com").await;
    accept(&server, &token, PASSWORD, None).await.expect(204);
    let set = log(format!("/audit?kind=user&id={}", act.user)).await;
    assert_eq!(set["writes"], json!([]), "{set}");
}

#[tokio::test]
async fn who_comes_from_an_identity_provider_gets_a_first_password_of_an_administrator_alone() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let provider = server.key(&["users.view", "users.manage"]).await;
    let ana = json!({ "userName": "ana@example.com" });
    let ana = provider.post("/scim/v2/Users", &ana).await.expect(201).json()["id"].clone();
    let path = format!("/users/{}/password-reset", ana.as_str().unwrap());
    ask(&server.nobody(), "ana@example.com").await.expect(202);
    assert_eq!(server.mails(&outbox).await.len(), 0);
    let clerk = server.key(&["users.view"]).await;
    clerk.post(&path, &Value::Null).await.problem(403, "missing_permission");
    root.post(&path, &Value::Null).await.expect(204);
    let token = server.mails(&outbox).await.pop().unwrap().token();
    accept(&server, &token, NEW, None).await.expect(204);
    let new = json!({ "email": "ana@example.com", "password": NEW });
    server.nobody().post("/session", &new).await.expect(200);
    // By now it is a password that can be forgotten.
    asked(&server, &outbox, "ana@example.com").await;
}

#[tokio::test]
async fn who_has_no_password_does_not_save_the_last_superuser() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    by_table(&root, "heir@example.com,active,superuser\n").await;
    let path = format!("/users/{}", root.user);
    let tag = root.get(&path).await.etag();
    root.delete(&path, &tag).await.problem(409, "last_superuser");
    let token = asked(&server, &outbox, "heir@example.com").await;
    root.delete(&path, &tag).await.problem(409, "last_superuser");
    accept(&server, &token, NEW, None).await.expect(204);
    root.delete(&path, &tag).await.expect(200);
}

#[tokio::test]
async fn why_there_is_no_password_to_set_is_said() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    by_table(&root, "off@example.com,disabled,\nnew@example.com,invited,\n").await;
    for (email, why) in [
        ("off@example.com", "disabled and signs in with no password: activate them first"),
        ("new@example.com", "invited and sets a password with the invitation: send that again"),
    ] {
        let user = user_of(&root, email).await;
        let path = format!("/users/{}/password-reset", user["id"].as_str().unwrap());
        let details = root.post(&path, &Value::Null).await.problem(422, "invalid");
        assert!(details["detail"].as_str().unwrap().contains(why), "{details}");
    }
}
