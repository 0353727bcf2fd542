//! Who may put documents back as they were: whoever may make each of the single changes that it amounts to.

use crate::actor::{Actor, Window};
use crate::change::Change;
use crate::console;
use crate::refusal::Refusal;
use crate::resource::ResourcePath;
use crate::restore::Earlier;
use crate::stamp::Timestamp;
use crate::state::State;

pub(super) fn permit(
    earlier: &Earlier,
    state: &State,
    actor: &Actor<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let tenant = ResourcePath::tenant();
    // Whether what goes is still needed, and whether a role counts where it is given, shows where all of it is put back:
    // validation finds the one, and of the other a superuser is not kept.
    let shows_later = |single: &Change| match single {
        Change::Assign { .. } | Change::Unassign { .. } | Change::SetWindow { .. } => true,
        Change::DeleteRole { .. } | Change::DeletePackage { .. } => !earlier.is_of_one(),
        _ => false,
    };
    let is_superuser = actor.is_superuser(&tenant, Window { now, until: None });
    let singles = earlier.singles(state.documents());
    let mut asked = singles.iter().filter(|single| !(is_superuser && shows_later(single)));
    asked.try_for_each(|single| super::permit(single, state, actor, now))?;
    // The tier follows from what is given, and so does what it was.
    let users = &state.documents().directory.users;
    let mut edited = earlier.users.iter().filter_map(|(id, then)| users.get(id).zip(then.as_ref()));
    let is_tiered = edited.any(|(is, then)| is.tier != then.tier);
    match !is_tiered || actor.may(state, console::USERS_ASSIGN_ROLES, &tenant, now) {
        true => Ok(()),
        false => {
            let what = "say what the subscription counts a person as";
            Err(actor.lacks(state, console::USERS_ASSIGN_ROLES, what, now))
        }
    }
}
