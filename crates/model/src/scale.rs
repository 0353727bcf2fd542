//! Scales: ordered lists of levels. Level 0 is "nothing".

use serde::{Deserialize, Serialize};

/// A place on a permission's scale; 0 is nothing. Its order is the scale's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(pub u8);

impl Level {
    /// The level that means nothing.
    pub const NONE: Self = Self(0);
}

/// What a user interface does with what a permission guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UiState {
    /// Not there.
    Hidden,
    /// There, but not to be used.
    Disabled,
    /// To be read, not changed.
    ReadOnly,
    /// To be used.
    Enabled,
}

/// A scale as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ScaleDocument {
    /// From "nothing" upwards; two at least.
    pub levels: Vec<LevelDocument>,
    /// The level that `can` asks for; the top where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can: Option<String>,
}

/// One level of a scale as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LevelDocument {
    /// A slug, `read_only`.
    pub id: String,
    /// What a person reads, "Read-Only".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What a user interface does at this level, where the rule of thumb (level 0 hidden, from
    /// the `can` level enabled, read-only between) is not right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui: Option<UiState>,
}

/// A validated scale. Has two levels at least, 64 at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    pub(crate) id: String,
    pub(crate) levels: Vec<ScaleLevel>,
    pub(crate) can: Level,
}

/// A validated level of a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleLevel {
    /// The level's slug.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// What a user interface does.
    pub ui: UiState,
}

impl Scale {
    /// The scale's id; `default` is the one every catalogue has, `none < allowed`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All levels, from nothing upwards.
    #[must_use]
    pub fn levels(&self) -> &[ScaleLevel] {
        &self.levels
    }

    /// The highest level.
    #[must_use]
    pub fn top(&self) -> Level {
        Level(u8::try_from(self.levels.len().saturating_sub(1)).unwrap_or(u8::MAX))
    }

    /// The level that `can` asks for.
    #[must_use]
    pub fn can(&self) -> Level {
        self.can
    }

    /// The level of that name.
    #[must_use]
    pub fn level(&self, id: &str) -> Option<Level> {
        let position = self.levels.iter().position(|level| level.id == id)?;
        u8::try_from(position).ok().map(Level)
    }

    /// The level's description; the lowest for a level that the scale does not have.
    #[must_use]
    pub fn get(&self, level: Level) -> Option<&ScaleLevel> {
        self.levels.get(usize::from(level.0))
    }

    /// The level's id; empty for a level that the scale does not have.
    #[must_use]
    pub fn name(&self, level: Level) -> &str {
        self.get(level).map_or("", |level| &level.id)
    }

    /// What a user interface does at `level`.
    #[must_use]
    pub fn ui(&self, level: Level) -> UiState {
        self.get(level).map_or(UiState::Hidden, |level| level.ui)
    }
}
