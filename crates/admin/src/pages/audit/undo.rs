//! The dialog that takes a change back: whom that reaches is said first.

use rolewright_wire::Accepted;
use rolewright_wire::problem::code;
use yew::prelude::*;

use crate::api::{self, ApiError, Query};
use crate::nav;
use crate::pages::role_editor::reach_words;
use crate::route::Route;
use crate::states::{use_failure, use_flag, use_text};
use crate::toast;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, Dialog, TextField, Tone, Variant};

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
    let (busy, error, reason) = (use_flag(), use_failure(), use_text());
    let path = format!("/audit/{}/undo", props.revision);
    let verdict = use_trial((!*busy).then(|| Trial::post(&path, &api::Nothing {})).flatten());
    let refusal = verdict.refusal.as_ref().map(|refusal| AttrValue::from(why_not(refusal)));
    let onclick = {
        let (busy, error, reason) = (busy.clone(), error.clone(), (*reason).clone());
        let (onclose, reach, revision) =
            (props.onclose.clone(), verdict.reach.clone(), props.revision.clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            busy.set(true);
            let path = format!("{path}{}", Query::default().with("reason", reason.trim()).as_str());
            let (busy, error, onclose, reach) = (busy.clone(), error.clone(), onclose.clone(), reach.clone());
            let revision = revision.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let made = api::post::<_, Accepted>(&path, &api::Nothing {}).await;
                busy.set(false);
                match made {
                    Ok(answer) => {
                        let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                        toast::say(format!("Undid change {revision}. {reached}"));
                        onclose.emit(());
                        nav::go(&Route::AuditEntry { revision: answer.body.at.revision.to_string() });
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    let oninput = use_callback(reason.setter(), |typed: String, reason| reason.set(typed));
    html! {
        <Dialog title={format!("Undo change {}?", props.revision)} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} icon="undo-2" busy={*busy} refused={refusal.clone()} tip_end=true {onclick}>{ "Undo change" }</Button>
            </>
        }}>
            <p>{ "What it wrote is put back as it was before. That is a change of its own: it stands in the log, and can be undone too." }</p>
            <p role="status">
                { match (&verdict.reach, &refusal) {
                    (Some(reach), _) => reach_words(reach),
                    (None, Some(refusal)) => refusal.to_string(),
                    (None, None) => "Asking whom it reaches.".to_owned(),
                } }
            </p>
            <TextField label="Why" optional=true value={(*reason).clone()} {oninput} />
            <div class="slot">
                if let Some(error) = &*error {
                    <Banner tone={Tone::Problem}>{ why_not(error) }</Banner>
                }
            </div>
        </Dialog>
    }
}

/// Why it cannot be undone, and what to do instead.
fn why_not(error: &ApiError) -> String {
    match error.code() {
        code::NOTHING_TO_RESTORE => {
            "All is as it was before this change already, or it wrote nothing that can be put back."
                .to_owned()
        }
        _ => error.to_string(),
    }
}
