//! Text fields, each with its label, its hint and its error.

use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::states::use_flag;

use super::{Icon, IconButton, use_id};

/// A line of text.
#[derive(Properties, PartialEq)]
pub struct TextFieldProps {
    /// What belongs in it.
    pub label: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// Told of every change.
    pub oninput: Callback<String>,
    /// `text`, `email`, `password`.
    #[prop_or(AttrValue::Static("text"))]
    pub kind: AttrValue,
    /// What a password manager may fill in.
    #[prop_or_default]
    pub autocomplete: Option<AttrValue>,
    /// A word of help.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Whether it must be filled in.
    #[prop_or_default]
    pub required: bool,
    /// Whether it may be left empty, said beside the label.
    #[prop_or_default]
    pub optional: bool,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
    /// Whether it is an id or a path.
    #[prop_or_default]
    pub mono: bool,
    /// Whether a dialog that opens puts the focus here.
    #[prop_or_default]
    pub autofocus: bool,
}

/// A line of text.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let id = use_id();
    let shown = use_flag();
    let oninput = props.oninput.reform(|event: InputEvent| {
        event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    let note = format!("{id}-note");
    let described = (props.error.is_some() || props.hint.is_some()).then(|| note.clone());
    let secret = props.kind == "password";
    let kind = if secret && *shown { AttrValue::Static("text") } else { props.kind.clone() };
    let reveal = {
        let shown = shown.clone();
        Callback::from(move |_| shown.set(!*shown))
    };
    html! {
        <div class={classes!("field", props.error.is_some().then_some("field--wrong"))}>
            <label class="field__label" for={id.clone()}>
                { props.label.clone() }
                if props.optional {
                    <span class="field__optional" aria-hidden="true">{ "optional" }</span>
                }
            </label>
            <div class={classes!("field__box", secret.then_some("field__box--reveals"))}>
                <input class={classes!("input", props.mono.then_some("input--mono"))} id={id} type={kind}
                    value={props.value.clone()} {oninput}
                    autocomplete={props.autocomplete.clone()}
                    required={props.required}
                    readonly={props.fixed}
                    aria-invalid={props.error.is_some().then_some("true")}
                    aria-describedby={described}
                    data-autofocus={props.autofocus.then_some("")}
                    spellcheck={props.mono.then_some("false")} />
                if secret {
                    <IconButton icon={if *shown { "eye-off" } else { "eye" }} class="field__reveal"
                        label={if *shown { "Hide password" } else { "Show password" }} onclick={reveal} />
                }
            </div>
            <div class="slot">
                if let Some(error) = &props.error {
                    <p class="field__error" id={note}><Icon name="circle-alert" />{ error.clone() }</p>
                } else if let Some(hint) = &props.hint {
                    <p class="field__hint" id={note}>{ hint.clone() }</p>
                }
            </div>
        </div>
    }
}

/// Several lines of text.
#[derive(Properties, PartialEq)]
pub struct TextAreaProps {
    /// What belongs in it.
    pub label: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// Told of every change.
    pub oninput: Callback<String>,
    /// Whether it may be left empty.
    #[prop_or_default]
    pub optional: bool,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// A word of help.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
}

/// Several lines of text.
#[component]
pub fn TextArea(props: &TextAreaProps) -> Html {
    let id = use_id();
    let oninput = props.oninput.reform(|event: InputEvent| {
        event.target_dyn_into::<HtmlTextAreaElement>().map(|input| input.value()).unwrap_or_default()
    });
    let note = format!("{id}-note");
    html! {
        <div class={classes!("field", props.error.is_some().then_some("field--wrong"))}>
            <label class="field__label" for={id.clone()}>
                { props.label.clone() }
                if props.optional {
                    <span class="field__optional" aria-hidden="true">{ "optional" }</span>
                }
            </label>
            <textarea class="input input--area" {id} rows="2" value={props.value.clone()} {oninput} readonly={props.fixed}
                aria-invalid={props.error.is_some().then_some("true")}
                aria-describedby={props.error.as_ref().or(props.hint.as_ref()).map(|_| note.clone())} />
            <div class="slot">
                if let Some(error) = &props.error {
                    <p class="field__error" id={note}><Icon name="circle-alert" />{ error.clone() }</p>
                } else if let Some(hint) = &props.hint {
                    <p class="field__hint" id={note}>{ hint.clone() }</p>
                }
            </div>
        </div>
    }
}

/// A search.
#[derive(Properties, PartialEq)]
pub struct SearchFieldProps {
    /// What is searched.
    pub label: AttrValue,
    /// What to type.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// What was typed.
    pub value: AttrValue,
    /// Told of every change.
    pub oninput: Callback<String>,
}

/// A search.
#[component]
pub fn SearchField(props: &SearchFieldProps) -> Html {
    let node = use_node_ref();
    let oninput = props.oninput.reform(|event: InputEvent| {
        event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    let clear = {
        let (oninput, node) = (props.oninput.clone(), node.clone());
        Callback::from(move |_: MouseEvent| {
            oninput.emit(String::new());
            if let Some(input) = node.cast::<HtmlInputElement>() {
                crate::browser::focus(&input);
            }
        })
    };
    let onkeydown = {
        let (oninput, filled) = (props.oninput.clone(), !props.value.is_empty());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && filled {
                event.prevent_default();
                oninput.emit(String::new());
            }
        })
    };
    html! {
        <div class="search">
            <Icon name="search" class="search__icon" />
            <input class="input search__input" type="search" ref={node} aria-label={props.label.clone()}
                placeholder={props.placeholder.clone()} value={props.value.clone()} {oninput} {onkeydown}
                autocomplete="off" spellcheck="false" />
            if !props.value.is_empty() {
                <IconButton icon="x" label="Clear search" class="search__clear" onclick={clear} />
            }
        </div>
    }
}
