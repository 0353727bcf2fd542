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
    /// Every role with to whom it is assigned.
    #[at("/permissions")]
    Permissions,
    /// To whom one role is assigned.
    #[at("/permissions/:role")]
    Assigned {
        /// The role's id.
        role: String,
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
    /// Why somebody may or may not do something, and who may.
    #[at("/access")]
    Access,
    /// The change log.
    #[at("/audit")]
    Audit,
    /// One change.
    #[at("/audit/:revision")]
    AuditEntry {
        /// The revision that it made.
        revision: String,
    },
    /// No such page.
    #[not_found]
    #[at("/404")]
    NotFound,
}

impl Route {
    /// The page between the section and this one.
    pub fn above(&self) -> Option<(Self, &'static str)> {
        match self {
            Self::Assigned { .. } => Some((Self::Permissions, "Permissions")),
            _ => None,
        }
    }

    /// The section of the sidebar to which the page belongs.
    pub fn section(&self) -> Self {
        match self {
            Self::User { .. } | Self::Permissions | Self::Assigned { .. } => Self::Users,
            Self::NewRole | Self::Role { .. } => Self::Roles,
            Self::Group { .. } => Self::Groups,
            Self::Package { .. } => Self::Packages,
            Self::AuditEntry { .. } => Self::Audit,
            other => other.clone(),
        }
    }
}
