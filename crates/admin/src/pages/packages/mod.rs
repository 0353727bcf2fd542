//! Packages.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn PackagesPage() -> Html {
    use_title("Packages");
    html! { <div class="page__content"><PageHead title="Packages" /></div> }
}
