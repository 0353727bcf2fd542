//! The steps that fixes take, made plainly: what the smallest of them are compared with.

use std::collections::BTreeSet;

use rolewright_model::change::{AssignmentEdit, PackageEdit};
use rolewright_model::condition::RequestAttributes;
use rolewright_model::directory::{Principal, Source, Status};
use rolewright_model::fix::Step;
use rolewright_model::package::PackageRole;
use rolewright_model::{Actor, Change, Context, Stamp, State, Timestamp};

use crate::naive::{Naive, Request};

/// The change that takes these steps; none where a role would go on a package that is not the
/// user's, or something is not there.
#[must_use]
pub fn change_of(state: &State, subject: &str, steps: &BTreeSet<&Step>) -> Option<Change> {
    let mut changes = Vec::new();
    let mut roles = state.documents().roles.clone();
    let mut packages = state.documents().packages.clone();
    let user = state.documents().directory.users.get(subject)?;
    let mut on = user.package.as_ref().map(|link| link.package.clone());
    for step in steps {
        if let Step::SetPackage { package } = step {
            on = Some(package.clone());
        }
    }
    for step in steps {
        match step {
            Step::Grant { role, permission, level } => {
                roles.get_mut(role)?.grants.insert(permission.clone(), level.clone());
            }
            Step::AddToPackage { package, role } => {
                if on.as_ref() != Some(package) {
                    return None;
                }
                let (role, link, made) = (role.clone(), String::new(), Stamp::default());
                packages.get_mut(package)?.roles.push(PackageRole { role, link, made });
            }
            _ => {}
        }
    }
    for (_, role) in roles.iter().filter(|(id, role)| state.documents().roles.get(*id) != Some(*role)) {
        changes.push(Change::UpdateRole { role: role.clone() });
    }
    for package in packages.values().filter(|known| state.documents().packages.get(&known.id) != Some(*known))
    {
        changes.push(Change::UpdatePackage {
            package: PackageEdit {
                id: package.id.clone(),
                name: package.name.clone(),
                description: package.description.clone(),
                roles: package.roles.iter().map(|link| link.role.clone()).collect(),
            },
        });
    }
    for step in steps {
        match step {
            Step::SetPackage { package } => {
                changes.push(Change::SetPackage { id: subject.to_owned(), package: Some(package.clone()) })
            }
            Step::GiveRole { role, scope } => changes.push(Change::Assign {
                assignment: AssignmentEdit {
                    principal: Principal::User(subject.to_owned()),
                    role: role.clone(),
                    scope: scope.clone(),
                    source: Source::Direct,
                    from: None,
                    until: None,
                },
            }),
            _ => {}
        }
    }
    Some(Change::Batch { changes })
}

/// The state after the operator made a change; none where it is refused.
#[must_use]
pub fn made(state: &State, change: &Change, now: Timestamp) -> Option<State> {
    let context = Context { now, id: "fix".to_owned() };
    state.change(change, &Actor::Operator, &context).ok().map(|outcome| outcome.state)
}

/// How many other active users are allowed it there and not here.
#[must_use]
pub fn gained(before: &State, after: &State, subject: &str, allowed: &dyn Fn(&State, &str) -> bool) -> usize {
    let users = before.documents().directory.users.values();
    let others = users.filter(|user| user.id != subject && user.status == Status::Active);
    others.filter(|user| allowed(after, &user.id) && !allowed(before, &user.id)).count()
}

/// Whether a user comes to be a superuser at one of these places, and of how many permissions they come to hold more at one of
/// them, every condition taken to be true.
#[must_use]
pub fn gains(before: &State, after: &State, subject: &str, places: &[&str], at: Timestamp) -> (bool, usize) {
    let (before, after) = (Naive::of(before.documents()), Naive::of(after.documents()));
    let attributes = RequestAttributes::default();
    let request = Request { subject, at, session: None, attributes: &attributes };
    let (mut superuser, mut gained) = (false, BTreeSet::new());
    for place in places {
        superuser |= after.is_superuser(place, request) && !before.is_superuser(place, request);
        let held = before.at_best(place, request);
        let more = after.at_best(place, request).into_iter();
        gained.extend(
            more.filter(|(id, level)| held.get(id).is_none_or(|held| level > held))
                .map(|(id, _)| id.to_owned()),
        );
    }
    (superuser, gained.len())
}
