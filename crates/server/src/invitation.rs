//! Invitations: single-use links, good for seven days, stored hashed.

use std::collections::HashMap;

use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Result, sealed};
use rolewright_wire::user::Delivery;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::actor::Who;
use crate::link::{self, Page};
use crate::mail::limit::Mailing;
use crate::mail::{Recipient, Unsent, message};
use crate::secret;
use crate::tenant::{Loaded, Tenant};

/// The kind of the records; their owner is the person invited.
pub const KIND: &str = sealed::INVITATION;
/// How long a link is good, in milliseconds: 7 days. It sets a password of the person's own
/// choosing, so it is an activation code in the sense of OWASP ASVS 5.0, 6.4.1.
pub const LIFETIME: i64 = 7 * 24 * 60 * 60 * 1000;
/// How long after it was made a link is not replaced by the way, in milliseconds: 10 minutes.
pub const FRESH: i64 = 10 * 60 * 1000;

/// An open invitation, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The person invited.
    pub user: String,
    /// Who invited: must still hold what acceptance gives; none is the operator or a key.
    pub inviter: Option<String>,
    /// The key that invited: must still be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the link ends.
    pub expires: Timestamp,
}

/// An invitation that is being made.
#[derive(Clone)]
pub struct New {
    /// The tenant to which it invites.
    tenant: String,
    /// The token of the link.
    token: String,
    /// When the link ends.
    pub expires: Timestamp,
    /// What must happen with the change, or not at all.
    pub records: Vec<RecordOp>,
}

/// Makes an invitation.
///
/// # Errors
/// Where the randomness fails.
pub fn new(tenant: &Tenant, user: &str, by: &Who, now: Timestamp) -> Result<New, secret::NoEntropy> {
    let token = secret::token()?;
    let expires = now.plus(LIFETIME);
    let key = match by {
        Who::Key { key, .. } => Some(key.id.clone()),
        _ => None,
    };
    let invitation =
        Invitation { user: user.to_owned(), inviter: by.user().map(ToOwned::to_owned), key, expires };
    let body = serde_json::to_value(invitation).unwrap_or_default();
    let record = Record::new(body).owned_by(user).until(expires);
    let records = vec![RecordOp::Insert { kind: KIND.to_owned(), key: secret::stored(&token), record }];
    Ok(New { tenant: tenant.id().to_owned(), token, expires, records })
}

impl New {
    /// Where the person invited goes.
    #[must_use]
    pub fn link(&self, public_url: &str) -> String {
        link::to(public_url, &self.tenant, Page::Invitation, &self.token)
    }
}

/// Sends the link to the person invited, once the invitation is kept; says how that went, and why it
/// was not sent where it failed.
pub async fn deliver(
    app: &App,
    loaded: &Loaded,
    user: &str,
    by: &Who,
    (new, mailing): (&New, Option<Mailing>),
) -> (Delivery, Option<Unsent>) {
    let documents = loaded.state.documents();
    let (Some(mailer), Some(user)) = (app.config.mail.clone(), documents.directory.users.get(user)) else {
        return (Delivery::Shown, None);
    };
    let inviter = by.user().and_then(|id| documents.directory.users.get(id)).map(|by| by.display_name());
    let link = new.link(&app.config.public_url);
    let message = message::invitation(&documents.settings.name, inviter.as_deref(), &link, new.expires);
    let to = Recipient::of(user);
    // In a task of its own: an inviter who goes away must not leave the person without the link.
    let sent = tokio::spawn(async move { mailer.send(&to, &message).await });
    let sent = sent.await;
    app.metrics.mailed("invitation", matches!(sent, Ok(Ok(()))));
    match sent {
        Ok(Ok(())) => {
            mailing.into_iter().for_each(Mailing::was_sent);
            (Delivery::Sent, None)
        }
        Ok(Err(error)) => (Delivery::Failed, Some(error)),
        Err(_) => (Delivery::Failed, Some(Unsent::Server("the server is being stopped".to_owned()))),
    }
}

/// Ends every link of that person, with the change that is made.
#[must_use]
pub fn end_all(user: &str) -> RecordOp {
    RecordOp::DeleteOwned { kind: KIND.to_owned(), owner: user.to_owned() }
}

/// Uses up every open link of that person; none where there is none.
///
/// # Errors
/// Where the store fails.
pub async fn take_all(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Vec<RecordOp>> {
    let open = tenant.store().records(tenant.id(), KIND, Some(user), now).await?;
    Ok(open.into_iter().map(|(key, _)| RecordOp::Take { kind: KIND.to_owned(), key }).collect())
}

/// The invitation of a token, if it is good. Asking does not use it up.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, token: &str, now: Timestamp) -> Result<Option<Invitation>> {
    let record = tenant.store().record(tenant.id(), KIND, &secret::stored(token), now).await?;
    let found = record.and_then(|record| serde_json::from_value::<Invitation>(record.body).ok());
    let Some(found) = found else { return Ok(None) };
    let key_is_gone = match &found.key {
        Some(key) => tenant.store().record(tenant.id(), crate::auth::key::KIND, key, now).await?.is_none(),
        None => false,
    };
    Ok(Some(found).filter(|_| !key_is_gone))
}

/// Whether that person has an open link that was made a moment ago: within [`FRESH`].
///
/// # Errors
/// Where the store fails.
pub async fn is_fresh(tenant: &Tenant, user: &str, now: Timestamp) -> Result<bool> {
    let ends = open(tenant, Some(user), now).await?;
    Ok(ends.get(user).is_some_and(|ends| now < ends.plus(FRESH - LIFETIME)))
}

/// When the open invitations end, by the id of the person invited.
///
/// # Errors
/// Where the store fails.
pub async fn open(tenant: &Tenant, user: Option<&str>, now: Timestamp) -> Result<HashMap<String, Timestamp>> {
    let records = tenant.store().records(tenant.id(), KIND, user, now).await?;
    Ok(records.into_iter().filter_map(|(_, record)| Some((record.owner?, record.expires?))).collect())
}
