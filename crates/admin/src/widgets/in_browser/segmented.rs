//! One of a few choices, all in sight.

use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::widgets::{Segment, Segmented};

fn segments() -> Rc<[Segment]> {
    ["None", "View", "Manage"]
        .map(|id| Segment { id: id.into(), label: id.into(), description: "".into(), inherited: false })
        .into()
}

#[wasm_bindgen_test]
async fn it_is_a_named_group_of_radio_buttons_of_which_one_is_chosen() {
    let view = |value: &AttrValue, set: Callback<AttrValue>| html! { <Segmented label="Lists" segments={segments()} value={value.clone()} onchange={set} /> };
    let shown = show(AttrValue::Static("None"), view).await;
    assert_eq!(shown.said("[role=radiogroup]", "aria-label").as_deref(), Some("Lists"));
    shown.click(&shown.one("input[value=Manage]")).await;
    assert_eq!(shown.state(), "Manage");
    let checked: Vec<bool> =
        ["None", "View", "Manage"].map(|id| shown.input(&format!("input[value={id}]")).checked()).into();
    assert_eq!(checked, [false, false, true]);
}

#[wasm_bindgen_test]
async fn one_that_cannot_be_changed_shows_what_is_chosen() {
    let view = |value: &AttrValue, set: Callback<AttrValue>| html! { <Segmented label="Lists" segments={segments()} value={value.clone()} fixed=true onchange={set} /> };
    let shown = show(AttrValue::Static("View"), view).await;
    shown.click(&shown.one("input[value=Manage]")).await;
    assert_eq!(shown.state(), "View");
    assert!(shown.input("input[value=View]").checked());
    assert!(!shown.input("input[value=View]").disabled(), "a keyboard reaches it");
}
