//! What floats over the page, anchored to a button: on the browser's own popover, so that it is never
//! cut off, closes on Escape and on a click elsewhere. It is placed through the CSSOM: a strict policy
//! allows no style attributes.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;

/// How far it keeps from its anchor and from the edges.
const GAP: f64 = 4.0;
const EDGE: f64 = 8.0;

/// Puts `floating` below `anchor`, or above where there is more room, within the window.
pub fn place(anchor: &Element, floating: &HtmlElement, at_end: bool, as_wide: bool) {
    let Some(root) = browser::document().and_then(|document| document.document_element()) else { return };
    let (width, height) = (f64::from(root.client_width()), f64::from(root.client_height()));
    let anchor = anchor.get_bounding_client_rect();
    let style = floating.style();
    let set = |name: &str, value: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
        let _ = style.set_property(name, &format!("{}px", value.round() as i32));
    };
    if as_wide {
        set("width", anchor.width().min(width - 2.0 * EDGE));
    }
    let size = floating.get_bounding_client_rect();
    let left = if at_end { anchor.right() - size.width() } else { anchor.left() };
    set("left", left.clamp(EDGE, (width - size.width() - EDGE).max(EDGE)));
    let (above, below) = (anchor.top() - GAP - EDGE, height - anchor.bottom() - GAP - EDGE);
    if size.height() <= below || below >= above {
        set("top", anchor.bottom() + GAP);
        set("max-height", below.max(120.0));
    } else {
        let shown = size.height().min(above);
        set("top", anchor.top() - GAP - shown);
        set("max-height", shown);
    }
}

/// A button and what it opens.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the button says to a screen reader.
    pub label: AttrValue,
    /// The button's classes.
    #[prop_or_default]
    pub class: Classes,
    /// What the button shows.
    pub trigger: Html,
    /// What opens.
    pub children: Html,
}

/// What ties a button to what it opens.
#[derive(Clone, PartialEq)]
pub struct Floating {
    /// The button.
    pub anchor: NodeRef,
    /// What it opens.
    pub floating: NodeRef,
    /// Whether it is open.
    pub open: bool,
    /// For the button.
    pub onpointerdown: Callback<PointerEvent>,
    /// For the button.
    pub onclick: Callback<MouseEvent>,
}

impl Floating {
    /// Closes it.
    pub fn close(&self) {
        if let Some(floating) = self.floating.cast::<HtmlElement>().filter(|floating| is_open(floating)) {
            let _ = floating.hide_popover();
        }
    }
}

/// Opens and closes a popover by its button. Where the page is scrolled under it, it closes. What is in it needs to be there only while
/// it is `open`, which it is before anybody sees it.
#[hook]
pub fn use_floating(at_end: bool) -> Floating {
    let (anchor, floating) = (use_node_ref(), use_node_ref());
    let open = use_flag();
    // A press outside closes a popover before the click comes: a click on its own button must not
    // open it again.
    let was_open = use_mut_ref(|| false);
    let onpointerdown = {
        let (floating, was_open) = (floating.clone(), was_open.clone());
        use_callback((), move |_: PointerEvent, ()| {
            let open = floating.cast::<Element>().is_some_and(|floating| is_open(&floating));
            *was_open.borrow_mut() = open;
        })
    };
    let onclick = {
        let floating = floating.clone();
        use_callback((), move |event: MouseEvent, ()| {
            event.stop_propagation();
            if was_open.replace(false) {
                return;
            }
            if let Some(floating) = floating.cast::<HtmlElement>() {
                let _ = floating.toggle_popover();
            }
        })
    };
    let ontoggle = {
        let open = open.setter();
        Callback::from(move |event: web_sys::Event| {
            let next = js_sys::Reflect::get(&event, &"newState".into()).ok();
            open.set(next.and_then(|next| next.as_string()).as_deref() == Some("open"));
        })
    };
    use_listener(&floating, "beforetoggle", ontoggle);
    {
        let (anchor, floating) = (anchor.clone(), floating.clone());
        use_effect_with(*open, move |open| {
            if let (true, Some(anchor), Some(floating)) =
                (*open, anchor.cast::<Element>(), floating.cast::<HtmlElement>())
            {
                place(&anchor, &floating, at_end, false);
            }
        });
    }
    {
        let floating = floating.clone();
        use_effect_with(*open, move |open| {
            let listener = Rc::new(RefCell::new(None));
            let listen = {
                let listener = listener.clone();
                move || *listener.borrow_mut() = hides_when_scrolled(floating)
            };
            // That the page was scrolled before it opened is told with the next paint.
            let later = open.then(|| browser::AfterPaint::new(listen));
            move || {
                drop(later);
                listener.take();
            }
        });
    }
    Floating { anchor, floating, open: *open, onpointerdown, onclick }
}

/// Closes a popover where the page is scrolled under it.
fn hides_when_scrolled(floating: NodeRef) -> Option<EventListener> {
    let options = EventListenerOptions::run_in_capture_phase();
    let hide = move |event: &web_sys::Event| {
        let Some(floating) = floating.cast::<HtmlElement>() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !floating.contains(target.as_ref()) {
            let _ = floating.hide_popover();
        }
    };
    Some(EventListener::new_with_options(&browser::document()?.into(), "scroll", options, hide))
}

/// A button and what it opens.
#[component]
pub fn Popover(props: &Props) -> Html {
    let it = use_floating(false);
    html! {
        <span class="popover">
            <button type="button" class={props.class.clone()} ref={it.anchor.clone()} onpointerdown={it.onpointerdown.clone()}
                onclick={it.onclick.clone()} aria-label={props.label.clone()} aria-haspopup="dialog" aria-expanded={it.open.to_string()}>
                { props.trigger.clone() }
            </button>
            <div class="floating floating--words" ref={it.floating.clone()} popover="auto" role="dialog" aria-label={props.label.clone()}>
                if it.open {
                    { props.children.clone() }
                }
            </div>
        </span>
    }
}

/// Whether a popover is open.
pub fn is_open(floating: &Element) -> bool {
    floating.matches(":popover-open").unwrap_or(false)
}

/// Listens to an event that Yew has no attribute for.
#[hook]
pub fn use_listener(node: &NodeRef, name: &'static str, callback: Callback<web_sys::Event>) {
    let node = node.clone();
    let newest = use_mut_ref(|| callback.clone());
    *newest.borrow_mut() = callback;
    use_effect_with((), move |()| {
        let listener = node.cast::<Element>().map(|element| {
            EventListener::new(&element, name, move |event| {
                let callback = newest.borrow().clone();
                callback.emit(event.clone());
            })
        });
        move || drop(listener)
    });
}
