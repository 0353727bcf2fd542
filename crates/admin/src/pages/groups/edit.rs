//! The dialog that names a group: a new one, or one that there is.

use rolewright_wire::Accepted;
use rolewright_wire::group::GroupFields;
use yew::prelude::*;

use super::page::address;
use crate::api::{Answer, Request};
use crate::draft::{Draft, on_top, use_draft};
use crate::guard::forget_unsaved;
use crate::pages::meanwhile::{CHOOSE_FIRST, Meanwhile, Sides};
use crate::pages::reason::reason_field;
use crate::sending::{Sending, use_sending};
use crate::states::{use_flag, use_text};
use crate::toast;
use crate::widgets::{Banner, Button, DialogForm, TextArea, TextField, Tone, Variant, unsaved};

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
    let (there, etag) = match &props.subject {
        Subject::New => (GroupFields { name: String::new(), description: String::new() }, None),
        Subject::Known(_, fields, etag) => (fields.clone(), etag.clone()),
    };
    let draft = use_draft(there, etag);
    let fields = draft.edit();
    let behind = draft.is_behind();
    let missing = use_flag();
    let (sending, reason) = (use_sending(), use_text());
    let is_new = props.subject == Subject::New;
    let set_name = {
        let draft = draft.clone();
        Callback::from(move |name: String| draft.set(GroupFields { name, ..draft.edit().clone() }))
    };
    let set_description = {
        let draft = draft.clone();
        Callback::from(move |description: String| {
            draft.set(GroupFields { description, ..draft.edit().clone() })
        })
    };
    let onsubmit = {
        let (draft, missing, sending) = (draft.clone(), missing.clone(), sending.clone());
        let (subject, onclose, ondone) = (props.subject.clone(), props.onclose.clone(), props.ondone.clone());
        let reason = reason.trim().to_owned();
        Callback::from(move |()| {
            if behind {
                return;
            }
            let fields = draft.edit();
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
                Subject::Known(id, ..) => {
                    (Request::put(address(id), &body, draft.etag()), "Saved.".to_owned())
                }
            };
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            sending.send(request.because(&reason), move |answer: Answer<Accepted>| {
                forget_unsaved();
                toast::say(said);
                onclose.emit(());
                ondone.emit(answer.body.id);
            });
        })
    };
    let name_error =
        if *missing { Some(AttrValue::Static("Write a name for the group.")) } else { sending.at(FIELDS[0]) };
    let unsaved = draft
        .is_dirty()
        .then_some(AttrValue::Static("What you changed is not saved yet."))
        .or_else(|| unsaved(&[&reason]));
    let refused = behind.then_some(AttrValue::Static(CHOOSE_FIRST));
    html! {
        <DialogForm title={if is_new { "Create group" } else { "Edit group" }} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()} {refused} tip_end=true>{ if is_new { "Create group" } else { "Save" } }</Button>
            </>
        }}>
            <div class="slot">
                if behind {
                    { meanwhile(&draft, &sending) }
                } else if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={fields.name.clone()} oninput={set_name} error={name_error} />
            <TextArea label="Description" optional=true value={fields.description.clone()} oninput={set_description} error={sending.at(FIELDS[1])} />
            { reason_field(&reason) }
        </DialogForm>
    }
}

/// Both sides, where somebody else saved the group meanwhile.
fn meanwhile(draft: &Draft<GroupFields>, sending: &Sending) -> Html {
    let (was, theirs, yours) = (draft.was(), draft.there(), draft.edit());
    let sides = vec![
        Sides::of("Name", was.name.clone(), theirs.name.clone(), yours.name.clone()),
        Sides::of(
            "Description",
            was.description.clone(),
            theirs.description.clone(),
            yours.description.clone(),
        ),
    ];
    let choose = |choice: fn(&Draft<GroupFields>)| {
        let (draft, sending) = (draft.clone(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            choice(&draft);
        })
    };
    let ontheirs = choose(Draft::take_theirs);
    let onyours = choose(|draft| {
        draft.put_on_top(|was, theirs, yours| GroupFields {
            name: on_top(&was.name, &theirs.name, &yours.name),
            description: on_top(&was.description, &theirs.description, &yours.description),
        });
    });
    html! { <Meanwhile what="this group" version={draft.etag_there().map(str::to_owned)} {sides} {ontheirs} {onyours} /> }
}
