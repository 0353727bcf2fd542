//! Where one begins.

use yew::prelude::*;

use crate::pages::overview;
use crate::route::Route;

/// A page of this part.
pub fn page(_: &Route) -> Html {
    html! { <overview::OverviewPage key="overview" /> }
}
