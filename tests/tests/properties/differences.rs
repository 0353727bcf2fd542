//! Differences between two states: exactly the decisions that differ, and who gains and loses.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::diff::{Counted, Difference, diff};
use rolewright_model::held::{Effect, HeldLevel};
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

/// What is decided of a permission: its level by name, and whether that allows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Decided {
    level: Option<String>,
    allows: bool,
}

/// What is decided of every permission by id, where it is above level 0.
fn decided(
    state: &State,
    user: &str,
    place: &ResourcePath,
    request: Request<'_>,
) -> BTreeMap<String, Decided> {
    let Some(subject) = state.subject(user) else { return BTreeMap::new() };
    let (levels, _) = state.levels_of(&subject, place, request);
    let all = state.catalogue().handles().zip(levels).filter(|(_, level)| *level > Level::NONE);
    let decided = |(permission, level): (_, Level)| {
        let scale = state.catalogue().scale(permission).unwrap();
        let decided = Decided { level: Some(scale.name(level).to_owned()), allows: level >= scale.can() };
        (state.catalogue().id(permission).to_owned(), decided)
    };
    all.map(decided).collect()
}

/// The levels of a permission's scale above 0, by id, and the one that `can` asks for.
fn scale(state: &State, permission: &str) -> Option<(Vec<String>, Level)> {
    let scale = state.catalogue().scale(state.catalogue().handle(permission)?)?;
    Some((scale.levels().iter().skip(1).map(|level| level.id.clone()).collect(), scale.can()))
}

/// The place of a level by id; 0 where there is none.
fn level(state: &State, permission: &str, id: &str) -> Level {
    let scale = state.catalogue().handle(permission).and_then(|handle| state.catalogue().scale(handle));
    scale.and_then(|scale| scale.level(id)).unwrap_or(Level::NONE)
}

/// What differs where scales are the same.
fn effect(before: &State, after: &State, difference: &Difference) -> Effect {
    let permission = &difference.permission;
    let range = |state: &State, held: &HeldLevel| {
        let certain = level(state, permission, &held.level);
        let possible = held.conditional.iter().map(|it| level(state, permission, &it.level)).max();
        (certain, possible.unwrap_or(certain).max(certain))
    };
    let (was, is) = (range(before, &difference.before), range(after, &difference.after));
    match was.cmp(&is) {
        Ordering::Less => Effect::Gain,
        Ordering::Greater => Effect::Lose,
        Ordering::Equal => Effect::MayDiffer,
    }
}

/// Whether a difference is in what is held whatever a request says.
fn is_certain(difference: &Difference) -> bool {
    difference.before.conditional.is_empty() && difference.after.conditional.is_empty()
}

/// Whether a difference told at `scope` is about `place`, at which something is held or not.
fn is_about(scope: &str, place: &ResourcePath, is_held: bool) -> bool {
    match ResourcePath::parse(scope) {
        Ok(scope) if is_held => scope == *place,
        Ok(scope) => scope.reaches(place),
        // A pattern: of places below what is held, and those above them.
        Err(_) => {
            let mut parts = scope.split('/');
            place.segments().all(|own| parts.next().is_some_and(|part| part == own || part.starts_with('{')))
        }
    }
}

/// A place that a difference is about.
fn place_of(scope: &str) -> Option<ResourcePath> {
    let parts = scope.split('/').map(|part| if part.starts_with('{') { "any" } else { part });
    ResourcePath::parse(&parts.collect::<Vec<_>>().join("/")).ok().or_else(|| ResourcePath::parse(scope).ok())
}

#[test]
fn what_differs_is_told_of_everybody_for_whom_it_does_and_nobody_else() {
    let (patterns, scales) = (RefCell::new(0_usize), RefCell::new(0_usize));
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
            let places: BTreeSet<_> = world.places(before).into_iter().chain(world.places(after)).collect();
            for place in &places {
                for said in world.said() {
                    let request = Request::new(NOW).with(said);
                    let (was, is) =
                        (decided(before, user, place, request), decided(after, user, place, request));
                    for permission in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
                        asked += 1;
                        if was.get(permission) == is.get(permission) {
                            continue;
                        }
                        let here = |difference: &&Difference| {
                            difference.permission == *permission
                                && is_about(&difference.scope, place, scopes.contains(place))
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
                let Some(place) = place_of(&difference.scope) else {
                    return wrong(format!("{} is no place", difference.scope));
                };
                let permission = &difference.permission;
                *scales.borrow_mut() += usize::from(scale(before, permission) != scale(after, permission));
                *patterns.borrow_mut() += usize::from(difference.scope.contains('{'));
                let held = |state: &State| {
                    let mut all = decided(state, user, &place, Request::new(NOW));
                    all.remove(permission).unwrap_or_default()
                };
                let told = |state: &State, held: &HeldLevel| {
                    Some(held.level.clone()).filter(|id| level(state, permission, id) > Level::NONE)
                };
                let (was, is) = (held(before), held(after));
                let (told_was, told_is) = (told(before, &difference.before), told(after, &difference.after));
                let same_scale = scale(before, permission) == scale(after, permission);
                if is_certain(difference)
                    && (same_scale && was == is || (was.level, is.level) != (told_was, told_is))
                    || same_scale && effect(before, after, difference) != difference.effect
                {
                    return wrong(format!("`{user}`: {} is not so", json!(difference)));
                }
            }
        }
        if counted(&by_user) != told.summary {
            return wrong("is counted otherwise".to_owned());
        }
        Ok(asked)
    });
    assert!(patterns.into_inner() > 0, "no places come or go");
    assert!(scales.into_inner() > 0, "no scale is edited");
}

/// For each permission how many gain, lose, and hold it on another condition.
fn counted(users: &BTreeMap<&str, &[Difference]>) -> Vec<Counted> {
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for differences in users.values() {
        let effects: BTreeSet<(&str, Effect)> =
            differences.iter().map(|it| (it.permission.as_str(), it.effect)).collect();
        for (permission, effect) in effects {
            let all = counted
                .entry(permission.to_owned())
                .or_insert_with(|| Counted { permission: permission.to_owned(), ..Counted::default() });
            match effect {
                Effect::Gain => all.gain += 1,
                Effect::Lose => all.lose += 1,
                Effect::MayDiffer => all.may_differ += 1,
            }
        }
    }
    counted.into_values().collect()
}
