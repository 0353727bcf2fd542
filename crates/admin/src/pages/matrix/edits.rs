//! Cells that are edited and not saved yet.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::change::Kind;
use rolewright_model::role::RoleDocument;
use rolewright_wire::batch::Version;
use serde::Serialize;
use yew::prelude::*;

use crate::api::Encoded;
use crate::tree::{Row, Tally, Tree};

/// A role as the server said it when its first cell was edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The role.
    pub role: RoleDocument,
    /// Which version of it.
    pub etag: String,
}

/// Cells that are edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// By role and permission: the level that it shall be.
    pub cells: BTreeMap<(String, String), Level>,
    /// The roles that they are edits of, as far as they came.
    pub bases: BTreeMap<String, Base>,
    /// Whether somebody else saved one of the roles meanwhile.
    pub clash: Option<Clash>,
}

/// Somebody else saved a role that is edited here.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// Which, where that is told.
    pub role: Option<String>,
}

/// What happens to edits.
pub enum Edit {
    /// A cell is edited; none takes the edit back.
    Set(String, String, Option<Level>),
    /// A role came.
    Base(Box<Base>),
    /// Somebody else saved one: all are asked for again.
    Clash(Clash),
    /// All are saved, or given up.
    Clear,
}

impl Reducible for Edits {
    type Action = Edit;

    fn reduce(self: Rc<Self>, edit: Edit) -> Rc<Self> {
        let mut edits = (*self).clone();
        match edit {
            Edit::Set(role, permission, Some(level)) => {
                edits.cells.insert((role, permission), level);
            }
            Edit::Set(role, permission, None) => {
                edits.cells.remove(&(role, permission));
            }
            Edit::Base(base) => {
                edits.bases.insert(base.role.id.clone(), *base);
            }
            Edit::Clash(clash) => {
                edits.bases.clear();
                edits.clash = Some(clash);
            }
            Edit::Clear => edits = Self::default(),
        }
        if edits.cells.is_empty() {
            edits = Self::default();
        }
        edits.into()
    }
}

/// One edit, for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The role's id.
    pub role: String,
    /// The row of the tree.
    pub row: usize,
    /// The level that is saved.
    pub from: Level,
    /// The level that it shall be.
    pub to: Level,
}

/// A batch of edits of roles, as it is sent.
#[derive(Serialize)]
struct Batch {
    changes: Vec<UpdateRole>,
    versions: Vec<Version>,
}

/// The one kind of change that it has. Every kind of `Change` would be downloaded with it.
#[derive(Serialize)]
struct UpdateRole {
    change: &'static str,
    role: RoleDocument,
}

impl Edits {
    /// The roles with edits, each once.
    pub fn roles(&self) -> Vec<String> {
        let mut roles: Vec<String> = self.cells.keys().map(|(role, _)| role.clone()).collect();
        roles.dedup();
        roles
    }

    /// The level that a cell shall be, where it is edited.
    pub fn level(&self, role: &str, permission: &str) -> Option<Level> {
        self.cells.get(&(role.to_owned(), permission.to_owned())).copied()
    }

    /// Every edit, as far as its role came.
    pub fn told(&self, tree: &Tree) -> Vec<Told> {
        let told = self.cells.iter().filter_map(|((role, permission), to)| {
            let row = tree.rows.iter().position(|row| row.id == *permission)?;
            let from = tree.rows.get(row)?.own(&self.bases.get(role)?.role.grants);
            Some(Told { role: role.clone(), row, from, to: *to })
        });
        told.collect()
    }

    /// How many edits of each kind.
    pub fn tally(&self, tree: &Tree) -> Tally {
        let changes = self.told(tree).into_iter();
        let changes: Vec<_> =
            changes.map(|told| crate::tree::Change { row: told.row, from: told.from, to: told.to }).collect();
        Tally::of(&changes)
    }

    /// What is tried and sent, a batch of edits of roles; none while a role is on its way.
    pub fn batch(&self, tree: &Tree) -> Option<Encoded> {
        let mut batch = Batch { changes: Vec::new(), versions: Vec::new() };
        for id in self.roles() {
            let Base { role, etag } = self.bases.get(&id)?;
            let mut role = role.clone();
            for ((_, permission), level) in self.cells.iter().filter(|((of, _), _)| *of == id) {
                if let Some(row) = tree.rows.iter().find(|row: &&Row| row.id == *permission) {
                    row.set(&mut role.grants, *level);
                }
            }
            batch.changes.push(UpdateRole { change: "update_role", role });
            batch.versions.push(Version { kind: Kind::Role, id, etag: etag.clone() });
        }
        Encoded::of(&batch).filter(|_| !batch.changes.is_empty())
    }
}
