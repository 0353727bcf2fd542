//! What the window is like, where the stylesheet alone cannot say what that means.

use gloo::events::EventListener;
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;

/// Whether the window is as a media query says: "(min-width: 1200px)".
#[hook]
pub fn use_media(query: &'static str) -> bool {
    let is_so = use_flag();
    {
        let is_so = is_so.setter();
        use_effect_with(query, move |query| {
            let list = browser::window().and_then(|window| window.match_media(query).ok().flatten());
            let listener = list.map(|list| {
                is_so.set(list.matches());
                let told = list.clone();
                EventListener::new(&list, "change", move |_| is_so.set(told.matches()))
            });
            move || drop(listener)
        });
    }
    *is_so
}
