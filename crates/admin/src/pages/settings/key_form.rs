//! The form of an API key: a new one, or one that is there.

use std::rc::Rc;

use rolewright_model::change::{Change, KeyEdit};
use rolewright_wire::key::{EditKey, KeyView};
use yew::prelude::*;

use super::key_secret::Made;
use super::keys::{address, said};
use crate::access::{permission_name, place_name, use_access, use_tree};
use crate::api::{Answer, Request};
use crate::draft::on_top;
use crate::pages::meanwhile::{self, CHOOSE_FIRST, Sides};
use crate::pages::saver::use_last_saver;
use crate::pickers::PlaceField;
use crate::place;
use crate::sending::{Told, ask, use_sending};
use crate::states::use_flag;
use crate::widgets::{
    Banner, Button, Checkbox, Choice, Combobox, DialogForm, RemovableChip, TextField, Ticked, Tone, Variant,
};
use crate::{browser, text, toast};

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

    /// What was edited here of what it `was`, on top of what is there now.
    fn on_top_of(&self, was: &Self, there: &Self) -> Self {
        let (was_key, there_key, key) = (&was.key, &there.key, &self.key);
        Self {
            key: KeyEdit {
                id: there_key.id.clone(),
                name: on_top(&was_key.name, &there_key.name, &key.name),
                permissions: on_top(&was_key.permissions, &there_key.permissions, &key.permissions),
                scope: on_top(&was_key.scope, &there_key.scope, &key.scope),
                expires: on_top(&was_key.expires, &there_key.expires, &key.expires),
                trusts_subject: on_top(
                    &was_key.trusts_subject,
                    &there_key.trusts_subject,
                    &key.trusts_subject,
                ),
            },
            day: on_top(&was.day, &there.day, &self.day),
            etag: there.etag.clone(),
        }
    }
}

/// Every field on all sides, as it was, as somebody else saved it, and as it is edited here.
fn sides(drafts: [&Draft; 3], label: &dyn Fn(&str) -> String, place: &dyn Fn(&str) -> String) -> Vec<Sides> {
    let field = |what: &'static str, of: &dyn Fn(&Draft) -> String| {
        let [was, theirs, yours] = drafts.map(of);
        Sides::of(what, was, theirs, yours)
    };
    let may = |draft: &Draft| draft.key.permissions.iter().map(|id| label(id)).collect::<Vec<_>>().join(", ");
    let last = |draft: &Draft| draft.key.expires.map_or_else(|| "Never".to_owned(), text::end);
    let trusts = |draft: &Draft| if draft.key.trusts_subject { "Yes" } else { "No" }.to_owned();
    vec![
        field("Name", &|draft| draft.key.name.clone()),
        field("What it may do", &may),
        field("Where it may", &|draft| place(&draft.key.scope)),
        field("Expires", &last),
        field("May say who asks", &trusts),
    ]
}

/// The dialog.
#[component]
pub fn KeyForm(props: &Props) -> Html {
    let access = use_access();
    let tree = use_tree();
    let (sending, tried) = (use_sending(), use_flag());
    let begun = use_state(|| Draft::of(props.view.as_deref()));
    let draft = {
        let begun = begun.clone();
        use_state(move || (*begun).clone())
    };
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
        let tried = tried.setter();
        let (onclose, ontold, ondone) = (props.onclose.clone(), props.ontold.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let name = draft.key.name.trim().to_owned();
            tried.set(true);
            if name.is_empty() || draft.key.permissions.is_empty() {
                return;
            }
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
    let label = |id: &str| permission_name(access.as_ref(), id);
    let conflict = theirs.as_ref().map(|view| {
        let there = Draft::of(Some(view));
        let settle = |mine: bool| {
            let (begun, draft, theirs, there) = (begun.clone(), draft.clone(), theirs.clone(), there.clone());
            Callback::from(move |_: MouseEvent| {
                let next = if mine { draft.on_top_of(&begun, &there) } else { there.clone() };
                begun.set(there.clone());
                draft.set(next);
                theirs.set(None);
            })
        };
        let place = |place: &str| {
            place_name(access.as_ref(), place)
        };
        html! {
            <Banner tone={Tone::Caution} actions={html! {
                <>
                    <Button small=true onclick={settle(false)}>{ meanwhile::TAKE }</Button>
                    <Button small=true onclick={settle(true)}>{ "Put mine on top" }</Button>
                </>
            }}>
                <p>{ format!("{}. Nothing of yours was saved or lost.", saver.words("this key")) }</p>
                <div class="sides-box">{ meanwhile::table(&sides([&begun, &there, &draft], &label, &place), &saver) }</div>
            </Banner>
        }
    });
    let unsaved =
        (*draft != *begun).then_some(AttrValue::Static("What you filled in for this key is not saved yet."));
    let is_new = props.view.is_none();
    let title =
        props.view.as_ref().map_or_else(|| "Create API key".to_owned(), |view| format!("Edit {}", view.name));
    let has_places = policy.is_some_and(|policy| !place::kinds(policy.catalogue()).is_empty());
    let at = |field: usize| FIELDS.get(field).and_then(|field| sending.at(field));
    let missing =
        |is_missing: bool, words: &'static str| (*tried && is_missing).then_some(AttrValue::Static(words));
    let no_name = missing(key.name.trim().is_empty(), "Write a name for the key.");
    let no_permission = missing(key.permissions.is_empty(), "Choose what the key may do.");
    html! {
        <DialogForm {title} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}
                    refused={conflict.is_some().then_some(AttrValue::Static(CHOOSE_FIRST))} tip_end=true>{ if is_new { "Create key" } else { "Save" } }</Button>
            </>
        }}>
            <div class="slot" role="status">{ conflict.unwrap_or_default() }</div>
            <div class="slot">
                if let Some(rest) = sending.beside(&FIELDS) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <TextField label="Name" required=true autofocus=true autocomplete="off" value={key.name.clone()} oninput={set_name}
                error={no_name.or_else(|| at(0))}
                hint="What asks with it: a service, a script." />
            <div class="role-picker">
                <Combobox label="What it may do" {choices} placeholder="Find a permission" none="No other permission fits." onpick={give} error={no_permission.or_else(|| at(1))} />
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

#[cfg(test)]
mod tests {
    use rolewright_model::Timestamp;

    use super::*;

    #[test]
    fn what_was_edited_here_of_a_key_stands_on_top_of_what_a_colleague_saved() {
        let draft = |name: &str, expires: Option<i64>, scope: &str, etag: &str| Draft {
            key: KeyEdit {
                id: "k".to_owned(),
                name: name.to_owned(),
                permissions: vec!["users.view".to_owned()],
                scope: scope.to_owned(),
                expires: expires.map(Timestamp),
                trusts_subject: false,
            },
            day: expires.map(|day| day.to_string()).unwrap_or_default(),
            etag: Some(etag.to_owned()),
        };
        let (was, there) = (draft("Robot", None, "/", "1"), draft("Robot", Some(5), "/", "2"));
        let merged = draft("Arm", None, "spaces/x", "1").on_top_of(&was, &there);
        assert!(merged == draft("Arm", Some(5), "spaces/x", "2"), "their expiry stays");
    }
}
