//! Icons, from the sprite that stands in the page.

use yew::prelude::*;

/// Which icon.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its name in `www/admin/icons.json`.
    pub name: AttrValue,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
}

/// An icon. It says nothing to a screen reader: a word beside it does.
#[component]
pub fn Icon(props: &Props) -> Html {
    let href = format!("#i-{}", props.name);
    html! {
        <svg class={classes!("icon", props.class.clone())} aria-hidden="true" focusable="false">
            { shape(href.into()) }
        </svg>
    }
}

/// What an `<svg>` shows, by its address in the sprite.
pub fn shape(href: AttrValue) -> Html {
    yew::virtual_dom::element("use", &["href"], href)
}
