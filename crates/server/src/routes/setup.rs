//! The first-run link.

use axum::extract::State;
use axum::response::Response;
use rolewright_model::change::UserEdit;
use rolewright_wire::session::{FirstRun, Session, Setup, SetupState, SetupToken};

use super::session::signed_in;
use super::written;
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::auth::client::Client;
use crate::auth::guess::Guess;
use crate::auth::strength::{self, About};
use crate::auth::throttle;
use crate::auth::{Visited, password};
use crate::config::DEFAULT_TENANT;
use crate::extract::Json;
use crate::first_run;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::Edit;

/// Whether the default tenant's first-run link is open.
///
/// While it is, what the tenant is called. Whoever is not signed in and has no link learns no more, and of other tenants not whether they are there.
#[utoipa::path(
    get, path = "/setup", tag = "Sign-in", operation_id = "getSetup",
    responses((status = 200, body = SetupState)), security(())
)]
pub async fn state(State(app): State<Shared>, Visited(tenant): Visited) -> Result<axum::Json<SetupState>> {
    let closed = SetupState { open: false, tenant_name: String::new() };
    let Some(tenant) = tenant.filter(|tenant| tenant.id() == DEFAULT_TENANT) else {
        return Ok(axum::Json(closed));
    };
    Ok(axum::Json(match first_run::is_open(&tenant, app.clock.now()).await? {
        true => {
            let tenant_name = tenant.loaded().state.documents().settings.name.clone();
            SetupState { open: true, tenant_name }
        }
        false => closed,
    }))
}

/// What a first-run link says to who has it.
///
/// Asking does not use it up.
#[utoipa::path(
    post, path = "/setup/inspect", tag = "Sign-in", operation_id = "inspectSetup", request_body = SetupToken,
    responses((status = 200, body = FirstRun),
        (status = 410, description = "The link is no longer good")), security(())
)]
pub async fn inspect(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    Json(body): Json<SetupToken>,
) -> Result<axum::Json<FirstRun>> {
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    if !first_run::is_good(&tenant, body.token.expose(), app.clock.now()).await? {
        return Err(Failure::link_gone());
    }
    Ok(axum::Json(FirstRun { tenant_name: tenant.loaded().state.documents().settings.name.clone() }))
}

/// Creates the first superuser, uses up the link's token, and signs in.
#[utoipa::path(
    post, path = "/setup", tag = "Sign-in", operation_id = "completeSetup", request_body = Setup,
    responses((status = 200, body = Session, headers(("Set-Cookie" = String), ("Rolewright-Revision" = String))),
        (status = 410, description = "The link is no longer good"),
        (status = 409, description = "A rule is against it, as the tenant is"),
        (status = 429, description = "Too many tries")), security(())
)]
pub async fn run(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    client: Client,
    Json(setup): Json<Setup>,
) -> Result<Response> {
    let now = app.clock.now();
    let about = About {
        tenant: "",
        email: setup.email.trim(),
        first_name: &setup.first_name,
        last_name: &setup.last_name,
    };
    let refused = |problem| Failure::invalid(vec![problem]);
    strength::check(setup.password.expose(), &about).map_err(refused)?;
    let guess = Guess::Link(setup.token.expose());
    app.throttle.attempt(client.origin(), guess, now).map_err(throttle::too_many)?;
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    if !first_run::is_good(&tenant, setup.token.expose(), now).await? {
        return Err(Failure::link_gone());
    }
    // Tokens of 256 bits cannot be guessed: whoever has one may try again, however this goes on.
    app.throttle.succeeded(client.origin(), guess);
    // The tenant's name is nobody's to guess who has no link.
    let loaded = tenant.loaded();
    let about = About { tenant: &loaded.state.documents().settings.name, ..about };
    strength::check(setup.password.expose(), &about).map_err(refused)?;
    let hash = app.passwords.hash(setup.password.expose()).await?;
    let user = secret::fresh_id("u_")?;
    let mut records = first_run::use_up(setup.token.expose());
    records.push(password::set(&user, hash, now));
    let edit = UserEdit {
        id: user.clone(),
        email: setup.email.trim().to_owned(),
        first_name: setup.first_name,
        last_name: setup.last_name,
    };
    let role = first_run::superuser_role(&loaded.state);
    let who = Who::Link { user: user.clone() };
    let edit = Edit::new(who, first_run::user_with_role(edit, role), app.context()?);
    let applied = tenant.apply(Edit { records, ..edit }).await.map_err(setup_is_over)?;
    Ok(written(&applied, signed_in(&tenant, &user, &client, now).await?))
}

/// Somebody else was faster: the record that a superuser has existed is there.
fn setup_is_over(error: crate::tenant::Error) -> Failure {
    match error {
        crate::tenant::Error::Store(rolewright_store::Error::RecordExists { .. }) => Failure::link_gone(),
        error => error.into(),
    }
}
