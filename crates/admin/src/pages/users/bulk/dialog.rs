//! The dialog around an edit of many people: tried while it is put together, and then made, row by row.

use std::rc::Rc;

use rolewright_wire::bulk::{BulkEdit, PersonEdit};
use yew::prelude::*;

use super::rows::Rows;
use crate::api;
use crate::nav::Link;
use crate::pages::role_editor::reach_words;
use crate::pages::users::chosen::Chosen;
use crate::route::Route;
use crate::states::{use_failure, use_flag};
use crate::text;
use crate::toast;
use crate::trial::use_later;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// How many of those who are refused are named.
const NAMED: usize = 50;

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it does.
    pub title: AttrValue,
    /// Of whom.
    pub chosen: Rc<Chosen>,
    /// What is done to each; nothing is tried while it is empty.
    pub edit: PersonEdit,
    /// The button.
    pub verb: AttrValue,
    /// Whether it takes something away.
    #[prop_or_default]
    pub danger: bool,
    /// What is said once all is done, after how many it changed.
    #[prop_or_default]
    pub then: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when some of it is done.
    pub ondone: Callback<()>,
    /// How it is put together.
    pub children: Html,
}

/// The dialog.
#[component]
pub fn BulkDialog(props: &Props) -> Html {
    let busy = use_flag();
    let failure = use_failure();
    let outcome = use_state(|| None::<Rc<Rows>>);
    let Props { title, chosen, edit, then, onclose, .. } = props;
    let body = BulkEdit { which: chosen.which(), edit: edit.clone() };
    let body = api::encoded(&body).ok().filter(|_| !edit.is_empty());
    let asked = body.clone().filter(|_| !*busy && outcome.is_none());
    let told = use_later(asked.clone(), |body: String, signal| async move {
        Rows::of("/users/bulk?dry_run=true", body, Some(signal)).await
    });
    let trial = told.as_deref().filter(|(of, _)| Some(of) == asked.as_ref()).map(|(_, answer)| answer);
    let close = {
        let (onclose, ondone, done) = (onclose.clone(), props.ondone.clone(), outcome.is_some());
        Callback::from(move |()| {
            onclose.emit(());
            if done {
                ondone.emit(());
            }
        })
    };
    let reach = trial.and_then(|answer| answer.as_ref().ok()?.reach.clone());
    let onclick = {
        let (busy, failure, outcome) = (busy.clone(), failure.setter(), outcome.setter());
        let (body, reach, then) = (body.clone(), reach.clone(), then.clone());
        let (onclose, ondone) = (onclose.clone(), props.ondone.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(body) = body.clone().filter(|_| !*busy) else { return };
            busy.set(true);
            failure.set(None);
            let (busy, failure, outcome) = (busy.clone(), failure.clone(), outcome.clone());
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            let (reach, then) = (reach.clone(), then.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = Rows::of("/users/bulk", body, None).await;
                busy.set(false);
                match answer {
                    Ok(rows) if rows.refused.is_empty() && rows.stopped.is_none() => {
                        let said = text::count(rows.changed, "user changed", "users changed");
                        let reach =
                            reach.map(|reach| format!(" {}", reach_words(&reach))).unwrap_or_default();
                        toast::say(format!("{said}.{reach} {then}").trim_end().to_owned());
                        onclose.emit(());
                        ondone.emit(());
                    }
                    Ok(rows) => outcome.set(Some(Rc::new(rows))),
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    if let Some(rows) = &*outcome {
        return html! {
            <Dialog key="outcome" title={title.clone()} onclose={close.clone()} footer={html! {
                <Button variant={Variant::Primary} autofocus=true onclick={close.reform(|_| ())}>{ "Close" }</Button>
            }}>
                <p role="status">{ rows.words() }{ "." }</p>
                if let Some((untried, why)) = &rows.stopped {
                    <Banner tone={Tone::Problem}>{ format!("{} not tried. {why}", text::count(*untried, "user was", "users were")) }</Banner>
                }
                { refusals(chosen, rows) }
            </Dialog>
        };
    }
    let nothing = edit.is_empty().then_some(AttrValue::Static("Change something first."));
    let nobody = trial
        .and_then(|answer| answer.as_ref().ok())
        .filter(|rows| rows.changed == 0 && !rows.refused.is_empty())
        .map(|_| AttrValue::Static("Everybody would be refused."));
    let variant = if props.danger { Variant::Danger } else { Variant::Primary };
    html! {
        <Dialog key="edit" title={title.clone()} onclose={onclose.clone()} footer={html! {
            <>
                <Button onclick={onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button {variant} busy={*busy} refused={nothing.or(nobody)} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            <div class="reach" role="status">
                { match trial {
                    _ if edit.is_empty() => html! {},
                    None => html! { <p class="table__muted">{ if *busy { "Saving." } else { "Asking whom it reaches." } }</p> },
                    Some(Err(problem)) => html! { <p>{ problem.to_string() }</p> },
                    Some(Ok(rows)) => html! {
                        <>
                            <p>{ rows.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
                            if rows.unchanged > 0 {
                                <p class="table__muted">{ text::count(rows.unchanged, "user is so already.", "users are so already.") }</p>
                            }
                        </>
                    },
                } }
            </div>
            if let Some(Ok(rows)) = trial {
                { refusals(chosen, rows) }
            }
            <div class="slot">
                if let Some(problem) = &*failure {
                    <Banner tone={Tone::Problem}>{ problem.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}

/// Who is refused, each with why.
fn refusals(chosen: &Chosen, rows: &Rows) -> Html {
    let more = rows.refused.len().saturating_sub(NAMED) as u64;
    html! {
        <div class="slot">
            if !rows.refused.is_empty() {
                <div class="staying">
                    <p>{ text::count(rows.refused.len() as u64, "user is refused:", "users are refused:") }</p>
                    <ul class="staying__list">
                        { for rows.refused.iter().take(NAMED).map(|(id, why)| html! {
                            <li key={id.clone()}>
                                <Link to={Route::User { id: id.clone() }} class="table__link">{ chosen.name(id).to_owned() }</Link>
                                { format!(": {why}") }
                            </li>
                        }) }
                        if more > 0 {
                            <li key="more">{ format!("And {} more.", text::number(more)) }</li>
                        }
                    </ul>
                </div>
            }
        </div>
    }
}
