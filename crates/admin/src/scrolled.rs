//! Lists are where they were for whoever comes back to them.

use yew::prelude::*;

use crate::{browser, router};

/// Scrolls the page to where it was when it was left, once its rows are there: none of them is when Back leads here.
#[hook]
pub fn use_scrolled_back(is_there: bool) {
    let left = use_mut_ref(router::take_scrolled);
    use_effect_with(is_there, move |is_there| {
        if !is_there {
            return;
        }
        if let (Some(window), Some(left)) = (browser::window(), left.take()) {
            window.scroll_to_with_x_and_y(0.0, left);
        }
    });
}
