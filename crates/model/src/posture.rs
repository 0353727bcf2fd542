//! The posture of a tenant in numbers: how many people count, how many are everything, and how well they sign in.

use serde::{Deserialize, Serialize};

use crate::directory::Status;
use crate::stamp::Timestamp;
use crate::state::State;

/// How many people there are of each kind that a person who looks after access asks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posture {
    /// Active people.
    pub active: usize,
    /// Active people whose second factor is on.
    pub second_factor: usize,
    /// People who were invited and have not accepted.
    pub invited: usize,
    /// Disabled people.
    pub disabled: usize,
    /// Active people who hold a superuser role now or later.
    pub superusers: usize,
    /// Of these, who hold none yet.
    #[serde(default)]
    pub superusers_later: usize,
    /// Superusers who sign in without a second factor: who has no password cannot sign in.
    pub superusers_without_second_factor: usize,
    /// Superusers who do not sign in here: they have neither a password nor a second factor.
    pub superusers_without_password: usize,
}

impl State {
    /// The posture. `has_second_factor` says of which users: the model does not know how people sign in. `O(users x holdings)`.
    #[must_use]
    pub fn posture(&self, has_second_factor: &dyn Fn(&str) -> bool, now: Timestamp) -> Posture {
        let mut posture = Posture::default();
        for user in self.documents().directory.users.values() {
            match user.status {
                Status::Active => posture.active += 1,
                Status::Invited => posture.invited += 1,
                Status::Disabled => posture.disabled += 1,
            }
        }
        for subject in self.subjects().filter(crate::subject::Subject::is_active) {
            let is_guarded = has_second_factor(subject.id());
            posture.second_factor += usize::from(is_guarded);
            let lasts = |until: Option<Timestamp>| until.is_none_or(|until| until > now);
            let lasting = subject.holdings().iter().filter(|holding| lasts(holding.until));
            let begins =
                lasting.filter(|holding| self.is_superuser(holding.role)).map(|holding| holding.from);
            if let Some(first) = begins.min() {
                posture.superusers += 1;
                posture.superusers_later += usize::from(first.is_some_and(|from| from > now));
                let signs_in = is_guarded || self.signs_in(subject.id());
                posture.superusers_without_second_factor += usize::from(signs_in && !is_guarded);
                posture.superusers_without_password += usize::from(!signs_in);
            }
        }
        posture
    }

    /// Whether the user has a password here.
    pub(crate) fn signs_in(&self, user: &str) -> bool {
        self.documents().directory.users.get(user).is_some_and(|user| user.sign_in)
    }
}
