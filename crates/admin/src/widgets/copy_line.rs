//! A text that is shown once, to be copied.

use yew::prelude::*;

use super::{CopyButton, TextField};

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
    html! {
        <div class="copy-line">
            <TextField label={props.label.clone()} value={props.value.clone()} oninput={Callback::noop()} fixed=true mono=true hint={props.hint.clone()} />
            <CopyButton text={props.value.clone()} autofocus=true />
        </div>
    }
}
