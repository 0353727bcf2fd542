//! Somebody else saved what is edited here: both sides, field by field, and a choice. Nothing is saved before it is made.

use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use super::saver::{Saver, use_saver};
use crate::browser;
use crate::widgets::{Banner, Button, Skeleton, Tone};

/// What the button says that takes what was saved.
pub const TAKE: &str = "Use what was saved";

/// A field, as it was, as somebody else saved it, and as it is edited here.
#[derive(Clone, Debug, PartialEq)]
pub struct Sides {
    /// What it is called.
    pub what: AttrValue,
    /// As it was.
    pub was: AttrValue,
    /// As somebody else saved it.
    pub theirs: AttrValue,
    /// As it is edited here.
    pub yours: AttrValue,
}

impl Sides {
    /// Those of a field.
    pub fn of(
        what: impl Into<AttrValue>,
        was: impl Into<AttrValue>,
        theirs: impl Into<AttrValue>,
        yours: impl Into<AttrValue>,
    ) -> Self {
        Self { what: what.into(), was: was.into(), theirs: theirs.into(), yours: yours.into() }
    }

    fn differ(&self) -> bool {
        self.theirs != self.was || self.yours != self.was
    }

    fn row(&self, names: &[Option<AttrValue>; 2]) -> Html {
        let Self { what, was, theirs, yours } = self;
        let shown =
            |side: &AttrValue| if side.is_empty() { AttrValue::Static("Empty") } else { side.clone() };
        let words = |side: &AttrValue| if side == was { AttrValue::Static("As before") } else { shown(side) };
        let clash = theirs != was && yours != was && theirs != yours;
        let [theirs_of, yours_of] = names.clone().map(Option::unwrap_or_default);
        html! {
            <tr key={what.to_string()} class={clash.then_some("table__row--clash")}>
                <th scope="row">{ what.clone() }</th>
                <td class="table__muted" data-label="Before">{ shown(was) }</td>
                <td data-label={theirs_of}>{ words(theirs) }</td>
                <td data-label={yours_of}>{ words(yours) }</td>
            </tr>
        }
    }
}

/// Each field that differs on one of the sides: what it was, and what it is on each.
pub fn table(sides: &[Sides], saver: &Saver) -> Html {
    let names = saver.sides();
    let head = |name: &Option<AttrValue>| match name {
        Some(name) => html! { <th scope="col">{ name.clone() }</th> },
        None => {
            html! { <th scope="col"><Skeleton length="short" /><span class="visually-hidden">{ "Not known yet" }</span></th> }
        }
    };
    html! {
        <table class="table table--stack sides">
            <thead><tr>
                <th scope="col">{ "What" }</th>
                <th scope="col">{ "Before" }</th>
                { for names.iter().map(head) }
            </tr></thead>
            <tbody>{ for sides.iter().filter(|sides| sides.differ()).map(|sides| sides.row(&names)) }</tbody>
        </table>
    }
}

/// Both sides.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was saved: "this group".
    pub what: AttrValue,
    /// The version that was saved.
    pub version: Option<String>,
    /// Its fields.
    pub sides: Vec<Sides>,
    /// Takes theirs.
    pub ontheirs: Callback<()>,
    /// Puts what was edited here on top of theirs.
    pub onyours: Callback<()>,
}

/// Both sides, and the choice.
#[component]
pub fn Meanwhile(props: &Props) -> Html {
    let shown = use_node_ref();
    let saver = use_saver(props.version.as_deref());
    let choose = |choice: &Callback<()>| {
        let (choice, shown) = (choice.clone(), shown.clone());
        Callback::from(move |_: MouseEvent| {
            // The buttons go with the choice: the focus goes on at the first field of what is edited.
            if let Some(shown) = shown.cast::<Element>() {
                first_field_after(&shown).iter().for_each(browser::focus);
            }
            choice.emit(());
        })
    };
    html! {
        <Banner tone={Tone::Caution} actions={html! {
            <>
                <Button small=true onclick={choose(&props.ontheirs)}>{ TAKE }</Button>
                <Button small=true onclick={choose(&props.onyours)}>{ "Put mine on top" }</Button>
            </>
        }}>
            <p role="status">{ format!("{}. Nothing of yours was saved or lost.", saver.words(&props.what)) }</p>
            <div class="sides-box" ref={shown.clone()}>{ table(&props.sides, &saver) }</div>
        </Banner>
    }
}

fn first_field_after(element: &Element) -> Option<HtmlElement> {
    let around = element.closest("dialog, main").ok()??;
    let fields = browser::find_all(&around, "input, textarea");
    let is_after = |field: &HtmlElement| {
        element.compare_document_position(field) & Node::DOCUMENT_POSITION_FOLLOWING != 0
    };
    fields.into_iter().find(is_after)
}

/// Why nothing is saved before the choice is made.
pub const CHOOSE_FIRST: &str = "Choose first which side counts: it was saved meanwhile.";
