//! Nobody gives what they do not hold, by any route; and who acts for a person holds what the
//! person holds.

use std::collections::{BTreeMap, BTreeSet};

use super::at;
use crate::actor::{Actor, Held, Window};
use crate::change::{AssignmentEdit, Change, WindowEdit};
use crate::console;
use crate::directory::{AssignmentDocument, Principal, Source};
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::role::RoleDocument;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;

/// What an actor may give at one place, for one window: what the admin app asks of each checkbox.
/// Made in `O(holdings x permissions)`; each question is one hash.
#[derive(Debug)]
pub struct Giver<'a> {
    state: &'a State,
    scope: &'a ResourcePath,
    is_superuser: bool,
    escalates: bool,
    /// For as long as the window.
    held: Held<'a>,
    /// Now, whenever it ends.
    held_now: Held<'a>,
}

impl<'a> Giver<'a> {
    /// What `actor` may give at `scope` in `state`, until `until` or for good.
    #[must_use]
    pub fn new(
        state: &'a State,
        actor: &'a Actor<'a>,
        scope: &'a ResourcePath,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        Self {
            state,
            scope,
            is_superuser: actor.is_superuser(scope, Window { now, until }),
            escalates: actor.may(state, console::ROLES_ESCALATE, scope, now),
            held: actor.held(state, scope, Window { now, until }),
            held_now: actor.held(state, scope, Window { now, until: Some(now) }),
        }
    }

    /// Whether the actor may give `permission` at `level`: by holding it, by being superuser, or,
    /// for the product's own permissions, by `roles.escalate`.
    ///
    /// # Errors
    /// What the actor does not hold.
    pub fn may_give(&self, permission: &str, level: Level) -> Result<(), Refusal> {
        if self.gives(permission, level) {
            return Ok(());
        }
        Err(self.refusal(permission, level, "you cannot give"))
    }

    pub(super) fn gives(&self, permission: &str, level: Level) -> bool {
        self.is_superuser || self.lifts(permission) || self.held.of(permission) >= level
    }

    fn lifts(&self, permission: &str) -> bool {
        self.escalates && !is_console(self.state, permission)
    }

    pub(super) fn refusal(&self, permission: &str, level: Level, gives: &str) -> Refusal {
        let (name, at) = (self.state.catalogue().permission_name(permission), at(self.scope));
        let why = match self.held_now.of(permission) {
            Level::NONE => format!("you do not hold it {at}"),
            held if held >= level => format!("what you hold of it {at} ends before that"),
            _ => format!("you hold less of it {at}"),
        };
        Refusal {
            permission: Some(permission.to_owned()),
            ..Refusal::new(
                Code::NotHeld,
                format!("nobody gives what they do not hold: {gives} `{name}`, and {why}"),
            )
        }
    }

    /// Whether the actor may give the role at that position of `there`, above what its holders
    /// have `already`.
    fn may_give_role(
        &self,
        there: &State,
        role: usize,
        already: &dyn Fn(&str) -> Level,
    ) -> Result<(), Refusal> {
        if self.is_superuser {
            return Ok(());
        }
        if there.is_superuser(role) {
            return Err(Refusal::new(Code::SuperuserOnly, "only a superuser can give a superuser role"));
        }
        let role_name = there.role_name(there.policy().role_id(role));
        let given = there.policy().given_at(role, self.scope);
        for (handle, level) in there.catalogue().handles().zip(given) {
            let permission = there.catalogue().id(handle);
            if level > already(permission) && !self.gives(permission, level) {
                return Err(self.refusal(permission, level, &format!("`{role_name}` gives")));
            }
        }
        Ok(())
    }
}

/// Who disables, deletes or changes the email of a person, or sees what acts for one, such as the
/// link of an invitation, must hold everything that the person holds or is about to hold. In
/// one's own snapshot, where others are not known, nothing is said.
///
/// # Errors
/// What the actor lacks.
pub fn acts_for(
    state: &State,
    actor: &Actor<'_>,
    user: &str,
    what: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(subject) = state.subject(user).filter(|_| !actor.is_user(user)) else { return Ok(()) };
    match first_not_held(state, actor, &subject, now) {
        None => Ok(()),
        Some(NotHeld::Everything) => {
            let message = format!("only a superuser can {what} a superuser");
            Err(Refusal::new(Code::PersonHoldsMore, message))
        }
        Some(NotHeld::Permission(missing)) => {
            let name = state.catalogue().permission_name(&missing);
            let message =
                format!("to {what} this person you must hold everything they hold: you lack `{name}`");
            Err(Refusal { permission: Some(missing), ..Refusal::new(Code::PersonHoldsMore, message) })
        }
    }
}

/// What somebody holds that an actor does not.
pub(super) enum NotHeld {
    /// Everything: they are a superuser.
    Everything,
    /// A permission, by id.
    Permission(String),
}

/// What `subject` holds first, now or later, that the actor does not hold at that scope for as long.
pub(super) fn first_not_held(
    state: &State,
    actor: &Actor<'_>,
    subject: &Subject,
    now: Timestamp,
) -> Option<NotHeld> {
    let lasting = subject.holdings().iter().filter(|holding| holding.until.is_none_or(|until| until > now));
    lasting.into_iter().find_map(|holding| {
        let window = Window { now, until: holding.until };
        if actor.is_superuser(&holding.scope, window) {
            return None;
        }
        if holding.row.superuser {
            return Some(NotHeld::Everything);
        }
        let held = actor.held(state, &holding.scope, window);
        state.catalogue().handles().find_map(|handle| {
            let permission = state.catalogue().id(handle);
            let is_more = state.granted_by(holding, handle) > held.of(permission);
            is_more.then(|| NotHeld::Permission(permission.to_owned()))
        })
    })
}

/// Nobody grants what they do not hold, by any route. `before` is where the actor's own holdings
/// are read, `after` is where the grant would stand.
pub(crate) fn nobody_grants_what_they_do_not_hold(
    before: &State,
    after: &State,
    change: &Change,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if let Change::AcceptInvitation { id, inviter } = change {
        return accepted(before, after, id, inviter.as_deref(), now);
    }
    if matches!(actor, Actor::Operator) {
        return Ok(());
    }
    let for_good = Window { now, until: None };
    let given = |role: &str| {
        given_role(before, after, actor, role, &ResourcePath::tenant(), for_good, &|_| Level::NONE)
    };
    entitled(before, after).into_iter().try_for_each(given)?;
    gives_what_is_held(before, after, change, actor, now)
}

/// Whether the actor may give what the change itself gives.
fn gives_what_is_held(
    before: &State,
    after: &State,
    change: &Change,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let tenant = ResourcePath::tenant();
    let for_good = Window { now, until: None };
    let given = |role: &str, scope: &ResourcePath, window: Window| {
        given_role(before, after, actor, role, scope, window, &|_| Level::NONE)
    };
    match change {
        Change::CreateRole { role } | Change::UpdateRole { role } => {
            role_edit(before, after, actor, role, now)
        }
        Change::Assign { assignment } => {
            let AssignmentEdit { role, scope, until, .. } = assignment;
            match ResourcePath::parse(scope) {
                Ok(scope) => given(role, &scope, Window { now, until: *until }),
                Err(_) => Ok(()),
            }
        }
        Change::SetWindow { id, window } => match before.documents().directory.assignments.get(id) {
            Some(known) if !window.is_within(WindowEdit::of(known)) => {
                match ResourcePath::parse(&known.scope) {
                    Ok(scope) => given(&known.role, &scope, Window { now, until: window.until }),
                    Err(_) => Ok(()),
                }
            }
            _ => Ok(()),
        },
        Change::InviteUser { roles, .. } => roles.iter().try_for_each(|role| given(role, &tenant, for_good)),
        Change::SetEntitlement { .. } | Change::UpdateSettings { .. } => {
            let (was, is) = (&before.documents().settings, &after.documents().settings);
            is.switched_on(was).try_for_each(|role| given(role, &tenant, for_good))
        }
        Change::CreatePackage { package } | Change::UpdatePackage { package } => {
            let carried = before.policy().package(&package.id);
            let new = |role: &&String| {
                !carried.is_some_and(|carried| carried.roles.iter().any(|link| link.role == **role))
            };
            package.roles.iter().filter(new).try_for_each(|role| given(role, &tenant, for_good))
        }
        Change::ReplaceRoleInPackages { with: Some(role), .. } => given(role, &tenant, for_good),
        Change::SetPackage { package: Some(package), .. } => {
            let roles = after.policy().package(package).into_iter().flat_map(|package| &package.roles);
            roles.into_iter().try_for_each(|link| given(&link.role, &tenant, for_good))
        }
        Change::AddMember { group, .. } => {
            let above: Vec<&str> = after.groups_above(group).collect();
            let reaching = above.into_iter().flat_map(|group| {
                after.assignments_of(&Principal::Group(group.to_owned())).collect::<Vec<_>>()
            });
            let mut reaching = reaching.filter(|known| known.until.is_none_or(|until| until > now));
            reaching.try_for_each(|assignment| match ResourcePath::parse(&assignment.scope) {
                Ok(scope) => given(&assignment.role, &scope, Window { now, until: assignment.until }),
                Err(_) => Ok(()),
            })
        }
        // Everything stands where all of it is put back: a role is given with what it then grants.
        Change::PutBack { .. } if actor.is_superuser(&tenant, for_good) => Ok(()),
        Change::PutBack { documents } => {
            documents.singles(before.documents()).iter().try_for_each(|single| {
                if let Change::CreateUser { user, .. } = single {
                    acts_for(after, actor, &user.id, "bring back", now)?;
                }
                gives_what_is_held(before, after, single, actor, now)
            })
        }
        _ => Ok(()),
    }
}

/// The roles that entitlement switches give by this change: whoever makes a full user gives them.
/// Where everyone is promoted, whoever is new is so by what everyone is given.
fn entitled<'s>(before: &'s State, after: &'s State) -> BTreeSet<&'s str> {
    let (was, is) = (&before.documents().directory, &after.documents().directory);
    let written = was.assignments.diff(&is.assignments).filter_map(|item| match item {
        imbl::ordmap::DiffItem::Add(_, assignment) if assignment.source == Source::Entitlement => {
            Some(assignment)
        }
        _ => None,
    });
    let written: Vec<&AssignmentDocument> = written.collect();
    if written.is_empty() {
        return BTreeSet::new();
    }
    let mut everyone = before.assignments_of(&Principal::Everyone);
    let is_standing = everyone.any(|assignment| before.documents().promotes(&assignment.role));
    let is_new = |assignment: &AssignmentDocument| match &assignment.principal {
        Principal::User(user) => !was.users.contains_key(user),
        _ => false,
    };
    let given = written.into_iter().filter(|assignment| !(is_standing && is_new(assignment)));
    given.map(|assignment| assignment.role.as_str()).collect()
}

/// Who invited must still hold what the invitation gives; what others gave meanwhile, they answered
/// for. An invitation by the operator always counts.
fn accepted(
    before: &State,
    after: &State,
    user: &str,
    inviter: Option<&str>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(inviter) = inviter else { return Ok(()) };
    let gone = || {
        Refusal::new(
            Code::NotHeld,
            "who invited you can no longer give what the invitation gives: ask for a new one",
        )
    };
    let inviter = before.subject(inviter).filter(|inviter| inviter.is_active()).ok_or_else(gone)?;
    let actor = Actor::Subject { state: before, subject: inviter, session: None };
    let invited = before.documents().directory.users.get(user).and_then(|user| user.invited);
    let is_given = |assignment: &&AssignmentDocument| {
        assignment.source == Source::Direct && invited.is_none_or(|invited| assignment.made == invited)
    };
    let user = Principal::User(user.to_owned());
    after.assignments_of(&user).filter(is_given).try_for_each(|assignment| {
        match ResourcePath::parse(&assignment.scope) {
            Ok(scope) => given_role(
                before,
                after,
                &actor,
                &assignment.role,
                &scope,
                Window { now, until: assignment.until },
                &|_| Level::NONE,
            )
            .map_err(|_| gone()),
            Err(_) => Ok(()),
        }
    })
}

/// A role edit is checked at every scope where the role, or one that inherits it, is held or about
/// to be.
fn role_edit(
    before: &State,
    after: &State,
    actor: &Actor<'_>,
    role: &RoleDocument,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(edited) = after.policy().role_position(&role.id) else { return Ok(()) };
    if actor.is_superuser(&ResourcePath::tenant(), Window { now, until: None }) {
        return Ok(());
    }
    let stays_everything = |id: &str, position: usize| {
        let was = before.policy().role_position(id);
        was.is_some_and(|was| before.is_superuser(was)) && after.is_superuser(position)
    };
    let all = after.policy().roles().iter().enumerate();
    let heirs: BTreeMap<&str, usize> = all
        .filter(|(position, other)| *position == edited || other.inherited.contains(&edited))
        // What was everything and still is gains nothing.
        .filter(|(position, other)| !stays_everything(&other.id, *position))
        .map(|(position, other)| (other.id.as_str(), position))
        .collect();
    for ((scope, until), held) in places(after, &heirs, now) {
        let giver = Giver::new(before, actor, &scope, until, now);
        for position in held {
            let was = before.policy().role_position(after.policy().role_id(position));
            let had = was.map(|was| before.policy().given_at(was, &scope)).unwrap_or_default();
            let already = |permission: &str| {
                let handle = before.catalogue().handle(permission);
                handle.and_then(|handle| had.get(handle.0 as usize)).copied().unwrap_or_default()
            };
            giver.may_give_role(after, position, &already)?;
        }
    }
    Ok(())
}

/// A place, and when what is held there ends.
type Place = (ResourcePath, Option<Timestamp>);

/// Where some of these roles, by their ids, are held or about to be, and which of them.
/// `O(assignments)`.
fn places(state: &State, roles: &BTreeMap<&str, usize>, now: Timestamp) -> BTreeMap<Place, BTreeSet<usize>> {
    let mut places: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
    let assigned = state.documents().directory.assignments.values();
    for assignment in assigned.filter(|assignment| assignment.until.is_none_or(|until| until > now)) {
        if let Some(role) = roles.get(assignment.role.as_str())
            && let Ok(scope) = ResourcePath::parse(&assignment.scope)
        {
            places.entry((scope, assignment.until)).or_default().insert(*role);
        }
    }
    let policy = state.policy();
    let carried = policy.packages().values().flat_map(|package| &package.roles).map(|link| &link.role);
    let switched = policy.settings().entitlements.iter().filter(|(_, on)| **on).map(|(role, _)| role);
    let named = carried.chain(switched).filter_map(|role| roles.get(role.as_str()));
    let base = policy.base.iter().filter(|base| roles.values().any(|role| role == *base));
    for role in named.chain(base) {
        places.entry((ResourcePath::tenant(), None)).or_default().insert(*role);
    }
    places
}

/// Whether the actor may give `role` at `scope`, above what its holders have `already`.
fn given_role(
    before: &State,
    after: &State,
    actor: &Actor<'_>,
    role: &str,
    scope: &ResourcePath,
    window: Window,
    already: &dyn Fn(&str) -> Level,
) -> Result<(), Refusal> {
    let Some(position) = after.policy().role_position(role) else { return Ok(()) };
    Giver::new(before, actor, scope, window.until, window.now).may_give_role(after, position, already)
}

fn is_console(state: &State, permission: &str) -> bool {
    let handle = state.catalogue().handle(permission);
    handle.and_then(|handle| state.catalogue().module(handle)).is_some_and(|module| module.console)
}
