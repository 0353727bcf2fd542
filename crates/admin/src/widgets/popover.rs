//! What floats over the page, anchored to a button: on the browser's own popover, so that it is never
//! cut off, closes on Escape and on a click elsewhere. It is placed through the CSSOM: a strict policy
//! allows no style attributes.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::browser;

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
        let _ = style.set_property(name, &format!("{value:.0}px"));
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

/// A button and what it opens.
#[component]
pub fn Popover(props: &Props) -> Html {
    let (anchor, floating) = (use_node_ref(), use_node_ref());
    let open = use_state(|| false);
    let onclick = {
        let (anchor, floating) = (anchor.clone(), floating.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if let (Some(anchor), Some(floating)) = (anchor.cast::<Element>(), floating.cast::<HtmlElement>())
            {
                let _ = floating.toggle_popover();
                place(&anchor, &floating, false, false);
            }
        })
    };
    let ontoggle = {
        let (open, floating) = (open.setter(), floating.clone());
        Callback::from(move |_: web_sys::Event| {
            open.set(floating.cast::<Element>().is_some_and(|floating| is_open(&floating)));
        })
    };
    use_listener(&floating, "toggle", ontoggle);
    html! {
        <span class="popover">
            <button type="button" class={props.class.clone()} ref={anchor} {onclick} aria-label={props.label.clone()}
                aria-haspopup="dialog" aria-expanded={open.to_string()}>{ props.trigger.clone() }</button>
            <div class="floating floating--words" ref={floating} popover="auto" role="dialog" aria-label={props.label.clone()}>
                if *open {
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
            gloo::events::EventListener::new(&element, name, move |event| {
                let callback = newest.borrow().clone();
                callback.emit(event.clone());
            })
        });
        move || drop(listener)
    });
}
