//! The matrix: roles beside permissions, or beside operations, with what each cell says.
//!
//! A question about a role: held for the whole tenant, or where it counts. Everything that a
//! request says is open, the subject too.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::Facts;
use crate::operation::{Need, Operation};
use crate::resource::{ResourcePath, ResourceType};
use crate::rows::Row;
use crate::scale::{Level, UiState};
use crate::state::State;
use crate::when::{When, WhenDocument, Whens};

/// Operations in rows, roles in columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matrix {
    /// The ids of the roles, in the order of roles.
    pub roles: Vec<String>,
    /// One for each operation or permission, in the order of the catalogue.
    pub rows: Vec<MatrixRow>,
}

/// One row of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatrixRow {
    /// The operation's or the permission's id.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// The heading under which it stands.
    pub group: String,
    /// To what it applies, where not to everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<String>,
    /// What a reader must know beside the cells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub footnotes: Vec<String>,
    /// Where it comes from, if not from the product's own matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// A page that explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// One for each role.
    pub cells: Vec<Cell>,
}

/// What a role may do in one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cell {
    /// In a word: the highest mark of its terms.
    pub mark: Mark,
    /// On what terms, those of the highest mark first; where there are several any of them will do.
    /// For the whole tenant, and of each type of resources what a role gives there beyond that. What
    /// another of them says already is not said again. None where it gives nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
}

/// On what terms a role may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// The resource types at whose resources alone the role gives it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
    /// The level that is reached where it is not the one that is needed, as a person reads it:
    /// "Read-Only".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What is needed on other resources too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// Always, or where a condition holds.
    pub when: WhenDocument,
}

/// What a cell says in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It is not allowed.
    No,
    /// It is to be read, not changed: a lower level is reached.
    ReadOnly,
    /// It is allowed with something more: a condition, or something held on another resource.
    Conditional,
    /// It is allowed.
    Yes,
}

/// A need on another resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Elsewhere {
    /// The permission's id.
    pub permission: String,
    /// The level's id.
    pub level: String,
    /// The resource's name in the operation; empty for the tenant.
    pub resource: String,
}

/// On what terms a role gives something at one place, with what is compared where it stands beside
/// others.
struct Given {
    /// The type of the scope, by position; none for the tenant.
    kind: Option<usize>,
    /// As in [`Terms`].
    level: Option<String>,
    elsewhere: Vec<Elsewhere>,
    when: When,
}

/// A role as it is held: for the whole tenant, or at a resource of a type.
struct Place {
    /// The type of the scope, by position; none for the tenant.
    kind: Option<usize>,
    /// What the role gives there.
    row: Arc<Row>,
}

impl State {
    /// Every operation beside every role. `O(operations x roles x needs)`, and the size of conditions.
    #[must_use]
    pub fn operation_matrix(&self) -> Matrix {
        let columns = self.columns();
        let rows = self.catalogue().operations().iter().map(|operation| MatrixRow {
            id: operation.id.clone(),
            label: operation.label.clone(),
            group: operation.group.clone(),
            applies_to: operation.applies_to.clone(),
            footnotes: operation.footnotes.clone(),
            origin: operation.origin.clone(),
            help: operation.help.clone(),
            cells: columns.iter().map(|places| self.operation_at(places, operation)).collect(),
        });
        Matrix { roles: self.role_ids(), rows: rows.collect() }
    }

    /// Every permission beside every role, access permissions first in their modules.
    /// `O(permissions x roles)`, and the size of conditions.
    #[must_use]
    pub fn permission_matrix(&self) -> Matrix {
        let (catalogue, columns) = (self.catalogue(), self.columns());
        let mut rows = Vec::new();
        for module in catalogue.modules() {
            for permission in module.access.into_iter().chain(module.permissions()) {
                let Some(known) = catalogue.permission(permission) else { continue };
                rows.push(MatrixRow {
                    id: known.id().to_owned(),
                    label: known.label().to_owned(),
                    group: module.label.clone(),
                    applies_to: None,
                    footnotes: Vec::new(),
                    origin: None,
                    help: known.help().map(ToOwned::to_owned),
                    cells: columns.iter().map(|places| self.permission_at(places, permission)).collect(),
                });
            }
        }
        Matrix { roles: self.role_ids(), rows }
    }

    fn role_ids(&self) -> Vec<String> {
        self.policy().roles().iter().map(|role| role.id().to_owned()).collect()
    }

    /// Each role as it is held at places where it gives otherwise.
    fn columns(&self) -> Vec<Vec<Place>> {
        (0..self.policy().roles().len()).map(|role| self.column(role)).collect()
    }

    /// The tenant, and where what a role gives hangs on the type of the scope, each type.
    fn column(&self, role: usize) -> Vec<Place> {
        let place = |kind, scope: &ResourcePath| {
            self.rows.at(self.policy(), role, scope).map(|row| Place { kind, row })
        };
        let asks_type = self.policy().role(role).is_some_and(|role| role.asks_type);
        let types = self.catalogue().resource_types().iter().enumerate().filter(|_| asks_type);
        let typed = types.filter_map(|(kind, known)| place(Some(kind), &known.pattern().example()));
        place(None, &ResourcePath::tenant()).into_iter().chain(typed).collect()
    }

    /// What a role may do of an operation.
    #[must_use]
    pub fn operation_cell(&self, role: usize, operation: &Operation) -> Cell {
        self.operation_at(&self.column(role), operation)
    }

    /// What a role may do by a permission.
    #[must_use]
    pub fn permission_cell(&self, role: usize, permission: PermissionHandle) -> Cell {
        self.permission_at(&self.column(role), permission)
    }

    fn operation_at(&self, places: &[Place], operation: &Operation) -> Cell {
        self.joined(places, |place| self.operation_given(operation, place))
    }

    fn permission_at(&self, places: &[Place], permission: PermissionHandle) -> Cell {
        let can = self.catalogue().scale(permission).map_or(Level(1), |scale| scale.can());
        self.joined(places, |place| {
            let when = |level| self.when_of_row(&place.row, permission, level);
            let lower = self.lower(permission, can, when);
            let lower = lower.into_iter().map(|(level, when)| (Some(level), when));
            let all = std::iter::once((None, when(can))).chain(lower);
            all.map(|(level, when)| Given { kind: place.kind, level, elsewhere: Vec::new(), when }).collect()
        })
    }

    /// What is given for the whole tenant; and at resources of each type, where that says more.
    fn joined(&self, places: &[Place], given: impl Fn(&Place) -> Vec<Given>) -> Cell {
        let mut all: Vec<Given> = Vec::new();
        for place in places {
            for new in given(place).into_iter().filter(|new| new.when.is_possible()) {
                if !all.iter().any(|known| known.covers(&new)) {
                    all.retain(|known| !new.covers(known));
                    all.push(new);
                }
            }
            if all.iter().any(|known| known.kind.is_none() && known.mark() == Mark::Yes) {
                break;
            }
        }
        Cell::new(self.catalogue().resource_types(), &all)
    }

    fn operation_given(&self, operation: &Operation, place: &Place) -> Vec<Given> {
        let mut allowed: Vec<Given> = Vec::new();
        let mut lower: Vec<Given> = Vec::new();
        let given = |level, elsewhere, when| Given { kind: place.kind, level, elsewhere, when };
        for needs in operation.alternatives.iter().filter(|needs| !needs.is_empty()) {
            let met: Vec<Met> = needs.iter().map(|need| self.met(operation, need, place)).collect();
            let main = needs.first().and_then(|need| need.resource);
            let other = needs.iter().filter(|need| need.resource != main);
            let elsewhere: Vec<Elsewhere> = other.map(|need| self.elsewhere(operation, need)).collect();
            let all = met.iter().fold(When::Yes, |all, met| all.and(met.held.clone()));
            match allowed.iter_mut().find(|known| known.elsewhere == elsewhere) {
                Some(known) => known.when = std::mem::replace(&mut known.when, When::No).or(all),
                None => allowed.push(given(None, elsewhere, all)),
            }
            // One need tells the level to which it is met, the others are met to some.
            let is_lower = |refused: bool| {
                met.iter().position(|met| !met.lower.is_empty() && (met.held == When::No) == refused)
            };
            let Some(telling) = is_lower(true).or_else(|| is_lower(false)) else { continue };
            let others = met.iter().enumerate().filter(|(position, _)| *position != telling);
            let others = others.fold(When::Yes, |all, (_, met)| all.and(met.somehow()));
            for (level, when) in met.get(telling).into_iter().flat_map(|met| &met.lower) {
                lower.push(given(Some(level.clone()), Vec::new(), when.clone().and(others.clone())));
            }
        }
        allowed.into_iter().chain(lower).collect()
    }

    /// When whoever holds what a role gives at a place meets a need, or drops it.
    fn met(&self, operation: &Operation, need: &Need, place: &Place) -> Met {
        let reaches = self.can_reach(operation, need, place);
        let dropped = operation.when_dropped(need, &Facts::OPEN);
        let when = |level| match reaches {
            true => self.when_in_operation(operation, need, level, &place.row).or(dropped.clone()),
            false => dropped.clone(),
        };
        Met { held: when(need.asked), lower: self.lower(need.permission, need.asked, when) }
    }

    /// When whoever holds what a row gives meets a need, without what drops it: of an operation's
    /// resources the one that the need is about is named, and a need on the tenant sees none. At
    /// `asked` instead of what the need asks.
    fn when_in_operation(&self, operation: &Operation, need: &Need, asked: Level, row: &Row) -> When {
        let layout = &self.policy().layout;
        let bit = layout.bit(need.permission, asked);
        if bit.is_some_and(|bit| row.reached.has(bit)) {
            return When::Yes;
        }
        if !bit.is_some_and(|bit| row.reachable().has(bit)) {
            return When::No;
        }
        let (facts, name) = (Operation::facts_of(need, &Facts::OPEN), operation.name_for(need));
        let granted = |handle| layout.level(&row.granted, handle);
        let leading = self.leading_to(&[need.permission]);
        Whens::reach(self, leading, granted, &facts, name).get(need.permission, asked)
    }

    /// Whether a role held at that place can reach what the need is about.
    fn can_reach(&self, operation: &Operation, need: &Need, place: &Place) -> bool {
        let Some(kind) = place.kind.and_then(|kind| self.catalogue().resource_types().get(kind)) else {
            return true;
        };
        let pattern = need.resource.and_then(|position| operation.resources.get(position));
        pattern.is_some_and(|(_, pattern)| pattern.leads_to(&kind.pattern().example()))
    }

    fn elsewhere(&self, operation: &Operation, need: &Need) -> Elsewhere {
        let told = self.told(need.permission, need.asked);
        let resource = need.resource.and_then(|position| operation.resources.get(position));
        Elsewhere {
            permission: told.permission,
            level: told.level,
            resource: resource.map_or_else(String::new, |(name, _)| name.clone()),
        }
    }

    /// The levels to be read below the one asked, from the highest, each with when it is reached;
    /// without those that are reached where a higher one is and nowhere else.
    fn lower(
        &self,
        permission: PermissionHandle,
        asked: Level,
        when: impl Fn(Level) -> When,
    ) -> Vec<(String, When)> {
        let shown = |level: &Level| self.catalogue().ui(permission, *level) >= UiState::ReadOnly;
        let mut above = when(asked);
        let mut lower = Vec::new();
        for level in (1..asked.0).rev().map(Level).filter(shown) {
            let reached = when(level);
            let known = self.catalogue().scale(permission).and_then(|scale| scale.get(level));
            if let Some(known) = known.filter(|_| reached != above) {
                lower.push((known.label.clone(), reached.clone()));
                above = reached;
            }
        }
        lower
    }
}

/// When a need is met.
struct Met {
    /// As it is asked.
    held: When,
    /// At lower levels, from the highest.
    lower: Vec<(String, When)>,
}

impl Met {
    /// At some level to be read: the lowest is reached wherever a higher one is.
    fn somehow(&self) -> When {
        self.lower.last().map_or(&self.held, |(_, when)| when).clone()
    }
}

impl Terms {
    /// What they come to, in a word.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark::of(self.level.is_some(), &self.elsewhere, self.when == WhenDocument::Yes)
    }
}

impl Mark {
    fn of(is_lower: bool, elsewhere: &[Elsewhere], always: bool) -> Self {
        match is_lower {
            true => Self::ReadOnly,
            false if elsewhere.is_empty() && always => Self::Yes,
            false => Self::Conditional,
        }
    }
}

impl Given {
    fn mark(&self) -> Mark {
        Mark::of(self.level.is_some(), &self.elsewhere, self.when == When::Yes)
    }

    /// Whether it gives all that `other` does: what is given for the whole tenant is given at every type.
    fn covers(&self, other: &Self) -> bool {
        (self.kind.is_none() || self.kind == other.kind)
            && (self.level.is_none() || self.level == other.level)
            && self.elsewhere.iter().all(|need| other.elsewhere.contains(need))
            && self.when.covers(&other.when)
    }
}

impl Cell {
    /// Of everything that is given, the types that are given the same together.
    fn new(types: &[ResourceType], given: &[Given]) -> Self {
        let mut terms: Vec<Terms> = Vec::new();
        for given in given {
            let kind = given.kind.and_then(|kind| types.get(kind)).map(|kind| kind.id().to_owned());
            let (level, elsewhere, when) =
                (given.level.clone(), given.elsewhere.clone(), given.when.document());
            let same = |known: &&mut Terms| {
                (&known.level, &known.elsewhere, &known.when) == (&level, &elsewhere, &when)
            };
            match (terms.iter_mut().find(same).filter(|known| !known.at.is_empty()), kind) {
                (Some(known), Some(kind)) => known.at.push(kind),
                (_, kind) => terms.push(Terms { at: kind.into_iter().collect(), level, elsewhere, when }),
            }
        }
        terms.sort_by_key(|terms| std::cmp::Reverse(terms.mark()));
        Self { mark: terms.first().map_or(Mark::No, Terms::mark), terms }
    }
}
