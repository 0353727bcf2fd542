//! A dialog that says whom a change reaches before it is made, and makes it.

use serde::de::IgnoredAny;
use yew::prelude::*;

use super::superusers;
use crate::access::use_access;
use crate::api::{Answer, Request};
use crate::pages::audit::use_saying;
use crate::pages::reached::{reach_words, told};
use crate::pages::reason::reason_field;
use crate::sending::use_sending;
use crate::states::use_text;
use crate::text;
use crate::trial::{Verdict, use_trial};
use crate::widgets::{Banner, Button, Dialog, Icon, Tone, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub title: AttrValue,
    /// What is sent.
    pub change: Request,
    /// Why it cannot be sent yet.
    #[prop_or_default]
    pub blocked: Option<AttrValue>,
    /// The button.
    pub verb: AttrValue,
    /// What is said afterwards, before whom it reached.
    pub done: AttrValue,
    /// Whether the button warns of it: something is taken away, or much is given.
    #[prop_or(true)]
    pub is_grave: bool,
    /// The role that it gives, where it gives one.
    #[prop_or_default]
    pub gives: Option<AttrValue>,
    /// Whether it can be undone.
    #[prop_or(true)]
    pub undoes: bool,
    /// What an undo brings back, where that is to be said: "the role with its assignments".
    #[prop_or_default]
    pub back: Option<AttrValue>,
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
    let access = use_access();
    let (sending, saying, reason) = (use_sending(), use_saying(), use_text());
    let is_asked = props.blocked.is_none() && !sending.is_busy();
    let asked = use_trial(is_asked.then(|| props.change.clone()));
    // What was said stays while it is sent.
    let kept = use_mut_ref(Verdict::default);
    if !sending.is_busy() {
        kept.replace(asked);
    }
    let verdict = kept.borrow().clone();
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let refused = props.blocked.clone().or(refusal);
    let onclick = {
        let (sending, done, reach) = (sending.clone(), props.done.clone(), verdict.reach.clone());
        let change = props.change.clone().because(reason.trim());
        let (onclose, ondone) = (props.onclose.clone(), props.ondone.clone());
        let undoes = props.undoes;
        Callback::from(move |_: MouseEvent| {
            let (onclose, ondone, done, reach) =
                (onclose.clone(), ondone.clone(), done.clone(), reach.clone());
            sending.send(change.clone(), move |answer: Answer<IgnoredAny>| {
                let reached = reach.filter(|reach| !reach.is_nobody()).map(|reach| reach_words(&reach));
                let words = [Some(done.to_string()), reached].into_iter().flatten().collect::<Vec<_>>();
                saying.done(words.join(" "), answer.made.filter(|_| undoes));
                onclose.emit(());
                ondone.emit(());
            });
        })
    };
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), props.gives.as_deref(), verdict.reach.as_deref());
    let variant = superusers::variant(makes_superusers || props.is_grave);
    // What cannot be undone is no change of what anybody holds, unless it says so; what ends a key reaches nobody in the directory.
    let is_silent = !props.undoes && verdict.reach.as_ref().is_some_and(|reach| reach.is_nobody())
        || verdict.current && verdict.reach.is_none() && refused.is_none() && verdict.failure.is_none();
    let why = props.blocked.as_ref().map(ToString::to_string).or_else(|| verdict.why());
    let tried = verdict.told.as_ref();
    let remarks = tried.map(|tried| &tried.remarks[..]).unwrap_or_default();
    let back = props.back.as_ref().map(|back| match saying.undoes() {
        true => format!("It can be undone, right away or in the audit log: that brings back {back}."),
        false => format!("Whoever may see the audit log can undo it: that brings back {back}."),
    });
    html! {
        <Dialog title={props.title.clone()} alert=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button {variant} busy={sending.is_busy()} refused={refused.clone()} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { superusers::warning(makes_superusers) }
            { props.children.clone() }
            <div class="reach" role="status">
                if let Some(entitled) = tried.and_then(|tried| tried.entitled) {
                    <p>{ format!("It gives the role to {}.", text::count(entitled, "full user", "full users")) }</p>
                }
                if let Some(refusal) = &verdict.refusal {
                    <p class="field__error"><Icon name="circle-alert" />{ refusal.to_string() }</p>
                } else if !is_silent {
                    { told(verdict.reach.as_ref().filter(|_| props.blocked.is_none()), why) }
                }
            </div>
            { for remarks.iter().map(|remark| html! { <Banner key={remark.clone()} tone={Tone::Note}>{ text::sentence(&text::plain(remark)) }</Banner> }) }
            if let Some(back) = back {
                <p class="muted">{ back }</p>
            }
            { reason_field(&reason) }
            <div class="slot">
                if let Some(error) = sending.failure().filter(|_| refused.is_none()) {
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
