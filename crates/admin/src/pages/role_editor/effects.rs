//! What a draft comes to: asked of the model, on a state with just the roles that matter.

use std::collections::BTreeMap;

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::documents::Documents;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::{Level, State};

use crate::policy::{Policy, reached};
use crate::tree::{Row, Tree};

/// The id under which a role that has none yet is compiled.
const DRAFT: &str = "draft";

/// What a draft comes to, by the rows of the tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// By the draft, what it inherits, implies and opens.
    pub reached: Vec<Level>,
    /// By the base role, which everybody holds.
    pub base: Vec<Level>,
    /// By an inherited role: its name and its level.
    pub inherited: Vec<Option<(String, Level)>>,
    /// By another grant of the draft, which implies it: the position of its row.
    pub implied: Vec<Option<usize>>,
}

impl Effects {
    /// Compiles a draft.
    pub fn of(policy: &Policy, tree: &Tree, draft: &RoleDocument) -> Self {
        let id = if draft.id.is_empty() { DRAFT } else { &draft.id };
        let Some(state) = compile(policy, draft, id) else { return Self::default() };
        let base = policy.base().filter(|base| base.id != id).map(|base| base.id.clone());
        let heirs = inherits(policy, draft);
        let at = |role: &str, row: &Row| reached(&state, role, row.handle);
        let reached: Vec<Level> = tree.rows.iter().map(|row| at(id, row)).collect();
        let position: BTreeMap<PermissionHandle, usize> =
            tree.rows.iter().enumerate().map(|(position, row)| (row.handle, position)).collect();
        let mut implied = vec![None; tree.rows.len()];
        for (source, (row, level)) in tree.rows.iter().zip(&reached).enumerate() {
            let Some(permission) = state.catalogue().permission(row.handle).filter(|_| *level > Level::NONE)
            else {
                continue;
            };
            for step in 1..=level.0 {
                for (target, _) in
                    permission.detail(Level(step)).into_iter().flat_map(|detail| &detail.implies)
                {
                    if let Some(slot) = position.get(target).and_then(|target| implied.get_mut(*target)) {
                        slot.get_or_insert(source);
                    }
                }
            }
        }
        // Any grant in a module opens it.
        for (target, row) in tree.rows.iter().enumerate().filter(|(_, row)| row.is_access) {
            let opener = tree.rows.iter().zip(&reached).position(|(other, level)| {
                other.module == row.module && !other.is_access && *level > Level::NONE
            });
            if let (Some(opener), Some(slot)) = (opener, implied.get_mut(target)) {
                slot.get_or_insert(opener);
            }
        }
        Self {
            base: tree
                .rows
                .iter()
                .map(|row| base.as_ref().map_or(Level::NONE, |base| at(base, row)))
                .collect(),
            inherited: tree
                .rows
                .iter()
                .map(|row| {
                    heirs
                        .iter()
                        .map(|role| (policy.role_name(role).to_owned(), at(role, row)))
                        .filter(|(_, level)| *level > Level::NONE)
                        .max_by_key(|(_, level)| *level)
                })
                .collect(),
            reached,
            implied,
        }
    }

    /// What the draft reaches at a row.
    pub fn reached(&self, row: usize) -> Level {
        self.reached.get(row).copied().unwrap_or_default()
    }

    /// What the base role gives at a row.
    pub fn base(&self, row: usize) -> Level {
        self.base.get(row).copied().unwrap_or_default()
    }

    /// The inherited role that gives most at a row.
    pub fn inherited(&self, row: usize) -> Option<&(String, Level)> {
        self.inherited.get(row)?.as_ref()
    }

    /// The row that implies a row.
    pub fn implied(&self, row: usize) -> Option<usize> {
        *self.implied.get(row)?
    }
}

/// Ids of every role that the draft inherits, directly or not.
fn inherits(policy: &Policy, draft: &RoleDocument) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open: Vec<String> = draft.inherits.clone();
    while let Some(id) = open.pop() {
        if id != draft.id && !found.contains(&id) {
            open.extend(policy.role(&id).map(|role| role.inherits.clone()).unwrap_or_default());
            found.push(id);
        }
    }
    found
}

/// A state with the draft in it. Roles that have nothing to do with it are left out: it is compiled anew
/// with every tick.
fn compile(policy: &Policy, draft: &RoleDocument, id: &str) -> Option<State> {
    let whole = policy.state().documents();
    let needed = inherits(policy, draft);
    let mut documents = Documents {
        settings: SettingsDocument {
            products: whole.settings.products.clone(),
            ..SettingsDocument::default()
        },
        catalogue: whole.catalogue.clone(),
        ..Documents::default()
    };
    for role in whole.roles.values() {
        let wanted = role.base || role.superuser || needed.contains(&role.id);
        if wanted && role.id != id {
            let role = RoleDocument { name: role.id.clone(), ..role.clone() };
            documents.roles.insert(role.id.clone(), role);
        }
    }
    // Its name may be empty or taken, and its description too long, while they are being typed; that is for the
    // server to say. Here every role goes by its id, which is its own.
    let (name, description) = (id.to_owned(), String::new());
    let role = RoleDocument { id: id.to_owned(), name, description, ..draft.clone() };
    documents.roles.insert(id.to_owned(), role);
    State::build(documents, policy.state().at()).ok()
}
