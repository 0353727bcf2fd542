//! Which people are meant: how lists and bulk edits find them.

use std::collections::HashMap;

use rolewright_model::directory::{Status, UserDocument};
use rolewright_model::{State, Timestamp};
use rolewright_wire::user::UserStatus;

/// Which people are meant: all that everything said here is true of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<String>,
    status: Option<UserStatus>,
    role: Option<String>,
}

impl Filter {
    /// Those whose e-mail and names hold each word of `search`, in any case; with that status; who hold that role
    /// now, through whatever.
    #[must_use]
    pub fn new(search: &str, status: Option<UserStatus>, role: Option<String>) -> Self {
        Self { words: search.split_whitespace().map(str::to_lowercase).collect(), status, role }
    }

    /// The people, each with their status; `invited` says whose invitations are open. `O(people)`.
    pub fn people<'s>(
        &self,
        state: &'s State,
        invited: &HashMap<String, Timestamp>,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'s UserDocument, UserStatus)> {
        state.documents().directory.users.values().filter_map(move |user| {
            let status = status_of(user, invited.contains_key(&user.id));
            self.takes(state, user, status, now).then_some((user, status))
        })
    }

    fn takes(&self, state: &State, user: &UserDocument, status: UserStatus, now: Timestamp) -> bool {
        let holds = |role: &String| {
            let subject = state.subject(&user.id);
            subject.is_some_and(|subject| state.roles_now(&subject, now).any(|held| held == role))
        };
        let says_all = || {
            let text = format!("{} {} {}", user.first_name, user.last_name, user.email).to_lowercase();
            self.words.iter().all(|word| text.contains(word))
        };
        self.status.is_none_or(|wanted| wanted == status)
            && (self.words.is_empty() || says_all())
            && self.role.as_ref().is_none_or(holds)
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
