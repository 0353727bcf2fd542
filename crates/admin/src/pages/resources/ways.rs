//! The ways to do an operation, each as a checklist of what it takes.

use rolewright_model::operation::{AlternativeDecision, Leg, Operation, OperationDecision};
use yew::prelude::*;

use crate::policy::{Policy, level_of};
use crate::widgets::Icon;

/// The ways, each with its legs. `why` says more of a leg, by the position of its way and its own.
pub fn ways(
    policy: Option<&Policy>,
    operation: Option<&Operation>,
    decision: &OperationDecision,
    why: &dyn Fn(usize, usize) -> Html,
) -> Html {
    let count = decision.alternatives.len();
    let title = |position: usize| match count {
        1 => "It takes all of this".to_owned(),
        _ => format!("Way {} of {count}, any suffices", position + 1),
    };
    let way = |(position, way): (usize, &AlternativeDecision)| {
        html! {
            <section key={position} class="way">
                <div class="way__head">
                    <h3>{ title(position) }</h3>
                    <span>{ format!("{} of {}", way.legs.iter().filter(|leg| leg.allowed).count(), way.legs.len()) }</span>
                </div>
                <ul>{ for way.legs.iter().enumerate().map(|(at, leg)| one(policy, leg, why(position, at))) }</ul>
            </section>
        }
    };
    html! {
        <>
            { for decision.alternatives.iter().enumerate().map(way) }
            { for operation.into_iter().flat_map(|it| &it.footnotes).map(|note| html! { <p key={note.clone()} class="muted">{ note.clone() }</p> }) }
        </>
    }
}

fn one(policy: Option<&Policy>, leg: &Leg, why: Html) -> Html {
    let catalogue = policy.map(Policy::catalogue);
    let label = catalogue.map(|catalogue| catalogue.permission_name(&leg.permission));
    let level = |id: &str| {
        catalogue.map_or_else(|| id.to_owned(), |catalogue| level_of(catalogue, &leg.permission, id))
    };
    let words = catalogue.map(|catalogue| catalogue.place_name(&leg.resource)).unwrap_or_default();
    let (class, icon, word) = match (leg.dropped, leg.allowed) {
        (true, _) => ("leg--yes", "check", "Not needed here"),
        (false, true) => ("leg--yes", "check", "Held"),
        (false, false) => ("leg--no", "x", "Missing"),
    };
    html! {
        <li class={classes!("leg", class)}>
            <Icon name={icon} />
            <span class="leg__words">
                <span>{ label.unwrap_or_else(|| leg.permission.clone()) }</span>
                <span class="leg__where">{ words }if leg.resource != "/" { <code>{ leg.resource.clone() }</code> }</span>
            </span>
            <span class="level">{ word }
                if !leg.allowed {
                    <span class="muted">{ format!("needs {}, has {}", level(&leg.asked), level(&leg.level)) }</span>
                }
            </span>
            <div class="slot">{ why }</div>
        </li>
    }
}
