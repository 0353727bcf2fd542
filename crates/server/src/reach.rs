//! Whom a change reaches, made or not: who gains and loses what.

use rolewright_model::change::{Kind, Write};
use rolewright_model::diff::{Counted, diff_to_come};
use rolewright_model::directory::Status;
use rolewright_model::held::Effect;
use rolewright_model::{Actor, Change, Context, State, Timestamp, console};
use rolewright_wire::reach::{MOST_NAMED, Reach, Reached, ReachedPermission};

/// What of a reach somebody is told by name: what they may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    people: bool,
    permissions: bool,
}

impl Names {
    /// By which kinds of documents they may see.
    #[must_use]
    pub fn of(sees: impl Fn(Kind) -> bool) -> Self {
        Self { people: sees(Kind::User), permissions: sees(Kind::Catalogue) }
    }
}

/// The state in which everybody has accepted whom those writes invite, for until then they hold nothing; none where nobody is invited.
/// Who could not accept, for a rule is against it by then, is invited still. `O(invited)`.
#[must_use]
pub fn once_accepted(state: &State, writes: &[Write], context: &Context) -> Option<State> {
    let is_invited = |write: &&Write| {
        let status = write.after.as_ref().and_then(|user| user.get("status")?.as_str());
        write.kind == Kind::User && write.before.is_none() && status == Some(Status::Invited.as_str())
    };
    let mut accepted = None;
    for (n, write) in writes.iter().filter(is_invited).enumerate() {
        let accept = Change::AcceptInvitation { id: write.id.clone(), inviter: None };
        let context = Context { now: context.now, id: format!("{}.accepted.{n}", context.id) };
        let before = accepted.as_ref().unwrap_or(state);
        if let Ok(outcome) = before.change(&accept, &Actor::Operator, &context) {
            accepted = Some(outcome.state);
        }
    }
    accepted
}

/// Whom a change from `before` to `after` reaches, now or else from when on, with these names. As [`diff_to_come`] costs.
#[must_use]
pub fn reach(before: &State, after: &State, names: Names, now: Timestamp) -> Reach {
    let (found, from) = diff_to_come(before, after, now);
    let count = |effect: Effect| {
        let has = |differences: &[_]| {
            let mut differences = differences.iter();
            differences.any(|difference: &rolewright_model::diff::Difference| difference.effect == effect)
        };
        found.users.iter().filter(|(_, differences)| has(differences)).count()
    };
    let name = |id: &str| {
        let known = [after, before].into_iter().find_map(|state| state.documents().directory.users.get(id));
        known.map(rolewright_model::directory::UserDocument::display_name).unwrap_or_default()
    };
    let named = found.users.iter().take(if names.people { MOST_NAMED } else { 0 });
    let people = named.map(|(user, differences)| Reached {
        user: user.clone(),
        name: name(user),
        differences: differences.to_vec(),
    });
    let is_active = |id: &str| after.user(id).is_some_and(|user| after.is_active(user));
    let made = found.superusers.iter().take(if names.people { MOST_NAMED } else { 0 });
    Reach {
        from,
        all: found.users.len(),
        gain: count(Effect::Gain),
        lose: count(Effect::Lose),
        may_differ: count(Effect::MayDiffer),
        promoted: found.promoted,
        superusers: found.superusers.len(),
        inactive_superusers: found.superusers.iter().filter(|id| !is_active(id)).count(),
        made_superusers: made.map(|id| name(id)).collect(),
        people: people.collect(),
        permissions: found
            .summary
            .into_iter()
            .map(|counted| permission(before, after, names, counted))
            .collect(),
    }
}

/// A permission by the name that it has, or had.
fn permission(before: &State, after: &State, names: Names, counted: Counted) -> ReachedPermission {
    let Counted { permission, gain, lose, may_differ } = counted;
    let own = console::name(&permission);
    let privileged = own.is_some();
    let known = [after, before].into_iter().find(|state| state.catalogue().handle(&permission).is_some());
    let name = match known.filter(|_| names.permissions) {
        Some(state) => state.catalogue().permission_name(&permission),
        None => own.unwrap_or_else(|| permission.clone()),
    };
    ReachedPermission { permission, name, privileged, gain, lose, may_differ }
}
