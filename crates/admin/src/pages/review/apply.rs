//! The bar under the rows: how many are decided, whom that reaches, and the dialog that applies it.

use std::rc::Rc;

use yew::prelude::*;

use super::decisions::Decisions;
use crate::batch::{Making, failed};
use crate::pages::role_editor::reach_words;
use crate::states::{use_flag, use_text};
use crate::text;
use crate::widgets::{Button, Dialog, TextField, Variant};

/// How many of those that are revoked are named.
const NAMED: usize = 100;

/// The bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was decided; something.
    pub decisions: Rc<Decisions>,
    /// The change that revokes what shall be, tried.
    pub making: Making,
    /// Why it would be refused as it is, and what it names.
    pub refusal: Option<AttrValue>,
    /// The id of the one that would be refused.
    pub refused: Option<String>,
    /// Told what is decided instead.
    pub ondecide: Callback<Decisions>,
}

/// The bar.
#[component]
pub fn ApplyBar(props: &Props) -> Html {
    let Props { decisions, making, refusal, .. } = props;
    let (open, reason) = (use_flag(), use_text());
    let revoked = decisions.revoked();
    let kept = decisions.len() - revoked.len();
    let set_open = |on: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(on))
    };
    let start_over = props.ondecide.reform(|_: MouseEvent| Decisions::default());
    let leave_out = props.refused.as_ref().map(|id| {
        let without = decisions.without(id);
        props.ondecide.reform(move |_: MouseEvent| without.clone())
    });
    let set_reason = use_callback(reason.setter(), |text: String, reason| reason.set(text));
    let make = {
        let (make, reason) = (making.make.clone(), reason.trim().to_owned());
        Callback::from(move |_: MouseEvent| make.emit(reason.clone()))
    };
    let reach = match (&making.reach, refusal, &making.failure) {
        _ if revoked.is_empty() => "Nothing changes.".to_owned(),
        (_, Some(refusal), _) => refusal.to_string(),
        (Some(reach), ..) => reach_words(reach),
        (None, None, Some(failure)) => failure.to_string(),
        (None, None, None) => "Asking whom it reaches.".to_owned(),
    };
    let blocked = match revoked.len() {
        0 => Some(AttrValue::Static("Revoke something first: what is kept stays as it is.")),
        _ => refusal.clone(),
    };
    html! {
        <>
            <section class="save-bar" aria-label="Decisions">
                <p class="save-bar__words" role="status">
                    <strong>{ format!("{} to revoke, {} kept.", text::number(revoked.len() as u64), text::number(kept as u64)) }</strong>
                    <span class="save-bar__reach">{ reach.clone() }</span>
                </p>
                <div class="save-bar__actions">
                    if let Some(onclick) = leave_out {
                        <Button variant={Variant::Ghost} {onclick}>{ "Leave it out" }</Button>
                    }
                    <Button variant={Variant::Ghost} onclick={start_over}>{ "Start over" }</Button>
                    <Button variant={Variant::Primary} refused={blocked} tip_end=true onclick={set_open(true).reform(|_: MouseEvent| ())}>{ "Apply" }</Button>
                </div>
            </section>
            <div class="slot">
                if *open && !revoked.is_empty() {
                    <Dialog title={format!("Revoke {}?", text::count(revoked.len() as u64, "assignment", "assignments"))} onclose={set_open(false)} footer={html! {
                        <>
                            <Button autofocus=true onclick={set_open(false).reform(|_: MouseEvent| ())}>{ "Cancel" }</Button>
                            <Button variant={Variant::Danger} busy={making.busy} refused={refusal.clone()} tip_end=true onclick={make}>{ "Revoke" }</Button>
                        </>
                    }}>
                        <p>{ "What they give ends at once. It is one change, which can be undone in the audit log." }</p>
                        <ul class="review__goes">
                            { for revoked.iter().take(NAMED).map(|decision| html! { <li key={decision.id.clone()}>{ decision.words.clone() }</li> }) }
                            if revoked.len() > NAMED {
                                <li key="more">{ format!("And {} more.", text::number((revoked.len() - NAMED) as u64)) }</li>
                            }
                        </ul>
                        <p role="status">{ reach }</p>
                        <TextField label="Reason" optional=true autocomplete="off" value={(*reason).clone()} oninput={set_reason} hint="It stands in the audit log." />
                        { failed(making.failure.as_ref()) }
                    </Dialog>
                }
            </div>
        </>
    }
}
