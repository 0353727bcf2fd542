//! Clients: connections that are kept, each with one request under way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One kept connection.
pub struct Client {
    connection: SendRequest<Full<Bytes>>,
    authorization: String,
}

impl Client {
    /// Connects; `key` is carried by each request.
    pub async fn connect(address: SocketAddr, key: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move { _ = driver.await });
        Ok(Self { connection, authorization: format!("Bearer {key}") })
    }

    /// Sends a request, and answers with the head of what comes back.
    pub async fn send(&mut self, method: &str, path: &str, body: Bytes) -> Result<Response<Incoming>> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.connection.ready().await?;
        Ok(self.connection.send_request(request).await?)
    }

    /// Sends a request, and answers with the body of its 200.
    pub async fn ask(&mut self, method: &str, path: &str, body: Bytes) -> Result<Bytes> {
        let response = self.send(method, path, body).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status != 200 {
            bail!("{method} {path} was answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }
}

/// Asks over so many connections for so long; answers how many requests a second were answered, each as `expected`.
pub async fn rate(
    (address, key): (SocketAddr, &str),
    connections: usize,
    lasting: Duration,
    path: &'static str,
    bodies: &Arc<Vec<Bytes>>,
    expected: fn(&[u8]) -> bool,
) -> Result<f64> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address, key).await?);
    }
    let (answered, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let tasks = clients.into_iter().enumerate().map(|(n, mut client)| {
        let (answered, bodies) = (Arc::clone(&answered), Arc::clone(bodies));
        tokio::spawn(async move {
            for body in bodies.iter().cycle().skip(n * bodies.len() / connections) {
                if begun.elapsed() >= lasting {
                    break;
                }
                let answer = client.ask("POST", path, body.clone()).await?;
                if !expected(&answer) {
                    bail!("a wrong answer: {}", String::from_utf8_lossy(&answer));
                }
                answered.fetch_add(1, Relaxed);
            }
            Ok(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(answered.load(Relaxed) as f64 / begun.elapsed().as_secs_f64())
}

/// How many milliseconds a request takes that 95 of 100 are as quick as; one after the other.
pub async fn p95(client: &mut Client, paths: &[String]) -> Result<f64> {
    let mut times = Vec::new();
    for path in paths {
        let begun = Instant::now();
        client.ask("GET", path, Bytes::new()).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = (times.len() * 95).div_ceil(100).saturating_sub(1);
    Ok(times.get(at).copied().unwrap_or(f64::NAN))
}
