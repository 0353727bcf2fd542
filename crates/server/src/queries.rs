//! Which operations take a query: of the others any query is refused, for what is not known must not be passed over. A
//! `dry_run` that nobody reads would be a write.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use crate::problem::Failure;

/// Whether each operation takes a query, by path and method.
#[derive(Clone, Debug)]
pub struct Queries(Arc<HashMap<(String, Method), bool>>);

impl Queries {
    /// As the description says.
    #[must_use]
    pub fn of(api: &OpenApi) -> Self {
        let mut all = HashMap::new();
        // What probes ask may say anything.
        for (path, item) in api.paths.paths.iter().filter(|(path, _)| path.contains("{tenant}")) {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    all.insert((path.clone(), method), takes_query(operation));
                }
            }
        }
        Self(Arc::new(all))
    }
}

fn takes_query(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|one| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query))
}

/// Refuses a query where none is taken.
pub async fn refuse(State(queries): State<Queries>, request: Request, next: Next) -> Response {
    let said = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let Some((name, _)) = said.ok().and_then(|Query(said)| said.into_iter().next()) else {
        return next.run(request).await;
    };
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    if path.and_then(|path| queries.0.get(&(path, method)).copied()) != Some(false) {
        return next.run(request).await;
    }
    let message = format!("there is no `{}` here: nothing can be said in the query", name.escape_debug());
    Failure::invalid_at(&format!("query.{name}"), message).into_response()
}
