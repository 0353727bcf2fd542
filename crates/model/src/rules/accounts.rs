//! Who may do what about how a person signs in: others, what an administrator does for them; to the own
//! account, the person alone.

use super::acts_for;
use crate::actor::Actor;
use crate::console;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;
use crate::state::State;

/// Whether the actor may do that for a person: with `users.manage`, holding everything that the person holds;
/// `what` as in "end the sessions of".
pub(super) fn for_a_person(
    state: &State,
    actor: &Actor<'_>,
    user: &str,
    what: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !actor.may(state, console::USERS_MANAGE, &ResourcePath::tenant(), now) {
        return Err(Refusal::missing(console::USERS_MANAGE, &format!("{what} a person")));
    }
    acts_for(state, actor, user, what, now)
}

/// Whether it is the person's own account. Whoever holds a single-use link of theirs acts as the operator: the
/// server has checked it.
pub(super) fn own(actor: &Actor<'_>, user: &str, what: &str) -> Result<(), Refusal> {
    match actor {
        Actor::Operator => Ok(()),
        _ if actor.is_user(user) => Ok(()),
        _ => Err(Refusal::new(
            Code::MissingPermission,
            format!("only the person whose account it is can {what}"),
        )),
    }
}
