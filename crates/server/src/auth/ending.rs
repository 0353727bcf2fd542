//! What ends with a change of a person: sessions, open links, credentials. It is part of the change's
//! transaction, whichever way the change came.

use rolewright_model::directory::Status;
use rolewright_model::{Change, State};
use rolewright_store::RecordOp;

use super::{password, second_factor, session};
use crate::invitation;

/// Which records end with that change of that state.
#[must_use]
pub fn ended_by(change: &Change, state: &State) -> Vec<RecordOp> {
    match change {
        Change::Batch { changes } => changes.iter().flat_map(|change| ended_by(change, state)).collect(),
        // A link that went to another mailbox must not make an account there.
        Change::UpdateUser { user } => {
            let before = state.documents().directory.users.get(&user.id);
            let is_moved = before.is_some_and(|before| before.email != user.email);
            is_moved.then(|| invitation::end_all(&user.id)).into_iter().collect()
        }
        Change::SetStatus { id, status } if *status != Status::Active => {
            session::end_all(id).into_iter().chain([invitation::end_all(id)]).collect()
        }
        Change::DeleteUser { id } => {
            let mut ended = vec![invitation::end_all(id), password::remove(id)];
            ended.extend(session::end_all(id));
            ended.extend(second_factor::remove(id));
            ended
        }
        _ => Vec::new(),
    }
}
