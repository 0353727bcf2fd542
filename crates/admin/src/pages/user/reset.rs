//! The dialog that turns off the second factor of somebody who lost access to it.

use rolewright_wire::session::Proof;
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::api::{Answer, Request};
use crate::pages::account::{code_field, said};
use crate::sending::use_sending;
use crate::session::use_session;
use crate::states::use_text;
use crate::toast;
use crate::widgets::{Banner, Button, DialogForm, TextField, Tone, Variant, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose second factor.
    pub id: AttrValue,
    /// What a person reads of them.
    pub name: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is off.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn ResetDialog(props: &Props) -> Html {
    let session = use_session();
    let sending = use_sending();
    let (password, code) = (use_text(), use_text());
    let asks_code = session.current().is_some_and(|person| person.second_factor);
    let onsubmit = {
        let (password, code, sending) = (password.clone(), code.clone(), sending.clone());
        let (id, name, ondone) = (props.id.clone(), props.name.clone(), props.ondone.clone());
        Callback::from(move |()| {
            sending.forget();
            let proof = Proof { password: (*password).clone().into(), code: said(&code) };
            let path = format!("/users/{}/second-factor/reset", js_sys::encode_uri_component(&id));
            let (name, ondone) = (name.clone(), ondone.clone());
            sending.send(Request::post(path, &proof), move |_: Answer<IgnoredAny>| {
                toast::say(format!("The second factor of {name} is off, and their sessions are ended."));
                ondone.emit(());
            });
        })
    };
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    html! {
        <DialogForm title={format!("Reset the second factor of {}?", props.name)} onclose={props.onclose.clone()} {onsubmit} unsaved={unsaved(&[&password, &code])} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} submit=true busy={sending.is_busy()}>{ "Reset" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
            <p>{ "Only for somebody who lost their authenticator, and whom you know to be who they say. They sign in with their password alone then, until they set up a new one, and every session of theirs ends now." }</p>
            <TextField label="Your password" kind="password" autocomplete="current-password" required=true autofocus=true
                value={(*password).clone()} oninput={set_password} />
            <div class="slot">
                if asks_code {
                    { code_field(&code) }
                }
            </div>
        </DialogForm>
    }
}
