//! One of a few choices, all in sight: a group of radio buttons drawn as one bar.

use std::rc::Rc;

use yew::prelude::*;

use super::use_id;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its value.
    pub id: AttrValue,
    /// Its words.
    pub label: AttrValue,
    /// What it means, for a screen reader and under the pointer.
    pub description: AttrValue,
    /// Whether it stands for what comes from elsewhere.
    pub inherited: bool,
}

/// The choices.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The name of the group.
    pub label: AttrValue,
    /// The choices, in their order.
    pub segments: Rc<[Segment]>,
    /// The value that is chosen.
    pub value: AttrValue,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
    /// Told the value that is chosen.
    pub onchange: Callback<AttrValue>,
    /// Told when a choice gets the focus.
    #[prop_or_default]
    pub onfocus: Callback<()>,
}

/// One of a few choices.
#[component]
pub fn Segmented(props: &Props) -> Html {
    let name = use_id();
    let onfocus = props.onfocus.reform(|_: FocusEvent| ());
    html! {
        <div class={classes!("segmented", props.fixed.then_some("segmented--fixed"))} role="radiogroup"
            aria-label={props.label.clone()} aria-disabled={props.fixed.then_some("true")}>
            { for props.segments.iter().map(|segment| {
                let (onchange, id) = (props.onchange.clone(), segment.id.clone());
                let onchange = Callback::from(move |_: web_sys::Event| onchange.emit(id.clone()));
                html! {
                    <label key={segment.id.to_string()} title={segment.description.clone()}
                        class={classes!("segmented__choice", segment.inherited.then_some("segmented__choice--inherited"))}>
                        <input type="radio" name={name.clone()} value={segment.id.clone()}
                            checked={segment.id == props.value}
                            disabled={props.fixed && segment.id != props.value}
                            onchange={onchange} onfocus={onfocus.clone()} />
                        <span class="segmented__words">{ segment.label.clone() }</span>
                    </label>
                }
            }) }
        </div>
    }
}
