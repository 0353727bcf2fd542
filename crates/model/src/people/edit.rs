//! Editing many people at once, as a delta does: every chunk is written once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    CHUNK, Chunk, DIRECT, ENTITLEMENT, Entry, GONE, Group, Held, KIND, MEMBER, Names, People, Person,
    UserHandle, size,
};
use crate::resource::ResourcePath;

/// A row that is not there: what leads to it gives nothing.
const NOWHERE: u32 = !KIND;

impl Chunk {
    /// The same with other users at some places, or none.
    fn edited(&self, places: &[(u32, u32)], people: &[Option<Person>]) -> Self {
        let mut chunk = Self::default();
        let mut places = places.iter().peekable();
        for place in 0..self.users.len() {
            match places.next_if(|(user, _)| *user as usize % CHUNK == place) {
                Some((_, edited)) => chunk.push(people.get(*edited as usize).and_then(Option::as_ref)),
                None => chunk.push(self.person(place).as_ref()),
            }
        }
        chunk.shrink();
        chunk
    }

    fn people(&self) -> impl Iterator<Item = Person> {
        (0..self.users.len()).filter_map(|place| self.person(place))
    }
}

impl People {
    /// The ids of users in chunks that the other does not share. Whoever shares a chunk has the same
    /// users in it, tied to the same roles, groups and packages. `O(chunks)`, and what is given.
    pub(crate) fn apart<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = String> + 'p {
        let there = |chunk: &&Chunk, place: &usize| {
            chunk.users.get(*place).is_some_and(|record| record.flags & GONE == 0)
        };
        self.chunks_apart(other).flat_map(move |chunk| {
            let places = (0..chunk.users.len()).filter(move |place| there(&chunk, place));
            places.map(|place| chunk.id(place).to_owned())
        })
    }

    /// How many users' places there are, those of users who went among them.
    pub(crate) fn places(&self) -> usize {
        self.places as usize
    }

    /// How many of them are in chunks that the other does not share.
    pub(crate) fn places_apart(&self, other: &Self) -> usize {
        self.chunks_apart(other).map(|chunk| chunk.users.len()).sum()
    }

    fn chunks_apart<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = &'p Chunk> {
        let chunks = self.chunks.iter().enumerate();
        let chunks = chunks.filter(|(at, own)| !other.chunks.get(*at).is_some_and(|it| Arc::ptr_eq(it, own)));
        chunks.map(|(_, chunk)| &**chunk)
    }

    /// Every scope at which somebody holds a role by an assignment of one's own. `O(links)`.
    pub(crate) fn scopes(&self) -> BTreeSet<&str> {
        let at_tenant =
            |entry: &Entry| entry.scope == 0 && matches!(entry.target & KIND, DIRECT | ENTITLEMENT);
        let mut scopes = BTreeSet::new();
        for chunk in &self.chunks {
            scopes.extend(chunk.scopes.iter().map(ResourcePath::as_str));
            scopes.extend(chunk.entries.iter().any(at_tenant).then_some("/"));
        }
        scopes
    }

    /// Removes users, adds users, and writes what users now are. Nothing where one to be removed is
    /// not there. `O(CHUNK)` for each chunk that is touched.
    pub(crate) fn edit(&mut self, gone: &[String], set: Vec<Person>) -> Option<()> {
        // Places, each with where it stands among `people`, which are taken from there.
        let (mut places, mut people, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for id in gone {
            let user = self.find(id)?;
            self.forget(user, id);
            places.push((user.0, size(people.len())));
            people.push(None);
        }
        for person in set {
            match self.find(&person.id) {
                Some(user) => {
                    places.push((user.0, size(people.len())));
                    people.push(Some(person));
                }
                None => new.push(person),
            }
        }
        places.sort_unstable();
        for places in places.chunk_by(|(one, _), (next, _)| *one as usize / CHUNK == *next as usize / CHUNK) {
            let Some((first, _)) = places.first() else { continue };
            if let Some(chunk) = self.chunks.get_mut(*first as usize / CHUNK) {
                *chunk = Arc::new(chunk.edited(places, &people));
            }
        }
        if !new.is_empty() {
            self.add_all(new.into_iter());
        }
        if self.is_worn() {
            self.settle_anew();
        }
        Some(())
    }

    /// Whether more places are left behind by users who went than are taken.
    fn is_worn(&self) -> bool {
        let taken: usize = self.names.shards.iter().map(|shard| shard.len()).sum();
        self.places() > 2 * taken + CHUNK
    }

    /// Gives up the places of users who went.
    fn settle_anew(&mut self) {
        let users: Vec<Person> = self.chunks.iter().flat_map(|chunk| chunk.people()).collect();
        self.chunks.clear();
        (self.places, self.names) = (0, Names::new(users.len()));
        self.add_all(users.into_iter());
    }

    /// Leads every link to another row, or nowhere where there is none. `O(links)`; what leads where
    /// it led stays shared.
    pub(crate) fn redirect(&mut self, mut row: impl FnMut(u32, &ResourcePath) -> Option<u32>) {
        let tenant = ResourcePath::tenant();
        for chunk in &mut self.chunks {
            let mut places = Vec::new();
            for (place, entry) in chunk.entries.iter().enumerate() {
                if let kind @ (DIRECT | ENTITLEMENT) = entry.target & KIND {
                    let scope = chunk.scope(entry).unwrap_or(&tenant);
                    let target = kind | row(entry.target & !KIND, scope).unwrap_or(NOWHERE);
                    if target != entry.target {
                        places.push((place, target));
                    }
                }
            }
            if places.is_empty() {
                continue;
            }
            let chunk = Arc::make_mut(chunk);
            for (place, target) in places {
                if let Some(entry) = chunk.entries.get_mut(place) {
                    entry.target = target;
                }
            }
        }
        let mut to = |held: &Held| row(held.row, &held.scope).unwrap_or(NOWHERE);
        for group in self.groups.iter_mut().flatten() {
            if group
                .own
                .iter()
                .chain(group.reaching.iter().map(|(held, _)| held))
                .any(|held| to(held) != held.row)
            {
                let group = Arc::make_mut(group);
                let reaching = group.reaching.iter_mut().map(|(held, _)| held);
                group.own.iter_mut().chain(reaching).for_each(|held| held.row = to(held));
            }
        }
        for package in self.packages.iter_mut().flatten() {
            if package.carried.iter().any(|held| to(held) != held.row) {
                Arc::make_mut(package).carried.iter_mut().for_each(|held| held.row = to(held));
            }
        }
        if self.everyone.iter().any(|held| to(held) != held.row) {
            Arc::make_mut(&mut self.everyone).iter_mut().for_each(|held| held.row = to(held));
        }
    }

    /// Whether every link leads to a row below `rows`, to a group or to a package. `O(links)`.
    pub(crate) fn leads_somewhere(&self, rows: u32) -> bool {
        let is_group = |group: u32| self.group(group).is_some();
        let held = |held: &Held| held.row < rows;
        let links = |chunk: &Chunk| {
            chunk.entries.iter().all(|entry| match (entry.target & KIND, entry.target & !KIND) {
                (DIRECT | ENTITLEMENT, row) => row < rows,
                (MEMBER, group) => is_group(group),
                (_, package) => self.package(package).is_some(),
            })
        };
        self.chunks.iter().all(|chunk| links(chunk))
            && self.groups.iter().flatten().all(|group| {
                group.own.iter().all(held) && group.parents.iter().all(|(parent, _)| is_group(*parent))
            })
            && self.packages.iter().flatten().all(|package| package.carried.iter().all(held))
            && self.everyone.iter().all(held)
    }

    /// Writes what a group now holds itself and is in. Nothing where there is none of that id.
    pub(crate) fn set_group(&mut self, group: Group) -> Option<()> {
        let position = *self.group_positions.get(&group.id)?;
        *self.groups.get_mut(position as usize)? = Some(Arc::new(group));
        Some(())
    }

    /// Removes a group. Nothing where there is none of that id.
    pub(crate) fn remove_group(&mut self, id: &str) -> Option<()> {
        let position = Arc::make_mut(&mut self.group_positions).remove(id)?;
        *self.groups.get_mut(position as usize)? = None;
        Some(())
    }

    /// Removes packages. Nothing where there is none of such an id.
    pub(crate) fn remove_packages(&mut self, ids: &[String]) -> Option<()> {
        if ids.is_empty() {
            return Some(());
        }
        for id in ids {
            let position = *self.package_positions.get(id)?;
            *self.packages.get_mut(position as usize)? = None;
        }
        let mut positions = BTreeMap::new();
        for (position, package) in (0..).zip(&self.packages) {
            if let Some(package) = package {
                positions.insert(package.id.clone(), position);
            }
        }
        self.package_positions = Arc::new(positions);
        Some(())
    }

    /// Takes a user out of the table of names.
    pub(super) fn forget(&mut self, user: UserHandle, id: &str) {
        let hash = self.names.hasher.hash_one(id);
        let at = self.names.shard(hash);
        if let Some(shard) = self.names.shards.get_mut(at) {
            let table = Arc::make_mut(shard);
            if let Ok(entry) = table.find_entry(hash, |handle| *handle == user.0) {
                entry.remove();
            }
        }
    }
}
