//! Whom a change reaches, each by name with how much: "Ana Ruiz gains 31 permissions."

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::held::Effect;
use rolewright_wire::reach::{Reach, Reached as Person};
use yew::prelude::*;

use super::role_editor::reach_words;
use crate::text;

/// How many are named.
const NAMED: usize = 8;

/// Whom it reaches.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whom, and how many.
    pub reach: Rc<Reach>,
}

/// Whom it reaches.
#[component]
pub fn Reached(props: &Props) -> Html {
    let reach = &props.reach;
    match &reach.people[..] {
        [only] if reach.all == 1 && reach.promoted == 0 => html! { <p key="one">{ words(only) }</p> },
        people => {
            let more = reach.all.saturating_sub(NAMED);
            html! {
                <div class="slot" key="many">
                    <p>{ reach_words(reach) }</p>
                    if !people.is_empty() {
                        <ul class="reach__people">
                            { for people.iter().take(NAMED).map(|person| html! { <li key={person.user.clone()}>{ words(person) }</li> }) }
                            if more > 0 {
                                <li key="more">{ format!("And {} more.", text::number(more as u64)) }</li>
                            }
                        </ul>
                    }
                </div>
            }
        }
    }
}

/// "Ana Ruiz gains 31 permissions, loses 2." Who gains one permission at two places gains one.
fn words(person: &Person) -> String {
    let name = if person.name.is_empty() { &person.user } else { &person.name };
    let of = |effect: Effect| {
        let alike = person.differences.iter().filter(|difference| difference.effect == effect);
        alike.map(|difference| &difference.permission).collect::<BTreeSet<_>>().len() as u64
    };
    let counted =
        [(of(Effect::Gain), "gains"), (of(Effect::Lose), "loses"), (of(Effect::MayDiffer), "may differ in")];
    let told = counted.into_iter().filter(|(n, _)| *n > 0).enumerate();
    let told = told.map(|(position, (n, verb))| match position {
        0 => format!("{verb} {}", text::count(n, "permission", "permissions")),
        _ => format!("{verb} {}", text::number(n)),
    });
    format!("{name} {}.", told.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_told_with_how_many_permissions_they_gain_and_lose() {
        let difference = |permission: &str, scope: &str, effect: &str| {
            let (before, after) = (serde_json::json!({ "level": "" }), serde_json::json!({ "level": "" }));
            serde_json::json!({ "permission": permission, "scope": scope, "before": before, "after": after, "effect": effect })
        };
        for (differences, told) in [
            (vec![("a.run", "/", "gain")], "Ana gains 1 permission."),
            (vec![("a.run", "spaces/x", "gain"), ("a.run", "spaces/y", "gain")], "Ana gains 1 permission."),
            (
                vec![("a.run", "/", "gain"), ("a.edit", "/", "gain"), ("b.run", "/", "lose")],
                "Ana gains 2 permissions, loses 1.",
            ),
            (vec![("b.run", "/", "may_differ")], "Ana may differ in 1 permission."),
        ] {
            let differences: Vec<_> =
                differences.into_iter().map(|(id, scope, effect)| difference(id, scope, effect)).collect();
            let person = serde_json::json!({ "user": "u_1", "name": "Ana", "differences": differences });
            assert_eq!(words(&serde_json::from_value(person).unwrap()), told);
        }
    }
}
