//! Every view has its address.

use yew_router::prelude::*;

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq, Routable)]
pub enum Route {
    /// Where one begins.
    #[at("/")]
    Overview,
    /// Creates the first superuser, from the one-time link.
    #[at("/setup")]
    Setup,
    /// Begins a session.
    #[at("/sign-in")]
    SignIn,
    /// Accepts an invitation.
    #[at("/invitation")]
    Invitation,
    /// Sets a forgotten password, or asks for the link to do so.
    #[at("/password-reset")]
    PasswordReset,
    /// Everybody.
    #[at("/users")]
    Users,
    /// One person.
    #[at("/users/:id")]
    User {
        /// The user's id.
        id: String,
    },
    /// Every role.
    #[at("/roles")]
    Roles,
    /// A role that is not saved yet.
    #[at("/roles/new")]
    NewRole,
    /// The role editor.
    #[at("/roles/:id")]
    Role {
        /// The role's id.
        id: String,
    },
    /// What changed in a role, change by change.
    #[at("/roles/:id/versions")]
    RoleVersions {
        /// The role's id.
        id: String,
    },
    /// Two to four roles, or people, side by side.
    #[at("/compare")]
    Compare,
    /// Every role with who holds it, and what is given to everyone.
    #[at("/permissions")]
    Permissions,
    /// One role with who holds it.
    #[at("/permissions/:role")]
    Permission {
        /// The role's id.
        role: String,
    },
    /// Every group.
    #[at("/groups")]
    Groups,
    /// One group.
    #[at("/groups/:id")]
    Group {
        /// The group's id.
        id: String,
    },
    /// Roles by permissions or operations.
    #[at("/matrix")]
    Matrix,
    /// Every package.
    #[at("/packages")]
    Packages,
    /// One package.
    #[at("/packages/:id")]
    Package {
        /// The package's id.
        id: String,
    },
    /// The tree of places, and who holds what there.
    #[at("/resources")]
    Resources,
    /// Whether somebody may do something, and why.
    #[at("/access")]
    Explorer,
    /// Who holds what since when, to be kept or taken away.
    #[at("/access/review")]
    Review,
    /// Who changed what when.
    #[at("/audit")]
    Audit,
    /// One change.
    #[at("/audit/:revision")]
    AuditEntry {
        /// The revision that it made.
        revision: u64,
    },
    /// The tenant.
    #[at("/settings")]
    Settings,
    /// One's own account.
    #[at("/account")]
    Account,
    /// No such page.
    #[not_found]
    #[at("/404")]
    NotFound,
}

impl Route {
    /// The section of the sidebar to which the page belongs.
    pub fn section(&self) -> Self {
        match self {
            Self::User { .. } => Self::Users,
            Self::Permissions | Self::Permission { .. } => Self::Users,
            Self::NewRole | Self::Role { .. } | Self::RoleVersions { .. } | Self::Compare => Self::Roles,
            Self::Group { .. } => Self::Groups,
            Self::Package { .. } => Self::Packages,
            Self::Review => Self::Explorer,
            Self::AuditEntry { .. } => Self::Audit,
            other => other.clone(),
        }
    }
}
