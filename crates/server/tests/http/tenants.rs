//! Two tenants of one server, for one person and one browser.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use rolewright_server::mail::Outbox;
use rolewright_server::tenant::Tenant;
use rolewright_server::{first_run, templates};
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, TestServer, token_of};

const DEFAULT: &str = "/api/v1/tenants/default";
const ACME: &str = "/api/v1/tenants/acme";

/// Makes the tenant `acme`, and answers the token with which its first superuser is made.
async fn acme(server: &TestServer) -> String {
    let policy = templates::read("mailer").unwrap().unwrap();
    let context = server.app.context().unwrap();
    Tenant::create(server.app.store(), "acme", &policy, None, &context).await.unwrap();
    let tenant: Arc<Tenant> = server.app.tenant("acme").await.unwrap();
    first_run::new_token(&tenant, server.app.clock.now()).await.unwrap().unwrap()
}

/// Creates the first superuser of the tenant at that path.
async fn set_up(server: &TestServer, path: &str, token: &str) -> Answer {
    let setup = json!({ "token": token, "email": "root@example.com", "password": PASSWORD });
    server.nobody().post(&format!("{path}/setup"), &setup).await.expect(200)
}

/// What a browser carries after those answers, by name.
fn jar(answers: &[&Answer]) -> BTreeMap<String, String> {
    let set = answers.iter().flat_map(|answer| answer.headers.get_all("set-cookie"));
    let pairs = set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    pairs.map(|pair| pair.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

fn browser(server: &TestServer, jar: &BTreeMap<String, String>) -> Client {
    let carried: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    server.nobody().with("cookie", &carried.join("; ")).with("sec-fetch-site", "same-origin")
}

#[tokio::test]
async fn a_first_run_link_is_of_its_tenant_alone_and_names_it_to_who_has_it() {
    let server = TestServer::new().await;
    let token = acme(&server).await;
    let inspect = async |path: &str, token: &str| {
        server.nobody().post(&format!("{path}/setup/inspect"), &json!({ "token": token })).await
    };
    let name = server.app.tenant("acme").await.unwrap().loaded().state.documents().settings.name.clone();
    assert_eq!(inspect(ACME, &token).await.expect(200).json(), json!({ "tenant_name": name }));
    for (path, token) in [(DEFAULT, &*token), ("/api/v1/tenants/nowhere", &token), (ACME, "none")] {
        inspect(path, token).await.problem(410, "link_gone");
    }
    let setup = json!({ "token": token, "email": "root@example.com", "password": PASSWORD });
    server.nobody().post("/setup", &setup).await.problem(410, "link_gone");
    set_up(&server, ACME, &token).await;
    inspect(ACME, &token).await.problem(410, "link_gone");
}

#[tokio::test]
async fn a_link_leads_to_the_app_of_its_tenant() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let tokens = [(DEFAULT, "", server.setup_token().await), (ACME, "/tenants/acme", acme(&server).await)];
    for (path, app, token) in tokens {
        let root = set_up(&server, path, &token).await.client(&server.nobody());
        root.post(&format!("{path}/users"), &json!({ "email": "ana@example.com" })).await.expect(201);
        let asked = json!({ "email": "root@example.com" });
        server.nobody().post(&format!("{path}/password-resets"), &asked).await.expect(202);
        let mails = server.mails(&outbox).await;
        let sent = |subject: &str| mails.iter().rev().find(|mail| mail.subject.starts_with(subject)).unwrap();
        for (subject, page) in [("You are invited", "invitation"), ("Set a new password", "password-reset")] {
            let link = format!("https://access.example.com{app}/{page}#token=");
            assert!(sent(subject).text.contains(&link), "{}", sent(subject).text);
        }
        // And it is good there.
        let token = sent("You are invited").token();
        let accept = json!({ "token": token, "password": PASSWORD });
        server.nobody().post(&format!("{path}/invitations/accept"), &accept).await.expect(200);
    }
    let shown = TestServer::new().await;
    let root = set_up(&shown, ACME, &acme(&shown).await).await.client(&shown.nobody());
    let invited = root.post(&format!("{ACME}/users"), &json!({ "email": "ana@example.com" })).await;
    let link = invited.expect(201).json()["link"].as_str().unwrap().to_owned();
    assert_eq!(link, format!("https://access.example.com/tenants/acme/invitation#token={}", token_of(&link)));
}

#[tokio::test]
async fn a_browser_is_signed_in_to_two_tenants_at_once_and_signs_out_of_one() {
    let server = TestServer::new().await;
    let here = set_up(&server, DEFAULT, &server.setup_token().await).await;
    let there = set_up(&server, ACME, &acme(&server).await).await;
    let both = jar(&[&here, &there]);
    assert_eq!(
        both.keys().collect::<Vec<_>>(),
        [
            "__Host-rolewright",
            "__Host-rolewright-acme",
            "__Host-rolewright-acme.known",
            "__Host-rolewright.known"
        ]
    );
    let browser = browser(&server, &both);
    let is_in = async |path: &str| browser.get(&format!("{path}/session")).await;
    let tenant = async |path: &str| is_in(path).await.expect(200).json()["tenant"].clone();
    assert_eq!((tenant(DEFAULT).await, tenant(ACME).await), (json!("default"), json!("acme")));

    // To sign in once more ends the one session alone.
    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD });
    let again = browser.post(&format!("{ACME}/session"), &sign_in).await.expect(200);
    is_in(ACME).await.problem(401, "unauthenticated");
    is_in(DEFAULT).await.expect(200);
    // Nor does it know the browser a second time.
    assert_eq!(jar(&[&again]).into_keys().collect::<Vec<_>>(), ["__Host-rolewright-acme"]);

    let out = browser.send(Method::DELETE, &format!("{DEFAULT}/session"), None, Body::empty()).await;
    assert!(out.expect(204).header("set-cookie").starts_with("__Host-rolewright=; "));
    is_in(DEFAULT).await.problem(401, "unauthenticated");
    let acme = self::browser(&server, &jar(&[&here, &there, &again]));
    acme.get(&format!("{ACME}/session")).await.expect(200);
}

#[tokio::test]
async fn what_is_in_one_tenants_cookies_is_nothing_in_anothers() {
    let server = TestServer::new().await;
    let here = jar(&[&set_up(&server, DEFAULT, &server.setup_token().await).await]);
    set_up(&server, ACME, &acme(&server).await).await;
    let moved = here
        .iter()
        .map(|(name, value)| (name.replace("__Host-rolewright", "__Host-rolewright-acme"), value.clone()));
    let browser = browser(&server, &moved.collect());
    for path in ["session", "users", "snapshot?kind=full", "changes"] {
        browser.get(&format!("{ACME}/{path}")).await.problem(401, "unauthenticated");
        browser.get(&format!("{DEFAULT}/{path}")).await.problem(401, "unauthenticated");
    }
    // And the browser is not known there: it is told so that it is from now on.
    let sign_in = json!({ "email": "root@example.com", "password": PASSWORD });
    let answer = browser.post(&format!("{ACME}/session"), &sign_in).await.expect(200);
    assert_eq!(jar(&[&answer]).len(), 2);
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away_of_the_tenant_that_the_path_names_whether_it_is_there_or_not() {
    let server = TestServer::new().await;
    acme(&server).await;
    for tenant in ["acme", "nowhere"] {
        let path = format!("/api/v1/tenants/{tenant}/session");
        let out = server.nobody().send(Method::DELETE, &path, None, Body::empty()).await.expect(204);
        assert!(out.header("set-cookie").starts_with(&format!("__Host-rolewright-{tenant}=; ")));
    }
}
