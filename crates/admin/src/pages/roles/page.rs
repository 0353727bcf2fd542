//! The page: cards or table, search, and the way to a new role.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_model::console;
use rolewright_model::role::RoleDocument;
use rolewright_wire::role::{RoleView, Roles};
use yew::prelude::*;

use super::cards::RoleCards;
use super::chosen::ChosenBar;
use super::delete::DeleteDialog;
use super::entries::{Entries, page_of};
use super::order::ordered;
use super::table::RolesTable;
use crate::access::use_access;
use crate::api;
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, use_query};
use crate::pages::side_by_side::toggled;
use crate::resource::use_resource;
use crate::route::Route;
use crate::scrolled::use_scrolled_back;
use crate::text;
use crate::widgets::{Button, Empty, SearchField, Segment, Segmented, Variant, failed};

/// The page.
#[component]
pub fn RolesPage() -> Html {
    use_title("Roles");
    let access = use_access();
    let query = use_query();
    let deleting = use_state(|| None::<RoleView>);
    let chosen = use_state(|| Rc::<[String]>::from([]));
    let roles = use_resource((), |()| async { api::get::<Roles>("/roles").await.map(|answer| answer.body) });
    use_scrolled_back(roles.data.is_some());
    let is_table = query.get("view") == "table";
    let search = query.get("search").to_owned();
    // Another question begins at its first page.
    let set = {
        let query = query.clone();
        move |name: &str, value: &str| {
            nav::set_query(&Route::Roles, query.with(&[(name, value), ("page", "")]).as_str());
        }
    };
    let oninput = {
        let set = set.clone();
        Callback::from(move |words: String| set("search", &words))
    };
    let onview = {
        let set = set.clone();
        Callback::from(move |view: AttrValue| set("view", if view == "table" { "table" } else { "" }))
    };
    let onsort = Callback::from(move |sort: AttrValue| set("sort", &sort));
    let sort = if is_table { query.get("sort") } else { "" };
    let found: Rc<[RoleView]> = {
        let words = search.to_lowercase();
        let fits = |view: &&RoleView| {
            let role = &view.role;
            let text = format!("{} {} {}", role.name, role.id, role.description).to_lowercase();
            text::has_words(&text, &words)
        };
        let found = roles.data.iter().flat_map(|roles| &roles.items).filter(fits).cloned();
        ordered(found.collect(), sort).into()
    };
    let total = found.len();
    let entries = if is_table { page_of(query.get("limit"), query.get("page"), total) } else { 0..total };
    let found: Rc<[RoleView]> = found.get(entries.clone()).unwrap_or_default().into();
    let refused = access
        .as_ref()
        .and_then(|access| access.reason(&Change::CreateRole { role: RoleDocument::new("new", "New") }));
    let create = Callback::from(move |_: MouseEvent| {
        nav::go(&Route::NewRole);
    });
    let onchoose = use_callback(chosen.clone(), |id: String, chosen| chosen.set(toggled(chosen, &id).into()));
    let clear_chosen = use_callback(chosen.setter(), |(), chosen| chosen.set(Rc::from([])));
    // One that was deleted meanwhile is chosen no more.
    let is_there = |id: &&String| {
        let mut known = roles.data.iter().flat_map(|roles| &roles.items);
        known.any(|view| view.role.id == **id)
    };
    let shown: Rc<[String]> = chosen.iter().filter(is_there).cloned().collect();
    let ondelete = use_callback(deleting.setter(), |view: RoleView, deleting| deleting.set(Some(view)));
    let close = use_callback(deleting.setter(), |(), deleting| deleting.set(None));
    let deleted = {
        let (deleting, reload) = (deleting.setter(), roles.reload.clone());
        Callback::from(move |()| {
            deleting.set(None);
            reload.emit(());
        })
    };
    let segments: Rc<[Segment]> = [("cards", "Cards"), ("table", "Table")]
        .map(|(id, label)| Segment {
            id: id.into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    let clear = {
        let oninput = oninput.clone();
        Callback::from(move |_: MouseEvent| oninput.emit(String::new()))
    };
    // The role is the one that the person saw; who holds it and what carries it is so now.
    let now = |seen: &RoleView| {
        let newest =
            roles.data.as_ref().and_then(|roles| roles.items.iter().find(|it| it.role.id == seen.role.id));
        match newest {
            Some(newest) => {
                RoleView { holders: newest.holders, packages: newest.packages.clone(), ..seen.clone() }
            }
            None => seen.clone(),
        }
    };
    if roles.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::ROLES_VIEW} what="roles" /> };
    }
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Roles" text={html! { "Named sets of permissions. Give each task its own narrow role." }} actions={html! {
                <Button variant={Variant::Primary} icon="plus" onclick={create} refused={refused} tip_end=true>{ "Create role" }</Button>
            }} />
            if is_table && !shown.is_empty() {
                <ChosenBar key="chosen" chosen={shown.clone()} onclear={clear_chosen} />
            } else {
                <div class="filters" key="filters">
                    <SearchField label="Search roles" placeholder="Search by name or description" value={search.clone()} {oninput} />
                    <Segmented label="View" {segments} value={if is_table { "table" } else { "cards" }} onchange={onview} />
                    <p class="filters__count" role="status">
                        if roles.data.is_some() {
                            { text::count(u64::try_from(total).unwrap_or_default(), "role", "roles") }
                        }
                    </p>
                </div>
            }
            <div class="slot">
                if let Some(error) = &roles.error {
                    { failed(error, &roles.reload) }
                }
            </div>
            <div class="slot">
                if roles.data.is_some() && found.is_empty() {
                    <Empty icon="search-x" title="No role fits" text="No role has these words in its name or description.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else if is_table {
                    <RolesTable roles={found} loading={roles.data.is_none()} sort={sort.to_owned()} {onsort} {ondelete}
                        chosen={shown.clone()} {onchoose} />
                } else {
                    <RoleCards roles={found} loading={roles.data.is_none()} {ondelete} />
                }
            </div>
            <div class="slot">
                if is_table && total > 0 {
                    <Entries {entries} {total} />
                }
            </div>
            <div class="slot">
                if let Some(view) = &*deleting {
                    <DeleteDialog view={now(view)} onclose={close} ondeleted={deleted} />
                }
            </div>
        </div>
    }
}
