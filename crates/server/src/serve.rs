//! Serving: connections with time limits, until told to stop.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream, StreamExt as _};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rolewright_wire::problem::code;
use tokio::net::TcpListener;

use crate::app::Shared;
use crate::front::Front;
use crate::problem::Failure;
use crate::routes;

/// How long a client may take for a request's head, and for the next request.
const HEAD: Duration = Duration::from_secs(30);
/// The largest head of a request, in bytes: what hyper holds of one that is not complete. Without it a longer one is read
/// where its end comes with the same read.
const LARGEST_HEAD: usize = 8192 + 100 * 4096;

/// Serves until `stop` first says so; then for as long as the configuration's `drain` says, or until `stop` says so again,
/// it serves on and is not ready. Then it lets what is under way finish: until it is done, until the limit of
/// the configuration, or until `stop` says so again. Meanwhile `/readyz` can be asked, and says no.
pub async fn serve(listener: TcpListener, app: Shared, stop: impl Stream<Item = ()> + Send) {
    let server = Server { front: Front::new(app.clone()), builder: http1() };
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    tokio::select! {
        () = server.accept(&listener, &graceful) => {}
        _ = stop.next() => {}
    }
    let drain = app.config.drain;
    if !drain.is_zero() {
        app.drain();
        tracing::info!(?drain, "stopping soon: requests are still served, and not ready is said");
        tokio::select! {
            () = server.accept(&listener, &graceful) => {}
            () = tokio::time::sleep(drain) => {}
            _ = stop.next() => {}
        }
    }
    app.stop();
    tracing::info!("stopping: requests under way may finish");
    let late = GracefulShutdown::new();
    let last = Server {
        builder: {
            let mut it = http1();
            it.keep_alive(false);
            it
        },
        ..server
    };
    let finish = async {
        tokio::select! {
            () = last.accept(&listener, &late) => {}
            () = graceful.shutdown() => {}
        }
        drop(listener);
        late.shutdown().await;
    };
    let limit = app.config.shutdown_limit;
    tokio::select! {
        () = finish => {}
        () = tokio::time::sleep(limit) => tracing::warn!(?limit, "some requests did not finish in time"),
        _ = stop.next() => tracing::warn!("told to stop again: some requests did not finish"),
    }
}

/// Serves what was counted, until it is dropped.
///
/// # Errors
/// Where the listener fails.
pub async fn serve_metrics(listener: TcpListener, app: Shared) -> std::io::Result<()> {
    axum::serve(listener, routes::metrics::router(app)).await
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_header_size(LARGEST_HEAD);
    builder
}

/// Serves as [`serve`] does, until it is dropped: what a figure is compared with.
pub async fn connections(listener: TcpListener, front: Front) {
    Server { front, builder: http1() }.accept(&listener, &GracefulShutdown::new()).await;
}

struct Server {
    front: Front,
    builder: http1::Builder,
}

impl Server {
    /// Takes connections for ever, each in a task of its own.
    async fn accept(&self, listener: &TcpListener, graceful: &GracefulShutdown) {
        loop {
            let (stream, from) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, most likely: others end soon.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Small answers must not wait for more.
            _ = stream.set_nodelay(true);
            // One a connection: what all requests counted together would go from processor to processor.
            let front = Arc::new(self.front.clone());
            let service = service_fn(move |request| {
                let front = Arc::clone(&front);
                async move {
                    Ok::<_, Infallible>(match names_one_host(&request) {
                        true => front.answer(Some(from), request).await,
                        false => no_host(),
                    })
                }
            });
            let connection = self.builder.serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::trace!(%error, "a connection ended");
                }
            });
        }
    }
}

/// Whether it is said once to whom a request goes: of two that say otherwise, a proxy may have read the other (RFC 9112, 3.2).
fn names_one_host<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || hosts == 0 && request.version() < Version::HTTP_11
}

fn no_host() -> Response {
    let detail = "a request says its `Host` once: send one";
    let refusal = Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail).into_response();
    ([(header::CONNECTION, "close")], refusal).into_response()
}

/// Each time that the process is asked to end: Ctrl-C, or SIGTERM. It listens from now on, before it is
/// awaited.
#[cfg(unix)]
pub fn asked_to_stop() -> impl Stream<Item = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    // A signal that cannot be listened for ends the process by itself.
    let asked = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
    stream::select_all(asked.into_iter().flatten().map(|signal| {
        let again = async |mut signal: tokio::signal::unix::Signal| {
            signal.recv().await?;
            Some(((), signal))
        };
        stream::unfold(signal, again).boxed()
    }))
    .chain(stream::pending())
}

/// Each time that the process is asked to end: Ctrl-C.
#[cfg(not(unix))]
pub fn asked_to_stop() -> impl Stream<Item = ()> + Send {
    stream::unfold((), async |()| tokio::signal::ctrl_c().await.ok().map(|()| ((), ())))
        .chain(stream::pending())
}
