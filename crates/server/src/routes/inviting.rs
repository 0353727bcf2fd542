//! What an administrator does with invitations: makes one, sends it again, revokes it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::UserEdit;
use rolewright_model::{Change, console};
use rolewright_wire::Accepted;
use rolewright_wire::user::{Invite, Invited};

use super::{done, written};
use crate::app::Shared;
use crate::auth::Asker;
use crate::bulk::many::{sending, shown, untold};
use crate::extract::{Ask, At, Id, Json, NoBody, Write};
use crate::mail::limit::Mailing;
use crate::problem::{Failure, Result};
use crate::tenant::{self, Applied, Edit, Loaded};
use crate::{invitation, secret};

/// Invites a person.
///
/// A dry run says whom that reaches once they have accepted. The link is sent to them where there is a mail server;
/// otherwise it is in the answer, this once, for who may see it.
#[utoipa::path(
    post, path = "/users", tag = "People", operation_id = "inviteUser", params(Write), request_body = Invite,
    responses((status = 201, body = Invited), (status = 200, body = Invited, description = "A dry run"),
        (status = 429, description = "Several links were mailed to this person within the hour"))
)]
pub async fn invite(
    State(app): State<Shared>,
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(body): Json<Invite>,
) -> Result<Response> {
    asker.need(console::USERS_MANAGE, "invite a person")?;
    for (n, role) in body.roles.iter().enumerate() {
        let wrong = |message: String| Err(Failure::invalid_at(&format!("$.roles[{n}]"), message));
        if body.roles.iter().take(n).any(|before| before == role) {
            return wrong(format!("`{role}` stands here twice: keep one"));
        }
        if asker.loaded.state.role(role).is_some_and(|role| role.base) {
            return wrong(format!("everybody holds `{role}`, the base role: leave it out"));
        }
    }
    let id = secret::fresh_id("u_")?;
    let user = UserEdit {
        id: id.clone(),
        email: body.email.trim().to_owned(),
        first_name: body.first_name,
        last_name: body.last_name,
    };
    let email = user.email.clone();
    let edit = asker.edit(Change::InviteUser { user, roles: body.roles })?;
    let mailing = Mailing::with(&edit, (&app, &asker, &write), &email).await?;
    let new = invitation::new(&asker.tenant, &id, &asker.who, edit.context.now)?;
    let edit = Edit { records: new.records.clone(), created: Some(id.clone()), ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    let id = applied.created.as_ref().unwrap_or(&id);
    let status = if applied.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    // A link is told once.
    let body = match applied.is_new() {
        true => told(&app, &asker, &applied.after, (id, &new), mailing).await?,
        false => {
            // As it was then: from the change on.
            let made = asker.tenant.time_of(applied.at).await.filter(|_| applied.is_replayed);
            let expires = made.map_or(new.expires, |made| made.plus(invitation::LIFETIME));
            Invited { expires, reach: applied.reach.clone().map(Box::new), ..untold(id, &new, applied.at) }
        }
    };
    Ok(written(&applied, (status, axum::Json(body)).into_response()))
}

/// Makes a new link for a person who has not accepted yet.
///
/// It is sent where there is a mail server, and the old one ends.
#[utoipa::path(
    post, path = "/users/{id}/invitation", tag = "People", operation_id = "renewInvitation", params(Write),
    responses((status = 200, body = Invited),
        (status = 429, description = "Several links were mailed to this person within the hour"))
)]
pub async fn invite_again(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    _: NoBody,
) -> Result<Response> {
    let (applied, invited) = again(&app, &asker, &path.id, write).await?;
    Ok(written(&applied, axum::Json(invited).into_response()))
}

/// Makes a new link for a person who has not accepted yet.
async fn again(app: &Shared, asker: &Asker, user: &str, write: Write) -> Result<(Applied, Invited)> {
    let edit = asker.edit(sending(user))?;
    let email = asker.loaded.state.documents().directory.users.get(user).map(|user| user.email.as_str());
    let mailing = Mailing::with(&edit, (app, asker, &write), email.unwrap_or_default()).await?;
    let new = invitation::new(&asker.tenant, user, &asker.who, edit.context.now)?;
    let applied = asker.tenant.apply(write.on(Edit { records: new.records.clone(), ..edit })).await?;
    // A link is told once.
    let invited = match applied.is_new() {
        true => told(app, asker, &applied.after, (user, &new), mailing).await?,
        false => Invited { reach: applied.reach.clone().map(Box::new), ..untold(user, &new, applied.at) },
    };
    Ok((applied, invited))
}

/// Sends the link, or shows it to who may see it.
async fn told(
    app: &Shared,
    asker: &Asker,
    loaded: &Loaded,
    (user, new): (&str, &invitation::New),
    mailing: Option<Mailing>,
) -> Result<Invited> {
    let (delivery, unsent) = invitation::deliver(app, loaded, user, &asker.who, (new, mailing)).await;
    let why = unsent.map(|unsent| unsent.to_string());
    shown(app, loaded, &asker.who, user, new, (delivery, why), asker.now)
}

/// Revokes an invitation: its link ends.
///
/// The person stays, and can be invited again.
#[utoipa::path(
    delete, path = "/users/{id}/invitation", tag = "People", operation_id = "revokeInvitation", params(Write),
    responses((status = 204, description = "The link is ended"),
        (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn revoke(asker: Asker, At(path): At<Id>, Ask(write): Ask<Write>) -> Result<Response> {
    let edit = write.on(asker.edit(Change::RevokeInvitation { id: path.id.clone() })?);
    if let Some(applied) = asker.tenant.made_before(&edit, &asker.loaded).await? {
        return Ok(done(&applied));
    }
    let none = || Failure::not_found("open invitation of this person");
    // Who may not see the link must not end the one that somebody else sent.
    asker.may_make(&edit)?;
    let spent = invitation::take_all(&asker.tenant, &path.id, asker.now).await?;
    if spent.is_empty() {
        return Err(none());
    }
    let applied = asker.tenant.apply(Edit { spent, ..edit }).await;
    let applied = applied.map_err(|error| match error {
        // Another was faster, or it was accepted.
        tenant::Error::Store(rolewright_store::Error::Spent { .. }) => none(),
        error => error.into(),
    })?;
    Ok(done(&applied))
}
