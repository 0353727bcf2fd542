//! The compact encoding of a snapshot: four bytes that name it and its version, then
//! [postcard](https://postcard.jamesmunns.com/wire-format). It says what decisions read and no
//! words for people, in an order that the same revision always has, so that two states are the
//! same where their encodings are.

use std::collections::BTreeMap;
use std::fmt;

use super::SnapshotKind;
use super::body::{
    CatalogueBody, GroupBody, HeldBody, LinkBody, Made, Naming, PackageBody, RoleBody, UserBody, Writer,
    in_order, kind, made, revoked, revoked_body, stamp,
};
use super::codec::{self, parts};
use super::delta::{Changes, Edits, Names};
use crate::catalogue::Catalogue;
use crate::index::{Draft, Index};
use crate::pass::Revocation;
use crate::people::UserHandle;
use crate::policy::{NewLinks, Policy, SettingsDocument};
use crate::resource::ResourcePath;
use crate::rows::Layout;

/// The name of the encoding and its version.
const MAGIC: [u8; 4] = *b"RWS\x01";

/// A snapshot in its compact encoding, read.
#[derive(Clone, Debug)]
pub struct Compact {
    /// What it holds.
    pub kind: SnapshotKind,
    /// The tenant.
    pub tenant: String,
    /// Links and users that passes made before must no longer count.
    pub revoked: Vec<Revocation>,
    /// What decisions read.
    pub index: Index,
}

/// Why bytes are not a compact snapshot, or not a delta. The server signs what it encodes: no more
/// is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They begin like something else, or like another version.
    Format,
    /// They end too early, go on too long, or do not have the shape.
    Shape,
    /// They name a role, a group, a place or a scale that is not there, or the same thing twice.
    Reference,
}

impl Unreadable {
    /// One line for a person.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Format => "this is not in the compact encoding, or of another version",
            Self::Shape => "it does not have the shape of its version: fetch the whole snapshot",
            Self::Reference => "it names something that is not there, or twice: fetch the whole snapshot",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Unreadable {}

struct Body {
    kind: u8,
    tenant: String,
    at: Made,
    next_login: bool,
    catalogue: CatalogueBody,
    roles: Vec<RoleBody>,
    base: Option<u32>,
    packages: Vec<PackageBody>,
    scopes: Vec<String>,
    groups: Vec<GroupBody>,
    everyone: Vec<HeldBody>,
    users: Vec<UserBody>,
    revoked: Vec<LinkBody>,
}

parts! {
    Body { kind, tenant, at, next_login, catalogue, roles, base, packages, scopes, groups, everyone, users, revoked }
}

/// Where things stand in the encoding: by id, whatever their positions in the index.
struct Order {
    roles: Places,
    groups: Places,
    packages: Places,
    scopes: BTreeMap<String, u32>,
    users: Vec<UserHandle>,
}

/// Positions in the order of ids, and the place of each position.
struct Places {
    order: Vec<usize>,
    place: Vec<u32>,
}

impl Places {
    fn of<'a>(ids: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut order: Vec<(usize, &str)> = ids.collect();
        order.sort_by(|a, b| a.1.cmp(b.1));
        let most = order.iter().map(|(position, _)| position + 1).max().unwrap_or_default();
        let mut place = vec![u32::MAX; most];
        for (number, (position, _)) in (0..).zip(&order) {
            if let Some(place) = place.get_mut(*position) {
                *place = number;
            }
        }
        Self { order: order.into_iter().map(|(position, _)| position).collect(), place }
    }

    fn get(&self, position: usize) -> Option<u32> {
        self.place.get(position).copied().filter(|place| *place != u32::MAX)
    }
}

impl Order {
    fn of(index: &Index) -> Self {
        let (policy, people) = (&index.policy, &index.people);
        let roles = policy.roles.iter().enumerate().map(|(position, role)| (position, role.id.as_str()));
        let groups = people.groups.iter().enumerate();
        let groups = groups.filter_map(|(position, group)| Some((position, group.as_ref()?.id.as_str())));
        let packages = people.packages.iter().enumerate();
        let packages = packages.filter_map(|(position, known)| Some((position, known.as_ref()?.id.as_str())));
        let mut users: Vec<_> = people.handles().collect();
        users.sort_by(|a, b| people.id(*a).cmp(people.id(*b)));
        let mut scopes = people.scopes();
        let shared = people.groups.iter().flatten().flat_map(|group| &group.own).chain(&*people.everyone);
        scopes.extend(shared.map(|held| held.scope.as_str()));
        Self {
            roles: Places::of(roles),
            groups: Places::of(groups),
            packages: Places::of(packages),
            scopes: scopes.into_iter().map(ToOwned::to_owned).zip(0..).collect(),
            users,
        }
    }
}

impl Naming for Order {
    fn role(&self, position: usize) -> Option<u32> {
        self.roles.get(position)
    }

    fn group(&self, position: u32) -> Option<u32> {
        self.groups.get(position as usize)
    }

    fn package(&self, position: u32) -> Option<u32> {
        self.packages.get(position as usize)
    }

    fn scope(&self, scope: &ResourcePath) -> Option<u32> {
        self.scopes.get(scope.as_str()).copied()
    }
}

impl Index {
    /// The whole index in the compact encoding: what a full snapshot says. `O(size)`.
    #[must_use]
    pub fn encode(&self, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        self.encoded(SnapshotKind::Full, tenant, revoked)
    }

    /// The policy alone, without people: what a policy snapshot says. `O(policy)`.
    #[must_use]
    pub fn encode_policy(&self, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        self.without_people().encoded(SnapshotKind::Policy, tenant, revoked)
    }

    fn without_people(&self) -> Self {
        Draft { people: self.people.without_people(), ..self.draft(self.at) }.settle()
    }

    pub(crate) fn encoded(&self, kind: SnapshotKind, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        codec::written(MAGIC, &Body::of(self, kind, tenant, revoked))
    }
}

impl Compact {
    /// What the full snapshot of an index says. A copy: it shares everything.
    #[must_use]
    pub fn full(index: &Index, tenant: &str, revoked: Vec<Revocation>) -> Self {
        Self { kind: SnapshotKind::Full, tenant: tenant.to_owned(), revoked, index: index.clone() }
    }

    /// What the policy snapshot of an index says: no people.
    #[must_use]
    pub fn policy(index: &Index, tenant: &str, revoked: Vec<Revocation>) -> Self {
        let index = index.without_people();
        Self { kind: SnapshotKind::Policy, tenant: tenant.to_owned(), revoked, index }
    }

    /// The bytes: always the same for what is the same. `O(size)`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.index.encoded(self.kind, &self.tenant, &self.revoked)
    }

    /// Whether bytes begin as the compact encoding does.
    #[must_use]
    pub fn is_compact(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Reads a compact snapshot. Its signature is the caller's to verify first. `O(size)`. Bytes that
    /// are handed over are let go of before the index is made.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(bytes: impl AsRef<[u8]>) -> Result<Self, Unreadable> {
        let rest = bytes.as_ref().strip_prefix(&MAGIC).ok_or(Unreadable::Format)?;
        let body = codec::read::<Body>(rest);
        drop(bytes);
        body.ok_or(Unreadable::Shape)?.read().ok_or(Unreadable::Reference)
    }
}

impl Body {
    fn of(index: &Index, kind: SnapshotKind, tenant: &str, revoked: &[Revocation]) -> Self {
        let Index { at, policy, people, .. } = index;
        let write = Writer { index, names: Order::of(index) };
        let Order { roles, groups, packages, scopes, users } = &write.names;
        let roles = roles.order.iter().filter_map(|role| policy.role(*role));
        let groups = groups.order.iter().filter_map(|group| people.groups.get(*group)?.as_ref());
        let packages = packages.order.iter().filter_map(|package| people.packages.get(*package)?.as_ref());
        let users = users.iter().filter_map(|user| people.person(*user));
        Self {
            kind: kind as u8,
            tenant: tenant.to_owned(),
            at: made(*at),
            next_login: policy.settings.new_links == NewLinks::NextLogin,
            catalogue: CatalogueBody::of(index),
            roles: roles.map(|role| write.role(role)).collect(),
            base: policy.base.and_then(|base| write.names.role(base)),
            packages: packages.map(|package| write.package(package)).collect(),
            scopes: scopes.keys().cloned().collect(),
            groups: groups.map(|group| write.group(group)).collect(),
            everyone: write.held(&*people.everyone),
            users: users.map(|person| write.user(&person)).collect(),
            revoked: revoked.iter().map(revoked_body).collect(),
        }
    }

    #[inline(never)]
    fn is_in_order(&self) -> bool {
        in_order(&self.roles, |role| &role.id)
            && in_order(&self.packages, |package| &package.id)
            && in_order(&self.scopes, |scope| scope)
            && in_order(&self.groups, |group| &group.id)
            && in_order(&self.users, |user| &user.id)
    }

    /// What is read is what is changed where there was nothing.
    #[inline(never)]
    fn read(self) -> Option<Compact> {
        let kind = kind(self.kind).filter(|_| self.is_in_order())?;
        let nothing = Catalogue::of(Vec::new());
        let layout = Layout::new(&nothing, &|_| false);
        let policy = Policy::of(SettingsDocument::default(), nothing, layout);
        let mut draft = Draft::new(stamp(self.at), policy, self.users.len());
        // Everything is named by its place.
        let names = Names {
            roles: ids(&self.roles, |role| &role.id),
            groups: ids(&self.groups, |group| &group.id),
            packages: ids(&self.packages, |package| &package.id),
            scopes: self.scopes,
        };
        let base = match self.base {
            Some(base) => Some(names.roles.get(usize::try_from(base).ok()?)?.clone()),
            None => None,
        };
        draft.change(Changes {
            names,
            next_login: self.next_login,
            catalogue: Some(self.catalogue),
            roles: Edits::set(self.roles),
            base,
            packages: Edits::set(self.packages),
            groups: Edits::set(self.groups),
            everyone: Some(self.everyone),
            users: Edits::set(self.users),
            lapsed: 0,
            revoked: Vec::new(),
        })?;
        let revoked = self.revoked.into_iter().map(revoked).collect();
        Some(Compact { kind, tenant: self.tenant, revoked, index: draft.settle() })
    }
}

#[inline(never)]
fn ids<T>(all: &[T], id: impl Fn(&T) -> &String) -> Vec<String> {
    all.iter().map(|one| id(one).clone()).collect()
}
