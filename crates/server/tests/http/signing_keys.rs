//! A new signing key: what checkers believe then, and what was signed before.

use rolewright_server::signing::{Rotated, rotate};

use crate::process::{CREATE, Folder, json as answer, run, text};
use crate::support::{Client, PASSWORD, TestServer, public_key, verified_snapshot};

/// The thumbprints of the keys that checkers are to believe, the one that signs first.
async fn published(client: &Client) -> Vec<String> {
    let keys = client.get("/.well-known/jwks.json").await.expect(200).json()["keys"].clone();
    assert!(keys.as_array().unwrap().iter().all(|key| key.get("d").is_none()), "{keys}");
    keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_key_signs_and_the_earlier_one_is_believed_for_a_day() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let (tenant, first) = (server.tenant().await, public_key(&root).await);
    verified_snapshot(&root.get("/snapshot?kind=full").await.expect(200).body, &first);
    let reason = Some("once a year".to_owned());
    let Rotated { from, to, believed_until } =
        rotate(&tenant, false, reason, server.app.clock.now()).await.unwrap();
    assert_eq!((&from, believed_until.is_some()), (&first.0, true));
    tenant.refresh().await.unwrap();
    assert_eq!(published(&root).await, [to.clone(), from]);
    let second = public_key(&root).await;
    assert_eq!(second.0, to);
    verified_snapshot(&root.get("/snapshot?kind=full").await.expect(200).body, &second);
    let logged = root.get("/audit?action=rotate_signing_key").await.expect(200).json();
    assert_eq!(logged["items"].as_array().unwrap().len(), 1, "{logged}");
    assert_eq!(logged["items"][0]["reason"], "once a year");
    assert!(!logged.to_string().contains("\"d\""), "{logged}");

    server.app.clock.advance(24 * 60 * 60 * 1000);
    assert_eq!(published(&root).await, [to]);
}

#[tokio::test]
async fn a_key_that_leaked_is_believed_no_longer() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let tenant = server.tenant().await;
    rotate(&tenant, false, None, server.app.clock.now()).await.unwrap();
    let rotated = rotate(&tenant, true, None, server.app.clock.now()).await.unwrap();
    tenant.refresh().await.unwrap();
    // Nor is the one before it.
    assert_eq!((published(&root).await, rotated.believed_until), (vec![rotated.to], None));
}

#[test]
fn what_an_earlier_key_signed_still_verifies_and_the_operator_is_told_by_which() {
    let folder = Folder::new("rotate-key");
    answer(&run(CREATE, Some(&folder.0), PASSWORD));
    let ask = |arguments: &[&str]| run(arguments, Some(&folder.0), "");
    let export = folder.0.join("before.jsonl");
    std::fs::write(&export, ask(&["audit", "export"]).stdout).unwrap();
    let export = export.to_str().unwrap();
    let verify = || ask(&["audit", "verify", export]);
    let says_more = |says: &[&str]| {
        let verified = verify();
        let (told, notes) = (text(&verified.stdout), text(&verified.stderr));
        assert!(told.starts_with("a whole export") && says.iter().all(|say| notes.contains(say)), "{notes}");
    };
    assert_eq!(text(&verify().stderr), "");

    let would = answer(&ask(&["tenant", "rotate-key", "default", "--dry-run", "--json"]));
    assert_eq!((would["to"].is_null(), text(&verify().stderr)), (true, String::new()), "{would}");

    let first = answer(&ask(&["tenant", "rotate-key", "default", "--json"]));
    assert_eq!(first["from"], would["from"]);
    assert!(first["believed_until"].is_i64() && first["from"] != first["to"], "{first}");
    says_more(&["it is signed by a key that was replaced at "]);

    let leaked = ask(&["tenant", "rotate-key", "default", "--leaked", "--reason", "a laptop was stolen"]);
    assert!(text(&leaked.stdout).contains("is believed by nobody"), "{}", text(&leaked.stdout));
    assert!(ask(&["audit", "verify"]).status.success());
    // The key of the export is the one before, and was published still.
    says_more(&["others may have it: whoever has it could have signed this"]);
    std::fs::write(export, ask(&["audit", "export"]).stdout).unwrap();
    assert_eq!(text(&verify().stderr), "");
    answer(&ask(&["tenant", "rotate-key", "default", "--leaked", "--json"]));
    says_more(&["others may have it: whoever has it could have signed this"]);

    let listed = text(&ask(&["audit", "list", "--json"]).stdout);
    assert!(listed.contains("rotate_signing_key") && !listed.contains("\"d\":"), "{listed}");
    let none = ask(&["tenant", "rotate-key", "nowhere"]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
}
