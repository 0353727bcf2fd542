//! The page: its tabs, each for who may see what is in it.

use std::rc::Rc;

use rolewright_model::console;
use yew::prelude::*;

use super::checkers::Checkers;
use super::entitlements::Entitlements;
use super::general::General;
use super::keys::Keys;
use super::policy::PolicyTab;
use crate::access::{AccessHandle, use_access};
use crate::api::Query;
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, use_query};
use crate::route::Route;
use crate::widgets::{Tab, Tabs};

/// The tabs: what the address calls each, its name, and the permission that it needs.
const TABS: [(&str, &str, &str); 5] = [
    ("general", "General", console::SETTINGS_VIEW),
    ("entitlements", "Entitlements", console::SETTINGS_VIEW),
    ("keys", "API keys", console::API_KEYS_VIEW),
    ("checkers", "Checkers", console::API_KEYS_VIEW),
    ("policy", "Policy", console::ROLES_VIEW),
];

/// The tabs that somebody may see: what the address calls each, and its name. To see the policy alone opens no settings.
pub fn tabs(access: &AccessHandle) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_open = access.may(console::SETTINGS_VIEW) || access.may(console::API_KEYS_VIEW);
    let seen = TABS.into_iter().filter(move |(.., permission)| is_open && access.may(permission));
    seen.map(|(id, name, _)| (id, name))
}

/// The page.
#[component]
pub fn SettingsPage() -> Html {
    let access = use_access();
    let query = use_query();
    let seen = access.iter().flat_map(tabs);
    let tabs: Rc<[Tab]> =
        seen.map(|(id, label)| Tab { id: id.into(), label: label.into(), count: None }).collect();
    use_title(if tabs.is_empty() { "Not for you" } else { "Settings" });
    if tabs.is_empty() {
        return html! { <Refused permission={console::SETTINGS_VIEW} what="the settings" /> };
    }
    let asked = tabs.iter().find(|tab| tab.id == query.get("tab")).or(tabs.first());
    let value = asked.map(|tab| tab.id.clone()).unwrap_or_default();
    // Another tab is another page: what is not saved is asked about.
    let onchange = Callback::from(|tab: AttrValue| {
        nav::go_with(&Route::Settings, Query::default().with("tab", &tab).as_str().to_owned());
    });
    html! {
        <div class="page__content">
            <PageHead title="Settings" text={html! { "How the tenant behaves, what machines ask with, and its policy as a whole." }} />
            <Tabs {tabs} value={value.clone()} label="Settings" {onchange}>
                { match value.as_str() {
                    "entitlements" => html! { <Entitlements key="entitlements" /> },
                    "keys" => html! { <Keys key="keys" /> },
                    "checkers" => html! { <Checkers key="checkers" /> },
                    "policy" => html! { <PolicyTab key="policy" /> },
                    _ => html! { <General key="general" /> },
                } }
            </Tabs>
        </div>
    }
}
