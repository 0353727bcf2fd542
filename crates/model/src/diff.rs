//! Differences: exactly which users gain and lose what between two states, and whether two policies
//! say the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::Attributes;
use crate::decide::Request;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;
use crate::when::{When, WhenDocument};

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
/// `O(users x holdings)`, and what users hold alike is compared once.
#[must_use]
pub fn diff(before: &State, after: &State, at: Timestamp) -> Diff {
    let same_roles = unchanged_roles(before, after);
    let same_catalogue = before.documents().catalogue == after.documents().catalogue
        && before.documents().settings.products == after.documents().settings.products;
    let permissions = aligned(before, after);
    let mut known: BTreeMap<(Held, Held), Arc<[Difference]>> = BTreeMap::new();
    let mut users: Vec<(String, Arc<[Difference]>)> = Vec::new();
    let all = before.subjects().chain(after.subjects().filter(|user| before.subject(user.id()).is_none()));
    for subject in all {
        let (was, is) = (before.subject(subject.id()), after.subject(subject.id()));
        let held = (Held::of(before, was.as_ref(), at), Held::of(after, is.as_ref(), at));
        if same_catalogue && is_same(before, after, &held, &same_roles) {
            continue;
        }
        let differences = known.entry(held).or_insert_with(|| {
            differences(before, after, (was.as_ref(), is.as_ref()), &permissions, at).into()
        });
        if !differences.is_empty() {
            users.push((subject.id().to_owned(), Arc::clone(differences)));
        }
    }
    users.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    let summary = summary(before, after, &users);
    Diff { users, summary }
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

type Aligned = Vec<(String, Option<PermissionHandle>, Option<PermissionHandle>)>;

/// Every permission of either, with its handle in each.
fn aligned(before: &State, after: &State) -> Aligned {
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
}

/// One user at one place of one state.
struct At<'s> {
    state: &'s State,
    levels: BTreeMap<PermissionHandle, Answer>,
}

impl<'s> At<'s> {
    fn new(state: &'s State, subject: Option<&Subject>, scope: &ResourcePath, request: Request<'_>) -> Self {
        let held = subject.map(|subject| state.permissions_of(subject, scope, request)).unwrap_or_default();
        let answer = |held: crate::query::Holds| {
            (held.permission, Answer { level: held.level, conditional: held.conditional })
        };
        Self { state, levels: held.into_iter().map(answer).collect() }
    }

    fn held(&self, permission: Option<PermissionHandle>) -> Answer {
        permission.and_then(|permission| self.levels.get(&permission)).cloned().unwrap_or_default()
    }

    fn told(&self, permission: Option<PermissionHandle>, answer: Answer) -> HeldLevel {
        let Some(permission) = permission else { return HeldLevel::default() };
        let conditional = answer.conditional.into_iter().map(|(level, when)| Conditional {
            level: self.state.told(permission, level).level,
            when: when.document(),
        });
        HeldLevel {
            level: self.state.told(permission, answer.level).level,
            conditional: conditional.collect(),
        }
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

/// Whether two policies say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Equivalence {
    /// Whoever holds the same roles at the same places may do the same.
    Same,
    /// These roles give otherwise, or are in one only; empty where it is the catalogue alone.
    Differs(Vec<String>),
    /// These roles give the same but for conditions whose normal forms are not the same, or not told.
    MayDiffer(Vec<String>),
}

/// Whether whoever holds the same roles at the same places may do the same under both policies, names
/// and words aside. `O(roles x permissions x types)`.
#[must_use]
pub fn equivalence(left: &State, right: &State) -> Equivalence {
    let permissions = aligned(left, right);
    let (mut differ, mut may_differ) = (BTreeSet::new(), BTreeSet::new());
    let roles = |state: &State| -> BTreeSet<String> {
        (0..state.policy().roles().len()).map(|role| state.role_id(role).to_owned()).collect()
    };
    for id in roles(left).union(&roles(right)) {
        let (Some(here), Some(there)) = (left.policy().role_position(id), right.policy().role_position(id))
        else {
            differ.insert(id.clone());
            continue;
        };
        let base = |state: &State| state.policy().base().is_some_and(|base| state.role_id(base) == id);
        if base(left) != base(right) || left.is_superuser(here) != right.is_superuser(there) {
            differ.insert(id.clone());
        }
        let types = left.catalogue().resource_types().iter().chain(right.catalogue().resource_types());
        let scopes: BTreeSet<ResourcePath> =
            types.map(|kind| kind.pattern().example()).chain([ResourcePath::tenant()]).collect();
        for scope in &scopes {
            for (_, one, other) in &permissions {
                match same_level(left, right, scope, (here, *one), (there, *other)) {
                    Some(true) => {}
                    Some(false) => drop(differ.insert(id.clone())),
                    None => drop(may_differ.insert(id.clone())),
                }
            }
        }
    }
    let words_apart = operations(left) == operations(right) && places(left) == places(right);
    let scales = permissions.iter().all(|(_, one, other)| levels(left, *one) == levels(right, *other));
    may_differ.retain(|id| !differ.contains(id));
    match (differ.is_empty() && words_apart && scales, may_differ.is_empty()) {
        (false, _) => Equivalence::Differs(differ.into_iter().collect()),
        (true, false) => Equivalence::MayDiffer(may_differ.into_iter().collect()),
        (true, true) => Equivalence::Same,
    }
}

/// Whether two roles give the same of a permission; none where it hangs on conditions.
fn same_level(
    left: &State,
    right: &State,
    scope: &ResourcePath,
    (here, one): (usize, Option<PermissionHandle>),
    (there, other): (usize, Option<PermissionHandle>),
) -> Option<bool> {
    let whens = |state: &State, role: usize, permission: Option<PermissionHandle>| -> Vec<When> {
        let Some(permission) = permission else { return Vec::new() };
        let top = state.catalogue().scale(permission).map_or(Level::NONE, |scale| scale.top());
        let when = |level| state.when_of_role_at(role, scope, permission, Level(level));
        (1..=top.0).map(when).take_while(When::is_possible).collect()
    };
    let (left, right) = (whens(left, here, one), whens(right, there, other));
    if left == right {
        let told = |when: &When| when.document() != WhenDocument::Depends;
        return left.iter().all(told).then_some(true);
    }
    let certain = |whens: &[When]| whens.iter().all(|when| *when == When::Yes);
    (left.len() != right.len() || certain(&left) && certain(&right)).then_some(false)
}

/// The names of a permission's levels, its `can` first; none where it is not there.
fn levels(state: &State, permission: Option<PermissionHandle>) -> Vec<String> {
    let scale = permission.filter(|permission| state.is_present(*permission));
    let Some(scale) = scale.and_then(|permission| state.catalogue().scale(permission)) else {
        return Vec::new();
    };
    let ids = scale.levels().iter().map(|level| level.id.clone());
    [scale.name(scale.can()).to_owned()].into_iter().chain(ids).collect()
}

/// What operations need, without words.
fn operations(state: &State) -> Vec<crate::operation::OperationDocument> {
    let mut all = state.documents().catalogue.operations.clone();
    for operation in &mut all {
        (operation.label, operation.group) = Default::default();
        (operation.footnotes, operation.origin, operation.help) = Default::default();
        operation.applies_to = None;
    }
    all.sort_by(|left, right| left.id.cmp(&right.id));
    all
}

/// The patterns of the resource types by id.
fn places(state: &State) -> BTreeMap<String, String> {
    let types = state.catalogue().resource_types().iter();
    types.map(|kind| (kind.id().to_owned(), kind.pattern().to_string())).collect()
}
