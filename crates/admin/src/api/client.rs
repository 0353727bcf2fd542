//! Requests and answers.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use rolewright_model::{Code, json};
use rolewright_wire::REVISION_HEADER;
use rolewright_wire::problem::code;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit, Response,
};
use yew::Callback;

use super::error::Details;
use super::request::Body;
use super::{ApiError, Request};
use crate::{browser, tenant};

/// What the server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// The body.
    pub body: T,
    /// The document's `ETag`, to be sent back with an edit.
    pub etag: Option<String>,
    /// The revision that a write made: by it the write can be taken back.
    pub made: Option<u64>,
}

/// What a request finds out about the session by the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It has ended.
    Ended,
    /// A second factor is asked of the person by now.
    NeedsSecondFactor,
}

thread_local! {
    static WATCHER: RefCell<Option<Callback<Found>>> = const { RefCell::new(None) };
    static DOUBTER: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
}

/// Whom to tell what is found out about the session.
pub fn watch_session(callback: Callback<Found>) {
    WATCHER.with(|watcher| watcher.replace(Some(callback)));
}

/// Whom to tell that a request did not reach the server.
pub fn watch_connection(callback: Callback<()>) {
    DOUBTER.with(|doubter| doubter.replace(Some(callback)));
}

/// A query string, written part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// With one more parameter, unless it is empty.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push(if self.0.is_empty() { '?' } else { '&' });
            self.0.push_str(name);
            self.0.push('=');
            self.0.push_str(&String::from(js_sys::encode_uri_component(value)));
        }
        self
    }

    /// `?search=ana&limit=50`, or nothing.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// GET, answered with JSON.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<Answer<T>, ApiError> {
    asked(Request::get(path)).await
}

/// GET, answered with bytes.
pub async fn get_bytes(path: &str) -> Result<Vec<u8>, ApiError> {
    send(Request::get(path), None).await.map(|answer| answer.body)
}

/// What a request is answered.
pub async fn asked<T: DeserializeOwned>(request: Request) -> Result<Answer<T>, ApiError> {
    send(request, None).await.and_then(decoded)
}

/// Asks for what is answered by lines of JSON; `told` is told each as it comes. A signal takes it back.
///
/// What was told has happened, also where an error follows.
pub async fn lines(
    request: Request,
    signal: AbortSignal,
    told: &mut dyn FnMut(&[u8]) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let response = fetch(&request, Some(signal)).await.map_err(|_| ApiError::Offline)?;
    if !response.ok() {
        return Err(refused(&request, &response, &body(&response).await?));
    }
    let stream = response.body().ok_or(ApiError::Offline)?;
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut rest = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(|_| ApiError::Offline)?;
        let part = js_sys::Reflect::get(&part, &JsValue::from_str("value")).unwrap_or_default();
        // The last part says nothing.
        if part.is_undefined() {
            return Ok(());
        }
        rest.extend(js_sys::Uint8Array::new(&part).to_vec());
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines: Vec<u8> = rest.drain(..whole).collect();
        lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).try_for_each(&mut *told)?;
    }
}

/// A body that says nothing, `{}`.
#[derive(Serialize)]
pub struct Nothing {}

/// A body that is written already: what is kept of it is its text, which copies share.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded(pub(super) Rc<str>);

impl Encoded {
    /// The body, written.
    pub fn of<B: Serialize>(body: &B) -> Option<Self> {
        encoded(body).ok().map(|text| Self(text.into()))
    }

    /// A text that somebody else wrote, as it is.
    pub fn text(text: String) -> Self {
        Self(text.into())
    }
}

/// A body as it is sent.
pub fn encoded<B: Serialize>(body: &B) -> Result<String, ApiError> {
    serde_json::to_string(body).map_err(|error| ApiError::Unreadable(error.to_string()))
}

/// The answer, read.
pub fn decoded<T: DeserializeOwned>(answer: Answer<Vec<u8>>) -> Result<Answer<T>, ApiError> {
    // An empty answer is read as nothing, `()`.
    let text = if answer.body.trim_ascii().is_empty() { b"null" } else { answer.body.as_slice() };
    Ok(Answer { body: read(text)?, etag: answer.etag, made: answer.made })
}

/// Everything that the server says is read here, by way of a JSON value: what reads a type is then compiled once.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, ApiError> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| ApiError::Unreadable(error.to_string()))?;
    json::read(&value).map_err(|problem| ApiError::Unreadable(problem.to_string()))
}

/// A request on its way. It is told of in one type, so that whoever waits for it keeps no more than where it is.
pub type Sent = Pin<Box<dyn Future<Output = Result<Answer<Vec<u8>>, ApiError>>>>;

/// Sends a request; a signal takes it back.
pub fn send(request: Request, signal: Option<AbortSignal>) -> Sent {
    Box::pin(async move {
        let told = answer(request, signal.clone()).await;
        // What was taken back was not lost.
        if matches!(told, Err(ApiError::Offline)) && !signal.is_some_and(|signal| signal.aborted()) {
            let doubter = DOUBTER.with(|doubter| doubter.borrow().clone());
            doubter.iter().for_each(|doubter| doubter.emit(()));
        }
        told
    })
}

async fn answer(request: Request, signal: Option<AbortSignal>) -> Result<Answer<Vec<u8>>, ApiError> {
    let response = fetch(&request, signal).await.map_err(|_| ApiError::Offline)?;
    let body = body(&response).await?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let made = || header(REVISION_HEADER)?.split_once('.')?.1.parse().ok();
    match response.ok() {
        true => Ok(Answer { body, etag: header("etag"), made: made() }),
        false => Err(refused(&request, &response, &body)),
    }
}

async fn body(response: &Response) -> Result<Vec<u8>, ApiError> {
    let buffer = response.array_buffer().map_err(|_| ApiError::Offline)?;
    let buffer = JsFuture::from(buffer).await.map_err(|_| ApiError::Offline)?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Why a request was not done. What it says of the session is passed on.
fn refused(request: &Request, response: &Response, body: &[u8]) -> ApiError {
    let problem = match read::<Details>(body) {
        Ok(problem) => problem,
        Err(_) => {
            return match response.status() {
                // What stands before a server that is away.
                502..=504 => ApiError::Offline,
                status => ApiError::Unreadable(format!("{status} {}", request.path)),
            };
        }
    };
    let found = match (problem.status, problem.code()) {
        (401, code::UNAUTHENTICATED) => Some(Found::Ended),
        (403, code) if code == Code::SecondFactorRequired.as_str() => Some(Found::NeedsSecondFactor),
        _ => None,
    };
    let watcher = WATCHER.with(|watcher| watcher.borrow().clone());
    if let (Some(found), Some(watcher)) = (found, watcher) {
        watcher.emit(found);
    }
    ApiError::Problem(Box::new(problem))
}

async fn fetch(request: &Request, signal: Option<AbortSignal>) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_signal(signal.as_ref());
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_cache(RequestCache::NoCache);
    let headers = web_sys::Headers::new()?;
    headers.set("accept", "application/json, application/x-ndjson, application/problem+json")?;
    if let Some(etag) = &request.etag {
        headers.set("if-match", etag)?;
    }
    if let Some(key) = &request.once {
        headers.set("idempotency-key", key)?;
    }
    match &request.body {
        Some(Body::Json(text)) => {
            headers.set("content-type", "application/json")?;
            init.set_body(&JsValue::from_str(text));
        }
        Some(Body::Csv(bytes)) => {
            headers.set("content-type", "text/csv; charset=utf-8")?;
            init.set_body(bytes);
        }
        None => {}
    }
    init.set_headers(&headers);
    let window = browser::window().ok_or(JsValue::NULL)?;
    let promise = window.fetch_with_str_and_init(&tenant::api(&request.path), &init);
    JsFuture::from(promise).await?.dyn_into()
}
