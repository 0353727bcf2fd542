//! The field in which one types to find one of many.

use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::{Shown, show};
use crate::widgets::{Choice, Combobox};

fn choices() -> Rc<[Choice]> {
    [("ana", "Ana Ruiz", None), ("ben", "Ben Okafor", Some("You may not")), ("eva", "Eva Martin", None)]
        .map(|(id, label, refused)| Choice {
            label: label.into(),
            refused: refused.map(AttrValue::from),
            ..Choice::of(id.into())
        })
        .into()
}

async fn shown() -> Shown<AttrValue> {
    let view = |_: &AttrValue, set: Callback<AttrValue>| html! { <Combobox label="Who" choices={choices()} onpick={set} /> };
    let shown = show(AttrValue::Static(""), view).await;
    shown.one("input").focus().unwrap();
    shown
}

/// The row that Enter takes, as a screen reader is told.
fn active(shown: &Shown<AttrValue>) -> Option<String> {
    let id = shown.said("input", "aria-activedescendant")?;
    shown.one(&format!("[id='{id}'] .listbox__label")).text_content()
}

#[wasm_bindgen_test]
async fn arrows_open_the_list_and_go_round_in_it_while_the_focus_stays_in_the_field() {
    let shown = shown().await;
    assert_eq!(shown.said("input", "aria-expanded").as_deref(), Some("false"));
    for (key, expected) in [
        ("ArrowDown", "Ana Ruiz"), // opens
        ("ArrowDown", "Ben Okafor"),
        ("ArrowDown", "Eva Martin"),
        ("ArrowDown", "Ana Ruiz"),
        ("ArrowUp", "Eva Martin"),
        ("Home", "Ana Ruiz"),
        ("End", "Eva Martin"),
    ] {
        assert!(shown.press(key).await, "{key} is taken");
        assert_eq!(active(&shown).as_deref(), Some(expected), "{key}");
        assert!(shown.is_focused(&shown.one("input")));
    }
    assert_eq!(shown.said("input", "aria-expanded").as_deref(), Some("true"));
}

#[wasm_bindgen_test]
async fn what_is_typed_leaves_what_fits_and_enter_takes_it() {
    let shown = shown().await;
    shown.type_into("input", "mart ev").await;
    assert_eq!(shown.texts(".listbox__label"), ["Eva Martin"]);
    assert!(shown.press("Enter").await);
    assert_eq!(shown.state(), "eva");
    assert_eq!(shown.said("input", "aria-expanded").as_deref(), Some("false"));
    assert!(shown.press("Enter").await, "a second time sends no form around it");
    shown.type_into("input", "zoe").await;
    assert_eq!(shown.texts(".listbox__none"), ["Nothing fits. Try another word."]);
}

#[wasm_bindgen_test]
async fn what_may_not_be_chosen_says_why_and_is_not_taken() {
    let shown = shown().await;
    shown.type_into("input", "ben").await;
    assert_eq!(shown.texts(".listbox__detail"), ["You may not"]);
    assert_eq!(shown.said("[role=option]", "aria-disabled").as_deref(), Some("true"));
    shown.press("Enter").await;
    assert_eq!(shown.state(), "");
}

#[wasm_bindgen_test]
async fn escape_closes_the_list_and_nothing_around_it() {
    let shown = shown().await;
    shown.press("ArrowDown").await;
    assert!(shown.press("Escape").await, "the list takes it");
    assert_eq!(shown.said("input", "aria-expanded").as_deref(), Some("false"));
    assert!(!shown.press("Escape").await, "there is nothing to close: the dialog around it may");
}
