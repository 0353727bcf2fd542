//! Every change accounted for: what is done to keys, sessions, credentials and links stands in the change log as
//! what is done to documents does.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::process::{CREATE, Folder, KEY, json as json_of, run};
use crate::second_factor::{begun, enrolled, sign_in};
use crate::support::{Answer, Client, PASSWORD, TestServer};

const NEW: &str = "another phrase of mine";

/// The log, as somebody reads it who does nothing else.
struct Log {
    auditor: Client,
    seen: u64,
}

impl Log {
    async fn of(server: &TestServer) -> Self {
        let auditor = server.key(&["audit.view"]).await;
        let mut log = Self { auditor, seen: 0 };
        log.seen = log.newest().await["at"]["revision"].as_u64().unwrap();
        log
    }

    async fn newest(&self) -> Value {
        self.auditor.get("/audit?limit=1").await.expect(200).json()["items"][0].clone()
    }

    /// What was said since the last time.
    async fn since(&mut self) -> Vec<Value> {
        let page = self.auditor.get("/audit?limit=200").await.expect(200).json();
        let all = page["items"].as_array().unwrap().clone();
        let is_new = |entry: &Value| entry["at"]["revision"].as_u64().unwrap() > self.seen;
        let mut new: Vec<Value> = all.into_iter().filter(is_new).collect();
        new.reverse();
        self.seen += new.len() as u64;
        new
    }

    #[track_caller]
    fn is_none(new: Vec<Value>, what: &str) {
        assert!(new.is_empty(), "{what}: {new:?}");
    }

    /// How many entries the filter finds.
    async fn found(&self, query: &str) -> Vec<String> {
        let page = self.auditor.get(&format!("/audit{query}")).await.expect(200).json();
        page["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect()
    }
}

/// People whose mail is read.
struct World {
    server: TestServer,
    outbox: Outbox,
    root: Client,
}

impl World {
    async fn new() -> Self {
        let outbox = Outbox::new_ok();
        let server = TestServer::with_mail(&outbox).await;
        let root = server.superuser().await;
        Self { server, outbox, root }
    }

    async fn invited(&self, email: &str) -> String {
        let invited = self.root.post("/users", &json!({ "email": email })).await.expect(201).json();
        invited["user"].as_str().unwrap().to_owned()
    }

    async fn person(&self, email: &str) -> Client {
        self.invited(email).await;
        let accept = json!({ "token": self.token().await, "password": PASSWORD });
        let nobody = self.server.nobody();
        nobody.post("/invitations/accept", &accept).await.expect(200).client(&nobody)
    }

    /// The token of the link in the newest mail that has one.
    async fn token(&self) -> String {
        let mails = self.server.mails(&self.outbox).await;
        mails.iter().rev().find(|mail| mail.text.contains("#token=")).unwrap().token()
    }
}

fn by(client: &Client) -> String {
    format!("user:{}", client.user)
}

#[tokio::test]
async fn each_act_is_an_entry_with_who_what_whom_and_why_and_none_tells_a_secret() {
    let world = World::new().await;
    let (server, root) = (&world.server, world.root.clone());
    let ana = world.person("ana@example.com").await;
    let waiting = world.invited("waiting@example.com").await;
    let mut log = Log::of(server).await;
    let mut secrets = vec![PASSWORD.to_owned(), NEW.to_owned()];
    let why = "?reason=as+the+ticket+says";

    // Whatever was done: by whom, what, about what, and whether a reason was said.
    let mut check =
        async |answer: Answer, status: u16, actor: &str, action: &str, about: Value, why: bool| {
            let answer = answer.expect(status);
            let new = log.since().await;
            let [entry] = new.as_slice() else { panic!("{action}: {new:?}") };
            assert_eq!((&entry["actor"], &entry["action"]), (&json!(actor), &json!(action)));
            assert_eq!((&entry["about"], &entry["writes"]), (&about, &json!([])), "{action}");
            assert_eq!(entry.get("reason").is_some(), why, "{action}");
            assert_eq!(entry["request"], answer.header("x-request-id"), "{action}");
            let at = format!("{}.{}", entry["at"]["epoch"], entry["at"]["revision"]);
            assert_eq!(answer.header("rolewright-revision"), at, "{action}");
            answer
        };
    let about_user = |id: &str| json!({ "kind": "user", "id": id });

    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"], "trusts_subject": true });
    let made = root.post(&format!("/keys{why}"), &key).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let about = json!({ "kind": "key", "id": id });
    secrets.push(made.json()["key"].as_str().unwrap().rsplit_once('_').unwrap().1.to_owned());
    check(made, 201, &by(&root), "make_key", about.clone(), true).await;
    let edited = json!({ "name": "rim", "permissions": ["snapshot.policy"], "scope": "/" });
    let edited = root.put(&format!("/keys/{id}{why}"), "*", &edited).await;
    check(edited, 200, &by(&root), "update_key", about.clone(), true).await;
    let rotated = root.post(&format!("/keys/{id}/rotate{why}"), &json!({ "grace": 1000 })).await;
    secrets.push(rotated.json()["key"].as_str().unwrap().rsplit_once('_').unwrap().1.to_owned());
    check(rotated, 200, &by(&root), "renew_key", about.clone(), true).await;
    let ended = root.write(Method::DELETE, &format!("/keys/{id}{why}"), &Value::Null).await;
    check(ended, 200, &by(&root), "end_key", about, true).await;

    let invitation = format!("/users/{waiting}/invitation{why}");
    let sent = root.post(&invitation, &Value::Null).await;
    secrets.push(world.token().await);
    check(sent, 200, &by(&root), "send_invitation", about_user(&waiting), true).await;
    let revoked = root.write(Method::DELETE, &invitation, &Value::Null).await;
    check(revoked, 204, &by(&root), "revoke_invitation", about_user(&waiting), true).await;

    let ended = root.write(Method::DELETE, &format!("/users/{}/sessions{why}", ana.user), &Value::Null).await;
    check(ended, 204, &by(&root), "end_sessions", about_user(&ana.user), true).await;
    let reset = root.post(&format!("/users/{}/password-reset{why}", ana.user), &Value::Null).await;
    check(reset, 204, &by(&root), "start_password_reset", about_user(&ana.user), true).await;
    let token = world.token().await;
    secrets.push(token.clone());
    let accept = json!({ "token": token, "password": NEW });
    let accepted = server.nobody().post("/password-resets/accept", &accept).await;
    check(accepted, 204, &by(&ana), "set_password", about_user(&ana.user), false).await;

    let signed_in = json!({ "email": "ana@example.com", "password": NEW });
    let ana = server.nobody().post("/session", &signed_in).await.expect(200).client(&server.nobody());
    let change = json!({ "password": NEW, "new_password": PASSWORD });
    let signed_in_anew = json!({ "email": "ana@example.com", "password": PASSWORD });
    let changed = ana.write(Method::PUT, &format!("/session/password{why}"), &change).await;
    let ana = ana.after(&check(changed, 204, &by(&ana), "set_password", about_user(&ana.user), true).await);
    server.nobody().post("/session", &signed_in_anew).await.expect(200);
    let sessions = ana.get("/session/all").await.expect(200).json();
    let other = sessions["items"].as_array().unwrap().iter().find(|it| it["current"] == false).unwrap();
    let other = format!("/session/all/{}{why}", other["id"].as_str().unwrap());
    let proof = json!({ "password": PASSWORD });
    let ended = ana.write(Method::DELETE, &other, &proof).await;
    let ended = check(ended, 204, &by(&ana), "end_other_sessions", about_user(&ana.user), true).await;
    let ana = ana.after(&ended);
    server.nobody().post("/session", &signed_in_anew).await.expect(200);
    let ended = ana.write(Method::DELETE, &format!("/session/all{why}"), &proof).await;
    let ended = check(ended, 204, &by(&ana), "end_other_sessions", about_user(&ana.user), true).await;
    let ana = ana.after(&ended);

    let (ana, kept) = begun(&ana).await;
    secrets.push(kept.secret.clone());
    let code = kept.code_at(server.app.clock.now());
    let confirm = format!("/session/second-factor/confirm{why}");
    let confirmed = ana.post(&confirm, &json!({ "code": code })).await;
    let recovery = confirmed.json()["codes"][0].as_str().unwrap().to_owned();
    secrets.push(recovery.clone());
    let ana = ana
        .after(&check(confirmed, 200, &by(&ana), "turn_on_second_factor", about_user(&ana.user), true).await);
    let proof = json!({ "password": PASSWORD, "code": recovery });
    let off = ana.write(Method::DELETE, &format!("/session/second-factor{why}"), &proof).await;
    let ana =
        ana.after(&check(off, 204, &by(&ana), "turn_off_second_factor", about_user(&ana.user), true).await);

    // No code is good twice.
    server.app.clock.advance(60_000);
    let (ana, _) = enrolled(server, &ana).await;
    log.since().await;
    let reset = format!("/users/{}/second-factor/reset{why}", ana.user);
    let reset = root.post(&reset, &json!({ "password": PASSWORD })).await.expect(204);
    let new = log.since().await;
    assert_eq!(
        (&new[0]["actor"], &new[0]["action"], &new[0]["about"]["id"]),
        (&json!(by(&root)), &json!("reset_second_factor"), &json!(ana.user))
    );
    assert_eq!(new[0]["request"], reset.header("x-request-id"));
    let root = root.after(&reset);

    // What the operator makes says so.
    server.key(&["users.view"]).await;
    let new = log.since().await;
    assert_eq!((&new[0]["actor"], &new[0]["action"]), (&json!("operator"), &json!("make_key")));

    let text = root.get("/audit/export").await.expect(200).text();
    for secret in &secrets {
        let hash = rolewright_server::secret::stored(secret);
        assert!(!text.contains(secret.as_str()) && !text.contains(&hash), "{secret}");
    }
    for hidden in ["$argon2", "#token=", "rwk_"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let now = server.app.clock.now();
    let verified = server.app.store().verify_log("default", now).await.unwrap();
    assert_eq!(verified.head.at.revision, log.seen);
    // A past before all that is read as well.
    root.get("/audit/2/reach").await.expect(200);
    let nothing = root.get(&format!("/audit/{}/reach", log.seen)).await.expect(200).json();
    assert_eq!(nothing["all"], 0);
}

#[tokio::test]
async fn one_filter_finds_all_that_is_about_a_person_or_a_key() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let bob = server.person(&root, "bob@example.com", &[]).await;
    let log = Log::of(&server).await;
    for person in [&ana, &bob] {
        root.write(Method::DELETE, &format!("/users/{}/sessions", person.user), &Value::Null)
            .await
            .expect(204);
    }
    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"] });
    let made = root.post("/keys", &key).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    root.write(Method::DELETE, &format!("/keys/{id}"), &Value::Null).await.expect(200);

    assert_eq!(
        log.found(&format!("?kind=user&id={}", ana.user)).await,
        ["end_sessions", "accept_invitation", "invite_user"]
    );
    assert_eq!(log.found(&format!("?kind=user&id={}&action=end_sessions", bob.user)).await, ["end_sessions"]);
    assert_eq!(log.found(&format!("?kind=key&id={id}")).await, ["end_key", "make_key"]);
    assert_eq!(log.found("?kind=key").await, ["end_key", "make_key", "make_key"]);
    assert_eq!(log.found("?kind=role&action=end_sessions").await, [] as [&str; 0]);
    let told = root.get("/audit?kind=keys").await.problem(422, "invalid");
    assert_eq!(told["errors"][0]["path"], "query.kind");
    assert!(told["detail"].as_str().unwrap().contains("`assignment`, `key`"), "{told}");
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_leaves_no_entry() {
    let world = World::new().await;
    let (server, root) = (&world.server, &world.root);
    let ana = world.person("ana@example.com").await;
    let waiting = world.invited("waiting@example.com").await;
    let mut log = Log::of(server).await;
    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"] });
    let wrong = json!({ "password": "not the phrase at all" });
    let right = json!({ "password": PASSWORD });
    for (by, method, path, body, status) in [
        (&ana, Method::POST, "/keys".to_owned(), key.clone(), 403),
        (&ana, Method::POST, "/keys/none/rotate".to_owned(), json!({}), 403),
        (root, Method::POST, "/keys/none/rotate".to_owned(), json!({}), 404),
        (root, Method::DELETE, "/keys/none".to_owned(), Value::Null, 404),
        (root, Method::POST, "/keys".to_owned(), json!({ "name": " ", "permissions": [] }), 422),
        (&ana, Method::DELETE, format!("/users/{}/sessions", root.user), Value::Null, 403),
        (root, Method::DELETE, "/users/none/sessions".to_owned(), Value::Null, 404),
        (&ana, Method::POST, format!("/users/{}/password-reset", root.user), Value::Null, 403),
        (root, Method::POST, format!("/users/{waiting}/password-reset"), Value::Null, 422),
        (&ana, Method::POST, format!("/users/{waiting}/invitation"), Value::Null, 403),
        (root, Method::POST, format!("/users/{}/invitation", ana.user), Value::Null, 422),
        (root, Method::DELETE, format!("/users/{}/invitation", ana.user), Value::Null, 422),
        (root, Method::POST, format!("/users/{}/second-factor/reset", ana.user), wrong.clone(), 401),
        (root, Method::POST, format!("/users/{}/second-factor/reset", ana.user), right.clone(), 409),
        (&ana, Method::POST, format!("/users/{}/second-factor/reset", root.user), right.clone(), 403),
        (&ana, Method::DELETE, "/session/second-factor".to_owned(), right.clone(), 409),
        (&ana, Method::POST, "/session/second-factor/confirm".to_owned(), json!({ "code": "123456" }), 410),
        (
            &ana,
            Method::PUT,
            "/session/password".to_owned(),
            json!({ "password": "not the phrase", "new_password": NEW }),
            401,
        ),
        (
            &server.nobody(),
            Method::POST,
            "/password-resets/accept".to_owned(),
            json!({ "token": "t", "password": NEW }),
            410,
        ),
        // Signing in and out, wrong tries, and asking for a forgotten password change nothing that anybody holds.
        (
            &server.nobody(),
            Method::POST,
            "/session".to_owned(),
            json!({ "email": "ana@example.com", "password": PASSWORD }),
            200,
        ),
        (
            &server.nobody(),
            Method::POST,
            "/session".to_owned(),
            json!({ "email": "ana@example.com", "password": NEW }),
            401,
        ),
        (
            &server.nobody(),
            Method::POST,
            "/password-resets".to_owned(),
            json!({ "email": "ana@example.com" }),
            202,
        ),
        (&ana, Method::POST, "/session/second-factor".to_owned(), right.clone(), 200),
    ] {
        by.write(method, &path, &body).await.expect(status);
        server.mails(&world.outbox).await;
        Log::is_none(log.since().await, &path);
    }
}

#[tokio::test]
async fn a_dry_run_of_each_act_leaves_nothing_and_ends_nothing() {
    let world = World::new().await;
    let (server, root) = (&world.server, &world.root);
    let (ana, kept) = enrolled(server, &world.person("ana@example.com").await).await;
    let bob = world.person("bob@example.com").await;
    let waiting = world.invited("waiting@example.com").await;
    let invitation = world.token().await;
    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"] });
    let made = root.post("/keys", &key).await.expect(201).json();
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let (bob, waits) = begun(&bob).await;
    let code = waits.code_at(server.app.clock.now());
    let mut log = Log::of(server).await;
    let mails = server.mails(&world.outbox).await.len();
    let own = json!({ "password": PASSWORD, "code": kept.recovery[0] });
    let change = json!({ "password": PASSWORD, "code": kept.recovery[0], "new_password": NEW });
    let dry = "?dry_run=true&reason=try";
    for (by, method, path, body) in [
        (root, Method::POST, "/keys".to_owned(), key.clone()),
        (root, Method::POST, format!("/keys/{id}/rotate"), json!({})),
        (root, Method::DELETE, format!("/keys/{id}"), Value::Null),
        (root, Method::POST, format!("/users/{waiting}/invitation"), Value::Null),
        (root, Method::DELETE, format!("/users/{waiting}/invitation"), Value::Null),
        (root, Method::DELETE, format!("/users/{}/sessions", ana.user), Value::Null),
        (root, Method::POST, format!("/users/{}/password-reset", ana.user), Value::Null),
        (
            root,
            Method::POST,
            format!("/users/{}/second-factor/reset", ana.user),
            json!({ "password": PASSWORD }),
        ),
        (&ana, Method::PUT, "/session/password".to_owned(), change),
        (&ana, Method::DELETE, "/session/all".to_owned(), own.clone()),
        (&ana, Method::DELETE, "/session/second-factor".to_owned(), own.clone()),
        (&bob, Method::POST, "/session/second-factor/confirm".to_owned(), json!({ "code": code })),
    ] {
        let tried = by.write(method, &format!("{path}{dry}"), &body).await.expect(200);
        assert_eq!(tried.header("rolewright-revision"), "", "{path}");
        assert_eq!(tried.header("set-cookie"), "", "{path}");
        Log::is_none(log.since().await, &path);
    }
    assert_eq!(server.mails(&world.outbox).await.len(), mails);
    ana.get("/session").await.expect(200);
    assert_eq!(bob.get("/session").await.expect(200).json()["second_factor"], false);
    let inspect = json!({ "token": invitation });
    server.nobody().post("/invitations/inspect", &inspect).await.expect(200);
    server.bearer(secret).get("/snapshot?kind=policy").await.expect(200);
    // The code was not used up by being tried.
    sign_in(server, "ana@example.com", Some(&kept.recovery[0])).await.expect(200);
}

#[tokio::test]
async fn what_is_sent_again_is_made_once_and_tells_no_secret_twice() {
    let world = World::new().await;
    let (server, root) = (&world.server, &world.root);
    let ana = world.person("ana@example.com").await;
    let waiting = world.invited("waiting@example.com").await;
    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"] });
    let made = root.post("/keys", &key).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let mut log = Log::of(server).await;
    for (n, (method, path, body, first, again)) in [
        (Method::POST, "/keys".to_owned(), key.clone(), 201, 409),
        (Method::POST, format!("/keys/{id}/rotate"), json!({}), 200, 409),
        (Method::DELETE, format!("/keys/{id}"), Value::Null, 200, 200),
        (Method::POST, format!("/users/{waiting}/invitation"), Value::Null, 200, 200),
        (Method::DELETE, format!("/users/{waiting}/invitation"), Value::Null, 204, 204),
        (Method::POST, format!("/users/{}/password-reset", ana.user), Value::Null, 204, 204),
        (Method::DELETE, format!("/users/{}/sessions", ana.user), Value::Null, 204, 204),
    ]
    .into_iter()
    .enumerate()
    {
        let once = root.with("idempotency-key", &format!("once-{n}"));
        let made = once.write(method.clone(), &path, &body).await.expect(first);
        let entries = log.since().await;
        assert_eq!(entries.len(), 1, "{path}: {entries:?}");
        let mails = server.mails(&world.outbox).await.len();
        let told = once.write(method, &path, &body).await;
        assert_eq!(told.header("idempotency-replayed"), "true", "{path}: {}", told.text());
        if again == 409 {
            let told = told.problem(409, "told_once");
            assert!(told["detail"].as_str().unwrap().contains("/rotate"), "{told}");
        } else {
            let told = told.expect(again);
            assert_eq!(told.header("rolewright-revision"), made.header("rolewright-revision"), "{path}");
            assert!(!told.text().contains("link"), "{path}");
        }
        Log::is_none(log.since().await, &path);
        assert_eq!(server.mails(&world.outbox).await.len(), mails, "{path}");
    }
}

#[tokio::test]
async fn of_eight_who_send_one_new_key_at_once_one_is_told_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await.with("idempotency-key", "one");
    let key = json!({ "name": "edge", "permissions": ["snapshot.policy"] });
    let answers = futures_util::future::join_all((0..8).map(|_| root.post("/keys", &key))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    let listed = root.without("idempotency-key").get("/keys").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_disables_or_deletes_a_maker_is_told_that_the_keys_go_on() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let may = ["api_keys.manage", "snapshot.policy"];
    let clerk = ["users.manage", "users.view", "api_keys.manage", "snapshot.policy"];
    let clerk = server.person_who_may(&root, "clerk@example.com", &clerk).await;
    let makers = {
        let mut makers = Vec::new();
        for n in 0..4 {
            makers.push(server.person_who_may(&root, &format!("maker{n}@example.com"), &may).await);
        }
        makers
    };
    for maker in &makers {
        for name in ["worker", "edge"] {
            let key = json!({ "name": name, "permissions": ["snapshot.policy"] });
            maker.post("/keys", &key).await.expect(201);
        }
    }
    let told = "2 API keys made by them go on: `edge`, `worker`";
    let disabled = json!({ "status": "disabled" });
    let path = |n: usize| format!("/users/{}", makers[n].user);
    // Whoever sees no keys sees how many, and no name.
    let tried =
        clerk.put(&format!("{}/status?dry_run=true", path(0)), "*", &disabled).await.expect(200).json();
    assert_eq!(tried["remarks"], json!(["2 API keys made by them go on"]));
    for dry in ["?dry_run=true", ""] {
        let status = format!("{}/status{dry}", path(0));
        let answer = root.put(&status, "*", &disabled).await.expect(200).json();
        assert_eq!(answer["remarks"], json!([told]), "{dry}");
        let answer = root.delete(&format!("{}{dry}", path(1)), "*").await.expect(200).json();
        assert_eq!(answer["remarks"], json!([told]), "{dry}");
        let bulk = json!({ "which": { "ids": [makers[2].user, root.user] }, "edit": { "status": disabled } });
        let lines = root.post(&format!("/users/bulk{dry}"), &bulk).await.expect(200).text();
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows[1]["row"]["remarks"], json!([told]), "{lines}");
        assert_eq!(rows[2]["row"].get("remarks"), None, "{lines}");
        let change = json!({ "change": "set_status", "id": makers[3].user, "status": "disabled" });
        let versions = json!([{ "kind": "user", "id": makers[3].user, "etag": "*" }]);
        let batch = json!({ "changes": [change], "versions": versions });
        let answer = root.post(&format!("/batch{dry}"), &batch).await.expect(200).json();
        assert_eq!(answer["remarks"], json!([told]), "{dry}");
    }
    let active = json!({ "status": "active" });
    let answer = root.put(&format!("{}/status", path(0)), "*", &active).await.expect(200).json();
    assert_eq!(answer.get("remarks"), None);
    let all = root.get("/keys").await.expect(200).json();
    let may_sign_in = |n: usize| {
        let by = format!("user:{}", makers[n].user);
        let mut own = all["items"].as_array().unwrap().iter().filter(|key| key["made_by"] == by.as_str());
        own.next().unwrap()["maker_may_sign_in"].clone()
    };
    assert_eq!([0, 1, 2, 3].map(may_sign_in), [true, false, false, false]);
}

#[tokio::test]
async fn what_another_process_does_to_keys_and_documents_is_seen_in_order() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (here, beside) = (server.tenant().await, server.beside());
    let group = |name: &str| json!({ "name": name });
    let other = root.at(&beside);
    let groups = async || root.get("/groups").await.expect(200).json()["total"].as_u64().unwrap();
    // Keys alone; a document among them; and more than is looked at one by one.
    for (keys, documents, total) in [(3, 0, 0), (2, 1, 1), (70, 0, 1), (0, 1, 2)] {
        for n in 0..documents {
            other.post("/groups", &group(&format!("Group {keys} {n}"))).await.expect(201);
        }
        for _ in 0..keys {
            beside.key(&["users.view"]).await;
        }
        here.refresh().await.unwrap();
        let head = here.store().head("default").await.unwrap();
        assert_eq!((here.loaded().state.at(), here.loaded().head.clone()), (head.at, head));
        assert_eq!(groups().await, total);
    }
    root.post("/groups", &group("At last")).await.expect(201);
    here.store().verify_log("default", server.app.clock.now()).await.unwrap();
}

#[test]
fn what_the_operator_does_at_the_command_line_is_accounted_for() {
    let folder = Folder::new("accounted");
    let here = |arguments: &[&str], input: &str| run(arguments, Some(&folder.0), input);
    json_of(&here(CREATE, PASSWORD));
    let made = json_of(&here(KEY, ""));
    let id = made["id"].as_str().unwrap();
    json_of(&here(&["key", "rotate", id, "--json"], ""));
    json_of(&here(&["key", "revoke", id, "--json"], ""));
    json_of(&here(&["user", "reset-password", "root@example.com", "--json"], ""));
    // What is refused leaves nothing.
    assert_eq!(here(&["key", "revoke", id], "").status.code(), Some(1));
    assert_eq!(here(&["user", "reset-password", "nobody@example.com"], "").status.code(), Some(1));
    let verified = json_of(&here(&["audit", "verify", "--json"], ""));
    assert_eq!(verified["entries"], 6);
    let exported = String::from_utf8(here(&["audit", "export"], "").stdout).unwrap();
    let told: Vec<(String, String)> = exported
        .lines()
        .filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let entry: Value = serde_json::from_str(line["text"].as_str()?).unwrap();
            let said = |name: &str| entry[name].as_str().unwrap().to_owned();
            Some((said("actor"), said("action")))
        })
        .skip(2)
        .collect();
    let by_operator = |action: &str| ("operator".to_owned(), action.to_owned());
    assert_eq!(told, ["make_key", "renew_key", "end_key", "start_password_reset"].map(by_operator));
}

#[tokio::test]
async fn ending_sessions_where_there_are_none_leaves_no_entry() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let mut log = Log::of(&server).await;
    let (all, own) = (format!("/users/{}/sessions", ana.user), "/session/all");
    ana.write(Method::DELETE, own, &json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(log.since().await.len(), 0);
    ana.get("/session").await.expect(200);
    root.write(Method::DELETE, &all, &Value::Null).await.expect(204);
    assert_eq!(log.since().await.len(), 1);
    ana.get("/session").await.problem(401, "unauthenticated");
    let again = root.write(Method::DELETE, &all, &Value::Null).await.expect(204);
    assert_eq!((log.since().await.len(), again.header("rolewright-revision").is_empty()), (0, false));
    let tried = root.write(Method::DELETE, &format!("{all}?dry_run=true"), &Value::Null).await.expect(200);
    assert_eq!(tried.json()["unchanged"], true);
    // Whoever may not is refused all the same.
    let bob = server.person(&root, "bob@example.com", &[]).await;
    bob.write(Method::DELETE, &all, &Value::Null).await.problem(403, "missing_permission");
}
