//! The dialog that puts people and groups into a group: found one by one, kept in a basket, added at once.

use std::rc::Rc;

use rolewright_model::directory::Member;
use rolewright_wire::Accepted;
use serde::Serialize;
use yew::prelude::*;

use super::group::Loaded;
use crate::api;
use crate::pages::role_editor::reach_words;
use crate::pickers::{PersonPicker, Picked};
use crate::states::{use_failure, use_flag};
use crate::text;
use crate::toast::use_toaster;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, DialogForm, RemovableChip, Tone, Variant};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Into which.
    pub group: Loaded,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is done.
    pub ondone: Callback<()>,
}

#[derive(Serialize)]
struct Batch {
    changes: Vec<AddMember>,
}

#[derive(Serialize)]
struct AddMember {
    change: &'static str,
    group: String,
    member: Member,
}

/// The dialog.
#[component]
pub fn AddDialog(props: &Props) -> Html {
    let toaster = use_toaster();
    let basket = use_state(Vec::<Picked>::new);
    let empty = use_flag();
    let busy = use_flag();
    let error = use_failure();
    let view = &props.group.body;
    let name = view.group.name.clone();
    let taken = |member: &Member| match member {
        Member::User(id) | Member::Group(id) => id.clone(),
    };
    let inside = view.members.iter().map(|row| taken(&row.membership.member));
    let without: Rc<[String]> = inside
        .chain(basket.iter().map(|picked| taken(&picked.member)))
        .chain([view.group.id.clone()])
        .collect();
    let body = Batch {
        changes: basket
            .iter()
            .map(|picked| AddMember {
                change: "add_member",
                group: view.group.id.clone(),
                member: picked.member.clone(),
            })
            .collect(),
    };
    let trial = if basket.is_empty() || *busy { None } else { Trial::post("/batch", &body) };
    let verdict = use_trial(trial);
    let refusal = verdict
        .refusal
        .as_ref()
        .filter(|_| verdict.current)
        .map(|refusal| AttrValue::from(refusal.to_string()));
    let onpick = {
        let (basket, empty) = (basket.clone(), empty.setter());
        Callback::from(move |picked: Picked| {
            empty.set(false);
            basket.set(basket.iter().cloned().chain([picked]).collect());
        })
    };
    let onsubmit = {
        let (basket, empty, busy, error) = (basket.clone(), empty.clone(), busy.clone(), error.clone());
        let (onclose, ondone, reach) = (props.onclose.clone(), props.ondone.clone(), verdict.reach.clone());
        let (body, name, refused) = (api::Encoded::of(&body), name.clone(), refusal.is_some());
        Callback::from(move |()| {
            empty.set(basket.is_empty());
            let Some(body) = body.clone().filter(|_| !basket.is_empty() && !*busy && !refused) else {
                return;
            };
            busy.set(true);
            let count = basket.len() as u64;
            let (busy, error, onclose, ondone) =
                (busy.clone(), error.clone(), onclose.clone(), ondone.clone());
            let (toaster, reach, name) = (toaster.clone(), reach.clone(), name.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = api::post::<_, Accepted>("/batch", &body).await;
                busy.set(false);
                match answer {
                    Ok(_) => {
                        let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                        toaster.say(format!(
                            "{} added to {name}. {reached}",
                            text::count(count, "member", "members")
                        ));
                        onclose.emit(());
                        ondone.emit(());
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    let none = (*empty).then_some(AttrValue::Static("Find somebody to add."));
    html! {
        <DialogForm title={format!("Add members to {name}")} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={*busy} refused={refusal.clone()} tip_end=true>
                    { if basket.is_empty() { "Add members".to_owned() } else { format!("Add {}", text::count(basket.len() as u64, "member", "members")) } }
                </Button>
            </>
        }}>
            <div class="slot">
                if let Some(error) = &*error {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
            <PersonPicker label="People and groups" groups=true autofocus=true {without} {onpick} error={none.or(refusal)} />
            <div class="chips chips--wrap">
                { for basket.iter().enumerate().map(|(position, picked)| {
                    let basket = basket.clone();
                    let onremove = Callback::from(move |()| {
                        let mut next = (*basket).clone();
                        next.remove(position);
                        basket.set(next);
                    });
                    html! { <RemovableChip key={taken(&picked.member)} label={picked.name.clone()} {onremove} /> }
                }) }
            </div>
            <p class="field__hint" role="status">{ verdict.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
        </DialogForm>
    }
}
