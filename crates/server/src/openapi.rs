//! The description of the API, OpenAPI 3.1, made from the code.

mod problems;
mod scim;

use rolewright_model::condition::{Number, OperandDocument, Value};
use rolewright_model::snapshot::SnapshotKind;
use rolewright_wire::check::{PassClaims, StampClaims};
use rolewright_wire::problem::ProblemDetails;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ExternalDocs, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, RefOr, Required, Schema,
    SecurityRequirement, Type,
};

use crate::auth::cookie;
use crate::config::DEFAULT_TENANT;
use crate::routes::questions::MatrixRows;

/// What `IfMatchHeader` and `HeadHeader` are called.
const IF_MATCH: &str = "If-Match";
/// The header with which what is held already is not sent again.
const IF_NONE_MATCH: &str = "If-None-Match";

/// The header that every edit of an existing document needs.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// The `ETag` of the document's GET.
    #[param(rename = "If-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfMatch` reads it")]
    if_match: String,
}

/// The header of a change that may be made only where the tenant is as it was.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct HeadHeader {
    /// The `ETag` of the whole tenant, its revision in quotes, and after a restore from backup `"EPOCH.REVISION"`: it is made
    /// only where the tenant is at that revision still.
    #[param(rename = "If-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfMatch` reads it")]
    if_match: Option<String>,
}

/// The header with which a snapshot that is held already is not sent again.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatchHeader {
    /// The `ETag` of what is held.
    #[param(rename = "If-None-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfNoneMatch` reads it")]
    if_none_match: Option<String>,
}

/// The header with which a stream of events goes on.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventIdHeader {
    /// The `id` of the last event that came, `EPOCH.REVISION`: what came after it is told, or that it is to be fetched anew.
    #[param(rename = "Last-Event-ID")]
    #[expect(dead_code, reason = "it is only described here; the stream reads it")]
    last_event_id: Option<String>,
}

/// What the routes are collected into.
#[must_use]
pub fn begin() -> OpenApi {
    let info = InfoBuilder::new().title("Rolewright").version(env!("CARGO_PKG_VERSION")).description(Some(
        "Who may do what. Every write that stands in the change log takes `dry_run=true`; an edit of an existing document takes its \
             `ETag` as `If-Match`. Errors are problem details (RFC 9457); a status that does not stand here is a fault \
             of the server.",
    ));
    let scim = TagBuilder::new()
        .name(scim::TAG)
        .description(Some(
            "People and groups from an identity provider, at `/scim/v2` and `/scim/v2/tenants/{tenant}` (RFC 7643, RFC 7644). \
             Its paths are listed here, of the default tenant; what they take and answer SCIM says itself: \
             `/scim/v2/Schemas`, `/scim/v2/ResourceTypes` and `/scim/v2/ServiceProviderConfig`.",
        ))
        .external_docs(Some(ExternalDocs::new("https://www.rfc-editor.org/rfc/rfc7644")));
    OpenApiBuilder::new().info(info.build()).tags(Some([scim.build()])).build()
}

/// Adds what all routes share, and renders the description.
#[must_use]
pub fn finish(mut api: OpenApi) -> String {
    let components = api.components.get_or_insert_default();
    let mut schemas = Vec::new();
    described::<ProblemDetails>(&mut schemas);
    // What is signed, and what a query names.
    described::<SnapshotKind>(&mut schemas);
    described::<MatrixRows>(&mut schemas);
    described::<StampClaims>(&mut schemas);
    described::<PassClaims>(&mut schemas);
    // What stands in conditions, which hold conditions and so are not followed.
    described::<OperandDocument>(&mut schemas);
    described::<Value>(&mut schemas);
    described::<Number>(&mut schemas);
    for (name, schema) in schemas {
        components.schemas.entry(name).or_insert(schema);
    }
    let session = ApiKeyValue::with_description(
        cookie::of_session(DEFAULT_TENANT),
        "A session of the tenant `default`. That of another tenant is called after it: `__Host-rolewright-acme`."
            .to_owned(),
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rwk_ID_SECRET").build();
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
    let none = Vec::<String>::new;
    api.security =
        Some(vec![SecurityRequirement::new("session", none()), SecurityRequirement::new("key", none())]);

    for (path, item) in &mut api.paths.paths {
        let named = parameters(path);
        for (is_write, operation) in operations(item) {
            problems::describe(path, operation, is_write);
            let takes_reason = operation
                .parameters
                .iter()
                .flatten()
                .any(|one| matches!(one, RefOr::T(one) if one.name == "reason"));
            // Writes that stand in the change log, which say why; work on many rows is safe to send again as it is.
            let is_of_many = path.ends_with("/bulk") || path.ends_with("/import");
            // What shows who asks renews the session, and so is no request that can come again.
            let is_proved = path.ends_with("/password") || path.contains("/second-factor");
            let is_made_once = takes_reason && !is_of_many && !is_proved;
            let parameters = operation.parameters.get_or_insert_default();
            parameters.extend(named.iter().cloned().map(RefOr::T));
            parameters.extend(is_made_once.then(idempotency_key).map(RefOr::T));
        }
    }
    scim::list_paths(&mut api);
    api.to_json().unwrap_or_default()
}

/// Whether an operation writes a document of which it needs to know the version.
fn takes_version(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters
        .any(|one| matches!(one, RefOr::T(one) if one.name == IF_MATCH && one.required == Required::True))
}

fn described<T: utoipa::ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// Each operation, and whether it writes.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let writes = [&mut item.put, &mut item.post, &mut item.delete].into_iter().flatten();
    item.get.iter_mut().map(|read| (false, read)).chain(writes.map(|write| (true, write)))
}

/// The header that has a write made once.
fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A UUID of yours: sent again within a day, the write is made once and answered alike.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(255))))
        .build()
}

/// The parameters that a path's own pattern names.
fn parameters(path: &str) -> Vec<Parameter> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let of = if name == "revision" { Type::Integer } else { Type::String };
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(ObjectBuilder::new().schema_type(of)))
                .build()
        })
        .collect()
}
