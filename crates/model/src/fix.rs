//! Fixes: the smallest changes that would allow what is refused, and how many others they let in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::catalogue::{Only, PermissionHandle};
use crate::change::{AssignmentEdit, Change, Context, PackageEdit};
use crate::condition::{Condition, RequestAttributes};
use crate::decide::Request;
use crate::derive::{Counting, Ways};
use crate::directory::{Principal, Source};
use crate::explain::Asked;
use crate::resource::ResourcePath;
use crate::role::RoleDocument;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Subject, Via};

/// A change that would allow what is refused. No part of it would be enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Remedy {
    /// What it does, for a button.
    pub label: String,
    /// What it comes to, at most three of these.
    pub steps: Vec<Step>,
    /// The change that does it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub change: Change,
    /// How many other active users would be allowed it too.
    pub others: usize,
}

/// Something small that can be done about a refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Give the user an existing role where it is needed.
    GiveRole {
        /// The role's id.
        role: String,
        /// Where.
        scope: String,
    },
    /// Put the user on a package.
    SetPackage {
        /// The package's id.
        package: String,
    },
    /// Put an existing role on the user's package.
    AddToPackage {
        /// The package's id.
        package: String,
        /// The role's id.
        role: String,
    },
    /// Put the permission into an editable role.
    Grant {
        /// The role's id.
        role: String,
        /// The permission's id.
        permission: String,
        /// The level's id.
        level: String,
    },
}

impl Step {
    /// Whether it changes what others hold too.
    fn is_shared(&self) -> bool {
        matches!(self, Self::AddToPackage { .. } | Self::Grant { .. })
    }
}

/// How many fixes are told.
const MOST: usize = 8;
/// The most steps that a fix has.
const LARGEST: usize = 3;
/// How many ways that are not enough by themselves are looked at for one need of an operation that
/// has several.
const MOST_FOR_A_LEG: usize = 32;

/// Needs that are enough together.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) legs: Vec<Leg>,
    /// Whether fixes are looked for that meet its needs. Who meets those of another is allowed
    /// nonetheless: a part of a fix that lets in by it is enough.
    pub(crate) is_curable: bool,
}

/// One need, and what brings it.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) asked: Asked,
    pub(crate) ways: Ways,
    /// What is said of the request, for this need.
    pub(crate) attributes: RequestAttributes,
    /// It is dropped for whom this is true.
    pub(crate) unless: Option<Condition>,
}

impl Leg {
    fn is_dropped(&self, subject: &Subject, at: Timestamp) -> bool {
        let request = Request::new(at).with(&self.attributes);
        self.unless.as_ref().is_some_and(|unless| unless.holds(&request.facts(subject)))
    }
}

type Steps = BTreeSet<Step>;

/// A role held somewhere.
type Held = (usize, ResourcePath);

struct Search<'s> {
    state: &'s State,
    subject: &'s Subject,
    at: Timestamp,
    alternatives: &'s [Alternative],
    /// What counts without the package.
    own: Vec<Held>,
    package: Option<String>,
}

impl State {
    /// The fixes for what is refused: alternatives of which one suffices. For a session begun
    /// afterwards.
    pub(crate) fn remedies(
        &self,
        subject: &Subject,
        alternatives: &[Alternative],
        at: Timestamp,
    ) -> Vec<Remedy> {
        let counting = subject.holdings.iter().filter(|holding| holding.in_window(at));
        let own = counting.filter(|holding| !matches!(holding.via, Via::Package { .. }));
        let search = Search {
            state: self,
            subject,
            at,
            alternatives,
            own: own.map(|holding| (holding.role, holding.scope.clone())).collect(),
            package: self.package_of(subject),
        };
        search.best()
    }
}

impl Search<'_> {
    /// The first fixes by how many others gain, then by size, then by what they are.
    fn best(&self) -> Vec<Remedy> {
        // Whom a new session lets in needs nothing else, whatever the other alternatives lack.
        if self.allows(&Steps::new()) {
            return Vec::new();
        }
        let (shared, alone): (Vec<_>, Vec<_>) =
            self.minimal().into_iter().partition(|steps| steps.iter().any(Step::is_shared));
        let mut best: Vec<(usize, usize, Steps, Remedy)> = Vec::new();
        for steps in alone {
            if best.len() < MOST {
                best.extend(self.tried(&steps, 0).map(|remedy| (0, steps.len(), steps, remedy)));
            }
        }
        let mut crowd = None;
        for steps in shared {
            let is_full = best.len() == MOST;
            let beats = |others: usize, last: &(usize, usize, Steps, Remedy)| {
                (others, steps.len(), &steps) < (last.0, last.1, &last.2)
            };
            if is_full && !best.last().is_some_and(|last| beats(0, last)) {
                continue;
            }
            let others = crowd.get_or_insert_with(|| Crowd::new(self)).gains(self, &steps);
            if is_full && !best.last().is_some_and(|last| beats(others, last)) {
                continue;
            }
            if let Some(remedy) = self.tried(&steps, others) {
                let place = best.partition_point(|known| !beats(others, known));
                best.insert(place, (others, steps.len(), steps, remedy));
                best.truncate(MOST);
            }
        }
        best.into_iter().map(|(.., remedy)| remedy).collect()
    }

    /// Every inclusion-minimal set of steps that allows it, by size and then by what they are.
    fn minimal(&self) -> Vec<Steps> {
        let mut found: BTreeSet<Steps> = BTreeSet::new();
        for Alternative { legs, .. } in self.alternatives.iter().filter(|it| it.is_curable) {
            let needed = legs.iter().filter(|leg| !self.is_dropped(leg));
            let resources: BTreeSet<&ResourcePath> = needed.map(|leg| &leg.asked.resource).collect();
            let mut ways: Vec<Vec<Steps>> = legs.iter().map(|leg| self.for_leg(leg, &resources)).collect();
            if legs.len() > 1 {
                ways.iter_mut().for_each(|ways| self.few(legs, ways));
            }
            self.complete(legs, &ways, &Steps::new(), &mut found);
        }
        // What meets one need may meet another too, so that a part is enough that was not looked for.
        let all_found = self.alternatives.iter().all(|it| it.is_curable && it.legs.len() == 1);
        let is_enough = |part: &Steps| found.contains(part) || !all_found && self.allows(part);
        let mut minimal: BTreeSet<Steps> = BTreeSet::new();
        for steps in &found {
            let mut parts: Vec<Steps> = (1..1_usize << steps.len())
                .map(|part| {
                    let chosen = steps.iter().enumerate().filter(|(at, _)| part >> at & 1 == 1);
                    chosen.map(|(_, step)| step.clone()).collect()
                })
                .collect();
            parts.sort_by_key(Steps::len);
            let mut smallest: Vec<Steps> = Vec::new();
            for part in parts {
                if !smallest.iter().any(|known| known.is_subset(&part)) && is_enough(&part) {
                    smallest.push(part);
                }
            }
            minimal.extend(smallest);
        }
        let mut minimal: Vec<Steps> = minimal.into_iter().collect();
        minimal.sort_by_key(Steps::len);
        minimal
    }

    /// Adds to `chosen` until every need is met.
    fn complete(&self, legs: &[Leg], ways: &[Vec<Steps>], chosen: &Steps, found: &mut BTreeSet<Steps>) {
        let (held, grants) = (self.held(chosen), self.grants(chosen));
        let mut needs = legs.iter().zip(ways);
        let Some((_, unmet)) = needs.find(|(leg, _)| !self.meets(leg, &held, &grants)) else {
            found.insert(chosen.clone());
            return;
        };
        for more in unmet.iter().filter(|more| !more.is_subset(chosen)) {
            let steps: Steps = chosen.union(more).cloned().collect();
            let packages = steps.iter().filter(|step| matches!(step, Step::SetPackage { .. }));
            if steps.len() <= LARGEST && packages.count() <= 1 && !found.contains(&steps) {
                self.complete(legs, ways, &steps, found);
            }
        }
    }

    fn is_dropped(&self, leg: &Leg) -> bool {
        leg.is_dropped(self.subject, self.at)
    }

    /// Of what meets one need keeps all that is enough for every need, and of the rest the first few
    /// of the smallest, of those of a size what meets the most needs; of those that change only the
    /// user as many as of the others.
    fn few(&self, legs: &[Leg], ways: &mut Vec<Steps>) {
        let met = |steps: &Steps| {
            let (held, grants) = (self.held(steps), self.grants(steps));
            legs.iter().filter(|leg| self.meets(leg, &held, &grants)).count()
        };
        let mut ranked: Vec<(usize, Reverse<usize>, Steps)> =
            ways.drain(..).map(|steps| (steps.len(), Reverse(met(&steps)), steps)).collect();
        ranked.sort();
        let mut kept = [0, 0];
        ranked.retain(|(_, met, steps)| {
            let shared = usize::from(steps.iter().any(Step::is_shared));
            let kept = kept.get_mut(shared).filter(|_| met.0 < legs.len());
            kept.is_none_or(|kept| {
                *kept += 1;
                *kept <= MOST_FOR_A_LEG
            })
        });
        ways.extend(ranked.into_iter().map(|(.., steps)| steps));
    }

    /// The sets of steps that meet one need. They may give a role at any of the resources.
    fn for_leg(&self, leg: &Leg, resources: &BTreeSet<&ResourcePath>) -> Vec<Steps> {
        let mut found = BTreeSet::new();
        if self.is_dropped(leg) {
            return Vec::new();
        }
        let tenant = ResourcePath::tenant();
        let reaching = |scope: &ResourcePath| scope.reaches(&leg.asked.resource);
        for (role, scope) in self.held(&Steps::new()).iter().filter(|(_, scope)| reaching(scope)) {
            self.brought(leg, *role, scope, Steps::new(), &mut found);
        }
        for role in 0..self.state.policy().roles().len() {
            for scope in resources.iter().filter(|scope| reaching(scope)) {
                let give =
                    Step::GiveRole { role: self.state.role_id(role).to_owned(), scope: scope.to_string() };
                self.brought(leg, role, scope, Steps::from([give]), &mut found);
            }
        }
        for package in self.state.policy().packages().values() {
            let is_own = self.package.as_deref() == Some(package.id.as_str());
            let set: Steps = match is_own {
                true => Steps::new(),
                false => Steps::from([Step::SetPackage { package: package.id.clone() }]),
            };
            for role in 0..self.state.policy().roles().len() {
                let id = self.state.role_id(role);
                if package.roles.iter().any(|link| link.role == id) {
                    if !is_own {
                        self.brought(leg, role, &tenant, set.clone(), &mut found);
                    }
                } else if self.state.can_be_carried(role) {
                    let mut steps = set.clone();
                    steps.insert(Step::AddToPackage { package: package.id.clone(), role: id.to_owned() });
                    self.brought(leg, role, &tenant, steps, &mut found);
                }
            }
        }
        found.into_iter().collect()
    }

    /// The steps by which a role held at `scope` meets a need: none, or a grant in one of its parts.
    fn brought(
        &self,
        leg: &Leg,
        role: usize,
        scope: &ResourcePath,
        steps: Steps,
        found: &mut BTreeSet<Steps>,
    ) {
        if self.state.gives(role, scope, &leg.ways) {
            found.insert(steps);
            return;
        }
        let Asked { permission, level, .. } = leg.asked;
        if !leg.ways.lead_from(permission, level) {
            return;
        }
        for part in self.state.parts(role, scope, Counting::Here) {
            if self.can_grant(part.role, permission) {
                let mut steps = steps.clone();
                let told = self.state.told(permission, level);
                let role = self.state.role_id(part.role).to_owned();
                steps.insert(Step::Grant { role, permission: told.permission, level: told.level });
                found.insert(steps);
            }
        }
    }

    /// Whether the role is editable and the permission may be set in it.
    fn can_grant(&self, role: usize, permission: PermissionHandle) -> bool {
        let Some(known) = self.state.role(self.state.role_id(role)) else {
            return false;
        };
        let only = self.state.catalogue().permission(permission).and_then(|permission| permission.only);
        let allowed_here = match only {
            None => true,
            Some(Only::Base) => known.base,
            Some(Only::Custom) => !known.base,
        };
        allowed_here && !known.is_built_in() && !known.superuser
    }

    /// What the subject would hold.
    fn held(&self, steps: &Steps) -> Vec<Held> {
        let mut held = self.own.clone();
        let set = steps.iter().find_map(|step| match step {
            Step::SetPackage { package } => Some(package.clone()),
            _ => None,
        });
        let on = set.or_else(|| self.package.clone());
        let carried = on.iter().filter_map(|on| self.state.policy().packages().get(on));
        let carried = carried.flat_map(|package| package.roles.iter().map(|link| link.role.as_str()));
        let added = steps.iter().filter_map(|step| match step {
            Step::AddToPackage { package, role } if Some(package) == on.as_ref() => Some(role.as_str()),
            _ => None,
        });
        let place = |role: &str| self.state.policy().role_position(role);
        held.extend(carried.chain(added).filter_map(|role| Some((place(role)?, ResourcePath::tenant()))));
        held.extend(steps.iter().filter_map(|step| match step {
            Step::GiveRole { role, scope } => Some((place(role)?, ResourcePath::parse(scope).ok()?)),
            _ => None,
        }));
        held
    }

    fn grants(&self, steps: &Steps) -> Vec<Grant> {
        let grants = steps.iter().filter_map(|step| match step {
            Step::Grant { role, permission, level } => {
                let (permission, level) = self.state.catalogue().grant(permission, level).ok()?;
                Some(Grant { role: self.state.policy().role_position(role)?, permission, level })
            }
            _ => None,
        });
        grants.collect()
    }

    fn meets(&self, leg: &Leg, held: &[Held], grants: &[Grant]) -> bool {
        let mut reaching = held.iter().filter(|(_, scope)| scope.reaches(&leg.asked.resource));
        self.is_dropped(leg)
            || reaching.any(|(role, scope)| self.state.gives_with(*role, scope, &leg.ways, grants))
    }

    fn allows(&self, steps: &Steps) -> bool {
        let (held, grants) = (self.held(steps), self.grants(steps));
        self.alternatives
            .iter()
            .any(|Alternative { legs, .. }| legs.iter().all(|leg| self.meets(leg, &held, &grants)))
    }

    /// The steps as a change, where it is accepted and does what it should.
    fn tried(&self, steps: &Steps, others: usize) -> Option<Remedy> {
        if !self.allows(steps) {
            return None;
        }
        let change = self.change(steps)?;
        let context = Context { now: self.at, id: "trial".to_owned() };
        let outcome = self.state.change(&change, &Actor::Operator, &context).ok()?;
        let subject = outcome.state.subject(self.subject.id())?;
        let is_met = |leg: &Leg| {
            let Asked { permission, level, resource } = &leg.asked;
            let request = Request::new(self.at).with(&leg.attributes);
            leg.is_dropped(&subject, self.at)
                || outcome.state.level_of(&subject, *permission, resource, request) >= *level
        };
        let allowed = self.alternatives.iter().any(|it| it.legs.iter().all(is_met));
        let labels: Vec<String> = steps.iter().map(|step| self.label(step)).collect();
        let label = labels.join(", and ");
        allowed.then(|| Remedy { label, steps: steps.iter().cloned().collect(), change, others })
    }

    /// One change of all steps; what edits one role or one package is one edit.
    fn change(&self, steps: &Steps) -> Option<Change> {
        let documents = self.state.documents();
        let mut roles: BTreeMap<&str, RoleDocument> = BTreeMap::new();
        let mut packages: BTreeMap<&str, PackageEdit> = BTreeMap::new();
        let mut links = Vec::new();
        for step in steps {
            match step {
                Step::Grant { role, permission, level } => {
                    if !roles.contains_key(role.as_str()) {
                        roles.insert(role, documents.roles.get(role)?.clone());
                    }
                    roles.get_mut(role.as_str())?.grants.insert(permission.clone(), level.clone());
                }
                Step::AddToPackage { package, role } => {
                    if !packages.contains_key(package.as_str()) {
                        let known = documents.packages.get(package)?;
                        let edit = PackageEdit {
                            id: known.id.clone(),
                            name: known.name.clone(),
                            description: known.description.clone(),
                            roles: known.roles.iter().map(|link| link.role.clone()).collect(),
                        };
                        packages.insert(package, edit);
                    }
                    packages.get_mut(package.as_str())?.roles.push(role.clone());
                }
                Step::SetPackage { package } => links.push(Change::SetPackage {
                    id: self.subject.id().to_owned(),
                    package: Some(package.clone()),
                }),
                Step::GiveRole { role, scope } => links.push(Change::Assign {
                    assignment: AssignmentEdit {
                        principal: Principal::User(self.subject.id().to_owned()),
                        role: role.clone(),
                        scope: scope.clone(),
                        source: Source::Direct,
                        from: None,
                        until: None,
                    },
                }),
            }
        }
        let roles = roles.into_values().map(|role| Change::UpdateRole { role });
        let packages = packages.into_values().map(|package| Change::UpdatePackage { package });
        let mut changes: Vec<Change> = roles.chain(packages).chain(links).collect();
        match changes.len() {
            1 => changes.pop(),
            _ => Some(Change::Batch { changes }),
        }
    }

    fn label(&self, step: &Step) -> String {
        let documents = self.state.documents();
        let role = |id: &String| documents.roles.get(id).map_or_else(|| id.clone(), |role| role.name.clone());
        let package = |id: &String| {
            documents.packages.get(id).map_or_else(|| id.clone(), |package| package.name.clone())
        };
        let user = documents.directory.users.get(self.subject.id());
        let person = user.map(|user| user.display_name()).filter(|name| !name.is_empty());
        let person = person.unwrap_or_else(|| self.subject.id().to_owned());
        match step {
            Step::GiveRole { role: id, scope } if scope == "/" => format!("give {person} `{}`", role(id)),
            Step::GiveRole { role: id, scope } => format!("give {person} `{}` at `{scope}`", role(id)),
            Step::SetPackage { package: id } => format!("put {person} on `{}`", package(id)),
            Step::AddToPackage { package: id, role: added } => {
                format!("add `{}` to `{}`", role(added), package(id))
            }
            Step::Grant { role: id, permission, level } => {
                let catalogue = self.state.catalogue();
                let handle = catalogue.handle(permission);
                let label = handle.and_then(|handle| Some(catalogue.permission(handle)?.label()));
                let level = handle
                    .and_then(|handle| catalogue.scale(handle))
                    .and_then(|scale| scale.get(scale.level(level)?))
                    .map_or(level.as_str(), |level| &level.label);
                let label = label.filter(|label| !label.is_empty()).unwrap_or(permission);
                format!("set `{label}` to `{level}` in `{}`", role(id))
            }
        }
    }
}

/// A grant that a role would have.
#[derive(Clone, Copy, Debug)]
struct Grant {
    role: usize,
    permission: PermissionHandle,
    level: Level,
}

impl State {
    /// Whether a role held at `scope` would give what is asked for with these grants beside.
    fn gives_with(&self, role: usize, scope: &ResourcePath, ways: &Ways, grants: &[Grant]) -> bool {
        let granted = grants.iter().filter(|grant| ways.lead_from(grant.permission, grant.level));
        let granted: Vec<usize> = granted.map(|grant| grant.role).collect();
        self.gives(role, scope, ways)
            || !granted.is_empty()
                && self.parts(role, scope, Counting::Here).iter().any(|part| granted.contains(&part.role))
    }
}

/// The other active users who are refused too, and what they hold.
struct Crowd {
    blocked: Vec<Blocked>,
    /// Roles at scopes, of which those with the same types give the same.
    keys: Vec<Held>,
    /// For each need of each alternative what brings it, none where it is dropped; once for each
    /// outcome of the conditions.
    variants: Vec<Vec<Vec<Option<Ways>>>>,
    known: BTreeMap<Vec<Step>, usize>,
}

struct Blocked {
    variant: usize,
    package: Option<String>,
    /// For each need of each alternative, the keys of what counts there.
    keys: Vec<Vec<Vec<u32>>>,
}

/// Which keys meet a need, and which of the roles on packages; none where the need is dropped.
type Met = Option<(Vec<bool>, Vec<bool>)>;

impl Crowd {
    /// `O(users x holdings)`.
    fn new(search: &Search<'_>) -> Self {
        let state = search.state;
        let mut crowd =
            Self { blocked: Vec::new(), keys: Vec::new(), variants: Vec::new(), known: BTreeMap::new() };
        let mut interned: BTreeMap<(usize, Vec<u16>), u32> = BTreeMap::new();
        let mut outcomes: BTreeMap<Vec<Vec<Vec<bool>>>, usize> = BTreeMap::new();
        for subject in
            state.subjects().filter(|subject| subject.is_active() && subject.id() != search.subject.id())
        {
            let outcome = search.outcome(&subject);
            let next = outcomes.len();
            let variant = *outcomes.entry(outcome).or_insert_with(|| {
                crowd.variants.push(search.variant(&subject));
                next
            });
            let mut keys = Vec::new();
            for Alternative { legs, .. } in search.alternatives {
                let mut of_legs = Vec::new();
                for leg in legs {
                    let mut of_leg = Vec::new();
                    for holding in state.counting(&subject, &leg.asked.resource, Request::new(search.at)) {
                        let types = state.policy().types_of(holding.scope.borrowed());
                        let next = u32::try_from(interned.len()).unwrap_or(u32::MAX);
                        let key = *interned.entry((holding.role, types)).or_insert_with(|| {
                            crowd.keys.push((holding.role, holding.scope.clone()));
                            next
                        });
                        of_leg.push(key);
                    }
                    of_leg.sort_unstable();
                    of_leg.dedup();
                    of_legs.push(of_leg);
                }
                keys.push(of_legs);
            }
            crowd.blocked.push(Blocked { variant, package: state.package_of(&subject), keys });
        }
        let allowed = crowd.allowed(search, &[], None);
        let mut allowed = allowed.into_iter();
        crowd.blocked.retain(|_| !allowed.next().unwrap_or_default());
        crowd
    }

    /// How many of them the steps would let in.
    fn gains(&mut self, search: &Search<'_>, steps: &Steps) -> usize {
        let shared = steps.iter().filter(|step| step.is_shared()).cloned().collect::<Vec<_>>();
        if let Some(known) = self.known.get(&shared) {
            return *known;
        }
        let carried: Vec<(&str, usize)> = shared
            .iter()
            .filter_map(|step| match step {
                Step::AddToPackage { package, role } => {
                    Some((package.as_str(), search.state.policy().role_position(role)?))
                }
                _ => None,
            })
            .collect();
        let allowed = self.allowed(search, &search.grants(steps), Some(&carried));
        let gains = allowed.into_iter().filter(|allowed| *allowed).count();
        self.known.insert(shared, gains);
        gains
    }

    /// For each of them whether it would be allowed, with these grants and these roles on packages.
    fn allowed(&self, search: &Search<'_>, grants: &[Grant], carried: Option<&[(&str, usize)]>) -> Vec<bool> {
        let (state, tenant) = (search.state, ResourcePath::tenant());
        let carried = carried.unwrap_or_default();
        // For each outcome of the conditions, alternative and need.
        let met: Vec<Vec<Vec<Met>>> = self
            .variants
            .iter()
            .map(|alternatives| {
                let of_leg = |ways: &Option<Ways>| {
                    let ways = ways.as_ref()?;
                    let key = |(role, scope): &Held| state.gives_with(*role, scope, ways, grants);
                    let carry = |(_, role): &(&str, usize)| state.gives_with(*role, &tenant, ways, grants);
                    Some((self.keys.iter().map(key).collect(), carried.iter().map(carry).collect()))
                };
                alternatives.iter().map(|legs| legs.iter().map(of_leg).collect()).collect()
            })
            .collect();
        let is_allowed = |blocked: &Blocked| {
            let met = met.get(blocked.variant).into_iter().flatten();
            met.zip(&blocked.keys).any(|(legs, keys)| {
                legs.iter().zip(keys).all(|(met, keys)| {
                    let Some((of_keys, of_carried)) = met else { return true };
                    keys.iter().any(|key| of_keys.get(*key as usize) == Some(&true))
                        || carried
                            .iter()
                            .zip(of_carried)
                            .any(|((package, _), met)| *met && blocked.package.as_deref() == Some(*package))
                })
            })
        };
        self.blocked.iter().map(is_allowed).collect()
    }
}

impl Search<'_> {
    /// For each need of each alternative whether it is dropped, and which conditions hold for that
    /// user.
    fn outcome(&self, subject: &Subject) -> Vec<Vec<Vec<bool>>> {
        let conditional = self.state.conditional_levels();
        let of_leg = |leg: &Leg| {
            let holds = self.state.holds_for(subject, Request::new(self.at).with(&leg.attributes));
            let conditions = conditional.iter().map(|(permission, level)| holds(*permission, *level));
            [leg.is_dropped(subject, self.at)].into_iter().chain(conditions).collect()
        };
        self.alternatives.iter().map(|it| it.legs.iter().map(of_leg).collect()).collect()
    }

    /// What brings each need to that user; none where it is dropped.
    fn variant(&self, subject: &Subject) -> Vec<Vec<Option<Ways>>> {
        let of_leg = |leg: &Leg| {
            let holds = self.state.holds_for(subject, Request::new(self.at).with(&leg.attributes));
            let ways = || Ways::to(self.state, leg.asked.permission, leg.asked.level, &holds);
            (!leg.is_dropped(subject, self.at)).then(ways)
        };
        self.alternatives.iter().map(|it| it.legs.iter().map(of_leg).collect()).collect()
    }
}

impl State {
    /// The package that a user is on.
    fn package_of(&self, subject: &Subject) -> Option<String> {
        let user = self.documents().directory.users.get(subject.id())?;
        user.package.as_ref().map(|link| link.package.clone())
    }

    /// The levels that have a condition, in order.
    fn conditional_levels(&self) -> Vec<(PermissionHandle, Level)> {
        let catalogue = self.catalogue();
        let levels = |permission: PermissionHandle| {
            let details = catalogue.permission(permission).into_iter().flat_map(|known| &known.levels);
            let conditional = (0..).map(Level).zip(details).filter(|(_, detail)| detail.condition.is_some());
            conditional.map(move |(level, _)| (permission, level))
        };
        catalogue.handles().flat_map(levels).collect()
    }
}
