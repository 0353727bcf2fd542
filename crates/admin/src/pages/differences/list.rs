//! The fields that differ, a line each: permissions, levels and who is named by what they are called. What a document keeps for
//! machines alone is no line.

use rolewright_model::Catalogue;
use serde_json::Value;
use yew::prelude::*;

use super::fields::{Field, fields, identity};
use crate::policy::{level_of, separation_words};
use crate::text;
use crate::widgets::Icon;

/// Fields in which a document says something of itself: what stands there is nobody's id.
const OWN: [&str; 9] =
    ["id", "name", "description", "kind", "audience", "email", "first_name", "last_name", "status"];

/// What the words of a document mean.
pub struct Words<'w> {
    /// The document's kind: `role`.
    pub kind: &'w str,
    /// What somebody or something is called, by its id; none where that is not known.
    pub name: &'w dyn Fn(&str) -> Option<String>,
    /// What can be permitted, for who may see it.
    pub catalogue: Option<&'w Catalogue>,
}

/// The fields that differ, `most` of them at most, and how many do.
pub fn differences(
    before: Option<&Value>,
    after: Option<&Value>,
    most: usize,
    words: &Words<'_>,
) -> (Html, usize) {
    let [before, after] = [before, after].map(|document| document.map(|document| words.said(document)));
    let found = fields(before.as_ref(), after.as_ref());
    let list = html! {
        <ul class="diff diff--flat">{ for found.iter().take(most).map(|field| words.difference(field)) }</ul>
    };
    (list, found.len())
}

/// A line of what differs: what it is of, and how that was and is.
pub fn row(key: &str, name: Html, before: Option<Html>, after: Option<Html>) -> Html {
    let (class, icon, word) = match (&before, &after) {
        (None, _) => ("diff__row--added", "plus", "Added: "),
        (_, None) => ("diff__row--removed", "minus", "Removed: "),
        (Some(_), Some(_)) => ("diff__row--changed", "pencil", "Changed: "),
    };
    let levels = html! {
        <>
            if let Some(before) = &before { <del>{ before.clone() }</del> }
            if before.is_some() && after.is_some() { { " " }<Icon name="arrow-right" />{ " " } }
            if let Some(after) = &after { <ins>{ after.clone() }</ins> }
        </>
    };
    line(key, [class, icon, word], name, levels)
}

/// A line of what differs in nothing and was said to stay: what it is of, and how that is.
pub fn kept_row(key: &str, name: Html, what: Html) -> Html {
    line(key, ["diff__row--kept", "check", "Kept: "], name, what)
}

fn line(key: &str, [class, icon, word]: [&'static str; 3], name: Html, levels: Html) -> Html {
    html! {
        <li class={classes!("diff__row", class)} key={key.to_owned()}>
            <Icon name={icon} />
            <span class="diff__name"><span class="visually-hidden">{ word }</span>{ name }</span>
            <span class="diff__levels">{ levels }</span>
        </li>
    }
}

impl Words<'_> {
    fn difference(&self, field: &Field) -> Html {
        let told = |value: &Option<Value>| value.as_ref().map(|value| html! { { self.value(field, value) } });
        let one = field.after.as_ref().or(field.before.as_ref()).map(identity).unwrap_or_default();
        let key = [field.path.join("/"), one].join(" ");
        row(&key, html! { { self.field(&field.path) } }, told(&field.before), told(&field.after))
    }

    /// A document without what it keeps for machines: ids of itself and of links, and which change made those.
    fn said(&self, document: &Value) -> Value {
        let mut said = document.clone();
        let without = |value: Option<&mut Value>, names: &[&str]| {
            if let Some(Value::Object(map)) = value {
                map.retain(|name, _| !names.contains(&name.as_str()));
            }
        };
        without(Some(&mut said), &["id"]);
        match self.kind {
            "user" => {
                without(Some(&mut said), &["created", "invited"]);
                without(said.get_mut("package"), &["link", "made"]);
            }
            "package" => {
                let roles = said.get_mut("roles").and_then(Value::as_array_mut);
                roles.into_iter().flatten().for_each(|role| without(Some(role), &["link", "made"]));
            }
            _ => {}
        }
        said
    }

    /// What a field is called: a permission by its label, who is named by name, other fields by their words.
    fn field(&self, path: &[String]) -> String {
        if let ("role", [map, id], Some(catalogue)) = (self.kind, path, self.catalogue)
            && map == "grants"
        {
            return catalogue.permission_name(id);
        }
        let known = match (self.kind, path) {
            ("role", [field]) if field == "position" => Some("Place in the list"),
            ("user", [field]) if field == "sign_in" => Some("Has a password"),
            ("user", [package, _]) if package == "package" => Some("Package"),
            _ => None,
        };
        if let Some(known) = known {
            return known.to_owned();
        }
        let word = |step: &String| (self.name)(step).unwrap_or_else(|| step.replace('_', " "));
        text::title(&path.iter().map(word).collect::<Vec<_>>().join(" \u{203a} "))
    }

    /// The words for what a document says by one of a few words of its own.
    fn known(&self, field: &Field, value: &str) -> Option<String> {
        let [field] = field.path.as_slice() else { return None };
        let words = match (self.kind, field.as_str(), value) {
            ("role", "kind", "custom") => "Custom",
            ("role", "kind", "built_in") => "Built in",
            ("role", "audience", "user") => "Users",
            ("role", "audience", "admin") => "Administrators",
            ("user", "status" | "tier", _) => return Some(text::title(value)),
            ("settings", "new_links", "at_once") => "At once",
            ("settings", "new_links", "next_login") => "At the next login",
            ("group", "source", "local") => "By hand",
            ("group", "source", "identity_provider") => "Identity provider",
            _ => return None,
        };
        Some(words.to_owned())
    }

    /// A value for a person: levels and names by their labels, times as times.
    fn value(&self, field: &Field, value: &Value) -> String {
        let last = field.path.last().map(String::as_str).unwrap_or_default();
        match value {
            Value::String(text) => {
                let is_grant = field.path.first().is_some_and(|map| map == "grants");
                let level =
                    self.catalogue.filter(|_| is_grant).map(|catalogue| level_of(catalogue, last, text));
                let name = || (self.name)(text).filter(|_| !OWN.contains(&last));
                let known = || self.known(field, text);
                level.or_else(name).or_else(known).unwrap_or_else(|| text.clone())
            }
            Value::Bool(yes) => (if *yes { "Yes" } else { "No" }).to_owned(),
            Value::Number(number) if matches!(last, "from" | "until" | "created") => {
                let time = number.as_i64().map(rolewright_model::Timestamp);
                time.map_or_else(|| number.to_string(), text::moment)
            }
            Value::Object(map) => {
                let id = identity(value);
                let roles = map.get("roles").and_then(Value::as_array);
                match roles.zip(map.get("at_most").and_then(Value::as_u64)) {
                    Some((roles, at_most)) => {
                        let roles = roles.iter().filter_map(Value::as_str);
                        let name = |role: &str| (self.name)(role).unwrap_or_else(|| role.to_owned());
                        separation_words(&id, &roles.map(name).collect::<Vec<_>>(), at_most)
                    }
                    None => (self.name)(&id).unwrap_or(id),
                }
            }
            other => other.to_string(),
        }
    }
}
