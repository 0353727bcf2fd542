//! Passes: what a signed token says one subject holds, for edges that hold only the policy.

use serde::{Deserialize, Serialize};

use crate::condition::Attributes;
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::stamp::{Stamp, Timestamp};
use crate::subject::{Holding, Link, Subject, Via};

/// The longest that a pass is good for, in milliseconds: 15 minutes.
pub const LIFETIME: i64 = 15 * 60 * 1000;

/// What a pass says. The server signs it; the checker verifies it before it is read here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassDocument {
    /// The tenant.
    pub tenant: String,
    /// The user's id.
    pub subject: String,
    /// The revision at which the pass was made.
    pub at: Stamp,
    /// The revision at which the session began.
    pub session: Stamp,
    /// The user's attributes that some condition reads.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// The links that tie the user to roles.
    pub links: Vec<Link>,
    /// What the user holds, each through some of the links.
    pub holdings: Vec<PassHolding>,
}

/// One role that a pass says its subject holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassHolding {
    /// The role's id.
    pub role: String,
    /// Where.
    pub scope: String,
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Positions in the pass's links: every link on the way.
    pub links: Vec<usize>,
}

/// What passes made before a revision must no longer count: a link, a user, or a user's attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The link's or the user's id, or `user/attributes`.
    pub id: String,
    /// The revision that took it away.
    pub at: Stamp,
}

/// What is revoked where a user's attributes are edited; no id has a slash.
pub(crate) fn attributes_of(user: &str) -> String {
    [user, "/attributes"].concat()
}

impl Index {
    /// What a pass for that user says; `None` where the user is unknown or not active.
    /// Holdings whose window has ended are left out.
    #[must_use]
    pub fn pass(&self, tenant: &str, user: &str, session: Stamp, now: Timestamp) -> Option<PassDocument> {
        let subject = self.subject(user).filter(|subject| subject.active)?;
        let mut links: Vec<Link> = Vec::new();
        let mut holdings = Vec::new();
        let told =
            |holding: &&Holding| holding.via != Via::Base && holding.until.is_none_or(|until| now < until);
        for holding in subject.holdings.iter().filter(told) {
            let positions = holding.links.iter().map(|link| {
                links.iter().position(|known| known == link).unwrap_or_else(|| {
                    links.push(link.clone());
                    links.len() - 1
                })
            });
            let positions = positions.collect();
            holdings.push(PassHolding {
                role: self.policy().role_id(holding.role).to_owned(),
                scope: holding.scope.as_str().to_owned(),
                from: holding.from,
                until: holding.until,
                links: positions,
            });
        }
        Some(PassDocument {
            tenant: tenant.to_owned(),
            subject: user.to_owned(),
            at: self.at(),
            session,
            attributes: subject.attributes.clone(),
            links,
            holdings,
        })
    }

    /// The subject that a verified pass describes, as this state and its revocations see it.
    /// A role that is no more, a revoked link, or a pass from another history counts for
    /// nothing; a revoked user is not active, and revoked attributes are missing.
    #[must_use]
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn subject_of_pass(&self, pass: &PassDocument, revoked: &[Revocation]) -> Subject {
        let is_revoked =
            |id: &str| revoked.iter().any(|revocation| revocation.id == id && pass.at < revocation.at);
        let same_history = pass.at.epoch == self.at().epoch;
        let active = same_history && !is_revoked(&pass.subject);
        let holding = |told: &PassHolding| {
            let links: Option<Vec<Link>> =
                told.links.iter().map(|position| pass.links.get(*position).cloned()).collect();
            let links =
                links.filter(|links| !links.is_empty() && !links.iter().any(|link| is_revoked(&link.id)))?;
            let role = self.policy().role_position(&told.role)?;
            let scope = ResourcePath::parse(&told.scope).ok()?;
            self.holding_of(role, scope, (told.from, told.until), links)
        };
        let mut holdings: Vec<Holding> = pass.holdings.iter().filter_map(holding).collect();
        holdings.extend(self.base_holding());
        let outdated = is_revoked(&attributes_of(&pass.subject));
        Subject {
            id: pass.subject.clone(),
            active,
            attributes: match outdated {
                true => Attributes::new(),
                false => self.catalogue().read_of(&pass.attributes),
            },
            holdings,
        }
    }
}
