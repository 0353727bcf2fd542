//! People: the directory compiled, in chunks of which a change replaces one.
//!
//! A user is a few bytes of a chunk: an id, flags, and the links that lead on to rows, groups and
//! a package. What is not edited is shared between one state and the next.

mod edit;

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::HashTable;

use crate::condition::Attributes;
use crate::directory::Source;
use crate::resource::ResourcePath;
use crate::stamp::{Stamp, Timestamp};
use crate::subject::Link;

/// How many users share a chunk: few enough to copy within microseconds, many enough that the
/// list of chunks stays short.
const CHUNK: usize = 128;
/// About how many users share a table of names.
const SHARD: usize = 1024;

/// A user of one index, by position. Of that index alone: another one may give the place to
/// somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserHandle(pub u32);

/// The users and groups of a tenant.
#[derive(Clone, Debug)]
pub(crate) struct People {
    chunks: Vec<Arc<Chunk>>,
    /// How many places are taken, those of removed users among them.
    places: u32,
    names: Names,
    pub(crate) groups: Vec<Option<Arc<Group>>>,
    pub(crate) group_positions: Arc<HashMap<String, u32>>,
    /// What everyone holds.
    pub(crate) everyone: Arc<Vec<Held>>,
    /// What packages carry, by the position that a user's link names.
    pub(crate) packages: Vec<Option<Arc<Package>>>,
    pub(crate) package_positions: Arc<BTreeMap<String, u32>>,
}

/// A group: what it holds itself, and with every group above it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) id: String,
    /// Assigned to this group.
    pub(crate) own: Vec<Held>,
    /// The groups that it is in.
    pub(crate) parents: Vec<(u32, Link)>,
    /// Everything that reaches its members, each with the way up.
    pub(crate) reaching: Vec<(Held, Arc<Ascent>)>,
}

/// The way from a group to itself or to one that it is nested in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ascent {
    pub(crate) groups: Vec<u32>,
    pub(crate) links: Vec<Link>,
}

/// A package and what it carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) carried: Vec<Held>,
}

/// One role held somewhere through one link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    /// Position in the index's rows.
    pub(crate) row: u32,
    pub(crate) scope: ResourcePath,
    pub(crate) window: Span,
    pub(crate) source: Source,
    pub(crate) link: Link,
    /// The newest link on the way, packed.
    pub(crate) made: u64,
}

/// From when until when; the ends of time where it is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    from: i64,
    until: i64,
}

impl Span {
    pub(crate) fn new(from: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        Self { from: from.map_or(i64::MIN, |from| from.0), until: until.map_or(i64::MAX, |until| until.0) }
    }

    #[inline]
    pub(crate) fn holds(self, at: Timestamp) -> bool {
        self.from <= at.0 && at.0 < self.until
    }

    pub(crate) fn from(self) -> Option<Timestamp> {
        (self.from != i64::MIN).then_some(Timestamp(self.from))
    }

    pub(crate) fn until(self) -> Option<Timestamp> {
        (self.until != i64::MAX).then_some(Timestamp(self.until))
    }

    fn is_always(self) -> bool {
        self == Self::new(None, None)
    }
}

/// A stamp in one word, in the same order. Epochs beyond 2047 restores are one.
pub(crate) fn packed(stamp: Stamp) -> u64 {
    u64::from(stamp.epoch.min(2047)) << 53 | stamp.revision.min((1 << 53) - 1)
}

pub(crate) fn unpacked(packed: u64) -> Stamp {
    Stamp { epoch: u32::try_from(packed >> 53).unwrap_or_default(), revision: packed & ((1 << 53) - 1) }
}

/// A user on the way in or out of a chunk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) active: bool,
    /// Whether there is a way to sign in.
    pub(crate) sign_in: bool,
    pub(crate) attributes: Attributes,
    pub(crate) ties: Vec<Tie>,
}

/// A link of a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tie {
    /// Holds a role by an assignment of one's own.
    Holds(Held),
    /// Is in a group.
    Member(u32, Link),
    /// Is on a package.
    Package(u32, Link),
}

/// Some users, packed.
#[derive(Clone, Debug, Default)]
struct Chunk {
    users: Vec<Record>,
    entries: Vec<Entry>,
    windows: Vec<Span>,
    /// Scopes beside the tenant.
    scopes: Vec<ResourcePath>,
    attributes: Vec<(u8, Arc<Attributes>)>,
    ids: String,
    links: String,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    id_end: u32,
    entries_end: u32,
    flags: u8,
}

const ACTIVE: u8 = 1;
const SIGN_IN: u8 = 2;
const GONE: u8 = 4;

/// A link, packed. The id of the link begins at `link` and ends where the next begins.
#[derive(Clone, Copy, Debug)]
struct Entry {
    made: u64,
    /// Two bits that say what, and what it leads to.
    target: u32,
    /// Position in the chunk's scopes and one; 0 is the tenant.
    scope: u32,
    /// Position in the chunk's windows and one; 0 is always.
    window: u32,
    link: u32,
}

const KIND: u32 = 3 << 30;
const DIRECT: u32 = 0;
const ENTITLEMENT: u32 = 1 << 30;
const MEMBER: u32 = 2 << 30;
const PACKAGE: u32 = 3 << 30;

impl Chunk {
    fn push(&mut self, person: Option<&Person>) {
        let mut flags = if person.is_none() { GONE } else { 0 };
        if let Some(person) = person {
            flags |= if person.active { ACTIVE } else { 0 } | if person.sign_in { SIGN_IN } else { 0 };
            self.ids.push_str(&person.id);
            person.ties.iter().for_each(|tie| self.push_tie(tie));
            if !person.attributes.is_empty()
                && let Ok(place) = u8::try_from(self.users.len())
            {
                self.attributes.push((place, Arc::new(person.attributes.clone())));
            }
        }
        self.users.push(Record {
            id_end: size(self.ids.len()),
            entries_end: size(self.entries.len()),
            flags,
        });
    }

    fn push_tie(&mut self, tie: &Tie) {
        let (target, link, held) = match tie {
            Tie::Holds(held) => {
                let kind = if held.source == Source::Entitlement { ENTITLEMENT } else { DIRECT };
                (kind | held.row & !KIND, &held.link, Some(held))
            }
            Tie::Member(group, link) => (MEMBER | group & !KIND, link, None),
            Tie::Package(package, link) => (PACKAGE | package & !KIND, link, None),
        };
        let scope = held.map_or(0, |held| match held.scope.is_tenant() {
            true => 0,
            false => interned(&mut self.scopes, &held.scope),
        });
        let window = held.map_or(0, |held| match held.window.is_always() {
            true => 0,
            false => interned(&mut self.windows, &held.window),
        });
        self.entries.push(Entry {
            made: packed(link.made),
            target,
            scope,
            window,
            link: size(self.links.len()),
        });
        self.links.push_str(&link.id);
    }

    #[inline]
    fn entries_of(&self, place: usize) -> std::ops::Range<usize> {
        let start =
            place.checked_sub(1).and_then(|before| self.users.get(before)).map_or(0, |user| user.entries_end);
        let end = self.users.get(place).map_or(start, |user| user.entries_end);
        start as usize..end as usize
    }

    fn id(&self, place: usize) -> &str {
        let start =
            place.checked_sub(1).and_then(|before| self.users.get(before)).map_or(0, |user| user.id_end);
        let end = self.users.get(place).map_or(start, |user| user.id_end);
        self.ids.get(start as usize..end as usize).unwrap_or_default()
    }

    fn link(&self, entry: usize) -> Link {
        let start = self.entries.get(entry).map_or(0, |entry| entry.link as usize);
        let end = self.entries.get(entry + 1).map_or(self.links.len(), |entry| entry.link as usize);
        Link {
            id: self.links.get(start..end).unwrap_or_default().to_owned(),
            made: self.entries.get(entry).map(|entry| unpacked(entry.made)).unwrap_or_default(),
        }
    }

    fn scope(&self, entry: &Entry) -> Option<&ResourcePath> {
        self.scopes.get((entry.scope as usize).checked_sub(1)?)
    }

    fn window(&self, entry: &Entry) -> Span {
        let window = (entry.window as usize).checked_sub(1).and_then(|window| self.windows.get(window));
        window.copied().unwrap_or(Span::new(None, None))
    }

    fn tie(&self, position: usize) -> Option<Tie> {
        let entry = self.entries.get(position)?;
        let (target, link) = (entry.target & !KIND, self.link(position));
        Some(match entry.target & KIND {
            MEMBER => Tie::Member(target, link),
            PACKAGE => Tie::Package(target, link),
            kind => Tie::Holds(Held {
                row: target,
                scope: self.scope(entry).cloned().unwrap_or_else(ResourcePath::tenant),
                window: self.window(entry),
                source: if kind == ENTITLEMENT { Source::Entitlement } else { Source::Direct },
                made: packed(link.made),
                link,
            }),
        })
    }

    fn person(&self, place: usize) -> Option<Person> {
        let record = self.users.get(place).filter(|record| record.flags & GONE == 0)?;
        let attributes = self.attributes.iter().find(|(user, _)| usize::from(*user) == place);
        Some(Person {
            id: self.id(place).to_owned(),
            active: record.flags & ACTIVE != 0,
            sign_in: record.flags & SIGN_IN != 0,
            attributes: attributes.map(|(_, attributes)| (**attributes).clone()).unwrap_or_default(),
            ties: self.entries_of(place).filter_map(|entry| self.tie(entry)).collect(),
        })
    }

    /// Whether some active user here with a way to sign in holds, by an assignment of one's own at
    /// `/` that has begun and has no end, a row for which `is` holds.
    fn any_lasting(&self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        let able = |place: &usize| {
            let flags = self.users.get(*place).map_or(GONE, |record| record.flags);
            flags & (ACTIVE | SIGN_IN | GONE) == ACTIVE | SIGN_IN
        };
        let lasts = |entry: &Entry| {
            matches!(entry.target & KIND, DIRECT | ENTITLEMENT)
                && entry.scope == 0
                && self.window(entry).until().is_none()
                && self.window(entry).holds(now)
                && is(entry.target & !KIND)
        };
        (0..self.users.len())
            .filter(able)
            .any(|place| self.entries.get(self.entries_of(place)).unwrap_or_default().iter().any(lasts))
    }

    /// The same with another user at that place, or none.
    fn with(&self, place: usize, person: Option<&Person>) -> Self {
        let mut chunk = Self::default();
        for other in 0..self.users.len().max(place + 1) {
            match other == place {
                true => chunk.push(person),
                false => chunk.push(self.person(other).as_ref()),
            }
        }
        chunk
    }

    fn shrink(&mut self) {
        self.users.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.windows.shrink_to_fit();
        self.scopes.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.links.shrink_to_fit();
    }
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The position of a value and one, in a list of few.
fn interned<T: PartialEq + Clone>(list: &mut Vec<T>, value: &T) -> u32 {
    let position = list.iter().position(|known| known == value).unwrap_or_else(|| {
        list.push(value.clone());
        list.len() - 1
    });
    size(position + 1)
}

/// A fast hasher with keys of its own, which nobody outside can guess.
pub(crate) fn seeded() -> ahash::RandomState {
    // The standard library's keys are random where the platform has randomness.
    let seed = std::hash::RandomState::new();
    let key = |n: u64| seed.hash_one(n);
    ahash::RandomState::with_seeds(key(1), key(2), key(3), key(4))
}

/// Users by id: tables of handles, keyed anew in each process, so that chosen ids do not collide.
#[derive(Clone, Debug)]
struct Names {
    shards: Vec<Arc<HashTable<u32>>>,
    hasher: ahash::RandomState,
}

impl Names {
    fn new(users: usize) -> Self {
        Self {
            shards: (0..(users / SHARD).next_power_of_two()).map(|_| Arc::default()).collect(),
            hasher: seeded(),
        }
    }

    #[inline]
    fn shard(&self, hash: u64) -> usize {
        // The table takes its bits from the other end.
        (hash >> 32) as usize & (self.shards.len() - 1)
    }
}

impl People {
    /// Nobody, with room for so many.
    pub(crate) fn new(users: usize) -> Self {
        Self {
            chunks: Vec::with_capacity(users.div_ceil(CHUNK)),
            places: 0,
            names: Names::new(users),
            groups: Vec::new(),
            group_positions: Arc::default(),
            everyone: Arc::default(),
            packages: Vec::new(),
            package_positions: Arc::default(),
        }
    }

    /// The packages, and nobody.
    pub(crate) fn without_people(&self) -> Self {
        let (packages, package_positions) = (self.packages.clone(), Arc::clone(&self.package_positions));
        Self { packages, package_positions, ..Self::new(0) }
    }

    /// What hashes ids here.
    pub(crate) fn hasher(&self) -> ahash::RandomState {
        self.names.hasher.clone()
    }

    /// The user of that id. One hash.
    #[inline]
    pub(crate) fn find(&self, id: &str) -> Option<UserHandle> {
        let hash = self.names.hasher.hash_one(id);
        let shard = self.names.shards.get(self.names.shard(hash))?;
        shard.find(hash, |handle| self.id(UserHandle(*handle)) == id).copied().map(UserHandle)
    }

    #[inline]
    fn place(&self, user: UserHandle) -> (usize, usize) {
        (user.0 as usize / CHUNK, user.0 as usize % CHUNK)
    }

    /// The id of a user; empty for one that is not there.
    #[inline]
    pub(crate) fn id(&self, user: UserHandle) -> &str {
        let (chunk, place) = self.place(user);
        self.chunks.get(chunk).map_or("", |chunk| chunk.id(place))
    }

    /// The attributes of a user, where there are any.
    pub(crate) fn attributes(&self, user: UserHandle) -> Option<&Attributes> {
        let (chunk, place) = self.place(user);
        let mut all = self.chunks.get(chunk)?.attributes.iter();
        all.find(|(user, _)| usize::from(*user) == place).map(|(_, attributes)| &**attributes)
    }

    /// Everything about a user.
    pub(crate) fn person(&self, user: UserHandle) -> Option<Person> {
        let (chunk, place) = self.place(user);
        self.chunks.get(chunk)?.person(place)
    }

    /// Every user, in the order of handles.
    pub(crate) fn handles(&self) -> impl Iterator<Item = UserHandle> {
        (0..self.places).map(UserHandle).filter(|user| {
            let (chunk, place) = self.place(*user);
            let record = self.chunks.get(chunk).and_then(|chunk| chunk.users.get(place));
            record.is_some_and(|record| record.flags & GONE == 0)
        })
    }

    /// Adds users who are not there yet. `O(1)` each.
    pub(crate) fn add_all(&mut self, people: impl Iterator<Item = Person>) {
        let mut chunk = Chunk::default();
        let first = self.places;
        if !(first as usize).is_multiple_of(CHUNK)
            && let Some(last) = self.chunks.pop()
        {
            chunk = (*last).clone();
        }
        for person in people {
            chunk.push(Some(&person));
            self.places += 1;
            if chunk.users.len() == CHUNK {
                chunk.shrink();
                self.chunks.push(Arc::new(std::mem::take(&mut chunk)));
            }
        }
        if !chunk.users.is_empty() {
            chunk.shrink();
            self.chunks.push(Arc::new(chunk));
        }
        (first..self.places).for_each(|handle| self.name(UserHandle(handle)));
    }

    /// Enters a user's id in the table of names, unless it is there.
    fn name(&mut self, user: UserHandle) {
        let hash = self.names.hasher.hash_one(self.id(user));
        let at = self.names.shard(hash);
        let Some(shard) = self.names.shards.get_mut(at) else { return };
        let mut table = std::mem::take(shard);
        if table.find(hash, |handle| self.id(UserHandle(*handle)) == self.id(user)).is_none() {
            let rehash = |handle: &u32| self.names.hasher.hash_one(self.id(UserHandle(*handle)));
            Arc::make_mut(&mut table).insert_unique(hash, user.0, rehash);
        }
        if let Some(shard) = self.names.shards.get_mut(at) {
            *shard = table;
        }
    }

    /// Adds a user, or writes what the one of that id now is. `O(CHUNK)`.
    pub(crate) fn set(&mut self, person: &Person) {
        let known = self.find(&person.id);
        let user = known.unwrap_or(UserHandle(self.places));
        let (at, place) = self.place(user);
        match self.chunks.get_mut(at) {
            Some(chunk) => *chunk = Arc::new(chunk.with(place, Some(person))),
            None => self.chunks.push(Arc::new(Chunk::default().with(place, Some(person)))),
        }
        if known.is_none() {
            self.places += 1;
            self.name(user);
        }
    }

    /// Removes a user. `O(CHUNK)`.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(user) = self.find(id) else { return };
        self.forget(user, id);
        let (at, place) = self.place(user);
        if let Some(chunk) = self.chunks.get_mut(at) {
            *chunk = Arc::new(chunk.with(place, None));
        }
    }

    /// Whether a user is active.
    #[inline]
    pub(crate) fn is_active(&self, user: UserHandle) -> bool {
        self.flags(user) & (ACTIVE | GONE) == ACTIVE
    }

    /// Whether some active user with a way to sign in holds, by an assignment of one's own at `/`
    /// that has begun and has no end, a row for which `is` holds.
    pub(crate) fn any_lasting(&self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        self.chunks.iter().any(|chunk| chunk.any_lasting(now, &is))
    }

    /// As [`People::any_lasting`], of those here who may be otherwise in `other`.
    pub(crate) fn any_lasting_beside(&self, other: &Self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        let others = other.chunks.iter().map(Some).chain(std::iter::repeat(None));
        let mut differ = self
            .chunks
            .iter()
            .zip(others)
            .filter(|(own, other)| !other.is_some_and(|other| Arc::ptr_eq(own, other)));
        differ.any(|(own, _)| own.any_lasting(now, &is))
    }

    #[inline]
    fn flags(&self, user: UserHandle) -> u8 {
        let (chunk, place) = self.place(user);
        self.chunks.get(chunk).and_then(|chunk| chunk.users.get(place)).map_or(GONE, |record| record.flags)
    }

    /// Whether some row that a user holds at `resource`, at that time, in a session begun then, is
    /// one for which `is` holds; the base role's is not among them. Stops at the first.
    #[inline]
    pub(crate) fn any_row(
        &self,
        user: UserHandle,
        resource: &ResourcePath,
        at: Timestamp,
        session: u64,
        mut is: impl FnMut(u32) -> bool,
    ) -> bool {
        let (chunk, place) = self.place(user);
        let Some(chunk) = self.chunks.get(chunk) else { return false };
        let tenant = resource.is_tenant();
        let counts = |held: &Held| {
            (held.scope.is_tenant() || !tenant && held.scope.reaches(resource))
                && held.made <= session
                && held.window.holds(at)
        };
        let entries = chunk.entries.get(chunk.entries_of(place)).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.made <= session) {
            let target = entry.target & !KIND;
            let found = match entry.target & KIND {
                MEMBER => {
                    let group = self.groups.get(target as usize).and_then(Option::as_ref);
                    group.is_some_and(|group| {
                        group.reaching.iter().any(|(held, _)| is(held.row) && counts(held))
                    })
                }
                PACKAGE => {
                    let package = self.packages.get(target as usize).and_then(Option::as_ref);
                    package.is_some_and(|package| {
                        package.carried.iter().any(|held| is(held.row) && counts(held))
                    })
                }
                _ => {
                    is(target)
                        && (entry.scope == 0
                            || !tenant && chunk.scope(entry).is_some_and(|scope| scope.reaches(resource)))
                        && (entry.window == 0 || chunk.window(entry).holds(at))
                }
            };
            if found {
                return true;
            }
        }
        self.everyone.iter().any(|held| is(held.row) && counts(held))
    }
}
