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
    /// In a word.
    pub mark: Mark,
    /// On what terms; where there are several any of them will do. Of a type of resources at which a
    /// role gives more than for the whole tenant, what it gives there. None where it gives nothing.
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
        self.best(places, |place| self.operation_cell_at(operation, place))
    }

    fn permission_at(&self, places: &[Place], permission: PermissionHandle) -> Cell {
        let can = self.catalogue().scale(permission).map_or(Level(1), |scale| scale.can());
        self.best(places, |place| match self.when_of_row(&place.row, permission, can) {
            When::No => Cell::lower(self.lower(&place.row, permission, can)),
            when => Cell::allowed(vec![(Vec::new(), when)]),
        })
    }

    /// What the cell for the whole tenant says; and of resources of each type, where that says more
    /// or is on other terms.
    fn best(&self, places: &[Place], cell: impl Fn(&Place) -> Cell) -> Cell {
        let mut best = Cell { mark: Mark::No, terms: Vec::new() };
        for place in places {
            let kind = place.kind.and_then(|kind| self.catalogue().resource_types().get(kind));
            best.join(cell(place), kind);
            if kind.is_none() && best.mark == Mark::Yes {
                break;
            }
        }
        best
    }

    fn operation_cell_at(&self, operation: &Operation, place: &Place) -> Cell {
        let mut allowed: Vec<(Vec<Elsewhere>, When)> = Vec::new();
        let mut lower: Option<Terms> = None;
        for needs in operation.alternatives.iter().filter(|needs| !needs.is_empty()) {
            let mut all = When::Yes;
            let mut refused = Vec::new();
            for need in needs {
                let reaches = self.can_reach(operation, need, place);
                let held = match reaches {
                    true => self.when_in_operation(operation, need, &place.row),
                    false => When::No,
                };
                let held = held.or(operation.when_dropped(need, &Facts::OPEN));
                if held == When::No {
                    refused.push(
                        Some(need)
                            .filter(|_| reaches)
                            .and_then(|need| self.lower(&place.row, need.permission, need.asked)),
                    );
                }
                all = all.and(held);
            }
            if !refused.is_empty() {
                let read_only: Option<Vec<Terms>> = refused.into_iter().collect();
                lower = lower.or(read_only.and_then(|all| all.into_iter().next()));
                continue;
            }
            let main = needs.first().and_then(|need| need.resource);
            let other = needs.iter().filter(|need| need.resource != main);
            let elsewhere: Vec<Elsewhere> = other.map(|need| self.elsewhere(operation, need)).collect();
            match allowed.iter_mut().find(|(known, _)| *known == elsewhere) {
                Some((_, when)) => *when = std::mem::replace(when, When::No).or(all),
                None => allowed.push((elsewhere, all)),
            }
        }
        if allowed.is_empty() { Cell::lower(lower) } else { Cell::allowed(allowed) }
    }

    /// When whoever holds what a row gives meets a need, without what drops it: of an operation's
    /// resources the one that the need is about is named, and a need on the tenant sees none.
    fn when_in_operation(&self, operation: &Operation, need: &Need, row: &Row) -> When {
        let layout = &self.policy().layout;
        let bit = layout.bit(need.permission, need.asked);
        if bit.is_some_and(|bit| row.reached.has(bit)) {
            return When::Yes;
        }
        if !bit.is_some_and(|bit| row.reachable().has(bit)) {
            return When::No;
        }
        let (facts, name) = (Operation::facts_of(need, &Facts::OPEN), operation.name_for(need));
        let granted = |handle| layout.level(&row.granted, handle);
        let leading = self.leading_to(&[need.permission]);
        Whens::reach(self, leading, granted, &facts, name).get(need.permission, need.asked)
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

    /// The level to be read that is reached below the one asked: the highest of those that are held
    /// whatever a request says, else the highest of all.
    fn lower(&self, row: &Row, permission: PermissionHandle, asked: Level) -> Option<Terms> {
        let shown = |level: &Level| self.catalogue().ui(permission, *level) >= UiState::ReadOnly;
        let levels = (1..asked.0).rev().map(Level).filter(shown);
        let reached = levels.map(|level| (level, self.when_of_row(row, permission, level)));
        let reached: Vec<(Level, When)> = reached.filter(|(_, when)| when.is_possible()).collect();
        let certain = reached.iter().find(|(_, when)| *when == When::Yes);
        let (level, when) = certain.or(reached.first())?;
        let label = self.catalogue().scale(permission)?.get(*level)?.label.clone();
        Some(Terms { level: Some(label), ..Terms::new(Vec::new(), when) })
    }
}

impl Terms {
    fn new(elsewhere: Vec<Elsewhere>, when: &When) -> Self {
        Self { at: Vec::new(), level: None, elsewhere, when: when.document() }
    }
}

impl Cell {
    /// Of what is allowed, each with what is needed elsewhere.
    fn allowed(all: Vec<(Vec<Elsewhere>, When)>) -> Self {
        let always = |(elsewhere, when): &(Vec<Elsewhere>, When)| elsewhere.is_empty() && *when == When::Yes;
        match all.iter().any(always) {
            true => Self { mark: Mark::Yes, terms: vec![Terms::new(Vec::new(), &When::Yes)] },
            false => {
                let terms = all.into_iter().map(|(elsewhere, when)| Terms::new(elsewhere, &when));
                Self { mark: Mark::Conditional, terms: terms.collect() }
            }
        }
    }

    /// Of what is not, with the lower level that is reached, if one is.
    fn lower(terms: Option<Terms>) -> Self {
        let mark = if terms.is_some() { Mark::ReadOnly } else { Mark::No };
        Self { mark, terms: terms.into_iter().collect() }
    }

    /// Takes up what is said at resources of a type; none is the tenant.
    fn join(&mut self, here: Self, kind: Option<&ResourceType>) {
        if here.mark > self.mark {
            *self = Self { mark: here.mark, terms: Vec::new() };
        } else if here.mark < self.mark {
            return;
        }
        for mut terms in here.terms {
            let same = |known: &&mut Terms| {
                (&known.level, &known.elsewhere, &known.when) == (&terms.level, &terms.elsewhere, &terms.when)
            };
            match (self.terms.iter_mut().find(same), kind) {
                (Some(known), Some(kind)) if !known.at.is_empty() => known.at.push(kind.id().to_owned()),
                (Some(_), _) => {}
                (None, kind) => {
                    terms.at.extend(kind.map(|kind| kind.id().to_owned()));
                    self.terms.push(terms);
                }
            }
        }
    }
}
