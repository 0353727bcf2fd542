//! Whom a change reaches, said in one way wherever a change is tried, made or looked back at: "Ana Ruiz gains 31 permissions",
//! "31 people gain, 2 lose".

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::diff::Counted;
use rolewright_model::held::Effect;
use rolewright_wire::reach::{Reach, Reached as Person};
use yew::prelude::*;

use crate::access::{permission_name, use_access};
use crate::text;
use crate::widgets::Icon;

/// How many people are named.
const PEOPLE: usize = 5;

/// How many permissions are named.
const PERMISSIONS: usize = 5;

/// How many of those who become superusers are named.
const SUPERUSERS: usize = 5;

/// What becomes of a permission: for how many, its icon, how its line is marked, and in a word.
type Become = (fn(&Counted) -> usize, &'static str, &'static str, &'static str);
const BECOMES: [Become; 3] = [
    (|it| it.gain, "plus", "reached--gained", "Gained: "),
    (|it| it.lose, "minus", "reached--lost", "Lost: "),
    (|it| it.may_differ, "pencil", "reached--differs", "May differ: "),
];

/// Whom it reaches.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whom, and how many.
    pub reach: Rc<Reach>,
}

/// Whom it reaches, and which permissions that is about.
#[component]
pub fn Reached(props: &Props) -> Html {
    let access = use_access();
    let reach = &props.reach;
    let named = |of: fn(&Counted) -> usize| -> Vec<String> {
        let those = reach.permissions.iter().filter(|it| of(it) > 0).map(|it| &it.permission);
        those.map(|id| permission_name(access.as_ref(), id)).collect()
    };
    let lines = BECOMES.map(|(of, icon, class, word)| (named(of), icon, class, word));
    let more = reach.all.saturating_sub(PEOPLE) as u64;
    html! {
        <div class="reached">
            <p>{ reach_words(reach) }</p>
            if !reach.permissions.is_empty() {
                <ul class="reached__what">
                    { for lines.iter().filter(|(named, ..)| !named.is_empty()).map(|(named, icon, class, word)| html! {
                        <li class={*class} key={*icon}><Icon name={*icon} /><span><span class="visually-hidden">{ *word }</span>{ text::listed(named, PERMISSIONS, named.len() as u64) }</span></li>
                    }) }
                </ul>
            }
            if reach.all > 1 && !reach.people.is_empty() {
                <ul class="reach__people">
                    { for reach.people.iter().take(PEOPLE).map(|person| html! { <li key={person.user.clone()}>{ of_one(person) }</li> }) }
                    if more > 0 {
                        <li key="more">{ format!("And {} more.", text::number(more)) }</li>
                    }
                </ul>
            }
        </div>
    }
}

/// What a dry run says: whom the change reaches, or why nobody knows that, which is `why`; before that it is being asked.
pub fn told(reach: Option<&Rc<Reach>>, why: Option<String>) -> Html {
    match reach {
        Some(reach) => html! { <Reached key="reach" reach={reach.clone()} /> },
        None => html! { <p key="why">{ why.unwrap_or_else(|| ASKING.to_owned()) }</p> },
    }
}

/// Said until the server has answered.
pub const ASKING: &str = "Asking whom it reaches.";

/// "31 people gain, 2 lose. 12 people become full users. Ana Ruiz becomes a superuser.", or that nothing changes for anybody. One whose name is known is named.
pub fn reach_words(reach: &Reach) -> String {
    let mut words = match &reach.people[..] {
        [only] if reach.all == 1 => vec![of_one(only)],
        _ => vec![counted(reach.gain, reach.lose, reach.may_differ)],
    };
    words.push(becoming(reach.promoted, "person becomes a full user", "people become full users"));
    words.push(made_superusers(reach));
    words.retain(|words| !words.is_empty());
    match words.is_empty() {
        true => "Nothing changes for anybody.".to_owned(),
        false => words.join(". ") + ".",
    }
}

/// "Ana Ruiz becomes a superuser", "Ana Ruiz, Bo Berg and 37 more become superusers"; where nobody is named, how many.
fn made_superusers(reach: &Reach) -> String {
    let all = reach.superusers as u64;
    match &reach.made_superusers[..] {
        [] => becoming(reach.superusers, "person becomes a superuser", "people become superusers"),
        [only] if all == 1 => format!("{only} becomes a superuser"),
        named => format!("{} become superusers", text::listed(named, SUPERUSERS, all)),
    }
}

fn becoming(people: usize, one: &str, many: &str) -> String {
    if people == 0 { String::new() } else { text::count(people as u64, one, many) }
}

/// "31 people gain, 2 lose"; nothing where nobody does.
pub fn counted(gain: usize, lose: usize, may_differ: usize) -> String {
    let mut words = String::new();
    let all = [(gain, "gains", "gain"), (lose, "loses", "lose"), (may_differ, "may differ", "may differ")];
    for (n, one, many) in all.into_iter().filter(|(n, ..)| *n > 0) {
        words += &match words.is_empty() {
            true => text::count(n as u64, &format!("person {one}"), &format!("people {many}")),
            false => format!(", {}", text::count(n as u64, one, many)),
        };
    }
    words
}

/// "Ana Ruiz gains 31 permissions, loses 2". Who gains one permission at two places gains one.
fn of_one(person: &Person) -> String {
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
    format!("{name} {}", told.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, differences: &[(&str, &str, &str)]) -> serde_json::Value {
        let difference = |(permission, scope, effect): &(&str, &str, &str)| {
            let (before, after) = (serde_json::json!({ "level": "" }), serde_json::json!({ "level": "" }));
            serde_json::json!({ "permission": permission, "scope": scope, "before": before, "after": after, "effect": effect })
        };
        let differences: Vec<_> = differences.iter().map(difference).collect();
        serde_json::json!({ "user": "u_1", "name": name, "differences": differences })
    }

    #[test]
    fn somebody_is_told_with_how_many_permissions_they_gain_and_lose() {
        for (differences, told) in [
            (&[("a.run", "/", "gain")][..], "Ana gains 1 permission"),
            (&[("a.run", "spaces/x", "gain"), ("a.run", "spaces/y", "gain")], "Ana gains 1 permission"),
            (
                &[("a.run", "/", "gain"), ("a.edit", "/", "gain"), ("b.run", "/", "lose")],
                "Ana gains 2 permissions, loses 1",
            ),
            (&[("b.run", "/", "may_differ")], "Ana may differ in 1 permission"),
        ] {
            assert_eq!(of_one(&serde_json::from_value(person("Ana", differences)).unwrap()), told);
        }
    }

    #[test]
    fn who_becomes_a_superuser_is_named() {
        for (superusers, named, told) in [
            (0, &[][..], "Nothing changes for anybody."),
            (1, &["Ana"], "Ana becomes a superuser."),
            (2, &["Ana", "Bo"], "Ana, Bo become superusers."),
            (7, &["A", "B", "C", "D", "E", "F", "G"], "A, B, C, D, E and 2 more become superusers."),
            // Whoever may not see people.
            (2, &[], "2 people become superusers."),
        ] {
            let reach = serde_json::json!({
                "all": 0, "gain": 0, "lose": 0, "may_differ": 0, "superusers": superusers, "permissions": [],
                "made_superusers": named,
            });
            assert_eq!(reach_words(&serde_json::from_value(reach).unwrap()), told);
        }
    }

    #[test]
    fn one_is_named_and_many_are_counted() {
        let ana = person("Ana", &[("a.run", "/", "lose")]);
        let bo = person("", &[("a.run", "/", "gain")]);
        for ((all, gain, lose, promoted), people, told) in [
            ((0, 0, 0, 0), vec![], "Nothing changes for anybody."),
            ((0, 0, 0, 2), vec![], "2 people become full users."),
            ((1, 0, 1, 0), vec![&ana], "Ana loses 1 permission."),
            ((1, 1, 0, 0), vec![&bo], "u_1 gains 1 permission."),
            ((1, 0, 1, 1), vec![&ana], "Ana loses 1 permission. 1 person becomes a full user."),
            // Whoever may not see people.
            ((1, 0, 1, 0), vec![], "1 person loses."),
            ((2, 1, 1, 1), vec![&ana, &bo], "1 person gains, 1 loses. 1 person becomes a full user."),
        ] {
            let reach = serde_json::json!({
                "all": all, "gain": gain, "lose": lose, "may_differ": 0, "promoted": promoted, "permissions": [], "people": people
            });
            assert_eq!(reach_words(&serde_json::from_value(reach).unwrap()), told);
        }
    }
}
