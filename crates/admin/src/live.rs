//! The tenant's revision, as the server tells it the moment it changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use rolewright_model::Stamp;
use rolewright_wire::check::Changed;
use wasm_bindgen::JsCast;
use web_sys::{EventSource, MessageEvent};
use yew::prelude::*;

use crate::api;
use crate::session::{self, use_session};
use crate::tenant;

/// How long after a refused stream it is tried again, in milliseconds.
const RETRY: u32 = 3_000;

/// Where the tenant is, and whether we would hear of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// The newest revision heard of.
    pub at: Stamp,
    /// Whether the stream is open.
    pub link: Connection,
    /// How often it was opened again: what failed meanwhile is asked for again.
    pub again: u32,
}

/// Whether the stream of changes is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not yet.
    Opening,
    /// It is.
    Open,
    /// It was lost; the browser tries again by itself.
    Lost,
}

thread_local! {
    static HOLDING: RefCell<Holding> = const { RefCell::new(Holding { holds: 0, heard: None, tell: None }) };
}

/// What is heard while something is sent.
struct Holding {
    holds: u32,
    heard: Option<Stamp>,
    tell: Option<Callback<Stamp>>,
}

/// Holds back what is heard for as long as it is there.
pub struct Hold;

/// What is heard while something is sent waits until whoever sent it has said and shown what came of it: a page whose subject was just
/// deleted would else ask for it once more.
pub fn hold() -> Hold {
    HOLDING.with_borrow_mut(|holding| holding.holds += 1);
    Hold
}

impl Drop for Hold {
    fn drop(&mut self) {
        HOLDING.with_borrow_mut(|holding| holding.holds = holding.holds.saturating_sub(1));
        // What was said is shown by then.
        Timeout::new(0, tell).forget();
    }
}

fn hear(at: Stamp) {
    HOLDING.with_borrow_mut(|holding| holding.heard = holding.heard.max(Some(at)));
    tell();
}

/// Tells what was heard, unless it waits.
fn tell() {
    let told = HOLDING.with_borrow_mut(|holding| match holding.holds {
        0 => holding.tell.clone().zip(holding.heard.take()),
        _ => None,
    });
    if let Some((tell, at)) = told {
        tell.emit(at);
    }
}

/// The tenant's revision.
#[hook]
pub fn use_live() -> Live {
    use_context::<Live>().unwrap_or(Live { at: Stamp::default(), link: Connection::Opening, again: 0 })
}

/// What is below.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What hears of changes.
    pub children: Html,
}

enum Heard {
    Opened,
    Lost,
    At(Stamp),
}

#[derive(Clone, Copy, PartialEq)]
struct State(Live);

impl Reducible for State {
    type Action = Heard;

    fn reduce(self: std::rc::Rc<Self>, heard: Heard) -> std::rc::Rc<Self> {
        let mut live = self.0;
        match heard {
            Heard::Opened => {
                live.again += u32::from(live.link == Connection::Lost);
                live.link = Connection::Open;
            }
            Heard::Lost => live.link = Connection::Lost,
            Heard::At(at) => live.at = live.at.max(at),
        }
        if live == self.0 { self } else { State(live).into() }
    }
}

/// Listens while somebody is signed in.
#[component]
pub fn LiveProvider(props: &Props) -> Html {
    let session = use_session();
    let retry = use_state(|| 0_u32);
    let tries = *retry;
    let began = session.current().map(|session| session.at).unwrap_or_default();
    let state = use_reducer(|| State(Live { at: Stamp::default(), link: Connection::Opening, again: 0 }));
    // The session's own revision counts from its first rendering on: told a moment later, all would be asked for twice.
    let live = Live { at: state.0.at.max(began), ..state.0 };
    {
        let dispatcher = state.dispatcher();
        // Whoever must set a second factor up first is told of nothing until then.
        let listener = session.current().filter(|session| !session.second_factor_required);
        let who = listener.map(|session| (session.user.clone(), session.at));
        let (retry, session) = (retry.setter(), session.dispatcher());
        use_effect_with((who, tries), move |(who, tries)| {
            let tries = *tries;
            let timer = Rc::new(RefCell::new(None::<Timeout>));
            let again = {
                let retry = retry.clone();
                move || retry.set(tries.wrapping_add(1))
            };
            let open = Rc::new(Cell::new(false));
            {
                let (open, again) = (open.clone(), again.clone());
                // A stream may seem to be open long after the connection is lost: what was not reached has it opened anew.
                api::watch_connection(Callback::from(move |()| {
                    if open.replace(false) {
                        again();
                    }
                }));
            }
            {
                let heard = dispatcher.clone();
                let heard = Callback::from(move |at| heard.dispatch(Heard::At(at)));
                HOLDING.with_borrow_mut(|holding| holding.tell = Some(heard));
            }
            let stream = who.as_ref().and_then(|_| EventSource::new(&tenant::api("/changes")).ok());
            let mut listeners = Vec::new();
            if let Some(stream) = &stream {
                let (opened, is_open) = (dispatcher.clone(), open.clone());
                listeners.push(gloo::events::EventListener::new(stream, "open", move |_| {
                    is_open.set(true);
                    opened.dispatch(Heard::Opened);
                }));
                let (lost, timer, closed) = (dispatcher.clone(), timer.clone(), stream.clone());
                listeners.push(gloo::events::EventListener::new(stream, "error", move |_| {
                    open.set(false);
                    lost.dispatch(Heard::Lost);
                    // After a refusal the browser does not try again by itself. Asking for the session
                    // finds out whether it has ended, or a second factor is asked for by now.
                    if closed.ready_state() == EventSource::CLOSED {
                        session::ask(session.clone());
                        timer.replace(Some(Timeout::new(RETRY, again.clone())));
                    }
                }));
                listeners.push(gloo::events::EventListener::new(stream, "message", move |event| {
                    let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                    let changed = data.and_then(|data| api::read::<Changed>(data.as_bytes()).ok());
                    if let Some(changed) = changed {
                        hear(changed.at);
                    }
                }));
            }
            move || {
                drop(listeners);
                timer.replace(None);
                if let Some(stream) = stream {
                    stream.close();
                }
            }
        });
    }
    html! { <ContextProvider<Live> context={live}>{ props.children.clone() }</ContextProvider<Live>> }
}
