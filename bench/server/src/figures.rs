//! The figures. What is compared takes turns in one run, and the median of the turns counts.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::body::Bytes;
use serde_json::json;

use crate::child::Server;
use crate::data::{self, PEOPLE, person, server_of};
use crate::load::{Client, p95, rate};

/// How many connections ask at one time: enough that the server always has a next request.
const CONNECTIONS: usize = 64;
/// How long a turn lasts, and how many there are.
const TURN: Duration = Duration::from_millis(1500);
const TURNS: usize = 7;
/// How many evaluations a batch has.
const BATCH: usize = 100;
/// How many clients listen for changes.
const LISTENERS: usize = 1_000;

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const API: &str = "/api/v1/tenants/default";

fn figure(name: &str, value: f64, unit: &str) {
    println!("{}", json!({ "name": format!("server/{name}"), "value": value, "unit": unit }));
}

/// Prints every figure.
pub async fn print(folder: &Path) -> Result<()> {
    let key = data::key_of(folder)?;
    let path = folder.to_str().context("the folder's name is no text")?;
    let server = Server::start(&["serve", "--data", path, "--port", "0", "--json"])?;
    let mut client = Client::connect(server.address, &key).await?;
    // The state is read by now; the first request finds it.
    client.ask("POST", EVALUATION, question(0, "tasks.run")).await?;
    let started = server.resident()?;
    figure("memory, started", started / 1e6, "MB");

    rates(&server, &key).await?;
    // The server hangs up on who asks nothing for long.
    lists(&mut Client::connect(server.address, &key).await?).await?;
    figure("memory", server.resident()? / 1e6, "MB");
    listeners(&server, &key).await
}

/// Whether somebody may do something to a task of their own server.
fn question(n: usize, action: &str) -> Bytes {
    let asked = json!({
        "subject": { "type": "user", "id": person(n) },
        "action": { "name": action },
        "resource": { "type": "task", "id": format!("{}/tasks/t{}", server_of(n), n % 7) },
    });
    asked.to_string().into()
}

/// A batch of questions about one person.
fn batch(n: usize) -> Bytes {
    let resource = |task| json!({ "resource": { "type": "task", "id": format!("{}/tasks/t{task}", server_of(n)) } });
    let asked = json!({
        "subject": { "type": "user", "id": person(n) },
        "action": { "name": "tasks.run" },
        "evaluations": (0..BATCH).map(resource).collect::<Vec<_>>(),
    });
    asked.to_string().into()
}

async fn rates(server: &Server, key: &str) -> Result<()> {
    let bare = Server::start(&["bare"])?;
    let asked = |action| Arc::new((0..1000).map(|n| question(n * 97 % PEOPLE, action)).collect::<Vec<_>>());
    let (permitted, refused) = (asked("tasks.run"), asked("tasks.design"));
    let batches = Arc::new((0..1000).map(|n| batch(n * 97 % PEOPLE)).collect::<Vec<_>>());
    let yes = |answer: &[u8]| answer == br#"{"decision":true}"#;
    let no = |answer: &[u8]| answer.starts_with(br#"{"decision":false,"#);
    let all = |answer: &[u8]| answer.windows(4).filter(|part| part == b"true").count() == BATCH;
    let (ours, its) = ((server.address, key), (bare.address, key));
    let (mut rows, mut work) = ([const { Vec::new() }; 4], [const { Vec::new() }; 2]);
    for turn in 0..=TURNS {
        let worked = bare.worked()?;
        let bare_rate = rate(its, CONNECTIONS, TURN, EVALUATION, &permitted, yes).await?;
        let bare_work = (bare.worked()? - worked) / (bare_rate * TURN.as_secs_f64());
        let worked = server.worked()?;
        let our_rate = rate(ours, CONNECTIONS, TURN, EVALUATION, &permitted, yes).await?;
        let our_work = (server.worked()? - worked) / (our_rate * TURN.as_secs_f64());
        let refused_rate = rate(ours, CONNECTIONS, TURN, EVALUATION, &refused, no).await?;
        let batch_rate = rate(ours, CONNECTIONS, TURN, EVALUATIONS, &batches, all).await?;
        // The first turn warms up.
        if turn > 0 {
            let each = [bare_rate, our_rate, refused_rate, batch_rate * BATCH as f64];
            rows.iter_mut().zip(each).for_each(|(row, rate)| row.push(rate));
            work.iter_mut().zip([bare_work, our_work]).for_each(|(row, work)| row.push(work));
        }
    }
    let [bare, ours, refused, batch] = rows.map(median);
    figure("evaluation", ours, "per s");
    figure("bare evaluation", bare, "per s");
    figure("evaluation, refused", refused, "per s");
    figure("batch", batch, "decisions/s");
    let [bare, ours] = work.map(median);
    figure("evaluation, work", ours * 1e6, "us");
    figure("bare evaluation, work", bare * 1e6, "us");
    Ok(())
}

async fn lists(client: &mut Client) -> Result<()> {
    let orders = ["name", "-name", "email", "-created", "status"];
    let lists: Vec<String> = (0..60).map(|n| format!("{API}/users?limit=50&sort={}", orders[n % orders.len()])).collect();
    let words = ["ada", "horvat", "bauer%201", "emeka%20ito", "example.com", "9999", "nobody", "garc%C3%ADa%207"];
    let searches: Vec<String> = (0..60).map(|n| format!("{API}/users?limit=50&search={}", words[n % words.len()])).collect();
    p95(client, &lists[..5]).await?;
    figure("users list", p95(client, &lists).await?, "ms");
    figure("users search", p95(client, &searches).await?, "ms");
    Ok(())
}

/// What clients cost that listen for changes while nothing changes.
async fn listeners(server: &Server, key: &str) -> Result<()> {
    let before = server.resident()?;
    let mut kept = Vec::new();
    for _ in 0..LISTENERS {
        let mut client = Client::connect(server.address, key).await?;
        let mut response = client.send("GET", &format!("{API}/changes"), Bytes::new()).await?;
        anyhow::ensure!(response.status() == 200, "a stream was answered {}", response.status());
        // The first event says where the tenant is; nothing comes after it.
        http_body_util::BodyExt::frame(response.body_mut()).await.context("a stream ended")??;
        kept.push((client, response));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    figure("1,000 listeners", (server.resident()? - before) / 1e6, "MB");
    drop(kept);
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
