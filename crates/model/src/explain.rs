//! Where a level comes from: what a subject holds, and which of it gives what.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::catalogue::PermissionHandle;
use crate::condition::RequestAttributes;
use crate::console;
use crate::decide::{Decision, Question, Reason, Request};
use crate::derive::{Counting, Derivation, Ways};
use crate::fix::{Alternative, Leg, Remedy};
use crate::index::Index;
use crate::operation::{Need, OperationDecision};
use crate::package::PackageDocument;
use crate::resource::ResourcePath;
use crate::rows::Bits;
use crate::rules::Giver;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Holding, Subject, Via};

/// One role that a subject holds, told to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldRole {
    /// The role's id.
    pub role: String,
    /// Where.
    pub scope: String,
    /// Through what.
    pub via: Via,
    /// Since when, where it has a beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when, where it has an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why it does not count now, if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counting: Option<NotCounting>,
}

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

/// One permission that a subject holds on a resource, and what gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EffectivePermission {
    /// The permission's id.
    pub permission: String,
    /// The level's id.
    pub level: String,
    /// Positions in the list of held roles of those that reach this level.
    pub sources: Vec<usize>,
    /// Whether no source grants it itself: an implication or a module's access brings it.
    #[serde(default)]
    pub implied: bool,
}

impl Index {
    /// Everything the subject holds, with why it does not count on `resource` where it does not.
    #[must_use]
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn held_roles(
        &self,
        subject: &Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Vec<HeldRole> {
        let holdings = subject.holdings.iter();
        let told = holdings
            .map(|holding| self.told(holding, self.not_counting(subject, holding, resource, request)));
        told.collect()
    }

    /// Every way in which the subject holds a role, with why it does not count where it is held.
    #[must_use]
    pub fn ways_of_holding(&self, subject: &Subject, role: &str, request: Request<'_>) -> Vec<HeldRole> {
        let of_role = subject.holdings.iter().filter(|holding| self.role_id(holding.role) == role);
        let told = of_role.map(|holding| {
            let not_counting = self.not_counting(subject, holding, &holding.scope, request);
            self.told(holding, not_counting)
        });
        told.collect()
    }

    /// A holding as a person reads it.
    fn told(&self, holding: &Holding, not_counting: Option<NotCounting>) -> HeldRole {
        let counts = || self.counts_at(holding.role, &holding.scope);
        HeldRole {
            role: self.role_id(holding.role).to_owned(),
            scope: holding.scope.as_str().to_owned(),
            via: holding.via.clone(),
            from: holding.from,
            until: holding.until,
            not_counting: not_counting.or_else(|| (!counts()).then_some(NotCounting::WrongType)),
        }
    }

    /// The ids of the roles that the subject holds at `at`, wherever, the base role apart, whether
    /// or not the subject is active. What is held twice is told twice.
    pub fn roles_now<'s>(&'s self, subject: &'s Subject, at: Timestamp) -> impl Iterator<Item = &'s str> {
        let told = subject.holdings.iter().filter(move |held| held.via != Via::Base && held.in_window(at));
        told.map(|held| self.role_id(held.role))
    }

    /// Every permission that the subject holds on `resource` above level 0, in the order of the
    /// catalogue, each with the held roles that reach its level. `O(holdings x permissions)`.
    #[must_use]
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn effective(
        &self,
        subject: &Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Vec<EffectivePermission> {
        let Request { at, session, .. } = request;
        let (levels, _) = self.levels_of(subject, resource, request);
        let waits = session.filter(|_| self.waits_for_next_login());
        let counting: Vec<_> = subject
            .holdings
            .iter()
            .enumerate()
            .filter(|(_, holding)| holding.counts(at, waits) && holding.scope.reaches(resource))
            .collect();
        let facts = request.facts(subject);
        let alone = |(_, holding): &(usize, &Holding)| {
            self.settled(std::iter::once(*holding), &|condition| condition.holds(&facts))
        };
        let settled: Vec<Bits> = counting.iter().map(alone).collect();
        self.catalogue()
            .handles()
            .zip(levels)
            .filter(|(_, level)| *level > Level::NONE)
            .map(|(permission, level)| {
                let layout = &self.policy.layout;
                let reaching = |(_, reached): &(_, &Bits)| layout.level(reached, permission) == level;
                let sources = counting.iter().zip(&settled).filter(reaching);
                let granted =
                    sources.clone().any(|((_, holding), _)| self.granted_by(holding, permission) >= level);
                EffectivePermission {
                    permission: self.catalogue().id(permission).to_owned(),
                    level: self
                        .catalogue()
                        .scale(permission)
                        .map_or_else(String::new, |scale| scale.name(level).to_owned()),
                    sources: sources.map(|((position, _), _)| *position).collect(),
                    implied: !granted,
                }
            })
            .collect()
    }
}

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

/// What stands in the way of something refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnosis {
    /// The first thing that does.
    pub cause: Cause,
    /// Role, package, user: what would have to be so, in this order, with what was found. Nothing
    /// where the question itself is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Check>,
}

/// One of the things that would have to be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// What it is about, said as what is wrong where it is not so.
    pub cause: Cause,
    /// Whether it is so.
    pub holds: bool,
    /// The ids of the roles that give it, of the packages that carry one of those, or of the one
    /// of these that the user is on.
    pub found: Vec<String>,
}

/// What can stand in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No such user.
    UnknownSubject,
    /// No such permission in the catalogue.
    UnknownPermission,
    /// No such level, or level 0.
    UnknownLevel,
    /// Not a path, or not a place of this catalogue.
    NotAPlace,
    /// The tenant lacks the product that the module needs.
    ProductAbsent,
    /// The user is invited or disabled.
    InactiveSubject,
    /// It is held, and waits for the next sign-in.
    NextLogin,
    /// It is held, and its condition is false here.
    ConditionFalse,
    /// No role gives it, superuser roles apart.
    PermissionNotGranted,
    /// A role gives it, and no package carries one that does.
    RoleNotOnPackage,
    /// A package carries such a role, and the user is not on one of those.
    PackageNotOnUser,
    /// A role gives it that no package can carry, and the user does not hold one here.
    RoleNotHeld,
}

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

/// What a person who is refused may know: what is missing, and whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Missing {
    /// The permission's id.
    pub permission: String,
    /// The level's id that is needed.
    pub level: String,
    /// The ids of active users who can give roles there, and may give this for good, in order; the first
    /// twenty.
    pub ask: Vec<String>,
}

/// How many people a refusal names.
const MOST_TO_ASK: usize = 20;

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

    /// What the person who is refused may know; none where it is allowed or the question is wrong.
    /// `O(users)`, a bit each, and `O(holdings x permissions)` for each who can give roles there.
    #[must_use]
    pub fn missing(&self, question: &Question<'_>) -> Option<Missing> {
        if self.decide(question).allowed {
            return None;
        }
        let Asked { permission, level, resource } = self.asked(question)?;
        let assign = self.catalogue().handle(console::USERS_ASSIGN_ROLES)?;
        let now = Request::new(question.request.at);
        let can_assign = self.users().filter(|user| self.allowed(*user, assign, Level(1), &resource, now));
        let mut ask: Vec<&str> = can_assign.map(|user| self.user_id(user)).collect();
        ask.sort_unstable();
        let may_give = |id: &&str| {
            self.subject(id).is_some_and(|subject| {
                let actor = Actor::Subject { state: self, subject, session: None };
                let giver = Giver::new(self, &actor, &resource, None, question.request.at);
                giver.may_give(question.permission, level).is_ok()
            })
        };
        let ask = ask.into_iter().filter(may_give).take(MOST_TO_ASK).map(str::to_owned).collect();
        let Granted { permission, level } = self.told(permission, level);
        Some(Missing { permission, level, ask })
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

    /// What stands in the way, in the order in which a person would look.
    fn diagnose(
        &self,
        subject: &Subject,
        (permission, asked): (PermissionHandle, Level),
        resource: &ResourcePath,
        idle: &[Idle],
        ways: &Ways,
    ) -> Diagnosis {
        let tenant = ResourcePath::tenant();
        let roles: Vec<usize> = (0..self.policy().roles().len())
            .filter(|role| !self.is_superuser(*role))
            .filter(|role| self.gives(*role, &tenant, ways) || self.gives(*role, resource, ways))
            .collect();
        let carried = |package: &&Arc<PackageDocument>| {
            let is = |role: &usize| package.roles.iter().any(|link| link.role == self.role_id(*role));
            roles.iter().any(|role| is(role) && self.gives(*role, &tenant, ways))
        };
        let packages: Vec<String> =
            self.policy().packages().values().filter(carried).map(|package| package.id.clone()).collect();
        let own = subject.holdings.iter().find_map(|holding| match &holding.via {
            Via::Package { package } => Some(package),
            _ => None,
        });
        let on: Vec<String> = own.into_iter().filter(|own| packages.contains(own)).cloned().collect();
        let check = |cause, found: Vec<String>| Check { cause, holds: !found.is_empty(), found };
        let chain = vec![
            check(
                Cause::PermissionNotGranted,
                roles.iter().map(|role| self.role_id(*role).to_owned()).collect(),
            ),
            check(Cause::RoleNotOnPackage, packages),
            check(Cause::PackageNotOnUser, on),
        ];
        let enough = |idle: &&Idle| {
            let scale = self.catalogue().scale(permission);
            scale.and_then(|scale| scale.level(&idle.source.level)).is_some_and(|level| level >= asked)
        };
        let idle = |why: NotCounting| idle.iter().filter(enough).any(|idle| idle.not_counting == why);
        let can_be_carried = |role: &usize| self.can_be_carried(*role) && self.gives(*role, &tenant, ways);
        let cause = if !subject.is_active() {
            Cause::InactiveSubject
        } else if idle(NotCounting::NextLogin) {
            Cause::NextLogin
        } else if idle(NotCounting::ConditionFalse) {
            Cause::ConditionFalse
        } else if roles.is_empty() {
            Cause::PermissionNotGranted
        } else if self.policy().packages().is_empty() || !roles.iter().any(can_be_carried) {
            Cause::RoleNotHeld
        } else {
            chain.iter().find(|check| !check.holds).map_or(Cause::RoleNotHeld, |check| check.cause)
        };
        Diagnosis { cause, chain }
    }
}

impl Index {
    /// Whether a package may carry the role.
    pub(crate) fn can_be_carried(&self, role: usize) -> bool {
        self.policy()
            .role(role)
            .is_some_and(|known| !known.is_space_role() && self.policy().not_for_users(role).is_none())
    }

    pub(crate) fn role_id(&self, role: usize) -> &str {
        self.policy().role_id(role)
    }

    /// Why a holding does not count at `resource`, whatever it gives.
    fn not_counting(
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

impl Cause {
    /// Whether giving something away can help.
    fn is_curable(self) -> bool {
        matches!(
            self,
            Self::PermissionNotGranted | Self::RoleNotOnPackage | Self::PackageNotOnUser | Self::RoleNotHeld
        )
    }
}
