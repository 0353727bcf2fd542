//! Ids that tie labels and descriptions to what they are about.

use std::cell::Cell;

use yew::prelude::*;

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// An id of its own, the same for as long as the component is there.
#[hook]
pub fn use_id() -> AttrValue {
    let id = use_memo((), |()| {
        let n = NEXT.with(|next| {
            let n = next.get();
            next.set(n.wrapping_add(1));
            n
        });
        AttrValue::from(format!("w{n}"))
    });
    (*id).clone()
}
