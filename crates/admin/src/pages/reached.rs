//! Whom a change reaches, said in one way wherever a change is tried, made or looked back at: "Ana Ruiz gains Users: Manage",
//! "31 people gain API keys: Manage and 2 more; 2 lose Reports: Run". In a dialog the permissions stand in a list instead.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::held::Effect;
use rolewright_wire::reach::{Reach, Reached as Person, ReachedPermission};
use yew::prelude::*;

use super::names::folded;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Banner, Icon, Tone};

/// How many people are named.
const PEOPLE: usize = 5;

/// How many permissions are named.
const PERMISSIONS: usize = 5;

/// How many of those who become superusers are named.
const SUPERUSERS: usize = 5;

/// What becomes of a permission: for how many, its icon, how its line is marked, and in a word.
type Become = (fn(&ReachedPermission) -> usize, &'static str, &'static str, &'static str);
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
    let reach = &props.reach;
    let lines = BECOMES.map(|(of, icon, class, word)| (named(reach, of), icon, class, word));
    let whole = use_flag();
    html! {
        <div class="reached">
            <p>{ sentence(reach, counted_words(reach)) }</p>
            if !reach.permissions.is_empty() {
                <ul class="reached__what">
                    { for lines.iter().filter(|(named, ..)| !named.is_empty()).map(|(named, icon, class, word)| html! {
                        <li class={*class} key={*icon}><Icon name={*icon} /><span><span class="visually-hidden">{ *word }</span>{ text::listed(named, PERMISSIONS, named.len() as u64) }</span></li>
                    }) }
                </ul>
            }
            if reach.all > 1 && !reach.people.is_empty() {
                { folded(&whole, "reach__people", PEOPLE, reach.all, &reach.people, |person| html! { <li key={person.user.clone()}>{ of_one(person) }</li> }) }
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

/// "31 people gain Users: Manage and 2 more; 2 lose Reports: Run. 12 people become full users. Ana Ruiz becomes a superuser.", or that
/// nothing changes for anybody. One whose name is known is named.
pub fn reach_words(reach: &Reach) -> String {
    let counted = [
        (reach.gain, "gains", "gain"),
        (reach.lose, "loses", "lose"),
        (reach.may_differ, "may differ in", "may differ in"),
    ];
    let told = BECOMES.iter().zip(counted).filter(|(_, (n, ..))| *n > 0).enumerate();
    let told = told.map(|(position, ((of, ..), (n, one, many)))| {
        let what = objects(reach, *of, n);
        let [one, many] = [one, many].map(|verb| format!("{verb} {what}"));
        match (only(reach), position) {
            (Some(person), 0) => format!("{} {one}", name(person)),
            (Some(_), _) => one,
            (None, 0) => text::count(n as u64, &format!("person {one}"), &format!("people {many}")),
            (None, _) => text::count(n as u64, &one, &many),
        }
    });
    sentence(reach, told.collect::<Vec<_>>().join("; "))
}

/// The same without the permissions: "31 people gain, 2 lose".
fn counted_words(reach: &Reach) -> String {
    match only(reach) {
        Some(person) => of_one(person),
        None => counted(reach.gain, reach.lose, reach.may_differ),
    }
}

/// Who it is, where it is one whom whoever asks may see.
fn only(reach: &Reach) -> Option<&Person> {
    match &reach.people[..] {
        [only] if reach.all == 1 => Some(only),
        _ => None,
    }
}

fn name(person: &Person) -> &str {
    if person.name.is_empty() { &person.user } else { &person.name }
}

/// The permissions of which that is so for somebody: privileged ones first, then those of the most people.
fn sorted(reach: &Reach, of: fn(&ReachedPermission) -> usize) -> Vec<&ReachedPermission> {
    let mut those: Vec<&ReachedPermission> = reach.permissions.iter().filter(|it| of(it) > 0).collect();
    those.sort_by_key(|it| (!it.privileged, Reverse(of(it))));
    those
}

fn named(reach: &Reach, of: fn(&ReachedPermission) -> usize) -> Vec<String> {
    sorted(reach, of).into_iter().map(|it| it.name.clone()).collect()
}

/// "Users: Manage", "Users: Manage and Users: View", "Users: Manage and 2 more"; "up to 48 permissions" where the first of more than two
/// is not what all those `people` gain or lose.
fn objects(reach: &Reach, of: fn(&ReachedPermission) -> usize, people: usize) -> String {
    let those = sorted(reach, of);
    let is_of_all = those.first().is_some_and(|first| of(first) == people);
    match &those[..] {
        [] => "something".to_owned(),
        [one, other] => format!("{} and {}", one.name, other.name),
        all if all.len() > 2 && !is_of_all => {
            format!("up to {}", text::count(all.len() as u64, "permission", "permissions"))
        }
        all => {
            let names: Vec<String> = all.iter().map(|it| it.name.clone()).collect();
            text::listed(&names, 1, names.len() as u64)
        }
    }
}

/// What comes of it, where that is later from when on, with who becomes what by it.
fn sentence(reach: &Reach, told: String) -> String {
    let told = match reach.from {
        Some(from) if !told.is_empty() => format!("From {} on {told}", text::moment(from)),
        _ => told,
    };
    let promoted = becoming(reach.promoted, "person becomes a full user", "people become full users");
    let mut words = vec![told, promoted, made_superusers(reach)];
    words.retain(|words| !words.is_empty());
    match words.is_empty() {
        true => "Nothing changes for anybody.".to_owned(),
        false => words.join(". ") + ".",
    }
}

/// That a change gives some of Rolewright's own permissions, before it is made; nothing of another. Superusers have a warning of
/// their own.
pub fn privileged_warning(reach: Option<&Reach>) -> Html {
    let privileged = |it: &&ReachedPermission| it.privileged && it.gain > 0;
    let reach = reach.filter(|reach| reach.superusers == 0);
    let given: Vec<String> = reach
        .into_iter()
        .flat_map(|reach| reach.permissions.iter().filter(privileged))
        .map(|it| format!("{} to {}", it.name, text::count(it.gain as u64, "person", "people")))
        .collect();
    html! {
        <div class="slot" role="status">
            if !given.is_empty() {
                <Banner tone={Tone::Caution}>
                    <strong>{ "This gives privileged permissions. " }</strong>
                    { format!("It gives {}: with these one administers who may do what.", text::listed(&given, PERMISSIONS, given.len() as u64)) }
                </Banner>
            }
        </div>
    }
}

/// "Ana Ruiz becomes a superuser", "Ana Ruiz, Bo Berg and 37 more become superusers, 16 of them once they are active"; where nobody
/// is named, how many. Who is not active gains nothing yet, and so is not among those who gain.
fn made_superusers(reach: &Reach) -> String {
    let all = reach.superusers as u64;
    let told = match &reach.made_superusers[..] {
        [] => becoming(reach.superusers, "person becomes a superuser", "people become superusers"),
        [only] if all == 1 => format!("{only} becomes a superuser"),
        named => format!("{} become superusers", text::listed(named, SUPERUSERS, all)),
    };
    match reach.inactive_superusers {
        0 => told,
        inactive if inactive == reach.superusers => format!("{told} once they are active"),
        inactive => format!("{told}, {} of them once they are active", text::number(inactive as u64)),
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
    format!("{} {}", name(person), told.collect::<Vec<_>>().join(", "))
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
        for (superusers, inactive, named, told) in [
            (0, 0, &[][..], "Nothing changes for anybody."),
            (1, 0, &["Ana"], "Ana becomes a superuser."),
            (1, 1, &["Ana"], "Ana becomes a superuser once they are active."),
            (2, 0, &["Ana", "Bo"], "Ana, Bo become superusers."),
            (
                7,
                3,
                &["A", "B", "C", "D", "E", "F", "G"],
                "A, B, C, D, E and 2 more become superusers, 3 of them once they are active.",
            ),
            // Whoever may not see people.
            (2, 0, &[], "2 people become superusers."),
        ] {
            let reach = serde_json::json!({
                "all": 0, "gain": 0, "lose": 0, "may_differ": 0, "superusers": superusers, "permissions": [],
                "inactive_superusers": inactive, "made_superusers": named,
            });
            assert_eq!(reach_words(&serde_json::from_value(reach).unwrap()), told);
        }
    }

    fn permission(name: &str, privileged: bool, [gain, lose]: [usize; 2]) -> serde_json::Value {
        serde_json::json!({
            "permission": name, "name": name, "privileged": privileged, "gain": gain, "lose": lose, "may_differ": 0
        })
    }

    #[test]
    fn one_is_named_and_many_are_counted_with_what_they_gain_and_lose() {
        let ana = person("Ana", &[("Run", "/", "lose")]);
        let bo = person("", &[("Run", "/", "gain")]);
        let gained = |names: &[(&str, bool)]| -> Vec<_> {
            names.iter().map(|(name, own)| permission(name, *own, [1, 0])).collect()
        };
        let (lost, both) = (vec![permission("Run", false, [0, 1])], vec![permission("Run", false, [1, 1])]);
        for ((all, gain, lose, promoted), people, permissions, told, counted) in [
            ((0, 0, 0, 0), vec![], vec![], "Nothing changes for anybody.", "Nothing changes for anybody."),
            ((0, 0, 0, 2), vec![], vec![], "2 people become full users.", "2 people become full users."),
            ((1, 0, 1, 0), vec![&ana], lost.clone(), "Ana loses Run.", "Ana loses 1 permission."),
            ((1, 1, 0, 0), vec![&bo], gained(&[("Run", false)]), "u_1 gains Run.", "u_1 gains 1 permission."),
            (
                (1, 0, 1, 1),
                vec![&ana],
                lost.clone(),
                "Ana loses Run. 1 person becomes a full user.",
                "Ana loses 1 permission. 1 person becomes a full user.",
            ),
            // Whoever may not see people.
            ((1, 0, 1, 0), vec![], lost, "1 person loses Run.", "1 person loses."),
            (
                (2, 1, 1, 1),
                vec![&ana, &bo],
                both,
                "1 person gains Run; 1 loses Run. 1 person becomes a full user.",
                "1 person gains, 1 loses. 1 person becomes a full user.",
            ),
            (
                (1234, 1234, 0, 0),
                vec![],
                [("Run", false), ("Edit", false), ("Users: Manage", true)]
                    .map(|(name, own)| permission(name, own, [1234, 0]))
                    .to_vec(),
                "1,234 people gain Users: Manage and 2 more.",
                "1,234 people gain.",
            ),
            // One of them is a superuser.
            (
                (1234, 1234, 0, 0),
                vec![],
                gained(&[("Run", false), ("Edit", false), ("Users: Manage", true)]),
                "1,234 people gain up to 3 permissions.",
                "1,234 people gain.",
            ),
            (
                (2, 2, 0, 0),
                vec![],
                gained(&[("Run", false), ("Edit", false)]),
                "2 people gain Run and Edit.",
                "2 people gain.",
            ),
        ] {
            let reach = serde_json::json!({
                "all": all, "gain": gain, "lose": lose, "may_differ": 0, "promoted": promoted, "permissions": permissions,
                "people": people
            });
            let reach: Reach = serde_json::from_value(reach).unwrap();
            assert_eq!(reach_words(&reach), told);
            assert_eq!(sentence(&reach, counted_words(&reach)), counted);
        }
    }
}
