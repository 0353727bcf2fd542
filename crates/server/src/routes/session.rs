//! Signing in and out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::Timestamp;
use rolewright_model::directory::Status;
use rolewright_wire::problem::code;
use rolewright_wire::session::{LONGEST_PASSWORD, Session, SignIn};

use crate::app::Shared;
use crate::auth::throttle::Guess;
use crate::auth::{Asker, TenantOf, password, session};
use crate::extract::Json;
use crate::problem::{Failure, Result};
use crate::tenant::{Loaded, Tenant};

/// The longest e-mail address that there can be, in bytes (RFC 5321, 4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;

/// The address that a request came from, where it came over a network.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub Option<IpAddr>);

impl FromRequestParts<Shared> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let proxies = &app.config.trusted_proxies;
        Ok(Self(peer.map(|ConnectInfo(peer)| client(peer.ip(), &parts.headers, proxies))))
    }
}

/// Who is behind the peer. Each proxy adds at the right whom it heard, and what an untrusted one
/// says may be made up: it is the right-most address that is no trusted proxy.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let is_trusted =
        |address: IpAddr| proxies.iter().any(|proxy| proxy.to_canonical() == address.to_canonical());
    let said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    let mut client = peer;
    for hop in said.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        match address(hop.trim()) {
            Some(heard) => client = heard,
            None => break,
        }
    }
    client
}

/// An address, as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "Sign-in", responses((status = 200, body = Session)))]
pub async fn read(asker: Asker) -> Result<axum::Json<Session>> {
    let session = asker.session.as_ref().ok_or_else(Failure::unauthenticated)?;
    Ok(axum::Json(told(&asker.tenant, &asker.loaded, session)?))
}

/// Begins a session: always a new one.
#[utoipa::path(
    post, path = "/session", tag = "Sign-in", request_body = SignIn,
    responses((status = 200, body = Session)), security(())
)]
pub async fn sign_in(
    State(app): State<Shared>,
    TenantOf(tenant): TenantOf,
    Client(from): Client,
    headers: HeaderMap,
    Json(sign_in): Json<SignIn>,
) -> Result<Response> {
    let now = app.clock.now();
    if sign_in.email.trim().len() > LONGEST_EMAIL {
        let message = format!("an e-mail address has {LONGEST_EMAIL} bytes at most");
        return Err(Failure::invalid_at("$.email", message));
    }
    let guess = Guess::Email(&sign_in.email);
    app.throttle.attempt(from, guess, now).map_err(too_many)?;
    let loaded = tenant.loaded();
    let users = &loaded.state.documents().directory.users;
    let user = loaded
        .state
        .user_of_email(&sign_in.email)
        .and_then(|id| users.get(id))
        .filter(|user| user.status == Status::Active && user.sign_in);
    let hash = match user {
        Some(user) => password::hash_of(&tenant, &user.id, now).await?,
        // As much work as for an account that is there.
        None => password::hash_of(&tenant, "", now).await?,
    };
    let too_long = sign_in.password.len() > LONGEST_PASSWORD;
    let fits = app.passwords.verify(&sign_in.password, hash.filter(|_| !too_long)).await?;
    let Some(user) = user.filter(|_| fits) else {
        let detail = "e-mail and password do not fit, or this account cannot sign in";
        return Err(Failure::new(StatusCode::UNAUTHORIZED, code::WRONG_CREDENTIALS, detail));
    };
    app.throttle.succeeded(from, guess);
    if let Some(before) = session::token(&headers) {
        session::end(&tenant, before).await?;
    }
    signed_in(&tenant, &user.id, now).await
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", tag = "Sign-in", responses((status = 204, description = "Signed out")))]
pub async fn sign_out(TenantOf(tenant): TenantOf, headers: HeaderMap) -> Result<Response> {
    if let Some(token) = session::token(&headers) {
        session::end(&tenant, token).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = session::no_cookie() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Begins a session and gives the browser its cookie.
pub(super) async fn signed_in(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Response> {
    let (token, session) = session::begin(tenant, user, now).await?;
    let told = told(tenant, &tenant.loaded(), &session)?;
    let mut response = axum::Json(told).into_response();
    if let Some(cookie) = session::cookie(&token) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn told(tenant: &Tenant, loaded: &Loaded, session: &session::Session) -> Result<Session> {
    let documents = loaded.state.documents();
    let user = documents.directory.users.get(&session.user).ok_or_else(Failure::unauthenticated)?;
    Ok(Session {
        tenant: tenant.id().to_owned(),
        tenant_name: documents.settings.name.clone(),
        user: user.id.clone(),
        email: user.email.clone(),
        name: user.display_name(),
        began: session.began,
        expires: session.expires(),
        at: loaded.state.at(),
    })
}

/// 429, and when to come back.
pub(super) fn too_many(seconds: u64) -> Failure {
    let detail = format!("too many tries: wait {seconds} seconds and try again");
    let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, code::TOO_MANY_REQUESTS, detail);
    failure.with_header(header::RETRY_AFTER, &seconds.to_string())
}
