//! The dialog that takes changes back: whom that reaches is said first.

use std::collections::BTreeSet;

use rolewright_model::change::Topic;
use rolewright_model::console;
use rolewright_wire::Accepted;
use rolewright_wire::audit::called;
use rolewright_wire::history::MOST_TOGETHER;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Answer, ApiError, ChangedSince, Query, Request};
use crate::guard::forget_unsaved;
use crate::nav::{self, COMMA};
use crate::pages::names::folded;
use crate::pages::reached::{reach_words, told};
use crate::pages::reason::reason_field;
use crate::route::Route;
use crate::sending::{self, Told, use_sending};
use crate::states::{use_flag, use_text};
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant, unsaved};
use crate::{text, toast};

/// What the address of a change says of the others that are taken back with it.
pub const UNDONE_WITH: &str = "with";

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The revisions that the changes made.
    pub revisions: BTreeSet<u64>,
    /// How many documents they wrote, as far as that is known.
    #[prop_or(usize::MAX)]
    pub wrote: usize,
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// The dialog.
#[component]
pub fn UndoDialog(props: &Props) -> Html {
    let (sending, reason) = (use_sending(), use_text());
    let (rest, whole) = (use_flag(), use_flag());
    let request = undo(&props.revisions);
    let request = if *rest { request.asking(&Query::default().with("rest", "true")) } else { request };
    let verdict = use_trial((!sending.is_busy()).then(|| request.clone()));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let changed = verdict.refusal.as_ref().and_then(ApiError::problem).map(|problem| &problem.changed[..]);
    let changed = changed.unwrap_or_default();
    let remarks = verdict.told.as_ref().map(|told| &told.remarks[..]).unwrap_or_default();
    let named = words(&props.revisions);
    let onrest = use_callback(rest.setter(), |_: MouseEvent, rest| rest.set(true));
    let onclick = {
        let request = request.because(reason.trim());
        let (sending, onclose, reach) = (sending.clone(), props.onclose.clone(), verdict.reach.clone());
        let named = named.clone();
        Callback::from(move |_: MouseEvent| {
            let (onclose, reach, named) = (onclose.clone(), reach.clone(), named.clone());
            sending.send(request.clone(), move |answer: Answer<Accepted>| {
                let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                toast::say(format!("Undid {named}. {reached}"));
                onclose.emit(());
                forget_unsaved();
                nav::go(&Route::AuditEntry { revision: answer.body.at.revision.to_string() });
            });
        })
    };
    html! {
        <Dialog title={format!("Undo {named}?")} alert=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} icon="undo-2" busy={sending.is_busy()} refused={refusal.clone()} tip_end=true {onclick}>{ if *rest { "Undo the rest" } else if props.revisions.len() > 1 { "Undo changes" } else { "Undo change" } }</Button>
            </>
        }}>
            <p>{ "What it wrote is put back as it was before. That is a change of its own: it stands in the log, and can be undone too." }</p>
            <div class="reach" role="status">
                { told(verdict.reach.as_ref(), refusal.as_ref().map(ToString::to_string).or_else(|| verdict.why())) }
            </div>
            <div class="slot">
                if !changed.is_empty() {
                    <div key="since" class="staying">
                        <p>{ text::count(changed.len() as u64, "document was changed since:", "documents were changed since:") }</p>
                        { folded(&whole, "staying__list", NAMED, changed.len(), changed, |it| html! { <li key={[&*it.kind, &*it.id].join("/")}>{ since(it) }</li> }) }
                        if changed.len() < props.wrote {
                            <Button small=true onclick={onrest}>{ "Leave them, and undo the rest" }</Button>
                        }
                    </div>
                }
                { for remarks.iter().map(|remark| html! { <p key={remark.clone()} class="muted">{ text::sentence(&text::plain(remark)) }</p> }) }
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

/// How many of what was changed since is named.
const NAMED: usize = 50;

/// What was changed since, for a person.
fn since(it: &ChangedSince) -> String {
    let topic = Topic::all().find(|topic| topic.as_str() == it.kind);
    let kind = topic.map_or(&*it.kind, |topic| called(topic).0);
    text::title(&[kind, " ", it.name.as_ref().unwrap_or(&it.id)].concat())
}

/// "change 7", "changes 5, 6 and 7", as far as that is short.
fn words(revisions: &BTreeSet<u64>) -> String {
    let all: Vec<String> = revisions.iter().map(u64::to_string).collect();
    match &all[..] {
        [only] => format!("change {only}"),
        [others @ .., last] if others.len() < 5 => format!("changes {} and {last}", others.join(", ")),
        all => text::count(all.len() as u64, "change", "changes"),
    }
}

/// The newest of the changes, and the others with commas between.
fn parted(revisions: &BTreeSet<u64>) -> (String, String) {
    let mut all: Vec<String> = revisions.iter().map(u64::to_string).collect();
    (all.pop().unwrap_or_default(), all.join(COMMA))
}

/// Takes changes back in one.
fn undo(revisions: &BTreeSet<u64>) -> Request {
    let (newest, others) = parted(revisions);
    let undo = Request::post(format!("/audit/{newest}/undo"), &api::Nothing {});
    undo.asking(&Query::default().with("also", &others))
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

    /// Says it in a toast; `made` are the revisions of the changes that it was.
    pub fn done(self, text: impl Into<AttrValue>, made: impl IntoIterator<Item = u64>) {
        match self.back(made) {
            Some(undo) => toast::say_undoable(text, undo),
            None => toast::say(text),
        }
    }

    /// What takes those changes back, in one; none where there is no way back.
    pub fn back(self, made: impl IntoIterator<Item = u64>) -> Option<Callback<()>> {
        let made: BTreeSet<u64> = made.into_iter().collect();
        let undoes = self.undoes && (1..=MOST_TOGETHER).contains(&made.len());
        undoes.then(|| Callback::from(move |()| undo_now(made.clone())))
    }
}

/// How it is said what a change came to.
#[hook]
pub fn use_saying() -> Saying {
    Saying { undoes: use_access().is_some_and(|access| access.may(console::AUDIT_VIEW)) }
}

/// Takes changes back that were just made, as their toast offers; another toast says what came of it, or why nothing did.
fn undo_now(revisions: BTreeSet<u64>) {
    sending::ask(undo(&revisions), move |answer: Told<Accepted>| match answer {
        Ok(_) => toast::say(format!("Undid {}.", words(&revisions))),
        Err(error) => {
            let (revision, others) = parted(&revisions);
            // There the rest is offered, where some of it was changed since.
            let query = Query::default().with(UNDONE_WITH, &others);
            toast::say_problem_with(
                error.to_string(),
                "Show change",
                (Route::AuditEntry { revision }, query),
            );
        }
    });
}
