//! Nothing typed is lost by leaving a page: who leaves with unsaved changes is asked first.
//!
//! Every way out is watched: a link in the app, the browser's back and forward, and closing the tab.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::route::Route;
use crate::router::{self, Location};
use crate::widgets::{Button, Dialog, Variant};
use crate::{browser, nav};

/// What would be lost: how many changes, to what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unsaved {
    what: String,
    address: String,
}

thread_local! {
    static UNSAVED: RefCell<Option<Unsaved>> = const { RefCell::new(None) };
    static ASK: RefCell<Option<Callback<Leave>>> = const { RefCell::new(None) };
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

/// Whether leaving the page would lose something.
pub fn is_unsaved() -> bool {
    unsaved().is_some()
}

/// Watches the browser's history and the closing of the tab. Called once, before the router is made,
/// so that it hears of a step back first.
pub fn watch_history() {
    let Some(window) = browser::window() else { return };
    let popped = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let Some(unsaved) = unsaved() else { return };
        let wanted = Location::now().address();
        // A link within the page leaves nothing.
        if wanted == unsaved.address {
            return;
        }
        event.stop_immediate_propagation();
        router::put(&unsaved.address);
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

/// Asks where leaving would lose something; answers where to go where nothing would.
pub fn stop(leave: Leave) -> Option<Leave> {
    match unsaved() {
        Some(_) => {
            ask(leave);
            None
        }
        None => Some(leave),
    }
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
        let unsaved = what.clone().map(|what| Unsaved { what, address: Location::now().address() });
        UNSAVED.with(|cell| cell.replace(unsaved));
        || {
            UNSAVED.with(|cell| cell.replace(None));
        }
    });
}

/// Says that the page is at another address, as its query changed: what is unsaved there is unsaved here.
pub fn moved_to(address: String) {
    UNSAVED
        .with(|cell| cell.borrow_mut().iter_mut().for_each(|unsaved| unsaved.address.clone_from(&address)));
}

/// Forgets what is unsaved, because it was just saved or given up.
pub fn forget_unsaved() {
    UNSAVED.with(|cell| cell.replace(None));
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
    let pending = use_state(|| None::<Leave>);
    {
        let pending = pending.setter();
        use_effect_with((), move |()| {
            ASK.with(|ask| ask.replace(Some(Callback::from(move |leave| pending.set(Some(leave))))));
        });
    }
    let stay = use_callback(pending.setter(), |(), pending| pending.set(None));
    let leave = {
        let pending = pending.clone();
        Callback::from(move |()| {
            forget_unsaved();
            if let Some(leave) = &*pending {
                nav::open(leave);
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
                    <Dialog title="Leave without saving?" close="Stay on page" onclose={stay.clone()} alert=true
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
