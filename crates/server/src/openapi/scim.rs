//! The paths of SCIM, as the description lists them: which there are, and in which media type. What is said there SCIM
//! describes itself (`/scim/v2/Schemas`, `/scim/v2/ResourceTypes`).

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, ObjectBuilder, OpenApi, Required, Response, ResponseBuilder,
    SecurityRequirement, Type,
};

use crate::scim::MEDIA_TYPE;

/// What the paths are listed under.
pub(super) const TAG: &str = "SCIM";
const ROOT: &str = "/scim/v2";
/// What a list may be asked.
const LISTED: [&str; 7] =
    ["filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes"];
/// What may be asked of one.
const SHOWN: [&str; 2] = ["attributes", "excludedAttributes"];

/// What an operation is.
struct Said {
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    /// The statuses of what went well; 204 has no body.
    done: &'static [&'static str],
    queries: &'static [&'static str],
    has_body: bool,
    /// Whether it is of one version: `If-Match` where it writes, `If-None-Match` where it reads.
    is_versioned: bool,
}

const fn said(
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    done: &'static [&'static str],
) -> Said {
    let has_body = matches!(method, HttpMethod::Post | HttpMethod::Put | HttpMethod::Patch);
    Said { method, path, summary, done, queries: &[], has_body, is_versioned: false }
}

const fn list(path: &'static str, summary: &'static str) -> Said {
    Said { queries: &LISTED, ..said(HttpMethod::Get, path, summary, &["200"]) }
}

const fn one(
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    done: &'static [&'static str],
) -> Said {
    Said { queries: &SHOWN, is_versioned: true, ..said(method, path, summary, done) }
}

const ALL: [Said; 20] = [
    list("/Users", "People, filtered, in pages"),
    said(HttpMethod::Post, "/Users", "Adds a person", &["201"]),
    said(HttpMethod::Post, "/Users/.search", "People, as a list", &["200"]),
    one(HttpMethod::Get, "/Users/{id}", "A person", &["200", "304"]),
    one(HttpMethod::Put, "/Users/{id}", "Replaces what is said of a person", &["200"]),
    one(HttpMethod::Patch, "/Users/{id}", "Edits what is said of a person", &["200"]),
    one(HttpMethod::Delete, "/Users/{id}", "Deletes a person", &["204"]),
    list("/Groups", "Groups, filtered, in pages"),
    said(HttpMethod::Post, "/Groups", "Adds a group", &["201"]),
    said(HttpMethod::Post, "/Groups/.search", "Groups, as a list", &["200"]),
    one(HttpMethod::Get, "/Groups/{id}", "A group", &["200", "304"]),
    one(HttpMethod::Put, "/Groups/{id}", "Replaces what is said of a group, and who is in it", &["200"]),
    one(
        HttpMethod::Patch,
        "/Groups/{id}",
        "Edits what is said of a group, and who is in it",
        &["200", "204"],
    ),
    one(HttpMethod::Delete, "/Groups/{id}", "Deletes a group", &["204"]),
    said(HttpMethod::Post, "/.search", "People and groups, as a list", &["200"]),
    said(HttpMethod::Get, "/ServiceProviderConfig", "What is spoken of SCIM here", &["200"]),
    said(HttpMethod::Get, "/ResourceTypes", "What there is", &["200"]),
    said(HttpMethod::Get, "/ResourceTypes/{id}", "One kind of what there is", &["200"]),
    said(HttpMethod::Get, "/Schemas", "What is kept of it", &["200"]),
    said(HttpMethod::Get, "/Schemas/{id}", "What is kept of one kind", &["200"]),
];

/// Adds the paths, of the default tenant: those of another are below `/scim/v2/tenants/{tenant}`.
pub(super) fn list_paths(api: &mut OpenApi) {
    for said in &ALL {
        api.paths.add_path_operation(
            format!("{ROOT}{}", said.path),
            vec![said.method.clone()],
            said.operation(),
        );
    }
}

impl Said {
    fn operation(&self) -> Operation {
        let reads = matches!(self.method, HttpMethod::Get);
        let mut parameters: Vec<Parameter> = self.queries.iter().map(|name| query(name)).collect();
        if self.path.contains("{id}") {
            parameters.push(of(ParameterIn::Path, "id", Required::True));
        }
        if self.is_versioned {
            let name = if reads { super::IF_NONE_MATCH } else { super::IF_MATCH };
            parameters.push(of(ParameterIn::Header, name, Required::False));
        }
        let mut operation = OperationBuilder::new()
            .tag(TAG)
            .summary(Some(self.summary))
            .parameters(Some(parameters))
            .security(SecurityRequirement::new("key", Vec::<String>::new()));
        if self.has_body {
            let body = RequestBodyBuilder::new()
                .content(MEDIA_TYPE, object())
                .content("application/json", object())
                .required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        for status in self.done {
            operation = operation.response(*status, done(status));
        }
        for (status, why) in self.problems(reads) {
            operation = operation.response(status, failed(status, why));
        }
        operation.build()
    }

    fn problems(&self, reads: bool) -> Vec<(&'static str, &'static str)> {
        let mut all = vec![
            ("400", "What was sent is not valid, or the filter is not"),
            ("401", "There is no key, or one that is no longer good"),
            ("403", "The key may not"),
            ("404", "There is no such thing here"),
            ("503", "The server cannot answer now: try again"),
        ];
        if self.has_body {
            all.push(("408", "The body came too slowly"));
            all.push(("413", "The body is too large"));
            all.push(("415", "The body is of another media type"));
        }
        if !reads {
            all.push(("409", "A rule is against it, or a name is taken"));
            all.push(("507", "The server's disk is full: nothing was written"));
        }
        if self.is_versioned && !reads {
            all.push(("412", "It was changed meanwhile"));
        }
        all
    }
}

fn query(name: &str) -> Parameter {
    of(ParameterIn::Query, name, Required::False)
}

fn of(place: ParameterIn, name: &str, required: Required) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(text)).build()
}

fn object() -> Content {
    ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object))).build()
}

fn done(status: &str) -> Response {
    match status {
        "204" => ResponseBuilder::new().description("Done").build(),
        "304" => ResponseBuilder::new().description("Not changed").build(),
        _ => ResponseBuilder::new().description("As RFC 7644 says it").content(MEDIA_TYPE, object()).build(),
    }
}

fn failed(status: &str, why: &str) -> Response {
    let response = ResponseBuilder::new().description(why).content(MEDIA_TYPE, object());
    match status {
        // Another site's request is refused before it is known of what.
        "403" => response.content(rolewright_wire::problem::MEDIA_TYPE, object()).build(),
        _ => response.build(),
    }
}
