//! The dialog that puts people on a package: found one by one, kept in a basket, put on it at once.

use std::rc::Rc;

use rolewright_model::change::Kind;
use rolewright_wire::batch::Version;
use serde::Serialize;
use yew::prelude::*;

use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::role_editor::reach_words;
use crate::pickers::{Basket, Picked};
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Button, DialogForm, Variant};

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

#[derive(Serialize)]
struct SetPackage {
    change: &'static str,
    id: String,
    package: String,
}

/// The dialog.
#[component]
pub fn AddDialog(props: &Props) -> Html {
    let basket = use_state(|| Rc::<[Picked]>::from([]));
    let empty = use_flag();
    let change = |picked: &Picked| SetPackage {
        change: "set_package",
        id: picked.id().to_owned(),
        package: props.id.to_string(),
    };
    // Whatever else of them is edited meanwhile stays: their version does not matter.
    let version =
        |picked: &Picked| Version { kind: Kind::User, id: picked.id().to_owned(), etag: "*".to_owned() };
    let batch = Batch {
        changes: basket.iter().map(change).collect(),
        versions: basket.iter().map(version).collect(),
    };
    let people = text::count(basket.len() as u64, "person", "people");
    let saying = use_saying();
    let made = {
        let (onclose, ondone, name) = (props.onclose.clone(), props.ondone.clone(), props.name.clone());
        let are = text::count(basket.len() as u64, "person is", "people are");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
            saying.done(format!("{are} on {name} now. {reached}"), revision);
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
        .then(|| AttrValue::from(format!("Chosen and not put on {} yet: {people}.", props.name)));
    let none = (*empty).then_some(AttrValue::Static("Find somebody to put on it."));
    let refusal = making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <DialogForm title={format!("Put people on {}", props.name)} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={making.busy} refused={refusal.clone()} tip_end=true>
                    { if basket.is_empty() { "Put people on it".to_owned() } else { format!("Put {people} on it") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            <Basket label="People" basket={(*basket).clone()} {onchange} error={none.or(refusal)} />
            <p class="field__hint">{ "Who is on another package leaves it, with the roles that it carries." }</p>
            <p class="field__hint" role="status">{ making.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
        </DialogForm>
    }
}
