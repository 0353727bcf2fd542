//! A checkbox that can also be between ticked and not.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How a checkbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticked {
    /// Nothing is ticked.
    No,
    /// Some of what it stands for is.
    Mixed,
    /// All of it is.
    Yes,
}

impl From<bool> for Ticked {
    fn from(ticked: bool) -> Self {
        if ticked { Self::Yes } else { Self::No }
    }
}

/// A checkbox with its words.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How it stands.
    pub ticked: Ticked,
    /// The name for screen readers, where the words beside it are not enough.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// The element that describes it.
    #[prop_or_default]
    pub described_by: Option<AttrValue>,
    /// Whether it cannot be changed. It can still be reached.
    #[prop_or_default]
    pub fixed: bool,
    /// Whether what is granted is not the role's own doing.
    #[prop_or_default]
    pub quiet: bool,
    /// Whether it is a switch, on or off, rather than a tick.
    #[prop_or_default]
    pub switch: bool,
    /// Told whether it shall be ticked.
    pub onchange: Callback<bool>,
    /// Told when it gets the focus.
    #[prop_or_default]
    pub onfocus: Callback<()>,
    /// The words beside it.
    #[prop_or_default]
    pub children: Html,
}

/// A checkbox with its words.
#[component]
pub fn Checkbox(props: &Props) -> Html {
    let node = use_node_ref();
    // A click clears `indeterminate` and turns `checked` round in the browser; what the app says is
    // put back after every render, whether or not it changed.
    {
        let (node, ticked) = (node.clone(), props.ticked);
        use_effect(move || {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                input.set_indeterminate(ticked == Ticked::Mixed);
                input.set_checked(ticked == Ticked::Yes);
            }
        });
    }
    let again = use_force_update();
    let onchange = {
        let (onchange, fixed, ticked) = (props.onchange.clone(), props.fixed, props.ticked);
        Callback::from(move |_: web_sys::Event| {
            if !fixed {
                onchange.emit(ticked != Ticked::Yes);
            }
            again.force_update();
        })
    };
    let onfocus = props.onfocus.reform(|_: FocusEvent| ());
    html! {
        <label class={classes!("check", props.fixed.then_some("check--fixed"))}>
            <input type="checkbox" ref={node} role={props.switch.then_some("switch")}
                class={classes!("check__box", props.quiet.then_some("check__box--quiet"), props.switch.then_some("check__box--switch"))}
                checked={props.ticked == Ticked::Yes}
                aria-label={props.label.clone()}
                aria-describedby={props.described_by.clone()}
                aria-disabled={props.fixed.then_some("true")}
                {onchange} {onfocus} />
            <span class="check__words">{ props.children.clone() }</span>
        </label>
    }
}
