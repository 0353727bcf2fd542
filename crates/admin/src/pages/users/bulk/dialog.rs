//! The dialog around an edit of many people: tried while it is put together, and then made, row by row.

use std::rc::Rc;

use rolewright_wire::bulk::{BulkEdit, PersonEdit};
use web_sys::AbortController;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{Encoded, Request};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::Link;
use crate::pages::audit::use_saying;
use crate::pages::names::folded;
use crate::pages::reached::reach_words;
use crate::pages::reason::reason_field;
use crate::pages::results::Results;
use crate::pages::superusers;
use crate::pages::users::chosen::Chosen;
use crate::route::Route;
use crate::rows::Rows;
use crate::same::Same;
use crate::states::{use_failure, use_flag, use_text};
use crate::text;
use crate::trial::use_later;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant, unsaved};

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
    /// What closing it would lose once something is chosen in it, in a sentence.
    #[prop_or_default]
    pub unsaved: Option<AttrValue>,
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

/// What came of it.
struct Outcome {
    rows: Same<Rows>,
    /// Of all of them, in a few words.
    words: String,
}

/// The dialog.
#[component]
pub fn BulkDialog(props: &Props) -> Html {
    let access = use_access();
    let saying = use_saying();
    let (busy, whole) = (use_flag(), use_flag());
    let (failure, reason) = (use_failure(), use_text());
    let outcome = use_state(|| None::<Rc<Outcome>>);
    let Props { title, chosen, edit, then, onclose, .. } = props;
    let body = BulkEdit { which: chosen.which(), edit: edit.clone() };
    let body = Encoded::of(&body).filter(|_| !edit.is_empty());
    let asked = body.clone().filter(|_| !*busy && outcome.is_none());
    let told = use_later(asked.clone(), |body: Encoded, signal| async move {
        Rows::of(Request::of("/users/bulk", body).tried(), signal, &|_, _| {}).await
    });
    let trial = told.as_deref().filter(|(of, _)| Some(of) == asked.as_ref()).map(|(_, answer)| answer);
    let close = {
        let (onclose, ondone, done) = (onclose.clone(), props.ondone.clone(), outcome.is_some());
        Callback::from(move |()| {
            onclose.emit(());
            if done {
                forget_unsaved();
                ondone.emit(());
            }
        })
    };
    let reach = trial.and_then(|answer| answer.as_ref().ok()?.reach.clone());
    let onclick = {
        let (busy, failure, outcome) = (busy.clone(), failure.setter(), outcome.setter());
        // A link gives nobody anything.
        let (body, reach, then) = (body.clone(), reach.clone().filter(|_| !edit.invite), then.clone());
        let (invites, onclose, ondone) = (edit.invite, onclose.clone(), props.ondone.clone());
        let why = reason.trim().to_owned();
        Callback::from(move |_: MouseEvent| {
            let signal = AbortController::new().ok().map(|making| making.signal());
            let Some((body, signal)) = body.clone().filter(|_| !*busy).zip(signal) else { return };
            busy.set(true);
            failure.set(None);
            let (busy, failure, outcome) = (busy.clone(), failure.clone(), outcome.clone());
            let (onclose, ondone) = (onclose.clone(), ondone.clone());
            let (reach, then, why) = (reach.clone(), then.clone(), why.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let request = Request::of("/users/bulk", body).because(&why);
                let answer = Rows::of(request, signal, &|_, _| {}).await;
                busy.set(false);
                match answer {
                    Ok(mut rows) => {
                        rows.told.sort_by_key(|row| row.problem.is_none());
                        let reach = reach
                            .filter(|reach| rows.changed > 0 && !reach.is_nobody())
                            .map(|reach| reach_words(&reach));
                        let then = Some(then.to_string()).filter(|then| rows.changed > 0 && !then.is_empty());
                        let counted = match is_told_at_once(&rows) {
                            true if invites => text::count(rows.changed, "link made", "links made"),
                            true => text::count(rows.changed, "user changed", "users changed"),
                            false => rows.words(),
                        };
                        let counted = (!counted.is_empty()).then(|| counted + ".");
                        let words = [counted, reach, then];
                        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
                        if is_told_at_once(&rows) {
                            saying.done(words, rows.made());
                            onclose.emit(());
                            ondone.emit(());
                        } else {
                            outcome.set(Some(Rc::new(Outcome { rows: Same(Rc::new(rows)), words })));
                        }
                    }
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    // Links that are told this once are lost by no key and by no way to another page.
    let has_links = outcome.as_ref().is_some_and(|outcome| outcome.rows.has_links());
    use_unsaved(
        has_links.then(|| "The links are shown only now. Download the results before you leave.".to_owned()),
    );
    if let Some(outcome) = &*outcome {
        let Outcome { rows, words } = &**outcome;
        let undo = saying.back(rows.made()).map(|undo| {
            let close = close.clone();
            Callback::from(move |_: MouseEvent| {
                undo.emit(());
                close.emit(());
            })
        });
        return html! {
            <Dialog key="outcome" title={format!("{}: results", title.trim_end_matches('?'))} wide=true stays={has_links} onclose={close.clone()} footer={html! {
                <>
                    if let Some(undo) = undo {
                        <Button key="undo" icon="undo-2" onclick={undo}>{ "Undo" }</Button>
                    }
                    <Button key="close" variant={Variant::Primary} autofocus=true onclick={close.reform(|_| ())}>{ "Close" }</Button>
                </>
            }}>
                <p role="status">{ words.clone() }</p>
                if let Some(why) = &rows.stopped {
                    <Banner tone={Tone::Problem}>{ format!("{} not tried. {why}", text::count(rows.untried(), "user was", "users were")) }</Banner>
                }
                if rows.has_links() {
                    <Banner tone={Tone::Caution}>{ "Send them their links: download the results. Each works once, and is shown only now." }</Banner>
                }
                <Results rows={rows.clone()} tried=false of_people=true />
            </Dialog>
        };
    }
    let nothing = edit.is_empty().then_some(AttrValue::Static("Change something first."));
    let nobody = trial
        .and_then(|answer| answer.as_ref().ok())
        .filter(|rows| rows.changed == 0 && rows.refused > 0)
        .map(|_| AttrValue::Static("Everybody would be refused."));
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), edit.give.iter().map(String::as_str), reach.as_deref());
    let variant = superusers::variant(makes_superusers || props.danger);
    let unsaved = props.unsaved.clone().filter(|_| !edit.is_empty()).or_else(|| unsaved(&[&reason]));
    html! {
        <Dialog key="edit" title={title.clone()} onclose={onclose.clone()} {unsaved} footer={html! {
            <>
                <Button onclick={onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button {variant} busy={*busy} refused={nothing.or(nobody)} tip_end=true {onclick}>{ props.verb.clone() }</Button>
            </>
        }}>
            { props.children.clone() }
            { superusers::warning(makes_superusers) }
            <div class="reach" role="status">
                { match trial {
                    _ if edit.is_empty() => html! {},
                    None => html! { <p class="table__muted">{ if *busy { "Saving." } else { "Asking whom it reaches." } }</p> },
                    Some(Err(problem)) => html! { <p>{ problem.to_string() }</p> },
                    Some(Ok(rows)) => html! {
                        <>
                            if edit.invite {
                                <p>{ text::count(rows.changed, "link would be made.", "links would be made.") }</p>
                            } else {
                                <p>{ rows.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
                            }
                            if rows.all > 1 && !edit.invite {
                                <p>{ parts(rows) }</p>
                            } else if rows.unchanged > 0 {
                                <p class="table__muted">
                                    { match edit.invite {
                                        true => text::count(rows.unchanged, "user keeps the link of the last 10 minutes.", "users keep the links of the last 10 minutes."),
                                        false => text::count(rows.unchanged, "user is so already.", "users are so already."),
                                    } }
                                </p>
                            }
                        </>
                    },
                } }
            </div>
            if let Some(Ok(rows)) = trial {
                { refusals(chosen, rows, &whole) }
            }
            { reason_field(&reason) }
            <div class="slot">
                if let Some(problem) = &*failure {
                    <Banner tone={Tone::Problem}>{ problem.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}

/// Whether all is said in a few words: it was one person alone, and nothing is left to do.
fn is_told_at_once(rows: &Rows) -> bool {
    rows.all == 1 && rows.faulty().next().is_none() && rows.stopped.is_none() && !rows.has_links()
}

/// "Of 24 users, 19 would be changed, 3 would stay as they are, 2 would be refused.", as far as there are such.
fn parts(rows: &Rows) -> String {
    let parts = [
        (rows.changed, "would be changed"),
        (rows.unchanged, "would stay as they are"),
        (rows.refused, "would be refused"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<_> = parts.map(|(n, what)| format!("{} {what}", text::number(n))).collect();
    format!("Of {}, {}.", text::count(rows.all, "user", "users"), parts.join(", "))
}

/// Who is refused, each with why.
fn refusals(chosen: &Chosen, rows: &Rows, whole: &UseStateHandle<bool>) -> Html {
    let refused: Vec<_> = rows.faulty().collect();
    html! {
        <div class="slot">
            if !refused.is_empty() {
                <div class="staying">
                    <p>{ text::count(refused.len() as u64, "user is refused:", "users are refused:") }</p>
                    { folded(whole, "staying__list", NAMED, refused.len(), &refused, |row| html! {
                        <li key={row.subject.clone()}>
                            <Link to={Route::User { id: row.subject.clone() }} class="table__link">{ row.name.clone().unwrap_or_else(|| chosen.name(&row.subject).to_owned()) }</Link>
                            { format!(": {}", row.refusal().unwrap_or_default()) }
                        </li>
                    }) }
                </div>
            }
        </div>
    }
}
