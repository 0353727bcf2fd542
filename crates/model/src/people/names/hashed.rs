//! Users by id, in tables of hashes.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::super::UserHandle;
use crate::keyed::{Keyed, seeded};
use crate::shared::Shared;

/// How many users share a table of names, so that most tables are just not too full to double.
const SHARD: usize = 800;

/// Users by id: tables of handles, keyed anew in each process, so that chosen ids do not collide.
/// The ids themselves lie elsewhere, where `id` finds them.
#[derive(Clone, Debug)]
pub(in crate::people) struct Names {
    shards: Shared<HashTable<u32>>,
    hasher: Keyed,
}

impl Names {
    /// No names, with room for so many.
    pub(in crate::people) fn new(users: usize) -> Self {
        let shard = |_| HashTable::with_capacity(users.min(SHARD));
        Self { shards: (0..=users / SHARD).map(shard).collect(), hasher: seeded() }
    }

    pub(in crate::people) fn hasher(&self) -> Keyed {
        self.hasher.clone()
    }

    /// Whether so many users should have more tables.
    pub(in crate::people) fn is_crowded(&self, users: u32) -> bool {
        users as usize > 4 * SHARD * self.shards.len()
    }

    /// How many names there are. `O(tables)`.
    pub(in crate::people) fn len(&self) -> usize {
        self.shards.iter().map(HashTable::len).sum()
    }

    #[inline]
    fn hash(&self, id: &str) -> u64 {
        BuildHasher::hash_one(&self.hasher, id)
    }

    #[inline]
    fn shard(&self, hash: u64) -> usize {
        // Of the bits in the middle: a table tells its entries apart by those at both ends.
        let shard = ((hash >> 20 & 0xffff_ffff) * self.shards.len() as u64) >> 32;
        usize::try_from(shard).unwrap_or_default()
    }

    /// The user of that id. One hash.
    #[inline]
    pub(in crate::people) fn find<'i>(
        &self,
        wanted: &str,
        id: impl Fn(UserHandle) -> &'i str,
    ) -> Option<UserHandle> {
        let hash = self.hash(wanted);
        let shard = self.shards.get(self.shard(hash))?;
        shard.find(hash, |handle| id(UserHandle(*handle)) == wanted).copied().map(UserHandle)
    }

    /// Enters a user, unless one of that id is there.
    pub(in crate::people) fn add<'i>(&mut self, user: UserHandle, id: impl Fn(UserHandle) -> &'i str) {
        let hash = self.hash(id(user));
        let (at, hasher) = (self.shard(hash), &self.hasher);
        let Some(shard) = self.shards.edit(at) else { return };
        if shard.find(hash, |handle| id(UserHandle(*handle)) == id(user)).is_none() {
            shard
                .insert_unique(hash, user.0, |handle| BuildHasher::hash_one(hasher, id(UserHandle(*handle))));
        }
    }

    /// Takes the user of that id away.
    pub(in crate::people) fn remove(&mut self, id: &str, user: UserHandle) {
        let hash = self.hash(id);
        let at = self.shard(hash);
        if let Some(Ok(entry)) =
            self.shards.edit(at).map(|shard| shard.find_entry(hash, |handle| *handle == user.0))
        {
            entry.remove();
        }
    }
}
