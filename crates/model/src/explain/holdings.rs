//! What somebody holds, and which of it gives what, as lists that a person reads.

use serde::{Deserialize, Serialize};

use super::NotCounting;
use crate::decide::Request;
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::rows::Bits;
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

    /// The ids of the roles that the subject holds at `at`, each with where, the base role apart, whether
    /// or not the subject is active. What is held twice is told twice.
    pub fn roles_now<'s>(
        &'s self,
        subject: &'s Subject,
        at: Timestamp,
    ) -> impl Iterator<Item = (&'s str, &'s ResourcePath)> {
        let told = subject.holdings.iter().filter(move |held| held.via != Via::Base && held.in_window(at));
        told.map(|held| (self.role_id(held.role), &held.scope))
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
