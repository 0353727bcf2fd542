//! Recovery codes, which are told once.

use std::rc::Rc;

use rolewright_wire::secret::Secret;
use rolewright_wire::session::RecoveryCodes;
use yew::prelude::*;

use crate::browser;
use crate::guard::{forget_unsaved, use_unsaved};
use crate::session::use_session;
use crate::states::use_flag;
use crate::widgets::{Button, Checkbox, CopyButton, Ticked, Variant};

/// The codes, as they are shown.
pub fn shown(codes: &RecoveryCodes) -> Rc<[AttrValue]> {
    codes.codes.iter().map(Secret::expose).map(|code| AttrValue::from(code.to_owned())).collect()
}

/// The codes.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Each is good once.
    pub codes: Rc<[AttrValue]>,
    /// Told when they are saved.
    pub ondone: Callback<()>,
}

/// The codes, until they are saved.
#[component]
pub fn Codes(props: &Props) -> Html {
    let session = use_session();
    let saved = use_flag();
    use_unsaved(Some(
        "Your recovery codes are shown only now. Without them, who loses the authenticator cannot sign in."
            .to_owned(),
    ));
    let whose = session
        .current()
        .map(|person| format!("Recovery codes of {} at {}", person.email, person.tenant_name));
    let whose = whose.unwrap_or_default();
    let text = AttrValue::from(format!(
        "{whose}\nEach stands in once for a code of the authenticator.\n\n{}\n",
        props.codes.join("\n")
    ));
    let ondownload = {
        let text = text.clone();
        Callback::from(move |_: MouseEvent| {
            browser::download("rolewright-recovery-codes.txt", "text/plain", &text);
        })
    };
    let onprint = Callback::from(|_: MouseEvent| browser::print());
    let ondone = {
        let ondone = props.ondone.clone();
        Callback::from(move |_: MouseEvent| {
            forget_unsaved();
            ondone.emit(());
        })
    };
    let onchange = use_callback(saved.setter(), |ticked: bool, saved| saved.set(ticked));
    let refused = (!*saved).then_some(AttrValue::Static("Save the codes first: they are shown only now."));
    html! {
        <div class="form account__form recovery">
            <p tabindex="-1" data-autofocus="">
                { "Your second factor is on. Save these recovery codes where you find them without your phone: each signs you in once in place of a code, and they are shown only now." }
            </p>
            <div class="recovery__codes">
                <p class="muted">{ whose }</p>
                <ul>{ for props.codes.iter().map(|code| html! { <li key={code.to_string()}><code>{ code.clone() }</code></li> }) }</ul>
            </div>
            <div class="account__actions">
                <CopyButton {text} />
                <Button icon="download" onclick={ondownload}>{ "Download" }</Button>
                <Button icon="printer" onclick={onprint}>{ "Print" }</Button>
            </div>
            <Checkbox ticked={Ticked::from(*saved)} {onchange}>{ "I have saved them" }</Checkbox>
            <div class="account__actions">
                <Button variant={Variant::Primary} {refused} onclick={ondone}>{ "Done" }</Button>
            </div>
        </div>
    }
}
