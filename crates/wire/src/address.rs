//! Where a tenant's admin app is: the default tenant's at the server's root, every other's below `/tenants/{id}`.

use rolewright_model::catalogue::is_slug;

/// The tenant that a fresh server has.
pub const DEFAULT_TENANT: &str = "default";
/// What the addresses of the other tenants' apps begin with.
const OTHERS: &str = "/tenants/";

/// What every address of a tenant's app begins with: nothing, or `/tenants/acme`.
#[must_use]
pub fn root(tenant: &str) -> String {
    if tenant == DEFAULT_TENANT { String::new() } else { [OTHERS, tenant].concat() }
}

/// In which tenant's app a path is, and where in it: `/tenants/acme/users` is `/users` of `acme`.
#[must_use]
pub fn split(path: &str) -> (&str, &str) {
    let other = path.strip_prefix(OTHERS).map(|rest| match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, "/"),
    });
    other.filter(|(tenant, _)| is_slug(tenant)).unwrap_or((DEFAULT_TENANT, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_in_the_app_of_the_tenant_that_it_names() {
        for (path, tenant, within) in [
            ("/", "default", "/"),
            ("/users/u_1", "default", "/users/u_1"),
            ("/tenants/acme", "acme", "/"),
            ("/tenants/acme/", "acme", "/"),
            ("/tenants/acme/users/u_1", "acme", "/users/u_1"),
            ("/tenants/default/users", "default", "/users"),
            // No tenant is called so.
            ("/tenants", "default", "/tenants"),
            ("/tenants/", "default", "/tenants/"),
            ("/tenants/Acme/users", "default", "/tenants/Acme/users"),
            ("/tenants/a%2Fb/users", "default", "/tenants/a%2Fb/users"),
        ] {
            assert_eq!(split(path), (tenant, within), "{path}");
        }
        assert_eq!((root("default"), root("acme")), (String::new(), "/tenants/acme".to_owned()));
    }
}
