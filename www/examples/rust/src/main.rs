//! A Rust service that uses the permission model natively: it holds the signed full snapshot, follows the server by conditional
//! requests, and answers `GET /check?subject=&permission=&resource=` without asking anybody.
//!
//! Its settings are the variables `ROLEWRIGHT_URL`, `ROLEWRIGHT_TENANT`, `ROLEWRIGHT_KEY` (holding `snapshot.full`) and `PORT`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that says where it listens and what fails"
)]

mod ask;
mod held;
mod signed;

use std::env;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use rolewright_model::{Decision, Question, Request, Timestamp};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::ask::Server;
use crate::held::Held;

/// How often the server is asked whether there is something new.
const PERIOD: Duration = Duration::from_millis(500);

/// How long the server has to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the service knows, if anything.
type Shared = Arc<RwLock<Option<Arc<Held>>>>;

#[tokio::main]
async fn main() -> Result<()> {
    let of = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let server = Server {
        url: of("ROLEWRIGHT_URL", "http://127.0.0.1:7420").parse().context("ROLEWRIGHT_URL is no address")?,
        tenant: of("ROLEWRIGHT_TENANT", "default"),
        key: of("ROLEWRIGHT_KEY", ""),
    };
    let shared = Shared::default();
    tokio::spawn(follow(server, Arc::clone(&shared)));
    let port: u16 = of("PORT", "3005").parse().context("PORT is no port")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/check", get(check)).with_state(shared)).await?;
    Ok(())
}

/// Keeps what is known current. While the server cannot be reached the last state answers until its stamp expires.
async fn follow(server: Server, shared: Shared) {
    loop {
        let known = read(&shared);
        let asked = tokio::time::timeout(PATIENCE, server.snapshot(known.as_deref(), now())).await;
        match asked.unwrap_or_else(|_| Err(anyhow::anyhow!("the server does not answer"))) {
            Ok(held) => *shared.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held)),
            Err(error) => eprintln!("the last state goes on: {error:#}"),
        }
        tokio::time::sleep(PERIOD).await;
    }
}

#[derive(Deserialize)]
struct Asked {
    subject: String,
    permission: String,
    #[serde(default = "tenant")]
    resource: String,
}

fn tenant() -> String {
    "/".to_owned()
}

async fn check(
    State(shared): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Json<Decision>, StatusCode> {
    let at = now();
    let held = read(&shared).filter(|held| at < held.expires).ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let Asked { subject, permission, resource } = &asked;
    let question = Question { subject, permission, resource, asked: None, request: Request::new(at) };
    Ok(Json(held.snapshot.index.decide(&question)))
}

fn read(shared: &Shared) -> Option<Arc<Held>> {
    shared.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
