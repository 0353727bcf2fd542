//! Account.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn AccountPage() -> Html {
    use_title("Account");
    html! { <div class="page__content"><PageHead title="Account" /></div> }
}
