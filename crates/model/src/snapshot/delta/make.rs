//! Making a delta: what differs between two indexes. What both share is not looked at.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::super::body::{
    CatalogueBody, GroupBody, Naming, PackageBody, RoleBody, UserBody, Writer, made, revoked_body,
};
use super::super::codec;
use super::super::{Compact, Content};
use super::{Body, Changes, Edits, MAGIC, Names, PointBody};
use crate::index::Index;
use crate::people::People;
use crate::policy::NewLinks;
use crate::resource::ResourcePath;

impl Compact {
    /// What the reader of `since` lacks of this, given the hashes of both encodings. `None` where
    /// no delta leads from there to here: it is of another tenant, kind or epoch, or not earlier.
    /// `O(chunks + policy)`, and what changed; `O(size)` where everything was compiled anew between.
    #[must_use]
    pub fn delta(&self, content: Content, since: &Self, since_content: Content) -> Option<Vec<u8>> {
        let (at, was) = (self.index.at, since.index.at);
        if self.kind != since.kind || self.tenant != since.tenant || at.epoch != was.epoch || at <= was {
            return None;
        }
        let lapsed = (0..=since.revoked.len())
            .find(|lapsed| since.revoked.get(*lapsed..).is_some_and(|kept| self.revoked.starts_with(kept)))?;
        let kept = since.revoked.len() - lapsed;
        let changes = self.index.changes(&since.index);
        let body = Body {
            kind: self.kind as u8,
            tenant: self.tenant.clone(),
            base: PointBody { at: made(was), content: since_content.0 },
            target: PointBody { at: made(at), content: content.0 },
            changes: Changes {
                lapsed: u32::try_from(lapsed).ok()?,
                revoked: self.revoked.iter().skip(kept).map(revoked_body).collect(),
                ..changes
            },
        };
        Some(codec::written(MAGIC, &body))
    }

    /// How many users' places this keeps in memory, those of users who went among them.
    #[must_use]
    pub fn places(&self) -> usize {
        self.index.people.places() as usize
    }

    /// How many of them the other does not share.
    #[must_use]
    pub fn places_apart(&self, other: &Self) -> usize {
        self.index.people.places_apart(&other.index.people)
    }
}

/// Gives a name its number, the next where it has none.
#[derive(Default)]
struct Numbering {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Numbering {
    fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u32::try_from(self.names.len()).ok()?;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Some(number)
    }
}

/// The numbers of everything that is named.
#[derive(Default)]
struct Numberings {
    roles: RefCell<Numbering>,
    groups: RefCell<Numbering>,
    packages: RefCell<Numbering>,
    scopes: RefCell<Numbering>,
}

impl Numberings {
    fn names(self) -> Names {
        Names {
            roles: self.roles.into_inner().names,
            groups: self.groups.into_inner().names,
            packages: self.packages.into_inner().names,
            scopes: self.scopes.into_inner().names,
        }
    }
}

/// Numbers for what stands in an index, by its id.
struct Ids<'i> {
    index: &'i Index,
    numbers: &'i Numberings,
}

impl Naming for Ids<'_> {
    fn role(&self, position: usize) -> Option<u32> {
        self.numbers.roles.borrow_mut().number(&self.index.policy.role(position)?.id)
    }

    fn group(&self, position: u32) -> Option<u32> {
        self.numbers.groups.borrow_mut().number(&self.index.people.group(position)?.id)
    }

    fn package(&self, position: u32) -> Option<u32> {
        self.numbers.packages.borrow_mut().number(&self.index.people.package(position)?.id)
    }

    fn scope(&self, scope: &ResourcePath) -> Option<u32> {
        self.numbers.scopes.borrow_mut().number(scope.as_str())
    }
}

/// The parts of an index by id.
impl<'i> Writer<'i, Ids<'i>> {
    fn by_id(index: &'i Index, numbers: &'i Numberings) -> Self {
        Self { index, names: Ids { index, numbers } }
    }

    fn role_of(&self, id: &str) -> Option<RoleBody> {
        let policy = &self.index.policy;
        Some(self.role(policy.role(policy.role_position(id)?)?))
    }

    fn package_of(&self, id: &str) -> Option<PackageBody> {
        let people = &self.index.people;
        Some(self.package(people.package(*people.package_positions.get(id)?)?))
    }

    fn group_of(&self, id: &str) -> Option<GroupBody> {
        let people = &self.index.people;
        Some(self.group(people.group(*people.group_positions.get(id)?)?))
    }

    fn user_of(&self, id: &str) -> Option<UserBody> {
        let people = &self.index.people;
        Some(self.user(&people.person(people.find(id)?)?))
    }
}

/// The ids of what is gone and of what is new or not what it was, in order: of all that there may
/// be of either on both sides.
fn differing<T: PartialEq>(
    (before, after): (impl Iterator<Item = String>, impl Iterator<Item = String>),
    was: impl Fn(&str) -> Option<T>,
    is: impl Fn(&str) -> Option<T>,
) -> Edits<String> {
    let mut gone: Vec<String> = before.filter(|id| is(id).is_none()).collect();
    let mut set: Vec<String> = after.filter(|id| was(id) != is(id)).collect();
    gone.sort();
    set.sort();
    Edits { gone, set }
}

impl Edits<String> {
    fn written<T>(self, write: impl Fn(&str) -> Option<T>) -> Edits<T> {
        Edits { gone: self.gone, set: self.set.iter().filter_map(|id| write(id)).collect() }
    }
}

impl Index {
    fn changes(&self, since: &Self) -> Changes {
        let (policy, people, before) = (&self.policy, &self.people, &since.people);
        // To compare, everything that may differ has a number; what is written has numbers of its own.
        let (compared, numbers) = (Numberings::default(), Numberings::default());
        let (is, was) = (Writer::by_id(self, &compared), Writer::by_id(since, &compared));
        let same_catalogue = Arc::ptr_eq(&policy.catalogue, &since.policy.catalogue)
            && Arc::ptr_eq(&policy.layout, &since.policy.layout);
        let catalogue = (!same_catalogue).then(|| CatalogueBody::of(self));
        let catalogue = catalogue.filter(|now| *now != CatalogueBody::of(since));
        let ids = |index: &Self| index.policy.roles.iter().map(|role| role.id.clone()).collect::<Vec<_>>();
        let anew = catalogue.is_some();
        let roles = differing(
            (ids(since).into_iter().filter(|_| !anew), ids(self).into_iter()),
            |id| was.role_of(id).filter(|_| !anew),
            |id| is.role_of(id),
        );
        let packages = differing(
            (before.package_positions.keys().cloned(), people.package_positions.keys().cloned()),
            |id| was.package_of(id),
            |id| is.package_of(id),
        );
        let groups = differing(
            (groups_apart(before, people), groups_apart(people, before)),
            |id| was.group_of(id),
            |id| is.group_of(id),
        );
        let users = differing(
            (before.apart(people), people.apart(before)),
            |id| was.user_of(id),
            |id| is.user_of(id),
        );
        let everyone = !Arc::ptr_eq(&people.everyone, &before.everyone)
            && is.held(&*people.everyone) != was.held(&*before.everyone);
        let write = Writer::by_id(self, &numbers);
        let changes = Changes {
            names: Names::default(),
            next_login: policy.settings.new_links == NewLinks::NextLogin,
            catalogue,
            roles: roles.written(|id| write.role_of(id)),
            base: policy.base.map(|base| policy.role_id(base).to_owned()),
            packages: packages.written(|id| write.package_of(id)),
            groups: groups.written(|id| write.group_of(id)),
            everyone: everyone.then(|| write.held(&*people.everyone)),
            users: users.written(|id| write.user_of(id)),
            lapsed: 0,
            revoked: Vec::new(),
        };
        Changes { names: numbers.names(), ..changes }
    }
}

/// The ids of groups that the other does not share.
fn groups_apart<'p>(of: &'p People, other: &'p People) -> impl Iterator<Item = String> + 'p {
    of.groups.beside(&other.groups).filter_map(|(_, group)| Some(group.as_ref()?.id.clone()))
}
