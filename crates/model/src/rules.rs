//! The rules that every change keeps, each with its own refusal.

use std::collections::BTreeSet;

use crate::actor::{Actor, Window};
use crate::catalogue::PermissionHandle;
use crate::change::{AssignmentEdit, Change};
use crate::console;
use crate::directory::{AssignmentDocument, GroupSource, Principal, Source, Status, UserDocument};
use crate::index::State;
use crate::problem::Problem;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::role::{RoleDocument, RoleKind};
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::subject::Subject;

/// What can be said of a change before it is made: Rolewright's own permissions, and the rules
/// about roles and packages.
pub(crate) fn permit(
    change: &Change,
    state: &State,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let tenant = ResourcePath::tenant();
    let need = |permission: &str, what: &str| match actor.may(state, permission, &tenant, now) {
        true => Ok(()),
        false => Err(Refusal::missing(permission, what)),
    };
    let superuser = |what: &str| match actor.is_superuser(&tenant, Window { now, until: None }) {
        true => Ok(()),
        false => Err(Refusal::new(Code::SuperuserOnly, format!("only a superuser can {what}"))),
    };
    match change {
        Change::CreateRole { role } => {
            need(console::ROLES_MANAGE, "create a role")?;
            if role.base || gives_superuser(state, role) {
                superuser("create a superuser or base role")?;
            }
            Ok(())
        }
        Change::UpdateRole { role } => {
            need(console::ROLES_MANAGE, "edit a role")?;
            let before = role_of(state, &role.id)?;
            built_in(before, "edited")?;
            if role.base != before.base || gives_superuser(state, before) || gives_superuser(state, role) {
                superuser("edit a superuser role, or make one")?;
            }
            Ok(())
        }
        Change::DeleteRole { id } => {
            need(console::ROLES_MANAGE, "delete a role")?;
            let role = role_of(state, id)?;
            built_in(role, "deleted")?;
            if role.base || gives_superuser(state, role) {
                superuser("delete a superuser or base role")?;
            }
            deletable(state, role)
        }
        Change::ReplaceRoleInPackages { .. }
        | Change::CreatePackage { .. }
        | Change::UpdatePackage { .. } => need(console::PACKAGES_MANAGE, "edit packages"),
        Change::DeletePackage { id } => {
            need(console::PACKAGES_MANAGE, "delete a package")?;
            let on = |user: &&UserDocument| user.package.as_ref().is_some_and(|link| link.package == *id);
            match state.documents().directory.users.values().filter(on).count() {
                0 => Ok(()),
                n => Err(Refusal::new(
                    Code::PackageInUse,
                    format!("{n} people are on `{id}`: put them on another package first"),
                )),
            }
        }
        Change::InviteUser { roles, .. } => {
            need(console::USERS_MANAGE, "invite a person")?;
            if !roles.is_empty() {
                need(console::USERS_ASSIGN_ROLES, "give roles with an invitation")?;
            }
            Ok(())
        }
        Change::CreateUser { .. } => need(console::USERS_MANAGE, "add a person"),
        Change::UpdateUser { user } => {
            need(console::USERS_MANAGE, "edit a person")?;
            let changes_email = state
                .documents()
                .directory
                .users
                .get(&user.id)
                .is_some_and(|before| before.email != user.email);
            if changes_email {
                acts_for(state, actor, &user.id, "change the e-mail of", now)?;
            }
            Ok(())
        }
        // Whoever holds the single-use link accepts; the server has checked it and acts for them.
        Change::AcceptInvitation { .. } => match actor {
            Actor::Operator => Ok(()),
            _ => {
                Err(Refusal::new(Code::MissingPermission, "only the person invited can accept an invitation"))
            }
        },
        Change::SetStatus { id, status } => {
            need(console::USERS_MANAGE, "change whether a person is active")?;
            let what = if *status == Status::Disabled { "disable" } else { "activate" };
            acts_for(state, actor, id, what, now)
        }
        Change::DeleteUser { id } => {
            need(console::USERS_MANAGE, "delete a person")?;
            acts_for(state, actor, id, "delete", now)
        }
        Change::SetPackage { .. } => need(console::PACKAGES_MANAGE, "put a person on a package"),
        Change::CreateGroup { .. } => need(console::GROUPS_MANAGE, "create a group"),
        Change::UpdateGroup { group } => {
            need(console::GROUPS_MANAGE, "edit a group")?;
            local(state, &group.id)
        }
        Change::DeleteGroup { id } => {
            need(console::GROUPS_MANAGE, "delete a group")?;
            local(state, id)
        }
        Change::AddMember { group, .. } => {
            need(console::GROUPS_MANAGE, "change who is in a group")?;
            local(state, group)
        }
        Change::RemoveMember { id } => {
            need(console::GROUPS_MANAGE, "change who is in a group")?;
            match state.documents().directory.memberships.get(id) {
                Some(membership) => local(state, &membership.group),
                None => Ok(()),
            }
        }
        Change::Assign { assignment } => {
            assigning(state, actor, &assignment.role, &assignment.scope, assignment.until, now)
        }
        Change::Unassign { id } => match state.documents().directory.assignments.get(id) {
            Some(assignment) => {
                assigning(state, actor, &assignment.role, &assignment.scope, assignment.until, now)
            }
            None => need(console::USERS_ASSIGN_ROLES, "take a role away"),
        },
        Change::UpdateSettings { settings } => {
            need(console::SETTINGS_MANAGE, "change the settings")?;
            if settings.products != state.policy().settings().products {
                superuser("say which products the tenant has")?;
            }
            Ok(())
        }
        Change::UpdateCatalogue { .. } | Change::ImportPolicy { .. } => {
            need(console::SETTINGS_MANAGE, "replace the policy")?;
            superuser("replace the policy")
        }
        Change::Batch { changes } => changes.iter().try_for_each(|change| permit(change, state, actor, now)),
    }
}

/// Giving and taking a role needs the permission where it is given; a superuser role, a superuser.
fn assigning(
    state: &State,
    actor: &Actor<'_>,
    role: &str,
    scope: &str,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let wrong = |message: String| Refusal::invalid(vec![Problem { path: "$.scope".to_owned(), message }]);
    let scope = ResourcePath::parse(scope)
        .map_err(|malformed| wrong(format!("`{}`: {malformed}", scope.escape_debug())))?;
    if !state.catalogue().is_place(&scope) {
        return Err(wrong(format!(
            "`{scope}` is not a place: it leads to no resource type of the catalogue"
        )));
    }
    if !actor.may(state, console::USERS_ASSIGN_ROLES, &scope, now) {
        return Err(Refusal::missing(console::USERS_ASSIGN_ROLES, "give or take roles here"));
    }
    let position = state.policy().role_position(role);
    if position.is_some_and(|position| state.is_superuser(position))
        && !actor.is_superuser(&scope, Window { now, until })
    {
        return Err(Refusal::new(Code::SuperuserOnly, "only a superuser can give or take a superuser role"));
    }
    Ok(())
}

/// Whether it is a superuser role, or inherits one.
fn gives_superuser(state: &State, role: &RoleDocument) -> bool {
    let is_superuser =
        |id: &String| state.policy().role_position(id).is_some_and(|role| state.is_superuser(role));
    role.superuser || role.inherits.iter().any(is_superuser)
}

fn role_of<'s>(state: &'s State, id: &str) -> Result<&'s RoleDocument, Refusal> {
    state.policy().role(id).ok_or_else(|| Refusal::new(Code::Unknown, format!("there is no role `{id}`")))
}

fn built_in(role: &RoleDocument, done: &str) -> Result<(), Refusal> {
    if !role.is_built_in() {
        return Ok(());
    }
    let mut copy = RoleDocument { kind: RoleKind::Custom, base: false, ..role.clone() };
    copy.id = format!("{}_copy", role.id);
    copy.name = format!("Copy of {}", role.name);
    copy.grants.retain(|_, level| !level.is_empty());
    let refusal = Refusal::new(
        Code::BuiltInRole,
        format!("`{}` is built in and cannot be {done}: duplicate it and edit the copy", role.name),
    );
    Err(refusal.with_fix(format!("Duplicate {}", role.name), Some(Change::CreateRole { role: copy })))
}

fn deletable(state: &State, role: &RoleDocument) -> Result<(), Refusal> {
    let packages: Vec<_> = state
        .policy()
        .packages()
        .values()
        .filter(|package| package.roles.iter().any(|link| link.role == role.id))
        .collect();
    if !packages.is_empty() {
        let names: Vec<_> = packages.iter().map(|package| format!("`{}`", package.name)).collect();
        let refusal = Refusal::new(
            Code::RoleInPackage,
            format!("`{}` cannot be deleted while packages carry it: {}", role.name, names.join(", ")),
        );
        let take_out = Change::ReplaceRoleInPackages { role: role.id.clone(), with: None };
        let label = match packages.len() {
            1 => "Take it out of the package".to_owned(),
            n => format!("Take it out of {n} packages"),
        };
        return Err(refusal.with_fix(label, Some(take_out)));
    }
    let heirs: Vec<_> = state
        .policy()
        .roles()
        .iter()
        .filter(|other| other.document().inherits.contains(&role.id))
        .map(|other| format!("`{}`", other.document().name))
        .collect();
    if heirs.is_empty() {
        Ok(())
    } else {
        Err(Refusal::new(
            Code::RoleInherited,
            format!("`{}` cannot be deleted while roles inherit it: {}", role.name, heirs.join(", ")),
        ))
    }
}

fn local(state: &State, group: &str) -> Result<(), Refusal> {
    match state.documents().directory.groups.get(group) {
        Some(group) if group.source == GroupSource::IdentityProvider => Err(Refusal::new(
            Code::OwnedByIdentityProvider,
            format!("`{}` comes from the identity provider: change it there", group.name),
        )),
        _ => Ok(()),
    }
}

/// Who disables, deletes or changes the e-mail of a person, or sees what acts for one, such as the
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
    match first_not_held(state, state, actor, subject, now) {
        None => Ok(()),
        Some(missing) => Err(Refusal {
            permission: (!missing.is_empty()).then(|| missing.clone()),
            ..Refusal::new(
                Code::PersonHoldsMore,
                match missing.as_str() {
                    "" => format!("only a superuser can {what} a superuser"),
                    missing => format!(
                        "to {what} this person you must hold everything they hold: you lack `{missing}`"
                    ),
                },
            )
        }),
    }
}

/// The first permission that `subject` holds in `there`, now or later, and the actor does not
/// hold in `here` at that scope for as long; empty where it is superuser.
fn first_not_held(
    here: &State,
    there: &State,
    actor: &Actor<'_>,
    subject: &Subject,
    now: Timestamp,
) -> Option<String> {
    subject.holdings().iter().filter(|holding| holding.until.is_none_or(|until| until > now)).find_map(
        |holding| {
            let window = Window { now, until: holding.until };
            if there.is_superuser(holding.role) && !actor.is_superuser(&holding.scope, window) {
                return Some(String::new());
            }
            not_held(here, there, actor, holding.role, &holding.scope, window, &|_| Level::NONE)
        },
    )
}

/// The first permission that `role` of `there` grants above `already`, and that the actor does
/// not hold in `here`.
fn not_held(
    here: &State,
    there: &State,
    actor: &Actor<'_>,
    role: usize,
    scope: &ResourcePath,
    window: Window,
    already: &dyn Fn(&str) -> Level,
) -> Option<String> {
    there.catalogue().handles().find_map(|permission| {
        let id = there.catalogue().id(permission);
        let given = there.granted(role, permission);
        if given <= already(id) {
            return None;
        }
        let held = actor.holds(here, id, scope, window);
        (held < given).then(|| id.to_owned())
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
        Change::InviteUser { roles, .. } => roles.iter().try_for_each(|role| given(role, &tenant, for_good)),
        Change::CreatePackage { package } | Change::UpdatePackage { package } => {
            let carried = before.policy().packages().get(&package.id);
            let new = |role: &&String| {
                !carried.is_some_and(|carried| carried.roles.iter().any(|link| link.role == **role))
            };
            package.roles.iter().filter(new).try_for_each(|role| given(role, &tenant, for_good))
        }
        Change::ReplaceRoleInPackages { with: Some(role), .. } => given(role, &tenant, for_good),
        Change::SetPackage { package: Some(package), .. } => {
            let roles = after.policy().packages().get(package).into_iter().flat_map(|package| &package.roles);
            roles.into_iter().try_for_each(|link| given(&link.role, &tenant, for_good))
        }
        Change::AddMember { group, .. } => {
            let above: Vec<&str> = after.groups_above(group).collect();
            let reaching = after.documents().directory.assignments.values().filter(|assignment| {
                matches!(&assignment.principal, Principal::Group(id) if above.contains(&id.as_str()))
                    && assignment.until.is_none_or(|until| until > now)
            });
            let mut reaching = reaching;
            reaching.try_for_each(|assignment| match ResourcePath::parse(&assignment.scope) {
                Ok(scope) => given(&assignment.role, &scope, Window { now, until: assignment.until }),
                Err(_) => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

/// Who invited must still hold what acceptance gives. An invitation by the operator always counts.
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
    let direct = |assignment: &&AssignmentDocument| {
        assignment.principal == Principal::User(user.to_owned()) && assignment.source == Source::Direct
    };
    after.documents().directory.assignments.values().filter(direct).try_for_each(|assignment| {
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

/// A role edit is checked at every scope where the role, or one that inherits it, is held.
fn role_edit(
    before: &State,
    after: &State,
    actor: &Actor<'_>,
    role: &RoleDocument,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(edited) = after.policy().role_position(&role.id) else { return Ok(()) };
    let heirs = after
        .policy()
        .roles()
        .iter()
        .enumerate()
        .filter(|(position, other)| *position == edited || other.inherited.contains(&edited));
    let tenant = ResourcePath::tenant();
    for (position, heir) in heirs {
        let id = &heir.document().id;
        let was = before.policy().role_position(id);
        // What was everything and still is gains nothing.
        if was.is_some_and(|was| before.is_superuser(was)) && after.is_superuser(position) {
            continue;
        }
        let already = |permission: &str| match (was, before.catalogue().handle(permission)) {
            (Some(was), Some(permission)) => before.granted(was, permission),
            _ => Level::NONE,
        };
        let assigned =
            after.documents().directory.assignments.values().filter(|assignment| {
                assignment.role == *id && assignment.until.is_none_or(|until| until > now)
            });
        let mut places: Vec<(ResourcePath, Option<Timestamp>)> = assigned
            .filter_map(|assignment| Some((ResourcePath::parse(&assignment.scope).ok()?, assignment.until)))
            .collect();
        let carried = after
            .policy()
            .packages()
            .values()
            .any(|package| package.roles.iter().any(|link| link.role == *id));
        if carried || after.policy().base == Some(position) {
            places.push((tenant.clone(), None));
        }
        for (scope, until) in places {
            given_role(before, after, actor, id, &scope, Window { now, until }, &already)?;
        }
    }
    Ok(())
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
    if actor.is_superuser(scope, window) {
        return Ok(());
    }
    if after.is_superuser(position) {
        return Err(Refusal::new(Code::SuperuserOnly, "only a superuser can give a superuser role"));
    }
    let escalates = actor.may(before, console::ROLES_ESCALATE, scope, window.now);
    let lifted = |id: &str| escalates && !is_console(after, id);
    let missing = not_held(before, after, actor, position, scope, window, &|id| {
        if lifted(id) { Level(u8::MAX) } else { already(id) }
    });
    match missing {
        None => Ok(()),
        Some(permission) => Err(Refusal {
            permission: Some(permission.clone()),
            ..Refusal::new(
                Code::NotHeld,
                format!(
                    "nobody gives what they do not hold: `{role}` gives `{permission}`, which you do not hold at `{scope}` for as long"
                ),
            )
        }),
    }
}

fn is_console(state: &State, permission: &str) -> bool {
    let handle: Option<PermissionHandle> = state.catalogue().handle(permission);
    handle.and_then(|handle| state.catalogue().module(handle)).is_some_and(|module| module.console)
}

/// The last superuser cannot be lost, by any route.
pub(crate) fn keep_last_superuser(before: &State, after: &State) -> Result<(), Refusal> {
    if superusers(before) > 0 && superusers(after) == 0 {
        return Err(Refusal::new(
            Code::LastSuperuser,
            "this would leave nobody who can administer everything: give the superuser role to another active person first",
        ));
    }
    Ok(())
}

/// Active users able to sign in, with a direct superuser assignment at `/` without an end.
fn superusers(state: &State) -> usize {
    let directory = &state.documents().directory;
    let administers = |assignment: &&AssignmentDocument| {
        let Principal::User(id) = &assignment.principal else { return false };
        let able = |user: &UserDocument| user.status == Status::Active && user.sign_in;
        assignment.scope == "/"
            && assignment.until.is_none()
            && directory.users.get(id).is_some_and(able)
            && state.policy().role_position(&assignment.role).is_some_and(|role| state.is_superuser(role))
    };
    let all = directory.assignments.values().filter(administers);
    all.map(|assignment| &assignment.principal).collect::<BTreeSet<_>>().len()
}
