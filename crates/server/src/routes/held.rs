//! What some people hold, role by role, and through what.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::explain::HeldRole;
use rolewright_model::subject::Via;
use rolewright_model::{Request, ResourcePath, State, Timestamp, console};
use rolewright_wire::held::{HeldRoles, RoleHeld, Through, Way, WhichPeople};

use super::bulk;
use crate::auth::Asker;
use crate::extract::Json;
use crate::problem::Result;

/// What some people hold, role by role.
///
/// How many have it of their own, which a bulk edit gives and takes, and how many through what else. `O(people x what
/// they hold)`.
#[utoipa::path(
    post, path = "/users/held", tag = "Questions", operation_id = "getHeldRoles",
    request_body = WhichPeople, responses((status = 200, body = HeldRoles))
)]
pub async fn held(asker: Asker, Json(body): Json<WhichPeople>) -> Result<axum::Json<HeldRoles>> {
    asker.need(console::USERS_VIEW, "see people")?;
    let people = bulk::people(&asker, body.which).await?;
    let (state, now, names) = (asker.loaded.state.clone(), asker.now, asker.may(console::GROUPS_VIEW));
    Ok(axum::Json(asker.tenant.work(move || counted(&state, &people, now, names)).await?))
}

/// How a person holds a role; of those of their own, the first counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// Of their own.
    Own(Phase),
    /// Through what else: told to a person.
    Through(Way, String),
}

/// When something of one's own counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Now,
    Later,
    Ended,
}

fn counted(state: &State, people: &[String], now: Timestamp, names_groups: bool) -> HeldRoles {
    let mut counts: BTreeMap<(String, Source), u64> = BTreeMap::new();
    let mut known = 0;
    for subject in people.iter().filter_map(|id| state.subject(id)) {
        known += 1;
        let ways = state.held_roles(&subject, &ResourcePath::tenant(), Request::new(now)).into_iter();
        let told = ways.filter_map(|way| Some((way.role.clone(), source(state, &way, now, names_groups)?)));
        let mut told: BTreeSet<(String, Source)> = told.collect();
        let mut own = BTreeSet::new();
        told.retain(|(role, source)| !matches!(source, Source::Own(_)) || own.insert(role.clone()));
        for way in told {
            *counts.entry(way).or_default() += 1;
        }
    }
    let mut roles: BTreeMap<String, RoleHeld> = BTreeMap::new();
    for ((role, source), people) in counts {
        let new = || RoleHeld { role: role.clone(), own: 0, scheduled: 0, expired: 0, through: Vec::new() };
        let held = roles.entry(role.clone()).or_insert_with(new);
        match source {
            Source::Own(Phase::Now) => held.own = people,
            Source::Own(Phase::Later) => held.scheduled = people,
            Source::Own(Phase::Ended) => held.expired = people,
            Source::Through(kind, name) => held.through.push(Through { kind, name, people }),
        }
    }
    let mut roles: Vec<RoleHeld> = roles.into_values().collect();
    roles.iter_mut().for_each(|held| held.through.sort_by_key(|through| std::cmp::Reverse(through.people)));
    HeldRoles { people: known, roles }
}

/// How, where it is not the base role, which nobody is given, nor something else that has ended or begins later.
fn source(state: &State, way: &HeldRole, now: Timestamp, names_groups: bool) -> Option<Source> {
    let group = |id: &String| state.documents().directory.groups.get(id).map(|group| group.name.clone());
    let phase = match (way.from, way.until) {
        (_, Some(until)) if until <= now => Phase::Ended,
        (Some(from), _) if from > now => Phase::Later,
        _ => Phase::Now,
    };
    let (kind, name) = match &way.via {
        Via::Direct { .. } | Via::Entitlement { .. } if way.scope == "/" => return Some(Source::Own(phase)),
        _ if phase != Phase::Now => return None,
        Via::Direct { .. } | Via::Entitlement { .. } => (Way::Place, way.scope.clone()),
        Via::Group { groups, .. } if names_groups => {
            let names: Vec<String> = groups.iter().filter_map(group).collect();
            (Way::Group, names.join(" in "))
        }
        Via::Group { .. } => (Way::Group, String::new()),
        Via::Everyone { .. } => (Way::Everyone, String::new()),
        Via::Package { package } => {
            let name = state.policy().package(package).map_or(package, |package| &package.name);
            (Way::Package, name.clone())
        }
        Via::Base | Via::Untold => return None,
    };
    Some(Source::Through(kind, name))
}
