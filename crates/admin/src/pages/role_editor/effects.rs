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

/// What every draft of a role is compiled on: the roles that have to do with it, and nobody.
#[derive(Debug)]
pub struct Ground {
    state: State,
    /// The id that the draft has in it.
    id: String,
    /// The base role, where that is another.
    base: Option<String>,
    /// The roles that the draft inherits, directly or not: id and name.
    heirs: Vec<(String, String)>,
}

impl Ground {
    /// The ground of the drafts that inherit what this one does. Roles that have nothing to do with them are left out.
    pub fn of(policy: &Policy, draft: &RoleDocument) -> Option<Self> {
        let id = if draft.id.is_empty() { DRAFT } else { &draft.id };
        let heirs = inherits(policy, draft);
        let whole = policy.state().documents();
        let mut documents = Documents {
            settings: SettingsDocument {
                products: whole.settings.products.clone(),
                ..SettingsDocument::default()
            },
            catalogue: whole.catalogue.clone(),
            ..Documents::default()
        };
        let needed =
            whole.roles.values().filter(|role| role.base || role.superuser || heirs.contains(&role.id));
        let others = needed.filter(|role| role.id != id).map(|role| nameless(role, &role.id));
        for role in others.chain([nameless(draft, id)]) {
            documents.roles.insert(role.id.clone(), role);
        }
        Some(Self {
            state: State::build(documents, policy.state().at()).ok()?,
            id: id.to_owned(),
            base: policy.base().filter(|base| base.id != id).map(|base| base.id.clone()),
            heirs: heirs.into_iter().map(|heir| (heir.clone(), policy.role_name(&heir).to_owned())).collect(),
        })
    }
}

/// The role by its id, which is its own. A name may be empty or taken, and a description too long, while they are being typed; that is
/// for the server to say.
fn nameless(role: &RoleDocument, id: &str) -> RoleDocument {
    RoleDocument { id: id.to_owned(), name: id.to_owned(), description: String::new(), ..role.clone() }
}

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
    /// Compiles a draft on its ground: so much is done at every tick.
    pub fn of(ground: &Ground, tree: &Tree, draft: &RoleDocument) -> Self {
        let Ground { id, base, heirs, .. } = ground;
        let Ok(state) = ground.state.with_role(nameless(draft, id)) else { return Self::default() };
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
                        .map(|(role, name)| (name, at(role, row)))
                        .filter(|(_, level)| *level > Level::NONE)
                        .max_by_key(|(_, level)| *level)
                        .map(|(name, level)| (name.clone(), level))
                })
                .collect(),
            reached,
            implied,
        }
    }

    /// Whether it comes to the same at a row.
    pub fn is_as(&self, other: &Self, row: usize) -> bool {
        self.reached.get(row) == other.reached.get(row)
            && self.base.get(row) == other.base.get(row)
            && self.inherited.get(row) == other.inherited.get(row)
            && self.implied.get(row) == other.implied.get(row)
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
