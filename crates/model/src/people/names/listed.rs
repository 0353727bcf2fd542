//! Users by id, where code is downloaded: in the order of their ids, which is how a snapshot lists them.

use std::sync::Arc;

use super::super::UserHandle;
use crate::keyed::{Keyed, seeded};

/// Users in the order of their ids. The ids themselves lie elsewhere, where `id` finds them.
#[derive(Clone, Debug)]
pub(in crate::people) struct Names {
    order: Arc<Vec<u32>>,
}

impl Names {
    /// No names, with room for so many.
    pub(in crate::people) fn new(users: usize) -> Self {
        Self { order: Arc::new(Vec::with_capacity(users)) }
    }

    pub(in crate::people) fn hasher(&self) -> Keyed {
        seeded()
    }

    /// A list is never too full.
    pub(in crate::people) fn is_crowded(&self, _: u32) -> bool {
        false
    }

    /// How many names there are.
    pub(in crate::people) fn len(&self) -> usize {
        self.order.len()
    }

    fn place<'i>(&self, wanted: &str, id: impl Fn(UserHandle) -> &'i str) -> Result<usize, usize> {
        match self.order.last() {
            Some(last) if id(UserHandle(*last)) < wanted => Err(self.order.len()),
            _ => self.order.binary_search_by(|user| id(UserHandle(*user)).cmp(wanted)),
        }
    }

    /// The user of that id. `O(log users)`.
    pub(in crate::people) fn find<'i>(
        &self,
        wanted: &str,
        id: impl Fn(UserHandle) -> &'i str,
    ) -> Option<UserHandle> {
        let place = self.place(wanted, id).ok()?;
        self.order.get(place).copied().map(UserHandle)
    }

    /// Enters a user, unless one of that id is there.
    pub(in crate::people) fn add<'i>(&mut self, user: UserHandle, id: impl Fn(UserHandle) -> &'i str) {
        if let Err(place) = self.place(id(user), &id) {
            Arc::make_mut(&mut self.order).insert(place, user.0);
        }
    }

    /// Takes a user away. `O(users)`.
    pub(in crate::people) fn remove(&mut self, _: &str, user: UserHandle) {
        Arc::make_mut(&mut self.order).retain(|known| *known != user.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_id_whatever_the_order_in_which_they_come() {
        let ids = ["cem", "ana", "dia", "ben", "ana"];
        let id = |user: UserHandle| ids[user.0 as usize];
        let mut names = Names::new(0);
        (0..5).for_each(|user| names.add(UserHandle(user), id));
        assert_eq!(names.len(), 4);
        let found = |names: &Names| {
            ["ana", "ben", "cem", "dia", "eva"].map(|wanted| names.find(wanted, id).map(|user| user.0))
        };
        assert_eq!(found(&names), [Some(1), Some(3), Some(0), Some(2), None]);
        names.remove("ben", UserHandle(3));
        assert_eq!(found(&names), [Some(1), None, Some(0), Some(2), None]);
    }
}
