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

use super::request_headers::{IF_MATCH, IF_NONE_MATCH};
use super::response_headers;
use crate::scim::MEDIA_TYPE;

/// What the paths are listed under.
pub(super) const TAG: &str = "SCIM";
const ROOT: &str = "/scim/v2";
/// Where the paths of each tenant are.
pub(super) const OF_TENANT: &str = "/scim/v2/tenants/{tenant}";
/// Which attributes are told (RFC 7644, 3.9).
const ATTRIBUTES: (&str, &str) = ("attributes", "Only these attributes are told, with commas between.");
const EXCLUDED: (&str, &str) = ("excludedAttributes", "These attributes are not told, with commas between.");
/// What a list may be asked.
const LISTED: [(&str, &str); 7] = [
    ("filter", "Only those that it fits (RFC 7644, 3.4.2.2): `userName eq \"ana@example.com\"`."),
    ("startIndex", "The first of them that is told, from 1."),
    ("count", "How many are told at most."),
    ("sortBy", "The attribute by which they are in order."),
    ("sortOrder", "`ascending` or `descending`."),
    ATTRIBUTES,
    EXCLUDED,
];
/// What may be asked of one.
const SHOWN: [(&str, &str); 2] = [ATTRIBUTES, EXCLUDED];

/// What an operation is.
struct Said {
    /// The operation's id, of the default tenant.
    id: &'static str,
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    /// The statuses of what went well; 204 has no body.
    done: &'static [&'static str],
    queries: &'static [(&'static str, &'static str)],
    has_body: bool,
    /// Whether it is of one version: `If-Match` where it writes, `If-None-Match` where it reads.
    is_versioned: bool,
}

const fn said(
    id: &'static str,
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    done: &'static [&'static str],
) -> Said {
    let has_body = matches!(method, HttpMethod::Post | HttpMethod::Put | HttpMethod::Patch);
    Said { id, method, path, summary, done, queries: &[], has_body, is_versioned: false }
}

const fn list(id: &'static str, path: &'static str, summary: &'static str) -> Said {
    Said { queries: &LISTED, ..said(id, HttpMethod::Get, path, summary, &["200"]) }
}

const fn one(
    id: &'static str,
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    done: &'static [&'static str],
) -> Said {
    Said { queries: &SHOWN, is_versioned: true, ..said(id, method, path, summary, done) }
}

const ALL: [Said; 20] = [
    list("scimListUsers", "/Users", "People, filtered, in pages"),
    said("scimCreateUser", HttpMethod::Post, "/Users", "Adds a person", &["201"]),
    said("scimSearchUsers", HttpMethod::Post, "/Users/.search", "People, as a list", &["200"]),
    one("scimGetUser", HttpMethod::Get, "/Users/{id}", "A person", &["200", "304"]),
    one("scimReplaceUser", HttpMethod::Put, "/Users/{id}", "Replaces what is said of a person", &["200"]),
    one("scimPatchUser", HttpMethod::Patch, "/Users/{id}", "Edits what is said of a person", &["200"]),
    one("scimDeleteUser", HttpMethod::Delete, "/Users/{id}", "Deletes a person", &["204"]),
    list("scimListGroups", "/Groups", "Groups, filtered, in pages"),
    said("scimCreateGroup", HttpMethod::Post, "/Groups", "Adds a group", &["201"]),
    said("scimSearchGroups", HttpMethod::Post, "/Groups/.search", "Groups, as a list", &["200"]),
    one("scimGetGroup", HttpMethod::Get, "/Groups/{id}", "A group", &["200", "304"]),
    one(
        "scimReplaceGroup",
        HttpMethod::Put,
        "/Groups/{id}",
        "Replaces what is said of a group, and who is in it",
        &["200"],
    ),
    one(
        "scimPatchGroup",
        HttpMethod::Patch,
        "/Groups/{id}",
        "Edits what is said of a group, and who is in it",
        &["200", "204"],
    ),
    one("scimDeleteGroup", HttpMethod::Delete, "/Groups/{id}", "Deletes a group", &["204"]),
    said("scimSearch", HttpMethod::Post, "/.search", "People and groups, as a list", &["200"]),
    said(
        "scimGetServiceProviderConfig",
        HttpMethod::Get,
        "/ServiceProviderConfig",
        "What is spoken of SCIM here",
        &["200"],
    ),
    said("scimListResourceTypes", HttpMethod::Get, "/ResourceTypes", "What there is", &["200"]),
    said(
        "scimGetResourceType",
        HttpMethod::Get,
        "/ResourceTypes/{id}",
        "One kind of what there is",
        &["200"],
    ),
    said("scimListSchemas", HttpMethod::Get, "/Schemas", "What is kept of it", &["200"]),
    said("scimGetSchema", HttpMethod::Get, "/Schemas/{id}", "What is kept of one kind", &["200"]),
];

/// Adds the paths, of the default tenant and of each.
pub(super) fn list_paths(api: &mut OpenApi) {
    for (root, said) in
        [ROOT, OF_TENANT].into_iter().flat_map(|root| ALL.iter().map(move |said| (root, said)))
    {
        let path = format!("{root}{}", said.path);
        api.paths.add_path_operation(path, vec![said.method.clone()], said.operation());
    }
}

impl Said {
    fn operation(&self) -> Operation {
        let reads = matches!(self.method, HttpMethod::Get);
        let mut parameters: Vec<Parameter> =
            self.queries.iter().map(|(name, about)| optional(ParameterIn::Query, name, about)).collect();
        if self.is_versioned {
            let (name, about) = match reads {
                true => (IF_NONE_MATCH, "The `ETag` of what is held."),
                false => (IF_MATCH, "The `ETag` of the resource: it is made only where that is as it was."),
            };
            parameters.push(optional(ParameterIn::Header, name, about));
        }
        let mut operation = OperationBuilder::new()
            .tag(TAG)
            .operation_id(Some(self.id))
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
            operation = operation.response(*status, self.answer(status));
        }
        operation.build()
    }

    fn answer(&self, status: &str) -> Response {
        let mut response = match status {
            "204" => ResponseBuilder::new().description("Done").build(),
            "304" => ResponseBuilder::new().description("Not changed").build(),
            _ => ResponseBuilder::new()
                .description("As RFC 7644 says it")
                .content(MEDIA_TYPE, object())
                .build(),
        };
        if status == "201" || self.is_versioned && status == "200" {
            response_headers::add(&mut response, &[response_headers::ETAG, response_headers::LOCATION]);
        }
        response
    }
}

fn optional(place: ParameterIn, name: &str, about: &str) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(text))
        .build()
}

fn object() -> Content {
    ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object))).build()
}
