//! The paths of the API, one file a concept.

pub mod assignments;
pub mod audit;
pub mod batch;
pub mod bulk;
pub mod changes;
pub mod check;
pub mod checkers;
pub mod docs;
pub mod groups;
pub mod health;
pub mod held;
pub mod history;
pub mod invitations;
pub mod inviting;
pub mod keys;
mod known;
pub mod metrics;
pub mod own_email;
pub mod own_name;
pub mod packages;
pub mod paging;
pub mod passes;
pub mod password;
pub mod password_resets;
pub mod places;
pub mod policy;
pub mod questions;
pub mod restoring;
pub mod roles;
pub mod second_factor;
pub mod session;
pub mod sessions;
pub mod setup;
pub mod snapshot;
pub mod templates;
pub mod users;
pub mod view;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rolewright_model::change::Kind;
use rolewright_wire::difference::Differences;
use rolewright_wire::{Accepted, REVISION_HEADER};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::auth::cross_site;
use crate::conditional::etag;
use crate::problem::Result;
use crate::taken::{self, Taken};
use crate::tenant::Applied;
use crate::{assets, authzen, idempotency, openapi, request, scim};

/// Below so many bytes compressing gains nothing.
const SMALL: u64 = 1024;

/// Everything that the server answers.
pub fn router(app: Shared) -> Router {
    let (api, document) = api().split_for_parts();
    let (decisions, described) = authzen::routes().split_for_parts();
    let document = complete(document, described);
    let api = api.layer(from_fn_with_state(Taken::of(&document), taken::refuse));
    let document = document.to_json().unwrap_or_default();
    let decisions = decisions
        .method_not_allowed_fallback(authzen::error::no_such_method)
        .layer(from_fn_with_state(app.clone(), request::observe_decision));
    let worth_compressing = SizeAbove::new(SMALL)
        .and(NotForContentType::SSE)
        // Lines are read as they come to be.
        .and(NotForContentType::const_new(rolewright_wire::bulk::MEDIA_TYPE))
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/wasm"));
    let described = move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document) }
    };
    Router::new()
        .merge(api)
        .merge(scim::router())
        .route("/api/v1/openapi.json", get(described))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/{file}", get(docs::file))
        .fallback(assets::serve)
        .method_not_allowed_fallback(request::no_such_method)
        .layer(CompressionLayer::new().gzip(true).compress_when(worth_compressing))
        .layer(from_fn_with_state(app.clone(), cross_site::refuse))
        .layer(CatchPanicLayer::custom(request::panicked))
        .layer(from_fn_with_state(app.clone(), request::observe))
        .layer(map_response_with_state(app.clone(), request::only_encrypted))
        .merge(decisions)
        .with_state(app)
}

/// What `/api/v1/openapi.json` answers.
#[must_use]
pub fn description() -> String {
    complete(api().into_openapi(), authzen::routes().into_openapi()).to_json().unwrap_or_default()
}

fn complete(mut document: OpenApi, decisions: OpenApi) -> OpenApi {
    document.merge(decisions);
    openapi::complete(&mut document);
    document
}

fn api() -> OpenApiRouter<Shared> {
    let tenant = OpenApiRouter::new()
        .routes(routes!(setup::state, setup::run))
        .routes(routes!(setup::inspect))
        .routes(routes!(session::read, session::sign_in, session::sign_out))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end_one))
        .routes(routes!(view::begin, view::end))
        .routes(routes!(password::change))
        .routes(routes!(own_name::change))
        .routes(routes!(own_email::change))
        .routes(routes!(second_factor::begin, second_factor::turn_off))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::replace))
        .routes(routes!(second_factor::renew_recovery_codes))
        .routes(routes!(invitations::inspect))
        .routes(routes!(invitations::accept))
        .routes(routes!(password_resets::offered, password_resets::ask))
        .routes(routes!(password_resets::inspect))
        .routes(routes!(password_resets::accept))
        .routes(routes!(policy::read, policy::replace))
        .routes(routes!(policy::read_settings, policy::replace_settings))
        .routes(routes!(restoring::restore_policy))
        .routes(routes!(restoring::restore_settings))
        .routes(routes!(history::of_settings))
        .routes(routes!(templates::list))
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::read, roles::update, roles::delete))
        .routes(routes!(roles::replace))
        .routes(routes!(restoring::restore_role))
        .routes(routes!(history::of_role))
        .routes(routes!(packages::list, packages::create))
        .routes(routes!(packages::read, packages::update, packages::delete))
        .routes(routes!(restoring::restore_package))
        .routes(routes!(history::of_package))
        .routes(routes!(users::list, inviting::invite))
        .routes(routes!(users::read, users::update, users::delete))
        .routes(routes!(history::of_user))
        .routes(routes!(restoring::restore_user))
        .routes(routes!(bulk::edit))
        .routes(routes!(held::held))
        .routes(routes!(bulk::import_people))
        .routes(routes!(bulk::export_people))
        .routes(routes!(bulk::import_assignments))
        .routes(routes!(bulk::export_assignments))
        .routes(routes!(users::set_status))
        .routes(routes!(users::set_package))
        .routes(routes!(users::set_attributes))
        .routes(routes!(inviting::invite_again, inviting::revoke))
        .routes(routes!(sessions::list_of, sessions::end_all))
        .routes(routes!(sessions::end_one_of))
        .routes(routes!(password_resets::start))
        .routes(routes!(second_factor::reset))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::update, groups::delete))
        .routes(routes!(history::of_group))
        .routes(routes!(restoring::restore_group))
        .routes(routes!(groups::members, groups::add_member))
        .routes(routes!(groups::remove_member))
        .routes(routes!(assignments::list, assignments::create))
        .routes(routes!(places::list))
        .routes(routes!(assignments::read, assignments::set_window, assignments::delete))
        .routes(routes!(restoring::restore_assignment))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::read, keys::update, keys::delete))
        .routes(routes!(keys::rotate))
        .routes(routes!(check::check))
        .routes(routes!(questions::explain))
        .routes(routes!(questions::missing))
        .routes(routes!(questions::permissions_of))
        .routes(routes!(questions::anywhere))
        .routes(routes!(questions::places))
        .routes(routes!(questions::holders))
        .routes(routes!(questions::roles_giving))
        .routes(routes!(questions::compare))
        .routes(routes!(questions::matrix))
        .routes(routes!(questions::findings))
        .routes(routes!(questions::posture))
        .routes(routes!(batch::make))
        .routes(routes!(audit::list))
        .routes(routes!(audit::read))
        .routes(routes!(audit::reached))
        .routes(routes!(audit::export))
        .routes(routes!(restoring::undo))
        .routes(routes!(history::compare))
        .routes(routes!(restoring::restore))
        .routes(routes!(passes::issue))
        .routes(routes!(snapshot::read))
        .routes(routes!(checkers::list))
        .routes(routes!(changes::stream));
    OpenApiRouter::with_openapi(openapi::begin())
        .nest("/api/v1/tenants/{tenant}", tenant)
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .routes(routes!(health::keys))
}

/// The answer to a write, with the id of what was made.
pub(crate) fn accepted(applied: &Applied) -> Response {
    let Applied { at, dry_run, .. } = *applied;
    let (id, reach) = (applied.created.clone(), applied.reach.clone());
    let status = if id.is_some() && !dry_run { StatusCode::CREATED } else { StatusCode::OK };
    let created = applied.parts.clone();
    let (lacking_second_factor, remarks) = (applied.lacking_second_factor.clone(), applied.remarks.clone());
    let (unchanged, entitled) = (applied.is_unchanged, applied.entitled);
    let Differences { told: documents, untold } = applied.differences.clone();
    let documents_untold = (untold > 0).then_some(untold);
    let body = Accepted {
        at,
        id,
        created,
        unchanged,
        dry_run,
        reach,
        lacking_second_factor,
        entitled,
        documents,
        documents_untold,
        remarks,
    };
    written(applied, (status, axum::Json(body)).into_response())
}

/// The answer to a write that has nothing to tell; in a dry run, what it would come to.
pub(crate) fn done(applied: &Applied) -> Response {
    match applied.dry_run {
        true => accepted(applied),
        false => written(applied, StatusCode::NO_CONTENT.into_response()),
    }
}

/// The answer to an edit of a document, with its new `ETag`.
pub(crate) fn edited(applied: &Applied, kind: Kind, id: &str) -> Response {
    tagged(applied, kind, id, accepted(applied))
}

/// An answer to a write, with the `ETag` of a document as the write leaves it.
pub(crate) fn tagged(applied: &Applied, kind: Kind, id: &str, mut response: Response) -> Response {
    // As it was then, where the answer was given before.
    let at = applied.after.revision(kind, id).map(|at| at.min(applied.at));
    if let Some(tag) = at.and_then(|at| HeaderValue::from_str(&etag(at)).ok()).filter(|_| !applied.dry_run) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Any answer to a write: where the tenant is after it.
pub(crate) fn written(applied: &Applied, mut response: Response) -> Response {
    let at = applied.at;
    if applied.is_replayed {
        response.headers_mut().insert(idempotency::REPLAYED, HeaderValue::from_static("true"));
    }
    if let Ok(value) = HeaderValue::from_str(&format!("{}.{}", at.epoch, at.revision))
        && !applied.dry_run
    {
        response.headers_mut().insert(HeaderName::from_static(REVISION_HEADER), value);
    }
    response
}

/// An answer about people and what they may do: no cache keeps it.
pub(crate) fn private<T: serde::Serialize>(answer: T) -> Result<Response> {
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(answer)).into_response())
}

/// An id in a body must be the one in the path.
pub(crate) fn same_id(path: &str, body: &str) -> Result<()> {
    if path == body {
        return Ok(());
    }
    let message = format!("the path says `{path}`: an id never changes");
    Err(crate::problem::Failure::invalid_at("$.id", message))
}
