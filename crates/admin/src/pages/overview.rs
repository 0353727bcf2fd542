//! Where one begins: how much there is, and what to do next.

use rolewright_model::console;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use crate::access::use_access;
use crate::api;
use crate::frame::{PageHead, use_title};
use crate::guard::Link;
use crate::resource::use_resource;
use crate::route::Route;
use crate::session::use_session;
use crate::text;
use crate::widgets::{Icon, Skeleton};

/// The page.
#[component]
pub fn OverviewPage() -> Html {
    use_title("Overview");
    let session = use_session();
    let access = use_access();
    let may = |permission: &str| access.as_ref().is_some_and(|access| access.may(permission));
    let sees_users = may(console::USERS_VIEW);
    let count = |status: &'static str| {
        move |sees: bool| async move {
            let path = format!("/users?limit=1{status}");
            match sees {
                true => api::get::<Page<UserRow>>(&path).await.map(|answer| Some(answer.body.total)),
                false => Ok(None),
            }
        }
    };
    let users = use_resource(sees_users, count(""));
    let invited = use_resource(sees_users, count("&status=invited"));
    let tenant = session.current().map(|session| session.tenant_name.clone()).unwrap_or_default();
    let policy = access.as_ref().and_then(|access| access.policy());
    let figure = |route: Route,
                  query: &'static str,
                  icon: &'static str,
                  label: &'static str,
                  value: Option<u64>| {
        html! {
            <Link to={route} {query} class="figure">
                <span class="figure__label"><Icon name={icon} />{ label }</span>
                <span class="figure__value">
                    if let Some(value) = value { { text::number(value) } } else { <Skeleton length="short" /> }
                </span>
            </Link>
        }
    };
    let next =
        |route: Route, query: &'static str, icon: &'static str, title: &'static str, words: &'static str| {
            html! {
                <li>
                    <Link to={route} {query} class="step">
                        <Icon name={icon} class="step__icon" />
                        <span class="step__words"><strong>{ title }</strong><span>{ words }</span></span>
                        <Icon name="chevron-right" />
                    </Link>
                </li>
            }
        };
    let makes_roles = policy.is_some() && may(console::ROLES_MANAGE);
    let any = policy.is_some() || sees_users && may(console::USERS_MANAGE);
    let nothing = policy.is_none() && !sees_users;
    html! {
        <div class="page__content">
            <PageHead title={tenant} text={html! { "Who may do what here, at a glance." }} />
            <div class="figures">
                if sees_users {
                    { figure(Route::Users, "", "users", "Users", users.data.as_deref().copied().flatten()) }
                    { figure(Route::Users, "?status=invited", "mail", "Open invitations", invited.data.as_deref().copied().flatten()) }
                }
                if let Some(policy) = policy {
                    { figure(Route::Roles, "", "shield", "Roles", u64::try_from(policy.roles().count()).ok()) }
                    { figure(Route::Roles, "", "key-round", "Permissions", u64::try_from(policy.catalogue().permissions().len()).ok()) }
                }
            </div>
            if nothing {
                <p class="muted">{ "You may use the product, and see nothing of its administration. An administrator can give you more." }</p>
            } else if any {
                <h2 class="section-title">{ "What to do next" }</h2>
                <ul class="steps">
                    if makes_roles {
                        { next(Route::NewRole, "", "shield-plus", "Create a narrow role", "Give only what a task needs, rather than an administrator's role for a part of it.") }
                    }
                    if sees_users && may(console::USERS_MANAGE) {
                        { next(Route::Users, "?invite=1", "user-plus", "Invite a person", "They set their own password; their roles are there when they arrive.") }
                    }
                    if sees_users && may(console::USERS_MANAGE) {
                        { next(Route::Users, "?status=invited", "mail", "See who has not arrived yet", "Send a new link where the first one has expired.") }
                    }
                    if policy.is_some() {
                        { next(Route::Roles, "?view=table", "table-2", "Compare roles", "See who holds which role, and what each one gives.") }
                    }
                </ul>
            }
        </div>
    }
}
