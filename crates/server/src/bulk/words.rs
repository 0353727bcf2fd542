//! What the changes of a row do, in words. Roles and packages are called by their names where whoever asks sees those.

use rolewright_model::change::{AssignmentEdit, Kind, UserEdit, WindowEdit};
use rolewright_model::directory::{AssignmentDocument, UserDocument};
use rolewright_model::{Change, State};

use crate::audit::names::name_now;
use crate::moment;
use crate::sight::Sight;

/// To whom it is said, and of what.
pub(super) struct Words<'w> {
    /// What is so before it.
    pub(super) before: &'w State,
    /// What whoever asks sees.
    pub(super) sight: &'w Sight,
    /// Whether who is new is sent an invitation.
    pub(super) invites: bool,
}

impl Words<'_> {
    /// What a change does, a line each: `first name "Ana" to "Anna"`. What a row does not make is not told.
    pub(super) fn of(&self, change: &Change) -> Vec<String> {
        let directory = &self.before.documents().directory;
        match change {
            Change::InviteUser { user, roles } => {
                let roles: Vec<String> = roles.iter().map(|role| self.name(Kind::Role, role)).collect();
                let given = if roles.is_empty() {
                    String::new()
                } else {
                    format!(", to be given {}", roles.join(", "))
                };
                let (done, link) =
                    if self.invites { ("invited", "") } else { ("added", ", without an invitation") };
                vec![format!("{done}{}{link}{given}", named(user))]
            }
            Change::CreateUser { user, .. } => vec![format!("added{}, without a password", named(user))],
            Change::UpdateUser { user } => {
                directory.users.get(&user.id).map_or_else(Vec::new, |was| edited(was, user))
            }
            Change::SetStatus { id, status } => {
                let was = directory.users.get(id).map(|user| user.status.as_str());
                vec![turned("status", was, Some(status.as_str()))]
            }
            Change::SetPackage { id, package } => {
                let link = directory.users.get(id).and_then(|user| user.package.as_ref());
                let called = |id: &str| self.called(Kind::Package, id);
                let (was, is) = (link.map(|link| called(&link.package)), package.as_deref().map(called));
                vec![turned("package", was.as_deref(), is.as_deref())]
            }
            Change::Assign { assignment } => vec![self.given(assignment)],
            Change::SetWindow { id, window } => directory.assignments.get(id).map_or_else(Vec::new, |was| {
                let (now, until_now) = (counts(*window), counts(WindowEdit::of(was)));
                vec![format!("{} given {now} instead of {until_now}", self.role(&was.role, &was.scope))]
            }),
            Change::Unassign { id } => {
                let was = directory.assignments.get(id);
                was.map(|AssignmentDocument { role: id, scope, .. }| {
                    format!("{} taken away", self.role(id, scope))
                })
                .into_iter()
                .collect()
            }
            Change::Batch { changes } => changes.iter().flat_map(|change| self.of(change)).collect(),
            _ => Vec::new(),
        }
    }

    fn given(&self, assignment: &AssignmentEdit) -> String {
        let AssignmentEdit { role: id, scope, from, until, .. } = assignment;
        let window = WindowEdit { from: *from, until: *until };
        match (from, until) {
            (None, None) => format!("{} given", self.role(id, scope)),
            _ => format!("{} given {}", self.role(id, scope), counts(window)),
        }
    }

    fn role(&self, id: &str, scope: &str) -> String {
        let name = self.name(Kind::Role, id);
        if scope == "/" { format!("role {name}") } else { format!("role {name} at `{scope}`") }
    }

    fn name(&self, kind: Kind, id: &str) -> String {
        format!("`{}`", self.called(kind, id).escape_debug())
    }

    /// What people read of a document; its id where it is not there, or not seen.
    fn called(&self, kind: Kind, id: &str) -> String {
        let seen = self.sight.sees(kind).then(|| name_now(self.before, kind, id));
        seen.flatten().unwrap_or_else(|| id.to_owned())
    }
}

/// The name of somebody new, where one is said: ` as "Ana Arranz"`.
fn named(user: &UserEdit) -> String {
    let names = [user.first_name.as_str(), user.last_name.as_str()];
    let name = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() { name } else { format!(" as {name:?}") }
}

fn edited(was: &UserDocument, user: &UserEdit) -> Vec<String> {
    let texts = [
        ("email", &was.email, &user.email),
        ("first name", &was.first_name, &user.first_name),
        ("last name", &was.last_name, &user.last_name),
    ];
    let differ = texts.into_iter().filter(|(_, was, is)| was != is);
    differ.map(|(what, was, is)| turned(what, said(was), said(is))).collect()
}

fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// What something was, and what it is.
fn turned(what: &str, was: Option<&str>, is: Option<&str>) -> String {
    let quoted = |text: &str| format!("`{}`", text.escape_debug());
    match (was.map(quoted), is.map(quoted)) {
        (Some(was), Some(is)) => format!("{what} {was} to {is}"),
        (None, Some(is)) => format!("{what} {is}"),
        (Some(was), None) => format!("{what} {was} taken away"),
        (None, None) => format!("{what} as it was"),
    }
}

/// When something counts.
fn counts(window: WindowEdit) -> String {
    match (window.from.map(moment::in_words), window.until.map(moment::in_words)) {
        (None, None) => "for good".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), Some(until)) => format!("from {from} until {until}"),
    }
}
