//! Why something that is held does not count.

use serde::{Deserialize, Serialize};

use crate::decide::Request;
use crate::directory::{AssignmentDocument, Principal, Status};
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Holding, Subject};

/// Why something that a subject holds does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotCounting {
    /// The user is invited or disabled.
    InactiveSubject,
    /// It begins later.
    NotYet,
    /// It has ended.
    Expired,
    /// It waits for the next sign-in.
    NextLogin,
    /// It reaches another place.
    WrongScope,
    /// The role, or what it grants, counts at resources of another type only.
    WrongType,
    /// The condition is false here.
    ConditionFalse,
    /// It counts, and gives less than something else that does.
    LowerLevel,
}

impl NotCounting {
    /// Why something that is held from and until then does not count at that time.
    fn by_time(from: Option<Timestamp>, until: Option<Timestamp>, at: Timestamp) -> Option<Self> {
        if from.is_some_and(|from| from > at) {
            Some(Self::NotYet)
        } else if until.is_some_and(|until| until <= at) {
            Some(Self::Expired)
        } else {
            None
        }
    }
}

impl State {
    /// Why an assignment counts for nobody at that time, wherever it is and whoever asks.
    #[must_use]
    pub fn idle(&self, assignment: &AssignmentDocument, at: Timestamp) -> Option<NotCounting> {
        let users = &self.documents().directory.users;
        let is_asleep = match &assignment.principal {
            Principal::User(id) => users.get(id).is_none_or(|user| user.status != Status::Active),
            Principal::Group(_) | Principal::Everyone => false,
        };
        let asleep = is_asleep.then_some(NotCounting::InactiveSubject);
        asleep.or_else(|| NotCounting::by_time(assignment.from, assignment.until, at))
    }
}

impl Index {
    /// Why a holding does not count at `resource`, whatever it gives.
    pub(super) fn not_counting(
        &self,
        subject: &Subject,
        holding: &Holding,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Option<NotCounting> {
        let Request { at, session, .. } = request;
        let session = session.filter(|_| self.waits_for_next_login());
        if !subject.active {
            Some(NotCounting::InactiveSubject)
        } else if let Some(why) = NotCounting::by_time(holding.from, holding.until, at) {
            Some(why)
        } else if !holding.scope.reaches(resource) {
            Some(NotCounting::WrongScope)
        } else if !holding.counts(at, session) {
            Some(NotCounting::NextLogin)
        } else {
            None
        }
    }
}
