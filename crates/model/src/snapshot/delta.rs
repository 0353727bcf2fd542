//! Deltas: what the reader of a snapshot lacks of a later one. Applied to the snapshot that it was
//! made from, a delta gives an index whose encoding is, to the byte, that of the later snapshot.
//!
//! A delta is four bytes that name it and its version, then postcard. Everything in it is named by
//! id, so that it is the same whatever the positions on either side. It says from which bytes it
//! leads to which: applied to others it is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::body::{
    CatalogueBody, GroupBody, HeldBody, LinkBody, Made, Meaning, Naming, PackageBody, Reader, RoleBody,
    UserBody, Writer, in_order, kind, made, new_links, revoked, revoked_body, stamp,
};
use super::compact::{Compact, Unreadable};
use super::{Content, SnapshotKind};
use crate::index::{Index, Rows};
use crate::people::{People, seeded};
use crate::policy::{NewLinks, Policy};
use crate::resource::ResourcePath;
use crate::stamp::Stamp;

/// The name of the encoding and its version.
const MAGIC: [u8; 4] = *b"RWD\x01";

/// A snapshot's revision, and the hash of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The revision.
    pub at: Stamp,
    /// The hash.
    pub content: Content,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at: Stamp { epoch, revision }, content } = self;
        write!(f, "{epoch}.{revision} (`{content}`)")
    }
}

/// A delta, read. What it leads from and to is said; what it changes is for [`Compact::apply`].
pub struct Delta {
    /// What the snapshots hold.
    pub kind: SnapshotKind,
    /// The tenant.
    pub tenant: String,
    /// The snapshot that it is applied to.
    pub base: Point,
    /// The one that it leads to.
    pub target: Point,
    changes: Changes,
}

impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, tenant, base, target, .. } = self;
        write!(f, "Delta({kind:?} of {tenant} from {base} to {target})")
    }
}

/// Why a delta was not applied. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inapplicable {
    /// It is of another tenant.
    Tenant {
        /// The one held.
        held: String,
        /// The delta's.
        delta: String,
    },
    /// It is of snapshots that hold something else.
    Kind,
    /// It leads from another snapshot than the one held.
    Base {
        /// The one held.
        held: Point,
        /// The delta's.
        delta: Point,
    },
    /// It names what the snapshot does not hold, or the same thing twice.
    Unreadable(Unreadable),
}

impl From<Unreadable> for Inapplicable {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

impl fmt::Display for Inapplicable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant { held, delta } => write!(f, "the delta is of tenant `{delta}`, not `{held}`"),
            Self::Kind => write!(f, "the delta is of a snapshot of another kind than the one held"),
            Self::Base { held, delta } => {
                write!(f, "the delta leads on from {delta}, not from {held}: fetch the whole snapshot")
            }
            Self::Unreadable(unreadable) => unreadable.fmt(f),
        }
    }
}

impl std::error::Error for Inapplicable {}

#[derive(Serialize, Deserialize)]
struct Body {
    kind: u8,
    tenant: String,
    base: PointBody,
    target: PointBody,
    changes: Changes,
}

#[derive(Serialize, Deserialize)]
struct PointBody {
    at: Made,
    content: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Changes {
    next_login: bool,
    /// With another catalogue every role is said anew.
    catalogue: Option<CatalogueBody>,
    roles: Edits<RoleBody<String>>,
    base: Option<String>,
    packages: Edits<PackageBody<String>>,
    groups: Edits<GroupBody<String>>,
    everyone: Option<Vec<HeldBody<String>>>,
    users: Edits<UserBody<String>>,
    /// So many of the oldest are no longer there.
    lapsed: u32,
    revoked: Vec<LinkBody>,
}

/// What is gone, by id, and what is new or as it now is.
#[derive(Serialize, Deserialize)]
struct Edits<T> {
    gone: Vec<String>,
    set: Vec<T>,
}

impl<T: PartialEq> Edits<T> {
    fn between(was: &BTreeMap<String, T>, is: BTreeMap<String, T>) -> Self {
        let gone = was.keys().filter(|id| !is.contains_key(*id)).cloned().collect();
        let set = is.into_iter().filter(|(id, now)| was.get(id) != Some(now));
        Self { gone, set: set.map(|(_, now)| now).collect() }
    }
}

impl<T> Edits<T> {
    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.set.is_empty()
    }

    /// Whether nothing stands here twice.
    fn is_in_order(&self, id: impl Fn(&T) -> &str) -> bool {
        let both = |gone: &String| self.set.binary_search_by(|set| id(set).cmp(gone)).is_ok();
        in_order(&self.gone, |gone| gone) && in_order(&self.set, &id) && !self.gone.iter().any(both)
    }
}

/// Names by id.
struct Ids<'i>(&'i Index);

impl Naming for Ids<'_> {
    type Name = String;

    fn role(&self, position: usize) -> Option<String> {
        self.0.policy.role(position).map(|role| role.id.clone())
    }

    fn group(&self, position: u32) -> Option<String> {
        self.0.people.group(position).map(|group| group.id.clone())
    }

    fn package(&self, position: u32) -> Option<String> {
        self.0.people.package(position).map(|package| package.id.clone())
    }

    fn scope(&self, scope: &ResourcePath) -> Option<String> {
        Some(scope.as_str().to_owned())
    }
}

/// What ids stand for.
struct Known {
    groups: Arc<HashMap<String, u32>>,
    packages: Arc<BTreeMap<String, u32>>,
}

impl Meaning for Known {
    type Name = String;

    fn role(&self, policy: &Policy, name: &String) -> Option<usize> {
        policy.role_position(name)
    }

    fn group(&self, name: &String) -> Option<u32> {
        self.groups.get(name).copied()
    }

    fn package(&self, name: &String) -> Option<u32> {
        self.packages.get(name).copied()
    }

    fn scope(&self, name: &String) -> Option<ResourcePath> {
        ResourcePath::parse(name).ok()
    }
}

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
        let mut changes = self.index.changes(&since.index);
        changes.lapsed = u32::try_from(lapsed).ok()?;
        changes.revoked = self.revoked.iter().skip(kept).map(revoked_body).collect();
        let body = Body {
            kind: self.kind as u8,
            tenant: self.tenant.clone(),
            base: PointBody { at: made(was), content: since_content.0 },
            target: PointBody { at: made(at), content: content.0 },
            changes,
        };
        postcard::to_extend(&body, MAGIC.to_vec()).ok()
    }

    /// The snapshot that a delta leads to from this one, whose bytes have the hash `held`; that it is
    /// the delta's target is what its signature says. What did not change is shared. `O(changes)`,
    /// and `O(policy)` where the policy changed; `O(size)` where the catalogue changed or a role, a
    /// group or a package went.
    ///
    /// # Errors
    /// Why not: it is not from here, or names what is not here.
    pub fn apply(&self, held: Content, delta: Delta) -> Result<Self, Inapplicable> {
        let Delta { kind, tenant, base, target, changes } = delta;
        if tenant != self.tenant {
            return Err(Inapplicable::Tenant { held: self.tenant.clone(), delta: tenant });
        }
        if kind != self.kind {
            return Err(Inapplicable::Kind);
        }
        let held = Point { at: self.index.at, content: held };
        if base != held {
            return Err(Inapplicable::Base { held, delta: base });
        }
        let after = self.after(target.at, changes).ok_or(Unreadable::Reference)?;
        if after.index.people.is_worn() {
            return Ok(Self::decode(&after.encode())?);
        }
        Ok(after)
    }

    fn after(&self, at: Stamp, mut changes: Changes) -> Option<Self> {
        let (lapsed, new) = (usize::try_from(changes.lapsed).ok()?, std::mem::take(&mut changes.revoked));
        let kept = self.revoked.get(lapsed..)?;
        let revoked = kept.iter().cloned().chain(new.into_iter().map(revoked)).collect();
        let mut index = Index { at, ..self.index.clone() };
        index.change(changes)?;
        Some(Self { kind: self.kind, tenant: self.tenant.clone(), revoked, index })
    }

    /// How many users' places this keeps in memory that the other does not share.
    #[must_use]
    pub fn places_apart(&self, other: &Self) -> usize {
        self.index.people.places_apart(&other.index.people)
    }
}

impl Delta {
    /// Reads a delta. Its signature is the caller's to verify first. `O(size)`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Format)?;
        let (body, rest) = postcard::take_from_bytes::<Body>(rest).map_err(|_| Unreadable::Shape)?;
        if !rest.is_empty() {
            return Err(Unreadable::Shape);
        }
        body.read().ok_or(Unreadable::Reference)
    }
}

impl Body {
    fn read(self) -> Option<Delta> {
        let point = |body: PointBody| Point { at: stamp(body.at), content: Content(body.content) };
        let (kind, base, target) = (kind(self.kind)?, point(self.base), point(self.target));
        let Changes { roles, packages, groups, users, .. } = &self.changes;
        let in_order = roles.is_in_order(|role| &role.id)
            && packages.is_in_order(|package| &package.id)
            && groups.is_in_order(|group| &group.id)
            && users.is_in_order(|user| &user.id);
        let leads_on = base.at.epoch == target.at.epoch && base.at < target.at;
        (in_order && leads_on).then_some(Delta {
            kind,
            tenant: self.tenant,
            base,
            target,
            changes: self.changes,
        })
    }
}

impl Index {
    /// What differs from an earlier index. What both share is not looked at.
    fn changes(&self, since: &Self) -> Changes {
        let (policy, people) = (&self.policy, &self.people);
        let (is, was) =
            (Writer { index: self, names: Ids(self) }, Writer { index: since, names: Ids(since) });
        let same_catalogue = Arc::ptr_eq(&policy.catalogue, &since.policy.catalogue)
            && Arc::ptr_eq(&policy.layout, &since.policy.layout);
        let catalogue = (!same_catalogue).then(|| CatalogueBody::of(self));
        let catalogue = catalogue.filter(|now| *now != CatalogueBody::of(since));
        let roles = |index: &Index, writer: &Writer<'_, Ids<'_>>| {
            index.policy.roles.iter().map(|role| (role.id.clone(), writer.role(role))).collect()
        };
        let no_roles = BTreeMap::new();
        let was_roles = if catalogue.is_some() { no_roles } else { roles(since, &was) };
        let packages = |index: &Index, writer: &Writer<'_, Ids<'_>>| {
            let packages = index.people.packages.iter().flatten();
            packages.map(|package| (package.id.clone(), writer.package(package))).collect()
        };
        let groups = |of: &People, other: &People, writer: &Writer<'_, Ids<'_>>| {
            let both = of.groups.iter().enumerate();
            let apart = both.filter(|(at, group)| match (group, other.groups.get(*at)) {
                (Some(own), Some(Some(it))) => !Arc::ptr_eq(own, it),
                _ => true,
            });
            let apart = apart.filter_map(|(_, group)| group.as_ref());
            apart.map(|group| (group.id.clone(), writer.group(group))).collect()
        };
        let users = |of: &People, other: &People, writer: &Writer<'_, Ids<'_>>| {
            of.apart(other).map(|person| (person.id.clone(), writer.user(&person))).collect()
        };
        let everyone = (!Arc::ptr_eq(&people.everyone, &since.people.everyone))
            .then(|| is.held(&*people.everyone))
            .filter(|now| *now != was.held(&*since.people.everyone));
        Changes {
            next_login: policy.settings.new_links == NewLinks::NextLogin,
            catalogue,
            roles: Edits::between(&was_roles, roles(self, &is)),
            base: policy.base.and_then(|base| is.names.role(base)),
            packages: Edits::between(&packages(since, &was), packages(self, &is)),
            groups: Edits::between(&groups(&since.people, people, &was), groups(people, &since.people, &is)),
            everyone,
            users: Edits::between(&users(&since.people, people, &was), users(people, &since.people, &is)),
            lapsed: 0,
            revoked: Vec::new(),
        }
    }

    /// Makes the changes, or some of them where one names what is not there.
    fn change(&mut self, changes: Changes) -> Option<()> {
        let Changes { next_login, catalogue, roles, base, packages, groups, everyone, users, .. } = changes;
        let left = !roles.gone.is_empty() || !packages.gone.is_empty() || !groups.gone.is_empty();
        self.policy.settings.new_links = new_links(next_login);
        let redirected = self.change_policy(catalogue, roles, base)?;
        packages.gone.iter().try_for_each(|id| {
            self.policy.packages.remove(id)?;
            self.people.remove_package(id)
        })?;
        for package in packages.set {
            let (document, package) = self.reader().package(package)?;
            self.policy.packages.insert(document.id.clone(), Arc::new(document));
            self.people.set_package(package);
        }
        self.change_groups(groups)?;
        if let Some(everyone) = everyone {
            self.people.everyone = Arc::new(self.reader().held(everyone)?);
        }
        let mut reader = self.reader();
        let set = users.set.into_iter().map(|user| reader.user(user)).collect::<Option<_>>()?;
        self.people.edit(&users.gone, set)?;
        let sound = !(left || redirected) || self.people.leads_somewhere(self.rows.len());
        sound.then_some(())
    }

    fn reader(&mut self) -> Reader<'_, Known> {
        let names = Known {
            groups: Arc::clone(&self.people.group_positions),
            packages: Arc::clone(&self.people.package_positions),
        };
        Reader { policy: &self.policy, rows: &mut self.rows, names }
    }

    /// Makes the changes of the policy but for packages. Whether links were led to other rows.
    fn change_policy(
        &mut self,
        catalogue: Option<CatalogueBody>,
        edits: Edits<RoleBody<String>>,
        base: Option<String>,
    ) -> Option<bool> {
        let position = |policy: &Policy, id: &String| policy.role_position(id);
        if catalogue.is_none() && edits.is_empty() {
            self.policy.base = match base {
                Some(base) => Some(position(&self.policy, &base)?),
                None => None,
            };
            return Some(false);
        }
        let before = self.policy.clone();
        let policy = &mut self.policy;
        let anew = catalogue.is_some();
        if let Some(catalogue) = catalogue {
            let (catalogue, layout) = catalogue.read()?;
            (policy.catalogue, policy.layout) = (Arc::new(catalogue), Arc::new(layout));
        }
        let gone: BTreeSet<usize> =
            edits.gone.iter().map(|id| position(&before, id)).collect::<Option<_>>()?;
        let kept = before.roles.iter().enumerate().filter(|(at, _)| !anew && !gone.contains(at));
        policy.roles = kept.map(|(_, role)| Arc::clone(role)).collect();
        let mut positions = HashMap::with_hasher(seeded());
        for id in policy.roles.iter().map(|role| &role.id).chain(edits.set.iter().map(|role| &role.id)) {
            let next = positions.len();
            positions.entry(id.clone()).or_insert(next);
        }
        policy.positions = Arc::new(positions);
        // Where the roles that stay find those that they inherit.
        let mut lost = BTreeSet::new();
        for (at, role) in policy.roles.iter_mut().enumerate() {
            let moved =
                role.inherits.iter().map(|parent| policy.positions.get(before.role_id(*parent)).copied());
            match moved.collect::<Option<Vec<_>>>() {
                Some(inherits) if inherits == role.inherits => {}
                Some(inherits) => Arc::make_mut(role).inherits = inherits,
                None => drop(lost.insert(at)),
            }
        }
        for body in edits.set {
            let role =
                body.read((&policy.catalogue, &policy.layout), |id| policy.positions.get(id).copied())?;
            let at = *policy.positions.get(&role.id)?;
            lost.remove(&at);
            match policy.roles.get_mut(at) {
                Some(known) => *known = Arc::new(role),
                None => policy.roles.push(Arc::new(role)),
            }
        }
        if !lost.is_empty() {
            return None;
        }
        policy.base = match base {
            Some(base) => Some(position(policy, &base)?),
            None => None,
        };
        policy.settle_all();
        if !anew && gone.is_empty() && self.rows.follow(&before, policy) {
            return Some(false);
        }
        let mut rows = Rows::new(policy);
        let old = std::mem::take(&mut self.rows);
        self.people.redirect(|row, scope| {
            let role = policy.role_position(before.role_id(old.get(row)?.role))?;
            rows.intern(policy, role, scope)
        });
        self.rows = rows;
        Some(true)
    }

    fn change_groups(&mut self, edits: Edits<GroupBody<String>>) -> Option<()> {
        if edits.is_empty() {
            return Some(());
        }
        edits.gone.iter().try_for_each(|id| self.people.remove_group(id))?;
        let affected: BTreeSet<u32> =
            edits.set.iter().map(|group| self.people.place_group(&group.id)).collect();
        for body in edits.set {
            let group = self.reader().group(body)?;
            self.people.set_group(group)?;
        }
        let ids: Vec<(u32, String)> = (0..)
            .zip(&self.people.groups)
            .filter_map(|(position, group)| Some((position, group.as_ref()?.id.clone())))
            .collect();
        for (position, id) in ids {
            if self.people.above(&id).iter().any(|above| affected.contains(above)) {
                self.people.ascend(position);
            }
        }
        Some(())
    }
}
