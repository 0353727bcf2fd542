//! Every role, with to how many users and groups it is assigned, and the switch that assigns it to everyone.

use rolewright_model::console;
use rolewright_model::role::Audience;
use rolewright_wire::role::{RoleView, Roles};
use yew::prelude::*;

use super::auto_assign::AutoAssign;
use crate::access::use_access;
use crate::api;
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::{roles, users};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Button, Empty, Icon, SearchField, SkeletonRows, SortHeader, failed};

/// The page.
#[component]
pub fn PermissionsPage() -> Html {
    use_title("Permissions");
    let access = use_access();
    let query = use_query();
    let roles = use_resource((), |()| async { api::get::<Roles>("/roles").await.map(|answer| answer.body) });
    let search = query.get("search").to_owned();
    let sort: AttrValue = query.get("sort").to_owned().into();
    let set = move |name: &str, value: &str| {
        nav::set_query(&Route::Permissions, query.with(&[(name, value)]).as_str());
    };
    let onsort = {
        let set = set.clone();
        Callback::from(move |sort: AttrValue| set("sort", &sort))
    };
    let oninput = Callback::from(move |words: String| set("search", &words));
    let clear = oninput.reform(|_: MouseEvent| String::new());
    let words = search.to_lowercase();
    let fits = |view: &&RoleView| {
        let text = format!("{} {}", view.role.name, view.role.description).to_lowercase();
        text::has_words(&text, &words)
    };
    let found = roles.data.as_ref();
    let found = found.map(|found| roles::ordered(found.items.iter().filter(fits).cloned().collect(), &sort));
    let head = |column: &'static str, label: &'static str, class: &'static str| {
        html! { <SortHeader {column} {label} {class} sort={sort.clone()} onsort={onsort.clone()} /> }
    };
    if roles.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::ROLES_VIEW} what="who holds roles" /> };
    }
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Users" text={html! { "To whom each role is assigned: to users, to groups, or to everyone by itself." }} />
            { users::tabs(access.as_ref(), &Route::Permissions) }
            <div class="filters">
                <SearchField label="Search roles" placeholder="Search by name or description" value={search} {oninput} />
                <p class="filters__count" role="status">
                    if let Some(found) = &found {
                        { text::count(found.len() as u64, "role", "roles") }
                    }
                </p>
            </div>
            <div class="slot">
                if let Some(error) = &roles.error {
                    { failed(error, &roles.reload) }
                }
            </div>
            <div class="slot">
                if found.as_ref().is_some_and(Vec::is_empty) {
                    <Empty icon="search-x" title="No role fits" text="No role has these words in its name or description.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else {
                    <div class="table-box" aria-busy={found.is_none().to_string()}>
                        <table class="table table--stack table--long">
                            <caption class="visually-hidden">{ "Roles and to whom they are assigned" }</caption>
                            <thead>
                                <tr>
                                    { head("name", "Role", "") }
                                    <th scope="col">{ "Kind" }</th>
                                    <th scope="col">{ "For" }</th>
                                    { head("users", "Users", "table__number") }
                                    { head("groups", "Groups", "table__number") }
                                    <th scope="col">{ "Auto assign" }</th>
                                    <th scope="col" class="table__end"><span class="visually-hidden">{ "Open" }</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                if let Some(found) = found {
                                    { for found.iter().map(|view| row(view, &roles.reload)) }
                                } else {
                                    <SkeletonRows key="skeleton" rows={12} cells={7} />
                                }
                            </tbody>
                        </table>
                    </div>
                }
            </div>
        </div>
    }
}

fn row(view: &RoleView, reload: &Callback<()>) -> Html {
    let role = &view.role;
    let to = Route::Assigned { role: role.id.clone() };
    let audience = match role.audience {
        Audience::User => "Users",
        Audience::Admin => "Administrators",
    };
    html! {
        <tr key={role.id.clone()}>
            <td class="table__first"><Link to={to.clone()} class="table__link">{ role.name.clone() }</Link></td>
            <td><span class="chips">{ roles::badges(view) }</span></td>
            <td class="table__muted" data-label="For">{ audience }</td>
            <td class="table__number" data-label="Users">{ text::number(view.assigned.users) }</td>
            <td class="table__number" data-label="Groups">{ text::number(view.assigned.groups) }</td>
            <td data-label="Auto assign"><AutoAssign view={view.clone()} reload={reload.clone()} /></td>
            <td class="table__end">
                <Link {to} class="icon-button" label={format!("Open {}", role.name)}><Icon name="chevron-right" /></Link>
            </td>
        </tr>
    }
}
