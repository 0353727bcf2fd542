//! Nothing typed is lost by leaving a page: who leaves with unsaved changes is asked first.
//!
//! Every way out is watched: a link in the app, the browser's back and forward, and closing the tab.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use yew::prelude::*;
use yew_router::prelude::*;
use yew_router::query::Raw;

use crate::browser;
use crate::route::Route;
use crate::widgets::{Button, Dialog, Variant};

/// What would be lost: how many changes, to what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unsaved {
    what: String,
    address: String,
}

thread_local! {
    static UNSAVED: RefCell<Option<Unsaved>> = const { RefCell::new(None) };
    static ASK: RefCell<Option<Callback<Leave>>> = const { RefCell::new(None) };
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Where somebody wants to go.
#[derive(Clone, Debug, PartialEq)]
pub enum Leave {
    /// To a page of the app, with a query.
    To(Route, String),
    /// To where the browser's history led.
    Address(String),
}

fn unsaved() -> Option<Unsaved> {
    UNSAVED.with(|unsaved| unsaved.borrow().clone())
}

/// Watches the browser's history and the closing of the tab. Called once, before the router is made,
/// so that it hears of a step back first.
pub fn watch_history() {
    let Some(window) = browser::window() else { return };
    let popped = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let Some(unsaved) = unsaved().filter(|_| !LEAVING.with(Cell::get)) else { return };
        let Some(window) = browser::window() else { return };
        let location = window.location();
        let wanted =
            format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
        // A link within the page leaves nothing.
        if wanted == unsaved.address {
            return;
        }
        event.stop_immediate_propagation();
        if let Ok(history) = window.history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&unsaved.address));
        }
        ask(Leave::Address(wanted));
    });
    let _ =
        window.add_event_listener_with_callback_and_bool("popstate", popped.as_ref().unchecked_ref(), true);
    popped.forget();
    let closing = Closure::<dyn Fn(web_sys::BeforeUnloadEvent)>::new(|event: web_sys::BeforeUnloadEvent| {
        if unsaved().is_some() {
            event.prevent_default();
            event.set_return_value("unsaved");
        }
    });
    let _ = window.add_event_listener_with_callback("beforeunload", closing.as_ref().unchecked_ref());
    closing.forget();
}

fn ask(leave: Leave) {
    let callback = ASK.with(|ask| ask.borrow().clone());
    if let Some(callback) = callback {
        callback.emit(leave);
    }
}

/// Says that leaving this page would lose something, for as long as `what` says so.
#[hook]
pub fn use_unsaved(what: Option<String>) {
    use_effect_with(what, |what| {
        let address = browser::window()
            .map(|window| {
                let location = window.location();
                format!(
                    "{}{}",
                    location.pathname().unwrap_or_default(),
                    location.search().unwrap_or_default()
                )
            })
            .unwrap_or_default();
        let unsaved = what.clone().map(|what| Unsaved { what, address });
        UNSAVED.with(|cell| cell.replace(unsaved));
        || {
            UNSAVED.with(|cell| cell.replace(None));
        }
    });
}

/// Forgets what is unsaved, because it was just saved or given up.
pub fn forget_unsaved() {
    UNSAVED.with(|cell| cell.replace(None));
}

/// Leads to pages, past the guard.
#[derive(Clone, PartialEq)]
pub struct Nav(Navigator);

impl Nav {
    /// Goes to a page.
    pub fn go(&self, route: &Route) {
        self.go_with(route, String::new());
    }

    /// Goes to a page with a query, `?tab=permissions`.
    pub fn go_with(&self, route: &Route, query: String) {
        match unsaved() {
            Some(_) => ask(Leave::To(route.clone(), query)),
            None => self.open(route, &query),
        }
    }

    /// Changes the query of the page that is open. Nothing is left, so nobody is asked.
    pub fn set_query(&self, route: &Route, query: &str) {
        let path = route.to_path();
        self.replace(&format!("{path}{query}"));
    }

    /// Goes on to another query of the page that is open, which Back leads back from.
    pub fn turn_to(&self, route: &Route, query: &str) {
        let path = route.to_path();
        self.push(&format!("{path}{query}"));
    }

    /// Goes to another page in place of this one.
    pub fn replace_with(&self, route: &Route) {
        self.0.replace(route);
    }

    fn open(&self, route: &Route, query: &str) {
        if query.is_empty() {
            self.0.push(route);
        } else {
            let path = route.to_path();
            self.push(&format!("{path}{query}"));
        }
        if let Some(window) = browser::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    fn push(&self, address: &str) {
        self.to(address, false);
    }

    fn replace(&self, address: &str) {
        self.to(address, true);
    }

    /// The router hears of addresses through its own history; a query goes along as raw text.
    fn to(&self, address: &str, replace: bool) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let Some(route) = Route::recognize(path) else { return };
        let query = Raw(query.to_owned());
        let _ = match replace {
            true => self.0.replace_with_query(&route, query),
            false => self.0.push_with_query(&route, query),
        };
    }
}

/// The way to other pages.
#[hook]
pub fn use_nav() -> Option<Nav> {
    use_navigator().map(Nav)
}

/// The query of the address, `?search=ana`, by name.
#[hook]
pub fn use_query() -> Rc<QueryMap> {
    let location = use_location();
    let text = location.map(|location| location.query_str().to_owned()).unwrap_or_default();
    use_memo(text, |text| QueryMap::parse(text))
}

/// The parameters of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryMap(Vec<(String, String)>);

impl QueryMap {
    fn parse(text: &str) -> Self {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            js_sys::decode_uri_component(&text).map(String::from).unwrap_or(text)
        };
        let pairs = text.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The parameter of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A link to a page of the app. Opens in a new tab as any link does.
#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// Where it leads.
    pub to: Route,
    /// With which query.
    #[prop_or_default]
    pub query: AttrValue,
    /// Its classes.
    #[prop_or_default]
    pub class: Classes,
    /// What to say of it, `page`, where it leads to the page that is open.
    #[prop_or_default]
    pub current: Option<AttrValue>,
    /// A name, where the content does not say it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Told after it was followed.
    #[prop_or_default]
    pub onfollow: Callback<()>,
    /// What it shows.
    pub children: Html,
}

/// A link to a page of the app.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let nav = use_nav();
    let onclick = {
        let (to, query, onfollow) = (props.to.clone(), props.query.clone(), props.onfollow.clone());
        Callback::from(move |event: MouseEvent| {
            if event.button() != 0
                || event.ctrl_key()
                || event.meta_key()
                || event.shift_key()
                || event.alt_key()
            {
                return;
            }
            event.prevent_default();
            onfollow.emit(());
            if let Some(nav) = &nav {
                nav.go_with(&to, query.to_string());
            }
        })
    };
    let href = format!("{}{}", props.to.to_path(), props.query);
    html! {
        <a {href} {onclick} class={props.class.clone()} aria-current={props.current.clone()} aria-label={props.label.clone()}>
            { props.children.clone() }
        </a>
    }
}

/// What is below.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pages.
    pub children: Html,
}

/// Asks before something unsaved is lost.
#[component]
pub fn GuardProvider(props: &Props) -> Html {
    let nav = use_nav();
    let pending = use_state(|| None::<Leave>);
    {
        let pending = pending.setter();
        use_effect_with((), move |()| {
            ASK.with(|ask| ask.replace(Some(Callback::from(move |leave| pending.set(Some(leave))))));
        });
    }
    let stay = use_callback(pending.setter(), |(), pending| pending.set(None));
    let leave = {
        let (pending, nav) = (pending.clone(), nav.clone());
        Callback::from(move |()| {
            forget_unsaved();
            match (&*pending, &nav) {
                (Some(Leave::To(route, query)), Some(nav)) => nav.open(route, query),
                (Some(Leave::Address(address)), Some(nav)) => nav.push(address),
                _ => {}
            }
            pending.set(None);
        })
    };
    let what = unsaved().map(|unsaved| unsaved.what).unwrap_or_default();
    html! {
        <>
            { props.children.clone() }
            <div class="slot">
                if pending.is_some() {
                    <Dialog title="Leave without saving?" onclose={stay.clone()} alert=true
                        footer={html! {
                            <>
                                <Button onclick={stay.reform(|_| ())} autofocus=true>{ "Stay on page" }</Button>
                                <Button variant={Variant::Danger} onclick={leave.reform(|_| ())}>{ "Leave page" }</Button>
                            </>
                        }}>
                        <p>{ what }</p>
                    </Dialog>
                }
            </div>
        </>
    }
}
