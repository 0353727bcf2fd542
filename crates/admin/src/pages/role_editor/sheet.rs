//! What the rows of the modules are shown by, and when a change of it comes to which.

use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::catalogue::Only;
use yew::prelude::*;

use super::effects::Effects;
use super::notes::{Note, Sources};
use super::permission::View;
use crate::browser::AfterPaint;
use crate::same::Same;
use crate::tree::{Module, Row, Tree};
use crate::widgets::{Segment, Ticked};

/// What every row is shown by.
pub struct Sheet {
    /// All permissions.
    pub tree: Rc<Tree>,
    /// What the draft comes to.
    pub effects: Rc<Effects>,
    /// The levels that the draft grants itself.
    pub own: Rc<Vec<Level>>,
    /// Whether it is the base role.
    pub in_base: bool,
    /// Whether nothing can be changed.
    pub fixed: bool,
    base_name: AttrValue,
}

impl Sheet {
    /// What the rows of a draft are shown by.
    pub fn of(
        tree: Rc<Tree>,
        effects: Rc<Effects>,
        own: Rc<Vec<Level>>,
        in_base: bool,
        base_name: AttrValue,
        fixed: bool,
    ) -> Self {
        Self { tree, effects, own, in_base, fixed, base_name }
    }

    /// Whether these rows look the same by another.
    fn shows_as(&self, other: &Self, rows: &[usize]) -> bool {
        Rc::ptr_eq(&self.tree, &other.tree)
            && (self.in_base, self.fixed, &self.base_name) == (other.in_base, other.fixed, &other.base_name)
            && rows.iter().all(|row| {
                self.own.get(*row) == other.own.get(*row) && self.effects.is_as(&other.effects, *row)
            })
    }

    /// What a row shows.
    pub fn view(&self, at: usize, row: &Row, in_focus: bool) -> View {
        let Self { tree, effects, own, in_base, base_name, .. } = self;
        let sources = Sources { tree, effects, own, base_name };
        let own = sources.own(at);
        let (base, reached) = (effects.base(at), effects.reached(at));
        let settable = row.is_settable(*in_base);
        let has_base = sources.follows_base(row);
        let words_for_nothing = row.levels.first().is_some_and(|level| level.id != "none");
        let custom_only = row.only == Some(Only::Custom);
        let inherit = sources.without_grant(at, row);
        let mut notes = sources.notes(at, row);
        if row.is_switch() && own == Level::NONE {
            // A switch has no choice that says what its holders have without it.
            if has_base && (base > Level::NONE || words_for_nothing) {
                notes.push(Note { words: inherit.clone().into(), strong: base > Level::NONE });
            }
            if custom_only && !*in_base && words_for_nothing {
                notes.push(Note { words: inherit.clone().into(), strong: false });
            }
        }
        let refused = match (settable, row.only) {
            (false, Some(Only::Base)) => Some(format!(
                "Set in {} only",
                if base_name.is_empty() { "the base role" } else { base_name }
            )),
            (false, _) => Some("Set in custom roles only".to_owned()),
            _ => None,
        };
        let segments: Rc<[Segment]> = if row.is_switch() {
            Rc::from([])
        } else {
            row.levels
                .iter()
                .enumerate()
                .map(|(n, level)| {
                    let inherited = n == 0 && !*in_base;
                    Segment {
                        id: level.id.clone(),
                        label: if inherited { inherit.clone().into() } else { level.label.clone() },
                        // What comes from elsewhere means what it comes to.
                        description: match row
                            .levels
                            .get(usize::from(base.max(reached).0))
                            .filter(|_| inherited && own == Level::NONE)
                        {
                            Some(effective) => effective.description.clone(),
                            None => level.description.clone(),
                        },
                        inherited,
                    }
                })
                .collect()
        };
        let level = row.levels.get(usize::from(own.0));
        let effective = row.levels.get(usize::from(own.max(reached).max(base).0));
        View {
            at,
            label: row.label.clone(),
            full: row.full.clone(),
            description: row.description.clone(),
            ticked: if own == row.top() {
                Ticked::Yes
            } else if own > Level::NONE {
                Ticked::Mixed
            } else {
                Ticked::No
            },
            segments,
            value: level.map(|level| level.id.clone()).unwrap_or_default(),
            levels: row.levels.iter().map(|level| level.id.clone()).collect(),
            meaning: effective.map(|level| level.description.clone()).unwrap_or_default(),
            notes: notes.into(),
            effective: reached.max(base) > Level::NONE,
            refused: refused.map(AttrValue::from),
            in_focus,
        }
    }
}

/// What a search finds of a module.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// All its rows.
    pub rows: Rc<[usize]>,
    /// Those that are found.
    pub shown: Rc<[usize]>,
    /// Its sections that have any: their position in the module.
    pub sections: Rc<[(usize, Rc<[usize]>)]>,
}

impl Part {
    /// Of a module what is `found`: rows in order.
    pub fn of(module: &Module, found: &[usize]) -> Self {
        let shown =
            |rows: &[usize]| rows.iter().copied().filter(|row| found.binary_search(row).is_ok()).collect();
        let rows: Rc<[usize]> = module.rows().into();
        let sections = module.sections.iter().map(|section| -> Rc<[usize]> { shown(&section.rows) });
        Self {
            shown: shown(&rows),
            sections: sections.enumerate().filter(|(_, rows)| !rows.is_empty()).collect(),
            rows,
        }
    }
}

/// What a module is shown by, and which of its rows.
pub type Shown = (Same<Sheet>, Part);

/// What each module is shown by. A module whose rows a change leaves as they are keeps what it had. With `most`, one that is out of
/// sight, before the `first` in sight or that many rows or more after it, has it once what is in sight is painted, a few a paint: who
/// types on does not wait for all of them.
#[hook]
pub fn use_shown(
    newest: &Same<Sheet>,
    parts: &Same<Vec<Part>>,
    first: usize,
    most: Option<usize>,
) -> Vec<Shown> {
    let kept = use_mut_ref(Vec::<Shown>::new);
    // Of what it was that something was painted. It is set again as it was while modules are behind, which renders once more.
    let painted = use_state(|| (newest.clone(), parts.clone()));
    let is_painted = (&painted.0, &painted.1) == (newest, parts);
    let mut few = if is_painted { A_PAINT } else { 0 };
    let mut behind = false;
    let shown = {
        let mut kept = kept.borrow_mut();
        if kept.first().is_none_or(|(sheet, _)| !Rc::ptr_eq(&sheet.tree, &newest.tree)) {
            *kept = parts.iter().map(|part| (newest.clone(), part.clone())).collect();
        }
        let mut rows = 0;
        for (at, (shown, part)) in kept.iter_mut().zip(parts.iter()).enumerate() {
            let may_wait = most.is_some_and(|most| at < first || rows > most);
            if at >= first {
                rows += part.shown.len();
            }
            if shown.1 == *part && (shown.0 == *newest || shown.0.shows_as(newest, &part.rows)) {
                continue;
            }
            if may_wait && few == 0 {
                behind = true;
                continue;
            }
            if may_wait {
                few -= 1;
            }
            *shown = (newest.clone(), part.clone());
        }
        kept.clone()
    };
    {
        let next = (newest.clone(), parts.clone());
        use_effect(move || {
            let later = behind.then(|| AfterPaint::new(move || painted.set(next)));
            move || drop(later)
        });
    }
    shown
}

/// How many modules out of sight come to be shown by something newer with one paint.
const A_PAINT: usize = 8;
