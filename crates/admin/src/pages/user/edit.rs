//! The dialog that changes a person's name and email.

use rolewright_wire::Accepted;
use rolewright_wire::user::UserFields;
use yew::prelude::*;

use super::page::Loaded;
use crate::api::{Answer, Request};
use crate::draft::{Draft, on_top, use_draft};
use crate::pages::meanwhile::{CHOOSE_FIRST, Meanwhile, Sides};
use crate::sending::{Sending, use_sending};
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
    let there = {
        let user = &props.user.view().user;
        UserFields {
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
        }
    };
    let draft = use_draft(there, props.user.etag().map(str::to_owned));
    let fields = draft.edit();
    let behind = draft.is_behind();
    let sending = use_sending();
    let is_own = use_session().current().is_some_and(|person| person.user == props.user.view().user.id);
    let hint = is_own
        .then_some(AttrValue::Static("Your own is changed on the page of your account, with your password."));
    let set = |change: fn(&mut UserFields, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = draft.edit().clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let path = format!("/users/{}", js_sys::encode_uri_component(&props.user.view().user.id));
    let onsubmit = {
        let (path, draft, sending) = (path.clone(), draft.clone(), sending.clone());
        let (onclose, reload) = (props.onclose.clone(), props.reload.clone());
        Callback::from(move |()| {
            if behind {
                return;
            }
            let fields = draft.edit();
            let body = UserFields {
                email: fields.email.trim().to_owned(),
                first_name: fields.first_name.trim().to_owned(),
                last_name: fields.last_name.trim().to_owned(),
            };
            let (onclose, reload) = (onclose.clone(), reload.clone());
            sending.send(Request::put(&*path, &body, draft.etag()), move |_: Answer<Accepted>| {
                toast::say("Saved.");
                onclose.emit(());
                reload.emit(());
            });
        })
    };
    // Whose email one may change depends on what they hold: the server says so before it is sent.
    let trial = {
        let user = &props.user.view().user;
        let body = UserFields {
            email: fields.email.trim().to_owned(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
        };
        let changed = !behind && !body.email.is_empty() && body.email != user.email;
        changed.then(|| Request::put(path, &body, props.user.etag()))
    };
    let refusal = use_trial(trial).refusal;
    let blocked = refusal.as_ref().map(|refusal| refusal.at(".email").unwrap_or_else(|| refusal.to_string()));
    let blocked = blocked.map(AttrValue::from);
    let refused = if behind { Some(AttrValue::Static(CHOOSE_FIRST)) } else { blocked.clone() };
    let rest = sending.beside(&FIELDS);
    let unsaved = draft.is_dirty().then_some(AttrValue::Static("What you changed is not saved yet."));
    html! {
        <DialogForm title="Edit name and email" onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()} {refused} tip_end=true>{ "Save" }</Button>
            </>
        }}>
            <div class="slot">
                if behind {
                    { meanwhile(&draft, &sending) }
                } else if let Some(rest) = rest {
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

/// Both sides, where somebody else saved the person meanwhile.
fn meanwhile(draft: &Draft<UserFields>, sending: &Sending) -> Html {
    let (was, theirs, yours) = (draft.was(), draft.there(), draft.edit());
    let side = |what: &'static str, field: fn(&UserFields) -> &String| {
        Sides::of(what, field(was).clone(), field(theirs).clone(), field(yours).clone())
    };
    let sides = vec![
        side("Email", |it| &it.email),
        side("First name", |it| &it.first_name),
        side("Last name", |it| &it.last_name),
    ];
    let choose = |choice: fn(&Draft<UserFields>)| {
        let (draft, sending) = (draft.clone(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            choice(&draft);
        })
    };
    let ontheirs = choose(Draft::take_theirs);
    let onyours = choose(|draft| {
        draft.put_on_top(|was, theirs, yours| UserFields {
            email: on_top(&was.email, &theirs.email, &yours.email),
            first_name: on_top(&was.first_name, &theirs.first_name, &yours.first_name),
            last_name: on_top(&was.last_name, &theirs.last_name, &yours.last_name),
        });
    });
    html! { <Meanwhile what="this person" version={draft.etag_there().map(str::to_owned)} {sides} {ontheirs} {onyours} /> }
}
