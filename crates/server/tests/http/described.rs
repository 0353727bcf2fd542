//! Holds every answer of every test against the description of the API: its status and its media type stand there.

use std::collections::HashSet;
use std::sync::LazyLock;

use axum::http::{HeaderName, Method, Response, StatusCode, header};
use rolewright_server::routes;
use serde_json::{Map, Value};

/// A path of the description, by segments.
struct Path {
    segments: Vec<String>,
    operations: Value,
}

/// The description.
static API: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&routes::description()).unwrap());

/// What it says of every path.
static PATHS: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let paths = API["paths"].as_object().unwrap().iter();
    paths.map(|(path, operations)| Path { segments: split(path), operations: operations.clone() }).collect()
});

fn split(path: &str) -> Vec<String> {
    path.split('/').map(ToOwned::to_owned).collect()
}

fn is_variable(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The path of the description that a request asks for: of two the one with fewer variables.
fn find(uri: &str) -> Option<&'static Path> {
    let asked = split(uri.split('?').next().unwrap());
    let fits = |path: &&Path| {
        path.segments.len() == asked.len()
            && path
                .segments
                .iter()
                .zip(&asked)
                .all(|(said, asked)| (is_variable(said) && !asked.is_empty()) || said == asked)
    };
    let all = PATHS.iter().filter(fits);
    all.min_by_key(|path| path.segments.iter().filter(|segment| is_variable(segment)).count())
}

/// Headers that mean on any server what they mean here.
const OF_ANY_SERVER: [&str; 17] = [
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-accel-buffering",
    "x-content-type-options",
    "x-frame-options",
];

/// What is described, also where it is described once for many.
fn resolved(described: &'static Value) -> &'static Value {
    let place = described["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
    place.map_or(described, |place| API.pointer(place).unwrap_or_else(|| panic!("there is no {place}")))
}

/// Every operation, as it is described, with its method and path.
fn described() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = API["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// The answer is one of those that the description says, and so is each of its headers.
#[track_caller]
pub(crate) fn check<B>(method: &Method, uri: &str, answer: &Response<B>) {
    let Some(path) = find(uri) else { return };
    let name = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let (status, what) = (answer.status(), format!("{method} {}", path.segments.join("/")));
    let Some(operation) = path.operations.get(&name) else {
        // What other sites send is refused before it is looked at.
        let refused = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::FORBIDDEN];
        assert!(refused.contains(&status), "{what}: {status}");
        return;
    };
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{what}: a fault of the server's");
    let described = resolved(&operation["responses"][status.as_str()]);
    assert!(described.is_object(), "{what} answers {status}, which its description does not say");
    for name in answer.headers().keys().map(HeaderName::as_str).filter(|name| !OF_ANY_SERVER.contains(name)) {
        let mut headers = described["headers"].as_object().into_iter().flat_map(Map::keys);
        assert!(
            headers.any(|known| known.eq_ignore_ascii_case(name)),
            "{what} answers {status} with `{name}`, which its description does not say"
        );
    }
    let media = answer.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
    let known = described["content"].as_object();
    let is_known = match media {
        Some(media) => known.is_some_and(|known| known.contains_key(media.split(';').next().unwrap())),
        None => known.is_none_or(serde_json::Map::is_empty),
    };
    assert!(
        is_known,
        "{what} answers {status} as {media:?}, which its description does not say: {described}"
    );
}

#[test]
fn an_operation_has_an_id_of_its_own_a_tag_that_is_described_and_a_short_summary() {
    let tags: Vec<&str> =
        API["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let (mut ids, mut used) = (HashSet::new(), HashSet::new());
    for (what, operation) in described() {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{what} has no id"));
        let is_camel = id.starts_with(|first: char| first.is_ascii_lowercase())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(is_camel && ids.insert(id), "{what}: {id}");
        let own: Vec<_> =
            operation["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert!(matches!(own[..], [only] if tags.contains(&only)), "{what}: {own:?}");
        used.extend(own);
        let summary = operation["summary"].as_str().unwrap_or_default();
        let is_phrase = !summary.is_empty() && !summary.contains('\n') && !summary.ends_with('.');
        assert!(is_phrase && summary.chars().count() <= 80, "{what}: {summary}");
    }
    assert!(tags.iter().all(|tag| used.contains(tag)), "{tags:?}");
}

#[test]
fn all_that_the_description_refers_to_stands_in_it_and_is_used() {
    let text = API.to_string();
    let mut referred: Vec<&str> =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    referred.sort_unstable();
    referred.dedup();
    for place in &referred {
        assert!(API.pointer(place).is_some(), "there is no {place}");
    }
    for kind in ["headers", "parameters", "responses"] {
        for name in API["components"][kind].as_object().unwrap().keys() {
            let place = format!("/components/{kind}/{name}");
            assert!(referred.contains(&place.as_str()), "nothing refers to {place}");
        }
    }
}

#[test]
fn every_operation_says_what_goes_wrong_with_a_server_and_takes_the_id_of_a_request() {
    for (what, operation) in described() {
        for status in ["500", "503"] {
            assert!(resolved(&operation["responses"][status])["content"].is_object(), "{what}: {status}");
        }
        let mut parameters = operation["parameters"].as_array().unwrap().iter().map(resolved);
        assert!(parameters.any(|one| one["name"] == "X-Request-ID" && one["in"] == "header"), "{what}");
        let has_query = operation["parameters"].as_array().unwrap().iter().any(|one| one["in"] == "query");
        assert_eq!(operation["responses"]["414"].is_object(), has_query, "{what}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let description = resolved(response)["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{what}: {status}");
        }
        for parameter in operation["parameters"].as_array().unwrap().iter().map(resolved) {
            assert!(parameter["description"].is_string(), "{what}: {parameter}");
        }
        let has_body = operation["requestBody"].is_object();
        let is_said = ["408", "413"].map(|status| operation["responses"][status].is_object());
        assert_eq!(is_said, [has_body; 2], "{what}");
    }
}

#[test]
fn headers_and_the_paths_of_scim_stand_in_the_description() {
    for (method, path, name, required) in [
        ("post", "/audit/{revision}/undo", "If-Match", false),
        ("post", "/revisions/{revision}/restore", "If-Match", false),
        ("post", "/batch", "If-Match", false),
        ("put", "/keys/{id}", "If-Match", true),
        ("get", "/changes", "Last-Event-ID", false),
        ("get", "/snapshot", "If-None-Match", false),
        ("post", "/roles", "Idempotency-Key", false),
    ] {
        let operation = &API["paths"][format!("/api/v1/tenants/{{tenant}}{path}")][method];
        let mut parameters = operation["parameters"].as_array().unwrap().iter().map(resolved);
        let parameter = parameters.find(|parameter| parameter["name"] == name);
        let said = parameter.map(|parameter| (&parameter["in"], parameter["required"] == true));
        assert_eq!(said, Some((&Value::from("header"), required)), "{method} {path}");
        if name == "If-None-Match" {
            assert!(operation["responses"]["304"].is_object(), "{method} {path}");
        }
    }
    let mut listed = 0;
    for (what, operation) in described().filter(|(what, _)| what.contains(" /scim/v2")) {
        let mut done = operation["responses"].as_object().unwrap().iter();
        let is_said = done.all(|(status, response)| {
            ["204", "304", "414"].contains(&status.as_str())
                || resolved(response)["content"]["application/scim+json"].is_object()
        });
        assert!(is_said && operation["tags"][0] == "SCIM", "{what}");
        listed += 1;
    }
    // Of the default tenant and of each.
    assert_eq!(listed, 2 * 20);
}

#[test]
fn no_schema_is_named_after_what_keeps_it_in_the_code() {
    let names: Vec<&String> = API["components"]["schemas"].as_object().unwrap().keys().collect();
    let is_of_the_code =
        |name: &&&String| ["BTreeMap", "HashMap", "Vec", "Arc", "Named"].iter().any(|of| name.contains(of));
    assert_eq!(names.iter().find(is_of_the_code), None);
    assert!(names.iter().any(|name| *name == "Attributes"));
    // A page names its rows.
    let rows = &API["components"]["schemas"]["Page_UserRow"]["properties"]["items"]["items"];
    assert_eq!(rows["$ref"], "#/components/schemas/UserRow");
}

#[test]
fn what_has_one_name_in_the_code_has_two_in_the_description_where_it_is_two() {
    let reference = |path: &str| API.pointer(path).unwrap_or_else(|| panic!("{path}"))["$ref"].clone();
    for (path, name) in [
        ("/components/schemas/Finding/properties/about/items", "FindingAbout"),
        ("/components/schemas/Versions/properties/items/items", "DocumentVersion"),
        ("/components/schemas/Batch/properties/versions/items", "MadeFrom"),
    ] {
        assert_eq!(reference(path), format!("#/components/schemas/{name}"), "{path}");
        assert!(API["components"]["schemas"][name].is_object(), "{name}");
    }
    assert!(API["components"]["schemas"]["DocumentVersion"]["properties"]["at"].is_object());
    assert!(API["components"]["schemas"]["FindingAbout"].to_string().contains("permission"));
}

/// An operation of the description.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// The path's pattern.
    pub(crate) path: String,
    /// Whether nobody needs to sign in for it.
    pub(crate) is_open: bool,
    /// Whether it takes something in the query.
    pub(crate) has_query: bool,
    /// Whether it keeps something and takes no idempotency key, under which that would be made once.
    pub(crate) refuses_idempotency_key: bool,
    /// Whether it takes the version of a document.
    pub(crate) takes_if_match: bool,
    /// The media type of its body and, where that is JSON, one that has the right shape and nothing beyond it.
    pub(crate) body: Option<(String, Value)>,
}

impl Operation {
    /// The path, with what stands for each of its variables.
    pub(crate) fn at(&self, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
    }

    /// The body as it is sent.
    pub(crate) fn text(&self) -> String {
        match &self.body {
            Some((media, body)) if media.ends_with("json") => body.to_string(),
            _ => String::new(),
        }
    }

    pub(crate) fn media(&self) -> Option<&str> {
        self.body.as_ref().map(|(media, _)| media.as_str())
    }
}

/// Every operation, but for those of the standards, which are asked as those say.
pub(crate) fn operations() -> Vec<Operation> {
    let api = &*API;
    let mut all = Vec::new();
    let of_standards =
        |path: &str| path.starts_with("/scim/") || path.contains("/access/v1/") || path.contains("/authzen-");
    for (path, operations) in api["paths"].as_object().unwrap().iter().filter(|(path, _)| !of_standards(path))
    {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let body = operation["requestBody"]["content"].as_object().and_then(|content| {
                let (media, content) = content.iter().next()?;
                Some((media.clone(), sample(&content["schema"])))
            });
            all.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                is_open: operation.get("security").is_some(),
                refuses_idempotency_key: operation["responses"]["507"].is_object()
                    && !parameters
                        .into_iter()
                        .flatten()
                        .any(|parameter| parameter["$ref"] == "#/components/parameters/IdempotencyKey"),
                takes_if_match: parameters
                    .into_iter()
                    .flatten()
                    .any(|parameter| parameter["name"] == "If-Match" && parameter["required"] == true),
                has_query: parameters.into_iter().flatten().any(|parameter| parameter["in"] == "query"),
                body,
            });
        }
    }
    all
}

/// The smallest value of a schema.
fn sample(schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return sample(API.pointer(name.strip_prefix('#').unwrap()).unwrap());
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    for one_of in ["enum", "oneOf", "anyOf"] {
        if let Some(first) =
            schema[one_of].as_array().and_then(|all| all.iter().find(|it| it["type"] != "null"))
        {
            return if one_of == "enum" { first.clone() } else { sample(first) };
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        let parts = all.iter().map(sample).filter_map(|part| part.as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => Value::from("x"),
        Some("integer" | "number") => Value::from(1),
        Some("boolean") => Value::from(true),
        Some("array") => Value::Array(Vec::new()),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let value = |name: &str| {
                let schema = &schema["properties"][name];
                let value = match name {
                    // A place, and at least one.
                    "scope" => Value::from("/"),
                    "changes" => Value::from(vec![sample(&schema["items"])]),
                    _ => sample(schema),
                };
                (name.to_owned(), value)
            };
            Value::Object(required.map(value).collect())
        }
    }
}
