//! What is around the pages that need no session.

use yew::prelude::*;

use crate::widgets::Icon;

/// A page that stands alone.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is.
    pub title: AttrValue,
    /// What it is for.
    #[prop_or_default]
    pub text: Html,
    /// The form.
    pub children: Html,
}

/// A page that stands alone.
#[component]
pub fn Outside(props: &Props) -> Html {
    use_effect_with(props.title.clone(), |title| crate::browser::set_title(&format!("{title} · Rolewright")));
    html! {
        <main class="outside">
            <div class="outside__brand"><Icon name="mark" class="mark mark--large" /><span>{ "Rolewright" }</span></div>
            <section class="outside__card">
                <h1 class="outside__title">{ props.title.clone() }</h1>
                <div class="outside__text">{ props.text.clone() }</div>
                { props.children.clone() }
            </section>
        </main>
    }
}
