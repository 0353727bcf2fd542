//! A chunk: some users and their links, packed into a few lists.

use std::sync::Arc;

use super::{Extent, Held, Lead, Person, Profile, Span, Tie, TieRef, unpacked};
use crate::condition::Attributes;
use crate::directory::Source;
use crate::resource::{PathRef, ResourcePath};
use crate::stamp::Timestamp;
use crate::subject::Link;

/// How many users share a chunk: few enough to copy within microseconds, many enough that the
/// list of chunks stays short.
pub(crate) const CHUNK: usize = 128;

/// Some users, packed. In this order, as what is read together to find somebody, and then to decide, comes from
/// memory together.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Chunk {
    users: Vec<User>,
    /// Of each user the id, then the ids of the links.
    text: String,
    entries: Vec<Entry>,
    limits: Vec<Limit>,
    /// The scopes of the limits, one after the other.
    scopes: String,
    /// The ends of the limits' windows, one limit after the other.
    times: Vec<i64>,
    /// The epoch of the entries' revisions, as a packed stamp, and the stamps that are not of it.
    epoch: u64,
    far: Vec<u64>,
    attributes: Vec<(u8, Arc<Attributes>)>,
}

/// A user, in one word that a look-up reads once. From its top: where the entries end, where the text ends, both of which begin
/// where those of the user before end; how long the id is; and the flags.
#[derive(Clone, Copy, Debug)]
struct User(u64);

const FLAGS: u32 = 3;
const ID_LENGTH: u32 = u8::BITS;
const TEXT_END: u32 = 29;
const MOST_TEXT: usize = (1 << TEXT_END) - 1;
const MOST_ENTRIES: usize = (1 << (u64::BITS - FLAGS - ID_LENGTH - TEXT_END)) - 1;

const ACTIVE: u64 = 1;
const SIGN_IN: u64 = 2;
const GONE: u64 = 4;

impl User {
    /// Before the first.
    const NOBODY: Self = Self(0);

    fn new(entries_end: usize, text_end: usize, id_length: u8, flags: u64) -> Self {
        let entries_end = entries_end.min(MOST_ENTRIES) as u64;
        let text_end = text_end.min(MOST_TEXT) as u64;
        Self(((entries_end << TEXT_END | text_end) << ID_LENGTH | u64::from(id_length)) << FLAGS | flags)
    }

    #[inline]
    fn entries_end(self) -> usize {
        (self.0 >> (TEXT_END + ID_LENGTH + FLAGS)) as usize
    }

    #[inline]
    fn text_end(self) -> usize {
        (self.0 >> (ID_LENGTH + FLAGS)) as usize & MOST_TEXT
    }

    #[inline]
    fn id_length(self) -> usize {
        usize::from((self.0 >> FLAGS) as u8)
    }

    #[inline]
    fn flags(self) -> u64 {
        self.0 & ((1 << FLAGS) - 1)
    }
}

/// A link. What it leads to is a row, a group or a package; `made` is the revision within the
/// chunk's epoch, or marked `FAR`, a position among the stamps of others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    target: u32,
    made: u32,
    /// The position of the limit and one, 0 where there is none; above that the length of the id.
    limit: u32,
}

/// How many kinds of links there are: to a row by an assignment, to a row by an entitlement, to a group,
/// to a package.
const LEADS: usize = 4;

/// Something of all that links lead to, by position: for each of [`LEADS`].
pub(crate) type Tables<'t, T> = [&'t [T]; LEADS];

pub(super) const KIND: u32 = 3 << 30;
pub(super) const DIRECT: u32 = 0;
pub(super) const ENTITLEMENT: u32 = 1 << 30;
pub(super) const MEMBER: u32 = 2 << 30;
pub(super) const PACKAGE: u32 = 3 << 30;
const FAR: u32 = 1 << 31;
const LIMIT: u32 = (1 << 24) - 1;
const REVISION: u64 = (1 << 53) - 1;

/// Where and when a link counts, if that is not everywhere and always.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Where its text in `scopes` ends, which begins where that of the limit before ends. No text is
    /// the tenant.
    scope_end: u32,
    /// Where its times begin in `times`, and below that two bits: whether it says from when, and
    /// until when.
    window: u32,
}

const FROM: u32 = 1;
const UNTIL: u32 = 2;

/// How far back a list is searched for something that it has already.
const RECENT: usize = 8;

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    /// Adds a user.
    pub(super) fn push<'t>(&mut self, profile: Profile<'_>, ties: impl Iterator<Item = TieRef<'t>>) {
        if !self.has_room(profile.id.len()) {
            return self.close(GONE, 0);
        }
        self.text.push_str(profile.id);
        ties.for_each(|tie| self.push_tie(&tie));
        if let Some(attributes) = profile.attributes
            && let Ok(place) = u8::try_from(self.users.len())
        {
            self.attributes.push((place, attributes));
        }
        let flags = if profile.active { ACTIVE } else { 0 } | if profile.sign_in { SIGN_IN } else { 0 };
        self.close(flags, profile.id.len());
    }

    fn close(&mut self, flags: u64, id_length: usize) {
        let id_length = u8::try_from(id_length).unwrap_or(u8::MAX);
        self.users.push(User::new(self.entries.len(), self.text.len(), id_length, flags));
    }

    fn has_room(&self, text: usize) -> bool {
        self.text.len() + text <= MOST_TEXT && self.entries.len() < MOST_ENTRIES
    }

    fn push_tie(&mut self, tie: &TieRef<'_>) {
        let length = u8::try_from(tie.link.len());
        let limit = self.limit_of(tie);
        // An id of such a length no document has, nor a chunk so many limits or links: a link that cannot be
        // told gives nothing.
        let (Ok(length), true) = (length, limit < LIMIT && self.has_room(tie.link.len())) else { return };
        let made = self.made_of(tie.made);
        self.text.push_str(tie.link);
        self.entries.push(Entry { target: tie.target, made, limit: u32::from(length) << 24 | limit });
    }

    fn made_of(&mut self, stamp: u64) -> u32 {
        if self.entries.is_empty() {
            self.epoch = stamp & !REVISION;
        }
        match u32::try_from(stamp & REVISION) {
            Ok(near) if near < FAR && stamp & !REVISION == self.epoch => near,
            _ => {
                self.far.push(stamp);
                FAR | size(self.far.len() - 1)
            }
        }
    }

    fn limit_of(&mut self, tie: &TieRef<'_>) -> u32 {
        let scope = if tie.scope == ResourcePath::TENANT { "" } else { tie.scope };
        if scope.is_empty() && tie.window.is_always() {
            return 0;
        }
        // Paths that differ do so at their ends mostly.
        let end = scope.as_bytes().last();
        let same = |position: &usize| {
            let known = self.scope(*position);
            known.as_bytes().last() == end && known == scope && self.window(*position) == tie.window
        };
        let known = (0..self.limits.len()).rev().take(RECENT).find(same);
        let position = known.unwrap_or_else(|| {
            let (from, until) = (tie.window.from(), tie.window.until());
            let said = from.map_or(0, |_| FROM) | until.map_or(0, |_| UNTIL);
            let window = size(self.times.len()) << 2 | said;
            self.scopes.push_str(scope);
            self.times.extend([from, until].into_iter().flatten().map(|time| time.0));
            self.limits.push(Limit { scope_end: size(self.scopes.len()), window });
            self.limits.len() - 1
        });
        size(position + 1)
    }

    /// The same with other users at some places, or none; the places in order.
    #[inline(never)]
    pub(super) fn with<'e>(&self, edits: impl Iterator<Item = (usize, Option<&'e Person>)>) -> Self {
        let mut chunk = Self::default();
        let mut edits = edits.peekable();
        while chunk.len() < self.len() || edits.peek().is_some_and(|(place, _)| *place >= chunk.len()) {
            let place = chunk.len();
            match edits.next_if(|(edited, _)| *edited == place) {
                Some((_, Some(person))) => chunk.push(person.profile(), person.packed()),
                None if !self.is_gone(place) => chunk.push(self.profile(place), self.ties(place)),
                _ => chunk.close(GONE, 0),
            }
        }
        chunk.shrink();
        chunk
    }

    /// The same with the rows that links lead to by the row and the scope; none where no link leads
    /// elsewhere.
    pub(super) fn redirected(&self, mut row: impl FnMut(u32, &str) -> u32) -> Option<Self> {
        let mut redirected = None;
        for (at, entry) in self.entries.iter().enumerate() {
            let Lead::Row(known) = entry.lead() else { continue };
            let target = entry.target & KIND | row(known, self.scope_of(*entry)) & !KIND;
            if target != entry.target
                && let Some(entry) = redirected.get_or_insert_with(|| self.clone()).entries.get_mut(at)
            {
                entry.target = target;
            }
        }
        redirected
    }

    /// The scopes at which roles are held here, some of them more than once.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        let limited = (0..self.limits.len()).map(|limit| self.scope_of_limit(limit));
        let unlimited = |entry: &Entry| entry.is_unlimited() && matches!(entry.lead(), Lead::Row(_));
        limited.chain(self.entries.iter().any(unlimited).then_some(ResourcePath::TENANT))
    }

    /// Lists the users of whom tables say more than nothing by what some link leads to, in order, each with
    /// the most that they say. Entry by entry, and by tables: what a link leads to cannot be guessed, nor how
    /// many a user has.
    pub(super) fn led<T: Copy + Default + Ord>(&self, tables: Tables<'_, T>, led: &mut Vec<(usize, T)>) {
        let mut place = 0;
        led.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            let (list, position) = entry.listed();
            let said = tables.get(list).and_then(|list| list.get(position)).copied().unwrap_or_default();
            if said == T::default() {
                continue;
            }
            while self.users.get(place).is_some_and(|user| user.entries_end() <= at) {
                place += 1;
            }
            match led.last_mut().filter(|(known, _)| *known == place) {
                Some((_, most)) => *most = said.max(*most),
                None => led.push((place, said)),
            }
        }
    }

    /// What every link leads to.
    pub(super) fn leads(&self) -> impl Iterator<Item = Lead> {
        self.entries.iter().map(|entry| entry.lead())
    }

    pub(super) fn shrink(&mut self) {
        self.users.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.limits.shrink_to_fit();
        self.times.shrink_to_fit();
        self.far.shrink_to_fit();
        self.attributes.shrink_to_fit();
        self.text.shrink_to_fit();
        self.scopes.shrink_to_fit();
    }

    /// Where the user at that place begins, and the user.
    #[inline]
    fn user(&self, place: usize) -> Option<(User, User)> {
        let before = place.checked_sub(1).and_then(|before| self.users.get(before)).copied();
        Some((before.unwrap_or(User::NOBODY), *self.users.get(place)?))
    }

    #[inline]
    fn flags(&self, place: usize) -> u64 {
        self.users.get(place).map_or(GONE, |user| user.flags())
    }

    #[inline]
    pub(super) fn is_active(&self, place: usize) -> bool {
        self.flags(place) & ACTIVE != 0
    }

    pub(super) fn is_gone(&self, place: usize) -> bool {
        self.flags(place) & GONE != 0
    }

    #[inline]
    pub(super) fn id(&self, place: usize) -> &str {
        let Some((before, user)) = self.user(place) else { return "" };
        let start = before.text_end();
        self.text.get(start..start + user.id_length()).unwrap_or_default()
    }

    pub(super) fn attributes(&self, place: usize) -> Option<&Arc<Attributes>> {
        let found = self.attributes.iter().find(|(user, _)| usize::from(*user) == place);
        found.map(|(_, attributes)| attributes)
    }

    #[inline]
    pub(super) fn entries(&self, place: usize) -> &[Entry] {
        let Some((before, user)) = self.user(place) else { return &[] };
        self.entries.get(before.entries_end()..user.entries_end()).unwrap_or_default()
    }

    fn scope(&self, limit: usize) -> &str {
        let before = limit.checked_sub(1).and_then(|before| self.limits.get(before));
        let start = before.map_or(0, |before| before.scope_end as usize);
        let Some(limit) = self.limits.get(limit) else { return "" };
        self.scopes.get(start..limit.scope_end as usize).unwrap_or_default()
    }

    fn window(&self, limit: usize) -> Span {
        let Some(Limit { window, .. }) = self.limits.get(limit) else { return Span::ALWAYS };
        let mut times = self.times.get((window >> 2) as usize..).unwrap_or_default().iter().copied();
        let mut time = |end: u32| if window & end != 0 { times.next().map(Timestamp) } else { None };
        Span::new(time(FROM), time(UNTIL))
    }

    /// The scope of an entry, `/` where it is the tenant.
    fn scope_of(&self, entry: Entry) -> &str {
        entry.limit().map_or(ResourcePath::TENANT, |limit| self.scope_of_limit(limit))
    }

    /// The scope of an entry, if it counts somewhere at that time.
    #[inline]
    pub(super) fn scope_at(&self, entry: Entry, at: Timestamp) -> Option<&str> {
        let Some(limit) = entry.limit() else { return Some(ResourcePath::TENANT) };
        self.window(limit).holds(at).then(|| self.scope_of_limit(limit))
    }

    fn scope_of_limit(&self, limit: usize) -> &str {
        Some(self.scope(limit)).filter(|scope| !scope.is_empty()).unwrap_or(ResourcePath::TENANT)
    }

    /// When an entry was made, packed.
    #[inline]
    pub(super) fn made(&self, entry: Entry) -> u64 {
        match entry.made & FAR {
            0 => self.epoch | u64::from(entry.made),
            _ => self.far.get((entry.made & !FAR) as usize).copied().unwrap_or(u64::MAX),
        }
    }

    /// Whether an entry counts at `resource` and at that time.
    #[inline]
    pub(super) fn counts(&self, entry: Entry, resource: PathRef<'_>, at: Timestamp) -> bool {
        let Some(limit) = entry.limit() else { return true };
        let scope = self.scope(limit);
        limit < self.limits.len()
            && (scope.is_empty() || resource.is_within(scope))
            && self.window(limit).holds(at)
    }

    /// Where and when an entry counts.
    pub(super) fn extent(&self, entry: Entry) -> Extent {
        entry.limit().map_or(Extent::WHOLE, |limit| Extent {
            everywhere: self.scope(limit).is_empty(),
            window: self.window(limit),
        })
    }

    fn profile(&self, place: usize) -> Profile<'_> {
        let flags = self.flags(place);
        Profile {
            id: self.id(place),
            active: flags & ACTIVE != 0,
            sign_in: flags & SIGN_IN != 0,
            attributes: self.attributes(place).cloned(),
        }
    }

    /// The links of a user, as they were added.
    pub(super) fn ties(&self, place: usize) -> impl Iterator<Item = TieRef<'_>> {
        let start = self.user(place).map_or(0, |(before, user)| before.text_end() + user.id_length());
        self.entries(place).iter().scan(start, |start, entry| {
            let length = (entry.limit >> 24) as usize;
            let link = self.text.get(*start..*start + length).unwrap_or_default();
            *start += length;
            Some(TieRef {
                target: entry.target,
                made: self.made(*entry),
                scope: self.scope_of(*entry),
                window: entry.limit().map_or(Span::ALWAYS, |limit| self.window(limit)),
                link,
            })
        })
    }

    /// Whether the user at that place is there the same in `other`.
    pub(super) fn is_same(&self, other: &Self, place: usize) -> bool {
        self.flags(place) == other.flags(place)
            && self.id(place) == other.id(place)
            && self.attributes(place) == other.attributes(place)
            && self.ties(place).eq(other.ties(place))
    }

    /// Everything about a user.
    pub(super) fn person(&self, place: usize) -> Option<Person> {
        if self.is_gone(place) {
            return None;
        }
        let Profile { id, active, sign_in, attributes } = self.profile(place);
        Some(Person {
            id: id.to_owned(),
            active,
            sign_in,
            attributes: attributes.as_deref().cloned().unwrap_or_default(),
            ties: self.ties(place).filter_map(|tie| tie.unpacked()).collect(),
        })
    }

    /// Whether some active user here with a way to sign in holds, by an assignment of one's own at
    /// `/` that has begun and has no end, a row for which `is` holds.
    pub(super) fn any_lasting(&self, now: Timestamp, is: impl Fn(u32) -> bool) -> bool {
        let able = |place: &usize| self.flags(*place) & (ACTIVE | SIGN_IN) == ACTIVE | SIGN_IN;
        let lasts = |entry: &Entry| {
            matches!(entry.lead(), Lead::Row(row) if is(row))
                && self.counts(*entry, PathRef::TENANT, now)
                && self.counts(*entry, PathRef::TENANT, Timestamp(i64::MAX - 1))
        };
        (0..self.users.len()).filter(able).any(|place| self.entries(place).iter().any(lasts))
    }
}

impl Entry {
    #[inline]
    pub(super) fn lead(self) -> Lead {
        lead(self.target)
    }

    /// What it leads to, as the number of a kind of links, in the order of [`LEADS`], and a position.
    #[inline]
    fn listed(self) -> (usize, usize) {
        ((self.target >> 30) as usize, (self.target & !KIND) as usize)
    }

    /// The position of the limit, if there is one.
    #[inline]
    fn limit(self) -> Option<usize> {
        ((self.limit & LIMIT) as usize).checked_sub(1)
    }

    /// Whether it counts everywhere and always.
    #[inline]
    pub(super) fn is_unlimited(self) -> bool {
        self.limit & LIMIT == 0
    }
}

#[inline]
pub(super) fn lead(target: u32) -> Lead {
    match target & KIND {
        MEMBER => Lead::Group(target & !KIND),
        PACKAGE => Lead::Package(target & !KIND),
        _ => Lead::Row(target & !KIND),
    }
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl TieRef<'_> {
    fn unpacked(self) -> Option<Tie> {
        let link = Link { id: self.link.to_owned(), made: unpacked(self.made) };
        let entitled = self.target & KIND == ENTITLEMENT;
        Some(match self.lead() {
            Lead::Group(group) => Tie::Member(group, link),
            Lead::Package(package) => Tie::Package(package, link),
            Lead::Row(row) => Tie::Holds(Held {
                row,
                scope: ResourcePath::parse(self.scope).ok()?,
                window: self.window,
                source: if entitled { Source::Entitlement } else { Source::Direct },
                made: self.made,
                link,
            }),
        })
    }
}
