//! Holds every answer of every test against the description of the API: its status and its media type stand there.

use std::sync::LazyLock;

use axum::http::{Method, Response, StatusCode, header};
use rolewright_server::routes;
use serde_json::Value;

/// A path of the description, by segments.
struct Path {
    segments: Vec<String>,
    operations: Value,
}

/// What the description says of every path.
static PATHS: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let api: Value = serde_json::from_str(&routes::description()).unwrap();
    let paths = api["paths"].as_object().unwrap().iter();
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

/// The answer is one of those that the description says.
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
    let described = &operation["responses"][status.as_str()];
    assert!(described.is_object(), "{what} answers {status}, which its description does not say");
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

/// Every operation: its method and the path's pattern.
pub(crate) fn operations() -> Vec<(Method, String)> {
    let of = |path: &Path| {
        let methods = path.operations.as_object().unwrap().keys().map(|name| name.to_uppercase());
        let pattern = path.segments.join("/");
        methods.map(move |method| (method.parse().unwrap(), pattern.clone())).collect::<Vec<_>>()
    };
    PATHS.iter().flat_map(of).collect()
}
