//! Buttons.

use yew::prelude::*;

use super::{Icon, Tip, use_id};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// The one main action of a page or a dialog.
    Primary,
    /// Any other.
    #[default]
    Secondary,
    /// One among many, or in a bar.
    Ghost,
    /// It takes something away.
    Danger,
}

impl Variant {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button--primary",
            Self::Secondary => "button--secondary",
            Self::Ghost => "button--ghost",
            Self::Danger => "button--danger",
        }
    }
}

/// A button with words.
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// How much it asks for attention.
    #[prop_or_default]
    pub variant: Variant,
    /// An icon before the words.
    #[prop_or_default]
    pub icon: Option<AttrValue>,
    /// Why it does nothing now. It can still be reached, so that it can say so.
    #[prop_or_default]
    pub refused: Option<AttrValue>,
    /// Whether what it does is under way.
    #[prop_or_default]
    pub busy: bool,
    /// Whether it sends the form that it is in.
    #[prop_or_default]
    pub submit: bool,
    /// Whether a dialog that opens puts the focus here.
    #[prop_or_default]
    pub autofocus: bool,
    /// Smaller.
    #[prop_or_default]
    pub small: bool,
    /// Whether a tip opens towards the left.
    #[prop_or_default]
    pub tip_end: bool,
    /// What it does.
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
    /// The words.
    pub children: Html,
}

/// A button with words.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let id = use_id();
    let blocked = props.refused.is_some() || props.busy;
    let onclick = use_callback((props.onclick.clone(), blocked), |event: MouseEvent, (onclick, blocked)| {
        if *blocked {
            event.prevent_default();
        } else {
            onclick.emit(event);
        }
    });
    let class = classes!("button", props.variant.class(), props.small.then_some("button--small"));
    html! {
        <Tip text={props.refused.clone()} id={id.clone()} end={props.tip_end}>
            <button type={if props.submit { "submit" } else { "button" }} {class} {onclick}
                aria-disabled={blocked.then_some("true")}
                aria-busy={props.busy.then_some("true")}
                aria-describedby={props.refused.as_ref().map(|_| id.clone())}
                data-autofocus={props.autofocus.then_some("")}>
                if let Some(icon) = &props.icon {
                    <Icon name={icon.clone()} />
                }
                { props.children.clone() }
            </button>
        </Tip>
    }
}

/// A button that is an icon.
#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    /// The icon.
    pub icon: AttrValue,
    /// What it does, in words.
    pub label: AttrValue,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
    /// Whether what it opens is open.
    #[prop_or_default]
    pub expanded: Option<bool>,
    /// What it opens, `menu` or `dialog`.
    #[prop_or_default]
    pub opens: Option<AttrValue>,
    /// Why it does nothing now.
    #[prop_or_default]
    pub refused: Option<AttrValue>,
    /// To find it again.
    #[prop_or_default]
    pub node: NodeRef,
    /// Told when it is pressed, before it is clicked.
    #[prop_or_default]
    pub onpointerdown: Callback<PointerEvent>,
    /// What it does.
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
}

/// A button that is an icon.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let id = use_id();
    let refused = props.refused.is_some();
    let onclick = use_callback((props.onclick.clone(), refused), |event: MouseEvent, (onclick, refused)| {
        if !refused {
            onclick.emit(event);
        }
    });
    html! {
        <Tip text={props.refused.clone()} id={id.clone()} end=true>
            <button type="button" class={classes!("icon-button", props.class.clone())} ref={props.node.clone()}
                aria-label={props.label.clone()}
                aria-haspopup={props.opens.clone()}
                aria-expanded={props.expanded.map(|open| open.to_string())}
                aria-disabled={refused.then_some("true")}
                aria-describedby={props.refused.as_ref().map(|_| id.clone())}
                onpointerdown={props.onpointerdown.clone()} {onclick}>
                <Icon name={props.icon.clone()} />
            </button>
        </Tip>
    }
}
