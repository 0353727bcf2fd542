//! Menus: a button that opens a list of actions.

use std::rc::Rc;

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::popover::{place, use_floating};
use super::{Icon, IconButton};
use crate::browser;

/// One action.
#[derive(Clone, PartialEq)]
pub struct MenuItem {
    /// What it does.
    pub label: AttrValue,
    /// Its icon.
    pub icon: AttrValue,
    /// Whether it takes something away.
    pub danger: bool,
    /// Why it does nothing now.
    pub refused: Option<AttrValue>,
    /// Does it.
    pub onpick: Callback<()>,
}

/// A menu.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the button says.
    pub label: AttrValue,
    /// The button's icon, where it shows nothing else.
    #[prop_or(AttrValue::Static("ellipsis"))]
    pub icon: AttrValue,
    /// The actions. They are needed once it opens.
    pub items: Rc<[MenuItem]>,
    /// Told when it opens.
    #[prop_or_default]
    pub onopen: Callback<()>,
}

/// A menu.
#[component]
pub fn Menu(props: &Props) -> Html {
    let it = use_floating(true);
    let onkeydown = {
        let floating = it.floating.clone();
        Callback::from(move |event: KeyboardEvent| move_focus(&floating, &event))
    };
    let close = {
        let it = it.clone();
        Callback::from(move |()| it.close())
    };
    {
        // What cannot be done is said once the server has said so: the words need more room.
        let it = it.clone();
        use_effect_with((it.open, props.items.clone()), move |(open, _)| {
            let anchor = it.anchor.cast::<Element>();
            if let (true, Some(anchor), Some(floating)) = (*open, anchor, it.floating.cast::<HtmlElement>()) {
                place(&anchor, &floating, true, false);
                let focused = browser::focused();
                if !focused.is_some_and(|focused| floating.contains(Some(&focused))) {
                    browser::find(&floating, "[role=menuitem]").iter().for_each(browser::focus);
                }
            }
        });
    }
    {
        let onopen = props.onopen.clone();
        use_effect_with(it.open, move |open| {
            if *open {
                onopen.emit(());
            }
        });
    }
    html! {
        <span class="popover">
            <IconButton icon={props.icon.clone()} label={props.label.clone()} node={it.anchor.clone()} opens="menu"
                expanded={it.open} onclick={it.onclick.clone()} onpointerdown={it.onpointerdown.clone()} />
            <div class="floating menu" ref={it.floating.clone()} popover="auto" role="menu" aria-label={props.label.clone()} {onkeydown}>
                { for props.items.iter().filter(|_| it.open).map(|item| {
                    let (item, close) = (item.clone(), close.clone());
                    let class = classes!("menu__item", item.danger.then_some("menu__item--danger"));
                    let (onpick, blocked) = (item.onpick.clone(), item.refused.is_some());
                    let onclick = Callback::from(move |event: MouseEvent| {
                        event.stop_propagation();
                        if !blocked {
                            close.emit(());
                            onpick.emit(());
                        }
                    });
                    html! {
                        <button type="button" key={item.label.to_string()} role="menuitem" {class} tabindex="-1" {onclick}
                            aria-disabled={blocked.then_some("true")}>
                            <Icon name={item.icon} />
                            <span class="menu__words">
                                { item.label }
                                if let Some(reason) = item.refused {
                                    <span class="menu__reason">{ reason }</span>
                                }
                            </span>
                        </button>
                    }
                }) }
            </div>
        </span>
    }
}

/// Arrows, Home and End go from action to action; Tab leaves the menu.
fn move_focus(floating: &NodeRef, event: &KeyboardEvent) {
    let Some(floating) = floating.cast::<HtmlElement>() else { return };
    let items = browser::find_all(&floating, "[role=menuitem]");
    let now = browser::focused().and_then(|focused| items.iter().position(|item| *item == focused));
    let last = items.len().saturating_sub(1);
    let next = match event.key().as_str() {
        "ArrowDown" => now.map_or(0, |now| if now >= last { 0 } else { now + 1 }),
        "ArrowUp" => now.map_or(last, |now| now.checked_sub(1).unwrap_or(last)),
        "Home" => 0,
        "End" => last,
        "Tab" => {
            let _ = floating.hide_popover();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(item) = items.get(next) {
        browser::focus(item);
    }
}
