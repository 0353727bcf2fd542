//! One of a few choices, each with a sentence: radio buttons below one another.

use yew::prelude::*;

use crate::widgets::use_id;

/// The choices.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is chosen.
    pub legend: AttrValue,
    /// The choices in their order: the value, its words, and its sentence.
    pub choices: &'static [(&'static str, &'static str, &'static str)],
    /// The value that is chosen.
    pub value: AttrValue,
    /// Whether it cannot be changed.
    pub fixed: bool,
    /// Told the value that is chosen.
    pub onchange: Callback<&'static str>,
    /// What follows from it.
    #[prop_or_default]
    pub children: Html,
}

/// One of a few choices.
#[component]
pub fn ChoiceField(props: &Props) -> Html {
    let name = use_id();
    html! {
        <fieldset class="choices">
            <legend class="choices__legend">{ props.legend.clone() }</legend>
            { for props.choices.iter().map(|(id, label, about)| {
                let chosen = props.value == *id;
                let onchange = props.onchange.reform(|_: web_sys::Event| *id);
                html! {
                    <label class={classes!("check", props.fixed.then_some("check--fixed"))} key={*id}>
                        <input type="radio" class="check__box check__box--radio" name={name.clone()} value={*id} checked={chosen}
                            disabled={props.fixed && !chosen} {onchange} />
                        <span class="check__words choices__words"><span class="choices__label">{ *label }</span><span class="choices__about">{ *about }</span></span>
                    </label>
                }
            }) }
            { props.children.clone() }
        </fieldset>
    }
}
