//! How much more a fix gives the person than what is asked for.

use super::{Grant, Held, Search, Steps};
use crate::derive::Counting;
use crate::resource::ResourcePath;
use crate::rows::Bits;

/// What a fix gives. The less, the sooner it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gain {
    /// Whether it makes a superuser of them.
    pub(super) superuser: bool,
    /// How many permissions they would hold more of.
    pub(super) permissions: usize,
}

/// What the person can do at a place that is asked about: every condition is taken to be true.
pub(super) struct Best {
    place: ResourcePath,
    bits: Bits,
    superuser: bool,
}

impl Search<'_> {
    /// What they can do now, at each place that is asked about. `O(places x holdings)`.
    pub(super) fn now(&self) -> Vec<Best> {
        let legs = self.alternatives.iter().flat_map(|it| &it.legs);
        let mut places: Vec<&ResourcePath> = legs.map(|leg| &leg.asked.resource).collect();
        places.sort_unstable();
        places.dedup();
        let held = self.held(&Steps::new());
        places.into_iter().map(|place| self.at_best(place, &held, &[])).collect()
    }

    /// What the steps give beyond that, by what roles were compiled to: no change is tried out.
    /// `O(places x (holdings x words + implications + permissions))`.
    pub(super) fn gain(&self, now: &[Best], steps: &Steps) -> Gain {
        let (held, grants) = (self.held(steps), self.grants(steps));
        let layout = &self.state.policy().layout;
        let (mut more, mut superuser) = (layout.none(), false);
        for before in now {
            let after = self.at_best(&before.place, &held, &grants);
            more.join(&after.bits.without(&before.bits));
            superuser |= after.superuser && !before.superuser;
        }
        let gained = self.state.catalogue().handles().filter(|handle| layout.has_some(&more, *handle));
        Gain { superuser, permissions: gained.count() }
    }

    fn at_best(&self, place: &ResourcePath, held: &[Held], grants: &[Grant]) -> Best {
        let policy = self.state.policy();
        let (mut granted, mut superuser) = (policy.layout.none(), false);
        for (role, scope) in held.iter().filter(|(_, scope)| scope.reaches(place)) {
            if let Some(row) = self.state.rows.at(policy, *role, scope) {
                granted.join(&row.granted);
                superuser |= row.superuser;
            }
            // A grant counts wherever the role that has it does.
            let parts =
                if grants.is_empty() { Vec::new() } else { self.state.parts(*role, scope, Counting::Here) };
            for grant in grants.iter().filter(|grant| parts.iter().any(|part| part.role == grant.role)) {
                policy.layout.raise(&mut granted, grant.permission, grant.level);
            }
        }
        Best { place: place.clone(), bits: policy.fixed_point(&granted, &|_| true), superuser }
    }
}
