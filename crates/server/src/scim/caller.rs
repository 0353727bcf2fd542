//! Who asks: an API key, which acts for the identity provider here and nowhere else.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use rolewright_model::{Change, console, json};
use serde_json::Value;

use super::MEDIA_TYPE;
use super::error::{Result, ScimError, ScimType};
use super::table::Known;
use super::version::Versions;
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::auth::key_use::As;
use crate::auth::{Asker, TenantOf};
use crate::problem::Failure;
use crate::tenant::Edit;
use crate::{extract, idempotency, taken};

/// Who asks, and how.
#[derive(Debug)]
pub struct Caller {
    /// Who asks, of which tenant, when.
    pub asker: Asker,
    /// Where resources are, without a `/` at its end.
    pub base: String,
    /// Which versions are to be written: `If-Match`.
    pub if_match: Versions,
    /// Which versions the caller has: `If-None-Match`.
    pub if_none_match: Versions,
    /// Whether a write shall be answered with the resource (RFC 7240: `Prefer: return=representation`).
    pub prefers_resource: bool,
    pub(super) app: Shared,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let TenantOf(tenant) = TenantOf::from_request_parts(parts, app).await?;
        let asker = Asker::of(app, tenant, parts, As::Provider).await?;
        if !matches!(asker.who, Who::Key { .. }) {
            return Err(Failure::unauthenticated().into());
        }
        let keeps = parts.method != Method::GET && !parts.uri.path().ends_with("/.search");
        if keeps && parts.headers.contains_key(idempotency::HEADER) {
            return Err(taken::no_idempotency_key().into());
        }
        let params = RawPathParams::from_request_parts(parts, app).await;
        let names_tenant = params.is_ok_and(|params| params.iter().any(|(name, _)| name == "tenant"));
        let root = format!("{}/scim/v2", app.config.public_url.trim_end_matches('/'));
        let base = match names_tenant {
            true => format!("{root}/tenants/{}", asker.tenant.id()),
            false => root,
        };
        Ok(Self {
            base,
            if_match: Versions::of(&parts.headers, &header::IF_MATCH),
            if_none_match: Versions::of(&parts.headers, &header::IF_NONE_MATCH),
            prefers_resource: prefers_resource(&parts.headers),
            app: app.clone(),
            asker,
        })
    }
}

fn prefers_resource(headers: &HeaderMap) -> bool {
    let all = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split([',', ';']))
        .any(|one| one.trim().eq_ignore_ascii_case("return=representation"))
}

impl Caller {
    /// Demands that the caller may see people.
    ///
    /// # Errors
    /// 403.
    pub fn sees_people(&self) -> Result<()> {
        Ok(self.asker.need(console::USERS_VIEW, "see people")?)
    }

    /// Demands that the caller may see groups.
    ///
    /// # Errors
    /// 403.
    pub fn sees_groups(&self) -> Result<()> {
        Ok(self.asker.need(console::GROUPS_VIEW, "see groups")?)
    }

    /// What is kept of people and groups.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn known(&self) -> Result<Known> {
        Ok(self.asker.tenant.scim.current(&self.asker.tenant, self.asker.now).await?)
    }

    /// An edit of the caller's.
    ///
    /// # Errors
    /// Where the randomness fails.
    pub fn edit(&self, change: Change) -> Result<Edit> {
        Ok(Edit::new(self.asker.who.clone(), change, self.app.context()?))
    }
}

/// A body: JSON, as SCIM or plain.
#[derive(Debug)]
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ScimError;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        if !extract::says(request.headers(), MEDIA_TYPE)
            && !extract::says(request.headers(), "application/json")
        {
            let detail = format!("the body must be JSON: send `Content-Type: {MEDIA_TYPE}`");
            return Err(ScimError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        if extract::is_encoded(request.headers()) {
            return Err(ScimError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, extract::ENCODED));
        }
        let bytes = extract::in_time(request.into_body(), extract::LARGEST_BODY).await?;
        let wrong = |detail: String| ScimError::of(ScimType::InvalidSyntax, detail);
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("the body is not UTF-8".to_owned()))?;
        let read = json::parse(text);
        read.map(Self).map_err(|problems| {
            wrong(
                problems.first().map_or_else(String::new, |problem| format!("the body: {}", problem.message)),
            )
        })
    }
}
