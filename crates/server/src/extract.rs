//! What a handler takes out of a request. Every rejection is a problem.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use rolewright_model::json;
use rolewright_wire::problem::code;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::as_of::AsOf;
use crate::patience::within;
use crate::problem::Failure;
use crate::tenant::Edit;
use crate::{idempotency, request};

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// The largest table, in bytes.
pub const LARGEST_TABLE: usize = 32 * 1024 * 1024;
/// How much of a body that is too large is thrown away before the answer, so that a client that
/// sends first and reads afterwards sees it.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
/// How long nothing may come of a body, and how long a short one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many bytes a second a body must come at, beyond that.
const SLOWEST: u64 = 500;
/// How long the longest body may take.
const LONGEST_TIME: Duration = Duration::from_secs(600);

/// A body in JSON, read strictly.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = body_of(&parts.headers, body).await?;
        if let Some(body) = parts.extensions.get::<idempotency::Body>() {
            body.read(&bytes);
        }
        decode(&bytes).map(Self)
    }
}

/// The bytes of a request, as they come.
pub(crate) trait Sending: HttpBody<Data = Bytes> + Send {}

impl<B: HttpBody<Data = Bytes> + Send> Sending for B {}

/// The body of a request that says that it is JSON.
pub(crate) async fn body_of<B: Sending>(headers: &HeaderMap, body: B) -> Result<Vec<u8>, Failure> {
    if !says(headers, "application/json") {
        let detail = "the body must be JSON: send `Content-Type: application/json`";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::NOT_JSON, detail));
    }
    is_plain(headers, code::NOT_JSON)?;
    in_time(body, LARGEST_BODY).await
}

/// What is said of a body that is compressed.
pub(crate) const ENCODED: &str = "no `Content-Encoding` is read here: send the body uncompressed";

/// Whether a body is sent otherwise than as it is.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Refuses a body that is not sent as it is.
fn is_plain(headers: &HeaderMap, code: &str) -> Result<(), Failure> {
    match is_encoded(headers) {
        true => Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, ENCODED)),
        false => Ok(()),
    }
}

/// A table as CSV.
#[derive(Debug)]
pub struct Csv(pub Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if !says(request.headers(), "text/csv") {
            let detail = "the body must be CSV: send `Content-Type: text/csv`";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::NOT_CSV, detail));
        }
        if !is_utf8(request.headers()) {
            let detail =
                "a table is read as UTF-8: save it so, and send `Content-Type: text/csv; charset=utf-8`";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::NOT_CSV, detail));
        }
        is_plain(request.headers(), code::NOT_CSV)?;
        in_time(request.into_body(), LARGEST_TABLE).await.map(Self)
    }
}

pub(crate) fn says(headers: &HeaderMap, wanted: &str) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(wanted)
}

/// How long is waited for more of a body of which that much came in that time.
fn patience(received: usize, taken: Duration) -> Duration {
    let bytes = u64::try_from(received).unwrap_or(u64::MAX);
    let whole = PATIENCE.saturating_add(Duration::from_secs(bytes / SLOWEST)).min(LONGEST_TIME);
    whole.saturating_sub(taken).min(PATIENCE)
}

fn too_slow() -> Failure {
    let detail = "the body came too slowly: send it again";
    Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMED_OUT, detail)
}

/// Whether the body says that it is UTF-8, or nothing of it.
fn is_utf8(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = media.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    named.filter(|(name, _)| name.eq_ignore_ascii_case("charset")).all(|(_, set)| {
        let set = set.trim_matches('"');
        ["utf-8", "utf8", "us-ascii"].iter().any(|known| set.eq_ignore_ascii_case(known))
    })
}

/// A body that keeps coming: 500 bytes a second after the first 20 seconds, and never nothing for so long.
pub(crate) async fn in_time<B: Sending>(body: B, largest: usize) -> Result<Vec<u8>, Failure> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let read_at_most = largest.max(THROWN_AWAY);
    if announced > read_at_most {
        return Err(too_large(largest));
    }
    let mut bytes = Vec::with_capacity(announced.min(largest));
    let mut length = 0_usize;
    let mut body = pin!(body);
    let begun = Instant::now();
    while length <= read_at_most {
        // Known as a rule with the last of it, which spares a turn for nothing.
        if body.is_end_stream() && length <= largest {
            return Ok(bytes);
        }
        let next = poll_fn(|cx| body.as_mut().poll_frame(cx));
        let frame = match within(patience(length, begun.elapsed()), next).await.ok_or_else(too_slow)? {
            None if length <= largest => return Ok(bytes),
            None => break,
            Some(Ok(frame)) => frame,
            Some(Err(_)) => return Err(malformed("the body ended early: send all of it")),
        };
        let Ok(chunk) = frame.into_data() else { continue };
        request::is_coming();
        length = length.saturating_add(chunk.len());
        if length <= largest {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Err(too_large(largest))
}

fn too_large(largest: usize) -> Failure {
    let detail = format!("the body is larger than {} MB: send less at once", largest / (1024 * 1024));
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, detail)
}

fn malformed(detail: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail)
}

/// Reads JSON strictly: what is not JSON, or has a key twice, is malformed; what has not the shape
/// of `T` is not valid.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(format!("the body is not UTF-8 from byte {} on", error.valid_up_to())))?;
    if let Err(problems) = json::parse(text) {
        let detail = match problems.as_slice() {
            [only] => only.message.clone(),
            all => format!("{} things are wrong with the JSON", all.len()),
        };
        return Err(malformed(detail).with_errors(problems));
    }
    json::decode(text).map_err(|mut problems| {
        for problem in &mut problems {
            problem.message = plain(&problem.message);
        }
        Failure::invalid(problems)
    })
}

/// What serde says of a value, without the names that types have in the code.
pub(crate) fn plain(message: &str) -> String {
    const WHOLE: &str = "a whole number is expected";
    if message.contains("invalid digit found in string")
        || message.contains("cannot parse integer")
        || message.contains("number too ")
    {
        return WHOLE.to_owned();
    }
    if message.starts_with("provided string was not") {
        return "`true` or `false` is expected".to_owned();
    }
    if let Some((name, known)) = unknown(message, "unknown variant `") {
        return format!("`{name}` is not known here: write {known}");
    }
    if let Some((name, known)) = unknown(message, "unknown field `") {
        return match &*known {
            "nothing" => format!("`{name}` is not known here: leave it out"),
            known => format!("`{name}` is not known here: leave it out, or write one of {known}"),
        };
    }
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return format!("`{name}` is needed: say it");
    }
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let expected = match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a map" => "an object",
        "a sequence" => "an array",
        "string or map" => "a string or an object",
        "field identifier" | "variant identifier" => "a string",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with("internally tagged enum ") => "an object",
        _ if expected.starts_with("enum ") => "a string or an object",
        _ if expected.starts_with("tuple ") => "an array",
        expected => expected,
    };
    let found = found.strip_prefix("invalid type: ").or_else(|| found.strip_prefix("invalid value: "));
    match found {
        Some(found) => format!("expected {expected}, not {found}"),
        None => message.to_owned(),
    }
}

/// The name in serde's sentence about one that is not known, and those that are.
fn unknown<'m>(message: &'m str, begins: &str) -> Option<(&'m str, String)> {
    let (name, known) = message.strip_prefix(begins)?.split_once("`, ")?;
    let known = match known.strip_prefix("expected ") {
        Some(known) => known.strip_prefix("one of ").unwrap_or(known),
        None => "nothing",
    };
    Some((name, known.replace("` or `", "`, `")))
}

/// What is wrong with a query, at the name in it.
fn wrong_query(text: &str) -> Failure {
    let said = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text);
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let (name, message) = match said.split_once(": ") {
        Some((name, message)) if is_name(name) || message.starts_with("unknown field `") => {
            (Some(name), message)
        }
        _ => (None, said),
    };
    let quoted = |begins: &str| message.strip_prefix(begins)?.split('`').next();
    if let Some(name) = quoted("missing field `") {
        return Failure::invalid_at(
            &format!("query.{name}"),
            format!("`{name}` is needed: say it in the query"),
        );
    }
    if let Some(name) = quoted("duplicate field `") {
        return Failure::invalid_at(
            &format!("query.{name}"),
            format!("`{name}` stands here twice: say it once"),
        );
    }
    let name = name.or_else(|| quoted("unknown field `")).filter(|name| !name.is_empty());
    let path = name.map_or_else(|| "query".to_owned(), |name| format!("query.{name}"));
    Failure::invalid_at(&path, plain(message))
}

/// A body in JSON, or none.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, state).await.map(|Json(body)| Self(body))
    }
}

/// No body: what would be passed over is refused. `null` and `{}` say nothing.
#[derive(Debug)]
pub struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = in_time(request.into_body(), LARGEST_BODY).await?;
        match bytes.trim_ascii() {
            b"" | b"null" | b"{}" => Ok(Self),
            _ => Err(Failure::invalid_at("$", "nothing of a body is read here: send none")),
        }
    }
}

/// The query.
#[derive(Debug)]
pub struct Ask<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(wrong_query(&rejection.body_text())),
        }
    }
}

/// What the path says.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(path)) => Ok(Self(path)),
            Err(_) => Err(Failure::not_found("such path")),
        }
    }
}

/// The id in a path, beside the tenant.
#[derive(Debug, Deserialize)]
pub struct Id {
    /// The document's id.
    pub id: String,
}

/// The query of every write.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// Whether only to say what would happen, and to write nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, for the change log: 500 characters at most.
    #[param(value_type = Option<String>)]
    pub reason: Option<Reason>,
}

impl Write {
    /// An edit, as the query says.
    #[must_use]
    pub fn on(self, edit: Edit) -> Edit {
        Edit { dry_run: self.dry_run, reason: self.reason.map(Reason::into_text), ..edit }
    }
}

/// The query of what can be asked of the past too.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said. One to come is refused.
    pub as_of: Option<AsOf>,
}

/// Why a change is made: one line for people who read the log.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Reason(String);

impl Reason {
    /// How many characters it has at most.
    const LONGEST: usize = 500;

    /// A reason.
    ///
    /// # Errors
    /// What a reason is.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Self::LONGEST || text.chars().any(char::is_control) {
            return Err(format!("a reason is one line of 1 to {} characters", Self::LONGEST));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    /// What comes of a body of that many parts of that many bytes, one after each pause.
    async fn sent(parts: usize, bytes: usize, pause: u64) -> Result<usize, StatusCode> {
        let parts = stream::unfold(0, move |n| async move {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            (n < parts).then(|| (Ok::<_, std::convert::Infallible>(vec![b'a'; bytes]), n + 1))
        });
        let read = in_time(Body::from_stream(parts), LARGEST_TABLE).await;
        read.map(|bytes| bytes.len()).map_err(|failure| failure.status())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_take_as_long_as_it_keeps_coming() {
        let slow = Err(StatusCode::REQUEST_TIMEOUT);
        for (parts, bytes, pause, comes) in [
            (100, 800, 1, Ok(80_000)),
            (2, 8_000, 15, Ok(16_000)),
            (2, 8_000, 21, slow),
            (100, 100, 1, slow),
            (100, 80_000, 7, slow),
        ] {
            assert_eq!(sent(parts, bytes, pause).await, comes, "{parts} times {bytes}, one in {pause} s");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        for (said, told) in [
            ("missing field `which`", "`which` is needed: say it"),
            ("missing field `which` at line 1 column 2", "`which` is needed: say it"),
            (
                "unknown field `DRY_RUN`, expected `dry_run` or `reason`",
                "`DRY_RUN` is not known here: leave it out, or write one of `dry_run`, `reason`",
            ),
        ] {
            assert_eq!(plain(said), told);
        }
    }
}
