//! The tenant whose app this is: the address said it when the page was opened, and everything keeps to it.

use std::sync::LazyLock;

use rolewright_wire::address::{self, DEFAULT_TENANT};

use crate::browser;

static TENANT: LazyLock<String> = LazyLock::new(|| address::split(&browser::path()).0.to_owned());

/// The page's path within the app, `/users/ana`, wherever the app is.
pub fn within(path: &str) -> &str {
    address::split(path).1
}

/// Where the browser finds an address of the app: `/users` of `acme` is `/tenants/acme/users`.
pub fn address(within: &str) -> String {
    address::root(&TENANT) + within
}

/// Where the server answers, `/api/v1/tenants/acme/users`.
pub fn api(path: &str) -> String {
    ["/api/v1/tenants/", &**TENANT, path].concat()
}

/// A name under which the browser keeps something of this tenant.
pub fn key(name: &str) -> String {
    if *TENANT == DEFAULT_TENANT { name.to_owned() } else { [name, ".", &**TENANT].concat() }
}
