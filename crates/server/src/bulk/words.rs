//! What the changes of a row do, in words.

use rolewright_model::change::{AssignmentEdit, UserEdit, WindowEdit};
use rolewright_model::directory::{AssignmentDocument, UserDocument};
use rolewright_model::{Change, State};

use crate::moment;

/// What a change does to what is so before it, a line each: `first name "Ana" to "Anna"`. What a row does not make is not told.
pub(super) fn words(change: &Change, before: &State) -> Vec<String> {
    let directory = &before.documents().directory;
    match change {
        Change::InviteUser { user, roles } => {
            let roles: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
            let given =
                if roles.is_empty() { String::new() } else { format!(", to be given {}", roles.join(", ")) };
            vec![format!("invited{}{given}", named(user))]
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
            vec![turned("package", link.map(|link| &*link.package), package.as_deref())]
        }
        Change::Assign { assignment } => vec![given(assignment)],
        Change::SetWindow { id, window } => directory.assignments.get(id).map_or_else(Vec::new, |was| {
            let (now, until_now) = (counts(*window), counts(WindowEdit::of(was)));
            vec![format!("{} given {now} instead of {until_now}", role(&was.role, &was.scope))]
        }),
        Change::Unassign { id } => {
            let was = directory.assignments.get(id);
            was.map(|AssignmentDocument { role: id, scope, .. }| format!("{} taken away", role(id, scope)))
                .into_iter()
                .collect()
        }
        Change::Batch { changes } => changes.iter().flat_map(|change| words(change, before)).collect(),
        _ => Vec::new(),
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
        ("e-mail", &was.email, &user.email),
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

fn given(assignment: &AssignmentEdit) -> String {
    let AssignmentEdit { role: id, scope, from, until, .. } = assignment;
    let window = WindowEdit { from: *from, until: *until };
    match (from, until) {
        (None, None) => format!("{} given", role(id, scope)),
        _ => format!("{} given {}", role(id, scope), counts(window)),
    }
}

fn role(id: &str, scope: &str) -> String {
    if scope == "/" { format!("role `{id}`") } else { format!("role `{id}` at `{scope}`") }
}

/// When something counts.
fn counts(window: WindowEdit) -> String {
    match (window.from.map(moment::exact), window.until.map(moment::exact)) {
        (None, None) => "for good".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), Some(until)) => format!("from {from} until {until}"),
    }
}
