//! The dialog that creates a package.

use rolewright_model::change::PackageEdit;
use rolewright_wire::Accepted;
use yew::prelude::*;

use crate::api::{Answer, Request};
use crate::guard::forget_unsaved;
use crate::sending::use_sending;
use crate::states::{use_flag, use_text};
use crate::toast;
use crate::widgets::{Banner, Button, DialogForm, TextArea, TextField, Tone, Variant, unsaved};

const FIELDS: [&str; 2] = [".name", ".description"];

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told its id when it is there.
    pub ondone: Callback<Option<String>>,
}

/// The dialog.
#[component]
pub fn PackageDialog(props: &Props) -> Html {
    let (name, description) = (use_text(), use_text());
    let missing = use_flag();
    let sending = use_sending();
    let set_name = {
        let (name, missing, sending) = (name.setter(), missing.setter(), sending.clone());
        Callback::from(move |value: String| {
            name.set(value);
            // What was wrong is being put right.
            missing.set(false);
            sending.forget();
        })
    };
    let set_description = use_callback(description.setter(), |value: String, text| text.set(value));
    let onsubmit = {
        let (name, description, missing) = (name.clone(), description.clone(), missing.clone());
        let (sending, onclose, ondone) = (sending.clone(), props.onclose.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let body = PackageEdit {
                id: String::new(),
                name: name.trim().to_owned(),
                description: description.trim().to_owned(),
                roles: Vec::new(),
            };
            missing.set(body.name.is_empty());
            if body.name.is_empty() {
                return;
            }
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            sending.send(Request::post("/packages", &body), move |answer: Answer<Accepted>| {
                toast::say(format!("Created {}. Choose the roles that it carries.", body.name));
                forget_unsaved();
                onclose.emit(());
                ondone.emit(answer.body.id);
            });
        })
    };
    let name_error = if *missing {
        Some(AttrValue::Static("Write a name for the package."))
    } else {
        sending.at(FIELDS[0])
    };
    html! {
        <DialogForm title="Create package" onclose={props.onclose.clone()} {onsubmit} unsaved={unsaved(&[&name, &description])} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Create package" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={(*name).clone()} oninput={set_name} error={name_error} />
            <TextArea label="Description" optional=true value={(*description).clone()} oninput={set_description} error={sending.at(FIELDS[1])} />
        </DialogForm>
    }
}
