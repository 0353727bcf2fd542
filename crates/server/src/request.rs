//! What happens to every request: an id, a log line, a time limit, and the headers that keep
//! browsers strict.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};

use crate::app::{App, Shared};
use crate::auth::actor::Who;
use crate::auth::client::address_of;
use crate::authzen;
use crate::metrics::Metrics;
use crate::patience::within_anew;
use crate::problem::Failure;
use crate::secret;

/// The header that carries a request's id, both ways.
pub const ID_HEADER: &str = "x-request-id";
/// How long a handler may take, counted from the last of the body.
const LIMIT: Duration = Duration::from_secs(60);
/// What the log says of a handler that panicked.
const PANICKED: &str = "a handler panicked";
/// The longest id accepted from outside.
const LONGEST_ID: usize = 128;

/// Routes that are asked all the time by what watches the server: logged as details.
const WATCHED: &[&str] = &["/healthz", "/readyz"];

/// The request that is being answered.
struct Current {
    id: String,
    app: Shared,
    /// Whether its line is written.
    is_logged: bool,
    /// Whether something of its body came since that was last looked at.
    is_coming: AtomicBool,
    seen: Mutex<Seen>,
}

/// What was learnt of a request on its way.
#[derive(Default)]
struct Seen {
    tenant: Option<String>,
    who: Option<Who>,
    problem: Option<String>,
}

tokio::task_local! {
    static CURRENT: Arc<Current>;
}

/// The id of the request that is being answered; empty outside of one.
#[must_use]
pub fn id() -> String {
    CURRENT.try_with(|current| current.id.clone()).unwrap_or_default()
}

/// Tells that more of the body came: the time that the handler has does not run meanwhile. How long a body may take has a
/// limit of its own.
pub fn is_coming() {
    _ = CURRENT.try_with(|current| current.is_coming.store(true, Ordering::Relaxed));
}

/// Tells the log which tenant the request is about.
pub fn is_about(tenant: &str) {
    see(|seen| seen.tenant = Some(tenant.to_owned()));
}

/// Tells the log who asks.
pub fn is_by(who: &Who) {
    see(|seen| seen.who = Some(who.clone()));
}

/// Tells the log the code of the problem that is answered.
pub fn is_refused(code: &str) {
    see(|seen| seen.problem = Some(code.to_owned()));
}

/// Counts something that happens while a request is answered; outside of one nothing is counted.
pub fn count(count: impl FnOnce(&Metrics)) {
    _ = CURRENT.try_with(|current| count(&current.app.metrics));
}

/// What comes out of a stream while an answer goes out is a part of the request that is being answered: it is
/// counted, and named by the request's id.
pub fn carried<S: Stream + Send + 'static>(stream: S) -> impl Stream<Item = S::Item> + Send {
    let current = CURRENT.try_with(Arc::clone).ok();
    stream::unfold((Box::pin(stream), current), |(mut stream, current)| async move {
        let next = stream.next();
        let item = match &current {
            Some(current) => CURRENT.scope(Arc::clone(current), next).await,
            None => next.await,
        };
        Some((item?, (stream, current)))
    })
}

fn see(learn: impl FnOnce(&mut Seen)) {
    _ = CURRENT.try_with(|current| {
        if current.is_logged {
            learn(&mut current.seen.lock().unwrap_or_else(PoisonError::into_inner));
        }
    });
}

/// Whether the line of a request is written: of those that are many only for those who look closely.
fn is_logged(of_many: bool) -> bool {
    if of_many { tracing::enabled!(tracing::Level::DEBUG) } else { tracing::enabled!(tracing::Level::INFO) }
}

/// Gives the request its id and its time limit, logs and counts it, and sets the headers.
pub async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(ID_HEADER)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_id(id))
        .map_or_else(|| secret::fresh_id("").unwrap_or_default(), ToOwned::to_owned);
    let asked = Asked::of(&app, &request, By::People);
    let mut response = answered(&app, id.clone(), asked, next.run(request)).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(ID_HEADER, id);
    }
    for (name, value) in STRICT {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The same for what enforcement points ask: see [`decision`].
pub async fn observe_decision(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&app, &request, By::Points);
    let id = request.headers().get(ID_HEADER).cloned();
    decision(&app, id, asked, next.run(request)).await
}

/// Observes what enforcement points ask, which is asked most, and answered with no page: only an id that they
/// send comes back, whatever text it is (AuthZEN 1.0, 10.1.8), and of the headers what is for them.
pub(crate) async fn decision(
    app: &Shared,
    given: Option<HeaderValue>,
    asked: Asked,
    answer: impl Future<Output = Response>,
) -> Response {
    let id = given.as_ref().and_then(|id| id.to_str().ok()).filter(|id| is_id(id)).unwrap_or_default();
    let answer = async {
        let answer = AssertUnwindSafe(answer).catch_unwind();
        answer.await.unwrap_or_else(|_| By::Points.told(Failure::internal(&PANICKED)))
    };
    let mut response = answered(app, id.to_owned(), asked, answer).await;
    let headers = response.headers_mut();
    if let Some(id) = given {
        headers.insert(HeaderName::from_static(ID_HEADER), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    encrypt_only(app, &mut response);
    response
}

/// What is asked, for the log and the metrics.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The pattern and not the path: a path may name a person, and no secret belongs in a log.
    pub(crate) route: Cow<'static, str>,
    /// From where, where it came over a network.
    pub(crate) client: Option<IpAddr>,
    pub(crate) by: By,
}

/// By what something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// By people and their programs.
    People,
    /// By enforcement points (AuthZEN), all the time: their errors are plain text.
    Points,
}

impl By {
    fn told(self, failure: Failure) -> Response {
        match self {
            Self::People => failure.into_response(),
            Self::Points => authzen::error::Error::from(failure).into_response(),
        }
    }
}

impl Asked {
    fn of(app: &App, request: &Request, by: By) -> Self {
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let route = route.map_or(Cow::Borrowed("-"), |route| Cow::Owned(route.to_owned()));
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let client = address_of(peer, request.headers(), &app.config.trusted_proxies);
        Self { method: request.method().clone(), route, client, by }
    }

    /// Whether requests of its kind are many.
    fn is_of_many(&self) -> bool {
        self.by == By::Points || WATCHED.contains(&&*self.route)
    }
}

/// What is answered within the time limit, logged and counted.
async fn answered(
    app: &Shared,
    id: String,
    asked: Asked,
    answer: impl Future<Output = Response>,
) -> Response {
    let begun = Instant::now();
    let (app, is_logged) = (Arc::clone(app), is_logged(asked.is_of_many()));
    let current = Arc::new(Current { id, app, is_logged, is_coming: false.into(), seen: Mutex::default() });
    let answer = CURRENT.scope(Arc::clone(&current), async {
        let is_coming = || current.is_coming.swap(false, Ordering::Relaxed);
        let answered = within_anew(LIMIT, is_coming, answer).await;
        answered.unwrap_or_else(|| asked.by.told(Failure::unavailable("this took too long: try again", 5)))
    });
    let response = answer.await;
    let (status, took) = (response.status(), begun.elapsed());
    current.app.metrics.answered(&asked.method, asked.route.clone(), status, took);
    log(&current, &asked, status, took);
    response
}

/// Milliseconds, to the microsecond.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// One line a request, for those who look closely where there are many. Who asks is named as in the change log, and from where as the
/// proxies say that are believed; no other header, no query and no body.
fn log(current: &Current, asked: &Asked, status: StatusCode, took: Duration) {
    if !current.is_logged {
        return;
    }
    let seen = current.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let (tenant, problem) = (seen.tenant.as_deref(), seen.problem.as_deref());
    let actor = seen.who.as_ref().map_or_else(|| "nobody".to_owned(), Who::label);
    let (method, route) = (&asked.method, &*asked.route);
    let client = asked.client.as_ref().map(tracing::field::display);
    let (request, status, ms) = (current.id.as_str(), status.as_u16(), milliseconds(took));
    macro_rules! answered {
        ($level:expr) => {
            tracing::event!(
                $level, request, %method, route, status, ms, tenant, actor, client, problem, "answered"
            )
        };
    }
    if asked.is_of_many() {
        answered!(tracing::Level::DEBUG);
    } else {
        answered!(tracing::Level::INFO);
    }
}

const STRICT: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// Where people come over TLS, their browsers shall never come without it again.
pub async fn only_encrypted<B>(State(app): State<Shared>, mut response: Response<B>) -> Response<B> {
    encrypt_only(&app, &mut response);
    response
}

fn encrypt_only<B>(app: &App, response: &mut Response<B>) {
    if app.config.public_url.starts_with("https://") {
        let value = HeaderValue::from_static("max-age=63072000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// What a handler that panicked answers.
#[must_use]
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Failure::internal(&PANICKED).into_response()
}

/// A path that there is not.
pub async fn no_such_path() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, rolewright_wire::problem::code::NOT_FOUND, "there is no such path")
}

/// A path without that method.
pub async fn no_such_method(request: Request) -> Failure {
    let detail = format!("this path has no {}: `Allow` says which it has", request.method());
    let code = rolewright_wire::problem::code::METHOD_NOT_ALLOWED;
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, code, detail)
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
