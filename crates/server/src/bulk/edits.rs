//! The same edit of many people.

use rolewright_model::change::{AssignmentEdit, WindowEdit};
use rolewright_model::directory::{AssignmentDocument, Principal, Source, Status};
use rolewright_model::{Change, Context, Problem, State, Timestamp};
use rolewright_wire::bulk::PersonEdit;

use super::Rows;
use crate::sight::Sight;

/// The same edit of each of these people.
#[derive(Clone, Debug)]
pub struct Edits {
    /// Their ids.
    pub users: Vec<String>,
    /// What is done to each.
    pub edit: PersonEdit,
}

impl Rows for Edits {
    fn count(&self) -> usize {
        self.users.len()
    }

    fn name(&self, n: usize) -> (usize, String) {
        (n.saturating_add(1), self.users.get(n).cloned().unwrap_or_default())
    }

    fn called(&self, n: usize, state: &State, _: &Sight) -> Option<String> {
        let user = state.documents().directory.users.get(self.users.get(n)?)?;
        Some(user.display_name())
    }

    fn plan(&self, n: usize, state: &State, context: &Context) -> Result<Vec<Change>, Vec<Problem>> {
        let gone = || {
            let message = "this person is no longer there: leave them out".to_owned();
            vec![Problem { path: "$".to_owned(), message }]
        };
        let id = self.users.get(n).ok_or_else(gone)?;
        let user = state.documents().directory.users.get(id).ok_or_else(gone)?;
        let principal = Principal::User(id.clone());
        // What is given here is so for the whole tenant and for good; what is taken, for the whole tenant.
        let own: Vec<_> = state.assignments_of(&principal).filter(|own| own.scope == "/").collect();
        let mut changes: Vec<Change> = self
            .edit
            .give
            .iter()
            .flat_map(|role| giving(state, context.now, &principal, role, &own))
            .collect();
        let taken = own.iter().filter(|own| self.edit.take.contains(&own.role));
        changes.extend(taken.map(|own| Change::Unassign { id: own.id.clone() }));
        if let Some(wanted) = &self.edit.package
            && wanted.package.as_ref() != user.package.as_ref().map(|link| &link.package)
        {
            changes.push(Change::SetPackage { id: id.clone(), package: wanted.package.clone() });
        }
        if let Some(wanted) = &self.edit.status
            && wanted.status != user.status
        {
            changes.push(Change::SetStatus { id: id.clone(), status: wanted.status });
        }
        if self.edit.invite && changes.is_empty() && user.status != Status::Invited {
            let message = "this person has accepted, or is disabled: there is no invitation".to_owned();
            return Err(vec![Problem { path: "$.invite".to_owned(), message }]);
        }
        Ok(changes)
    }

    fn adds(&self, _: &[Change]) -> bool {
        false
    }

    fn invites(&self, n: usize, state: &State) -> Option<String> {
        let id = self.users.get(n).filter(|_| self.edit.invite)?;
        let user = state.documents().directory.users.get(id)?;
        (user.status == Status::Invited).then(|| id.clone())
    }
}

/// Gives a role for good, in place of what the person has of it `own` for a time, ended or to come: nobody has it twice. Nothing where
/// it is given for good already.
fn giving(
    state: &State,
    now: Timestamp,
    principal: &Principal,
    role: &str,
    own: &[&AssignmentDocument],
) -> Vec<Change> {
    let own: Vec<_> = own.iter().filter(|own| own.role == role).collect();
    if own.iter().any(|own| own.is_for_good()) {
        return Vec::new();
    }
    // A new link waits: what counts now would be gone for the session that it counts in.
    let counts = |own: &AssignmentDocument| {
        own.from.is_none_or(|from| from <= now) && own.until.is_none_or(|until| until > now)
    };
    let stays = |own: &AssignmentDocument| state.waits_for_next_login() && counts(own);
    let mut timed = own.iter().filter(|own| own.source == Source::Direct && !stays(own));
    let given = match timed.next() {
        Some(first) => Change::SetWindow { id: first.id.clone(), window: WindowEdit::default() },
        None => Change::Assign { assignment: AssignmentEdit::for_good(principal.clone(), role) },
    };
    let rest = timed.map(|own| Change::Unassign { id: own.id.clone() });
    [given].into_iter().chain(rest).collect()
}
