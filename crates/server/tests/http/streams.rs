//! The stream of changes: what is told first, what a silent or slow one is like.

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::support::{API, Client, TestServer};

async fn listen(server: &TestServer, who: &Client, last: Option<&str>) -> Body {
    let mut request = Request::get(format!("{API}/changes"));
    for name in ["cookie", "authorization"] {
        if !who.header(name).is_empty() {
            request = request.header(name, who.header(name));
        }
    }
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = server.front.answer(None, request.body(Body::empty()).unwrap()).await;
    // No proxy is to keep events until there are more.
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    answer.into_body()
}

async fn next(body: &mut Body) -> String {
    let frame = body.frame().await.unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

async fn change(server: &TestServer, root: &Client, times: u64) {
    let before = server.tenant().await.loaded().state.at().revision;
    for number in before..before + times {
        root.post("/groups", &json!({ "name": format!("G{number}") })).await.expect(201);
    }
}

#[tokio::test]
async fn who_cannot_be_led_on_is_reset_first() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    change(&server, &root, 130).await;
    let at = server.tenant().await.loaded().state.at();
    let newest = format!(r#"data: {{"at":{{"epoch":0,"revision":{}}}}}"#, at.revision);
    let id = format!("id: {at}\n");
    for (last, is_reset) in [
        (None, false),
        (Some(format!("0.{}", at.revision - 1)), false),
        (Some(format!("0.{}", at.revision - 127)), false),
        // Too long ago.
        (Some(format!("0.{}", at.revision - 128)), true),
        (Some("0.1".to_owned()), true),
        // Newer than there is: of a server that was restored to before it.
        (Some(format!("0.{}", at.revision + 1)), true),
        // Another epoch.
        (Some(format!("1.{}", at.revision)), true),
        // No revision.
        (Some("yesterday".to_owned()), true),
    ] {
        let mut body = listen(&server, &root, last.as_deref()).await;
        let mut event = next(&mut body).await;
        if is_reset {
            assert!(event.starts_with("event: reset\n") && event.contains(&newest), "{last:?}: {event}");
            assert!(!event.contains("id:"), "{event}");
            event = next(&mut body).await;
        }
        assert!(event.contains(&id) && event.contains(&newest), "{last:?}: {event}");
        assert!(!event.contains("event:"), "{last:?}: {event}");
    }
    // Who is level is told nothing until something changes.
    let mut level = listen(&server, &root, Some(&at.to_string())).await;
    change(&server, &root, 1).await;
    assert!(next(&mut level).await.contains(&format!("id: {}\n", at.next())));
}

/// What is told after the first event, up to the end of the stream, which must not wait for a look by the clock.
async fn rest(mut body: Body) -> String {
    let told = async {
        let mut told = String::new();
        while let Some(frame) = body.frame().await {
            told.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
        told
    };
    tokio::time::timeout(std::time::Duration::from_secs(2), told).await.expect("the stream goes on")
}

#[tokio::test]
async fn a_stream_ends_with_what_ends_its_key_or_session_and_tells_nothing_of_it() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let ana = server.person(&root, "ana@example.com", &[]).await;
    let key = server.key(&["users.view"]).await;
    let keys = root.get("/keys").await.expect(200).json();
    let its = format!("/keys/{}", keys["items"][0]["id"].as_str().unwrap());
    let hers = format!("/users/{}/sessions", ana.user);
    let bo = server.person(&root, "bo@example.com", &[]).await;
    // To sign out is no change.
    for (who, by, path, status) in
        [(&key, &root, its, 200), (&ana, &root, hers, 204), (&bo, &bo, "/session".to_owned(), 204)]
    {
        let mut body = listen(&server, who, None).await;
        next(&mut body).await;
        change(&server, &root, 1).await;
        next(&mut body).await;
        by.send(Method::DELETE, &path, None, Body::empty()).await.expect(status);
        assert_eq!(rest(body).await, "", "{path}");
    }
}

#[tokio::test]
async fn a_slow_client_is_told_the_newest_alone() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let mut slow = listen(&server, &root, None).await;
    assert!(next(&mut slow).await.contains("id: 0.2\n"));
    // It reads nothing meanwhile: what is not read is not kept either.
    change(&server, &root, 20).await;
    assert!(next(&mut slow).await.contains("id: 0.22\n"));
    change(&server, &root, 130).await;
    assert!(next(&mut slow).await.starts_with("event: reset\n"));
    assert!(next(&mut slow).await.contains("id: 0.152\n"));
}

#[tokio::test]
async fn a_silent_stream_says_every_fifteen_seconds_that_it_is_there() {
    let server = TestServer::new().await;
    let root = server.superuser().await;
    let mut body = listen(&server, &root, Some("0.2")).await;
    tokio::time::pause();
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        let comment = next(&mut body).await;
        assert!(comment.starts_with(':') && comment.ends_with("\n\n"), "{comment}");
        let silent = before.elapsed();
        assert!((14..=16).contains(&silent.as_secs()), "{silent:?} by the paused clock");
    }
}
