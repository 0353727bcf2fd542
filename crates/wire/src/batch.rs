//! Several changes in one.

use rolewright_model::change::Kind;
use rolewright_model::{Change, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many changes a batch has at most.
pub const MOST_CHANGES: usize = 1000;

/// Several changes, made in this order, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The changes, 1,000 at most.
    pub changes: Vec<Change>,
    /// Which version of each document that they replace, remove or keep they were made from.
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
            let message = elsewhere(&name(change))?.to_owned();
            Some(Problem { path: format!("$.changes[{n}].change"), message })
        });
        refused.collect()
    }
}

fn name(change: &Change) -> String {
    let change = serde_json::to_value(change).unwrap_or_default();
    change.get("change").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Where a change of that name is made, if not in a batch, as more belongs to it than documents: links, passwords, secrets, a batch itself.
#[must_use]
pub fn elsewhere(change: &str) -> Option<&'static str> {
    match change {
        "invite_user" => Some("an invitation has a link: use `POST /users`"),
        "accept_invitation" => Some("use `POST /invitations/accept`"),
        "create_user" => Some("invite the person by `POST /users`"),
        "import_policy" => Some("a policy is replaced by itself: use `PUT /policy`"),
        "put_back" => Some(
            "what was is put back by `POST /audit/{revision}/undo` or `POST /revisions/{revision}/restore`",
        ),
        "batch" => Some("a batch has no batch in it: put its changes here"),
        "make_key" => Some("a key has a secret: use `POST /keys`"),
        "update_key" => Some("a key is edited by itself: use `PUT /keys/{id}`"),
        "renew_key" => Some("a key has a secret: use `POST /keys/{id}/rotate`"),
        "end_key" => Some("a key is ended by itself: use `DELETE /keys/{id}`"),
        "send_invitation" => Some("an invitation has a link: use `POST /users/{id}/invitation`"),
        "revoke_invitation" => {
            Some("an invitation is taken back by itself: use `DELETE /users/{id}/invitation`")
        }
        "start_password_reset" => Some("a reset has a link: use `POST /users/{id}/password-reset`"),
        "set_password" => Some("one's own password takes the one before it: use `PUT /session/password`"),
        "set_email" => Some(
            "another's email is edited with `update_user`, or by `PUT /users/{id}`; one's own takes the password: use `PUT /session/email`",
        ),
        "turn_on_second_factor" => Some("a second factor takes a code: use `POST /session/second-factor`"),
        "turn_off_second_factor" => {
            Some("this takes the password and a code: use `DELETE /session/second-factor`")
        }
        "replace_second_factor" => {
            Some("this takes the password and codes: use `POST /session/second-factor/replace`")
        }
        "renew_recovery_codes" => {
            Some("this takes the password and a code: use `POST /session/second-factor/recovery-codes`")
        }
        "reset_second_factor" => {
            Some("this takes your password and code: use `POST /users/{id}/second-factor/reset`")
        }
        "end_sessions" => Some("sessions are ended by themselves: use `DELETE /users/{id}/sessions`"),
        "view_as" | "end_view_as" => Some("a session views as somebody else: use `/session/view`"),
        "end_other_sessions" => Some("this takes the password and a code: use `DELETE /session/all`"),
        "set_provider_record" => Some(
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
