//! Clients that are slow, and requests that are not what they seem, over real sockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use futures_util::stream;
use rolewright_server::serve::serve;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::faults::load;
use crate::process::{Folder, Server};
use crate::support::{PASSWORD, TestServer};

/// A server in this runtime, at that address.
async fn listening(server: &TestServer) -> String {
    // Read before it is asked, so that answering waits for nothing but the client.
    server.tenant().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(serve(listener, server.app.clone(), stream::pending()));
    address
}

async fn ask(address: &str) -> String {
    let mut other = tokio::net::TcpStream::connect(address).await.unwrap();
    other.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    answer
}

/// What a client is answered that sends a byte of `text` every two seconds of the test's time, after `begin`.
async fn trickle(address: &str, begin: &str, text: &str) -> (String, Duration) {
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    slow.write_all(begin.as_bytes()).await.unwrap();
    let begun = tokio::time::Instant::now();
    let (mut answers, mut sends) = slow.split();
    let mut answer = Vec::new();
    let sending = async {
        for byte in text.bytes().cycle() {
            if sends.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            // Meanwhile others are served.
            assert!(ask(address).await.starts_with("HTTP/1.1 200"));
        }
    };
    tokio::select! {
        _ = answers.read_to_end(&mut answer) => {}
        () = sending => {}
    }
    (String::from_utf8(answer).unwrap(), begun.elapsed())
}

#[tokio::test]
async fn a_slow_client_is_let_go_while_others_are_served() {
    let server = TestServer::new().await;
    let address = listening(&server).await;
    // Time passes as soon as nothing else is to be done.
    tokio::time::pause();
    let (answer, took) = trickle(&address, "GET /healthz HTTP/1.1\r\nx-slow: ", "a").await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!((25..=35).contains(&took.as_secs()), "{took:?}");

    let begin = "POST /api/v1/tenants/default/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
    let (answer, took) = trickle(&address, begin, " ").await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("urn:rolewright:problem:timed_out"),
        "{answer}"
    );
    assert!((15..=25).contains(&took.as_secs()), "{took:?}");
}

/// What is answered to bytes as they are, until the server closes or says no more.
fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    // Long for the first part of an answer, short for whether there is more.
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    _ = stream.write_all(bytes);
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..length]);
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of all answers in a text.
fn statuses(answers: &str) -> Vec<u16> {
    let after = answers.split("HTTP/1.1 ").skip(1);
    after.map(|answer| answer.split(' ').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn requests_that_are_not_what_they_seem_are_refused() {
    let folder = Folder::new("hostile");
    load::set_up(&folder.0);
    let server = Server::start(&folder.0, &[]);
    let users = "/api/v1/tenants/default/users";
    let long = "a".repeat(70_000);
    let longer = "a".repeat(500_000);
    let many: String = (0..200).map(|n| format!("x-{n}: a\r\n")).collect();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes();
    let head = |line: &str, headers: &str, body: &str| {
        format!("{line} HTTP/1.1\r\n{headers}\r\n{body}").into_bytes()
    };
    let sign_in = "POST /api/v1/tenants/default/session";
    let mut wrong = Vec::new();
    for (name, bytes, expected) in [
        // Paths: nothing leads round the sign-in, and nothing is the server's fault.
        ("an encoded slash", get("/api/v1/tenants/default%2fusers"), &[404][..]),
        ("an encoded slash in an id", get(&format!("{users}/a%2f..%2fb")), &[401]),
        ("dot segments", get("/api/v1/tenants/x/../default/users"), &[404]),
        ("encoded dot segments", get("/api/v1/tenants/%2e%2e/users"), &[404]),
        ("dots as an id", get(&format!("{users}/..")), &[401]),
        // Where the admin app is built, its page, which is the same for everybody.
        ("two slashes", get("//api/v1/tenants/default/users"), &[200, 404, 503]),
        ("a slash at the end", get(&format!("{users}/")), &[404]),
        ("a capital letter", get("/API/v1/tenants/default/users"), &[200, 404, 503]),
        ("an encoded NUL", get(&format!("{users}/%00")), &[401]),
        ("an encoded NUL as a tenant", get("/api/v1/tenants/%00/users"), &[404]),
        ("what is not UTF-8", get(&format!("{users}/%ff%fe")), &[404]),
        ("half an escape", get(&format!("{users}/%f")), &[401, 404]),
        ("an overlong encoding", get(&format!("{users}/%c0%af")), &[404]),
        ("a backslash", get("/api\\v1\\tenants\\default\\users"), &[200, 400, 404, 503]),
        ("a NUL", get("/api/v1\0/users"), &[400]),
        ("a space", get("/api/v1 /users"), &[400]),
        ("an absolute form", get(&format!("http://evil.example.com{users}")), &[401]),
        ("an authority form", head("CONNECT evil.example.com:443", "host: x\r\n", ""), &[400, 403, 404, 405]),
        ("an asterisk", head("OPTIONS *", "host: x\r\n", ""), &[400, 404, 405, 503]),
        ("a long path", get(&format!("{users}/{long}")), &[414, 431]),
        ("a huge query", get(&format!("{users}?search={long}")), &[414, 431]),
        ("a large query", get(&format!("{users}?search={}", "%20a".repeat(4000))), &[401]),
        // Heads.
        ("no host", head(&format!("GET {users}"), "", ""), &[400]),
        ("two hosts", head(&format!("GET {users}"), "host: x\r\nhost: evil.example.com\r\n", ""), &[400]),
        ("another host", head(&format!("GET {users}"), "host: evil.example.com\r\n", ""), &[401]),
        (
            "a header too long",
            head(&format!("GET {users}"), &format!("host: x\r\nx: {longer}\r\n"), ""),
            &[431],
        ),
        ("too many headers", head(&format!("GET {users}"), &format!("host: x\r\n{many}"), ""), &[431]),
        ("a folded header", head(&format!("GET {users}"), "host: x\r\nx: a\r\n b\r\n", ""), &[400]),
        ("a space before the colon", head(&format!("GET {users}"), "host: x\r\nx : a\r\n", ""), &[400]),
        ("a NUL in a header", head(&format!("GET {users}"), "host: x\r\nx: a\0b\r\n", ""), &[400]),
        (
            "two authorizations",
            head(
                &format!("GET {users}"),
                "host: x\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n",
                "",
            ),
            &[401],
        ),
        (
            "two sessions",
            head(
                &format!("GET {users}"),
                "host: x\r\ncookie: __Host-rolewright=a\r\ncookie: __Host-rolewright=b\r\n",
                "",
            ),
            &[401],
        ),
        ("an unknown method", head("BREW /healthz", "host: x\r\n", ""), &[403, 405]),
        ("another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[]),
        ("no protocol", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), &[400]),
        // Bodies whose end two readers could see at two places: one answer, and the connection ends.
        (
            "two lengths",
            head(
                sign_in,
                "host: x\r\ncontent-length: 2\r\ncontent-length: 40\r\n",
                "{}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
            ),
            &[400],
        ),
        (
            "two lengths in one",
            head(
                sign_in,
                "host: x\r\ncontent-length: 2, 40\r\n",
                "{}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
            ),
            &[400],
        ),
        ("a length that is none", head(sign_in, "host: x\r\ncontent-length: +2\r\n", "{}"), &[400]),
        ("a length below nothing", head(sign_in, "host: x\r\ncontent-length: -1\r\n", "{}"), &[400]),
        (
            "an encoding that is not known",
            head(sign_in, "host: x\r\ntransfer-encoding: xchunked\r\n", "0\r\n\r\n"),
            &[400],
        ),
        (
            "an encoding that is not last",
            head(sign_in, "host: x\r\ntransfer-encoding: chunked, identity\r\n", "0\r\n\r\n"),
            &[400],
        ),
        (
            "a chunk without a size",
            head(
                sign_in,
                "host: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n",
                "zz\r\n{}\r\n0\r\n\r\n",
            ),
            &[400],
        ),
        (
            "a chunk that is too large to count",
            head(
                sign_in,
                "host: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n",
                "fffffffffffffffff\r\n{}\r\n",
            ),
            &[400],
        ),
    ] {
        let answer = raw(&server, &bytes);
        let found = statuses(&answer);
        // Where nothing is expected, the connection is closed without an answer.
        let is_right = match found[..] {
            [] => expected.is_empty(),
            [200] => expected.contains(&200) && answer.contains("content-type: text/html"),
            [only] => expected.contains(&only),
            _ => false,
        };
        if !is_right {
            wrong.push(format!(
                "{name}: {found:?} and not {expected:?}: {}",
                answer.chars().take(300).collect::<String>()
            ));
        }
        assert!(!answer.contains("root@example.com"), "{name}: {answer}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // A length beside chunks: the chunks count, as RFC 9112 says, and what follows is not hidden in a body.
    let both = head(
        sign_in,
        "host: x\r\ncontent-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n",
        "2\r\n{}\r\n0\r\n\r\n",
    );
    let both = raw(&server, &[both, get("/healthz")].concat());
    assert!(matches!(statuses(&both)[..], [400] | [422] | [422, 200]), "{both}");

    // After all of it the server is as it was.
    assert_eq!(statuses(&raw(&server, &get("/healthz"))), [200]);
    assert_eq!(load::root(&server.address).unwrap().send("GET", "/session", "", "").unwrap().status, 200);
}

#[test]
fn a_body_that_is_deep_or_large_ends_neither_the_process_nor_the_connection() {
    let folder = Folder::new("deep");
    load::set_up(&folder.0);
    let server = Server::start(&folder.0, &[]);
    let mut root = load::root(&server.address).unwrap();
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"password\":[", "]}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for path in ["/batch", "/policy", "/check", "/session"] {
            let method = if path == "/policy" { "PUT" } else { "POST" };
            assert_eq!(
                root.send(method, path, "if-match: *\r\n", &deep).unwrap().status,
                400,
                "{path} {open}"
            );
        }
    }
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(10 * 1024 * 1024));
    for path in ["/groups", "/batch", "/check"] {
        assert_eq!(root.send("POST", path, "", &large).unwrap().status, 413, "{path}");
    }
    // More than is read at all: it is answered at once, and the connection ends.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(b"POST /api/v1/tenants/default/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999999999999\r\n\r\n").unwrap();
    let answer = answer_of(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("connection: close"), "{answer}");
    let part = vec![b' '; 1 << 20];
    let sent = (0..64).take_while(|_| stream.write_all(&part).is_ok()).count();
    assert!(sent < 64, "{sent} MB were read");
    assert_eq!(root.send("GET", "/session", "", "").unwrap().status, 200);
}

/// The head of the next answer on a connection, and what of its body came with it.
fn answer_of(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => answer.extend_from_slice(&buffer[..length]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn whoever_is_refused_before_the_body_came_keeps_the_connection_or_is_told_that_it_ends() {
    let folder = Folder::new("unread");
    load::set_up(&folder.0);
    let server = Server::start(&folder.0, &[]);
    let role = "/api/v1/tenants/default/roles/full-user";
    let json = "content-type: application/json\r\n";
    for (line, headers, status) in [
        (format!("PUT {role}"), "if-match: *\r\n", 401),
        ("POST /access/v1/evaluation".to_owned(), "", 401),
        ("POST /no/such/path".to_owned(), "", 405),
        ("POST /api/v1/tenants/default/no-such-thing".to_owned(), "", 404),
        ("POST /healthz".to_owned(), "", 405),
        (format!("PUT {role}"), "sec-fetch-site: cross-site\r\n", 403),
    ] {
        for (length, more, ends) in
            [(2, "", false), (60_000, "", false), (300_000, "", true), (2, "expect: 100-continue\r\n", true)]
        {
            let about = format!("{line} {headers:?} {length} {more}");
            let mut stream = TcpStream::connect(&server.address).unwrap();
            let head = format!(
                "{line} HTTP/1.1\r\nhost: x\r\n{json}{headers}{more}content-length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            if more.is_empty() {
                std::thread::sleep(Duration::from_millis(50));
                _ = stream.write_all(" ".repeat(length).as_bytes());
            }
            let answer = answer_of(&mut stream);
            assert_eq!(statuses(&answer), [status], "{about}: {answer}");
            assert_eq!(answer.contains("connection: close"), ends, "{about}: {answer}");
            if !ends {
                stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
                let next = answer_of(&mut stream);
                assert!(next.contains("HTTP/1.1 200"), "{about}: {next}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_was_planted_before_signing_in_is_nobodys_after_it() {
    let server = TestServer::new().await;
    let planted = "__Host-rolewright=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let victim = server.nobody().with("cookie", planted).with("sec-fetch-site", "same-origin");
    let thief = victim.clone();
    let begins = async |path: &str, body: serde_json::Value| {
        let answer = victim.post(path, &body).await.expect(200);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        assert_ne!(cookie, planted, "{path}");
        thief.get("/session").await.problem(401, "unauthenticated");
        answer
    };
    let setup =
        json!({ "token": server.setup_token().await, "email": "root@example.com", "password": PASSWORD });
    let root = begins("/setup", setup).await.client(&server.nobody());
    begins("/session", json!({ "email": "root@example.com", "password": PASSWORD })).await;
    let invited = root.post("/users", &json!({ "email": "ana@example.com" })).await.expect(201).json();
    let token = crate::support::token_of(invited["link"].as_str().unwrap());
    begins("/invitations/accept", json!({ "token": token, "password": PASSWORD })).await;
}
