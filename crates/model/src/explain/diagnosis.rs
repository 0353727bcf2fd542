//! What stands in the way of something refused, in the order in which a person would look.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Idle, NotCounting};
use crate::catalogue::PermissionHandle;
use crate::derive::Ways;
use crate::index::Index;
use crate::package::PackageDocument;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::state::State;
use crate::subject::{Subject, Via};

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

impl Cause {
    /// Whether giving something away can help.
    pub(super) fn is_curable(self) -> bool {
        matches!(
            self,
            Self::PermissionNotGranted | Self::RoleNotOnPackage | Self::PackageNotOnUser | Self::RoleNotHeld
        )
    }
}

impl State {
    /// What stands in the way, in the order in which a person would look.
    pub(super) fn diagnose(
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
}
