//! Another authenticator in the place of the one before, and new recovery codes.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::second_factor::{Kept, enrolled, sign_in};
use crate::support::{Answer, Client, PASSWORD, TestServer};

const REPLACE: &str = "/session/second-factor/replace";
const CONFIRM: &str = "/session/second-factor/confirm";
const RENEW: &str = "/session/second-factor/recovery-codes";

fn proof(code: &str) -> Value {
    json!({ "password": PASSWORD, "code": code })
}

fn codes(answer: &Answer) -> Vec<String> {
    let codes = answer.json()["codes"].as_array().unwrap().clone();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

async fn begun(client: &Client, code: &str) -> (Client, Kept) {
    let answer = client.post(REPLACE, &proof(code)).await.expect(200);
    let secret = answer.json()["secret"].as_str().unwrap().to_owned();
    (client.after(&answer), Kept { secret, recovery: Vec::new() })
}

#[tokio::test]
async fn the_old_authenticator_is_good_until_the_new_one_is_confirmed_and_void_then() {
    let server = TestServer::new().await;
    let (root, old) = enrolled(&server, &server.superuser().await).await;
    for (wrong, code) in [("", "second_factor_needed"), (&old.wrong(&server), "wrong_code")] {
        root.post(REPLACE, &proof(wrong)).await.problem(401, code);
    }
    let (root, new) = begun(&root, &old.next(&server)).await;
    // Nothing has changed yet.
    let other = sign_in(&server, "root@example.com", Some(&old.next(&server))).await.expect(200);
    let other = other.client(&server.nobody());
    sign_in(&server, "root@example.com", Some(&new.next(&server))).await.problem(401, "wrong_code");
    root.post(CONFIRM, &json!({ "code": old.next(&server) })).await.problem(401, "wrong_code");

    let tried = root.post(&format!("{CONFIRM}?dry_run=true"), &json!({ "code": new.next(&server) })).await;
    assert_eq!(codes(&tried.expect(200)), [] as [&str; 0]);
    let confirmed = root.post(CONFIRM, &json!({ "code": new.next(&server) })).await.expect(200);
    let fresh = codes(&confirmed);
    assert_eq!(fresh.len(), 10);
    let root = root.after(&confirmed);
    root.get("/session").await.expect(200);
    other.get("/session").await.problem(401, "unauthenticated");
    for void in [&old.next(&server), &old.recovery[0]] {
        sign_in(&server, "root@example.com", Some(void)).await.problem(401, "wrong_code");
    }
    for good in [&new.next(&server), &fresh[0]] {
        sign_in(&server, "root@example.com", Some(good)).await.expect(200);
    }
    let log = root.get("/audit?action=replace_second_factor").await.expect(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    assert_eq!(log["items"][0]["about"], json!({ "kind": "user", "id": root.user }));
}

#[tokio::test]
async fn a_lost_authenticator_is_replaced_by_a_recovery_code_and_one_of_its_own_kind_alone() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post(REPLACE, &json!({ "password": PASSWORD })).await.problem(409, "second_factor_off");
    let (root, old) = enrolled(&server, &root).await;
    let (root, _) = begun(&root, &old.recovery[0]).await;
    // A second one begins anew.
    let (root, new) = begun(&root, &old.recovery[1]).await;
    let confirmed = root.post(CONFIRM, &json!({ "code": new.next(&server) })).await.expect(200);
    let root = root.after(&confirmed);
    root.post(CONFIRM, &json!({ "code": new.next(&server) })).await.problem(410, "enrolment_gone");

    // One that was turned off or reset meanwhile is replaced by none.
    let (root, newer) = begun(&root, &codes(&confirmed)[0]).await;
    let off = root.write(Method::DELETE, "/session/second-factor", &proof(&new.next(&server))).await;
    let root = root.after(&off.expect(204));
    root.post(CONFIRM, &json!({ "code": newer.next(&server) })).await.problem(410, "enrolment_gone");
    assert_eq!(root.get("/session").await.json()["second_factor"], false);
}

#[tokio::test]
async fn new_recovery_codes_void_those_before() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    root.post(RENEW, &json!({ "password": PASSWORD })).await.problem(409, "second_factor_off");
    let (root, kept) = enrolled(&server, &root).await;
    root.post(RENEW, &json!({ "password": PASSWORD })).await.problem(401, "second_factor_needed");
    root.post(RENEW, &json!({ "password": "not it at all", "code": kept.recovery[0] }))
        .await
        .problem(401, "wrong_password");
    let tried = root.post(&format!("{RENEW}?dry_run=true"), &proof(&kept.next(&server))).await.expect(200);
    assert_eq!(codes(&tried), [] as [&str; 0]);

    let renewed = root.post(RENEW, &proof(&kept.recovery[0])).await.expect(200);
    assert_eq!(renewed.header("cache-control"), "no-store");
    let fresh = codes(&renewed);
    assert_eq!(fresh.len(), 10);
    let root = root.after(&renewed);
    for void in kept.recovery.iter().take(3) {
        sign_in(&server, "root@example.com", Some(void)).await.problem(401, "wrong_code");
    }
    for good in [&fresh[0], &kept.next(&server)] {
        sign_in(&server, "root@example.com", Some(good)).await.expect(200);
    }
    let log = root.get("/audit?action=renew_recovery_codes&limit=9").await.expect(200);
    assert_eq!(log.json()["items"].as_array().unwrap().len(), 1);
    assert!(fresh.iter().all(|code| !log.text().contains(code)));
}

#[tokio::test]
async fn both_are_told_by_mail() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let (root, old) = enrolled(&server, &server.superuser().await).await;
    let renewed = root.post(RENEW, &proof(&old.recovery[0])).await.expect(200);
    let (root, new) = begun(&root.after(&renewed), &old.next(&server)).await;
    root.post(CONFIRM, &json!({ "code": new.next(&server) })).await.expect(200);
    let mails = server.mails(&outbox).await;
    let told: Vec<&str> = mails.iter().rev().take(2).map(|mail| mail.subject.as_str()).collect();
    assert!(told[1].starts_with("Your recovery codes were made anew"), "{told:?}");
    assert!(told[0].starts_with("Your second factor was replaced"), "{told:?}");
}
