//! Why something that is held does not count.

use serde::{Deserialize, Serialize};

use crate::decide::Request;
use crate::index::Index;
use crate::resource::ResourcePath;
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
        } else if holding.from.is_some_and(|from| from > at) {
            Some(NotCounting::NotYet)
        } else if holding.until.is_some_and(|until| until <= at) {
            Some(NotCounting::Expired)
        } else if !holding.scope.reaches(resource) {
            Some(NotCounting::WrongScope)
        } else if !holding.counts(at, session) {
            Some(NotCounting::NextLogin)
        } else {
            None
        }
    }
}
