//! How much roles have in common: of each two, how many permissions both give. Pure, and so tested natively.

use rolewright_model::Level;
use rolewright_model::catalogue::PermissionHandle;

use crate::policy::Policy;

/// The most roles that are set side by side: those that give most.
const MOST: usize = 10;

/// The roles side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Ids of the roles, in the tenant's order.
    pub roles: Vec<String>,
    /// For each role and each role, how many permissions both give above what everybody has; a role and itself: all it gives.
    pub shared: Vec<Vec<usize>>,
    /// How many roles there are beside these.
    pub left_out: usize,
}

impl Overlap {
    /// Of the roles of a policy that give something, superusers apart. `O(roles² x permissions)`.
    pub fn of(policy: &Policy) -> Self {
        let base = policy.base().map(|base| base.id.clone());
        let handles: Vec<PermissionHandle> =
            policy.catalogue().handles().filter(|handle| policy.state().is_present(*handle)).collect();
        let common = |handle| base.as_ref().map_or(Level::NONE, |base| policy.reached(base, handle));
        let mut given: Vec<(String, Vec<bool>)> = policy
            .roles()
            .filter(|role| !role.superuser && !role.base)
            .map(|role| {
                let gives = handles.iter().map(|handle| policy.reached(&role.id, *handle) > common(*handle));
                (role.id.clone(), gives.collect::<Vec<bool>>())
            })
            .filter(|(_, gives)| gives.contains(&true) && gives.contains(&false))
            .collect();
        let size = |gives: &[bool]| gives.iter().filter(|gives| **gives).count();
        let all = given.len();
        if all > MOST {
            let mut sizes: Vec<usize> = given.iter().map(|(_, gives)| size(gives)).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            let least = sizes.get(MOST - 1).copied().unwrap_or_default();
            given.retain(|(_, gives)| size(gives) >= least);
            given.truncate(MOST);
        }
        let both = |a: &[bool], b: &[bool]| a.iter().zip(b).filter(|(a, b)| **a && **b).count();
        let shared = given.iter().map(|(_, a)| given.iter().map(|(_, b)| both(a, b)).collect()).collect();
        let left_out = all - given.len();
        Self { roles: given.into_iter().map(|(id, _)| id).collect(), shared, left_out }
    }
}

#[cfg(test)]
mod tests {
    use rolewright_model::PolicyDocument;
    use rolewright_model::Stamp;

    use super::*;

    #[test]
    fn two_roles_share_as_many_permissions_either_way_and_no_more_than_the_smaller_gives() {
        for text in [
            include_str!("../../../../server/templates/email-marketing.json"),
            include_str!("../../../../server/templates/analytics-cloud.json"),
        ] {
            let policy: PolicyDocument = serde_json::from_str(text).unwrap();
            let policy = Policy::of(&policy, Stamp::default()).unwrap();
            let overlap = Overlap::of(&policy);
            assert!(overlap.roles.len() >= 2 && overlap.roles.len() <= MOST);
            for (row, line) in overlap.shared.iter().enumerate() {
                for (column, shared) in line.iter().enumerate() {
                    assert_eq!(*shared, overlap.shared[column][row]);
                    assert!(*shared <= line[row].min(overlap.shared[column][column]));
                }
                assert!(line[row] > 0);
            }
        }
    }
}
