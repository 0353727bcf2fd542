//! Permissions.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn PermissionsPage() -> Html {
    use_title("Permissions");
    html! { <div class="page__content"><PageHead title="Permissions" /></div> }
}
