//! What of a long page is in sight, or will be in a moment: the rest need not be in it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;

/// How far above and below the window counts as in sight: so far that nobody who scrolls or tabs on comes before it.
const BEYOND: &str = "300px 0px";

/// The properties by which the stylesheet keeps the height of what is not in the page: how high it was, and of how many rows it is.
const HEIGHT: &str = "--away";
const ROWS: &str = "--rows";

/// Whether the rows in an element shall be in the page: while it is in sight or has the focus, or where they are among the `first` of the
/// page. While they are not, `--away` of the element says how high it was; what was never in sight has none, and the stylesheet guesses
/// by `--rows`, how many there are.
#[hook]
pub fn use_in_sight(element: &NodeRef, first: bool, rows: usize) -> bool {
    // Of how many rows it was told that they are in sight: a few may be so all over the page, and they are many a keystroke later.
    let inside = use_state(move || if first { rows } else { 0 });
    {
        let (element, inside) = (element.clone(), inside.clone());
        use_effect_with(rows, move |rows| {
            let observing = element.cast::<HtmlElement>().and_then(|element| {
                let _ = element.style().remove_property(HEIGHT);
                let _ = element.style().set_property(ROWS, &rows.to_string());
                observe(element, inside, *rows)
            });
            move || {
                if let Some((observer, told)) = observing {
                    observer.disconnect();
                    drop(told);
                }
            }
        });
    }
    first || *inside >= rows
}

type Observing = (IntersectionObserver, Closure<dyn FnMut(js_sys::Array)>);

fn observe(element: HtmlElement, inside: UseStateHandle<usize>, rows: usize) -> Option<Observing> {
    let mut now = *inside;
    let observed = element.clone();
    let told = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries.pop().dyn_into::<IntersectionObserverEntry>();
        let Ok(entry) = last else { return };
        let focused = browser::focused().is_some_and(|focused| element.contains(Some(&focused)));
        let next = entry.is_intersecting() || focused;
        let next = if next { rows } else { 0 };
        if next == now {
            return;
        }
        let height = entry.bounding_client_rect().height();
        if next == 0 && now >= rows && height > 0.0 {
            let _ = element.style().set_property(HEIGHT, &format!("{height}px"));
        }
        now = next;
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
