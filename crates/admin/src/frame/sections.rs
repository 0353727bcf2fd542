//! The sections of the app: what the sidebar leads to, and the keys that go there.

use rolewright_model::console;

use crate::access::Access;
use crate::route::Route;

/// A section.
pub struct Section {
    /// Its page.
    pub route: Route,
    /// Its icon.
    pub icon: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The keys that go there, one after the other.
    pub keys: &'static str,
    /// The permissions of which it needs one, where it needs any.
    needed: &'static [&'static str],
}

/// Every section, in order.
pub static SECTIONS: [Section; 11] = [
    section(Route::Overview, "layout-dashboard", "Overview", "g o", &[]),
    section(Route::Users, "users", "Users", "g u", &[console::USERS_VIEW]),
    section(Route::Groups, "users-round", "Groups", "g g", &[console::GROUPS_VIEW]),
    section(Route::Roles, "shield", "Roles", "g r", &[console::ROLES_VIEW]),
    section(Route::Matrix, "table-2", "Matrix", "g m", &[console::ROLES_VIEW]),
    section(Route::Packages, "package", "Packages", "g p", &[console::PACKAGES_VIEW]),
    section(Route::Resources, "folder-tree", "Resources", "g e", &[console::USERS_VIEW]),
    section(Route::Access, "waypoints", "Access explorer", "g a", &[console::ACCESS_EXPLAIN]),
    section(Route::Review, "list-checks", "Access review", "g v", &[console::USERS_VIEW]),
    section(Route::Audit, "history", "Audit log", "g l", &[console::AUDIT_VIEW]),
    section(
        Route::Settings,
        "settings",
        "Settings",
        "g s",
        &[console::SETTINGS_VIEW, console::API_KEYS_VIEW],
    ),
];

const fn section(
    route: Route,
    icon: &'static str,
    name: &'static str,
    keys: &'static str,
    needed: &'static [&'static str],
) -> Section {
    Section { route, icon, name, keys, needed }
}

impl Section {
    /// Whether the person may see it; before that is known, whether everybody may.
    pub fn is_for(&self, access: Option<&Access>) -> bool {
        self.needed.is_empty() || access.is_some_and(|access| self.needed.iter().any(|it| access.may(it)))
    }
}

/// What a section is called.
pub fn name_of(route: &Route) -> &'static str {
    SECTIONS.iter().find(|section| section.route == *route).map_or("", |section| section.name)
}
