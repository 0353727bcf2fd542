//! Whether the server runs and is ready, how it ends, and what it counts.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use rolewright_server::app::App;
use rolewright_server::clock::Clock;
use rolewright_server::config::Config;
use rolewright_server::front::Front;
use rolewright_store::SqliteStore;
use serde_json::{Value, json};

use crate::process::{Folder, Server};
use crate::support::{PASSWORD, TestServer};

async fn ask(front: &Front, path: &str) -> (u16, Value) {
    let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    let answer = front.answer(None, request).await;
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap())
}

#[tokio::test]
async fn ready_is_a_server_with_a_store_and_a_tenant_that_is_not_being_stopped() {
    let server = TestServer::new().await;
    assert_eq!(ask(&server.front, "/readyz").await, (200, json!({ "status": "ready" })));
    server.app.stop();
    let (status, body) = ask(&server.front, "/readyz").await;
    assert_eq!((status, &body["not_ready"][0]["why"]), (503, &json!("it is being stopped")));
    assert_eq!(ask(&server.front, "/healthz").await.0, 200, "it still runs");

    let store = Arc::new(SqliteStore::in_memory().await.unwrap());
    let app = App::new(store.clone(), Config::default(), Clock::default());
    let front = Front::new(app);
    let (status, body) = ask(&front, "/readyz").await;
    assert_eq!(
        (status, &body["not_ready"]),
        (503, &json!([{ "what": "tenant", "why": "`default` does not open" }]))
    );
    store.close().await;
    let (status, body) = ask(&front, "/readyz").await;
    assert_eq!(
        (status, &body["not_ready"]),
        (503, &json!([{ "what": "store", "why": "it does not answer" }]))
    );
    assert_eq!(ask(&front, "/healthz").await.0, 200, "to start it again would not help");
}

/// A request of which half the body was sent.
fn half(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/v1/tenants/default/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
    let body = sign_in();
    let (first, _) = body.split_at(10);
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{first}", body.len()).unwrap();
    // It is under way once it was seen; a later request is seen later.
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(server.request("GET /readyz HTTP/1.1", "").0, 200);
    stream
}

fn sign_in() -> String {
    json!({ "email": "nobody@example.com", "password": PASSWORD }).to_string()
}

fn terminate(server: &Server) {
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

/// Waits until it ended; whether as it should.
fn ended(mut server: Server) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if let Some(status) = server.child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it did not end");
}

#[test]
fn told_to_stop_it_finishes_what_is_under_way_and_is_not_ready_meanwhile() {
    let folder = Folder::new("graceful");
    let server = Server::start(&folder.0, &["--shutdown-limit", "60"]);
    let mut under_way = half(&server);
    terminate(&server);
    let begun = Instant::now();
    loop {
        let answer = server.answer("GET /readyz HTTP/1.1", "");
        if let Some((503, answer)) = answer {
            assert!(answer.contains("it is being stopped"), "{answer}");
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{answer:?}");
    }
    under_way.write_all(&sign_in().as_bytes()[10..]).unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(ended(server));
}

#[test]
fn told_again_or_after_the_limit_it_ends_at_once() {
    let folder = Folder::new("impatient");
    let server = Server::start(&folder.0, &["--shutdown-limit", "60"]);
    let _under_way = half(&server);
    terminate(&server);
    while server.answer("GET /readyz HTTP/1.1", "").is_none_or(|(status, _)| status != 503) {}
    terminate(&server);
    assert!(ended(server));

    let server = Server::start(&folder.0, &["--shutdown-limit", "1"]);
    let _under_way = half(&server);
    terminate(&server);
    assert!(ended(server));
}

#[tokio::test]
async fn what_happens_is_counted_with_bounded_labels() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let nobody = server.nobody();
    for (password, status) in [(PASSWORD, 200), ("a wrong phrase of mine", 401)] {
        let sign_in = json!({ "email": "root@example.com", "password": password });
        nobody.post("/session", &sign_in).await.expect(status);
    }
    for permission in ["reports.run", "no.such"] {
        root.post("/check", &json!({ "subject": root.user, "permission": permission })).await.expect(200);
    }
    root.post("/groups", &json!({ "name": "G" })).await.expect(201);
    root.post("/groups?dry_run=true", &json!({ "name": "H" })).await.expect(200);
    root.delete("/roles/superuser", "*").await.problem(403, "built_in_role");
    root.get("/snapshot?kind=full").await.expect(200);
    for number in 0..3 {
        nobody.page(&format!("/pages/{number}?q={number}")).await;
        nobody.get(&format!("/users/u_{number}")).await.expect(401);
    }
    let strange = axum::http::Method::from_bytes(b"BREW").unwrap();
    nobody.send(strange, "/users", None, axum::body::Body::empty()).await;
    let stream = axum::http::Request::get("/api/v1/tenants/default/changes")
        .header("cookie", root.header("cookie"))
        .body(axum::body::Body::empty())
        .unwrap();
    let stream = server.front.answer(None, stream).await;

    let text = server.app.counted().unwrap();
    let base = "/api/v1/tenants/{tenant}";
    for line in [
        &format!(r#"rolewright_http_requests_total{{method="POST",route="{base}/check",status="200"}} 2"#),
        &format!(
            r#"rolewright_http_requests_total{{method="GET",route="{base}/users/{{id}}",status="401"}} 3"#
        ),
        r#"rolewright_http_requests_total{method="GET",route="-","#,
        r#"rolewright_http_requests_total{method="other","#,
        &format!(r#"rolewright_http_request_duration_seconds_count{{method="POST",route="{base}/check"}} 2"#),
        r#"rolewright_decisions_total{answer="allowed"} 1"#,
        r#"rolewright_decisions_total{answer="not_allowed"} 1"#,
        r#"rolewright_writes_total{tenant="default"} 2"#,
        r#"rolewright_refused_writes_total{tenant="default",code="built_in_role"} 1"#,
        r#"rolewright_sign_ins_total{outcome="signed_in"} 1"#,
        r#"rolewright_sign_ins_total{outcome="wrong_credentials"} 1"#,
        "rolewright_change_streams 1",
        r#"rolewright_snapshot_encodings_total{kind="full"} 1"#,
        r#"rolewright_snapshot_encoded_bytes_total{kind="full"} "#,
        r#"rolewright_tenant_revision{tenant="default"} 3"#,
        r#"rolewright_tenant_epoch{tenant="default"} 0"#,
        "rolewright_store_errors_total 0",
        "rolewright_build_info{version=",
    ] {
        assert!(text.lines().any(|told| told.starts_with(line)), "{line} is not in {text}");
    }
    for word in ["u_1", "pages", "BREW", "root@example.com", &root.user] {
        assert!(!text.contains(word), "{word}");
    }
    drop(stream);
    assert!(server.app.counted().unwrap().contains("rolewright_change_streams 0"));
}

#[test]
fn metrics_have_a_listener_of_their_own() {
    let folder = Folder::new("metrics");
    let server = Server::start(&folder.0, &["--metrics", "127.0.0.1:0"]);
    assert_eq!(server.request("GET /metrics HTTP/1.1", "").0, 404);
    let mut stream = TcpStream::connect(server.first["metrics"].as_str().unwrap()).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0"), "{answer}");
    assert!(answer.contains("rolewright_tenant_revision{tenant=\"default\"} 1"), "{answer}");
    if cfg!(target_os = "linux") {
        assert!(!answer.contains("process_resident_memory_bytes 0"), "{answer}");
    }
    server.stop();
    let folder = Folder::new("no-metrics");
    assert_eq!(Server::start(&folder.0, &[]).first["metrics"], Value::Null);
}

#[test]
fn told_to_stop_it_serves_on_while_it_drains_and_says_that_it_is_not_ready() {
    let folder = Folder::new("drain");
    let mut server = Server::start(&folder.0, &["--drain", "600"]);
    assert_eq!(server.request("GET /readyz HTTP/1.1", "").0, 200);
    terminate(&server);
    let begun = Instant::now();
    while server.request("GET /readyz HTTP/1.1", "").0 != 503 {
        assert!(begun.elapsed() < Duration::from_secs(8), "it is ready still");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Connections are taken as before.
    for _ in 0..3 {
        assert_eq!(server.request("GET /healthz HTTP/1.1", "").0, 200);
    }
    assert!(server.child.try_wait().unwrap().is_none());
    // Told again it goes on at once, and ends as nothing is under way.
    terminate(&server);
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(8), "it did not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
}
