//! The dialog that names a group: a new one, or one that there is.

use rolewright_wire::Accepted;
use rolewright_wire::group::GroupFields;
use yew::prelude::*;

use super::page::address;
use crate::api;
use crate::states::{use_failure, use_flag};
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
    let busy = use_flag();
    let error = use_failure();
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
        let (fields, missing, busy, error) = (fields.clone(), missing.clone(), busy.clone(), error.clone());
        let (subject, onclose, ondone) = (props.subject.clone(), props.onclose.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let body = GroupFields {
                name: fields.name.trim().to_owned(),
                description: fields.description.trim().to_owned(),
            };
            missing.set(body.name.is_empty());
            if *busy || body.name.is_empty() {
                return;
            }
            busy.set(true);
            let (busy, error, subject) = (busy.clone(), error.clone(), subject.clone());
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = match &subject {
                    Subject::New => api::post::<_, Accepted>("/groups", &body).await,
                    Subject::Known(id, _, etag) => {
                        api::put::<_, Accepted>(&address(id), &body, etag.as_deref()).await
                    }
                };
                busy.set(false);
                match answer {
                    Ok(answer) => {
                        toast::say(match subject {
                            Subject::New => format!("Created {}. Nobody is in it yet.", body.name),
                            Subject::Known(..) => "Saved.".to_owned(),
                        });
                        onclose.emit(());
                        ondone.emit(answer.body.id);
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    let at = |field: &str| error.as_ref().and_then(|error| error.at(field)).map(AttrValue::from);
    let name_error =
        if *missing { Some(AttrValue::Static("Write a name for the group.")) } else { at(FIELDS[0]) };
    html! {
        <DialogForm title={if is_new { "Create group" } else { "Edit group" }} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={*busy}>{ if is_new { "Create group" } else { "Save" } }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = error.as_ref().and_then(|error| error.beside(&FIELDS)) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={fields.name.clone()} oninput={set_name} error={name_error} />
            <TextArea label="Description" optional=true value={fields.description.clone()} oninput={set_description} error={at(FIELDS[1])} />
        </DialogForm>
    }
}
