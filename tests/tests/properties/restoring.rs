//! Taking changes back, and restoring what was: the documents are those of before, but for the links that came back.

use rolewright_model::change::Outcome;
use rolewright_model::documents::Documents;
use rolewright_model::restore::{WayBack, restoring, taken_back};
use rolewright_model::snapshot::Compact;
use rolewright_model::{Change, Code};

use super::*;

/// Every revision that the changes of a world lead to, with what led there.
fn history(world: &World, before: &State) -> Vec<(State, Option<Outcome>)> {
    let mut all = vec![(before.clone(), None)];
    for (number, gene) in world.changes.iter().enumerate() {
        let state = &all.last().unwrap().0;
        let context = Context { now: Timestamp(3), id: format!("x{number}") };
        let Ok(outcome) = state.change(&change_of(state, *gene), &Actor::Operator, &context) else {
            continue;
        };
        all.push((outcome.state.clone(), Some(outcome)));
    }
    all
}

fn made(state: &State, change: &Change) -> Result<State, String> {
    let context = Context { now: Timestamp(4), id: "back".to_owned() };
    match state.change(change, &Actor::Operator, &context) {
        Ok(outcome) => Ok(outcome.state),
        Err(refusal) if refusal.code == Code::LastSuperuser || refusal.code == Code::SeparationOfDuty => {
            Err(String::new())
        }
        Err(refusal) => Err(format!("{change:?} is refused: {refusal:?}")),
    }
}

/// What documents say, without the ids of links and when they were made, and without who can sign in, which does not
/// come back.
fn said(documents: &Documents) -> Value {
    let directory = &documents.directory;
    let sorted = |mut all: Vec<String>| {
        all.sort();
        json!(all)
    };
    let users = directory.users.values().map(|user| {
        let mut user = serde_json::to_value(user).unwrap();
        if let Some(package) = user.get_mut("package") {
            *package = package["package"].clone();
        }
        user["sign_in"] = json!(null);
        user.to_string()
    });
    let packages = documents.packages.values().map(|package| {
        let roles: Vec<&str> = package.roles.iter().map(|link| link.role.as_str()).collect();
        json!([package.id, package.name, package.description, roles]).to_string()
    });
    let memberships =
        directory.memberships.values().map(|link| json!([link.group, link.member]).to_string()).collect();
    let assignments = directory.assignments.values().map(|link| {
        json!([link.principal, link.role, link.scope, link.source, link.from, link.until]).to_string()
    });
    json!({
        "settings": documents.settings,
        "catalogue": *documents.catalogue,
        "tests": documents.tests,
        "roles": documents.roles.values().collect::<Vec<_>>(),
        "groups": directory.groups.values().collect::<Vec<_>>(),
        "users": sorted(users.collect()),
        "packages": sorted(packages.collect()),
        "memberships": sorted(memberships),
        "assignments": sorted(assignments.collect()),
    })
}

fn is_as(then: &State, now: &State) -> Result<(), String> {
    let (then, now) = (said(then.documents()), said(now.documents()));
    match then == now {
        true => Ok(()),
        false => Err(format!("the documents were\n{then}\nand are\n{now}")),
    }
}

#[test]
fn a_change_that_is_taken_back_leaves_the_documents_as_they_were() {
    in_every_world(|world, before| {
        let history = history(world, before);
        let mut taken = 0;
        for pair in history.windows(2) {
            let [(was, _), (is, Some(outcome))] = pair else { continue };
            let then = taken_back(is.documents(), &outcome.writes).map_err(|why| format!("{why:?}"))?;
            let WayBack { change, kept } = restoring(is.documents(), &then);
            if !kept.is_empty() {
                continue;
            }
            let Some(change) = change else {
                is_as(was, is)?;
                continue;
            };
            match made(is, &change) {
                Ok(back) => {
                    taken += 1;
                    is_as(was, &back)?;
                }
                Err(why) if why.is_empty() => {}
                Err(why) => return Err(why),
            }
        }
        // As many as a world has questions, if anything was taken back.
        Ok(world.visits.iter().map(|visit| visit.asks.len()).sum::<usize>() * taken.min(1))
    });
}

#[test]
fn a_restored_revision_decides_as_it_did() {
    in_every_world(|world, before| {
        let history = history(world, before);
        let (now, _) = history.last().unwrap();
        let mut compared = 0;
        for (then, _) in &history {
            let WayBack { change: Some(change), kept } = restoring(now.documents(), then.documents()) else {
                continue;
            };
            if !kept.is_empty() {
                continue;
            }
            let back = match made(now, &change) {
                Ok(back) => back,
                Err(why) if why.is_empty() => continue,
                Err(why) => return Err(why),
            };
            is_as(then, &back)?;
            let rebuilt = State::build(back.documents().clone(), back.at()).unwrap();
            let bytes = |state: &State| Compact::full(state.index(), "default", Vec::new()).encode();
            if bytes(&back) != bytes(&rebuilt) {
                return Err(format!("{change:?} leads to another index than its documents"));
            }
            if restoring(back.documents(), then.documents()).change.is_some() {
                return Err("what is restored is to be restored again".to_owned());
            }
            for user in then.users() {
                let id = then.user_id(user);
                let held = |state: &State| {
                    let subject = state.subject(id).unwrap();
                    let request = Request::new(Timestamp(5));
                    let held = state.permissions_of(&subject, &ResourcePath::tenant(), request);
                    let told = held.into_iter().map(|held| {
                        (state.catalogue().id(held.permission).to_owned(), held.told(state.index()))
                    });
                    format!("{:?}", told.collect::<BTreeMap<_, _>>())
                };
                compared += 1;
                let (was, is) = (held(then), held(&back));
                if was != is {
                    return Err(format!("{id} held {was} and holds {is}"));
                }
            }
        }
        Ok(compared)
    });
}
