//! One's own email.

use rolewright_wire::session::EmailChange;
use serde::de::IgnoredAny;
use yew::prelude::*;

use super::proof::{code_field, said};
use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::session::{self, use_session};
use crate::states::use_text;
use crate::toast;
use crate::widgets::{Banner, Button, Form, TextField, Tone};

/// The form.
#[component]
pub fn EmailForm() -> Html {
    let session = use_session();
    let (email, password, code) = (use_text(), use_text(), use_text());
    let sending = use_sending();
    let onsubmit = {
        let (email, password, code) = (email.clone(), password.clone(), code.clone());
        let (sending, session) = (sending.clone(), session.dispatcher());
        Callback::from(move |()| {
            sending.forget();
            let body = EmailChange {
                password: (*password).clone().into(),
                code: said(&code),
                email: email.trim().to_owned(),
            };
            let typed = [email.setter(), password.setter(), code.setter()];
            let session = session.clone();
            sending.send(Request::put("/session/email", &body, None), move |_: Answer<IgnoredAny>| {
                typed.iter().for_each(|typed| typed.set(String::new()));
                toast::say("Your email is changed, and every other session of yours has ended.");
                session::ask(session);
            });
        })
    };
    let asks_code = session.current().is_some_and(|person| person.second_factor);
    let set_email = use_callback(email.setter(), |value: String, email| email.set(value));
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    html! {
        <Form class="form account__form" {onsubmit}>
            <div class="slot">
                if let Some(rest) = sending.beside(&[".email"]) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="New email" kind="email" autocomplete="email" required=true
                value={(*email).clone()} oninput={set_email} error={sending.at(".email")} />
            <TextField label="Your password" kind="password" autocomplete="current-password" required=true
                value={(*password).clone()} oninput={set_password} />
            <div class="slot">
                if asks_code {
                    { code_field(&code) }
                }
            </div>
            <div class="account__actions">
                <Button submit=true busy={sending.is_busy()}>{ "Change email" }</Button>
            </div>
        </Form>
    }
}
