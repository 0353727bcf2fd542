//! The page: search, table and the dialogs that create and delete.

use std::rc::Rc;

use rolewright_model::change::{Change, GroupEdit};
use rolewright_model::console;
use rolewright_model::directory::GroupSource;
use rolewright_wire::group::{GroupRow, GroupView};
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::edit::{GroupDialog, Subject};
use super::{fixed, source};
use crate::access::use_access;
use crate::api::{self, Query, Request};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::confirm::ConfirmDialog;
use crate::resource::use_resource;
use crate::route::Route;
use crate::sending::{Told, ask};
use crate::text;
use crate::toast;
use crate::widgets::{
    Button, Chips, Empty, Menu, MenuItem, Named, SearchField, SkeletonRows, SortHeader, Variant, failed,
    pager, use_page_with_rows,
};

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    New,
    Delete(Rc<GroupRow>, Option<String>),
}

/// The page.
#[component]
pub fn GroupsPage() -> Html {
    use_title("Groups");
    let access = use_access();
    let query = use_query();
    let open = use_state(|| Open::Nothing);
    let asked = (
        query.get("search").to_owned(),
        match query.get("sort") {
            sort @ ("-name" | "members" | "-members") => sort.to_owned(),
            _ => String::new(),
        },
        query.get("cursor").to_owned(),
    );
    let groups = use_resource(asked.clone(), |(search, sort, cursor)| async move {
        let query = Query::default().with("search", &search).with("sort", &sort).with("cursor", &cursor);
        api::get::<Page<GroupRow>>(&format!("/groups{}", query.as_str())).await.map(|answer| answer.body)
    });
    let go = move |search: &str, sort: &str, cursor: &str| {
        let query = Query::default().with("search", search).with("sort", sort).with("cursor", cursor);
        match cursor {
            "" => nav::set_query(&Route::Groups, query.as_str()),
            _ => nav::turn_to(&Route::Groups, query.as_str()),
        }
    };
    let (search, sort, cursor) = asked;
    let onsearch = {
        let sort = sort.clone();
        Callback::from(move |words: String| go(&words, &sort, ""))
    };
    let onsort = {
        let search = search.clone();
        Callback::from(move |sort: AttrValue| go(&search, &sort, ""))
    };
    let turn = |to: String| {
        let (search, sort) = (search.clone(), sort.clone());
        Callback::from(move |_: MouseEvent| go(&search, &sort, &to))
    };
    let first = {
        let (search, sort) = (search.clone(), sort.clone());
        Callback::from(move |()| go(&search, &sort, ""))
    };
    let error = use_page_with_rows(&cursor, groups.fresh().map(Rc::as_ref), groups.error.as_ref(), first);
    let new = GroupEdit {
        id: "new".to_owned(),
        name: String::new(),
        description: String::new(),
        source: GroupSource::Local,
    };
    let refused = access.as_ref().and_then(|access| access.reason(&Change::CreateGroup { group: new }));
    let show = use_callback(open.setter(), |_: MouseEvent, open| open.set(Open::New));
    let close = use_callback(open.setter(), |(), open| open.set(Open::Nothing));
    let created = Callback::from(move |id: Option<String>| {
        if let Some(id) = id {
            nav::go(&Route::Group { id });
        }
    });
    let edit = Callback::from(move |id: String| {
        nav::go_with(&Route::Group { id }, "?edit=1".to_owned());
    });
    // What is deleted is the version that there is when it is asked.
    let delete = {
        let open = open.setter();
        Callback::from(move |row: Rc<GroupRow>| {
            let open = open.clone();
            ask(Request::get(address(&row.group.id)), move |answer: Told<GroupView>| match answer {
                Ok(found) => open.set(Open::Delete(row, found.etag)),
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let create = |variant: Variant| {
        html! { <Button {variant} icon="plus" onclick={show.clone()} refused={refused.clone()} tip_end=true>{ "Create group" }</Button> }
    };
    let clear = turn_clear(&onsearch);
    if groups.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::GROUPS_VIEW} what="groups" /> };
    }
    let none = groups.fresh().is_some_and(|page| page.total == 0);
    let is_empty = none && search.is_empty();
    let shown_sort: AttrValue = if sort.is_empty() { "name".into() } else { sort.clone().into() };
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Groups" text={html! { "People who hold roles together. Those of an identity provider are kept there; others are made here, by hand." }}
                actions={if is_empty { html! {} } else { create(Variant::Primary) }} />
            <div class="filters" hidden={is_empty}>
                <SearchField label="Search groups" placeholder="Search by name or description" value={search.clone()} oninput={onsearch} />
                <p class="filters__count" role="status">
                    if let Some(page) = groups.fresh() {
                        { text::count(page.total, "group", "groups") }
                    }
                </p>
            </div>
            <div class="slot">
                if let Some(error) = &error {
                    { failed(error, &groups.reload) }
                }
            </div>
            <div class="slot">
                if none && !search.is_empty() {
                    <Empty icon="search-x" title="No group fits" text="No group has these words in its name or description.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else if is_empty {
                    <Empty icon="users-round" title="No groups yet" text="Give a role to a group, and everybody in it holds it. Groups come from your identity provider, or are made here.">
                        { create(Variant::Primary) }
                    </Empty>
                } else {
                    <div class={classes!("table-box", groups.stale.then_some("table-box--stale"))} aria-busy={groups.stale.to_string()}>
                        <table class="table table--stack">
                            <caption class="visually-hidden">{ "Groups" }</caption>
                            <thead>
                                <tr>
                                    <SortHeader column="name" label="Name" sort={shown_sort.clone()} onsort={onsort.clone()} />
                                    <th scope="col">{ "Source" }</th>
                                    <SortHeader column="members" label="Members" sort={shown_sort} {onsort} class="table__number" />
                                    <th scope="col">{ "Roles" }</th>
                                    <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                if let Some(page) = &groups.data {
                                    { for page.items.iter().map(|row| html! {
                                        <Row key={row.group.id.clone()} row={Rc::new(row.clone())} edit={edit.clone()} delete={delete.clone()} />
                                    }) }
                                } else {
                                    <SkeletonRows key="skeleton" rows={8} cells={5} />
                                }
                            </tbody>
                        </table>
                    </div>
                    { pager(&cursor, groups.fresh().and_then(|page| page.next.clone()), turn) }
                }
            </div>
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::New => html! { <GroupDialog key="new" subject={Subject::New} onclose={close} ondone={created} /> },
                    Open::Delete(row, etag) => delete_dialog(&row.group.id, &row.group.name, etag.as_deref(), close, groups.reload.clone()),
                } }
            </div>
        </div>
    }
}

fn turn_clear(onsearch: &Callback<String>) -> Callback<MouseEvent> {
    onsearch.reform(|_: MouseEvent| String::new())
}

/// Where the server has a group.
pub fn address(id: &str) -> String {
    format!("/groups/{}", js_sys::encode_uri_component(id))
}

/// The dialog that deletes a group.
pub fn delete_dialog(
    id: &str,
    name: &str,
    etag: Option<&str>,
    onclose: Callback<()>,
    ondone: Callback<()>,
) -> Html {
    html! {
        <ConfirmDialog key="delete" title={format!("Delete {name}?")} change={Request::delete(address(id), etag)} verb="Delete group"
            done={format!("Deleted {name}.")} back="the group with its members and its roles" {onclose} {ondone}>
            <p>{ "The roles assigned to it go with it. Nobody's account is deleted, and who holds such a role in another way keeps it." }</p>
        </ConfirmDialog>
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    row: Rc<GroupRow>,
    edit: Callback<String>,
    delete: Callback<Rc<GroupRow>>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let access = use_access();
    let group = &props.row.group;
    let roles: Rc<[Named]> = props
        .row
        .roles
        .iter()
        .map(|id| {
            let role = access.as_ref().and_then(|access| access.policy()).and_then(|policy| policy.role(id));
            Named {
                id: id.clone().into(),
                name: role.map_or_else(|| id.clone(), |role| role.name.clone()).into(),
                everything: role.is_some_and(|role| role.superuser),
            }
        })
        .collect();
    let inside: Vec<&str> = props.row.inside.iter().map(|outer| &*outer.name).collect();
    let refused = fixed(access.as_ref(), group);
    let (id, row) = (group.id.clone(), props.row.clone());
    let items = [
        MenuItem {
            label: "Edit".into(),
            icon: "pencil".into(),
            danger: false,
            refused: refused.clone(),
            onpick: props.edit.reform(move |()| id.clone()),
        },
        MenuItem {
            label: "Delete".into(),
            icon: "trash-2".into(),
            danger: true,
            refused,
            onpick: props.delete.reform(move |()| row.clone()),
        },
    ];
    html! {
        <tr>
            <td class="table__first">
                <Link to={Route::Group { id: group.id.clone() }} class="table__link">{ group.name.clone() }</Link>
                if !inside.is_empty() {
                    <span class="table__under">{ format!("in {}", inside.join(", ")) }</span>
                }
            </td>
            <td>{ source(group.source) }</td>
            <td class="table__number" data-label="Members">{ text::number(props.row.members) }</td>
            <td>
                if roles.is_empty() {
                    <span class="table__none">{ "None" }</span>
                } else {
                    <Chips items={roles} label={format!("Roles of {}", group.name)} />
                }
            </td>
            <td class="table__end"><Menu label={format!("Actions for {}", group.name)} items={Rc::from(items)} /></td>
        </tr>
    }
}
