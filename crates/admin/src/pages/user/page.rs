//! The page: who it is, what they hold, and what that comes to.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_wire::user::{UserGroup, UserStatus, UserView};
use yew::prelude::*;

use super::actions::Actions;
use super::permissions::Permissions;
use super::roles::HeldRoles;
use super::sessions::Sessions;
use crate::access::use_access;
use crate::api::{self, Answer, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::history::History;
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Banner, Empty, Skeleton, StatusBadge, Tab, Tabs, Tone, failed};

/// Whose page.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The user's id.
    pub id: AttrValue,
}

/// A person as the server answered, with the `ETag` for edits.
#[derive(Clone, Debug)]
pub struct Loaded(pub Rc<Answer<UserView>>);

impl PartialEq for Loaded {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Loaded {
    /// The person.
    pub fn view(&self) -> &UserView {
        &self.0.body
    }

    /// What an edit sends along.
    pub fn etag(&self) -> Option<&str> {
        self.0.etag.as_deref()
    }
}

/// The page.
#[component]
pub fn UserPage(props: &Props) -> Html {
    let access = use_access();
    let query = use_query();
    let user = use_resource(props.id.clone(), |id: AttrValue| async move {
        api::get::<UserView>(&format!("/users/{}", js_sys::encode_uri_component(&id))).await
    });
    let name = user.fresh().map(|user| user.body.user.display_name()).unwrap_or_default();
    let gone = user.error.as_ref().is_some_and(|error| error.status() == 404);
    use_title(if gone { "Not found".to_owned() } else { name.clone() });
    let onchange = {
        let route = Route::User { id: props.id.to_string() };
        Callback::from(move |tab: AttrValue| {
            let query = Query::default().with("tab", if tab == "roles" { "" } else { &tab });
            nav::set_query(&route, query.as_str());
        })
    };
    let Some(loaded) = user.fresh().filter(|_| !gone).map(|user| Loaded(user.clone())) else {
        return match &user.error {
            Some(error) if error.status() == 404 => html! {
                <Empty key="gone" icon="user-x" title="There is no such person" text="They may have been deleted, or they are not for you to see." page=true>
                    <Link to={Route::Users} class="button button--secondary">{ "Go to the users" }</Link>
                </Empty>
            },
            Some(error) if error.status() == 403 => html! {
                <Refused key="refused" permission={console::USERS_VIEW} what="people" />
            },
            Some(error) => html! {
                { failed(error, &user.reload) }
            },
            None => html! {
                <div class="page__content" key="loading" aria-busy="true">
                    <PageHead title="" mark={html! { <span class="avatar avatar--large"></span> }} text={html! { <Skeleton length="medium" /> }} />
                </div>
            },
        };
    };
    let view = loaded.view();
    let may = |permission: &str| access.as_ref().is_some_and(|access| access.may(permission));
    let mut tabs = vec![
        Tab { id: "roles".into(), label: "Roles".into(), count: Some(view.roles.len()) },
        Tab { id: "permissions".into(), label: "Permissions".into(), count: Some(view.permissions.len()) },
    ];
    if may(console::USERS_MANAGE) {
        tabs.push(Tab { id: "sessions".into(), label: "Sessions".into(), count: None });
    }
    if may(console::AUDIT_VIEW) {
        tabs.push(Tab { id: "history".into(), label: "History".into(), count: None });
    }
    let chosen = tabs.iter().find(|tab| tab.id == query.get("tab"));
    let tab: AttrValue = chosen.map_or_else(|| "roles".into(), |tab| tab.id.clone());
    let tabs: Rc<[Tab]> = tabs.into();
    let explains = may(console::ACCESS_EXPLAIN) && may(console::ROLES_VIEW);
    let package = view.user.package.as_ref().map(|link| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map_or_else(|| link.package.clone(), |policy| policy.package_name(&link.package).to_owned())
    });
    let note = match (view.status, view.invitation_expires) {
        (UserStatus::Invited, Some(until)) => Some(format!(
            "The invitation is open until {}. What they hold counts once they accept.",
            text::moment(until)
        )),
        (UserStatus::NoInvitation, _) => {
            Some("No invitation is open: the last has expired or was revoked, or none was made. Make a link and send it to them.".to_owned())
        }
        (UserStatus::Disabled, _) => {
            Some("This account is disabled: nothing that it holds counts.".to_owned())
        }
        _ => None,
    };
    html! {
        <div class="page__content" key="user">
            <PageHead title={name.clone()} beside={html! { <StatusBadge status={view.status} /> }}
                mark={html! { <span class="avatar avatar--large" aria-hidden="true" data-initials={text::initials(&name)}></span> }}
                text={html! {
                    <ul class="facts">
                        if view.user.email != name {
                            <li key="email">{ view.user.email.clone() }</li>
                        }
                        if let Some(package) = package {
                            <li key="package">{ format!("Package: {package}") }</li>
                        }
                        if !view.groups.is_empty() {
                            <li key="groups">
                                { for view.groups.iter().enumerate().map(|(n, group)| html! {
                                    <>
                                        { if n > 0 { ", " } else { "" } }
                                        { group_link(group, may(console::GROUPS_VIEW)) }
                                    </>
                                }) }
                            </li>
                        }
                        <li key="since">{ format!("Added {}", text::date(view.user.created)) }</li>
                        if explains {
                            <li key="why"><Link to={Route::Access} query={Query::default().with("subject", &view.user.id).as_str().to_owned()} class="text-link">{ "Explain access" }</Link></li>
                        }
                    </ul>
                }}
                actions={html! { <Actions user={loaded.clone()} reload={user.reload.clone()} /> }} />
            <div class="slot">
                if let Some(note) = note {
                    <Banner tone={Tone::Caution}>{ note }</Banner>
                }
            </div>
            <Tabs {tabs} value={tab.clone()} label={format!("About {name}")} {onchange}>
                { match tab.as_str() {
                    "permissions" => html! { <Permissions key="permissions" user={loaded.clone()} /> },
                    "sessions" => html! { <Sessions key="sessions" id={props.id.clone()} person={name.clone()} /> },
                    "history" => html! { <History key="history" about={props.id.clone()} /> },
                    _ => html! { <HeldRoles key="roles" user={loaded.clone()} reload={user.reload.clone()} /> },
                } }
            </Tabs>
        </div>
    }
}

/// A group, as a link for whoever may see groups.
fn group_link(group: &UserGroup, linked: bool) -> Html {
    match linked {
        true => {
            html! { <Link to={Route::Group { id: group.id.clone() }} class="text-link">{ group.name.clone() }</Link> }
        }
        false => html! { { group.name.clone() } },
    }
}
