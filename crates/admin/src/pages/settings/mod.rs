//! Settings.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn SettingsPage() -> Html {
    use_title("Settings");
    html! { <div class="page__content"><PageHead title="Settings" /></div> }
}
