//! What a role gave by its own document of then, module by module.

use serde_json::Value;
use yew::prelude::*;

use crate::access::{use_access, use_tree};
use crate::policy::level_of;
use crate::tree::Grants;
use crate::widgets::Icon;

/// The document.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role as it was.
    pub document: Value,
}

/// What a role gave.
#[component]
pub fn AsItWas(props: &Props) -> Html {
    let (access, tree) = (use_access(), use_tree());
    let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return html! {} };
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| props.document.get(name).and_then(Value::as_array).into_iter().flatten();
    if props.document.get("superuser") == Some(&Value::Bool(true)) {
        return html! { <p class="everything"><Icon name="infinity" />{ "Everything, also what is added tomorrow" }</p> };
    }
    let grants: Grants = props
        .document
        .get("grants")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(id, level)| Some((id.clone(), level.as_str()?.to_owned())))
        .collect();
    let mut lines: Vec<(String, String)> = Vec::new();
    let inherited: Vec<&str> =
        list("inherits").filter_map(Value::as_str).map(|id| policy.role_name(id)).collect();
    lines.push(("Inherits".to_owned(), inherited.join(", ")));
    for module in &tree.modules {
        let rows = module.rows().into_iter().filter_map(|at| tree.rows.get(at));
        let given =
            rows.map(|row| (row, row.own(&grants))).filter(|(_, own)| *own > rolewright_model::Level::NONE);
        let words: Vec<String> = given
            .map(|(row, own)| match own == row.top() {
                true => row.label.to_string(),
                false => format!("{} ({})", row.label, row.level(own)),
            })
            .collect();
        lines.push((module.label.to_string(), words.join(", ")));
    }
    let catalogue = policy.catalogue();
    let limited: Vec<String> = list("limited")
        .map(|grant| {
            let permission = text(grant, "permission");
            let level = level_of(catalogue, &permission, &text(grant, "level"));
            format!("{} ({level}) at one {}", catalogue.permission_name(&permission), text(grant, "at"))
        })
        .collect();
    lines.push(("At single resources".to_owned(), limited.join(", ")));
    let gone = grants.keys().filter(|id| !tree.rows.iter().any(|row| row.id == **id));
    lines.push(("Not there any more".to_owned(), gone.cloned().collect::<Vec<_>>().join(", ")));
    lines.retain(|(_, words)| !words.is_empty());
    if lines.is_empty() {
        return html! { <p class="card__none"><Icon name="circle" />{ "Nothing by itself" }</p> };
    }
    html! {
        <dl class="as-it-was">
            { for lines.into_iter().map(|(name, words)| html! {
                <div class="grants__row" key={name.clone()}><dt>{ name }</dt><dd>{ words }</dd></div>
            }) }
        </dl>
    }
}
