//! The dialog that changes a person's name and e-mail.

use rolewright_wire::Accepted;
use rolewright_wire::user::UserFields;
use yew::prelude::*;

use super::page::Loaded;
use crate::api;
use crate::states::{use_failure, use_flag};
use crate::toast;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, DialogForm, TextField, Tone, Variant};

const FIELDS: [&str; 3] = [".email", ".first_name", ".last_name"];

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose name.
    pub user: Loaded,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Shows the person anew.
    pub reload: Callback<()>,
}

/// The dialog.
#[component]
pub fn EditDialog(props: &Props) -> Html {
    let fields = {
        let user = props.user.view().user.clone();
        use_state(move || UserFields {
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
        })
    };
    let busy = use_flag();
    let error = use_failure();
    let set = |change: fn(&mut UserFields, String)| {
        let fields = fields.clone();
        Callback::from(move |value: String| {
            let mut next = (*fields).clone();
            change(&mut next, value);
            fields.set(next);
        })
    };
    let onsubmit = {
        let (user, fields, busy, error) = (props.user.clone(), fields.clone(), busy.clone(), error.clone());
        let (onclose, reload) = (props.onclose.clone(), props.reload.clone());
        Callback::from(move |()| {
            if *busy {
                return;
            }
            busy.set(true);
            let body = UserFields {
                email: fields.email.trim().to_owned(),
                first_name: fields.first_name.trim().to_owned(),
                last_name: fields.last_name.trim().to_owned(),
            };
            let (user, busy, error, onclose, reload) =
                (user.clone(), busy.clone(), error.clone(), onclose.clone(), reload.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let path = format!("/users/{}", js_sys::encode_uri_component(&user.view().user.id));
                let answer = api::put::<_, Accepted>(&path, &body, user.etag()).await;
                busy.set(false);
                match answer {
                    Ok(_) => {
                        toast::say("Saved.");
                        onclose.emit(());
                        reload.emit(());
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    // Whose e-mail one may change depends on what they hold: the server says so before it is sent.
    let trial = {
        let user = &props.user.view().user;
        let body = UserFields {
            email: fields.email.trim().to_owned(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
        };
        let changed = !body.email.is_empty() && body.email != user.email;
        let path = format!("/users/{}", js_sys::encode_uri_component(&user.id));
        changed.then(|| Trial::put(&path, &body, props.user.etag()))
    };
    let refusal = use_trial(trial.flatten()).refusal;
    let blocked = refusal.as_ref().map(|refusal| refusal.at(".email").unwrap_or_else(|| refusal.to_string()));
    let blocked = blocked.map(AttrValue::from);
    let at = |field: &str| error.as_ref().and_then(|error| error.at(field)).map(AttrValue::from);
    let rest = error.as_ref().and_then(|error| error.beside(&FIELDS));
    html! {
        <DialogForm title="Edit name and email" onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={*busy} refused={blocked.clone()} tip_end=true>{ "Save" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = rest {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Email" kind="email" autocomplete="off" required=true autofocus=true error={at(".email").or(blocked)}
                value={fields.email.clone()} oninput={set(|fields, value| fields.email = value)} />
            <div class="form__pair">
                <TextField label="First name" autocomplete="off" optional=true error={at(".first_name")}
                    value={fields.first_name.clone()} oninput={set(|fields, value| fields.first_name = value)} />
                <TextField label="Last name" autocomplete="off" optional=true error={at(".last_name")}
                    value={fields.last_name.clone()} oninput={set(|fields, value| fields.last_name = value)} />
            </div>
        </DialogForm>
    }
}
