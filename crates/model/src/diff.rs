//! Differences: exactly which users gain and lose what between two states.

mod sieve;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::Attributes;
use crate::decide::Request;
use crate::directory::{Tier, UserDocument};
use crate::documents::touched;
use crate::grounds::Grounds;
use crate::held::{Effect, HeldLevel, Likeness, OnScale};
use crate::keyed::{Keyed, seeded};
use crate::query::Holds;
use crate::resource::{Pattern, ResourcePath, ResourceType};
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;

use self::sieve::Sieve;

/// What differs for users between two states, for sessions begun now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Every user for whom something differs, by id, with all that does. Users for whom the same
    /// differs share it.
    pub users: Vec<(String, Arc<[Difference]>)>,
    /// For each permission that differs for somebody, how many gain and lose, in order of ids.
    pub summary: Vec<Counted>,
    /// How many of those who were there before come to be full users.
    pub promoted: usize,
    /// Who comes to hold a role that makes superusers, active or not, now or later, wherever, and held none.
    pub superusers: Vec<String>,
}

/// One permission that somebody holds otherwise at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The permission's id.
    pub permission: String,
    /// A place at which the answers differ: a scope that is held before or after, or the tenant. Where
    /// a type of resources came or went, the pattern of the places below such a scope that are in one
    /// state only, `spaces/blue/folders/{folder}`.
    pub scope: String,
    /// What was held.
    pub before: HeldLevel,
    /// What is held.
    pub after: HeldLevel,
    /// What that comes to. Levels of two scales are compared by their names, on a scale that has both;
    /// where none has, by whether they allow. At one level, too, what allows may be another level.
    pub effect: Effect,
}

/// How many users gain and lose a permission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    /// The permission's id.
    pub permission: String,
    /// Who holds more of it somewhere.
    pub gain: usize,
    /// Who holds less of it somewhere.
    pub lose: usize,
    /// Who holds it on another condition somewhere, or on one that is not told: it may be more or less.
    pub may_differ: usize,
}

/// What a user holds, as far as it bears on decisions.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    active: bool,
    roles: Vec<(usize, ResourcePath)>,
    /// What conditions read, where there are any.
    reads: Option<(String, Attributes)>,
}

impl Held {
    fn of(state: &State, subject: Option<&Subject>, at: Timestamp) -> Self {
        let Some(subject) = subject.filter(|subject| subject.is_active()) else {
            return Self { active: false, roles: Vec::new(), reads: None };
        };
        let counting = subject.holdings().iter().filter(|holding| holding.in_window(at));
        let mut roles: Vec<_> = counting.map(|holding| (holding.role, holding.scope.clone())).collect();
        roles.sort_unstable();
        roles.dedup();
        let conditional = state.catalogue().has_conditions();
        let reads = conditional.then(|| (subject.id.clone(), subject.attributes.clone()));
        Self { active: true, roles, reads }
    }
}

/// Which users gain and lose what from `before` to `after`, at `at`, for sessions begun then.
/// `O(users x holdings)`, and what users hold alike is compared once; where `after` was edited from
/// `before` in roles and links alone, a bit for each link, and longer only for those whom that touches.
#[must_use]
pub fn diff(before: &State, after: &State, at: Timestamp) -> Diff {
    let mut users: Vec<(String, Arc<[Difference]>)> = Vec::new();
    match Sieve::new(before, after, at) {
        Some(mut sieve) => {
            let sifted = sieve.sift();
            users.reserve(sifted.by_rows.len());
            for user in sifted.by_rows {
                let differ = sieve.differences(user);
                users.extend(differ.map(|differ| (before.user_id(user).to_owned(), differ)));
            }
            compare(before, after, sifted.wholly, at, &mut users);
        }
        None => {
            let new = after.users().map(|user| after.user_id(user)).filter(|id| before.user(id).is_none());
            let all = before.users().map(|user| before.user_id(user)).chain(new).map(str::to_owned);
            compare(before, after, all.collect(), at, &mut users);
        }
    }
    users.sort_by(|(left, _), (right, _)| left.cmp(right));
    let summary = summary(&users);
    let superusers = after.superusers_since(before, at).into_iter();
    let superusers = superusers.map(|user| after.user_id(user).to_owned()).collect();
    Diff { users, summary, promoted: promoted(before, after), superusers }
}

/// How many moments to come are looked at for a difference.
const MOMENTS: usize = 8;

/// As [`diff`]. Where nothing differs for anybody at `now`, what does at the first moment to come at which something does, and that
/// moment: what is given may begin later, and what is taken or prolonged is held until then as it was. `O(diff)` a moment, of 8 at most.
#[must_use]
pub fn diff_to_come(before: &State, after: &State, now: Timestamp) -> (Diff, Option<Timestamp>) {
    let found = diff(before, after, now);
    if !found.users.is_empty() {
        return (found, None);
    }
    let (was, is) = (&before.documents().directory.assignments, &after.documents().directory.assignments);
    let touched = touched(was, is);
    let windows = touched.iter().flat_map(|(_, was, is)| was.iter().chain(is));
    let moments = windows.flat_map(|assignment| [assignment.from, assignment.until]).flatten();
    let to_come: BTreeSet<Timestamp> = moments.filter(|moment| *moment > now).collect();
    let first = to_come.into_iter().take(MOMENTS).find_map(|moment| {
        let then = diff(before, after, moment);
        (!then.users.is_empty()).then_some((then, moment))
    });
    match first {
        Some((then, moment)) => (Diff { users: then.users, summary: then.summary, ..found }, Some(moment)),
        None => (found, None),
    }
}

/// How many users are full who were basic. `O(users)`, less what the states share.
fn promoted(before: &State, after: &State) -> usize {
    let (was, is) = (&before.documents().directory.users, &after.documents().directory.users);
    let comes_to_be_full = |item: &DiffItem<'_, '_, String, UserDocument>| match item {
        DiffItem::Update { old: (_, old), new: (_, new) } => {
            old.tier == Tier::Basic && new.tier == Tier::Full
        }
        DiffItem::Add(..) | DiffItem::Remove(..) => false,
    };
    was.diff(is).filter(comes_to_be_full).count()
}

/// Compares everything that some users hold.
fn compare(
    before: &State,
    after: &State,
    ids: Vec<String>,
    at: Timestamp,
    users: &mut Vec<(String, Arc<[Difference]>)>,
) {
    if ids.is_empty() {
        return;
    }
    let same_roles = unchanged_roles(before, after);
    let same_catalogue = is_same_catalogue(before, after);
    let pair = Pair::new(before, after);
    let mut known: BTreeMap<(Held, Held), Arc<[Difference]>> = BTreeMap::new();
    for id in ids {
        let (was, is) = (before.subject(&id), after.subject(&id));
        let held = (Held::of(before, was.as_ref(), at), Held::of(after, is.as_ref(), at));
        if same_catalogue && is_same(before, after, &held, &same_roles) {
            continue;
        }
        let differences =
            known.entry(held).or_insert_with(|| pair.differences(was.as_ref(), is.as_ref(), at).into());
        if !differences.is_empty() {
            users.push((id, Arc::clone(differences)));
        }
    }
}

fn is_same_catalogue(before: &State, after: &State) -> bool {
    let (was, is) = (before.documents(), after.documents());
    (Arc::ptr_eq(&was.catalogue, &is.catalogue) || was.catalogue == is.catalogue)
        && was.settings.products == is.settings.products
}

/// The roles that give the same in both, by their position before.
fn unchanged_roles(before: &State, after: &State) -> Vec<Option<usize>> {
    let roles = 0..before.policy().roles().len();
    let same = |role: usize| {
        let there = after.policy().role_position(before.role_id(role))?;
        let parts = |state: &State, role: usize| -> BTreeSet<String> {
            let parts = state.parts(role, &ResourcePath::tenant(), crate::derive::Counting::Anywhere);
            parts.iter().map(|part| state.role_id(part.role).to_owned()).collect()
        };
        let ids = parts(before, role);
        let document = |state: &State, id: &String| {
            state.documents().roles.get(id).map(|role| {
                let mut role = role.clone();
                (role.name, role.description, role.position) = Default::default();
                role
            })
        };
        let same =
            ids == parts(after, there) && ids.iter().all(|id| document(before, id) == document(after, id));
        same.then_some(there)
    };
    roles.map(same).collect()
}

/// Whether both hold the same roles, which give the same, at the same places.
fn is_same(before: &State, after: &State, held: &(Held, Held), same: &[Option<usize>]) -> bool {
    let (was, is) = held;
    let role = |role: usize| same.get(role).copied().flatten();
    was.active == is.active
        && was.reads == is.reads
        && was.roles.len() == is.roles.len()
        && was.roles.iter().all(|(known, scope)| {
            role(*known).is_some_and(|known| is.roles.binary_search(&(known, scope.clone())).is_ok())
        })
        && before.policy().base().is_some() == after.policy().base().is_some()
}

pub(crate) type Aligned = Vec<(String, Option<PermissionHandle>, Option<PermissionHandle>)>;

/// Every permission of either, with its handle in each.
pub(crate) fn aligned(before: &State, after: &State) -> Aligned {
    let ids = |state: &State| -> Vec<String> {
        state.catalogue().handles().map(|handle| state.catalogue().id(handle).to_owned()).collect()
    };
    let all: BTreeSet<String> = ids(before).into_iter().chain(ids(after)).collect();
    let handles = |id: String| {
        let (was, is) = (before.catalogue().handle(&id), after.catalogue().handle(&id));
        (id, was, is)
    };
    all.into_iter().map(handles).collect()
}

/// The patterns of types of which one state alone has resources.
fn patterns_apart<'s>(before: &'s State, after: &'s State) -> Vec<&'s Pattern> {
    let patterns = |state: &'s State| state.catalogue().resource_types().iter().map(ResourceType::pattern);
    let lacks = |state: &'s State, pattern: &Pattern| !patterns(state).any(|known| known.is_like(pattern));
    let gone = patterns(before).filter(|pattern| lacks(after, pattern));
    gone.chain(patterns(after).filter(|pattern| lacks(before, pattern))).collect()
}

/// Two states, and what is the same whomever they are compared for.
struct Pair<'s> {
    before: &'s State,
    after: &'s State,
    permissions: Aligned,
    patterns: Vec<&'s Pattern>,
}

impl<'s> Pair<'s> {
    fn new(before: &'s State, after: &'s State) -> Self {
        let (permissions, patterns) = (aligned(before, after), patterns_apart(before, after));
        Self { before, after, permissions, patterns }
    }

    /// Where answers may differ for somebody: wherever something is held, and at places below that one
    /// state alone knows.
    fn places(
        &self,
        was: Option<&Subject>,
        is: Option<&Subject>,
        request: Request<'_>,
    ) -> BTreeSet<ResourcePath> {
        let scopes = |state: &State, subject: Option<&Subject>| {
            subject.map(|subject| state.scopes_of(subject, request)).unwrap_or_default()
        };
        let mut places = scopes(self.before, was);
        places.append(&mut scopes(self.after, is));
        let below = |scope| self.patterns.iter().filter_map(move |pattern| pattern.example_below(scope));
        let below: Vec<ResourcePath> = places.iter().flat_map(below).collect();
        places.extend(below);
        places
    }

    /// Everything that differs for somebody.
    fn differences(&self, was: Option<&Subject>, is: Option<&Subject>, at: Timestamp) -> Vec<Difference> {
        let request = Request::new(at);
        let mut differences = Vec::new();
        for scope in &self.places(was, is, request) {
            let (was, is) =
                (At::new(self.before, was, scope, request), At::new(self.after, is, scope, request));
            for (id, there, here) in &self.permissions {
                let same_grounds = || was.grounds(*there) == is.grounds(*here);
                differences.extend(difference(
                    id,
                    scope.as_str(),
                    &was.held(*there),
                    &is.held(*here),
                    same_grounds,
                ));
            }
        }
        differences.sort();
        differences
    }
}

/// What differs of a permission at one place, if something does, or may; `same_grounds` is asked where
/// conditions are not told.
fn difference(
    permission: &str,
    scope: &str,
    was: &OnScale<'_>,
    is: &OnScale<'_>,
    same_grounds: impl FnOnce() -> bool,
) -> Option<Difference> {
    let effect = match was.beside(is) {
        Likeness::Same => return None,
        Likeness::Untold if same_grounds() => return None,
        Likeness::Untold => Effect::MayDiffer,
        Likeness::Different => was.effect(is),
    };
    let (permission, scope) = (permission.to_owned(), scope.to_owned());
    Some(Difference { permission, scope, before: was.told(), after: is.told(), effect })
}

/// One user at one place of one state.
struct At<'s> {
    state: &'s State,
    subject: Option<&'s Subject>,
    scope: &'s ResourcePath,
    request: Request<'s>,
    levels: BTreeMap<PermissionHandle, Holds>,
}

impl<'s> At<'s> {
    fn new(
        state: &'s State,
        subject: Option<&'s Subject>,
        scope: &'s ResourcePath,
        request: Request<'s>,
    ) -> Self {
        let held = subject.map(|subject| state.permissions_of(subject, scope, request)).unwrap_or_default();
        let levels = held.into_iter().map(|held| (held.permission, held)).collect();
        Self { state, subject, scope, request, levels }
    }

    fn held(&self, permission: Option<PermissionHandle>) -> OnScale<'s> {
        let Some(permission) = permission else { return OnScale::default() };
        let nothing = || Holds { permission, level: Level::NONE, conditional: Vec::new() };
        self.levels.get(&permission).cloned().unwrap_or_else(nothing).on_scale(self.state)
    }

    fn grounds(&self, permission: Option<PermissionHandle>) -> Option<Grounds<'_>> {
        Some(self.state.grounds_of(self.subject?, permission?, self.scope, self.request))
    }
}

/// How many users gain and lose each permission.
fn summary(users: &[(String, Arc<[Difference]>)]) -> Vec<Counted> {
    let mut kinds: HashMap<*const Difference, (&[Difference], usize), Keyed> = HashMap::with_hasher(seeded());
    for (_, differences) in users {
        kinds.entry(differences.as_ptr()).or_insert((differences, 0)).1 += 1;
    }
    let mut counted: BTreeMap<&str, Counted> = BTreeMap::new();
    for (differences, users) in kinds.into_values() {
        let effects: BTreeSet<(&str, Effect)> = differences
            .iter()
            .map(|difference| (difference.permission.as_str(), difference.effect))
            .collect();
        for (permission, effect) in effects {
            let counted = counted.entry(permission).or_default();
            match effect {
                Effect::Gain => counted.gain += users,
                Effect::Lose => counted.lose += users,
                Effect::MayDiffer => counted.may_differ += users,
            }
        }
    }
    let named =
        |(permission, counted): (&str, Counted)| Counted { permission: permission.to_owned(), ..counted };
    counted.into_iter().map(named).collect()
}
