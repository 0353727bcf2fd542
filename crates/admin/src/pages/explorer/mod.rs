//! Access explorer.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn ExplorerPage() -> Html {
    use_title("Access explorer");
    html! { <div class="page__content"><PageHead title="Access explorer" /></div> }
}
