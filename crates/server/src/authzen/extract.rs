//! A request as it comes: who asks, and the bytes that were sent.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use rolewright_model::ResourcePath;
use serde::Deserialize;

use super::entity::Object;
use super::error::{Error, Result};
use crate::app::Shared;
use crate::auth::key_use::As;
use crate::auth::{Asker, TenantOf, cross_site};
use crate::extract::{Sending, body_of, plain};
use crate::taken::Question;
use crate::tenant::Tenant;

/// Who asks, and what was sent; who asks is seen first.
#[derive(Debug)]
pub struct Sent {
    /// Who asks.
    pub asker: Asker,
    /// The body.
    pub body: Bytes,
}

impl FromRequest<Shared> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let TenantOf(tenant) = TenantOf::from_request_parts(&mut parts, app).await?;
        Self::of(app, tenant, parts, body).await
    }
}

impl Sent {
    /// A request of that head and body.
    pub(super) async fn of(
        app: &Shared,
        tenant: Arc<Tenant>,
        mut head: Parts,
        body: impl Sending,
    ) -> Result<Self> {
        cross_site::check(&app.config.public_url, &head.method, &head.headers)?;
        head.extensions.insert(Question);
        let asker = Asker::of(app, tenant, &mut head, As::Itself).await?;
        let body = body_of(&head.headers, body).await?;
        Ok(Self { asker, body: body.into() })
    }
}

/// What a body says.
///
/// # Errors
/// 400: it is not JSON, or has not that shape.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    if body.is_empty() {
        return Err(Error::invalid("the body is empty: send an object in JSON"));
    }
    serde_json::from_slice(body).map(|Object(read)| read).map_err(|error| {
        let text = error.to_string();
        let said = text.split_once(" at line ").map_or(text.as_str(), |(said, _)| said);
        let (said, line, column) = (plain(said), error.line(), error.column());
        Error::invalid(format!("the body is not as it must be at line {line}, column {column}: {said}"))
    })
}

/// An entity or a part of one that must be there.
///
/// # Errors
/// 400.
pub fn needed<'e, T>(part: Option<&'e T>, name: &str) -> Result<&'e T> {
    part.ok_or_else(|| Error::invalid(format!("`{name}` is missing: say it")))
}

/// Demands that the asker may ask what others may do at a place.
///
/// # Errors
/// 403.
pub fn may_check(asker: &Asker, place: &ResourcePath) -> Result<()> {
    use rolewright_model::console;
    if asker.may_at(console::ACCESS_CHECK, place) {
        return Ok(());
    }
    Err(asker.lacks(console::ACCESS_CHECK, "ask what others may do here").into())
}
