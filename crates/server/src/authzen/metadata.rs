//! `GET /.well-known/authzen-configuration`: what a policy decision point offers, and where (section 9).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::catalogue::is_slug;
use serde::Serialize;

use super::error::Result;
use crate::app::Shared;
use crate::config::DEFAULT_TENANT;
use crate::extract::At;
use crate::problem::Failure;

/// What a policy decision point offers, and where.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Metadata)]
pub struct Metadata {
    /// Its identifier: what the well-known path is put into between host and path.
    policy_decision_point: String,
    /// For one decision.
    access_evaluation_endpoint: String,
    /// For several.
    access_evaluations_endpoint: String,
    /// For who may do something.
    search_subject_endpoint: String,
    /// For where somebody may do something.
    search_resource_endpoint: String,
    /// For what somebody may do.
    search_action_endpoint: String,
}

impl Metadata {
    fn of(policy_decision_point: String) -> Response {
        let at = |path: &str| format!("{policy_decision_point}/access/v1/{path}");
        let metadata = Self {
            access_evaluation_endpoint: at("evaluation"),
            access_evaluations_endpoint: at("evaluations"),
            search_subject_endpoint: at("search/subject"),
            search_resource_endpoint: at("search/resource"),
            search_action_endpoint: at("search/action"),
            policy_decision_point,
        };
        ([(header::CACHE_CONTROL, "public, max-age=3600")], axum::Json(metadata)).into_response()
    }
}

/// Where the default tenant's decisions are asked.
#[utoipa::path(
    get, path = "/.well-known/authzen-configuration", tag = super::TAG, operation_id = "authzenGetConfiguration",
    responses((status = 200, body = Metadata)), security(())
)]
pub async fn of_default(State(app): State<Shared>) -> Result<Response> {
    app.tenant(DEFAULT_TENANT).await?;
    Ok(Metadata::of(app.config.public_url.clone()))
}

/// Where a tenant's decisions are asked.
///
/// It is told of whatever can be a tenant, for who asks is not signed in and learns nothing of which there are.
#[utoipa::path(
    get, path = "/.well-known/authzen-configuration/{tenant}", tag = super::TAG, operation_id = "authzenGetConfigurationInTenant",
    responses((status = 200, body = Metadata)), security(())
)]
pub async fn of_tenant(State(app): State<Shared>, tenant: Result<At<String>, Failure>) -> Result<Response> {
    let At(tenant) = tenant?;
    if !is_slug(&tenant) {
        return Err(Failure::not_found("such tenant").into());
    }
    Ok(Metadata::of(format!("{}/{tenant}", app.config.public_url)))
}
