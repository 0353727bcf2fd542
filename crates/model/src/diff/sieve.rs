//! The sieve: whom an edit of roles and links can touch, so that they alone are compared.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Difference, difference, is_same_catalogue};
use crate::catalogue::PermissionHandle;
use crate::condition::{Attributes, Facts};
use crate::held::OnScale;
use crate::keyed::Keyed;
use crate::people::{Brought, Group, Held, Package, Sifted, Tables, Touched, UserHandle};
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::sorted;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::when::When;

/// What an edit touches, where positions of rows, groups and packages mean the same before and after.
pub(super) struct Sieve<'s> {
    before: &'s State,
    after: &'s State,
    rows: Vec<Touched>,
    groups: Vec<Touched>,
    packages: Vec<Touched>,
    /// Whether what all users hold is touched.
    everybody: bool,
    /// Whether everyone holds other rows than before.
    everyone_differs: bool,
    /// What can differ: permissions whose bits say everything, with the words in which these stand, and
    /// those of which a condition says more. What users hold is the union of what their rows come to.
    plain: Vec<PermissionHandle>,
    words: Vec<(usize, u64)>,
    conditional: Vec<PermissionHandle>,
    /// What differs, by how: the numbers of the places, each with the words of what can differ as they
    /// are reached before and after.
    known: HashMap<Box<[u64]>, Arc<[Difference]>, Keyed>,
    /// The places beside the tenant, numbered from 1; it is 0.
    numbers: HashMap<&'s str, u64, Keyed>,
    /// When, and what groups, packages and everyone bring then; before and after.
    at: Timestamp,
    brought: [Brought<(u32, &'s str)>; 2],
    /// What was worked out of rows, everything open; before and after.
    open: [Open; 2],
    /// Lists in use for one user after the other: to make them anew for each takes longer than the rest.
    held: [Rows<'s>; 2],
    scopes: Vec<&'s str>,
    steps: Vec<u64>,
}

/// When a permission is held at each level above 0 by what some rows give.
type Open = HashMap<(PermissionHandle, Vec<u32>), Vec<When>>;

/// The rows that a user holds, each with its scope.
type Rows<'s> = Vec<(u32, &'s str)>;

impl<'s> Sieve<'s> {
    /// None where everybody may be touched.
    pub(super) fn new(before: &'s State, after: &'s State, at: Timestamp) -> Option<Self> {
        let (was, is) = (&before.people, &after.people);
        let base = |state: &State| state.policy().base();
        if !is_same_catalogue(before, after) || !before.is_numbered_as(after) || base(before) != base(after) {
            return None;
        }
        let (layout, catalogue) = (&before.policy().layout, before.catalogue());
        let (mut rows, mut bits) = (vec![Touched::Not; before.rows.len() as usize], layout.none());
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
            let mut edited = before.policy().fixed_point(&grants, &|_| true);
            edited.join(&known.reached.apart(&now.reached));
            edited.join(&known.reachable().apart(now.reachable()));
            if !edited.is_empty() {
                *touched = Touched::ByRows;
                bits.join(&edited);
            }
        }
        let given =
            (is.everyone.iter().filter(|held| lacks(&was.everyone, held))).map(|held| (after, held.row));
        let taken =
            was.everyone.iter().filter(|held| lacks(&is.everyone, held)).map(|held| (before, held.row));
        let mut everyone_differs = false;
        for (state, row) in given.chain(taken) {
            everyone_differs = true;
            bits.join(state.rows.get(row)?.reachable());
        }
        let row = |held: &Held| rows.get(held.row as usize).copied().unwrap_or_default();
        let touched = catalogue.handles().filter(|permission| layout.has_some(&bits, *permission));
        let (conditional, plain): (Vec<_>, Vec<_>) =
            touched.partition(|permission| catalogue.is_conditional(*permission));
        let mut own = layout.none();
        for permission in &plain {
            layout.raise(&mut own, *permission, Level(u8::MAX));
        }
        let words = own.0.iter().copied().enumerate().filter(|(_, word)| *word != 0).collect();
        let everybody = everyone_differs
            || before.base_row().is_some_and(|base| rows.get(base as usize) == Some(&Touched::ByRows))
            || was.everyone.iter().any(|held| row(held) > Touched::Not);
        let groups = was.groups.iter().zip(is.groups.iter()).map(|(group, now)| {
            let reaching = |group: &'s Option<Group>| group.as_ref().map(|group| &group.reaching);
            match std::ptr::eq(group, now) || reaching(now) == reaching(group) {
                true => {
                    reaching(group).into_iter().flatten().map(|(held, _)| row(held)).max().unwrap_or_default()
                }
                false => Touched::Wholly,
            }
        });
        let packages = was.packages.iter().zip(is.packages.iter()).map(|(package, now)| {
            let carried = |package: &'s Option<Package>| package.as_ref().map(|package| &package.carried);
            match carried(now) == carried(package) {
                true => carried(package).into_iter().flatten().map(row).max().unwrap_or_default(),
                false => Touched::Wholly,
            }
        });
        let (groups, packages) = (groups.collect(), packages.collect());
        let hasher = was.hasher();
        Some(Self {
            before,
            after,
            rows,
            groups,
            packages,
            everybody,
            everyone_differs,
            plain,
            words,
            conditional,
            known: HashMap::with_hasher(hasher.clone()),
            numbers: HashMap::with_hasher(hasher),
            at,
            brought: [before, after].map(|state| {
                let held = |held: &'s Held| (held.row, held.scope.as_str());
                state.people.brought(|it| it.window.holds(at).then(|| held(it)))
            }),
            open: Default::default(),
            held: Default::default(),
            scopes: Vec::new(),
            steps: Vec::new(),
        })
    }

    /// Those whom the edit can touch.
    pub(super) fn sift(&self) -> Sifted {
        let everybody = if self.everybody { Touched::ByRows } else { Touched::Not };
        let touched: Tables<'_, Touched> = [&self.rows, &self.rows, &self.groups, &self.packages];
        self.before.people.sift(&self.after.people, touched, everybody)
    }

    /// What differs for a user whom rows alone touch.
    pub(super) fn differences(&mut self, user: UserHandle) -> Option<Arc<[Difference]>> {
        if !self.before.is_active(user) {
            return None;
        }
        let at = self.at;
        let [mut was, mut other] = std::mem::take(&mut self.held);
        let mut scopes = std::mem::take(&mut self.scopes);
        let mut steps = std::mem::take(&mut self.steps);
        let [before, after] = &self.brought;
        fill(&mut was, self.before, user, at, before);
        if self.everyone_differs {
            fill(&mut other, self.after, user, at, after);
        }
        let is = if self.everyone_differs { &other } else { &was };
        scopes.clear();
        scopes.push(ResourcePath::TENANT);
        let below = was.iter().chain(&other).filter(|(_, scope)| *scope != ResourcePath::TENANT);
        for (_, scope) in below {
            sorted::insert(&mut scopes, *scope);
        }
        steps.clear();
        for scope in &scopes {
            self.step(scope, &was, is, &mut steps);
        }
        let found = self.found(user, &steps, &scopes, (&was, is));
        (self.held, self.scopes, self.steps) = ([was, other], scopes, steps);
        found
    }

    /// Adds a place to the steps, if something differs there.
    fn step(&mut self, scope: &'s str, was: &Rows<'_>, is: &Rows<'_>, steps: &mut Vec<u64>) {
        let start = steps.len();
        steps.push(0);
        self.reach(self.before, was, scope, steps);
        self.reach(self.after, is, scope, steps);
        let (was, is) = steps.get(start + 1..).unwrap_or_default().split_at(self.words.len());
        if was == is {
            return steps.truncate(start);
        }
        let number = match scope {
            ResourcePath::TENANT => 0,
            _ => {
                let next = self.numbers.len() as u64 + 1;
                *self.numbers.entry(scope).or_insert(next)
            }
        };
        steps.get_mut(start).into_iter().for_each(|place| *place = number);
    }

    fn found(
        &mut self,
        user: UserHandle,
        steps: &[u64],
        scopes: &[&'s str],
        rows: (&Rows<'_>, &Rows<'_>),
    ) -> Option<Arc<[Difference]>> {
        let conditional = self.conditional(user, scopes, rows);
        let shared = conditional.is_empty();
        if shared {
            if steps.is_empty() {
                return None;
            }
            if let Some(known) = self.known.get(steps) {
                return Some(Arc::clone(known));
            }
        }
        let mut differences = conditional;
        for step in steps.chunks(1 + 2 * self.words.len()) {
            let Some((number, words)) = step.split_first() else { continue };
            let is_it = |scope: &&&str| match **scope {
                ResourcePath::TENANT => *number == 0,
                scope => self.numbers.get(scope) == Some(number),
            };
            let place = scopes.iter().find(is_it);
            differences.extend(place.into_iter().flat_map(|scope| self.told(scope, words)));
        }
        differences.sort();
        let differences: Arc<[Difference]> = differences.into();
        if shared {
            self.known.insert(steps.into(), Arc::clone(&differences));
        }
        Some(differences)
    }

    /// Adds the words of what can differ, as these rows reach them at a place.
    fn reach(&self, state: &State, held: &Rows<'_>, scope: &str, words: &mut Vec<u64>) {
        let start = words.len();
        words.resize(start + self.words.len(), 0);
        let reached = words.get_mut(start..).unwrap_or_default();
        for row in here(held, scope) {
            for (word, (position, mask)) in reached.iter_mut().zip(&self.words) {
                *word |= state.rows.word(row, *position) & mask;
            }
        }
    }

    /// What differs at a place where these words are reached, those before and those after.
    fn told(&self, scope: &str, words: &[u64]) -> Vec<Difference> {
        let layout = &self.before.policy().layout;
        let bits = |words: &[u64]| {
            let mut bits = layout.none();
            for (word, (position, _)) in words.iter().zip(&self.words) {
                bits.0.get_mut(*position).into_iter().for_each(|place| *place = *word);
            }
            bits
        };
        let (was, is) = words.split_at(words.len() / 2);
        let (was, is) = (bits(was), bits(is));
        let told = |permission: &PermissionHandle| {
            let scale = self.before.catalogue().scale(*permission);
            let held = |bits| OnScale::new(scale, layout.level(bits, *permission), Vec::new());
            difference(self.before.catalogue().id(*permission), scope, &held(&was), &held(&is), || true)
        };
        self.plain.iter().filter_map(told).collect()
    }

    /// What differs of the permissions of which a condition says more.
    fn conditional(
        &mut self,
        user: UserHandle,
        scopes: &[&str],
        (was, is): (&Rows<'_>, &Rows<'_>),
    ) -> Vec<Difference> {
        if self.conditional.is_empty() {
            return Vec::new();
        }
        let (before, after) = (self.before, self.after);
        let none = Attributes::default();
        let subject = (before.user_id(user), before.attributes(user).unwrap_or(&none));
        let [open_before, open_after] = &mut self.open;
        let mut differences = Vec::new();
        for permission in self.conditional.iter().copied() {
            for scope in scopes {
                let (was, is) =
                    (leading(before, was, scope, permission), leading(after, is, scope, permission));
                let same_grounds = || {
                    let granted = |state: &'s State, rows: &Vec<u32>| {
                        state.grounds(permission, |handle| state.granted_by_rows(rows, handle), Some(subject))
                    };
                    granted(before, &was) == granted(after, &is)
                };
                let (there, here) = (
                    held(before, open_before, permission, &was, subject),
                    held(after, open_after, permission, &is, subject),
                );
                let id = before.catalogue().id(permission);
                differences.extend(difference(id, scope, &there, &here, same_grounds));
            }
        }
        differences
    }
}

/// Lists the rows that a user holds at that time.
fn fill<'s>(
    held: &mut Rows<'s>,
    state: &'s State,
    user: UserHandle,
    at: Timestamp,
    brought: &Brought<(u32, &'s str)>,
) {
    held.clear();
    state.people.each_held(user, at, brought, |row| held.push(row));
    held.extend(state.base_row().map(|base| (base, ResourcePath::TENANT)));
}

/// Whether none of these is the same role at the same scope in the same window.
fn lacks(all: &[Held], held: &Held) -> bool {
    let same = |other: &Held| (other.row, other.window, &other.scope) == (held.row, held.window, &held.scope);
    !all.iter().any(same)
}

/// The rows that count at a place.
fn here(held: &Rows<'_>, scope: &str) -> impl Iterator<Item = u32> {
    let counts = move |at: &str| at == ResourcePath::TENANT || ResourcePath::lies_within(scope, at);
    held.iter().filter(move |(_, at)| counts(at)).map(|(row, _)| *row)
}

/// The rows that count at a place and can reach some of a permission; in order.
fn leading(state: &State, held: &Rows<'_>, scope: &str, permission: PermissionHandle) -> Vec<u32> {
    let bit = state.policy().layout.bit(permission, Level(1));
    let mut rows = Vec::new();
    for row in here(held, scope).filter(|row| bit.is_some_and(|bit| state.rows.can_reach(*row, bit))) {
        sorted::insert(&mut rows, row);
    }
    rows
}

/// What rows come to for somebody: what they come to for anybody, worked out once, and what is known
/// of the subject put in; all anew where that is not told.
fn held<'s>(
    state: &'s State,
    open: &mut Open,
    permission: PermissionHandle,
    rows: &[u32],
    subject: (&str, &Attributes),
) -> OnScale<'s> {
    let scale = state.catalogue().scale(permission);
    if rows.is_empty() {
        return OnScale::of(scale, |_| When::No);
    }
    let whens = |facts: &Facts<'_>| state.whens_of_rows(rows, permission, facts);
    let open = open.entry((permission, rows.to_vec())).or_insert_with(|| whens(&Facts::OPEN));
    let facts = Facts::of_subject(subject.0, subject.1);
    let known: Option<Vec<When>> = open.iter().map(|when| when.known(&facts)).collect();
    let known = known.unwrap_or_else(|| whens(&facts));
    let when = |level: Level| known.get(usize::from(level.0).wrapping_sub(1)).cloned();
    OnScale::of(scale, |level| when(level).unwrap_or(When::No))
}
