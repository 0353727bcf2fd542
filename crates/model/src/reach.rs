//! How far grants reach: the least fixed point of implications, module access and conditions.

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::Condition;
use crate::scale::Level;

/// The level of every permission, in the order of handles, where `granted` is given and `holds` says
/// which conditions are true. Permissions that are not `present` are at nothing and bring nothing.
///
/// For conditions that stay as they are each level is a monotone function of one bound, and so keeps
/// maxima: what several roles reach together is the highest of what each reaches alone.
/// `O(permissions + implications)`, and a condition read once for each time its bound is raised.
pub(crate) fn reach(
    catalogue: &Catalogue,
    present: impl Fn(PermissionHandle) -> bool,
    granted: impl Fn(PermissionHandle) -> Level,
    holds: impl Fn(&Condition) -> bool,
) -> Vec<Level> {
    let mut reach = Reach {
        bounds: vec![Level::NONE; catalogue.permissions.len()],
        open: Vec::with_capacity(catalogue.permissions.len()),
    };
    for handle in catalogue.handles().filter(|handle| present(*handle)) {
        let level = granted(handle);
        reach.raise(handle, level);
        if let Some(access) = catalogue.access_of(handle).filter(|_| level > Level::NONE) {
            reach.raise(access, Level(1));
        }
    }
    let mut levels = vec![Level::NONE; catalogue.permissions.len()];
    while let Some(handle) = reach.open.pop() {
        let place = handle.0 as usize;
        let (Some(permission), Some(level)) = (catalogue.permission(handle), levels.get_mut(place)) else {
            continue;
        };
        let bound = reach.bounds.get(place).copied().unwrap_or_default();
        let highest = (level.0 + 1..=bound.0).rev().map(Level).find(|candidate| {
            let condition = permission.detail(*candidate).and_then(|detail| detail.condition.as_ref());
            condition.is_none_or(&holds)
        });
        let Some(highest) = highest else { continue };
        let brought = (level.0 + 1..=highest.0).filter_map(|below| permission.detail(Level(below)));
        *level = highest;
        for (target, at) in brought.flat_map(|detail| detail.implies.iter().copied()) {
            if present(target) {
                reach.raise(target, at);
            }
        }
        if let Some(access) = catalogue.access_of(handle) {
            reach.raise(access, Level(1));
        }
    }
    levels
}

/// The bounds so far, and the permissions whose bound was raised since they were looked at.
struct Reach {
    bounds: Vec<Level>,
    open: Vec<PermissionHandle>,
}

impl Reach {
    fn raise(&mut self, permission: PermissionHandle, to: Level) {
        match self.bounds.get_mut(permission.0 as usize) {
            Some(bound) if *bound < to => {
                *bound = to;
                self.open.push(permission);
            }
            _ => {}
        }
    }
}
