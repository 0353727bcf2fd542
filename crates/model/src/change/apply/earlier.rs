//! Puts documents back as they were. Links that come back are new ones, since they count for passes and sessions
//! from now on.

use std::sync::Arc;

use super::{Links, assign_as, free_name, new_here, package_document, right, wrong};
use crate::change::{AssignmentEdit, PackageEdit, WindowEdit};
use crate::directory::{AssignmentDocument, MembershipDocument, Status, UserDocument, UserPackage};
use crate::documents::{Documents, Table};
use crate::refusal::Refusal;
use crate::restore::{Earlier, on_its_link};
use crate::state::State;

pub(super) fn put_back(
    documents: &mut Documents,
    earlier: &Earlier,
    before: Option<&State>,
    links: &mut Links<'_>,
) -> Result<(), Refusal> {
    if let Some(settings) = &earlier.settings {
        documents.settings.clone_from(settings);
    }
    if let Some(catalogue) = &earlier.catalogue {
        documents.catalogue = Arc::new(catalogue.clone());
    }
    if let Some(tests) = &earlier.tests {
        right(tests)?;
        documents.tests.clone_from(tests);
    }
    for (id, then) in &earlier.roles {
        set(&mut documents.roles, id, then.clone());
    }
    for (id, then) in &earlier.packages {
        let carried = documents.packages.get(id).map(|package| package.roles.clone()).unwrap_or_default();
        let then = then.as_ref().map(|then| package_document(&PackageEdit::of(then), &carried, links));
        set(&mut documents.packages, id, then);
    }
    for (id, then) in &earlier.users {
        let then =
            then.as_ref().map(|then| user(then, documents.directory.users.get(id), links)).transpose()?;
        set(&mut documents.directory.users, id, then);
    }
    for (id, then) in &earlier.groups {
        set(&mut documents.directory.groups, id, then.clone());
    }
    let directory = &mut documents.directory;
    let going = earlier.memberships.iter().filter(|(_, then)| then.is_none());
    going.for_each(|(id, _)| drop(directory.memberships.remove(id)));
    for then in earlier.memberships.values().flatten() {
        let link = MembershipDocument { id: links.next(), made: links.made, ..then.clone() };
        directory.memberships.insert(link.id.clone(), link);
    }
    let going = earlier.assignments.iter().filter(|(_, then)| then.is_none());
    going.for_each(|(id, _)| drop(directory.assignments.remove(id)));
    for (id, then) in &earlier.assignments {
        if let Some(then) = then {
            assignment(documents, id, then, earlier, before, links)?;
        }
    }
    names_are_free(documents, earlier)
}

fn set<T: Clone>(table: &mut Table<T>, id: &str, then: Option<T>) {
    match then {
        Some(then) => drop(table.insert(id.to_owned(), then)),
        None => drop(table.remove(id)),
    }
}

fn user(
    then: &UserDocument,
    now: Option<&UserDocument>,
    links: &mut Links<'_>,
) -> Result<UserDocument, Refusal> {
    if now.is_some_and(|now| now.status == Status::Invited) && then.status == Status::Active {
        return Err(wrong("$", "only the person invited can accept an invitation".to_owned()));
    }
    let kept = now.and_then(|now| now.package.as_ref());
    let mut user = on_its_link(then, now);
    if let Some(link) = &mut user.package
        && Some(&*link) != kept
    {
        *link = UserPackage { package: link.package.clone(), link: links.next(), made: links.made };
    }
    Ok(user)
}

/// As where a window is set: within the one that it has a link stays, elsewhere it is a new one.
fn assignment(
    documents: &mut Documents,
    id: &str,
    then: &AssignmentDocument,
    earlier: &Earlier,
    before: Option<&State>,
    links: &mut Links<'_>,
) -> Result<(), Refusal> {
    let edit = AssignmentEdit::of(then);
    let now = documents.directory.assignments.get(id);
    if let Some(now) = now.filter(|now| WindowEdit::of(then).is_within(WindowEdit::of(now))) {
        let narrowed = AssignmentDocument { from: then.from, until: then.until, ..now.clone() };
        documents.directory.assignments.insert(id.to_owned(), narrowed);
        return Ok(());
    }
    documents.directory.assignments.remove(id);
    new_here(before, &edit, |known| earlier.assignments.contains_key(known))?;
    let link = links.next();
    assign_as(documents, &edit, link, links.made);
    Ok(())
}

/// Names are unique, which validation does not ask.
fn names_are_free(documents: &Documents, earlier: &Earlier) -> Result<(), Refusal> {
    for role in earlier.roles.values().flatten() {
        let others = documents.roles.values().filter(|other| other.id != role.id);
        free_name(&role.name, others.map(|other| other.name.as_str()), "role")?;
    }
    for package in earlier.packages.values().flatten() {
        let others = documents.packages.values().filter(|other| other.id != package.id);
        free_name(&package.name, others.map(|other| other.name.as_str()), "package")?;
    }
    for group in earlier.groups.values().flatten() {
        let others = documents.directory.groups.values().filter(|other| other.id != group.id);
        free_name(&group.name, others.map(|other| other.name.as_str()), "group")?;
    }
    Ok(())
}
