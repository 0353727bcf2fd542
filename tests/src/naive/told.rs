//! What an explanation tells of everything that somebody holds, read naively: each thing held by
//! itself, as if there were nothing else.
//!
//! What gives the level of the decision is a source. Everything else that would give more than
//! nothing, or more than it gives, if it counted, is told with the first thing in the way, in the
//! order in which the design names them.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::directory::{Member, Principal};
use rolewright_model::explain::NotCounting;

use super::{Naive, Pair, Request, level_in};

/// What is told of what somebody holds, each by what it is called: the id of an assignment, `package > ROLE` or `base`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What reaches the level of the decision.
    pub sources: BTreeSet<String>,
    /// What does not count, or gives less than it could or than something else does, and why.
    pub idle: BTreeSet<(String, String)>,
}

/// One thing that somebody holds.
struct Thing<'d> {
    name: String,
    role: &'d str,
    scope: &'d str,
    /// Why it does not count, whatever it gives.
    not_counting: Option<NotCounting>,
}

/// What is passed over where something is asked about that does not count.
#[derive(Clone, Copy)]
enum As {
    /// Nothing.
    Is,
    /// Conditions are true.
    Unconditional,
    /// Conditions are true, and it matters not of which type the place is.
    Anywhere,
}

impl Told {
    /// Something that does not count, and why.
    pub fn put(&mut self, name: &str, why: NotCounting) {
        self.idle.insert((name.to_owned(), said(why)));
    }

    /// Whether something waits for the next sign-in, by whatever way it is held.
    #[must_use]
    pub fn waits(&self, name: &str) -> bool {
        self.idle.contains(&(name.to_owned(), said(NotCounting::NextLogin)))
    }
}

fn said(why: NotCounting) -> String {
    serde_json::to_string(&why).unwrap_or_default()
}

impl<'d> Naive<'d> {
    /// What is told of everything that somebody known holds, of a permission that there is and whose
    /// product is present, at a place.
    #[must_use]
    pub fn told(&self, permission: &str, resource: &str, request: Request<'_>) -> Told {
        let mut told = Told::default();
        let held = self.level(permission, resource, request);
        for thing in self.things(resource, request) {
            let by_itself = |how| self.by_itself(&thing, permission, request, how);
            let now = by_itself(As::Is);
            let counts = thing.not_counting.is_none();
            let is_source = counts && now > 0 && now == held;
            if is_source {
                told.sources.insert(thing.name.clone());
            }
            let (unconditional, anywhere) = (by_itself(As::Unconditional), by_itself(As::Anywhere));
            let why = match thing.not_counting {
                Some(why) => (anywhere > 0).then_some(why),
                None if unconditional > now => Some(NotCounting::ConditionFalse),
                None if anywhere > now => Some(NotCounting::WrongType),
                None => (now > 0 && !is_source).then_some(NotCounting::LowerLevel),
            };
            if let Some(why) = why {
                told.put(&thing.name, why);
            }
        }
        told
    }

    /// Everything that the subject holds, whether or not it counts.
    fn things(&self, resource: &str, request: Request<'_>) -> Vec<Thing<'d>> {
        let documents = self.documents;
        let Some(subject) = documents.directory.users.get(request.subject) else { return Vec::new() };
        let is_active = self.active(request.subject).is_some();
        let waiting = self.groups_of(subject, request);
        let groups = self.groups_at_all(request.subject);
        let mut things = Vec::new();
        let mut add = |name: String, role, scope, waits: bool, window: (bool, bool)| {
            let (begun, over) = window;
            let not_counting = match () {
                () if !is_active => Some(NotCounting::InactiveSubject),
                () if !begun => Some(NotCounting::NotYet),
                () if over => Some(NotCounting::Expired),
                () if !super::reaches(scope, resource) => Some(NotCounting::WrongScope),
                () if waits => Some(NotCounting::NextLogin),
                () => None,
            };
            things.push(Thing { name, role, scope, not_counting });
        };
        for assignment in documents.directory.assignments.values() {
            let waits = !self.counts(assignment.made, request);
            let (is_held, waits) = match &assignment.principal {
                Principal::User(user) => (*user == subject.id, waits),
                Principal::Group(group) => {
                    (groups.contains(group.as_str()), waits || !waiting.contains(group.as_str()))
                }
                Principal::Everyone => (true, waits),
            };
            if is_held {
                let begun = assignment.from.is_none_or(|from| from <= request.at);
                let over = assignment.until.is_some_and(|until| until <= request.at);
                add(assignment.id.clone(), &assignment.role, &assignment.scope, waits, (begun, over));
            }
        }
        if let Some(link) = &subject.package
            && let Some(package) = documents.packages.get(&link.package)
        {
            for carried in &package.roles {
                let waits = !self.counts(link.made, request) || !self.counts(carried.made, request);
                add(format!("package > {}", carried.role), &carried.role, "/", waits, (true, false));
            }
        }
        for role in documents.roles.values().filter(|role| role.base) {
            add("base".to_owned(), &role.id, "/", false, (true, false));
        }
        things
    }

    /// The groups that somebody is in, also where a membership does not count yet.
    fn groups_at_all(&self, subject: &str) -> BTreeSet<&'d str> {
        let mut groups = BTreeSet::new();
        loop {
            let before = groups.len();
            for membership in self.documents.directory.memberships.values() {
                let is_in = match &membership.member {
                    Member::User(user) => user == subject,
                    Member::Group(group) => groups.contains(group.as_str()),
                };
                if is_in {
                    groups.insert(membership.group.as_str());
                }
            }
            if groups.len() == before {
                return groups;
            }
        }
    }

    /// The level that one thing gives with nothing beside it, if it counted.
    fn by_itself(&self, thing: &Thing<'d>, permission: &str, request: Request<'_>, how: As) -> usize {
        let mut pairs = Vec::new();
        match how {
            As::Anywhere => self.inherit_anywhere(thing.role, thing.scope, &mut pairs),
            _ => self.inherit(thing.role, thing.scope, &mut pairs),
        }
        let mut granted: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.permissions.keys() {
            let limited = pairs.iter().flat_map(|(role, _)| &role.limited);
            let limited = limited.filter(|limited| limited.permission == *id);
            let limited = limited.filter_map(|limited| self.place_of(id, &limited.level)).max();
            let more = match how {
                As::Anywhere => limited.unwrap_or(0),
                _ => 0,
            };
            granted.insert(id, self.granted(id, &pairs).max(more));
        }
        let skips = !matches!(how, As::Is) || pairs.iter().any(|(role, _)| role.superuser);
        level_in(&self.settled(&granted, skips, request), permission)
    }

    /// As [`Naive::inherit`], of roles that count at any type.
    fn inherit_anywhere(&self, role: &str, scope: &'d str, pairs: &mut Vec<Pair<'d>>) {
        let Some(role) = self.documents.roles.get(role) else { return };
        if pairs.iter().any(|(known, _)| known.id == role.id) {
            return;
        }
        pairs.push((role, scope));
        role.inherits.iter().for_each(|inherited| self.inherit_anywhere(inherited, scope, pairs));
    }
}
