//! Restoring: the change that puts documents back as they were, worked out of what they are and what they were.

mod provider;
mod singles;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalogue::CatalogueDocument;
use crate::change::{AssignmentEdit, Change, Kind, PackageEdit, Write};
use crate::directory::{
    AssignmentDocument, GroupDocument, Member, MembershipDocument, Principal, Status, UserDocument,
};
use crate::documents::{Documents, Reader, Table, remove_where, touched};
use crate::package::PackageDocument;
use crate::policy::SettingsDocument;
use crate::policy_test::PolicyTest;
use crate::problem::Problem;
use crate::role::RoleDocument;

/// Documents as they were earlier, by kind and id; none where there was no such document. What is not named stays as
/// it is. Links that come back are new ones, made by the change that brings them back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Earlier {
    /// The settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsDocument>,
    /// The catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueDocument>,
    /// The policy tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<Vec<PolicyTest>>,
    /// Roles.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub roles: BTreeMap<String, Option<RoleDocument>>,
    /// Packages.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub packages: BTreeMap<String, Option<PackageDocument>>,
    /// Users.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub users: BTreeMap<String, Option<UserDocument>>,
    /// Groups.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub groups: BTreeMap<String, Option<GroupDocument>>,
    /// Who is in which group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub memberships: BTreeMap<String, Option<MembershipDocument>>,
    /// Who holds which role where.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub assignments: BTreeMap<String, Option<AssignmentDocument>>,
}

/// A document that was changed after the change that shall be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangedSince {
    /// The document's kind.
    pub kind: Kind,
    /// The document's id.
    pub id: String,
    /// What a person calls it, where that is known and for whoever is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As the change left it; none where that removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub left: Option<serde_json::Value>,
    /// As it is; none where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub current: Option<serde_json::Value>,
}

/// Why what a change did is not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTakenBack {
    /// Somebody changed these since.
    ChangedSince(Vec<ChangedSince>),
    /// What the log says cannot be read: it was written by something newer.
    Unreadable(Vec<Problem>),
}

/// A way back.
#[derive(Clone, Debug, PartialEq)]
pub struct WayBack {
    /// The change that leads there; none where all is so already, as far as it can be.
    pub change: Option<Change>,
    /// The ids of the groups that stay as they are, with who is in them: an identity provider says what they are.
    pub kept: BTreeSet<String>,
}

/// What leads from the documents `now` to the documents `then`. Links that say the same are the same, whatever their
/// ids. Who is not there now comes back without a way to sign in. `O(documents)`, and far less where they share most.
#[must_use]
pub fn restoring(now: &Documents, then: &Documents) -> WayBack {
    let mut there = then.clone();
    let kept = provider::keep(now, &mut there);
    let documents = Earlier::between(now, &there);
    let change = (!documents.is_empty()).then(|| Change::PutBack { documents: Box::new(documents) });
    WayBack { change, kept }
}

/// What changes wrote together, oldest first. Where a document was written between two of them it is as the first of the two left
/// it, so that it is found to be changed since. `O(writes x log)`.
#[must_use]
pub fn together<'w>(changes: impl IntoIterator<Item = &'w [Write]>) -> Vec<Write> {
    let mut all: BTreeMap<(Kind, &str), Write> = BTreeMap::new();
    for write in changes.into_iter().flatten() {
        match all.entry((write.kind, &write.id)) {
            Entry::Vacant(new) => _ = new.insert(write.clone()),
            Entry::Occupied(mut known) if known.get().after == write.before => {
                known.get_mut().after.clone_from(&write.after);
            }
            Entry::Occupied(_) => {}
        }
    }
    all.into_values().collect()
}

/// The documents `now` without what a change wrote. Links to what is then not there go too, as they do where it is
/// removed.
///
/// # Errors
/// [`NotTakenBack`].
pub fn taken_back(now: &Documents, writes: &[Write]) -> Result<Documents, NotTakenBack> {
    let left = writes.iter().filter_map(|write| Some((write.kind, write.id.as_str(), write.after.as_ref()?)));
    // Read and written again, so that what was written by an older version compares with what this one writes.
    let left = Documents::from_stored(left).map_err(NotTakenBack::Unreadable)?;
    let is_changed = |write: &Write| {
        let left = write.after.as_ref().and_then(|_| left.json(write.kind, &write.id));
        let current = now.json(write.kind, &write.id);
        let changed = || ChangedSince {
            kind: write.kind,
            id: write.id.clone(),
            name: None,
            left: left.clone(),
            current: current.clone(),
        };
        (left != current).then(changed)
    };
    let changed: Vec<ChangedSince> = writes.iter().filter_map(is_changed).collect();
    if !changed.is_empty() {
        return Err(NotTakenBack::ChangedSince(changed));
    }
    let mut reader = Reader::of(now.clone());
    for write in writes {
        match &write.before {
            Some(before) => reader.add(write.kind, &write.id, before),
            None => reader.remove(write.kind, &write.id),
        }
    }
    let mut then = reader.finish().map_err(NotTakenBack::Unreadable)?;
    drop_links(now, &mut then);
    Ok(then)
}

/// Removes the links to users, groups and roles that are there `now` and not `then`.
fn drop_links(now: &Documents, then: &mut Documents) {
    let gone = |was: bool, is: bool| was && !is;
    let (users, groups) = (then.directory.users.clone(), then.directory.groups.clone());
    let roles = then.roles.clone();
    let no_user = |id: &String| gone(now.directory.users.contains_key(id), users.contains_key(id));
    let no_group = |id: &String| gone(now.directory.groups.contains_key(id), groups.contains_key(id));
    let no_role = |id: &str| gone(now.roles.contains_key(id), roles.contains_key(id));
    let same_ids = users.len() >= now.directory.users.len()
        && groups.len() >= now.directory.groups.len()
        && roles.len() >= now.roles.len();
    if same_ids {
        return;
    }
    remove_where(&mut then.directory.memberships, |membership| {
        no_group(&membership.group)
            || match &membership.member {
                Member::User(id) => no_user(id),
                Member::Group(id) => no_group(id),
            }
    });
    remove_where(&mut then.directory.assignments, |assignment| {
        no_role(&assignment.role)
            || match &assignment.principal {
                Principal::User(id) => no_user(id),
                Principal::Group(id) => no_group(id),
                Principal::Everyone => false,
            }
    });
    then.settings.entitlements.retain(|role, _| !no_role(role));
}

impl Earlier {
    /// What leads from the documents `now` to the documents `then`.
    #[must_use]
    pub fn between(now: &Documents, then: &Documents) -> Self {
        let (here, there) = (&now.directory, &then.directory);
        let mut packages = differing(&now.packages, &then.packages);
        packages.retain(|id, then| {
            let edit = |package: &PackageDocument| PackageEdit::of(package);
            now.packages.get(id).map(edit) != then.as_ref().map(edit)
        });
        let mut users = differing(&here.users, &there.users);
        users.retain(|id, then| {
            let now = here.users.get(id);
            now != then.as_ref().map(|then| on_its_link(then, now)).as_ref()
        });
        Self {
            settings: (now.settings != then.settings).then(|| then.settings.clone()),
            catalogue: (now.catalogue != then.catalogue).then(|| CatalogueDocument::clone(&then.catalogue)),
            tests: (now.tests != then.tests).then(|| then.tests.clone()),
            roles: differing(&now.roles, &then.roles),
            packages,
            users,
            groups: differing(&here.groups, &there.groups),
            memberships: links(&here.memberships, &there.memberships, |link| {
                (link.group.clone(), link.member.clone())
            }),
            assignments: links(&here.assignments, &there.assignments, |link| {
                let AssignmentEdit { principal, role, scope, source, from, until } = AssignmentEdit::of(link);
                (principal, role, scope, source, (from, until))
            }),
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The kinds of the documents that it names.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let names = |kind: &Kind| match kind {
            Kind::Settings => self.settings.is_some(),
            Kind::Catalogue => self.catalogue.is_some(),
            Kind::Tests => self.tests.is_some(),
            Kind::Role => !self.roles.is_empty(),
            Kind::Package => !self.packages.is_empty(),
            Kind::User => !self.users.is_empty(),
            Kind::Group => !self.groups.is_empty(),
            Kind::Membership => !self.memberships.is_empty(),
            Kind::Assignment => !self.assignments.is_empty(),
        };
        Kind::ALL.into_iter().filter(names).collect()
    }

    /// Whether it changes the policy itself, rather than who holds what of it.
    #[must_use]
    pub fn is_of_policy(&self) -> bool {
        self.settings.is_some()
            || self.catalogue.is_some()
            || self.tests.is_some()
            || !self.roles.is_empty()
            || !self.packages.is_empty()
    }
}

/// A user as it was, with the link to the package that it is on by now, if that is the same one; and able to sign in
/// if it is so by now, since a password is no document and goes back with none.
pub(crate) fn on_its_link(then: &UserDocument, now: Option<&UserDocument>) -> UserDocument {
    let mut user = then.clone();
    user.sign_in = then.status != Status::Invited && now.is_some_and(|now| now.sign_in);
    if let (Some(then), Some(now)) = (&mut user.package, now.and_then(|now| now.package.as_ref()))
        && then.package == now.package
    {
        then.clone_from(now);
    }
    user
}

fn differing<T: Clone + PartialEq>(now: &Table<T>, then: &Table<T>) -> BTreeMap<String, Option<T>> {
    touched(now, then).into_iter().map(|(id, _, then)| (id.to_owned(), then.cloned())).collect()
}

/// The links that differ; one that goes stays where another one that comes back would say the same.
fn links<T: Clone + PartialEq, S: Ord>(
    now: &Table<T>,
    then: &Table<T>,
    says: impl Fn(&T) -> S,
) -> BTreeMap<String, Option<T>> {
    let touched = touched(now, then);
    let coming: BTreeSet<S> = touched
        .iter()
        .filter(|(_, was, _)| was.is_none())
        .filter_map(|(_, _, then)| then.map(&says))
        .collect();
    let going = touched.iter().filter(|(_, _, then)| then.is_none()).filter_map(|(_, was, _)| was.map(&says));
    let staying: BTreeSet<S> = going.filter(|said| coming.contains(said)).collect();
    let differs = |(_, was, then): &(&str, Option<&T>, Option<&T>)| match (was, then) {
        (Some(_), Some(_)) => true,
        (Some(one), None) | (None, Some(one)) => !staying.contains(&says(one)),
        (None, None) => false,
    };
    touched
        .iter()
        .filter(|link| differs(link))
        .map(|(id, _, then)| ((*id).to_owned(), then.cloned()))
        .collect()
}
