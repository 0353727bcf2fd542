//! A dialog that says whom a change reaches before it is made, and makes it: something is deleted, or made where there is a body.

use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::api::{Answer, Encoded, Request};
use crate::pages::audit::use_saying;
use crate::pages::role_editor::reach_words;
use crate::sending::use_sending;
use crate::text;
use crate::trial::use_trial;
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
    /// Whether it gives so much that the button warns of it; what deletes does so by itself.
    #[prop_or_default]
    pub is_grave: bool,
    /// Whether it can be undone.
    #[prop_or(true)]
    pub undoes: bool,
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
    let (sending, saying) = (use_sending(), use_saying());
    let request = match &props.body {
        Some(body) => Request::of(&*props.path, body.clone()),
        None => Request::delete(&*props.path, props.etag.as_deref()),
    };
    let verdict = use_trial(Some(request.clone()).filter(|_| !sending.is_busy()));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let (sending, done, reach) = (sending.clone(), props.done.clone(), verdict.reach.clone());
        let (onclose, ondone, undoes) = (props.onclose.clone(), props.ondone.clone(), props.undoes);
        Callback::from(move |_: MouseEvent| {
            let (onclose, ondone, done, reach) =
                (onclose.clone(), ondone.clone(), done.clone(), reach.clone());
            sending.send(request.clone(), move |answer: Answer<IgnoredAny>| {
                let reached = reach.filter(|reach| !reach.is_nobody()).map(|reach| reach_words(&reach));
                let words = [Some(done.to_string()), reached].into_iter().flatten().collect::<Vec<_>>();
                saying.done(words.join(" "), answer.made.filter(|_| undoes));
                onclose.emit(());
                ondone.emit(());
            });
        })
    };
    let is_grave = props.is_grave || props.body.is_none();
    let variant = if is_grave { Variant::Danger } else { Variant::Primary };
    html! {
        <Dialog title={props.title.clone()} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button {variant} busy={sending.is_busy()} refused={refusal.clone()} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            <p role="status">
                if let Some(entitled) = verdict.told.as_ref().and_then(|told| told.entitled) {
                    { format!("It gives the role to {}. ", text::count(entitled, "full user", "full users")) }
                }
                { match (&verdict.reach, &refusal, &verdict.failure) {
                    // What cannot be undone is no change of what anybody holds, unless it says so.
                    (Some(reach), ..) if !props.undoes && reach.is_nobody() => String::new(),
                    (Some(reach), ..) => reach_words(reach),
                    (None, Some(refusal), _) => refusal.to_string(),
                    (None, None, Some(failure)) => failure.to_string(),
                    // What ends a key reaches nobody in the directory.
                    (None, None, None) if verdict.current => String::new(),
                    (None, None, None) => "Asking whom it reaches.".to_owned(),
                } }
            </p>
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}

/// That what is asked about is done to whoever is asked, and what that means.
pub fn this_is_you(meaning: &'static str) -> Html {
    html! { <Banner tone={Tone::Caution}><strong>{ "This is you. " }</strong>{ meaning }</Banner> }
}
