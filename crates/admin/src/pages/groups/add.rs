//! The dialog that puts people and groups into a group: found one by one, kept in a basket, added at once.

use std::rc::Rc;

use rolewright_model::directory::Member;
use serde::Serialize;
use yew::prelude::*;

use super::group::Loaded;
use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::role_editor::reach_words;
use crate::pickers::{Basket, Picked, Whom};
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Button, DialogForm, Variant};

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
struct AddMember {
    change: &'static str,
    group: String,
    member: Member,
}

/// The dialog.
#[component]
pub fn AddDialog(props: &Props) -> Html {
    let basket = use_state(|| Rc::<[Picked]>::from([]));
    let empty = use_flag();
    let view = &props.group.body;
    let name = view.group.name.clone();
    let inside = view.members.iter().map(|row| match &row.membership.member {
        Member::User(id) | Member::Group(id) => id.clone(),
    });
    let without: Rc<[String]> = inside.chain([view.group.id.clone()]).collect();
    let change = |picked: &Picked| AddMember {
        change: "add_member",
        group: view.group.id.clone(),
        member: picked.member.clone(),
    };
    let batch = Batch { changes: basket.iter().map(change).collect(), versions: Vec::new() };
    let members = text::count(basket.len() as u64, "member", "members");
    let saying = use_saying();
    let made = {
        let (onclose, ondone, name) = (props.onclose.clone(), props.ondone.clone(), name.clone());
        let members = members.clone();
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
            saying.done(format!("{members} added to {name}. {reached}"), revision);
            onclose.emit(());
            ondone.emit(());
        })
    };
    let making = use_batch(Encoded::of(&batch).filter(|_| !basket.is_empty()), made);
    let onchange = {
        let (basket, empty) = (basket.setter(), empty.setter());
        Callback::from(move |next: Rc<[Picked]>| {
            empty.set(false);
            basket.set(next);
        })
    };
    let onsubmit = {
        let (empty, nobody, make) = (empty.setter(), basket.is_empty(), making.make.clone());
        Callback::from(move |()| {
            empty.set(nobody);
            make.emit(String::new());
        })
    };
    let unsaved = (!basket.is_empty())
        .then(|| AttrValue::from(format!("Chosen and not added to {name} yet: {members}.")));
    let none = (*empty).then_some(AttrValue::Static("Find somebody to add."));
    let refusal = making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <DialogForm title={format!("Add members to {name}")} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={making.busy} refused={refusal.clone()} tip_end=true>
                    { if basket.is_empty() { "Add members".to_owned() } else { format!("Add {members}") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            <Basket label="People and groups" whom={Whom::Both} basket={(*basket).clone()} {without} {onchange} error={none.or(refusal)} />
            <p class="field__hint" role="status">{ making.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
        </DialogForm>
    }
}
