//! What is around every page for those who are signed in.

mod needs;
mod page_head;
mod person_menu;
mod sections;
mod session_ended;
mod sidebar;
mod sync_state;
mod top_bar;
mod view_banner;

use rolewright_wire::session::View;
use yew::prelude::*;

use crate::access::{AccessHandle, AccessState, use_load_access};
use crate::browser;
use crate::focus::use_kept_focus;
use crate::palette::{Palette, ShortcutSheet};
use crate::route::Route;
use crate::shortcuts::{Sheet, use_shortcuts};
use crate::states::use_flag;
use crate::widgets::{Button, Empty};

pub use needs::{Needs, Refused};
pub use page_head::PageHead;
pub use sections::{SECTIONS, name_of};
pub use view_banner::ViewBanner;

use session_ended::SessionEnded;
use sidebar::Sidebar;
use top_bar::TopBar;

/// The title of the page that is open.
type Title = UseStateHandle<AttrValue>;

/// Says what the open page is called: in the breadcrumb and in the browser's tab.
#[hook]
pub fn use_title(title: impl Into<AttrValue>) {
    let title: AttrValue = title.into();
    let shown = use_context::<Title>();
    use_effect_with(title, move |title| {
        browser::set_title(&if title.is_empty() {
            "Rolewright".to_owned()
        } else {
            format!("{title} · Rolewright")
        });
        if let Some(shown) = shown {
            shown.set(title.clone());
        }
    });
}

/// The page that is open.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which page.
    pub route: Route,
    /// As whom it is seen, where not as who is signed in.
    pub view: Option<View>,
    /// The page.
    pub children: Html,
}

/// Sidebar, top bar and page.
#[component]
pub fn Frame(props: &Props) -> Html {
    let (access, retry) = use_load_access(props.view.as_ref());
    let title = use_state(|| AttrValue::Static(""));
    let sheet = use_flag();
    let over = use_state(|| None::<Sheet>);
    let main = use_node_ref();
    use_kept_focus();
    let close = use_callback(sheet.setter(), |(), sheet| sheet.set(false));
    let open = use_callback(sheet.setter(), |(), sheet| sheet.set(true));
    let onopen = use_callback(over.setter(), |which: Sheet, over| over.set(Some(which)));
    let onclose = use_callback(over.setter(), |(), over| over.set(None));
    let known = match &access {
        AccessState::Known(access) => Some(AccessHandle(access.clone())),
        _ => None,
    };
    use_shortcuts(known.clone(), onopen.clone());
    {
        // After going somewhere a screen reader goes on at the new page, not in the sidebar.
        let (main, first) = (main.clone(), use_mut_ref(|| true));
        use_effect_with(props.route.clone(), move |_| {
            if first.replace(false) {
                return;
            }
            if let Some(main) = main.cast::<web_sys::HtmlElement>() {
                browser::focus(&main);
            }
        });
    }
    let body = match &access {
        AccessState::Loading => html! { <div class="opening" key="opening" aria-busy="true"></div> },
        AccessState::Failed(error) => html! {
            <Empty key="failed" icon="cloud-off" title="This page cannot be shown" text={error.to_string()}>
                <Button onclick={retry.reform(|_| ())}>{ "Try again" }</Button>
            </Empty>
        },
        AccessState::Known(access) => html! {
            <ContextProvider<AccessHandle> key="known" context={AccessHandle(access.clone())}>
                { props.children.clone() }
            </ContextProvider<AccessHandle>>
        },
    };
    let floating = match (&known, *over) {
        (Some(known), Some(over)) => html! {
            <ContextProvider<AccessHandle> key="over" context={known.clone()}>
                { match over {
                    Sheet::Search => html! { <Palette key="search" {onclose} onopen={onopen.clone()} /> },
                    Sheet::Keys => html! { <ShortcutSheet key="keys" {onclose} /> },
                } }
            </ContextProvider<AccessHandle>>
        },
        _ => html! {},
    };
    html! {
        <ContextProvider<Title> context={title.clone()}>
            <a class="skip" href="#main">{ "Skip to the page" }</a>
            <div class="frame">
                <Sidebar access={known} route={props.route.clone()} is_open={*sheet} onclose={close} />
                <div class="frame__page">
                    <TopBar route={props.route.clone()} title={(*title).clone()} onmenu={open} onsearch={onopen.reform(|()| Sheet::Search)} />
                    <main class="page" id="main" tabindex="-1" ref={main}>{ body }</main>
                </div>
            </div>
            <div class="slot">{ floating }</div>
            <SessionEnded />
        </ContextProvider<Title>>
    }
}
