//! Whoever may use one of Rolewright's own permissions, wherever and however, is an administrator, of whom a tenant may
//! demand a second factor.

use rolewright_model::policy::SecondFactor;
use rolewright_model::{Request, State};

use crate::worlds::AT;
use crate::{Naive, in_every_world, reading};

#[test]
fn whoever_may_use_the_console_anywhere_needs_a_second_factor_where_administrators_do() {
    in_every_world(|world, _| {
        let mut documents = world.documents.clone();
        documents.settings.second_factor = SecondFactor::Administrators;
        let state = State::build(documents.clone(), AT).map_err(|problems| format!("{problems:?}"))?;
        let (naive, places) = (Naive::of(&documents), world.places(&state));
        let mut asked = 0;
        for visit in &world.visits {
            let Request { at, session, .. } = visit.request();
            let request =
                reading::Request { subject: &visit.subject, at, session, attributes: &visit.attributes };
            let used = places.iter().find(|place| naive.uses_console(&place.to_string(), request));
            let needs = state.needs_second_factor(&visit.subject, at);
            if let Some(place) = used
                && !needs
            {
                return Err(format!("`{}` may use the console at `{place}`, and needs none", visit.subject));
            }
            asked += visit.asks.len();
        }
        Ok(asked)
    });
}
