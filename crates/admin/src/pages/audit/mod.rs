//! Audit log.

use yew::prelude::*;

use crate::frame::{PageHead, use_title};

/// The page.
#[component]
pub fn AuditPage() -> Html {
    use_title("Audit log");
    html! { <div class="page__content"><PageHead title="Audit log" /></div> }
}
