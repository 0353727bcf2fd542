//! The whole app: what is known of the person, around the pages.

use yew::prelude::*;
use yew_router::prelude::*;

use crate::frame::Frame;
use crate::guard::GuardProvider;
use crate::live::LiveProvider;
use crate::pages::{invitation, overview, role_editor, roles, setup, sign_in, user, users};
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
    match route {
        Route::Overview => html! { <overview::OverviewPage key="overview" /> },
        Route::Users => html! { <users::UsersPage key="users" /> },
        Route::User { id } => html! { <user::UserPage key={format!("user-{id}")} id={id.clone()} /> },
        Route::Roles => html! { <roles::RolesPage key="roles" /> },
        Route::NewRole => html! { <role_editor::NewRolePage key="new-role" /> },
        Route::Role { id } => html! { <role_editor::RolePage key={format!("role-{id}")} id={id.clone()} /> },
        _ => html! { <NotFound key="not-found" /> },
    }
}

/// No such page.
#[component]
pub fn NotFound() -> Html {
    crate::frame::use_title("Not found");
    html! {
        <Empty icon="compass" title="There is nothing here"
            text="The address leads to no page, or to something that was deleted or is not for you." >
            <crate::guard::Link to={Route::Overview} class="button button--secondary">{ "Go to the overview" }</crate::guard::Link>
        </Empty>
    }
}
