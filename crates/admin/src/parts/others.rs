//! Every page but the first.

use yew::prelude::*;

use crate::app::NotFound;
use crate::pages::{
    account, audit, explorer, groups, import, matrix, packages, permissions, resources, review, role_editor,
    role_versions, roles, settings, user, users,
};
use crate::route::Route;

/// A page of this part.
pub fn page(route: &Route) -> Html {
    match route {
        Route::Users => html! { <users::UsersPage key="users" /> },
        Route::User { id } => html! { <user::UserPage key={format!("user-{id}")} id={id.clone()} /> },
        Route::Import => html! { <import::ImportPage key="import" /> },
        Route::Review => html! { <review::ReviewPage key="review" /> },
        Route::Permissions => html! { <permissions::PermissionsPage key="permissions" /> },
        Route::Assigned { role } => {
            html! { <permissions::AssignedPage key={format!("assigned-{role}")} role={role.clone()} /> }
        }
        Route::Resources => html! { <resources::ResourcesPage key="resources" /> },
        Route::Groups => html! { <groups::GroupsPage key="groups" /> },
        Route::Group { id } => html! { <groups::GroupPage key={format!("group-{id}")} id={id.clone()} /> },
        Route::Packages => html! { <packages::PackagesPage key="packages" /> },
        Route::Package { id } => {
            html! { <packages::PackagePage key={format!("package-{id}")} id={id.clone()} /> }
        }
        Route::Roles => html! { <roles::RolesPage key="roles" /> },
        Route::NewRole => html! { <role_editor::NewRolePage key="new-role" /> },
        Route::Role { id } => html! { <role_editor::RolePage key={format!("role-{id}")} id={id.clone()} /> },
        Route::RoleVersions { id } => {
            html! { <role_versions::VersionsPage key={format!("versions-{id}")} id={id.clone()} /> }
        }
        Route::RoleVersion { id, revision } => html! {
            <role_versions::VersionPage key={format!("version-{id}-{revision}")} id={id.clone()} revision={revision.clone()} />
        },
        Route::CompareRoles => html! { <roles::ComparePage key="compare-roles" /> },
        Route::Matrix => html! { <matrix::MatrixPage key="matrix" /> },
        Route::Account => html! { <account::AccountPage key="account" /> },
        Route::Audit => html! { <audit::AuditPage key="audit" /> },
        Route::AuditEntry { revision } => {
            html! { <audit::EntryPage key={format!("audit-{revision}")} revision={revision.clone()} /> }
        }
        Route::Settings => html! { <settings::SettingsPage key="settings" /> },
        Route::Access => html! { <explorer::ExplorerPage key="access" /> },
        Route::Overview
        | Route::Setup
        | Route::SignIn
        | Route::Invitation
        | Route::PasswordReset
        | Route::NotFound => html! { <NotFound key="not-found" /> },
    }
}
