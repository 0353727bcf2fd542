//! One's own name.

use rolewright_wire::session::OwnName;
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::session::{self, use_session};
use crate::toast;
use crate::widgets::{Banner, Button, Form, TextField, Tone};

/// The fields that show their own errors.
const FIELDS: [&str; 2] = [".first_name", ".last_name"];

/// The form.
#[component]
pub fn NameForm() -> Html {
    let session = use_session();
    let name = {
        let person = session.current().cloned();
        use_state(move || OwnName {
            first_name: person.as_ref().map(|person| person.first_name.clone()).unwrap_or_default(),
            last_name: person.as_ref().map(|person| person.last_name.clone()).unwrap_or_default(),
        })
    };
    let sending = use_sending();
    let set = |change: fn(&mut OwnName, String)| {
        let name = name.clone();
        Callback::from(move |value: String| {
            let mut next = (*name).clone();
            change(&mut next, value);
            name.set(next);
        })
    };
    let onsubmit = {
        let (name, sending, session) = (name.clone(), sending.clone(), session.dispatcher());
        Callback::from(move |()| {
            sending.forget();
            let session = session.clone();
            sending.send(Request::put("/session/name", &*name, None), move |_: Answer<IgnoredAny>| {
                toast::say("Saved.");
                session::ask(session);
            });
        })
    };
    html! {
        <Form class="form account__form" {onsubmit}>
            <div class="slot">
                if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <div class="form__pair">
                <TextField label="First name" autocomplete="given-name" optional=true value={name.first_name.clone()}
                    oninput={set(|name, value| name.first_name = value)} error={sending.at(".first_name")} />
                <TextField label="Last name" autocomplete="family-name" optional=true value={name.last_name.clone()}
                    oninput={set(|name, value| name.last_name = value)} error={sending.at(".last_name")} />
            </div>
            <div class="account__actions">
                <Button submit=true busy={sending.is_busy()}>{ "Save name" }</Button>
            </div>
        </Form>
    }
}
