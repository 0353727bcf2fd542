//! The text field.

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::browser;
use crate::widgets::TextField;

#[wasm_bindgen_test]
async fn what_is_wrong_with_it_is_said_with_it_and_what_was_typed_stays() {
    let view = |typed: &String, set: Callback<String>| {
        let error = typed.is_empty().then_some(AttrValue::Static("Say a name"));
        html! { <TextField label="Name" value={typed.clone()} {error} hint="As people know it" oninput={set} /> }
    };
    let shown = show("Editor".to_owned(), view).await;
    let note = || {
        let id = shown.said("input", "aria-describedby").unwrap();
        browser::element_by_id(&id).unwrap().text_content().unwrap()
    };
    assert_eq!((note().as_str(), shown.said("input", "aria-invalid")), ("As people know it", None));
    shown.type_into("input", "").await;
    assert_eq!(
        (note().as_str(), shown.said("input", "aria-invalid").as_deref()),
        ("Say a name", Some("true"))
    );
    shown.type_into("input", "Author").await;
    assert_eq!((shown.state().as_str(), shown.input("input").value().as_str()), ("Author", "Author"));
    assert_eq!(note(), "As people know it");
}

#[wasm_bindgen_test]
async fn a_password_can_be_looked_at() {
    let view = |_: &String, set: Callback<String>| html! { <TextField label="Password" kind="password" value="river" oninput={set} /> };
    let shown = show(String::new(), view).await;
    for (kind, button) in
        [("password", "Show password"), ("text", "Hide password"), ("password", "Show password")]
    {
        assert_eq!(shown.said("input", "type").as_deref(), Some(kind));
        assert_eq!(shown.said("button", "aria-label").as_deref(), Some(button));
        shown.click(&shown.one("button")).await;
    }
}
