//! The smallest sets of steps that allow what is refused.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Alternative, Leg, Search, Step, Steps};
use crate::catalogue::{Only, PermissionHandle};
use crate::derive::Counting;
use crate::explain::Asked;
use crate::resource::ResourcePath;

/// The most steps that a fix has.
const LARGEST: usize = 3;
/// How many ways that are not enough by themselves are looked at for one need of an operation that
/// has several.
const MOST_FOR_A_LEG: usize = 32;

impl Search<'_> {
    /// Every inclusion-minimal set of steps that allows it, by size and then by what they are.
    pub(super) fn minimal(&self) -> Vec<Steps> {
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
}
