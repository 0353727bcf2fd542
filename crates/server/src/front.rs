//! What stands before the router: the one question that is asked most goes straight to its answer, which takes
//! less than to find a route. Everything else is the router's.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use tower::ServiceExt as _;

use crate::app::Shared;
use crate::{authzen, routes, unread};

/// Answers requests.
#[derive(Clone)]
pub struct Front {
    /// Of whom decisions are asked.
    app: Option<Shared>,
    router: Router,
}

impl Front {
    /// Everything that the server answers.
    #[must_use]
    pub fn new(app: Shared) -> Self {
        Self { router: routes::router(app.clone()), app: Some(app) }
    }

    /// A router, with nothing before it: what a figure is compared with.
    #[must_use]
    pub fn of_router(router: Router) -> Self {
        Self { app: None, router }
    }

    /// Answers one request, from there.
    pub async fn answer<B>(&self, from: Option<SocketAddr>, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + Unpin + 'static,
    {
        let (request, rest) = unread::lend(request);
        let mut answer = self.route(from, request).await;
        rest.settle(&mut answer).await;
        answer
    }

    async fn route<B>(&self, from: Option<SocketAddr>, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        if let Some(app) = &self.app
            && authzen::evaluation::is_asked(&request)
        {
            return authzen::evaluation::answer(app, from, request).await;
        }
        let mut request = request.map(Body::new);
        if let Some(from) = from {
            request.extensions_mut().insert(ConnectInfo(from));
        }
        let answered: Result<Response, Infallible> = self.router.clone().oneshot(request).await;
        answered.unwrap_or_else(|never| match never {})
    }
}
