//! The matrix: roles beside permissions, or beside operations, with what each cell says.
//!
//! A question about a role: held for the whole tenant, or where it counts. Everything that a
//! request says is open, the subject too.

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::Facts;
use crate::derive::Ways;
use crate::operation::{Need, Operation};
use crate::resource::ResourcePath;
use crate::scale::{Level, UiState};
use crate::state::State;
use crate::when::{When, WhenDocument};

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
    /// In a word.
    pub mark: Mark,
    /// The level that is reached where it is not the one that is needed, as a person reads it:
    /// "Read-Only".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The resource types at whose resources alone the role gives it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
    /// What is needed on other resources too, where it is conditional for that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// Always, never, or where a condition holds.
    pub when: WhenDocument,
}

/// What a cell says in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It is allowed.
    Yes,
    /// It is not.
    No,
    /// It is to be read, not changed: a lower level is reached.
    ReadOnly,
    /// It is allowed with something more: a condition, or something held on another resource.
    Conditional,
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

/// How a role is held: for the whole tenant, or at a resource of a type.
#[derive(Clone, Copy)]
struct Place<'p> {
    scope: &'p ResourcePath,
    /// The type of the scope, by position; none for the tenant.
    kind: Option<usize>,
}

impl State {
    /// Every operation beside every role. `O(operations x roles x ways)`.
    #[must_use]
    pub fn operation_matrix(&self) -> Matrix {
        let rows = self.catalogue().operations().iter().map(|operation| MatrixRow {
            id: operation.id.clone(),
            label: operation.label.clone(),
            group: operation.group.clone(),
            applies_to: operation.applies_to.clone(),
            footnotes: operation.footnotes.clone(),
            origin: operation.origin.clone(),
            help: operation.help.clone(),
            cells: self.columns().map(|role| self.operation_cell(role, operation)).collect(),
        });
        Matrix {
            roles: self.columns().map(|role| self.role_id(role).to_owned()).collect(),
            rows: rows.collect(),
        }
    }

    /// Every permission beside every role, access permissions first in their modules.
    /// `O(permissions x roles x ways)`.
    #[must_use]
    pub fn permission_matrix(&self) -> Matrix {
        let catalogue = self.catalogue();
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
                    cells: self.columns().map(|role| self.permission_cell(role, permission)).collect(),
                });
            }
        }
        Matrix { roles: self.columns().map(|role| self.role_id(role).to_owned()).collect(), rows }
    }

    fn columns(&self) -> std::ops::Range<usize> {
        0..self.policy().roles().len()
    }

    /// What a role may do of an operation.
    #[must_use]
    pub fn operation_cell(&self, role: usize, operation: &Operation) -> Cell {
        self.best_cell(role, |place| self.operation_cell_at(role, operation, place))
    }

    /// What a role may do by a permission.
    #[must_use]
    pub fn permission_cell(&self, role: usize, permission: PermissionHandle) -> Cell {
        let can = self.catalogue().scale(permission).map_or(Level(1), |scale| scale.can());
        self.best_cell(role, |place| {
            let when = self.when_of_role_at(role, place.scope, permission, can);
            match when {
                When::Yes => Cell::new(Mark::Yes, When::Yes),
                When::If(_) => Cell::new(Mark::Conditional, when),
                When::No => self.lower(role, place.scope, permission, can),
            }
        })
    }

    /// The cell for the whole tenant; where that says less, the one at resources of a type.
    fn best_cell(&self, role: usize, cell: impl Fn(Place<'_>) -> Cell) -> Cell {
        let tenant = ResourcePath::tenant();
        let everywhere = cell(Place { scope: &tenant, kind: None });
        if everywhere.mark == Mark::Yes || !self.asks_type(role) {
            return everywhere;
        }
        let mut best: Option<Cell> = None;
        for (position, kind) in self.catalogue().resource_types().iter().enumerate() {
            let scope = kind.pattern().example();
            let mut here = cell(Place { scope: &scope, kind: Some(position) });
            if here.rank() <= everywhere.rank() {
                continue;
            }
            here.at.push(kind.id().to_owned());
            match &mut best {
                Some(known) if known.rank() == here.rank() => known.at.append(&mut here.at),
                Some(known) if known.rank() > here.rank() => {}
                _ => best = Some(here),
            }
        }
        best.unwrap_or(everywhere)
    }

    /// Whether what a role gives hangs on the type of the scope.
    fn asks_type(&self, role: usize) -> bool {
        self.policy().role(role).is_some_and(|role| role.asks_type)
    }

    fn operation_cell_at(&self, role: usize, operation: &Operation, place: Place<'_>) -> Cell {
        let mut conditional: Option<Cell> = None;
        let mut lower: Option<Cell> = None;
        for needs in operation.alternatives.iter().filter(|needs| !needs.is_empty()) {
            let mut all = When::Yes;
            let mut reached = Vec::new();
            for need in needs {
                let reaches = self.can_reach(operation, need, place);
                let held = match reaches {
                    true => self.when_of_role_at(role, place.scope, need.permission, need.asked),
                    false => When::No,
                };
                if held == When::No && need.unless.is_none() {
                    let lower = self.lower(role, place.scope, need.permission, need.asked);
                    reached.push(if reaches { lower } else { Cell::new(Mark::No, When::No) });
                }
                all = all.and(held.or(operation.when_dropped(need, &Facts::OPEN)));
            }
            if let Some(first) = reached.iter().find(|cell| cell.mark == Mark::ReadOnly) {
                if reached.iter().all(|cell| cell.mark == Mark::ReadOnly) && lower.is_none() {
                    lower = Some(first.clone());
                }
                continue;
            }
            if !all.is_possible() {
                continue;
            }
            let main = needs.first().and_then(|need| need.resource);
            let elsewhere: Vec<Elsewhere> = needs
                .iter()
                .filter(|need| need.resource != main)
                .map(|need| self.elsewhere(operation, need))
                .collect();
            if elsewhere.is_empty() && all == When::Yes {
                return Cell::new(Mark::Yes, When::Yes);
            }
            conditional.get_or_insert(Cell { elsewhere, ..Cell::new(Mark::Conditional, all) });
        }
        conditional.or(lower).unwrap_or_else(|| Cell::new(Mark::No, When::No))
    }

    /// Whether a role held at that place can reach what the need is about.
    fn can_reach(&self, operation: &Operation, need: &Need, place: Place<'_>) -> bool {
        let Some(kind) = place.kind.and_then(|kind| self.catalogue().resource_types().get(kind)) else {
            return true;
        };
        let pattern = need.resource.and_then(|position| operation.resources.get(position));
        pattern.is_some_and(|(_, pattern)| kind.pattern().leads_into(pattern))
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

    /// The level below the one asked that a role reaches whatever the request says.
    fn lower(&self, role: usize, scope: &ResourcePath, permission: PermissionHandle, asked: Level) -> Cell {
        let reaches =
            |level: &Level| self.gives(role, scope, &Ways::to(self, permission, *level, &|_, _| true));
        let level = (1..asked.0).rev().map(Level).find(reaches).unwrap_or_default();
        let shown = level > Level::NONE && self.catalogue().ui(permission, level) >= UiState::ReadOnly;
        if !shown {
            return Cell::new(Mark::No, When::No);
        }
        let scale = self.catalogue().scale(permission);
        let label = scale.and_then(|scale| scale.get(level)).map(|level| level.label.clone());
        Cell { level: label, ..Cell::new(Mark::ReadOnly, When::No) }
    }
}

impl Cell {
    fn new(mark: Mark, when: When) -> Self {
        Self { mark, level: None, at: Vec::new(), elsewhere: Vec::new(), when: when.document() }
    }

    /// How much it says, of two cells.
    fn rank(&self) -> u8 {
        match self.mark {
            Mark::No => 0,
            Mark::ReadOnly => 1,
            Mark::Conditional => 2,
            Mark::Yes => 3,
        }
    }
}
