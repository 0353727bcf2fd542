//! Versions.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn VersionsPage() -> Html {
    use_title("Versions");
    html! { <div class="page__content"><PageHead title="Versions" /></div> }
}
