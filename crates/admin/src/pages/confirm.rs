//! A dialog that says whom deleting something reaches before it is done, and does it.

use yew::prelude::*;

use crate::api;
use crate::pages::role_editor::reach_words;
use crate::states::{use_failure, use_flag};
use crate::toast::use_toaster;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub title: AttrValue,
    /// What is deleted.
    pub path: AttrValue,
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
    let toaster = use_toaster();
    let busy = use_flag();
    let error = use_failure();
    let verdict = use_trial((!*busy).then(|| Trial::delete(&props.path, props.etag.as_deref())));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let (busy, error, done) = (busy.clone(), error.clone(), props.done.clone());
        let (path, etag) = (props.path.clone(), props.etag.clone());
        let (onclose, ondone, reach) = (props.onclose.clone(), props.ondone.clone(), verdict.reach.clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            busy.set(true);
            let (busy, error, done) = (busy.clone(), error.clone(), done.clone());
            let (path, etag) = (path.clone(), etag.clone());
            let (onclose, ondone, reach, toaster) =
                (onclose.clone(), ondone.clone(), reach.clone(), toaster.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let made = api::delete(&path, etag.as_deref()).await;
                busy.set(false);
                match made {
                    Ok(()) => {
                        let reached =
                            reach.filter(|reach| !reach.is_nobody()).map(|reach| reach_words(&reach));
                        toaster.say(
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
    html! {
        <Dialog title={props.title.clone()} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} busy={*busy} refused={refusal.clone()} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            <p role="status">
                { match (&verdict.reach, &refusal) {
                    (Some(reach), _) => reach_words(reach),
                    (None, Some(refusal)) => refusal.to_string(),
                    (None, None) => "Asking whom it reaches.".to_owned(),
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
