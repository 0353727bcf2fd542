//! The session ended while a page was open: the page stays as it is, and signing in goes on where one was.

use yew::prelude::*;

use crate::pages::sign_in::SignInForm;
use crate::session::use_session;
use crate::widgets::Dialog;

/// Asks to sign in again, over the page.
#[component]
pub fn SessionEnded() -> Html {
    let session = use_session();
    let ended = session.has_ended();
    let email = session.current().map(|session| session.email.clone()).unwrap_or_default();
    html! {
        <div class="slot">
            if ended {
                <Dialog title="Sign in again" onclose={Callback::noop()} stays=true>
                    <p class="muted">{ "Your session has ended. Nothing on this page is lost." }</p>
                    <SignInForm {email} />
                </Dialog>
            }
        </div>
    }
}
