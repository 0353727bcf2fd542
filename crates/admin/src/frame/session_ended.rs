//! The session ended while a page was open: the page stays as it is, and signing in goes on where one was.

use yew::prelude::*;

use crate::pages::password_reset::use_password_resets;
use crate::pages::sign_in::SignInForm;
use crate::route::Route;
use crate::session::{self, use_session};
use crate::tenant;
use crate::widgets::{Button, Dialog, Variant};

/// Asks to sign in again, over the page.
#[component]
pub fn SessionEnded() -> Html {
    let ended = use_session().has_ended();
    html! {
        <div class="slot">
            if ended {
                <SignInAgain />
            }
        </div>
    }
}

/// The form, with the ways out for whoever cannot sign in or does not want to.
#[component]
fn SignInAgain() -> Html {
    let session = use_session();
    let resets = use_password_resets();
    let email = session.current().map(|session| session.email.clone()).unwrap_or_default();
    let is_mailed = resets.data.is_some_and(|resets| resets.mailed);
    let sign_out = {
        let session = session.dispatcher();
        Callback::from(move |_: MouseEvent| session::sign_out(session.clone()))
    };
    html! {
        <Dialog title="Sign in again" onclose={Callback::noop()} stays=true footer={html! {
            <>
                if is_mailed {
                    // The page stays as it is: the link is asked for in a tab of its own.
                    <a class="button button--ghost" href={tenant::address(&Route::PasswordReset.path())} target="_blank">{ "Forgot your password?" }</a>
                }
                <Button variant={Variant::Ghost} onclick={sign_out}>{ "Sign out" }</Button>
            </>
        }}>
            <p class="muted">{ "Your session has ended. Nothing on this page is lost." }</p>
            <SignInForm {email} />
        </Dialog>
    }
}
