//! Where one is, by the browser's address: kept for the pages, and changed by them.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::route::Route;
use crate::{browser, tenant};

thread_local! {
    static MOVED: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
}

/// An address of the app, which is the tenant's: see [`tenant`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// `/users/ana`, in every tenant's app.
    pub path: String,
    /// `?tab=permissions`, or nothing.
    pub query: String,
}

impl Location {
    /// Where the browser is.
    pub fn now() -> Self {
        let query = browser::window().and_then(|window| window.location().search().ok());
        Self { path: tenant::within(&browser::path()).to_owned(), query: query.unwrap_or_default() }
    }

    /// `/users/ana?tab=permissions`.
    pub fn address(&self) -> String {
        [&*self.path, &*self.query].concat()
    }
}

/// Goes to an address, so that Back leads back from there.
pub fn push(address: &str) {
    keep_scrolled();
    put(address);
    moved();
}

/// Keeps with this address how far its page is scrolled, for whoever comes back to it.
fn keep_scrolled() {
    let scrolled = browser::window().and_then(|window| window.scroll_y().ok());
    if let (Some(history), Some(scrolled)) = (history(), scrolled) {
        let _ = history.replace_state(&JsValue::from_f64(scrolled), "");
    }
}

/// How far the page of this address was scrolled when it was left for another one. It is told once: a reload is no way back.
pub fn take_scrolled() -> Option<f64> {
    let history = history()?;
    let scrolled = history.state().ok()?.as_f64()?;
    let _ = history.replace_state(&JsValue::NULL, "");
    Some(scrolled)
}

/// Puts an address over this one, from which Back leads back. The page stays.
pub fn put(address: &str) {
    if let Some(history) = history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&tenant::address(address)));
    }
}

/// Goes to an address in place of this one.
pub fn replace(address: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&tenant::address(address)));
    }
    moved();
}

fn history() -> Option<web_sys::History> {
    browser::window()?.history().ok()
}

fn moved() {
    let moved = MOVED.with(|moved| moved.borrow().clone());
    if let Some(moved) = moved {
        moved.emit(());
    }
}

/// Where one is.
#[hook]
pub fn use_location() -> Location {
    use_context::<Location>().unwrap_or_default()
}

/// The page that the address leads to.
#[hook]
pub fn use_route() -> Route {
    Route::of(&use_location().path)
}

/// What is below.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What may ask where one is.
    pub children: Html,
}

/// Tells what is below where one is.
#[component]
pub fn Router(props: &Props) -> Html {
    let here = use_state(Location::now);
    {
        let here = here.setter();
        use_effect_with((), move |()| {
            let moved = Callback::from(move |()| here.set(Location::now()));
            MOVED.with(|known| known.replace(Some(moved.clone())));
            let listener = browser::window()
                .map(|window| gloo::events::EventListener::new(&window, "popstate", move |_| moved.emit(())));
            move || drop(listener)
        });
    }
    let here = (*here).clone();
    html! { <ContextProvider<Location> context={here}>{ props.children.clone() }</ContextProvider<Location>> }
}
