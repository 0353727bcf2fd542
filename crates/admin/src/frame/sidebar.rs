//! The sections that the person may see. On a narrow window it is a sheet.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::sections::SECTIONS;
use crate::access::AccessHandle;
use crate::browser;
use crate::nav::Link;
use crate::route::Route;
use crate::session::use_session;
use crate::widgets::{Icon, IconButton};

/// The sections.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the person may do; nothing is shown before it is known.
    pub access: Option<AccessHandle>,
    /// The page that is open.
    pub route: Route,
    /// Whether the sheet is open.
    pub is_open: bool,
    /// Told when the sheet shall close.
    pub onclose: Callback<()>,
}

/// The sections.
#[component]
pub fn Sidebar(props: &Props) -> Html {
    let session = use_session();
    let tenant = session.current().map(|session| session.tenant_name.clone()).unwrap_or_default();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.is_open, move |is_open| {
            let before = is_open.then(browser::focused).flatten();
            let sheet = node.cast::<HtmlElement>().filter(|_| *is_open);
            if let Some(first) = sheet.and_then(|sheet| browser::find(&sheet, "a, button")) {
                browser::focus(&first);
            }
            move || {
                if let Some(before) = before.filter(|before| before.is_connected()) {
                    browser::focus(&before);
                }
            }
        });
    }
    let here = props.route.section();
    let onkeydown = {
        let (onclose, is_open) = (props.onclose.clone(), props.is_open);
        Callback::from(move |event: KeyboardEvent| {
            if is_open && event.key() == "Escape" {
                onclose.emit(());
            }
        })
    };
    let shown = SECTIONS.iter().filter(|section| section.is_for(props.access.as_deref()));
    html! {
        <>
            <div class={classes!("scrim", props.is_open.then_some("scrim--on"))} onclick={props.onclose.reform(|_| ())}></div>
            <aside class={classes!("sidebar", props.is_open.then_some("sidebar--open"))} ref={node} {onkeydown}>
                <div class="sidebar__head">
                    <Icon name="mark" class="mark" />
                    <span class="sidebar__tenant" title={tenant.clone()}>{ tenant.clone() }</span>
                    <div class="sidebar__close"><IconButton icon="x" label="Close menu" onclick={props.onclose.reform(|_| ())} /></div>
                </div>
                <nav class="sidebar__nav" aria-label="Sections" aria-busy={props.access.is_none().then_some("true")}>
                    { for shown.map(|section| {
                        let current = (section.route == here).then_some(AttrValue::Static("page"));
                        html! {
                            <Link key={section.name} to={section.route.clone()} class="sidebar__link" {current} onfollow={props.onclose.clone()}>
                                <Icon name={section.icon} />{ section.name }
                            </Link>
                        }
                    }) }
                </nav>
                <div class="sidebar__foot">{ "Rolewright" }</div>
            </aside>
        </>
    }
}
