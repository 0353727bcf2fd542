//! The dialog that changes a person's name and e-mail.

use rolewright_wire::Accepted;
use rolewright_wire::user::UserFields;
use yew::prelude::*;

use super::page::Loaded;
use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::session::use_session;
use crate::toast;
use crate::trial::use_trial;
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
    let sending = use_sending();
    let is_own = use_session().current().is_some_and(|person| person.user == props.user.view().user.id);
    let hint = is_own
        .then_some(AttrValue::Static("Your own is changed on the page of your account, with your password."));
    let set = |change: fn(&mut UserFields, String)| {
        let fields = fields.clone();
        Callback::from(move |value: String| {
            let mut next = (*fields).clone();
            change(&mut next, value);
            fields.set(next);
        })
    };
    let path = format!("/users/{}", js_sys::encode_uri_component(&props.user.view().user.id));
    let onsubmit = {
        let (user, path, fields, sending) =
            (props.user.clone(), path.clone(), fields.clone(), sending.clone());
        let (onclose, reload) = (props.onclose.clone(), props.reload.clone());
        Callback::from(move |()| {
            let body = UserFields {
                email: fields.email.trim().to_owned(),
                first_name: fields.first_name.trim().to_owned(),
                last_name: fields.last_name.trim().to_owned(),
            };
            let (onclose, reload) = (onclose.clone(), reload.clone());
            sending.send(Request::put(&*path, &body, user.etag()), move |_: Answer<Accepted>| {
                toast::say("Saved.");
                onclose.emit(());
                reload.emit(());
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
        changed.then(|| Request::put(path, &body, props.user.etag()))
    };
    let refusal = use_trial(trial).refusal;
    let blocked = refusal.as_ref().map(|refusal| refusal.at(".email").unwrap_or_else(|| refusal.to_string()));
    let blocked = blocked.map(AttrValue::from);
    let rest = sending.beside(&FIELDS);
    html! {
        <DialogForm title="Edit name and email" onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()} refused={blocked.clone()} tip_end=true>{ "Save" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = rest {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Email" kind="email" autocomplete="off" required=true autofocus={!is_own} fixed={is_own} {hint} error={sending.at(".email").or(blocked)}
                value={fields.email.clone()} oninput={set(|fields, value| fields.email = value)} />
            <div class="form__pair">
                <TextField label="First name" autocomplete="off" optional=true autofocus={is_own} error={sending.at(".first_name")}
                    value={fields.first_name.clone()} oninput={set(|fields, value| fields.first_name = value)} />
                <TextField label="Last name" autocomplete="off" optional=true error={sending.at(".last_name")}
                    value={fields.last_name.clone()} oninput={set(|fields, value| fields.last_name = value)} />
            </div>
        </DialogForm>
    }
}
