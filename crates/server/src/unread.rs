//! What is left of a request's body once it is answered. Whoever answers early, as a refusal does, leaves it unread, and behind it
//! alone can the connection take another request: a short rest is taken in, and where one is long the answer says that the
//! connection ends, for a client that reuses it would lose its next request.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

use crate::patience::within;

/// The longest rest that is taken in, in bytes.
const SHORT: u64 = 64 * 1024;
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A body that goes back to its [`Rest`] where it is dropped before its end.
#[derive(Debug)]
pub(crate) struct Lent<B> {
    body: Option<B>,
    back: Option<oneshot::Sender<B>>,
}

/// What comes back of a body.
#[derive(Debug)]
pub(crate) struct Rest<B> {
    back: Option<oneshot::Receiver<B>>,
    /// Whether the client sends nothing before it is told to (RFC 9110, 10.1.1): no rest comes by itself.
    is_held_back: bool,
}

/// Lends a request's body to who answers.
pub(crate) fn lend<B: HttpBody>(request: Request<B>) -> (Request<Lent<B>>, Rest<B>) {
    let is_held_back = request.headers().contains_key(header::EXPECT);
    let (giver, receiver) = match request.body().is_end_stream() {
        true => (None, None),
        false => Some(oneshot::channel()).unzip(),
    };
    let request = request.map(|body| Lent { body: Some(body), back: giver });
    (request, Rest { back: receiver, is_held_back })
}

impl<B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static> Rest<B> {
    /// Readies the connection for another request, or has the answer say that none is taken. A body that is being read still,
    /// as the answer to it is sent, is left alone.
    pub(crate) async fn settle(self, answer: &mut Response) {
        let Some(body) = self.back.and_then(|mut back| back.try_recv().ok()) else { return };
        if self.is_held_back || !is_taken_in(body).await {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

async fn is_taken_in<B>(body: B) -> bool
where
    B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    if body.size_hint().lower() > SHORT {
        return false;
    }
    let limit = usize::try_from(SHORT).unwrap_or(usize::MAX);
    let read = within(PATIENCE, axum::body::to_bytes(Body::new(body), limit)).await;
    read.is_some_and(|read| read.is_ok())
}

impl<B: HttpBody + Unpin> HttpBody for Lent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        let is_read = matches!(polled, Poll::Ready(None | Some(Err(_)))) || self.is_end_stream();
        if is_read {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl<B> Drop for Lent<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Whoever answered need not wait for it.
            _ = back.send(body);
        }
    }
}
