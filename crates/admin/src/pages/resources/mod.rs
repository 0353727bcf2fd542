//! Resources.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn ResourcesPage() -> Html {
    use_title("Resources");
    html! { <div class="page__content"><PageHead title="Resources" /></div> }
}
