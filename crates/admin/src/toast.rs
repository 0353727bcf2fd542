//! Short words about what just happened, read out by screen readers too.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::api::Query;
use crate::nav::Link;
use crate::route::Route;
use crate::shortcuts::{UNDO, page_undoes};
use crate::widgets::{Icon, IconButton, keys};

/// For how long a toast stays, in milliseconds.
const STAYS: u32 = 7_000;

/// For how long one stays that something can be done from.
const STAYS_WITH_ACTION: u32 = 20_000;

/// The toasts that are shown, each by its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toasts {
    next: u32,
    shown: Vec<(u32, Said)>,
}

/// What a toast says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    icon: &'static str,
    text: AttrValue,
    /// What can be done about it.
    action: Option<Action>,
}

/// What can be done about what a toast says.
#[derive(Clone, Debug, PartialEq)]
enum Action {
    /// What was done is undone.
    Undo(Callback<()>),
    /// To a page that says more, with its query, in a word.
    Lead(&'static str, Route, AttrValue),
}

/// What happens to toasts.
pub enum Event {
    /// One comes.
    Say(Said),
    /// One goes.
    Hide(u32),
    /// Those of these words go.
    TakeBack(AttrValue),
}

impl Reducible for Toasts {
    type Action = Event;

    fn reduce(self: Rc<Self>, event: Event) -> Rc<Self> {
        let mut toasts = (*self).clone();
        match event {
            Event::Say(said) => {
                toasts.shown.push((toasts.next, said));
                toasts.next = toasts.next.wrapping_add(1);
                if toasts.shown.len() > 3 {
                    toasts.shown.remove(0);
                }
            }
            Event::TakeBack(text) => toasts.shown.retain(|(_, said)| said.text != text),
            Event::Hide(id) => toasts.shown.retain(|(known, _)| *known != id),
        }
        toasts.into()
    }
}

thread_local! {
    static TOASTS: RefCell<Option<UseReducerDispatcher<Toasts>>> = const { RefCell::new(None) };
    static UNDOABLE: RefCell<Option<(u32, Callback<()>)>> = const { RefCell::new(None) };
}

impl Toasts {
    /// The newest that can be undone.
    fn undoable(&self) -> Option<(u32, Callback<()>)> {
        self.shown.iter().rev().find_map(|(id, said)| match &said.action {
            Some(Action::Undo(undo)) => Some((*id, undo.clone())),
            _ => None,
        })
    }
}

/// Undoes what the newest toast offers to undo; answers whether one does.
pub fn undo() -> bool {
    let Some((id, undo)) = UNDOABLE.with(|undoable| undoable.borrow_mut().take()) else { return false };
    tell(Event::Hide(id));
    undo.emit(());
    true
}

/// Says something in a toast.
pub fn say(text: impl Into<AttrValue>) {
    show(Said { icon: "circle-check", text: text.into(), action: None });
}

/// Says what went wrong where there is no place for it in the page.
pub fn say_problem(text: impl Into<AttrValue>) {
    show(Said { icon: "circle-alert", text: text.into(), action: None });
}

/// Says what was done, with a button that undoes it; the key that undoes does so too.
pub fn say_undoable(text: impl Into<AttrValue>, undo: Callback<()>) {
    show(Said { icon: "circle-check", text: text.into(), action: Some(Action::Undo(undo)) });
}

/// Says something, with a link of those words to what one may do next: a page, and its query.
pub fn say_with(text: impl Into<AttrValue>, label: &'static str, to: (Route, Query)) {
    show(Said { icon: "circle-check", text: text.into(), action: Some(lead(label, to)) });
}

/// Says what went wrong, with a link of those words to where more is said of it.
pub fn say_problem_with(text: impl Into<AttrValue>, label: &'static str, to: (Route, Query)) {
    show(Said { icon: "circle-alert", text: text.into(), action: Some(lead(label, to)) });
}

fn lead(label: &'static str, (to, query): (Route, Query)) -> Action {
    Action::Lead(label, to, query.as_str().to_owned().into())
}

/// Takes back what was said in these words: it is true no longer.
pub fn take_back(text: impl Into<AttrValue>) {
    tell(Event::TakeBack(text.into()));
}

fn show(said: Said) {
    tell(Event::Say(said));
}

fn tell(event: Event) {
    let toasts = TOASTS.with(|toasts| toasts.borrow().clone());
    if let Some(toasts) = toasts {
        toasts.dispatch(event);
    }
}

/// Shows toasts over the page.
#[component]
pub fn ToastArea() -> Html {
    let toasts = use_reducer(Toasts::default);
    let hide = use_callback(toasts.dispatcher(), |id: u32, toasts| toasts.dispatch(Event::Hide(id)));
    let undoable = toasts.undoable();
    let newest = undoable.as_ref().map(|(id, _)| *id).filter(|_| !page_undoes());
    use_effect_with(undoable, |undoable| {
        UNDOABLE.with(|known| known.replace(undoable.clone()));
    });
    use_effect_with(toasts.dispatcher(), |toasts| {
        TOASTS.with(|known| known.replace(Some(toasts.clone())));
    });
    html! {
        <div class="toasts" role="status" aria-live="polite">
            { for toasts.shown.iter().map(|(id, said)| html! {
                <Toast key={*id} id={*id} said={said.clone()} by_key={newest == Some(*id)} hide={hide.clone()} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ToastProps {
    id: u32,
    said: Said,
    /// Whether the key that undoes does what it offers.
    by_key: bool,
    hide: Callback<u32>,
}

#[component]
fn Toast(props: &ToastProps) -> Html {
    let ToastProps { id, said, by_key, hide } = props;
    {
        let (hide, stays) = (hide.clone(), if said.action.is_some() { STAYS_WITH_ACTION } else { STAYS });
        use_effect_with(*id, move |id| {
            let id = *id;
            let timer = gloo::timers::callback::Timeout::new(stays, move || hide.emit(id));
            move || drop(timer)
        });
    }
    let onclick = {
        let (hide, id) = (hide.clone(), *id);
        Callback::from(move |_: MouseEvent| hide.emit(id))
    };
    let onfollow = {
        let (hide, id) = (hide.clone(), *id);
        Callback::from(move |()| hide.emit(id))
    };
    let act = |onpick: &Callback<()>| {
        let (onpick, hide) = (onpick.clone(), onclick.clone());
        Callback::from(move |event: MouseEvent| {
            hide.emit(event);
            onpick.emit(());
        })
    };
    html! {
        <div class="toast">
            <Icon name={said.icon} />
            <span class="toast__text">{ said.text.clone() }</span>
            { match &said.action {
                Some(Action::Undo(undo)) => html! {
                    <span key="undo" class="toast__undo">
                        <button type="button" class="toast__action" onclick={act(undo)}>{ "Undo" }</button>
                        if *by_key {
                            { keys(UNDO) }
                        }
                    </span>
                },
                Some(Action::Lead(label, to, query)) => html! {
                    <Link key="lead" to={to.clone()} query={query.clone()} class="toast__action" {onfollow}>{ *label }</Link>
                },
                None => html! {},
            } }
            <IconButton icon="x" label="Dismiss" {onclick} />
        </div>
    }
}
