//! The sieve: whom an edit of roles and links can touch, so that they alone are compared.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Difference, difference, is_same_catalogue};
use crate::catalogue::PermissionHandle;
use crate::decide::Request;
use crate::held::OnScale;
use crate::people::{Group, Held, Lead, Package, Sifted, Touched, UserHandle};
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;

/// What an edit touches, where positions of rows, groups and packages mean the same before and after.
pub(super) struct Sieve<'s> {
    before: &'s State,
    after: &'s State,
    rows: Vec<Option<Touched>>,
    groups: Vec<Option<Touched>>,
    packages: Vec<Option<Touched>>,
    /// Whether what all users hold is touched.
    everybody: bool,
    /// What the edited rows can change: permissions whose bits say everything, and those of which a
    /// condition says more. What users hold is the union of what their rows come to.
    plain: Vec<PermissionHandle>,
    conditional: Vec<PermissionHandle>,
    known: HashMap<Vec<Step<'s>>, Arc<[Difference]>>,
}

/// One permission at one place, by level before and after.
type Step<'s> = (PermissionHandle, &'s str, Level, Level);

impl<'s> Sieve<'s> {
    /// None where everybody may be touched.
    pub(super) fn new(before: &'s State, after: &'s State) -> Option<Self> {
        let (was, is) = (&before.people, &after.people);
        let base = |state: &State| state.policy().base();
        if !is_same_catalogue(before, after)
            || !before.is_numbered_as(after)
            || base(before) != base(after)
            || !(Arc::ptr_eq(&was.everyone, &is.everyone) || was.everyone == is.everyone)
        {
            return None;
        }
        let (layout, catalogue) = (&before.policy().layout, before.catalogue());
        let (mut rows, mut bits) = (vec![None; before.rows.len() as usize], layout.none());
        for (position, touched) in (0..).zip(&mut rows) {
            let (known, now) = (before.rows.get(position)?, after.rows.get(position)?);
            if Arc::ptr_eq(known, now) {
                continue;
            }
            // Bits that are reached, or can be, in one alone; and what edited grants can bring, whose
            // conditions may be others.
            let apart = known.granted.apart(&now.granted);
            let mut grants = layout.none();
            for permission in catalogue.handles().filter(|permission| layout.has_some(&apart, *permission)) {
                let level = |bits| layout.level(bits, permission);
                layout.raise(&mut grants, permission, level(&known.granted).max(level(&now.granted)));
            }
            let mut edited = before.policy().fixed_point(&grants, |_| true);
            edited.join(&known.reached.apart(&now.reached));
            edited.join(&known.reachable().apart(now.reachable()));
            if !edited.is_empty() {
                *touched = Some(Touched::ByRows);
                bits.join(&edited);
            }
        }
        let row = |held: &Held| rows.get(held.row as usize).copied().flatten();
        let touched = catalogue.handles().filter(|permission| layout.has_some(&bits, *permission));
        let (conditional, plain) = touched.partition(|permission| catalogue.is_conditional(*permission));
        let everybody =
            before.base_row().is_some_and(|base| rows.get(base as usize).is_some_and(Option::is_some))
                || was.everyone.iter().any(|held| row(held).is_some());
        let groups = was.groups.iter().zip(is.groups.iter()).map(|(group, now)| {
            let reaching = |group: &'s Option<Group>| group.as_ref().map(|group| &group.reaching);
            match std::ptr::eq(group, now) || reaching(now) == reaching(group) {
                true => reaching(group).into_iter().flatten().filter_map(|(held, _)| row(held)).max(),
                false => Some(Touched::Wholly),
            }
        });
        let packages = was.packages.iter().zip(is.packages.iter()).map(|(package, now)| {
            let carried = |package: &'s Option<Package>| package.as_ref().map(|package| &package.carried);
            match carried(now) == carried(package) {
                true => carried(package).into_iter().flatten().filter_map(row).max(),
                false => Some(Touched::Wholly),
            }
        });
        let (groups, packages) = (groups.collect(), packages.collect());
        let known = HashMap::new();
        Some(Self { before, after, rows, groups, packages, everybody, plain, conditional, known })
    }

    /// Those whom the edit can touch.
    pub(super) fn sift(&self) -> Sifted {
        let everybody = self.everybody.then_some(Touched::ByRows);
        self.before.people.sift(
            &self.after.people,
            |lead| {
                let (list, position) = match lead {
                    Lead::Row(row) => (&self.rows, row),
                    Lead::Group(group) => (&self.groups, group),
                    Lead::Package(package) => (&self.packages, package),
                };
                list.get(position as usize).copied().flatten().max(everybody)
            },
            everybody,
        )
    }

    /// What differs for a user whom rows alone touch.
    pub(super) fn differences(&mut self, user: UserHandle, at: Timestamp) -> Option<Arc<[Difference]>> {
        let (before, after) = (self.before, self.after);
        if !before.is_active(user) {
            return None;
        }
        let mut held: Vec<(u32, &'s str)> = Vec::new();
        before.people.each_held(user, at, |row, scope| held.push((row, scope)));
        held.extend(before.base_row().map(|base| (base, ResourcePath::TENANT)));
        let mut scopes: Vec<&'s str> = held.iter().map(|(_, scope)| *scope).collect();
        scopes.push(ResourcePath::TENANT);
        scopes.sort_unstable();
        scopes.dedup();
        let layout = &before.policy().layout;
        let mut steps: Vec<Step<'s>> = Vec::new();
        for scope in scopes.iter().copied() {
            let here = || {
                held.iter().filter(|(_, held)| {
                    *held == ResourcePath::TENANT || ResourcePath::lies_within(scope, held)
                })
            };
            for permission in &self.plain {
                let level = |state: &State| {
                    let rows = here().filter_map(|(row, _)| state.rows.get(*row));
                    rows.map(|row| layout.level(&row.reached, *permission)).max().unwrap_or_default()
                };
                let (was, is) = (level(before), level(after));
                if was != is {
                    steps.push((*permission, scope, was, is));
                }
            }
        }
        let conditional = self.conditional(user, &scopes, at);
        if conditional.is_empty() {
            if steps.is_empty() {
                return None;
            }
            if let Some(known) = self.known.get(&steps) {
                return Some(Arc::clone(known));
            }
        }
        let shared = conditional.is_empty();
        let mut differences: Vec<Difference> = steps
            .iter()
            .filter_map(|(permission, scope, was, is)| {
                let scale = before.catalogue().scale(*permission);
                let [was, is] = [*was, *is].map(|level| OnScale::new(scale, level, Vec::new()));
                difference(before.catalogue().id(*permission), scope, &was, &is, || true)
            })
            .chain(conditional)
            .collect();
        differences.sort();
        let differences: Arc<[Difference]> = differences.into();
        if shared {
            self.known.insert(steps, Arc::clone(&differences));
        }
        Some(differences)
    }

    /// What differs of the permissions of which a condition says more. Longer: all is asked.
    fn conditional(&self, user: UserHandle, scopes: &[&str], at: Timestamp) -> Vec<Difference> {
        let mut differences = Vec::new();
        if self.conditional.is_empty() {
            return differences;
        }
        let (Some(was), Some(is)) = (self.before.resolve(user), self.after.resolve(user)) else {
            return differences;
        };
        for scope in scopes {
            let Ok(place) = ResourcePath::parse(scope) else { continue };
            let request = Request::new(at);
            for permission in &self.conditional {
                let held = |state: &'s State, subject: &Subject| {
                    state.conditionally(subject, *permission, &place, request).on_scale(state)
                };
                let same_grounds = || {
                    self.before.grounds_of(&was, *permission, &place, request)
                        == self.after.grounds_of(&is, *permission, &place, request)
                };
                let id = self.before.catalogue().id(*permission);
                let (was, is) = (held(self.before, &was), held(self.after, &is));
                differences.extend(difference(id, scope, &was, &is, same_grounds));
            }
        }
        differences
    }
}
