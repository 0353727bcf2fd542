//! Deltas: what the reader of a snapshot lacks of a later one. Applied to the snapshot that it was
//! made from, a delta gives an index whose encoding is, to the byte, that of the later snapshot.
//!
//! A delta is four bytes that name it and its version, then postcard. Roles, groups, packages and
//! scopes are numbers into lists of its own names, so that it is the same whatever the positions on
//! either side. It says from which bytes it leads to which: applied to others it is refused.

mod apply;
mod make;

use std::fmt;

use super::body::{
    CatalogueBody, GroupBody, HeldBody, LinkBody, Made, PackageBody, RoleBody, UserBody, in_order, kind,
    stamp,
};
use super::codec::{self, parts};
use super::compact::Unreadable;
use super::{Content, SnapshotKind};
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
        write!(f, "{} (`{}`)", self.at, self.content)
    }
}

/// A delta, read. What it leads from and to is said; what it changes is for
/// [`Compact::apply`](super::Compact::apply).
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

struct Body {
    kind: u8,
    tenant: String,
    base: PointBody,
    target: PointBody,
    changes: Changes,
}

struct PointBody {
    at: Made,
    content: [u8; 32],
}

pub(super) struct Changes {
    pub(super) names: Names,
    pub(super) next_login: bool,
    /// With another catalogue every role is said anew.
    pub(super) catalogue: Option<CatalogueBody>,
    pub(super) roles: Edits<RoleBody>,
    pub(super) base: Option<String>,
    pub(super) packages: Edits<PackageBody>,
    pub(super) groups: Edits<GroupBody>,
    pub(super) everyone: Option<Vec<HeldBody>>,
    pub(super) users: Edits<UserBody>,
    /// So many of the oldest are no longer there.
    pub(super) lapsed: u32,
    pub(super) revoked: Vec<LinkBody>,
}

/// What numbers stand for.
#[derive(Default)]
pub(super) struct Names {
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) packages: Vec<String>,
    pub(super) scopes: Vec<String>,
}

/// What is gone, by id, and what is new or as it now is.
pub(super) struct Edits<T> {
    pub(super) gone: Vec<String>,
    pub(super) set: Vec<T>,
}

parts! {
    Body { kind, tenant, base, target, changes }
    PointBody { at, content }
    Changes { names, next_login, catalogue, roles, base, packages, groups, everyone, users, lapsed, revoked }
    Names { roles, groups, packages, scopes }
    Edits<T> { gone, set }
}

impl<T> Edits<T> {
    /// Nothing is gone.
    pub(super) fn set(set: Vec<T>) -> Self {
        Self { gone: Vec::new(), set }
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.set.is_empty()
    }

    /// Whether nothing stands here twice.
    #[inline(never)]
    fn is_in_order(&self, id: impl Fn(&T) -> &str) -> bool {
        let both = |gone: &String| self.set.binary_search_by(|set| id(set).cmp(gone)).is_ok();
        in_order(&self.gone, |gone| gone) && in_order(&self.set, &id) && !self.gone.iter().any(both)
    }
}

impl Delta {
    /// Reads a delta. Its signature is the caller's to verify first. `O(size)`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Format)?;
        codec::read::<Body>(rest).ok_or(Unreadable::Shape)?.read().ok_or(Unreadable::Reference)
    }
}

impl Body {
    #[inline(never)]
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
