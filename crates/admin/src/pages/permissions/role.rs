//! One role: the users and the groups to which it is assigned, and whether everyone is.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_wire::assignment::PrincipalKind;
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::everyone::Everyone;
use super::holders::Holders;
use super::name_of;
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::roles::badges;
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Empty, Skeleton, Tab, Tabs, failed};

/// Which role.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub role: AttrValue,
}

/// The page.
#[component]
pub fn AssignedPage(props: &Props) -> Html {
    let query = use_query();
    let role = use_resource(props.role.clone(), |id: AttrValue| async move {
        let path = format!("/roles/{}", js_sys::encode_uri_component(&id));
        api::get::<RoleView>(&path).await.map(|answer| answer.body)
    });
    let gone = role.error.as_ref().is_some_and(|error| error.status() == 404);
    let name = role.fresh().map(|view| view.role.name.clone()).unwrap_or_default();
    use_title(if gone { "Not found".to_owned() } else { name.clone() });
    let of = match query.get("of") {
        "groups" => PrincipalKind::Groups,
        "everyone" => PrincipalKind::Everyone,
        _ => PrincipalKind::Users,
    };
    let onchange = {
        let route = Route::Assigned { role: props.role.to_string() };
        Callback::from(move |tab: AttrValue| {
            let query =
                Query::default().with("of", if tab == name_of(PrincipalKind::Users) { "" } else { &tab });
            nav::set_query(&route, query.as_str());
        })
    };
    let Some(view) = role.fresh().filter(|_| !gone) else {
        return match &role.error {
            Some(error) if error.status() == 404 => html! {
                <Empty key="gone" icon="shield" title="There is no such role" text="It may have been deleted." page=true>
                    <Link to={Route::Permissions} class="button button--secondary">{ "Go to the permissions" }</Link>
                </Empty>
            },
            Some(error) if error.status() == 403 => {
                html! { <Refused key="refused" permission={console::ROLES_VIEW} what="roles" /> }
            }
            Some(error) => html! {
                { failed(error, &role.reload) }
            },
            None => html! {
                <div class="page__content" key="loading" aria-busy="true"><PageHead title="" text={html! { <Skeleton length="medium" /> }} /></div>
            },
        };
    };
    let tab = |of: PrincipalKind, label: &'static str, count: Option<u64>| Tab {
        id: name_of(of).into(),
        label: label.into(),
        count: count.and_then(|count| usize::try_from(count).ok()),
    };
    let tabs: Rc<[Tab]> = Rc::from([
        tab(PrincipalKind::Users, "Users", Some(view.assigned.users)),
        tab(PrincipalKind::Groups, "Groups", Some(view.assigned.groups)),
        tab(PrincipalKind::Everyone, "Everyone", None),
    ]);
    let open = html! { <Link to={Route::Role { id: view.role.id.clone() }} class="button button--secondary">{ "What it grants" }</Link> };
    html! {
        <div class="page__content" key="role">
            <PageHead title={name.clone()} beside={html! { <span class="chips">{ badges(view) }</span> }}
                text={html! { { view.role.description.clone() } }} actions={open} />
            <Tabs {tabs} value={name_of(of)} label={format!("To whom {name} is assigned")} {onchange}>
                { match of {
                    PrincipalKind::Everyone => html! { <Everyone key="everyone" view={view.clone()} reload={role.reload.clone()} /> },
                    of => html! { <Holders key={name_of(of)} {of} view={view.clone()} reload={role.reload.clone()} /> },
                } }
            </Tabs>
        </div>
    }
}
