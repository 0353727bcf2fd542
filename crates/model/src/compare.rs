//! Comparisons: two to four roles, or users, side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::decide::Request;
use crate::grounds::Grounds;
use crate::held::{HeldLevel, Likeness, OnScale};
use crate::query::Holds;
use crate::resource::ResourcePath;
use crate::state::State;
use crate::subject::Subject;
use crate::when::When;

/// Permissions by level for each of what is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// The ids of what is compared, as they were asked.
    pub of: Vec<String>,
    /// One for each permission that one of them holds, in the order of the catalogue.
    pub rows: Vec<ComparedPermission>,
}

/// One permission side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedPermission {
    /// The permission's id.
    pub permission: String,
    /// What each holds.
    pub held: Vec<HeldLevel>,
    /// Whether they do not all hold the same.
    pub differs: bool,
    /// Whether they may not, where they are not known to differ: conditions are not told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_differ: bool,
}

/// The fewest and the most that are compared at once.
pub const SIDE_BY_SIDE: std::ops::RangeInclusive<usize> = 2..=4;

impl State {
    /// Roles side by side, as held for the whole tenant. None where one is not known, or there are
    /// not two to four. `O(roles x permissions)`.
    #[must_use]
    pub fn compare_roles(&self, roles: &[&str]) -> Option<Comparison> {
        let positions: Option<Vec<usize>> = roles.iter().map(|id| self.policy().role_position(id)).collect();
        let tenant = ResourcePath::tenant();
        let held = |role: &usize, permission: PermissionHandle| {
            let when = |level| self.when_of_role_at(*role, &tenant, permission, level);
            OnScale::of(self.catalogue().scale(permission), when)
        };
        let grounds = |role: &usize, permission: PermissionHandle| {
            self.grounds(permission, |handle| self.granted_at(*role, &tenant, handle), None)
        };
        self.compared(roles, &positions?, held, grounds)
    }

    /// Users side by side at `resource`; for sessions begun now. None where there are not two to four.
    /// `O(users x permissions)`.
    #[must_use]
    pub fn compare_users(
        &self,
        users: &[&Subject],
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> Option<Comparison> {
        let ids: Vec<&str> = users.iter().map(|user| user.id()).collect();
        let request = request.in_session(None);
        let holds = |user: &Subject| -> BTreeMap<PermissionHandle, Holds> {
            let all = self.permissions_of(user, resource, request).into_iter();
            all.map(|held| (held.permission, held)).collect()
        };
        let all: Vec<(&Subject, _)> = users.iter().map(|user| (*user, holds(user))).collect();
        let held = |(_, all): &(&Subject, BTreeMap<PermissionHandle, Holds>), permission| {
            let nothing = || OnScale::of(self.catalogue().scale(permission), |_| When::No);
            all.get(&permission).cloned().map_or_else(nothing, |held| held.on_scale(self))
        };
        self.compared(&ids, &all, held, |(user, _), permission| {
            self.grounds_of(user, permission, resource, request)
        })
    }

    fn compared<'s, T>(
        &'s self,
        ids: &[&str],
        all: &'s [T],
        held: impl Fn(&T, PermissionHandle) -> OnScale<'s>,
        grounds: impl Fn(&'s T, PermissionHandle) -> Grounds<'s>,
    ) -> Option<Comparison> {
        let row = |permission: PermissionHandle| {
            let columns: Vec<(&'s T, OnScale<'s>)> =
                all.iter().map(|one| (one, held(one, permission))).collect();
            if columns.iter().all(|(_, held)| held.is_nothing()) {
                return None;
            }
            let alike =
                |((one, is), (other, others)): (&(&'s T, OnScale<'_>), &(&'s T, OnScale<'_>))| match is
                    .beside(others)
                {
                    Likeness::Untold if grounds(one, permission) == grounds(other, permission) => {
                        Likeness::Same
                    }
                    likeness => likeness,
                };
            let pairs = columns.iter().enumerate();
            let pairs =
                pairs.flat_map(|(at, one)| columns.iter().skip(at + 1).map(move |other| (one, other)));
            let alike: Vec<Likeness> = pairs.map(alike).collect();
            let differs = alike.contains(&Likeness::Different);
            Some(ComparedPermission {
                permission: self.catalogue().id(permission).to_owned(),
                held: columns.iter().map(|(_, held)| held.told()).collect(),
                differs,
                may_differ: !differs && alike.contains(&Likeness::Untold),
            })
        };
        SIDE_BY_SIDE.contains(&all.len()).then(|| Comparison {
            of: ids.iter().map(|id| (*id).to_owned()).collect(),
            rows: self.catalogue().handles().filter_map(row).collect(),
        })
    }
}
