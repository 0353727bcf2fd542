//! What may come to the page a moment later than what somebody waits for.

use yew::prelude::*;

use crate::browser::AfterPaint;

/// What was newest when the page was last painted.
#[hook]
pub fn use_painted<T: Clone + PartialEq + 'static>(newest: T) -> T {
    let painted = use_state(|| newest.clone());
    {
        let painted = painted.clone();
        use_effect_with(newest, move |newest| {
            let newest = newest.clone();
            let later = (*painted != newest).then(|| AfterPaint::new(move || painted.set(newest)));
            move || drop(later)
        });
    }
    (*painted).clone()
}
