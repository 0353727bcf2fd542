//! Which people are meant: how lists and bulk edits find them.

use std::collections::HashMap;

use rolewright_model::Timestamp;
use rolewright_model::directory::{Status, UserDocument};
use rolewright_wire::bulk::Matching;
use rolewright_wire::user::UserStatus;

use crate::listing::Folded;
use crate::tenant::Loaded;

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

    /// The people, each with what they are sorted by and their status; `invited` says whose invitations are open.
    /// `O(people)`.
    pub fn people<'l>(
        &self,
        loaded: &'l Loaded,
        invited: &HashMap<String, Timestamp>,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'l UserDocument, &'l Folded, UserStatus)> {
        let state = &loaded.state;
        let Self { words, matching: Matching { search: _, status: wanted, role, package } } = self;
        loaded.listing.people(state).filter_map(move |(user, folded)| {
            let status = status_of(user, invited.contains_key(&user.id));
            let holds = |role: &String| {
                let subject = state.subject(&user.id);
                subject.is_some_and(|subject| state.roles_now(&subject, now).any(|held| held == role))
            };
            let is_on = |package: &String| user.package.as_ref().is_some_and(|link| link.package == *package);
            let is_wanted = wanted.is_none_or(|wanted| wanted == status)
                && folded.has(words)
                && package.as_ref().is_none_or(is_on)
                && role.as_ref().is_none_or(holds);
            is_wanted.then_some((user, folded, status))
        })
    }
}

/// A person's status as people see it.
#[must_use]
pub fn status_of(user: &UserDocument, invitation_is_open: bool) -> UserStatus {
    match user.status {
        Status::Active => UserStatus::Active,
        Status::Disabled => UserStatus::Disabled,
        Status::Invited if invitation_is_open => UserStatus::Invited,
        Status::Invited => UserStatus::InvitationExpired,
    }
}
