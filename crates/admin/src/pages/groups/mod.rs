//! Groups.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn GroupsPage() -> Html {
    use_title("Groups");
    html! { <div class="page__content"><PageHead title="Groups" /></div> }
}
