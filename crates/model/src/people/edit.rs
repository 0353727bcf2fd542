//! Editing many people at once, as a delta does: every chunk is written once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CHUNK, Chunk, Group, Held, Lead, NOWHERE, Names, People, Person, UserHandle};
use crate::keyed::by_name;
use crate::resource::ResourcePath;

impl People {
    /// The ids of users in chunks that the other does not share. Whoever shares a chunk has the same
    /// users in it, tied to the same roles, groups and packages. `O(chunks)`, and what is given.
    pub(crate) fn apart<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = String> + 'p {
        self.chunks.beside(&other.chunks).flat_map(|(_, chunk)| {
            let places = (0..chunk.len()).filter(|place| !chunk.is_gone(*place));
            places.map(|place| chunk.id(place).to_owned())
        })
    }

    /// How many users' places are in chunks that the other does not share.
    pub(crate) fn places_apart(&self, other: &Self) -> usize {
        self.chunks.beside(&other.chunks).map(|(_, chunk)| chunk.len()).sum()
    }

    /// Every scope at which somebody holds a role by an assignment of one's own. `O(links)`.
    pub(crate) fn scopes(&self) -> BTreeSet<&str> {
        let mut scopes = BTreeSet::new();
        for chunk in self.chunks.iter() {
            scopes.extend(chunk.scopes());
        }
        scopes
    }

    /// Removes users, adds users, and writes what users now are. Nothing where one to be removed is
    /// not there. `O(CHUNK)` for each chunk that is touched.
    #[inline(never)]
    pub(crate) fn edit(&mut self, gone: &[String], set: Vec<Person>) -> Option<()> {
        let mut edited: Vec<Vec<(usize, Option<Person>)>> = Vec::new();
        edited.resize_with(self.chunks.len(), Vec::new);
        // Short lists, each with its places in order.
        let mut edit = |user: UserHandle, person: Option<Person>| {
            let (at, place) = (user.0 as usize / CHUNK, user.0 as usize % CHUNK);
            if let Some(edits) = edited.get_mut(at) {
                edits.insert(edits.partition_point(|(known, _)| *known < place), (place, person));
            }
        };
        let mut new = Vec::new();
        for id in gone {
            let user = self.find(id)?;
            self.names.remove(id, user);
            edit(user, None);
        }
        for person in set {
            match self.find(&person.id) {
                Some(user) => edit(user, Some(person)),
                None => new.push(person),
            }
        }
        for (at, edits) in edited.iter().enumerate().filter(|(_, edits)| !edits.is_empty()) {
            let edits = edits.iter().map(|(place, person)| (*place, person.as_ref()));
            if let Some(chunk) = self.chunks.get(at).map(|chunk| chunk.with(edits)) {
                self.chunks.set(at, chunk);
            }
        }
        if !new.is_empty() {
            self.add_all(new.iter().map(|person| (person.profile(), person.packed())));
        }
        if self.is_worn() {
            self.settle_anew();
        }
        Some(())
    }

    /// Whether more places are left behind by users who went than are taken.
    pub(crate) fn is_worn(&self) -> bool {
        self.places as usize > 2 * self.names.len() + CHUNK
    }

    /// Whether more places are left behind by groups or packages that went than are taken.
    pub(crate) fn shares_are_worn(&self) -> bool {
        self.groups.len() > 2 * self.group_positions.len() + CHUNK
            || self.packages.len() > 2 * self.package_positions.len() + CHUNK
    }

    /// Gives up the places of users who went.
    #[inline(never)]
    fn settle_anew(&mut self) {
        let users: Vec<Person> = self.handles().filter_map(|user| self.person(user)).collect();
        self.chunks = Default::default();
        (self.places, self.names) = (0, Names::new(users.len()));
        self.add_all(users.iter().map(|user| (user.profile(), user.packed())));
    }

    /// Leads every link to another row, or nowhere where there is none. `O(links)`; what leads where
    /// it led stays shared.
    #[inline(never)]
    pub(crate) fn redirect(&mut self, row: &mut dyn FnMut(u32, &ResourcePath) -> Option<u32>) {
        for at in 0..self.chunks.len() {
            let redirected = self.chunks.get(at).and_then(|chunk| {
                chunk.redirected(|known, scope| {
                    let scope = ResourcePath::parse(scope).ok();
                    scope.and_then(|scope| row(known, &scope)).unwrap_or(NOWHERE)
                })
            });
            if let Some(chunk) = redirected {
                self.chunks.set(at, chunk);
            }
        }
        let mut to = |held: &Held| row(held.row, &held.scope).unwrap_or(NOWHERE);
        for at in 0..self.groups.len() {
            let Some(Some(group)) = self.groups.get(at) else { continue };
            let reaching = group.reaching.iter().map(|(held, _)| held);
            if group.own.iter().chain(reaching).any(|held| to(held) != held.row)
                && let Some(Some(group)) = self.groups.edit(at)
            {
                let reaching = group.reaching.iter_mut().map(|(held, _)| held);
                group.own.iter_mut().chain(reaching).for_each(|held| held.row = to(held));
            }
        }
        for at in 0..self.packages.len() {
            let Some(Some(package)) = self.packages.get(at) else { continue };
            if package.carried.iter().any(|held| to(held) != held.row)
                && let Some(Some(package)) = self.packages.edit(at)
            {
                package.carried.iter_mut().for_each(|held| held.row = to(held));
            }
        }
        if self.everyone.iter().any(|held| to(held) != held.row) {
            Arc::make_mut(&mut self.everyone).iter_mut().for_each(|held| held.row = to(held));
        }
    }

    /// Whether every link leads to a row below `rows`, to a group or to a package. `O(links)`.
    #[inline(never)]
    pub(crate) fn leads_somewhere(&self, rows: u32) -> bool {
        let is_group = |group: u32| self.group(group).is_some();
        let held = |held: &Held| held.row < rows;
        let links = |chunk: &Chunk| {
            chunk.leads().all(|lead| match lead {
                Lead::Row(row) => row < rows,
                Lead::Group(group) => is_group(group),
                Lead::Package(package) => self.package(package).is_some(),
            })
        };
        self.chunks.iter().all(links)
            && self.groups.iter().flatten().all(|group| {
                group.own.iter().all(held) && group.parents.iter().all(|(parent, _)| is_group(*parent))
            })
            && self.packages.iter().flatten().all(|package| package.carried.iter().all(held))
            && self.everyone.iter().all(held)
    }

    /// Writes what a group now holds itself and is in. Nothing where there is none of that id.
    #[inline(never)]
    pub(crate) fn set_group(&mut self, group: Group) -> Option<()> {
        let position = *self.group_positions.get(&group.id)? as usize;
        *self.groups.edit(position)? = Some(group);
        Some(())
    }

    /// Removes a group. Nothing where there is none of that id.
    pub(crate) fn remove_group(&mut self, id: &str) -> Option<()> {
        let position = Arc::make_mut(&mut self.group_positions).remove(id)? as usize;
        self.groups.set(position, None);
        Some(())
    }

    /// Removes packages. Nothing where there is none of such an id.
    #[inline(never)]
    pub(crate) fn remove_packages(&mut self, ids: &[String]) -> Option<()> {
        if ids.is_empty() {
            return Some(());
        }
        for id in ids {
            let position = *self.package_positions.get(id)? as usize;
            self.packages.set(position, None);
        }
        let mut positions = by_name();
        for (position, package) in (0..).zip(self.packages.iter()) {
            if let Some(package) = package {
                positions.insert(package.id.clone(), position);
            }
        }
        self.package_positions = Arc::new(positions);
        Some(())
    }
}
