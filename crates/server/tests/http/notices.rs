//! Whoever's way of signing in changes is told by mail.

use axum::http::Method;
use rolewright_server::mail::Outbox;
use serde_json::{Value, json};

use crate::second_factor::enrolled;
use crate::support::{Mail, PASSWORD, TestServer};

#[tokio::test]
async fn what_changes_how_a_person_signs_in_is_told_to_them() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let path = format!("/users/{}", invited["user"].as_str().unwrap());
    let token = server.mails(&outbox).await.pop().unwrap().token();
    let accept = json!({ "token": token, "password": PASSWORD });
    let ana = server.nobody().post("/invitations/accept", &accept).await.expect(200).client(&server.nobody());
    let mut known = server.mails(&outbox).await.len();
    let mut told = async |to: &str, subject: &str| {
        let mails = server.mails(&outbox).await;
        assert_eq!(mails.len(), known + 1, "{subject}: {mails:?}");
        let mail = &mails[known];
        assert_eq!(mail.to, to);
        assert!(mail.subject.starts_with(subject), "{mail:?}");
        assert!(!mail.text.contains("token="), "{mail:?}");
        known += 1;
    };

    let change = json!({ "password": PASSWORD, "new_password": "another phrase of mine" });
    let changed = ana.write(Method::PUT, "/session/password", &change).await.expect(204);
    told("ana@example.com", "Your password was changed").await;
    let back = json!({ "password": "another phrase of mine", "new_password": PASSWORD });
    let ana = ana.after(&changed);
    let ana = ana.after(&ana.write(Method::PUT, "/session/password", &back).await.expect(204));
    told("ana@example.com", "Your password was changed").await;

    let (ana, kept) = enrolled(&server, &ana).await;
    told("ana@example.com", "Your second factor was turned on").await;
    let proof = json!({ "password": PASSWORD, "code": kept.next(&server) });
    let ana = ana.after(&ana.write(Method::DELETE, "/session/second-factor", &proof).await.expect(204));
    told("ana@example.com", "Your second factor was turned off").await;
    // The step of that code was used.
    server.app.clock.advance(60 * 1000);
    enrolled(&server, &ana).await;
    told("ana@example.com", "Your second factor was turned on").await;
    let own = json!({ "password": PASSWORD });
    let root = root.after(&root.post(&format!("{path}/second-factor/reset"), &own).await.expect(204));
    told("ana@example.com", "Your second factor was reset").await;

    let mut known = server.mails(&outbox).await.len();
    // To the address before and to the new one, in whichever order they are sent.
    let mut both = async |before: &str, after: &str| {
        let mails = server.mails(&outbox).await;
        let mut new: Vec<_> =
            mails[known..].iter().map(|mail| (mail.to.as_str(), mail.subject.as_str())).collect();
        new.sort_by_key(|(_, subject)| subject.len());
        known = mails.len();
        let [(to_old, old), (to_new, new)] = new[..] else { panic!("{new:?}") };
        assert_eq!((to_old, to_new), (before, after));
        assert!(old.starts_with("Your email was changed"), "{old}");
        assert!(new.starts_with("Your account has a new email"), "{new}");
    };
    let tag = root.get(&path).await.etag();
    let fields = json!({ "email": "ana.ruiz@example.com", "first_name": "Ana" });
    root.put(&format!("{path}?dry_run=true"), &tag, &fields).await.expect(200);
    root.put(&path, &tag, &fields).await.expect(200);
    both("ana@example.com", "ana.ruiz@example.com").await;
    let moved = json!([{ "change": "update_user", "user": {
        "id": invited["user"], "email": "ana.maria@example.com", "first_name": "Ana" } }]);
    let versions = json!([{ "kind": "user", "id": invited["user"], "etag": "*" }]);
    root.post("/batch", &json!({ "changes": moved, "versions": versions })).await.expect(200);
    both("ana.ruiz@example.com", "ana.maria@example.com").await;
    let tag = root.get(&path).await.etag();
    let named = json!({ "email": "ana.maria@example.com", "first_name": "Anna" });
    root.put(&path, &tag, &named).await.expect(200);
    root.put(&path, &tag, &json!({ "email": "bo@example.com" })).await.problem(412, "conflict");
    let own = json!({ "password": PASSWORD, "email": "ruth@example.com" });
    root.write(Method::PUT, "/session/email?dry_run=true", &own).await.expect(200);
    root.write(Method::PUT, "/session/email", &own).await.expect(204);
    both("root@example.com", "ruth@example.com").await;
    let mails = server.mails(&outbox).await;
    assert_eq!(mails.len(), known);
    let is_by_another = |mail: &&Mail| mail.text.contains("was changed by an administrator");
    // Who changes one's own is no administrator to oneself.
    assert_eq!(
        mails.iter().filter(is_by_another).map(|mail| &*mail.to).collect::<Vec<_>>(),
        ["ana@example.com", "ana.ruiz@example.com"]
    );
}

#[tokio::test]
async fn a_deleted_account_is_told_of_at_its_address() {
    let outbox = Outbox::new_ok();
    let server = TestServer::with_mail(&outbox).await;
    let root = server.superuser().await;
    let invite = async |email: &str| {
        let invited = root.post("/users", &json!({ "email": email })).await.expect(201).json();
        (format!("/users/{}", invited["user"].as_str().unwrap()), server.mails(&outbox).await)
    };
    let (ana, mails) = invite("ana@example.com").await;
    let accept = json!({ "token": mails.last().unwrap().token(), "password": PASSWORD });
    server.nobody().post("/invitations/accept", &accept).await.expect(200);
    let (waiting, mails) = invite("waiting@example.com").await;

    // Who never accepted has no account to be told of.
    root.delete(&waiting, "*").await.expect(200);
    root.delete(&format!("{ana}?dry_run=true"), "*").await.expect(200);
    assert_eq!(server.mails(&outbox).await.len(), mails.len());
    root.delete(&ana, "*").await.expect(200);
    let after = server.mails(&outbox).await;
    let [told] = &after[mails.len()..] else { panic!("{after:?}") };
    assert_eq!(told.to, "ana@example.com");
    assert!(told.subject.starts_with("Your account was deleted"), "{told:?}");
}

#[tokio::test]
async fn an_address_that_is_none_is_told_why() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    for (email, why) in [
        ("ana", "there is no `@` in it"),
        ("ana@", "nothing stands after the `@`"),
        ("an\u{200b}a@example.com", "`\\u{200b}` cannot stand before the `@`"),
        ("ana@exa_mple.com", "`_` cannot stand after the `@`"),
        ("ana@example..com", "after the `@` no dot stands first, last or beside another"),
        ("ana@-example.com", "`-example` is no part of a domain"),
    ] {
        let told = root.post("/users", &json!({ "email": email })).await.problem(422, "invalid");
        assert_eq!(told["errors"][0]["path"], "$.email");
        assert!(told["detail"].as_str().unwrap().contains(why), "{email}: {told}");
    }
    root.post("/users", &json!({ "email": "j\u{f6}rg@m\u{fc}nchen.example" })).await.expect(201);
}

#[tokio::test]
async fn a_notice_that_cannot_be_sent_undoes_nothing() {
    let server = TestServer::with_mail(&Outbox::new_error()).await;
    let root = server.superuser().await;
    let change = json!({ "password": PASSWORD, "new_password": "another phrase of mine" });
    root.write(Method::PUT, "/session/password", &change).await.expect(204);
    let sign_in = json!({ "email": "root@example.com", "password": "another phrase of mine" });
    assert_ne!(server.nobody().post("/session", &sign_in).await.expect(200).json(), Value::Null);
}
