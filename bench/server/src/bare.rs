//! The route beside which ours stands: it parses the same JSON and answers the same, over the same connections, and
//! decides nothing.

use std::io::Write as _;

use anyhow::Result;
use axum::routing::post;
use axum::{Json, Router};
use rolewright_server::front::Front;
use rolewright_server::serve;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Evaluation {
    subject: Entity,
    action: Action,
    resource: Entity,
}

#[derive(Deserialize)]
struct Entity {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Action {
    name: String,
}

#[derive(Serialize)]
struct Decision {
    decision: bool,
}

async fn evaluation(Json(asked): Json<Evaluation>) -> Json<Decision> {
    let Evaluation { subject, action, resource } = asked;
    let said = [subject.kind, subject.id, action.name, resource.kind, resource.id];
    Json(Decision { decision: said.iter().all(|text| !text.is_empty()) })
}

/// Serves until it is killed; the first line that it prints says where.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "event": "listening", "address": listener.local_addr()? }))?;
    out.flush()?;
    let router = Router::new().route("/access/v1/evaluation", post(evaluation));
    serve::connections(listener, Front::of_router(router)).await;
    Ok(())
}
