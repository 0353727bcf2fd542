//! A place where nothing is yet: what belongs there, and the one action that fills it.

use yew::prelude::*;

use super::Icon;

/// A place where nothing is.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// An icon of what belongs here.
    pub icon: AttrValue,
    /// What is missing.
    pub title: AttrValue,
    /// What belongs here.
    #[prop_or_default]
    pub text: AttrValue,
    /// The action that fills it.
    #[prop_or_default]
    pub children: Html,
}

/// A place where nothing is.
#[component]
pub fn Empty(props: &Props) -> Html {
    html! {
        <div class="empty">
            <Icon name={props.icon.clone()} class="empty__icon" />
            <p class="empty__title">{ props.title.clone() }</p>
            <p class="empty__text">{ props.text.clone() }</p>
            <div class="empty__action">{ props.children.clone() }</div>
        </div>
    }
}
