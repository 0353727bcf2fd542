//! A role while it is edited, beside what it was.

use std::rc::Rc;

use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use crate::same::Same;
use crate::text;
use crate::tree::{Change, Tally, Tree};

/// A role while it is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it was when it was read, or began as.
    pub before: Rc<RoleDocument>,
    /// What it shall be.
    pub role: Rc<RoleDocument>,
    /// What it was before each step that was taken, and that was taken back.
    past: Vec<Same<RoleDocument>>,
    future: Vec<Same<RoleDocument>>,
}

/// How many steps can be taken back.
const STEPS: usize = 100;

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
    /// The last step in its grants taken back. What is typed is taken back by the field itself.
    Undo,
    /// The step that was taken back last made again.
    Redo,
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
        let draft = self.after(edit);
        if draft == *self { self } else { draft.into() }
    }
}

impl Draft {
    /// A role beside what it is to be told from.
    pub fn new(before: Rc<RoleDocument>, role: Rc<RoleDocument>) -> Self {
        Self { before, role, past: Vec::new(), future: Vec::new() }
    }

    /// Of a role that is not edited yet.
    pub fn begun(role: RoleDocument) -> Self {
        let role = Rc::new(role);
        Self::new(role.clone(), role)
    }

    /// What an edit makes of it.
    pub fn after(&self, edit: Edit) -> Self {
        let mut draft = self.clone();
        let role = &mut draft.role;
        match edit {
            Edit::Name(name) => Rc::make_mut(role).name = name,
            Edit::Description(description) => Rc::make_mut(role).description = description,
            Edit::Level(tree, row, level) => {
                if let Some(row) = tree.rows.get(row) {
                    row.set(&mut Rc::make_mut(role).grants, level);
                    draft.took_step(self);
                }
            }
            Edit::Tick(tree, rows, on) => {
                tree.tick(&rows, &mut Rc::make_mut(role).grants, on, self.role.base);
                draft.took_step(self);
            }
            Edit::Undo => {
                if let Some(then) = draft.past.pop() {
                    draft.future.push(Same(self.role.clone()));
                    draft.grant_as(&then);
                }
            }
            Edit::Redo => {
                if let Some(then) = draft.future.pop() {
                    draft.past.push(Same(self.role.clone()));
                    draft.grant_as(&then);
                }
            }
            Edit::Discard => draft = Self::new(self.before.clone(), self.before.clone()),
            Edit::Begin(role) => draft = Self::begun(*role),
            Edit::TakeUp(tree, discarded) => discarded.put_over(Rc::make_mut(role), &tree),
            Edit::Rebase(tree, theirs) => {
                let mut role = (*theirs).clone();
                self.put_over(&mut role, &tree);
                draft = Self::new(Rc::from(theirs), role.into());
            }
        }
        draft
    }

    /// Keeps what it was, so that the step can be taken back.
    fn took_step(&mut self, was: &Self) {
        if self.role.grants == was.role.grants {
            return;
        }
        self.future.clear();
        self.past.push(Same(was.role.clone()));
        if self.past.len() > STEPS {
            self.past.remove(0);
        }
    }

    /// Grants what it granted then, under the name that it has now.
    fn grant_as(&mut self, then: &RoleDocument) {
        Rc::make_mut(&mut self.role).grants.clone_from(&then.grants);
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
        self.tally_of(&self.changes(tree))
    }

    /// The same, where it is known what differs in grants.
    pub fn tally_of(&self, changes: &[Change]) -> Tally {
        let mut tally = Tally::of(changes);
        tally.changed += self.words().len();
        tally
    }
}

/// "6 changes: +4 -1 ~1", the words for it.
pub fn tally_words(tally: Tally) -> String {
    text::count(tally.total() as u64, "change", "changes")
}

#[cfg(test)]
mod tests {
    use rolewright_model::Level;

    use super::*;
    use crate::dice::Dice;
    use crate::tree::Grants;
    use crate::tree::tests::tree;

    fn role() -> RoleDocument {
        serde_json::from_value(serde_json::json!({ "id": "keeper", "name": "Keeper" })).unwrap()
    }

    #[test]
    fn every_step_is_taken_back_and_made_again_and_what_is_typed_stays() {
        let tree = Rc::new(tree());
        let mut dice = Dice::new(23);
        for _ in 0..200 {
            let mut draft = Draft::begun(role());
            let mut steps: Vec<Grants> = vec![draft.role.grants.clone()];
            for _ in 0..dice.throw(12) {
                let row = dice.throw(tree.rows.len());
                let level = Level(u8::try_from(dice.throw(tree.rows[row].levels.len())).unwrap());
                draft = draft.after(match dice.throw(3) {
                    0 => Edit::Tick(tree.clone(), vec![row, 0], dice.throw(2) == 0),
                    1 => Edit::Name(format!("Keeper {row}")),
                    _ => Edit::Level(tree.clone(), row, level),
                });
                if steps.last() != Some(&draft.role.grants) {
                    steps.push(draft.role.grants.clone());
                }
            }
            let name = draft.role.name.clone();
            for expected in steps.iter().rev().skip(1) {
                draft = draft.after(Edit::Undo);
                assert_eq!(draft.role.grants, *expected);
            }
            assert_eq!(draft, draft.after(Edit::Undo), "there is nothing before the first step");
            for expected in steps.iter().skip(1) {
                draft = draft.after(Edit::Redo);
                assert_eq!(draft.role.grants, *expected);
            }
            assert_eq!(draft, draft.after(Edit::Redo), "there is nothing after the last step");
            assert_eq!(draft.role.name, name);
        }
    }

    #[test]
    fn another_step_ends_what_could_be_made_again_and_discarding_ends_both() {
        let tree = Rc::new(tree());
        let set = |draft: &Draft, row| draft.after(Edit::Level(tree.clone(), row, Level(1)));
        let draft = set(&set(&Draft::begun(role()), 0), 1).after(Edit::Undo);
        let other = set(&draft, 4);
        assert_eq!(other.after(Edit::Redo), other);
        let discarded = other.after(Edit::Discard);
        assert_eq!(discarded.after(Edit::Undo), discarded);
        assert_eq!(discarded.role.grants, role().grants);
    }

    #[test]
    fn the_oldest_of_very_many_steps_are_forgotten() {
        let tree = Rc::new(tree());
        let mut draft = Draft::begun(role());
        for n in 0..STEPS + 3 {
            draft = draft.after(Edit::Level(tree.clone(), 0, Level(u8::try_from((n + 1) % 2).unwrap())));
        }
        assert_eq!(draft.past.len(), STEPS);
    }
}
