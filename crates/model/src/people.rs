//! People: the directory compiled, in chunks of which a change replaces one.
//!
//! A user is a few bytes of a chunk: an id, flags, and the links that lead on to rows, groups and
//! a package. What is not edited is shared between one state and the next.

mod chunk;
mod edit;
mod groups;
mod names;

use std::sync::Arc;

use self::chunk::{Chunk, DIRECT, ENTITLEMENT, Entry, KIND, MEMBER, PACKAGE};
use self::names::Names;
use crate::condition::Attributes;
use crate::directory::Source;
use crate::keyed::{ByName, Keyed, by_name};
use crate::resource::{PathRef, ResourcePath};
use crate::shared::Shared;
use crate::stamp::{Stamp, Timestamp};
use crate::subject::Link;

pub(crate) use self::chunk::{CHUNK, Tables};
pub(crate) use self::groups::{MOST_ABOVE, Nesting};

/// A user of one index, by position. Of that index alone: another one may give the place to
/// somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserHandle(pub u32);

/// Positions by id.
pub(crate) type Positions = ByName<u32>;

/// The users and groups of a tenant. A copy costs a pointer for some thousands of users.
#[derive(Clone, Debug)]
pub(crate) struct People {
    chunks: Shared<Chunk>,
    /// How many places are taken, those of removed users among them.
    places: u32,
    names: Names,
    /// By position; none where one was removed.
    pub(crate) groups: Shared<Option<Group>>,
    pub(crate) group_positions: Arc<Positions>,
    /// What everyone holds.
    pub(crate) everyone: Arc<Vec<Held>>,
    /// What packages carry, by the position that a user's link names.
    pub(crate) packages: Shared<Option<Package>>,
    pub(crate) package_positions: Arc<Positions>,
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

impl Held {
    /// Whether it counts at `resource`, at that time, in a session begun then.
    #[inline]
    pub(crate) fn counts(&self, resource: PathRef<'_>, at: Timestamp, session: u64) -> bool {
        self.scope.reaches_path(resource) && self.made <= session && self.window.holds(at)
    }

    fn extent(&self) -> Extent {
        Extent { everywhere: self.scope.is_tenant(), window: self.window }
    }
}

/// From when until when; the ends of time where it is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    from: i64,
    until: i64,
}

impl Span {
    pub(crate) const ALWAYS: Self = Self { from: i64::MIN, until: i64::MAX };

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

    pub(crate) fn is_always(self) -> bool {
        self == Self::ALWAYS
    }

    /// Makes it end where `other` begins or ends, so that it keeps `at`, and `other` holds throughout
    /// or never.
    pub(crate) fn part_at(&mut self, at: Timestamp, other: Self) {
        for end in [other.from, other.until] {
            match end <= at.0 {
                true => self.from = self.from.max(end),
                false => self.until = self.until.min(end),
            }
        }
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

/// A user without links, on the way in.
#[derive(Clone, Debug)]
pub(crate) struct Profile<'p> {
    pub(crate) id: &'p str,
    pub(crate) active: bool,
    pub(crate) sign_in: bool,
    /// What conditions read, where there is something.
    pub(crate) attributes: Option<Arc<Attributes>>,
}

impl Person {
    pub(crate) fn profile(&self) -> Profile<'_> {
        let attributes = (!self.attributes.is_empty()).then(|| Arc::new(self.attributes.clone()));
        Profile { id: &self.id, active: self.active, sign_in: self.sign_in, attributes }
    }

    /// The links, as they are put into a chunk.
    pub(crate) fn packed(&self) -> impl Iterator<Item = TieRef<'_>> {
        self.ties.iter().map(Tie::packed)
    }
}

/// A link of a user, on the way in or out of a chunk; nothing of it is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TieRef<'t> {
    /// Two bits that say what, and what it leads to.
    target: u32,
    made: u64,
    scope: &'t str,
    window: Span,
    link: &'t str,
}

impl<'t> TieRef<'t> {
    pub(crate) fn lead(self) -> Lead {
        chunk::lead(self.target)
    }

    /// Holds a role by an assignment of one's own.
    pub(crate) fn holds(
        row: u32,
        (scope, window): (&'t str, Span),
        source: Source,
        (link, made): (&'t str, Stamp),
    ) -> Self {
        let kind = if source == Source::Entitlement { ENTITLEMENT } else { DIRECT };
        Self { target: kind | row & !KIND, made: packed(made), scope, window, link }
    }

    /// Is in a group.
    pub(crate) fn member(group: u32, link: (&'t str, Stamp)) -> Self {
        Self::everywhere(MEMBER | group & !KIND, link)
    }

    /// Is on a package.
    pub(crate) fn package(package: u32, link: (&'t str, Stamp)) -> Self {
        Self::everywhere(PACKAGE | package & !KIND, link)
    }

    fn everywhere(target: u32, (link, made): (&'t str, Stamp)) -> Self {
        Self { target, made: packed(made), scope: ResourcePath::TENANT, window: Span::ALWAYS, link }
    }
}

impl Tie {
    /// As it is put into a chunk.
    fn packed(&self) -> TieRef<'_> {
        match self {
            Self::Holds(held) => TieRef::holds(
                held.row,
                (held.scope.as_str(), held.window),
                held.source,
                (&held.link.id, held.link.made),
            ),
            Self::Member(group, link) => TieRef::member(*group, (&link.id, link.made)),
            Self::Package(package, link) => TieRef::package(*package, (&link.id, link.made)),
        }
    }
}

/// A row that is not there: what leads to it gives nothing.
const NOWHERE: u32 = !KIND;

/// What a link leads to, by position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lead {
    Row(u32),
    Group(u32),
    Package(u32),
}

/// Where and when something counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Whether everywhere, or at some place and below it.
    pub(crate) everywhere: bool,
    pub(crate) window: Span,
}

impl Extent {
    /// Everywhere and always.
    pub(crate) const WHOLE: Self = Self { everywhere: true, window: Span::ALWAYS };
}

/// How somebody is touched by an edit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Touched {
    /// Not at all.
    #[default]
    Not,
    /// By rows that give otherwise: what is held, and where, is the same.
    ByRows,
    /// In some other way.
    Wholly,
}

/// Those whom an edit touches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sifted {
    /// By rows alone; of either index.
    pub(crate) by_rows: Vec<UserHandle>,
    /// In some other way, by id.
    pub(crate) wholly: Vec<String>,
}

/// What groups and packages bring to who is in them or on them, by position, and what everyone has. Worked
/// out once where many users are asked about: by way of the groups it takes several looks at memory each.
pub(crate) struct Brought<T> {
    groups: Vec<Vec<T>>,
    packages: Vec<Vec<T>>,
    /// What everyone has.
    pub(crate) everyone: Vec<T>,
}

impl<T> Brought<T> {
    /// For each group, and for each package, whether it brings something.
    pub(crate) fn leading(&self) -> (Vec<bool>, Vec<bool>) {
        let some = |all: &[Vec<T>]| all.iter().map(|brought| !brought.is_empty()).collect();
        (some(&self.groups), some(&self.packages))
    }

    #[inline]
    fn by(&self, lead: Lead) -> &[T] {
        let brought = match lead {
            Lead::Group(group) => self.groups.get(group as usize),
            Lead::Package(package) => self.packages.get(package as usize),
            Lead::Row(_) => None,
        };
        brought.map_or(&[], Vec::as_slice)
    }
}

impl People {
    /// Nobody, with room for so many.
    pub(crate) fn new(users: usize) -> Self {
        Self {
            chunks: Shared::default(),
            places: 0,
            names: Names::new(users),
            groups: Shared::default(),
            group_positions: Arc::new(by_name()),
            everyone: Arc::default(),
            packages: Shared::default(),
            package_positions: Arc::new(by_name()),
        }
    }

    /// The packages, and nobody.
    pub(crate) fn without_people(&self) -> Self {
        let (packages, package_positions) = (self.packages.clone(), Arc::clone(&self.package_positions));
        Self { packages, package_positions, ..Self::new(0) }
    }

    /// What hashes ids here.
    pub(crate) fn hasher(&self) -> Keyed {
        self.names.hasher()
    }

    /// The user of that id. One hash.
    #[inline]
    pub(crate) fn find(&self, id: &str) -> Option<UserHandle> {
        self.names.find(id, |user| self.id(user))
    }

    #[inline]
    fn chunk(&self, user: UserHandle) -> Option<(&Chunk, usize)> {
        Some((self.chunks.get(user.0 as usize / CHUNK)?, user.0 as usize % CHUNK))
    }

    /// The id of a user; empty for one that is not there.
    #[inline]
    pub(crate) fn id(&self, user: UserHandle) -> &str {
        self.chunk(user).map_or("", |(chunk, place)| chunk.id(place))
    }

    /// Whether a user is active.
    #[inline]
    pub(crate) fn is_active(&self, user: UserHandle) -> bool {
        self.chunk(user).is_some_and(|(chunk, place)| chunk.is_active(place))
    }

    /// The attributes of a user, where there are any.
    pub(crate) fn attributes(&self, user: UserHandle) -> Option<&Attributes> {
        let (chunk, place) = self.chunk(user)?;
        chunk.attributes(place).map(|attributes| &**attributes)
    }

    /// Everything about a user.
    pub(crate) fn person(&self, user: UserHandle) -> Option<Person> {
        let (chunk, place) = self.chunk(user)?;
        chunk.person(place)
    }

    /// How many places for users there are.
    pub(crate) fn places(&self) -> u32 {
        self.places
    }

    /// Every user, in the order of handles.
    pub(crate) fn handles(&self) -> impl Iterator<Item = UserHandle> {
        let places = (0..).zip(self.chunks.iter()).flat_map(|(at, chunk)| {
            (0..chunk.len()).filter(|place| !chunk.is_gone(*place)).map(move |place| at * CHUNK + place)
        });
        places.filter_map(|place| u32::try_from(place).ok().map(UserHandle))
    }

    /// The places of a chunk.
    pub(crate) fn of_chunk(&self, chunk: usize) -> impl Iterator<Item = UserHandle> + use<> {
        let users = self.chunks.get(chunk).map_or(0, Chunk::len);
        (chunk * CHUNK..chunk * CHUNK + users).filter_map(|place| u32::try_from(place).ok().map(UserHandle))
    }

    /// The chunks of which a user is not as in `other`, or is not there.
    pub(crate) fn chunks_beside<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = usize> {
        self.chunks.beside(&other.chunks).map(|(chunk, _)| chunk)
    }

    /// Whether something that users share is not as in `other`, where it is there too.
    pub(crate) fn shares_differ(&self, other: &Self) -> bool {
        !Arc::ptr_eq(&self.everyone, &other.everyone)
            || self.groups.beside(&other.groups).any(|(at, _)| at < other.groups.len())
            || self.packages.beside(&other.packages).any(|(at, _)| at < other.packages.len())
    }

    /// Adds users who are not there yet. `O(links)` each.
    #[inline(never)]
    pub(crate) fn add_all<'p, T: Iterator<Item = TieRef<'p>>>(
        &mut self,
        people: impl Iterator<Item = (Profile<'p>, T)>,
    ) {
        let first = self.places;
        let mut chunk = match self.chunks.len() * CHUNK > first as usize {
            true => self.chunks.pop().map(Arc::unwrap_or_clone).unwrap_or_default(),
            false => Chunk::default(),
        };
        let mut full = Vec::new();
        for (profile, ties) in people {
            chunk.push(profile, ties);
            self.places += 1;
            if chunk.len() == CHUNK {
                chunk.shrink();
                full.push(std::mem::take(&mut chunk));
            }
        }
        if chunk.len() > 0 {
            chunk.shrink();
            full.push(chunk);
        }
        self.chunks.extend(full);
        (first..self.places).for_each(|handle| self.name(UserHandle(handle)));
    }

    /// Enters a user's id in the table of names, unless it is there.
    fn name(&mut self, user: UserHandle) {
        let Self { names, chunks, places, .. } = self;
        let id = |user: UserHandle| {
            let chunk = chunks.get(user.0 as usize / CHUNK);
            chunk.map_or("", |chunk| chunk.id(user.0 as usize % CHUNK))
        };
        if names.is_crowded(*places) {
            *names = Names::new(*places as usize);
            (0..user.0)
                .map(UserHandle)
                .filter(|user| !id(*user).is_empty())
                .for_each(|user| names.add(user, id));
        }
        names.add(user, id);
    }

    /// Adds a user, or writes what the one of that id now is. `O(CHUNK)`.
    pub(crate) fn set(&mut self, person: &Person) {
        let known = self.find(&person.id);
        let user = known.unwrap_or(UserHandle(self.places));
        self.write(user, Some(person));
        if known.is_none() {
            self.places += 1;
            self.name(user);
        }
    }

    /// Removes a user. `O(CHUNK)`.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(user) = self.find(id) else { return };
        self.names.remove(id, user);
        self.write(user, None);
    }

    fn write(&mut self, user: UserHandle, person: Option<&Person>) {
        let (at, place) = (user.0 as usize / CHUNK, user.0 as usize % CHUNK);
        let edit = || std::iter::once((place, person));
        match self.chunks.get(at).map(|chunk| chunk.with(edit())) {
            Some(chunk) => self.chunks.set(at, chunk),
            None => self.chunks.push(Chunk::default().with(edit())),
        }
    }

    /// Whether some active user with a way to sign in holds, by an assignment of one's own at `/`
    /// that has begun and has no end, a row for which `is` holds.
    pub(crate) fn any_lasting(&self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        self.chunks.iter().any(|chunk| chunk.any_lasting(now, &is))
    }

    /// As [`People::any_lasting`], of those here who may be otherwise in `other`.
    pub(crate) fn any_lasting_beside(&self, other: &Self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        self.chunks.beside(&other.chunks).any(|(_, chunk)| chunk.any_lasting(now, &is))
    }

    /// Every row that a user holds, each with where and when it counts; the base role's is not among
    /// them.
    pub(crate) fn each_row(&self, user: UserHandle, mut see: impl FnMut(u32, Extent)) {
        let Some((chunk, place)) = self.chunk(user) else { return };
        for entry in chunk.entries(place) {
            match entry.lead() {
                Lead::Group(group) => {
                    let reaching = self.group(group).into_iter().flat_map(|group| &group.reaching);
                    reaching.for_each(|(held, _)| see(held.row, held.extent()));
                }
                Lead::Package(package) => {
                    let carried = self.package(package).into_iter().flat_map(|package| &package.carried);
                    carried.for_each(|held| see(held.row, held.extent()));
                }
                Lead::Row(row) => see(row, chunk.extent(*entry)),
            }
        }
        self.everyone.iter().for_each(|held| see(held.row, held.extent()));
    }

    /// What groups, packages and everyone bring, as far as `of` says.
    pub(crate) fn brought<'p, T>(&'p self, of: impl Fn(&'p Held) -> Option<T>) -> Brought<T> {
        let groups = self.groups.iter().map(|group| {
            let reaching = group.iter().flat_map(|group| &group.reaching);
            reaching.filter_map(|(held, _)| of(held)).collect()
        });
        let packages = self.packages.iter().map(|package| {
            let carried = package.iter().flat_map(|package| &package.carried);
            carried.filter_map(&of).collect()
        });
        let everyone = self.everyone.iter().filter_map(&of).collect();
        Brought { groups: groups.collect(), packages: packages.collect(), everyone }
    }

    /// Every row that a user holds at that time, each with its scope; the base role's is not among
    /// them. `brought` is what is brought at that time.
    pub(crate) fn each_held<'p>(
        &'p self,
        user: UserHandle,
        at: Timestamp,
        brought: &Brought<(u32, &'p str)>,
        mut see: impl FnMut((u32, &'p str)),
    ) {
        let Some((chunk, place)) = self.chunk(user) else { return };
        for entry in chunk.entries(place) {
            match entry.lead() {
                Lead::Row(row) => {
                    chunk.scope_at(*entry, at).into_iter().for_each(|scope| see((row, scope)));
                }
                shared => brought.by(shared).iter().copied().for_each(&mut see),
            }
        }
        brought.everyone.iter().copied().for_each(see);
    }

    /// Those of the rows for which `is` holds that count for a user at `resource`, at that time, in a
    /// session begun then, once for each way to them; neither everyone's nor the base role's are among
    /// them. `brought` is what is so brought.
    pub(crate) fn each_counting(
        &self,
        user: UserHandle,
        (resource, at, session): (PathRef<'_>, Timestamp, u64),
        is: impl Fn(u32) -> bool,
        brought: &Brought<u32>,
        mut see: impl FnMut(u32),
    ) {
        let Some((chunk, place)) = self.chunk(user) else { return };
        for entry in chunk.entries(place) {
            let is_begun = || session == u64::MAX || chunk.made(*entry) <= session;
            match entry.lead() {
                Lead::Row(row) if is(row) && chunk.counts(*entry, resource, at) && is_begun() => see(row),
                Lead::Row(_) => {}
                shared if is_begun() => brought.by(shared).iter().copied().for_each(&mut see),
                _ => {}
            }
        }
    }

    /// Those who may hold otherwise in `other`, the same people edited: `touched` says by position how
    /// what a link leads to touches, for each of [`LEADS`], `all` how everybody is touched at least.
    /// `O(links)`.
    pub(crate) fn sift(&self, other: &Self, touched: Tables<'_, Touched>, all: Touched) -> Sifted {
        let mut sifted = Sifted::default();
        let mut led = Vec::new();
        for at in 0..self.chunks.len().max(other.chunks.len()) {
            let (was, is) = (self.chunks.entry(at), other.chunks.entry(at));
            let shared = was.zip(is).is_some_and(|(was, is)| Arc::ptr_eq(was, is));
            led.clear();
            was.into_iter().for_each(|chunk| chunk.led(touched, &mut led));
            let mut by_links = led.iter().peekable();
            let places = was.map_or(0, |chunk| chunk.len()).max(is.map_or(0, |chunk| chunk.len()));
            let all_places = if shared && all == Touched::Not { 0..0 } else { 0..places };
            let listed = led.iter().map(|(place, _)| *place).filter(|_| all_places.is_empty());
            for place in all_places.clone().chain(listed) {
                if !shared && !was.zip(is).is_some_and(|(was, is)| was.is_same(is, place)) {
                    let ids = [was, is].into_iter().flatten().map(|chunk| chunk.id(place));
                    sifted.wholly.extend(ids.filter(|id| !id.is_empty()).map(str::to_owned));
                    continue;
                }
                while by_links.next_if(|(known, _)| *known < place).is_some() {}
                let by_link = by_links.peek().filter(|(known, _)| *known == place);
                match by_link.map_or(all, |(_, touched)| all.max(*touched)) {
                    Touched::ByRows => {
                        sifted.by_rows.extend(u32::try_from(at * CHUNK + place).ok().map(UserHandle));
                    }
                    Touched::Wholly => sifted.wholly.extend(was.map(|chunk| chunk.id(place).to_owned())),
                    Touched::Not => {}
                }
            }
        }
        sifted.wholly.sort_unstable();
        sifted.wholly.dedup();
        sifted
    }

    /// The active users of whom some link leads to what a table says, or all of them; in the order of
    /// handles. `O(links)`.
    pub(crate) fn led(&self, leads: Tables<'_, bool>, all: bool) -> Vec<UserHandle> {
        let (mut users, mut led) = (Vec::new(), Vec::new());
        for (at, chunk) in self.chunks.iter().enumerate() {
            match all {
                true => led = (0..chunk.len()).map(|place| (place, true)).collect(),
                false => chunk.led(leads, &mut led),
            }
            let places = led.iter().map(|(place, _)| *place).filter(|place| chunk.is_active(*place));
            users.extend(places.filter_map(|place| u32::try_from(at * CHUNK + place).ok()).map(UserHandle));
        }
        users
    }

    /// Whether a position of a group or a package here means the same in `other`, or has gone there.
    pub(crate) fn is_numbered_as(&self, other: &Self) -> bool {
        fn alike<T>(own: &Option<T>, other: Option<&Option<T>>, id: impl Fn(&T) -> &str) -> bool {
            match (own, other) {
                (Some(own), Some(Some(other))) => id(own) == id(other),
                (None, Some(_)) | (Some(_), Some(None)) => true,
                (_, None) => false,
            }
        }
        let groups = &other.groups;
        let packages = &other.packages;
        self.groups.beside(groups).all(|(at, own)| alike(own, groups.get(at), |group| &group.id))
            && self.packages.beside(packages).all(|(at, own)| alike(own, packages.get(at), |it| &it.id))
    }

    /// Whether some row that a user holds at `resource`, at that time, in a session begun then, is one for
    /// which `is` holds; the base role's is not among them.
    #[inline]
    pub(crate) fn any_row(
        &self,
        user: UserHandle,
        resource: PathRef<'_>,
        at: Timestamp,
        session: u64,
        is: impl Fn(u32) -> bool,
    ) -> bool {
        let Some((chunk, place)) = self.chunk(user) else { return false };
        let counts = |held: &Held| is(held.row) && held.counts(resource, at, session);
        let holds = |entry: &Entry| {
            let is_begun = || session == u64::MAX || chunk.made(*entry) <= session;
            match entry.lead() {
                Lead::Group(group) => {
                    let reaching = self.group(group).map_or([].as_slice(), |group| &group.reaching);
                    is_begun() && reaching.iter().any(|(held, _)| counts(held))
                }
                Lead::Package(package) => {
                    let carried = self.package(package).map_or([].as_slice(), |package| &package.carried);
                    is_begun() && carried.iter().any(counts)
                }
                Lead::Row(row) => is(row) && chunk.counts(*entry, resource, at) && is_begun(),
            }
        };
        chunk.entries(place).iter().any(holds) || self.everyone.iter().any(counts)
    }
}
