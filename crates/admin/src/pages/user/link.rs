//! The single-use link of an invitation, shown this once.

use rolewright_model::Timestamp;
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;
use crate::text;
use crate::toast::use_toaster;
use crate::widgets::{Banner, Button, Dialog, TextField, Tone, Variant};

/// The link.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who is invited.
    pub who: AttrValue,
    /// The link; none where the person may not see it.
    pub link: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
    /// Told when the dialog closes.
    pub onclose: Callback<()>,
}

/// The link, to copy.
#[component]
pub fn LinkDialog(props: &Props) -> Html {
    let toaster = use_toaster();
    let copied = use_flag();
    let link = props
        .link
        .clone()
        .map(|link| if link.starts_with('/') { format!("{}{link}", browser::origin()) } else { link });
    let oncopy = {
        let (link, copied) = (link.clone().unwrap_or_default(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (link, copied, toaster) = (link.clone(), copied.clone(), toaster.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(&link).await {
                    copied.set(true);
                } else {
                    toaster.say("The browser did not copy it. Select the link and copy it yourself.");
                }
            });
        })
    };
    html! {
        <Dialog title={format!("{} is invited", props.who)} onclose={props.onclose.clone()} footer={html! {
            <Button variant={Variant::Primary} onclick={props.onclose.reform(|_| ())}>{ "Done" }</Button>
        }}>
            if let Some(link) = link {
                <p>{ "Send them this link. It works once, and is shown only now." }</p>
                <div class="copy-line">
                    <TextField label="Invitation link" value={link} oninput={Callback::noop()} fixed=true mono=true
                        hint={format!("Good until {}.", text::moment(props.expires))} />
                    <Button icon={if *copied { "check" } else { "copy" }} onclick={oncopy} autofocus=true>
                        { if *copied { "Copied" } else { "Copy" } }
                    </Button>
                </div>
            } else {
                <Banner tone={Tone::Note}>
                    { "You may not see the link, as you do not hold everything that this person will hold. Somebody who does can make a new one on their page." }
                </Banner>
            }
        </Dialog>
    }
}
