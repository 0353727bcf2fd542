//! A subject snapshot is for its subject's own browser: it says the same, to the byte, whoever else there is and
//! whatever roles, groups and packages others come to.

use std::collections::BTreeSet;

use rolewright_model::State;
use rolewright_model::directory::{Member, Principal, Status};
use rolewright_model::documents::{Documents, Table};

use crate::in_every_world;
use crate::worlds::AT;

/// The documents without everything that the user is not tied to in any way.
fn alone(documents: &Documents, user: &str) -> Documents {
    let mut alone = documents.clone();
    let directory = &mut alone.directory;
    keep(&mut directory.users, |known| known.id == user);
    let mut groups: BTreeSet<String> = BTreeSet::new();
    loop {
        let memberships = directory.memberships.values().filter(|link| match &link.member {
            Member::User(member) => member == user,
            Member::Group(member) => groups.contains(member),
        });
        let more: Vec<String> = memberships.map(|link| link.group.clone()).collect();
        let before = groups.len();
        groups.extend(more);
        if groups.len() == before {
            break;
        }
    }
    keep(&mut directory.groups, |group| groups.contains(&group.id));
    keep(&mut directory.memberships, |link| match &link.member {
        Member::User(member) => member == user,
        Member::Group(member) => groups.contains(member),
    });
    keep(&mut directory.assignments, |assignment| match &assignment.principal {
        Principal::User(principal) => principal == user,
        Principal::Group(group) => groups.contains(group),
        Principal::Everyone => true,
    });
    let on = directory.users.get(user).and_then(|user| user.package.as_ref()).map(|link| &link.package);
    keep(&mut alone.packages, |package| Some(&package.id) == on);
    let carried = alone.packages.values().flat_map(|package| package.roles.iter().map(|link| &link.role));
    let assigned = alone.directory.assignments.values().map(|assignment| &assignment.role);
    // There is always one of the two that are not held: a base role, and one that gives everything.
    let standing =
        alone.roles.values().filter(|role| role.base || role.id == "superuser").map(|role| &role.id);
    let mut roles: BTreeSet<String> = carried.chain(assigned).chain(standing).cloned().collect();
    loop {
        let before = roles.len();
        let inherited = alone.roles.values().filter(|role| roles.contains(&role.id));
        let inherited: Vec<String> = inherited.flat_map(|role| role.inherits.clone()).collect();
        roles.extend(inherited);
        if roles.len() == before {
            break;
        }
    }
    keep(&mut alone.roles, |role| roles.contains(&role.id));
    alone
}

fn keep<T: Clone>(table: &mut Table<T>, is_kept: impl Fn(&T) -> bool) {
    let gone: Vec<String> =
        table.iter().filter(|(_, document)| !is_kept(document)).map(|(id, _)| id.clone()).collect();
    gone.iter().for_each(|id| drop(table.remove(id)));
}

#[test]
fn a_subject_snapshot_is_the_same_whoever_else_there_is() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for visit in &world.visits {
            let known = world.documents.directory.users.get(&visit.subject);
            if known.is_none_or(|user| user.status != Status::Active) {
                continue;
            }
            let documents = alone(&world.documents, &visit.subject);
            let alone = State::build(documents, AT).map_err(|problems| format!("alone: {problems:?}"))?;
            let said =
                |state: &State| state.encode_subject("default", &visit.subject, visit.session, visit.at);
            if said(state).is_none() || said(state) != said(&alone) {
                return Err(format!("what `{}` is told depends on others", visit.subject));
            }
            asked += visit.asks.len();
        }
        Ok(asked)
    });
}
