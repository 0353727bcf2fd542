//! Differences between two states: exactly the decisions that differ, and who gains and loses.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::diff::{Counted, Difference, diff};
use rolewright_model::{Actor, Context, Level, Request, ResourcePath, State, Timestamp};
use serde_json::json;

use crate::in_every_world;
use crate::worlds::{World, change_of};

const NOW: Timestamp = Timestamp(3);

/// The state that a world's changes lead to.
fn changed(world: &World, before: &State) -> State {
    let mut state = before.clone();
    for (number, gene) in world.changes.iter().enumerate() {
        let context = Context { now: NOW, id: format!("x{number}") };
        if let Ok(outcome) = state.change(&change_of(&state, *gene), &Actor::Operator, &context) {
            state = outcome.state;
        }
    }
    state
}

/// The level of every permission by id, where it is above 0.
fn levels(state: &State, user: &str, place: &ResourcePath, request: Request<'_>) -> BTreeMap<String, Level> {
    let Some(subject) = state.subject(user) else { return BTreeMap::new() };
    let (levels, _) = state.levels_of(&subject, place, request);
    let all = state.catalogue().handles().zip(levels).filter(|(_, level)| *level > Level::NONE);
    all.map(|(permission, level)| (state.catalogue().id(permission).to_owned(), level)).collect()
}

/// The place of a level by id; 0 where there is none.
fn level(state: &State, permission: &str, id: &str) -> Level {
    let scale = state.catalogue().handle(permission).and_then(|handle| state.catalogue().scale(handle));
    scale.and_then(|scale| scale.level(id)).unwrap_or(Level::NONE)
}

/// Whether a difference is in what is held whatever a request says.
fn is_certain(difference: &Difference) -> bool {
    difference.before.conditional.is_empty() && difference.after.conditional.is_empty()
}

#[test]
fn what_differs_is_told_of_everybody_for_whom_it_does_and_nobody_else() {
    in_every_world(|world, before| {
        let after = &changed(world, before);
        let told = diff(before, after, NOW);
        let wrong = |what: String| Err(format!("after {:?}\n{what}\nin {told:?}", world.changes));
        let by_user: BTreeMap<&str, &[Difference]> =
            told.users.iter().map(|(user, differences)| (user.as_str(), &**differences)).collect();
        let users: BTreeSet<&String> = before
            .documents()
            .directory
            .users
            .keys()
            .chain(after.documents().directory.users.keys())
            .collect();
        let mut asked = 0;
        for user in users {
            let differences = by_user.get(user.as_str()).copied().unwrap_or_default();
            let mut scopes = BTreeSet::from([ResourcePath::tenant()]);
            for state in [before, after] {
                let pass = state.pass("default", user, state.at(), NOW);
                let holdings = pass.into_iter().flat_map(|pass| pass.holdings);
                let begun = holdings.filter(|holding| holding.from.is_none_or(|from| from <= NOW));
                scopes.extend(begun.filter_map(|holding| ResourcePath::parse(&holding.scope).ok()));
            }
            // Whatever differs at one of the places that are held differs as told.
            for place in world.places(before).iter().filter(|place| after.catalogue().is_place(place)) {
                for said in world.said() {
                    let request = Request::new(NOW).with(said);
                    let (was, is) =
                        (levels(before, user, place, request), levels(after, user, place, request));
                    for permission in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
                        asked += 1;
                        if was.get(permission) == is.get(permission) {
                            continue;
                        }
                        let here = |difference: &&Difference| {
                            difference.permission == *permission
                                && ResourcePath::parse(&difference.scope).is_ok_and(|scope| {
                                    if scopes.contains(place) {
                                        scope == *place
                                    } else {
                                        scope.reaches(place)
                                    }
                                })
                        };
                        if !differences.iter().any(|difference| here(&difference)) {
                            return wrong(format!(
                                "`{user}` held {permission} at `{place}` at {:?}, now {:?}, which is not told",
                                was.get(permission),
                                is.get(permission)
                            ));
                        }
                    }
                }
            }
            // And what is told is so.
            for difference in differences {
                let Ok(place) = ResourcePath::parse(&difference.scope) else {
                    return wrong(format!("{} is no place", difference.scope));
                };
                let held = |state: &State| {
                    levels(state, user, &place, Request::new(NOW))
                        .get(&difference.permission)
                        .copied()
                        .unwrap_or(Level::NONE)
                };
                let was = level(before, &difference.permission, &difference.before.level);
                let is = level(after, &difference.permission, &difference.after.level);
                if difference.before == difference.after
                    || is_certain(difference) && (was == is || (held(before), held(after)) != (was, is))
                {
                    return wrong(format!("`{user}`: {} is not so", json!(difference)));
                }
            }
        }
        if counted(before, after, &by_user) != told.summary {
            return wrong("is counted otherwise".to_owned());
        }
        Ok(asked)
    });
}

/// For each permission how many gain, lose, and hold it on another condition.
fn counted(before: &State, after: &State, users: &BTreeMap<&str, &[Difference]>) -> Vec<Counted> {
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for differences in users.values() {
        let mut known: BTreeSet<(&str, bool, bool)> = BTreeSet::new();
        for difference in *differences {
            let permission = difference.permission.as_str();
            let range = |state: &State, held: &rolewright_model::diff::HeldLevel| {
                let certain = level(state, permission, &held.level);
                let possible = held.conditional.iter().map(|it| level(state, permission, &it.level)).max();
                (certain, possible.unwrap_or(certain).max(certain))
            };
            let (was, is) = (range(before, &difference.before), range(after, &difference.after));
            known.insert((permission, was < is, is < was));
        }
        for (permission, gains, loses) in known {
            let all = counted
                .entry(permission.to_owned())
                .or_insert_with(|| Counted { permission: permission.to_owned(), ..Counted::default() });
            match (gains, loses) {
                (true, _) => all.gain += 1,
                (_, true) => all.lose += 1,
                _ => all.may_differ += 1,
            }
        }
    }
    counted.into_values().collect()
}
