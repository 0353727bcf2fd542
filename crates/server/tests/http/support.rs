//! A server in memory, and clients with and without cookies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use rolewright_model::{Change, PolicyDocument};
use rolewright_server::app::{App, Shared, context};
use rolewright_server::auth::actor::Who;
use rolewright_server::auth::key_change;
use rolewright_server::clock::Clock;
use rolewright_server::config::{Config, DEFAULT_TENANT};
use rolewright_server::front::Front;
use rolewright_server::mail::{Mailer, Outbox, transport};
use rolewright_server::tenant::{Edit, Tenant};
use rolewright_server::{first_run, templates};
use rolewright_store::{SqliteStore, Store};
use serde_json::{Value, json};

use crate::described;

pub(crate) const PASSWORD: &str = "a phrase of my own";
pub(crate) const API: &str = "/api/v1/tenants/default";

/// A server with the mailer template, in memory.
pub(crate) struct TestServer {
    pub(crate) app: Shared,
    pub(crate) front: Front,
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::with_template("mailer").await
    }

    pub(crate) async fn with_template(template: &str) -> Self {
        Self::with_policy(&templates::read(template).unwrap().unwrap()).await
    }

    pub(crate) async fn with_policy(policy: &PolicyDocument) -> Self {
        Self::begin(policy, None).await
    }

    /// A server whose mail goes there.
    pub(crate) async fn with_mail(outbox: &Outbox) -> Self {
        let from = "Rolewright <access@example.com>".parse().unwrap();
        Self::with_mailer(Mailer::outbox(from, outbox.clone())).await
    }

    /// A server whose mail goes through the mail server at that address.
    pub(crate) async fn with_mail_server(address: SocketAddr) -> Self {
        let from = "Rolewright <access@example.com>".parse().unwrap();
        let transport = transport::open(&format!("smtp://{address}").into()).unwrap();
        Self::with_mailer(Mailer::smtp(from, transport)).await
    }

    async fn with_mailer(mailer: Mailer) -> Self {
        let policy = templates::read("mailer").unwrap().unwrap();
        Self::begin(&policy, Some(mailer)).await
    }

    async fn begin(policy: &PolicyDocument, mail: Option<Mailer>) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory().await.unwrap());
        let clock = Clock::default();
        Tenant::create(&store, DEFAULT_TENANT, policy, None, &context(&clock).unwrap()).await.unwrap();
        let config = Config {
            public_url: "https://access.example.com".to_owned(),
            trusted_proxies: vec![
                "192.0.2.1".parse().unwrap(),
                "2001:db8::1".parse().unwrap(),
                "10.0.0.0/8".parse().unwrap(),
            ],
            mail,
            ..Config::default()
        };
        let app = App::new(store, config, clock);
        Self { front: Front::new(app.clone()), app }
    }

    pub(crate) async fn tenant(&self) -> Arc<Tenant> {
        self.app.tenant(DEFAULT_TENANT).await.unwrap()
    }

    /// Changes that the operator makes, in one.
    pub(crate) async fn change(&self, changes: Vec<Change>) {
        let edit = Edit::new(Who::Operator, Change::Batch { changes }, context(&self.app.clock).unwrap());
        self.tenant().await.apply(edit).await.unwrap();
    }

    /// Another server on the same store, with the same clock.
    pub(crate) fn beside(&self) -> Self {
        let app = App::new(Arc::clone(self.app.store()), self.app.config.clone(), self.app.clock.clone());
        Self { front: Front::new(app.clone()), app }
    }

    pub(crate) async fn setup_token(&self) -> String {
        first_run::new_token(&*self.tenant().await, self.app.clock.now()).await.unwrap().unwrap()
    }

    /// Who carries nothing.
    pub(crate) fn nobody(&self) -> Client {
        Client { front: self.front.clone(), headers: HeaderMap::new(), user: String::new(), peer: None }
    }

    /// The first superuser, signed in.
    pub(crate) async fn superuser(&self) -> Client {
        let setup =
            json!({ "token": self.setup_token().await, "email": "root@example.com", "password": PASSWORD });
        self.nobody().post("/setup", &setup).await.expect(200).client(&self.nobody())
    }

    /// A person with those roles, invited by `inviter` and signed in.
    pub(crate) async fn person(&self, inviter: &Client, email: &str, roles: &[&str]) -> Client {
        let invited =
            inviter.post("/users", &json!({ "email": email, "roles": roles })).await.expect(201).json();
        let token = token_of(invited["link"].as_str().unwrap());
        let accept = json!({ "token": token, "password": PASSWORD });
        self.nobody().post("/invitations/accept", &accept).await.expect(200).client(&self.nobody())
    }

    /// A person with a new role that grants those permissions.
    pub(crate) async fn person_who_may(&self, root: &Client, email: &str, permissions: &[&str]) -> Client {
        let grants: serde_json::Map<String, Value> =
            permissions.iter().map(|id| ((*id).to_owned(), json!("allowed"))).collect();
        let role = json!({ "id": "", "name": format!("Role of {email}"), "grants": grants });
        let role = root.post("/roles", &role).await.expect(201).json();
        self.person(root, email, &[role["role"]["id"].as_str().unwrap()]).await
    }

    /// Who carries a key.
    pub(crate) async fn key(&self, permissions: &[&str]) -> Client {
        self.key_of(json!({ "name": "test", "permissions": permissions })).await
    }

    /// Who carries a key that is made so.
    pub(crate) async fn key_of(&self, new: Value) -> Client {
        let new = serde_json::from_value(new).unwrap();
        let context = context(&self.app.clock).unwrap();
        let edit = |change| Ok(Edit::new(Who::Operator, change, context));
        let (made, _) = key_change::make(&self.tenant().await, new, edit).await.unwrap();
        self.bearer(made.key.unwrap().expose())
    }

    /// Who carries that key.
    pub(crate) fn bearer(&self, key: &str) -> Client {
        self.nobody().with("authorization", &format!("Bearer {key}"))
    }
}

/// A mail that was sent.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    /// The plain text.
    pub(crate) text: String,
}

impl Mail {
    /// The token of the link in it.
    pub(crate) fn token(&self) -> String {
        token_of(self.text.split_whitespace().find(|word| word.contains("#token=")).unwrap())
    }
}

impl TestServer {
    /// What was sent so far, once nothing waits to be sent.
    pub(crate) async fn mails(&self, outbox: &Outbox) -> Vec<Mail> {
        self.app.config.mail.as_ref().unwrap().settled().await;
        outbox
            .messages()
            .await
            .iter()
            .map(|(envelope, raw)| read_mail(envelope.to()[0].as_ref(), raw))
            .collect()
    }
}

fn read_mail(to: &str, raw: &str) -> Mail {
    let (head, rest) = raw.split_once("\r\n\r\n").unwrap();
    let subject = head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap();
    let (part, body) = rest.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--").next().unwrap();
    let text = match part.contains("quoted-printable") {
        true => body.replace("=\r\n", "").replace("=3D", "="),
        false => body.to_owned(),
    };
    Mail { to: to.to_owned(), subject: subject.to_owned(), text }
}

/// What follows `#token=`.
pub(crate) fn token_of(link: &str) -> String {
    link.split_once("#token=").unwrap().1.to_owned()
}

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Client {
    front: Front,
    headers: HeaderMap,
    /// The socket's other end.
    peer: Option<IpAddr>,
    /// The user's id, in a session.
    pub(crate) user: String,
}

impl Client {
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(name, value.parse().unwrap());
        client
    }

    /// The same, asking that server.
    pub(crate) fn at(&self, server: &TestServer) -> Self {
        Self { front: server.front.clone(), ..self.clone() }
    }

    /// The same over a connection from that address, with that `X-Forwarded-For`.
    pub(crate) fn from(&self, peer: &str, forwarded: &str) -> Self {
        Self { peer: Some(peer.parse().unwrap()), ..self.with("x-forwarded-for", forwarded) }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn without(&self, name: &str) -> Self {
        let mut client = self.clone();
        client.headers.remove(name);
        client
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, etag: &str, body: &Value) -> Answer {
        let client = self.with("if-match", etag);
        client.send(Method::PUT, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str, etag: &str) -> Answer {
        self.with("if-match", etag).send(Method::DELETE, path, None, Body::empty()).await
    }

    /// An edit of what has no version.
    pub(crate) async fn write(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, path, Some("application/json"), Body::from(body.to_string())).await
    }

    /// The same in the session that the answer began, if it began one.
    pub(crate) fn after(&self, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        if cookie.is_empty() { self.clone() } else { self.with("cookie", cookie) }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, media: Option<&str>, body: Body) -> Answer {
        let own = ["/api", "/access", "/default", "/scim", "/.well-known", "/healthz", "/readyz"]
            .iter()
            .any(|own| path.starts_with(own));
        let uri = if own { path.to_owned() } else { format!("{API}{path}") };
        self.send_to(method, &uri, media, body).await
    }

    /// To a path that is not the API's.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.send_to(Method::GET, path, None, Body::empty()).await
    }

    async fn send_to(&self, method: Method, uri: &str, media: Option<&str>, body: Body) -> Answer {
        let what = format!("{method} {uri}");
        let response = self.begin(method, uri, media, body).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match headers.get("content-type").map(|value| value.as_bytes()) {
            // It never ends.
            Some(b"text/event-stream") => Vec::new(),
            _ => response.into_body().collect().await.unwrap().to_bytes().to_vec(),
        };
        Answer { what, status, headers, body }
    }

    /// An answer that is not read yet.
    pub(crate) async fn begin(
        &self,
        method: Method,
        uri: &str,
        media: Option<&str>,
        body: Body,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method.clone()).uri(uri).body(body).unwrap();
        *request.headers_mut() = self.headers.clone();
        if let Some(media) = media {
            request.headers_mut().insert("content-type", media.parse().unwrap());
        }
        let from = self.peer.map(|peer| SocketAddr::new(peer, 7));
        // Apart: a test asks much, on a small stack.
        let response = Box::pin(self.front.answer(from, request)).await;
        described::check(&method, uri, &response);
        response
    }
}

/// What was answered.
pub(crate) struct Answer {
    what: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        self
    }

    /// It is a problem of that status and code, in full.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem.header("content-type"), "application/problem+json");
        let details = problem.json();
        assert_eq!(details["type"], format!("urn:rolewright:problem:{code}"), "{}: {details}", problem.what);
        assert_eq!(details["status"], status);
        assert!(!details["title"].as_str().unwrap().is_empty());
        // What a person reads has no path in front: that stands in `errors`.
        let detail = details["detail"].as_str().unwrap();
        let begins_with_path = ["$", "query.", "path."].iter().any(|path| detail.starts_with(path));
        assert!(!detail.is_empty() && !begins_with_path, "{detail}");
        assert_eq!(details["instance"], problem.header("x-request-id"));
        details
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.what, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// Who signed in with this answer.
    #[track_caller]
    pub(crate) fn client(&self, nobody: &Client) -> Client {
        let cookie = self.header("set-cookie").split(';').next().unwrap();
        assert!(cookie.starts_with("__Host-rolewright"), "{cookie}");
        let mut client = nobody.with("cookie", cookie).with("sec-fetch-site", "same-origin");
        client.user = self.json()["user"].as_str().unwrap().to_owned();
        client
    }
}

/// The public key of `/.well-known/jwks.json`.
pub(crate) async fn public_key(client: &Client) -> (String, ed25519_dalek::VerifyingKey) {
    let keys = client.get("/.well-known/jwks.json").await.expect(200).json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
    let x: [u8; 32] = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap().try_into().unwrap();
    (key["kid"].as_str().unwrap().to_owned(), ed25519_dalek::VerifyingKey::from_bytes(&x).unwrap())
}

fn verify(key: &ed25519_dalek::VerifyingKey, signed: &[u8], signature: &str) {
    let signature: [u8; 64] = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
    key.verify_strict(signed, &ed25519_dalek::Signature::from_bytes(&signature)).unwrap();
}

fn header_of(header: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

/// The claims of a compact JWS whose signature is good.
pub(crate) fn verified(jws: &str, typ: &str, (kid, key): &(String, ed25519_dalek::VerifyingKey)) -> Value {
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    verify(key, signed.as_bytes(), signature);
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(header_of(header), json!({ "alg": "EdDSA", "kid": kid, "typ": typ }));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// The bytes of a signed snapshot whose signature is good.
pub(crate) fn verified_snapshot(body: &[u8], key: &(String, ed25519_dalek::VerifyingKey)) -> Vec<u8> {
    verified_bytes(body, "rolewright-snapshot", key)
}

/// The bytes that were signed and travel with their signature, which is good.
pub(crate) fn verified_bytes(
    body: &[u8],
    typ: &str,
    (kid, key): &(String, ed25519_dalek::VerifyingKey),
) -> Vec<u8> {
    let end = body.iter().position(|byte| *byte == b'\n').unwrap();
    let (jws, document) = (std::str::from_utf8(&body[..end]).unwrap(), &body[end + 1..]);
    let (header, signature) = jws.split_once("..").unwrap();
    assert_eq!(
        header_of(header),
        json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"], "kid": kid, "typ": typ })
    );
    let signed = [header.as_bytes(), b".", document].concat();
    verify(key, &signed, signature);
    document.to_vec()
}
