//! A dialog that says whom a change reaches before it is made, and makes it: something is deleted, or made where there is a body.

use rolewright_wire::Accepted;
use yew::prelude::*;

use crate::api::{self, Encoded};
use crate::pages::role_editor::reach_words;
use crate::states::{use_failure, use_flag};
use crate::toast;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub title: AttrValue,
    /// What is deleted, or where something is made.
    pub path: AttrValue,
    /// What is made; nothing where what is there is deleted.
    #[prop_or_default]
    pub body: Option<Encoded>,
    /// Which version of it, where it has one.
    #[prop_or_default]
    pub etag: Option<String>,
    /// The button.
    pub verb: AttrValue,
    /// What is said afterwards, before whom it reached.
    pub done: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is done.
    pub ondone: Callback<()>,
    /// What it means.
    #[prop_or_default]
    pub children: Html,
}

/// The dialog.
#[component]
pub fn ConfirmDialog(props: &Props) -> Html {
    let busy = use_flag();
    let error = use_failure();
    let trial = || match &props.body {
        Some(body) => Trial::post(&props.path, body),
        None => Some(Trial::delete(&props.path, props.etag.as_deref())),
    };
    let verdict = use_trial(if *busy { None } else { trial() });
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let (busy, error, done) = (busy.clone(), error.clone(), props.done.clone());
        let (path, etag, body) = (props.path.clone(), props.etag.clone(), props.body.clone());
        let (onclose, ondone, reach) = (props.onclose.clone(), props.ondone.clone(), verdict.reach.clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            busy.set(true);
            let (busy, error, done) = (busy.clone(), error.clone(), done.clone());
            let (path, etag, body) = (path.clone(), etag.clone(), body.clone());
            let (onclose, ondone, reach) = (onclose.clone(), ondone.clone(), reach.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let made = match &body {
                    Some(body) => api::post::<_, Accepted>(&path, body).await.map(drop),
                    None => api::delete(&path, etag.as_deref()).await,
                };
                busy.set(false);
                match made {
                    Ok(()) => {
                        let reached =
                            reach.filter(|reach| !reach.is_nobody()).map(|reach| reach_words(&reach));
                        toast::say(
                            [done.as_str(), &reached.map(|words| format!(" {words}")).unwrap_or_default()]
                                .concat(),
                        );
                        onclose.emit(());
                        ondone.emit(());
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    let variant = if props.body.is_some() { Variant::Primary } else { Variant::Danger };
    html! {
        <Dialog title={props.title.clone()} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button {variant} busy={*busy} refused={refusal.clone()} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            <p role="status">
                { match (&verdict.reach, &refusal, &verdict.failure) {
                    (Some(reach), ..) => reach_words(reach),
                    (None, Some(refusal), _) => refusal.to_string(),
                    (None, None, Some(failure)) => failure.to_string(),
                    (None, None, None) => "Asking whom it reaches.".to_owned(),
                } }
            </p>
            <div class="slot">
                if let Some(error) = &*error {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}
