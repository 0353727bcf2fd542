//! What ends with a change: a person's sessions, open links and credentials, and what an identity provider said of a
//! person or a group. It is part of the change's transaction, whichever way the change came.

use rolewright_model::directory::Status;
use rolewright_model::{Change, State, Timestamp};
use rolewright_store::{RecordOp, Result};

use super::actor::Who;
use super::{key, known, last_sign_in, password, reset, second_factor, session};
use crate::invitation;
use crate::scim::record;
use crate::tenant::Tenant;

/// Which records end with that change of that state.
#[must_use]
pub fn ended_by(change: &Change, state: &State) -> Vec<RecordOp> {
    match change {
        Change::Batch { changes } => changes.iter().flat_map(|change| ended_by(change, state)).collect(),
        Change::PutBack { documents } => {
            documents.singles(state.documents()).iter().flat_map(|single| ended_by(single, state)).collect()
        }
        // A link that went to another mailbox must not make an account there, nor take one over.
        Change::UpdateUser { user } => {
            let before = state.documents().directory.users.get(&user.id);
            let is_moved = before.is_some_and(|before| before.email != user.email);
            if is_moved { links_of(&user.id) } else { Vec::new() }
        }
        Change::SetStatus { id, status } if *status != Status::Active => {
            let before = state.documents().directory.users.get(id);
            if before.is_some_and(|before| before.status == *status) {
                return Vec::new();
            }
            session::end_all(id).into_iter().chain(links_of(id)).collect()
        }
        Change::DeleteUser { id } => {
            let mut ended = links_of(id);
            ended.extend([password::remove(id), known::end_all(id), last_sign_in::forget(id)]);
            ended.extend(session::end_all(id));
            ended.extend(second_factor::remove(id));
            ended.push(record::forget_user(id));
            ended
        }
        Change::DeleteGroup { id } => vec![record::forget_group(id)],
        Change::EndKey { key, .. } => key::end(&key.id),
        Change::SendInvitation { id } | Change::RevokeInvitation { id } => vec![invitation::end_all(id)],
        Change::StartPasswordReset { id } => reset::end_all(id).to_vec(),
        Change::SetEmail { id, .. } => session::end_all(id).into_iter().chain(links_of(id)).collect(),
        // One that was opened without a code must not set a password without one.
        Change::SetPassword { id }
        | Change::TurnOnSecondFactor { id }
        | Change::ReplaceSecondFactor { id } => {
            session::end_all(id).into_iter().chain(reset::end_all(id)).collect()
        }
        Change::TurnOffSecondFactor { id } => second_factor::turn_off(id),
        Change::ResetSecondFactor { id } => {
            second_factor::turn_off(id).into_iter().chain(session::end_all(id)).collect()
        }
        Change::EndSessions { id, session: None } | Change::EndOtherSessions { id, session: None } => {
            session::end_all(id).to_vec()
        }
        _ => Vec::new(),
    }
}

/// Whether a change that ends sessions ends none, as there is none to end beside the one that asks and what it uses up.
///
/// # Errors
/// Where the store fails.
pub async fn ends_nothing(
    tenant: &Tenant,
    change: &Change,
    who: &Who,
    spent: &[RecordOp],
    now: Timestamp,
) -> Result<bool> {
    let (user, own) = match (change, who) {
        (Change::EndSessions { id, session: None }, _) => (id, None),
        (Change::EndOtherSessions { id, session: None }, Who::Person { session, .. }) => {
            (id, Some(&**session))
        }
        _ => return Ok(false),
    };
    let is_spent =
        |ended: &str| spent.iter().any(|op| matches!(op, RecordOp::Take { key, .. } if key == ended));
    let keys = session::keys_of(tenant, user, now).await?;
    Ok(keys.iter().all(|key| Some(key.as_str()) == own || is_spent(key)))
}

/// Every link of that person.
fn links_of(user: &str) -> Vec<RecordOp> {
    [invitation::end_all(user)].into_iter().chain(reset::end_all(user)).collect()
}
