//! Where the focus goes on when what had it is gone, so that the keyboard and a screen reader go on there.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit};
use yew::prelude::*;

use crate::browser;

fn heading() -> Option<HtmlElement> {
    browser::find(&browser::element_by_id("main")?, "h1")
}

/// How long what took the focus away has time to say where it goes, in milliseconds.
const TIME: u32 = 200;
/// What can have the focus.
const STOPS: &str = "button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled)";

/// What had the focus, with the lists that it stood in and its place in each, the nearest first.
struct Stood {
    element: Element,
    lists: Vec<(Element, usize)>,
}

impl Stood {
    fn of(element: Element) -> Self {
        let (mut lists, mut at) = (Vec::new(), element.clone());
        while let Some(parent) = at.parent_element() {
            if ["UL", "OL", "TBODY"].contains(&&*parent.tag_name()) {
                let before =
                    std::iter::successors(at.previous_element_sibling(), Element::previous_element_sibling);
                lists.push((parent.clone(), before.count()));
            }
            at = parent;
        }
        Self { element, lists }
    }

    /// Whatever stands there or further down now, in the nearest list that is still there: the same kind of control, if there is one.
    fn next(&self) -> Option<HtmlElement> {
        let same = format!("{}:not(:disabled)", self.element.tag_name());
        let (list, at) = self.lists.iter().find(|(list, _)| list.is_connected())?;
        let rows = browser::find_all(list, ":scope > *");
        rows.iter().skip(*at).find_map(|row| browser::find(row, &same).or_else(|| browser::find(row, STOPS)))
    }
}

/// Whatever had the focus and is gone, the focus goes on: to the next row of the list that it stood in, or to the head of the page.
#[hook]
pub fn use_kept_focus() {
    use_effect_with((), |()| {
        let kept = browser::document().map(|document| {
            let stood = Rc::new(RefCell::new(None::<Stood>));
            let seen = {
                let stood = stood.clone();
                EventListener::new(&document, "focusin", move |event| {
                    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                    stood.replace(element.map(Stood::of));
                })
            };
            let later = RefCell::new(None::<Timeout>);
            let told = Closure::<dyn FnMut()>::new(move || {
                let is_lost = |stood: &RefCell<Option<Stood>>| {
                    let is_gone = stood.borrow().as_ref().is_some_and(|stood| !stood.element.is_connected());
                    is_gone && browser::has_no_focus()
                };
                if is_lost(&stood) {
                    let stood = stood.clone();
                    let go_on = move || {
                        if is_lost(&stood) {
                            let next = stood.borrow().as_ref().and_then(Stood::next).or_else(heading);
                            next.iter().for_each(focus_in_place);
                        }
                    };
                    later.replace(Some(Timeout::new(TIME, go_on)));
                }
            });
            let observer = MutationObserver::new(told.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(body)) = (&observer, document.body()) {
                let what = MutationObserverInit::new();
                what.set_child_list(true);
                what.set_subtree(true);
                let _ = observer.observe_with_options(&body, &what);
            }
            (seen, observer, told)
        });
        move || {
            if let Some((_, Some(observer), _)) = &kept {
                observer.disconnect();
            }
            drop(kept);
        }
    });
}

/// Gives the focus without moving the page: nobody asked for that.
fn focus_in_place(element: &HtmlElement) {
    let still = FocusOptions::new();
    still.set_prevent_scroll(true);
    let _ = element.focus_with_options(&still);
}
