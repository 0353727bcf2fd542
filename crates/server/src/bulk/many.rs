//! Links for many, made row by row for whoever asks: over HTTP, and at the command line.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use rolewright_model::{Change, Stamp, Timestamp, rules};
use rolewright_wire::user::{Delivery, Invited};

use super::inviting::{Invites, Link};
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::invitation;
use crate::mail::Unsent;
use crate::mail::limit::Mailing;
use crate::problem::{Failure, Result};
use crate::tenant::{Edit, Loaded, Tenant};

/// After how many mails in a row that a mail server which is away did not take no more is sent to it.
const AWAY: usize = 5;

/// Makes links for many, row by row.
pub struct Many {
    app: Shared,
    tenant: Arc<Tenant>,
    who: Who,
    /// Why, if it is said.
    reason: Option<String>,
    /// Whether links that were made a moment ago are replaced too.
    again: bool,
    /// How many mails in a row the mail server did not take as it is away.
    away: AtomicUsize,
}

impl Many {
    /// Of that tenant, by whoever asks; with `again` links that were made a moment ago are replaced too.
    #[must_use]
    pub fn new(app: Shared, tenant: Arc<Tenant>, who: Who, reason: Option<String>, again: bool) -> Self {
        Self { app, tenant, who, reason, again, away: AtomicUsize::new(0) }
    }

    fn edit(&self, user: &str) -> Result<Edit> {
        let edit = Edit::new(self.who.clone(), sending(user), self.app.context()?);
        Ok(Edit { reason: self.reason.clone(), ..edit })
    }

    fn shown(&self, link: &Link, went: (Delivery, Option<String>)) -> Result<Invited> {
        shown(&self.app, &link.after, &self.who, &link.user, &link.new, went, self.app.clock.now())
    }
}

#[async_trait]
impl Invites for Many {
    fn may(&self, user: &str) -> Result<()> {
        let (edit, loaded) = (self.edit(user)?, self.tenant.loaded());
        let actor = self.who.actor(&loaded.state).ok_or_else(Failure::unauthenticated)?;
        Ok(loaded.state.change(&edit.change, &actor, &edit.context).map(drop)?)
    }

    async fn is_invited(&self, user: &str) -> Result<bool> {
        Ok(!self.again && invitation::is_fresh(&self.tenant, user, self.app.clock.now()).await?)
    }

    async fn link(&self, user: &str) -> Result<Link> {
        let edit = self.edit(user)?;
        self.may(user)?;
        let loaded = self.tenant.loaded();
        let email = loaded.state.documents().directory.users.get(user).map(|user| user.email.as_str());
        let mailing = Mailing::to(&self.app, self.tenant.id(), email.unwrap_or_default(), edit.context.now)?;
        let new = invitation::new(&self.tenant, user, &self.who, edit.context.now)?;
        let applied = self.tenant.apply(Edit { records: new.records.clone(), ..edit }).await?;
        Ok(Link { user: user.to_owned(), after: applied.after, new, mailing })
    }

    async fn deliver(&self, mut link: Link) -> Result<Invited> {
        if self.away.load(Ordering::Relaxed) >= AWAY {
            let why = format!("it was not sent: the mail server took none of {AWAY} mails before it");
            return self.shown(&link, (Delivery::Failed, Some(why)));
        }
        let mailing = link.mailing.take();
        let sent = invitation::deliver(&self.app, &link.after, &link.user, &self.who, (&link.new, mailing));
        let (delivery, unsent) = sent.await;
        match unsent {
            Some(Unsent::Away(_)) => drop(self.away.fetch_add(1, Ordering::Relaxed)),
            _ => self.away.store(0, Ordering::Relaxed),
        }
        self.shown(&link, (delivery, unsent.map(|unsent| unsent.to_string())))
    }
}

/// Sends a person who has not accepted another link.
#[must_use]
pub fn sending(user: &str) -> Change {
    Change::SendInvitation { id: user.to_owned() }
}

/// An invitation of which nothing is told.
#[must_use]
pub fn untold(user: &str, new: &invitation::New, at: Stamp) -> Invited {
    let (user, expires) = (user.to_owned(), new.expires);
    Invited { user, delivery: None, problem: None, link: None, expires, at, reach: None }
}

/// What became of the link, which is shown where it was not sent to who may see it.
///
/// # Errors
/// 401 where whoever asks is no longer there.
pub fn shown(
    app: &Shared,
    loaded: &Loaded,
    who: &Who,
    user: &str,
    new: &invitation::New,
    (delivery, problem): (Delivery, Option<String>),
    now: Timestamp,
) -> Result<Invited> {
    let actor = who.actor(&loaded.state).ok_or_else(Failure::unauthenticated)?;
    let sees = rules::acts_for(&loaded.state, &actor, user, "invite", now).is_ok();
    let link = (sees && delivery != Delivery::Sent).then(|| new.link(&app.config.public_url).into());
    Ok(Invited { delivery: Some(delivery), problem, link, ..untold(user, new, loaded.state.at()) })
}
