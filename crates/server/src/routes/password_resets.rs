//! A way back from a forgotten password, and to a first one: a link in a mail. It does not stand in for the second factor,
//! and it begins no session.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use rolewright_model::Change;
use rolewright_wire::Accepted;
use rolewright_wire::problem::code;
use rolewright_wire::session::{
    ForgottenPassword, NewPassword, PasswordReset, PasswordResetToken, PasswordResets,
};

use super::done;
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::auth::client::Client;
use crate::auth::guess::Guess;
use crate::auth::strength::{self, About};
use crate::auth::throttle;
use crate::auth::{Asker, Visited, code as codes, password, proof, reset, second_factor};
use crate::extract::{Ask, At, Id, Json, NoBody, Write};
use crate::link::{self, Page};
use crate::mail::limit::Mailing;
use crate::mail::{Mailer, Recipient, message, notice};
use crate::problem::{Failure, Result};
use crate::request;
use crate::tenant::{Edit, Tenant};

/// Whether a link that sets a new password can be asked for here.
#[utoipa::path(
    get, path = "/password-resets", tag = "Sign-in", operation_id = "getPasswordResets",
    responses((status = 200, body = PasswordResets)), security(())
)]
pub async fn offered(State(app): State<Shared>) -> axum::Json<PasswordResets> {
    axum::Json(PasswordResets { mailed: app.config.mail.is_some() })
}

/// Sends a link that sets a new password, where somebody active has that email.
///
/// Or the first password, save to who comes from an identity provider and signs in there. The answer and its time are
/// the same where nobody has.
#[utoipa::path(
    post, path = "/password-resets", tag = "Sign-in", operation_id = "requestPasswordReset",
    request_body = ForgottenPassword,
    responses((status = 202, description = "If somebody has that email, a mail is on its way"),
        (status = 409, description = "This server sends no mail"),
        (status = 429, description = "Too many tries")), security(())
)]
pub async fn ask(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    client: Client,
    Json(body): Json<ForgottenPassword>,
) -> Result<StatusCode> {
    let mailer = mailer(&app)?;
    proof::can_be_an_email(&body.email)?;
    let now = app.clock.now();
    let (guess, request) = (Guess::Reset(&body.email), request::id());
    app.throttle.attempt(client.origin(), guess, now).map_err(throttle::too_many)?;
    let Some(tenant) = tenant else { return Ok(StatusCode::ACCEPTED) };
    // Whatever there is to do is done after the answer.
    mailer.clone().later(async move {
        let user = match reset::entitled(&tenant, &body.email, now).await {
            Ok(Some(user)) => user,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, "a link was not made"),
        };
        let made = match reset::new(&user, now) {
            Ok(made) => made,
            Err(error) => return tracing::error!(%error, "a link was not made"),
        };
        match tenant.store().edit_records(tenant.id(), made.records, now).await {
            Ok(()) => {
                if send(&app, &tenant, &mailer, &user, &made.token).await.is_err() {
                    end(&app, &tenant, &user, &request).await;
                }
            }
            Err(error) if reset::is_good_still(&error) => {}
            Err(error) => tracing::error!(%error, "a link was not made"),
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// What a link says to who has it.
///
/// Asking does not use it up.
#[utoipa::path(
    post, path = "/password-resets/inspect", tag = "Sign-in", operation_id = "inspectPasswordReset",
    request_body = PasswordResetToken,
    responses((status = 200, body = PasswordReset),
        (status = 410, description = "The link is no longer good")), security(())
)]
pub async fn inspect(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    Json(body): Json<PasswordResetToken>,
) -> Result<axum::Json<PasswordReset>> {
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    let now = app.clock.now();
    let found = reset::find(&tenant, body.token.expose(), now).await?.ok_or_else(Failure::link_gone)?;
    let loaded = tenant.loaded();
    let documents = loaded.state.documents();
    let user = documents.directory.users.get(&found.user).ok_or_else(Failure::link_gone)?;
    Ok(axum::Json(PasswordReset {
        tenant_name: documents.settings.name.clone(),
        email: user.email.clone(),
        second_factor: second_factor::is_on(&tenant, &user.id, now).await?,
        expires: found.expires,
    }))
}

/// Sets a new password by a link, and a code where the second factor is on.
///
/// Every session ends, and none begins.
#[utoipa::path(
    post, path = "/password-resets/accept", tag = "Sign-in", operation_id = "acceptPasswordReset",
    request_body = NewPassword,
    responses((status = 204, description = "It is set", headers(("Rolewright-Revision" = String))),
        (status = 401, description = "What was shown is not right"),
        (status = 410, description = "The link is no longer good"),
        (status = 429, description = "Too many tries")), security(())
)]
pub async fn accept(
    State(app): State<Shared>,
    Visited(tenant): Visited,
    client: Client,
    Json(body): Json<NewPassword>,
) -> Result<Response> {
    let (now, token, chosen) = (app.clock.now(), body.token.expose(), body.password.expose());
    let refused = |problem| Failure::invalid(vec![problem]);
    strength::check(chosen, &About::default()).map_err(refused)?;
    let guess = Guess::Link(token);
    app.throttle.attempt(client.origin(), guess, now).map_err(throttle::too_many)?;
    let tenant = tenant.ok_or_else(Failure::link_gone)?;
    let found = reset::find(&tenant, token, now).await?.ok_or_else(Failure::link_gone)?;
    let loaded = tenant.loaded();
    let user = proof::active(&loaded, &found.user).ok_or_else(Failure::link_gone)?;
    // Tokens of 256 bits cannot be guessed: whoever has one may try again, however this goes on.
    app.throttle.succeeded(client.origin(), guess);
    strength::check(chosen, &About::of(&loaded, user)).map_err(refused)?;
    let code = match second_factor::of(&tenant, &user.id, now).await? {
        Some(shared) => {
            let said = body.code.as_ref().map(|code| code.expose()).unwrap_or_default();
            Some(codes::look(&app, &tenant, &user.id, &shared, said, now).await?)
        }
        None => None,
    };
    let hash = app.passwords.hash(chosen).await?;
    // Whatever changed meanwhile that the link must not outlive has ended it.
    let mut spent = vec![reset::use_up(token)];
    spent.extend(code.iter().flat_map(codes::Right::spend));
    let who = Who::Link { user: user.id.clone() };
    let edit = Edit::new(who, Change::SetPassword { id: user.id.clone() }, app.context()?);
    let edit = Edit { spent, records: vec![password::set(&user.id, hash, now)], ..edit };
    let applied = tenant.apply(edit).await.map_err(second_factor::lost)?;
    if let Some(code) = code {
        code.settled();
    }
    let told = if user.sign_in { notice::password_changed } else { notice::password_set };
    notice::tell(&app, &tenant, &user.id, told, now);
    Ok(done(&applied))
}

/// Sends a person a link that sets a new password, or the first.
///
/// Who was added by a table or by an identity provider has none. Whoever asks must hold everything that the person
/// holds, and sees no link: the password is the person's own to choose.
#[utoipa::path(
    post, path = "/users/{id}/password-reset", tag = "People", operation_id = "sendPasswordReset",
    params(Write),
    responses((status = 204, description = "The mail server took the mail"),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 409, description = "This server sends no mail"),
        (status = 410, description = "The link is no longer good"),
        (status = 429, description = "Several links were mailed to this person within the hour"))
)]
pub async fn start(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    _: NoBody,
) -> Result<Response> {
    let tenant = &asker.tenant;
    let edit = asker.edit(Change::StartPasswordReset { id: path.id.clone() })?;
    asker.may_make(&edit)?;
    mailer(&app)?;
    let email = asker.loaded.state.documents().directory.users.get(&path.id).map(|user| user.email.as_str());
    let mailing = Mailing::with(&edit, (&app, &asker, &write), email.unwrap_or_default()).await?;
    let made = reset::new(&path.id, asker.now)?;
    let applied = tenant.apply(write.on(Edit { records: made.records.clone(), ..edit })).await?;
    if !applied.is_new() {
        return Ok(done(&applied));
    }
    // In a task of its own, as the one who asks may go away.
    let sending = {
        let (app, tenant, user, request) = (app.clone(), tenant.clone(), path.id.clone(), request::id());
        tokio::spawn(async move {
            let sent = send(&app, &tenant, &mailer(&app)?, &user, &made.token).await;
            match &sent {
                Ok(()) => mailing.into_iter().for_each(Mailing::was_sent),
                Err(_) => end(&app, &tenant, &user, &request).await,
            }
            sent
        })
    };
    sending.await.map_err(|error| Failure::internal(&error))??;
    Ok(done(&applied))
}

/// Sends the link to the address that the person has now.
async fn send(app: &Shared, tenant: &Tenant, mailer: &Mailer, user: &str, token: &str) -> Result<()> {
    let (to, message) = {
        let loaded = tenant.loaded();
        let documents = loaded.state.documents();
        let user = documents.directory.users.get(user).ok_or_else(Failure::link_gone)?;
        let link = link::to(&app.config.public_url, tenant.id(), Page::PasswordReset, token);
        let write = if user.sign_in { message::password_reset } else { message::first_password };
        (Recipient::of(user), write(&documents.settings.name, &user.email, &link, reset::MINUTES))
    };
    let sent = mailer.send(&to, &message).await;
    app.metrics.mailed("password", sent.is_ok());
    sent.map_err(|error| {
        let detail = format!("the link was not sent, so it is ended and the person has none: {error}");
        Failure::unavailable(&detail, 60)
    })
}

/// A link that nobody got ends, so that another can be asked for at once. The log says which request made it: of one that was
/// answered before, the answer does not.
async fn end(app: &Shared, tenant: &Tenant, user: &str, request: &str) {
    tracing::warn!(
        request,
        tenant = tenant.id(),
        user,
        "a link that sets a password was not sent, and is ended"
    );
    let ended =
        tenant.store().edit_records(tenant.id(), reset::end_all(user).to_vec(), app.clock.now()).await;
    if let Err(error) = ended {
        tracing::error!(%error, "a link that was not sent is not ended");
    }
}

fn mailer(app: &Shared) -> Result<Mailer> {
    let detail =
        "this server sends no mail: ask its operator, who makes a link with rolewright user reset-password";
    let failure = || Failure::new(StatusCode::CONFLICT, code::NO_MAIL_SERVER, detail);
    app.config.mail.clone().ok_or_else(failure)
}
