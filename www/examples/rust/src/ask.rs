//! What is asked of the server. Over `http` alone, so that the example stays small: a service of your own takes a client with TLS.

use anyhow::{Context as _, Result, bail, ensure};
use axum::body::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use rolewright_model::Timestamp;
use tokio::net::TcpStream;

use crate::held::Held;
use crate::signed::Keys;

/// A server, and what it lets us read.
pub(crate) struct Server {
    pub(crate) url: Uri,
    pub(crate) tenant: String,
    pub(crate) key: String,
}

impl Server {
    /// What is so now: the state that is known, confirmed, or a newer one.
    pub(crate) async fn snapshot(&self, known: Option<&Held>, now: Timestamp) -> Result<Held> {
        let keys = Keys::read(self.get("/.well-known/jwks.json", None).await?.body())?;
        let path = format!("/api/v1/tenants/{}/snapshot?kind=full", self.tenant);
        let answer = self.get(&path, known.map(|known| known.content.as_str())).await?;
        let stamp = || {
            let stamp = answer.headers().get("rolewright-stamp").and_then(|stamp| stamp.to_str().ok());
            stamp.context("the server sent no stamp")
        };
        let held = match (answer.status(), known) {
            (StatusCode::NOT_MODIFIED, Some(known)) => known.confirmed(stamp()?, &keys)?,
            (StatusCode::OK, _) => Held::read(answer.body(), stamp()?, &keys, &self.tenant)?,
            (status, _) => bail!("the server answered {status}"),
        };
        held.after(known, now)
    }

    async fn get(&self, path: &str, etag: Option<&str>) -> Result<Response<Bytes>> {
        ensure!(self.url.scheme_str() == Some("http"), "this example asks over http alone");
        let (host, port) = (self.url.host().unwrap_or_default(), self.url.port_u16().unwrap_or(80));
        let stream = TcpStream::connect((host, port)).await.context("the server cannot be reached")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::get(path).header(header::HOST, format!("{host}:{port}"));
        if path.starts_with("/api/") {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        }
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, format!("\"{etag}\""));
        }
        let (parts, body) = sender.send_request(request.body(Empty::<Bytes>::new())?).await?.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    }
}
