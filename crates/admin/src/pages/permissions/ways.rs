//! In what other ways a user holds a role, and which of them stay when assignments are taken away.

use std::collections::BTreeSet;

use rolewright_model::explain::NotCounting;
use rolewright_model::subject::Via;
use rolewright_wire::assignment::{AssignmentView, OtherWay};

use crate::policy::Policy;
use crate::{place, text};

/// The way, after "through": "group Sales", "package Starter at Space blue".
pub fn words(way: &OtherWay, policy: Option<&Policy>) -> String {
    let through = match &way.held.via {
        Via::Direct { .. } => "another assignment".to_owned(),
        Via::Entitlement { .. } => "an entitlement".to_owned(),
        Via::Group { .. } if way.groups.is_empty() => "a group".to_owned(),
        Via::Group { .. } => format!("group {}", way.groups.join(" in ")),
        Via::Everyone { .. } => "an assignment to everyone".to_owned(),
        Via::Package { package } => {
            format!("package {}", policy.map_or(package.as_str(), |policy| policy.package_name(package)))
        }
        Via::Base => "being an active user".to_owned(),
        Via::Untold => "another way".to_owned(),
    };
    match (way.held.scope.as_str(), policy) {
        ("/", _) => through,
        (scope, Some(policy)) => format!("{through} at {}", policy.catalogue().place_name(scope)),
        (scope, None) => format!("{through} at {scope}"),
    }
}

/// Whether it counts, or will when the person is active or signs in again: what has ended or begins later does not.
pub fn is_current(way: &OtherWay) -> bool {
    !matches!(way.held.not_counting, Some(NotCounting::Expired | NotCounting::NotYet))
}

/// What stays of a role where an assignment gives it, and where else it is held: "also through group Sales", "also held at 4 other
/// places".
pub fn also(view: &AssignmentView, policy: Option<&Policy>) -> Vec<String> {
    let here = &view.assignment.scope;
    let above = place::above(here);
    let reaches = |way: &&OtherWay| way.held.scope == *here || above.contains(&way.held.scope);
    let (through, elsewhere): (Vec<&OtherWay>, Vec<&OtherWay>) =
        view.also.iter().filter(|way| is_current(way)).partition(reaches);
    let through: Vec<String> = through.into_iter().map(|way| words(way, policy)).collect();
    let elsewhere: BTreeSet<&str> = elsewhere.into_iter().map(|way| &*way.held.scope).collect();
    let mut told = Vec::new();
    if !through.is_empty() {
        told.push(format!("also through {}", through.join(" and ")));
    }
    if !elsewhere.is_empty() {
        let places = text::count(elsewhere.len() as u64, "other place", "other places");
        told.push(format!("also held at {places}"));
    }
    told
}

/// Who still holds the role once these assignments are gone, each once, and through what.
pub fn staying(gone: &[AssignmentView], policy: Option<&Policy>) -> Vec<(String, Vec<String>)> {
    let goes = |id: &str| gone.iter().any(|view| view.assignment.id == id);
    let mut staying: Vec<(String, Vec<String>)> = Vec::new();
    let mut told = Vec::new();
    for view in gone {
        if told.contains(&&view.assignment.principal) {
            continue;
        }
        told.push(&view.assignment.principal);
        let ways = view.also.iter().filter(|way| is_current(way) && !way.held.via.own().is_some_and(goes));
        let ways: Vec<String> = ways.map(|way| words(way, policy)).collect();
        if !ways.is_empty() {
            staying.push((view.principal_name.clone(), ways));
        }
    }
    staying.sort();
    staying
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(id: &str, user: &str, also: &str) -> AssignmentView {
        let text = format!(
            r#"{{ "assignment": {{ "id": "{id}", "principal": {{ "user": "{user}" }}, "role": "steward" }},
                "revision": 1, "etag": "\"1\"", "principal_name": "{user}", "also": [{also}] }}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn way(via: &str, scope: &str, rest: &str) -> String {
        format!(
            r#"{{ "held": {{ "role": "steward", "scope": "{scope}", "via": {via}{rest} }}, "groups": ["Sales"] }}"#
        )
    }

    #[test]
    fn only_ways_that_reach_the_place_are_said_to_stay() {
        let of = |kind: &str, id: &str| format!(r#"{{ "kind": "{kind}", "assignment": "{id}" }}"#);
        let group = r#"{ "kind": "group", "assignment": "g", "groups": ["g_sales"] }"#;
        let others = [
            way(&of("direct", "b"), "spaces/blue", ""),
            way(&of("direct", "c"), "spaces/amber", ""),
            way(&of("direct", "d"), "spaces/amber", ""),
            way(&of("direct", "e"), "spaces/bluebell", ""),
            way(group, "/", ""),
        ];
        let mut row = view("a", "Ana", &others.join(", "));
        for (scope, told) in [
            ("/", ["also through group Sales", "also held at 3 other places"]),
            (
                "spaces/blue/folders/x",
                [
                    "also through another assignment at spaces/blue and group Sales",
                    "also held at 2 other places",
                ],
            ),
        ] {
            row.assignment.scope = scope.to_owned();
            assert_eq!(also(&row, None), told, "{scope}");
        }
        assert!(also(&view("a", "Ana", ""), None).is_empty());
    }

    #[test]
    fn s1_29_who_still_holds_a_role_is_told_once_with_every_way_that_is_not_taken_too_and_has_not_ended() {
        let own = |id: &str| format!(r#"{{ "kind": "direct", "assignment": "{id}" }}"#);
        let group = r#"{ "kind": "group", "assignment": "g", "groups": ["g_sales"] }"#;
        let ana = view("a", "Ana", &[way(&own("b"), "spaces/blue", ""), way(group, "/", "")].join(", "));
        let twin = view("b", "Ana", &[way(&own("a"), "/", ""), way(group, "/", "")].join(", "));
        let ended = view("c", "Ben", &way(group, "/", r#", "not_counting": "expired""#));
        let asleep = view("d", "Cleo", &way(group, "/", r#", "not_counting": "inactive_subject""#));
        let through = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            staying(&[ana.clone()], None),
            [("Ana".to_owned(), through(&["another assignment at spaces/blue", "group Sales"]))]
        );
        assert_eq!(
            staying(&[ana, twin, ended, asleep], None),
            [("Ana".to_owned(), through(&["group Sales"])), ("Cleo".to_owned(), through(&["group Sales"]))]
        );
    }
}
