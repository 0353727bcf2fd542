//! Equivalence: whether two policies say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::diff::aligned;
use crate::grounds::Grounds;
use crate::held::{Likeness, OnScale};
use crate::resource::ResourcePath;
use crate::rows::Row;
use crate::state::State;

/// Whether two policies say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Equivalence {
    /// Whoever holds the same roles at the same places may do the same.
    Same,
    /// These roles give otherwise, or are in one only; empty where it is the catalogue alone.
    Differs(Vec<String>),
    /// These roles give the same but for conditions whose normal forms are not the same, or not told and
    /// worked out otherwise.
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
            let (here, there) = (Given::new(left, here, scope), Given::new(right, there, scope));
            for (_, one, other) in &permissions {
                match here.beside(*one, &there, *other) {
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

/// What a role gives at a scope.
struct Given<'s> {
    state: &'s State,
    row: Option<Arc<Row>>,
}

impl<'s> Given<'s> {
    fn new(state: &'s State, role: usize, scope: &ResourcePath) -> Self {
        Self { state, row: state.rows.at(state.policy(), role, scope) }
    }

    fn of(&self, permission: Option<PermissionHandle>) -> OnScale<'s> {
        let (Some(permission), Some(row)) = (permission, &self.row) else { return OnScale::default() };
        let scale = self.state.catalogue().scale(permission);
        OnScale::of(scale, |level| self.state.when_of_row(row, permission, level))
    }

    fn grounds(&self, permission: Option<PermissionHandle>) -> Option<Grounds<'_>> {
        let row = self.row.as_ref()?;
        let granted = |handle| self.state.policy().layout.level(&row.granted, handle);
        Some(self.state.grounds(permission?, granted, None))
    }

    /// Whether both give the same of a permission; none where that hangs on conditions.
    fn beside(
        &self,
        permission: Option<PermissionHandle>,
        other: &Self,
        others: Option<PermissionHandle>,
    ) -> Option<bool> {
        let (own, its) = (self.of(permission), other.of(others));
        match own.beside(&its) {
            Likeness::Same => Some(true),
            Likeness::Untold => (self.grounds(permission) == other.grounds(others)).then_some(true),
            Likeness::Different => (!own.may_be_like(&its)).then_some(false),
        }
    }
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
