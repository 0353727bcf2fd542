//! Access review.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn ReviewPage() -> Html {
    use_title("Access review");
    html! { <div class="page__content"><PageHead title="Access review" /></div> }
}
