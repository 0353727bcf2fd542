//! The dialog that puts people on a package: found one by one, kept in a basket, put on it at once.

use yew::prelude::*;

use super::put_on;
use crate::api::Encoded;
use crate::batch::{Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::reached::{Reached, reach_words};
use crate::pages::reason::reason_field;
use crate::pickers::{Basket, use_gathered};
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, DialogForm, Variant, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The package's id.
    pub id: AttrValue,
    /// What a person reads.
    pub name: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is done.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn AddDialog(props: &Props) -> Html {
    let (gathered, reason) = (use_gathered(), use_text());
    // Whatever else of them is edited meanwhile stays: their version does not matter.
    let each: Vec<(&str, &str)> = gathered.basket().iter().map(|picked| (picked.id(), "*")).collect();
    let batch = put_on(Some(&props.id), &each);
    let people = text::count(gathered.len(), "person", "people");
    let saying = use_saying();
    let made = {
        let (onclose, ondone, name) = (props.onclose.clone(), props.ondone.clone(), props.name.clone());
        let are = text::count(gathered.len(), "person is", "people are");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
            saying.done(format!("{are} on {name} now. {reached}"), revision);
            onclose.emit(());
            ondone.emit(());
        })
    };
    let making = use_batch(Encoded::of(&batch).filter(|_| !gathered.is_empty()), made);
    let onsubmit = gathered.onsubmit(&making, &reason);
    let unsaved = (!gathered.is_empty())
        .then(|| AttrValue::from(format!("Chosen and not put on {} yet: {people}.", props.name)))
        .or_else(|| unsaved(&[&reason]));
    let none = gathered.is_missed().then_some(AttrValue::Static("Find somebody to put on it."));
    let refusal = making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <DialogForm title={format!("Put people on {}", props.name)} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={making.busy} refused={refusal.clone()} tip_end=true>
                    { if gathered.is_empty() { "Put people on it".to_owned() } else { format!("Put {people} on it") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            <Basket label="People" basket={gathered.basket().clone()} onchange={gathered.onchange()} error={none.or(refusal)} />
            <p class="field__hint">{ "Who is on another package leaves it, with the roles that it carries." }</p>
            <div class="reach" role="status">
                if let Some(reach) = &making.reach {
                    <Reached reach={reach.clone()} />
                }
            </div>
            { reason_field(&reason) }
        </DialogForm>
    }
}
