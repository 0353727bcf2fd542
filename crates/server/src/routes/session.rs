//! Signing in and out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::{KeyEdit, Kind};
use rolewright_model::{Timestamp, Viewed};
use rolewright_wire::secret::Secret;
use rolewright_wire::session::{KeySession, Session, SignIn, View, WhoAsks};

use super::private;
use crate::app::Shared;
use crate::audit::names::name_now;
use crate::auth::actor::Who;
use crate::auth::client::Client;
use crate::auth::proof::{self, Shown};
use crate::auth::session::New;
use crate::auth::{Asker, Enrolling, Named, Visited, key, known, last_sign_in, second_factor, session, view};
use crate::extract::Json;
use crate::problem::{Failure, Result};
use crate::tenant::{Loaded, Tenant};
use crate::{request, secret};

/// Who asks: who is signed in, or which API key it is.
#[utoipa::path(
    get, path = "/session", tag = "Sign-in", operation_id = "getSession",
    responses((status = 200, body = WhoAsks))
)]
pub async fn read(Enrolling(asker): Enrolling) -> Result<Response> {
    let who = match &asker.session {
        Some(session) => WhoAsks::Person(told(&asker.tenant, &asker.loaded, session, asker.now).await?),
        None => WhoAsks::Key(told_key(&asker).await?),
    };
    private(who)
}

async fn told_key(asker: &Asker) -> Result<KeySession> {
    let Who::Key { key: shown, .. } = &asker.who else { return Err(Failure::unauthenticated()) };
    let found = key::one(&asker.tenant, &shown.id, asker.now).await?.ok_or_else(Failure::unauthenticated)?;
    let former = found.key.former.as_ref().filter(|former| former.hash == shown.secret);
    let secret_until = former.map(|former| former.until);
    let KeyEdit { id, name, permissions, scope, expires, trusts_subject } = found.said();
    Ok(KeySession {
        tenant: asker.tenant.id().to_owned(),
        tenant_name: asker.loaded.state.documents().settings.name.clone(),
        id,
        name,
        permissions,
        scope,
        trusts_subject,
        created: found.key.created,
        expires,
        secret_until,
        at: asker.loaded.state.at(),
    })
}

/// Begins a session: always a new one.
///
/// Where the second factor is on, it takes a code.
#[utoipa::path(
    post, path = "/session", tag = "Sign-in", operation_id = "signIn", request_body = SignIn,
    responses((status = 200, body = Session, headers(("Set-Cookie" = String))),
        (status = 401, description = "What was shown is not right"),
        (status = 429, description = "Too many tries")), security(())
)]
pub async fn sign_in(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    client: Client,
    headers: HeaderMap,
    Json(sign_in): Json<SignIn>,
) -> Result<Response> {
    let answer = begin(&app, tenant.as_ref(), &client, &headers, &sign_in).await;
    app.metrics.signed_in(answer.as_ref().map_or_else(Failure::code, |_| "signed_in"));
    answer
}

async fn begin(
    app: &Shared,
    tenant: Option<&Arc<Tenant>>,
    client: &Client,
    headers: &HeaderMap,
    sign_in: &SignIn,
) -> Result<Response> {
    let now = app.clock.now();
    let shown = Shown {
        email: &sign_in.email,
        password: sign_in.password.expose(),
        code: sign_in.code.as_ref().map(Secret::expose),
    };
    let Some(tenant) = tenant else { return Err(proof::at_no_tenant(app, client, shown, now).await) };
    let proof = proof::prove(app, tenant, client, shown, now).await?;
    // The session before ends with it, and what it views as.
    if let Some(token) = session::token(headers, tenant.id()) {
        end_view(app, tenant, token).await;
    }
    let new = session::new(tenant, &proof.user, client, now)?;
    let known = if proof.is_known() { None } else { Some(known::new(tenant, &proof.user, now).await?) };
    let mut records = vec![new.record(), last_sign_in::note(&proof.user, now)];
    records.extend(session::token(headers, tenant.id()).map(session::end));
    records.extend(known.iter().flat_map(|known| known.records.clone()));
    proof.settle(records).await?;
    // The session before ended with it.
    tenant.signed_out.send_replace(());
    answer(tenant, &new, known.as_ref(), now).await
}

/// Ends the session of this tenant, and of no other.
///
/// The browser forgets it in any case: where it could not be ended here, 503 says so.
#[utoipa::path(
    delete, path = "/session", tag = "Sign-in", operation_id = "signOut",
    responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String))),
        (status = 503, description = "The session could not be ended here", headers(("Set-Cookie" = String))))
)]
pub async fn sign_out(
    State(app): State<Shared>,
    Named(name): Named,
    Visited(tenant): Visited,
    headers: HeaderMap,
) -> Result<Response> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let (Some(tenant), Some(token)) = (tenant, session::token(&headers, &name)) {
        end_view(&app, &tenant, token).await;
        let ended = tenant.store().edit_records(tenant.id(), vec![session::end(token)], app.clock.now());
        match ended.await {
            Ok(()) => tenant.signed_out.send_replace(()),
            Err(error) => response = not_ended(&app, &error).into_response(),
        }
    }
    if let Some(cookie) = session::no_cookie(&name) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whoever signs out ends what they view as with it, which stands in the change log. Where that cannot be, the session ends
/// all the same: the entry of its begin says until when it was at most.
async fn end_view(app: &Shared, tenant: &Arc<Tenant>, token: &str) {
    let session = session::one(tenant, &secret::stored(token), app.clock.now()).await.ok().flatten();
    if let Some(session) = session
        && let Err(error) = view::sign_out(app, tenant, &session).await
    {
        tracing::warn!(request = %request::id(), code = error.code(), "viewing as somebody else was not ended in the log");
    }
}

/// What whoever signs out is told whose session could not be ended.
fn not_ended(app: &Shared, error: &rolewright_store::Error) -> Failure {
    app.metrics.store_failed();
    tracing::error!(request = %request::id(), cause = %error, "a session was not ended");
    let hours = session::IDLE / (60 * 60 * 1000);
    let detail = format!(
        "this browser has forgotten the session, but the server cannot end it now: it ends by itself after {hours} hours without use, so tell the operator if somebody else may have its cookie"
    );
    Failure::unavailable(&detail, 5)
}

/// Begins a session of whoever came by a link, and gives the browser its cookie.
pub(super) async fn signed_in(
    tenant: &Tenant,
    user: &str,
    client: &Client,
    now: Timestamp,
) -> Result<Response> {
    let new = session::new(tenant, user, client, now)?;
    let known = known::new(tenant, user, now).await?;
    let begun = [new.record(), last_sign_in::note(user, now)];
    let records = begun.into_iter().chain(known.records.clone()).collect();
    tenant.store().edit_records(tenant.id(), records, now).await?;
    answer(tenant, &new, Some(&known), now).await
}

async fn answer(tenant: &Tenant, new: &New, known: Option<&known::New>, now: Timestamp) -> Result<Response> {
    request::is_by(&new.session.who());
    let told = told(tenant, &tenant.loaded(), &new.session, now).await?;
    let mut response = carried(tenant, new, axum::Json(told).into_response());
    if let Some(cookie) = known.and_then(known::New::cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The answer, with the cookie of a session.
pub(super) fn carried(tenant: &Tenant, new: &New, mut response: Response) -> Response {
    if let Some(cookie) = session::cookie(tenant.id(), &new.token) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn told(
    tenant: &Tenant,
    loaded: &Loaded,
    session: &session::Session,
    now: Timestamp,
) -> Result<Session> {
    let documents = loaded.state.documents();
    let user = documents.directory.users.get(&session.user).ok_or_else(Failure::unauthenticated)?;
    let needs_second_factor = loaded.state.needs_second_factor(&user.id, now);
    let has_second_factor = second_factor::is_on(tenant, &user.id, now).await?;
    Ok(Session {
        tenant: tenant.id().to_owned(),
        tenant_name: documents.settings.name.clone(),
        help_url: documents.settings.help_url.clone(),
        user: user.id.clone(),
        email: user.email.clone(),
        name: user.display_name(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        second_factor: has_second_factor,
        second_factor_stays: has_second_factor && needs_second_factor,
        second_factor_required: !has_second_factor && needs_second_factor,
        view: session.view.as_ref().map(|view| told_view(&loaded.state, view)),
        began: session.began,
        expires: session.expires(),
        at: loaded.state.at(),
    })
}

fn told_view(state: &rolewright_model::State, view: &view::View) -> View {
    let view::View { whom, began, until } = view.clone();
    let kind = match whom {
        Viewed::User(_) => Kind::User,
        Viewed::Role(_) => Kind::Role,
    };
    let name = name_now(state, kind, whom.id()).unwrap_or_else(|| whom.id().to_owned());
    View { whom, name, began, until }
}
