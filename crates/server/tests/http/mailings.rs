//! Invitations that many rows make, and the mail server that is slow or away.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use http_body_util::BodyExt as _;
use rolewright_server::mail;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{API, Client, TestServer, token_of};

/// A mail server that takes mail to `p0@example.com` at once, and other mail when it is told to.
struct SlowServer {
    address: SocketAddr,
    /// How many mails it keeps waiting.
    held: watch::Receiver<usize>,
    takes_all: watch::Sender<bool>,
}

impl SlowServer {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (holding, held) = watch::channel(0);
        let (takes_all, open) = watch::channel(false);
        let holding = Arc::new(holding);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&holding), open.clone()));
            }
        });
        Self { address, held, takes_all }
    }
}

async fn talk(stream: TcpStream, holding: Arc<watch::Sender<usize>>, mut open: watch::Receiver<bool>) {
    let mut stream = BufStream::new(stream);
    let (mut answer, mut line) = ("220 mail.example.com", String::new());
    let mut is_letter = false;
    loop {
        if !answer.is_empty() {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        if line.starts_with("RCPT TO:") && !line.contains("p0@example.com") {
            holding.send_modify(|many| *many += 1);
            open.wait_for(|is| *is).await.unwrap();
        }
        answer = match line.trim_end() {
            "." => {
                is_letter = false;
                "250 taken"
            }
            _ if is_letter => "",
            "DATA" => {
                is_letter = true;
                "354 go on"
            }
            _ => "250 mail.example.com",
        };
    }
}

fn table(rows: usize) -> String {
    format!("email\n{}", (0..rows).map(|n| format!("p{n}@example.com\n")).collect::<String>())
}

async fn import(root: &Client, rows: usize) -> Body {
    let uri = format!("{API}/users/import?invite=true");
    root.begin(Method::POST, &uri, Some("text/csv"), Body::from(table(rows))).await.into_body()
}

/// The rows' results among these lines.
fn rows(lines: &str) -> Vec<Value> {
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line.get("row").cloned()).collect()
}

#[tokio::test]
async fn a_row_is_told_as_its_mail_is_sent_and_a_few_are_sent_at_a_time() {
    let mut mails = SlowServer::new().await;
    let server = TestServer::with_mail_server(mails.address).await;
    let root = server.superuser().await;
    let many = 3 * mail::TURNS;
    let mut lines = import(&root, many).await;
    let mut told = String::new();
    while rows(&told).is_empty() {
        let frame = lines.frame().await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
    // Nobody else has a mail yet.
    assert!(!*mails.takes_all.borrow());
    assert_eq!((rows(&told).len(), &rows(&told)[0]["invited"]["delivery"]), (1, &"sent".into()));
    let rest = tokio::spawn(lines.collect());
    mails.held.wait_for(|held| *held == mail::TURNS).await.unwrap();
    mails.takes_all.send_replace(true);
    let rest = rest.await.unwrap().unwrap().to_bytes();
    told.push_str(std::str::from_utf8(&rest).unwrap());
    let rows = rows(&told);
    assert_eq!(rows.len(), many);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(
            (&row["subject"], &row["invited"]["delivery"]),
            (&format!("p{n}@example.com").into(), &"sent".into())
        );
    }
}

#[tokio::test]
async fn where_the_mail_server_is_away_the_rest_of_the_links_are_told_unsent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = TestServer::with_mail_server(address).await;
    let root = server.superuser().await;
    let bytes = import(&root, 20).await.collect().await.unwrap().to_bytes();
    let rows = rows(std::str::from_utf8(&bytes).unwrap());
    assert_eq!(rows.len(), 20);
    let tried = |row: &&Value| row["invited"]["problem"] == "the mail server cannot be reached";
    let tries = rows.iter().take_while(tried).count();
    // Those that were under way at the fifth failure are among them.
    assert!((5..5 + mail::TURNS).contains(&tries), "{tries}");
    for row in &rows {
        assert_eq!(
            (&row["result"], &row["invited"]["delivery"]),
            (&"changed".into(), &"failed".into()),
            "{row}"
        );
        assert!(!token_of(row["invited"]["link"].as_str().unwrap()).is_empty());
    }
    for row in &rows[tries..] {
        assert!(row["invited"]["problem"].as_str().unwrap().starts_with("it was not sent: "), "{row}");
    }
}

#[tokio::test]
async fn an_address_with_letters_that_the_mail_server_has_no_way_for_says_so() {
    let mails = SlowServer::new().await;
    mails.takes_all.send_replace(true);
    let server = TestServer::with_mail_server(mails.address).await;
    let root = server.superuser().await;
    let invite = serde_json::json!({ "email": "j\u{f6}rg@example.com" });
    let invited = root.post("/users", &invite).await.expect(201).json();
    assert_eq!(invited["delivery"], "failed");
    let why = invited["problem"].as_str().unwrap();
    assert!(why.contains("letters beyond ASCII") && why.contains("SMTPUTF8"), "{why}");
    assert!(invited["link"].is_string());
}
