//! What an administrator does with invitations: makes one, sends it again, takes it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::change::UserEdit;
use rolewright_model::{Change, Stamp, console, rules};
use rolewright_wire::Accepted;
use rolewright_wire::user::{Delivery, Invite, Invited};

use super::{done, written};
use crate::app::Shared;
use crate::auth::Asker;
use crate::bulk::inviting::{Invites, Link};
use crate::extract::{Ask, At, Id, Json, Reason, Write};
use crate::mail::Unsent;
use crate::problem::{Failure, Result};
use crate::tenant::{self, Applied, Edit, Loaded};
use crate::{invitation, secret};

/// Invites a person. A dry run says whom that reaches once they have accepted. The link is sent to them where there is a mail server; otherwise it is in the
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
    let edit = asker.edit(Change::InviteUser { user, roles: body.roles })?;
    let new = invitation::new(&id, &asker.who, edit.context.now)?;
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
            Invited { expires, reach: applied.reach.clone().map(Box::new), ..untold(id, &new, applied.at) }
        }
    };
    Ok(written(&applied, (status, axum::Json(body)).into_response()))
}

/// Makes a new link for a person who has not accepted yet, and sends it where there is a mail server;
/// the old one ends.
#[utoipa::path(
    post, path = "/users/{id}/invitation", tag = "People", params(Write),
    responses((status = 200, body = Invited))
)]
pub async fn invite_again(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let (applied, invited) = again(&app, &asker, &path.id, write).await?;
    Ok(written(&applied, axum::Json(invited).into_response()))
}

/// Makes a new link for a person who has not accepted yet.
async fn again(app: &Shared, asker: &Asker, user: &str, write: Write) -> Result<(Applied, Invited)> {
    let (applied, new) = link(asker, user, write).await?;
    // A link is told once.
    let invited = match applied.is_new() {
        true => told(app, asker, &applied.after, user, &new).await?,
        false => Invited { reach: applied.reach.clone().map(Box::new), ..untold(user, &new, applied.at) },
    };
    Ok((applied, invited))
}

async fn link(asker: &Asker, user: &str, write: Write) -> Result<(Applied, invitation::New)> {
    let edit = asker.edit(sending(user))?;
    let new = invitation::new(user, &asker.who, edit.context.now)?;
    let applied = asker.tenant.apply(write.on(Edit { records: new.records.clone(), ..edit })).await?;
    Ok((applied, new))
}

fn sending(user: &str) -> Change {
    Change::SendInvitation { id: user.to_owned() }
}

/// After how many mails in a row that a mail server which is away did not take no more is sent to it.
const AWAY: usize = 5;

/// Makes links for many, row by row.
pub(super) struct Many {
    /// The server.
    pub(super) app: Shared,
    /// Who asks.
    pub(super) asker: Arc<Asker>,
    /// Why, if it is said.
    pub(super) reason: Option<Reason>,
    /// Whether links that were made a moment ago are replaced too.
    pub(super) again: bool,
    /// How many mails in a row the mail server did not take as it is away.
    pub(super) away: AtomicUsize,
}

#[async_trait]
impl Invites for Many {
    fn may(&self, user: &str) -> Result<()> {
        self.asker.may_make(&self.asker.edit(sending(user))?)
    }

    async fn is_invited(&self, user: &str) -> Result<bool> {
        Ok(!self.again && invitation::is_fresh(&self.asker.tenant, user, self.app.clock.now()).await?)
    }

    async fn link(&self, user: &str) -> Result<Link> {
        let write = Write { dry_run: false, reason: self.reason.clone() };
        let (applied, new) = link(&self.asker, user, write).await?;
        Ok(Link { user: user.to_owned(), after: applied.after, new })
    }

    async fn deliver(&self, link: Link) -> Result<Invited> {
        let Link { user, after, new } = link;
        if self.away.load(Ordering::Relaxed) >= AWAY {
            let why = format!("it was not sent: the mail server took none of {AWAY} mails before it");
            return shown(&self.app, &self.asker, &after, &user, &new, (Delivery::Failed, Some(why)));
        }
        let (delivery, unsent) = invitation::deliver(&self.app, &after, &user, &self.asker.who, &new).await;
        match unsent {
            Some(Unsent::Away(_)) => drop(self.away.fetch_add(1, Ordering::Relaxed)),
            _ => self.away.store(0, Ordering::Relaxed),
        }
        let why = unsent.map(|unsent| unsent.to_string());
        shown(&self.app, &self.asker, &after, &user, &new, (delivery, why))
    }
}

/// Takes an invitation back: its link ends. The person stays, and can be invited again.
#[utoipa::path(
    delete, path = "/users/{id}/invitation", tag = "People", params(Write),
    responses((status = 204, description = "The link is ended"),
        (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn revoke(asker: Asker, At(path): At<Id>, Ask(write): Ask<Write>) -> Result<Response> {
    if let Some(applied) = asker.made_before(&write).await? {
        return Ok(done(&applied));
    }
    let none = || Failure::not_found("open invitation of this person");
    let edit = asker.edit(Change::RevokeInvitation { id: path.id.clone() })?;
    // Who may not see the link must not end the one that somebody else sent.
    asker.may_make(&edit)?;
    let spent = invitation::take_all(&asker.tenant, &path.id, asker.now).await?;
    if spent.is_empty() {
        return Err(none());
    }
    let applied = asker.tenant.apply(write.on(Edit { spent, ..edit })).await;
    let applied = applied.map_err(|error| match error {
        // Another was faster, or it was accepted.
        tenant::Error::Store(rolewright_store::Error::Spent { .. }) => none(),
        error => error.into(),
    })?;
    Ok(done(&applied))
}

fn untold(user: &str, new: &invitation::New, at: Stamp) -> Invited {
    let (user, expires) = (user.to_owned(), new.expires);
    Invited { user, delivery: None, problem: None, link: None, expires, at, reach: None }
}

/// Sends the link, or shows it to who may see it.
async fn told(
    app: &Shared,
    asker: &Asker,
    loaded: &Loaded,
    user: &str,
    new: &invitation::New,
) -> Result<Invited> {
    let (delivery, unsent) = invitation::deliver(app, loaded, user, &asker.who, new).await;
    let why = unsent.map(|unsent| unsent.to_string());
    shown(app, asker, loaded, user, new, (delivery, why))
}

/// What became of the link, which is shown where it was not sent to who may see it.
fn shown(
    app: &Shared,
    asker: &Asker,
    loaded: &Loaded,
    user: &str,
    new: &invitation::New,
    (delivery, problem): (Delivery, Option<String>),
) -> Result<Invited> {
    let sees = rules::acts_for(&loaded.state, &asker.actor()?, user, "invite", asker.now).is_ok();
    let link = (sees && delivery != Delivery::Sent)
        .then(|| invitation::link(&app.config.public_url, &new.token).into());
    Ok(Invited { delivery: Some(delivery), problem, link, ..untold(user, new, loaded.state.at()) })
}
