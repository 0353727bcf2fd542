//! A few words that appear over something under the pointer or in focus. Escape hides them.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use yew::prelude::*;

use crate::browser;

/// What it says, and over what.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it says; nothing for none.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// The id by which what is below describes itself with the words.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Whether the words begin at the right edge.
    #[prop_or_default]
    pub end: bool,
    /// What it is about.
    pub children: Html,
}

/// A few words over something.
#[component]
pub fn Tip(props: &Props) -> Html {
    let class = classes!("tip", props.end.then_some("tip--end"));
    html! {
        <span {class}>
            { props.children.clone() }
            if let Some(text) = &props.text {
                <span class="tip__words" role="tooltip" id={props.id.clone()}>{ text.clone() }</span>
            }
        </span>
    }
}

/// Escape hides every tip until the pointer or the focus goes somewhere else. Called once.
pub fn watch_escape() {
    let Some(root) = browser::document().and_then(|document| document.document_element()) else { return };
    let listen = |name: &str, hide: bool| {
        let target = root.clone();
        let callback = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            if !hide {
                let _ = target.remove_attribute("data-tips");
            } else if event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
                let _ = target.set_attribute("data-tips", "off");
            }
        });
        let _ = root.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        callback.forget();
    };
    listen("keydown", true);
    listen("pointerover", false);
    listen("focusin", false);
}
