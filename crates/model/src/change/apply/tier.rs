//! The full tier: who is promoted by what is given, and what entitlement switches give to whom is
//! full. Nothing here is undone by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::{Context, Links, assign, for_good};
use crate::directory::{Member, Principal, Source, Tier};
use crate::documents::Documents;
use crate::package::PackageRole;
use crate::policy::SettingsDocument;

/// Makes full users of those who are not, and gives them what the switches that are on give.
pub(super) fn promote(
    documents: &mut Documents,
    users: impl IntoIterator<Item = String>,
    links: &mut Links<'_>,
) {
    let switches = documents.settings.entitlements.iter().filter(|(_, on)| **on);
    let switches: Vec<String> = switches.map(|(role, _)| role.clone()).collect();
    for id in users {
        if documents.directory.users.get(&id).is_none_or(|user| user.tier == Tier::Full) {
            continue;
        }
        documents.directory.users.get_mut(&id).into_iter().for_each(|user| user.tier = Tier::Full);
        for role in &switches {
            entitle_one(documents, &id, role, links);
        }
    }
}

/// Whoever is new holds at once what everyone is given.
pub(super) fn promote_new(
    documents: &mut Documents,
    user: &Principal,
    context: &Context,
    links: &mut Links<'_>,
) {
    let Principal::User(user) = user else { return };
    if given(documents, context, &Principal::Everyone, links.known) {
        promote(documents, [user.clone()], links);
    }
}

/// A package that carries a role that it did not promotes those who are on it.
pub(super) fn promote_package(
    documents: &mut Documents,
    package: &str,
    before: &[PackageRole],
    links: &mut Links<'_>,
) {
    let carried = documents.packages.get(package).map_or(&[][..], |package| &package.roles);
    let mut new = carried.iter().filter(|link| !before.iter().any(|before| before.role == link.role));
    if new.any(|link| documents.promotes(&link.role)) {
        let users = documents.directory.users.values();
        let on = users.filter(|user| user.package.as_ref().is_some_and(|link| link.package == package));
        let on: Vec<String> = on.map(|user| user.id.clone()).collect();
        promote(documents, on, links);
    }
}

/// Whether joining the group gives a role that promotes.
pub(super) fn group_promotes(
    documents: &Documents,
    group: &str,
    context: &Context,
    known: Known<'_>,
) -> bool {
    let (mut above, mut next) = (BTreeSet::new(), vec![group]);
    while let Some(group) = next.pop() {
        if above.insert(group) {
            let parents = known.memberships(documents, &Member::Group(group.to_owned()));
            next.extend(parents.into_iter().map(|membership| membership.group.as_str()));
        }
    }
    above.iter().any(|group| given(documents, context, &Principal::Group((*group).to_owned()), known))
}

/// The users who are in the group, or in a group within it.
pub(super) fn members(documents: &Documents, group: &str) -> Vec<String> {
    let memberships = || documents.directory.memberships.values();
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for membership in memberships() {
        if let Member::Group(member) = &membership.member {
            children.entry(&membership.group).or_default().push(member);
        }
    }
    let within = reached(group, &children);
    let inside = memberships().filter(|membership| within.contains(membership.group.as_str()));
    let users = inside.filter_map(|membership| match &membership.member {
        Member::User(user) => Some(user.clone()),
        Member::Group(_) => None,
    });
    users.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Every switch that is on and was not gives its role to every full user, unless it did already.
pub(super) fn entitle(documents: &mut Documents, before: &SettingsDocument, links: &mut Links<'_>) {
    let settings = documents.settings.clone();
    for role in settings.switched_on(before) {
        let assignments = documents.directory.assignments.values();
        let written = assignments.filter(|known| known.role == role && known.source == Source::Entitlement);
        let holders: BTreeSet<Principal> = written.map(|known| known.principal.clone()).collect();
        let full = documents.directory.users.values().filter(|user| user.tier == Tier::Full);
        let full: Vec<String> = full.map(|user| user.id.clone()).collect();
        for user in full {
            if !holders.contains(&Principal::User(user.clone())) {
                entitle_one(documents, &user, role, links);
            }
        }
    }
}

fn entitle_one(documents: &mut Documents, user: &str, role: &str, links: &mut Links<'_>) {
    let edit = for_good(Principal::User(user.to_owned()), role, Source::Entitlement);
    let link = links.next();
    assign(documents, &edit, link, links);
}

/// Whether a principal is given a role that promotes, now or later.
fn given(documents: &Documents, context: &Context, principal: &Principal, known: Known<'_>) -> bool {
    known.assignments(documents, principal).iter().any(|assignment| {
        assignment.until.is_none_or(|until| until > context.now) && documents.promotes(&assignment.role)
    })
}

/// What is reached from `start` by these steps, itself included.
fn reached<'d>(start: &'d str, steps: &BTreeMap<&'d str, Vec<&'d str>>) -> BTreeSet<&'d str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![start];
    while let Some(group) = next.pop() {
        if reached.insert(group) {
            next.extend(steps.get(group).into_iter().flatten());
        }
    }
    reached
}
