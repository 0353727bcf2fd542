//! Matrix.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn MatrixPage() -> Html {
    use_title("Matrix");
    html! { <div class="page__content"><PageHead title="Matrix" /></div> }
}
