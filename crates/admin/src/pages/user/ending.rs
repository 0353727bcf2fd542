//! The dialogs that end what a person holds: for now, or for good.

use rolewright_model::directory::Status;
use rolewright_model::explain::HeldRole;
use rolewright_model::subject::Via;
use rolewright_wire::user::{StatusChange, UserStatus};
use yew::prelude::*;

use super::page::Loaded;
use crate::access::{role_name, use_access};
use crate::api::Request;
use crate::nav;
use crate::pages::confirm::{ConfirmDialog, this_is_you};
use crate::route::Route;
use crate::session::use_session;
use crate::text;

/// How many roles and groups are named.
const NAMED: usize = 5;

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whom it is about.
    pub user: Loaded,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Shows the person anew, where they are there still.
    pub reload: Callback<()>,
}

/// Where the server has a person.
pub fn address(id: &str) -> String {
    format!("/users/{}", js_sys::encode_uri_component(id))
}

/// What sets somebody's status.
pub fn put_status(user: &Loaded, status: Status) -> Request {
    Request::put(address(&user.view().user.id) + "/status", &StatusChange { status }, user.etag())
}

/// What deletes somebody.
pub fn delete(user: &Loaded) -> Request {
    Request::delete(address(&user.view().user.id), user.etag())
}

#[hook]
fn use_warning(user: &Loaded) -> Html {
    match use_session().current().is_some_and(|person| person.user == user.view().user.id) {
        true => this_is_you(
            "You are signed out at once and cannot come back: another administrator would have to let you.",
        ),
        false => html! {},
    }
}

/// Disables a person.
#[component]
pub fn DisableDialog(props: &Props) -> Html {
    let warning = use_warning(&props.user);
    let name = props.user.view().user.display_name();
    html! {
        <ConfirmDialog title={format!("Disable {name}?")} change={put_status(&props.user, Status::Disabled)} verb="Disable"
            done={format!("Disabled {name}. Nothing that they hold counts from now on.")} onclose={props.onclose.clone()} ondone={props.reload.clone()}>
            { warning }
            <p>{ "They are signed out, and nothing that they hold counts until they are activated again. Their roles stay as they are." }</p>
        </ConfirmDialog>
    }
}

/// Deletes a person.
#[component]
pub fn DeleteDialog(props: &Props) -> Html {
    let access = use_access();
    let warning = use_warning(&props.user);
    let view = props.user.view();
    let name = view.user.display_name();
    let mut roles: Vec<&str> =
        view.roles.iter().filter(|held| is_own(held)).map(|held| &*held.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let policy = access.as_ref().and_then(|access| access.policy());
    let roles: Vec<String> = roles.into_iter().map(|id| role_name(access.as_ref(), id)).collect();
    let groups: Vec<String> = view.groups.iter().map(|group| group.name.clone()).collect();
    let package =
        view.user.package.iter().map(|link| {
            policy.map_or(&*link.package, |policy| policy.package_name(&link.package)).to_owned()
        });
    let package: Vec<String> = package.collect();
    let goes = [("Roles of their own", roles), ("Groups they are in", groups), ("Package", package)];
    let back = match view.status {
        UserStatus::Invited | UserStatus::NoInvitation => "the account with all this, without an invitation",
        _ => "the account with all this, without a password and a second factor",
    };
    html! {
        <ConfirmDialog title={format!("Delete {name}?")} change={delete(&props.user)} verb="Delete" done={format!("Deleted {name}.")} {back}
            onclose={props.onclose.clone()} ondone={Callback::from(|()| { nav::replace_with(&Route::Users); })}>
            { warning }
            <p>{ "Their account goes, with what is theirs alone." }</p>
            <ul class="reach__people">
                { for goes.iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| html! {
                    <li key={*what}>{ format!("{what}: {}", text::listed(names, NAMED, names.len() as u64)) }</li>
                }) }
            </ul>
        </ConfirmDialog>
    }
}

/// Whether a role comes by an assignment to the person.
fn is_own(held: &HeldRole) -> bool {
    matches!(held.via, Via::Direct { .. } | Via::Entitlement { .. })
}
