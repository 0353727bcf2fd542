//! The kinds of state that most components have. One hook a kind: each use of `use_state` with a closure of its own
//! is compiled once more.

use yew::prelude::*;

use crate::api::ApiError;

/// Something that is so or not; at first not.
#[hook]
pub fn use_flag() -> UseStateHandle<bool> {
    use_state(bool::default)
}

/// Whether something is so, once all that is shown with it is on the page: what comes below would else be painted before, and move.
#[hook]
pub fn use_settled(is_so: bool) -> bool {
    let settled = use_flag();
    {
        let settled = settled.setter();
        use_effect_with(is_so, move |is_so| settled.set(*is_so));
    }
    *settled && is_so
}

/// What was typed; at first nothing.
#[hook]
pub fn use_text() -> UseStateHandle<String> {
    use_state(String::new)
}

/// What went wrong; at first nothing.
#[hook]
pub fn use_failure() -> UseStateHandle<Option<ApiError>> {
    use_state(Option::default)
}
