//! The kinds of places that a catalogue has: "all endpoints of prod" is `servers/prod/endpoints`.
//! Pure, and so tested natively.

use std::collections::BTreeSet;

use rolewright_model::Catalogue;

/// A kind of places: the leading part of a type's pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `servers/{server}/endpoints`.
    pub pattern: String,
    /// "All endpoints of one server".
    pub label: String,
}

impl Kind {
    /// The names of the variables, in order.
    pub fn variables(&self) -> Vec<String> {
        variables(&self.pattern)
    }

    /// The path with values for the variables, in their order; none while one is missing.
    pub fn path(&self, value: impl Fn(&str) -> String) -> Option<String> {
        fill(&self.pattern, value)
    }
}

/// The names of a pattern's variables, in order.
pub fn variables(pattern: &str) -> Vec<String> {
    pattern.split('/').filter_map(variable).map(str::to_owned).collect()
}

/// A pattern with values for its variables; none while one is missing.
pub fn fill(pattern: &str, value: impl Fn(&str) -> String) -> Option<String> {
    let filled = pattern.split('/').map(|segment| match variable(segment) {
        Some(name) => Some(value(name)).filter(|value| !value.is_empty()),
        None => Some(segment.to_owned()),
    });
    filled.collect::<Option<Vec<_>>>().map(|segments| segments.join("/"))
}

/// Every kind of places that a catalogue has, those above before those below.
pub fn kinds(catalogue: &Catalogue) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for of in catalogue.resource_types() {
        let whole = of.pattern().to_string();
        let segments: Vec<&str> = whole.split('/').collect();
        for end in 1..=segments.len() {
            let Some(part) = segments.get(..end) else { continue };
            let pattern = part.join("/");
            if kinds.iter().any(|known| known.pattern == pattern) {
                continue;
            }
            let above = part.iter().rev().skip(1).find_map(|segment| variable(segment));
            let label = match (part.last().and_then(|last| variable(last)), above) {
                (Some(name), _) => {
                    format!("One {}", called(catalogue, &pattern).unwrap_or(name).to_lowercase())
                }
                (None, Some(above)) => format!("All {} of one {above}", part.last().unwrap_or(&"")),
                (None, None) => format!("All {pattern}"),
            };
            kinds.push(Kind { pattern, label });
        }
    }
    kinds
}

/// What is above a place, from the tenant down to just above it.
pub fn above(place: &str) -> Vec<String> {
    let mut above = vec!["/".to_owned()];
    above.extend(place.match_indices('/').filter_map(|(end, _)| place.get(..end)).map(str::to_owned));
    above.retain(|it| !it.is_empty() && it != place);
    above
}

/// The values that a variable has in some known places.
pub fn values<'p>(
    catalogue: &Catalogue,
    places: impl Iterator<Item = &'p str>,
    name: &str,
) -> BTreeSet<String> {
    let patterns: Vec<String> =
        catalogue.resource_types().iter().map(|of| of.pattern().to_string()).collect();
    let mut found = BTreeSet::new();
    for place in places {
        for pattern in &patterns {
            let pairs = pattern.split('/').zip(place.split('/'));
            // As far as the place follows the pattern.
            for (segment, value) in
                pairs.take_while(|(segment, value)| variable(segment).is_some() || segment == value)
            {
                if variable(segment) == Some(name) {
                    found.insert(value.to_owned());
                }
            }
        }
    }
    found
}

/// The part of a pattern up to one of its variables, and with it: of `servers/{server}/tasks/{task}` and `server` it is `servers/{server}`.
pub fn up_to<'p>(pattern: &'p str, name: &str) -> Option<&'p str> {
    let end = pattern.find(&format!("{{{name}}}"))?.checked_add(name.len())?.checked_add(2)?;
    pattern.get(..end)
}

/// Whether a place is at another one or below it.
pub fn is_within(place: &str, above: &str) -> bool {
    place.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// What a person calls a resource of that pattern.
fn called<'c>(catalogue: &'c Catalogue, pattern: &str) -> Option<&'c str> {
    let types = catalogue.resource_types();
    types
        .iter()
        .find(|of| of.pattern().to_string() == pattern)
        .map(rolewright_model::resource::ResourceType::label)
}

#[cfg(test)]
mod tests {
    use rolewright_model::documents::Documents;
    use rolewright_model::{PolicyDocument, Stamp, State};

    use super::*;

    fn state() -> State {
        let text = include_str!("../../server/templates/enterprise-manager.json");
        let policy: PolicyDocument = serde_json::from_str(text).unwrap();
        State::build(Documents::of_policy(&policy), Stamp::default()).unwrap()
    }

    #[test]
    fn the_kinds_of_places_are_the_leading_parts_of_the_patterns() {
        let state = state();
        let labels: Vec<String> = kinds(state.catalogue()).into_iter().map(|kind| kind.label).collect();
        let expected = [
            "All servers",
            "One server",
            "All tasks of one server",
            "One task",
            "All endpoints of one server",
            "One endpoint",
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_kind_and_values_make_a_path() {
        let state = state();
        let kinds = kinds(state.catalogue());
        let endpoints = kinds.iter().find(|kind| kind.label == "All endpoints of one server").unwrap();
        assert_eq!(endpoints.variables(), ["server"]);
        assert_eq!(endpoints.path(|_| "prod".to_owned()).as_deref(), Some("servers/prod/endpoints"));
        assert_eq!(endpoints.path(|_| String::new()), None);
    }

    #[test]
    fn what_is_above_a_place_begins_with_the_tenant() {
        assert_eq!(above("servers/prod/tasks"), ["/", "servers", "servers/prod"]);
        assert_eq!(above("servers"), ["/"]);
        assert!(above("/").is_empty());
    }

    #[test]
    fn a_place_is_within_itself_and_what_is_above_it_by_whole_segments() {
        assert!(is_within("servers/prod", "servers/prod"));
        assert!(is_within("servers/prod/tasks", "servers/prod"));
        assert!(!is_within("servers/prod2", "servers/prod"));
        assert!(!is_within("servers", "servers/prod"));
    }

    #[test]
    fn a_pattern_is_cut_off_after_a_variable() {
        let pattern = "servers/{server}/tasks/{task}";
        assert_eq!(up_to(pattern, "server"), Some("servers/{server}"));
        assert_eq!(up_to(pattern, "task"), Some(pattern));
        assert_eq!(up_to(pattern, "tas"), None);
    }

    #[test]
    fn known_places_give_a_variable_its_values() {
        let state = state();
        let places = ["servers/prod/tasks/t1", "servers/staging", "servers/prod/endpoints/crm"];
        let of = |name| values(state.catalogue(), places.into_iter(), name).into_iter().collect::<Vec<_>>();
        assert_eq!(of("server"), ["prod", "staging"]);
        assert_eq!(of("task"), ["t1"]);
        assert_eq!(of("endpoint"), ["crm"]);
    }
}
