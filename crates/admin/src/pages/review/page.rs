//! The page: filters, rows, the keys, and the bar that applies what was decided.

use std::rc::Rc;

use rolewright_model::change::Kind;
use rolewright_model::console;
use rolewright_model::refusal::Code;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::batch::Version;
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::apply::{ApplyBar, FORGOTTEN};
use super::decisions::{Decisions, Verdict};
use super::filters::{Filters, Wanted};
use super::table::ReviewTable;
use crate::access::use_access;
use crate::api::{self, ApiError, Encoded};
use crate::batch::{Batch, Made, Making, use_batch};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, use_query};
use crate::pages::audit::use_saying;
use crate::pages::permissions::refused_everywhere;
use crate::pages::reached::reach_words;
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Banner, Button, Empty, Tone, failed, pager, use_page_with_rows};
use crate::{text, toast};

/// The keys, each with what it does.
const KEYS: [(&[&str], &str); 4] = [
    (&["\u{2191}", "\u{2193}"], "next row"),
    (&["K"], "keep"),
    (&["R"], "revoke"),
    (&["U"], "take the last decision back"),
];

/// The id of what says why nothing can be decided here.
pub(super) const WHY: &str = "review-why";

/// The page.
#[component]
pub fn ReviewPage() -> Html {
    use_title("Access review");
    let access = use_access();
    let query = use_query();
    let wanted = Rc::new(Wanted::of(&query, access.as_ref().and_then(|access| access.policy())));
    let decisions = use_state(|| Rc::new(Decisions::kept()));
    let rows = use_resource(wanted.question(access.as_ref()), |question: String| async move {
        let path = format!("/assignments{question}");
        api::get::<Page<AssignmentView>>(&path).await.map(|answer| answer.body)
    });
    let ondecide = use_callback(decisions.setter(), |next: Decisions, decisions| {
        // What was forgotten before would take the place of this.
        toast::take_back(FORGOTTEN);
        next.keep();
        decisions.set(Rc::new(next));
    });
    let due = decisions.due();
    let batch = Batch {
        changes: due.iter().map(|made| made.step()).collect(),
        // Only what was looked at is taken away, or said to stay.
        versions: due
            .iter()
            .map(|made| Version { kind: Kind::Assignment, id: made.id.clone(), etag: made.etag.clone() })
            .collect(),
    };
    let saying = use_saying();
    let made = {
        let (ondecide, after) = (ondecide.clone(), decisions.applied());
        let gone = decisions.count(Verdict::Revoke);
        let kept = text::count(due.len() as u64 - gone, "assignment kept", "assignments kept");
        let said = text::count(gone, "assignment revoked", "assignments revoked");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| format!(" {}", reach_words(&reach))).unwrap_or_default();
            match gone {
                // There is nothing to undo.
                0 => toast::say(format!("{kept}: the audit log says so.")),
                _ => saying.done(format!("{said}.{reached}"), revision),
            }
            ondecide.emit(after.clone());
        })
    };
    let making = use_batch(Encoded::of(&batch).filter(|_| !due.is_empty()), made);
    let named = |wrong: &ApiError| wrong.of_change().and_then(|change| due.get(change)).copied();
    // What is not there any more is decided already, and left out.
    let gone = making.failure.as_ref().filter(|failure| is_unknown(failure)).and_then(named).cloned();
    let making = Making { failure: making.failure.filter(|_| gone.is_none()), ..making };
    {
        let without = gone.as_ref().map(|gone| decisions.without(&gone.id));
        let ondecide = ondecide.clone();
        use_effect_with(gone, move |gone| {
            if let Some((gone, without)) = gone.as_ref().zip(without) {
                toast::say(format!("{}. Somebody has already taken it away: it is left out.", gone.words()));
                ondecide.emit(without);
            }
        });
    }
    let wrong = making.refusal.as_ref().or(making.failure.as_ref());
    let refused = wrong.and_then(|wrong| {
        let changed = due.iter().copied().find(|made| wrong.changed() == Some(&*made.id));
        let decision = named(wrong).or(changed)?;
        Some((decision, wrong.beside(&[]).unwrap_or_default()))
    });
    let refusal = match &refused {
        Some((decision, why)) => Some(AttrValue::from(format!("{}: {why}", decision.words()))),
        None => making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string())),
    };
    let refused = refused.map(|(decision, why)| (decision.id.clone(), why));
    let onwanted = {
        let now = wanted.clone();
        Callback::from(move |mut wanted: Wanted| {
            // Another question begins at its first page.
            if wanted.cursor == now.cursor {
                wanted.cursor.clear();
            }
            nav::set_query(&Route::Review, wanted.address().as_str());
        })
    };
    let first = {
        let wanted = wanted.clone();
        onwanted.reform(move |()| (*wanted).clone())
    };
    let error = use_page_with_rows(&wanted.cursor, rows.fresh().map(Rc::as_ref), rows.error.as_ref(), first);
    let turn = |cursor: String| {
        let wanted = (*wanted).clone();
        Callback::from(move |_: MouseEvent| {
            let wanted = Wanted { cursor: cursor.clone(), ..wanted.clone() };
            nav::turn_to(&Route::Review, wanted.address().as_str());
        })
    };
    let clear = onwanted.reform(|_: MouseEvent| Wanted::default());
    if rows.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::USERS_VIEW} what="the access review" /> };
    }
    let held_back = refused_everywhere(access.as_ref());
    let none = rows.fresh().is_some_and(|page| page.total == 0);
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Access review" text={html! { "Who holds what and since when. Keep what is needed and revoke the rest: nothing changes before you apply it." }} />
            <Filters wanted={wanted.clone()} onwanted={onwanted.clone()} total={rows.data.as_ref().map(|page| page.total)} />
            <div class="slot">
                if let Some(why) = &held_back {
                    <Banner tone={Tone::Note}><span id={WHY}>{ why.clone() }</span></Banner>
                }
            </div>
            <p class="keys-legend" aria-label="Keys, while a decision has the focus">
                { for KEYS.iter().map(|(keys, does)| html! {
                    <span class="keys-legend__key" key={*does}>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }{ *does }</span>
                }) }
                <span class="muted">{ "while a row has the focus" }</span>
            </p>
            <div class="slot">
                if let Some(error) = &error {
                    { failed(error, &rows.reload) }
                }
            </div>
            <div class="slot">
                if none && wanted.is_filtered() {
                    <Empty icon="search-x" title="Nothing fits" text="No assignment fits the search and the filters.">
                        <Button onclick={clear}>{ "Clear search and filters" }</Button>
                    </Empty>
                } else if none {
                    <Empty icon="list-checks" title="Nothing is assigned yet" text="Roles that are given to people, groups and everyone stand here, to be looked through from time to time." />
                } else {
                    <ReviewTable page={rows.data.clone()} stale={rows.stale} wanted={wanted.clone()} {onwanted} decisions={(*decisions).clone()}
                        refusal={refused.clone()} held_back={held_back.clone()} ondecide={ondecide.clone()} />
                    { pager(&wanted.cursor, rows.fresh().and_then(|page| page.next.clone()), turn) }
                }
            </div>
            <div class="slot">
                if decisions.len() > 0 && held_back.is_none() {
                    <ApplyBar decisions={(*decisions).clone()} {making} {refusal} refused={refused.map(|(id, _)| id)} {ondecide} />
                }
            </div>
        </div>
    }
}

/// Whether something is not there.
fn is_unknown(error: &ApiError) -> bool {
    error.problem().is_some_and(|problem| problem.code() == Code::Unknown.as_str())
}
