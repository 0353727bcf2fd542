//! Shows once more who one is, before something that decides how one signs in.

use rolewright_wire::secret::Secret;
use rolewright_wire::session::Proof;
use yew::prelude::*;

use crate::sending::Sending;
use crate::session::use_session;
use crate::states::use_text;
use crate::widgets::{Banner, Button, Form, TextField, Tone, Variant};

/// The form.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The button.
    pub verb: AttrValue,
    /// Whether it takes something away.
    #[prop_or_default]
    pub danger: bool,
    /// With what it is sent.
    pub sending: Sending,
    /// Told what was typed.
    pub onproof: Callback<Proof>,
    /// Told when the person goes back; none where there is no way back.
    #[prop_or_default]
    pub oncancel: Option<Callback<()>>,
    /// What it means.
    pub children: Html,
}

/// The form.
#[component]
pub fn ProofForm(props: &Props) -> Html {
    let session = use_session();
    let (password, code) = (use_text(), use_text());
    let asks_code = session.current().is_some_and(|person| person.second_factor);
    let onsubmit = {
        let (password, code, onproof) = (password.clone(), code.clone(), props.onproof.clone());
        Callback::from(move |()| {
            onproof.emit(Proof { password: (*password).clone().into(), code: said(&code) });
        })
    };
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    let variant = if props.danger { Variant::Danger } else { Variant::Primary };
    html! {
        <Form class="form account__form" {onsubmit}>
            <div class="slot">
                if let Some(error) = props.sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
            { props.children.clone() }
            <TextField label="Your password" kind="password" autocomplete="current-password" required=true autofocus=true
                value={(*password).clone()} oninput={set_password} />
            <div class="slot">
                if asks_code {
                    { code_field(&code) }
                }
            </div>
            <div class="account__actions">
                <Button {variant} submit=true busy={props.sending.is_busy()}>{ props.verb.clone() }</Button>
                if let Some(oncancel) = &props.oncancel {
                    <Button onclick={oncancel.reform(|_| ())}>{ "Cancel" }</Button>
                }
            </div>
        </Form>
    }
}

/// Where the code of a second factor that is on is typed.
pub fn code_field(code: &UseStateHandle<String>) -> Html {
    let set = {
        let code = code.setter();
        Callback::from(move |value| code.set(value))
    };
    html! {
        <TextField label="Code" autocomplete="one-time-code" required=true value={(**code).clone()} oninput={set}
            hint="From your authenticator, or one of your recovery codes." />
    }
}

/// What was typed as a code; nothing where nothing was.
pub fn said(code: &str) -> Option<Secret> {
    Some(code.trim()).filter(|code| !code.is_empty()).map(|code| code.to_owned().into())
}
