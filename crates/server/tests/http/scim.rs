//! SCIM 2.0: what Okta and Entra send, word for word, and what the standard asks beside it.
//!
//! The stories are in `tests/scim/*.json`: each is made on a server of its own, step by step. A step says what is sent
//! and what is answered: a status, parts of the body (`"*"` is anything), headers, and what must not be in the body.
//! `save` keeps a part of an answer, which later steps name in braces.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Method;
use rolewright_model::change::GroupEdit;
use rolewright_model::directory::{GroupSource, Member};
use rolewright_model::{Change, Timestamp};
use rolewright_server::app::context;
use rolewright_server::auth::actor::Who;
use rolewright_server::mail::Outbox;
use rolewright_server::tenant::Edit;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestServer};

const PROVIDER: [&str; 4] = ["users.view", "users.manage", "groups.view", "groups.manage"];
const MEDIA: &str = "application/scim+json";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Which quirk of which provider, or which rule, this is about.
    #[serde(default)]
    about: String,
    /// `GET /Users`, below the root.
    send: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    status: u16,
    #[serde(default)]
    answer: Option<Value>,
    /// Pointers to what must not be there.
    #[serde(default)]
    lacks: Vec<String>,
    /// Names, each for the pointer to a text.
    #[serde(default)]
    save: BTreeMap<String, String>,
}

/// Whether `found` says all that `wanted` does. Arrays are as long as each other.
fn says(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (_, Value::String(any)) if any == "*" => !found.is_null(),
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| found.get(name).is_some_and(|found| says(found, wanted)))
        }
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| says(found, wanted))
        }
        _ => found == wanted,
    }
}

async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let path = format!("/scim/v2{path}");
    match body {
        Some(body) => client.send(method, &path, Some(MEDIA), Body::from(body.to_string())).await,
        None => client.send(method, &path, None, Body::empty()).await,
    }
}

/// A path as clients send it: what a URI has not is encoded.
fn encoded(path: &str) -> String {
    [(" ", "%20"), ("\"", "%22"), ("[", "%5B"), ("]", "%5D")]
        .iter()
        .fold(path.to_owned(), |path, (plain, sent)| path.replace(plain, sent))
}

/// Makes every story of a file, and tells all that went otherwise.
async fn tell(stories: &str) {
    let stories: Vec<Story> = serde_json::from_str(stories).unwrap();
    let mut wrong = Vec::new();
    for story in stories {
        let server = TestServer::new().await;
        let key = server.key(&PROVIDER).await;
        let mut saved: BTreeMap<String, String> = BTreeMap::new();
        for (n, step) in story.steps.iter().enumerate() {
            let fill = |text: &str| {
                saved
                    .iter()
                    .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
            };
            let filled = |value: &Value| -> Value {
                let text = saved.iter().fold(value.to_string(), |text, (name, value)| {
                    let value = Value::from(value.as_str()).to_string();
                    text.replace(&format!("{{{name}}}"), value.trim_matches('"'))
                });
                serde_json::from_str(&text).unwrap()
            };
            let sent = fill(&step.send);
            let (method, path) = sent.split_once(' ').unwrap();
            let mut client = key.clone();
            for (name, value) in &step.headers {
                client = client.with(name.clone().leak(), &fill(value));
            }
            let body = step.body.as_ref().map(&filled);
            let found = send(&client, method.parse().unwrap(), &encoded(path), body.as_ref()).await;
            let (status, text) = (found.status.as_u16(), found.text());
            let told: Value = serde_json::from_str(&text).unwrap_or_default();
            let wanted = step.answer.as_ref().map(&filled);
            let is_said = wanted.as_ref().is_none_or(|wanted| says(&told, wanted));
            let is_there = step.lacks.iter().any(|pointer| told.pointer(pointer).is_some());
            if status != step.status || !is_said || is_there {
                let about = format!("{}, step {n} ({}): {sent}", story.name, step.about);
                wrong.push(format!("{about}\n  found {status} {text}\n  wanted {} {wanted:?}", step.status));
                break;
            }
            if status >= 400 {
                assert_eq!(told["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{sent}");
                assert_eq!(told["status"], status.to_string(), "{sent}");
                assert!(!told["detail"].as_str().unwrap().is_empty(), "{sent}");
            }
            if !text.is_empty() {
                assert_eq!(found.header("content-type"), MEDIA, "{sent}");
            }
            for (name, pointer) in &step.save {
                saved.insert(name.clone(), told.pointer(pointer).unwrap().as_str().unwrap().to_owned());
            }
        }
        // All that is kept of what was said the log seals.
        server.app.store().verify_log("default", server.app.clock.now()).await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn s1_22_okta_gets_what_it_asks_for() {
    tell(include_str!("../scim/okta.json")).await;
}

#[tokio::test]
async fn s1_22_entra_gets_what_it_asks_for() {
    tell(include_str!("../scim/entra.json")).await;
}

#[tokio::test]
async fn s1_22_lists_are_filtered_sorted_and_cut() {
    tell(include_str!("../scim/lists.json")).await;
}

#[tokio::test]
async fn s1_22_resources_are_edited_by_the_standard() {
    tell(include_str!("../scim/edits.json")).await;
}

#[tokio::test]
async fn s1_22_a_provider_finds_out_what_is_supported() {
    tell(include_str!("../scim/discovery.json")).await;
}

async fn create(key: &Client, name: &str) -> String {
    let body = json!({ "schemas": [USER], "userName": name });
    let made = send(key, Method::POST, "/Users", Some(&body)).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("https://access.example.com/scim/v2/Users/{id}"));
    id
}

fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// A change of the operator's.
async fn operator(server: &TestServer, change: Change) {
    let (tenant, context) = (server.tenant().await, context(&server.app.clock).unwrap());
    tenant.apply(Edit::new(Who::Operator, change, context)).await.unwrap();
}

async fn group(server: &TestServer, id: &str, source: GroupSource) {
    let group = GroupEdit { id: id.to_owned(), name: id.to_owned(), description: String::new(), source };
    operator(server, Change::CreateGroup { group }).await;
}

#[tokio::test]
async fn s1_22_only_a_key_may_ask_and_one_with_the_permissions() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for path in ["/Users", "/Groups", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
        for client in [&root, &server.nobody(), &server.bearer("rwk_a_b")] {
            let answer = send(client, Method::GET, path, None).await.expect(401);
            assert_eq!(answer.header("content-type"), MEDIA);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"rolewright\"");
            assert_eq!(answer.json()["status"], "401");
        }
    }
    let viewer = server.key(&["users.view", "groups.view"]).await;
    let other = server.key(&["audit.view"]).await;
    let body = json!({ "userName": "ana@example.com", "displayName": "Staff" });
    for path in ["/Users", "/Groups"] {
        send(&viewer, Method::GET, path, None).await.expect(200);
        send(&other, Method::GET, path, None).await.expect(403);
        for client in [&viewer, &other] {
            let refused = send(client, Method::POST, path, Some(&body)).await.expect(403).json();
            assert!(refused.get("scimType").is_none(), "{refused}");
        }
    }
    send(&other, Method::GET, "/ServiceProviderConfig", None).await.expect(200);
    let path = "/scim/v2/tenants/default/Users";
    let listed = viewer.get(path).await.expect(200).json();
    let location = listed["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with("https://access.example.com/scim/v2/tenants/default/Users/"), "{location}");
    let unknown = viewer.get("/scim/v2/tenants/nothing/Users").await.expect(401);
    assert_eq!(unknown.header("content-type"), MEDIA);
}

#[tokio::test]
async fn s1_22_a_write_takes_no_idempotency_key() {
    let server = TestServer::new().await;
    let key = server.key(&PROVIDER).await.with("idempotency-key", "one");
    let new = json!({ "schemas": [USER], "userName": "ana@example.com", "active": true });
    let told = send(&key, Method::POST, "/Users", Some(&new)).await.expect(400).json();
    assert!(told["detail"].as_str().unwrap().contains("no `Idempotency-Key` is taken here"), "{told}");
    let found = send(&key, Method::GET, "/Users", None).await.expect(200).json();
    assert_eq!(found["totalResults"], 0);
}

#[tokio::test]
async fn s1_22_whoever_is_deactivated_is_out_at_once() {
    let inactive = [
        ("Okta's, without a path", json!([{ "op": "replace", "value": { "active": false } }])),
        ("Entra's, a text", json!([{ "op": "Replace", "path": "active", "value": "False" }])),
        ("Entra's, without a path", json!([{ "op": "Add", "value": { "active": "False" } }])),
        ("the standard's", json!([{ "op": "replace", "path": "active", "value": false }])),
        (
            "with its schema",
            json!([{ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": false }]),
        ),
    ];
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&[&PROVIDER[..], &["audit.view"]].concat()).await;
    let patched = inactive.into_iter().map(|(about, operations)| (about, Method::PATCH, patch(&operations)));
    let put = json!({ "userName": "p5@example.com", "active": false });
    let all = patched.chain([("Okta's PUT", Method::PUT, put)]);
    for (n, (about, method, body)) in all.enumerate() {
        let person = server.person_who_may(&root, &format!("p{n}@example.com"), &["audit.view"]).await;
        person.get("/session").await.expect(200);
        let asked = json!({ "subject": person.user, "permission": "audit.view" });
        assert_eq!(root.post("/check", &asked).await.expect(200).json()["allowed"], true, "{about}");

        let answer = send(&key, method, &format!("/Users/{}", person.user), Some(&body)).await.expect(200);
        assert_eq!(answer.json()["active"], false, "{about}");
        person.get("/session").await.expect(401);
        assert_eq!(root.post("/check", &asked).await.expect(200).json()["allowed"], false, "{about}");
        let seen = root.get(&format!("/users/{}", person.user)).await.expect(200).json();
        assert_eq!(seen["user"]["status"], "disabled", "{about}");
        let sessions = server.tenant().await;
        let left =
            sessions.store().records("default", "session", Some(&person.user), Timestamp(0)).await.unwrap();
        assert!(left.is_empty(), "{about}");
        // Who is disabled is still told.
        let listed =
            send(&key, Method::GET, &format!("/Users/{}", person.user), None).await.expect(200).json();
        assert_eq!(listed["active"], false, "{about}");
    }
}

#[tokio::test]
async fn s1_22_who_is_invited_is_disabled_and_activated_by_nobody_else() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let invited = root.post("/users", &json!({ "email": "ivo@example.com" })).await.expect(201).json();
    let path = format!("/Users/{}", invited["user"].as_str().unwrap());
    let told = send(&key, Method::GET, &path, None).await.expect(200).json();
    assert_eq!((&told["active"], &told["userName"]), (&json!(false), &json!("ivo@example.com")));
    let named = patch(&json!([{ "op": "replace", "path": "name.givenName", "value": "Ivo" }]));
    send(&key, Method::PATCH, &path, Some(&named)).await.expect(200);
    let on = patch(&json!([{ "op": "replace", "value": { "active": true } }]));
    let refused = send(&key, Method::PATCH, &path, Some(&on)).await.expect(400).json();
    assert_eq!(refused["scimType"], "invalidValue");
    assert!(refused["detail"].as_str().unwrap().contains("invited"), "{refused}");
    let link = invited["link"].as_str().unwrap();
    let token = crate::support::token_of(link);
    server.nobody().post("/invitations/inspect", &json!({ "token": token })).await.expect(200);
    let off = patch(&json!([{ "op": "replace", "value": { "active": false } }]));
    send(&key, Method::PATCH, &path, Some(&off)).await.expect(200);
    server.nobody().post("/invitations/inspect", &json!({ "token": token })).await.expect(410);
}

#[tokio::test]
async fn s1_22_a_provider_enables_again_whom_it_disabled_and_nobody_whom_an_administrator_did() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let says = |active: bool| patch(&json!([{ "op": "replace", "value": { "active": active } }]));
    let came = create(&key, "ana@example.com").await;
    let local = server.person_who_may(&root, "ben@example.com", &[]).await.user;
    for id in [came, local] {
        let (seen, person) = (format!("/users/{id}"), format!("/Users/{id}"));
        let set = async |status: &str| {
            root.put(&format!("{seen}/status"), "*", &json!({ "status": status })).await.expect(200);
        };
        for (by_provider, then) in [(true, 200), (false, 400), (true, 200)] {
            match by_provider {
                true => drop(send(&key, Method::PATCH, &person, Some(&says(false))).await.expect(200)),
                false => set("disabled").await,
            }
            // Disabled by the other too, it stays with the first.
            send(&key, Method::PATCH, &person, Some(&says(false))).await.expect(200);
            let answer = send(&key, Method::PATCH, &person, Some(&says(true))).await.expect(then).json();
            let status = &root.get(&seen).await.expect(200).json()["user"]["status"];
            assert_eq!(*status, if then == 200 { "active" } else { "disabled" }, "{id} {answer}");
            if then == 400 {
                assert!(answer["detail"].as_str().unwrap().contains("an administrator disabled"), "{answer}");
                let renamed = patch(&json!([{ "op": "replace", "path": "name.givenName", "value": "A" }]));
                send(&key, Method::PATCH, &person, Some(&renamed)).await.expect(200);
                set("active").await;
            }
        }
    }
}

#[tokio::test]
async fn s1_22_a_provider_does_nothing_that_its_key_does_not_hold() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let off = patch(&json!([{ "op": "replace", "value": { "active": false } }]));
    let moved =
        patch(&json!([{ "op": "replace", "path": "emails", "value": [{ "value": "me@evil.example" }] }]));
    let boss = server.person_who_may(&root, "boss@example.com", &["audit.view"]).await;
    for path in [format!("/Users/{}", root.user), format!("/Users/{}", boss.user)] {
        for body in [&off, &moved] {
            let refused = send(&key, Method::PATCH, &path, Some(body)).await.expect(403).json();
            assert!(
                refused["detail"].as_str().unwrap().contains("hold") || path.ends_with(&root.user),
                "{refused}"
            );
        }
        send(&key, Method::DELETE, &path, None).await.expect(403);
    }
    boss.get("/session").await.expect(200);

    // A group that gives more than the key holds takes nobody in, and the request leaves nothing.
    group(&server, "auditors", GroupSource::IdentityProvider).await;
    let assignments = root.get(&format!("/assignments?user={}", boss.user)).await.expect(200).json();
    let role = &assignments["items"][0]["assignment"]["role"];
    let given = json!({ "principal": { "group": "auditors" }, "role": role, "scope": "/" });
    root.post("/assignments", &given).await.expect(201);
    let ana = create(&key, "ana@example.com").await;
    let add = patch(&json!([
        { "op": "replace", "path": "displayName", "value": "Renamed" },
        { "op": "add", "path": "members", "value": [{ "value": ana }] }
    ]));
    let refused = send(&key, Method::PATCH, "/Groups/auditors", Some(&add)).await.expect(403).json();
    let detail = refused["detail"].as_str().unwrap();
    assert!(["`Audit log: View`", "(`audit.view`)"].iter().all(|name| detail.contains(name)), "{refused}");
    let told = send(&key, Method::GET, "/Groups/auditors", None).await.expect(200).json();
    assert_eq!((&told["displayName"], told.get("members")), (&json!("auditors"), None));
    let able = server.key(&[&PROVIDER[..], &["audit.view"]].concat()).await;
    send(&able, Method::PATCH, "/Groups/auditors", Some(&add)).await.expect(204);
}

#[tokio::test]
async fn s1_22_a_group_of_the_provider_is_edited_by_scim_and_by_no_key_of_the_rest_of_the_api() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    group(&server, "local", GroupSource::Local).await;
    let ana = create(&key, "ana@example.com").await;
    let body = json!({ "displayName": "Staff", "members": [{ "value": ana }] });
    let staff = send(&key, Method::POST, "/Groups", Some(&body)).await.expect(201).json();
    let id = staff["id"].as_str().unwrap();
    assert_eq!(staff["members"][0]["$ref"], format!("https://access.example.com/scim/v2/Users/{ana}"));
    for client in [&key, &root] {
        let member = json!({ "user": root.user });
        client
            .post(&format!("/groups/{id}/members"), &member)
            .await
            .problem(403, "owned_by_identity_provider");
        client.delete(&format!("/groups/{id}"), "*").await.problem(403, "owned_by_identity_provider");
    }
    // A local group is not there.
    let listed = send(&key, Method::GET, "/Groups", None).await.expect(200).json();
    assert_eq!(listed["totalResults"], 1);
    for (method, body) in [
        (Method::GET, None),
        (Method::DELETE, None),
        (Method::PUT, Some(json!({ "displayName": "Mine" }))),
        (
            Method::PATCH,
            Some(patch(&json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]))),
        ),
    ] {
        send(&key, method, "/Groups/local", body.as_ref()).await.expect(404);
    }
    let nested = patch(&json!([{ "op": "add", "path": "members", "value": [{ "value": "local" }] }]));
    let refused = send(&key, Method::PATCH, &format!("/Groups/{id}"), Some(&nested)).await.expect(400).json();
    assert_eq!(refused["scimType"], "invalidValue");
    // But its name is taken.
    let taken =
        send(&key, Method::POST, "/Groups", Some(&json!({ "displayName": "LOCAL" }))).await.expect(409);
    assert_eq!(taken.json()["scimType"], "uniqueness");
    operator(&server, Change::AddMember { group: "local".to_owned(), member: Member::User(ana.clone()) })
        .await;
    let told = send(&key, Method::GET, &format!("/Users/{ana}"), None).await.expect(200).json();
    assert_eq!(told["groups"].as_array().unwrap().len(), 1, "{told}");
}

#[tokio::test]
async fn s1_22_all_members_of_one_request_are_one_change() {
    let server = TestServer::new().await;
    let key = server.key(&PROVIDER).await;
    let mut people = Vec::new();
    for n in 0..5 {
        people.push(create(&key, &format!("p{n}@example.com")).await);
    }
    let values = |ids: &[String]| ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>();
    let body = json!({ "displayName": "Staff", "members": values(&people[..3]) });
    let before = server.tenant().await.loaded().state.at().revision;
    let made = send(&key, Method::POST, "/Groups", Some(&body)).await.expect(201).json();
    let path = format!("/Groups/{}", made["id"].as_str().unwrap());
    let edits = patch(&json!([
        { "op": "Remove", "path": "members", "value": values(&people[..2]) },
        { "op": "Add", "path": "members", "value": values(&people[2..]) }
    ]));
    send(&key, Method::PATCH, &path, Some(&edits)).await.expect(204);
    assert_eq!(server.tenant().await.loaded().state.at().revision, before + 2);
    let told = send(&key, Method::GET, &path, None).await.expect(200).json();
    let mut found: Vec<&str> =
        told["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap()).collect();
    found.sort_unstable();
    let mut wanted: Vec<&str> = people[2..].iter().map(String::as_str).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    // What is so already is no change, but is allowed to nobody else.
    send(&key, Method::PATCH, &path, Some(&edits)).await.expect(204);
    assert_eq!(server.tenant().await.loaded().state.at().revision, before + 2);
}

#[tokio::test]
async fn s1_22_what_is_kept_of_a_person_goes_with_them_whoever_deletes_them() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let tenant = server.tenant().await;
    let ana = create(&key, "ana").await;
    let kept =
        || async { tenant.store().records("default", "scim_user", None, Timestamp(0)).await.unwrap().len() };
    assert_eq!(kept().await, 1);
    root.delete(&format!("/users/{ana}"), "*").await.expect(200);
    assert_eq!(kept().await, 0);
    let found =
        send(&key, Method::GET, "/Users?filter=userName%20eq%20%22ana%22", None).await.expect(200).json();
    assert_eq!(found["totalResults"], 0);
    // The name is free again.
    create(&key, "ana").await;
}

#[tokio::test]
async fn s1_22_two_servers_on_one_store_give_a_name_once_and_see_what_the_other_wrote() {
    let server = TestServer::new().await;
    let key = server.key(&PROVIDER).await;
    let other = server.beside();
    let there = other.bearer(key.header("authorization").strip_prefix("Bearer ").unwrap());
    // Both have read the table.
    for client in [&key, &there] {
        send(client, Method::GET, "/Users", None).await.expect(200);
    }
    let body = json!({ "userName": "ana" });
    let (here, beside) = tokio::join!(
        send(&key, Method::POST, "/Users", Some(&body)),
        send(&there, Method::POST, "/Users", Some(&body)),
    );
    let mut answers = [here.status.as_u16(), beside.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 409]);
    let bob = create(&there, "bob").await;
    let renamed = patch(&json!([{ "op": "replace", "path": "userName", "value": "Bob" }]));
    let told = send(&key, Method::PATCH, &format!("/Users/{bob}"), Some(&renamed)).await.expect(200).json();
    assert_eq!(told["userName"], "Bob");
    let taken = send(&there, Method::POST, "/Users", Some(&json!({ "userName": "BOB" }))).await.expect(409);
    assert_eq!(taken.json()["scimType"], "uniqueness");
}

#[tokio::test]
async fn s1_22_an_address_that_leads_nowhere_is_never_shown() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let ana = create(&key, "CORP\\ana").await;
    let staff = json!({ "displayName": "Staff", "members": [{ "value": ana }] });
    send(&key, Method::POST, "/Groups", Some(&staff)).await.expect(201);
    for path in ["/Users", "/Groups"] {
        let text = send(&key, Method::GET, path, None).await.expect(200).text();
        assert!(!text.contains("no-mail") && text.contains(&ana), "{text}");
    }
    let seen = root.get(&format!("/users/{ana}")).await.expect(200).json();
    assert_eq!(seen["user"]["email"], "corp%5cana@no-mail.invalid");
    assert_eq!(seen["user"]["sign_in"], false);
}

#[tokio::test]
async fn s1_22_who_signs_in_by_an_address_is_told_that_the_provider_changed_it() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let path = format!("/Users/{}", invited["user"].as_str().unwrap());
    let token = server.mails(&outbox).await.pop().unwrap().token();
    let accept = json!({ "token": token, "password": PASSWORD });
    server.nobody().post("/invitations/accept", &accept).await.expect(200);
    let known = server.mails(&outbox).await.len();
    let moved = patch(&json!([{ "op": "replace", "path": "userName", "value": "ana.ruiz@example.com" }]));
    send(&key, Method::PATCH, &path, Some(&moved)).await.expect(200);
    assert_eq!(server.mails(&outbox).await.len(), known, "the address is another thing");
    let moved =
        patch(&json!([{ "op": "replace", "path": "emails", "value": [{ "value": "ar@example.com" }] }]));
    send(&key, Method::PATCH, &path, Some(&moved)).await.expect(200);
    let mails = server.mails(&outbox).await;
    let mut told: Vec<(&str, &str)> =
        mails[known..].iter().map(|mail| (mail.to.as_str(), mail.subject.as_str())).collect();
    told.sort_unstable();
    let [(old, changed), (new, yours)] = told[..] else { panic!("{mails:?}") };
    assert_eq!((old, new), ("ana@example.com", "ar@example.com"));
    assert!(changed.starts_with("Your email was changed"), "{changed}");
    assert!(yours.starts_with("Your account has a new email"), "{yours}");
    // Who does not sign in here has nothing to be told.
    let bob = create(&key, "bob@example.com").await;
    let moved = json!({ "userName": "bob@example.org" });
    send(&key, Method::PUT, &format!("/Users/{bob}"), Some(&moved)).await.expect(200);
    assert_eq!(server.mails(&outbox).await.len(), known + 2);
}

#[tokio::test]
async fn s1_22_who_renames_a_person_holds_what_they_hold_and_the_change_log_says_both_names() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let key = server.key(&PROVIDER).await;
    let superuser = format!("/Users/{}", root.user);
    let ana = json!({ "userName": "ana", "emails": [{ "value": "ana@example.com" }] });
    let ana = send(&key, Method::POST, "/Users", Some(&ana)).await.expect(201).json()["id"].clone();
    let ana = ana.as_str().unwrap();
    let set = |pairs: Value| patch(&json!([{ "op": "replace", "value": pairs }]));
    for named in [
        json!({ "userName": "other@example.com" }),
        json!({ "externalId": "x-1" }),
        json!({ "userName": "other@example.com", "active": false }),
        json!({ "userName": "other@example.com", "displayName": "Other" }),
    ] {
        send(&key, Method::PATCH, &superuser, Some(&set(named))).await.expect(403);
    }
    let whole = json!({ "userName": "other@example.com", "emails": [{ "value": "root@example.com" }] });
    send(&key, Method::PUT, &superuser, Some(&whole)).await.expect(403);
    // What is shown of a person finds nobody.
    send(&key, Method::PATCH, &superuser, Some(&set(json!({ "displayName": "Root" })))).await.expect(200);

    let last = async |id: &str| {
        let log = root.get(&format!("/audit?kind=user&id={id}")).await.expect(200).json();
        log["items"][0].clone()
    };
    let told = last(&root.user).await;
    assert_eq!(told["change"]["before"]["user_name"], "root@example.com", "{told}");
    assert_eq!(told["change"]["after"]["display_name"], "Root", "{told}");
    let renamed = json!({ "userName": "ana.ruiz", "externalId": "00u1" });
    send(&key, Method::PATCH, &format!("/Users/{ana}"), Some(&set(renamed))).await.expect(200);
    let told = last(ana).await;
    assert_eq!(told["action"], "set_provider_record", "{told}");
    assert_eq!(told["about"], json!({ "kind": "user", "id": ana }));
    let emails = json!(["ana@example.com"]);
    let before = json!({ "user_name": "ana", "emails": emails });
    let after = json!({ "user_name": "ana.ruiz", "external_id": "00u1", "emails": emails });
    assert_eq!((&told["change"]["before"], &told["change"]["after"]), (&before, &after));
    // Together with other edits it is found by the person too.
    let both = json!({ "userName": "ana", "name.familyName": "Ruiz" });
    send(&key, Method::PATCH, &format!("/Users/{ana}"), Some(&set(both))).await.expect(200);
    let told = last(ana).await;
    assert_eq!(told["change"]["changes"][0]["after"]["user_name"], "ana", "{told}");
    assert_eq!(told["writes"][0]["after"]["last_name"], "Ruiz", "{told}");
    let nothing = json!({ "user_name": "x" });
    let change = json!({ "change": "set_provider_record", "id": ana, "before": nothing, "after": nothing });
    root.post("/batch", &json!({ "changes": [change] })).await.problem(422, "invalid");
}

#[tokio::test]
async fn s1_22_what_is_no_scim_is_refused_as_scim() {
    let server = TestServer::new().await;
    let key = server.key(&PROVIDER).await;
    let ana = create(&key, "ana").await;
    let plain = key.send(Method::POST, "/scim/v2/Users", Some("text/plain"), Body::from("{}")).await;
    assert_eq!(plain.expect(415).header("content-type"), MEDIA);
    key.post("/scim/v2/Users", &json!({ "userName": "bob" })).await.expect(201);
    for (body, kind) in [
        ("{", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        (r#"{ "userName": "a", "userName": "b" }"#, "invalidSyntax"),
        ("{}", "invalidValue"),
        (r#"{ "userName": 7 }"#, "invalidValue"),
        (r#"{ "userName": "a", "active": "perhaps" }"#, "invalidValue"),
        (r#"{ "userName": "a", "emails": [{ "value": "nothing" }] }"#, "invalidValue"),
        (
            r#"{ "userName": "a", "emails": [{ "value": "a@b.c", "primary": true }, { "value": "b@b.c", "primary": true }] }"#,
            "invalidValue",
        ),
    ] {
        let answer =
            key.send(Method::POST, "/scim/v2/Users", Some(MEDIA), Body::from(body)).await.expect(400);
        assert_eq!(answer.json()["scimType"], kind, "{body}: {}", answer.text());
    }
    for (operations, kind) in [
        (json!([]), "invalidSyntax"),
        (json!([{ "op": "move", "path": "active" }]), "invalidSyntax"),
        (json!([{ "op": "remove" }]), "noTarget"),
        (json!([{ "op": "replace", "path": "a b", "value": 1 }]), "invalidPath"),
        (json!([{ "op": "replace", "path": "userName[type eq \"a\"]", "value": "b" }]), "invalidPath"),
        (json!([{ "op": "replace", "path": "emails[type is \"a\"]", "value": "b" }]), "invalidPath"),
        (json!([{ "op": "replace", "path": "emails[kind eq \"a\"].value", "value": "b" }]), "invalidFilter"),
        (json!([{ "op": "replace", "path": "emails[type ne \"a\"].value", "value": "b" }]), "noTarget"),
        (json!([{ "op": "replace", "path": "id", "value": "b" }]), "mutability"),
        (json!([{ "op": "replace", "path": "meta.created", "value": "b" }]), "mutability"),
        (json!([{ "op": "remove", "path": "userName" }]), "mutability"),
        (json!([{ "op": "remove", "path": "active" }]), "mutability"),
        (json!([{ "op": "replace", "value": "b" }]), "invalidValue"),
    ] {
        let answer = send(&key, Method::PATCH, &format!("/Users/{ana}"), Some(&patch(&operations))).await;
        let answer = answer.expect(400);
        assert_eq!(answer.json()["scimType"], kind, "{operations}: {}", answer.text());
    }
    send(&key, Method::GET, "/Nothing", None).await.expect(404);
    for path in ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
        let refused = send(&key, Method::POST, path, Some(&json!({}))).await.expect(405);
        assert_eq!(refused.header("content-type"), MEDIA);
        assert!(refused.header("allow").contains("GET"));
    }
}
