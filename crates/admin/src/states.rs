//! The kinds of state that most components have. One hook a kind: each use of `use_state` with a closure of its own
//! is compiled once more.

use yew::prelude::*;

use crate::api::ApiError;

/// Something that is so or not; at first not.
#[hook]
pub fn use_flag() -> UseStateHandle<bool> {
    use_state(bool::default)
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
