//! Who may view Rolewright as somebody else: nobody sees more by it than they may see as themselves.

use super::giving::{NotHeld, acts_for, first_not_held};
use super::role_of;
use crate::actor::Actor;
use crate::console;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::viewed::Viewed;

/// Whether the actor may view as them: a person, who may see them and why they may do what they may, and holds everything
/// that they hold.
pub(super) fn view_as(
    state: &State,
    actor: &Actor<'_>,
    whom: &Viewed,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !matches!(actor, Actor::Subject { .. }) {
        let message = "only a person, in a session, can view as somebody else";
        return Err(Refusal::new(Code::MissingPermission, message));
    }
    // With these they may see for themselves what whoever they view as sees without any permission.
    let to_see = match whom {
        Viewed::User(_) => console::USERS_VIEW,
        Viewed::Role(_) => console::ROLES_VIEW,
    };
    for permission in [console::ACCESS_EXPLAIN, to_see] {
        if !actor.may(state, permission, &ResourcePath::tenant(), now) {
            return Err(actor.lacks(state, permission, "view as somebody else", now));
        }
    }
    match whom {
        Viewed::User(id) if actor.is_user(id) => {
            Err(Refusal::new(Code::Invalid, "this is you: view as somebody else"))
        }
        Viewed::User(id) => acts_for(state, actor, id, "view as", now),
        Viewed::Role(id) => view_as_role(state, actor, id, now),
    }
}

fn view_as_role(state: &State, actor: &Actor<'_>, id: &str, now: Timestamp) -> Result<(), Refusal> {
    let role = role_of(state, id)?;
    if role.is_space_role() {
        let message = format!(
            "`{}` counts at resources alone, and nobody holds it for the whole tenant: view as a person who holds it",
            role.name
        );
        return Err(Refusal::new(Code::Invalid, message));
    }
    let Some(subject) = state.viewed(&Viewed::Role(id.to_owned())) else { return Ok(()) };
    match first_not_held(state, actor, &subject, now) {
        None => Ok(()),
        Some(NotHeld::Everything) => {
            Err(Refusal::new(Code::SuperuserOnly, "only a superuser can view as a superuser role"))
        }
        Some(NotHeld::Permission(missing)) => {
            let message = format!(
                "to view as `{}` you must hold everything it gives: you lack `{}`",
                role.name,
                state.catalogue().permission_name(&missing)
            );
            Err(Refusal { permission: Some(missing), ..Refusal::new(Code::NotHeld, message) })
        }
    }
}
