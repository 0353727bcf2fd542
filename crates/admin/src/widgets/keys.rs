//! The keys of a shortcut, as they stand on a keyboard.

use yew::prelude::*;

use crate::{browser, text};

/// Keys, with a space between: those after `Ctrl` are pressed while it is held, others one after the other.
pub fn keys(keys: &str) -> Html {
    let is_mac = browser::is_mac();
    let cap = |key: &str| match key {
        "Ctrl" if is_mac => "\u{2318}".to_owned(),
        // A capital, as on the key: beside Ctrl that says nothing of Shift.
        _ if keys.starts_with("Ctrl") => text::title(key),
        _ => key.to_owned(),
    };
    html! {
        <span class="keys">{ for keys.split(' ').enumerate().map(|(at, key)| html! { <kbd key={at}>{ cap(key) }</kbd> }) }</span>
    }
}
