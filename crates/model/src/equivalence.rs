//! Equivalence: whether two policies say the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::diff::aligned;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::state::State;
use crate::when::{When, WhenDocument};

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
