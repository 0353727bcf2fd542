//! A dialog that makes a change which the server named: of a refusal, what would allow it; of a finding, what mends it.
//! Whom it reaches is said first, and it is made only where the tenant is as it was when that was said.

use rolewright_model::Stamp;
use rolewright_wire::{Accepted, etag};
use serde::Serialize;
use serde_json::Value;
use yew::prelude::*;

use super::superusers;
use crate::access::use_tree;
use crate::api::{Answer, Query, Request};
use crate::pages::audit::use_saying;
use crate::pages::by_person::ByPerson;
use crate::pages::reached::{ASKING, reach_words};
use crate::pages::reason::reason_field;
use crate::sending::use_sending;
use crate::states::use_text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Dialog, Tone, unsaved};

/// A change as the server named it. It is sent back as it came: to read it would bring every kind of change into what is
/// downloaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, for a button.
    pub label: String,
    /// The change.
    pub change: Value,
    /// Where the tenant was when it was named, or before.
    pub at: Stamp,
}

#[derive(Serialize)]
struct Batch<'c> {
    changes: &'c [Value],
}

impl Fix {
    /// What makes it. A batch has no batch in it: its changes are the batch.
    fn request(&self, query: &str) -> Request {
        let parts = self.change.get("changes").and_then(Value::as_array);
        let changes = parts.map_or(std::slice::from_ref(&self.change), Vec::as_slice);
        Request::post(format!("/batch{query}"), &Batch { changes })
    }
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is done.
    pub fix: Fix,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// What it means.
    #[prop_or_default]
    pub children: Html,
}

/// The dialog.
#[component]
pub fn FixDialog(props: &Props) -> Html {
    let tree = use_tree();
    let (sending, reason, saying) = (use_sending(), use_text(), use_saying());
    let version = etag(props.fix.at);
    let make = |query: &str| props.fix.request(query).at(Some(&version));
    let verdict = use_trial((!sending.is_busy()).then(|| make("")));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let onclick = {
        let request = make(Query::default().with("reason", reason.trim()).as_str());
        let (sending, onclose, reach) = (sending.clone(), props.onclose.clone(), verdict.reach.clone());
        let label = props.fix.label.clone();
        Callback::from(move |_: MouseEvent| {
            let (onclose, reach, label) = (onclose.clone(), reach.clone(), label.clone());
            sending.send(request.clone(), move |answer: Answer<Accepted>| {
                let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                saying.done(format!("Done: {label}. {reached}"), answer.made);
                onclose.emit(());
            });
        })
    };
    let makes_superusers = superusers::makes_superusers(None, [], verdict.reach.as_deref());
    html! {
        <Dialog title={format!("{}?", props.fix.label)} alert=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={superusers::variant(makes_superusers)} busy={sending.is_busy()} refused={refusal.clone()} tip_end=true {onclick}>{ props.fix.label.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            { superusers::warning(makes_superusers) }
            <p role="status">
                { match (&verdict.reach, &refusal) {
                    (Some(reach), _) => reach_words(reach),
                    (None, Some(refusal)) => refusal.to_string(),
                    (None, None) => ASKING.to_owned(),
                } }
            </p>
            <div class="slot">
                if let Some(reach) = verdict.reach.as_ref().filter(|reach| !reach.people.is_empty()) {
                    <details class="fix__people">
                        <summary>{ "Who gains and loses what" }</summary>
                        <ByPerson tree={tree.clone()} reach={reach.clone()} />
                    </details>
                }
            </div>
            { reason_field(&reason) }
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>
                        { if error.status() == 412 { "Something was changed meanwhile. Look at it again, then try once more.".to_owned() } else { error.to_string() } }
                    </Banner>
                }
            </div>
        </Dialog>
    }
}
