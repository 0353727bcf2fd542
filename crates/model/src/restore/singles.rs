//! The single changes that a restore amounts to: each is asked of the rules that it would be asked of alone.

use super::Earlier;
use crate::catalogue::CatalogueDocument;
use crate::change::{AssignmentEdit, Change, GroupEdit, PackageEdit, UserEdit, WindowEdit};
use crate::directory::{AssignmentDocument, GroupDocument, Source, UserDocument};
use crate::documents::Documents;

impl Earlier {
    /// The single changes of the documents `now` that it amounts to. `O(documents named)`.
    #[must_use]
    pub fn singles(&self, now: &Documents) -> Vec<Change> {
        let mut all = Vec::new();
        // What is built in changes by a policy alone, which is replaced as its catalogue is.
        let is_built_in = |(id, then): (&String, &Option<crate::role::RoleDocument>)| {
            let was = now.roles.get(id);
            was.is_some_and(|role| role.is_built_in()) || then.as_ref().is_some_and(|role| role.is_built_in())
        };
        if self.catalogue.is_some() || self.roles.iter().any(is_built_in) {
            let catalogue =
                self.catalogue.clone().unwrap_or_else(|| CatalogueDocument::clone(&now.catalogue));
            all.push(Change::UpdateCatalogue { catalogue });
        }
        all.extend(self.settings.clone().map(|settings| Change::UpdateSettings { settings }));
        all.extend(self.tests.clone().map(|tests| Change::UpdateTests { tests }));
        for (id, then) in self.roles.iter().filter(|role| !is_built_in((role.0, role.1))) {
            all.push(match then {
                Some(role) if now.roles.contains_key(id) => Change::UpdateRole { role: role.clone() },
                Some(role) => Change::CreateRole { role: role.clone() },
                None => Change::DeleteRole { id: id.clone() },
            });
        }
        for (id, then) in &self.packages {
            let package = then.as_ref().map(PackageEdit::of);
            all.push(match package {
                Some(package) if now.packages.contains_key(id) => Change::UpdatePackage { package },
                Some(package) => Change::CreatePackage { package },
                None => Change::DeletePackage { id: id.clone() },
            });
        }
        for (id, then) in &self.users {
            match then {
                Some(then) => user(now.directory.users.get(id), then, &mut all),
                None => all.push(Change::DeleteUser { id: id.clone() }),
            }
        }
        for (id, then) in &self.groups {
            let was = now.directory.groups.get(id);
            match then {
                Some(then) => group(was, then, &mut all),
                None => all.push(Change::DeleteGroup { id: id.clone() }),
            }
        }
        all.extend(self.memberships.iter().map(|(id, then)| match then {
            Some(link) => Change::AddMember { group: link.group.clone(), member: link.member.clone() },
            None => Change::RemoveMember { id: id.clone() },
        }));
        for (id, then) in &self.assignments {
            match then {
                Some(then) => assignment(now.directory.assignments.get(id), then, &mut all),
                None => all.push(Change::Unassign { id: id.clone() }),
            }
        }
        all
    }

    /// Whether it names that one document alone.
    pub(crate) fn is_of_one(&self) -> bool {
        let one = [self.settings.is_some(), self.catalogue.is_some(), self.tests.is_some()];
        let one = one.into_iter().filter(|is| *is).count();
        let policy = one + self.roles.len() + self.packages.len();
        policy + self.users.len() + self.groups.len() + self.memberships.len() + self.assignments.len() == 1
    }
}

fn user(was: Option<&UserDocument>, then: &UserDocument, all: &mut Vec<Change>) {
    let id = || then.id.clone();
    let edit = |user: &UserDocument| UserEdit {
        id: user.id.clone(),
        email: user.email.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
    };
    let package = |user: &UserDocument| user.package.as_ref().map(|link| link.package.clone());
    match was {
        None => all.push(Change::CreateUser { user: edit(then), sign_in: then.sign_in }),
        Some(was) => {
            if edit(was) != edit(then) {
                all.push(Change::UpdateUser { user: edit(then) });
            }
            if was.status != then.status || was.sign_in != then.sign_in {
                all.push(Change::SetStatus { id: id(), status: then.status });
            }
        }
    }
    if was.map_or(!then.attributes.is_empty(), |was| was.attributes != then.attributes) {
        all.push(Change::SetAttributes { id: id(), attributes: then.attributes.clone() });
    }
    if was.and_then(package) != package(then) {
        all.push(Change::SetPackage { id: id(), package: package(then) });
    }
}

fn group(was: Option<&GroupDocument>, then: &GroupDocument, all: &mut Vec<Change>) {
    let group = GroupEdit {
        id: then.id.clone(),
        name: then.name.clone(),
        description: then.description.clone(),
        source: then.source,
    };
    if was.is_some() {
        all.push(Change::UpdateGroup { group: group.clone() });
    }
    if was.is_none_or(|was| was.source != then.source) {
        all.push(Change::CreateGroup { group });
    }
}

fn assignment(was: Option<&AssignmentDocument>, then: &AssignmentDocument, all: &mut Vec<Change>) {
    let window = WindowEdit::of(then);
    match was {
        Some(was) if window.is_within(WindowEdit::of(was)) => {
            all.push(Change::SetWindow { id: then.id.clone(), window });
        }
        was => {
            all.extend(was.map(|was| Change::Unassign { id: was.id.clone() }));
            // What a switch wrote once is given back by hand: whoever does so answers for it as for any other.
            let source = if then.source == Source::Entitlement { Source::Direct } else { then.source };
            all.push(Change::Assign { assignment: AssignmentEdit { source, ..AssignmentEdit::of(then) } });
        }
    }
}
