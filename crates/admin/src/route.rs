//! Every view has its address.

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
    /// People, or who holds what, put in from a table.
    Import,
    /// Who holds what, looked through row by row.
    Review,
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
        let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
        let first = parts.next().unwrap_or_default();
        let below = parts.next().map(|part| js_sys::decode_uri_component(part).map(String::from));
        if parts.next().is_some() {
            return Self::NotFound;
        }
        match (first, below) {
            ("", None) => Self::Overview,
            ("setup", None) => Self::Setup,
            ("sign-in", None) => Self::SignIn,
            ("invitation", None) => Self::Invitation,
            ("password-reset", None) => Self::PasswordReset,
            ("users", None) => Self::Users,
            ("users", Some(Ok(id))) => Self::User { id },
            ("import", None) => Self::Import,
            ("review", None) => Self::Review,
            ("permissions", None) => Self::Permissions,
            ("permissions", Some(Ok(role))) => Self::Assigned { role },
            ("roles", None) => Self::Roles,
            ("roles", Some(Ok(id))) if id == "new" => Self::NewRole,
            ("roles", Some(Ok(id))) => Self::Role { id },
            ("groups", None) => Self::Groups,
            ("groups", Some(Ok(id))) => Self::Group { id },
            ("matrix", None) => Self::Matrix,
            ("packages", None) => Self::Packages,
            ("packages", Some(Ok(id))) => Self::Package { id },
            ("resources", None) => Self::Resources,
            ("access", None) => Self::Access,
            ("account", None) => Self::Account,
            ("audit", None) => Self::Audit,
            ("settings", None) => Self::Settings,
            ("audit", Some(Ok(revision))) => Self::AuditEntry { revision },
            _ => Self::NotFound,
        }
    }

    /// The path of its address.
    pub fn path(&self) -> String {
        let (first, below) = match self {
            Self::Overview => ("", None),
            Self::Setup => ("setup", None),
            Self::SignIn => ("sign-in", None),
            Self::Invitation => ("invitation", None),
            Self::PasswordReset => ("password-reset", None),
            Self::Users => ("users", None),
            Self::User { id } => ("users", Some(id)),
            Self::Import => ("import", None),
            Self::Review => ("review", None),
            Self::Permissions => ("permissions", None),
            Self::Assigned { role } => ("permissions", Some(role)),
            Self::Roles => ("roles", None),
            Self::NewRole => ("roles/new", None),
            Self::Role { id } => ("roles", Some(id)),
            Self::Groups => ("groups", None),
            Self::Group { id } => ("groups", Some(id)),
            Self::Matrix => ("matrix", None),
            Self::Packages => ("packages", None),
            Self::Package { id } => ("packages", Some(id)),
            Self::Resources => ("resources", None),
            Self::Access => ("access", None),
            Self::Account => ("account", None),
            Self::Audit => ("audit", None),
            Self::AuditEntry { revision } => ("audit", Some(revision)),
            Self::Settings => ("settings", None),
            Self::NotFound => ("404", None),
        };
        match below {
            None => format!("/{first}"),
            Some(id) => format!("/{first}/{}", js_sys::encode_uri_component(id)),
        }
    }

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
            Self::User { .. } | Self::Import | Self::Permissions | Self::Assigned { .. } => Self::Users,
            Self::NewRole | Self::Role { .. } => Self::Roles,
            Self::Group { .. } => Self::Groups,
            Self::Package { .. } => Self::Packages,
            Self::AuditEntry { .. } => Self::Audit,
            other => other.clone(),
        }
    }
}
