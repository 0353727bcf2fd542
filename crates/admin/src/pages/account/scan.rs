//! What an authenticator keeps: as a picture to scan and as a key to type, and a code that shows that it does.

use std::rc::Rc;

use rolewright_wire::session::{Confirmation, Enrolment, RecoveryCodes};
use yew::prelude::*;

use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, CopyButton, Form, TextField, Variant};

/// What it keeps.
#[derive(Properties)]
pub struct Props {
    /// What was begun.
    pub enrolment: Rc<Enrolment>,
    /// Whether it comes in the place of another.
    pub replaces: bool,
    /// Told the recovery codes, once it is on.
    pub onconfirmed: Callback<RecoveryCodes>,
    /// Told when the person goes back; none where there is no way back.
    pub oncancel: Option<Callback<()>>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.enrolment, &other.enrolment)
    }
}

/// The form.
#[component]
pub fn ScanForm(props: &Props) -> Html {
    let code = use_text();
    let sending = use_sending();
    let Enrolment { secret, qr, expires, .. } = &*props.enrolment;
    let onsubmit = {
        let (code, sending, onconfirmed) = (code.clone(), sending.clone(), props.onconfirmed.clone());
        Callback::from(move |()| {
            sending.forget();
            let body = Confirmation { code: code.trim().to_owned().into() };
            let onconfirmed = onconfirmed.clone();
            sending.send(
                Request::post("/session/second-factor/confirm", &body),
                move |answer: Answer<RecoveryCodes>| onconfirmed.emit(answer.body),
            );
        })
    };
    let set_code = use_callback(code.setter(), |value: String, code| code.set(value));
    let picture = String::from(js_sys::encode_uri_component(qr.expose()));
    html! {
        <Form class="form account__form" {onsubmit}>
            <p tabindex="-1" data-autofocus="">{ "Scan this with your authenticator app, then type the code that it shows." }</p>
            <img class="account__qr" src={format!("data:image/svg+xml,{picture}")} alt="QR code for your authenticator; the key below says the same" width="208" height="208" />
            <div class="field">
                <span class="field__label">{ "Key, if you cannot scan" }</span>
                <code class="account__key">{ grouped(secret.expose()) }</code>
                <p class="field__hint">{ format!("Shown only now, and good until {}.", text::moment(*expires)) }</p>
            </div>
            <div class="account__actions">
                <CopyButton text={secret.expose().to_owned()} label="Copy key" />
            </div>
            <TextField label="Code" autocomplete="one-time-code" required=true value={(*code).clone()} oninput={set_code}
                error={sending.failure().map(|error| AttrValue::from(error.to_string()))} hint="Six digits, new every 30 seconds." />
            <div class="account__actions">
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>
                    { if props.replaces { "Replace authenticator" } else { "Turn on" } }
                </Button>
                if let Some(oncancel) = &props.oncancel {
                    <Button onclick={oncancel.reform(|_| ())}>{ "Cancel" }</Button>
                }
            </div>
        </Form>
    }
}

/// A key as it is read and typed: in groups of four.
fn grouped(key: &str) -> String {
    let groups: Vec<&str> =
        key.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}
