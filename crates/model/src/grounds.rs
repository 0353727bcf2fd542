//! Grounds: what an answer about a permission is worked out from.

use std::collections::BTreeMap;

use crate::catalogue::PermissionHandle;
use crate::condition::{Attributes, Condition};
use crate::index::Index;
use crate::scale::Level;
use crate::sorted;

/// What an answer is worked out from, by names: two answers with the same grounds are the same, also
/// where their conditions are not told.
#[derive(PartialEq, Eq)]
pub(crate) struct Grounds<'s> {
    /// Each permission that brings the one in question, and is reached if every condition is true.
    permissions: BTreeMap<&'s str, Ground<'s>>,
    /// What conditions read of the subject, where that is known.
    subject: Option<(&'s str, &'s Attributes)>,
}

#[derive(PartialEq, Eq)]
struct Ground<'s> {
    /// The level that is granted, by its number: names are in `levels`.
    granted: Level,
    /// The access permission of its module.
    opens: Option<&'s str>,
    levels: Vec<LevelGround<'s>>,
}

/// A level: its name, its condition, and what reaching it brings, in order.
type LevelGround<'s> = (&'s str, Option<&'s Condition>, Vec<(&'s str, &'s str)>);

impl Index {
    /// Every permission of which some level brings something of one of these, themselves among them; in
    /// order. `O(permissions + implications)` for each step of the longest way.
    pub(crate) fn leading_to(&self, permissions: &[PermissionHandle]) -> Vec<PermissionHandle> {
        let mut leading = vec![false; self.catalogue().permissions().len()];
        let mut more = false;
        for handle in permissions {
            more |= add(&mut leading, *handle);
        }
        while std::mem::take(&mut more) {
            for source in self.catalogue().handles().filter(|handle| self.is_present(*handle)) {
                let leads =
                    !has(&leading, source) && self.targets(source).any(|target| has(&leading, target));
                more |= leads && add(&mut leading, source);
            }
        }
        self.catalogue().handles().filter(|handle| has(&leading, *handle)).collect()
    }

    /// What some level of a permission brings.
    fn targets(&self, source: PermissionHandle) -> impl Iterator<Item = PermissionHandle> {
        let levels =
            self.catalogue().permission(source).into_iter().flat_map(|known| known.levels.iter().skip(1));
        let implied = levels.flat_map(|level| level.implies.iter().map(|(target, _)| *target));
        implied.chain(self.catalogue().access_of(source)).filter(|target| self.is_present(*target))
    }

    /// Everything that some level of one of these brings, themselves among it; in order.
    fn brought_by(&self, permissions: &[PermissionHandle]) -> Vec<PermissionHandle> {
        let (mut known, mut open) = (Vec::new(), permissions.to_vec());
        while let Some(handle) = open.pop() {
            if sorted::insert(&mut known, handle) {
                open.extend(self.targets(handle));
            }
        }
        known
    }

    /// The grounds of what is held of `permission`, where that is granted and this is known of the
    /// subject. `O(permissions + implications)`.
    pub(crate) fn grounds<'s>(
        &'s self,
        permission: PermissionHandle,
        granted: impl Fn(PermissionHandle) -> Level,
        subject: Option<(&'s str, &'s Attributes)>,
    ) -> Grounds<'s> {
        let catalogue = self.catalogue();
        let leading = self.leading_to(&[permission]);
        let given: Vec<PermissionHandle> =
            leading.iter().copied().filter(|handle| granted(*handle) > Level::NONE).collect();
        let mut counting = self.brought_by(&given);
        counting.retain(|handle| leading.binary_search(handle).is_ok());
        let name = |handle, level| catalogue.scale(handle).map_or("", |scale| scale.name(level));
        let ground = |handle: PermissionHandle| {
            let levels = catalogue.permission(handle).into_iter().flat_map(|known| (0..).zip(&known.levels));
            let levels = levels.map(|(level, detail)| {
                let implied =
                    detail.implies.iter().filter(|(target, _)| counting.binary_search(target).is_ok());
                let mut implied: Vec<_> =
                    implied.map(|(target, at)| (catalogue.id(*target), name(*target, *at))).collect();
                implied.sort_unstable();
                (name(handle, Level(level)), detail.condition.as_ref(), implied)
            });
            let ground = Ground {
                granted: granted(handle),
                opens: catalogue.access_of(handle).map(|access| catalogue.id(access)),
                levels: levels.collect(),
            };
            (catalogue.id(handle), ground)
        };
        Grounds { permissions: counting.iter().copied().map(ground).collect(), subject }
    }
}

fn has(permissions: &[bool], handle: PermissionHandle) -> bool {
    permissions.get(handle.0 as usize).copied().unwrap_or_default()
}

/// Whether it was not there.
fn add(permissions: &mut [bool], handle: PermissionHandle) -> bool {
    permissions.get_mut(handle.0 as usize).is_some_and(|known| !std::mem::replace(known, true))
}
