//! The whole app: what is known of the person, around the pages.

use rolewright_model::console;
use rolewright_wire::session::View;
use yew::prelude::*;

use crate::frame::{Frame, Needs, ViewBanner};
use crate::guard::{self, GuardProvider};
use crate::live::LiveProvider;
use crate::nav::Link;
use crate::pages::{account, invitation, password_reset, setup, sign_in};
use crate::parts::{self, Part};
use crate::route::Route;
use crate::router::{Router, use_route};
use crate::session::{Auth, SessionProvider, use_session};
use crate::toast::ToastArea;
use crate::widgets::{Button, Empty, Icon};

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
        // As `index.html` has it.
        Auth::Unknown => html! {
            <div class="shell" key="opening" aria-busy="true">
                <div class="shell__frame">
                    <div class="shell__side"><Icon name="mark" class="mark" /></div>
                    <div><div class="shell__bar"></div><div class="page"><div class="opening"></div></div></div>
                </div>
            </div>
        },
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

/// The page, for who may see it.
fn inside(route: &Route) -> Html {
    let Some(part) = Part::of(route) else { return html! { <NotFound key="not-found" /> } };
    let page = html! { <parts::Page key={format!("{part:?}")} {part} route={route.clone()} /> };
    let (what, permissions) = needs(route);
    permissions.iter().rev().fold(page, |page, permission| {
        html! { <Needs key={*permission} permission={*permission} {what}>{ page }</Needs> }
    })
}

/// What a page shows, after "see", and what it takes to see it.
fn needs(route: &Route) -> (&'static str, &'static [&'static str]) {
    use console::{ACCESS_EXPLAIN, AUDIT_VIEW, GROUPS_VIEW, PACKAGES_VIEW, ROLES_VIEW, USERS_VIEW};
    match route {
        Route::Users | Route::User { .. } | Route::Import => ("people", &[USERS_VIEW]),
        Route::Review => ("the access review", &[USERS_VIEW]),
        Route::Resources => ("resources", &[USERS_VIEW]),
        Route::Permissions | Route::Assigned { .. } => ("who holds roles", &[USERS_VIEW, ROLES_VIEW]),
        Route::Roles | Route::NewRole | Route::Role { .. } | Route::CompareRoles => ("roles", &[ROLES_VIEW]),
        Route::Matrix => ("the matrix", &[ROLES_VIEW]),
        Route::RoleVersions { .. } | Route::RoleVersion { .. } => {
            ("the versions of roles", &[AUDIT_VIEW, ROLES_VIEW])
        }
        Route::Groups | Route::Group { .. } => ("groups", &[GROUPS_VIEW]),
        Route::Packages | Route::Package { .. } => ("packages", &[PACKAGES_VIEW]),
        Route::Access => ("why somebody may do something", &[ACCESS_EXPLAIN, ROLES_VIEW, USERS_VIEW]),
        Route::Audit | Route::AuditEntry { .. } => ("the audit log", &[AUDIT_VIEW]),
        Route::Overview | Route::Account | Route::Settings => ("", &[]),
        Route::Setup | Route::SignIn | Route::Invitation | Route::PasswordReset | Route::NotFound => {
            ("", &[])
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
