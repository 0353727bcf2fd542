//! The head of a page: what it is, what it is for, and its main action.

use yew::prelude::*;

/// The head of a page.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is.
    pub title: AttrValue,
    /// What it is for.
    #[prop_or_default]
    pub text: Html,
    /// What stands before the title.
    #[prop_or_default]
    pub mark: Html,
    /// What stands after the title.
    #[prop_or_default]
    pub beside: Html,
    /// What one can do.
    #[prop_or_default]
    pub actions: Html,
}

/// The head of a page.
#[component]
pub fn PageHead(props: &Props) -> Html {
    html! {
        <header class="page-head">
            <div class="page-head__mark">{ props.mark.clone() }</div>
            <div class="page-head__words">
                <div class="page-head__line">
                    <h1 class="page-head__title" tabindex="-1">{ props.title.clone() }</h1>
                    <div class="page-head__beside">{ props.beside.clone() }</div>
                </div>
                <div class="page-head__text">{ props.text.clone() }</div>
            </div>
            <div class="page-head__actions">{ props.actions.clone() }</div>
        </header>
    }
}
