//! Every view has its address.

/// Pages beside those of single roles.
const NEW: &str = "new";
const COMPARE: &str = "compare";

/// What stands behind a role.
const VERSIONS: &str = "versions";

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Where one begins.
    Overview,
    /// Creates the first superuser, from the one-time link.
    Setup,
    /// Begins a session.
    SignIn,
    /// Accepts an invitation.
    Invitation,
    /// Sets a forgotten password, or asks for the link to do so.
    PasswordReset,
    /// Everybody.
    Users,
    /// One person.
    User {
        /// The user's id.
        id: String,
    },
    /// Every role with to whom it is assigned.
    Permissions,
    /// To whom one role is assigned.
    Assigned {
        /// The role's id.
        role: String,
    },
    /// Every role.
    Roles,
    /// A role that is not saved yet.
    NewRole,
    /// The role editor.
    Role {
        /// The role's id.
        id: String,
    },
    /// Every version of a role.
    RoleVersions {
        /// The role's id.
        id: String,
    },
    /// One version of a role.
    RoleVersion {
        /// The role's id.
        id: String,
        /// The revision that made it.
        revision: String,
    },
    /// Roles side by side.
    CompareRoles,
    /// Every group.
    Groups,
    /// One group.
    Group {
        /// The group's id.
        id: String,
    },
    /// Roles by permissions or operations.
    Matrix,
    /// Every package.
    Packages,
    /// One package.
    Package {
        /// The package's id.
        id: String,
    },
    /// The tree of places, and who holds what there.
    Resources,
    /// Why somebody may or may not do something, and who may.
    Access,
    /// One's own account.
    Account,
    /// The change log.
    Audit,
    /// One change.
    AuditEntry {
        /// The revision that it made.
        revision: String,
    },
    /// How the tenant behaves, its API keys and its policy.
    Settings,
    /// No such page.
    NotFound,
}

impl Route {
    /// The page at the path of an address.
    pub fn of(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        match *parts.as_slice() {
            [""] => Self::Overview,
            ["setup"] => Self::Setup,
            ["sign-in"] => Self::SignIn,
            ["invitation"] => Self::Invitation,
            ["password-reset"] => Self::PasswordReset,
            ["users"] => Self::Users,
            ["users", id] => named(id, |id| Self::User { id }),
            ["permissions"] => Self::Permissions,
            ["permissions", role] => named(role, |role| Self::Assigned { role }),
            ["roles"] => Self::Roles,
            ["roles", NEW] => Self::NewRole,
            ["roles", COMPARE] => Self::CompareRoles,
            ["roles", id] => named(id, |id| Self::Role { id }),
            ["roles", id, VERSIONS] => named(id, |id| Self::RoleVersions { id }),
            ["roles", id, VERSIONS, revision] => {
                named(id, |id| Self::RoleVersion { id, revision: revision.to_owned() })
            }
            ["groups"] => Self::Groups,
            ["groups", id] => named(id, |id| Self::Group { id }),
            ["matrix"] => Self::Matrix,
            ["packages"] => Self::Packages,
            ["packages", id] => named(id, |id| Self::Package { id }),
            ["resources"] => Self::Resources,
            ["access"] => Self::Access,
            ["account"] => Self::Account,
            ["audit"] => Self::Audit,
            ["audit", revision] => named(revision, |revision| Self::AuditEntry { revision }),
            ["settings"] => Self::Settings,
            _ => Self::NotFound,
        }
    }

    /// The path of its address.
    pub fn path(&self) -> String {
        let parts: &[&str] = match self {
            Self::Overview => &[""],
            Self::Setup => &["setup"],
            Self::SignIn => &["sign-in"],
            Self::Invitation => &["invitation"],
            Self::PasswordReset => &["password-reset"],
            Self::Users => &["users"],
            Self::User { id } => &["users", &segment(id)],
            Self::Permissions => &["permissions"],
            Self::Assigned { role } => &["permissions", &segment(role)],
            Self::Roles => &["roles"],
            Self::NewRole => &["roles", NEW],
            Self::CompareRoles => &["roles", COMPARE],
            Self::Role { id } => &["roles", &segment(id)],
            Self::RoleVersions { id } => &["roles", &segment(id), VERSIONS],
            Self::RoleVersion { id, revision } => &["roles", &segment(id), VERSIONS, &segment(revision)],
            Self::Groups => &["groups"],
            Self::Group { id } => &["groups", &segment(id)],
            Self::Matrix => &["matrix"],
            Self::Packages => &["packages"],
            Self::Package { id } => &["packages", &segment(id)],
            Self::Resources => &["resources"],
            Self::Access => &["access"],
            Self::Account => &["account"],
            Self::Audit => &["audit"],
            Self::AuditEntry { revision } => &["audit", &segment(revision)],
            Self::Settings => &["settings"],
            Self::NotFound => &["404"],
        };
        format!("/{}", parts.join("/"))
    }

    /// The page between the section and this one.
    pub fn above(&self) -> Option<(Self, &'static str)> {
        match self {
            Self::Assigned { .. } => Some((Self::Permissions, "Permissions")),
            Self::RoleVersion { id, .. } => Some((Self::RoleVersions { id: id.clone() }, "Versions")),
            _ => None,
        }
    }

    /// The section of the sidebar to which the page belongs.
    pub fn section(&self) -> Self {
        match self {
            Self::User { .. } | Self::Permissions | Self::Assigned { .. } => Self::Users,
            Self::NewRole
            | Self::CompareRoles
            | Self::Role { .. }
            | Self::RoleVersions { .. }
            | Self::RoleVersion { .. } => Self::Roles,
            Self::Group { .. } => Self::Groups,
            Self::Package { .. } => Self::Packages,
            Self::AuditEntry { .. } => Self::Audit,
            other => other.clone(),
        }
    }
}

/// The page of what a part of a path names.
fn named(part: &str, page: impl FnOnce(String) -> Route) -> Route {
    js_sys::decode_uri_component(part).map_or(Route::NotFound, |id| page(id.into()))
}

/// An id as a part of a path. One that reads as another page's is written otherwise: `new` as `%6Eew`.
fn segment(id: &str) -> String {
    match id {
        NEW => "%6Eew".to_owned(),
        COMPARE => "%63ompare".to_owned(),
        _ => js_sys::encode_uri_component(id).into(),
    }
}
