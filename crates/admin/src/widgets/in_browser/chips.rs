//! A row of chips.

use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::widgets::{Chips, Named};

#[wasm_bindgen_test]
async fn three_are_shown_and_a_button_tells_how_many_more_and_opens_all() {
    let view = |names: &Vec<&'static str>, _| {
        let named =
            |name: &&'static str| Named { id: (*name).into(), name: (*name).into(), everything: false };
        let items: Rc<[Named]> = names.iter().map(named).collect();
        html! { <Chips {items} label="Roles of Ana Ruiz" /> }
    };
    let few = show(vec!["Admin", "Editor", "Viewer"], view).await;
    assert_eq!(few.texts(".chip__words"), ["Admin", "Editor", "Viewer"]);
    assert!(few.all("button").is_empty());

    let many = show(vec!["Admin", "Editor", "Viewer", "Support", "Auditor"], view).await;
    assert_eq!(many.texts(".chip__words"), ["Admin", "Editor", "Viewer"]);
    assert_eq!(many.said("button", "aria-label").as_deref(), Some("+2, Roles of Ana Ruiz, all 5"));
    many.click(&many.one("button")).await;
    assert_eq!(many.texts("li"), ["Admin", "Editor", "Viewer", "Support", "Auditor"]);
    assert_eq!(many.said("button", "aria-expanded").as_deref(), Some("true"));
}

#[wasm_bindgen_test]
async fn what_is_everything_stands_first_and_is_never_folded() {
    let view = |names: &Vec<&'static str>, _| {
        let named = |name: &&'static str| Named {
            id: (*name).into(),
            name: (*name).into(),
            everything: name.starts_with("Super"),
        };
        let items: Rc<[Named]> = names.iter().map(named).collect();
        html! { <Chips {items} label="Roles of Ana Ruiz" /> }
    };
    let one = show(vec!["Admin", "Editor", "Viewer", "Support", "Superuser"], view).await;
    assert_eq!(one.texts(".chip__words"), ["Superuser", "Admin", "Editor"]);
    assert_eq!(one.said("button", "aria-label").as_deref(), Some("+2, Roles of Ana Ruiz, all 5"));
    one.click(&one.one("button")).await;
    assert_eq!(one.texts("li"), ["Superuser", "Admin", "Editor", "Viewer", "Support"]);

    let many = show(vec!["Admin", "Super 1", "Super 2", "Super 3", "Super 4"], view).await;
    assert_eq!(many.texts(".chip__words"), ["Super 1", "Super 2", "Super 3", "Super 4"]);
}
