//! What the pages of a role begin with: what sets it apart, and the way from what it gives to its versions.

use rolewright_model::console;
use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::nav;
use crate::route::Route;
use crate::widgets::Chip;

/// What sets a role apart.
pub fn marks(role: &RoleDocument) -> Html {
    html! {
        <span class="chips">
            if role.is_built_in() { <Chip icon="lock">{ "Built in" }</Chip> }
            if role.base { <Chip icon="arrow-down" meaning="inherited">{ "Everybody" }</Chip> }
            if role.superuser { <Chip icon="infinity" meaning="everything">{ "Everything" }</Chip> }
        </span>
    }
}

/// The way from one page of a role to the other; nothing for who may not see the past.
pub fn tabs(access: Option<&AccessHandle>, id: &str, here: &Route) -> Html {
    if !access.is_some_and(|access| access.may(console::AUDIT_VIEW)) {
        return html! {};
    }
    let id = || id.to_owned();
    let pages = [(Route::Role { id: id() }, "Permissions"), (Route::RoleVersions { id: id() }, "Versions")];
    nav::tabs("Role", here, pages)
}
