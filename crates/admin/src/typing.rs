//! What is typed into a search, told a moment after the last key: so that the server is not asked at every one.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// How long after the last key, in milliseconds.
const PAUSE: u32 = 200;

/// What the field shows, and what tells of a key. `known` is what was told last, or was set elsewhere.
#[hook]
pub fn use_typing(known: &str, tell: Callback<String>) -> (AttrValue, Callback<String>) {
    let typed = use_state(|| None::<String>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let newest = use_mut_ref(|| tell.clone());
    *newest.borrow_mut() = tell;
    {
        let typed = typed.setter();
        use_effect_with(known.to_owned(), move |_| typed.set(None));
    }
    let shown = typed.as_deref().unwrap_or(known).to_owned().into();
    let oninput = {
        use_callback(typed.setter(), move |words: String, typed| {
            typed.set(Some(words.clone()));
            let newest = newest.clone();
            let later = Timeout::new(PAUSE, move || {
                let tell = newest.borrow().clone();
                tell.emit(words);
            });
            timer.replace(Some(later));
        })
    };
    (shown, oninput)
}
