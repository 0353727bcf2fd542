//! What of a long page is in sight, or will be in a moment: the rest need not be in it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;

/// How far above and below the window counts as in sight: so far that nobody who scrolls or tabs on comes before it.
const BEYOND: &str = "600px 0px";

/// The property by which the stylesheet keeps the height of what is not in the page.
const HEIGHT: &str = "--away";

/// Whether what is in an element shall be in the page: while it is in sight or has the focus. While it is not, `--away` of the element
/// says how high it was; of what was never in sight that is a guess, in pixels.
#[hook]
pub fn use_in_sight(element: &NodeRef, at_first: bool, guess: usize) -> bool {
    let inside = use_state(move || at_first);
    {
        let (element, inside) = (element.clone(), inside.setter());
        use_effect_with((), move |()| {
            let observing =
                element.cast::<HtmlElement>().and_then(|element| observe(element, inside, at_first));
            move || {
                if let Some((observer, told)) = observing {
                    observer.disconnect();
                    drop(told);
                }
            }
        });
    }
    {
        let element = element.clone();
        use_effect_with(guess, move |guess| {
            if let Some(element) = element.cast::<HtmlElement>() {
                keep_height(&element, &guess.to_string());
            }
        });
    }
    *inside
}

fn keep_height(element: &HtmlElement, pixels: &str) {
    let _ = element.style().set_property(HEIGHT, &[pixels, "px"].concat());
}

type Observing = (IntersectionObserver, Closure<dyn FnMut(js_sys::Array)>);

fn observe(element: HtmlElement, inside: UseStateSetter<bool>, at_first: bool) -> Option<Observing> {
    let mut now = at_first;
    let observed = element.clone();
    let told = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries.pop().dyn_into::<IntersectionObserverEntry>();
        let Ok(entry) = last else { return };
        let focused = browser::focused().is_some_and(|focused| element.contains(Some(&focused)));
        let next = entry.is_intersecting() || focused;
        if next == now {
            return;
        }
        now = next;
        let height = entry.bounding_client_rect().height();
        if !next && height > 0.0 {
            keep_height(&element, &height.to_string());
        }
        inside.set(next);
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(BEYOND);
    let observer = IntersectionObserver::new_with_options(told.as_ref().unchecked_ref(), &options).ok()?;
    observer.observe(&observed);
    Some((observer, told))
}

/// Whether the page is being printed, which is all of it.
#[hook]
pub fn use_printing() -> bool {
    let printing = use_flag();
    {
        let printing = printing.setter();
        use_effect_with((), move |()| {
            let listen = browser::window().map(|window| {
                let before = printing.clone();
                [
                    gloo::events::EventListener::new(&window, "beforeprint", move |_| before.set(true)),
                    gloo::events::EventListener::new(&window, "afterprint", move |_| printing.set(false)),
                ]
            });
            move || drop(listen)
        });
    }
    *printing
}
