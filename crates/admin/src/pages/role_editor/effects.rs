//! What a draft comes to: asked of the model, on a state with just the roles that matter.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::documents::Documents;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::{Level, State};

use crate::policy::Policy;
use crate::tree::{Row, Tree};

/// The id under which a role that has none yet is compiled.
const DRAFT: &str = "draft";

/// What every draft of a role is compiled on, the roles that have to do with it and nobody, and what it has from them.
#[derive(Debug)]
pub struct Ground {
    state: State,
    /// The id that the draft has in it.
    id: String,
    /// Where each permission is in the tree.
    rows: BTreeMap<PermissionHandle, usize>,
    /// The base role, where that is another.
    base: Option<String>,
    inherited: Rc<[Option<(String, Level)>]>,
}

impl Ground {
    /// The ground of the drafts that inherit what this one does. Roles that have nothing to do with them are left out.
    pub fn of(policy: &Policy, tree: &Tree, draft: &RoleDocument) -> Option<Self> {
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
        let state = State::build(documents, policy.state().at()).ok()?;
        let base = policy.base().filter(|base| base.id != id).map(|base| base.id.clone());
        let mut inherited: Vec<Option<(String, Level)>> = vec![None; tree.rows.len()];
        for heir in &heirs {
            for (most, level) in inherited.iter_mut().zip(levels(&state, tree, heir)) {
                if level > Level::NONE && most.as_ref().is_none_or(|(_, most)| level >= *most) {
                    *most = Some((policy.role_name(heir).to_owned(), level));
                }
            }
        }
        let rows = tree.rows.iter().enumerate().map(|(at, row)| (row.handle, at)).collect();
        Some(Self { id: id.to_owned(), rows, base, inherited: inherited.into(), state })
    }
}

/// The role by its id, which is its own. A name may be empty or taken, and a description too long, while they are being typed; that is
/// for the server to say.
fn nameless(role: &RoleDocument, id: &str) -> RoleDocument {
    RoleDocument { id: id.to_owned(), name: id.to_owned(), description: String::new(), ..role.clone() }
}

/// What a role of a state reaches, by the rows of the tree.
fn levels(state: &State, tree: &Tree, role: &str) -> Vec<Level> {
    let role = state.policy().role_position(role);
    let at = |row: &Row| role.map_or(Level::NONE, |role| state.reached(role, row.handle));
    tree.rows.iter().map(at).collect()
}

/// What a draft comes to, by the rows of the tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// By the draft, what it inherits, implies and opens.
    pub reached: Vec<Level>,
    /// By the base role, which everybody holds.
    pub base: Vec<Level>,
    /// By an inherited role: its name and its level.
    pub inherited: Rc<[Option<(String, Level)>]>,
    /// By another grant of the draft, which implies it: the position of its row.
    pub implied: Vec<Option<usize>>,
}

impl Effects {
    /// Compiles a draft on its ground: so much is done at every tick.
    pub fn of(ground: &Ground, tree: &Tree, draft: &RoleDocument) -> Self {
        let Ground { id, rows, base, inherited, .. } = ground;
        let Ok(state) = ground.state.with_role(nameless(draft, id)) else { return Self::default() };
        let reached = levels(&state, tree, id);
        let base = base.as_ref().map(|base| levels(&state, tree, base)).unwrap_or_default();
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
                    if let Some(slot) = rows.get(target).and_then(|target| implied.get_mut(*target)) {
                        slot.get_or_insert(source);
                    }
                }
            }
        }
        // Any grant in a module opens it.
        let mut openers = vec![None; tree.modules.len()];
        let rows = tree.rows.iter().zip(&reached).enumerate();
        for (at, (row, _)) in rows.filter(|(_, (row, level))| !row.is_access && **level > Level::NONE) {
            if let Some(opener) = openers.get_mut(row.module) {
                opener.get_or_insert(at);
            }
        }
        for (row, slot) in tree.rows.iter().zip(&mut implied).filter(|(row, _)| row.is_access) {
            *slot = slot.or(openers.get(row.module).copied().flatten());
        }
        Self { reached, base, inherited: inherited.clone(), implied }
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
