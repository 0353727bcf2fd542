//! What of a long page is in sight, or will be in a moment: the rest need not be in it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
};
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
/// by `--rows`.
#[hook]
pub fn use_in_sight(element: &NodeRef, first: bool, rows: usize) -> bool {
    // Of how many rows it was told that they are in sight: a few may be so all over the page, and they are many a keystroke later.
    let inside = use_state(move || if first { rows } else { 0 });
    use_rows(element, rows);
    {
        let (element, inside) = (element.clone(), inside.clone());
        use_effect_with(rows, move |rows| {
            let watched = element.cast::<HtmlElement>().and_then(|element| {
                let _ = element.style().remove_property(HEIGHT);
                watch(element, inside, *rows)
            });
            move || drop(watched)
        });
    }
    first || *inside >= rows
}

/// Tells the stylesheet of how many rows an element is, by which it guesses how high they are where they were never in sight.
#[hook]
pub fn use_rows(element: &NodeRef, rows: usize) {
    let element = element.clone();
    use_effect_with(rows, move |rows| {
        if let Some(element) = element.cast::<HtmlElement>() {
            let _ = element.style().set_property(ROWS, &rows.to_string());
        }
    });
}

/// Tells `inside` whenever the element comes in sight or goes out of it, until what is answered is dropped.
fn watch(element: HtmlElement, inside: UseStateHandle<usize>, rows: usize) -> Option<Watched> {
    let now = Cell::new(*inside);
    let watched = element.clone();
    let tell = move |entry: &IntersectionObserverEntry| {
        let focused = browser::focused().is_some_and(|focused| watched.contains(Some(&focused)));
        let next = entry.is_intersecting() || focused;
        let next = if next { rows } else { 0 };
        if next == now.get() {
            return;
        }
        let height = entry.bounding_client_rect().height();
        if next == 0 && now.get() >= rows && height > 0.0 {
            let _ = watched.style().set_property(HEIGHT, &format!("{height}px"));
        }
        now.set(next);
        inside.set(next);
    };
    let watch = WATCH.with(|watch| watch.borrow_mut().get_or_insert_with(Watch::new).clone())?;
    Some(watch.begin(element, Rc::new(tell)))
}

/// What is told of an element that is watched.
type Tell = Rc<dyn Fn(&IntersectionObserverEntry)>;
/// Those that are told, by the number of their element.
type Told = Rc<RefCell<BTreeMap<u32, Tell>>>;

/// The attribute that has an element's number.
const NUMBER: &str = "data-watched";

thread_local! {
    static WATCH: RefCell<Option<Option<Watch>>> = const { RefCell::new(None) };
}

/// What watches all elements: of each observer the browser works out anew, with every frame, where its window is.
#[derive(Clone)]
struct Watch {
    observer: IntersectionObserver,
    told: Told,
    next: Rc<Cell<u32>>,
}

impl Watch {
    /// For as long as the app is there.
    fn new() -> Option<Self> {
        let told = Told::default();
        let hear = {
            let told = told.clone();
            Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
                for entry in entries.iter().filter_map(|it| it.dyn_into::<IntersectionObserverEntry>().ok()) {
                    let number = entry.target().get_attribute(NUMBER).and_then(|it| it.parse().ok());
                    let tell = number.and_then(|number: u32| told.borrow().get(&number).cloned());
                    tell.iter().for_each(|tell| tell(&entry));
                }
            })
        };
        let options = IntersectionObserverInit::new();
        options.set_root_margin(BEYOND);
        let observer =
            IntersectionObserver::new_with_options(hear.as_ref().unchecked_ref(), &options).ok()?;
        hear.forget();
        Some(Self { observer, told, next: Rc::default() })
    }

    fn begin(self, element: HtmlElement, tell: Tell) -> Watched {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        let _ = element.set_attribute(NUMBER, &number.to_string());
        self.told.borrow_mut().insert(number, tell);
        self.observer.observe(&element);
        Watched { watch: self, element, number }
    }
}

/// An element that is watched until this is dropped.
struct Watched {
    watch: Watch,
    element: HtmlElement,
    number: u32,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.observer.unobserve(&self.element);
        self.watch.told.borrow_mut().remove(&self.number);
    }
}

/// Which child of a list is the first in the window: the position of it when the page was last scrolled, and 0 before. It is not asked of the
/// browser while something changes, which would have it lay out the page once more in between.
#[hook]
pub fn use_first_in_sight(list: &NodeRef) -> Rc<RefCell<usize>> {
    let first = use_mut_ref(|| 0);
    {
        let (list, first) = (list.clone(), first.clone());
        use_effect_with((), move |()| {
            let listener = browser::window().map(|window| {
                EventListener::new(&window, "scroll", move |_| {
                    *first.borrow_mut() = list.cast().map_or(0, |list| first_in_sight(&list));
                })
            });
            move || drop(listener)
        });
    }
    first
}

fn first_in_sight(list: &Element) -> usize {
    let children = list.children();
    let bottom = |at: u32| Some(children.item(at)?.get_bounding_client_rect().bottom());
    (0..).take_while(|at| bottom(*at).is_some_and(|bottom| bottom <= 0.0)).count()
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
                    EventListener::new(&window, "beforeprint", move |_| before.set(true)),
                    EventListener::new(&window, "afterprint", move |_| printing.set(false)),
                ]
            });
            move || drop(listen)
        });
    }
    *printing
}
