//! Documents: everything that a tenant says, as the store keeps it and a change edits it.

mod filling;

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::ordmap::DiffItem;

use crate::catalogue::CatalogueDocument;
use crate::change::Kind;
use crate::directory::{
    AssignmentDocument, DirectoryDocuments, GroupDocument, MembershipDocument, UserDocument,
};
use crate::json::shape;
use crate::package::PackageDocument;
use crate::policy::{PolicyDocument, SettingsDocument};
use crate::policy_test::PolicyTest;
use crate::problem::{Path, Problem, Problems};
use crate::role::RoleDocument;

pub(crate) use self::filling::Filling;

/// Documents of one kind by id, in order. A copy shares what is not edited, so that a state and
/// the one after it cost little more than one.
pub type Table<T> = imbl::OrdMap<String, T>;

/// Removes every document of which that is so. `O(documents)`; what stays is shared.
pub(crate) fn remove_where<T: Clone>(table: &mut Table<T>, is: impl Fn(&T) -> bool) {
    let gone: Vec<String> =
        table.iter().filter(|(_, document)| is(document)).map(|(id, _)| id.clone()).collect();
    for id in gone {
        table.remove(&id);
    }
}

/// Documents that differ by id, each with what it was and what it is.
pub(crate) type Touched<'d, T> = Vec<(&'d str, Option<&'d T>, Option<&'d T>)>;

/// The documents of two tables that differ, in order. `O(documents)`, and far less where one table
/// was edited from the other: what they share is skipped.
pub(crate) fn touched<'d, T: Clone + PartialEq>(before: &'d Table<T>, after: &'d Table<T>) -> Touched<'d, T> {
    let differ = before.diff(after).map(|item| match item {
        DiffItem::Add(id, is) => (id.as_str(), None, Some(is)),
        DiffItem::Remove(id, was) => (id.as_str(), Some(was), None),
        DiffItem::Update { old: (id, was), new: (_, is) } => (id.as_str(), Some(was), Some(is)),
    });
    differ.collect()
}

/// Every document of a tenant, by kind and id: what the store keeps and a change edits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// How the tenant behaves.
    pub settings: SettingsDocument,
    /// What can be permitted.
    pub catalogue: Arc<CatalogueDocument>,
    /// The roles.
    pub roles: Table<RoleDocument>,
    /// The packages.
    pub packages: Table<PackageDocument>,
    /// What the policy must answer.
    pub tests: Vec<PolicyTest>,
    /// Users, groups and links.
    pub directory: DirectoryDocuments,
}

impl Documents {
    /// The roles in the order in which they are shown.
    #[must_use]
    pub fn roles_in_order(&self) -> Vec<&RoleDocument> {
        let mut roles: Vec<&RoleDocument> = self.roles.values().collect();
        roles.sort_by_key(|role| (role.position, &role.name));
        roles
    }

    /// Whether giving the role makes a full user: it, or a role that it inherits, is marked so.
    pub(crate) fn promotes(&self, role: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![role];
        while let Some(id) = next.pop() {
            let Some(role) = self.roles.get(id).filter(|_| seen.insert(id)) else { continue };
            if role.promotes {
                return true;
            }
            next.extend(role.inherits.iter().map(String::as_str));
        }
        false
    }

    /// The documents of a policy, with nobody in the directory.
    #[must_use]
    pub fn of_policy(policy: &PolicyDocument) -> Self {
        let mut documents = Self {
            settings: policy.settings.clone(),
            catalogue: Arc::new(policy.catalogue.clone()),
            tests: policy.tests.clone(),
            ..Self::default()
        };
        for (position, role) in (1..).zip(&policy.roles) {
            documents.roles.insert(role.id.clone(), RoleDocument { position, ..role.clone() });
        }
        for package in &policy.packages {
            documents.packages.insert(package.id.clone(), package.clone());
        }
        documents
    }

    /// A document as the store keeps it, if it is there. Of tests there is none where there are none.
    #[must_use]
    pub fn json(&self, kind: Kind, id: &str) -> Option<serde_json::Value> {
        let directory = &self.directory;
        let json = match kind {
            Kind::Settings => serde_json::to_value(&self.settings),
            Kind::Catalogue => serde_json::to_value(&*self.catalogue),
            Kind::Tests if self.tests.is_empty() => return None,
            Kind::Tests => serde_json::to_value(&self.tests),
            Kind::Role => serde_json::to_value(self.roles.get(id)?),
            Kind::Package => serde_json::to_value(self.packages.get(id)?),
            Kind::User => serde_json::to_value(directory.users.get(id)?),
            Kind::Group => serde_json::to_value(directory.groups.get(id)?),
            Kind::Membership => serde_json::to_value(directory.memberships.get(id)?),
            Kind::Assignment => serde_json::to_value(directory.assignments.get(id)?),
        };
        json.ok()
    }

    /// Reads documents as the store keeps them.
    ///
    /// # Errors
    /// A document that does not have the shape of its kind: a store written by something newer.
    pub fn from_stored<'d>(
        stored: impl IntoIterator<Item = (Kind, &'d str, &'d serde_json::Value)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::default();
        for (kind, id, body) in stored {
            reader.add(kind, id, body);
        }
        reader.finish()
    }
}

/// Reads documents one by one, so that a large directory is never held twice. In the order of their ids they take the
/// least memory.
#[derive(Debug, Default)]
pub struct Reader {
    /// All but the directory.
    documents: Documents,
    users: Filling<UserDocument>,
    groups: Filling<GroupDocument>,
    memberships: Filling<MembershipDocument>,
    assignments: Filling<AssignmentDocument>,
    problems: Problems,
}

impl Reader {
    /// Reads into documents that are there.
    pub(crate) fn of(mut documents: Documents) -> Self {
        let DirectoryDocuments { users, groups, memberships, assignments } =
            std::mem::take(&mut documents.directory);
        Self {
            documents,
            users: Filling::of(users),
            groups: Filling::of(groups),
            memberships: Filling::of(memberships),
            assignments: Filling::of(assignments),
            problems: Problems::default(),
        }
    }

    /// Takes one out again; of what there is one of, it is then empty.
    pub(crate) fn remove(&mut self, kind: Kind, id: &str) {
        let Self { documents, .. } = self;
        match kind {
            Kind::Settings => documents.settings = SettingsDocument::default(),
            Kind::Catalogue => documents.catalogue = Arc::default(),
            Kind::Tests => documents.tests = Vec::new(),
            Kind::Role => drop(documents.roles.remove(id)),
            Kind::Package => drop(documents.packages.remove(id)),
            Kind::User => self.users.remove(id),
            Kind::Group => self.groups.remove(id),
            Kind::Membership => self.memberships.remove(id),
            Kind::Assignment => self.assignments.remove(id),
        }
    }

    /// Takes one in, as the store keeps it.
    pub fn add(&mut self, kind: Kind, id: &str, body: &serde_json::Value) {
        let Self { documents, problems, .. } = self;
        let kind_at = Path::ROOT.key(kind.as_str());
        let at = kind_at.key(id);
        let id = || id.to_owned();
        match kind {
            Kind::Settings => documents.settings = shape(body, &at, problems).unwrap_or_default(),
            Kind::Catalogue => documents.catalogue = Arc::new(shape(body, &at, problems).unwrap_or_default()),
            Kind::Tests => documents.tests = shape(body, &at, problems).unwrap_or_default(),
            Kind::Role => documents.roles.extend(shape(body, &at, problems).map(|it| (id(), it))),
            Kind::Package => documents.packages.extend(shape(body, &at, problems).map(|it| (id(), it))),
            Kind::User => self.users.extend(shape(body, &at, problems).map(|it| (id(), it))),
            Kind::Group => self.groups.extend(shape(body, &at, problems).map(|it| (id(), it))),
            Kind::Membership => self.memberships.extend(shape(body, &at, problems).map(|it| (id(), it))),
            Kind::Assignment => self.assignments.extend(shape(body, &at, problems).map(|it| (id(), it))),
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// As [`Documents::from_stored`].
    pub fn finish(self) -> Result<Documents, Vec<Problem>> {
        let Self { mut documents, users, groups, memberships, assignments, problems } = self;
        documents.directory = DirectoryDocuments {
            users: users.finish(),
            groups: groups.finish(),
            memberships: memberships.finish(),
            assignments: assignments.finish(),
        };
        problems.into_result(documents)
    }
}
