//! Where a test shows a widget: beside it stands what a page would keep, which the widget's callbacks replace.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, InputEventInit, KeyboardEventInit};
use yew::prelude::*;

use crate::browser;

/// What is shown of what the page keeps.
type View<S> = fn(&S, Callback<S>) -> Html;
/// The same, of whatever the page keeps; it is told how to be asked again.
type Draw = Rc<dyn Fn(Callback<()>) -> Html>;

thread_local! {
    static NEXT: RefCell<Option<Draw>> = const { RefCell::new(None) };
}

#[component]
fn Stage() -> Html {
    let again = use_force_update();
    let draw = use_memo((), |()| NEXT.with(RefCell::take));
    let again = Callback::from(move |()| again.force_update());
    (*draw).as_ref().map(|draw| draw(again)).unwrap_or_default()
}

/// What is shown.
pub struct Shown<S> {
    root: Element,
    state: Rc<RefCell<S>>,
}

/// Shows a widget, with that to begin with.
pub async fn show<S: Clone + 'static>(state: S, view: View<S>) -> Shown<S> {
    let state = Rc::new(RefCell::new(state));
    let kept = Rc::clone(&state);
    let draw: Draw = Rc::new(move |again| {
        let now = kept.borrow().clone();
        let kept = Rc::clone(&kept);
        let set = Callback::from(move |next| {
            *kept.borrow_mut() = next;
            again.emit(());
        });
        view(&now, set)
    });
    NEXT.with(|next| next.replace(Some(draw)));
    let document = browser::document().unwrap();
    let root = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    yew::mount::<Stage>(root.clone());
    settled().await;
    Shown { root, state }
}

/// The next test has the page to itself: a dialog that stays open would keep the focus from it.
impl<S> Drop for Shown<S> {
    fn drop(&mut self) {
        self.root.remove();
    }
}

/// Until what was done is on the page.
async fn settled() {
    let mut wait = |done: js_sys::Function, _| {
        let _ = browser::window().unwrap().set_timeout_with_callback_and_timeout_and_arguments_0(&done, 30);
    };
    JsFuture::from(js_sys::Promise::new(&mut wait)).await.unwrap();
}

impl<S: Clone> Shown<S> {
    /// What the page keeps now.
    pub fn state(&self) -> S {
        self.state.borrow().clone()
    }

    /// The first element that fits.
    pub fn one(&self, selector: &str) -> HtmlElement {
        browser::find(&self.root, selector).unwrap_or_else(|| panic!("there is no `{selector}`"))
    }

    /// The first field that fits.
    pub fn input(&self, selector: &str) -> HtmlInputElement {
        self.one(selector).unchecked_into()
    }

    /// All fields that fit.
    pub fn inputs(&self, selector: &str) -> Vec<HtmlInputElement> {
        self.all(selector).into_iter().map(JsCast::unchecked_into).collect()
    }

    /// All elements that fit.
    pub fn all(&self, selector: &str) -> Vec<HtmlElement> {
        browser::find_all(&self.root, selector)
    }

    /// What all elements that fit say.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).iter().filter_map(|element| element.text_content()).collect()
    }

    /// An attribute of the first element that fits.
    pub fn said(&self, selector: &str, attribute: &str) -> Option<String> {
        self.one(selector).get_attribute(attribute)
    }

    /// Clicks.
    pub async fn click(&self, element: &HtmlElement) {
        element.click();
        settled().await;
    }

    /// Presses a key where the focus is; whether the widget took it, and the page does not act on it.
    pub async fn press(&self, key: &str) -> bool {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        init.set_cancelable(true);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        let passed = browser::focused().unwrap().dispatch_event(&event).unwrap();
        settled().await;
        !passed
    }

    /// Types into a field, in the place of what is there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let input = self.input(selector);
        browser::focus(&input);
        input.set_value(text);
        let init = InputEventInit::new();
        init.set_bubbles(true);
        input.dispatch_event(&InputEvent::new_with_event_init_dict("input", &init).unwrap()).unwrap();
        settled().await;
    }

    /// Tells an element of something that the browser would tell it.
    pub async fn tell(&self, element: &HtmlElement, event: &str) {
        let init = EventInit::new();
        init.set_cancelable(true);
        element.dispatch_event(&Event::new_with_event_init_dict(event, &init).unwrap()).unwrap();
        settled().await;
    }

    /// Whether the focus is on that element.
    pub fn is_focused(&self, element: &HtmlElement) -> bool {
        browser::focused().as_ref() == Some(element)
    }
}
