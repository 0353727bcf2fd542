//! The second factor: turning it on, signing in with it, and its reset by an administrator.

use axum::http::Method;
use rolewright_model::Timestamp;
use rolewright_server::auth::{qr, session};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::support::{Answer, Client, PASSWORD, TestServer};

const STEP: i64 = 30_000;

/// What a person keeps: the authenticator and the recovery codes.
pub(crate) struct Kept {
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
}

impl Kept {
    /// What the authenticator shows at that moment.
    pub(crate) fn code_at(&self, time: Timestamp) -> String {
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(time.0 / 1000).unwrap()).to_string()
    }

    /// What it shows now; the clock goes on first, as no code is good twice.
    pub(crate) fn next(&self, server: &TestServer) -> String {
        server.app.clock.advance(2 * STEP);
        self.code_at(server.app.clock.now())
    }

    /// A code that is none of those which are good now.
    pub(crate) fn wrong(&self, server: &TestServer) -> String {
        let now = server.app.clock.now();
        let good: Vec<String> = (-2..=2).map(|steps| self.code_at(now.plus(steps * STEP))).collect();
        (0..9).map(|digit| digit.to_string().repeat(6)).find(|code| !good.contains(code)).unwrap()
    }
}

fn proof(code: Option<&str>) -> Value {
    match code {
        Some(code) => json!({ "password": PASSWORD, "code": code }),
        None => json!({ "password": PASSWORD }),
    }
}

/// Begins to turn it on; answers with what the authenticator keeps.
pub(crate) async fn begun(client: &Client) -> (Client, Kept) {
    let answer = client.post("/session/second-factor", &proof(None)).await.expect(200);
    let secret = answer.json()["secret"].as_str().unwrap().to_owned();
    (client.after(&answer), Kept { secret, recovery: Vec::new() })
}

/// Turns it on.
pub(crate) async fn enrolled(server: &TestServer, client: &Client) -> (Client, Kept) {
    let (client, mut kept) = begun(client).await;
    let code = kept.code_at(server.app.clock.now());
    let answer = client.post("/session/second-factor/confirm", &json!({ "code": code })).await.expect(200);
    let codes = answer.json()["codes"].as_array().unwrap().clone();
    kept.recovery = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (client.after(&answer), kept)
}

pub(crate) async fn sign_in(server: &TestServer, email: &str, code: Option<&str>) -> Answer {
    let mut body = proof(code);
    body["email"] = json!(email);
    server.nobody().post("/session", &body).await
}

#[tokio::test]
async fn enrolment_needs_the_password_and_a_code() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for (body, status, code) in [
        (json!({}), 422, "invalid"),
        (json!({ "password": "not the phrase at all" }), 401, "wrong_password"),
        (json!({ "password": PASSWORD, "user": "u" }), 422, "invalid"),
    ] {
        root.post("/session/second-factor", &body).await.problem(status, code);
    }
    let confirm = "/session/second-factor/confirm";
    root.post(confirm, &json!({ "code": "123456" })).await.problem(410, "enrolment_gone");

    let (root, kept) = begun(&root).await;
    for wrong in [kept.wrong(&server).as_str(), "", "12345", "a2b3-c4d5"] {
        let told = root.post(confirm, &json!({ "code": wrong })).await.problem(401, "wrong_code");
        // There are none before it is on, and none of the new one's where it replaces another.
        let said = told["detail"].as_str().unwrap();
        assert!(said.contains("wait for its next one") && !said.contains("recovery"), "{said}");
    }
    assert_eq!(root.get("/session").await.json()["second_factor"], false);
    sign_in(&server, "root@example.com", None).await.expect(200);

    server.app.clock.advance(10 * 60 * 1000);
    let late = json!({ "code": kept.code_at(server.app.clock.now()) });
    root.post(confirm, &late).await.problem(410, "enrolment_gone");

    let (root, kept) = enrolled(&server, &root).await;
    assert_eq!(root.get("/session").await.json()["second_factor"], true);
    let code = kept.next(&server);
    root.post("/session/second-factor", &proof(Some(&code))).await.problem(409, "second_factor_on");
}

#[tokio::test]
async fn of_many_confirmations_at_once_one_wins() {
    let server = TestServer::new().await;
    let (root, kept) = begun(&server.superuser().await).await;
    let confirm = json!({ "code": kept.code_at(server.app.clock.now()) });
    let statuses = at_once(8, || {
        let (root, confirm) = (root.clone(), confirm.clone());
        async move { root.post("/session/second-factor/confirm", &confirm).await.status.as_u16() }
    });
    let statuses = statuses.await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401, 410].contains(status)), "{statuses:?}");
}

/// The sorted statuses of the same request, sent so many times at once.
pub(crate) async fn at_once<F: Future<Output = u16> + Send + 'static>(
    many: usize,
    send: impl Fn() -> F,
) -> Vec<u16> {
    let sent: Vec<_> = (0..many).map(|_| tokio::spawn(send())).collect();
    let mut statuses = Vec::new();
    for answer in sent {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn the_secret_and_the_recovery_codes_are_told_once() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let begin = root.post("/session/second-factor", &proof(None)).await.expect(200);
    let (root, enrolment) = (root.after(&begin), begin.json());
    assert_eq!(begin.header("cache-control"), "no-store");
    let secret = enrolment["secret"].as_str().unwrap().to_owned();
    let uri = enrolment["uri"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(&format!("secret={secret}")), "{uri}");
    // What is scanned says the same.
    assert_eq!(enrolment["qr"], qr::svg(uri).unwrap());
    assert!(uri.contains("root%40example.com") || uri.contains("root@example.com"), "{uri}");

    let kept = Kept { secret: secret.clone(), recovery: Vec::new() };
    let confirm = json!({ "code": kept.code_at(server.app.clock.now()) });
    let answer = root.post("/session/second-factor/confirm", &confirm).await.expect(200);
    assert!(!answer.text().contains(&secret));
    let codes = answer.json()["codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    let root = root.after(&answer);
    let own = format!("/users/{}", root.user);
    for path in ["/session", "/session/all", "/users", &own, "/findings", "/policy"] {
        let text = root.get(path).await.expect(200).text();
        assert!(!text.contains(&secret), "{path}");
        assert!(codes.iter().all(|code| !text.contains(code.as_str().unwrap())), "{path}");
    }
    let tenant = server.tenant().await;
    let records = tenant.store().records("default", "recovery_code", None, server.app.clock.now()).await;
    let said = format!("{:?}", records.unwrap());
    assert!(codes.iter().all(|code| !said.contains(&code.as_str().unwrap().replace('-', ""))));
    let factor = tenant.store().record("default", "second_factor", &root.user, server.app.clock.now()).await;
    assert!(!format!("{:?}", factor.unwrap().unwrap()).contains(&secret));
}

#[tokio::test]
async fn signing_in_takes_the_code_too_and_without_one_begins_nothing() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    let email = "root@example.com";
    for empty in [None, Some(""), Some("  ")] {
        let answer = sign_in(&server, email, empty).await;
        assert!(answer.header("set-cookie").is_empty());
        answer.problem(401, "second_factor_needed");
    }
    // The code is asked for only after the right password.
    let body = json!({ "email": email, "password": "not the phrase at all", "code": kept.next(&server) });
    server.nobody().post("/session", &body).await.problem(401, "wrong_credentials");
    let wrong = sign_in(&server, email, Some(&kept.wrong(&server))).await;
    assert!(wrong.header("set-cookie").is_empty());
    wrong.problem(401, "wrong_code");
    let unknown = json!({ "email": email, "password": PASSWORD, "second_factor": false });
    server.nobody().post("/session", &unknown).await.problem(422, "invalid");

    let code = kept.code_at(server.app.clock.now());
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let root = sign_in(&server, email, Some(&spaced)).await.expect(200).client(&server.nobody());
    assert_eq!(root.get("/session").await.expect(200).json()["second_factor"], true);
    // Who has none needs none, and a code too many is not looked at.
    server.person(&root, "ana@example.com", &[]).await;
    for code in [None, Some("123456")] {
        sign_in(&server, "ana@example.com", code).await.expect(200);
    }
}

#[tokio::test]
async fn a_code_is_good_in_its_step_and_one_either_way_once() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    for (steps, status) in [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)] {
        // To the begin of a step: none ends while the code is looked at.
        server.app.clock.advance(11 * STEP - server.app.clock.now().0 % STEP);
        let code = kept.code_at(server.app.clock.now().plus(steps * STEP));
        let answer = sign_in(&server, "root@example.com", Some(&code)).await;
        assert_eq!(answer.status, status, "{steps} steps");
        sign_in(&server, "root@example.com", Some(&code)).await.problem(401, "wrong_code");
    }
}

#[tokio::test]
async fn once_a_code_was_used_none_of_its_step_or_an_earlier_one_is_good() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    for (used, tried, status) in
        [(1, 1, 401), (1, 0, 401), (1, -1, 401), (0, -1, 401), (0, 1, 200), (-1, 0, 200), (-1, 1, 200)]
    {
        server.app.clock.advance(11 * STEP - server.app.clock.now().0 % STEP);
        let code = |steps: i64| kept.code_at(server.app.clock.now().plus(steps * STEP));
        sign_in(&server, "root@example.com", Some(&code(used))).await.expect(200);
        let answer = sign_in(&server, "root@example.com", Some(&code(tried))).await;
        assert_eq!(answer.status, status, "{tried} after {used}");
    }
    // Nor as time goes on: what was shown before is not good where it is one step late.
    server.app.clock.advance(11 * STEP - server.app.clock.now().0 % STEP);
    let before = kept.code_at(server.app.clock.now());
    let early = kept.code_at(server.app.clock.now().plus(STEP));
    sign_in(&server, "root@example.com", Some(&early)).await.expect(200);
    server.app.clock.advance(STEP);
    sign_in(&server, "root@example.com", Some(&before)).await.problem(401, "wrong_code");
}

#[tokio::test]
async fn the_code_that_turned_it_on_signs_nobody_in() {
    let server = TestServer::new().await;
    let (root, kept) = begun(&server.superuser().await).await;
    let code = kept.code_at(server.app.clock.now());
    root.post("/session/second-factor/confirm", &json!({ "code": code })).await.expect(200);
    sign_in(&server, "root@example.com", Some(&code)).await.problem(401, "wrong_code");
    let next = kept.next(&server);
    sign_in(&server, "root@example.com", Some(&next)).await.expect(200);
}

#[tokio::test]
async fn of_eight_who_sign_in_at_once_with_one_code_one_wins() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    for code in [kept.next(&server), kept.recovery[0].clone()] {
        let body = json!({ "email": "root@example.com", "password": PASSWORD, "code": code });
        let statuses = at_once(8, || {
            let (nobody, body) = (server.nobody(), body.clone());
            async move { nobody.post("/session", &body).await.status.as_u16() }
        });
        assert_eq!(statuses.await, [200, 401, 401, 401, 401, 401, 401, 401]);
    }
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_however_it_is_typed() {
    let server = TestServer::new().await;
    let (root, kept) = enrolled(&server, &server.superuser().await).await;
    let email = "root@example.com";
    let typed: [fn(&str) -> String; 3] =
        [|code| code.to_owned(), |code| code.replace('-', ""), |code| code.to_uppercase().replace('-', " ")];
    for (code, typed) in kept.recovery.iter().zip(typed) {
        sign_in(&server, email, Some(&typed(code))).await.expect(200);
        sign_in(&server, email, Some(code)).await.problem(401, "wrong_code");
    }
    // Another's recovery code is none of one's own.
    let ana = server.person(&root, "ana@example.com", &[]).await;
    enrolled(&server, &ana).await;
    sign_in(&server, "ana@example.com", Some(&kept.recovery[5])).await.problem(401, "wrong_code");
    sign_in(&server, email, Some(&kept.recovery[5])).await.expect(200);
}

#[tokio::test]
async fn turning_it_on_ends_the_other_sessions_and_renews_this_one() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let other = sign_in(&server, "root@example.com", None).await.expect(200).client(&server.nobody());
    let (waiting, kept) = begun(&root).await;
    root.get("/session").await.problem(401, "unauthenticated");
    other.get("/session").await.expect(200);
    let confirm = json!({ "code": kept.code_at(server.app.clock.now()) });
    let answer = waiting.post("/session/second-factor/confirm", &confirm).await.expect(200);
    for ended in [&root, &other, &waiting] {
        ended.get("/session").await.problem(401, "unauthenticated");
    }
    waiting.after(&answer).get("/session").await.expect(200);
}

#[tokio::test]
async fn turning_it_off_needs_password_and_code_and_ends_what_was_told() {
    let server = TestServer::new().await;
    let (root, kept) = enrolled(&server, &server.superuser().await).await;
    let off = "/session/second-factor";
    for (body, status, code) in [
        (proof(None), 401, "second_factor_needed"),
        (proof(Some(&kept.wrong(&server))), 401, "wrong_code"),
        (json!({ "password": "not the phrase at all", "code": kept.next(&server) }), 401, "wrong_password"),
        (json!({ "password": PASSWORD, "code": "123456", "now": true }), 422, "invalid"),
    ] {
        root.write(Method::DELETE, off, &body).await.problem(status, code);
    }
    let answer = root
        .write(Method::DELETE, off, &proof(Some(&kept.code_at(server.app.clock.now()))))
        .await
        .expect(204);
    let root = root.after(&answer);
    assert_eq!(root.get("/session").await.json()["second_factor"], false);
    root.write(Method::DELETE, off, &proof(None)).await.problem(409, "second_factor_off");
    sign_in(&server, "root@example.com", None).await.expect(200);

    // Turned on anew, the old secret and the old recovery codes are nothing.
    server.app.clock.advance(10 * STEP);
    let (_, anew) = enrolled(&server, &root).await;
    assert_ne!(anew.secret, kept.secret);
    for old in [kept.next(&server), kept.recovery[0].clone()] {
        sign_in(&server, "root@example.com", Some(&old)).await.problem(401, "wrong_code");
    }
    sign_in(&server, "root@example.com", Some(&anew.recovery[0])).await.expect(200);
}

#[tokio::test]
async fn who_lost_the_authenticator_turns_it_off_by_recovery_codes() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    let root = sign_in(&server, "root@example.com", Some(&kept.recovery[0])).await.expect(200);
    let root = root.client(&server.nobody());
    for (code, status) in [(&kept.recovery[0], 401), (&kept.recovery[1], 204)] {
        let answer = root.write(Method::DELETE, "/session/second-factor", &proof(Some(code))).await;
        assert_eq!(answer.status, status);
    }
    sign_in(&server, "root@example.com", None).await.expect(200);
}

#[tokio::test]
async fn a_password_is_changed_with_a_code_where_it_is_on() {
    let server = TestServer::new().await;
    let (root, kept) = enrolled(&server, &server.superuser().await).await;
    let change = |code: Option<&str>| {
        let mut body = proof(code);
        body["new_password"] = json!("another phrase of my own");
        body
    };
    for (code, expected) in [(None, "second_factor_needed"), (Some(kept.wrong(&server)), "wrong_code")] {
        let body = change(code.as_deref());
        root.write(Method::PUT, "/session/password", &body).await.problem(401, expected);
    }
    let code = kept.next(&server);
    let answer = root.write(Method::PUT, "/session/password", &change(Some(&code))).await.expect(204);
    let root = root.after(&answer);
    assert_eq!(root.get("/session").await.expect(200).json()["second_factor"], true);
    // The code went with the change: it signs nobody in.
    let body = json!({ "email": "root@example.com", "password": "another phrase of my own", "code": code });
    server.nobody().post("/session", &body).await.problem(401, "wrong_code");
}

#[tokio::test]
async fn a_sign_in_without_a_code_that_was_under_way_ends_when_it_is_turned_on() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    let under_way = session::under_way(&tenant, &root.user, now).await.unwrap();
    enrolled(&server, &root).await;
    assert!(tenant.store().edit_records("default", vec![under_way], now).await.is_err());
}

#[tokio::test]
async fn who_tries_codes_must_wait_but_locks_nobody_out() {
    let server = TestServer::new().await;
    let (_, kept) = enrolled(&server, &server.superuser().await).await;
    let guesser = |n: usize| server.nobody().from(&format!("198.51.100.{n}"), "");
    let body = |code: &str| json!({ "email": "root@example.com", "password": PASSWORD, "code": code });
    // From one address ten, and the password alone, sent in between, makes up for none.
    for _ in 0..10 {
        guesser(1).post("/session", &body("")).await.problem(401, "second_factor_needed");
        guesser(1).post("/session", &body(&kept.wrong(&server))).await.problem(401, "wrong_code");
    }
    guesser(1).post("/session", &body(&kept.wrong(&server))).await.problem(429, "too_many_requests");
    // From everywhere twenty.
    for n in 2..12 {
        guesser(n).post("/session", &body(&kept.wrong(&server))).await.problem(401, "wrong_code");
    }
    let code = kept.next(&server);
    let answer = guesser(20).post("/session", &body(&code)).await;
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    answer.problem(429, "too_many_requests");
    // The owner comes in by a recovery code, and after an hour by the authenticator.
    guesser(21).post("/session", &body(&kept.recovery[0])).await.expect(200);
    server.app.clock.advance(60 * 60 * 1000);
    guesser(22).post("/session", &body(&kept.next(&server))).await.expect(200);
}

#[tokio::test]
async fn a_reset_needs_the_permission_everything_the_person_holds_and_ones_own_proof() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &["admin"]).await;
    let (ana, ana_kept) = enrolled(&server, &ana).await;
    let (root, root_kept) = enrolled(&server, &root).await;
    let clerk = server.person_who_may(&root, "clerk@example.com", &["users.view", "users.manage"]).await;
    let viewer = server.person_who_may(&root, "viewer@example.com", &["users.view"]).await;
    let key = server.key(&["users.view", "users.manage"]).await;
    let reset = |user: &str| format!("/users/{user}/second-factor/reset");

    for (who, user, body, status, code) in [
        (&server.nobody(), &ana.user, proof(None), 401, "unauthenticated"),
        (&key, &ana.user, proof(None), 403, "session_needed"),
        (&viewer, &ana.user, proof(None), 403, "missing_permission"),
        // Who holds less would become who holds more.
        (&clerk, &ana.user, proof(None), 403, "person_holds_more"),
        (&clerk, &root.user, proof(None), 403, "person_holds_more"),
        (&clerk, &viewer.user, json!({ "password": "not the phrase at all" }), 401, "wrong_password"),
        (&clerk, &viewer.user, proof(None), 409, "second_factor_off"),
        (&clerk, &"nobody".to_owned(), proof(None), 404, "unknown"),
        (&root, &ana.user, json!({}), 422, "invalid"),
        (&root, &ana.user, json!({ "password": PASSWORD, "reason": "lost" }), 422, "invalid"),
        (&root, &ana.user, proof(None), 401, "second_factor_needed"),
        (&root, &ana.user, proof(Some(&root_kept.wrong(&server))), 401, "wrong_code"),
        // The code of the person is not the one that is asked for.
        (&root, &ana.user, proof(Some(&ana_kept.recovery[0])), 401, "wrong_code"),
    ] {
        who.post(&reset(user), &body).await.problem(status, code);
    }
    ana.get("/session").await.expect(200);
    sign_in(&server, "ana@example.com", None).await.problem(401, "second_factor_needed");

    let code = root_kept.next(&server);
    let answer = root.post(&reset(&ana.user), &proof(Some(&code))).await.expect(204);
    ana.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(sign_in(&server, "ana@example.com", None).await.expect(200).json()["second_factor"], false);
    let root = root.after(&answer);
    root.get("/session").await.expect(200);
    root.post(&reset(&ana.user), &proof(Some(&code))).await.problem(401, "wrong_code");
}

#[tokio::test]
async fn the_page_of_a_person_and_the_findings_say_who_has_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let path = format!("/users/{}", root.user);
    let without = |findings: &Value| {
        let items = findings["items"].as_array().unwrap();
        items.iter().filter(|item| item.to_string().contains("second_factor")).count()
    };
    assert_eq!(root.get(&path).await.expect(200).json()["second_factor"], false);
    let before = without(&root.get("/findings").await.expect(200).json());
    let (root, _) = enrolled(&server, &root).await;
    assert_eq!(root.get(&path).await.expect(200).json()["second_factor"], true);
    assert_eq!((before, without(&root.get("/findings").await.expect(200).json())), (1, 0));
}

#[tokio::test]
async fn who_is_deleted_leaves_no_second_factor() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    enrolled(&server, &ana).await;
    let path = format!("/users/{}", ana.user);
    let etag = root.get(&path).await.etag();
    root.delete(&path, &etag).await.expect(200);
    let (tenant, now) = (server.tenant().await, server.app.clock.now());
    for kind in ["second_factor", "recovery_code", "session", "password"] {
        let left = tenant.store().records("default", kind, Some(&ana.user), now).await.unwrap();
        assert!(left.is_empty(), "{kind}");
    }
}
