//! A text that is shown once, to be copied.

use yew::prelude::*;

use super::{CopyButton, TextArea};

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

/// All of the text, however long, beside a button that copies it, which has the focus where a dialog opens with it.
#[component]
pub fn CopyLine(props: &Props) -> Html {
    html! {
        <div class="copy-line">
            <TextArea label={props.label.clone()} value={props.value.clone()} oninput={Callback::noop()} fixed=true hint={props.hint.clone()} />
            <CopyButton text={props.value.clone()} autofocus=true />
        </div>
    }
}
