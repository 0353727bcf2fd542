//! What gives a permission beside a role's own grant, in words.

use rolewright_model::Level;
use rolewright_model::catalogue::Only;
use yew::prelude::*;

use super::effects::Effects;
use crate::tree::{Row, Tree};
use crate::widgets::Icon;

/// Something that comes from elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// From where.
    pub words: AttrValue,
    /// Whether it gives something.
    pub strong: bool,
}

impl Note {
    /// As it stands beside a level.
    pub fn view(&self) -> Html {
        html! {
            <span key={self.words.to_string()} class={classes!("source", "source--inherited", (!self.strong).then_some("source--weak"))}>
                <Icon name="arrow-down" />{ self.words.clone() }
            </span>
        }
    }
}

/// A role as it is told from where its permissions come.
pub struct Sources<'r> {
    /// The permissions.
    pub tree: &'r Tree,
    /// What the role comes to.
    pub effects: &'r Effects,
    /// The levels that it grants itself.
    pub own: &'r [Level],
    /// What the base role is called; empty where there is none, or it is this one.
    pub base_name: &'r str,
}

impl Sources<'_> {
    /// What it grants itself at a row.
    pub fn own(&self, at: usize) -> Level {
        self.own.get(at).copied().unwrap_or_default()
    }

    /// Whether its holders have from the base role what it does not grant.
    pub fn follows_base(&self, row: &Row) -> bool {
        !self.base_name.is_empty() && row.only != Some(Only::Custom)
    }

    /// What its holders have where it grants nothing, "User default (Allowed)".
    pub fn without_grant(&self, at: usize, row: &Row) -> String {
        match (self.follows_base(row), row.only == Some(Only::Custom)) {
            (true, _) => format!("{} ({})", self.base_name, row.level(self.effects.base(at))),
            (false, true) => "Not granted".to_owned(),
            (false, false) => row.level(Level::NONE).to_string(),
        }
    }

    /// What an inherited role or another grant gives at least as much of as the role's own grant, and that a grant does
    /// nothing beside the base role.
    pub fn notes(&self, at: usize, row: &Row) -> Vec<Note> {
        let own = self.own(at);
        let (base, reached) = (self.effects.base(at), self.effects.reached(at));
        let mut notes = Vec::new();
        let mut note = |words: String| notes.push(Note { words: words.into(), strong: true });
        if let Some((role, level)) = self.effects.inherited(at).filter(|(_, level)| *level >= own) {
            note(format!("From {role} ({})", row.level(*level)));
        } else if reached > own {
            let by = self.effects.implied(at).and_then(|by| self.tree.rows.get(by)).map(|by| &by.label);
            note(match (by, row.is_switch()) {
                (Some(by), true) => format!("Brought by {by}"),
                (Some(by), false) => format!("{} brought by {by}", row.level(reached)),
                (None, _) => row.level(reached).to_string(),
            });
        }
        if self.follows_base(row) && own > Level::NONE && base >= own {
            note(format!("No effect now: {} is {}", self.base_name, row.level(base)));
        }
        notes
    }
}
