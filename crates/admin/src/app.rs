//! The whole app: what is known of the person, around the pages.

use rolewright_model::console;
use rolewright_wire::session::View;
use yew::prelude::*;

use crate::frame::{Frame, Needs, ViewBanner};
use crate::guard::{self, GuardProvider};
use crate::live::LiveProvider;
use crate::nav::Link;
use crate::pages::{
    account, audit, explorer, groups, import, invitation, matrix, overview, packages, password_reset,
    permissions, resources, review, role_editor, role_versions, roles, settings, setup, sign_in, user, users,
};
use crate::route::Route;
use crate::router::{Router, use_route};
use crate::session::{Auth, SessionProvider, use_session};
use crate::toast::ToastArea;
use crate::widgets::{Button, Empty};

/// The whole app.
#[component]
pub fn App() -> Html {
    html! {
        <Router>
            <SessionProvider>
                <LiveProvider>
                    <GuardProvider>
                        <Pages />
                    </GuardProvider>
                    <ToastArea />
                </LiveProvider>
            </SessionProvider>
        </Router>
    }
}

/// The page that the address leads to.
#[component]
fn Pages() -> Html {
    match use_route() {
        Route::Setup => html! { <setup::SetupPage key="setup" /> },
        Route::SignIn => html! { <sign_in::SignInPage key="sign-in" /> },
        Route::Invitation => html! { <invitation::InvitationPage key="invitation" /> },
        Route::PasswordReset => html! { <password_reset::PasswordResetPage key="password-reset" /> },
        route => html! { <Inside key="inside" {route} /> },
    }
}

#[derive(Properties, PartialEq)]
struct InsideProps {
    route: Route,
}

/// The pages for those who are signed in.
#[component]
fn Inside(props: &InsideProps) -> Html {
    let session = use_session();
    let shown = use_mut_ref(|| None::<View>);
    let retry = {
        let session = session.dispatcher();
        Callback::from(move |_: MouseEvent| crate::session::ask(session.clone()))
    };
    match &*session {
        Auth::Unknown => html! { <div class="opening" key="opening" aria-busy="true"></div> },
        Auth::Out => html! { <sign_in::SignInPage key="out" /> },
        Auth::Failed(error) => html! {
            <main class="outside" key="failed">
                <Empty icon="cloud-off" title="The server cannot be reached" text={error.to_string()}>
                    <Button onclick={retry}>{ "Try again" }</Button>
                </Empty>
            </main>
        },
        Auth::In { session, .. } if session.second_factor_required => html! {
            <account::SecondFactorRequired key="second-factor" />
        },
        Auth::In { session, .. } => {
            // What is typed on this page would be lost where another tab begins to view as somebody else: it stays as it is.
            if !guard::is_unsaved() {
                shown.borrow_mut().clone_from(&session.view);
            }
            let view = shown.borrow().clone();
            // Nothing that was shown to the one is kept for the other.
            let key = view.as_ref().map_or_else(|| "own".to_owned(), |view| format!("as-{}", view.whom.id()));
            html! {
                <div class="slot" key="frame">
                    <ViewBanner key="view" />
                    <Frame {key} route={props.route.clone()} {view}>
                        { inside(&props.route) }
                    </Frame>
                </div>
            }
        }
    }
}

fn inside(route: &Route) -> Html {
    let needs = |what: &'static str, permission: &'static str, page: Html| {
        html! { <Needs key={what} {permission} {what}>{ page }</Needs> }
    };
    let people = |page: Html| needs("people", console::USERS_VIEW, page);
    let roles = |page: Html| needs("roles", console::ROLES_VIEW, page);
    match route {
        Route::Overview => html! { <overview::OverviewPage key="overview" /> },
        Route::Users => people(html! { <users::UsersPage key="users" /> }),
        Route::User { id } => people(html! { <user::UserPage key={format!("user-{id}")} id={id.clone()} /> }),
        Route::Import => people(html! { <import::ImportPage key="import" /> }),
        Route::Review => people(html! { <review::ReviewPage key="review" /> }),
        Route::Permissions => {
            let page = html! { <permissions::PermissionsPage key="permissions" /> };
            people(needs("roles", console::ROLES_VIEW, page))
        }
        Route::Assigned { role } => {
            let page =
                html! { <permissions::AssignedPage key={format!("assigned-{role}")} role={role.clone()} /> };
            people(needs("roles", console::ROLES_VIEW, page))
        }
        Route::Roles => roles(html! { <roles::RolesPage key="roles" /> }),
        Route::NewRole => roles(html! { <role_editor::NewRolePage key="new-role" /> }),
        Route::Role { id } => {
            roles(html! { <role_editor::RolePage key={format!("role-{id}")} id={id.clone()} /> })
        }
        Route::RoleVersions { id } => needs(
            "the versions of roles",
            console::AUDIT_VIEW,
            roles(html! { <role_versions::VersionsPage key={format!("versions-{id}")} id={id.clone()} /> }),
        ),
        Route::RoleVersion { id, revision } => needs(
            "the versions of roles",
            console::AUDIT_VIEW,
            roles(html! {
                <role_versions::VersionPage key={format!("version-{id}-{revision}")} id={id.clone()} revision={revision.clone()} />
            }),
        ),
        Route::CompareRoles => roles(html! { <roles::ComparePage key="compare-roles" /> }),
        Route::Matrix => roles(html! { <matrix::MatrixPage key="matrix" /> }),
        Route::Resources => people(html! { <resources::ResourcesPage key="resources" /> }),
        Route::Groups => needs("groups", console::GROUPS_VIEW, html! { <groups::GroupsPage key="groups" /> }),
        Route::Group { id } => {
            let page = html! { <groups::GroupPage key={format!("group-{id}")} id={id.clone()} /> };
            needs("groups", console::GROUPS_VIEW, page)
        }
        Route::Packages => {
            needs("packages", console::PACKAGES_VIEW, html! { <packages::PackagesPage key="packages" /> })
        }
        Route::Package { id } => {
            let page = html! { <packages::PackagePage key={format!("package-{id}")} id={id.clone()} /> };
            needs("packages", console::PACKAGES_VIEW, page)
        }
        Route::Access => needs(
            "why somebody may do something",
            console::ACCESS_EXPLAIN,
            roles(people(html! { <explorer::ExplorerPage key="access" /> })),
        ),
        Route::Account => html! { <account::AccountPage key="account" /> },
        Route::Audit => {
            needs("the audit log", console::AUDIT_VIEW, html! { <audit::AuditPage key="audit" /> })
        }
        Route::AuditEntry { revision } => {
            let page =
                html! { <audit::EntryPage key={format!("audit-{revision}")} revision={revision.clone()} /> };
            needs("the audit log", console::AUDIT_VIEW, page)
        }
        Route::Settings => html! { <settings::SettingsPage key="settings" /> },
        Route::Setup | Route::SignIn | Route::Invitation | Route::PasswordReset | Route::NotFound => {
            html! { <NotFound key="not-found" /> }
        }
    }
}

/// No such page.
#[component]
pub fn NotFound() -> Html {
    crate::frame::use_title("Not found");
    html! {
        <Empty icon="compass" title="There is nothing here"
            text="The address leads to no page, or to something that was deleted or is not for you." page=true>
            <Link to={Route::Overview} class="button button--secondary">{ "Go to the overview" }</Link>
        </Empty>
    }
}
