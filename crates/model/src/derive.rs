//! Derivations: how what a role grants comes to give what is asked for, step by step.

use std::collections::BTreeMap;

use crate::catalogue::PermissionHandle;
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::scale::Level;

/// Whether the condition of a permission's level holds, if it has one.
pub(crate) type Holds<'h> = &'h dyn Fn(PermissionHandle, Level) -> bool;

/// Every grant that brings one permission at one level, the nearest first.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    asked: Level,
    /// Whether a superuser holds it.
    exists: bool,
    ways: Vec<Way>,
}

/// One permission whose grant brings what is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) permission: PermissionHandle,
    /// The lowest level of a grant that does.
    pub(crate) granted: Level,
    /// How many implications there are from here.
    pub(crate) steps: usize,
    /// The level that the grant must come to, and the position of the way that it brings; none
    /// at the end.
    next: Option<(Level, usize)>,
    /// Whether the grant does, whatever it comes to: it opens its module.
    merely: bool,
}

/// A role that counts through a holding: the role that is held, or one that it inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) role: usize,
    /// From the role that is held, without it, to this one.
    pub(crate) inherited: Vec<usize>,
}

/// The shortest way from a role that is held to what is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Derivation {
    pub(crate) part: Part,
    /// The grant, its level, and what it brings; none where the role is everything.
    pub(crate) way: Option<(Way, Level)>,
}

/// Which grants and roles are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Those that count where the role is held.
    Here,
    /// Those too that count at resources of another type only.
    Anywhere,
}

impl Ways {
    /// The ways to `permission` at `asked`, where `holds` says whether the condition of a level
    /// does. `O(ways x permissions)`.
    pub(crate) fn to(state: &Index, permission: PermissionHandle, asked: Level, holds: Holds<'_>) -> Self {
        let catalogue = state.catalogue();
        // The lowest grant that comes to that level.
        let grant = |permission: PermissionHandle, level: Level| {
            let top = catalogue.scale(permission).map_or(Level::NONE, |scale| scale.top());
            let mut levels = (level.0.max(1)..=top.0).map(Level).filter(|_| state.is_present(permission));
            levels.find(|level| holds(permission, *level))
        };
        let mut ways: Vec<Way> = grant(permission, asked)
            .map(|granted| Way { permission, granted, steps: 0, next: None, merely: false })
            .into_iter()
            .collect();
        let mut lowest: BTreeMap<(PermissionHandle, bool), Level> =
            ways.iter().map(|way| ((way.permission, false), way.granted)).collect();
        let mut open = 0;
        while let Some(way) = ways.get(open).copied() {
            let mut found = Vec::new();
            for source in catalogue.handles().filter(|_| !way.merely) {
                let Some(known) = catalogue.permission(source) else { continue };
                if catalogue.access_of(source) == Some(way.permission) {
                    found.push((source, Level(1), Some(Level(1)), true));
                    found.push((source, Level(1), grant(source, Level(1)), false));
                }
                let brings = |level: &Level| {
                    known.detail(*level).is_some_and(|detail| {
                        detail.implies.iter().any(|(to, at)| *to == way.permission && *at >= way.granted)
                    })
                };
                let levels = (1..known.levels.len()).filter_map(|level| u8::try_from(level).ok());
                if let Some(level) = levels.map(Level).find(brings) {
                    found.push((source, level, grant(source, level), false));
                }
            }
            for (permission, level, granted, merely) in found {
                let Some(granted) = granted else { continue };
                let key = (permission, merely);
                if lowest.get(&key).is_none_or(|known| granted < *known) {
                    lowest.insert(key, granted);
                    let (steps, next) = (way.steps + 1, Some((level, open)));
                    ways.push(Way { permission, granted, steps, next, merely });
                }
            }
            open += 1;
        }
        let top = catalogue.scale(permission).map_or(Level::NONE, |scale| scale.top());
        Self { asked, exists: state.is_present(permission) && asked <= top, ways }
    }

    /// The level that is asked for.
    pub(crate) fn asked(&self) -> Level {
        self.asked
    }

    /// Whether a grant of that permission at that level brings what is asked for.
    pub(crate) fn lead_from(&self, permission: PermissionHandle, level: Level) -> bool {
        self.ways.iter().any(|way| way.permission == permission && way.granted <= level)
    }

    /// From what is granted to what is asked for: each permission on the way, the granted one
    /// left out, with the level that it comes to at least.
    pub(crate) fn brought(&self, way: &Way) -> Vec<(PermissionHandle, Level)> {
        let mut brought = Vec::new();
        let mut next = way.next;
        while let Some(way) = next.and_then(|(_, position)| self.ways.get(position)) {
            brought.push((way.permission, way.next.map_or(self.asked, |(level, _)| level)));
            next = way.next;
        }
        brought
    }
}

impl Index {
    /// The shortest derivation of what is asked for from a role held at `scope`: of the shortest,
    /// the one that inherits least. `O(roles inherited x ways)`.
    pub(crate) fn derive(
        &self,
        role: usize,
        scope: &ResourcePath,
        ways: &Ways,
        counting: Counting,
    ) -> Option<Derivation> {
        let mut best: Option<(usize, Derivation)> = None;
        for part in self.parts(role, scope, counting) {
            let inherited = part.inherited.len();
            if best.as_ref().is_some_and(|(length, _)| *length <= inherited) {
                continue;
            }
            let way = if self.is_everything(part.role) {
                ways.exists.then_some(None)
            } else {
                let grants = ways.ways.iter().filter_map(|way| {
                    let level = self.own_grant(part.role, scope, way.permission, counting);
                    (way.granted <= level).then_some(Some((*way, level)))
                });
                grants.min_by_key(|way| way.map_or(0, |(way, _)| way.steps))
            };
            if let Some(way) = way {
                let length = inherited + way.map_or(0, |(way, _)| way.steps);
                if best.as_ref().is_none_or(|(known, _)| length < *known) {
                    best = Some((length, Derivation { part, way }));
                }
            }
        }
        best.map(|(_, derivation)| derivation)
    }

    /// Whether a role held at `scope` gives what is asked for.
    pub(crate) fn gives(&self, role: usize, scope: &ResourcePath, ways: &Ways) -> bool {
        self.derive(role, scope, ways, Counting::Here).is_some()
    }

    /// The roles that count through one held at `scope`, each with the shortest inheritance: itself
    /// first.
    pub(crate) fn parts(&self, role: usize, scope: &ResourcePath, counting: Counting) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut next = vec![Part { role, inherited: Vec::new() }];
        let mut open = 0;
        while let Some(part) = next.get(open).cloned() {
            open += 1;
            let counts = counting == Counting::Anywhere || self.counts_at(part.role, scope);
            if !counts || parts.iter().any(|known| known.role == part.role) {
                continue;
            }
            for parent in self.parents(part.role) {
                let inherited = part.inherited.iter().copied().chain([parent]).collect();
                next.push(Part { role: parent, inherited });
            }
            parts.push(part);
        }
        parts
    }

    /// The roles that a role names in `inherits`.
    fn parents(&self, role: usize) -> Vec<usize> {
        self.policy().role(role).map(|role| role.inherits.clone()).unwrap_or_default()
    }

    /// Whether a role, by itself, counts through an assignment at `scope`.
    pub(crate) fn counts_at(&self, role: usize, scope: &ResourcePath) -> bool {
        self.policy().counts_at(role, scope)
    }

    /// Whether a role is marked as a superuser role itself.
    fn is_everything(&self, role: usize) -> bool {
        self.policy().role(role).is_some_and(|role| role.superuser)
    }

    /// What a role grants itself, without what it inherits.
    fn own_grant(
        &self,
        role: usize,
        scope: &ResourcePath,
        permission: PermissionHandle,
        counting: Counting,
    ) -> Level {
        let Some(role) = self.policy().role(role) else { return Level::NONE };
        let types = self.policy().types_of(scope.borrowed());
        let limited = role.limited.iter().filter(|grant| {
            grant.permission == permission && (counting == Counting::Anywhere || types.contains(&grant.at))
        });
        let own = self.policy().layout.level(&role.grants, permission);
        limited.map(|grant| grant.level).chain([own]).max().unwrap_or_default()
    }
}
