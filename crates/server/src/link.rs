//! Links that people are sent or shown: a page of a tenant's app, with a token that is good there.

use rolewright_wire::address;

/// A page that a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Creates the tenant's first superuser.
    Setup,
    /// Accepts an invitation.
    Invitation,
    /// Sets a password.
    PasswordReset,
}

impl Page {
    fn path(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password-reset",
        }
    }
}

/// Where a person goes. The token is in the fragment, which browsers send to nobody.
#[must_use]
pub fn to(public_url: &str, tenant: &str, page: Page, token: &str) -> String {
    format!("{public_url}{}/{}#token={token}", address::root(tenant), page.path())
}
