//! What a change does to the documents, whoever makes it.

mod earlier;
mod known;
mod left_out;
mod tier;

use std::sync::Arc;

use serde::Serialize;

use self::known::Known;
use self::tier::{entitle, group_promotes, members, promote, promote_new, promote_package};
use super::{AssignmentEdit, Change, Context, Kind, PackageEdit, UserEdit, WindowEdit, Write};
use crate::condition::Attributes;
use crate::directory::{
    AssignmentDocument, GroupDocument, Member, MembershipDocument, Principal, Source, Status, Tier,
    UserDocument, UserPackage, not_an_email,
};
use crate::documents::{Documents, Table, remove_where, touched};
use crate::package::{PackageDocument, PackageRole};
use crate::pass::attributes_of;
use crate::policy::{PolicyDocument, is_same};
use crate::policy_test::PolicyTest;
use crate::problem::{Path, Problem, Problems};
use crate::refusal::{Code, Refusal};
use crate::role::{RoleDocument, RoleKind};
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;

/// Edits `documents`, those of the state `before` where there is one. References are checked
/// afterwards, by validation.
pub(super) fn apply(
    documents: &mut Documents,
    change: &Change,
    before: Option<&State>,
    context: &Context,
    made: Stamp,
) -> Result<(), Refusal> {
    let mut links = Links { id: &context.id, used: 0, made, known: Known(before) };
    let links = &mut links;
    match change {
        Change::CreateRole { role } => {
            let others = documents.roles.values().filter(|other| other.id != role.id);
            free_name(&role.name, others.map(|other| other.name.as_str()), "role")?;
            absent(documents.roles.get(&role.id), "role", &role.id)?;
            let last = documents.roles.values().map(|role| role.position).max().unwrap_or_default();
            let position = if role.position == 0 { last.saturating_add(1) } else { role.position };
            let role = RoleDocument { kind: RoleKind::Custom, position, ..role.clone() };
            documents.roles.insert(role.id.clone(), role);
        }
        Change::UpdateRole { role } => {
            let others = documents.roles.values().filter(|other| other.id != role.id);
            free_name(&role.name, others.map(|other| other.name.as_str()), "role")?;
            let before = present(documents.roles.get_mut(&role.id), "role", &role.id)?;
            let position = if role.position == 0 { before.position } else { role.position };
            *before = RoleDocument { kind: before.kind, position, ..role.clone() };
        }
        Change::DeleteRole { id } => {
            present(documents.roles.remove(id), "role", id)?;
            remove_where(&mut documents.directory.assignments, |assignment| assignment.role == *id);
            documents.settings.entitlements.remove(id);
        }
        Change::ReplaceRoleInPackages { role, with } => {
            let name = &present(documents.roles.get(role), "role", role)?.name;
            if with.as_ref() == Some(role) {
                return Err(wrong(
                    "$.with",
                    format!("`{name}` cannot stand in for itself: choose another role"),
                ));
            }
            for id in carrying(documents, role) {
                let Some(package) = documents.packages.get_mut(&id) else { continue };
                let before = package.roles.clone();
                package.roles.retain(|link| link.role != *role);
                if let Some(with) = with
                    && !package.roles.iter().any(|link| link.role == *with)
                {
                    package.roles.push(PackageRole { role: with.clone(), link: links.next(), made });
                }
                promote_package(documents, &id, &before, links);
            }
        }
        Change::CreatePackage { package } => {
            let others = documents.packages.values().filter(|other| other.id != package.id);
            free_name(&package.name, others.map(|other| other.name.as_str()), "package")?;
            absent(documents.packages.get(&package.id), "package", &package.id)?;
            documents.packages.insert(package.id.clone(), package_document(package, &[], links));
        }
        Change::UpdatePackage { package } => {
            let others = documents.packages.values().filter(|other| other.id != package.id);
            free_name(&package.name, others.map(|other| other.name.as_str()), "package")?;
            let before = present(documents.packages.get_mut(&package.id), "package", &package.id)?;
            let carried = std::mem::take(&mut before.roles);
            *before = package_document(package, &carried, links);
            promote_package(documents, &package.id, &carried, links);
        }
        Change::DeletePackage { id } => {
            present(documents.packages.remove(id), "package", id)?;
        }
        Change::InviteUser { user, roles } => {
            free_email(before, &user.id, &user.email)?;
            absent(documents.directory.users.get(&user.id), "user", &user.id)?;
            let user = user_document(user, Status::Invited, false, context);
            let user = UserDocument { invited: Some(made), ..user };
            let principal = Principal::User(user.id.clone());
            documents.directory.users.insert(user.id.clone(), user);
            let given: Vec<String> = roles.iter().map(|_| links.next()).collect();
            for (role, link) in roles.iter().zip(given) {
                assign(documents, &for_good(principal.clone(), role, Source::Direct), link, links);
            }
            promote_new(documents, &principal, context, links);
        }
        Change::CreateUser { user, sign_in } => {
            free_email(before, &user.id, &user.email)?;
            absent(documents.directory.users.get(&user.id), "user", &user.id)?;
            let user = user_document(user, Status::Active, *sign_in, context);
            let principal = Principal::User(user.id.clone());
            documents.directory.users.insert(user.id.clone(), user);
            promote_new(documents, &principal, context, links);
        }
        Change::UpdateUser { user } => {
            free_email(before, &user.id, &user.email)?;
            let before = user_mut(documents, &user.id)?;
            before.email.clone_from(&user.email);
            before.first_name.clone_from(&user.first_name);
            before.last_name.clone_from(&user.last_name);
        }
        Change::SetName { id, first_name, last_name } => {
            let user = user_mut(documents, id)?;
            user.first_name.clone_from(first_name);
            user.last_name.clone_from(last_name);
        }
        Change::SetEmail { id, email } => {
            free_email(before, id, email)?;
            user_mut(documents, id)?.email.clone_from(email);
        }
        Change::SetAttributes { id, attributes } => {
            user_mut(documents, id)?.attributes.clone_from(attributes);
        }
        Change::AcceptInvitation { id, .. } => {
            let user = user_mut(documents, id)?;
            if user.status != Status::Invited {
                return Err(Refusal::new(Code::Unknown, format!("`{id}` has no open invitation")));
            }
            user.status = Status::Active;
            user.sign_in = true;
            user.invited = None;
        }
        Change::SetPassword { id } => user_mut(documents, id)?.sign_in = true,
        Change::SetStatus { id, status } => {
            let user = user_mut(documents, id)?;
            let why = match (user.status, *status) {
                (_, Status::Invited) => {
                    Some("nobody is invited by this: invite them, or send the invitation again")
                }
                (Status::Invited, Status::Active) => Some("only the person invited can accept an invitation"),
                _ => None,
            };
            if let Some(why) = why {
                return Err(Refusal::new(Code::Invalid, why));
            }
            user.status = *status;
        }
        Change::SetPackage { id, package } => {
            let user = user_mut(documents, id)?;
            if user.package.as_ref().map(|link| &link.package) != package.as_ref() {
                user.package =
                    package.clone().map(|package| UserPackage { package, link: links.next(), made });
                let carried = package.as_ref().and_then(|package| documents.packages.get(package));
                if carried
                    .is_some_and(|package| package.roles.iter().any(|link| documents.promotes(&link.role)))
                {
                    promote(documents, [id.clone()], links);
                }
            }
        }
        Change::DeleteUser { id } => {
            present(documents.directory.users.remove(id), "user", id)?;
            let (member, principal) = (Member::User(id.clone()), Principal::User(id.clone()));
            let of = |id: &String| id.clone();
            let memberships = links.known.memberships(documents, &member);
            let memberships: Vec<String> = memberships.iter().map(|known| of(&known.id)).collect();
            let assignments = links.known.assignments(documents, &principal);
            let assignments: Vec<String> = assignments.iter().map(|known| of(&known.id)).collect();
            let directory = &mut documents.directory;
            memberships.iter().for_each(|id| drop(directory.memberships.remove(id)));
            assignments.iter().for_each(|id| drop(directory.assignments.remove(id)));
        }
        Change::CreateGroup { group } => {
            let others = documents.directory.groups.values().filter(|other| other.id != group.id);
            free_name(&group.name, others.map(|other| other.name.as_str()), "group")?;
            absent(documents.directory.groups.get(&group.id), "group", &group.id)?;
            let group = GroupDocument {
                id: group.id.clone(),
                name: group.name.clone(),
                description: group.description.clone(),
                source: group.source,
            };
            documents.directory.groups.insert(group.id.clone(), group);
        }
        Change::UpdateGroup { group } => {
            let others = documents.directory.groups.values().filter(|other| other.id != group.id);
            free_name(&group.name, others.map(|other| other.name.as_str()), "group")?;
            let before = present(documents.directory.groups.get_mut(&group.id), "group", &group.id)?;
            before.name.clone_from(&group.name);
            before.description.clone_from(&group.description);
        }
        Change::DeleteGroup { id } => {
            present(documents.directory.groups.remove(id), "group", id)?;
            let (member, principal) = (Member::Group(id.clone()), Principal::Group(id.clone()));
            let directory = &mut documents.directory;
            remove_where(&mut directory.memberships, |membership| {
                membership.group == *id || membership.member == member
            });
            remove_where(&mut directory.assignments, |assignment| assignment.principal == principal);
        }
        Change::AddMember { group, member } => {
            let membership =
                MembershipDocument { id: links.next(), group: group.clone(), member: member.clone(), made };
            documents.directory.memberships.insert(membership.id.clone(), membership);
            if group_promotes(documents, group, context, links.known) {
                let joined = match member {
                    Member::User(user) => vec![user.clone()],
                    Member::Group(group) => members(documents, group),
                };
                promote(documents, joined, links);
            }
        }
        Change::RemoveMember { id } => {
            present(documents.directory.memberships.remove(id), "membership", id)?;
        }
        Change::Assign { assignment } => {
            new_here(before, assignment, |_| false)?;
            ahead(assignment.until, context.now)?;
            let link = links.next();
            assign(documents, assignment, link, links);
        }
        Change::SetWindow { id, window } => {
            let known = present(documents.directory.assignments.get(id), "assignment", id)?.clone();
            let edit =
                AssignmentEdit { from: window.from, until: window.until, ..AssignmentEdit::of(&known) };
            if *window == WindowEdit::of(&known) {
                return Ok(());
            }
            new_here(before, &edit, |_| false)?;
            if window.is_within(WindowEdit::of(&known)) {
                let narrowed = AssignmentDocument { from: window.from, until: window.until, ..known };
                documents.directory.assignments.insert(id.clone(), narrowed);
            } else {
                ahead(window.until, context.now)?;
                documents.directory.assignments.remove(id);
                let link = links.next();
                assign(documents, &edit, link, links);
            }
        }
        Change::Unassign { id } => {
            present(documents.directory.assignments.remove(id), "assignment", id)?;
        }
        Change::KeepAssignment { id } => {
            present(documents.directory.assignments.get(id), "assignment", id)?;
        }
        Change::UpdateCatalogue { catalogue } => documents.catalogue = Arc::new(catalogue.clone()),
        Change::SetEntitlement { role, on } => {
            present(documents.roles.get(role), "role", role)?;
            let before = documents.settings.clone();
            documents.settings.entitlements.insert(role.clone(), *on);
            entitle(documents, &before, links);
        }
        Change::UpdateSettings { settings } => {
            // A policy may leave open what the tenant is called; once it is called something, it stays so.
            if settings.name.is_empty() && !documents.settings.name.is_empty() {
                return Err(wrong("$.name", "a name is needed".to_owned()));
            }
            let before = std::mem::replace(&mut documents.settings, settings.clone());
            entitle(documents, &before, links);
        }
        Change::UpdateTests { tests } => {
            right(tests)?;
            documents.tests.clone_from(tests);
        }
        Change::RemoveTestsOfRole { role } => {
            present(documents.roles.get(role), "role", role)?;
            documents.tests.retain(|test| !test.names_role(role));
        }
        Change::ImportPolicy { policy } => {
            policy.validate().map_err(Refusal::invalid)?;
            left_out::nothing_in_use(policy, documents)?;
            import(documents, policy, links);
        }
        Change::PutBack { documents: earlier } => earlier::put_back(documents, earlier, before, links)?,
        Change::Batch { .. }
        | Change::MakeKey { .. }
        | Change::UpdateKey { .. }
        | Change::RenewKey { .. }
        | Change::EndKey { .. }
        | Change::SendInvitation { .. }
        | Change::RevokeInvitation { .. }
        | Change::StartPasswordReset { .. }
        | Change::TurnOnSecondFactor { .. }
        | Change::TurnOffSecondFactor { .. }
        | Change::ReplaceSecondFactor { .. }
        | Change::RenewRecoveryCodes { .. }
        | Change::ResetSecondFactor { .. }
        | Change::EndSessions { .. }
        | Change::EndOtherSessions { .. }
        | Change::ViewAs { .. }
        | Change::EndViewAs { .. }
        | Change::SetProviderRecord { .. } => {}
    }
    Ok(())
}

/// Whether tests are well formed.
fn right(tests: &[PolicyTest]) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    PolicyTest::check(tests, &Path::ROOT.key("tests"), &mut problems);
    problems.into_result(()).map_err(Refusal::invalid)
}

/// Fresh ids of links, one after the other, and the links that there are.
struct Links<'c> {
    id: &'c str,
    used: usize,
    made: Stamp,
    known: Known<'c>,
}

impl Links<'_> {
    fn next(&mut self) -> String {
        let id = format!("{}.{}", self.id, self.used);
        self.used += 1;
        id
    }
}

/// Replaces the policy. Roles that a package keeps carrying keep their links; roles that a new
/// tenant assigns to everyone are assigned unless they are.
fn import(documents: &mut Documents, policy: &PolicyDocument, links: &mut Links<'_>) {
    let mut imported = Documents::of_policy(policy);
    for package in &policy.packages {
        let Some(package) = imported.packages.get_mut(&package.id) else { continue };
        let before = documents.packages.get(&package.id).map_or(&[][..], |package| &package.roles);
        for role in &mut package.roles {
            let kept = before.iter().find(|link| link.role == role.role).cloned();
            *role = kept.unwrap_or_else(|| PackageRole {
                role: role.role.clone(),
                link: links.next(),
                made: links.made,
            });
        }
    }
    imported.directory = std::mem::take(&mut documents.directory);
    let before = std::mem::replace(documents, imported);
    for package in documents.packages.keys().cloned().collect::<Vec<_>>() {
        let carried = before.packages.get(&package).map_or(&[][..], |package| &package.roles);
        promote_package(documents, &package, carried, links);
    }
    for role in &policy.auto_assign {
        let edit = for_good(Principal::Everyone, role, Source::AutoAssign);
        let mut assignments = documents.directory.assignments.values();
        if !assignments.any(|known| AssignmentEdit::of(known) == edit) {
            let link = links.next();
            assign(documents, &edit, link, links);
        }
    }
    entitle(documents, &before.settings, links);
}

/// The ids of the packages that carry a role.
fn carrying(documents: &Documents, role: &str) -> Vec<String> {
    let carries = |package: &&PackageDocument| package.roles.iter().any(|link| link.role == role);
    documents.packages.values().filter(carries).map(|package| package.id.clone()).collect()
}

/// One principal is not assigned a role twice just so; what `goes`, by its id, does not count.
fn new_here(
    before: Option<&State>,
    assignment: &AssignmentEdit,
    goes: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let known = before.into_iter().flat_map(|state| state.assignments_of(&assignment.principal));
    let mut staying = known.filter(|known| !goes(&known.id));
    if staying.any(|known| AssignmentEdit::of(known) == *assignment) {
        let name = before.map_or(&*assignment.role, |before| before.role_name(&assignment.role));
        let message = format!("the role `{name}` is assigned just so already");
        return Err(Refusal::new(Code::Exists, message));
    }
    Ok(())
}

/// What is given counts for a while yet. What ends at once, or has ended, is taken away or put back.
fn ahead(until: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    match until.is_some_and(|until| until <= now) {
        true => Err(wrong("$.until", "this has passed: say a time to come, or leave it out".to_owned())),
        false => Ok(()),
    }
}

fn for_good(principal: Principal, role: &str, source: Source) -> AssignmentEdit {
    AssignmentEdit {
        principal,
        role: role.to_owned(),
        scope: "/".to_owned(),
        source,
        from: None,
        until: None,
    }
}

/// The assignment alone, without what follows from it.
fn assign_as(documents: &mut Documents, edit: &AssignmentEdit, id: String, made: Stamp) {
    let assignment = AssignmentDocument {
        id: id.clone(),
        principal: edit.principal.clone(),
        role: edit.role.clone(),
        scope: edit.scope.clone(),
        source: edit.source,
        from: edit.from,
        until: edit.until,
        made,
    };
    documents.directory.assignments.insert(id, assignment);
}

fn assign(documents: &mut Documents, edit: &AssignmentEdit, id: String, links: &mut Links<'_>) {
    assign_as(documents, edit, id, links.made);
    if documents.promotes(&edit.role) {
        let given = match &edit.principal {
            Principal::User(user) => vec![user.clone()],
            Principal::Group(group) => members(documents, group),
            Principal::Everyone => documents.directory.users.keys().cloned().collect(),
        };
        promote(documents, given, links);
    }
}

fn package_document(edit: &PackageEdit, before: &[PackageRole], links: &mut Links<'_>) -> PackageDocument {
    let roles = edit.roles.iter().map(|role| {
        let kept = before.iter().find(|link| link.role == *role);
        kept.cloned().unwrap_or_else(|| PackageRole {
            role: role.clone(),
            link: links.next(),
            made: links.made,
        })
    });
    PackageDocument {
        id: edit.id.clone(),
        name: edit.name.clone(),
        description: edit.description.clone(),
        roles: roles.collect(),
    }
}

fn user_document(edit: &UserEdit, status: Status, sign_in: bool, context: &Context) -> UserDocument {
    UserDocument {
        id: edit.id.clone(),
        email: edit.email.clone(),
        first_name: edit.first_name.clone(),
        last_name: edit.last_name.clone(),
        status,
        tier: Tier::Basic,
        sign_in,
        package: None,
        attributes: Attributes::new(),
        created: context.now,
        invited: None,
    }
}

fn user_mut<'d>(documents: &'d mut Documents, id: &str) -> Result<&'d mut UserDocument, Refusal> {
    present(documents.directory.users.get_mut(id), "user", id)
}

/// Validation finds a second email too, but cannot know which of the two was just sent.
fn free_email(before: Option<&State>, id: &str, email: &str) -> Result<(), Refusal> {
    if email.is_empty() {
        return Err(wrong("$.email", "an email address is needed".to_owned()));
    }
    let known = before.and_then(|before| before.documents().directory.users.get(id));
    if known.is_none_or(|known| known.email != email)
        && let Some(why) = not_an_email(email)
    {
        let message = format!("`{}` is not an email address: {why}", email.escape_debug());
        return Err(wrong("$.email", message));
    }
    match before.and_then(|state| state.user_of_email(email)).filter(|owner| *owner != id) {
        Some(_) => {
            Err(Refusal::taken("$.email", format!("another user has the email `{email}`: use another")))
        }
        None => Ok(()),
    }
}

/// As [`free_email`]. Snapshots leave some names out, so that validation cannot ask for them.
fn free_name<'d>(name: &str, mut others: impl Iterator<Item = &'d str>, what: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(wrong("$.name", "a name is needed".to_owned()));
    }
    match others.find(|other| is_same(other, name)) {
        Some(_) => {
            Err(Refusal::taken("$.name", format!("another {what} is called `{name}`: names are unique")))
        }
        None => Ok(()),
    }
}

fn wrong(path: &str, message: String) -> Refusal {
    Refusal::invalid(vec![Problem { path: path.to_owned(), message }])
}

fn present<T>(found: Option<T>, what: &str, id: &str) -> Result<T, Refusal> {
    found.ok_or_else(|| Refusal::new(Code::Unknown, format!("there is no {what} `{id}`")))
}

fn absent<T>(found: Option<T>, what: &str, id: &str) -> Result<(), Refusal> {
    match found {
        None => Ok(()),
        Some(_) => {
            Err(Refusal::new(Code::Exists, format!("there is a {what} `{id}` already: choose another id")))
        }
    }
}

/// Every document that differs, with what it was and what it is. `O(documents)`, and far less where they share most.
#[must_use]
pub fn writes(before: &Documents, after: &Documents) -> Vec<Write> {
    let mut writes = Vec::new();
    let json = |document: &dyn Fn() -> serde_json::Result<serde_json::Value>| document().unwrap_or_default();
    if before.settings != after.settings {
        writes.push(Write {
            kind: Kind::Settings,
            id: Kind::ONLY.to_owned(),
            before: Some(json(&|| serde_json::to_value(&before.settings))),
            after: Some(json(&|| serde_json::to_value(&after.settings))),
        });
    }
    if before.catalogue != after.catalogue {
        writes.push(Write {
            kind: Kind::Catalogue,
            id: Kind::ONLY.to_owned(),
            before: Some(json(&|| serde_json::to_value(&*before.catalogue))),
            after: Some(json(&|| serde_json::to_value(&*after.catalogue))),
        });
    }
    if before.tests != after.tests {
        let tests =
            |tests: &Vec<PolicyTest>| (!tests.is_empty()).then(|| json(&|| serde_json::to_value(tests)));
        writes.push(Write {
            kind: Kind::Tests,
            id: Kind::ONLY.to_owned(),
            before: tests(&before.tests),
            after: tests(&after.tests),
        });
    }
    differ(Kind::Role, &before.roles, &after.roles, &mut writes);
    differ(Kind::Package, &before.packages, &after.packages, &mut writes);
    let (was, is) = (&before.directory, &after.directory);
    differ(Kind::User, &was.users, &is.users, &mut writes);
    differ(Kind::Group, &was.groups, &is.groups, &mut writes);
    differ(Kind::Membership, &was.memberships, &is.memberships, &mut writes);
    differ(Kind::Assignment, &was.assignments, &is.assignments, &mut writes);
    writes
}

fn differ<T: Serialize + PartialEq + Clone>(
    kind: Kind,
    before: &Table<T>,
    after: &Table<T>,
    writes: &mut Vec<Write>,
) {
    let json = |document: &T| serde_json::to_value(document).unwrap_or_default();
    for (id, was, is) in touched(before, after) {
        writes.push(Write { kind, id: id.to_owned(), before: was.map(json), after: is.map(json) });
    }
}

/// The ids of links, users and users' attributes that passes issued before must no longer count.
pub(super) fn revoked(before: &Documents, after: &Documents) -> Vec<String> {
    let (was, is) = (&before.directory, &after.directory);
    let mut revoked = Vec::new();
    for (id, before, after) in touched(&was.users, &is.users) {
        let Some(before) = before else { continue };
        let active = |user: &UserDocument| user.status == Status::Active;
        if active(before) && !after.is_some_and(active) {
            revoked.push(id.to_owned());
        }
        if after.is_some_and(|after| after.attributes != before.attributes) {
            revoked.push(attributes_of(id));
        }
        if let Some(link) = &before.package {
            let kept = after.and_then(|user| user.package.as_ref()).is_some_and(|now| now.link == link.link);
            revoked.extend((!kept).then(|| link.link.clone()));
        }
    }
    for (_, before, after) in touched(&before.packages, &after.packages) {
        let now = after.map_or(&[][..], |package| &package.roles);
        let links = before.into_iter().flat_map(|package| &package.roles);
        let gone = links.filter(|link| !now.iter().any(|now| now.link == link.link));
        revoked.extend(gone.map(|link| link.link.clone()));
    }
    let memberships = touched(&was.memberships, &is.memberships);
    let gone = memberships.iter().filter(|(_, before, _)| before.is_some());
    revoked.extend(gone.map(|(id, _, _)| (*id).to_owned()));
    // A narrowed window keeps its link, but a pass issued before still tells the old one.
    let assignments = touched(&was.assignments, &is.assignments);
    let edited = assignments.iter().filter(|(_, before, _)| before.is_some());
    revoked.extend(edited.map(|(id, _, _)| (*id).to_owned()));
    revoked
}
