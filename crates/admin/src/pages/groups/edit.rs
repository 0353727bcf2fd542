//! The dialog that names a group: a new one, or one that there is.

use rolewright_wire::Accepted;
use rolewright_wire::group::GroupFields;
use yew::prelude::*;

use super::page::address;
use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::states::use_flag;
use crate::toast;
use crate::widgets::{Banner, Button, DialogForm, TextArea, TextField, Tone, Variant};

const FIELDS: [&str; 2] = [".name", ".description"];

/// What is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A group that shall be.
    New,
    /// A group that there is: its id, what it says, and its version.
    Known(String, GroupFields, Option<String>),
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is named.
    pub subject: Subject,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is saved, with the id of a new one.
    pub ondone: Callback<Option<String>>,
}

/// The dialog.
#[component]
pub fn GroupDialog(props: &Props) -> Html {
    let fields = {
        let first = match &props.subject {
            Subject::New => GroupFields { name: String::new(), description: String::new() },
            Subject::Known(_, fields, _) => fields.clone(),
        };
        use_state(move || first)
    };
    let missing = use_flag();
    let sending = use_sending();
    let is_new = props.subject == Subject::New;
    let set_name = {
        let fields = fields.clone();
        Callback::from(move |name: String| fields.set(GroupFields { name, ..(*fields).clone() }))
    };
    let set_description = {
        let fields = fields.clone();
        Callback::from(move |description: String| {
            fields.set(GroupFields { description, ..(*fields).clone() })
        })
    };
    let onsubmit = {
        let (fields, missing, sending) = (fields.clone(), missing.clone(), sending.clone());
        let (subject, onclose, ondone) = (props.subject.clone(), props.onclose.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let body = GroupFields {
                name: fields.name.trim().to_owned(),
                description: fields.description.trim().to_owned(),
            };
            missing.set(body.name.is_empty());
            if body.name.is_empty() {
                return;
            }
            let (request, said) = match &subject {
                Subject::New => {
                    (Request::post("/groups", &body), format!("Created {}. Nobody is in it yet.", body.name))
                }
                Subject::Known(id, _, etag) => {
                    (Request::put(address(id), &body, etag.as_deref()), "Saved.".to_owned())
                }
            };
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            sending.send(request, move |answer: Answer<Accepted>| {
                toast::say(said);
                onclose.emit(());
                ondone.emit(answer.body.id);
            });
        })
    };
    let name_error =
        if *missing { Some(AttrValue::Static("Write a name for the group.")) } else { sending.at(FIELDS[0]) };
    html! {
        <DialogForm title={if is_new { "Create group" } else { "Edit group" }} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ if is_new { "Create group" } else { "Save" } }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={fields.name.clone()} oninput={set_name} error={name_error} />
            <TextArea label="Description" optional=true value={fields.description.clone()} oninput={set_description} error={sending.at(FIELDS[1])} />
        </DialogForm>
    }
}
