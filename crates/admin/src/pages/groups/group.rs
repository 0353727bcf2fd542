//! One group: who is in it, what it holds, and what changed.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_model::directory::GroupSource;
use rolewright_wire::group::{GroupFields, GroupName, GroupView};
use yew::prelude::*;

use super::edit::{GroupDialog, Subject};
use super::held::Held;
use super::members::Members;
use super::page::{address, delete_dialog};
use super::{fixed, source};
use crate::access::use_access;
use crate::api::{self, Answer, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::history::History;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_flag;
use crate::widgets::{Banner, Empty, Menu, MenuItem, Skeleton, Tab, Tabs, Tone, failed};

/// Which group.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub id: AttrValue,
}

/// A group as the server answered.
pub type Loaded = Rc<Answer<GroupView>>;

/// The page.
#[component]
pub fn GroupPage(props: &Props) -> Html {
    let access = use_access();
    let query = use_query();
    let deleting = use_flag();
    let group =
        use_resource(
            props.id.clone(),
            |id: AttrValue| async move { api::get::<GroupView>(&address(&id)).await },
        );
    let gone = group.error.as_ref().is_some_and(|error| error.status() == 404);
    let name = group.fresh().map(|group| group.body.group.name.clone()).unwrap_or_default();
    use_title(if gone { "Not found".to_owned() } else { name.clone() });
    let route = Route::Group { id: props.id.to_string() };
    let set = |query: Query| {
        let route = route.clone();
        move || {
            nav::set_query(&route, query.as_str());
        }
    };
    let onchange = {
        let route = route.clone();
        Callback::from(move |tab: AttrValue| {
            let query = Query::default().with("tab", if tab == "members" { "" } else { &tab });
            nav::set_query(&route, query.as_str());
        })
    };
    let tab: AttrValue = match query.get("tab") {
        "roles" => "roles".into(),
        "history" => "history".into(),
        _ => "members".into(),
    };
    let here = Query::default().with("tab", if tab == "members" { "" } else { &tab });
    let close_edit = {
        let set = set(here.clone());
        Callback::from(move |()| set())
    };
    let Some(loaded) = group.fresh().filter(|_| !gone) else {
        return match &group.error {
            Some(error) if error.status() == 404 => html! {
                <Empty key="gone" icon="users-round" title="There is no such group" text="It may have been deleted." page=true>
                    <Link to={Route::Groups} class="button button--secondary">{ "Go to the groups" }</Link>
                </Empty>
            },
            Some(error) if error.status() == 403 => {
                html! { <Refused key="refused" permission={console::GROUPS_VIEW} what="groups" /> }
            }
            Some(error) => html! {
                { failed(error, &group.reload) }
            },
            None => html! {
                <div class="page__content" key="loading" aria-busy="true"><PageHead title="" text={html! { <Skeleton length="medium" /> }} /></div>
            },
        };
    };
    let view = &loaded.body;
    let refused = fixed(access.as_ref(), &view.group);
    let through: usize = view.outer.iter().map(|outer| outer.assignments.len()).sum();
    let tabs: Rc<[Tab]> = Rc::from([
        Tab { id: "members".into(), label: "Members".into(), count: Some(view.members_total as usize) },
        Tab { id: "roles".into(), label: "Roles".into(), count: Some(view.assignments.len() + through) },
        Tab { id: "history".into(), label: "History".into(), count: None },
    ]);
    let edit = {
        let set = set(here.with("edit", "1"));
        Callback::from(move |()| set())
    };
    let ask_delete = asking(&deleting);
    let items = [
        MenuItem {
            label: "Edit name and description".into(),
            icon: "pencil".into(),
            danger: false,
            refused: refused.clone(),
            onpick: edit,
        },
        MenuItem {
            label: "Delete".into(),
            icon: "trash-2".into(),
            danger: true,
            refused: refused.clone(),
            onpick: ask_delete.0,
        },
    ];
    let deleted = Callback::from(move |()| {
        nav::replace_with(&Route::Groups);
    });
    let may_edit = refused.is_none();
    let owned = view.group.source == GroupSource::IdentityProvider;
    html! {
        <div class="page__content" key="group">
            <PageHead title={name.clone()} beside={source(view.group.source)} text={html! { <>{ view.group.description.clone() }{ inside(view) }</> }}
                actions={html! { <Menu label={format!("Actions for {name}")} items={Rc::from(items)} /> }} />
            <div class="slot">
                if let Some(reason) = refused.as_ref().filter(|_| owned) {
                    <Banner tone={Tone::Note}>{ format!("{reason} Roles can be assigned to it here.") }</Banner>
                }
            </div>
            <Tabs {tabs} value={tab.clone()} label={format!("About {name}")} {onchange}>
                { match tab.as_str() {
                    "roles" => html! { <Held key="roles" group={loaded.clone()} reload={group.reload.clone()} /> },
                    "history" => html! { <History key="history" about={view.group.id.clone()} /> },
                    _ => html! { <Members key="members" group={loaded.clone()} {refused} reload={group.reload.clone()} /> },
                } }
            </Tabs>
            <div class="slot">
                if query.get("edit") == "1" && may_edit {
                    <GroupDialog key="edit" onclose={close_edit} ondone={group.reload.reform(|_| ())}
                        subject={Subject::Known(view.group.id.clone(), GroupFields { name: view.group.name.clone(), description: view.group.description.clone() }, loaded.etag.clone())} />
                }
                if *deleting {
                    { delete_dialog(&view.group.id, &name, loaded.etag.as_deref(), ask_delete.1, deleted) }
                }
            </div>
        </div>
    }
}

/// Which groups it is directly in.
fn inside(view: &GroupView) -> Html {
    let mut direct = view.outer.iter().filter(|outer| outer.direct).map(|outer| &outer.group).peekable();
    if direct.peek().is_none() {
        return html! {};
    }
    let named = |(position, group): (usize, &GroupName)| {
        let to = Route::Group { id: group.id.clone() };
        html! { <>{ if position == 0 { "" } else { ", " } }<Link {to} class="text-link">{ group.name.clone() }</Link></> }
    };
    html! { <p>{ "In group " }{ for direct.enumerate().map(named) }</p> }
}

/// What opens the question, and what closes it.
fn asking(deleting: &UseStateHandle<bool>) -> (Callback<()>, Callback<()>) {
    let (open, close) = (deleting.setter(), deleting.setter());
    (Callback::from(move |()| open.set(true)), Callback::from(move |()| close.set(false)))
}
