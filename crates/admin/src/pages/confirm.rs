//! A dialog that says whom an act reaches before it is done, and does it.

use rolewright_wire::Accepted;
use serde::Serialize;
use serde_json::Value;
use yew::prelude::*;

use crate::api::{self, ApiError};
use crate::pages::role_editor::reach_words;
use crate::states::{use_failure, use_flag};
use crate::toast::use_toaster;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A DELETE, with the version where the document has one.
    Delete(String, Option<String>),
    /// A POST.
    Post(String, Value),
}

impl Act {
    /// A POST of a body.
    pub fn post<B: Serialize>(path: &str, body: &B) -> Self {
        Self::Post(path.to_owned(), serde_json::to_value(body).unwrap_or_default())
    }

    fn trial(&self) -> Option<Trial> {
        match self {
            Self::Delete(path, etag) => Some(Trial::delete(path, etag.as_deref())),
            Self::Post(path, body) => Trial::post(path, body),
        }
    }

    async fn make(self) -> Result<(), ApiError> {
        match self {
            Self::Delete(path, etag) => api::delete(&path, etag.as_deref()).await,
            Self::Post(path, body) => api::post::<_, Accepted>(&path, &body).await.map(drop),
        }
    }
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub title: AttrValue,
    /// What is done.
    pub act: Act,
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
    let verdict = use_trial(props.act.trial().filter(|_| !*busy));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let (busy, error, act, done) = (busy.clone(), error.clone(), props.act.clone(), props.done.clone());
        let (onclose, ondone, reach) = (props.onclose.clone(), props.ondone.clone(), verdict.reach.clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            busy.set(true);
            let (busy, error, act, done) = (busy.clone(), error.clone(), act.clone(), done.clone());
            let (onclose, ondone, reach, toaster) =
                (onclose.clone(), ondone.clone(), reach.clone(), toaster.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let made = act.make().await;
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
