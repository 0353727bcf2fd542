//! The two pages about people: everybody, and what they are assigned.

use rolewright_model::console;
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::nav::Link;
use crate::route::Route;

/// The way from one to the other; nothing for who may see only one.
pub fn tabs(access: Option<&AccessHandle>, here: &Route) -> Html {
    if !access.is_some_and(|access| access.may(console::ROLES_VIEW)) {
        return html! {};
    }
    let tab = |to: Route, label: &'static str| {
        let current = (to == *here).then_some(AttrValue::Static("page"));
        html! { <Link key={label} {to} class="tabs__tab" {current}>{ label }</Link> }
    };
    html! {
        <nav class="tabs" aria-label="Users">
            { tab(Route::Users, "All users") }
            { tab(Route::Permissions, "Permissions") }
        </nav>
    }
}
