//! Why somebody may or may not do an operation, leg by leg.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Explanation;
use crate::condition::RequestAttributes;
use crate::decide::{Question, Reason};
use crate::derive::Ways;
use crate::fix::{Alternative, Leg, Remedy};
use crate::operation::{Need, OperationDecision};
use crate::state::State;
use crate::subject::Subject;

/// Why somebody may or may not do an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationExplanation {
    /// What is decided, with every leg.
    pub decision: OperationDecision,
    /// For each leg of each alternative, why it is met or not; none where it is dropped. Fixes are
    /// told for the whole.
    pub legs: Vec<Vec<Option<Explanation>>>,
    /// The smallest changes that would allow it, as in an [`Explanation`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Remedy>,
}

impl State {
    /// As [`State::explain`], for an operation on named resources. `question.permission`, its
    /// resource and what it asks are not read.
    #[must_use]
    pub fn explain_operation(
        &self,
        question: &Question<'_>,
        operation: &str,
        resources: &BTreeMap<String, String>,
    ) -> OperationExplanation {
        let Some(subject) = self.subject(question.subject) else {
            let decision = OperationDecision {
                allowed: false,
                reason: Some(Reason::UnknownSubject),
                alternatives: Vec::new(),
            };
            return OperationExplanation { decision, legs: Vec::new(), fixes: Vec::new() };
        };
        let (explanation, alternatives) = self.explain_legs(&subject, question, operation, resources);
        let fixes = self.remedies(&subject, &alternatives, question.request.at);
        OperationExplanation { fixes, ..explanation }
    }

    /// As [`State::explain_operation`], for a subject that the directory need not know, and without fixes.
    #[must_use]
    pub fn explain_operation_for(
        &self,
        subject: &Subject,
        question: &Question<'_>,
        operation: &str,
        resources: &BTreeMap<String, String>,
    ) -> OperationExplanation {
        self.explain_legs(subject, question, operation, resources).0
    }

    /// Why each leg of an operation is met or not, and what would have to be met for each alternative.
    fn explain_legs(
        &self,
        subject: &Subject,
        question: &Question<'_>,
        operation: &str,
        resources: &BTreeMap<String, String>,
    ) -> (OperationExplanation, Vec<Alternative>) {
        let decision = self.check(subject, operation, resources, question.request);
        let needs = self.catalogue().operation(operation).map_or(&[][..], |known| &known.alternatives);
        let attributes_of = |need: &Need| RequestAttributes {
            resource: self
                .catalogue()
                .operation(operation)
                .and_then(|known| known.resources.get(need.resource?))
                .and_then(|(name, _)| question.request.attributes.resources.get(name))
                .cloned()
                .unwrap_or_default(),
            ..question.request.attributes.clone()
        };
        let mut legs = Vec::new();
        let mut alternatives = Vec::new();
        for (alternative, needs) in decision.alternatives.iter().zip(needs) {
            let mut explained = Vec::new();
            let mut to_meet = Vec::new();
            for (leg, need) in alternative.legs.iter().zip(needs) {
                let attributes = attributes_of(need);
                let question = Question {
                    permission: &leg.permission,
                    resource: &leg.resource,
                    asked: Some(&leg.asked),
                    request: question.request.with(&attributes),
                    ..*question
                };
                explained.push((!leg.dropped).then(|| self.explain_for(subject, &question)));
                // A need that is dropped for this one may not be for others.
                if let Some(asked) = self.asked(&question) {
                    let holds = self.holds_for(subject, question.request);
                    let ways = Ways::to(self, asked.permission, asked.level, &holds);
                    let unless = need.unless.clone();
                    to_meet.push(Leg { asked, ways, attributes: attributes.clone(), unless });
                }
            }
            let is_curable = |explanation: &Option<Explanation>| {
                let diagnosis = explanation.as_ref().and_then(|it| it.diagnosis.as_ref());
                diagnosis.is_none_or(|diagnosis| diagnosis.cause.is_curable())
            };
            // Whoever it is, a need that nothing can be asked about is not met.
            if to_meet.len() == explained.len() {
                let is_curable = explained.iter().all(is_curable);
                alternatives.push(Alternative { legs: to_meet, is_curable });
            }
            legs.push(explained);
        }
        (OperationExplanation { decision, legs, fixes: Vec::new() }, alternatives)
    }
}
