//! Where a level comes from: what a subject holds, and which of it gives what.

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::decide::Request;
use crate::index::State;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
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

impl State {
    /// Everything the subject holds, with why it does not count on `resource` where it does not.
    #[must_use]
    pub fn held_roles(
        &self,
        subject: &Subject,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Vec<HeldRole> {
        let Request { at, session, .. } = request;
        let session = session.filter(|_| self.waits_for_next_login());
        let told = subject.holdings.iter().map(|holding| HeldRole {
            role: self
                .policy()
                .roles()
                .get(holding.role)
                .map_or_else(String::new, |role| role.document().id.clone()),
            scope: holding.scope.to_string(),
            via: holding.via.clone(),
            from: holding.from,
            until: holding.until,
            not_counting: if !subject.active {
                Some(NotCounting::InactiveSubject)
            } else if holding.from.is_some_and(|from| from > at) {
                Some(NotCounting::NotYet)
            } else if holding.until.is_some_and(|until| until <= at) {
                Some(NotCounting::Expired)
            } else if !holding.counts(at, session) {
                Some(NotCounting::NextLogin)
            } else if !holding.scope.reaches(resource) {
                Some(NotCounting::WrongScope)
            } else {
                None
            },
        });
        told.collect()
    }

    /// The ids of the roles that the subject holds at `at`, wherever, the base role apart, whether
    /// or not the subject is active. What is held twice is told twice.
    pub fn roles_now<'s>(&'s self, subject: &'s Subject, at: Timestamp) -> impl Iterator<Item = &'s str> {
        let told = subject.holdings.iter().filter(move |held| held.via != Via::Base && held.in_window(at));
        told.filter_map(|held| self.policy().roles().get(held.role).map(|role| role.document().id.as_str()))
    }

    /// Every permission that the subject holds on `resource` above level 0, in the order of the
    /// catalogue, each with the held roles that reach its level. `O(holdings x permissions)`.
    #[must_use]
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
        // Without conditions what a role reaches is compiled.
        let settled: Option<Vec<_>> = self.catalogue().has_conditions().then(|| {
            let facts = request.facts(subject);
            let alone = |(_, holding): &(usize, &Holding)| self.settled(std::iter::once(*holding), &facts);
            counting.iter().map(alone).collect()
        });
        let reaches = |number: usize, role: usize, permission: PermissionHandle| match &settled {
            None => self.reached(role, permission),
            Some(settled) => settled
                .get(number)
                .and_then(|levels| levels.get(permission.0 as usize))
                .copied()
                .unwrap_or_default(),
        };
        self.catalogue()
            .handles()
            .zip(levels)
            .filter(|(_, level)| *level > Level::NONE)
            .map(|(permission, level)| {
                let sources = counting
                    .iter()
                    .enumerate()
                    .filter(|(number, (_, holding))| reaches(*number, holding.role, permission) == level);
                let granted =
                    sources.clone().any(|(_, (_, holding))| self.granted(holding.role, permission) >= level);
                EffectivePermission {
                    permission: self.catalogue().id(permission).to_owned(),
                    level: self
                        .catalogue()
                        .scale(permission)
                        .map_or_else(String::new, |scale| scale.name(level).to_owned()),
                    sources: sources.map(|(_, (position, _))| *position).collect(),
                    implied: !granted,
                }
            })
            .collect()
    }
}
