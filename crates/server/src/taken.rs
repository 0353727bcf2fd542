//! What an operation does not take is refused, for what is not known must not be passed over: a `dry_run` in a query
//! that nobody reads would be a write, and a write that nobody remembers would be made twice. What each takes the
//! description says.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rolewright_wire::problem::code;
use utoipa::openapi::OpenApi;

use crate::problem::Failure;
use crate::{idempotency, openapi};

/// What each operation takes, by path and method.
#[derive(Clone, Debug)]
pub struct Taken(Arc<HashMap<(String, Method), Takes>>);

/// Stands with a request that keeps nothing, whatever its method.
#[derive(Clone, Copy, Debug)]
pub struct Question;

/// What an operation takes.
#[derive(Clone, Copy, Debug)]
struct Takes {
    keeps: bool,
    query: bool,
    /// Also what keeps nothing: to ask again is safe as it is.
    idempotency_key: bool,
}

impl Taken {
    /// As the description says.
    #[must_use]
    pub fn of(api: &OpenApi) -> Self {
        let mut all = HashMap::new();
        // What probes ask may say anything.
        for (path, item) in api.paths.paths.iter().filter(|(path, _)| path.contains("{tenant}")) {
            for (method, operation) in openapi::operations(item) {
                let keeps = openapi::keeps(path, &method, operation);
                let idempotency_key = openapi::takes_idempotency_key(operation) || !keeps;
                let takes = Takes { keeps, query: openapi::takes_query(operation), idempotency_key };
                all.insert((path.clone(), method), takes);
            }
        }
        Self(Arc::new(all))
    }

    fn by(&self, request: &Request) -> Option<Takes> {
        let path = request.extensions().get::<MatchedPath>()?.as_str().to_owned();
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        self.0.get(&(path, method)).copied()
    }
}

/// Refuses a query and an idempotency key where none is taken, and marks what keeps nothing as a [`Question`].
pub async fn refuse(State(taken): State<Taken>, mut request: Request, next: Next) -> Response {
    let takes = taken.by(&request);
    match takes.and_then(|takes| takes.refusal(request.uri(), request.headers())) {
        Some(refusal) => return refusal.into_response(),
        None if takes.is_some_and(|takes| !takes.keeps) => {
            request.extensions_mut().insert(Question);
        }
        None => {}
    }
    next.run(request).await
}

impl Takes {
    fn refusal(self, uri: &Uri, headers: &HeaderMap) -> Option<Failure> {
        let said = Query::<Vec<(String, String)>>::try_from_uri(uri).ok();
        let name = said.and_then(|Query(said)| said.into_iter().next()).map(|(name, _)| name);
        if let Some(name) = name.filter(|_| !self.query) {
            let message =
                format!("there is no `{}` here: nothing can be said in the query", name.escape_debug());
            return Some(Failure::invalid_at(&format!("query.{name}"), message));
        }
        (headers.contains_key(idempotency::HEADER) && !self.idempotency_key).then(no_idempotency_key)
    }
}

/// The refusal of an idempotency key by a write that takes none.
#[must_use]
pub fn no_idempotency_key() -> Failure {
    let detail = "no `Idempotency-Key` is taken here, as nothing would be remembered under it: leave it out";
    Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail)
}
