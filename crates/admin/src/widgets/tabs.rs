//! Tabs.

use std::rc::Rc;

use web_sys::HtmlElement;
use yew::prelude::*;

use super::use_id;
use crate::browser;

/// One tab.
#[derive(Clone, PartialEq)]
pub struct Tab {
    /// Its value.
    pub id: AttrValue,
    /// What it shows.
    pub label: AttrValue,
    /// How many there are.
    pub count: Option<usize>,
}

/// Tabs and what the chosen one shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The tabs.
    pub tabs: Rc<[Tab]>,
    /// The one that is chosen.
    pub value: AttrValue,
    /// What they are tabs of.
    pub label: AttrValue,
    /// Told which is chosen.
    pub onchange: Callback<AttrValue>,
    /// What the chosen one shows.
    pub children: Html,
}

/// Tabs and what the chosen one shows. Arrows go from tab to tab.
#[component]
pub fn Tabs(props: &Props) -> Html {
    let id = use_id();
    let bar = use_node_ref();
    let onkeydown = {
        let (tabs, value, onchange, bar) =
            (props.tabs.clone(), props.value.clone(), props.onchange.clone(), bar.clone());
        Callback::from(move |event: KeyboardEvent| {
            let now = tabs.iter().position(|tab| tab.id == value).unwrap_or_default();
            let last = tabs.len().saturating_sub(1);
            let next = match event.key().as_str() {
                "ArrowRight" => {
                    if now >= last {
                        0
                    } else {
                        now + 1
                    }
                }
                "ArrowLeft" => now.checked_sub(1).unwrap_or(last),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            if let Some(tab) = tabs.get(next) {
                onchange.emit(tab.id.clone());
            }
            let buttons = bar.cast::<web_sys::Element>().map(|bar| browser::find_all(&bar, "[role=tab]"));
            if let Some(button) = buttons.as_ref().and_then(|buttons| buttons.get(next)) {
                browser::focus(button);
            }
        })
    };
    {
        // Where they are wider than the window the chosen one is in sight.
        let bar = bar.clone();
        use_effect_with(props.value.clone(), move |_| {
            let bar = bar.cast::<HtmlElement>();
            let chosen = bar.as_ref().and_then(|bar| browser::find(bar, "[aria-selected=true]"));
            if let (Some(bar), Some(chosen)) = (bar, chosen) {
                bar.set_scroll_left(chosen.offset_left() - bar.offset_left());
            }
        });
    }
    html! {
        <>
            <div class="tabs" role="tablist" aria-label={props.label.clone()} ref={bar} {onkeydown}>
                { for props.tabs.iter().map(|tab| {
                    let chosen = tab.id == props.value;
                    let (onchange, value) = (props.onchange.clone(), tab.id.clone());
                    html! {
                        <button type="button" key={tab.id.to_string()} role="tab" class="tabs__tab" id={format!("{id}-{}", tab.id)}
                            aria-selected={chosen.to_string()} aria-controls={format!("{id}-panel")}
                            tabindex={if chosen { "0" } else { "-1" }}
                            onclick={Callback::from(move |_| onchange.emit(value.clone()))}>
                            { tab.label.clone() }
                            if let Some(count) = tab.count {
                                <span class="tabs__count">{ count }</span>
                            }
                        </button>
                    }
                }) }
            </div>
            <div role="tabpanel" id={format!("{id}-panel")} aria-labelledby={format!("{id}-{}", props.value)}>
                { props.children.clone() }
            </div>
        </>
    }
}
