//! Lists: what may somebody do, who may do something, which roles give it, where; and whether
//! somebody may do something anywhere. Each is complete, in order; pages are the caller's.
//!
//! What the resource, the action and the context say is open here, so that an answer is yes, no or
//! a condition that is left over.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::{Attributes, Facts};
use crate::decide::Request;
use crate::derive::{Counting, Ways};
use crate::grounds::Grounds;
use crate::held::{HeldLevel, OnScale};
use crate::index::Index;
use crate::keyed::{Keyed, seeded};
use crate::operation::{Need, Operation};
use crate::people::Held;
use crate::resource::{ResourcePath, ResourceType};
use crate::scale::Level;
use crate::state::State;
use crate::subject::{Holding, Subject};
use crate::when::{When, Whens};

/// One permission that somebody holds: where always, and at which higher levels on conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The permission.
    pub permission: PermissionHandle,
    /// The level that is held whatever the request says; may be 0 where another is conditional.
    pub level: Level,
    /// Higher levels, each with the condition that is left over.
    pub conditional: Vec<(Level, When)>,
}

impl Holds {
    /// The same in the names of the levels.
    #[must_use]
    pub fn told(self, index: &Index) -> HeldLevel {
        self.on_scale(index).told()
    }

    pub(crate) fn on_scale(self, index: &Index) -> OnScale<'_> {
        OnScale::new(index.catalogue().scale(self.permission), self.level, self.conditional)
    }
}

/// One role that gives a permission. Of a role that gives it on other conditions at resources of some
/// types there are several: where any of them says so, it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Giving {
    /// The role's id.
    pub role: String,
    /// How it does.
    pub how: How,
    /// The resource types at whose resources it does, where it does not everywhere.
    pub at: Vec<String>,
    /// Whether it always does, or on a condition.
    pub when: When,
}

/// How a role gives a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WayOfGiving))]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It is implicitly everything.
    Everything,
    /// It grants it itself.
    Granted,
    /// A role that it inherits grants it.
    Inherited,
    /// Something that it grants or inherits brings it.
    Implied,
}

/// Whether a row gives what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gives {
    Never,
    Perhaps,
    Always,
}

/// When rows give what is asked for, everything open: each worked out once.
struct Together<'s> {
    state: &'s State,
    permission: PermissionHandle,
    asked: Level,
    alone: HashMap<u32, When>,
    /// Positions in `whens`, by rows in order.
    known: HashMap<Box<[u32]>, usize, Keyed>,
    whens: Vec<When>,
}

impl<'s> Together<'s> {
    fn new(state: &'s State, permission: PermissionHandle, asked: Level) -> Self {
        let known = HashMap::with_hasher(seeded());
        Self { state, permission, asked, alone: HashMap::new(), known, whens: Vec::new() }
    }

    /// Of these rows, in order. What rows give together is what one of them gives.
    fn of(&mut self, rows: &[u32]) -> &When {
        let at = self.known.get(rows).copied().unwrap_or_else(|| {
            let together = rows.iter().map(|row| self.alone(*row)).fold(When::No, When::or);
            self.known.insert(rows.into(), self.whens.len());
            self.whens.push(together);
            self.whens.len() - 1
        });
        self.whens.get(at).unwrap_or(&When::No)
    }

    fn alone(&mut self, row: u32) -> When {
        let Self { state, permission, asked, .. } = *self;
        let when = self.alone.entry(row).or_insert_with(|| {
            let levels = state.whens_of_rows(&[row], permission, &Facts::OPEN);
            levels.into_iter().nth(usize::from(asked.0).saturating_sub(1)).unwrap_or(When::No)
        });
        when.clone()
    }
}

impl State {
    /// Every permission that the subject holds at `resource`, in the order of the catalogue.
    /// `O(holdings x permissions)`.
    #[must_use]
    pub fn permissions_of(
        &self,
        subject: &Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Vec<Holds> {
        let catalogue = self.catalogue();
        let (levels, _) =
            self.levels_of(subject, resource, Request::new(request.at).in_session(request.session));
        let holdings: Vec<&Holding> = self.counting(subject, resource, request).collect();
        let is_open = subject.active
            && catalogue.is_place(resource)
            && holdings.iter().any(|holding| holding.row.reachable.is_some());
        let whens = is_open.then(|| {
            let facts = Facts::of_subject(&subject.id, &subject.attributes);
            self.whens(catalogue.handles().collect(), holdings.iter().copied(), &facts, None)
        });
        let holds = |(permission, level): (PermissionHandle, Level)| match &whens {
            Some(whens) if catalogue.is_conditional(permission) => self.holds(permission, whens),
            _ => Holds { permission, level, conditional: Vec::new() },
        };
        let all = catalogue.handles().zip(levels).map(holds);
        all.filter(|holds| holds.level > Level::NONE || !holds.conditional.is_empty()).collect()
    }

    /// What is held of a permission where levels are held as that says.
    fn holds(&self, permission: PermissionHandle, whens: &Whens) -> Holds {
        let top = self.catalogue().scale(permission).map_or(Level::NONE, |scale| scale.top());
        let mut holds = Holds { permission, level: Level::NONE, conditional: Vec::new() };
        for level in (1..=top.0).map(Level) {
            match whens.get(permission, level) {
                When::Yes => holds.level = level,
                When::No => break,
                when @ When::If(_) => holds.conditional.push((level, when)),
            }
        }
        holds
    }

    /// What it is worked out from that the subject holds some of a permission.
    pub(crate) fn grounds_of<'s>(
        &'s self,
        subject: &'s Subject,
        permission: PermissionHandle,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Grounds<'s> {
        let holdings: Vec<&Holding> = self.counting(subject, resource, request).collect();
        let granted =
            |handle| holdings.iter().map(|it| self.granted_by(it, handle)).max().unwrap_or_default();
        self.grounds(permission, granted, Some((&subject.id, &subject.attributes)))
    }

    /// Everybody who may do something at `resource`, by id. `O(users x holdings)`, a bit each; where a
    /// condition decides, what rows come to is worked out once, and read for each who holds these.
    #[must_use]
    pub fn who_can(
        &self,
        permission: PermissionHandle,
        asked: Level,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Vec<(String, When)> {
        let Some(bit) = self.policy().layout.bit(permission, asked) else { return Vec::new() };
        if !self.is_present(permission) || !self.catalogue().is_place(resource) {
            return Vec::new();
        }
        let gives: Vec<Gives> = (0..self.rows.len())
            .map(|row| match (self.rows.reaches(row, bit), self.rows.can_reach(row, bit)) {
                (true, _) => Gives::Always,
                (false, true) => Gives::Perhaps,
                (false, false) => Gives::Never,
            })
            .collect();
        let rows: Vec<bool> = gives.iter().map(|gives| *gives > Gives::Never).collect();
        let gives = |row: u32| gives.get(row as usize).copied().unwrap_or(Gives::Never);
        // Most can be told by a look at what their links lead to.
        let is_giving = |row: u32| gives(row) > Gives::Never;
        let (place, session) = (resource.borrowed(), self.session_of(request));
        let there = (place, request.at, session);
        let counts = |held: &Held| is_giving(held.row) && held.counts(place, request.at, session);
        let brought = self.people.brought(|held| counts(held).then_some(held.row));
        let (groups, packages) = brought.leading();
        let base = self.base_row().filter(|row| is_giving(*row));
        let common: Vec<u32> = base.into_iter().chain(brought.everyone.iter().copied()).collect();
        let possible = self.people.led([&rows, &rows, &groups, &packages], !common.is_empty());
        let mut together = Together::new(self, permission, asked);
        let (none, mut all, mut counting) = (Attributes::default(), Vec::new(), Vec::new());
        for user in possible {
            counting.clear();
            counting.extend_from_slice(&common);
            self.people.each_counting(user, there, is_giving, &brought, |row| counting.push(row));
            let when = if counting.iter().any(|row| gives(*row) == Gives::Always) {
                When::Yes
            } else if counting.is_empty() {
                continue;
            } else {
                counting.sort_unstable();
                counting.dedup();
                let attributes = self.attributes(user).unwrap_or(&none);
                let facts = Facts::of_subject(self.user_id(user), attributes);
                together.of(&counting).known(&facts).unwrap_or_else(|| {
                    let subject = self.resolve(user);
                    subject.map_or(When::No, |it| self.when(&it, permission, asked, resource, request))
                })
            };
            if when.is_possible() {
                all.push((self.user_id(user).to_owned(), when));
            }
        }
        // Users stand almost in the order of their ids.
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        all
    }

    /// Every role that gives something, in the order of roles: held at the tenant, or at resources
    /// of a type. `O(roles x types)`.
    #[must_use]
    pub fn roles_giving(&self, permission: PermissionHandle, asked: Level) -> Vec<Giving> {
        let ways = Ways::to(self, permission, asked, &|_, _| true);
        let all = (0..self.policy().roles().len()).filter(|_| asked > Level::NONE);
        all.flat_map(|role| self.giving(role, permission, &ways)).collect()
    }

    fn giving(&self, role: usize, permission: PermissionHandle, ways: &Ways) -> Vec<Giving> {
        let tenant = ResourcePath::tenant();
        let how = |scope: &ResourcePath| {
            let derivation = self.derive(role, scope, ways, Counting::Here)?;
            Some(match derivation.way {
                None => How::Everything,
                Some((way, _)) if way.steps > 0 => How::Implied,
                Some(_) if !derivation.part.inherited.is_empty() => How::Inherited,
                Some(_) => How::Granted,
            })
        };
        let giving = |how, at, when| Giving { role: self.role_id(role).to_owned(), how, at, when };
        let everywhere = how(&tenant)
            .map(|how| giving(how, Vec::new(), self.when_of_role(role, permission, ways.asked())));
        let asks_type = self.policy().role(role).is_some_and(|role| role.asks_type);
        let mut all: Vec<Giving> = everywhere.into_iter().collect();
        for kind in self.catalogue().resource_types().iter().filter(|_| asks_type) {
            let example = kind.pattern().example();
            let Some(how) = how(&example) else { continue };
            let when = self.when_of_role_at(role, &example, permission, ways.asked());
            match all.iter_mut().find(|known| known.when == when) {
                Some(known) if known.at.is_empty() => {}
                Some(known) => {
                    known.how = known.how.min(how);
                    known.at.push(kind.id().to_owned());
                }
                None => all.push(giving(how, vec![kind.id().to_owned()], when)),
            }
        }
        all
    }

    /// Of these places those at which the subject may do something, in their order.
    /// `O(places x holdings)`.
    #[must_use]
    pub fn resources_where<'p>(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        asked: Level,
        candidates: &'p [ResourcePath],
        request: Request<'_>,
    ) -> Vec<(&'p ResourcePath, When)> {
        let found =
            candidates.iter().map(|place| (place, self.when(subject, permission, asked, place, request)));
        found.filter(|(_, when)| when.is_possible()).collect()
    }

    /// The resources of a type that some assignment names as its scope, or that lie on the way to one,
    /// in order: all that is known of which there are. `O(assignments)`.
    #[must_use]
    pub fn known_resources(&self, kind: &ResourceType) -> BTreeSet<ResourcePath> {
        let scopes = self.documents().directory.assignments.values().map(|it| it.scope.as_str());
        scopes.filter_map(|scope| kind.pattern().leading(scope)).collect()
    }
}

impl Index {
    /// Whether the subject may do something at some scope that it holds; a condition left over
    /// counts as yes. What a menu asks. `O(scopes x holdings)`.
    #[must_use]
    pub fn can_anywhere(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        asked: Level,
        request: Request<'_>,
    ) -> bool {
        let may = |scope: &ResourcePath| self.may_at(subject, permission, asked, scope, request);
        may(&ResourcePath::tenant()) || subject.scopes().into_iter().any(may)
    }

    /// Whether the subject may do an operation anywhere: each need of one alternative somewhere that
    /// such a resource can be. False for an operation that is not known.
    #[must_use]
    pub fn can_do_anywhere(&self, subject: &Subject, operation: &str, request: Request<'_>) -> bool {
        let Some(operation) = self.catalogue().operation(operation) else { return false };
        let tenant = ResourcePath::tenant();
        // What does not count now gives nothing, and at its place nothing more than above it.
        let scopes: Vec<_> = subject.scopes().into_iter().chain([&tenant]).collect();
        let open = Facts::of_subject(&subject.id, &subject.attributes);
        let is_met = |need: &Need| {
            let pattern = need.resource.and_then(|position| operation.resources.get(position));
            let fits = |scope: &ResourcePath| match pattern {
                Some((_, pattern)) => pattern.leads_to(scope),
                None => scope.is_tenant(),
            };
            let unless = need.unless.as_ref();
            unless.is_some_and(|unless| unless.may_hold(&Operation::facts_of(need, &open)))
                || scopes.iter().any(|scope| {
                    fits(scope) && self.may_at(subject, need.permission, need.asked, scope, request)
                })
        };
        operation.alternatives.iter().any(|needs| !needs.is_empty() && needs.iter().all(is_met))
    }

    /// Whether the subject may do something at a place for some values of what the request says.
    fn may_at(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        asked: Level,
        place: &ResourcePath,
        request: Request<'_>,
    ) -> bool {
        asked > Level::NONE && self.level_perhaps(subject, permission, place, request) >= asked
    }

    /// The scopes at which a subject holds something now, and the tenant.
    pub(crate) fn scopes_of(&self, subject: &Subject, request: Request<'_>) -> BTreeSet<ResourcePath> {
        let session = request.session.filter(|_| self.waits_for_next_login());
        let counts = |holding: &&Holding| holding.counts(request.at, session);
        let held = subject.holdings().iter().filter(counts).map(|holding| holding.scope.clone());
        held.chain([ResourcePath::tenant()]).collect()
    }
}
