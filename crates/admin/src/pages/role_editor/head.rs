//! What the pages of a role begin with: what sets it apart, and the way from what it gives to its versions.

use rolewright_model::console;
use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::api::Query;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::text;
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

/// How many people hold a role now, which leads to them where they may be seen.
pub fn held_by_now(access: Option<&AccessHandle>, role: &RoleDocument, holders: u64) -> Html {
    if holders == 0 {
        return html! { { "Nobody holds this role now." } };
    }
    let words = text::count(holders, "person holds this role now.", "people hold this role now.");
    if !access.is_some_and(|access| access.may(console::USERS_VIEW)) {
        return html! { { words } };
    }
    // Everybody who is active holds the base role.
    let of = if role.base { "" } else { &*role.id };
    let query = Query::default().with("status", "active").with("role", of);
    html! { <Link to={Route::Users} query={query.as_str().to_owned()} class="text-link">{ words }</Link> }
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
