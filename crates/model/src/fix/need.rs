//! What has to be met: one need of several, and what brings it.

use crate::condition::{Condition, RequestAttributes};
use crate::decide::Request;
use crate::derive::Ways;
use crate::explain::Asked;
use crate::stamp::Timestamp;
use crate::subject::Subject;

/// Needs that are enough together.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) legs: Vec<Leg>,
    /// Whether fixes are looked for that meet its needs. Who meets those of another is allowed
    /// nonetheless: a part of a fix that lets in by it is enough.
    pub(crate) is_curable: bool,
}

/// One need, and what brings it.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) asked: Asked,
    pub(crate) ways: Ways,
    /// What is said of the request, for this need.
    pub(crate) attributes: RequestAttributes,
    /// It is dropped for whom this is true.
    pub(crate) unless: Option<Condition>,
}

impl Leg {
    pub(super) fn is_dropped(&self, subject: &Subject, at: Timestamp) -> bool {
        let request = Request::new(at).with(&self.attributes);
        self.unless.as_ref().is_some_and(|unless| unless.holds(&request.facts(subject)))
    }
}
