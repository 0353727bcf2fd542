//! A form that is sent and is wrong somewhere: the first field that is wrong gets the focus, so that it is put right at once.

use web_sys::Element;
use yew::prelude::*;

use crate::browser;

/// What a form has for that.
pub struct FirstWrong {
    /// The form.
    pub form: NodeRef,
    /// For the form.
    pub onsubmit: Callback<SubmitEvent>,
    /// For the form.
    pub oninput: Callback<InputEvent>,
}

/// Gives the focus to the first field that is wrong, once each time the form is sent: the server may tell what is wrong later.
/// Who types meanwhile keeps it.
#[hook]
pub fn use_first_wrong(onsubmit: &Callback<()>) -> FirstWrong {
    let form = use_node_ref();
    let is_sent = use_mut_ref(|| false);
    let onsubmit = {
        let (is_sent, onsubmit) = (is_sent.clone(), onsubmit.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            is_sent.replace(true);
            onsubmit.emit(());
        })
    };
    let oninput = {
        let is_sent = is_sent.clone();
        use_callback((), move |_: InputEvent, ()| {
            is_sent.replace(false);
        })
    };
    {
        let form = form.clone();
        use_effect(move || {
            let form = form.cast::<Element>().filter(|_| *is_sent.borrow());
            if let Some(wrong) = form.and_then(|form| browser::find(&form, "[aria-invalid=true]")) {
                is_sent.replace(false);
                browser::focus(&wrong);
            }
        });
    }
    FirstWrong { form, onsubmit, oninput }
}
