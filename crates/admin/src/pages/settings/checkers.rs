//! The checkers that ask with API keys: what each holds, from where it asks, and whether it has the newest revision.

use gloo::timers::callback::Interval;
use rolewright_model::console;
use rolewright_model::snapshot::SnapshotKind;
use rolewright_wire::checker::CheckerView;
use rolewright_wire::page::Page;
use yew::prelude::*;

use crate::api;
use crate::frame::Refused;
use crate::resource::use_resource;
use crate::text;
use crate::widgets::{Empty, Icon, SkeletonRows, failed};

/// How often the list is asked for again, in milliseconds: a checker asks as often.
const AGAIN: u32 = 10_000;

/// The tab.
#[component]
pub fn Checkers() -> Html {
    let checkers = use_resource((), |()| async {
        api::get::<Page<CheckerView>>("/checkers?limit=200").await.map(|answer| answer.body)
    });
    use_effect_with(checkers.reload.clone(), |reload| {
        let reload = reload.clone();
        let again = Interval::new(AGAIN, move || reload.emit(()));
        move || drop(again)
    });
    if checkers.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::API_KEYS_VIEW} what="the checkers that ask with API keys" /> };
    }
    let rows = checkers.data.as_ref();
    let nothing = rows.is_some_and(|page| page.items.is_empty());
    html! {
        <div class="stack">
            <div class="slot">
                if let Some(error) = &checkers.error {
                    { failed(error, &checkers.reload) }
                }
            </div>
            if nothing {
                <Empty icon="refresh-cw" title="No checker has asked yet"
                    text="A checker answers in your app or at the edge, from a copy of the policy that it keeps current. Give it a key that may read snapshots, and it shows up here with the revision it holds.">
                </Empty>
            } else {
                <p class="muted">
                    { "Those that asked this server with an API key within 24 hours. A checker that has been silent for 5 minutes answers no until it asks again." }
                </p>
                <div class="table-box" aria-busy={rows.is_none().to_string()}>
                    <table class="table table--stack checkers">
                        <caption class="visually-hidden">{ "Connected checkers" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "API key" }</th>
                                <th scope="col">{ "Holds" }</th>
                                <th scope="col">{ "From" }</th>
                                <th scope="col">{ "State" }</th>
                                <th scope="col">{ "Last asked" }</th>
                            </tr>
                        </thead>
                        <tbody>
                            if let Some(page) = rows {
                                { for page.items.iter().map(row) }
                            } else {
                                <SkeletonRows key="skeleton" rows={3} cells={5} />
                            }
                        </tbody>
                    </table>
                </div>
            }
        </div>
    }
}

fn row(checker: &CheckerView) -> Html {
    let holds = match checker.kind {
        SnapshotKind::Full => "Policy and people",
        SnapshotKind::Policy => "Policy",
        SnapshotKind::Subject => "One person",
    };
    let key = match &checker.key_name {
        Some(name) => html! { { name.clone() } },
        None => {
            html! { <><code>{ checker.key.clone() }</code><span class="table__under">{ "No longer good" }</span></> }
        }
    };
    let address = checker.address.clone().unwrap_or_else(|| "Not known".to_owned());
    let from = [address.as_str(), checker.agent.as_deref().unwrap_or_default()].concat();
    html! {
        <tr key={[checker.key.as_str(), holds, &from].concat()}>
            <td class="table__first">{ key }</td>
            <td class="table__muted" data-label="Holds">{ holds }</td>
            <td class="table__muted" data-label="From">
                <div>
                    { address }
                    if let Some(agent) = &checker.agent {
                        <span class="table__under">{ agent.clone() }</span>
                    }
                </div>
            </td>
            <td data-label="State">
                <div>
                    { state(checker) }
                    <span class="table__under">{ format!("Revision {}", checker.at.revision) }</span>
                </div>
            </td>
            <td class="table__muted" data-label="Last asked">{ text::title(&text::moment(checker.asked)) }</td>
        </tr>
    }
}

/// Whether what it holds is the newest, and still good.
fn state(checker: &CheckerView) -> Html {
    let partial = |icon: &'static str, words: String| html! { <span class="level level--partial"><Icon name={icon} />{ words }</span> };
    match checker.behind {
        _ if checker.expired => partial("cloud-off", "Silent".to_owned()),
        Some(0) => html! { <span class="level level--granted"><Icon name="check" />{ "Current" }</span> },
        Some(behind) => partial("history", format!("{} behind", text::count(behind, "change", "changes"))),
        None => partial("history", "Of before a restore".to_owned()),
    }
}
