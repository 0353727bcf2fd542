//! What is privileged: what makes a superuser, or gives one of Rolewright's own permissions.

use rolewright_tests::world::{build, documents};

#[test]
fn a_role_is_privileged_where_it_makes_a_superuser_or_gives_one_of_rolewrights_own_permissions() {
    let state = build(documents());
    let assignments = &state.documents().directory.assignments;
    let of = |user: &str| {
        let principal = rolewright_model::directory::Principal::User(user.to_owned());
        let mut own = assignments.values().filter(|own| own.principal == principal);
        own.any(|own| state.is_privileged(&own.role, &own.scope))
    };
    // A superuser, who holds Rolewright's own permissions, and who holds nothing.
    assert_eq!(["sam", "ada", "nil"].map(of), [true, true, false]);
    for role in state.documents().roles.values().filter(|role| role.base) {
        assert!(!state.is_privileged(&role.id, "/"), "{}", role.id);
    }
    let gives = |role: &str, scope: &str| state.gives_at(role, scope, "users.assign_roles");
    assert_eq!([gives("root", "/"), gives("admin", "/"), gives("poster", "/")], [true, true, false]);
    assert!(!gives("no role", "/") && !gives("admin", "no//place"));
    assert!(!state.gives_at("admin", "/", "no.permission"));
    assert!(!state.is_privileged("no role", "/"));
    assert!(!state.is_privileged("no role", "no//place"));
}
