//! What is held of a permission, by the names of its levels: told, and compared with what is held
//! elsewhere, under another state's scale too.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::scale::{Level, Scale};
use crate::when::{When, WhenDocument};

/// At which level a permission is held: whatever a request says, and on conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldLevel {
    /// The level's id; empty where the permission is not known.
    pub level: String,
    /// Higher levels that are held on a condition; none on that of a higher one still.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<Conditional>,
}

/// A level that is held on a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conditional {
    /// The level's id.
    pub level: String,
    /// The condition that is left over.
    pub when: WhenDocument,
}

/// What a difference comes to for whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// More is held than before.
    Gain,
    /// Less is held than before.
    Lose,
    /// It is held on another condition, or on one that is not told, which may be another; or at a
    /// level of another name that allows as much. That may be more or less.
    MayDiffer,
}

/// Whether what is held in two places is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// It is.
    Same,
    /// It is not.
    Different,
    /// It is as far as is told; some condition is not told.
    Untold,
}

/// What is held of one permission, on its scale.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnScale<'s> {
    /// None where the permission is not known.
    scale: Option<&'s Scale>,
    /// The level that is held whatever a request says.
    level: Level,
    /// Each higher level that can be held, with the condition that is left over.
    conditional: Vec<(Level, When)>,
}

impl<'s> OnScale<'s> {
    pub(crate) fn new(scale: Option<&'s Scale>, level: Level, conditional: Vec<(Level, When)>) -> Self {
        Self { scale, level, conditional }
    }

    /// What is held where each level is held, or a higher one, as this says; in order, from level 1.
    pub(crate) fn of(scale: Option<&'s Scale>, when: impl Fn(Level) -> When) -> Self {
        let mut held = Self::new(scale, Level::NONE, Vec::new());
        for level in (1..=scale.map_or(0, |scale| scale.top().0)).map(Level) {
            match when(level) {
                When::Yes => held.level = level,
                When::No => break,
                when @ When::If(_) => held.conditional.push((level, when)),
            }
        }
        held
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.level == Level::NONE && self.conditional.is_empty()
    }

    pub(crate) fn told(&self) -> HeldLevel {
        let name = |level| self.name(level).to_owned();
        let kept = self.conditional.iter().filter(|(level, when)| !self.is_surpassed(*level, when));
        let conditional =
            kept.map(|(level, when)| Conditional { level: name(*level), when: when.document() });
        HeldLevel { level: name(self.level), conditional: conditional.collect() }
    }

    /// What it comes to that the other is held after this, where it is not the same.
    pub(crate) fn effect(&self, after: &Self) -> Effect {
        let surely = self.rank(self.level, after, after.level);
        let perhaps = || self.rank(self.highest(), after, after.highest());
        let asked = || {
            let certainty = |when: &When| match when {
                When::No => 0,
                When::If(_) => 1,
                When::Yes => 2,
            };
            let turns = self.questions(after).into_iter();
            let mut turns = turns.map(|(was, is)| certainty(was).cmp(&certainty(is)));
            turns.find(|turn| *turn != Ordering::Equal).unwrap_or(Ordering::Equal)
        };
        match surely.then_with(perhaps).then_with(asked) {
            Ordering::Less => Effect::Gain,
            Ordering::Greater => Effect::Lose,
            Ordering::Equal => Effect::MayDiffer,
        }
    }

    /// Whether the other is the same: at the levels of the same names, and allowed alike.
    pub(crate) fn beside(&self, other: &Self) -> Likeness {
        if self.is_nothing() && other.is_nothing() {
            return Likeness::Same;
        }
        let apart = |one: &Self, other: &Self| {
            // What a level that the other scale lacks says beside the next one.
            one.conditional.iter().any(|(level, when)| {
                !other.has(one.name(*level)) && !when.is_unsaid() && !one.is_surpassed(*level, when)
            })
        };
        if self.title(self.level) != other.title(other.level)
            || self.title(self.highest()) != other.title(other.highest())
            || apart(self, other)
            || apart(other, self)
        {
            return Likeness::Different;
        }
        let unsaid = |(one, other): &(&When, &When)| {
            one.is_unsaid() && matches!(other, When::If(_)) || other.is_unsaid() && matches!(one, When::If(_))
        };
        let (untold, told): (Vec<_>, Vec<_>) = self.questions(other).into_iter().partition(unsaid);
        let lacks = |one: &Self, other: &Self| {
            one.conditional.iter().any(|(level, when)| when.is_unsaid() && !other.has(one.name(*level)))
        };
        if told.iter().any(|(one, other)| one != other) {
            Likeness::Different
        } else if untold.is_empty() && !lacks(self, other) && !lacks(other, self) {
            Likeness::Same
        } else {
            Likeness::Untold
        }
    }

    /// Whether the other differs in conditions alone, which may come to the same.
    pub(crate) fn may_be_like(&self, other: &Self) -> bool {
        self.title(self.highest()) == other.title(other.highest())
            && !(self.conditional.is_empty() && other.conditional.is_empty())
    }

    /// What both can be asked: what is allowed, and each level above 0 that both know by name.
    fn questions<'t>(&'t self, other: &'t Self) -> Vec<(&'t When, &'t When)> {
        let levels = self.scale.map_or(&[][..], Scale::levels).iter().skip(1);
        let shared = levels.filter_map(|level| Some((self.level(&level.id)?, other.level(&level.id)?)));
        let can = (self.can(), other.can());
        [can].into_iter().chain(shared).map(|(one, another)| (self.when(one), other.when(another))).collect()
    }

    /// How one level here stands to one of the other: by their names on one scale; where neither scale
    /// has both, by what they allow.
    fn rank(&self, own: Level, other: &Self, others: Level) -> Ordering {
        if own == Level::NONE || others == Level::NONE {
            return own.min(Level(1)).cmp(&others.min(Level(1)));
        }
        match (other.level(self.name(own)), self.level(other.name(others))) {
            (Some(there), _) => there.cmp(&others),
            (_, Some(here)) => own.cmp(&here),
            (None, None) => (own >= self.can()).cmp(&(others >= other.can())),
        }
    }

    /// The highest level that can be held.
    fn highest(&self) -> Level {
        self.conditional.last().map_or(self.level, |(level, _)| *level)
    }

    /// When a level, or a higher one, is held.
    fn when(&self, asked: Level) -> &When {
        if asked <= self.level {
            return &When::Yes;
        }
        self.conditional.iter().find(|(level, _)| *level == asked).map_or(&When::No, |(_, when)| when)
    }

    /// Whether a level is never what is held, because the next one is held whenever it is.
    fn is_surpassed(&self, level: Level, when: &When) -> bool {
        !when.is_unsaid() && self.when(Level(level.0.saturating_add(1))) == when
    }

    fn can(&self) -> Level {
        self.scale.map_or(Level::NONE, Scale::can)
    }

    fn name(&self, level: Level) -> &'s str {
        self.scale.map_or("", |scale| scale.name(level))
    }

    /// The name of a level; nothing is called nothing everywhere.
    fn title(&self, level: Level) -> Option<&'s str> {
        (level > Level::NONE).then(|| self.name(level))
    }

    fn level(&self, name: &str) -> Option<Level> {
        self.scale?.level(name).filter(|level| *level > Level::NONE)
    }

    fn has(&self, name: &str) -> bool {
        self.level(name).is_some()
    }
}
