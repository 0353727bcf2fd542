//! A field in which one types to find one of many.

use std::rc::Rc;

use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::popover::{is_open, place, use_listener};
use super::{Icon, keys, use_id};
use crate::browser;
use crate::states::use_flag;

/// One of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its value.
    pub id: AttrValue,
    /// What a person reads.
    pub label: AttrValue,
    /// What helps to tell it from the others.
    pub detail: AttrValue,
    /// What it is, as an icon; empty for none.
    pub icon: AttrValue,
    /// The shortcut that does the same; empty for none.
    pub keys: &'static str,
    /// Why it cannot be chosen.
    pub refused: Option<AttrValue>,
}

impl Choice {
    /// One of that value, with nothing to read yet.
    pub fn of(id: AttrValue) -> Self {
        let empty = AttrValue::Static("");
        Self { id, label: empty.clone(), detail: empty.clone(), icon: empty, keys: "", refused: None }
    }
}

/// A field in which one types to find one of many.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    pub label: AttrValue,
    /// What there is, all of it.
    pub choices: Rc<[Choice]>,
    /// What is chosen, shown while nothing is typed.
    #[prop_or_default]
    pub chosen: Option<AttrValue>,
    /// What to type.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// A word of help, where nothing is wrong.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Whether it may be left empty, said beside the label.
    #[prop_or_default]
    pub optional: bool,
    /// Whether a dialog that opens puts the focus here.
    #[prop_or_default]
    pub autofocus: bool,
    /// What to say where nothing fits.
    #[prop_or(AttrValue::Static("Nothing fits. Try another word."))]
    pub none: AttrValue,
    /// Whether the list stands below the field, always open, and holds what fits already.
    #[prop_or_default]
    pub inline: bool,
    /// Told what is typed, where the choices are looked up elsewhere; nothing once one is chosen.
    #[prop_or_default]
    pub onsearch: Callback<String>,
    /// Told what is chosen.
    pub onpick: Callback<AttrValue>,
}

/// A field in which one types to find one of many. The focus stays in the field; arrows go through the list, Enter takes what is active.
#[component]
pub fn Combobox(props: &Props) -> Html {
    let id = use_id();
    let (input, list) = (use_node_ref(), use_node_ref());
    let typed = use_state(|| None::<String>);
    let active = use_state(|| 0_usize);
    let open = use_flag();
    let found: Rc<Vec<Choice>> = {
        let words = typed.as_deref().filter(|_| !props.inline).unwrap_or_default().to_lowercase();
        use_memo((props.choices.clone(), words), |(choices, words)| {
            let fits = |choice: &&Choice| {
                words.split_whitespace().all(|word| {
                    choice.label.to_lowercase().contains(word) || choice.detail.to_lowercase().contains(word)
                })
            };
            choices.iter().filter(fits).cloned().collect()
        })
    };
    let inline = props.inline;
    let show = {
        let (input, list) = (input.clone(), list.clone());
        Callback::from(move |()| {
            if inline {
                return;
            }
            if let (Some(input), Some(list)) = (input.cast::<Element>(), list.cast::<HtmlElement>()) {
                if !is_open(&list) {
                    let _ = list.show_popover();
                }
                place(&input, &list, false, true);
            }
        })
    };
    let hide = {
        let list = list.clone();
        Callback::from(move |()| {
            if let Some(list) = list.cast::<HtmlElement>().filter(|list| is_open(list)) {
                let _ = list.hide_popover();
            }
        })
    };
    let ontoggle = {
        let (open, list) = (open.setter(), list.clone());
        Callback::from(move |_: web_sys::Event| {
            open.set(list.cast::<Element>().is_some_and(|list| is_open(&list)));
        })
    };
    use_listener(&list, "toggle", ontoggle);
    {
        // The list grows and shrinks with what is typed, and its active row stays in sight.
        let (input, list, is_shown) = (input.clone(), list.clone(), *open || inline);
        use_effect_with((found.len(), *active, is_shown), move |(_, active, is_shown)| {
            if let (true, Some(input), Some(list)) =
                (*is_shown, input.cast::<Element>(), list.cast::<HtmlElement>())
            {
                if !inline {
                    place(&input, &list, false, true);
                }
                if let Some(row) = browser::find_all(&list, "[role=option]").get(*active) {
                    let options = web_sys::ScrollIntoViewOptions::new();
                    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                    row.scroll_into_view_with_scroll_into_view_options(&options);
                }
            }
        });
    }
    let pick = {
        let (onpick, onsearch) = (props.onpick.clone(), props.onsearch.clone());
        let (typed, active, hide) = (typed.setter(), active.setter(), hide.clone());
        Callback::from(move |choice: Choice| {
            if choice.refused.is_none() {
                typed.set(None);
                onsearch.emit(String::new());
                active.set(0);
                hide.emit(());
                onpick.emit(choice.id);
            }
        })
    };
    let oninput = {
        let (typed, active, show) = (typed.setter(), active.setter(), show.clone());
        let onsearch = props.onsearch.clone();
        Callback::from(move |event: InputEvent| {
            let value = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
            onsearch.emit(value.clone().unwrap_or_default());
            typed.set(value);
            active.set(0);
            show.emit(());
        })
    };
    let onkeydown = {
        let (found, active, list, pick, show, hide) =
            (found.clone(), active.clone(), list.clone(), pick.clone(), show.clone(), hide.clone());
        Callback::from(move |event: KeyboardEvent| {
            // What the page shows: that it was opened is heard of only later, and who types fast is there before.
            let open = inline || list.cast::<Element>().is_some_and(|list| is_open(&list));
            let last = found.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" if !open => show.emit(()),
                "ArrowDown" => active.set(if *active >= last { 0 } else { *active + 1 }),
                "ArrowUp" if open => active.set(active.checked_sub(1).unwrap_or(last)),
                "Home" if open => active.set(0),
                "End" if open => active.set(last),
                // It takes what is active, and never sends the form around: that is the button's.
                "Enter" => {
                    if let Some(choice) = found.get(*active).filter(|_| open) {
                        pick.emit(choice.clone());
                    }
                }
                "Escape" if open && !inline => {
                    event.stop_propagation();
                    hide.emit(());
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let onclick = show.reform(|_: MouseEvent| ());
    let onblur = {
        let (hide, typed) = (hide.clone(), typed.setter());
        Callback::from(move |_: FocusEvent| {
            hide.emit(());
            if !inline {
                typed.set(None);
            }
        })
    };
    let is_shown = *open || inline;
    let shown = typed
        .as_deref()
        .map_or_else(|| props.chosen.clone().unwrap_or_default(), |typed| typed.to_owned().into());
    let list_id = format!("{id}-list");
    let note = format!("{id}-note");
    html! {
        <div class={classes!("field", props.error.is_some().then_some("field--wrong"))}>
            <label class="field__label" for={id.clone()}>
                { props.label.clone() }
                if props.optional {
                    <span class="field__optional" aria-hidden="true">{ "optional" }</span>
                }
            </label>
            <div class="field__box">
                <input class="input combobox__input" id={id.clone()} ref={input} type="text" role="combobox"
                    autocomplete="off" spellcheck="false" placeholder={props.placeholder.clone()}
                    aria-autocomplete="list" aria-expanded={is_shown.to_string()} aria-controls={list_id.clone()}
                    aria-activedescendant={(is_shown && !found.is_empty()).then(|| format!("{list_id}-{}", *active))}
                    aria-invalid={props.error.is_some().then_some("true")}
                    aria-describedby={props.error.as_ref().or(props.hint.as_ref()).map(|_| note.clone())}
                    data-autofocus={props.autofocus.then_some("")}
                    value={shown} {oninput} {onkeydown} {onclick} {onblur} />
                <Icon name="chevrons-up-down" class="combobox__icon" />
            </div>
            <div class={classes!("listbox", (!inline).then_some("floating"))} ref={list} popover={(!inline).then_some("manual")} role="listbox" id={list_id.clone()} aria-label={props.label.clone()}>
                { for found.iter().enumerate().map(|(position, choice)| {
                    let (pick, picked) = (pick.clone(), choice.clone());
                    // Before the field loses the focus, and the list closes.
                    let onmousedown = Callback::from(move |event: MouseEvent| {
                        event.prevent_default();
                        pick.emit(picked.clone());
                    });
                    html! {
                        <div key={choice.id.to_string()} role="option" class="listbox__option" id={format!("{list_id}-{position}")}
                            aria-selected={(position == *active).to_string()}
                            aria-disabled={choice.refused.is_some().then_some("true")} {onmousedown}>
                            if !choice.icon.is_empty() {
                                <Icon name={choice.icon.clone()} class="listbox__icon" />
                            }
                            <span class="listbox__label">{ choice.label.clone() }</span>
                            <span class="listbox__detail">{ choice.refused.clone().unwrap_or_else(|| choice.detail.clone()) }</span>
                            if !choice.keys.is_empty() {
                                <span class="listbox__keys">{ keys(choice.keys) }</span>
                            }
                        </div>
                    }
                }) }
                if found.is_empty() {
                    <div class="listbox__none" key="none">{ props.none.clone() }</div>
                }
            </div>
            <div class="slot">
                if let Some(error) = &props.error {
                    <p class="field__error" id={note}><Icon name="circle-alert" />{ error.clone() }</p>
                } else if let Some(hint) = &props.hint {
                    <p class="field__hint" role="status" id={note}>{ hint.clone() }</p>
                }
            </div>
        </div>
    }
}
