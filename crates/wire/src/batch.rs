//! Several changes in one.

use rolewright_model::change::Kind;
use rolewright_model::{Change, Problem};
use serde::{Deserialize, Serialize};

/// How many changes a batch has at most.
pub const MOST_CHANGES: usize = 1000;

/// Several changes, made in this order, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The changes, 1,000 at most.
    pub changes: Vec<Change>,
    /// Which version of each document that they replace or remove they were made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
}

impl Batch {
    /// What cannot be in a batch, each with its path.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        if self.changes.is_empty() || self.changes.len() > MOST_CHANGES {
            let message = format!("a batch has 1 to {MOST_CHANGES} changes");
            return vec![Problem { path: "$.changes".to_owned(), message }];
        }
        let changes = self.changes.iter().enumerate();
        let refused = changes.filter_map(|(n, change)| {
            let message = elsewhere(change)?.to_owned();
            Some(Problem { path: format!("$.changes[{n}].change"), message })
        });
        refused.collect()
    }
}

/// Where a change is made that more belongs to than documents: links, passwords, secrets, a batch itself.
fn elsewhere(change: &Change) -> Option<&'static str> {
    match change {
        Change::InviteUser { .. } => Some("an invitation has a link: use `POST /users`"),
        Change::AcceptInvitation { .. } => Some("use `POST /invitations/accept`"),
        Change::CreateUser { .. } => Some("invite the person by `POST /users`"),
        Change::ImportPolicy { .. } => Some("a policy is replaced by itself: use `PUT /policy`"),
        Change::PutBack { .. } => Some(
            "what was is put back by `POST /audit/{revision}/undo` or `POST /revisions/{revision}/restore`",
        ),
        Change::Batch { .. } => Some("a batch has no batch in it: put its changes here"),
        Change::MakeKey { .. } => Some("a key has a secret: use `POST /keys`"),
        Change::UpdateKey { .. } => Some("a key is edited by itself: use `PUT /keys/{id}`"),
        Change::RenewKey { .. } => Some("a key has a secret: use `POST /keys/{id}/rotate`"),
        Change::EndKey { .. } => Some("a key is ended by itself: use `DELETE /keys/{id}`"),
        Change::SendInvitation { .. } => Some("an invitation has a link: use `POST /users/{id}/invitation`"),
        Change::RevokeInvitation { .. } => {
            Some("an invitation is taken back by itself: use `DELETE /users/{id}/invitation`")
        }
        Change::StartPasswordReset { .. } => {
            Some("a reset has a link: use `POST /users/{id}/password-reset`")
        }
        Change::SetPassword { .. } => {
            Some("one's own password takes the one before it: use `PUT /session/password`")
        }
        Change::SetEmail { .. } => Some("one's own e-mail takes the password: use `PUT /session/email`"),
        Change::TurnOnSecondFactor { .. } => {
            Some("a second factor takes a code: use `POST /session/second-factor`")
        }
        Change::TurnOffSecondFactor { .. } => {
            Some("this takes the password and a code: use `DELETE /session/second-factor`")
        }
        Change::ReplaceSecondFactor { .. } => {
            Some("this takes the password and codes: use `POST /session/second-factor/replace`")
        }
        Change::RenewRecoveryCodes { .. } => {
            Some("this takes the password and a code: use `POST /session/second-factor/recovery-codes`")
        }
        Change::ResetSecondFactor { .. } => {
            Some("this takes your password and code: use `POST /users/{id}/second-factor/reset`")
        }
        Change::EndSessions { .. } => {
            Some("sessions are ended by themselves: use `DELETE /users/{id}/sessions`")
        }
        Change::EndOtherSessions { .. } => {
            Some("sessions are ended by themselves: use `DELETE /session/all`")
        }
        Change::SetProviderRecord { .. } => Some(
            "what an identity provider says of a person is written by SCIM: use `PATCH /scim/v2/Users/{id}`",
        ),
        _ => None,
    }
}

/// The version of a document that a change was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MadeFrom))]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The document's kind.
    pub kind: Kind,
    /// The document's id; of catalogue, settings and tests there is one, called `default`.
    pub id: String,
    /// The `ETag` of its GET, with its quotes; or `*` for any.
    pub etag: String,
}
