//! The bar under the rows: how many are decided, whom that reaches, and the dialog that applies it.

use std::rc::Rc;

use yew::prelude::*;

use super::decisions::{Decisions, Verdict};
use crate::batch::{Making, failed};
use crate::pages::reached::{ASKING, reach_words};
use crate::pages::reason::reason_field;
use crate::session::use_session;
use crate::states::{use_flag, use_text};
use crate::widgets::{Button, Dialog, Variant};
use crate::{browser, text, toast};

/// How many of those that are revoked are named.
const NAMED: usize = 100;

/// Said after a new start, for as long as it can be taken back.
pub const FORGOTTEN: &str = "The decisions are forgotten.";

/// The bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was decided; something.
    pub decisions: Rc<Decisions>,
    /// The change that applies them, tried.
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
    let session = use_session();
    let revoked = decisions.to_revoke();
    let [to_keep, kept, gone] =
        [Verdict::Keep, Verdict::Kept, Verdict::Revoked].map(|verdict| decisions.count(verdict));
    {
        // What is applied closes the dialog and has its reason: the next decision begins anew.
        let (open, reason) = (open.setter(), reason.setter());
        use_effect_with(kept + gone, move |_| {
            open.set(false);
            reason.set(String::new());
        });
    }
    let due = decisions.due().len();
    // Of very many that stay some are for the next change.
    let staying = (due - revoked.len()) as u64;
    let set_open = |on: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(on))
    };
    let start_over = {
        let (ondecide, before) = (props.ondecide.clone(), decisions.clone());
        Callback::from(move |_: MouseEvent| {
            ondecide.emit(Decisions::default());
            let (ondecide, before) = (ondecide.clone(), before.clone());
            toast::say_undoable(FORGOTTEN, Callback::from(move |()| ondecide.emit((*before).clone())));
        })
    };
    let download = {
        let decisions = decisions.clone();
        let reviewer = session.current().map(|person| person.email.clone()).unwrap_or_default();
        Callback::from(move |_: MouseEvent| {
            browser::download("access-review.csv", "text/csv", &decisions.csv(&reviewer, browser::exact));
        })
    };
    let leave_out = props.refused.as_ref().map(|id| {
        let without = decisions.without(id);
        props.ondecide.reform(move |_: MouseEvent| without.clone())
    });
    let make = {
        let (make, reason) = (making.make.clone(), because(reason.trim(), revoked.len() as u64, staying));
        Callback::from(move |_: MouseEvent| make.emit(reason.clone()))
    };
    let reach = match (&making.reach, refusal, &making.failure) {
        (_, Some(refusal), _) => Some(refusal.to_string()),
        // How many are kept says it all.
        _ if revoked.is_empty() => None,
        (Some(reach), ..) => Some(reach_words(reach)),
        (None, None, Some(failure)) => Some(failure.to_string()),
        (None, None, None) => Some(ASKING.to_owned()),
    };
    let blocked = match due {
        0 => Some(AttrValue::Static("All of it is applied: decide something more first.")),
        _ => refusal.clone(),
    };
    let (title, text, verb, variant) = match revoked.len() as u64 {
        0 => (
            format!("Keep {}?", text::count(staying, "assignment", "assignments")),
            "The audit log says that they were looked through, and by whom.",
            "Keep",
            Variant::Primary,
        ),
        gone => (
            format!("Revoke {}?", text::count(gone, "assignment", "assignments")),
            "What they give ends at once. It is one change, which can be undone in the audit log.",
            "Revoke",
            Variant::Danger,
        ),
    };
    html! {
        <>
            <section class="save-bar" aria-label="Decisions">
                <p class="save-bar__words" role="status">
                    <strong>
                        { format!("{} to revoke, {} kept.", text::number(revoked.len() as u64), text::number(to_keep + kept)) }
                        if gone > 0 { { format!(" {} revoked.", text::number(gone)) } }
                    </strong>
                    if let Some(reach) = &reach {
                        <span class="save-bar__reach">{ reach.clone() }</span>
                    }
                </p>
                <div class="save-bar__actions">
                    if let Some(onclick) = leave_out {
                        <Button variant={Variant::Ghost} {onclick}>{ "Leave it out" }</Button>
                    }
                    <Button variant={Variant::Ghost} icon="download" onclick={download}>{ "Download CSV" }</Button>
                    <Button variant={Variant::Ghost} onclick={start_over}>{ "Start over" }</Button>
                    <Button variant={Variant::Primary} refused={blocked} tip_end=true onclick={set_open(true).reform(|_: MouseEvent| ())}>{ "Apply" }</Button>
                </div>
            </section>
            <div class="slot">
                if *open && due > 0 {
                    <Dialog {title} onclose={set_open(false)} footer={html! {
                        <>
                            <Button autofocus=true onclick={set_open(false).reform(|_: MouseEvent| ())}>{ "Cancel" }</Button>
                            <Button {variant} busy={making.busy} refused={refusal.clone()} tip_end=true onclick={make}>{ verb }</Button>
                        </>
                    }}>
                        <p>{ text }</p>
                        if !revoked.is_empty() {
                            <ul class="review__goes">
                                { for revoked.iter().take(NAMED).map(|decision| html! { <li key={decision.id.clone()}>{ decision.words() }</li> }) }
                                if revoked.len() > NAMED {
                                    <li key="more">{ format!("And {} more.", text::number((revoked.len() - NAMED) as u64)) }</li>
                                }
                            </ul>
                        }
                        <div class="slot" role="status">{ for reach.map(|reach| html! { <p>{ reach }</p> }) }</div>
                        { reason_field(&reason) }
                        { failed(making.failure.as_ref()) }
                    </Dialog>
                }
            </div>
        </>
    }
}

/// Why it is done, as the log says: what was typed, and what the review came to.
fn because(typed: &str, revoked: u64, kept: u64) -> String {
    let review = format!("access review: {revoked} revoked, {kept} kept");
    if typed.is_empty() { review } else { format!("{typed} ({review})") }
}
