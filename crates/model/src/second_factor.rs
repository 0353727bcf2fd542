//! Who must have a second factor: the tenant's settings say so. Who has one the model does not know.

use crate::policy::SecondFactor;
use crate::refusal::{Code, Refusal};
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::Subject;

impl State {
    /// Whether that person, if active, must have a second factor at that time. A link that waits for the next sign-in
    /// counts already. `O(holdings x Rolewright's own permissions)`.
    #[must_use]
    pub fn needs_second_factor(&self, user: &str, at: Timestamp) -> bool {
        let subject = || self.subject(user).filter(Subject::is_active);
        match self.policy().settings().second_factor {
            SecondFactor::Nobody => false,
            SecondFactor::Administrators => subject().is_some_and(|subject| self.administers(&subject, at)),
            SecondFactor::Everyone => subject().is_some(),
        }
    }

    /// Whether the subject holds what is privileged, wherever.
    fn administers(&self, subject: &Subject, at: Timestamp) -> bool {
        subject.holdings().iter().any(|held| held.in_window(at) && self.has_privilege(&held.row))
    }
}

impl Refusal {
    /// Whoever asks must turn a second factor on first.
    #[must_use]
    pub fn second_factor_required() -> Self {
        let message =
            "this place asks for a second factor, and your account has none: turn one on, and go on then";
        Self::new(Code::SecondFactorRequired, message)
    }
}
