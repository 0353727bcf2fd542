//! Answers for all attributes at once, and lists: the same as every decision, one by one.

use std::collections::BTreeMap;

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::condition::RequestAttributes;
use rolewright_model::pass::{PassDocument, PassHolding};
use rolewright_model::query::{Giving, Holds};
use rolewright_model::subject::Link;
use rolewright_model::{Level, Request, ResourcePath, Stamp, State, Subject, When};
use serde_json::json;

use crate::worlds::{Ask, Visit, World};
use crate::{Asked, in_every_world};

/// Whether an answer for all attributes is the decision with these; so, too, where it does not say.
fn agrees(when: &When, subject: &Subject, said: &RequestAttributes, decided: bool) -> bool {
    when.holds(subject, said).is_none_or(|said| said == decided)
}

fn level_of(
    state: &State,
    subject: &Subject,
    permission: PermissionHandle,
    place: &ResourcePath,
    request: Request<'_>,
) -> Level {
    state.level_of(subject, permission, place, request)
}

fn asks(world: &World) -> impl Iterator<Item = (&Visit, &Ask)> {
    world.visits.iter().flat_map(|visit| visit.asks.iter().map(move |ask| (visit, ask)))
}

fn told(visit: &Visit, ask: &Ask, what: &str) -> String {
    format!("{}\n{what}", json!(visit.check(ask)))
}

#[test]
fn an_answer_for_all_attributes_is_the_decision_with_each() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for (visit, ask) in asks(world) {
            let Some(subject) = state.subject(&visit.subject) else { continue };
            let request = visit.request();
            let when = match ask {
                Ask::Permission { .. } => {
                    let Some(Asked { permission, level, place, .. }) = Asked::of(state, visit, ask) else {
                        continue;
                    };
                    state.when(&subject, permission, level, &place, request)
                }
                Ask::Operation { operation, resources } => {
                    state.when_operation(&subject, operation, resources, request)
                }
            };
            for said in world.said() {
                let decided = match ask {
                    Ask::Permission { .. } => Asked::of(state, visit, ask).is_some_and(|asked| {
                        Asked { request: request.with(said), ..asked }.is_allowed(state)
                    }),
                    Ask::Operation { operation, resources } => {
                        state.check(&subject, operation, resources, request.with(said)).allowed
                    }
                };
                if !agrees(&when, &subject, said, decided) {
                    let what = format!("{:?}, decided {decided} with {}", when.document(), json!(said));
                    return Err(told(visit, ask, &what));
                }
                asked += 1;
            }
        }
        Ok(asked)
    });
}

#[test]
fn who_can_lists_everybody_who_may_and_nobody_else() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for (visit, ask) in asks(world) {
            let Some(Asked { permission, level, place, request, .. }) = Asked::of(state, visit, ask) else {
                continue;
            };
            let list = state.who_can(permission, level, &place, request);
            if !list.is_sorted_by(|(left, _), (right, _)| left < right) {
                return Err(told(visit, ask, "is not in order"));
            }
            let list: BTreeMap<String, When> = list.into_iter().collect();
            for user in state.documents().directory.users.keys() {
                let Some(subject) = state.subject(user) else { return Err(format!("no subject `{user}`")) };
                let when = list.get(user).unwrap_or(&When::No);
                for said in world.said() {
                    let held = level_of(state, &subject, permission, &place, request.with(said));
                    let decided = level > Level::NONE && held >= level;
                    if !agrees(when, &subject, said, decided) {
                        return Err(told(visit, ask, &format!("`{user}` is listed {:?}", when.document())));
                    }
                    asked += 1;
                }
            }
        }
        Ok(asked)
    });
}

#[test]
fn permissions_of_lists_every_level_that_is_held() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for visit in &world.visits {
            let Some(subject) = state.subject(&visit.subject) else { continue };
            let request = visit.request();
            for place in world.places(state) {
                let list = state.permissions_of(&subject, &place, request);
                for said in world.said() {
                    let (levels, _) = state.levels_of(&subject, &place, request.with(said));
                    for (permission, level) in state.catalogue().handles().zip(levels) {
                        let held = list.iter().find(|held| held.permission == permission);
                        if highest(held, &subject, said).is_some_and(|held| held != level) {
                            let id = state.catalogue().id(permission);
                            return Err(format!(
                                "`{id}` at `{place}` of `{}` is {level:?}, listed {held:?}, with {}",
                                subject.id(),
                                json!(said)
                            ));
                        }
                    }
                    asked += 1;
                }
            }
        }
        Ok(asked * 5)
    });
}

/// The level that a list says is held with these attributes; none where it does not say.
fn highest(held: Option<&Holds>, subject: &Subject, said: &RequestAttributes) -> Option<Level> {
    let Some(held) = held else { return Some(Level::NONE) };
    let mut highest = held.level;
    for (level, when) in &held.conditional {
        if when.holds(subject, said)? {
            highest = highest.max(*level);
        }
    }
    Some(highest)
}

/// Somebody of whom nothing is known but one role at one place.
fn holder(state: &State, role: &str, scope: &ResourcePath) -> Subject {
    let link = Link { id: "link".to_owned(), made: Stamp::default() };
    let holding = PassHolding {
        role: role.to_owned(),
        scope: scope.to_string(),
        from: None,
        until: None,
        links: vec![0],
    };
    let pass = PassDocument {
        tenant: "default".to_owned(),
        subject: "holder".to_owned(),
        at: state.at(),
        session: state.at(),
        attributes: Default::default(),
        links: vec![link],
        holdings: vec![holding],
    };
    state.subject_of_pass(&pass, &[])
}

/// Whether a list says that the role gives it at a place of these types; none where it does not
/// say.
fn gives(
    list: &[Giving],
    role: &str,
    kinds: &[&str],
    subject: &Subject,
    said: &RequestAttributes,
) -> Option<bool> {
    let here = |giving: &&Giving| {
        giving.role == role
            && (giving.at.is_empty() || giving.at.iter().any(|kind| kinds.contains(&kind.as_str())))
    };
    let says: Option<Vec<bool>> =
        list.iter().filter(here).map(|giving| giving.when.holds(subject, said)).collect();
    says.map(|says| says.contains(&true))
}

#[test]
fn roles_giving_lists_every_role_whose_holder_may_and_no_other() {
    in_every_world(|world, state| {
        let mut asked = 0;
        let Some(visit) = world.visits.first() else { return Ok(0) };
        let base = state.documents().roles.values().find(|role| role.base);
        let types = state.catalogue().resource_types();
        for ask in &visit.asks {
            let Some(Asked { permission, level, .. }) = Asked::of(state, visit, ask) else { continue };
            let list = state.roles_giving(permission, level);
            for role in state.documents().roles.keys() {
                for place in world.places(state) {
                    let matched = types.iter().filter(|kind| kind.pattern().matches(&place));
                    let kinds: Vec<&str> = matched.map(|kind| kind.id()).collect();
                    let subject = holder(state, role, &place);
                    for said in world.said() {
                        let request = Request::new(visit.at).with(said);
                        let held = level_of(state, &subject, permission, &place, request);
                        let decided = level > Level::NONE && held >= level;
                        let own = gives(&list, role, &kinds, &subject, said);
                        // Everybody holds the base role too, for the tenant.
                        let everybodys =
                            base.map_or(Some(false), |base| gives(&list, &base.id, &[], &subject, said));
                        let listed = own.zip(everybodys).map(|(own, everybodys)| own || everybodys);
                        if listed.is_some_and(|listed| listed != decided) {
                            let what = format!("`{role}` at `{place}` gives it {decided}, listed {list:?}");
                            return Err(told(visit, ask, &what));
                        }
                        asked += 1;
                    }
                }
            }
        }
        Ok(asked)
    });
}

#[test]
fn resources_where_lists_every_place_and_anywhere_is_one_of_them() {
    in_every_world(|world, state| {
        let mut asked = 0;
        let places = world.places(state);
        for (visit, ask) in asks(world) {
            let Some(Asked { subject, permission, level, request, .. }) = Asked::of(state, visit, ask) else {
                continue;
            };
            let list = state.resources_where(&subject, permission, level, &places, request);
            for place in &places {
                let found = list.iter().find(|(known, _)| *known == place);
                let when = found.map_or(&When::No, |(_, when)| when);
                for said in world.said() {
                    let held = level_of(state, &subject, permission, place, request.with(said));
                    if !agrees(when, &subject, said, level > Level::NONE && held >= level) {
                        let what = format!("`{place}` is listed {:?}", when.document());
                        return Err(told(visit, ask, &what));
                    }
                }
            }
            if state.can_anywhere(&subject, permission, level, request) == list.is_empty() {
                return Err(told(visit, ask, &format!("anywhere is not one of {list:?}")));
            }
            asked += 1;
        }
        Ok(asked)
    });
}

/// A menu shows what can be done somewhere.
#[test]
fn what_may_be_done_here_may_be_done_anywhere() {
    in_every_world(|world, state| {
        let mut asked = 0;
        for (visit, ask) in asks(world) {
            let Ask::Operation { operation, resources } = ask else { continue };
            let Some(subject) = state.subject(&visit.subject) else { continue };
            let request = visit.request();
            let here = state.check(&subject, operation, resources, request).allowed;
            if here && !state.can_do_anywhere(&subject, operation, request) {
                return Err(told(visit, ask, "is allowed here and nowhere"));
            }
            asked += 1;
        }
        Ok(asked)
    });
}
