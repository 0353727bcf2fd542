//! Separation of duty: of a set of roles one user may hold only so many, by whatever way.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::actor::Actor;
use crate::change::Change;
use crate::console;
use crate::counted;
use crate::directory::{Member, Principal};
use crate::policy::SeparationDocument;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Holding, Subject, Via};

/// After a change nobody holds more of a set than allowed who did not hold as many before.
/// `O(holdings)` of whom the change is about; of everybody where it is about a group, everyone or
/// the policy. Nothing where the tenant separates nothing.
pub(crate) fn keep_duties_apart(
    before: &State,
    after: &State,
    change: &Change,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let rules = &after.policy().settings().separation;
    if rules.is_empty() {
        return Ok(());
    }
    let people = people(before, change);
    let subjects: Vec<Subject> = match &people {
        Some(ids) => ids.iter().filter_map(|id| after.subject(id)).collect(),
        None => after.subjects().collect(),
    };
    for rule in rules {
        let is_new = |subject: &&Subject| {
            let is = held_of(after, subject, rule, now).len();
            let was = || before.subject(subject.id()).map(|was| held_of(before, &was, rule, now).len());
            is > most(rule) && was().is_none_or(|was| was < is)
        };
        let offending: Vec<&Subject> = subjects.iter().filter(is_new).collect();
        if let Some(first) = offending.first() {
            let is_seen = actor.may(before, console::USERS_VIEW, &ResourcePath::tenant(), now);
            let who = match is_seen.then(|| after.documents().directory.users.get(first.id())).flatten() {
                Some(user) => {
                    let was = before.subject(first.id());
                    let held = was.iter().flat_map(|was| held_of(before, was, rule, now));
                    named(&user.display_name(), &names(after, held), offending.len())
                }
                None => counted(offending.len(), "person", "people"),
            };
            let refusal = refusal(after, rule, &who);
            let only = people.as_ref().is_some_and(|people| people.len() == 1);
            let fix = before.subject(first.id()).filter(|_| only).and_then(|was| instead(before, &was, rule));
            return Err(match fix {
                Some((role, change)) => refusal.with_fix(format!("Take {role} away"), Some(change)),
                None => refusal,
            });
        }
    }
    Ok(())
}

/// Each rule of separation of duty of a state that was not so `before`, by its name, and how many people break it already: a rule takes
/// nothing from anybody. `O(users x new rules)`.
#[must_use]
pub fn broken_by_new_rules(before: &State, after: &State, now: Timestamp) -> Vec<(String, usize)> {
    let known = &before.policy().settings().separation;
    let new = after.policy().settings().separation.iter().filter(|rule| !known.contains(rule));
    let broken = new.filter_map(|rule| {
        let breaks = |subject: &Subject| held_of(after, subject, rule, now).len() > most(rule);
        let people = after.subjects().filter(breaks).count();
        (people > 0).then(|| (rule.name.clone(), people))
    });
    broken.collect()
}

/// The roles of the set that a subject holds, itself or by inheritance, the base role and what has
/// ended apart.
pub(crate) fn held_of<'r>(
    state: &State,
    subject: &Subject,
    rule: &'r SeparationDocument,
    now: Timestamp,
) -> BTreeSet<&'r str> {
    let counts =
        |holding: &&Holding| holding.via != Via::Base && holding.until.is_none_or(|until| until > now);
    let held = subject.holdings().iter().filter(counts);
    let all = held.flat_map(|holding| state.policy().lineage(holding.role));
    let ids: BTreeSet<&str> = all.map(|role| role.id()).collect();
    rule.roles.iter().map(String::as_str).filter(|role| ids.contains(role)).collect()
}

/// How many roles of the set one user may hold.
pub(crate) fn most(rule: &SeparationDocument) -> usize {
    usize::try_from(rule.at_most).unwrap_or(usize::MAX)
}

/// What roles are called, in a list.
fn names<'r>(state: &State, roles: impl Iterator<Item = &'r str>) -> String {
    let roles = roles.filter_map(|id| state.role(id));
    roles.map(|role| format!("`{}`", role.name)).collect::<Vec<_>>().join(", ")
}

/// The first of some people by name, with what of the set they hold now, and how many others there are.
fn named(name: &str, held: &str, people: usize) -> String {
    let others = people.saturating_sub(1);
    let others = match others {
        0 => String::new(),
        others => format!(" and {}", counted(others, "other person", "other people")),
    };
    match (held.is_empty(), others.is_empty()) {
        (false, true) => format!("`{name}`, who holds {held},"),
        _ => format!("`{name}`{others}"),
    }
}

fn refusal(state: &State, rule: &SeparationDocument, who: &str) -> Refusal {
    Refusal::new(
        Code::SeparationOfDuty,
        format!(
            "`{}`: one person holds at most {} of {}, and {who} would hold more: take one of them away first",
            rule.name,
            rule.at_most,
            names(state, rule.roles.iter().map(String::as_str))
        ),
    )
}

/// The one assignment of the person's own that gives a role of the set: taking it away makes room.
fn instead(state: &State, subject: &Subject, rule: &SeparationDocument) -> Option<(String, Change)> {
    let mut giving = subject.holdings().iter().filter_map(|holding| {
        let mut all = state.policy().lineage(holding.role);
        let named = all.any(|role| rule.roles.contains(&role.id));
        named.then_some((state.role(state.policy().role_id(holding.role))?, holding))
    });
    match (giving.next()?, giving.next()) {
        ((role, Holding { via: Via::Direct { assignment } | Via::Entitlement { assignment }, .. }), None) => {
            Some((role.name.clone(), Change::Unassign { id: assignment.clone() }))
        }
        _ => None,
    }
}

/// The newest assignment of the person's own without which the person holds no more of the set than
/// allowed.
pub(crate) fn makes_room(
    state: &State,
    subject: &Subject,
    rule: &SeparationDocument,
    now: Timestamp,
) -> Option<Change> {
    let mut own: Vec<&Holding> = subject.holdings().iter().filter(|it| it.via.own().is_some()).collect();
    own.sort_by_key(|holding| Reverse(holding.made()));
    own.into_iter().find_map(|holding| {
        let mut without = subject.clone();
        without.holdings.retain(|other| other.via != holding.via);
        let is_enough = held_of(state, &without, rule, now).len() <= most(rule);
        is_enough.then(|| Change::Unassign { id: holding.via.own().unwrap_or_default().to_owned() })
    })
}

/// The users whose holdings a change can alter; none where it may be anybody's.
fn people<'c>(before: &'c State, change: &'c Change) -> Option<BTreeSet<&'c str>> {
    let of = |principal: &'c Principal| match principal {
        Principal::User(user) => Some([user.as_str()].into()),
        Principal::Group(_) | Principal::Everyone => None,
    };
    match change {
        Change::InviteUser { user, .. } | Change::CreateUser { user, .. } | Change::UpdateUser { user } => {
            Some([user.id.as_str()].into())
        }
        Change::AcceptInvitation { id, .. }
        | Change::SetName { id, .. }
        | Change::SetEmail { id, .. }
        | Change::SetAttributes { id, .. }
        | Change::SetStatus { id, .. }
        | Change::SetPackage { id, .. }
        | Change::DeleteUser { id } => Some([id.as_str()].into()),
        Change::AddMember { member: Member::User(user), .. } => Some([user.as_str()].into()),
        Change::Assign { assignment } => of(&assignment.principal),
        Change::SetWindow { id, .. } => of(&before.documents().directory.assignments.get(id)?.principal),
        Change::UpdateTests { .. }
        | Change::RemoveTestsOfRole { .. }
        | Change::Unassign { .. }
        | Change::KeepAssignment { .. }
        | Change::RemoveMember { .. }
        | Change::CreateGroup { .. }
        | Change::UpdateGroup { .. }
        | Change::DeleteGroup { .. }
        | Change::DeletePackage { .. }
        | Change::CreatePackage { .. }
        | Change::MakeKey { .. }
        | Change::UpdateKey { .. }
        | Change::RenewKey { .. }
        | Change::EndKey { .. }
        | Change::SendInvitation { .. }
        | Change::RevokeInvitation { .. }
        | Change::StartPasswordReset { .. }
        | Change::SetPassword { .. }
        | Change::TurnOnSecondFactor { .. }
        | Change::TurnOffSecondFactor { .. }
        | Change::ReplaceSecondFactor { .. }
        | Change::RenewRecoveryCodes { .. }
        | Change::ResetSecondFactor { .. }
        | Change::EndSessions { .. }
        | Change::EndOtherSessions { .. }
        | Change::ViewAs { .. }
        | Change::EndViewAs { .. }
        | Change::SetProviderRecord { .. } => Some(BTreeSet::new()),
        Change::AddMember { .. }
        | Change::CreateRole { .. }
        | Change::UpdateRole { .. }
        | Change::DeleteRole { .. }
        | Change::ReplaceRoleInPackages { .. }
        | Change::UpdatePackage { .. }
        | Change::SetEntitlement { .. }
        | Change::UpdateCatalogue { .. }
        | Change::UpdateSettings { .. }
        | Change::PutBack { .. }
        | Change::ImportPolicy { .. } => None,
        Change::Batch { changes } => changes.iter().try_fold(BTreeSet::new(), |mut all, change| {
            all.extend(people(before, change)?);
            Some(all)
        }),
    }
}
