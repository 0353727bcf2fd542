//! The fields that differ, a line each: permissions, levels and who is named by what they are called.

use rolewright_model::Catalogue;
use serde_json::Value;
use yew::prelude::*;

use super::fields::{Field, fields, identity};
use crate::policy::{level_of, permission_label};
use crate::text;
use crate::widgets::Icon;

/// Fields in which a document says something of itself: what stands there is nobody's id.
const OWN: [&str; 5] = ["id", "name", "description", "kind", "audience"];

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
    let found = fields(before, after);
    let list = html! {
        <ul class="diff diff--flat">{ for found.iter().take(most).map(|field| words.difference(field)) }</ul>
    };
    (list, found.len())
}

impl Words<'_> {
    fn difference(&self, field: &Field) -> Html {
        let (class, icon, word) = match (&field.before, &field.after) {
            (None, _) => ("diff__row--added", "plus", "Added: "),
            (_, None) => ("diff__row--removed", "minus", "Removed: "),
            (Some(_), Some(_)) => ("diff__row--changed", "pencil", "Changed: "),
        };
        let told = |value: &Value| self.value(field, value);
        html! {
            <li class={classes!("diff__row", class)} key={[field.path.join("/"), field.after.as_ref().or(field.before.as_ref()).map(identity).unwrap_or_default()].join(" ")}>
                <Icon name={icon} />
                <span class="diff__name"><span class="visually-hidden">{ word }</span>{ self.field(&field.path) }</span>
                <span class="diff__levels">
                    if let Some(before) = &field.before { <del>{ told(before) }</del> }
                    if field.before.is_some() && field.after.is_some() { { " " }<Icon name="arrow-right" />{ " " } }
                    if let Some(after) = &field.after { <ins>{ told(after) }</ins> }
                </span>
            </li>
        }
    }

    /// What a field is called: a permission by its label, who is named by name, other fields by their words.
    fn field(&self, path: &[String]) -> String {
        if let ("role", [map, id], Some(catalogue)) = (self.kind, path, self.catalogue)
            && map == "grants"
        {
            return permission_label(catalogue, id);
        }
        if let ("role", [field]) = (self.kind, path)
            && field == "position"
        {
            return "Place in the list".to_owned();
        }
        let word = |step: &String| (self.name)(step).unwrap_or_else(|| step.replace('_', " "));
        text::title(&path.iter().map(word).collect::<Vec<_>>().join(" \u{203a} "))
    }

    /// The words for what a role is and whom it is meant for.
    fn known(&self, field: &Field, value: &str) -> Option<String> {
        let [field] = field.path.as_slice() else { return None };
        let words = match (self.kind, field.as_str(), value) {
            ("role", "kind", "custom") => "Custom",
            ("role", "kind", "built_in") => "Built in",
            ("role", "audience", "user") => "Users",
            ("role", "audience", "admin") => "Administrators",
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
            Value::Object(_) => {
                let id = identity(value);
                (self.name)(&id).unwrap_or(id)
            }
            other => other.to_string(),
        }
    }
}
