//! Which people and groups a list is of.
//!
//! What the providers ask for with `eq` is found without reading everybody: `userName`, `externalId`, `emails`, `id`,
//! and of groups `displayName` and `members`. Other filters are asked of everybody.

use std::collections::{BTreeSet, HashMap};

use rolewright_model::change::Kind;
use rolewright_model::directory::{GroupDocument, GroupSource, Member, MembershipDocument, UserDocument};
use rolewright_model::{Stamp, State, Timestamp};
use serde_json::Value;

use super::filter::{Filter, Name, Operator, values};
use super::group;
use super::projection::Projection;
use super::schema::{Scope, Type, USERS};
use super::table::Known;
use super::user;
use super::version::version;
use crate::tenant::Loaded;

/// What a list is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which types.
    pub types: &'static [&'static Type],
    /// Which.
    pub filter: Option<Filter>,
    /// By what, and whether the last is first; by id where it is not said.
    pub sort: Option<(Name, bool)>,
    /// How many are passed over.
    pub skip: usize,
    /// How many there are at most.
    pub take: usize,
    /// What is told of each.
    pub projection: Projection,
}

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// How many there are in all.
    pub total: usize,
    /// Those of the page.
    pub found: Vec<Found>,
}

/// A resource, without when it was last written.
#[derive(Clone, Debug)]
pub struct Found {
    /// It.
    pub resource: Value,
    /// Its version.
    pub version: String,
    /// The change that last wrote its document.
    pub at: Stamp,
    /// When its record was last written; 0 where there is none.
    pub modified: Timestamp,
}

impl Found {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        Some(self.resource.get("meta")?.get("location")?.as_str()?.to_owned())
    }
}

/// The version of a person.
#[must_use]
pub fn version_of_user(loaded: &Loaded, known: &Known, id: &str) -> String {
    let edits = known.user(id).map_or(0, |record| record.edits);
    version(loaded.revision(Kind::User, id).unwrap_or_default(), edits)
}

/// The version of a group, and of who is in it.
#[must_use]
pub fn version_of_group(loaded: &Loaded, known: &Known, id: &str) -> String {
    let edits = known.group(id).map_or(0, |record| record.edits);
    version(loaded.revision(Kind::Group, id).unwrap_or_default(), edits)
}

/// A person.
#[must_use]
pub fn person(loaded: &Loaded, known: &Known, user: &UserDocument, base: &str) -> Found {
    let version = version_of_user(loaded, known, &user.id);
    Found {
        resource: user::resource(&loaded.state, known, user, base, &version),
        at: loaded.revision(Kind::User, &user.id).unwrap_or_default(),
        modified: known.user(&user.id).map_or(Timestamp(0), |record| record.modified),
        version,
    }
}

/// A group with these members.
#[must_use]
pub fn group_of(
    loaded: &Loaded,
    known: &Known,
    group: &GroupDocument,
    members: &[&MembershipDocument],
    base: &str,
) -> Found {
    let version = version_of_group(loaded, known, &group.id);
    Found {
        resource: group::resource(known, group, members, base, &version),
        at: loaded.revision(Kind::Group, &group.id).unwrap_or_default(),
        modified: known.group(&group.id).map_or(Timestamp(0), |record| record.modified),
        version,
    }
}

/// One that may be in a list.
#[derive(Clone, Copy)]
enum Candidate<'s> {
    User(&'s UserDocument),
    Group(&'s GroupDocument),
}

impl Candidate<'_> {
    fn scope(self) -> Scope {
        match self {
            Self::User(_) => Scope::Of(&USERS),
            Self::Group(_) => Scope::Of(&super::schema::GROUPS),
        }
    }
}

/// What candidates are told from.
struct Source<'s> {
    loaded: &'s Loaded,
    known: &'s Known,
    base: &'s str,
    /// Of the groups whose members are told.
    members: HashMap<&'s str, Vec<&'s MembershipDocument>>,
}

impl Source<'_> {
    fn found(&self, candidate: Candidate<'_>) -> Found {
        match candidate {
            Candidate::User(user) => person(self.loaded, self.known, user, self.base),
            Candidate::Group(group) => {
                let members = self.members.get(group.id.as_str()).map_or(&[][..], Vec::as_slice);
                group_of(self.loaded, self.known, group, members, self.base)
            }
        }
    }
}

/// The page that is wanted. `O(those that the filter may mean)`; with members, `O(memberships)`.
#[must_use]
pub fn page(loaded: &Loaded, known: &Known, wanted: &Wanted, base: &str) -> Page {
    let state = &loaded.state;
    let mut all: Vec<Candidate<'_>> = Vec::new();
    for kind in wanted.types {
        all.extend(candidates(state, known, kind, wanted.filter.as_ref()));
    }
    let mut source = Source { loaded, known, base, members: HashMap::new() };
    if let Some(filter) = &wanted.filter {
        if filter.asks_for("members") {
            source.members = members_of(state, &all);
        }
        all.retain(|one| filter.is_true_of(&source.found(*one).resource, one.scope()));
    }
    if let Some((name, descending)) = &wanted.sort {
        if name.attribute == "members" {
            source.members = members_of(state, &all);
        }
        all = sorted(&source, all, name, *descending);
    }
    let total = all.len();
    let page: Vec<Candidate<'_>> = all.into_iter().skip(wanted.skip).take(wanted.take).collect();
    source.members = match wanted.projection.wants("members") {
        true => members_of(state, &page),
        false => HashMap::new(),
    };
    Page { total, found: page.into_iter().map(|one| source.found(one)).collect() }
}

fn members_of<'s>(state: &'s State, all: &[Candidate<'s>]) -> HashMap<&'s str, Vec<&'s MembershipDocument>> {
    let groups: Vec<&str> = all
        .iter()
        .filter_map(|one| match one {
            Candidate::Group(group) => Some(group.id.as_str()),
            Candidate::User(_) => None,
        })
        .collect();
    if groups.is_empty() { HashMap::new() } else { group::members(state, &groups) }
}

/// By the first value of an attribute, without regard to case; those without one come last.
fn sorted<'s>(
    source: &Source<'_>,
    all: Vec<Candidate<'s>>,
    name: &Name,
    descending: bool,
) -> Vec<Candidate<'s>> {
    let key = |one: &Candidate<'_>| match (one, name.attribute.as_str()) {
        // Without telling all of them.
        (Candidate::User(user), "username") => {
            let said = source.known.user(&user.id).map(|record| record.user_name.to_lowercase());
            Some(said.unwrap_or_else(|| user.email.to_lowercase()))
        }
        (Candidate::Group(group), "displayname") => Some(group.name.to_lowercase()),
        (one, _) => {
            let resource = source.found(*one).resource;
            let (_, found) = values(&resource, name, one.scope());
            found.first().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase))
        }
    };
    let mut keyed: Vec<(Option<String>, Candidate<'_>)> = all.iter().map(|one| (key(one), *one)).collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    keyed.into_iter().map(|(_, one)| one).collect()
}

/// All of a type that a filter may be true of: found by what it asks for, or all.
fn candidates<'s>(
    state: &'s State,
    known: &Known,
    kind: &'static Type,
    filter: Option<&Filter>,
) -> Vec<Candidate<'s>> {
    let directory = &state.documents().directory;
    let found = filter.and_then(|filter| by_filter(state, known, filter, *kind == USERS));
    match (*kind == USERS, found) {
        (true, None) => directory.users.values().map(Candidate::User).collect(),
        (true, Some(ids)) => {
            ids.iter().filter_map(|id| directory.users.get(id)).map(Candidate::User).collect()
        }
        (false, None) => {
            let groups = directory.groups.values();
            groups
                .filter(|group| group.source == GroupSource::IdentityProvider)
                .map(Candidate::Group)
                .collect()
        }
        (false, Some(ids)) => {
            ids.iter().filter_map(|id| group::find(state, id)).map(Candidate::Group).collect()
        }
    }
}

/// The ids of all that a filter may be true of; none where that is not known without asking it of each.
fn by_filter(state: &State, known: &Known, filter: &Filter, of_people: bool) -> Option<BTreeSet<String>> {
    let inner = |one: &Filter| by_filter(state, known, one, of_people);
    match filter {
        Filter::And(all) => all.iter().find_map(inner),
        Filter::Or(all) => {
            let each: Option<Vec<BTreeSet<String>>> = all.iter().map(inner).collect();
            Some(each?.into_iter().flatten().collect())
        }
        Filter::Compare(Name { attribute, part }, Operator::Eq, Value::String(wanted)) => {
            let part = part.as_deref().or(Some("value"));
            by_value(state, known, (attribute, part), wanted, of_people)
        }
        Filter::Within(name, one) => of_value(one)
            .and_then(|wanted| by_value(state, known, (&name.attribute, Some("value")), wanted, of_people)),
        _ => None,
    }
}

/// What the `value` must be for a filter within an attribute to be true.
fn of_value(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::And(all) => all.iter().find_map(of_value),
        Filter::Compare(Name { attribute, part: None }, Operator::Eq, Value::String(wanted)) => {
            (attribute == "value").then_some(wanted)
        }
        _ => None,
    }
}

fn by_value(
    state: &State,
    known: &Known,
    (attribute, part): (&str, Option<&str>),
    wanted: &str,
    of_people: bool,
) -> Option<BTreeSet<String>> {
    let of_email = || state.user_of_email(wanted);
    let ids: BTreeSet<&str> = match (attribute, of_people) {
        ("id", _) => BTreeSet::from([wanted]),
        ("externalid", _) => known.of_external(wanted).collect(),
        // Who has no record is called by the email.
        ("username", true) => known.user_of_name(wanted).into_iter().chain(of_email()).collect(),
        ("emails", true) if part == Some("value") => known.users_of_email(wanted).chain(of_email()).collect(),
        ("displayname", false) => {
            let groups = state.documents().directory.groups.values();
            let wanted = wanted.to_lowercase();
            groups
                .filter(|group| group.name.to_lowercase() == wanted)
                .map(|group| group.id.as_str())
                .collect()
        }
        ("members", false) if part == Some("value") => {
            let members = [Member::User(wanted.to_owned()), Member::Group(wanted.to_owned())];
            let of = |member: &Member| {
                state.memberships_of(member).map(|membership| membership.group.clone()).collect::<Vec<_>>()
            };
            return Some(members.iter().flat_map(of).collect());
        }
        _ => return None,
    };
    Some(ids.into_iter().map(ToOwned::to_owned).collect())
}
