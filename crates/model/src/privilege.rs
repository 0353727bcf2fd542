//! What is privileged: what makes a superuser, or gives one of Rolewright's own permissions.

use std::sync::Arc;

use crate::index::Index;
use crate::people::UserHandle;
use crate::resource::ResourcePath;
use crate::rows::Row;
use crate::stamp::Timestamp;

impl Index {
    /// Whether who holds the role may do everything where it counts: it is a superuser role, or inherits one. What is no role
    /// is not. `O(log roles)`.
    #[must_use]
    pub fn makes_superusers(&self, role: &str) -> bool {
        self.policy.role_position(role).is_some_and(|role| self.is_superuser(role))
    }

    /// The users who are made superusers, as [`Index::is_made_superuser`] says, and were not `before`. `O(users x holdings)`; where rows,
    /// groups and packages make the same superusers in both, `O(rows + edited users x holdings)`.
    pub(crate) fn superusers_since(&self, before: &Self, at: Timestamp) -> Vec<UserHandle> {
        let comes_to_be = |user: &UserHandle| {
            let id = self.people.id(*user);
            let was = || before.people.find(id).is_some_and(|user| before.is_made_superuser(user, at));
            !id.is_empty() && self.is_made_superuser(*user, at) && !was()
        };
        let alike = self.is_numbered_as(before)
            && self.makes_superusers_as(before)
            && !self.people.shares_differ(&before.people);
        match alike {
            true => {
                let edited = self.people.chunks_beside(&before.people);
                edited.flat_map(|chunk| self.people.of_chunk(chunk)).filter(comes_to_be).collect()
            }
            false => self.people.handles().filter(comes_to_be).collect(),
        }
    }

    /// Whether the same rows make superusers here and in the other, in which rows are numbered as here. `O(rows)`.
    pub(crate) fn makes_superusers_as(&self, other: &Self) -> bool {
        let makes = |index: &Self, row: u32| index.rows.get(row).is_some_and(|row| row.superuser);
        (0..self.rows.len().max(other.rows.len())).all(|row| makes(self, row) == makes(other, row))
    }

    /// Whether a user, active or not, holds a role at `at` or later that makes a superuser of them, wherever. `O(holdings)`.
    pub(crate) fn is_made_superuser(&self, user: UserHandle, at: Timestamp) -> bool {
        let mut is_made = false;
        self.people.each_row(user, |row, extent| {
            let lasts = extent.window.until().is_none_or(|until| until > at);
            is_made |= lasts && self.rows.get(row).is_some_and(|row| row.superuser);
        });
        is_made
    }

    /// Whether a role that is held at a scope is privileged there: it makes a superuser, or gives one of Rolewright's own
    /// permissions; conditions count as true. What is no role or no place is not. `O(Rolewright's own permissions)`.
    #[must_use]
    pub fn is_privileged(&self, role: &str, scope: &str) -> bool {
        self.row_of(role, scope).is_some_and(|row| self.has_privilege(&row))
    }

    /// Whether a role that is held at a scope gives a permission there, at whatever level; conditions count as true. What is no
    /// role, no place or no permission does not. `O(log roles)`.
    #[must_use]
    pub fn gives_at(&self, role: &str, scope: &str, permission: &str) -> bool {
        let row = self.row_of(role, scope).zip(self.catalogue().handle(permission));
        row.is_some_and(|(row, permission)| {
            row.superuser || self.policy.layout.has_some(row.reachable(), permission)
        })
    }

    /// What a role gives where it is held at a scope.
    fn row_of(&self, role: &str, scope: &str) -> Option<Arc<Row>> {
        let (role, scope) = (self.policy.role_position(role)?, ResourcePath::parse(scope).ok()?);
        self.rows.at(&self.policy, role, &scope)
    }

    /// The same of what a role gives where it is held.
    pub(crate) fn has_privilege(&self, row: &Row) -> bool {
        let (catalogue, layout) = (self.catalogue(), &self.policy.layout);
        let own = catalogue.modules().iter().filter(|module| module.console);
        let mut own = own.flat_map(|own| own.permissions());
        row.superuser || own.any(|handle| layout.has_some(row.reachable(), handle))
    }
}
