//! The whole app: what is known of the person, around the pages.

use rolewright_model::console;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::frame::{Frame, Needs};
use crate::guard::{GuardProvider, Link};
use crate::live::LiveProvider;
use crate::pages::{invitation, overview, password_reset, role_editor, roles, setup, sign_in, user, users};
use crate::route::Route;
use crate::session::{Auth, SessionProvider, use_session};
use crate::toast::ToastProvider;
use crate::widgets::{Button, Empty};

/// The whole app.
#[component]
pub fn App() -> Html {
    html! {
        <BrowserRouter>
            <SessionProvider>
                <LiveProvider>
                    <ToastProvider>
                        <GuardProvider>
                            <Switch<Route> render={page} />
                        </GuardProvider>
                    </ToastProvider>
                </LiveProvider>
            </SessionProvider>
        </BrowserRouter>
    }
}

fn page(route: Route) -> Html {
    match route {
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
        Auth::In { .. } => html! {
            <Frame key="frame" route={props.route.clone()}>
                { inside(&props.route) }
            </Frame>
        },
    }
}

fn inside(route: &Route) -> Html {
    let people = |page: Html| {
        html! { <Needs key="people" permission={console::USERS_VIEW} what="people">{ page }</Needs> }
    };
    let roles = |page: Html| {
        html! { <Needs key="roles" permission={console::ROLES_VIEW} what="roles">{ page }</Needs> }
    };
    match route {
        Route::Overview => html! { <overview::OverviewPage key="overview" /> },
        Route::Users => people(html! { <users::UsersPage key="users" /> }),
        Route::User { id } => people(html! { <user::UserPage key={format!("user-{id}")} id={id.clone()} /> }),
        Route::Roles => roles(html! { <roles::RolesPage key="roles" /> }),
        Route::NewRole => roles(html! { <role_editor::NewRolePage key="new-role" /> }),
        Route::Role { id } => {
            roles(html! { <role_editor::RolePage key={format!("role-{id}")} id={id.clone()} /> })
        }
        _ => html! { <NotFound key="not-found" /> },
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
