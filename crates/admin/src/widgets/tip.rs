//! A few words that appear over something under the pointer or in focus. Escape hides them.

use yew::prelude::*;

/// What it says, and over what.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it says; nothing for none.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// The id by which what is below describes itself with the words.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Whether the words begin at the right edge.
    #[prop_or_default]
    pub end: bool,
    /// What it is about.
    pub children: Html,
}

/// A few words over something.
#[component]
pub fn Tip(props: &Props) -> Html {
    let class = classes!("tip", props.end.then_some("tip--end"));
    html! {
        <span {class}>
            { props.children.clone() }
            if let Some(text) = &props.text {
                <span class="tip__words" role="tooltip" id={props.id.clone()}>{ text.clone() }</span>
            }
        </span>
    }
}
