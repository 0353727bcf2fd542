//! Cells of the matrix, and roles and users side by side: what other questions answer.

use std::collections::BTreeSet;

use rolewright_model::condition::ConditionDocument;
use rolewright_model::matrix::{Cell, Mark, Terms};
use rolewright_model::when::WhenDocument;
use rolewright_model::{Level, Request, ResourcePath};
use serde_json::json;

use crate::in_every_world;

/// A condition in normal form: sets of comparisons. None where it is not told.
fn sets(when: &WhenDocument) -> Option<BTreeSet<BTreeSet<ConditionDocument>>> {
    let set = |part: &ConditionDocument| match part {
        ConditionDocument::All(parts) => parts.iter().cloned().collect(),
        atom => BTreeSet::from([atom.clone()]),
    };
    Some(match when {
        WhenDocument::Yes => BTreeSet::from([BTreeSet::new()]),
        WhenDocument::No => BTreeSet::new(),
        WhenDocument::If(ConditionDocument::Any(parts)) => parts.iter().map(set).collect(),
        WhenDocument::If(part) => BTreeSet::from([set(part)]),
        WhenDocument::Depends => return None,
    })
}

/// Where one of these holds, without what another says already. None where one is not told.
fn any<'t>(all: impl Iterator<Item = &'t WhenDocument>) -> Option<BTreeSet<BTreeSet<ConditionDocument>>> {
    let told: Option<Vec<_>> = all.map(sets).collect();
    let all: BTreeSet<_> = told?.into_iter().flatten().collect();
    let minimal = |set: &&BTreeSet<_>| !all.iter().any(|other| other != *set && other.is_subset(set));
    Some(all.iter().filter(minimal).cloned().collect())
}

/// The highest mark of its terms, that of the first.
fn highest(cell: &Cell) -> Mark {
    assert!(cell.terms.is_sorted_by_key(|terms| std::cmp::Reverse(terms.mark())), "{}", json!(cell));
    cell.terms.first().map_or(Mark::No, Terms::mark)
}

/// Whether one holds wherever the other does, as far as both are told.
fn covers(one: &WhenDocument, other: &WhenDocument) -> bool {
    let sets = sets(one).zip(sets(other));
    one == other
        || *one == WhenDocument::Yes
        || sets.is_some_and(|(one, other)| other.iter().all(|set| one.iter().any(|own| own.is_subset(set))))
}

fn everywhere(cell: &Cell) -> Vec<&Terms> {
    cell.terms.iter().filter(|terms| terms.at.is_empty() && terms.level.is_none()).collect()
}

#[test]
fn a_cell_of_an_operation_says_when_whoever_holds_the_role_may_do_it() {
    in_every_world(|_, state| {
        let mut asked = 0;
        for operation in state.catalogue().operations() {
            for role in 0..state.policy().roles().len() {
                let cell = state.operation_cell(role, operation);
                let when = state.when_operation_of_role(role, operation).document();
                let wrong = |what: &str| {
                    let role = state.policy().role_id(role);
                    Err(format!(
                        "{what}: {} of `{role}` says {}, not {}",
                        operation.id,
                        json!(cell),
                        json!(when)
                    ))
                };
                asked += 1;
                let everywhere = everywhere(&cell);
                let simply =
                    everywhere.iter().any(|it| it.elsewhere.is_empty() && it.when == WhenDocument::Yes);
                if (cell.mark == Mark::Yes && everywhere.len() == cell.terms.len()) != simply
                    || cell.mark != highest(&cell)
                {
                    return wrong("the mark");
                }
                let told = any(everywhere.iter().map(|terms| &terms.when));
                if told.zip(sets(&when)).is_some_and(|(told, asked)| told != asked) {
                    return wrong("when");
                }
            }
        }
        Ok(asked * 60)
    });
}

#[test]
fn a_cell_of_a_permission_says_how_the_role_gives_it() {
    in_every_world(|_, state| {
        let mut asked = 0;
        for permission in state.catalogue().handles() {
            let id = state.catalogue().id(permission);
            if !state
                .documents()
                .catalogue
                .modules
                .iter()
                .any(|module| id.starts_with(&format!("{}.", module.id)))
            {
                continue;
            }
            let can = state.catalogue().scale(permission).unwrap().can();
            let giving = state.roles_giving(permission, can);
            for role in 0..state.policy().roles().len() {
                let cell = state.permission_cell(role, permission);
                let mut given: Vec<(&[String], WhenDocument)> = giving
                    .iter()
                    .filter(|giving| giving.role == state.policy().role_id(role))
                    .map(|giving| (&giving.at[..], giving.when.document()))
                    .collect();
                // What is given everywhere is given at each type.
                let everywhere = given.iter().find(|(at, _)| at.is_empty()).map(|(_, when)| when.clone());
                given.retain(|(at, when)| {
                    at.is_empty() || !everywhere.as_ref().is_some_and(|everywhere| covers(everywhere, when))
                });
                given.sort();
                let allowed = cell.terms.iter().filter(|terms| terms.level.is_none());
                let mut told: Vec<_> = allowed.map(|terms| (&terms.at[..], terms.when.clone())).collect();
                told.sort();
                asked += 1;
                if told != given || cell.mark != highest(&cell) {
                    return Err(format!(
                        "`{}` gives {id} {}, and {} is said",
                        state.policy().role_id(role),
                        json!(given),
                        json!(cell)
                    ));
                }
            }
        }
        Ok(asked)
    });
}

/// Who holds the same is decided the same; and who does not, whatever a request says, is not.
#[test]
fn users_side_by_side_differ_where_decisions_do() {
    in_every_world(|world, state| {
        let mut asked = 0;
        let users: Vec<_> = state.subjects().collect();
        for place in world.places(state).iter().chain([&ResourcePath::tenant()]).take(4) {
            for pair in users.windows(2) {
                let [one, other] = pair else { continue };
                let now = Request::new(rolewright_model::Timestamp(3));
                let Some(compared) = state.compare_users(&[one, other], place, now) else { continue };
                for row in &compared.rows {
                    let permission = state.catalogue().handle(&row.permission).unwrap();
                    let certain = row.held.iter().all(|held| held.conditional.is_empty());
                    for said in world.said() {
                        let level =
                            |subject| -> Level { state.level_of(subject, permission, place, now.with(said)) };
                        let same = level(one) == level(other);
                        asked += 1;
                        if !same && !row.differs && !row.may_differ || same && row.differs && certain {
                            return Err(format!("{} at `{place}`: {}", row.permission, json!(row)));
                        }
                    }
                }
            }
        }
        Ok(asked)
    });
}
