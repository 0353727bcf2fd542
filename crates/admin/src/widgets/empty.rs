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
    /// Whether it is all of a page, and its title the page's heading.
    #[prop_or_default]
    pub page: bool,
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
            if props.page {
                <h1 class="empty__title">{ props.title.clone() }</h1>
            } else {
                <p class="empty__title">{ props.title.clone() }</p>
            }
            <p class="empty__text">{ props.text.clone() }</p>
            <div class="empty__action">{ props.children.clone() }</div>
        </div>
    }
}
