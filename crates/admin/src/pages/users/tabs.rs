//! The two pages about people: everybody, and what they are assigned.

use rolewright_model::console;
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::nav;
use crate::route::Route;

/// The way from one to the other; nothing for who may see only one.
pub fn tabs(access: Option<&AccessHandle>, here: &Route) -> Html {
    if !access.is_some_and(|access| access.may(console::ROLES_VIEW)) {
        return html! {};
    }
    nav::tabs("Users", here, [(Route::Users, "All users"), (Route::Permissions, "Permissions")])
}
