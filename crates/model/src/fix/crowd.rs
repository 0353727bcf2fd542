//! The other people who are refused, and how many of them a fix lets in.

use std::collections::BTreeMap;

use super::{Alternative, Grant, Held, Leg, Search, Step, Steps};
use crate::catalogue::PermissionHandle;
use crate::decide::Request;
use crate::derive::Ways;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::state::State;
use crate::subject::Subject;

/// The other active users who are refused too, and what they hold.
pub(super) struct Crowd {
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
    pub(super) fn new(search: &Search<'_>) -> Self {
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
    pub(super) fn gains(&mut self, search: &Search<'_>, steps: &Steps) -> usize {
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
