//! The page: the tree with who holds what, and operations as a checklist.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_wire::page::Page;
use rolewright_wire::place::PlaceRow;
use yew::prelude::*;

use super::legs::Legs;
use super::place::{PlacePanel, address_of};
use super::tree::PlaceTree;
use crate::access::{AccessHandle, permission_name, use_access};
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pickers::place_problem;
use crate::place;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::widgets::{Empty, SearchField, Skeleton, Tab, Tabs, failed};

/// The page.
#[component]
pub fn ResourcesPage() -> Html {
    use_title("Resources");
    let query = use_query();
    let onchange = Callback::from(move |tab: AttrValue| {
        let query = Query::default().with("tab", if tab == "places" { "" } else { &tab });
        nav::set_query(&Route::Resources, query.as_str());
    });
    let tab: AttrValue = if query.get("tab") == "operations" { "operations".into() } else { "places".into() };
    let tabs: Rc<[Tab]> = Rc::from([
        Tab { id: "places".into(), label: "Places".into(), count: None },
        Tab { id: "operations".into(), label: "Operations".into(), count: None },
    ]);
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Resources" text={html! { "Where roles are held. A role that is held at a place counts there and everywhere below it." }} />
            <Tabs {tabs} value={tab.clone()} label="Resources" {onchange}>
                if tab == "operations" {
                    <Legs key="operations" />
                } else {
                    <Places key="places" />
                }
            </Tabs>
        </div>
    }
}

/// What whoever may not see the catalogue is told in its place.
pub(super) fn without_catalogue(access: Option<&AccessHandle>) -> String {
    let needed = permission_name(access, console::ROLES_VIEW);
    format!(
        "You need \u{201c}{needed}\u{201d} to see the catalogue, where they stand with what they are called."
    )
}

/// The tree, and beside it who holds what.
#[component]
fn Places() -> Html {
    let access = use_access();
    let query = use_query();
    let words = use_text();
    let places = use_resource((*words).clone(), |words: String| async move {
        let query = Query::default().with("search", words.trim()).with("limit", "200");
        api::get::<Page<PlaceRow>>(&format!("/places{}", query.as_str())).await.map(|answer| answer.body)
    });
    let oninput = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let chosen: AttrValue = match query.get("place") {
        "" => "/".into(),
        place => place.to_owned().into(),
    };
    let onchoose = Callback::from(move |place: String| {
        nav::turn_to(&Route::Resources, address_of(&place, "", "").as_str());
    });
    let items = use_memo(places.data.clone(), |page| {
        Rc::new(page.as_ref().map(|page| page.items.clone()).unwrap_or_default())
    });
    let policy = access.as_ref().and_then(|access| access.policy());
    let kinds: Vec<String> = policy
        .map(|policy| place::kinds(policy.catalogue()).into_iter().map(|kind| kind.pattern).collect())
        .unwrap_or_default();
    if places.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::USERS_VIEW} what="resources" /> };
    }
    // Who may not see the catalogue is told of no kinds, and not that there are none.
    if policy.is_some() && kinds.is_empty() {
        return html! {
            <Empty icon="folder-tree" title="This product has no resources" text="Its catalogue names no types of resources, so every role counts for everything." />
        };
    }
    html! {
        <div class="places">
            <div class="places__side">
                <SearchField label="Search places" placeholder="Search places" value={(*words).clone()} {oninput} />
                if let Some(error) = &places.error {
                    { failed(error, &places.reload) }
                }
                if let Some(page) = &places.data {
                    if page.next.is_some() {
                        <p class="muted">{ "The first 200 places are shown. Search to find the others." }</p>
                    }
                    if page.items.is_empty() && !words.trim().is_empty() {
                        <p class="muted" role="status">{ "No place fits." }</p>
                    } else {
                        <PlaceTree places={(*items).clone()} searched={!words.trim().is_empty()} chosen={chosen.clone()} {onchoose} />
                    }
                    if page.items.is_empty() && words.is_empty() {
                        <p class="muted">{ "No role is held at a place yet. Assign one on a person's or a group's page, and choose One place." }</p>
                    }
                    if policy.is_none() {
                        <p class="muted">{ without_catalogue(access.as_ref()) }</p>
                    }
                    <details class="card__more" hidden={kinds.is_empty()}>
                        <summary>{ "Kinds of places" }</summary>
                        <ul class="plain-list">{ for kinds.iter().map(|kind| html! { <li key={kind.clone()}><code>{ kind.clone() }</code></li> }) }</ul>
                    </details>
                } else {
                    <Skeleton length="long" />
                }
            </div>
            if let Some(problem) = place_problem(&chosen, access.as_ref()) {
                <Empty icon="search-x" title="There is no such place" text={problem}>
                    <Link to={Route::Resources} class="button button--secondary">{ "Show everything" }</Link>
                </Empty>
            } else {
                <PlacePanel key={chosen.to_string()} place={chosen.clone()} />
            }
        </div>
    }
}
