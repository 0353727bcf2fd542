//! Nothing typed is lost by leaving a page: who leaves with unsaved changes is asked first.
//!
//! Every way out is watched: a link in the app, the browser's back and forward, and closing the tab.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::route::Route;
use crate::router::{self, Location};
use crate::widgets::{Button, Dialog, Variant, use_id};
use crate::{browser, nav};

/// Closes what is left, where it is not the page itself.
type Close = Rc<RefCell<Option<Callback<()>>>>;

/// What would be lost: how many changes, to what. A page may have something, and a dialog on it too.
struct Unsaved {
    /// Where it was said.
    id: AttrValue,
    what: AttrValue,
    close: Close,
}

thread_local! {
    static UNSAVED: RefCell<Vec<Unsaved>> = const { RefCell::new(Vec::new()) };
    /// Where it is unsaved.
    static ADDRESS: RefCell<String> = const { RefCell::new(String::new()) };
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

/// Whether leaving the page would lose something.
pub fn is_unsaved() -> bool {
    UNSAVED.with(|unsaved| !unsaved.borrow().is_empty())
}

/// Watches the browser's history and the closing of the tab. Called once, before the router is made,
/// so that it hears of a step back first.
pub fn watch_history() {
    let Some(window) = browser::window() else { return };
    let popped = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if !is_unsaved() {
            return;
        }
        let (wanted, address) = (Location::now().address(), ADDRESS.with(|address| address.borrow().clone()));
        // A link within the page leaves nothing.
        if wanted == address {
            return;
        }
        event.stop_immediate_propagation();
        router::put(&address);
        ask(Leave::Address(wanted));
    });
    let _ =
        window.add_event_listener_with_callback_and_bool("popstate", popped.as_ref().unchecked_ref(), true);
    popped.forget();
    let closing = Closure::<dyn Fn(web_sys::BeforeUnloadEvent)>::new(|event: web_sys::BeforeUnloadEvent| {
        if is_unsaved() {
            event.prevent_default();
            event.set_return_value("unsaved");
        }
    });
    let _ = window.add_event_listener_with_callback("beforeunload", closing.as_ref().unchecked_ref());
    closing.forget();
}

/// Asks where leaving would lose something; answers where to go where nothing would.
pub fn stop(leave: Leave) -> Option<Leave> {
    if !is_unsaved() {
        return Some(leave);
    }
    ask(leave);
    None
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
    use_unsaved_of(what.map(AttrValue::from), None);
}

/// The same of what is open over the page: who leaves closes it, for the page may stay, at another of its addresses.
#[hook]
pub fn use_unsaved_over(what: Option<AttrValue>, close: Callback<()>) {
    use_unsaved_of(what, Some(close));
}

#[hook]
fn use_unsaved_of(what: Option<AttrValue>, close: Option<Callback<()>>) {
    let id = use_id();
    let newest: Close = use_mut_ref(|| None);
    newest.replace(close);
    use_effect_with(what, move |what| {
        if let Some(what) = what.clone() {
            moved_to(Location::now().address());
            let unsaved = Unsaved { id: id.clone(), what, close: newest };
            UNSAVED.with(|all| all.borrow_mut().push(unsaved));
        }
        move || UNSAVED.with(|all| all.borrow_mut().retain(|unsaved| unsaved.id != id))
    });
}

/// Says that the page is at another address, as its query changed: what is unsaved there is unsaved here.
pub fn moved_to(address: String) {
    ADDRESS.with(|known| known.replace(address));
}

/// Forgets what is unsaved, because it was just saved or given up.
pub fn forget_unsaved() {
    take_unsaved();
}

fn take_unsaved() -> Vec<Unsaved> {
    UNSAVED.with(RefCell::take)
}

/// Everything that would be lost, in words.
fn words() -> String {
    UNSAVED.with(|all| all.borrow().iter().map(|unsaved| &*unsaved.what).collect::<Vec<_>>().join(" "))
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
            let left: Vec<Close> = take_unsaved().into_iter().map(|unsaved| unsaved.close).collect();
            for close in left.iter().filter_map(|close| close.borrow().clone()) {
                close.emit(());
            }
            if let Some(leave) = &*pending {
                nav::open(leave);
            }
            pending.set(None);
        })
    };
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
                        <p>{ words() }</p>
                    </Dialog>
                }
            </div>
        </>
    }
}
