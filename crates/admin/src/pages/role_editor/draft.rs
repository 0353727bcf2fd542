//! A role while it is edited, beside what it was.

use std::rc::Rc;

use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use crate::text;
use crate::tree::{Change, Tally, Tree};

/// A role while it is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it was when it was read, or began as.
    pub before: Rc<RoleDocument>,
    /// What it shall be.
    pub role: Rc<RoleDocument>,
}

/// An edit.
pub enum Edit {
    /// Another name.
    Name(String),
    /// Another description.
    Description(String),
    /// Another level, by the position of the row.
    Level(Rc<Tree>, usize, rolewright_model::Level),
    /// Several rows ticked or cleared.
    Tick(Rc<Tree>, Vec<usize>, bool),
    /// Everything as it was.
    Discard,
    /// What was discarded, over what is edited now.
    TakeUp(Rc<Tree>, Box<Draft>),
    /// Another role to begin with.
    Begin(Box<RoleDocument>),
    /// What somebody else saved, and over it one's own edits.
    Rebase(Rc<Tree>, Box<RoleDocument>),
}

impl Reducible for Draft {
    type Action = Edit;

    fn reduce(self: Rc<Self>, edit: Edit) -> Rc<Self> {
        let mut draft = (*self).clone();
        let in_base = draft.role.base;
        let role = &mut draft.role;
        match edit {
            Edit::Name(name) => Rc::make_mut(role).name = name,
            Edit::Description(description) => Rc::make_mut(role).description = description,
            Edit::Level(tree, row, level) => {
                if let Some(row) = tree.rows.get(row) {
                    row.set(&mut Rc::make_mut(role).grants, level);
                }
            }
            Edit::Tick(tree, rows, on) => tree.tick(&rows, &mut Rc::make_mut(role).grants, on, in_base),
            Edit::Discard => draft.role = draft.before.clone(),
            Edit::Begin(role) => draft = Self::begun(*role),
            Edit::TakeUp(tree, discarded) => discarded.put_over(Rc::make_mut(role), &tree),
            Edit::Rebase(tree, theirs) => {
                let mut role = (*theirs).clone();
                draft.put_over(&mut role, &tree);
                draft = Self { before: Rc::from(theirs), role: role.into() };
            }
        }
        if draft == *self { self } else { draft.into() }
    }
}

impl Draft {
    /// Of a role that is not edited yet.
    pub fn begun(role: RoleDocument) -> Self {
        let role = Rc::new(role);
        Self { before: role.clone(), role }
    }

    /// What differs in grants.
    pub fn changes(&self, tree: &Tree) -> Vec<Change> {
        tree.changes(&self.before.grants, &self.role.grants)
    }

    /// Puts what is edited over another role.
    fn put_over(&self, role: &mut RoleDocument, tree: &Tree) {
        for change in self.changes(tree) {
            if let Some(row) = tree.rows.get(change.row) {
                row.set(&mut role.grants, change.to);
            }
        }
        if self.role.name != self.before.name {
            role.name.clone_from(&self.role.name);
        }
        if self.role.description != self.before.description {
            role.description.clone_from(&self.role.description);
        }
    }

    /// What differs in words: the name of the field, before and after.
    pub fn words(&self) -> Vec<(&'static str, String, String)> {
        let fields = [
            ("Name", &self.before.name, &self.role.name),
            ("Description", &self.before.description, &self.role.description),
        ];
        fields
            .into_iter()
            .filter(|(_, before, after)| before.trim() != after.trim())
            .map(|(field, before, after)| (field, before.clone(), after.clone()))
            .collect()
    }

    /// How many changes of each kind.
    pub fn tally(&self, tree: &Tree) -> Tally {
        let mut tally = Tally::of(&self.changes(tree));
        tally.changed += self.words().len();
        tally
    }
}

/// "6 changes: +4 -1 ~1", the words for it.
pub fn tally_words(tally: Tally) -> String {
    text::count(tally.total() as u64, "change", "changes")
}
