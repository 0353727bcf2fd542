//! Compare.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn ComparePage() -> Html {
    use_title("Compare");
    html! { <div class="page__content"><PageHead title="Compare" /></div> }
}
