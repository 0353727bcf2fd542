//! The dialog that puts people and groups into a group: found one by one, kept in a basket, added at once.

use std::rc::Rc;

use rolewright_model::directory::Member;
use serde::Serialize;
use yew::prelude::*;

use super::group::Loaded;
use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::reached::{Reached, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::pickers::{Basket, Picked, Whom, use_gathered};
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, DialogForm, unsaved};

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
    let (gathered, reason) = (use_gathered(), use_text());
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
    let batch = Batch { changes: gathered.basket().iter().map(change).collect(), versions: Vec::new() };
    let members = text::count(gathered.len(), "member", "members");
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
    let making = use_batch(Encoded::of(&batch).filter(|_| !gathered.is_empty()), made);
    let makes_superusers = superusers::makes_superusers(None, [], making.reach.as_deref());
    let onsubmit = gathered.onsubmit(&making, &reason);
    let unsaved = (!gathered.is_empty())
        .then(|| AttrValue::from(format!("Chosen and not added to {name} yet: {members}.")))
        .or_else(|| unsaved(&[&reason]));
    let none = gathered.is_missed().then_some(AttrValue::Static("Find somebody to add."));
    let refusal = making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <DialogForm title={format!("Add members to {name}")} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={superusers::variant(makes_superusers)} submit=true busy={making.busy} refused={refusal.clone()} tip_end=true>
                    { if gathered.is_empty() { "Add members".to_owned() } else { format!("Add {members}") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            { superusers::warning(makes_superusers) }
            <Basket label="People and groups" whom={Whom::Both} basket={gathered.basket().clone()} {without} onchange={gathered.onchange()} error={none.or(refusal)} />
            <div class="reach" role="status">
                if let Some(reach) = &making.reach {
                    <Reached reach={reach.clone()} />
                }
            </div>
            { reason_field(&reason) }
        </DialogForm>
    }
}
