//! SCIM 2.0 (RFC 7643, RFC 7644): people and groups from an identity provider.
//!
//! What a provider sends becomes [`Change`](rolewright_model::Change)s, which the model decides about as about any
//! other. What it says of a person or a group and the model has no place for is kept in records beside the change
//! ([`record`]), and those in a table in memory ([`table`]).
//!
//! Read the modules in this order: [`schema`], [`error`], [`filter`], [`normal`], [`patch`], [`record`], [`table`],
//! [`version`], [`caller`], [`user`], [`group`], [`write`], [`select`], [`projection`], [`list`], then the paths:
//! [`users`], [`groups`], [`discovery`].

pub mod caller;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod group;
pub mod groups;
pub mod list;
pub mod normal;
pub mod patch;
pub mod projection;
pub mod record;
pub mod schema;
pub mod select;
pub mod table;
pub mod user;
pub mod users;
pub mod version;
pub mod write;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::app::Shared;
use error::ScimError;

/// The media type of everything that is said here (RFC 7644, 8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// The paths, for the default tenant and for each.
pub fn router() -> Router<Shared> {
    let paths = Router::new()
        .route("/Users", get(users::list).post(users::create))
        .route("/Users/.search", post(users::search))
        .route("/Users/{id}", get(users::read).put(users::replace).patch(users::edit).delete(users::delete))
        .route("/Groups", get(groups::list).post(groups::create))
        .route("/Groups/.search", post(groups::search))
        .route(
            "/Groups/{id}",
            get(groups::read).put(groups::replace).patch(groups::edit).delete(groups::delete),
        )
        .route("/.search", post(list::search_all))
        .route("/ServiceProviderConfig", get(discovery::provider))
        .route("/ResourceTypes", get(discovery::types))
        .route("/ResourceTypes/{id}", get(discovery::of_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method);
    Router::new().nest("/scim/v2", paths.clone()).nest("/scim/v2/tenants/{tenant}", paths)
}

async fn no_such_path() -> ScimError {
    ScimError::new(StatusCode::NOT_FOUND, "there is no such path: look at `/ResourceTypes`")
}

async fn no_such_method(request: Request) -> ScimError {
    let detail = format!("this path has no {}: `Allow` says which it has", request.method());
    ScimError::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
