//! The menu.

use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::{Shown, show};
use crate::widgets::{Menu, MenuItem};

async fn opened() -> Shown<&'static str> {
    let view = |_: &&'static str, set: Callback<&'static str>| {
        let item = |label: &'static str, refused: Option<AttrValue>| MenuItem {
            label: label.into(),
            icon: "pencil".into(),
            danger: false,
            refused,
            onpick: set.reform(move |()| label),
        };
        let items: Rc<[MenuItem]> = Rc::from([
            item("Edit", None),
            item("Delete", Some("3 packages carry it".into())),
            item("Duplicate", None),
        ]);
        html! { <Menu label="Actions for Editor" {items} /> }
    };
    let shown = show("", view).await;
    shown.click(&shown.one("button[aria-haspopup]")).await;
    shown
}

#[wasm_bindgen_test]
async fn it_opens_with_the_first_action_in_focus_and_arrows_go_round() {
    let shown = opened().await;
    assert_eq!(shown.said("button[aria-haspopup]", "aria-expanded").as_deref(), Some("true"));
    let items = shown.all("[role=menuitem]");
    assert!(shown.is_focused(&items[0]));
    for (key, expected) in
        [("ArrowDown", 1), ("ArrowDown", 2), ("ArrowDown", 0), ("ArrowUp", 2), ("Home", 0), ("End", 2)]
    {
        assert!(shown.press(key).await);
        assert!(shown.is_focused(&items[expected]), "{key}");
    }
}

#[wasm_bindgen_test]
async fn an_action_is_done_and_the_menu_closed() {
    let shown = opened().await;
    shown.click(&shown.all("[role=menuitem]")[2]).await;
    assert_eq!(shown.state(), "Duplicate");
    assert_eq!(shown.said("button[aria-haspopup]", "aria-expanded").as_deref(), Some("false"));
}

#[wasm_bindgen_test]
async fn what_cannot_be_done_is_reached_says_why_and_does_nothing() {
    let shown = opened().await;
    let delete = &shown.all("[role=menuitem]")[1];
    shown.press("ArrowDown").await;
    assert!(shown.is_focused(delete));
    assert_eq!(delete.get_attribute("aria-disabled").as_deref(), Some("true"));
    assert_eq!(shown.texts(".menu__reason"), ["3 packages carry it"]);
    shown.click(delete).await;
    assert_eq!(shown.state(), "");
    assert_eq!(
        shown.said("button[aria-haspopup]", "aria-expanded").as_deref(),
        Some("true"),
        "it stays open"
    );
}
