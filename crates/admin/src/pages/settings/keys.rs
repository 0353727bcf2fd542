//! The API keys: what each may do, where and until when, who made it, and what can be done with it.

use std::rc::Rc;

use rolewright_model::change::{Change, KeyEdit};
use rolewright_model::console;
use rolewright_wire::key::KeyView;
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::key_form::KeyForm;
use super::key_secret::{RotateDialog, SecretDialog};
use crate::access::{AccessHandle, permission_name, place_name, use_access};
use crate::api::{self, Query, Request};
use crate::browser;
use crate::frame::Refused;
use crate::nav::{self, Link, use_query};
use crate::pages::confirm::ConfirmDialog;
use crate::resource::{Resource, use_resource};
use crate::route::Route;
use crate::text;
use crate::widgets::{
    Button, Chips, Empty, Icon, Menu, MenuItem, Named, SearchField, SkeletonRows, Variant, failed, pager,
    use_page_with_rows,
};

/// What a change says of a key.
pub fn said(view: &KeyView) -> KeyEdit {
    KeyEdit {
        id: view.id.clone(),
        name: view.name.clone(),
        permissions: view.permissions.clone(),
        scope: view.scope.clone(),
        expires: view.expires,
        trusts_subject: view.trusts_subject,
    }
}

/// The address of a key.
pub fn address(id: &str) -> String {
    format!("/keys/{}", js_sys::encode_uri_component(id))
}

/// What the page's address says where a key is meant.
const KEY: &str = "key";

/// The query of a key among those that are called as it is.
pub fn query_of(id: &str, name: &str) -> Query {
    query(name, "").with(KEY, id)
}

/// The query of the keys that have these words, from a cursor on.
fn query(search: &str, cursor: &str) -> Query {
    Query::default().with("tab", "keys").with("search", search).with("cursor", cursor)
}

fn go(search: &str, cursor: &str) {
    let query = query(search, cursor);
    match cursor {
        "" => nav::set_query(&Route::Settings, query.as_str()),
        _ => nav::turn_to(&Route::Settings, query.as_str()),
    }
}

/// Brings the key that the address means into sight, and the focus to it, once it is there.
#[hook]
fn use_meant(is_listed: bool, meant: &str) {
    use_effect_with(is_listed.then(|| meant.to_owned()), |meant| {
        if meant.is_some() {
            let main = browser::element_by_id("main");
            let actions = main.and_then(|main| browser::find(&main, "tr[aria-current] .table__end button"));
            actions.iter().for_each(browser::bring);
        }
    });
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    New,
    Edit(Rc<KeyView>),
    Rotate(Rc<KeyView>),
    Revoke(Rc<KeyView>),
    /// The key's name and its secret.
    Secret(AttrValue, AttrValue),
}

/// The tab.
#[component]
pub fn Keys() -> Html {
    let access = use_access();
    let open = use_state(|| Open::Nothing);
    let query = use_query();
    let (search, cursor) = (query.get("search").to_owned(), query.get("cursor").to_owned());
    let keys = use_resource((search.clone(), cursor.clone()), |(search, cursor)| async move {
        let query = Query::default().with("search", &search).with("cursor", &cursor);
        api::get::<Page<KeyView>>(&format!("/keys{}", query.as_str())).await.map(|answer| answer.body)
    });
    let onsearch = Callback::from(|words: String| go(&words, ""));
    let turn = |to: String| {
        let search = search.clone();
        Callback::from(move |_: MouseEvent| go(&search, &to))
    };
    let first = {
        let search = search.clone();
        Callback::from(move |()| go(&search, ""))
    };
    let error = use_page_with_rows(&cursor, keys.fresh().map(Rc::as_ref), keys.error.as_ref(), first);
    let meant = query.get(KEY);
    let is_meant = |view: &KeyView| view.id == meant;
    use_meant(keys.data.as_ref().is_some_and(|page| page.items.iter().any(is_meant)), meant);
    // Whoever manages keys has that themselves: what else a key may do is asked about in the form.
    let least = KeyEdit {
        id: "new".to_owned(),
        name: "new".to_owned(),
        permissions: vec![console::API_KEYS_MANAGE.to_owned()],
        scope: "/".to_owned(),
        expires: None,
        trusts_subject: false,
    };
    let refused = access.as_ref().and_then(|access| access.reason(&Change::MakeKey { key: least }));
    let show = use_callback(open.setter(), |next: Open, open| open.set(next));
    let close = show.reform(|()| Open::Nothing);
    let told = show.reform(|(name, secret): (AttrValue, AttrValue)| Open::Secret(name, secret));
    let create = |variant: Variant| {
        let onclick = show.reform(|_: MouseEvent| Open::New);
        html! { <Button {variant} icon="plus" {onclick} refused={refused.clone()} tip_end=true>{ "Create API key" }</Button> }
    };
    if keys.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::API_KEYS_VIEW} what="API keys" /> };
    }
    let none = keys.fresh().is_some_and(|page| page.total == 0);
    let is_empty = none && search.is_empty();
    let clear = onsearch.reform(|_: MouseEvent| String::new());
    html! {
        <div class="stack">
            <div class="slot">
                if let Some(error) = &error {
                    { failed(error, &keys.reload) }
                }
            </div>
            if is_empty {
                <Empty icon="key-round" title="No API keys yet"
                    text="A key is what a machine asks with: a service, a script, an identity provider. It may do what you choose, where you choose, and never more than you may.">
                    { create(Variant::Secondary) }
                </Empty>
            } else {
                <div class="filters">
                    <SearchField label="Search API keys" placeholder="Search by name" value={search.clone()} oninput={onsearch} />
                    <p class="muted" role="status">
                        if let Some(page) = keys.fresh() {
                            { text::count(page.total, "key", "keys") }
                        }
                    </p>
                    <span class="filters__count">{ create(Variant::Primary) }</span>
                </div>
                if none {
                    <Empty icon="search-x" title="No key fits" text="No API key has these words in its name.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else {
                    { table(&keys, meant, access.as_ref(), &show) }
                    { pager(&cursor, keys.fresh().and_then(|page| page.next.clone()), turn) }
                }
            }
            <div class="slot">
                { match (*open).clone() {
                    Open::Nothing => html! {},
                    Open::New => html! { <KeyForm key="new" onclose={close} ontold={told} ondone={keys.reload.clone()} /> },
                    Open::Edit(view) => html! { <KeyForm key="edit" {view} onclose={close} ontold={told} ondone={keys.reload.clone()} /> },
                    Open::Rotate(view) => html! { <RotateDialog key="rotate" {view} onclose={close} ontold={told} ondone={keys.reload.clone()} /> },
                    Open::Secret(name, secret) => html! { <SecretDialog key="secret" {name} {secret} onclose={close} /> },
                    Open::Revoke(view) => html! {
                        <ConfirmDialog key="revoke" undoes=false title={format!("Revoke {}?", view.name)} change={Request::delete(address(&view.id), None)} verb="Revoke key"
                            done={format!("{} is revoked.", view.name)} onclose={close} ondone={keys.reload.clone()}>
                            <p>{ "Whatever asks with it is refused from now on. It cannot be taken back." }</p>
                            <p>{ format!("It was last used: {}.", used(&view)) }</p>
                        </ConfirmDialog>
                    },
                } }
            </div>
        </div>
    }
}

fn used(view: &KeyView) -> String {
    view.used.map_or_else(|| "never".to_owned(), text::moment)
}

/// The keys of a page, and among them the one that is meant.
fn table(
    keys: &Resource<Page<KeyView>>,
    meant: &str,
    access: Option<&AccessHandle>,
    show: &Callback<Open>,
) -> Html {
    html! {
        <div class={classes!("table-box", keys.stale.then_some("table-box--stale"))} aria-busy={keys.stale.to_string()}>
            <table class="table table--stack api-keys">
                <caption class="visually-hidden">{ "API keys" }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ "Name" }</th>
                        <th scope="col">{ "May do" }</th>
                        <th scope="col">{ "Where" }</th>
                        <th scope="col">{ "Last used" }</th>
                        <th scope="col">{ "Expires" }</th>
                        <th scope="col">{ "Made by" }</th>
                        <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                    </tr>
                </thead>
                <tbody>
                    if let Some(page) = &keys.data {
                        { for page.items.iter().map(|view| row(view, view.id == meant, access, show)) }
                    } else {
                        <SkeletonRows key="skeleton" rows={5} cells={7} />
                    }
                </tbody>
            </table>
        </div>
    }
}

fn row(view: &KeyView, is_meant: bool, access: Option<&AccessHandle>, show: &Callback<Open>) -> Html {
    let label = |id: &String| permission_name(access, id);
    let chips: Rc<[Named]> = view
        .permissions
        .iter()
        .map(|id| Named { id: id.clone().into(), name: label(id).into(), everything: false })
        .collect();
    let place = place_name(access, &view.scope);
    html! {
        <tr key={view.id.clone()} class={is_meant.then_some("table__row--chosen")} aria-current={is_meant.then_some("true")}>
            <td class="table__first">
                { view.name.clone() }
                if view.trusts_subject {
                    <span class="table__under">{ "May say who asks" }</span>
                }
                if let Some(until) = view.former_until {
                    <span class="table__under">{ format!("Its former secret is good until {}", text::moment(until)) }</span>
                }
            </td>
            <td data-label="May do"><Chips items={chips} label={format!("What {} may do", view.name)} /></td>
            <td class="table__muted" data-label="Where">{ place }</td>
            <td class="table__muted api-keys__when" data-label="Last used">
                { text::title(&used(view)) }
                if view.used_by_provider.is_some() {
                    <span class="table__under">{ "By an identity provider" }</span>
                }
            </td>
            <td class="table__muted api-keys__when" data-label="Expires">{ view.expires.map_or_else(|| "Never".to_owned(), text::end) }</td>
            <td data-label="Made by">
                { maker(view) }
                if view.maker_may_sign_in == Some(false) {
                    <span class="level level--partial"><Icon name="user-x" />{ "May no longer sign in" }</span>
                }
            </td>
            <td class="table__end"><Menu label={format!("Actions for {}", view.name)} items={actions(view, access, show)} /></td>
        </tr>
    }
}

/// Who made the key: a person, another key, or the operator.
fn maker(view: &KeyView) -> Html {
    match view.made_by.as_deref().and_then(|by| by.split_once(':').or(Some((by, "")))) {
        Some(("user", id)) => match &view.made_by_name {
            Some(name) => {
                html! { <Link to={Route::User { id: id.to_owned() }} class="table__link">{ name.clone() }</Link> }
            }
            None => html! { <code>{ id.to_owned() }</code> },
        },
        Some(("key", id)) => html! { <>{ "API key " }<code>{ id.to_owned() }</code></> },
        Some(_) => html! { { "The operator" } },
        None => html! { <span class="table__none">{ "Not known" }</span> },
    }
}

fn actions(view: &KeyView, access: Option<&AccessHandle>, show: &Callback<Open>) -> Rc<[MenuItem]> {
    let key = said(view);
    let reason = |change: Change| access.and_then(|access| access.reason(&change));
    let told = view.rotated_by.as_deref().or(view.made_by.as_deref());
    let keeper = told.and_then(|told| told.strip_prefix("user:")).map(str::to_owned);
    let view = Rc::new(view.clone());
    let item = |label: &'static str, icon: &'static str, change: Change, open: fn(Rc<KeyView>) -> Open| {
        let view = view.clone();
        MenuItem {
            label: label.into(),
            icon: icon.into(),
            danger: matches!(change, Change::EndKey { .. }),
            refused: reason(change),
            onpick: show.reform(move |()| open(view.clone())),
        }
    };
    Rc::from([
        item("Edit", "pencil", Change::UpdateKey { before: key.clone(), key: key.clone() }, Open::Edit),
        item(
            "New secret",
            "refresh-cw",
            Change::RenewKey { key: key.clone(), former_until: None },
            Open::Rotate,
        ),
        item("Revoke", "trash-2", Change::EndKey { key, keeper }, Open::Revoke),
    ])
}
