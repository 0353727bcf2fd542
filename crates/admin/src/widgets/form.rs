//! A form: once it is sent and wrong somewhere, it leads to the first field that is wrong.

use yew::prelude::*;

use super::first_wrong::{FirstWrong, use_first_wrong};

/// A form.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its look.
    #[prop_or(AttrValue::Static("form"))]
    pub class: AttrValue,
    /// Sends it.
    pub onsubmit: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// A form.
#[component]
pub fn Form(props: &Props) -> Html {
    let FirstWrong { form, onsubmit, oninput } = use_first_wrong(&props.onsubmit);
    html! {
        <form class={props.class.clone()} ref={form} {onsubmit} {oninput} novalidate=true>{ props.children.clone() }</form>
    }
}
