//! The permissions of a catalogue as the role editor shows them: a tree with tri-state parents,
//! its search, and the difference between two sets of grants. Pure, and so tested natively.

use std::collections::BTreeMap;

use rolewright_model::catalogue::{Catalogue, Only, PermissionHandle};
use rolewright_model::{Level, State};
use yew::AttrValue;

use crate::policy::level_label;
use crate::text::has_words;
use crate::widgets::Ticked;

/// What a role grants: permission ids with level ids.
pub type Grants = BTreeMap<String, String>;

/// The tree, worked out once for a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The modules, in order.
    pub modules: Vec<Module>,
    /// Every permission, in the order in which it is shown.
    pub rows: Vec<Row>,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its id.
    pub id: AttrValue,
    /// What a person reads.
    pub label: AttrValue,
    /// What it is for.
    pub description: AttrValue,
    /// Whether it is one of Rolewright's own that the product does not mention.
    pub apart: bool,
    /// Its parts: the first without a heading holds what stands directly in the module.
    pub sections: Vec<Section>,
}

/// A part of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its id; empty for what stands directly in the module.
    pub id: AttrValue,
    /// Its heading.
    pub label: AttrValue,
    /// Positions in [`Tree::rows`].
    pub rows: Vec<usize>,
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it is in the catalogue.
    pub handle: PermissionHandle,
    /// Its id.
    pub id: AttrValue,
    /// What a person reads.
    pub label: AttrValue,
    /// "Reports: Run".
    pub full: AttrValue,
    /// What it allows.
    pub description: AttrValue,
    /// Whether it is its module's access permission.
    pub is_access: bool,
    /// The position of its module in [`Tree::modules`].
    pub module: usize,
    /// Where it may be set, if not everywhere.
    pub only: Option<Only>,
    /// Its levels, from nothing upwards.
    pub levels: Vec<RowLevel>,
    /// What a search looks through, lower-case.
    haystack: String,
}

/// A level of a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLevel {
    /// Its id.
    pub id: AttrValue,
    /// What a person reads.
    pub label: AttrValue,
    /// What one may do at it.
    pub description: AttrValue,
}

impl Row {
    /// The highest level.
    pub fn top(&self) -> Level {
        Level(u8::try_from(self.levels.len().saturating_sub(1)).unwrap_or(u8::MAX))
    }

    /// Whether it is granted or not, with nothing between.
    pub fn is_switch(&self) -> bool {
        self.levels.len() <= 2
    }

    /// The level, for a person.
    pub fn level(&self, level: Level) -> AttrValue {
        self.levels.get(usize::from(level.0)).map(|level| level.label.clone()).unwrap_or_default()
    }

    /// Whether a role may set it: the base role, or any other.
    pub fn is_settable(&self, in_base: bool) -> bool {
        match self.only {
            None => true,
            Some(Only::Base) => in_base,
            Some(Only::Custom) => !in_base,
        }
    }

    /// The level that the grants themselves give.
    pub fn own(&self, grants: &Grants) -> Level {
        let position = grants
            .get(self.id.as_str())
            .and_then(|level| self.levels.iter().position(|known| known.id == *level));
        position.and_then(|position| u8::try_from(position).ok()).map(Level).unwrap_or_default()
    }

    /// Sets the level. Nothing is not written: what a role does not grant is not in it.
    pub fn set(&self, grants: &mut Grants, level: Level) {
        match self.levels.get(usize::from(level.0)).filter(|_| level > Level::NONE) {
            Some(level) => grants.insert(self.id.to_string(), level.id.to_string()),
            None => grants.remove(self.id.as_str()),
        };
    }
}

impl Tree {
    /// The tree of a state's catalogue. Modules whose product the tenant lacks are not in it.
    pub fn of(state: &State) -> Self {
        let catalogue = state.catalogue();
        let mentioned = &state.documents().catalogue.modules;
        let mut tree = Self::default();
        for module in catalogue.modules() {
            let present =
                module.access.into_iter().chain(module.permissions()).any(|it| state.is_present(it));
            if !present {
                continue;
            }
            let at = tree.modules.len();
            let mut sections = Vec::new();
            let mut access = module.access;
            if access.is_some() && !module.sections.iter().any(|section| section.id.is_empty()) {
                let rows = access.take().into_iter().map(|it| tree.add(catalogue, it, at, "")).collect();
                sections.push(Section { id: "".into(), label: "".into(), rows });
            }
            for section in &module.sections {
                let direct = access.take_if(|_| section.id.is_empty());
                let handles = direct.into_iter().chain(section.permissions.iter().copied());
                let rows = handles.map(|it| tree.add(catalogue, it, at, &section.label)).collect();
                sections.push(Section {
                    id: section.id.clone().into(),
                    label: section.label.clone().into(),
                    rows,
                });
            }
            tree.modules.push(Module {
                id: module.id.clone().into(),
                label: module.label.clone().into(),
                description: module.description.clone().into(),
                apart: module.console && !mentioned.iter().any(|known| known.id == module.id),
                sections,
            });
        }
        tree
    }

    fn add(
        &mut self,
        catalogue: &Catalogue,
        handle: PermissionHandle,
        module: usize,
        section: &str,
    ) -> usize {
        let position = self.rows.len();
        let (Some(permission), Some(home)) = (catalogue.permission(handle), catalogue.module(handle)) else {
            return position;
        };
        let count = catalogue.scale(handle).map_or(0, |scale| scale.levels().len());
        let levels = (0..count).filter_map(|n| {
            let level = Level(u8::try_from(n).ok()?);
            Some(RowLevel {
                id: catalogue.scale(handle)?.name(level).to_owned().into(),
                label: level_label(catalogue, handle, level).into(),
                description: permission
                    .detail(level)
                    .map(|detail| detail.description.clone())
                    .unwrap_or_default()
                    .into(),
            })
        });
        self.rows.push(Row {
            handle,
            id: permission.id().to_owned().into(),
            label: permission.label().to_owned().into(),
            full: catalogue.permission_name(permission.id()).into(),
            description: permission.description().to_owned().into(),
            is_access: permission.is_access(),
            module,
            only: permission.only(),
            levels: levels.collect(),
            haystack: format!("{} {section} {} {}", home.label, permission.label(), permission.id())
                .to_lowercase(),
        });
        position
    }

    /// The positions of every row that a search finds. Every word must be somewhere in the module's,
    /// the section's or the permission's own words: so what is found keeps its ancestors.
    pub fn search(&self, words: &str) -> Vec<usize> {
        let words = words.to_lowercase();
        let fits = |row: &Row| has_words(&row.haystack, &words);
        self.rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(position, _)| position).collect()
    }

    /// The levels that grants give themselves, by the rows.
    pub fn own(&self, grants: &Grants) -> Vec<Level> {
        self.rows.iter().map(|row| row.own(grants)).collect()
    }

    /// How a parent over these rows stands, by the levels of all. Only what the role may set counts. Access that something
    /// else in the module brings counts as ticked: it would be there whether or not it is.
    pub fn ticked(&self, rows: &[usize], own: &[Level], in_base: bool) -> Ticked {
        let (mut all, mut none, mut any) = (true, true, false);
        let rows = rows.iter().filter_map(|at| Some((self.rows.get(*at)?, *own.get(*at)?)));
        for (row, level) in rows.filter(|(row, _)| row.is_settable(in_base)) {
            any = true;
            let brought = row.is_access && self.opens(row.module, own);
            all &= level == row.top() || brought;
            none &= level == Level::NONE && !brought;
        }
        match (any, all, none) {
            (true, true, _) => Ticked::Yes,
            (true, _, false) => Ticked::Mixed,
            _ => Ticked::No,
        }
    }

    /// Whether the grants give something in a module besides its access permission.
    fn opens(&self, module: usize, own: &[Level]) -> bool {
        let mut rows = self.rows.iter().zip(own);
        rows.any(|(row, level)| row.module == module && !row.is_access && *level > Level::NONE)
    }

    /// Ticks or clears every one of these rows that the role may set.
    pub fn tick(&self, rows: &[usize], grants: &mut Grants, on: bool, in_base: bool) {
        for row in rows.iter().filter_map(|row| self.rows.get(*row)).filter(|row| row.is_settable(in_base)) {
            row.set(grants, if on { row.top() } else { Level::NONE });
        }
    }

    /// What differs between two sets of grants, in the order of the tree.
    pub fn changes(&self, before: &Grants, after: &Grants) -> Vec<Change> {
        changes(&self.own(before), &self.own(after))
    }
}

/// What differs between two levels of all rows.
pub fn changes(before: &[Level], after: &[Level]) -> Vec<Change> {
    let levels = before.iter().copied().zip(after.iter().copied()).enumerate();
    levels.filter(|(_, (from, to))| from != to).map(|(row, (from, to))| Change { row, from, to }).collect()
}

impl Module {
    /// Positions of all its rows.
    pub fn rows(&self) -> Vec<usize> {
        self.sections.iter().flat_map(|section| section.rows.iter().copied()).collect()
    }
}

/// One permission that two sets of grants give differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The position in [`Tree::rows`].
    pub row: usize,
    /// The level before.
    pub from: Level,
    /// The level after.
    pub to: Level,
}

/// How many changes of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Granted and not before.
    pub added: usize,
    /// Granted before and no longer.
    pub removed: usize,
    /// Granted at another level, or other words.
    pub changed: usize,
}

impl Tally {
    /// Counts changes of grants.
    pub fn of(changes: &[Change]) -> Self {
        let mut tally = Self::default();
        for change in changes {
            match (change.from, change.to) {
                (Level::NONE, _) => tally.added += 1,
                (_, Level::NONE) => tally.removed += 1,
                _ => tally.changed += 1,
            }
        }
        tally
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.added + self.removed + self.changed
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::dice::Dice;

    fn row(id: &str, module: usize, levels: &[&str], only: Option<Only>) -> Row {
        let level = |id: &&str| RowLevel {
            id: (*id).to_owned().into(),
            label: (*id).to_owned().into(),
            description: "".into(),
        };
        Row {
            handle: PermissionHandle(0),
            id: id.to_owned().into(),
            label: id.to_owned().into(),
            full: id.to_owned().into(),
            description: "".into(),
            is_access: id.ends_with(".access"),
            module,
            only,
            levels: levels.iter().map(level).collect(),
            haystack: id.to_owned(),
        }
    }

    /// Five permissions: switches, a scale, and what only some roles may set.
    pub fn tree() -> Tree {
        let switch = ["none", "allowed"];
        let scale = ["no", "read_only", "yes"];
        Tree {
            modules: Vec::new(),
            rows: vec![
                row("lists.access", 0, &switch, None),
                row("lists.view", 0, &switch, None),
                row("lists.edit", 0, &scale, None),
                row("lists.base", 0, &switch, Some(Only::Base)),
                row("reports.run", 1, &switch, Some(Only::Custom)),
            ],
        }
    }

    fn thrown(tree: &Tree, dice: &mut Dice) -> Grants {
        let mut grants = Grants::new();
        for row in &tree.rows {
            let level = Level(u8::try_from(dice.throw(row.levels.len())).unwrap());
            if row.is_settable(false) {
                row.set(&mut grants, level);
            }
        }
        grants
    }

    #[test]
    fn a_parent_ticked_is_ticked_and_cleared_is_clear_whatever_was_before() {
        let tree = tree();
        let mut dice = Dice::new(7);
        for _ in 0..500 {
            let rows: Vec<usize> = (0..tree.rows.len()).filter(|_| dice.throw(2) == 0).collect();
            let mut grants = thrown(&tree, &mut dice);
            let settable = rows.iter().any(|row| tree.rows[*row].is_settable(false));
            tree.tick(&rows, &mut grants, true, false);
            let expected = if settable { Ticked::Yes } else { Ticked::No };
            assert_eq!(tree.ticked(&rows, &tree.own(&grants), false), expected);
            tree.tick(&rows, &mut grants, false, false);
            let opened = rows.contains(&0) && tree.opens(0, &tree.own(&grants));
            if !opened {
                assert_eq!(tree.ticked(&rows, &tree.own(&grants), false), Ticked::No);
            }
        }
    }

    #[test]
    fn ticking_touches_nothing_else_and_never_what_the_role_may_not_set() {
        let tree = tree();
        let mut dice = Dice::new(11);
        for _ in 0..500 {
            let before = thrown(&tree, &mut dice);
            let rows: Vec<usize> = (0..tree.rows.len()).filter(|_| dice.throw(2) == 0).collect();
            let mut after = before.clone();
            tree.tick(&rows, &mut after, dice.throw(2) == 0, false);
            assert!(!after.contains_key("lists.base"));
            for change in tree.changes(&before, &after) {
                assert!(rows.contains(&change.row));
            }
        }
    }

    #[test]
    fn a_parent_is_mixed_exactly_between_none_and_all() {
        let tree = tree();
        let rows = [0, 1, 2];
        let mut grants = Grants::new();
        assert_eq!(tree.ticked(&rows, &tree.own(&grants), false), Ticked::No);
        tree.rows[2].set(&mut grants, Level(1));
        assert_eq!(tree.ticked(&rows, &tree.own(&grants), false), Ticked::Mixed);
        tree.rows[2].set(&mut grants, Level(2));
        tree.rows[1].set(&mut grants, Level(1));
        // Access is not written, and is there all the same.
        assert_eq!(tree.ticked(&rows, &tree.own(&grants), false), Ticked::Yes);
        assert!(!grants.contains_key("lists.access"));
    }

    #[test]
    fn changes_are_of_levels_not_of_what_is_written() {
        let tree = tree();
        let before = Grants::from([("lists.edit".to_owned(), "no".to_owned())]);
        assert!(tree.changes(&before, &Grants::new()).is_empty());
        let after = Grants::from([
            ("lists.edit".to_owned(), "yes".to_owned()),
            ("lists.view".to_owned(), "allowed".to_owned()),
        ]);
        let back = Grants::from([("lists.edit".to_owned(), "read_only".to_owned())]);
        assert_eq!(Tally::of(&tree.changes(&before, &after)), Tally { added: 2, removed: 0, changed: 0 });
        assert_eq!(Tally::of(&tree.changes(&after, &back)), Tally { added: 0, removed: 1, changed: 1 });
    }

    #[test]
    fn a_search_wants_every_word() {
        let tree = tree();
        assert_eq!(tree.search("LISTS edit"), [2]);
        assert_eq!(tree.search("lists").len(), 4);
        assert_eq!(tree.search("").len(), 5);
        assert!(tree.search("lists run").is_empty());
    }
}
