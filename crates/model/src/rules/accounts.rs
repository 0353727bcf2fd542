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
        return Err(actor.lacks(state, console::USERS_MANAGE, &format!("{what} a person"), now));
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

/// Whether it is another's email. With one's own whoever has the session would reset the password, so it takes the proof of
/// [`SetEmail`](crate::Change::SetEmail), of a key that the person was told too.
pub(super) fn email_of_another(actor: &Actor<'_>, user: &str) -> Result<(), Refusal> {
    if !actor.may_be(user) {
        return Ok(());
    }
    let message = "one's own email is changed with the password, and a code where the second factor is on: on your account's page, \
                   by `PUT /session/email`; or another administrator changes it";
    Err(Refusal::new(Code::OwnEmail, message))
}

/// Whether the person may go without a second factor. It is replaced by another, or an administrator resets it.
pub(super) fn turn_off_second_factor(
    state: &State,
    actor: &Actor<'_>,
    user: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    own(actor, user, "turn its second factor off")?;
    if !state.needs_second_factor(user, now) {
        return Ok(());
    }
    let message =
        "this place asks for a second factor of you: replace it by another instead of turning it off";
    Err(Refusal::new(Code::SecondFactorRequired, message))
}
