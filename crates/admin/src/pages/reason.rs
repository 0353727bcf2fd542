//! Why a change is made: asked for in the dialog before it, sent with it, and shown in the audit log.

use yew::prelude::*;

use crate::widgets::TextField;

/// Where the reason is typed. It may be left out.
pub fn reason_field(reason: &UseStateHandle<String>) -> Html {
    let set = {
        let reason = reason.setter();
        Callback::from(move |typed: String| reason.set(typed))
    };
    html! {
        <TextField label="Reason" optional=true autocomplete="off" value={(**reason).clone()} oninput={set} hint="It stands in the audit log." />
    }
}
