//! What an administrator does with invitations: makes one, sends it again, takes it back.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::UserEdit;
use rolewright_model::directory::Status;
use rolewright_model::{Change, Stamp, console, rules};
use rolewright_wire::user::{Delivery, Invite, Invited};

use super::written;
use crate::app::Shared;
use crate::auth::Asker;
use crate::bulk::Invites;
use crate::extract::{Ask, At, DryRun, Id, Json, Write};
use crate::problem::{Failure, Result};
use crate::tenant::{Edit, Loaded};
use crate::{invitation, secret};

/// Invites a person. The link is sent to them where there is a mail server; otherwise it is in the
/// answer, this once, for who may see it.
#[utoipa::path(
    post, path = "/users", tag = "People", params(Write), request_body = Invite,
    responses((status = 201, body = Invited), (status = 200, body = Invited, description = "A dry run"))
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
    let new = invitation::new(&id, &asker.who, asker.now)?;
    let edit = asker.edit(Change::InviteUser { user, roles: body.roles })?;
    let edit = Edit { records: new.records.clone(), created: Some(id.clone()), ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    let id = applied.created.as_ref().unwrap_or(&id);
    let status = if applied.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    // A link is told once.
    let body = match applied.is_new() {
        true => told(&app, &asker, &applied.after, id, &new).await?,
        false => {
            // As it was then: from the change on.
            let made = asker.tenant.time_of(applied.at).await.filter(|_| applied.is_replayed);
            let expires = made.map_or(new.expires, |made| made.plus(invitation::LIFETIME));
            Invited { expires, ..untold(id, &new, applied.at) }
        }
    };
    Ok(written(&applied, (status, axum::Json(body)).into_response()))
}

/// Makes a new link for a person who has not accepted yet, and sends it where there is a mail server;
/// the old one ends.
#[utoipa::path(
    post, path = "/users/{id}/invitation", tag = "People", params(DryRun),
    responses((status = 200, body = Invited))
)]
pub async fn invite_again(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<DryRun>,
) -> Result<axum::Json<Invited>> {
    again(&app, &asker, &path.id, write.dry_run).await.map(axum::Json)
}

/// Makes a new link for a person who has not accepted yet.
async fn again(app: &Shared, asker: &Asker, user: &str, dry_run: bool) -> Result<Invited> {
    let (held, loaded) = asker.tenant.held().await?;
    may_act(asker, &loaded, user)?;
    let new = invitation::new(user, &asker.who, asker.now)?;
    if dry_run {
        return Ok(untold(user, &new, loaded.state.at()));
    }
    asker.tenant.store().edit_records(asker.tenant.id(), new.records.clone(), asker.now).await?;
    drop(held);
    told(app, asker, &loaded, user, &new).await
}

/// Makes links for many, row by row.
pub(super) struct Many {
    /// The server.
    pub(super) app: Shared,
    /// Who asks.
    pub(super) asker: Arc<Asker>,
}

#[async_trait]
impl Invites for Many {
    fn may(&self, loaded: &Loaded, user: &str) -> Result<()> {
        may_act(&self.asker, loaded, user)
    }

    async fn invite(&self, user: &str) -> Result<Invited> {
        again(&self.app, &self.asker, user, false).await
    }
}

/// Takes an invitation back: its link ends. The person stays, and can be invited again.
#[utoipa::path(
    delete, path = "/users/{id}/invitation", tag = "People",
    responses((status = 204, description = "The link is ended"))
)]
pub async fn revoke(asker: Asker, At(path): At<Id>) -> Result<StatusCode> {
    let (_held, loaded) = asker.tenant.held().await?;
    may_act(&asker, &loaded, &path.id)?;
    if invitation::open(&asker.tenant, Some(&path.id), asker.now).await?.is_empty() {
        return Err(Failure::not_found("open invitation of this person"));
    }
    let records = vec![invitation::end_all(&path.id)];
    asker.tenant.store().edit_records(asker.tenant.id(), records, asker.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may not see the link must not end the one that somebody else sent.
fn may_act(asker: &Asker, loaded: &Loaded, id: &str) -> Result<()> {
    asker.acts_for(loaded, id, "invite")?;
    let user = loaded.state.documents().directory.users.get(id);
    if user.is_some_and(|user| user.status != Status::Invited) {
        let message = "this person has accepted, or is disabled: there is no invitation";
        return Err(Failure::invalid_at("path.id", message));
    }
    Ok(())
}

fn untold(user: &str, new: &invitation::New, at: Stamp) -> Invited {
    Invited { user: user.to_owned(), delivery: None, problem: None, link: None, expires: new.expires, at }
}

/// Sends the link, or shows it to who may see it.
async fn told(
    app: &Shared,
    asker: &Asker,
    loaded: &Loaded,
    user: &str,
    new: &invitation::New,
) -> Result<Invited> {
    let (delivery, problem) = invitation::deliver(app, loaded, user, &asker.who, new).await;
    let sees = rules::acts_for(&loaded.state, &asker.actor()?, user, "invite", asker.now).is_ok();
    let link = (sees && delivery != Delivery::Sent)
        .then(|| invitation::link(&app.config.public_url, &new.token).into());
    Ok(Invited { delivery: Some(delivery), problem, link, ..untold(user, new, loaded.state.at()) })
}
