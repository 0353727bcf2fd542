//! Rules that look at the whole: whatever an accepted change is, there stays a superuser where there was one, and nobody
//! comes to hold more of a set of duties than may be.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::directory::{
    AssignmentDocument, Member, MembershipDocument, Principal, Source, Status, Tier, UserDocument,
};
use rolewright_model::documents::Documents;
use rolewright_model::policy::SeparationDocument;
use rolewright_model::{Actor, Code, Context, Stamp, State, Timestamp};
use serde_json::json;

use crate::in_every_world;
use crate::worlds::{AT, World, change_of};

/// How many kinds of changes are made of one gene.
const TURNS: usize = 12;
const NOW: Timestamp = Timestamp(3);

/// The world with duties to keep apart, with a switch and a role that promotes, and with somebody who can administer
/// everything.
fn with_rules(world: &World) -> Documents {
    let mut documents = world.documents.clone();
    let roles: Vec<String> =
        documents.roles.values().filter(|role| !role.base).map(|it| it.id.clone()).collect();
    let custom: Vec<&String> = roles.iter().filter(|id| *id != "superuser").collect();
    for (name, at_most) in [("one", 1), ("two", 2)] {
        let set: Vec<String> =
            custom.iter().skip(at_most - 1).take(at_most + 1).map(|id| (*id).clone()).collect();
        if set.len() > at_most {
            let (name, at_most) = (name.to_owned(), u32::try_from(at_most).unwrap_or_default());
            documents.settings.separation.push(SeparationDocument { name, roles: set, at_most });
        }
    }
    for (place, id) in custom.iter().enumerate() {
        let Some(role) = documents.roles.get_mut(id.as_str()) else { continue };
        role.promotes = place % 2 == 0;
        if place == 1 {
            documents.settings.entitlements.insert(role.id.clone(), true);
        }
    }
    let users: Vec<String> = documents.directory.users.keys().cloned().collect();
    for (place, id) in users.iter().enumerate() {
        let Some(user) = documents.directory.users.get_mut(id) else { continue };
        user.sign_in = user.status == Status::Active && place % 3 < 2;
    }
    if let Some(user) = users.first() {
        let assignment = AssignmentDocument {
            id: "root".to_owned(),
            principal: Principal::User(user.clone()),
            role: "superuser".to_owned(),
            scope: "/".to_owned(),
            source: Source::Direct,
            from: None,
            until: None,
            made: Stamp::default(),
        };
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    documents
}

/// The role and all that it inherits.
fn lineage<'d>(documents: &'d Documents, role: &'d str, found: &mut BTreeSet<&'d str>) {
    let Some(role) = documents.roles.get(role) else { return };
    if found.insert(&role.id) {
        role.inherits.iter().for_each(|inherited| lineage(documents, inherited, found));
    }
}

/// "Counted are active users able to sign in, with a direct superuser assignment at `/` without `until`."
fn superusers(documents: &Documents) -> usize {
    let gives_everything = |role: &str| {
        let mut all = BTreeSet::new();
        lineage(documents, role, &mut all);
        all.iter().any(|role| documents.roles.get(*role).is_some_and(|role| role.superuser))
    };
    let holds = |user: &UserDocument| {
        documents.directory.assignments.values().any(|assignment| {
            assignment.principal == Principal::User(user.id.clone())
                && assignment.scope == "/"
                && assignment.until.is_none()
                && assignment.from.is_none_or(|from| from <= NOW)
                && gives_everything(&assignment.role)
        })
    };
    let users = documents.directory.users.values();
    users.filter(|user| user.status == Status::Active && user.sign_in && holds(user)).count()
}

/// How many of a set somebody holds, by whatever way, the base role and what has ended apart.
fn held_of(documents: &Documents, user: &UserDocument, set: &[String]) -> usize {
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    let is_in = |link: &MembershipDocument, groups: &BTreeSet<&str>| match &link.member {
        Member::User(member) => *member == user.id,
        Member::Group(member) => groups.contains(member.as_str()),
    };
    loop {
        let before = groups.len();
        let memberships = documents.directory.memberships.values();
        let more: Vec<&str> =
            memberships.filter(|link| is_in(link, &groups)).map(|link| link.group.as_str()).collect();
        groups.extend(more);
        if groups.len() == before {
            break;
        }
    }
    let mut held = BTreeSet::new();
    for assignment in documents.directory.assignments.values() {
        let is_held = match &assignment.principal {
            Principal::User(principal) => *principal == user.id,
            Principal::Group(group) => groups.contains(group.as_str()),
            Principal::Everyone => true,
        };
        if is_held && assignment.until.is_none_or(|until| until > NOW) {
            lineage(documents, &assignment.role, &mut held);
        }
    }
    let package = user.package.as_ref().and_then(|link| documents.packages.get(&link.package));
    for link in package.iter().flat_map(|package| &package.roles) {
        lineage(documents, &link.role, &mut held);
    }
    set.iter().filter(|role| held.contains(role.as_str())).count()
}

#[test]
fn no_accepted_change_loses_the_last_superuser_or_brings_duties_together() {
    let seen = RefCell::new(BTreeMap::<&str, usize>::new());
    in_every_world(|world, _| {
        let Ok(mut state) = State::build(with_rules(world), AT) else { return Ok(0) };
        let mut asked = 0;
        let genes = world
            .changes
            .iter()
            .flat_map(|(kind, about)| (0..TURNS).map(move |turn| (kind + 7 * turn, *about)));
        for (number, gene) in genes.enumerate() {
            let change = change_of(&state, gene);
            let context = Context { now: NOW, id: format!("x{number}") };
            let outcome = match state.change(&change, &Actor::Operator, &context) {
                Ok(outcome) => outcome,
                Err(refusal) => {
                    let rule = match refusal.code {
                        Code::LastSuperuser => "the last superuser",
                        Code::SeparationOfDuty => "duties",
                        _ => "another",
                    };
                    *seen.borrow_mut().entry(rule).or_default() += 1;
                    continue;
                }
            };
            let (was, is) = (state.documents(), outcome.state.documents());
            if superusers(was) > 0 && superusers(is) == 0 {
                return Err(format!("nobody can administer everything after {}", json!(change)));
            }
            for rule in &is.settings.separation {
                let most = usize::try_from(rule.at_most).unwrap_or(usize::MAX);
                for user in is.directory.users.values() {
                    let held = held_of(is, user, &rule.roles);
                    let before = was.directory.users.get(&user.id);
                    let before = before.map_or(0, |user| held_of(was, user, &rule.roles));
                    asked += 1;
                    if held > most.max(before) {
                        let (user, rule) = (&user.id, &rule.name);
                        return Err(format!("`{user}` holds {held} of `{rule}` after {}", json!(change)));
                    }
                    let promoted = was.directory.users.get(&user.id).is_some_and(|was| was.tier != user.tier);
                    if promoted && user.tier == Tier::Full {
                        *seen.borrow_mut().entry("promoted").or_default() += 1;
                    }
                }
            }
            state = outcome.state;
        }
        Ok(asked)
    });
    let seen = seen.into_inner();
    assert!(seen.len() == 4 && seen.values().all(|times| *times >= 20), "{seen:?}");
}
