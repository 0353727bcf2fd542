//! What whoever is refused may know: what is missing, and whom to ask.

use serde::{Deserialize, Serialize};

use super::{Asked, Granted};
use crate::actor::Actor;
use crate::console;
use crate::decide::{Question, Request};
use crate::rules::Giver;
use crate::scale::Level;
use crate::state::State;

/// What a person who is refused may know: what is missing, and whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Missing {
    /// The permission's id.
    pub permission: String,
    /// The level's id that is needed.
    pub level: String,
    /// The ids of active users who can give roles there, and may give this for good, in order; the first
    /// twenty.
    pub ask: Vec<String>,
}

/// How many people a refusal names.
const MOST_TO_ASK: usize = 20;

impl State {
    /// What the person who is refused may know; none where it is allowed or the question is wrong.
    /// `O(users)`, a bit each, and `O(holdings x permissions)` for each who can give roles there.
    #[must_use]
    pub fn missing(&self, question: &Question<'_>) -> Option<Missing> {
        if self.decide(question).allowed {
            return None;
        }
        let Asked { permission, level, resource } = self.asked(question)?;
        let assign = self.catalogue().handle(console::USERS_ASSIGN_ROLES)?;
        let now = Request::new(question.request.at);
        let can_assign = self.users().filter(|user| self.allowed(*user, assign, Level(1), &resource, now));
        let mut ask: Vec<&str> = can_assign.map(|user| self.user_id(user)).collect();
        ask.sort_unstable();
        let may_give = |id: &&str| {
            self.subject(id).is_some_and(|subject| {
                let actor = Actor::Subject { state: self, subject, session: None };
                let giver = Giver::new(self, &actor, &resource, None, question.request.at);
                giver.may_give(question.permission, level).is_ok()
            })
        };
        let ask = ask.into_iter().filter(may_give).take(MOST_TO_ASK).map(str::to_owned).collect();
        let Granted { permission, level } = self.told(permission, level);
        Some(Missing { permission, level, ask })
    }
}
