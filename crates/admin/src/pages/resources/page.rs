//! The page: the tree with who holds what, and operations as a checklist.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_wire::page::Page;
use rolewright_wire::place::PlaceRow;
use yew::prelude::*;

use super::legs::Legs;
use super::place::PlacePanel;
use super::tree::PlaceTree;
use crate::access::use_access;
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, use_query};
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
        nav::turn_to(&Route::Resources, Query::default().with("place", &place).as_str());
    });
    let items = use_memo(places.data.clone(), |page| {
        Rc::new(page.as_ref().map(|page| page.items.clone()).unwrap_or_default())
    });
    let kinds: Vec<String> = access
        .as_ref()
        .and_then(|access| access.policy())
        .map(|policy| place::kinds(policy.catalogue()).into_iter().map(|kind| kind.pattern).collect())
        .unwrap_or_default();
    if places.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::USERS_VIEW} what="people" /> };
    }
    if kinds.is_empty() {
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
                    <PlaceTree places={(*items).clone()} {chosen} {onchoose} />
                    if page.next.is_some() {
                        <p class="muted">{ "The first 200 places are shown. Search to find the others." }</p>
                    }
                    if page.items.is_empty() && words.is_empty() {
                        <p class="muted">{ "No role is held at a place yet. Assign one on a person's or a group's page, and choose One place." }</p>
                    }
                    <details class="card__more">
                        <summary>{ "Kinds of places" }</summary>
                        <ul class="plain-list">{ for kinds.iter().map(|kind| html! { <li key={kind.clone()}><code>{ kind.clone() }</code></li> }) }</ul>
                    </details>
                } else {
                    <Skeleton length="long" />
                }
            </div>
            <PlacePanel place={match query.get("place") { "" => AttrValue::from("/"), place => place.to_owned().into() }} />
        </div>
    }
}
