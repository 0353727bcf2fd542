//! A button that copies a text.

use yew::prelude::*;

use super::Button;
use crate::states::use_flag;
use crate::{browser, toast};

/// A button that copies a text, and says that it did.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is copied.
    pub text: AttrValue,
    /// The words.
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
    /// Whether a dialog that opens puts the focus here.
    #[prop_or_default]
    pub autofocus: bool,
}

/// A button that copies a text, and says that it did.
#[component]
pub fn CopyButton(props: &Props) -> Html {
    let copied = use_flag();
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (text, copied) = (text.clone(), copied.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(&text).await {
                    copied.set(true);
                } else {
                    toast::say("The browser did not copy it. Select it and copy it yourself.");
                }
            });
        })
    };
    html! {
        <Button icon={if *copied { "check" } else { "copy" }} {onclick} autofocus={props.autofocus}>
            { if *copied { AttrValue::Static("Copied") } else { props.label.clone() } }
        </Button>
    }
}
