//! The AuthZEN Authorization API 1.0 (OpenID Foundation): decisions and searches as every enforcement point
//! may ask for them. `docs/authzen.md` says what maps to what.
//!
//! A tenant is a policy decision point of its own, `PUBLIC_URL/TENANT`; the default tenant is also the one at
//! `PUBLIC_URL`. Read in this order: [`entity`], [`evaluation`], [`evaluations`], [`search`],
//! [`metadata`]; [`extract`], [`error`] and [`page`] are what they share.
//!
//! Invariant: a decision here is the model's own, by the function that `POST .../check` asks.

pub mod entity;
pub mod error;
pub mod evaluation;
pub mod evaluations;
pub mod extract;
pub mod metadata;
pub mod page;
pub mod search;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;

/// The tag of these paths in the description of the API.
pub const TAG: &str = "AuthZEN";

/// The paths of one policy decision point and its metadata, for the default tenant and for each by name.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    let point = || {
        OpenApiRouter::new()
            .routes(routes!(evaluation::evaluation))
            .routes(routes!(evaluations::evaluations))
            .routes(routes!(search::subjects))
            .routes(routes!(search::resources))
            .routes(routes!(search::actions))
    };
    OpenApiRouter::new()
        .merge(point())
        .nest("/{tenant}", point())
        .routes(routes!(metadata::of_default))
        .routes(routes!(metadata::of_tenant))
}
