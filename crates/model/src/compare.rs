//! Comparisons: two to four roles, or users, side by side.

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::decide::Request;
use crate::diff::{Conditional, HeldLevel};
use crate::resource::ResourcePath;
use crate::scale::Level;
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
}

/// The fewest and the most that are compared at once.
const SIDE_BY_SIDE: std::ops::RangeInclusive<usize> = 2..=4;

impl State {
    /// Roles side by side, as held for the whole tenant. None where one is not known, or there are
    /// not two to four. `O(roles x permissions)`.
    #[must_use]
    pub fn compare_roles(&self, roles: &[&str]) -> Option<Comparison> {
        let positions: Option<Vec<usize>> = roles.iter().map(|id| self.policy().role_position(id)).collect();
        let tenant = ResourcePath::tenant();
        let held = |role: &usize, permission: PermissionHandle| {
            let top = self.catalogue().scale(permission).map_or(Level::NONE, |scale| scale.top());
            let when = |level| self.when_of_role_at(*role, &tenant, permission, level);
            self.held_level(permission, (1..=top.0).map(Level).map(|level| (level, when(level))))
        };
        self.compared(roles, &positions?, held)
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
        let all: Vec<_> =
            users.iter().map(|user| self.permissions_of(user, resource, request.in_session(None))).collect();
        let held = |all: &Vec<crate::query::Holds>, permission: PermissionHandle| {
            let held = all.iter().find(|held| held.permission == permission);
            let certain = held.map(|held| (held.level, When::Yes));
            let conditional = held.into_iter().flat_map(|held| held.conditional.iter().cloned());
            self.held_level(permission, certain.into_iter().chain(conditional))
        };
        self.compared(&ids, &all, held)
    }

    fn compared<T>(
        &self,
        ids: &[&str],
        all: &[T],
        held: impl Fn(&T, PermissionHandle) -> HeldLevel,
    ) -> Option<Comparison> {
        let row = |permission: PermissionHandle| {
            let nothing = self.held_level(permission, std::iter::empty());
            let held: Vec<HeldLevel> = all.iter().map(|one| held(one, permission)).collect();
            let differs = held.windows(2).any(|pair| matches!(pair, [one, other] if one != other));
            let permission = self.catalogue().id(permission).to_owned();
            held.iter().any(|held| *held != nothing).then_some(ComparedPermission {
                permission,
                held: held.clone(),
                differs,
            })
        };
        SIDE_BY_SIDE.contains(&all.len()).then(|| Comparison {
            of: ids.iter().map(|id| (*id).to_owned()).collect(),
            rows: self.catalogue().handles().filter_map(row).collect(),
        })
    }

    fn held_level(
        &self,
        permission: PermissionHandle,
        levels: impl Iterator<Item = (Level, When)>,
    ) -> HeldLevel {
        let mut held = HeldLevel { level: self.told(permission, Level::NONE).level, conditional: Vec::new() };
        for (level, when) in levels {
            let level = self.told(permission, level).level;
            match when {
                When::Yes => held.level = level,
                When::No => {}
                When::If(_) => held.conditional.push(Conditional { level, when: when.document() }),
            }
        }
        held
    }
}
