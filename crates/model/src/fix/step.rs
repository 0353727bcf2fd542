//! What can be done about a refusal, step by step, and the one change that does it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Search;
use crate::change::{AssignmentEdit, Change, PackageEdit};
use crate::directory::{Principal, Source};
use crate::role::RoleDocument;

/// Something small that can be done about a refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Give the user an existing role where it is needed.
    GiveRole {
        /// The role's id.
        role: String,
        /// Where.
        scope: String,
    },
    /// Put the user on a package.
    SetPackage {
        /// The package's id.
        package: String,
    },
    /// Put an existing role on the user's package.
    AddToPackage {
        /// The package's id.
        package: String,
        /// The role's id.
        role: String,
    },
    /// Put the permission into an editable role.
    Grant {
        /// The role's id.
        role: String,
        /// The permission's id.
        permission: String,
        /// The level's id.
        level: String,
    },
}

impl Step {
    /// Whether it changes what others hold too.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::AddToPackage { .. } | Self::Grant { .. })
    }
}

pub(super) type Steps = BTreeSet<Step>;

impl Search<'_> {
    /// One change of all steps; what edits one role or one package is one edit.
    pub(super) fn change(&self, steps: &Steps) -> Option<Change> {
        let documents = self.state.documents();
        let mut roles: BTreeMap<&str, RoleDocument> = BTreeMap::new();
        let mut packages: BTreeMap<&str, PackageEdit> = BTreeMap::new();
        let mut links = Vec::new();
        for step in steps {
            match step {
                Step::Grant { role, permission, level } => {
                    if !roles.contains_key(role.as_str()) {
                        roles.insert(role, documents.roles.get(role)?.clone());
                    }
                    roles.get_mut(role.as_str())?.grants.insert(permission.clone(), level.clone());
                }
                Step::AddToPackage { package, role } => {
                    if !packages.contains_key(package.as_str()) {
                        let known = documents.packages.get(package)?;
                        let edit = PackageEdit {
                            id: known.id.clone(),
                            name: known.name.clone(),
                            description: known.description.clone(),
                            roles: known.roles.iter().map(|link| link.role.clone()).collect(),
                        };
                        packages.insert(package, edit);
                    }
                    packages.get_mut(package.as_str())?.roles.push(role.clone());
                }
                Step::SetPackage { package } => links.push(Change::SetPackage {
                    id: self.subject.id().to_owned(),
                    package: Some(package.clone()),
                }),
                Step::GiveRole { role, scope } => links.push(Change::Assign {
                    assignment: AssignmentEdit {
                        principal: Principal::User(self.subject.id().to_owned()),
                        role: role.clone(),
                        scope: scope.clone(),
                        source: Source::Direct,
                        from: None,
                        until: None,
                    },
                }),
            }
        }
        let roles = roles.into_values().map(|role| Change::UpdateRole { role });
        let packages = packages.into_values().map(|package| Change::UpdatePackage { package });
        let mut changes: Vec<Change> = roles.chain(packages).chain(links).collect();
        match changes.len() {
            1 => changes.pop(),
            _ => Some(Change::Batch { changes }),
        }
    }

    pub(super) fn label(&self, step: &Step) -> String {
        let documents = self.state.documents();
        let role = |id: &String| documents.roles.get(id).map_or_else(|| id.clone(), |role| role.name.clone());
        let package = |id: &String| {
            documents.packages.get(id).map_or_else(|| id.clone(), |package| package.name.clone())
        };
        let user = documents.directory.users.get(self.subject.id());
        let person = user.map(|user| user.display_name()).filter(|name| !name.is_empty());
        let person = person.unwrap_or_else(|| self.subject.id().to_owned());
        match step {
            Step::GiveRole { role: id, scope } if scope == "/" => format!("give {person} `{}`", role(id)),
            Step::GiveRole { role: id, scope } => format!("give {person} `{}` at `{scope}`", role(id)),
            Step::SetPackage { package: id } => format!("put {person} on `{}`", package(id)),
            Step::AddToPackage { package: id, role: added } => {
                format!("add `{}` to `{}`", role(added), package(id))
            }
            Step::Grant { role: id, permission, level } => {
                let catalogue = self.state.catalogue();
                let level = catalogue
                    .handle(permission)
                    .and_then(|handle| catalogue.scale(handle))
                    .and_then(|scale| scale.get(scale.level(level)?))
                    .map_or(level.as_str(), |level| &level.label);
                let name = catalogue.permission_name(permission);
                format!("set `{name}` to `{level}` in `{}`", role(id))
            }
        }
    }
}
