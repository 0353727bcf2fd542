//! The rules that every change keeps, each with its own refusal.

mod accounts;
mod duties;
mod giving;
mod keys;
mod restoring;
mod viewing;

use crate::actor::{Actor, Window};
use crate::change::{AssignmentEdit, Change, WindowEdit};
use crate::console;
use crate::counted;
use crate::directory::{GroupSource, Principal, Source, Status, UserDocument};
use crate::problem::Problem;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::role::{RoleDocument, RoleKind};
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Subject, Via};

pub use self::duties::broken_by_new_rules;
pub(crate) use self::duties::{held_of, keep_duties_apart, makes_room, most};
pub(crate) use self::giving::nobody_grants_what_they_do_not_hold;
pub use self::giving::{Giver, acts_for};
pub use self::keys::{
    KeyGrant, may_change_key, may_edit_key, may_end_key, may_make_key, may_renew_key, place,
};

/// What it takes the permission to assign roles for: said alike of an assignment that lies elsewhere and of one that is not there.
const GIVE_OR_TAKE: &str = "give or take roles here";

/// What can be said of a change, or of a part of a batch, before it is made: Rolewright's own permissions, and the rules
/// about roles and packages.
pub(crate) fn permit(
    change: &Change,
    state: &State,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if matches!(actor, Actor::Viewer { .. }) {
        return Err(Refusal::viewing());
    }
    let tenant = ResourcePath::tenant();
    let need = |permission: &str, what: &str| match actor.may(state, permission, &tenant, now) {
        true => Ok(()),
        false => Err(actor.lacks(state, permission, what, now)),
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
                    format!(
                        "{} on `{}`: put them on another package first",
                        counted(n, "person is", "people are"),
                        state.package_name(id)
                    ),
                )),
            }
        }
        Change::InviteUser { roles, .. } => {
            need(console::USERS_MANAGE, "invite a person")?;
            if !roles.is_empty() {
                need(console::USERS_ASSIGN_ROLES, "give roles with an invitation")?;
            }
            let mut roles = roles.iter().enumerate();
            roles.try_for_each(|(n, role)| counts_there(state, role, &tenant, &format!("$.roles[{n}]")))
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
                accounts::email_of_another(actor, &user.id)?;
                acts_for(state, actor, &user.id, "change the email of", now)?;
            }
            Ok(())
        }
        Change::SetProviderRecord { id, before, after } => {
            need(console::USERS_MANAGE, "edit a person")?;
            match before.names_as(after) {
                true => Ok(()),
                false => acts_for(state, actor, id, "change the `userName` or `externalId` of", now),
            }
        }
        Change::SetName { id, .. } => accounts::own(actor, id, "change its name"),
        Change::SetEmail { id, .. } => {
            accounts::own(actor, id, "change its email with a proof")?;
            need(console::USERS_MANAGE, "change your email")
        }
        Change::SetAttributes { id, .. } => {
            need(console::USERS_MANAGE, "edit a person")?;
            if actor.may_be(id) && !actor.is_superuser(&tenant, Window { now, until: None }) {
                return Err(Refusal::new(
                    Code::OwnAttributes,
                    "nobody edits the attributes of their own, which conditions read, by a key of theirs neither: ask another administrator",
                ));
            }
            acts_for(state, actor, id, "change the attributes of", now)
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
        Change::CreateGroup { group } => {
            need(console::GROUPS_MANAGE, "create a group")?;
            local(actor, group.source, &group.name)
        }
        Change::UpdateGroup { group } => {
            need(console::GROUPS_MANAGE, "edit a group")?;
            local_group(state, actor, &group.id)
        }
        Change::DeleteGroup { id } => {
            need(console::GROUPS_MANAGE, "delete a group")?;
            local_group(state, actor, id)?;
            leaving(state, actor, id, now)
        }
        Change::AddMember { group, .. } => {
            need(console::GROUPS_MANAGE, "change who is in a group")?;
            local_group(state, actor, group)
        }
        Change::RemoveMember { id } => {
            need(console::GROUPS_MANAGE, "change who is in a group")?;
            match state.documents().directory.memberships.get(id) {
                Some(membership) => {
                    local_group(state, actor, &membership.group)?;
                    leaving(state, actor, &membership.group, now)
                }
                None => Ok(()),
            }
        }
        Change::Assign { assignment } => {
            let AssignmentEdit { principal, role, scope, source, until, .. } = assignment;
            assigning(state, actor, role, scope, *until, now)?;
            written_by_hand(*source, principal)?;
            match ResourcePath::parse(scope) {
                Ok(scope) => counts_there(state, role, &scope, "$.scope"),
                Err(_) => Ok(()),
            }
        }
        Change::SetWindow { id, window } => match state.documents().directory.assignments.get(id) {
            Some(assignment) => {
                // Who may give it for the one and take it for the other.
                let longer = assignment.until.zip(window.until).map(|(was, is)| was.max(is));
                assigning(state, actor, &assignment.role, &assignment.scope, longer, now)?;
                match window.is_within(WindowEdit::of(assignment)) {
                    true => Ok(()),
                    false => written_by_hand(assignment.source, &assignment.principal),
                }
            }
            None => need(console::USERS_ASSIGN_ROLES, GIVE_OR_TAKE),
        },
        Change::Unassign { id } => match state.documents().directory.assignments.get(id) {
            Some(assignment) => {
                assigning(state, actor, &assignment.role, &assignment.scope, assignment.until, now)
            }
            None => need(console::USERS_ASSIGN_ROLES, GIVE_OR_TAKE),
        },
        // Who could take it away says that it stays; of a superuser role, others too, since nothing is given or taken.
        Change::KeepAssignment { id } => match state.documents().directory.assignments.get(id) {
            Some(assignment) => may_assign(state, actor, &place(state, &assignment.scope)?, now),
            None => need(console::USERS_ASSIGN_ROLES, GIVE_OR_TAKE),
        },
        Change::UpdateSettings { settings } => {
            need(console::SETTINGS_MANAGE, "change the settings")?;
            if settings.products != state.policy().settings().products {
                superuser("say which products the tenant has")?;
            }
            match settings.switched_on(state.policy().settings()).next() {
                Some(_) => need(console::USERS_ASSIGN_ROLES, "turn an entitlement on"),
                None => Ok(()),
            }
        }
        Change::SetEntitlement { on, .. } => {
            need(console::SETTINGS_MANAGE, "turn an entitlement on or off")?;
            match on {
                true => need(console::USERS_ASSIGN_ROLES, "turn an entitlement on"),
                false => Ok(()),
            }
        }
        Change::UpdateTests { .. } | Change::RemoveTestsOfRole { .. } => {
            need(console::ROLES_MANAGE, "edit the policy tests")
        }
        Change::UpdateCatalogue { .. } | Change::ImportPolicy { .. } => {
            need(console::SETTINGS_MANAGE, "replace the policy")?;
            superuser("replace the policy")
        }
        Change::PutBack { documents } => restoring::permit(documents, state, actor, now),
        Change::MakeKey { key } => {
            let scope = place(state, &key.scope)?;
            may_make_key(state, actor, &key.name, key.grant(&scope), now)
        }
        Change::UpdateKey { before, key } => may_edit_key(state, actor, before, key, now),
        Change::RenewKey { key, .. } => may_renew_key(state, actor, key.grant(&key.place()), now),
        Change::EndKey { key, keeper } => may_end_key(state, actor, &key.place(), keeper.as_deref(), now),
        Change::SendInvitation { id } | Change::RevokeInvitation { id } => {
            accounts::for_a_person(state, actor, id, "invite", now)
        }
        Change::StartPasswordReset { id } => {
            accounts::for_a_person(state, actor, id, "reset the password of", now)
        }
        Change::ResetSecondFactor { id } => {
            accounts::for_a_person(state, actor, id, "reset the second factor of", now)
        }
        Change::EndSessions { id, .. } => {
            accounts::for_a_person(state, actor, id, "end the sessions of", now)
        }
        Change::SetPassword { id } => accounts::own(actor, id, "set its password"),
        Change::TurnOnSecondFactor { id } => accounts::own(actor, id, "turn its second factor on"),
        Change::TurnOffSecondFactor { id } => accounts::turn_off_second_factor(state, actor, id, now),
        Change::ReplaceSecondFactor { id } => accounts::own(actor, id, "replace its second factor"),
        Change::RenewRecoveryCodes { id } => accounts::own(actor, id, "make its recovery codes anew"),
        Change::EndOtherSessions { id, .. } => accounts::own(actor, id, "end its other sessions"),
        Change::ViewAs { whom, .. } => viewing::view_as(state, actor, whom, now),
        // By who does it, of their own session, which the server has found.
        Change::EndViewAs { .. } => Ok(()),
        // Its parts are asked one by one.
        Change::Batch { .. } => Ok(()),
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
    let scope = place(state, scope)?;
    may_assign(state, actor, &scope, now)?;
    let position = state.policy().role_position(role);
    if position.is_some_and(|position| state.is_superuser(position))
        && !actor.is_superuser(&scope, Window { now, until })
    {
        return Err(Refusal::new(Code::SuperuserOnly, "only a superuser can give or take a superuser role"));
    }
    Ok(())
}

fn may_assign(state: &State, actor: &Actor<'_>, scope: &ResourcePath, now: Timestamp) -> Result<(), Refusal> {
    match actor.may(state, console::USERS_ASSIGN_ROLES, scope, now) {
        true => Ok(()),
        false => Err(actor.lacks(state, console::USERS_ASSIGN_ROLES, GIVE_OR_TAKE, now)),
    }
}

/// What a switch writes nobody else writes.
fn written_by_hand(source: Source, principal: &Principal) -> Result<(), Refusal> {
    let message = match source {
        Source::Entitlement => {
            "an entitlement is written by its switch: turn that on, or give the role directly"
        }
        Source::AutoAssign if *principal != Principal::Everyone => {
            "what is assigned by itself is assigned to everyone: give the role directly"
        }
        Source::Direct | Source::AutoAssign => return Ok(()),
    };
    Err(Refusal::invalid(vec![Problem { path: "$.source".to_owned(), message: message.to_owned() }]))
}

/// A space role is given where it counts: at a resource of one of its types.
fn counts_there(state: &State, role: &str, scope: &ResourcePath, path: &str) -> Result<(), Refusal> {
    let policy = state.policy();
    let Some((position, known)) =
        policy.role_position(role).and_then(|position| Some((position, policy.role(position)?)))
    else {
        return Ok(());
    };
    if policy.counts_at(position, scope) {
        return Ok(());
    }
    let types = state.catalogue().resource_types();
    let kinds = known.scope_types.iter().filter_map(|kind| types.get(usize::from(*kind)));
    let places: Vec<String> = kinds.map(|kind| format!("`{}`", kind.pattern())).collect();
    let (role, at, places) = (state.role_name(role), at(scope), places.join(" or "));
    let message = format!("`{role}` does not count {at}: give it at {places}");
    Err(Refusal::invalid(vec![Problem { path: path.to_owned(), message }]))
}

/// Whether it is a superuser role, or inherits one.
fn gives_superuser(state: &State, role: &RoleDocument) -> bool {
    let is_superuser =
        |id: &String| state.policy().role_position(id).is_some_and(|role| state.is_superuser(role));
    role.superuser || role.inherits.iter().any(is_superuser)
}

/// Where something is held, as a person says it.
pub(crate) fn at(scope: &ResourcePath) -> String {
    if scope.is_tenant() { "for the whole tenant".to_owned() } else { format!("at `{scope}`") }
}

fn role_of<'s>(state: &'s State, id: &str) -> Result<&'s RoleDocument, Refusal> {
    state.role(id).ok_or_else(|| Refusal::new(Code::Unknown, format!("there is no role `{id}`")))
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
    let own = state.policy().role_position(&role.id);
    let heirs: Vec<_> = state
        .policy()
        .roles()
        .iter()
        .filter(|other| own.is_some_and(|own| other.inherits.contains(&own)))
        .map(|other| format!("`{}`", state.role_name(other.id())))
        .collect();
    if !heirs.is_empty() {
        return Err(Refusal::new(
            Code::RoleInherited,
            format!("`{}` cannot be deleted while roles inherit it: {}", role.name, heirs.join(", ")),
        ));
    }
    let settings = state.policy().settings();
    match settings.separation.iter().find(|rule| rule.roles.contains(&role.id)) {
        None => Ok(()),
        Some(rule) => Err(Refusal::new(
            Code::SeparationOfDuty,
            format!(
                "`{}` cannot be deleted while `{}` names it: take it out of that rule first",
                role.name, rule.name
            ),
        )),
    }
}

/// What the identity provider owns only who acts for it edits: the operator, and a key that says so.
fn local_group(state: &State, actor: &Actor<'_>, group: &str) -> Result<(), Refusal> {
    let known = state.documents().directory.groups.get(group);
    known.map_or(Ok(()), |group| local(actor, group.source, &group.name))
}

/// As [`local_group`], of a group of that source and name.
fn local(actor: &Actor<'_>, source: GroupSource, name: &str) -> Result<(), Refusal> {
    match (source, actor) {
        (
            GroupSource::IdentityProvider,
            Actor::Subject { .. } | Actor::Viewer { .. } | Actor::Key { for_provider: false, .. },
        ) => Err(Refusal::new(
            Code::OwnedByIdentityProvider,
            format!("`{name}` comes from the identity provider: change it there"),
        )),
        _ => Ok(()),
    }
}

/// Who leaves a group loses what it and the groups above it hold; a superuser role, by a superuser
/// alone.
fn leaving(state: &State, actor: &Actor<'_>, group: &str, now: Timestamp) -> Result<(), Refusal> {
    let above: Vec<&str> = state.groups_above(group).collect();
    let mut lost = above.into_iter().flat_map(|group| {
        let principal = Principal::Group(group.to_owned());
        state.assignments_of(&principal).collect::<Vec<_>>()
    });
    lost.try_for_each(|assignment| {
        let is_superuser =
            state.policy().role_position(&assignment.role).is_some_and(|role| state.is_superuser(role));
        let until = assignment.until;
        if !is_superuser || until.is_some_and(|until| until <= now) {
            return Ok(());
        }
        let is_within = |scope| actor.is_superuser(&scope, Window { now, until });
        match ResourcePath::parse(&assignment.scope).is_ok_and(is_within) {
            true => Ok(()),
            false => Err(Refusal::new(
                Code::SuperuserOnly,
                format!(
                    "`{}` gives the superuser role `{}`: only a superuser can take it away",
                    state.group_name(group),
                    state.role_name(&assignment.role)
                ),
            )),
        }
    })
}

/// The last superuser cannot be lost, by any route.
pub(crate) fn keep_last_superuser(before: &State, after: &State, now: Timestamp) -> Result<(), Refusal> {
    if before.loses_superuser(after, now) {
        return Err(Refusal::new(
            Code::LastSuperuser,
            format!("this would leave nobody who can administer everything: {}", what_keeps_one(after, now)),
        ));
    }
    Ok(())
}

/// What has to be done first: by whom else is a superuser and does not count, where there are some. `O(users x holdings)`.
fn what_keeps_one(after: &State, now: Timestamp) -> String {
    let (mut without_password, mut otherwise) = (0_usize, 0_usize);
    for subject in after.subjects().filter(Subject::is_active) {
        let held = subject.holdings().iter().filter(|holding| after.is_superuser(holding.role));
        let mut held = held.filter(|holding| holding.until.is_none_or(|until| until > now)).peekable();
        let is_one = held.peek().is_some();
        let is_lasting = held.any(|holding| {
            let is_own = matches!(holding.via, Via::Direct { .. } | Via::Entitlement { .. });
            is_own && holding.scope.is_tenant() && holding.in_window(now) && holding.until.is_none()
        });
        without_password += usize::from(is_lasting);
        otherwise += usize::from(is_one && !is_lasting);
    }
    let others = |number| counted(number, "other superuser", "other superusers");
    match (without_password, otherwise) {
        (0, 0) => "give the superuser role to another active person who has a password first".to_owned(),
        (0, 1) => "the other superuser is one through a group, at one place or for a time: assign them the role itself, everywhere \
            and for good, first"
            .to_owned(),
        (0, many) => format!(
            "the {} are so through a group, at one place or for a time: assign one of them the role itself, everywhere and for \
            good, first",
            others(many)
        ),
        (1, _) => "1 other superuser has no password: have them set one first".to_owned(),
        (many, _) => format!("{} have no password: have one of them set one first", others(many)),
    }
}
