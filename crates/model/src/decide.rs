//! Decisions: at which level a subject holds a permission, here and now.

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::{Condition, Facts, NOTHING_SAID, RequestAttributes};
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::rows::Bits;
use crate::scale::{Level, UiState};
use crate::stamp::{Stamp, Timestamp};
use crate::subject::{Holding, Subject};

/// A question by names, as it comes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The user's id.
    pub subject: &'q str,
    /// The permission's id.
    pub permission: &'q str,
    /// The resource; `/` for the tenant.
    pub resource: &'q str,
    /// The level's id; the scale's `can` level where it is not said.
    pub asked: Option<&'q str>,
    /// When, in which session, and what the enforcement point says.
    pub request: Request<'q>,
}

/// What every question is asked in: when, in which session, with which attributes.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// When.
    pub at: Timestamp,
    /// The revision at which the session began; none is a session begun now.
    pub session: Option<Stamp>,
    /// What conditions read beside the subject's attributes. What is not here is missing.
    pub attributes: &'r RequestAttributes,
}

impl<'r> Request<'r> {
    /// A request at that time, in a session begun now, without attributes.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { at, session: None, attributes: &NOTHING_SAID }
    }

    /// The same in a session begun at that revision; none is one begun now.
    #[must_use]
    pub fn in_session(self, session: Option<Stamp>) -> Self {
        Self { session, ..self }
    }

    /// The same with these attributes.
    #[must_use]
    pub fn with(self, attributes: &'r RequestAttributes) -> Self {
        Self { attributes, ..self }
    }

    /// What conditions read where `subject` asks about a permission.
    pub(crate) fn facts<'f>(&self, subject: &'f Subject) -> Facts<'f>
    where
        'r: 'f,
    {
        Facts::of((&subject.id, &subject.attributes), self.attributes)
    }
}

/// What is answered to a question: allowed or not, the level, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// Whether the level reaches what was asked.
    pub allowed: bool,
    /// The id of the level that is held; empty where the permission is not known.
    pub level: String,
    /// What a user interface does with it.
    pub ui: UiState,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No such user.
    UnknownSubject,
    /// The user is invited or disabled.
    InactiveSubject,
    /// No such permission in the catalogue.
    UnknownPermission,
    /// No such level on the permission's scale, or level 0, which nobody can ask for.
    UnknownLevel,
    /// No such operation in the catalogue.
    UnknownOperation,
    /// Not a path, or not a place of this catalogue.
    NotAPlace,
    /// The tenant lacks the product that the module needs.
    ProductAbsent,
    /// Nothing that the user holds here gives it.
    NotGranted,
    /// What the user holds here gives it at a lower level.
    LevelTooLow,
    /// What the user holds here gives it where some condition is true that is false now.
    ConditionFalse,
}

impl Reason {
    /// The same to whoever may not see people: what hangs on the person is not granted, and no more.
    #[must_use]
    pub fn discreet(self) -> Self {
        match self {
            Self::UnknownSubject
            | Self::InactiveSubject
            | Self::NotGranted
            | Self::LevelTooLow
            | Self::ConditionFalse => Self::NotGranted,
            Self::UnknownPermission
            | Self::UnknownLevel
            | Self::UnknownOperation
            | Self::NotAPlace
            | Self::ProductAbsent => self,
        }
    }
}

impl Index {
    /// The level at which `subject` holds `permission` on `resource`. `O(holdings)`; where a condition
    /// has a say `O(holdings x permissions)`. Level 0 for whatever is not known, not active, not a
    /// place or not there.
    #[must_use]
    pub fn level_of(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Level {
        self.level_with(subject, permission, resource, request, &request.facts(subject))
    }

    /// As [`Index::level_of`], where conditions read `facts`.
    pub(crate) fn level_with(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        resource: &ResourcePath,
        request: Request<'_>,
        facts: &Facts<'_>,
    ) -> Level {
        let best = self.level_at_best(subject, permission, resource, request);
        let counting = || self.counting(subject, resource, request);
        if best == Level::NONE || counting().any(|holding| self.surely_by(holding, permission) == best) {
            return best;
        }
        self.policy.layout.level(&self.settled(counting(), &|condition| condition.holds(facts)), permission)
    }

    /// The level that is reached for some values of what the request says, which is open: as far as comparisons are
    /// taken one by one, the highest of which [`State::when`](crate::State::when) does not say no.
    pub(crate) fn level_perhaps(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Level {
        let best = self.level_at_best(subject, permission, resource, request);
        if best == Level::NONE || !self.catalogue().is_conditional(permission) {
            return best;
        }
        let facts = Facts::of_subject(&subject.id, &subject.attributes);
        let counting = self.counting(subject, resource, request);
        self.policy.layout.level(&self.settled(counting, &|it| it.may_hold(&facts)), permission)
    }

    /// The level that would be reached if every condition were true.
    pub(crate) fn level_at_best(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Level {
        if !subject.active || !self.is_present(permission) || !self.catalogue().is_place(resource) {
            return Level::NONE;
        }
        self.counting(subject, resource, request)
            .map(|holding| self.at_best_by(holding, permission))
            .max()
            .unwrap_or_default()
    }

    /// What these holdings reach together: the least fixed point of the design. For conditions that
    /// stay as they are each level is a monotone function of one bound, and so keeps maxima: what
    /// several roles reach together is the union of what each reaches alone, which is compiled where
    /// no condition has a say. What a superuser reaches alone is everything. `holds` says which conditions do.
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub(crate) fn settled<'s>(
        &self,
        holdings: impl Iterator<Item = &'s Holding>,
        holds: &dyn Fn(&Condition) -> bool,
    ) -> Bits {
        let layout = &self.policy.layout;
        let (mut surely, mut granted) = (layout.none(), layout.none());
        let mut is_open = false;
        for holding in holdings {
            surely.join(&holding.row.reached);
            if holding.row.reachable.is_some() {
                granted.join(&holding.row.granted);
                is_open = true;
            }
        }
        if is_open {
            surely.join(&self.policy.fixed_point(&granted, holds));
        }
        surely
    }

    /// Every permission's level at once, in the order of handles, and the moment until which
    /// it stays so if nothing changes: the next beginning or end of a window.
    /// `O(holdings x permissions)`.
    #[must_use]
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn levels_of(
        &self,
        subject: &Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> (Vec<Level>, Option<Timestamp>) {
        let mut levels = vec![Level::NONE; self.catalogue().permissions().len()];
        if subject.active && self.catalogue().is_place(resource) {
            let facts = request.facts(subject);
            let counting = self.counting(subject, resource, request);
            let settled = self.settled(counting, &|condition| condition.holds(&facts));
            for (handle, level) in self.catalogue().handles().zip(&mut levels) {
                *level = self.policy.layout.level(&settled, handle);
            }
        }
        let edges = subject.holdings.iter().flat_map(|holding| [holding.from, holding.until]);
        (levels, edges.flatten().filter(|edge| *edge > request.at).min())
    }

    /// The holdings that count on `resource`.
    pub(crate) fn counting<'s>(
        &self,
        subject: &'s Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> impl Iterator<Item = &'s Holding> {
        let Request { at, session, .. } = request;
        let session = session.filter(|_| self.waits_for_next_login());
        subject
            .holdings
            .iter()
            .filter(move |holding| holding.counts(at, session) && holding.scope.reaches(resource))
    }

    /// Whether the level reaches what is asked; by names. Two hashes and `O(holdings)`.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        match self.subject(question.subject) {
            Some(subject) => self.decide_for(&subject, question),
            None => Decision::no(Reason::UnknownSubject),
        }
    }

    /// As [`Index::decide`], for whoever may not see people: the answer about somebody who is not known or
    /// not active is that about somebody who holds nothing, and the reason is [discreet](Reason::discreet).
    #[must_use]
    pub fn decide_discreetly(&self, question: &Question<'_>) -> Decision {
        let subject = self.discreet_subject(question.subject);
        let decision = self.decide_for(&subject, question);
        Decision { reason: decision.reason.map(Reason::discreet), ..decision }
    }

    /// The user, as whoever may not see people asks about them: [nobody](Subject::nobody) where there is none,
    /// or none who is active.
    #[must_use]
    pub fn discreet_subject(&self, id: &str) -> Subject {
        self.subject(id).filter(Subject::is_active).unwrap_or_else(Subject::nobody)
    }

    /// As [`Index::decide`], for a subject that the directory need not know; `question.subject`
    /// is not read.
    #[must_use]
    pub fn decide_for(&self, subject: &Subject, question: &Question<'_>) -> Decision {
        let Some(permission) = self.catalogue().handle(question.permission) else {
            return Decision::no(Reason::UnknownPermission);
        };
        let Some(scale) = self.catalogue().scale(permission) else {
            return Decision::no(Reason::UnknownPermission);
        };
        let resource =
            ResourcePath::parse(question.resource).ok().filter(|path| self.catalogue().is_place(path));
        let level = resource
            .as_ref()
            .map_or(Level::NONE, |resource| self.level_of(subject, permission, resource, question.request));
        let asked = question
            .asked
            .map_or(Some(scale.can()), |asked| scale.level(asked))
            .filter(|asked| *asked > Level::NONE);
        let allowed = asked.is_some_and(|asked| level >= asked);
        let reason = if allowed {
            None
        } else if !subject.active {
            Some(Reason::InactiveSubject)
        } else if asked.is_none() {
            Some(Reason::UnknownLevel)
        } else if resource.is_none() {
            Some(Reason::NotAPlace)
        } else if !self.is_present(permission) {
            Some(Reason::ProductAbsent)
        } else if resource.as_ref().zip(asked).is_some_and(|(resource, asked)| {
            self.level_at_best(subject, permission, resource, question.request) >= asked
        }) {
            Some(Reason::ConditionFalse)
        } else if level > Level::NONE {
            Some(Reason::LevelTooLow)
        } else {
            Some(Reason::NotGranted)
        };
        Decision {
            allowed,
            level: scale.name(level).to_owned(),
            ui: self.catalogue().ui(permission, level),
            reason,
        }
    }
}

impl Decision {
    /// A refusal where nothing else can be said.
    #[must_use]
    pub fn no(reason: Reason) -> Self {
        Self { allowed: false, level: String::new(), ui: UiState::Hidden, reason: Some(reason) }
    }
}
