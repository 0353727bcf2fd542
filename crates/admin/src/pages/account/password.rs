//! One's own password.

use rolewright_wire::session::PasswordChange;
use serde::de::IgnoredAny;
use yew::prelude::*;

use super::proof::{code_field, said};
use crate::api::{Answer, Request};
use crate::pages::passwords;
use crate::sending::use_sending;
use crate::session::use_session;
use crate::states::use_text;
use crate::toast;
use crate::widgets::{Banner, Button, Form, TextField, Tone};

/// The form.
#[component]
pub fn PasswordForm() -> Html {
    let session = use_session();
    let (current, code, chosen) = (use_text(), use_text(), use_text());
    let weak = use_text();
    let sending = use_sending();
    let onsubmit = {
        let (current, code, chosen) = (current.clone(), code.clone(), chosen.clone());
        let (weak, sending) = (weak.clone(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            let problem = passwords::problem(&chosen);
            let is_weak = problem.is_some();
            weak.set(problem.unwrap_or_default());
            if is_weak {
                return;
            }
            let body = PasswordChange {
                password: (*current).clone().into(),
                code: said(&code),
                new_password: (*chosen).clone().into(),
            };
            let typed = [current.setter(), code.setter(), chosen.setter()];
            sending.send(Request::put("/session/password", &body, None), move |_: Answer<IgnoredAny>| {
                typed.iter().for_each(|typed| typed.set(String::new()));
                toast::say("Your password is changed, and every other session of yours has ended.");
            });
        })
    };
    let asks_code = session.current().is_some_and(|person| person.second_factor);
    let weak = Some((*weak).clone()).filter(|weak| !weak.is_empty());
    let wrong = weak.map(AttrValue::from).or_else(|| sending.at(".new_password"));
    let set_current = use_callback(current.setter(), |value: String, current| current.set(value));
    let set_chosen = use_callback(chosen.setter(), |value: String, chosen| chosen.set(value));
    html! {
        <Form class="form account__form" {onsubmit}>
            <div class="slot">
                if let Some(rest) = sending.beside(&[".new_password"]) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Current password" kind="password" autocomplete="current-password" required=true
                value={(*current).clone()} oninput={set_current} />
            <div class="slot">
                if asks_code {
                    { code_field(&code) }
                }
            </div>
            <TextField label="New password" kind="password" autocomplete="new-password" required=true hint={passwords::hint()}
                value={(*chosen).clone()} oninput={set_chosen} error={wrong} />
            <div class="account__actions">
                <Button submit=true busy={sending.is_busy()}>{ "Change password" }</Button>
            </div>
        </Form>
    }
}
