//! What is privileged: what makes a superuser, or gives one of Rolewright's own permissions.

use crate::index::Index;
use crate::resource::ResourcePath;
use crate::rows::Row;

impl Index {
    /// Whether a role that is held at a scope is privileged there: it makes a superuser, or gives one of Rolewright's own
    /// permissions; conditions count as true. What is no role or no place is not. `O(Rolewright's own permissions)`.
    #[must_use]
    pub fn is_privileged(&self, role: &str, scope: &str) -> bool {
        let role = self.policy.role_position(role);
        let row = role.zip(ResourcePath::parse(scope).ok());
        row.and_then(|(role, scope)| self.rows.at(&self.policy, role, &scope))
            .is_some_and(|row| self.has_privilege(&row))
    }

    /// The same of what a role gives where it is held.
    pub(crate) fn has_privilege(&self, row: &Row) -> bool {
        let (catalogue, layout) = (self.catalogue(), &self.policy.layout);
        let own = catalogue.modules().iter().filter(|module| module.console);
        let mut own = own.flat_map(|own| own.permissions());
        row.superuser || own.any(|handle| layout.has_some(row.reachable(), handle))
    }
}
