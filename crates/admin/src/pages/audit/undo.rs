//! The dialog that takes a change back: whom that reaches is said first.

use rolewright_model::console;
use rolewright_wire::Accepted;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Answer, Request};
use crate::nav;
use crate::pages::reached::{reach_words, told};
use crate::pages::reason::reason_field;
use crate::route::Route;
use crate::sending::{self, Told, use_sending};
use crate::states::use_text;
use crate::toast;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The revision that the change made.
    pub revision: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// The dialog.
#[component]
pub fn UndoDialog(props: &Props) -> Html {
    let (sending, reason) = (use_sending(), use_text());
    let verdict = use_trial((!sending.is_busy()).then(|| undo(&props.revision)));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let request = undo(&props.revision).because(reason.trim());
        let (sending, onclose, reach) = (sending.clone(), props.onclose.clone(), verdict.reach.clone());
        let revision = props.revision.clone();
        Callback::from(move |_: MouseEvent| {
            let (onclose, reach, revision) = (onclose.clone(), reach.clone(), revision.clone());
            sending.send(request.clone(), move |answer: Answer<Accepted>| {
                let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                toast::say(format!("Undid change {revision}. {reached}"));
                onclose.emit(());
                nav::go(&Route::AuditEntry { revision: answer.body.at.revision.to_string() });
            });
        })
    };
    html! {
        <Dialog title={format!("Undo change {}?", props.revision)} alert=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} icon="undo-2" busy={sending.is_busy()} refused={refusal.clone()} tip_end=true {onclick}>{ "Undo change" }</Button>
            </>
        }}>
            <p>{ "What it wrote is put back as it was before. That is a change of its own: it stands in the log, and can be undone too." }</p>
            <div class="reach" role="status">
                { told(verdict.reach.as_ref(), refusal.as_ref().map(ToString::to_string).or_else(|| verdict.why())) }
            </div>
            { reason_field(&reason) }
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}

fn undo(revision: &str) -> Request {
    Request::post(format!("/audit/{revision}/undo"), &api::Nothing {})
}

/// How it is said what a change came to: with the way back, for whoever may go it.
#[derive(Clone, Copy)]
pub struct Saying {
    undoes: bool,
}

impl Saying {
    /// Whether there is a way back.
    pub fn undoes(self) -> bool {
        self.undoes
    }

    /// Says it in a toast; `made` is the revision that the change made.
    pub fn done(self, text: impl Into<AttrValue>, made: Option<u64>) {
        match made.filter(|_| self.undoes) {
            Some(made) => toast::say_undoable(text, Callback::from(move |()| undo_now(made))),
            None => toast::say(text),
        }
    }
}

/// How it is said what a change came to.
#[hook]
pub fn use_saying() -> Saying {
    Saying { undoes: use_access().is_some_and(|access| access.may(console::AUDIT_VIEW)) }
}

/// Takes a change back that was just made, as its toast offers; another toast says what came of it, or why nothing did.
fn undo_now(revision: u64) {
    sending::ask(undo(&revision.to_string()), move |answer: Told<Accepted>| match answer {
        Ok(_) => toast::say(format!("Undid change {revision}.")),
        Err(error) => {
            let to = Route::AuditEntry { revision: revision.to_string() };
            toast::say_problem_with(error.to_string(), "Show change", to);
        }
    });
}
