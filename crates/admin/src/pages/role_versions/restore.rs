//! The dialog that restores a role as it was: what that changes and whom it reaches is said first.

use rolewright_wire::Accepted;
use rolewright_wire::history::RestoreTo;
use serde_json::Value;
use yew::prelude::*;

use super::page::between;
use crate::access::{use_access, use_tree};
use crate::api::{Answer, Request};
use crate::guard::forget_unsaved;
use crate::nav;
use crate::pages::audit::use_saying;
use crate::pages::by_person::{ByPermission, ByPerson};
use crate::pages::reached::{ASKING, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::saver::use_saver;
use crate::route::Route;
use crate::sending::use_sending;
use crate::states::use_text;
use crate::text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role's id.
    pub id: AttrValue,
    /// What it was called.
    pub name: AttrValue,
    /// The revision that made the version.
    pub revision: u64,
    /// The role as it is; none where it was deleted.
    pub now: Option<Value>,
    /// The role as it was.
    pub then: Value,
    /// The `ETag` of the role as it is, where it is there.
    pub etag: Option<AttrValue>,
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// The dialog.
#[component]
pub fn RestoreDialog(props: &Props) -> Html {
    let (access, tree) = (use_access(), use_tree());
    let (sending, reason, saying) = (use_sending(), use_text(), use_saying());
    let Props { id, name, revision, .. } = props;
    // What is restored was compared with the role as it was when the dialog was opened, until its reader has seen what is there now.
    let seen = use_state(|| props.etag.clone());
    let newer = *seen != props.etag;
    let saver = use_saver(props.etag.as_deref().filter(|_| newer));
    let compare = {
        let (seen, etag) = (seen.setter(), props.etag.clone());
        Callback::from(move |_: MouseEvent| seen.set(etag.clone()))
    };
    let path = format!("/roles/{}/restore", js_sys::encode_uri_component(id));
    let restore = Request::post(path, &RestoreTo { revision: *revision }).at(props.etag.as_deref());
    let verdict = use_trial((!sending.is_busy()).then(|| restore.clone()));
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let held_back = newer.then_some(AttrValue::Static(
        "The role changed since you opened this: look at what would change now.",
    ));
    let onclick = {
        let request = restore.because(reason.trim());
        let (sending, onclose, reach) = (sending.clone(), props.onclose.clone(), verdict.reach.clone());
        let (id, said) = (id.to_string(), format!("Restored {name} as of version {revision}."));
        Callback::from(move |_: MouseEvent| {
            let (id, said, onclose, reach) = (id.clone(), said.clone(), onclose.clone(), reach.clone());
            sending.send(request.clone(), move |answer: Answer<Accepted>| {
                let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                saying.done(format!("{said} {reached}"), answer.made);
                onclose.emit(());
                forget_unsaved();
                nav::go(&Route::RoleVersions { id });
            });
        })
    };
    let (list, _) = between(props.now.as_ref(), Some(&props.then), usize::MAX, access.as_ref());
    let remarks = verdict.told.as_ref().map(|told| told.remarks.clone()).unwrap_or_default();
    html! {
        <Dialog title={format!("Restore {name} as of version {revision}?")} wide=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} icon="undo-2" busy={sending.is_busy()} refused={held_back.or(refusal.clone())} tip_end=true {onclick}>{ "Restore" }</Button>
            </>
        }}>
            <p>{ "The role is made again what it was. That is a change of its own: it stands in the log, and can be undone." }</p>
            <div class="slot" role="status">
                if newer {
                    <Banner tone={Tone::Caution} actions={html! { <Button small=true onclick={compare}>{ "Go on with it as it is now" }</Button> }}>
                        { format!("{}. What would change, and whom it reaches, is compared with that.", saver.words("this role")) }
                    </Banner>
                }
            </div>
            <p role="status">
                <strong>
                    { match (&verdict.reach, &refusal, &verdict.failure) {
                        (Some(reach), ..) => reach_words(reach),
                        (None, Some(refusal), _) => refusal.to_string(),
                        (None, None, Some(failure)) => failure.to_string(),
                        (None, None, None) => ASKING.to_owned(),
                    } }
                </strong>
            </p>
            { for remarks.iter().map(|remark| html! { <Banner key={remark.clone()} tone={Tone::Note}>{ text::sentence(&text::plain(remark)) }</Banner> }) }
            { reason_field(&reason) }
            <section aria-labelledby="restore-changes">
                <h3 id="restore-changes" class="review__heading">{ if props.now.is_some() { "What changes in the role" } else { "What it comes back with" } }</h3>
                <div class="way way--bare">{ list }</div>
            </section>
            if let Some(reach) = verdict.reach.as_ref().filter(|reach| !reach.permissions.is_empty()) {
                if reach.people.is_empty() || reach.names_all() {
                    <ByPermission tree={tree.clone()} reach={reach.clone()} />
                }
                if !reach.people.is_empty() {
                    <ByPerson tree={tree.clone()} reach={reach.clone()} />
                }
            }
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}
