//! The dialog that invites a person, and then shows the link.

use std::rc::Rc;

use rolewright_model::change::{Change, UserEdit};
use rolewright_wire::user::{Invite, Invited};
use yew::prelude::*;

use super::role_picker::RolePicker;
use crate::access::use_access;
use crate::api::{Answer, Request};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::sending::use_sending;
use crate::states::{use_flag, use_text};
use crate::toast;
use crate::widgets::{Banner, Button, DialogForm, TextField, Tone, unsaved};

pub use super::super::user::{LinkDialog, Outcome};

const FIELDS: [&str; 3] = [".email", ".first_name", ".last_name"];

#[derive(Clone, Default, PartialEq)]
struct Form {
    email: String,
    first_name: String,
    last_name: String,
    roles: Rc<[String]>,
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// The dialog.
#[component]
pub fn InviteDialog(props: &Props) -> Html {
    let access = use_access();
    let form = use_state(Form::default);
    let missing = use_flag();
    let (sending, reason) = (use_sending(), use_text());
    let invited = use_state(|| None::<Outcome>);
    let set = |change: fn(&mut Form, String)| {
        let (form, missing, sending) = (form.clone(), missing.clone(), sending.clone());
        Callback::from(move |value: String| {
            let mut next = (*form).clone();
            change(&mut next, value);
            form.set(next);
            // What was wrong is being put right.
            missing.set(false);
            sending.forget();
        })
    };
    let set_roles = {
        let form = form.clone();
        Callback::from(move |roles: Rc<[String]>| form.set(Form { roles, ..(*form).clone() }))
    };
    let onsubmit = {
        let (form, missing, sending, invited) =
            (form.clone(), missing.clone(), sending.clone(), invited.setter());
        let reason = reason.trim().to_owned();
        Callback::from(move |()| {
            let email = form.email.trim().to_owned();
            missing.set(email.is_empty());
            if email.is_empty() {
                return;
            }
            let body = Invite {
                email: email.clone(),
                first_name: form.first_name.trim().to_owned(),
                last_name: form.last_name.trim().to_owned(),
                roles: form.roles.to_vec(),
            };
            let invited = invited.clone();
            sending.send(Request::post("/users", &body).because(&reason), move |answer: Answer<Invited>| {
                toast::say(format!("Invited {email}."));
                invited.set(Some(answer.body.into()));
            });
        })
    };
    if let Some(outcome) = &*invited {
        let who = [form.first_name.trim(), form.last_name.trim()].join(" ");
        let who = if who.trim().is_empty() { form.email.trim() } else { who.trim() };
        return html! {
            <div class="slot" key="link">
                <LinkDialog who={who.to_owned()} email={form.email.trim().to_owned()} outcome={outcome.clone()} onclose={props.onclose.clone()} />
            </div>
        };
    }
    // Giving roles with an invitation needs more than inviting.
    let roles_refused = access.as_ref().and_then(|access| {
        let user = UserEdit {
            id: "new".to_owned(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
        };
        access.reason(&Change::InviteUser { user, roles: vec![String::new()] })
    });
    let email_error = if *missing {
        Some(AttrValue::Static("Write the email address to invite."))
    } else {
        sending.at(".email")
    };
    let rest = sending.beside(&FIELDS);
    let unsaved = (*form != Form::default())
        .then_some(AttrValue::Static("Who you filled in is not invited yet."))
        .or_else(|| unsaved(&[&reason]));
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), form.roles.iter().map(String::as_str), None);
    html! {
        <div class="slot" key="form">
            <DialogForm title="Invite user" onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
                <>
                    <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                    <Button variant={superusers::variant(makes_superusers)} submit=true busy={sending.is_busy()}>{ "Invite user" }</Button>
                </>
            }}>
                <div class="slot">
                    if let Some(rest) = rest {
                        <Banner tone={Tone::Problem}>{ rest }</Banner>
                    }
                </div>
                <TextField label="Email" kind="email" autocomplete="off" required=true autofocus=true error={email_error}
                    value={form.email.clone()} oninput={set(|form, value| form.email = value)} />
                <div class="form__pair">
                    <TextField label="First name" autocomplete="off" optional=true error={sending.at(".first_name")}
                        value={form.first_name.clone()} oninput={set(|form, value| form.first_name = value)} />
                    <TextField label="Last name" autocomplete="off" optional=true error={sending.at(".last_name")}
                        value={form.last_name.clone()} oninput={set(|form, value| form.last_name = value)} />
                </div>
                if let Some(reason) = roles_refused {
                    <p class="field__hint">{ reason }</p>
                } else {
                    <RolePicker chosen={form.roles.clone()} onchange={set_roles} />
                }
                { superusers::warning(makes_superusers) }
                { reason_field(&reason) }
                <p class="field__hint">{ "They get a link that works once, and set their own password with it." }</p>
            </DialogForm>
        </div>
    }
}
