//! The index: what decisions read, compiled from a policy and a directory.

use std::sync::Arc;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::{Attributes, Facts};
use crate::decide::{Question, Request};
use crate::people::{Extent, Held, People, Person, Span, Tie, UserHandle, packed};
use crate::policy::{NewLinks, Policy};
use crate::resource::{PathRef, ResourcePath};
use crate::rows::Rows;
use crate::scale::Level;
use crate::stamp::{Stamp, Timestamp};
use crate::standing::{Period, Standing};
use crate::subject::{Holding, Link, Subject, Via};

/// What decisions read at one revision: all that a checker holds. Fields are private: an index is
/// always consistent. A copy shares everything.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) at: Stamp,
    pub(crate) policy: Arc<Policy>,
    pub(crate) rows: Rows,
    pub(crate) people: People,
    standing: Standing,
}

/// A level of a permission, and the bit that says that it is held.
#[derive(Clone, Copy)]
struct Wanted {
    permission: PermissionHandle,
    asked: Level,
    bit: u32,
}

/// An index that is being made. What was worked out of an index stands no longer when it is edited:
/// this is how one is edited.
pub(crate) struct Draft {
    pub(crate) at: Stamp,
    pub(crate) policy: Arc<Policy>,
    pub(crate) rows: Rows,
    pub(crate) people: People,
}

impl Draft {
    pub(crate) fn new(at: Stamp, policy: Policy, users: usize) -> Self {
        let rows = Rows::new(&policy);
        Self { at, policy: Arc::new(policy), rows, people: People::new(users) }
    }

    /// Compiles every role anew, and leads what led to the rows of roles as they were `before` to those of
    /// the same roles, or nowhere. Whether there were any. `O(policy + links)`.
    #[inline(never)]
    pub(crate) fn lead_anew(&mut self, before: &Policy) -> bool {
        let policy = &self.policy;
        let mut rows = Rows::new(policy);
        let old = std::mem::take(&mut self.rows);
        // Where there was no row no link led to one.
        let redirected = old.len() > 0;
        if redirected {
            self.people.redirect(&mut |row, scope| {
                let role = policy.role_position(before.role_id(old.get(row)?.role))?;
                rows.intern(policy, role, scope.borrowed())
            });
        }
        self.rows = rows;
        redirected
    }

    /// The index of what was drafted.
    #[inline(never)]
    pub(crate) fn settle(self) -> Index {
        let standing = Standing::new(self.people.places(), self.policy.layout.words());
        let Self { at, policy, rows, people } = self;
        Index { at, policy, rows, people, standing }
    }

    /// The same as [`Draft::settle`], where most is as `before`: what was worked out of users who are
    /// as they were still stands. `O(edits)`.
    #[inline(never)]
    pub(crate) fn settle_beside(self, before: &Index) -> Index {
        let (policy, was) = (&self.policy, &before.policy);
        if !before.standing.has_room(self.people.places())
            || policy.base != was.base
            || !Arc::ptr_eq(&policy.layout, &was.layout)
            || self.rows.differ(&before.rows)
            || self.people.shares_differ(&before.people)
        {
            return self.settle();
        }
        let mut standing = before.standing.renewed();
        self.people.chunks_beside(&before.people).for_each(|chunk| standing.forget(chunk));
        let Self { at, policy, rows, people } = self;
        Index { at, policy, rows, people, standing }
    }
}

impl Index {
    /// What an index that differs from this one is made of.
    pub(crate) fn draft(&self, at: Stamp) -> Draft {
        let Self { policy, rows, people, .. } = self.clone();
        Draft { at, policy, rows, people }
    }

    /// Whether a position of a role, a row, a group or a package here means the same in `other`.
    pub(crate) fn is_numbered_as(&self, other: &Self) -> bool {
        let roles = &other.policy.roles;
        let mut known = self.policy.roles.iter().enumerate();
        known.all(|(at, role)| roles.get(at).is_some_and(|other| other.id == role.id))
            && self.rows.is_numbered_as(&other.rows)
            && self.people.is_numbered_as(&other.people)
    }

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
        let is = |row: u32| self.rows.get(row).is_some_and(|row| row.superuser);
        if self.makes_superusers_as(after) && !self.people.any_lasting_beside(&after.people, now, is) {
            return false;
        }
        self.has_superuser(now) && !after.has_superuser(now)
    }

    /// The ids of the groups that `group` is in, itself first, then the nearest. `O(groups above)`.
    pub fn groups_above(&self, group: &str) -> impl Iterator<Item = &str> {
        let above = self.people.above(group);
        above.into_iter().filter_map(|group| Some(self.people.group(group)?.id.as_str()))
    }

    /// Whether a user may do something at `resource`: the fast way, by handles. The same answer as
    /// [`Index::level_of`] gives. `O(holdings)`.
    #[inline]
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
        self.has(user, Wanted { permission, asked, bit }, resource.borrowed(), request)
    }

    /// As [`Index::allowed`], of a level and its bit. What is asked most, at the tenant, takes a look: the
    /// rest is elsewhere, so that this stays short.
    #[inline]
    fn has(&self, user: UserHandle, wanted: Wanted, resource: PathRef<'_>, request: Request<'_>) -> bool {
        if resource.is_tenant()
            && self.is_of_now(&request)
            && let Some(stands) = self.standing.of(user.0, wanted.bit, request.at)
        {
            return stands;
        }
        self.has_otherwise(user, wanted, resource, request)
    }

    /// Whether every link counts that counts at the time of the request.
    #[inline]
    fn is_of_now(&self, request: &Request<'_>) -> bool {
        request.session.is_none() || !self.waits_for_next_login()
    }

    /// As [`Index::has`], where that takes more than a look.
    #[inline(never)]
    fn has_otherwise(
        &self,
        user: UserHandle,
        wanted: Wanted,
        resource: PathRef<'_>,
        request: Request<'_>,
    ) -> bool {
        if !resource.is_tenant() {
            return self.has_by_links(user, wanted, resource, request);
        }
        let work_out = |chunk| self.work_out(chunk, request.at);
        let reach = || self.standing.worked_out(user.0, wanted.bit, request.at, work_out);
        match self.is_of_now(&request).then(reach).flatten() {
            Some((surely, perhaps)) if surely == perhaps => surely,
            Some(_) => self.has_by_condition(user, wanted, resource, request),
            None => self.has_by_links(user, wanted, resource, request),
        }
    }

    /// As [`Index::has`], link by link.
    fn has_by_links(
        &self,
        user: UserHandle,
        wanted: Wanted,
        resource: PathRef<'_>,
        request: Request<'_>,
    ) -> bool {
        if !self.people.is_active(user) {
            return false;
        }
        let bit = wanted.bit;
        let reaches = |row| self.rows.reaches(row, bit);
        if self.any_row(user, resource, request, reaches) {
            return self.catalogue().has_place(resource);
        }
        self.rows.is_open(bit)
            && self.any_row(user, resource, request, |row| self.rows.can_reach(row, bit))
            && self.has_by_condition(user, wanted, resource, request)
    }

    /// As [`Index::has`], where some condition decides: the long way, unless the permission's own
    /// condition refuses.
    fn has_by_condition(
        &self,
        user: UserHandle,
        wanted: Wanted,
        resource: PathRef<'_>,
        request: Request<'_>,
    ) -> bool {
        let Wanted { permission, asked, .. } = wanted;
        !self.is_refused(user, permission, asked, request)
            && self.resolve(user).is_some_and(|subject| {
                self.level_of(&subject, permission, &resource.into_owned(), request) >= asked
            })
    }

    /// What the users of a chunk reach at a time.
    #[cold]
    fn work_out(&self, chunk: usize, at: Timestamp) -> Period {
        let mut period = Period::new(at, self.policy.layout.words());
        for (place, user) in self.people.of_chunk(chunk).enumerate().filter(|(_, user)| self.is_active(*user))
        {
            let mut see = |row: u32, extent: Extent| {
                if let Some(row) = self.rows.get(row) {
                    period.see(place, extent, &row.reached, row.reachable());
                }
            };
            self.base_row().into_iter().for_each(|row| see(row, Extent::WHOLE));
            self.people.each_row(user, see);
        }
        period
    }

    /// The row that every active user holds.
    #[inline]
    pub(crate) fn base_row(&self) -> Option<u32> {
        self.rows.plain_number(self.policy.base?)
    }

    /// Whether some row that counts for a user is one for which `is` holds. Stops at the first.
    #[inline]
    pub(crate) fn any_row(
        &self,
        user: UserHandle,
        resource: PathRef<'_>,
        request: Request<'_>,
        is: impl Fn(u32) -> bool,
    ) -> bool {
        self.base_row().is_some_and(&is)
            || self.people.any_row(user, resource, request.at, self.session_of(request), is)
    }

    /// The session in which links count, packed; the end of time where every link does.
    #[inline]
    pub(crate) fn session_of(&self, request: Request<'_>) -> u64 {
        request.session.filter(|_| self.waits_for_next_login()).map_or(u64::MAX, packed)
    }

    /// What rows give together by themselves, G of the design.
    pub(crate) fn granted_by_rows(&self, rows: &[u32], permission: PermissionHandle) -> Level {
        let rows = rows.iter().filter_map(|row| self.rows.get(*row));
        rows.map(|row| self.policy.layout.level(&row.granted, permission)).max().unwrap_or_default()
    }

    /// What conditions read of a user, where there is something.
    pub(crate) fn attributes(&self, user: UserHandle) -> Option<&Attributes> {
        self.people.attributes(user)
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
        let Some(permission) = self.catalogue().handle(permission) else { return false };
        let Some(asked) = self.asked(permission, asked) else { return false };
        let Some(bit) = self.policy.layout.bit(permission, asked) else { return false };
        let (Some(user), Ok(resource)) = (self.user(subject), PathRef::parse(resource)) else { return false };
        self.has(user, Wanted { permission, asked, bit }, resource, request)
    }

    /// The level of that name on a permission's scale, its `can` level where none is said.
    fn asked(&self, permission: PermissionHandle, level: Option<&str>) -> Option<Level> {
        let scale = self.catalogue().scale(permission)?;
        level.map_or(Some(scale.can()), |level| scale.level(level))
    }

    /// A user with everything that ties the user to roles. `O(holdings)`.
    #[must_use]
    pub fn resolve(&self, user: UserHandle) -> Option<Subject> {
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
