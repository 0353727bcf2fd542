//! The dialog.

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::browser;
use crate::widgets::Dialog;

#[wasm_bindgen_test]
async fn the_focus_goes_into_it_and_back_to_what_opened_it() {
    let view = |open: &bool, set: Callback<bool>| {
        html! {
            <>
                <button id="opener" onclick={set.reform(|_: MouseEvent| true)}>{ "Delete" }</button>
                if *open {
                    <Dialog title="Delete Editor?" onclose={set.reform(|()| false)} footer={html! { <button data-autofocus="">{ "Cancel" }</button> }}>
                        { "Nobody holds it." }
                    </Dialog>
                }
            </>
        }
    };
    let shown = show(false, view).await;
    let opener = shown.one("#opener");
    opener.focus().unwrap();
    shown.click(&opener).await;
    let dialog = shown.one("dialog");
    assert!(dialog.matches(":modal").unwrap(), "the page behind it is out of reach");
    assert_eq!(browser::focused().and_then(|focused| focused.text_content()).as_deref(), Some("Cancel"));
    let title = browser::element_by_id(&dialog.get_attribute("aria-labelledby").unwrap()).unwrap();
    assert_eq!(title.text_content().as_deref(), Some("Delete Editor?"));
    // What Escape makes the browser say.
    shown.tell(&dialog, "cancel").await;
    assert!(!shown.state());
    assert!(shown.all("dialog").is_empty());
    assert!(shown.is_focused(&opener));
}

#[wasm_bindgen_test]
async fn one_that_needs_an_answer_stays_until_it_has_one() {
    let view = |_: &bool, set: Callback<bool>| html! { <Dialog title="Your session has ended" stays=true onclose={set.reform(|()| false)}>{ "Sign in." }</Dialog> };
    let shown = show(true, view).await;
    shown.tell(&shown.one("dialog"), "cancel").await;
    assert!(shown.state());
    assert!(shown.all("[aria-label=Close]").is_empty());
}

#[wasm_bindgen_test]
async fn what_is_unsaved_is_kept_by_every_button_but_the_one_that_discards_it() {
    let view = |open: &bool, set: Callback<bool>| {
        html! {
            if *open {
                <Dialog title="Invite user" unsaved="Ana is not invited yet." onclose={set.reform(|()| false)}>{ "Email" }</Dialog>
            }
        }
    };
    let shown = show(true, view).await;
    for keep in ["[role=alertdialog] .dialog__head button", "[role=alertdialog] .dialog__foot button"] {
        shown.tell(&shown.one("dialog"), "cancel").await;
        let kept = shown.one(keep);
        let name = kept.get_attribute("aria-label").or_else(|| kept.text_content());
        assert_eq!(name.as_deref(), Some("Keep editing"), "{keep}");
        shown.click(&kept).await;
        assert!(shown.state() && shown.all("[role=alertdialog]").is_empty());
    }
    shown.tell(&shown.one("dialog"), "cancel").await;
    let discard = shown.one("[role=alertdialog] .dialog__foot .button--danger");
    assert_eq!(discard.text_content().as_deref(), Some("Discard"));
    shown.click(&discard).await;
    assert!(!shown.state());
}
