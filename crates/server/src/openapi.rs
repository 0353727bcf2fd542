//! The description of the API, OpenAPI 3.1, made from the code.
//!
//! Routes say what is their own. What many share is added here by rules and described once, among the components:
//! [`problems`], [`request_headers`], [`response_headers`].

mod batch;
mod problems;
mod request_headers;
mod response_headers;
mod scim;
mod tags;

use axum::http::Method;
use rolewright_model::condition::{Number, OperandDocument, Value};
use rolewright_model::snapshot::SnapshotKind;
use rolewright_wire::check::{PassClaims, StampClaims};
use rolewright_wire::problem::ProblemDetails;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    Schema, SecurityRequirement, Type,
};

pub use self::request_headers::{HeadHeader, IfMatchHeader, IfNoneMatchHeader, LastEventIdHeader};

use self::request_headers::{IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, REQUEST_ID};
use crate::as_of::AsOf;
use crate::auth::cookie;
use crate::config::DEFAULT_TENANT;
use crate::routes::questions::MatrixRows;

/// What the routes are collected into.
#[must_use]
pub fn begin() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Rolewright")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build()))
        .description(Some(
            "Who may do what. Every write that stands in the change log takes `dry_run=true`; an edit of an existing document \
             takes its `ETag` as `If-Match`; a write that shall be made once takes an `Idempotency-Key`, and one that does \
             not take it refuses it.\n\nErrors are problem details (RFC 9457). A path answers 405 to a method that does not \
             stand here, with `Allow`; a head of more than 400 kB is answered 431, without a body. Any other status that \
             does not stand here is a fault of the server.",
        ));
    // Wherever the document was read.
    let here = ServerBuilder::new().url("/").description(Some("This server"));
    OpenApiBuilder::new().info(info.build()).servers(Some([here.build()])).tags(Some(tags::all())).build()
}

/// Adds what routes share, and what has none in it.
pub fn complete(api: &mut OpenApi) {
    scim::list_paths(api);
    let none = Vec::<String>::new;
    api.security =
        Some(vec![SecurityRequirement::new("session", none()), SecurityRequirement::new("key", none())]);
    let components = api.components.get_or_insert_default();
    define(components);
    name_rows(components);
    batch::describe(components);
    for (path, item) in &mut api.paths.paths {
        let has_version = item.put.as_ref().is_some_and(|put| needs(put, IF_MATCH));
        for (method, operation) in operations_mut(item) {
            let of = Place { path, method, has_version };
            of.name(operation);
            of.describe_done(operation);
            of.add_parameters(operation);
            problems::describe(&of, operation, components);
            response_headers::describe(&of, operation);
        }
    }
}

/// Adds what is described once, but for the problems, of which each is added where the first operation answers it.
fn define(components: &mut Components) {
    let mut schemas = Vec::new();
    described::<ProblemDetails>(&mut schemas);
    // What is signed, and what a query names.
    described::<SnapshotKind>(&mut schemas);
    described::<MatrixRows>(&mut schemas);
    described::<AsOf>(&mut schemas);
    described::<StampClaims>(&mut schemas);
    described::<PassClaims>(&mut schemas);
    // What stands in conditions, which hold conditions and so are not followed.
    described::<OperandDocument>(&mut schemas);
    described::<Value>(&mut schemas);
    described::<Number>(&mut schemas);
    for (name, schema) in schemas {
        components.schemas.entry(name).or_insert(schema);
    }
    for header in [IDEMPOTENCY_KEY, REQUEST_ID] {
        components.parameters.insert(header.component.to_owned(), RefOr::T(header.parameter()));
    }
    response_headers::define(components);
    let session = ApiKeyValue::with_description(
        cookie::of_session(DEFAULT_TENANT),
        "A session of the tenant `default`. That of another tenant is called after it: `__Host-rolewright-acme`."
            .to_owned(),
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rwk_ID_SECRET").build();
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
}

/// Pages name their rows, which would stand in each of them otherwise.
fn name_rows(components: &mut Components) {
    let names: Vec<String> = components.schemas.keys().cloned().collect();
    for (name, schema) in &mut components.schemas {
        let row = name.strip_prefix("Page_").filter(|row| names.iter().any(|name| name == row));
        if let (Some(row), RefOr::T(Schema::Object(page))) = (row, schema)
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(row))));
        }
    }
}

fn described<T: utoipa::ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// Where an operation stands.
struct Place<'a> {
    path: &'a str,
    method: Method,
    /// Whether an edit of what is at the path names its version.
    has_version: bool,
}

impl Place<'_> {
    /// Ids are unique: an operation that is there for the default tenant and for each has two. A summary is no sentence.
    fn name(&self, operation: &mut Operation) {
        let is_nested = self.path.starts_with("/{tenant}/") || self.path.starts_with(scim::OF_TENANT);
        if let Some(id) = operation.operation_id.as_mut().filter(|_| is_nested) {
            id.push_str("InTenant");
        }
        if let Some(summary) = &mut operation.summary {
            let phrase = summary.trim_end_matches('.').split_whitespace();
            *summary = phrase.collect::<Vec<_>>().join(" ");
        }
    }

    /// What went well needs no words of its own, but some there must be.
    fn describe_done(&self, operation: &mut Operation) {
        let keeps = self.keeps(operation);
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response
                && response.description.is_empty()
                && status.starts_with('2')
            {
                let said = match (status.as_str(), keeps) {
                    ("201", _) => "It is made",
                    (_, true) => "It is done",
                    (_, false) => "What is asked for",
                };
                response.description = said.to_owned();
            }
        }
    }

    fn add_parameters(&self, operation: &mut Operation) {
        let is_made_once = self.is_made_once(operation);
        let shared = [Some(IDEMPOTENCY_KEY).filter(|_| is_made_once), Some(REQUEST_ID)].into_iter().flatten();
        let parameters = operation.parameters.get_or_insert_default();
        parameters.extend(parameters_in(self.path).map(RefOr::T));
        parameters.extend(shared.map(|header| RefOr::Ref(reference(header.component))));
    }

    /// Whether the operation takes an idempotency key: writes that stand in the change log, which say why.
    fn is_made_once(&self, operation: &Operation) -> bool {
        // Work on many rows is safe to send again as it is.
        let is_of_many = self.path.ends_with("/bulk") || self.path.ends_with("/import");
        // What shows who asks renews the session, and viewing is another session's: neither is a request that can come again.
        let is_of_session =
            ["/password", "/session/email", "/session/all", "/session/all/{id}", "/session/view"]
                .iter()
                .any(|path| self.path.ends_with(path))
                || self.path.contains("/second-factor");
        takes(operation, "reason") && !is_of_many && !is_of_session
    }

    /// Whether the operation keeps something. Questions are asked by POST too; what they ask is kept nowhere.
    fn keeps(&self, operation: &Operation) -> bool {
        keeps(self.path, &self.method, operation)
    }

    /// Whether the operation tells the version of a document that an edit names.
    fn tells_version(&self, operation: &Operation) -> bool {
        match self.method {
            Method::GET => self.has_version || takes(operation, IF_NONE_MATCH),
            Method::PUT | Method::PATCH => takes(operation, IF_MATCH),
            Method::POST => self.path.ends_with("/restore") && needs(operation, IF_MATCH),
            _ => false,
        }
    }
}

/// Whether an operation at that path keeps something.
#[must_use]
pub fn keeps(path: &str, method: &Method, operation: &Operation) -> bool {
    const ASKED: [&str; 3] = ["Questions", "Decisions", crate::authzen::TAG];
    let is_question = operation.tags.iter().flatten().any(|tag| ASKED.contains(&tag.as_str()));
    *method != Method::GET && !is_question && !path.ends_with("/.search")
}

/// Whether an operation takes an idempotency key.
#[must_use]
pub fn takes_idempotency_key(operation: &Operation) -> bool {
    let wanted = reference(IDEMPOTENCY_KEY.component);
    operation.parameters.iter().flatten().any(|one| matches!(one, RefOr::Ref(one) if *one == wanted))
}

/// Whether an operation takes something in the query.
#[must_use]
pub fn takes_query(operation: &Operation) -> bool {
    own_parameters(operation).any(|one| one.parameter_in == ParameterIn::Query)
}

/// The operations of a path.
pub fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The parameters that an operation has of its own.
fn own_parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|one| match one {
        RefOr::T(one) => Some(one),
        RefOr::Ref(_) => None,
    })
}

fn takes(operation: &Operation, name: &str) -> bool {
    own_parameters(operation).any(|one| one.name == name)
}

fn needs(operation: &Operation, name: &str) -> bool {
    own_parameters(operation).any(|one| one.name == name && one.required == Required::True)
}

fn reference(parameter: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{parameter}"))
}

/// The parameters that a path's own pattern names.
fn parameters_in(path: &str) -> impl Iterator<Item = Parameter> {
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let (of, about) = match name {
            "tenant" => (Type::String, "The tenant's id; there is always one `default`."),
            "revision" => (Type::Integer, "A revision, without the epoch."),
            "membership" => (Type::String, "The id of the membership, as the group tells it."),
            _ => (Type::String, "The id of what the path names."),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(about))
            .schema(Some(ObjectBuilder::new().schema_type(of)))
            .build()
    })
}
