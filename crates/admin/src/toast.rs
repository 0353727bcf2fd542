//! Short words about what just happened, read out by screen readers too.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::widgets::{Icon, IconButton};

/// For how long a toast stays, in milliseconds.
const STAYS: u32 = 7_000;

/// The toasts that are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toasts {
    next: u32,
    shown: Vec<(u32, AttrValue)>,
}

/// What happens to toasts.
pub enum Event {
    /// One comes.
    Say(AttrValue),
    /// One goes.
    Hide(u32),
}

impl Reducible for Toasts {
    type Action = Event;

    fn reduce(self: Rc<Self>, event: Event) -> Rc<Self> {
        let mut toasts = (*self).clone();
        match event {
            Event::Say(text) => {
                toasts.shown.push((toasts.next, text));
                toasts.next = toasts.next.wrapping_add(1);
                if toasts.shown.len() > 3 {
                    toasts.shown.remove(0);
                }
            }
            Event::Hide(id) => toasts.shown.retain(|(known, _)| *known != id),
        }
        toasts.into()
    }
}

thread_local! {
    static TOASTS: RefCell<Option<UseReducerDispatcher<Toasts>>> = const { RefCell::new(None) };
}

/// Says something in a toast.
pub fn say(text: impl Into<AttrValue>) {
    let toasts = TOASTS.with(|toasts| toasts.borrow().clone());
    if let Some(toasts) = toasts {
        toasts.dispatch(Event::Say(text.into()));
    }
}

/// Shows toasts over the page.
#[component]
pub fn ToastArea() -> Html {
    let toasts = use_reducer(Toasts::default);
    let hide = use_callback(toasts.dispatcher(), |id: u32, toasts| toasts.dispatch(Event::Hide(id)));
    use_effect_with(toasts.dispatcher(), |toasts| {
        TOASTS.with(|known| known.replace(Some(toasts.clone())));
    });
    html! {
        <div class="toasts" role="status" aria-live="polite">
            { for toasts.shown.iter().map(|(id, text)| html! {
                <Toast key={*id} id={*id} text={text.clone()} hide={hide.clone()} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ToastProps {
    id: u32,
    text: AttrValue,
    hide: Callback<u32>,
}

#[component]
fn Toast(props: &ToastProps) -> Html {
    let ToastProps { id, text, hide } = props;
    {
        let hide = hide.clone();
        use_effect_with(*id, move |id| {
            let id = *id;
            let timer = gloo::timers::callback::Timeout::new(STAYS, move || hide.emit(id));
            move || drop(timer)
        });
    }
    let onclick = {
        let (hide, id) = (hide.clone(), *id);
        Callback::from(move |_| hide.emit(id))
    };
    html! {
        <div class="toast">
            <Icon name="circle-check" />
            <span class="toast__text">{ text.clone() }</span>
            <IconButton icon="x" label="Dismiss" {onclick} />
        </div>
    }
}
