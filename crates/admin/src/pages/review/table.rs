//! The rows, and the keys with which they are gone through.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::console;
use rolewright_model::directory::AssignmentDocument;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::page::Page;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::decisions::{Decision, Decisions, Terms, Verdict};
use super::filters::Wanted;
use super::row::{Choice, row};
use crate::access::{place_name, role_name, use_access};
use crate::browser;
use crate::pages::permissions::{refused_to_keep, refused_to_take};
use crate::widgets::{SkeletonRows, SortHeader};

/// The table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The rows; none yet while they are on their way.
    pub page: Option<Rc<Page<AssignmentView>>>,
    /// Whether other rows are on their way.
    pub stale: bool,
    /// What the address says.
    pub wanted: Rc<Wanted>,
    /// Told what is wanted instead.
    pub onwanted: Callback<Wanted>,
    /// What was decided.
    pub decisions: Rc<Decisions>,
    /// The row that cannot be revoked together with the others, by its id, and why.
    pub refusal: Option<(String, String)>,
    /// Why nothing can be decided here, where that is so: it is said once, over the rows.
    pub held_back: Option<AttrValue>,
    /// Told what is decided instead.
    pub ondecide: Callback<Decisions>,
}

/// The table.
#[component]
pub fn ReviewTable(props: &Props) -> Html {
    let access = use_access();
    let Props { page, decisions, wanted, ondecide, .. } = props;
    let views = page.as_ref().map(|page| &page.items[..]).unwrap_or_default();
    let held_back = props.held_back.is_some();
    let why_not = |view: &AssignmentView| {
        if held_back {
            return None;
        }
        let together = props.refusal.as_ref().filter(|(id, _)| *id == view.assignment.id);
        let alone = || refused_to_take(access.as_ref(), AssignmentEdit::of(&view.assignment));
        together.map(|(_, why)| why.clone()).or_else(|| alone().map(|why| why.to_string()))
    };
    let terms = |view: &AssignmentView| {
        let AssignmentDocument { role, scope, .. } = &view.assignment;
        let policy = access.as_ref().and_then(|access| access.policy());
        let place = if scope == "/" { String::new() } else { place_name(access.as_ref(), scope) };
        Terms {
            is_right: policy.map_or(view.privileged, |policy| {
                policy.state().gives_at(role, scope, console::USERS_ASSIGN_ROLES)
            }),
            role: role_name(access.as_ref(), role),
            place,
            at: browser::now(),
        }
    };
    let choice_of = |view: &AssignmentView| {
        decisions.of(view).map(|made| match made.verdict {
            Verdict::Keep | Verdict::Kept => Choice::Keep,
            Verdict::Revoke | Verdict::Revoked => Choice::Revoke,
        })
    };
    // What a choice comes to: the same again, by a click, takes it back, and what cannot be revoked is not.
    let decided = |view: &AssignmentView, choice: Choice| {
        if held_back {
            return None;
        }
        if choice_of(view) == Some(choice) {
            return Some(decisions.without(&view.assignment.id));
        }
        let given = AssignmentEdit::of(&view.assignment);
        let (verdict, is_refused) = match choice {
            Choice::Keep => (Verdict::Keep, refused_to_keep(access.as_ref(), given)),
            Choice::Revoke => (Verdict::Revoke, refused_to_take(access.as_ref(), given).is_some()),
        };
        (!is_refused).then(|| decisions.with(Decision::of(view, verdict, terms(view))))
    };
    let onsort = {
        let (wanted, onwanted) = (wanted.clone(), props.onwanted.clone());
        Callback::from(move |sort: AttrValue| {
            onwanted.emit(Wanted { sort: sort.to_string(), ..(*wanted).clone() });
        })
    };
    let keep_or_revoke: Vec<[Option<Decisions>; 2]> =
        views.iter().map(|view| [Choice::Keep, Choice::Revoke].map(|choice| decided(view, choice))).collect();
    let chosen: Vec<Option<Choice>> = views.iter().map(choice_of).collect();
    let undone = decisions.undone();
    let onkeydown = {
        let (ondecide, next) = (ondecide.clone(), keep_or_revoke.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let Some((rows, here)) = rows_around(&event) else { return };
            let last = rows.len().saturating_sub(1);
            let to = match event.key().as_str() {
                "ArrowDown" => (here + 1).min(last),
                "ArrowUp" => here.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                key @ ("k" | "K" | "r" | "R") => {
                    let choice = if key.eq_ignore_ascii_case("k") { Choice::Keep } else { Choice::Revoke };
                    // A key says what shall be: pressed again, it stays so.
                    if chosen.get(here).copied().flatten() != Some(choice) {
                        let [keep, revoke] = next.get(here).cloned().unwrap_or_default();
                        let made = if choice == Choice::Keep { keep } else { revoke };
                        let Some(made) = made else { return };
                        ondecide.emit(made);
                    }
                    (here + 1).min(last)
                }
                "u" | "U" => {
                    let Some((before, which)) = undone.clone() else { return };
                    ondecide.emit(before);
                    let of_it = |row: &HtmlElement| row.get_attribute("data-id").as_deref() == Some(&*which);
                    rows.iter().position(of_it).unwrap_or(here)
                }
                _ => return,
            };
            event.prevent_default();
            let button = rows.get(to).and_then(|row| browser::find(row, ".decide__choice"));
            button.iter().for_each(browser::bring);
        })
    };
    let sort: AttrValue =
        if wanted.sort.is_empty() { "principal".into() } else { wanted.sort.clone().into() };
    html! {
        <div class={classes!("table-box", props.stale.then_some("table-box--stale"))} aria-busy={props.stale.to_string()}>
            <table class="table table--stack review">
                <caption class="visually-hidden">{ "Who holds what" }</caption>
                <thead><tr>
                    <SortHeader column="principal" label="Who" sort={sort.clone()} onsort={onsort.clone()} />
                    <th scope="col">{ "Role" }</th>
                    <SortHeader column="since" label="Since" {sort} {onsort} />
                    <th scope="col">{ "Given by" }</th>
                    <th scope="col">{ "Last sign-in" }</th>
                    <th scope="col">{ "Decision" }</th>
                </tr></thead>
                <tbody {onkeydown}>
                    if page.is_some() {
                        { for views.iter().zip(keep_or_revoke).map(|(view, next)| {
                            let ondecide = ondecide.clone();
                            let onchoice = Callback::from(move |choice: Choice| {
                                let [keep, revoke] = next.clone();
                                let made = if choice == Choice::Keep { keep } else { revoke };
                                made.into_iter().for_each(|made| ondecide.emit(made));
                            });
                            row(view, choice_of(view), why_not(view).as_deref(), held_back, access.as_ref(), onchoice)
                        }) }
                    } else {
                        <SkeletonRows key="skeleton" rows={12} cells={6} />
                    }
                </tbody>
            </table>
        </div>
    }
}

/// The rows of the table in which a key was pressed, and in which of them.
fn rows_around(event: &KeyboardEvent) -> Option<(Vec<HtmlElement>, usize)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let own = target.closest("tr").ok()??;
    let rows = browser::find_all(&own.parent_element()?, "tr[data-id]");
    let here = rows.iter().position(|row| own.is_same_node(Some(row)))?;
    Some((rows, here))
}
