//! What is held for a time begins and ends without anybody changing anything: what is shown of it is asked for again then.

use gloo::timers::callback::Timeout;
use rolewright_model::Timestamp;
use yew::prelude::*;

use crate::browser;

/// How long after such a moment is asked, in milliseconds: by then it is so by the server's clock too, mostly.
const AFTER: i64 = 1_000;

/// Emits `again` once the next of some moments has come, and after each rendering that follows for the one after it. One that is weeks
/// away is left out: a timer counts no longer.
#[hook]
pub fn use_due(moments: Vec<Timestamp>, again: &Callback<()>) {
    let now = browser::now();
    let next = moments.into_iter().filter(|moment| *moment > now).min();
    let again = again.clone();
    use_effect_with(next, move |next| {
        let wait = next.and_then(|next| u32::try_from(next.0 - now.0 + AFTER).ok());
        let timer = wait.filter(|wait| i32::try_from(*wait).is_ok());
        let timer = timer.map(|wait| Timeout::new(wait, move || again.emit(())));
        move || drop(timer)
    });
}
