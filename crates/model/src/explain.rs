//! Where a level comes from: what a subject holds, and which of it gives what.

mod diagnosis;
mod holdings;
mod missing;
mod not_counting;
mod operation;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::decide::{Decision, Question, Request};
use crate::derive::{Counting, Derivation, Ways};
use crate::fix::{Alternative, Leg, Remedy};
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Holding, Subject, Via};

pub use self::diagnosis::{Cause, Check, Diagnosis};
pub use self::holdings::{EffectivePermission, HeldRole};
pub use self::missing::Missing;
pub use self::not_counting::NotCounting;
pub use self::operation::OperationExplanation;

/// Why somebody may or may not do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// What is decided.
    pub decision: Decision,
    /// Everything held that reaches the level of the decision, each with its shortest derivation.
    /// Nothing where that is level 0.
    pub sources: Vec<SourceOf>,
    /// What is there, would give more than nothing, and does not count, or gives less than it could or
    /// than something else does.
    pub idle: Vec<Idle>,
    /// What stands in the way, where it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// The smallest changes that would allow it, those by which the fewest others gain first; at
    /// most eight. Only where the directory is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Remedy>,
}

/// One thing held, and how it comes to give a permission: source, scope, role, inherited, implied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceOf {
    /// Through what the role is held: an assignment, groups, a package.
    pub via: Via,
    /// Where.
    pub scope: String,
    /// Since when, where it has a beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when, where it has an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The role that is held.
    pub role: String,
    /// The roles from there to the one that grants it, that one last; none where it grants it
    /// itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherited: Vec<String>,
    /// What is granted; none where the role is everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Granted>,
    /// What that brings, step by step, the permission asked for last; none where it is granted
    /// itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implied: Vec<Granted>,
    /// The level that this comes to, alone.
    pub level: String,
}

/// A permission at a level, by their ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Granted {
    /// The permission's id.
    pub permission: String,
    /// The level's id.
    pub level: String,
}

/// Something held that does not give what it could, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Idle {
    /// What it would give if it counted.
    #[serde(flatten)]
    pub source: SourceOf,
    /// Why it does not.
    pub not_counting: NotCounting,
}

/// A question about a permission, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) permission: PermissionHandle,
    pub(crate) level: Level,
    pub(crate) resource: ResourcePath,
}

impl Explanation {
    fn no(decision: Decision, cause: Cause) -> Self {
        let diagnosis = Some(Diagnosis { cause, chain: Vec::new() });
        Self { decision, sources: Vec::new(), idle: Vec::new(), diagnosis, fixes: Vec::new() }
    }
}

impl State {
    /// Why somebody may or may not do something: the decision, what gives it, what does not count
    /// and why, and for a refusal what stands in the way and what would allow it.
    /// `O(holdings x ways + users)`.
    #[must_use]
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        let decision = self.decide(question);
        let Some(subject) = self.subject(question.subject) else {
            return Explanation::no(decision, Cause::UnknownSubject);
        };
        let mut explanation = self.explain_for(&subject, question);
        let curable = explanation.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.cause.is_curable());
        if curable && let Some(asked) = self.asked(question) {
            let ways =
                Ways::to(self, asked.permission, asked.level, &self.holds_for(&subject, question.request));
            let leg = Leg { asked, ways, attributes: question.request.attributes.clone(), unless: None };
            let alternative = Alternative { legs: vec![leg], is_curable: true };
            explanation.fixes = self.remedies(&subject, &[alternative], question.request.at);
        }
        explanation
    }

    /// As [`State::explain`], for a subject that the directory need not know, and without fixes.
    #[must_use]
    pub fn explain_for(&self, subject: &Subject, question: &Question<'_>) -> Explanation {
        let decision = self.decide_for(subject, question);
        let Some(permission) = self.catalogue().handle(question.permission) else {
            return Explanation::no(decision, Cause::UnknownPermission);
        };
        let Some(Asked { level: asked, resource, .. }) = self.asked(question) else {
            let place = ResourcePath::parse(question.resource).ok();
            let place = place.filter(|path| self.catalogue().is_place(path));
            let cause = if place.is_none() { Cause::NotAPlace } else { Cause::UnknownLevel };
            return Explanation::no(decision, cause);
        };
        if !self.is_present(permission) {
            return Explanation::no(decision, Cause::ProductAbsent);
        }
        let scale = self.catalogue().scale(permission);
        let top = scale.map_or(Level::NONE, |scale| scale.top());
        let held = scale.and_then(|scale| scale.level(&decision.level)).unwrap_or_default();
        let ladder = |holds| -> Vec<Ways> {
            (1..=top.0).rev().map(|level| Ways::to(self, permission, Level(level), holds)).collect()
        };
        let holds = self.holds_for(subject, question.request);
        let (here, always) = (ladder(&holds), ladder(&|_, _| true));
        let mut sources = Vec::new();
        let mut idle = Vec::new();
        for holding in &subject.holdings {
            let highest = |ladder: &[Ways], counting| {
                ladder.iter().find_map(|ways| {
                    let derivation = self.derive(holding.role, &holding.scope, ways, counting)?;
                    Some((ways.asked(), self.source(holding, ways, &derivation, permission)))
                })
            };
            let counts = self.not_counting(subject, holding, &resource, question.request);
            let now = highest(&here, Counting::Here);
            let is_source = counts.is_none() && now.as_ref().is_some_and(|(level, _)| *level == held);
            match (counts, &now) {
                (None, Some((_, source))) if is_source => sources.push(source.clone()),
                (Some(why), Some((_, source))) => {
                    idle.push(Idle { source: source.clone(), not_counting: why });
                    continue;
                }
                _ => {}
            }
            // It counts and gives less than it could, or than something else does: why?
            let reached = now.as_ref().map_or(Level::NONE, |(level, _)| *level);
            let unconditional = highest(&always, Counting::Here).filter(|(level, _)| *level > reached);
            let untyped = highest(&always, Counting::Anywhere).filter(|(level, _)| *level > reached);
            let (source, why) = match (unconditional, untyped, now) {
                (Some((_, source)), ..) => (source, NotCounting::ConditionFalse),
                (None, Some((_, source)), _) => (source, NotCounting::WrongType),
                (None, None, Some((_, source))) if !is_source => (source, NotCounting::LowerLevel),
                (None, None, _) => continue,
            };
            idle.push(Idle { source, not_counting: counts.unwrap_or(why) });
        }
        let diagnosis = (!decision.allowed).then(|| {
            let ways = Ways::to(self, permission, asked, &holds);
            self.diagnose(subject, (permission, asked), &resource, &idle, &ways)
        });
        Explanation { decision, sources, idle, diagnosis, fixes: Vec::new() }
    }

    /// What a question asks, resolved; none where it names no permission, level or place.
    pub(crate) fn asked(&self, question: &Question<'_>) -> Option<Asked> {
        let permission = self.catalogue().handle(question.permission)?;
        let scale = self.catalogue().scale(permission)?;
        let level = question.asked.map_or(Some(scale.can()), |asked| scale.level(asked))?;
        let resource = ResourcePath::parse(question.resource).ok()?;
        let is_place = self.catalogue().is_place(&resource);
        (is_place && level > Level::NONE).then_some(Asked { permission, level, resource })
    }

    /// Which conditions hold for that subject in that request.
    pub(crate) fn holds_for<'h>(
        &'h self,
        subject: &'h Subject,
        request: Request<'h>,
    ) -> impl Fn(PermissionHandle, Level) -> bool + 'h {
        let facts = request.facts(subject);
        move |permission, level| {
            let detail = self.catalogue().permission(permission).and_then(|known| known.detail(level));
            let condition = detail.and_then(|detail| detail.condition.as_ref());
            condition.is_none_or(|condition| condition.holds(&facts))
        }
    }

    fn source(
        &self,
        holding: &Holding,
        ways: &Ways,
        derivation: &Derivation,
        permission: PermissionHandle,
    ) -> SourceOf {
        let role = |position: usize| self.role_id(position).to_owned();
        SourceOf {
            via: holding.via.clone(),
            scope: holding.scope.as_str().to_owned(),
            from: holding.from,
            until: holding.until,
            role: role(holding.role),
            inherited: derivation.part.inherited.iter().copied().map(role).collect(),
            granted: derivation.way.map(|(way, level)| self.told(way.permission, level)),
            implied: derivation.way.map_or_else(Vec::new, |(way, _)| {
                let brought = ways.brought(&way).into_iter();
                brought.map(|(permission, level)| self.told(permission, level)).collect()
            }),
            level: self.told(permission, ways.asked()).level,
        }
    }

    pub(crate) fn told(&self, permission: PermissionHandle, level: Level) -> Granted {
        let scale = self.catalogue().scale(permission);
        Granted {
            permission: self.catalogue().id(permission).to_owned(),
            level: scale.map_or_else(String::new, |scale| scale.name(level).to_owned()),
        }
    }
}

impl Index {
    pub(crate) fn role_id(&self, role: usize) -> &str {
        self.policy().role_id(role)
    }
}
