//! Differences: exactly which users gain and lose what between two states.

mod sieve;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::Attributes;
use crate::decide::Request;
use crate::query::Holds;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;
use crate::when::{When, WhenDocument};

use self::sieve::Sieve;

/// What differs for users between two states, for sessions begun now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Every user for whom something differs, by id, with all that does. Users for whom the same
    /// differs share it.
    pub users: Vec<(String, Arc<[Difference]>)>,
    /// For each permission that differs for somebody, how many gain and lose, in order of ids.
    pub summary: Vec<Counted>,
}

/// One permission that somebody holds otherwise at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The permission's id.
    pub permission: String,
    /// A place at which the answers differ: a scope that is held before or after, or the tenant.
    pub scope: String,
    /// What was held.
    pub before: HeldLevel,
    /// What is held.
    pub after: HeldLevel,
}

/// At which level a permission is held: whatever a request says, and on conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldLevel {
    /// The level's id; empty where the permission is not known.
    pub level: String,
    /// Higher levels that are held on a condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<Conditional>,
}

/// A level that is held on a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conditional {
    /// The level's id.
    pub level: String,
    /// The condition that is left over.
    pub when: WhenDocument,
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
    /// Who holds it on another condition somewhere, which may be more or less.
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
    match Sieve::new(before, after) {
        Some(mut sieve) => {
            let sifted = sieve.sift();
            for user in sifted.by_rows {
                let differ = sieve.differences(user, at);
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
    let summary = summary(before, after, &users);
    Diff { users, summary }
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
    let permissions = aligned(before, after);
    let mut known: BTreeMap<(Held, Held), Arc<[Difference]>> = BTreeMap::new();
    for id in ids {
        let (was, is) = (before.subject(&id), after.subject(&id));
        let held = (Held::of(before, was.as_ref(), at), Held::of(after, is.as_ref(), at));
        if same_catalogue && is_same(before, after, &held, &same_roles) {
            continue;
        }
        let differences = known.entry(held).or_insert_with(|| {
            differences(before, after, (was.as_ref(), is.as_ref()), &permissions, at).into()
        });
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

fn differences(
    before: &State,
    after: &State,
    (was, is): (Option<&Subject>, Option<&Subject>),
    permissions: &Aligned,
    at: Timestamp,
) -> Vec<Difference> {
    let request = Request::new(at);
    let scopes = |state: &State, subject: Option<&Subject>| {
        subject.map(|subject| state.scopes_of(subject, request)).unwrap_or_default()
    };
    let mut all = scopes(before, was);
    all.append(&mut scopes(after, is));
    let mut differences = Vec::new();
    for scope in &all {
        let (was, is) = (At::new(before, was, scope, request), At::new(after, is, scope, request));
        for (id, there, here) in permissions {
            let (before, after) = (was.held(*there), is.held(*here));
            if before != after && (!before.is_nothing() || !after.is_nothing()) {
                let difference = |before: Answer, after: Answer| Difference {
                    permission: id.clone(),
                    scope: scope.to_string(),
                    before: was.told(*there, before),
                    after: is.told(*here, after),
                };
                differences.push(difference(before, after));
            }
        }
    }
    differences.sort();
    differences
}

/// What a user holds of one permission at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answer {
    level: Level,
    conditional: Vec<(Level, When)>,
}

impl Answer {
    fn is_nothing(&self) -> bool {
        self.level == Level::NONE && self.conditional.is_empty()
    }

    fn told(self, state: &State, permission: PermissionHandle) -> HeldLevel {
        let level = |level| state.told(permission, level).level;
        let conditional = self.conditional.into_iter();
        let conditional =
            conditional.map(|(at, when)| Conditional { level: level(at), when: when.document() }).collect();
        HeldLevel { level: level(self.level), conditional }
    }
}

impl From<Holds> for Answer {
    fn from(held: Holds) -> Self {
        Self { level: held.level, conditional: held.conditional }
    }
}

/// One user at one place of one state.
struct At<'s> {
    state: &'s State,
    levels: BTreeMap<PermissionHandle, Answer>,
}

impl<'s> At<'s> {
    fn new(state: &'s State, subject: Option<&Subject>, scope: &ResourcePath, request: Request<'_>) -> Self {
        let held = subject.map(|subject| state.permissions_of(subject, scope, request)).unwrap_or_default();
        Self { state, levels: held.into_iter().map(|held| (held.permission, Answer::from(held))).collect() }
    }

    fn held(&self, permission: Option<PermissionHandle>) -> Answer {
        permission.and_then(|permission| self.levels.get(&permission)).cloned().unwrap_or_default()
    }

    fn told(&self, permission: Option<PermissionHandle>, answer: Answer) -> HeldLevel {
        permission.map(|permission| answer.told(self.state, permission)).unwrap_or_default()
    }
}

/// How many users gain and lose each permission.
fn summary(before: &State, after: &State, users: &[(String, Arc<[Difference]>)]) -> Vec<Counted> {
    let mut kinds: HashMap<*const Difference, Vec<(&str, [bool; 3])>> = HashMap::new();
    let mut counted: BTreeMap<&str, Counted> = BTreeMap::new();
    for (_, differences) in users {
        let of_user = kinds.entry(differences.as_ptr()).or_insert_with(|| {
            let mut by_permission: BTreeMap<&str, [bool; 3]> = BTreeMap::new();
            for difference in differences.iter() {
                let changed = by_permission.entry(&difference.permission).or_default();
                let (was, is) = (place(before, difference, true), place(after, difference, false));
                let which = match (was < is, is < was) {
                    (true, _) => 0,
                    (_, true) => 1,
                    (false, false) => 2,
                };
                if let Some(changed) = changed.get_mut(which) {
                    *changed = true;
                }
            }
            by_permission.into_iter().collect()
        });
        for (permission, [gain, lose, may_differ]) in of_user.iter() {
            let counted = counted.entry(permission).or_default();
            counted.gain += usize::from(*gain);
            counted.lose += usize::from(*lose);
            counted.may_differ += usize::from(*may_differ);
        }
    }
    let named =
        |(permission, counted): (&str, Counted)| Counted { permission: permission.to_owned(), ..counted };
    counted.into_iter().map(named).collect()
}

/// Where a level stands: the one that is certain, then the highest that is possible.
fn place(state: &State, difference: &Difference, before: bool) -> (usize, usize) {
    let held = if before { &difference.before } else { &difference.after };
    let scale = state.catalogue().handle(&difference.permission).and_then(|it| state.catalogue().scale(it));
    let level = |id: &str| scale.and_then(|scale| scale.level(id)).map_or(0, |level| usize::from(level.0));
    let highest = held.conditional.iter().map(|it| level(&it.level)).max().unwrap_or_default();
    (level(&held.level), highest.max(level(&held.level)))
}
