//! Where one is, how current the page is, and who one is.

use yew::prelude::*;

use super::person_menu::PersonMenu;
use super::sections::name_of;
use super::sync_state::SyncState;
use crate::nav::Link;
use crate::route::Route;
use crate::session::use_session;
use crate::shortcuts;
use crate::widgets::{Icon, IconButton, keys};

/// The bar over the page.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The page that is open.
    pub route: Route,
    /// What it is called.
    pub title: AttrValue,
    /// Opens the sidebar's sheet.
    pub onmenu: Callback<()>,
    /// Opens the search over everything.
    pub onsearch: Callback<()>,
}

/// The bar over the page.
#[component]
pub fn TopBar(props: &Props) -> Html {
    let session = use_session();
    let help = session.current().map(|session| session.help_url.clone()).unwrap_or_default();
    let section = props.route.section();
    let name = name_of(&section);
    let deeper = section != props.route;
    html! {
        <div class="top-bar" role="banner">
            <div class="top-bar__menu"><IconButton icon="menu" label="Open menu" onclick={props.onmenu.reform(|_| ())} /></div>
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    if deeper {
                        <li key="section"><Link to={section}>{ name }</Link></li>
                    }
                    if let Some((above, name)) = props.route.above() {
                        <li key="above"><Link to={above}>{ name }</Link></li>
                    }
                    <li key="page" aria-current="page">{ props.title.clone() }</li>
                </ol>
            </nav>
            <div class="top-bar__end">
                <button type="button" class="top-bar__search" onclick={props.onsearch.reform(|_: MouseEvent| ())} aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K">
                    <Icon name="search" /><span class="top-bar__search-word">{ "Search" }</span><span class="top-bar__search-keys" aria-hidden="true">{ keys(shortcuts::SEARCH) }</span>
                </button>
                <SyncState />
                if !help.is_empty() {
                    <a class="top-bar__help" href={help} target="_blank" rel="noopener noreferrer">
                        <Icon name="circle-help" /><span class="top-bar__help-word">{ "Help" }</span><span class="visually-hidden">{ ", opens in a new tab" }</span>
                    </a>
                }
                <PersonMenu />
            </div>
        </div>
    }
}
