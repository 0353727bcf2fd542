//! The index: what decisions read, compiled from a policy and a directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::{Attributes, Facts};
use crate::decide::{Question, Request};
use crate::people::{Ascent, Group, Held, Package, People, Person, Span, Tie, UserHandle, packed};
use crate::policy::{NewLinks, Policy, Role};
use crate::resource::ResourcePath;
use crate::rows::{Bits, Row};
use crate::scale::Level;
use crate::stamp::{Stamp, Timestamp};
use crate::subject::{Holding, Link, Subject, Via};

/// What decisions read at one revision: all that a checker holds. Fields are private: an index is
/// always consistent. A copy shares everything.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) at: Stamp,
    pub(crate) policy: Policy,
    pub(crate) rows: Rows,
    pub(crate) people: People,
}

/// The compiled rows of every role, at the scopes at which it is held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    rows: Vec<Arc<Row>>,
    /// The bits that each row reaches whatever a request says, one row after the other: a check is
    /// one load.
    reached: Arc<Vec<u64>>,
    /// How many words of `reached` a row has.
    words: usize,
    /// Bits that some row reaches where a condition is true, and not otherwise.
    open: Arc<Bits>,
    /// For each role, its row at scopes of no type.
    plain: Vec<u32>,
    /// The rows of roles that ask for the type of the scope.
    typed: Arc<BTreeMap<(usize, Vec<u16>), u32>>,
}

impl Rows {
    pub(crate) fn new(policy: &Policy) -> Self {
        let words = policy.layout.none().0.len();
        let mut rows = Self { words, open: Arc::new(policy.layout.none()), ..Self::default() };
        for position in 0..policy.roles.len() {
            rows.extend(policy, position);
        }
        rows
    }

    /// Compiles the role at the next position.
    fn extend(&mut self, policy: &Policy, role: usize) {
        self.plain.push(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.push(Row::compile(policy, role, &[]));
    }

    fn push(&mut self, row: Row) {
        Arc::make_mut(&mut self.reached).extend(&row.reached.0);
        self.see_open(&row);
        self.rows.push(Arc::new(row));
    }

    fn see_open(&mut self, row: &Row) {
        if let Some(reachable) = &row.reachable {
            Arc::make_mut(&mut self.open).join(&reachable.without(&row.reached));
        }
    }

    /// Whether a row has a bit whatever a request says.
    #[inline]
    pub(crate) fn reaches(&self, row: u32, bit: u32) -> bool {
        let word = self.reached.get(row as usize * self.words + (bit / 64) as usize);
        word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Whether some row has a bit where a condition is true, and not otherwise.
    #[inline]
    pub(crate) fn is_open(&self, bit: u32) -> bool {
        self.open.has(bit)
    }

    /// Whether a row has a bit where every condition is true.
    pub(crate) fn can_reach(&self, row: u32, bit: u32) -> bool {
        self.get(row).is_some_and(|row| row.reachable().has(bit))
    }

    #[inline]
    pub(crate) fn get(&self, row: u32) -> Option<&Arc<Row>> {
        self.rows.get(row as usize)
    }

    /// The row of a role at scopes of no type.
    pub(crate) fn plain(&self, role: usize) -> Option<&Arc<Row>> {
        self.get(*self.plain.get(role)?)
    }

    /// The row of a role at a scope, compiled if it was not yet.
    pub(crate) fn intern(&mut self, policy: &Policy, role: usize, scope: &ResourcePath) -> Option<u32> {
        if scope.is_tenant() || !policy.role(role)?.asks_type {
            return self.plain.get(role).copied();
        }
        let types = policy.types_of(scope);
        if types.is_empty() {
            return self.plain.get(role).copied();
        }
        if let Some(row) = self.typed.get(&(role, types.clone())) {
            return Some(*row);
        }
        let row = u32::try_from(self.rows.len()).ok()?;
        self.push(Row::compile(policy, role, &types));
        Arc::make_mut(&mut self.typed).insert((role, types), row);
        Some(row)
    }

    /// The row of a role at a scope, whether or not anybody holds it there.
    pub(crate) fn at(&self, policy: &Policy, role: usize, scope: &ResourcePath) -> Option<Arc<Row>> {
        let plain = self.plain(role)?;
        if scope.is_tenant() || !policy.role(role)?.asks_type {
            return Some(Arc::clone(plain));
        }
        let types = policy.types_of(scope);
        match self.typed.get(&(role, types.clone())).and_then(|row| self.get(*row)) {
            _ if types.is_empty() => Some(Arc::clone(plain)),
            Some(row) => Some(Arc::clone(row)),
            None => Some(Arc::new(Row::compile(policy, role, &types))),
        }
    }

    /// Compiles anew what roles give that were edited since the policy was as `before`, or that
    /// inherit one that was; roles that came are added. Whether the rows that people's links lead to
    /// stay right: none does where a role's asking for the type of the scope changed.
    pub(crate) fn follow(&mut self, before: &Policy, policy: &Policy) -> bool {
        let same = |position: usize| match (before.roles.get(position), policy.roles.get(position)) {
            (Some(was), Some(is)) => Arc::ptr_eq(was, is),
            _ => false,
        };
        let asks = |policy: &Policy, position: usize| policy.role(position).map(|role| role.asks_type);
        if (0..before.roles.len()).any(|position| asks(before, position) != asks(policy, position)) {
            return false;
        }
        let changed = |(position, role): (usize, &Arc<Role>)| {
            !same(position) || role.inherited.iter().any(|parent| !same(*parent))
        };
        let changed: Vec<bool> = policy.roles.iter().enumerate().map(changed).collect();
        self.recompile(policy, |role| changed.get(role).copied().unwrap_or(true));
        true
    }

    /// Compiles anew what some roles give; roles that came are added.
    fn recompile(&mut self, policy: &Policy, is: impl Fn(usize) -> bool) {
        for position in 0..self.rows.len() {
            let Some(known) = self.rows.get(position).filter(|row| is(row.role)) else { continue };
            let row = Row::compile(policy, known.role, &known.types);
            self.see_open(&row);
            let words = position * self.words..(position + 1) * self.words;
            if let Some(words) = Arc::make_mut(&mut self.reached).get_mut(words) {
                words.copy_from_slice(&row.reached.0);
            }
            if let Some(place) = self.rows.get_mut(position) {
                *place = Arc::new(row);
            }
        }
        for position in self.plain.len()..policy.roles.len() {
            self.extend(policy, position);
        }
    }
}

impl Index {
    /// The revision at which this is so.
    #[must_use]
    pub fn at(&self) -> Stamp {
        self.at
    }

    /// The validated policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The validated catalogue.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.policy.catalogue
    }

    /// The handle of the user of that id, active or not. One hash.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<UserHandle> {
        self.people.find(id)
    }

    /// The id of a user.
    #[must_use]
    pub fn user_id(&self, user: UserHandle) -> &str {
        self.people.id(user)
    }

    /// Every user, active or not, in no order of ids.
    pub fn users(&self) -> impl Iterator<Item = UserHandle> {
        self.people.handles()
    }

    /// Whether a user may do anything at all.
    #[must_use]
    pub fn is_active(&self, user: UserHandle) -> bool {
        self.people.is_active(user)
    }

    /// The subject of that id, active or not, resolved. `O(holdings)`.
    #[must_use]
    pub fn subject(&self, id: &str) -> Option<Subject> {
        self.resolve(self.user(id)?)
    }

    /// Every subject, resolved one at a time, in no order of ids.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.people.handles().filter_map(|user| self.resolve(user))
    }

    /// Whether new links wait for a session begun after them.
    #[must_use]
    pub fn waits_for_next_login(&self) -> bool {
        self.policy.settings.new_links == NewLinks::NextLogin
    }

    /// Whether the tenant has the product that the permission's module needs.
    #[must_use]
    pub fn is_present(&self, permission: PermissionHandle) -> bool {
        let layout = &self.policy.layout;
        layout.bit(permission, Level(1)).is_some_and(|bit| layout.present().has(bit))
    }

    /// What the role at that position gives by itself at scopes of no type, G of the design.
    pub(crate) fn granted(&self, role: usize, permission: PermissionHandle) -> Level {
        self.rows.plain(role).map_or(Level::NONE, |row| self.policy.layout.level(&row.granted, permission))
    }

    /// As [`Index::granted`], with implications and module access, where every condition is true.
    #[must_use]
    pub fn reached(&self, role: usize, permission: PermissionHandle) -> Level {
        self.rows.plain(role).map_or(Level::NONE, |row| self.policy.layout.level(row.reachable(), permission))
    }

    /// What the role at that position gives by itself through an assignment at `scope`, G of the
    /// design.
    pub(crate) fn granted_at(
        &self,
        role: usize,
        scope: &ResourcePath,
        permission: PermissionHandle,
    ) -> Level {
        let row = self.rows.at(&self.policy, role, scope);
        row.map_or(Level::NONE, |row| self.policy.layout.level(&row.granted, permission))
    }

    /// What a holding gives by itself, G of the design.
    pub(crate) fn granted_by(&self, holding: &Holding, permission: PermissionHandle) -> Level {
        self.policy.layout.level(&holding.row.granted, permission)
    }

    /// What a holding gives with implications and module access, where every condition is false.
    pub(crate) fn surely_by(&self, holding: &Holding, permission: PermissionHandle) -> Level {
        self.policy.layout.level(&holding.row.reached, permission)
    }

    /// What a holding gives with implications and module access, where every condition is true.
    pub(crate) fn at_best_by(&self, holding: &Holding, permission: PermissionHandle) -> Level {
        self.policy.layout.level(holding.row.reachable(), permission)
    }

    pub(crate) fn is_superuser(&self, role: usize) -> bool {
        self.policy.role(role).is_some_and(|role| role.gives_superuser)
    }

    /// Whether there is an active user able to sign in, with a superuser assignment of one's own at
    /// `/` that has begun and has no end. Stops at the first.
    pub(crate) fn has_superuser(&self, now: Timestamp) -> bool {
        self.people.any_lasting(now, |row| self.rows.get(row).is_some_and(|row| row.superuser))
    }

    /// Whether there was somebody as [`Index::has_superuser`] says, and there is nobody now.
    /// `O(roles + edits)`, unless a superuser is edited.
    pub(crate) fn loses_superuser(&self, after: &Self, now: Timestamp) -> bool {
        let is = |index: &Self, row: u32| index.rows.get(row).is_some_and(|row| row.superuser);
        let same_rows = (0..self.rows.len().max(after.rows.len())).all(|row| is(self, row) == is(after, row));
        if same_rows && !self.people.any_lasting_beside(&after.people, now, |row| is(self, row)) {
            return false;
        }
        self.has_superuser(now) && !after.has_superuser(now)
    }

    /// The groups that `group` is in, itself included.
    pub(crate) fn groups_above(&self, group: &str) -> impl Iterator<Item = &str> {
        let above = self.people.above(group);
        above.into_iter().filter_map(|group| Some(self.people.group(group)?.id.as_str()))
    }

    /// Whether a user may do something at `resource`: the fast way, by handles. The same answer as
    /// [`Index::level_of`] gives. `O(holdings)`.
    #[must_use]
    pub fn allowed(
        &self,
        user: UserHandle,
        permission: PermissionHandle,
        asked: Level,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> bool {
        let Some(bit) = self.policy.layout.bit(permission, asked) else { return false };
        if !self.people.is_active(user) {
            return false;
        }
        let reaches = |row| self.rows.reaches(row, bit);
        if self.any_row(user, resource, request, reaches) {
            return self.catalogue().is_place(resource);
        }
        // Some condition decides: the long way, unless the permission's own condition refuses.
        self.rows.is_open(bit)
            && self.any_row(user, resource, request, |row| self.rows.can_reach(row, bit))
            && !self.is_refused(user, permission, asked, request)
            && self
                .resolve(user)
                .is_some_and(|subject| self.level_of(&subject, permission, resource, request) >= asked)
    }

    /// Whether some row that counts for a user is one for which `is` holds. Stops at the first.
    #[inline]
    pub(crate) fn any_row(
        &self,
        user: UserHandle,
        resource: &ResourcePath,
        request: Request<'_>,
        is: impl Fn(u32) -> bool,
    ) -> bool {
        let session = match request.session.filter(|_| self.waits_for_next_login()) {
            Some(session) => packed(session),
            None => u64::MAX,
        };
        let base = self.policy.base.and_then(|base| self.rows.plain.get(base));
        base.is_some_and(|row| is(*row)) || self.people.any_row(user, resource, request.at, session, is)
    }

    /// Whether every level that would do has a condition of its own which is false.
    fn is_refused(
        &self,
        user: UserHandle,
        permission: PermissionHandle,
        asked: Level,
        request: Request<'_>,
    ) -> bool {
        let none = Attributes::default();
        let subject = (self.people.id(user), self.people.attributes(user).unwrap_or(&none));
        let facts = Facts::of(subject, request.attributes);
        let Some(known) = self.catalogue().permission(permission) else { return true };
        let mut levels = known.levels.iter().skip(usize::from(asked.0));
        levels.all(|level| level.condition.as_ref().is_some_and(|condition| !condition.holds(&facts)))
    }

    /// Whether the level reaches what is asked: the fast way, by names. The same answer as
    /// [`Index::decide`] gives. Two hashes and `O(holdings)`; at `/` it allocates nothing.
    #[must_use]
    pub fn allows(&self, question: &Question<'_>) -> bool {
        let Question { subject, permission, resource, asked, request } = *question;
        let known = self.user(subject).zip(self.catalogue().handle(permission));
        let Some((user, permission)) = known else { return false };
        let Some(scale) = self.catalogue().scale(permission) else { return false };
        let asked = asked.map_or(Some(scale.can()), |asked| scale.level(asked));
        let Some((asked, resource)) = asked.zip(ResourcePath::parse(resource).ok()) else { return false };
        self.allowed(user, permission, asked, &resource, request)
    }

    /// A user with everything that ties the user to roles.
    pub(crate) fn resolve(&self, user: UserHandle) -> Option<Subject> {
        let Person { id, active, attributes, ties, .. } = self.people.person(user)?;
        let mut holdings = Vec::new();
        for tie in &ties {
            match tie {
                Tie::Holds(held) => {
                    let assignment = held.link.id.clone();
                    let via = match held.source {
                        crate::directory::Source::Entitlement => Via::Entitlement { assignment },
                        _ => Via::Direct { assignment },
                    };
                    holdings.extend(self.holding(held, via, &[]));
                }
                Tie::Member(group, link) => {
                    for (held, ascent) in
                        self.people.group(*group).into_iter().flat_map(|group| &group.reaching)
                    {
                        let ids = ascent.groups.iter().filter_map(|group| self.people.group(*group));
                        let via = Via::Group {
                            assignment: held.link.id.clone(),
                            groups: ids.map(|group| group.id.clone()).collect(),
                        };
                        let links: Vec<Link> = [link].into_iter().chain(&ascent.links).cloned().collect();
                        holdings.extend(self.holding(held, via, &links));
                    }
                }
                Tie::Package(..) => {}
            }
        }
        for held in &*self.people.everyone {
            holdings.extend(self.holding(held, Via::Everyone { assignment: held.link.id.clone() }, &[]));
        }
        for tie in &ties {
            let Tie::Package(package, link) = tie else { continue };
            let Some(package) = self.people.package(*package) else { continue };
            for held in &package.carried {
                holdings.extend(self.holding(
                    held,
                    Via::Package { package: package.id.clone() },
                    std::slice::from_ref(link),
                ));
            }
        }
        holdings.extend(self.base_holding());
        Some(Subject { id, active, attributes, holdings })
    }

    fn holding(&self, held: &Held, via: Via, before: &[Link]) -> Option<Holding> {
        let row = Arc::clone(self.rows.get(held.row)?);
        Some(Holding {
            role: row.role,
            row,
            scope: held.scope.clone(),
            from: held.window.from(),
            until: held.window.until(),
            via,
            links: before.iter().chain([&held.link]).cloned().collect(),
        })
    }

    /// A holding that no link of the directory says: a pass does, or a question about a role.
    pub(crate) fn holding_of(
        &self,
        role: usize,
        scope: ResourcePath,
        (from, until): (Option<Timestamp>, Option<Timestamp>),
        links: Vec<Link>,
    ) -> Option<Holding> {
        let row = self.rows.at(&self.policy, role, &scope)?;
        Some(Holding { role, row, scope, from, until, via: Via::Untold, links })
    }

    /// The base role, as every active user holds it.
    pub(crate) fn base_holding(&self) -> Option<Holding> {
        let role = self.policy.base?;
        Some(Holding {
            role,
            row: Arc::clone(self.rows.plain(role)?),
            scope: ResourcePath::tenant(),
            from: None,
            until: None,
            via: Via::Base,
            links: Vec::new(),
        })
    }
}

impl People {
    pub(crate) fn group(&self, group: u32) -> Option<&Group> {
        self.groups.get(group as usize)?.as_deref()
    }

    /// The group at that position, to be edited.
    pub(crate) fn group_mut(&mut self, group: u32) -> Option<&mut Group> {
        self.groups.get_mut(group as usize)?.as_mut().map(Arc::make_mut)
    }

    /// Enters a package, in the place of the one of that id, if there is one.
    pub(crate) fn set_package(&mut self, package: Package) {
        let next = u32::try_from(self.packages.len()).unwrap_or(u32::MAX);
        let position = self.package_positions.get(&package.id).copied().unwrap_or(next);
        if position == next {
            Arc::make_mut(&mut self.package_positions).insert(package.id.clone(), next);
            self.packages.push(None);
        }
        if let Some(place) = self.packages.get_mut(position as usize) {
            *place = Some(Arc::new(package));
        }
    }

    pub(crate) fn package(&self, package: u32) -> Option<&Package> {
        self.packages.get(package as usize)?.as_deref()
    }

    /// The position of the group of that id, given out now if there is none.
    pub(crate) fn place_group(&mut self, id: &str) -> u32 {
        if let Some(position) = self.group_positions.get(id) {
            return *position;
        }
        let position = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        Arc::make_mut(&mut self.group_positions).insert(id.to_owned(), position);
        let (own, parents, reaching) = (Vec::new(), Vec::new(), Vec::new());
        self.groups.push(Some(Arc::new(Group { id: id.to_owned(), own, parents, reaching })));
        position
    }

    /// The groups that a group is in, itself first.
    pub(crate) fn above(&self, group: &str) -> Vec<u32> {
        let mut above: Vec<u32> = self.group_positions.get(group).copied().into_iter().collect();
        let mut next = 0;
        while let Some(group) = above.get(next).and_then(|group| self.group(*group)) {
            next += 1;
            let new: Vec<u32> = group.parents.iter().map(|(parent, _)| *parent).collect();
            for parent in new {
                if !above.contains(&parent) {
                    above.push(parent);
                }
            }
        }
        above
    }

    /// Works out what reaches the members of a group: for itself and each group above it one way
    /// up, the one whose newest link is oldest, for it counts whenever another does; of those the
    /// shortest. `O(groups above x log)`, however many ways there are. Whether the group is in
    /// itself, in which case it is named by the link that closes the cycle.
    pub(crate) fn ascend(&mut self, group: u32) -> Option<Link> {
        let mut cycle = None;
        let mut found: BTreeMap<&str, Ascent> = BTreeMap::new();
        let start = self.group(group)?;
        let mut open = BTreeMap::from([(
            (Stamp::default(), 0, start.id.as_str()),
            Ascent { groups: vec![group], links: Vec::new() },
        )]);
        while let Some(((newest, length, top), ascent)) = open.pop_first() {
            if found.contains_key(top) {
                continue;
            }
            let parents = ascent.groups.last().and_then(|top| self.group(*top)).map(|top| &top.parents);
            for (parent, link) in parents.into_iter().flatten() {
                let Some(above) = self.group(*parent) else { continue };
                if *parent == group {
                    cycle = Some(link.clone());
                }
                let mut next = ascent.clone();
                next.groups.push(*parent);
                next.links.push(link.clone());
                open.entry((newest.max(link.made), length + 1, above.id.as_str())).or_insert(next);
            }
            found.insert(top, ascent);
        }
        let mut reaching = Vec::new();
        for ascent in found.into_values().map(Arc::new) {
            let newest = ascent.links.iter().map(|link| packed(link.made)).max().unwrap_or_default();
            let own = ascent.groups.last().and_then(|top| self.group(*top)).map(|top| &top.own);
            for held in own.into_iter().flatten() {
                reaching.push((Held { made: held.made.max(newest), ..held.clone() }, Arc::clone(&ascent)));
            }
        }
        if let Some(Some(place)) = self.groups.get_mut(group as usize)
            && place.reaching != reaching
        {
            Arc::make_mut(place).reaching = reaching;
        }
        cycle
    }
}

/// A role held through an assignment or by a package.
pub(crate) fn held(
    row: u32,
    scope: ResourcePath,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    source: crate::directory::Source,
    link: Link,
) -> Held {
    Held { row, scope, window: Span::new(from, until), source, made: packed(link.made), link }
}
