//! A text that is shown once, to be copied.

use yew::prelude::*;

use super::{Button, TextField};
use crate::states::use_flag;
use crate::{browser, toast};

/// The text.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is.
    pub label: AttrValue,
    /// The text.
    pub value: AttrValue,
    /// A word of help.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
}

/// The text beside a button that copies it, which has the focus where a dialog opens with it.
#[component]
pub fn CopyLine(props: &Props) -> Html {
    let copied = use_flag();
    let onclick = {
        let (value, copied) = (props.value.clone(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (value, copied) = (value.clone(), copied.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(&value).await {
                    copied.set(true);
                } else {
                    toast::say("The browser did not copy it. Select it and copy it yourself.");
                }
            });
        })
    };
    html! {
        <div class="copy-line">
            <TextField label={props.label.clone()} value={props.value.clone()} oninput={Callback::noop()} fixed=true mono=true hint={props.hint.clone()} />
            <Button icon={if *copied { "check" } else { "copy" }} {onclick} autofocus=true>
                { if *copied { "Copied" } else { "Copy" } }
            </Button>
        </div>
    }
}
