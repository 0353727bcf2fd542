//! Where a second factor is asked of a person who has none: it is set up before anything else.

use yew::prelude::*;

use super::enrol::Enrol;
use crate::pages::outside::Outside;
use crate::session::{self, use_session};

/// The page, in place of the one that was asked for, which stays in the address and is shown afterwards.
#[component]
pub fn SecondFactorRequired() -> Html {
    let session = use_session();
    let Some(person) = session.current() else { return html! {} };
    let ondone = {
        let session = session.dispatcher();
        Callback::from(move |()| session::ask(session.clone()))
    };
    let sign_out = {
        let session = session.dispatcher();
        Callback::from(move |_: MouseEvent| session::sign_out(session.clone()))
    };
    html! {
        <Outside title="Set up your second factor" text={html! {
            format!("{} asks for it: beside your password, you sign in with a code from an app on your phone. Until it is on, nothing else is open to you.", person.tenant_name)
        }}>
            <Enrol {ondone} />
            <button type="button" class="outside__more" onclick={sign_out}>{ "Sign out" }</button>
        </Outside>
    }
}
