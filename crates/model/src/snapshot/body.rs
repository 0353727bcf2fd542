//! What snapshots and deltas are made of: the parts of an index as they are written and read. Both
//! have the same parts, in which roles, groups, packages and scopes are numbers; what these stand for
//! a snapshot says by its order, and a delta by lists of names.

mod catalogue;

use std::sync::Arc;

pub(super) use self::catalogue::CatalogueBody;
use self::catalogue::{ValueBody, value, value_body};
use super::SnapshotKind;
use super::codec::{every, parts};
use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::Attributes;
use crate::directory::Source;
use crate::index::{Index, held};
use crate::package::{PackageDocument, PackageRole};
use crate::pass::Revocation;
use crate::people::{Group, Held, Package, Person, Tie};
use crate::policy::{LimitedTo, NewLinks, Policy, Role};
use crate::resource::{PathRef, ResourcePath};
use crate::role::Audience;
use crate::rows::{Bits, Layout, Rows};
use crate::scale::Level;
use crate::stamp::{Stamp, Timestamp};
use crate::subject::Link;

pub(super) type Made = (u32, u64);

#[derive(PartialEq)]
pub(super) struct RoleBody {
    pub(super) id: String,
    superuser: bool,
    inherits: Vec<u32>,
    scope_types: Vec<u16>,
    /// Without the empty words at the end.
    grants: Bits,
    limited: Vec<(u32, u8, u16)>,
}

#[derive(PartialEq)]
pub(super) struct PackageBody {
    pub(super) id: String,
    carried: Vec<(u32, LinkBody)>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkBody {
    id: String,
    made: Made,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeldBody {
    link: LinkBody,
    role: u32,
    scope: u32,
    from: Option<i64>,
    until: Option<i64>,
    source: u8,
}

#[derive(PartialEq)]
pub(super) struct GroupBody {
    pub(super) id: String,
    own: Vec<HeldBody>,
    parents: Vec<(u32, LinkBody)>,
}

#[derive(PartialEq)]
pub(super) struct UserBody {
    pub(super) id: String,
    active: bool,
    attributes: Vec<(String, ValueBody)>,
    holds: Vec<HeldBody>,
    groups: Vec<(u32, LinkBody)>,
    package: Option<(u32, LinkBody)>,
}

parts! {
    RoleBody { id, superuser, inherits, scope_types, grants, limited }
    PackageBody { id, carried }
    LinkBody { id, made }
    HeldBody { link, role, scope, from, until, source }
    GroupBody { id, own, parents }
    UserBody { id, active, attributes, holds, groups, package }
}

/// The numbers that are written for what stands in an index. What has none is not written.
pub(super) trait Naming {
    fn role(&self, position: usize) -> Option<u32>;
    fn group(&self, position: u32) -> Option<u32>;
    fn package(&self, position: u32) -> Option<u32>;
    fn scope(&self, scope: &ResourcePath) -> Option<u32>;
}

/// Writes the parts of an index.
pub(super) struct Writer<'i, N> {
    pub(super) index: &'i Index,
    pub(super) names: N,
}

impl<N: Naming> Writer<'_, N> {
    pub(super) fn role(&self, role: &Role) -> RoleBody {
        let limited = role.limited.iter().map(|grant| (grant.permission.0, grant.level.0, grant.at));
        RoleBody {
            id: role.id.clone(),
            superuser: role.superuser,
            inherits: role.inherits.iter().filter_map(|parent| self.names.role(*parent)).collect(),
            scope_types: role.scope_types.clone(),
            grants: role.grants.trimmed(),
            limited: limited.collect(),
        }
    }

    pub(super) fn package(&self, package: &Package) -> PackageBody {
        let carried = package.carried.iter().filter_map(|held| {
            let role = self.index.rows.get(held.row)?.role;
            Some((self.names.role(role)?, link_body(&held.link)))
        });
        PackageBody { id: package.id.clone(), carried: carried.collect() }
    }

    pub(super) fn held<'h>(&self, held: impl IntoIterator<Item = &'h Held>) -> Vec<HeldBody> {
        let body = |held: &Held| {
            Some(HeldBody {
                link: link_body(&held.link),
                role: self.names.role(self.index.rows.get(held.row)?.role)?,
                scope: self.names.scope(&held.scope)?,
                from: held.window.from().map(|from| from.0),
                until: held.window.until().map(|until| until.0),
                source: held.source as u8,
            })
        };
        let mut all: Vec<_> = held.into_iter().filter_map(body).collect();
        all.sort();
        all
    }

    pub(super) fn group(&self, group: &Group) -> GroupBody {
        let parent = |(parent, link): &(u32, Link)| Some((self.names.group(*parent)?, link_body(link)));
        let mut parents: Vec<_> = group.parents.iter().filter_map(parent).collect();
        parents.sort_by(|a, b| a.1.cmp(&b.1));
        GroupBody { id: group.id.clone(), own: self.held(&group.own), parents }
    }

    pub(super) fn user(&self, person: &Person) -> UserBody {
        let held = person.ties.iter().filter_map(|tie| match tie {
            Tie::Holds(held) => Some(held),
            _ => None,
        });
        let mut groups = Vec::new();
        let mut package = None;
        for tie in &person.ties {
            match tie {
                Tie::Member(group, link) => {
                    groups.extend(self.names.group(*group).map(|group| (group, link_body(link))));
                }
                Tie::Package(on, link) => package = self.names.package(*on).map(|on| (on, link_body(link))),
                Tie::Holds(_) => {}
            }
        }
        groups.sort_by(|a, b| a.1.cmp(&b.1));
        let attributes = person.attributes.iter().map(|(name, value)| (name.clone(), value_body(value)));
        UserBody {
            id: person.id.clone(),
            active: person.active,
            attributes: attributes.collect(),
            holds: self.held(held),
            groups,
            package,
        }
    }
}

/// What the numbers that were read stand for: positions in the index, and scopes.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) roles: Vec<usize>,
    pub(super) groups: Vec<u32>,
    pub(super) packages: Vec<u32>,
    pub(super) scopes: Vec<ResourcePath>,
}

#[inline(never)]
fn meant<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(usize::try_from(number).ok()?)
}

/// Reads the parts of an index. Nothing where a part has not the shape, or names what is not there.
pub(super) struct Reader<'i> {
    pub(super) policy: &'i Policy,
    pub(super) rows: &'i mut Rows,
    pub(super) numbers: &'i Numbers,
}

impl Reader<'_> {
    #[inline(never)]
    pub(super) fn package(&mut self, body: PackageBody) -> Option<(PackageDocument, Package)> {
        let tenant = ResourcePath::tenant();
        let (mut links, mut roles) = (Vec::new(), Vec::new());
        for (role, body) in body.carried {
            let position = *meant(&self.numbers.roles, role)?;
            let row = self.rows.intern(self.policy, position, PathRef::TENANT)?;
            let link = link(body);
            let role = self.policy.role(position)?.id.clone();
            roles.push(PackageRole { role, link: link.id.clone(), made: link.made });
            links.push(held(row, tenant.clone(), (None, None), Source::Direct, link));
        }
        let (name, description) = (String::new(), String::new());
        let document = PackageDocument { id: body.id.clone(), name, description, roles };
        Some((document, Package { id: body.id, carried: links }))
    }

    #[inline(never)]
    pub(super) fn held(&mut self, bodies: Vec<HeldBody>) -> Option<Vec<Held>> {
        let read = |body: HeldBody| {
            let scope = meant(&self.numbers.scopes, body.scope)?.clone();
            let role = *meant(&self.numbers.roles, body.role)?;
            let row = self.rows.intern(self.policy, role, scope.borrowed())?;
            let source = match body.source {
                0 => Source::Direct,
                1 => Source::AutoAssign,
                2 => Source::Entitlement,
                _ => return None,
            };
            let window = (body.from.map(Timestamp), body.until.map(Timestamp));
            Some(held(row, scope, window, source, link(body.link)))
        };
        if in_order(&bodies, |body| &body.link.id) { every(bodies, read) } else { None }
    }

    /// A group, but for what reaches its members.
    #[inline(never)]
    pub(super) fn group(&mut self, body: GroupBody) -> Option<Group> {
        let (own, parents) = (self.held(body.own)?, self.groups(body.parents)?);
        Some(Group { id: body.id, own, parents, reaching: Vec::new() })
    }

    #[inline(never)]
    fn groups(&self, bodies: Vec<(u32, LinkBody)>) -> Option<Vec<(u32, Link)>> {
        let read = |(group, body)| Some((*meant(&self.numbers.groups, group)?, link(body)));
        if in_order(&bodies, |(_, body)| &body.id) { every(bodies, read) } else { None }
    }

    #[inline(never)]
    pub(super) fn user(&mut self, body: UserBody) -> Option<Person> {
        let mut ties: Vec<Tie> = self.held(body.holds)?.into_iter().map(Tie::Holds).collect();
        ties.extend(self.groups(body.groups)?.into_iter().map(|(group, link)| Tie::Member(group, link)));
        if let Some((package, body)) = body.package {
            ties.push(Tie::Package(*meant(&self.numbers.packages, package)?, link(body)));
        }
        if !in_order(&body.attributes, |(name, _)| name) {
            return None;
        }
        let mut attributes = Attributes::new();
        for (name, body) in body.attributes {
            attributes.insert(name, value(body)?);
        }
        Some(Person { id: body.id, active: body.active, sign_in: false, attributes, ties })
    }
}

impl RoleBody {
    /// The role; what it inherits through those that it names is settled with all roles.
    #[inline(never)]
    pub(super) fn read(self, catalogue: &Catalogue, layout: &Layout, roles: &[usize]) -> Option<Role> {
        let grants = self.grants.widened(layout.words())?;
        let types = catalogue.resource_types().len();
        let is_type = |at: &u16| usize::from(*at) < types;
        let limited = every(self.limited, |(permission, level, at)| {
            let permission = PermissionHandle(permission);
            let known = is_type(&at) && layout.bit(permission, Level(level)).is_some();
            known.then_some(LimitedTo { permission, level: Level(level), at })
        })?;
        let inherits = every(self.inherits, |parent| meant(roles, parent).copied())?;
        Some(Role {
            id: self.id,
            audience: Audience::User,
            superuser: self.superuser,
            gives_superuser: self.superuser,
            inherited: Vec::new(),
            inherits,
            scope_types: Some(self.scope_types).filter(|types| types.iter().all(is_type))?,
            grants: Arc::new(grants),
            limited,
            asks_type: false,
        })
    }
}

pub(super) fn kind(number: u8) -> Option<SnapshotKind> {
    [SnapshotKind::Full, SnapshotKind::Policy, SnapshotKind::Subject].into_iter().nth(usize::from(number))
}

pub(super) fn new_links(next_login: bool) -> NewLinks {
    if next_login { NewLinks::NextLogin } else { NewLinks::AtOnce }
}

pub(super) fn made(stamp: Stamp) -> Made {
    (stamp.epoch, stamp.revision)
}

pub(super) fn stamp((epoch, revision): Made) -> Stamp {
    Stamp { epoch, revision }
}

pub(super) fn revoked_body(gone: &Revocation) -> LinkBody {
    LinkBody { id: gone.id.clone(), made: made(gone.at) }
}

pub(super) fn revoked(body: LinkBody) -> Revocation {
    Revocation { id: body.id, at: stamp(body.made) }
}

fn link_body(link: &Link) -> LinkBody {
    LinkBody { id: link.id.clone(), made: made(link.made) }
}

fn link(body: LinkBody) -> Link {
    Link { id: body.id, made: stamp(body.made) }
}

/// Whether every id stands after the one before it: none twice, and in the one order that there is.
#[inline(never)]
pub(super) fn in_order<T>(all: &[T], id: impl Fn(&T) -> &str) -> bool {
    all.windows(2).all(|pair| match pair {
        [one, next] => id(one) < id(next),
        _ => true,
    })
}
