//! Signed snapshots.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::snapshot::{Content, SnapshotKind};
use rolewright_model::{Stamp, console};
use rolewright_wire::check::{LONGEST_NONCE, STAMP_HEADER};
use serde::Deserialize;

use crate::auth::client::Client;
use crate::auth::reader::Reader;
use crate::checkers::{Checker, Told};
use crate::conditional::IfNoneMatch;
use crate::extract::Ask;
use crate::log_head::{self, LogHead};
use crate::openapi::IfNoneMatchHeader;
use crate::problem::{Failure, Result};
use crate::snapshot;

/// The media type of a signed snapshot.
const MEDIA_TYPE: &str = "application/vnd.rolewright.snapshot";
/// The media type of a signed delta.
const DELTA_MEDIA_TYPE: &str = "application/vnd.rolewright.delta";

/// Which snapshot.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// `full` needs `snapshot.full`, `policy` needs `snapshot.policy`, `subject` is the session's
    /// or the pass's own.
    kind: SnapshotKind,
    /// The revision of the full or policy snapshot that is held, as `EPOCH.REVISION`: the answer may
    /// then be a delta that leads on from it. Of a subject snapshot it changes nothing.
    since: Option<String>,
    /// The newest revision that is known and the head of the log there, `EPOCH.REVISION.HASH`, as a stamp says it: where the
    /// log here is another, it is 409 `other_history`.
    log_head: Option<String>,
    /// Stands in the stamp again: by another one each time, 64 bytes at most, an answer that a cache has kept is known.
    nonce: Option<String>,
}

/// A signed snapshot, with a freshness stamp beside it.
///
/// A 304 brings a new stamp. With `since`, a signed delta where the server still knows that revision and the delta is
/// the shorter.
///
/// A pass in the place of a key (`Authorization: Bearer PASS`) reads its subject's own snapshot, and nothing else.
#[utoipa::path(
    get, path = "/snapshot", tag = "Checkers", operation_id = "getSnapshot", params(Which, IfNoneMatchHeader),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/vnd.rolewright.snapshot"),
            (Vec<u8> = "application/vnd.rolewright.delta")
        ), description = "`HEADER..SIGNATURE` (RFC 7797), a line feed, and the snapshot in its compact encoding, \
            or the delta that leads to it; the `ETag` is that of the snapshot either way", headers(("Rolewright-Stamp" = String))),
        (status = 304, description = "Not changed; the stamp is new", headers(("Rolewright-Stamp" = String))),
        (status = 409, description = "The log here is not the one of `log_head`, or does not reach it")
    )
)]
pub async fn read(
    reader: Reader,
    client: Client,
    known: IfNoneMatch,
    Ask(which): Ask<Which>,
) -> Result<Response> {
    let (tenant, loaded, now) = reader.of();
    let known_head = match which.log_head.as_deref().map(|said| (said, LogHead::parse(said))) {
        Some((said, None)) => {
            let message = format!("`{}` is no head of a log: say `EPOCH.REVISION.HASH`", said.escape_debug());
            return Err(Failure::invalid_at("query.log_head", message));
        }
        Some((_, known)) => known,
        None => None,
    };
    let since = match which.since.as_deref().map(|since| (since, Stamp::parse(since))) {
        Some((since, None)) => {
            let message = format!("`{}` is not a revision: say `EPOCH.REVISION`", since.escape_debug());
            return Err(Failure::invalid_at("query.since", message));
        }
        Some((_, since)) => since.filter(|_| which.kind != SnapshotKind::Subject),
        None => None,
    };
    if let Some(nonce) = which.nonce.as_deref().filter(|nonce| nonce.len() > LONGEST_NONCE) {
        let message = format!("{} bytes are too long: say {LONGEST_NONCE} at most", nonce.len());
        return Err(Failure::invalid_at("query.nonce", message));
    }
    let signed = match which.kind {
        SnapshotKind::Full => {
            reader.need(console::SNAPSHOT_FULL, "fetch the full snapshot")?;
            snapshot::shared(tenant, loaded, which.kind).await?
        }
        SnapshotKind::Policy => {
            reader.need(console::SNAPSHOT_POLICY, "fetch the policy snapshot")?;
            snapshot::shared(tenant, loaded, which.kind).await?
        }
        SnapshotKind::Subject => {
            let own = reader.own().ok_or_else(|| {
                Failure::invalid_at("query.kind", "a key has no subject of its own: ask for policy or full")
            })?;
            Arc::new(snapshot::own(tenant, loaded, &own, now)?)
        }
    };
    // Asked by whoever may have the snapshot, and nobody else.
    if let Some(known) = known_head
        && !log_head::leads_on(tenant, loaded, &known).await?
    {
        return Err(Failure::other_history(known.at));
    }
    let stamp = snapshot::stamp(tenant, loaded, which.kind, signed.content, now, which.nonce)?;
    let etag = etag(signed.content);
    let mut response = if known.has(&etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let held = |content| known.is_empty() || known.has(&self::etag(content));
        let delta = match since {
            Some(since) => snapshot::delta(tenant, which.kind, &signed, since, held).await?,
            None => None,
        };
        let (media_type, body) = match delta {
            Some(delta) => (DELTA_MEDIA_TYPE, delta.body.clone()),
            None => (MEDIA_TYPE, signed.body.clone()),
        };
        ([(header::CONTENT_TYPE, media_type)], body).into_response()
    };
    if let Some(key) = reader.key() {
        let checker = Checker { key, kind: which.kind, address: client.address, agent: client.agent };
        tenant.checkers.note(checker, Told { at: loaded.state.at(), asked: now });
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ETAG, etag.as_str()),
        (HeaderName::from_static(STAMP_HEADER), stamp.as_str()),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::VARY, "Authorization, Cookie"),
    ] {
        let value = HeaderValue::from_str(value).map_err(|error| Failure::internal(&error))?;
        headers.insert(name, value);
    }
    Ok(response)
}

fn etag(content: Content) -> String {
    format!("\"{content}\"")
}
