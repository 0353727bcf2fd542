//! The same edit of many people.

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Principal, Status};
use rolewright_model::{Change, Context, Problem, State};
use rolewright_wire::bulk::PersonEdit;

use super::Rows;

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

    fn called(&self, n: usize, state: &State) -> Option<String> {
        let user = state.documents().directory.users.get(self.users.get(n)?)?;
        Some(user.display_name())
    }

    fn plan(&self, n: usize, state: &State, _: &Context) -> Result<Vec<Change>, Vec<Problem>> {
        let gone = || {
            let message = "this person is no longer there: leave them out".to_owned();
            vec![Problem { path: "$".to_owned(), message }]
        };
        let id = self.users.get(n).ok_or_else(gone)?;
        let user = state.documents().directory.users.get(id).ok_or_else(gone)?;
        let principal = Principal::User(id.clone());
        // What is given here is so for the whole tenant and for good; what is taken, for the whole tenant.
        let own: Vec<_> = state.assignments_of(&principal).filter(|own| own.scope == "/").collect();
        let is_given = |role: &&String| own.iter().any(|own| own.role == **role && own.is_for_good());
        let give =
            |role: &String| Change::Assign { assignment: AssignmentEdit::for_good(principal.clone(), role) };
        let mut changes: Vec<Change> =
            self.edit.give.iter().filter(|role| !is_given(role)).map(give).collect();
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
