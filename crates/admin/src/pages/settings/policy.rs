//! The policy as a whole: taken out as a file, put in from one, and the templates that a tenant can begin with.

use rolewright_wire::policy::Templates;
use serde_json::Value;
use yew::prelude::*;

use super::import::Import;
use crate::api::{self, Answer, Request};
use crate::browser;
use crate::resource::use_resource;
use crate::sending::use_sending;
use crate::widgets::{Banner, Button, SkeletonRows, Tone, failed};

/// The tab.
#[component]
pub fn PolicyTab() -> Html {
    html! {
        <div class="stack">
            <Export />
            <Import />
            <TemplateList />
        </div>
    }
}

/// Takes the policy out.
#[component]
fn Export() -> Html {
    let sending = use_sending();
    let onclick = {
        let sending = sending.clone();
        Callback::from(move |_: MouseEvent| {
            sending.forget();
            sending.send(Request::get("/policy"), |answer: Answer<Value>| {
                let policy = answer.body.get("policy").and_then(|it| serde_json::to_string_pretty(it).ok());
                browser::download("policy.json", "application/json", &(policy.unwrap_or_default() + "\n"));
            });
        })
    };
    html! {
        <section class="switch" aria-labelledby="export-title">
            <div class="switch__words">
                <h2 class="switch__title" id="export-title">{ "Export" }</h2>
                <p class="table__muted">{ "Catalogue, settings, roles, packages and policy tests, as one JSON file that can be reviewed, kept and imported again. People and what they hold are not in it." }</p>
                if let Some(failure) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ failure.to_string() }</Banner>
                }
            </div>
            <Button icon="download" busy={sending.is_busy()} {onclick}>{ "Export policy" }</Button>
        </section>
    }
}

/// The templates.
#[component]
fn TemplateList() -> Html {
    let templates = use_resource((), |()| async {
        api::get::<Templates>("/templates").await.map(|answer| answer.body.items)
    });
    html! {
        <section class="stack" aria-labelledby="templates-title">
            <div>
                <h2 class="section-title" id="templates-title">{ "Templates" }</h2>
                <p class="muted">{ "What a new tenant can begin with, by " }<code>{ "rolewright tenant create ID --template TEMPLATE" }</code>{ "." }</p>
            </div>
            <div class="slot">
                if let Some(error) = &templates.error {
                    { failed(error, &templates.reload) }
                }
            </div>
            <div class="table-box" aria-busy={templates.data.is_none().to_string()}>
                <table class="table table--stack">
                    <caption class="visually-hidden">{ "Templates" }</caption>
                    <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Template" }</th><th scope="col">{ "What it is for" }</th></tr></thead>
                    <tbody>
                        if let Some(rows) = &templates.data {
                            { for rows.iter().map(|row| html! {
                                <tr key={row.id.clone()}>
                                    <td class="table__first">{ row.name.clone() }</td>
                                    <td data-label="Template"><code>{ row.id.clone() }</code></td>
                                    <td class="table__muted" data-label="What it is for">{ row.description.clone() }</td>
                                </tr>
                            }) }
                        } else {
                            <SkeletonRows key="skeleton" rows={4} cells={3} />
                        }
                    </tbody>
                </table>
            </div>
        </section>
    }
}
