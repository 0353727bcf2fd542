//! Which people are meant: how lists and bulk edits find them.

use std::collections::HashMap;

use rolewright_model::Timestamp;
use rolewright_model::directory::{Status, UserDocument};
use rolewright_wire::bulk::Matching;
use rolewright_wire::user::UserStatus;

use crate::listing::Folded;
use crate::tenant::Loaded;

/// What is kept of people beside their documents, as far as a filter or an order asks for it.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Whose invitations are open, and until when.
    pub invited: HashMap<String, Timestamp>,
    /// When people last signed in.
    pub last_sign_in: HashMap<String, Timestamp>,
}

/// Which people are meant: all that everything said here is true of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<String>,
    matching: Matching,
}

impl Filter {
    /// Those whom a list or a bulk edit asks for.
    #[must_use]
    pub fn new(matching: Matching) -> Self {
        Self { words: matching.search.split_whitespace().map(str::to_lowercase).collect(), matching }
    }

    /// Whether it asks when everybody last signed in.
    #[must_use]
    pub fn asks_last_sign_in(&self) -> bool {
        self.matching.not_signed_in_since.is_some()
    }

    /// The people, each with what they are sorted by and their status. `O(people)`.
    pub fn people<'l>(
        &self,
        loaded: &'l Loaded,
        beside: &Beside,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'l UserDocument, &'l Folded, UserStatus)> {
        let state = &loaded.state;
        let Self { words, matching } = self;
        let Matching { search: _, status: wanted, role, package, not_signed_in_since: since } = matching;
        loaded.listing.people(state).filter_map(move |(user, folded)| {
            let status = status_of(user, beside.invited.contains_key(&user.id));
            let was_away = |since: &Timestamp| was_away(user, &beside.last_sign_in, *since);
            let holds = |role: &String| {
                let subject = state.subject(&user.id);
                subject.is_some_and(|subject| state.roles_now(&subject, now).any(|(held, _)| held == role))
            };
            let is_on = |package: &String| user.package.as_ref().is_some_and(|link| link.package == *package);
            let is_wanted = wanted.is_none_or(|wanted| wanted == status)
                && folded.has(words)
                && package.as_ref().is_none_or(is_on)
                && since.as_ref().is_none_or(was_away)
                && role.as_ref().is_none_or(holds);
            is_wanted.then_some((user, folded, status))
        })
    }
}

/// Whether a person was added before that time and did not sign in since.
#[must_use]
pub fn was_away(user: &UserDocument, last_sign_in: &HashMap<String, Timestamp>, since: Timestamp) -> bool {
    user.created < since && last_sign_in.get(&user.id).is_none_or(|last| *last < since)
}

/// A person's status as people see it.
#[must_use]
pub fn status_of(user: &UserDocument, invitation_is_open: bool) -> UserStatus {
    match user.status {
        Status::Active => UserStatus::Active,
        Status::Disabled => UserStatus::Disabled,
        Status::Invited if invitation_is_open => UserStatus::Invited,
        Status::Invited => UserStatus::NoInvitation,
    }
}
