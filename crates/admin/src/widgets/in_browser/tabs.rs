//! Tabs.

use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::browser;
use crate::widgets::{Tab, Tabs};

#[wasm_bindgen_test]
async fn arrows_choose_the_next_tab_which_alone_is_in_the_order_of_tab() {
    let view = |value: &AttrValue, set: Callback<AttrValue>| {
        let tabs: Rc<[Tab]> = ["users", "groups", "history"]
            .map(|id| Tab { id: id.into(), label: id.into(), count: None })
            .into();
        html! { <Tabs {tabs} value={value.clone()} label="Role" onchange={set}>{ value.clone() }</Tabs> }
    };
    let shown = show(AttrValue::Static("users"), view).await;
    shown.one("[role=tab]").focus().unwrap();
    for (key, expected) in [
        ("ArrowRight", "groups"),
        ("ArrowRight", "history"),
        ("ArrowRight", "users"),
        ("ArrowLeft", "history"),
        ("Home", "users"),
        ("End", "history"),
    ] {
        assert!(shown.press(key).await);
        assert_eq!(shown.state(), expected, "{key}");
        assert_eq!(shown.texts("[aria-selected=true]"), [expected]);
        assert_eq!(shown.texts("[role=tab][tabindex='0']"), [expected]);
        assert!(shown.is_focused(&shown.one("[aria-selected=true]")));
        let panel = shown.one("[role=tabpanel]");
        assert_eq!(panel.text_content().as_deref(), Some(expected));
        // The two name each other.
        assert_eq!(shown.said("[aria-selected=true]", "aria-controls"), Some(panel.id()));
        let name = browser::element_by_id(&panel.get_attribute("aria-labelledby").unwrap()).unwrap();
        assert_eq!(name.text_content().as_deref(), Some(expected));
    }
    assert!(!shown.press("a").await, "other keys are the page's");
}
