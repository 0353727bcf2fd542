//! A row: who holds what since when, by whom and why; and what was decided of it.

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::assignment::AssignmentView;
use yew::prelude::*;

use super::page::WHY;
use crate::access::{AccessHandle, place_name, role_name};
use crate::nav::Link;
use crate::pages::groups::window;
use crate::pages::idle::idle;
use crate::pages::permissions::{refused_to_keep, ways};
use crate::route::Route;
use crate::text;
use crate::widgets::{Chip, Icon};

/// What is decided of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It stays.
    Keep,
    /// It goes.
    Revoke,
}

/// A row, with what was decided of it, why it cannot be revoked, whether nothing can be decided at all, and what is told of a click.
pub fn row(
    view: &AssignmentView,
    decided: Option<Choice>,
    refused: Option<&str>,
    held_back: bool,
    access: Option<&AccessHandle>,
    onchoice: Callback<Choice>,
) -> Html {
    let policy = access.and_then(|access| access.policy());
    let given = &view.assignment;
    let role = role_name(access, &given.role);
    let who = &view.principal_name;
    let place = place_name(access, &given.scope);
    // What makes superusers is privileged too, and says so as everywhere.
    let makes_superusers = policy.is_some_and(|policy| policy.state().makes_superusers(&given.role));
    let source = match given.source {
        Source::Direct => None,
        Source::AutoAssign => Some("Auto assign"),
        Source::Entitlement => Some("By an entitlement"),
    };
    let by = view.origin.as_ref().map(|origin| match origin.actor.as_str() {
        actor if actor.starts_with("key:") && !origin.actor_name.is_empty() => {
            format!("API key {}", origin.actor_name)
        }
        _ if !origin.actor_name.is_empty() => origin.actor_name.clone(),
        "operator" => "The operator".to_owned(),
        actor => actor.to_owned(),
    });
    let why = view.origin.as_ref().and_then(|origin| origin.reason.clone());
    let person = matches!(given.principal, Principal::User(_));
    let button = |choice: Choice, icon: &'static str, verb: &'static str, key: &'static str| {
        let on = decided == Some(choice);
        let is_refused = match choice {
            Choice::Keep => refused_to_keep(access, AssignmentEdit::of(given)),
            Choice::Revoke => refused.is_some(),
        };
        let fixed = held_back || is_refused && !on;
        let onclick = onchoice.reform(move |_: MouseEvent| choice);
        let class =
            classes!("decide__choice", (choice == Choice::Revoke).then_some("decide__choice--revoke"));
        html! {
            <button type="button" {class} aria-pressed={on.to_string()} aria-keyshortcuts={key} aria-disabled={fixed.then_some("true")} aria-describedby={held_back.then_some(WHY)}
                aria-label={format!("{verb} {role} of {who}")} {onclick}><Icon name={icon} />{ verb }</button>
        }
    };
    let class = decided.map(|decided| match decided {
        Choice::Keep => "review__row--kept",
        Choice::Revoke => "review__row--revoked",
    });
    html! {
        <tr key={given.id.clone()} class={classes!("review__row", class)} data-id={given.id.clone()}>
            <td class="table__first">
                { match &given.principal {
                    Principal::User(id) => html! { <Link to={Route::User { id: id.clone() }} class="table__link">{ who.clone() }</Link> },
                    Principal::Group(id) => html! { <Link to={Route::Group { id: id.clone() }} class="table__link review__group"><Icon name="users-round" />{ who.clone() }</Link> },
                    Principal::Everyone => html! { <span class="review__group"><Icon name="globe" />{ who.clone() }</span> },
                } }
                <span class="table__under">{ view.email.clone() }</span>
            </td>
            <td>
                <span class="review__role">
                    <Link to={Route::Role { id: given.role.clone() }} class="table__link">{ role.clone() }</Link>
                    if makes_superusers {
                        <Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
                    } else if view.privileged {
                        <Chip icon="shield">{ "Privileged" }</Chip>
                    }
                </span>
                if given.scope != "/" { <span class="table__under">{ place }</span> }
                if view.not_counting.is_some() { <span class="table__under">{ idle(view.not_counting) }</span> }
                if given.from.is_some() || given.until.is_some() { <span class="table__under">{ window(given) }</span> }
                { for ways::also(view, policy).iter().map(|also| html! { <span class="table__under" key={also.clone()}>{ text::title(also) }</span> }) }
            </td>
            <td class="table__muted" data-label="Since">{ view.since.map(text::date).unwrap_or_default() }</td>
            <td data-label="By">
                { by.or(source.map(str::to_owned)).unwrap_or_else(|| "Not known".to_owned()) }
                if let Some(source) = source.filter(|_| view.origin.is_some()) { <span class="table__under">{ source }</span> }
                if let Some(why) = why { <span class="table__under review__why">{ why }</span> }
            </td>
            <td class="table__muted review__seen" data-label="Seen">
                { match view.last_sign_in {
                    Some(last) => text::date(last),
                    None if person => "Never signed in".to_owned(),
                    None => "\u{2013}".to_owned(),
                } }
            </td>
            <td class="review__decide">
                <div class="decide">
                    { button(Choice::Keep, "check", "Keep", "K") }
                    { button(Choice::Revoke, "x", "Revoke", "R") }
                </div>
                if let Some(refused) = refused { <span class="review__refused"><Icon name="circle-alert" />{ refused.to_owned() }</span> }
            </td>
        </tr>
    }
}
