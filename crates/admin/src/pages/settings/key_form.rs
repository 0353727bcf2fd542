//! The form of an API key: a new one, or one that is there.

use std::rc::Rc;

use rolewright_model::change::{Change, KeyEdit};
use rolewright_wire::key::{EditKey, KeyView};
use yew::prelude::*;

use super::key_secret::Made;
use super::keys::{address, said};
use crate::access::{use_access, use_tree};
use crate::api::{Answer, Request};
use crate::pages::saver::use_last_saver;
use crate::pickers::PlaceField;
use crate::place;
use crate::policy::permission_label;
use crate::sending::{Told, ask, use_sending};
use crate::widgets::{
    Banner, Button, Checkbox, Choice, Combobox, DialogForm, RemovableChip, TextField, Ticked, Tone, Variant,
};
use crate::{browser, toast};

const FIELDS: [&str; 3] = [".name", ".permissions", ".expires"];

/// Of which key.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The key; none for a new one.
    #[prop_or_default]
    pub view: Option<Rc<KeyView>>,
    /// Told when the dialog closes.
    pub onclose: Callback<()>,
    /// Told the name and the secret of a new one.
    pub ontold: Callback<(AttrValue, AttrValue)>,
    /// Told when it is there as it shall be.
    pub ondone: Callback<()>,
}

/// What was filled in.
#[derive(Clone, PartialEq)]
struct Draft {
    key: KeyEdit,
    /// The last day on which it is good, as it was typed.
    day: String,
    /// The version that the edit began with.
    etag: Option<String>,
}

impl Draft {
    fn of(view: Option<&KeyView>) -> Self {
        let new = || KeyEdit {
            id: "new".to_owned(),
            name: String::new(),
            permissions: Vec::new(),
            scope: "/".to_owned(),
            expires: None,
            trusts_subject: false,
        };
        let key = view.map_or_else(new, said);
        Self {
            day: key.expires.map(browser::last_day).unwrap_or_default(),
            key,
            etag: view.map(|view| view.etag.clone()),
        }
    }
}

/// The dialog.
#[component]
pub fn KeyForm(props: &Props) -> Html {
    let access = use_access();
    let tree = use_tree();
    let sending = use_sending();
    let draft = use_state(|| Draft::of(props.view.as_deref()));
    // What somebody else made of the key meanwhile.
    let theirs = use_state(|| None::<Rc<KeyView>>);
    let saver = use_last_saver(theirs.as_ref().map(|view| &*view.id));
    let policy = access.as_ref().and_then(|access| access.policy());
    let key = &draft.key;
    let set = {
        let (draft, sending) = (draft.clone(), sending.clone());
        move |change: &dyn Fn(&mut Draft)| {
            let mut next = (*draft).clone();
            change(&mut next);
            sending.forget();
            draft.set(next);
        }
    };
    let set_name = {
        let set = set.clone();
        Callback::from(move |name: String| set(&|draft| draft.key.name.clone_from(&name)))
    };
    let set_place = {
        let set = set.clone();
        Callback::from(move |place: AttrValue| set(&|draft| draft.key.scope = place.to_string()))
    };
    let set_day = {
        let set = set.clone();
        Callback::from(move |day: String| {
            set(&|draft| {
                draft.key.expires = browser::end_of(&day);
                draft.day.clone_from(&day);
            });
        })
    };
    let set_trusts = {
        let set = set.clone();
        Callback::from(move |on: bool| set(&|draft| draft.key.trusts_subject = on))
    };
    let give = {
        let set = set.clone();
        Callback::from(move |id: AttrValue| set(&|draft| draft.key.permissions.push(id.to_string())))
    };
    // What the person does not hold there, for as long, they cannot give.
    let choices: Rc<[Choice]> = {
        let whole = (access.clone(), key.scope.clone(), key.expires, key.permissions.clone());
        (*use_memo(whole, |(access, scope, expires, given)| -> Rc<[Choice]> {
            let choice = |row: &crate::tree::Row| {
                let key = KeyEdit {
                    id: "new".to_owned(),
                    name: "new".to_owned(),
                    permissions: vec![row.id.to_string()],
                    scope: scope.clone(),
                    expires: *expires,
                    trusts_subject: false,
                };
                Choice {
                    label: row.full.clone(),
                    detail: row.description.clone(),
                    refused: access.as_ref().and_then(|access| access.reason(&Change::MakeKey { key })),
                    ..Choice::of(row.id.clone())
                }
            };
            tree.rows.iter().filter(|row| !given.iter().any(|id| row.id == *id)).map(choice).collect()
        }))
        .clone()
    };
    let onsubmit = {
        let (sending, draft, theirs) = (sending.clone(), draft.clone(), theirs.setter());
        let (onclose, ontold, ondone) = (props.onclose.clone(), props.ontold.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let name = draft.key.name.trim().to_owned();
            let body = EditKey::from(KeyEdit { name: name.clone(), ..draft.key.clone() });
            let (ontold, ondone, onclose) = (ontold.clone(), ondone.clone(), onclose.clone());
            let Some(etag) = &draft.etag else {
                return sending.send(Request::post("/keys", &body), move |answer: Answer<Made>| {
                    ondone.emit(());
                    ontold.emit((name.into(), answer.body.secret()));
                });
            };
            let path = address(&draft.key.id);
            let request = Request::put(&*path, &body, Some(etag));
            let (failing, theirs) = (sending.clone(), theirs.clone());
            sending.ask(request, move |answer: Told<serde::de::IgnoredAny>| match answer {
                Ok(_) => {
                    toast::say(format!("Saved {name}."));
                    ondone.emit(());
                    onclose.emit(());
                }
                // Both sides are shown.
                Err(problem) if problem.status() == 412 => {
                    ask(Request::get(path), move |answer: Told<KeyView>| match answer {
                        Ok(answer) => theirs.set(Some(Rc::new(answer.body))),
                        Err(problem) => failing.fail(problem),
                    });
                }
                Err(problem) => failing.fail(problem),
            });
        })
    };
    let label =
        |id: &str| policy.map_or_else(|| id.to_owned(), |policy| permission_label(policy.catalogue(), id));
    let conflict = theirs.as_ref().map(|view| {
        let settle = |mine: bool| {
            let (draft, theirs, view) = (draft.clone(), theirs.clone(), view.clone());
            Callback::from(move |_: MouseEvent| {
                let fresh = Draft::of(Some(&view));
                draft.set(if mine { Draft { etag: fresh.etag, ..(*draft).clone() } } else { fresh });
                theirs.set(None);
            })
        };
        let may: Vec<String> = view.permissions.iter().map(|id| label(id)).collect();
        let place = policy
            .map_or_else(|| view.scope.clone(), |policy| place::words(policy.catalogue(), &view.scope));
        html! {
            <Banner tone={Tone::Caution} actions={html! {
                <>
                    <Button small=true onclick={settle(false)}>{ "Use theirs" }</Button>
                    <Button small=true onclick={settle(true)}>{ "Put mine in its place" }</Button>
                </>
            }}>
                { format!("{}. Theirs is called {}, and may do this at {place}: {}.", saver.words("this key"), view.name, may.join(", ")) }
            </Banner>
        }
    });
    let is_new = props.view.is_none();
    let title =
        props.view.as_ref().map_or_else(|| "Create API key".to_owned(), |view| format!("Edit {}", view.name));
    let has_places = policy.is_some_and(|policy| !place::kinds(policy.catalogue()).is_empty());
    let at = |field: usize| FIELDS.get(field).and_then(|field| sending.at(field));
    html! {
        <DialogForm {title} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}
                    refused={conflict.is_some().then_some(AttrValue::Static("Say first which side shall count."))} tip_end=true>{ if is_new { "Create key" } else { "Save" } }</Button>
            </>
        }}>
            <div class="slot" role="status">{ conflict.unwrap_or_default() }</div>
            <div class="slot">
                if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={key.name.clone()} oninput={set_name} error={at(0)}
                hint="What asks with it: a service, a script." />
            <div class="role-picker">
                <Combobox label="What it may do" {choices} placeholder="Find a permission" none="No other permission fits." onpick={give} error={at(1)} />
                <div class="chips chips--wrap">
                    { for key.permissions.iter().map(|id| {
                        let (set, gone) = (set.clone(), id.clone());
                        let onremove = Callback::from(move |()| set(&|draft| draft.key.permissions.retain(|id| *id != gone)));
                        html! { <RemovableChip key={id.clone()} label={label(id)} {onremove} /> }
                    }) }
                </div>
            </div>
            if has_places {
                <PlaceField label="Where it may" place={key.scope.clone()} onpick={set_place} />
            }
            <TextField label="Last day" kind="date" optional=true value={draft.day.clone()} oninput={set_day} error={at(2)}
                hint="The key is good until this day is over. Without one it stays." />
            <Checkbox ticked={Ticked::from(key.trusts_subject)} onchange={set_trusts}>
                <span class="choices__words">
                    <span class="choices__label">{ "May say who asks" }</span>
                    <span class="choices__about">{ "What it says of a person is believed where the directory does not say it. Conditions on people are then in its hands." }</span>
                </span>
            </Checkbox>
        </DialogForm>
    }
}
