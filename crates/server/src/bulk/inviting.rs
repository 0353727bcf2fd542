//! The invitations that rows make: links one after the other, and their mails a few at a time.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use rolewright_model::State;
use rolewright_wire::bulk::{RowOutcome, RowResult};
use rolewright_wire::user::Invited;

use super::Rows;
use crate::invitation::New;
use crate::mail;
use crate::mail::limit::Mailing;
use crate::problem::Failure;
use crate::tenant::{Loaded, Tenant};

/// Makes invitations for the one who asks.
#[async_trait]
pub trait Invites: Send + Sync {
    /// Whether they may.
    ///
    /// # Errors
    /// Why not.
    fn may(&self, user: &str) -> Result<(), Failure>;

    /// Whether the person has a link that is to stay.
    ///
    /// # Errors
    /// Where it cannot be known.
    async fn is_invited(&self, user: &str) -> Result<bool, Failure>;

    /// Makes a link.
    ///
    /// # Errors
    /// Why not.
    async fn link(&self, user: &str) -> Result<Link, Failure>;

    /// Sends a link where there is a mail server, or shows it.
    ///
    /// # Errors
    /// Where the one who asks is no longer there.
    async fn deliver(&self, link: Link) -> Result<Invited, Failure>;
}

/// A link that was made, and not told yet.
pub struct Link {
    /// For whom.
    pub user: String,
    /// The tenant with it.
    pub after: Arc<Loaded>,
    /// The link.
    pub new: New,
    /// The mail that it goes by; none where there is no mail server.
    pub mailing: Option<Mailing>,
}

/// Invites those whom rows of a part invite.
pub(super) struct Inviting {
    pub(super) invites: Arc<dyn Invites>,
    pub(super) tenant: Arc<Tenant>,
    pub(super) rows: Arc<dyn Rows>,
    /// Of a dry run: the tenant as the rows so far would leave it.
    pub(super) trial: Option<State>,
}

impl Inviting {
    /// The results of the rows in their order, each as soon as it is known what became of its invitation. One that is
    /// refused takes back nothing of the row.
    pub(super) fn told(self, results: Vec<(usize, RowResult)>) -> BoxStream<'static, RowResult> {
        let inviting = Arc::new(self);
        let sending = Arc::clone(&inviting);
        let linked = stream::iter(results).then(move |(n, result)| {
            let inviting = Arc::clone(&inviting);
            async move { inviting.link(n, result).await }
        });
        let sent = linked.map(move |(result, link)| {
            let sending = Arc::clone(&sending);
            async move { sending.deliver(result, link).await }
        });
        sent.buffered(mail::TURNS).boxed()
    }

    async fn link(&self, n: usize, mut result: RowResult) -> (RowResult, Option<Link>) {
        let loaded = self.tenant.loaded();
        let state = self.trial.as_ref().unwrap_or(&loaded.state);
        let invited = self.rows.invites(n, state).filter(|_| result.result != RowOutcome::Refused);
        let Some(user) = invited else { return (result, None) };
        match self.made(&loaded, &user).await {
            Ok(Made::Link(link)) => {
                result.result = RowOutcome::Changed;
                (result, Some(link))
            }
            Ok(Made::Would) => {
                result.result = RowOutcome::Changed;
                (result, None)
            }
            Ok(Made::Before) => {
                let remark = "a link was made for this person within the last 10 minutes and stays: send `again` to replace it";
                result.remarks.push(remark.to_owned());
                (result, None)
            }
            Err(failure) => (refused(result, failure), None),
        }
    }

    async fn made(&self, loaded: &Loaded, user: &str) -> Result<Made, Failure> {
        let is_there = loaded.state.documents().directory.users.contains_key(user);
        // Who is not there yet is the asker's own to invite.
        if self.trial.is_some() && !is_there {
            return Ok(Made::Would);
        }
        if self.invites.is_invited(user).await? {
            return Ok(Made::Before);
        }
        match self.trial {
            Some(_) => self.invites.may(user).map(|()| Made::Would),
            None => self.invites.link(user).await.map(Made::Link),
        }
    }

    async fn deliver(&self, mut result: RowResult, link: Option<Link>) -> RowResult {
        let Some(link) = link else { return result };
        match self.invites.deliver(link).await {
            Ok(invited) => {
                result.invited = Some(invited);
                result
            }
            Err(failure) => refused(result, failure),
        }
    }
}

enum Made {
    Link(Link),
    /// In a dry run: one would be.
    Would,
    /// A moment ago, and it stays.
    Before,
}

fn refused(mut result: RowResult, failure: Failure) -> RowResult {
    if result.result == RowOutcome::Unchanged {
        result.result = RowOutcome::Refused;
    }
    result.problem = Some(failure.into_details());
    result
}
