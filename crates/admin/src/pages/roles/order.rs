//! The order in which roles stand in a table: the policy's, or that of a column.

use rolewright_wire::role::RoleView;

/// Roles in the order of the column that an address names, with a leading `-` turned round; those that are alike in it, and all where
/// it names none, as they were.
pub fn ordered(mut roles: Vec<RoleView>, sort: &str) -> Vec<RoleView> {
    let (column, turned) = sort.strip_prefix('-').map_or((sort, false), |column| (column, true));
    roles.sort_by(|one, other| {
        let order = key(one, column).cmp(&key(other, column));
        if turned { order.reverse() } else { order }
    });
    roles
}

/// What a role has in a column.
fn key(view: &RoleView, column: &str) -> (u64, String) {
    let role = &view.role;
    match column {
        "name" => (0, role.name.to_lowercase()),
        "id" => (0, role.id.clone()),
        "kind" => (u64::from(!role.is_built_in()), String::new()),
        "created" => (view.created.map_or(0, |at| at.0.unsigned_abs()), String::new()),
        "holders" => (view.holders, String::new()),
        "users" => (view.assigned.users, String::new()),
        "groups" => (view.assigned.groups, String::new()),
        _ => (0, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use rolewright_model::role::RoleDocument;
    use rolewright_wire::role::Assigned;

    use super::*;

    fn role(id: &str, name: &str, holders: u64) -> RoleView {
        RoleView {
            role: RoleDocument::new(id, name),
            revision: 1,
            changed: None,
            created: None,
            holders,
            assigned: Assigned::default(),
            packages: Vec::new(),
            tests: Vec::new(),
        }
    }

    #[test]
    fn roles_stand_in_the_order_of_a_column_and_alike_ones_as_they_were() {
        let roles = [role("c", "beta", 10), role("a", "Gamma", 9), role("b", "Alpha", 10)];
        for (sort, expected) in [
            ("", ["c", "a", "b"]),
            ("nothing", ["c", "a", "b"]),
            ("name", ["b", "c", "a"]),
            ("-name", ["a", "c", "b"]),
            ("id", ["a", "b", "c"]),
            ("holders", ["a", "c", "b"]),
            ("-holders", ["c", "b", "a"]),
            ("-groups", ["c", "a", "b"]),
        ] {
            let ids: Vec<_> = ordered(roles.to_vec(), sort).into_iter().map(|view| view.role.id).collect();
            assert_eq!(ids, expected, "`{sort}`");
        }
    }
}
